"""The mornings: one workflow, always running, that sleeps until some zone's morning and has its digests made.

Whose morning it is, and whether anything waits, is asked of the rows; what was missed while nothing ran is caught up at the start.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.digest import DigestInput, Digests, GatherInput
    from models.digest import next_round

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
PATIENCE = timedelta(minutes=5)
ROUNDS_MAX = 90
"""Rounds of one run; three zones, so about a month."""


@workflow.defn(name="DigestWorkflow")
class DigestWorkflow:
    """Runs under the id `digest`, for ever."""

    @workflow.run
    async def run(self, start: DigestInput) -> None:
        for _ in range(ROUNDS_MAX):
            await workflow.execute_activity_method(
                Digests.gather, GatherInput(at=workflow.now()), start_to_close_timeout=PATIENCE, retry_policy=RETRY
            )
            await workflow.sleep(next_round(workflow.now()) - workflow.now())
        workflow.continue_as_new(start)
