"""Opening a finished year again: as revision n+1 of the same appraisal, where no other has taken its place."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.enrolment import live
from activities.launch import workflow_id
from activities.people import EXIT
from api.engine import PATIENCE, asking
from api.problems import Problem
from api.rooms import Rooms
from models.appraisal import AppraisalInput, Command, Receipt, Snapshot

ANOTHER = text(
    f"""
    SELECT c.name FROM appraisal mine JOIN appraisal o USING (person_id, year) JOIN cycle c ON c.id = o.cycle_id
     WHERE mine.id = :id AND o.cycle_id <> mine.cycle_id AND o.acting_for IS NOT DISTINCT FROM mine.acting_for
       AND o.asked_from IS NOT DISTINCT FROM mine.asked_from AND {live("o")}
    """
)
"""The cycle that has taken the person since this year was cancelled: a year is lived in one, all its parts."""
DIED = text(f"SELECT c.effective FROM personnel_change c WHERE c.person_id = :person AND {EXIT} AND c.why = 'die'")


async def only_one(connection: AsyncConnection, appraisal_id: str) -> None:
    """Raises `another_appraisal` where the record could not take this year as a live one and would stop for good."""
    cycle = (await connection.execute(ANOTHER, {"id": appraisal_id})).scalars().first()
    if cycle is not None:
        raise Problem("another_appraisal", cycle=cycle)


async def died(connection: AsyncConnection, person: str) -> date | None:
    """The day of her death, where one is recorded: what is opened again then is about the time before, and asks her for nothing."""
    day: date | None = (await connection.execute(DIED, {"person": person})).scalars().first()
    return day


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
