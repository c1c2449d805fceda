"""Opening a finished year again: as revision n+1 of the same appraisal."""

from __future__ import annotations

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.launch import workflow_id
from api.engine import PATIENCE, asking
from api.rooms import Rooms
from models.appraisal import AppraisalInput, Command, Receipt, Snapshot


async def reopened(rooms: Rooms, snapshot: Snapshot, command: Command) -> Receipt:
    """Start the run of the next revision, under an id of its own; its first act is the reopening.

    Raises `WorkflowUpdateFailedError` where it is refused, `engine_away` where the outcome is unknown.
    """
    start: WithStartWorkflowOperation[AppraisalInput, None] = WithStartWorkflowOperation(
        "AppraisalWorkflow",
        AppraisalInput(snapshot=snapshot, reopening=True),
        id=workflow_id(snapshot.appraisal_id, snapshot.revision + 1, snapshot.incarnation),
        task_queue=rooms.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        # A refused reopening leaves a run that ended without an act; the record's chain is what forbids two.
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    with asking():
        receipt: Receipt = await rooms.engine.execute_update_with_start_workflow(
            "act",
            command,
            id=command.key_hash,
            start_workflow_operation=start,
            result_type=Receipt,
            rpc_timeout=PATIENCE,
        )
    return receipt
