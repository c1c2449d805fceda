"""What is told as it happens (server-sent events): to whoever listens, for as long as she may, by looks that all who listen share.

A stream holds one of the seats of its process and, between two looks, nothing else: no connection to the database, and of the changes
that it has not told yet only that there were some. Each telling is the whole, so that a lost one is made good by the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.problem_catalogue import CATALOGUE
from api.problems import Problem
from api.waiting import RecordWaiter
from models.database import away

SEATS = 200
SEATS_EACH = 6
LOOKS_WITHIN = 15.0
"""Seconds after which is looked again though nothing was heard: not every change is of a record, and a message may be lost."""
LASTS = 600.0
"""Seconds after which a stream ends by itself; the browser asks again."""
TAKES_WITHIN = 10.0
"""Seconds in which a client takes what it is sent; one that does not is let go."""
AGAIN_MS = 3000
SERVER_ERRORS = 500
ENDED = b"event: ended\ndata: -\n\n"
"""That there is no use in asking again."""


@dataclass
class Watched:
    """What several look at: by one of them, at most so often, and not again while nothing has changed."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    watchers: int = 0
    seen: str = ""
    changes: int = -1
    at: float = -math.inf

    async def look(
        self, records: RecordWaiter, every: float, look: Callable[[], Awaitable[str]], hurry: asyncio.Event
    ) -> str:
        """What is to be seen now, asked anew at most every so many seconds, unless there is a hurry."""
        async with self.lock:
            age = time.monotonic() - self.at
            if self.changes == records.changes and age < LOOKS_WITHIN:
                return self.seen
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(hurry.wait(), max(0.0, every - age))
            changes = records.changes
            self.seen = await look()
            self.changes, self.at = changes, time.monotonic()
            return self.seen


class Streams:
    """The streams of this process: so many in all, and so many of one person."""

    def __init__(self, most: int = SEATS, each: int = SEATS_EACH) -> None:
        self._most, self._each = most, each
        self._people: Counter[str] = Counter()
        self._watched: dict[str, Watched] = {}
        self._awake: set[asyncio.Event] = set()
        self.closing = asyncio.Event()

    @property
    def taken(self) -> int:
        return self._people.total()

    @contextlib.contextmanager
    def seat(self, person: str, key: str, awake: asyncio.Event) -> Iterator[Watched]:
        """A place for somebody who looks at that. Raises `too_many_streams` where there is none left."""
        if self.closing.is_set() or self.taken >= self._most or self._people[person] >= self._each:
            raise Problem("too_many_streams", headers={"Retry-After": str(int(LOOKS_WITHIN))})
        watched = self._watched.setdefault(key, Watched())
        watched.watchers += 1
        self._people[person] += 1
        self._awake.add(awake)
        try:
            yield watched
        finally:
            self._awake.discard(awake)
            self._people[person] -= 1
            self._people += Counter()  # forgets who has none
            watched.watchers -= 1
            if not watched.watchers:
                del self._watched[key]

    def close(self) -> None:
        """End all of them: the process is about to stop, and would wait for them."""
        self.closing.set()
        for awake in self._awake:
            awake.set()


class Stream(Response):
    """One of them, as an answer. `look` is asked for what is to be seen under `key`, and `may` before anything is told.

    `may` raises the `Problem` for which nothing is told any more.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        streams: Streams,
        records: RecordWaiter,
        *,
        person: str,
        key: str,
        every: float,
        look: Callable[[], Awaitable[str]],
        may: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams, self._records = streams, records
        self._person, self._key, self._every = person, key, every
        self._look, self._may = look, may
        self._over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as every answer is called
        with (
            self._records.overhearing() as awake,
            self._streams.seat(self._person, self._key, awake) as watched,
        ):
            going = asyncio.create_task(self._until_gone(receive, awake))
            try:
                async with asyncio.timeout(TAKES_WITHIN):
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await _told(send, f"retry: {AGAIN_MS}\n\n".encode())
                await self._tell(watched, awake, send)
                await _told(send, b"", more=False)
            except (TimeoutError, OSError):
                pass  # it takes nothing, or has gone
            finally:
                going.cancel()
                await asyncio.gather(going, return_exceptions=True)

    async def _until_gone(self, receive: Receive, awake: asyncio.Event) -> None:
        while True:
            message: Message = await receive()
            if message["type"] == "http.disconnect":
                self._over = True
                awake.set()
                return

    async def _tell(self, watched: Watched, awake: asyncio.Event, send: Send) -> None:
        """Tell whatever is new, until it may not be told, nobody listens or it has lasted.

        Where the database is away it ends, and the browser asks again.
        """
        told, until = None, time.monotonic() + LASTS
        while not (self._over or self._streams.closing.is_set()) and time.monotonic() < until:
            awake.clear()
            try:
                seen = await watched.look(self._records, self._every, self._look, self._streams.closing)
                await self._may()
            except Problem as refused:
                if CATALOGUE[refused.code].status < SERVER_ERRORS:
                    await _told(send, ENDED)
                return
            except Exception as error:
                if not away(error):
                    raise
                return
            if self._over or self._streams.closing.is_set():
                return
            await _told(send, event(seen) if seen != told else b": -\n\n")
            told = seen
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(awake.wait(), LOOKS_WITHIN)


def event(said: str) -> bytes:
    """What is said, line by line, as one event."""
    return "".join(f"data: {line}\n" for line in said.splitlines()).encode() + b"\n"


async def _told(send: Send, said: bytes, *, more: bool = True) -> None:
    """Raises `TimeoutError` where it is not taken in time."""
    async with asyncio.timeout(TAKES_WITHIN):
        await send({"type": "http.response.body", "body": said, "more_body": more})
