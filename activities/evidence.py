"""Evidence in the archive store: kept under a key that says nothing of whose it is, and never handed out unless its hash still holds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

import structlog
from obstore import delete_async, get_async, put_async
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore

from models.trail import sha256

STORE_SECONDS = 30
log = structlog.stdlib.get_logger("siklus.evidence")


class StoreAwayError(Exception):
    """The store does not answer, or refuses; another try may find it."""


class DamagedError(Exception):
    """What lies there is not what was handed in, or nothing does."""


def new_place() -> str:
    """A key in the store that nothing has yet."""
    return f"evidence/{uuid4()}"


async def keep(store: ObjectStore | None, place: str, data: bytes) -> None:
    """Store it. Raises `StoreAwayError`."""
    if store is None:
        raise StoreAwayError
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await put_async(store, place, data)
    except (BaseError, OSError) as error:
        log.warning("evidence_not_kept", error=type(error).__name__)
        raise StoreAwayError from error


async def kept(store: ObjectStore | None, place: str, expected: str) -> bytes:
    """What was handed in, by its SHA-256. Raises `StoreAwayError`, `DamagedError`."""
    if store is None:
        raise StoreAwayError
    try:
        async with asyncio.timeout(STORE_SECONDS):
            data = bytes(await (await get_async(store, place)).bytes_async())
    except (NotFoundError, FileNotFoundError) as gone:
        log.error("evidence_gone", place=place)
        raise DamagedError from gone
    except (BaseError, OSError) as error:
        log.warning("evidence_unreadable", place=place, error=type(error).__name__)
        raise StoreAwayError from error
    if sha256(data) != expected:
        log.error("evidence_changed", place=place)
        raise DamagedError
    return data


async def forget(store: ObjectStore | None, place: str) -> None:
    """Take away what was stored for a row that was not written; what cannot be taken away stays, and nothing names it."""
    if store is not None:
        with suppress(BaseError, OSError):
            async with asyncio.timeout(STORE_SECONDS):
                await delete_async(store, place)
