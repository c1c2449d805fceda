"""A cycle's calendar, moved while the cycle runs: one row changes, everybody's deadlines follow, nobody's act is lost.

A preview does all of it and takes it back. What had lapsed before stays lapsed and is listed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.cycle_trail import note
from activities.facts import agency_days, calendar_of, load_facts
from activities.people import Agency
from activities.retiming import Moved, retime
from activities.texts import keep_reason
from api.act_bodies import Reason
from api.cycle_view import OVER, CycleId, find_cycle
from api.exact import Exact
from api.named import unit_named
from api.own_calendar import not_only_for_her, of_windows
from api.preconditions import IfMatch, etag
from api.problems import FieldProblem, Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from api.windows import Place, WindowsBody, brought_too_near, disorder, merged, out_of_order, shut_out, stored
from models.language import Bilingual
from models.policy import PolicyPack
from models.trail_actions import TrailAction
from models.units import Path, reach
from models.vocabulary import CycleState, GrantedRole, Stage, Zone
from models.windows import CalendarRows
from models.workdays import PersonClock

router = APIRouter(tags=["cycles"])

CLEAR = text("DELETE FROM calendar_window WHERE cycle_id = :cycle")
WRITE = text(
    """
    INSERT INTO calendar_window (id, cycle_id, key, unit_id, opens, due, closes)
    VALUES (:id, :cycle, :key, :unit_id, :opens, :due, :closes)
    """
)
MOVE = text(
    "UPDATE cycle SET version = version + 1, facts_revision = facts_revision + 1 WHERE id = :cycle RETURNING version"
)
CAME_THERE = text("SELECT EXISTS (SELECT FROM appraisal WHERE cycle_id = :cycle AND unit_id = ANY(:units))")
OUTSIDE_CYCLE = FieldProblem(
    "/unit",
    "outside_cycle",
    Bilingual(
        id="Siklus ini bukan untuk unit kerja itu, jadi tidak ada yang akan memakai jadwalnya.",
        en="This cycle is not for that unit, so nobody would go by its calendar.",
    ),
)


class CalendarBody(BaseModel):
    """New ends for some windows, for everybody or for one unit and what is below it."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    windows: Annotated[WindowsBody, Field(min_length=1)]
    unit: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class EffectOut(Exact):
    """What moved facts do to open appraisals; `already_lapsed` are ids that they do not revive."""

    affected: int
    by_stage: dict[Stage, int]
    becomes_overdue: int
    no_longer_overdue: int
    closed_sooner: int
    """Whose open step the opening of the next window closes sooner than before."""
    already_lapsed: list[UUID]


class MovedOut(EffectOut):
    """What the new calendar does, and the version that it has."""

    version: int


@router.put(
    "/cycles/{cycle_id}/calendar",
    response_model=MovedOut,
    responses={428: {"description": "A calendar is moved with `If-Match` only."}},
)
async def move_calendar(
    cycle_id: CycleId, body: CalendarBody, rooms: RoomsDep, caller: CallerDep, if_match: IfMatch, preview: bool = False
) -> JSONResponse:
    """Change windows of a cycle; with `preview` only tell what that would do. Needs `If-Match`."""
    if if_match is None:
        raise Problem("precondition_required")
    answer = await moved_calendar(rooms, caller, cycle_id, body, if_match, preview=preview)
    after = None if preview else BackgroundTask(tell_nudged, rooms, cycle_id)
    return JSONResponse(answer, headers={"ETag": etag(int(str(answer["version"])))}, background=after)


async def moved_calendar(
    rooms: Rooms, caller: Caller, cycle_id: str, body: CalendarBody, expected: int, *, preview: bool
) -> dict[str, object]:
    """What the new calendar does, with the members of `MovedOut`. Raises `not_yours`, `version_conflict` and what the calendar breaks.

    Who was given less time is told by whoever asked (`tell_nudged`), once it has answered.
    """
    caller.needs(GrantedRole.HR)
    async with rooms.database.engine.connect() as connection, connection.begin() as transaction:
        answer = await _move(connection, rooms, caller, cycle_id, body, expected)
        if preview:
            await transaction.rollback()
            answer["version"] = expected
    return answer


