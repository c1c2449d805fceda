"""HR's pages of one cycle: the bar that sums to the roster, who stands behind each number, where forms wait, what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import Query, Response
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import SHOWN_POST
from activities.segments import LAST_PART
from api.cycle_view import CycleId, find_cycle
from api.paging import Asked, PageDep
from api.progress import DONE, HAS_RESULT
from api.rooms import RoomsDep
from api.security import CallerDep
from api.standing import AGES, Place, standing
from api.web import desk, pictures
from api.web.door import page, page_router
from api.web.language import gettext, spoken
from api.worklist import work_to_do
from models.vocabulary import GrantedRole, State
from models.ways import WAITS_ON

SHOWN = 50
PART = f"""
    CASE WHEN a.launch <> 'launched' THEN a.launch
         WHEN a.state = '{DONE}' AND NOT {HAS_RESULT} THEN 'without_result'
         WHEN a.state = '{DONE}' AND a.late THEN 'late'
         WHEN a.state = '{DONE}' THEN 'on_time'
         WHEN a.ending IS NULL AND a.due_at < :now THEN 'overdue'
         ELSE 'going' END
"""
"""Which part of the bar a year is in: exactly one, as the bar counts it."""
OF_PEOPLE = f"a.cycle_id = :cycle AND a.own_year AND {LAST_PART}"
ASKED = f"{OF_PEOPLE} AND (CAST(:part AS text) IS NULL OR {PART} = :part) AND (CAST(:state AS text) IS NULL OR a.state = :state)"
PEOPLE = text(
    f"""
    SELECT a.id, a.state, a.period, a.due_at, a.zone, a.launch, a.launch_problem, p.nip, p.name, {SHOWN_POST} AS post, u.name AS unit
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
     WHERE {ASKED} ORDER BY a.due_at NULLS LAST, p.name, a.id OFFSET :skip LIMIT :limit
    """
)
TOTAL = text(f"SELECT count(*) FROM appraisal a WHERE {ASKED}")
WAITING = text(
    f"""
    SELECT a.state, count(*) AS people, min((a.snapshot #>> '{{visit,entered_at}}')::timestamptz) AS longest FROM appraisal a
     WHERE {OF_PEOPLE} AND a.launch = 'launched' AND a.ending IS NULL AND NOT a.suspended GROUP BY a.state
    """
)
PLACES = {"open": "pembukaan", "retry": "kotak-keluar"}
"""The pages of a cycle on which that is done which may help with an entry of the work list."""
router = page_router()


@dataclass(frozen=True)
class Step:
    """One step of the year: how many stand in it, and since when whoever has stood there longest."""

    state: State
    people: int
    longest: datetime | None
    share: float
    """In percent of the fullest step."""


@router.get("/siklus/{cycle_id}")
async def cycle_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep) -> Response:
    caller.needs(*desk.OVERSIGHT)
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        (bar,) = await desk.bars(connection, rooms.now(), cycle_id)
        steps = await _steps(connection, cycle_id)
        now = await standing(connection, cycle_id, await rooms.facts.pack(connection, cycle_id), rooms.now())
    return page(
        "siklus.html",
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        bar=bar,
        steps=steps,
        waits_on=WAITS_ON,
        ages=AGES,
        funnel=pictures.funnel([(_key(one), one.people) for one in now.places]),
        waits=pictures.rows((one.state.value, [(str(n), k) for n, k in enumerate(one.people)]) for one in now.waits),
    )


def _key(place: Place) -> str:
    """A place as a key that the page has a word for."""
    if place.through:
        return "done"
    return place.stage.value if place.period is None else f"{place.stage}.{place.period}"


@router.get("/siklus/{cycle_id}/orang")
async def people_page(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,
    bagian: Annotated[str | None, Query(max_length=20)] = None,
    tahap: State | None = None,
    halaman: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Who stands behind a number of the bar (`bagian`) or of a step (`tahap`), whoever is due first before the others."""
    caller.needs(*desk.OVERSIGHT)
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        found = await people_behind(connection, cycle_id, rooms.now(), part=bagian, state=tahap, number=halaman)
    return page(
        "orang.html",
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        rows=found.rows,
        total=found.total,
        part=next((gettext(name) for key, name, _ in desk.PARTS if key == bagian), None),
        asked=bagian,
        state=tahap,
        number=halaman,
        key=str(uuid4()),
        last=max(1, -(-found.total // SHOWN)),
        now=rooms.now(),
    )


@dataclass(frozen=True)
class Behind:
    """A page of those behind a number, and how many they are in all."""

    rows: Sequence[RowMapping]
    total: int


async def people_behind(
    connection: AsyncConnection,
    cycle_id: str,
    now: datetime,
    *,
    part: str | None = None,
    state: State | None = None,
    number: int = 1,
) -> Behind:
    """The people of one part of the bar, or of one step, whoever is due first before the others."""
    asked = {"cycle": cycle_id, "part": part, "state": state.value if state else None, "now": now}
    total = int((await connection.execute(TOTAL, asked)).scalar_one())
    window = {"skip": (number - 1) * SHOWN, "limit": SHOWN}
    return Behind((await connection.execute(PEOPLE, asked | window)).mappings().all(), total)


@router.get("/siklus/{cycle_id}/kerja")
async def work_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, asked: PageDep) -> Response:
    """Everything that needs a person, each with what may help."""
    found = await work_to_do(rooms, caller, cycle_id, Asked(SHOWN, asked.after), spoken())
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
    full = GrantedRole.HR in caller.granted
    return page("kerja.html", caller=caller, local=rooms.local, cycle=cycle, found=found, full=full, places=PLACES)


async def _steps(connection: AsyncConnection, cycle_id: str) -> list[Step]:
    """The steps in which somebody stands, in the order of the year."""
    rows = {row.state: row for row in await connection.execute(WAITING, {"cycle": cycle_id})}
    most = max((row.people for row in rows.values()), default=0)
    return [
        Step(state, rows[state].people, rows[state].longest, 100 * rows[state].people / most)
        for state in State
        if state in rows
    ]
