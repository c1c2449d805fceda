"""What was said of units, as it is kept and read: by HR all of it, by whoever stands around a year what HR accepted, as counts by all.

How it comes in is `api.public_input`; that HR reads it first is `api.moderating`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from api.cycle_view import CycleId, find_cycle
from api.during import after, in_order
from api.exact import Exact
from api.loading import Loaded, load
from api.named import UnitRef, unit_of, units_shown
from api.paging import Asked, Key, Page, PageDep, listed
from api.people_shown import PersonShown, people_shown
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from models.remarks import READ, RemarkKind, RemarkState
from models.units import reach
from models.vocabulary import GrantedRole, Zone
from models.workdays import local_day

router = APIRouter(tags=["remarks"])

KEEP = text(
    """
    INSERT INTO remark (id, cycle_id, unit_id, kind, service, programme, text, author_id, address, day, at, state)
    VALUES (:id, :cycle, :unit, :kind, :service, :programme, :text, :author, :address, :day, :at, 'pending')
    """
)
SAID = """
    SELECT r.*, t.body AS reason, u.code, u.name FROM remark r JOIN unit u ON u.id = r.unit_id LEFT JOIN text t ON t.id = r.reason_id
"""
ONE = text(f"{SAID} WHERE r.cycle_id = :cycle AND r.id = :id")
ASKED = """
    r.cycle_id = :cycle AND (CAST(:states AS text[]) IS NULL OR r.state = ANY(:states))
    AND (CAST(:units AS text[]) IS NULL OR r.unit_id = ANY(:units))
"""
PAGE = text(f"{SAID} WHERE {ASKED} AND (r.day, r.id) > (CAST(:day AS date), :after) ORDER BY r.day, r.id LIMIT :limit")
TOTAL = text(f"SELECT count(*) FROM remark r WHERE {ASKED}")
COUNTS = text(
    """
    SELECT unit_id, kind, count(*) AS times FROM remark WHERE cycle_id = :cycle AND state = ANY(:states) GROUP BY unit_id, kind
    """
)
NEWEST = text(f"{SAID} WHERE {ASKED} ORDER BY r.day DESC, r.id DESC LIMIT :limit")

Unit = Annotated[str | None, Query(min_length=1, max_length=64, description="A unit's code; those below it count too.")]


class RemarkOut(Exact):
    """What was said of a unit, by somebody of the public or a colleague; `service` and `programme` as far as they were named."""

    id: UUID
    unit: UnitRef
    kind: RemarkKind
    service: str | None
    programme: str | None
    text: str
    by: Literal["public", "colleague"]
    day: date


class RemarkListed(RemarkOut):
    """The same in a list."""

    key: Key


class RemarkForHr(RemarkListed):
    """The same as HR reads it: which colleague said it, and what HR made of it; `reason` is null also where the law had it erased."""

    author: PersonShown | None
    state: RemarkState
    decided_by: PersonShown | None
    decided_at: AwareDatetime | None
    reason: str | None


class KindsShown(Exact):
    """How much was said of each kind."""

    praise: int
    complaint: int
    suggestion: int


class UnitCounts(Exact):
    """Of one unit, without those below it."""

    unit: UnitRef
    counts: KindsShown


class RemarksCounted(Exact):
    """What was said of units, as far as HR accepted it; units of which nothing was said are left out."""

    cycle: UUID
    counts: KindsShown
    units: list[UnitCounts]


async def keep_remark(connection: AsyncConnection, rooms: Rooms, row: Mapping[str, object]) -> str:
    """Store what was said, to be read by HR first; its id."""
    made, now = str(uuid4()), rooms.now()
    fixed = {"id": made, "day": local_day(now, Zone.WIB), "at": now}
    said: dict[str, object] = {"service": None, "programme": None, "author": None, "address": None}
    await connection.execute(KEEP, said | dict(row) | fixed)
    return made


@router.get("/cycles/{cycle_id}/remarks", response_model=Page[RemarkForHr])
async def read_remarks(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    state: RemarkState | None = None,
    unit: Unit = None,
) -> JSONResponse:
    """For HR: everything that was said, also what waits to be read and what was refused; for a PyB, who decides of what HR said herself."""
    caller.needs(GrantedRole.HR, GrantedRole.PYB)
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        units = None if unit is None else below(agency, await unit_of(connection, unit))
        asked = {"cycle": cycle_id, "states": None if state is None else [state.value], "units": units}
        rows, total = await _page(connection, "remark", page, asked)
        items = await remarks_for_hr(connection, rows)
    return listed(in_order("remark", items, page, total))


@router.get("/cycles/{cycle_id}/remarks/counts", response_model=RemarksCounted)
async def count_remarks(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:  # noqa: ARG001 - whoever is signed in
    """For everybody: how often the service of each unit was praised or complained of, or how it could be better was said."""
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        rows = (await connection.execute(COUNTS, {"cycle": cycle_id, "states": sorted(READ)})).all()
        units = await units_shown(connection, {row.unit_id for row in rows})
    by_unit: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_unit[row.unit_id][row.kind] += row.times
    whole = sum(by_unit.values(), Counter[str]())
    order = sorted(by_unit, key=lambda unit: units[unit]["code"])
    told = [{"unit": units[unit], "counts": _kinds(by_unit[unit])} for unit in order]
    return JSONResponse({"cycle": cycle_id, "counts": _kinds(whole), "units": told})


@router.get("/cycles/{cycle_id}/praise", response_model=Page[RemarkListed])
async def read_praise(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:  # noqa: ARG001
    """For everybody: the new programmes that were praised and that HR made visible, so that others may follow."""
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        asked = {"cycle": cycle_id, "states": [RemarkState.PUBLISHED.value], "units": None}
        rows, total = await _page(connection, "praise", page, asked)
    return listed(in_order("praise", [remark_shown(row) for row in rows], page, total))


@router.get("/appraisals/{appraisal_id}/remarks", response_model=Page[RemarkListed])
async def read_remarks_around(appraisal_id: str, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """What was said of her unit and those below it in this cycle, as far as HR accepted it; for her and everybody around her."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        rows, total = await _page(connection, "said", page, _around(loaded))
    return listed(in_order("said", [remark_shown(row) for row in rows], page, total))


