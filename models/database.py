"""The one impure module of this room: how the database is reached. One request or activity is one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

AWAY = ("08", "53", "57P")
"""SQLSTATE classes that say the server is away, starting, stopping or full: worth another try, nobody's mistake."""


def away(error: BaseException) -> bool:
    """Whether this error means the database is not there just now, rather than that it refused."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        lost = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
        return lost or state.startswith(AWAY)
    return isinstance(error, ConnectionError | PoolTimeout | OSError)


AGAIN = ("40", "55P03", "57014")
"""A lost race, a lock that was not had, a statement that took too long: the same may go through a moment later."""


def again(error: BaseException) -> bool:
    """Whether the server took something else first, and may take this a moment later."""
    return isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", None) or "").startswith(AGAIN)


def refused(error: DBAPIError) -> bool:
    """Whether the server will not take this however often it is asked: a broken constraint, a value, a missing right."""
    return bool(getattr(error.orig, "sqlstate", None)) and not away(error) and not again(error)


class Database:
    """A pool of connections to one PostgreSQL. Create one per process, in the loop it is used in."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            pool_pre_ping=False,
            pool_recycle=1800,
            hide_parameters=True,
        )
        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._unmoved = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside a transaction: committed when the block ends, undone when it raises."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def question(self) -> AsyncIterator[AsyncConnection]:
        """A connection for one read on its own, where opening and closing a transaction would cost as much as the read."""
        async with self._single.connect() as connection:
            yield connection

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reads that have to agree with each other: all of them see the rows of one moment, and none may write."""
        async with self._unmoved.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self.engine.dispose()
