"""One cycle: opens by launching everybody in pages, runs until HR closes it, and is closed when the last year is done.

Rows say who is to be launched and who is done; this workflow only goes on until they say there is nobody left.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.launch import CycleStep, Launcher, LaunchInput
    from models.appraisal import Frozen
    from models.vocabulary import CycleState

RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))
TIMEOUT = timedelta(seconds=30)
PAGE_TIMEOUT = timedelta(minutes=5)
HEARTBEAT = timedelta(seconds=60)
LOOK_AGAIN = timedelta(minutes=5)
"""How often a closing cycle counts who is left."""

ROUNDS_MAX = 200


class CycleInput(Frozen):
    cycle_id: str
    closing: bool = False
    launched: bool = False
    at: datetime | None = None
    """When it was opened, by the clock of whoever opened it, which runs ahead of this one in a rehearsal."""


@workflow.defn(name="CycleWorkflow")
class CycleWorkflow:
    """Runs under the id `cycle/{uuid}`."""

    @workflow.init
    def __init__(self, start: CycleInput) -> None:
        self._cycle = start.cycle_id
        self._closing = start.closing
        self._launched = start.launched
        self._retry = False
        self._opened = start.at

    @workflow.signal
    def close(self) -> None:
        """No new launches; closed when the last appraisal is done."""
        self._closing = True

    @workflow.signal
    def retry(self, at: datetime | None = None) -> None:
        """Start those again whose launch failed, and who came since; `at` as in `CycleInput`."""
        self._retry = True
        self._opened = at or self._opened

    @workflow.query
    def closing(self) -> bool:
        """Whether it was told to close."""
        return self._closing

    @workflow.run
    async def run(self, start: CycleInput) -> None:  # noqa: ARG002 - read in __init__
        if not self._launched:
            await self._launch_everybody()
            await self._step(CycleState.OPEN, CycleState.OPENING)
        for _ in range(ROUNDS_MAX):
            await self._wait()
            if self._retry:
                self._retry = False
                await workflow.execute_activity_method(
                    Launcher.retry_failed, self._cycle, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
                )
                if not self._closing:
                    await self._launch_everybody()
            if self._closing and await self._all_done():
                await self._step(CycleState.CLOSED, CycleState.CLOSING)
                return
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            CycleInput(cycle_id=self._cycle, closing=self._closing, launched=True, at=self._opened)
        )

    async def _wait(self) -> None:
        if not self._closing:
            await workflow.wait_condition(lambda: self._closing or self._retry)
            return
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._retry, timeout=LOOK_AGAIN)

    async def _launch_everybody(self) -> None:
        after: str | None = ""
        while after is not None:
            page = await workflow.execute_activity_method(
                Launcher.launch,
                LaunchInput(cycle_id=self._cycle, after=after, at=max(self._opened or workflow.now(), workflow.now())),
                start_to_close_timeout=PAGE_TIMEOUT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
            after = page.after

    async def _all_done(self) -> bool:
        count = await workflow.execute_activity_method(
            Launcher.count_cycle, self._cycle, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )
        return count.pending == 0 and count.launched == count.done

    async def _step(self, to: CycleState, *sources: CycleState) -> None:
        step = CycleStep(cycle_id=self._cycle, to=to.value, sources=tuple(s.value for s in sources))
        await workflow.execute_activity_method(
            Launcher.step_cycle, step, start_to_close_timeout=TIMEOUT, retry_policy=RETRY
        )
