"""HR's way into a cycle: what stands against opening it, the button that opens it, and how far that has come, with who could not begin."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, cast
from uuid import uuid4

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.calendar_check import sent_by_day
from activities.cycle_check import Finding
from api import words
from api.cycle_view import CycleId, cycle_view, find_cycle
from api.cycles import look_before, open_cycle
from api.left_out import Reason, reasons_left_out
from api.people_shown import people_with
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web import desk
from api.web.cycle import SHOWN, people_behind
from api.web.door import key_for, page, page_router, posted, seen, told
from api.web.language import spoken
from models.vocabulary import CycleState, GrantedRole, Launch, Stage

NAMED_MAX = 20
DAYS_SHOWN = 12
ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
WINDOW = re.compile(rf"\b(?:{'|'.join(stage.value for stage in Stage)})(?:\.\d)?\b")
END = re.compile(r" (opens|due|closes)(?:_at)? (?=\d)")
PARTS = (Launch.LAUNCHED, Launch.PENDING, Launch.FAILED, Launch.EXCLUDED)
"""Where somebody of the roster stands while a cycle is opened; each is in exactly one."""
router = page_router()


@dataclass(frozen=True)
class Stands:
    """One finding as the page says it: the first of whom it is about by name, and how many more."""

    code: str
    said: str
    blocks: bool
    people: Sequence[Mapping[str, object]]
    more: int


@dataclass(frozen=True)
class Step:
    """One part of an opening; `start` and `share` are percents of the roster."""

    launch: Launch
    people: int
    start: float
    share: float


@dataclass(frozen=True)
class Opening:
    """How far an opening is, in people; the parts sum to the roster."""

    cycle: Mapping[str, object]
    roster: int
    steps: Sequence[Step]

    @property
    def begun(self) -> Mapping[str, int]:
        return {step.launch.value: step.people for step in self.steps}

    @property
    def runs(self) -> bool:
        return bool(self.begun[Launch.PENDING]) or self.cycle["state"] == CycleState.OPENING


@router.get("/siklus/{cycle_id}/periksa")
async def check_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep) -> Response:
    """What stands against opening this cycle, and what HR should know before; looking changes nothing."""
    return await _check(rooms, caller, cycle_id)


@router.post("/siklus/{cycle_id}/buka")
async def open_it(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Open the cycle, or once more for whoever failed; pressed twice it is opened once.

    Where the engine is away the opening is written down all the same, and begins when it is back.
    """
    typed = dict(await posted(request))
    try:
        await open_cycle(cycle_id, request, rooms, caller, key_for(typed.get("key", ""), ["open", cycle_id]))
    except Problem as refused:
        if refused.code == "cycle_blocked":
            return await _check(rooms, caller, cycle_id, status=409)
        if refused.code == "cycle_state":
            return await _shown(rooms, caller, cycle_id, refused=refused)
        if refused.code == "engine_away":
            return await _shown(rooms, caller, cycle_id, refused=refused, kept=True)
        raise
    return seen(f"/siklus/{cycle_id}/pembukaan")


@router.get("/siklus/{cycle_id}/pembukaan")
async def opening_page(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, halaman: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    """How far everybody's year has been started, and who could not begin."""
    return await _shown(rooms, caller, cycle_id, number=halaman)


async def opening_of(connection: AsyncConnection, cycle_id: str) -> Opening:
    """How far the opening of this cycle is. Raises `not_found`."""
    cycle = await find_cycle(connection, cycle_id)
    counts = cast(Mapping[str, int], (await cycle_view(connection, cycle))["counts"])
    roster, start, steps = counts["roster"], 0.0, []
    for launch in PARTS:
        people = counts[launch.value]
        share = 100 * people / roster if roster else 0.0
        steps.append(Step(launch, people, start, share))
        start += share
    assert sum(step.people for step in steps) == roster, "everybody of the roster is in exactly one part"
    return Opening(dict(cycle), roster, steps)


async def _check(rooms: Rooms, caller: Caller, cycle_id: str, *, status: int = 200) -> Response:
    caller.needs(GrantedRole.HR)
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        look = await look_before(connection, rooms, cycle)
        found = [await _stands(connection, one) for one in look.findings]
    by_day = sent_by_day(look.calendar, look.pack, rooms.now())
    busiest = sorted(by_day, key=lambda day: (-by_day[day], day))[:DAYS_SHOWN]
    most = max(by_day.values(), default=0)
    return page(
        "periksa.html",
        status=status,
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        people=look.people,
        blockers=[one for one in found if one.blocks],
        warnings=[one for one in found if not one.blocks],
        mails=[(day, by_day[day], 100 * by_day[day] / most) for day in sorted(busiest)],
        days=len(by_day),
        refused=status != 200,
        draft=cycle["state"] == CycleState.DRAFT,
        key=str(uuid4()),
    )


async def _stands(connection: AsyncConnection, one: Finding) -> Stands:
    named = await people_with(connection, one.people[:NAMED_MAX])
    return Stands(one.code, plainly(one.message.say(spoken())), one.blocks, named, len(one.people) - len(named))


def plainly(said: str) -> str:
    """What the check says with days and windows as the pages call them: `plan due_at 2027-01-31` as `Rencana ..., jatuh tempo 31 ...`."""
    named = WINDOW.sub(lambda found: words.window_word(found[0]), said)
    ends = END.sub(lambda found: f", {words.ENDS[found[1] + '_at'].lower()} ", named)
    return ISO_DAY.sub(lambda found: words.day(date.fromisoformat(found[0]).isoformat()), ends)


async def _shown(
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    *,
    number: int = 1,
    refused: Problem | None = None,
    kept: bool = False,
) -> Response:
    caller.needs(*desk.OVERSIGHT)
    async with rooms.database.transaction() as connection:
        opening = await opening_of(connection, cycle_id)
        failed = await people_behind(connection, cycle_id, rooms.now(), part=Launch.FAILED.value, number=number)
        left_out: Sequence[Reason] = await reasons_left_out(connection, cycle_id)
    said = told(refused) if refused else None
    return page(
        "pembukaan.html",
        status=int(str(said["status"])) if said else 200,
        caller=caller,
        local=rooms.local,
        cycle=opening.cycle,
        opening=opening,
        failed=failed.rows,
        total=failed.total,
        left_out=left_out,
        number=number,
        last=max(1, -(-failed.total // SHOWN)),
        refused=said,
        kept=kept,
        key=str(uuid4()),
    )
