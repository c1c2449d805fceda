"""Many things done at once, and none of them unwatched."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import TypeVar

import structlog

Done = TypeVar("Done")
log = structlog.stdlib.get_logger("siklus.together")


async def together(doing: Iterable[Coroutine[object, object, Done]]) -> list[Done]:
    """What each of them came to, in their order; where some failed, the first failure in that order, once all have ended.

    Every other failure is in the log.
    """
    ended = await asyncio.gather(*doing, return_exceptions=True)
    failed = [one for one in ended if isinstance(one, BaseException)]
    for other in failed[1:]:
        log.warning("also_failed", error=type(other).__name__, exc_info=other)
    if failed:
        raise failed[0]
    return [one for one in ended if not isinstance(one, BaseException)]
