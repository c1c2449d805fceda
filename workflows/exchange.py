"""Exchange: one workflow, always running where an endpoint is set, that keeps a round of `push` going.

Rows say what is due; this workflow only makes sure that somebody looks, whichever worker lives.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.push import Pusher, PushInput

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
HEARTBEAT = timedelta(minutes=2)
"""Longer than a batch may take whose every record runs into its time limit."""
OVERTIME = timedelta(minutes=5)
ROUNDS_MAX = 100
"""Rounds of one run; about eight hours."""


@workflow.defn(name="ExchangeWorkflow")
class ExchangeWorkflow:
    """Runs under the id `exchange`, for ever."""

    @workflow.run
    async def run(self, start: PushInput) -> None:
        for _ in range(ROUNDS_MAX):
            await workflow.execute_activity_method(
                Pusher.push,
                start,
                start_to_close_timeout=timedelta(seconds=start.seconds) + OVERTIME,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
        workflow.continue_as_new(start)
