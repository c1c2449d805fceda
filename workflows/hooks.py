"""Hooks: one workflow, always running where an endpoint is set, that keeps a round of `tell_hooks` going.

Rows say what is due; this workflow only makes sure that somebody looks, whichever worker lives.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.hooks import HookInput, HookSender

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
HEARTBEAT = timedelta(minutes=2)
"""Longer than a batch may take whose every event runs into its time limit."""
OVERTIME = timedelta(minutes=5)
ROUNDS_MAX = 100
"""Rounds of one run; about eight hours."""


@workflow.defn(name="HooksWorkflow")
class HooksWorkflow:
    """Runs under the id `hooks`, for ever."""

    @workflow.run
    async def run(self, start: HookInput) -> None:
        for _ in range(ROUNDS_MAX):
            await workflow.execute_activity_method(
                HookSender.tell,
                start,
                start_to_close_timeout=timedelta(seconds=start.seconds) + OVERTIME,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
        workflow.continue_as_new(start)
