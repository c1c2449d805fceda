"""One round after the other, for ever: a workflow that does so runs always, whichever worker lives.

Rows say what is due; such a workflow only makes sure that somebody looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NoReturn, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.rounds import Round

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
HEARTBEAT = timedelta(minutes=2)
"""Longer than a batch may take whose every row runs into its time limit."""
OVERTIME = timedelta(minutes=5)
ROUNDS_MAX = 100
"""Rounds of one run; about eight hours."""

Doer = TypeVar("Doer")
Wish = TypeVar("Wish", bound=Round)


async def go_round(
    activity: Callable[[Doer, Wish], Awaitable[object]], start: Wish, retry: RetryPolicy = RETRY
) -> NoReturn:
    """Do the activity again and again, and continue as new with the same wish."""
    for _ in range(ROUNDS_MAX):
        await workflow.execute_activity_method(
            activity,
            start,
            start_to_close_timeout=timedelta(seconds=start.seconds) + OVERTIME,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=retry,
        )
    workflow.continue_as_new(start)
