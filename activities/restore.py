"""Restore: start an appraisal again from its row, as after the engine's store was lost or replaced.

The new run is the next incarnation. Its first event fences the old one: whatever that still wants written is refused, nothing of it
is lost, because what was recorded is in the row the new run starts from.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.launch import workflow_id
from models.appraisal import AppraisalInput, Snapshot, Timing
from models.database import Database

ROW = text("SELECT snapshot, timing, revision, incarnation FROM appraisal WHERE id = :id AND launch = 'launched'")
PATIENCE = timedelta(seconds=20)


async def restore(database: Database, client: Client, task_queue: str, appraisal_id: str) -> str:
    """Start it again; answers the new run's workflow id. Raises `LookupError` where the year was never launched."""
    async with database.transaction() as connection:
        row = (await connection.execute(ROW, {"id": appraisal_id})).one_or_none()
    if row is None:
        raise LookupError(appraisal_id)
    await _end(client, workflow_id(appraisal_id, row.revision, row.incarnation))
    name = workflow_id(appraisal_id, row.revision, row.incarnation + 1)
    await client.start_workflow(
        "AppraisalWorkflow",
        AppraisalInput(
            snapshot=Snapshot.model_validate(row.snapshot), timing=Timing.model_validate(row.timing), restoring=True
        ),
        id=name,
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        rpc_timeout=PATIENCE,
    )
    return name


async def _end(client: Client, name: str) -> None:
    """End the old run, if the engine still knows it."""
    try:
        await client.get_workflow_handle(name).terminate("restored from its row", rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