async def newest_remarks(connection: AsyncConnection, loaded: Loaded, limit: int) -> list[dict[str, object]]:
    """The same for who has the year at a glance: the newest of them."""
    rows = (await connection.execute(NEWEST, {**_around(loaded), "limit": limit})).mappings().all()
    return [remark_shown(row) for row in rows]


def _around(loaded: Loaded) -> dict[str, object]:
    units = below(loaded.agency, str(loaded.row["unit_id"]))
    return {"cycle": loaded.cycle_id, "states": sorted(READ), "units": units}


def below(agency: Agency, unit: str | None) -> list[str]:
    """A unit and all below it; nothing for one that there is not."""
    return [] if unit is None else sorted(reach(unit, agency.parent_unit, ()))


async def _page(
    connection: AsyncConnection, kind: str, page: Asked, asked: Mapping[str, object]
) -> tuple[Sequence[RowMapping], int]:
    begin = after(page, kind)
    total = (await connection.execute(TOTAL, dict(asked))).scalar_one()
    more = {"day": begin.day, "after": begin.id, "limit": page.limit + 1}
    return (await connection.execute(PAGE, {**asked, **more})).mappings().all(), total


async def find_remark(connection: AsyncConnection, cycle_id: str, remark: str) -> RowMapping:
    """Raises `not_found`."""
    row = (await connection.execute(ONE, {"cycle": cycle_id, "id": remark})).mappings().one_or_none()
    if row is None:
        raise Problem("not_found")
    return row


def remark_shown(row: RowMapping) -> dict[str, object]:
    """A row as everybody reads it who reads it at all."""
    return {
        "id": row["id"],
        "unit": {"code": row["code"], "name": row["name"]},
        "kind": row["kind"],
        "service": row["service"],
        "programme": row["programme"],
        "text": row["text"],
        "by": "public" if row["author_id"] is None else "colleague",
        "day": row["day"].isoformat(),
    }


async def remarks_for_hr(connection: AsyncConnection, rows: Sequence[RowMapping]) -> list[dict[str, object]]:
    """Rows as HR reads them."""
    people = await people_shown(
        connection, {str(one) for row in rows for one in (row["author_id"], row["decided_by"]) if one}
    )
    return [
        {
            **remark_shown(row),
            "author": people.get(row["author_id"]),
            "state": row["state"],
            "decided_by": people.get(row["decided_by"]),
            "decided_at": row["decided_at"].isoformat() if row["decided_at"] else None,
            "reason": row["reason"],
        }
        for row in rows
    ]


def _kinds(counts: Counter[str]) -> dict[str, int]:
    return {kind.value: counts[kind.value] for kind in RemarkKind}
