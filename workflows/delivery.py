"""Delivery: one workflow, always running, that keeps a round of `deliver` going.

Rows say what is due; this workflow only makes sure that somebody looks, whichever worker lives.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.deliver import Deliverer, DeliverInput

RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30))
HEARTBEAT = timedelta(minutes=2)
"""Longer than a batch may take with every channel at its connection timeout."""
OVERTIME = timedelta(minutes=5)
ROUNDS_MAX = 100
"""Rounds of one run; about eight hours."""


@workflow.defn(name="DeliveryWorkflow")
class DeliveryWorkflow:
    """Runs under the id `delivery`, for ever."""

    @workflow.run
    async def run(self, start: DeliverInput) -> None:
        for _ in range(ROUNDS_MAX):
            await workflow.execute_activity_method(
                Deliverer.deliver,
                start,
                start_to_close_timeout=timedelta(seconds=start.seconds) + OVERTIME,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
        workflow.continue_as_new(start)
