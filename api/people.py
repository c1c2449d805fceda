"""People: for HR and auditors everybody, for everybody else herself and the line below her.

Which years somebody had is told to whoever may see the person; which label they ended with, only to whom the result is open.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from api.appraisal_shown import OnRequestShown, on_request_shown
from api.as_plt import around_as_plt
from api.earlier_shown import EarlierYearShown, earlier_shown
from api.exact import Exact
from api.history import READS
from api.named import NipPath
from api.paging import Asked, Found, Page, PageDep, bad_cursor, containing, cursor_of, is_digits, listed
from api.people_shown import PersonShown, people_shown
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.access import roles, sees_result
from models.appraisal import Snapshot
from models.vocabulary import EmployeeKind, Ending, GrantedRole, JobLevel, Label, Launch, Role, State, Zone
from models.workdays import local_day

router = APIRouter(tags=["people"])

UNDER = """
    WITH RECURSIVE under AS (
        SELECT id FROM unit WHERE code = :unit
        UNION SELECT u.id FROM unit u JOIN under ON u.parent_id = under.id
    )
"""
WHICH = """
    FROM person p JOIN unit u ON u.id = p.unit_id
    WHERE p.active
      AND (CAST(:everybody AS boolean) OR p.id = ANY(:people))
      AND (CAST(:unit AS text) IS NULL OR p.unit_id IN (SELECT id FROM under))
      AND (CAST(:q AS text) IS NULL OR p.name ILIKE :q OR p.post ILIKE :q OR p.nip LIKE :q)
"""
PEOPLE = text(
    f"""
    {UNDER} SELECT p.nip, p.name, p.post, u.name AS unit {WHICH}
       AND (p.name, p.nip) > (:after_name, :after_nip) ORDER BY p.name, p.nip LIMIT :limit
    """
)
TOTAL = text(f"{UNDER} SELECT count(*) {WHICH}")
PERSON = text(
    """
    SELECT p.id, p.nip, p.name, p.post, p.level, p.kind, p.grade, p.family, p.work_week, p.zone, p.since, p.active,
           u.code AS unit_code, u.name AS unit_name
      FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.nip = :nip
    """
)
YEARS = text(
    """
    SELECT a.id, a.cycle_id, a.year, a.acting_for, a.asked_from, a.asked_until, a.asked_document, a.segment, a.state, a.ending, a.launch,
           a.revision, a.snapshot, o.label
      FROM appraisal a LEFT JOIN outcome o ON o.id = a.outcome_id
     WHERE a.person_id = :person ORDER BY a.year DESC, NOT a.own_year, a.asked_from, a.segment DESC, a.id
    """
)
SEES_EVERYBODY = frozenset({GrantedRole.HR, GrantedRole.AUDITOR})
PLAIN = ("unit_code", "level", "kind", "grade", "family", "work_week", "zone")
BETWEEN = "\n"
"""Stands between name and NIP in a cursor; the roster lets no such character into a name."""


class YearShown(Exact):
    """One appraisal of hers; `label` is null also where it is not open to the caller.

    `acting_for` is whose vacant post it is about, where she acts in it (Plt) beside her own; `on_request` the months that it is about,
    where it is an evaluation outside the calendar.
    """

    id: UUID
    cycle: UUID
    year: int
    acting_for: PersonShown | None
    on_request: OnRequestShown | None
    segment: int
    revision: int
    launch: Launch
    state: State | None
    ending: Ending | None
    label: Label | None


class PersonOut(Exact):
    """A person, who supervises her today, and her years, the latest first.

    `earlier_years` are those of other systems that were imported; empty for whom her results are not open.
    """

    nip: str
    name: str
    post: str
    unit: str
    unit_code: str
    level: JobLevel
    kind: EmployeeKind
    grade: str | None
    family: str | None
    work_week: Literal[5, 6]
    zone: Zone
    since: date | None
    active: bool
    roles: list[GrantedRole]
    supervisor: PersonShown | None
    senior_supervisor: PersonShown | None
    appraisals: list[YearShown]
    earlier_years: list[EarlierYearShown]


@router.get("/people", response_model=Page[PersonShown])
async def list_people(
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    unit: Annotated[str | None, Query(max_length=64, description="A unit's code; what is below it counts too.")] = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name, of a post, or of a NIP.")] = None,
) -> JSONResponse:
    """Everybody for HR and auditors, else the line below the caller; by name."""
    return listed(await people_found(rooms, caller, page, unit, q))


async def people_found(rooms: Rooms, caller: Caller, page: Asked, unit: str | None, q: str | None) -> Found:
    """A page of the people that the caller may find. Raises `invalid_input` for a cursor of another list."""
    after_name, after_nip = _after(page)
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        everybody = bool(caller.granted & SEES_EVERYBODY)
        asked = {
            "everybody": everybody,
            "people": [] if everybody else sorted(below(agency, caller.person_id, local_day(rooms.now(), Zone.WIB))),
            "unit": unit,
            "q": containing(q),
        }
        total = (await connection.execute(TOTAL, asked)).scalar_one()
        keys = {"after_name": after_name, "after_nip": after_nip, "limit": page.limit + 1}
        rows = (await connection.execute(PEOPLE, asked | keys)).mappings().all()
    shown = [dict(row) for row in rows[: page.limit]]
    last = f"{shown[-1]['name']}{BETWEEN}{shown[-1]['nip']}" if len(rows) > page.limit else None
    return Found(items=shown, next=cursor_of(last) if last else None, total=total)


def _after(page: Asked) -> tuple[str, str]:
    """The name and the NIP after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if page.after is None:
        return "", ""
    name, _, nip = page.after.partition(BETWEEN)
    if not name or not is_digits(nip, 18):
        raise bad_cursor()
    return name, nip


