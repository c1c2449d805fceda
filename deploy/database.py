"""What a command asks of the database: whatever keeps it from being done is a sentence, with its cause behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from deploy.errors import OperatorError
from models.database import away


class DatabaseAwayError(OperatorError):
    """Nothing answers where the database should, or it has no time."""


class DatabaseRefusedError(OperatorError):
    """The database is there and does not take what it is asked."""


@contextmanager
def asking() -> Iterator[None]:
    """Around work on the database and nothing else: what connecting raises comes as it is, anything later by SQLAlchemy.

    Raises:
        DatabaseAwayError, DatabaseRefusedError: see there.
    """
    try:
        yield
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if away(error):
            raise DatabaseAwayError(f"the database does not answer ({_said(error)})") from error
        message = (
            f"the database refused ({_said(error)}); `siklus migrate --check` says whether its schema is the newest"
        )
        raise DatabaseRefusedError(message) from error


def _said(error: BaseException) -> str:
    """The first line of what the server or the network said, without the statement."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    words = str((orig and orig.__cause__) or orig or error).strip()
    return words.splitlines()[0] if words else type(error).__name__
