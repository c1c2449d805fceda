"""Improvement programmes: begun by HR, led by the supervisor of the day, evaluated by the supervisor and confirmed by HR.

Everything here is rows in one transaction; the workflow that keeps the time is told afterwards, and again by upkeep where it could not be.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.final_results import final_years
from activities.people import Agency
from activities.programmes import Begun, By, Held, begin, programmes_of
from activities.programmes import load as load_programme
from activities.texts import keep_text
from api.act_bodies import Reason
from api.loading import checked_id, load
from api.paging import Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import people_shown
from api.problems import Problem
from api.programme_shown import ProgrammeListed, ProgrammeOut, programme_view, steps_shown
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_programmes
from models.access import Parties, roles
from models.programme_moves import DECIDES
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["programmes"])

HOLD = text("SELECT id FROM appraisal WHERE id = :id FOR NO KEY UPDATE")
MINE = """
      FROM programme g WHERE (:all OR g.person_id = :me OR g.person_id = ANY(:led))
       AND (CAST(:open AS boolean) IS NULL OR (g.state <> 'done') = :open)
"""
TOTAL = text(f"SELECT count(*) {MINE}")
PAGE = text(
    f"""
    SELECT g.id, g.appraisal_id, g.person_id, g.state, g.outcome, g.steps {MINE}
       AND (CAST(:after AS text) = '' OR g.id > :after) ORDER BY g.id LIMIT :limit
    """
)
READS = frozenset({Role.EMPLOYEE, Role.SUPERVISOR, Role.SENIOR, Role.APPOINTING_AUTHORITY, Role.HR, Role.AUDITOR})
SEES_ALL = frozenset({GrantedRole.HR, GrantedRole.PYB, GrantedRole.AUDITOR})
KIND = "programme"
"""What the cursor of the list begins with."""


class Body(BaseModel):
    """These fields and no other."""

    model_config = ConfigDict(extra="forbid")


class BecauseBody(Body):
    """Why; the employee reads it."""

    reason: Reason


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/programmes", response_model=Page[ProgrammeListed])
async def list_programmes(
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    open_ones: Annotated[
        bool | None, Query(alias="open", description="Only those that run, or only those that ended.")
    ] = None,
) -> JSONResponse:
    """The caller's own, those of whom he supervises, directly or as senior, and for HR, PyB and auditor all."""
    kind, _, after = (page.after or f"{KIND} ").partition(" ")
    if kind != KIND:
        raise bad_cursor()
    async with rooms.database.transaction() as connection:
        led = (await rooms.people.agency(connection)).led_by(caller.person_id, local_day(rooms.now(), Zone.WIB))
        asked = {
            "all": bool(caller.granted & SEES_ALL),
            "me": caller.person_id,
            "led": sorted({*led["supervisor"], *led["senior"]}),
            "open": open_ones,
        }
        total = (await connection.execute(TOTAL, asked)).scalar_one()
        asked |= {"after": known_id(after) if page.after else "", "limit": page.limit + 1}
        rows = (await connection.execute(PAGE, asked)).mappings().all()
        people = await people_shown(connection, {row["person_id"] for row in rows})
    items = [
        {
            "programme_id": row["id"],
            "appraisal_id": row["appraisal_id"],
            "employee": people.get(row["person_id"]),
            "state": row["state"],
            "outcome": row["outcome"],
            "steps": steps_shown(row["steps"]),
            "key": f"{KIND} {row['id']}",
        }
        for row in rows
    ]
    return listed(paged(items, page, total, key="key"))


@router.get("/programmes/{programme_id}", response_model=ProgrammeOut)
async def read_programme(programme_id: str, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """Goals, checkpoints, what waits until when, and its trail."""
    async with rooms.database.transaction() as connection:
        return JSONResponse(await view(connection, await standing(connection, rooms, caller, programme_id)))


# ── acting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/appraisals/{appraisal_id}/programme", status_code=201, response_model=ProgrammeOut)
async def post_programme(
    appraisal_id: str, body: BecauseBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """HR or a PyB begins one about a final result that no rule led to it; an approved follow-up begins it by itself."""

    async def effect(connection: AsyncConnection) -> Answer:
        await connection.execute(HOLD, {"id": checked_id(appraisal_id)})
        loaded = await load(connection, rooms, caller, appraisal_id)
        role = next((role for role in DECIDES if role in loaded.roles), None)
        if role is None or caller.person_id in loaded.around.recused:
            raise Problem("not_yours")
        year = next(iter(await final_years(connection, rooms.now(), appraisals=[loaded.id], whole=False)), None)
        if year is None or not year.ongoing:
            raise Problem("not_final")
        if (await rooms.facts.pack(connection, loaded.cycle_id)).programme is None:
            raise Problem("programme_unknown")
        why = await keep_text(connection, f"programme/{uuid4()}", body.reason, caller.person_id)
        agency = await rooms.people.agency(connection)
        it = Begun(loaded.id, loaded.cycle_id, year.person, year.revision, "hr")
        made = await begin(connection, rooms.facts, agency, it, By(caller.person_id, role, rooms.now(), why))
        if made is None:
            raise Problem("programme_open")
        return Answer(201, await view(connection, await standing(connection, rooms, caller, made)))

    said = {"appraisal": appraisal_id, **body.model_dump()}
    answer = await once(rooms, caller, key, "begin_programme", said, effect)
    return told(rooms, answer)


# ── what they have in common ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """A programme, and who the caller is to it today."""

    held: Held
    agency: Agency
    around: Parties
    roles: frozenset[Role]
    today: date
    acts: bool


async def programmes_about(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, person: str, appraisal: str
) -> list[dict[str, object]]:
    """Those that one appraisal led to, as this reader may see them; none of them where he may not."""
    agency, shown = await rooms.people.agency(connection), []
    for held in (await programmes_of(connection, rooms.facts, person)).get(appraisal, ()):
        it = _standing(agency, caller, held, held.today(rooms.now()))
        if it.roles & READS:
            shown.append(await view(connection, it))
    return shown


def _standing(agency: Agency, caller: Caller, held: Held, today: date) -> Standing:
    around = agency.parties(held.programme.subject, today)
    mine = roles(caller.person_id, caller.granted, around)
    return Standing(held, agency, around, mine, today, caller.person_id not in around.recused)


async def standing(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, raw_id: str, *, hold: bool = False
) -> Standing:
    """Raises `not_found`, `not_yours`."""
    held = await load_programme(connection, rooms.facts, checked_id(raw_id), hold=hold)
    if held is None:
        raise Problem("not_found")
    it = _standing(await rooms.people.agency(connection), caller, held, held.today(rooms.now()))
    if not it.roles & READS:
        raise Problem("not_yours")
    return it


async def view(connection: AsyncConnection, it: Standing) -> dict[str, object]:
    mentor = it.around.person_in(Role.SUPERVISOR)
    return await programme_view(connection, it.held, it.roles, mentor, it.today, acts=it.acts)


def told(rooms: Rooms, answer: JSONResponse) -> JSONResponse:
    """The answer, after which the workflows concerned are told; upkeep tells whom this could not."""
    answer.background = BackgroundTask(tell_soon, rooms)
    return answer


async def tell_soon(rooms: Rooms) -> None:
    with suppress(Problem):
        await tell_programmes(rooms)
