"""The parts of pages that change by themselves where scripts run: HR's bar, an opening, and how many wait on somebody.

What is told is the part itself, made as the page makes it, so that no script knows a number or a word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.cycle_view import CycleId, find_cycle
from api.inbox import waiting_on
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep, caller_of
from api.security import caller as who_calls
from api.streams import Stream
from api.web import desk
from api.web.door import page
from api.web.language import chosen, reading
from api.web.opening import opening_of

BAR_EVERY = 2.0
"""Seconds between two counts of a cycle: everybody who looks at it shares them."""
TEAM_EVERY = 10.0
"""Of what waits on one person nobody shares the count, so it is made less often."""
router = APIRouter(include_in_schema=False)


@router.get("/langsung/siklus/{cycle_id}")
async def bar(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The bar of a cycle."""
    await _overseen(rooms, caller, cycle_id)

    async def look() -> str:
        async with rooms.database.transaction() as connection:
            (found,) = await desk.bars(connection, rooms.now(), cycle_id)
        return _part(page("batang_hidup.html", bar=found))

    return _stream(request, rooms, caller, f"bar/{cycle_id}", BAR_EVERY, look, oversight=True)


@router.get("/langsung/pembukaan/{cycle_id}")
async def opening(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """How far an opening is."""
    await _overseen(rooms, caller, cycle_id)

    async def look() -> str:
        async with rooms.database.transaction() as connection:
            found = await opening_of(connection, cycle_id)
        return _part(page("kemajuan.html", opening=found))

    return _stream(request, rooms, caller, f"opening/{cycle_id}", BAR_EVERY, look, oversight=True)


@router.get("/langsung/tim")
async def team(
    request: Request, rooms: RoomsDep, caller: CallerDep, ada: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    """How many wait on the caller, beside how many her page lists (`ada`)."""

    async def look() -> str:
        async with rooms.database.transaction() as connection:
            now = await caller_of(connection, caller.nip, rooms.now()) or caller
            waiting = await waiting_on(connection, rooms, now)
        return _part(page("menunggu.html", waiting=sum(not one.own for one in waiting), listed=ada))

    return _stream(request, rooms, caller, f"team/{caller.person_id}/{ada}", TEAM_EVERY, look, oversight=False)


async def _overseen(rooms: Rooms, caller: Caller, cycle_id: str) -> None:
    """Raises `not_yours`, `not_found`."""
    caller.needs(*desk.OVERSIGHT)
    async with rooms.database.question() as connection:
        await find_cycle(connection, cycle_id)


def _stream(
    request: Request,
    rooms: Rooms,
    caller: Caller,
    key: str,
    every: float,
    look: Callable[[], Awaitable[str]],
    *,
    oversight: bool,
) -> Response:
    language = chosen(request.cookies)

    async def look_in_it() -> str:
        with reading(language):
            return await look()

    async def may() -> None:
        """Whether the sign-in still holds, and what it opens by the rows of now."""
        now = await who_calls(request, rooms)
        if oversight:
            now.needs(*desk.OVERSIGHT)

    # A look is shared, and may be another's: only who reads the same language looks at the same.
    key = f"{key}/{language}"
    return Stream(rooms.streams, rooms.records, person=caller.person_id, key=key, every=every, look=look_in_it, may=may)


def _part(made: Response) -> str:
    return bytes(made.body).decode()
