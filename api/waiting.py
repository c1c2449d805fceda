"""Waits until the record shows an event, so that an answer `200` means: written down.

One connection listens for the whole process; where it is down, or a message was lost, a look at the row every few milliseconds does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from models.database import Database, away

log = structlog.stdlib.get_logger("siklus.waiting")

LOOK_EVERY_SECONDS = 0.25
LOOK_EVERY_DEAF_SECONDS = 0.02
PATIENCE_SECONDS = 2.0
SEQ = text("SELECT seq FROM appraisal WHERE id = :id")


class Awaited:
    """One appraisal somebody waits for; `seq` is the last event the record is known to show."""

    def __init__(self) -> None:
        self.seq = 0
        self.moved = asyncio.Event()


async def _look(database: Database, appraisal_id: str) -> int:
    """The last event the row shows; 0 while the database is away: the act was accepted, so that is late, not lost."""
    try:
        async with database.question() as connection:
            return int((await connection.execute(SEQ, {"id": appraisal_id})).scalar_one())
    except (SQLAlchemyError, OSError) as error:
        if not away(error):
            raise
        return 0


class RecordWaiter:
    """Wakes those who wait for an appraisal's record. One per process; `listen` runs as a task of the application."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._awaited: dict[str, set[Awaited]] = defaultdict(set)
        self._hears = False
        self._overhearing: set[asyncio.Event] = set()
        self.changes = 0
        """How many records are known to have changed since this process began."""

    @contextlib.contextmanager
    def overhearing(self) -> Iterator[asyncio.Event]:
        """An event that is set at every change of any record: however many come, whoever is slow has one to look after."""
        mine = asyncio.Event()
        self._overhearing.add(mine)
        try:
            yield mine
        finally:
            self._overhearing.discard(mine)

    @contextlib.asynccontextmanager
    async def watching(self, appraisal_id: str) -> AsyncIterator[Awaited]:
        """To be entered before the act is sent, so that no message can be missed."""
        mine = Awaited()
        self._awaited[appraisal_id].add(mine)
        try:
            yield mine
        finally:
            self._awaited[appraisal_id].discard(mine)
            if not self._awaited[appraisal_id]:
                del self._awaited[appraisal_id]

    async def recorded(self, database: Database, appraisal_id: str, awaited: Awaited, seq: int) -> bool:
        """Whether the record showed that event within two seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_SECONDS
        while awaited.seq < seq:
            left = deadline - loop.time()
            if left <= 0:
                return False
            awaited.moved.clear()
            pause = LOOK_EVERY_SECONDS if self._hears else LOOK_EVERY_DEAF_SECONDS
            try:
                await asyncio.wait_for(awaited.moved.wait(), min(pause, left))
            except TimeoutError:
                awaited.seq = max(awaited.seq, await _look(database, appraisal_id))
        return True

    async def listen(self) -> None:
        """Listen for ever; comes back after every loss of the database."""
        while self._url is not None:
            try:
                await self._listen_once(self._url)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as lost:
                log.warning("record_listener_lost", error=str(lost))
            self._hears = False
            await asyncio.sleep(1)

    async def _listen_once(self, url: str) -> None:
        parts = make_url(url)
        connection = await asyncpg.connect(
            host=str(parts.query.get("host") or parts.host),
            port=parts.port or 5432,
            user=parts.username,
            password=parts.password,
            database=parts.database,
        )
        closed = asyncio.Event()
        connection.add_termination_listener(lambda *_: closed.set())
        try:
            await connection.add_listener("appraisal", self._hear)
            self._hears = True
            await closed.wait()
        finally:
            await connection.close(timeout=1)

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        appraisal_id, _, seq = str(payload).partition(" ")
        self.changes += 1
        for one in self._overhearing:
            one.set()
        for mine in self._awaited.get(appraisal_id, ()):
            mine.seq = max(mine.seq, int(seq))
            mine.moved.set()
