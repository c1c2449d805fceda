"""A cancelled cycle's open appraisals, each cancelled by its own workflow as an act of HR; to be gone on with at any point."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.act_bodies import ActBody
from api.acting import act
from api.problems import Problem
from api.rooms import Rooms
from api.security import Caller
from api.telling import close_cycle
from models.trail import sha256
from models.vocabulary import Action

AT_ONCE = 8
OPEN = text(
    """
    SELECT id FROM appraisal
     WHERE cycle_id = :cycle AND launch = 'launched' AND state <> 'finalisation.done' ORDER BY id
    """
)
log = structlog.stdlib.get_logger("siklus.cancelling")


async def still_open(connection: AsyncConnection, cycle_id: str) -> list[str]:
    """The ids of a cycle's appraisals that run."""
    return list((await connection.execute(OPEN, {"cycle": cycle_id})).scalars())


async def cancel_everybody(rooms: Rooms, caller: Caller, cycle_id: str, reason: str | None) -> None:
    """Cancel each open appraisal; the cycle's workflow ends with the last. Who could not be cancelled stays, to be gone on with."""
    async with rooms.database.transaction() as connection:
        ids = await still_open(connection, cycle_id)
    gate = asyncio.Semaphore(AT_ONCE)
    # One key for the caller and the cycle, so that going on after a crash never cancels twice.
    key = sha256(f"cancel/{cycle_id}/{caller.person_id}".encode())[:40]

    async def one(appraisal_id: str) -> None:
        async with gate:
            try:
                await act(rooms, caller, appraisal_id, Action.CANCEL, ActBody(reason=reason or None), key, None)
            except Problem as problem:
                log.warning("not_cancelled", appraisal_id=appraisal_id, code=problem.code)

    await asyncio.gather(*(one(appraisal_id) for appraisal_id in ids))
    await close_cycle(rooms, cycle_id)
