"""What the doors of a running year have in common: until when something may be noted, of which days, about which result, and its lists.

Log, observations and evidence are rows; no workflow and no trail hears of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.segments import segments
from api.cycle_view import OVER
from api.loading import Loaded, checked_id, load
from api.paging import Asked, Found, bad_cursor, known_id, paged
from api.problems import FieldProblem, Problem
from api.rooms import Rooms
from api.security import Caller
from models.forms import results_of
from models.language import Bilingual
from models.segments import Segment
from models.vocabulary import Zone
from models.workdays import local_day
from models.year_log import DayProblem, day_problem, is_open

PLAN = text("SELECT data FROM form_copy WHERE id = :copy")
HOLD = text(
    """
    SELECT c.state FROM appraisal a JOIN cycle c ON c.id = a.cycle_id WHERE a.id = :id FOR NO KEY UPDATE OF a
    """
)
"""`record` waits for it: nothing is noted of a year while it ends, and its archive has all that was."""
CYCLE_STATE = text("SELECT state FROM cycle WHERE id = :id")
DAYS = {
    DayProblem.IN_THE_FUTURE: Bilingual(id="Hari ini belum tiba.", en="This day has not come yet."),
    DayProblem.BEFORE_IT_BEGAN: Bilingual(
        id="Hari ini sebelum hari pertama penilaian ini.", en="This day is before the first one of this appraisal."
    ),
    DayProblem.AFTER_IT_ENDED: Bilingual(
        id="Hari ini sesudah hari terakhir penilaian ini.", en="This day is after the last one of this appraisal."
    ),
}
UNKNOWN_RESULT = Bilingual(
    id="Hasil kerja ini tidak ada pada rencana yang berlaku.", en="The plan in force has no such result."
)

OWN_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
AppraisalId = Annotated[str, Path(pattern=OWN_ID, json_schema_extra={"format": "uuid"})]
"""In the path of what takes no JSON, where a missing part would be told before an id that is none."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
ResultKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Of a result of the plan in force."""


@dataclass(frozen=True)
class Running:
    """A year in which something may be noted now, its row held; the days it is about, by the zone of the employee."""

    loaded: Loaded
    segment: Segment
    today: date

    def refused_day(self, day: date) -> FieldProblem | None:
        """What is wrong with a day; None where something may be noted for it."""
        found = day_problem(day, self.segment.first, self.segment.last, self.today)
        return None if found is None else FieldProblem("/day", found.value, DAYS[found])


async def running(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, appraisal_id: str, *, stranger: bool = False
) -> Running:
    """The year in which this caller notes something. Which of its people may is the caller's to ask, and so is it of a `stranger`.

    Raises `not_found`, `not_yours`, `cycle_state` where the cycle is closed, `not_running` where the year has not begun or has ended.
    """
    state = (await connection.execute(HOLD, {"id": checked_id(appraisal_id)})).scalar_one_or_none()
    loaded = await load(connection, rooms, caller, appraisal_id, stranger=stranger)
    if state in OVER:
        raise Problem("cycle_state", state=state)
    if not is_open(loaded.running()):
        raise Problem("not_running")
    segment = (await segments(connection, [loaded.id], rooms.now()))[loaded.id]
    return Running(loaded, segment, local_day(rooms.now(), Zone(str(loaded.row["zone"]))))


async def still_noted(connection: AsyncConnection, loaded: Loaded) -> bool:
    """Whether anything may still be noted of this year, by whomever of its people."""
    if loaded.snapshot is None or not is_open(loaded.snapshot):
        return False
    state = (await connection.execute(CYCLE_STATE, {"id": loaded.cycle_id})).scalar_one()
    return state not in OVER


async def planned_results(connection: AsyncConnection, rooms: Rooms, loaded: Loaded) -> Mapping[str, str]:
    """The results of the plan in force, title by key; nothing while there is none."""
    snapshot = loaded.snapshot
    if snapshot is None or snapshot.plan_in_force is None:
        return {}
    plan = (await connection.execute(PLAN, {"copy": snapshot.plan_in_force.copy_id})).scalar_one_or_none()
    if not isinstance(plan, dict):
        return {}
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    return {result.id: result.title for result in results_of(pack, plan)}


def refused_result(result: str | None, planned: Mapping[str, str]) -> FieldProblem | None:
    """What is wrong with a result that something is said to be about."""
    return FieldProblem("/result", "unknown_result", UNKNOWN_RESULT) if result and result not in planned else None


def refuse(*found: FieldProblem | None) -> None:
    """Raises `invalid_input` with whatever is wrong."""
    wrong = [one for one in found if one is not None]
    if wrong:
        raise Problem("invalid_input", errors=wrong)


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class After:
    """Behind which row of a list, in the order of days, a page begins."""

    day: date = date.min
    id: str = ""


def after(page: Asked, kind: str) -> After:
    """Where a page of this kind of list begins. Raises `invalid_input` for a cursor of another."""
    if page.after is None:
        return After()
    said, _, rest = page.after.partition(" ")
    day, _, key = rest.partition(" ")
    try:
        if said != kind or len(day) != 10:
            raise bad_cursor()
        return After(date.fromisoformat(day), known_id(key))
    except ValueError as wrong:
        raise bad_cursor() from wrong


def in_order(kind: str, items: Sequence[Mapping[str, object]], page: Asked, total: int) -> Found:
    """The page, each item with its key."""
    return paged([{**one, "key": f"{kind} {one['day']} {one['id']}"} for one in items], page, total, key="key")
