"""One improvement programme: sleeps until something comes by itself, has it done, and ends with it.

Rows decide and say when; this workflow only makes sure that somebody looks at that instant, whichever worker lives.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.programme_time import LookInput, ProgrammeKeeper
    from models.appraisal import Frozen

RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(minutes=1))
TIMEOUT = timedelta(seconds=30)


class ProgrammeInput(Frozen):
    programme_id: str


@workflow.defn(name="ProgrammeWorkflow")
class ProgrammeWorkflow:
    """Runs under the id `programme/{uuid}`."""

    @workflow.init
    def __init__(self, start: ProgrammeInput) -> None:
        self._programme = start.programme_id
        self._moved = False

    @workflow.signal
    def moved(self) -> None:
        """Somebody acted, or her days are others than before: what comes next is asked for anew."""
        self._moved = True

    @workflow.run
    async def run(self, start: ProgrammeInput) -> None:
        while not workflow.info().is_continue_as_new_suggested():
            self._moved = False
            looked = await workflow.execute_activity_method(
                ProgrammeKeeper.look,
                LookInput(programme_id=self._programme, at=workflow.now()),
                start_to_close_timeout=TIMEOUT,
                retry_policy=RETRY,
            )
            if looked.over:
                return
            await self._sleep(looked.wake)
        workflow.continue_as_new(start)

    async def _sleep(self, until: datetime | None) -> None:
        rest = None if until is None else max(until - workflow.now(), timedelta(0))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._moved, timeout=rest)
