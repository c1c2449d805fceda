"""What an operator does once a cause is gone: let go on what was parked, and start again what the engine lost.

An appraisal is restored from its row, as after the engine's store was lost or replaced. The new run is the next incarnation. Its first
event fences the old one: whatever that still wants written is refused, nothing of it is lost, because what was recorded is in the row that
the new run starts from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.launch import workflow_id
from models.appraisal import AppraisalInput, Snapshot, Timing
from models.database import Database

ROW = text("SELECT snapshot, timing, revision, incarnation FROM appraisal WHERE id = :id AND launch = 'launched'")
UNFINISHED = text(
    """
    SELECT id, revision, incarnation FROM appraisal
     WHERE launch = 'launched' AND (CAST(:ids AS text[]) IS NULL OR id = ANY(:ids))
       AND NOT (state = 'finalisation.done' AND coalesce((snapshot ->> 'archived')::boolean, false))
     ORDER BY id
    """
)
PARKED = text("SELECT id, revision, incarnation FROM appraisal WHERE parked IS NOT NULL ORDER BY id")
PATIENCE = timedelta(seconds=20)
AT_ONCE = 16
Named = Row[tuple[str, int, int]]
"""An appraisal's id, revision and incarnation."""


async def lost(database: Database, client: Client) -> list[str]:
    """The unfinished appraisals whose run the engine does not know, or has ended. Raises `RPCError` where it does not answer."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def runs(row: Named) -> bool:
        async with gate:
            for name in _names(row):
                if await _runs(client, name):
                    return True
            return False

    rows = await _unfinished(database, None)
    gone = [row for row, runs in zip(rows, await asyncio.gather(*map(runs, rows)), strict=True) if not runs]
    # One that went on to its end, or to another run, while it was asked for is not lost.
    still = set(await _unfinished(database, [row.id for row in gone]))
    return [row.id for row in gone if row in still]


async def _unfinished(database: Database, ids: Sequence[str] | None) -> Sequence[Named]:
    async with database.transaction() as connection:
        return (await connection.execute(UNFINISHED, {"ids": ids})).all()


async def parked(database: Database) -> Sequence[Named]:
    """The appraisals that wait for a person."""
    async with database.transaction() as connection:
        return (await connection.execute(PARKED)).all()


async def runs_of(client: Client, row: Named) -> list[str]:
    """The workflows that run for this appraisal. Raises `RPCError` where the engine does not answer."""
    return [name for name in _names(row) if await _runs(client, name)]


def _names(row: Named) -> tuple[str, ...]:
    """What its workflow may be called: by its row, or the next incarnation or revision, whose first word the record has not taken yet."""
    return (
        workflow_id(row.id, row.revision, row.incarnation),
        workflow_id(row.id, row.revision, row.incarnation + 1),
        workflow_id(row.id, row.revision + 1, row.incarnation),
    )


async def _runs(client: Client, name: str) -> bool:
    try:
        found = await client.get_workflow_handle(name).describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return found.status is WorkflowExecutionStatus.RUNNING


async def let_go_on(client: Client, workflow: str) -> None:
    """Have a parked appraisal try again what it stumbled over; where the cause is still there it is parked again."""
    await client.get_workflow_handle(workflow).signal("try_again", rpc_timeout=PATIENCE)


async def restore(database: Database, client: Client, task_queue: str, appraisal_id: str) -> str:
    """Start it again; answers the new run's workflow id.

    Raises `LookupError` where the year was never launched, `WorkflowAlreadyStartedError` where somebody else has just started it.
    """
    row = await _row(database, appraisal_id)
    await _end(client, workflow_id(appraisal_id, row.revision, row.incarnation))
    name = workflow_id(appraisal_id, row.revision, row.incarnation + 1)
    try:
        await _start(client, task_queue, name, row, WorkflowIDReusePolicy.REJECT_DUPLICATE)
    except WorkflowAlreadyStartedError:
        now = await _row(database, appraisal_id)
        if (now.revision, now.incarnation) != (row.revision, row.incarnation):
            raise
        # No word of that run is in the record: one that runs refuses this as well, and one that has ended is made up for.
        await _start(client, task_queue, name, now, WorkflowIDReusePolicy.ALLOW_DUPLICATE)
    return name


async def _row(database: Database, appraisal_id: str) -> Row[Any]:
    async with database.transaction() as connection:
        row = (await connection.execute(ROW, {"id": appraisal_id})).one_or_none()
    if row is None:
        raise LookupError(appraisal_id)
    return row


async def _start(client: Client, task_queue: str, name: str, row: Row[Any], again: WorkflowIDReusePolicy) -> None:
    await client.start_workflow(
        "AppraisalWorkflow",
        AppraisalInput(
            snapshot=Snapshot.model_validate(row.snapshot), timing=Timing.model_validate(row.timing), restoring=True
        ),
        id=name,
        task_queue=task_queue,
        id_reuse_policy=again,
        rpc_timeout=PATIENCE,
    )


async def _end(client: Client, name: str) -> None:
    """End the old run, if the engine still knows it."""
    try:
        await client.get_workflow_handle(name).terminate("restored from its row", rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
