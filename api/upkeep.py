"""What was promised and is still to be done, looked for every half minute: the process that should have done it may have died.

Rows say what is left, so any api process may do it, and doing it twice changes nothing.
"""

from __future__ import annotations

import asyncio

import structlog

from activities.places import arrive, days_now
from api.cancelling import go_on_cancelling
from api.problems import Problem
from api.rooms import Rooms
from api.telling import close_closing, start_opening, tell_nudged, tell_programmes
from models.database import away

EVERY_SECONDS = 30
log = structlog.stdlib.get_logger("siklus.upkeep")


async def keep_promises(rooms: Rooms) -> None:
    """For ever."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        await look_once(rooms)


async def move_people(rooms: Rooms) -> None:
    """Whose transfer's day has come is in the new place from its first hour on, also without a running year."""
    async with rooms.database.transaction() as connection:
        await arrive(connection, days_now(rooms.now()), rooms.now())


async def look_once(rooms: Rooms) -> None:
    """Each kind by itself: one that cannot be done now, or fails in a way nobody foresaw, does not hold up the others."""
    for promise in (move_people, tell_nudged, tell_programmes, start_opening, close_closing, go_on_cancelling):
        try:
            await promise(rooms)
        except Problem as problem:
            log.warning("promise_waits", promise=promise.__name__, code=problem.code)
        except Exception as error:
            # Whatever it is: a task that went down here would keep no promise ever after, and nobody would see.
            if not away(error):
                log.error("promise_failed", promise=promise.__name__, exc_info=error)
