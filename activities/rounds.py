"""What activities that go round for ever have in common: how long a round lasts, the clock, when to stop, and who begins them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from models.appraisal import Frozen


class Round(Frozen):
    """How long one round lasts."""

    seconds: float = 300


def wall_clock() -> datetime:
    """The world's time, which no skipped year moves."""
    return datetime.now(UTC)


def stopping() -> bool:
    """Whether the worker stops; never outside of one."""
    return activity.in_activity() and activity.is_worker_shutdown()


def beat(*told: int) -> None:
    """Say that the round goes on; outside of a worker to nobody."""
    if activity.in_activity():
        activity.heartbeat(*told)


async def ensure(client: Client, task_queue: str, workflow: str, start: Frozen, workflow_id: str) -> None:
    """Start the one workflow of its kind, unless it runs already."""
    await client.start_workflow(
        workflow,
        start,
        id=workflow_id,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        rpc_timeout=timedelta(seconds=20),
    )