@router.get("/people/{nip}", response_model=PersonOut)
async def read_person(nip: NipPath, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """A person and her years. For HR, auditors, herself, and whoever stands above her, or above a post in which she is Plt.

    Of the only HR officer, who is HR in her place reads it too. To others `not_yours`, known or not.
    """
    return JSONResponse(await person_shown(rooms, caller, nip))


async def person_shown(rooms: Rooms, caller: Caller, nip: str) -> dict[str, object]:
    """The answer of `GET /people/{nip}`. Raises `not_yours`, and to HR and auditors `not_found`."""
    today = local_day(rooms.now(), Zone.WIB)
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        person = (await connection.execute(PERSON, {"nip": nip})).mappings().one_or_none()
        if person is None or not await _may_see(connection, agency, caller, str(person["id"]), today):
            raise Problem("not_found" if caller.granted & SEES_EVERYBODY else "not_yours")
        around = agency.parties(str(person["id"]), today)
        above = [around.person_in(Role.SUPERVISOR), around.person_in(Role.SENIOR)]
        years = (await connection.execute(YEARS, {"person": person["id"]})).mappings().all()
        named = {*above, *(year["acting_for"] for year in years)} - {None}
        shown = await people_shown(connection, named)
        reads = roles(caller.person_id, caller.granted, around) & READS
        earlier = await earlier_shown(connection, str(person["id"])) if reads else []
    return {
        **{name: person[name] for name in ("nip", "name", "post")},
        "unit": person["unit_name"],
        **{name: person[name] for name in PLAIN},
        "since": person["since"].isoformat() if person["since"] else None,
        "active": person["active"],
        "roles": sorted(role.value for role in agency.granted.get(str(person["id"]), ())),
        "supervisor": shown.get(above[0] or ""),
        "senior_supervisor": shown.get(above[1] or ""),
        "appraisals": [
            _year(row, agency, caller, today) | {"acting_for": shown.get(row["acting_for"] or "")} for row in years
        ],
        "earlier_years": earlier,
    }


def below(agency: Agency, person: str, today: date) -> set[str]:
    """Everybody under somebody in the line of that day, however deep; a stand-in has the line of whom he stands in for."""
    reports: dict[str, set[str]] = defaultdict(set)
    for subject in agency.people:
        superior = agency.parties(subject, today).supervisor.person_id
        if superior is not None:
            reports[str(superior)].add(subject)
    found: set[str] = set()
    ask = [person]
    while ask:
        new = reports[ask.pop()] - found - {person}
        found |= new
        ask.extend(new)
    return found


async def _may_see(connection: AsyncConnection, agency: Agency, caller: Caller, person: str, today: date) -> bool:
    if caller.granted & SEES_EVERYBODY or person == caller.person_id:
        return True
    if person in below(agency, caller.person_id, today):
        return True
    around = (agency.parties(person, today), *await around_as_plt(connection, agency, today, person))
    return any(caller.person_id in one.officers | one.hr for one in around)


def _year(row: RowMapping, agency: Agency, caller: Caller, today: date) -> dict[str, object]:
    snapshot = Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
    label = None
    if snapshot is not None and row["label"] is not None:
        around = agency.parties_of(snapshot, today)
        held = roles(caller.person_id, caller.granted, around, level=snapshot.visit.level)
        label = row["label"] if sees_result(held, snapshot) else None
    return {
        "id": row["id"],
        "cycle": row["cycle_id"],
        "year": row["year"],
        "on_request": on_request_shown(row),
        "segment": row["segment"],
        "revision": row["revision"],
        "launch": row["launch"],
        "state": row["state"],
        "ending": row["ending"],
        "label": label,
    }
