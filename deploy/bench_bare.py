"""What ours is held against: a workflow with nothing in it, its one activity that does nothing, and their worker.

The same engine, the same worker settings and sandbox as ours; only the appraisal is missing.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client

from deploy.engine import connect_when_up
from deploy.worker import build_worker

TASK_QUEUE = "bench-bare"
TIMEOUT = timedelta(seconds=30)


@activity.defn(name="nothing")
async def nothing() -> None:
    """Does nothing."""


@workflow.defn(name="BareYear")
class BareYear:
    """Open for ever; every act runs the activity once and is answered when that is done, every signal is heard."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def act(self) -> None:
        await workflow.execute_activity(nothing, start_to_close_timeout=TIMEOUT)

    @workflow.signal
    def told(self) -> None:
        """Nothing follows from it."""

    @workflow.query
    def awake(self) -> bool:
        """Whoever answers has dealt with what came before the question."""
        return True


@workflow.defn(name="BareLaunch")
class BareLaunch:
    """Runs the activity once and is done."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(nothing, start_to_close_timeout=TIMEOUT)


async def work(address: str) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client: Client = await connect_when_up(address)
    async with build_worker(
        client, task_queue=TASK_QUEUE, workflows=[BareYear, BareLaunch], activities=[nothing], drain=timedelta(0)
    ):
        await stop.wait()


if __name__ == "__main__":
    # By its full name, so that the sandbox imports the same module and not a second one called `__main__`.
    from deploy import bench_bare

    asyncio.run(bench_bare.work(sys.argv[1]))
