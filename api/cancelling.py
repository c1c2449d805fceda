"""A cancelled cycle's open appraisals, each cancelled by its own workflow as an act of HR; to be gone on with at any point."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.act_bodies import ActBody
from api.acting import act
from api.problems import Problem
from api.rooms import Rooms
from api.security import Caller, person_by_id
from api.telling import each_by_itself, end_cycle
from api.together import together
from models.trail import sha256
from models.vocabulary import Action

AT_ONCE = 8
REOPENED_SINCE = """
    EXISTS (SELECT FROM event r JOIN cycle_event x ON x.cycle_id = a.cycle_id AND x.action = 'cycle_cancelled' AND x.at < r.at
             WHERE r.appraisal_id = a.id AND r.action = 'reopen')
"""
"""Whether HR opened a year `a` again after its cycle was cancelled: that was decided about this one, and later."""
OPEN = text(
    f"""
    SELECT a.id FROM appraisal a
     WHERE a.cycle_id = :cycle AND a.launch = 'launched' AND a.state <> 'finalisation.done' AND NOT {REOPENED_SINCE}
     ORDER BY a.id
    """
)
UNFINISHED = text(
    f"""
    SELECT DISTINCT ON (c.id) c.id, e.actor, coalesce(t.body, e.reason) AS reason FROM cycle c
      JOIN cycle_event e ON e.cycle_id = c.id AND e.action = 'cycle_cancelled' LEFT JOIN text t ON t.id = e.reason_id
     WHERE c.state = 'cancelled' AND EXISTS (
           SELECT FROM appraisal a WHERE a.cycle_id = c.id AND a.launch = 'launched' AND a.state <> 'finalisation.done'
              AND a.person_id <> e.actor AND NOT {REOPENED_SINCE})
     ORDER BY c.id, e.seq DESC
    """
)
"""Cancelled cycles in which years still run, and who cancelled them; his own is another's to cancel."""
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

    await together(one(appraisal_id) for appraisal_id in ids)
    await end_cycle(rooms, cycle_id)


async def go_on_cancelling(rooms: Rooms) -> None:
    """Go on, in the name of who cancelled, where a process died over it or the engine was away."""
    async with rooms.database.transaction() as connection:
        left = (await connection.execute(UNFINISHED)).all()

    async def go_on(row: Row[tuple[str, str, str | None]]) -> None:
        if (who := await person_by_id(rooms, row.actor)) is not None:
            await cancel_everybody(rooms, who, row.id, row.reason)

    await each_by_itself(left, go_on)