async def _move(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str, body: CalendarBody, if_match: int
) -> dict[str, object]:
    row = await find_cycle(connection, cycle_id, hold=True)
    if row["version"] != if_match:
        raise Problem("version_conflict", version=row["version"])
    if row["state"] in OVER:
        raise Problem("cycle_state", state=row["state"])
    agency = await rooms.people.agency(connection)
    unit = None if body.unit is None else await unit_named(connection, body.unit, "/unit")
    before = await calendar_of(connection, cycle_id)
    place = Place(("windows",), unit)
    pack = await rooms.facts.pack(connection, row["id"])
    after, problems = merged(before, body.windows, place, row["year"], pack.calendar_rules)
    below = None if unit is None else reach(unit, agency.parent_unit, ())
    not_only_for_her(await of_windows(connection, cycle_id, below, body.windows, caller))
    if unit is not None and below is not None:
        said_there = any(of == unit and before.get((key, of)) != window for (key, of), window in after.items())
        if said_there and not await _has_people_in(connection, row, below, agency.unit_path(unit)):
            problems.append(OUTSIDE_CYCLE)
    keys = [key for key in body.windows if (key, None) in after]
    paths = [
        agency.unit_path(of) for of in sorted({of for _, of in after if of is not None} | ({unit} if unit else set()))
    ]
    if problems:
        raise Problem("invalid_input", errors=problems)
    clock = PersonClock.of(Zone.WIB, 5, await agency_days(connection))
    bounds = may_move(
        before, after, keys, paths, pack, clock, rooms.now(), place, draft=row["state"] == CycleState.DRAFT
    )
    moved = await _write(connection, rooms, caller, row, pack, after, agency, keys)
    bounds.hold(moved)
    version = (await connection.execute(MOVE, {"cycle": cycle_id})).scalar_one()
    said = {
        key: None if window is None else window.model_dump(exclude_unset=True) for key, window in body.windows.items()
    }
    data = {
        "windows": said,
        "unit": body.unit,
        "facts_revision": row["facts_revision"] + 1,
        "affected": moved.affected,
    }
    why = await keep_reason(connection, body.reason, caller.person_id)
    await note(connection, cycle_id, rooms.now(), TrailAction.CALENDAR_CHANGED, caller.person_id, data, reason=why)
    return moved.answer(rooms.now()) | {"version": version}


async def _has_people_in(
    connection: AsyncConnection, cycle: RowMapping, below: Collection[str], path: Sequence[str]
) -> bool:
    """Whether a unit, with what is below it, lies in the scope of a cycle or around it, or a year of the cycle came there by a transfer."""
    if not cycle["units"] or not set(cycle["units"]).isdisjoint({*below, *path}):
        return True
    asked = {"cycle": cycle["id"], "units": sorted(below)}
    return bool((await connection.execute(CAME_THERE, asked)).scalar_one())


@dataclass(frozen=True)
class Bounds:
    """Which openings come nearer than they may for those alone whose step they close, and the earliest day."""

    earliest: date
    openings: Mapping[str, FieldProblem]

    def hold(self, moved: Moved) -> None:
        """Raises `notice_too_short` where one of them closes somebody's step."""
        if closing := [problem for key, problem in self.openings.items() if key in moved.closing]:
            raise Problem("notice_too_short", errors=closing, earliest=self.earliest.isoformat())


def may_move(
    before: CalendarRows,
    after: CalendarRows,
    keys: Sequence[str],
    paths: Sequence[Path],
    pack: PolicyPack,
    clock: PersonClock,
    now: datetime,
    place: Place,
    *,
    draft: bool = False,
) -> Bounds:
    """Hold a new calendar against the rules of `pack`. Raises `invalid_input`, `notice_too_short`, `already_open`."""
    problems = list(disorder(after, keys, paths, place))
    problems += [] if problems else list(out_of_order(after, keys, paths, pack.flow(), place))
    if problems:
        raise Problem("invalid_input", errors=problems)
    if draft:
        return Bounds(date.min, {})
    notice = now, pack.calendar_rules.minimum_notice_days
    earliest, ends, openings = brought_too_near(before, after, paths, pack.flow(), clock, notice, place)
    if ends:
        raise Problem("notice_too_short", errors=ends, earliest=earliest.isoformat())
    if shut := shut_out(before, after, paths, now, place):
        raise Problem("already_open", errors=shut)
    return Bounds(earliest, openings)


async def _write(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    row: RowMapping,
    pack: PolicyPack,
    after: CalendarRows,
    agency: Agency,
    keys: Sequence[str],
) -> Moved:
    # Not by `rooms.facts`: what it holds must be committed, and this may still be taken back.
    old = await load_facts(connection, row["id"], row["facts_revision"])
    await write_calendar(connection, row["id"], after)
    new = await load_facts(connection, row["id"], row["facts_revision"] + 1)
    return await retime(connection, row["id"], pack, old, new, agency, keys, rooms.now(), caller.person_id)


async def write_calendar(connection: AsyncConnection, cycle_id: str, rows: CalendarRows) -> None:
    """Replace the stored calendar of a cycle."""
    await connection.execute(CLEAR, {"cycle": cycle_id})
    parameters: list[Mapping[str, object]] = [
        {
            "id": str(uuid4()),
            "cycle": cycle_id,
            "key": key,
            "unit_id": unit,
            "opens": stored(window.opens),
            "due": stored(window.due),
            "closes": stored(window.closes),
        }
        for (key, unit), window in rows.items()
    ]
    await connection.execute(WRITE, parameters)
