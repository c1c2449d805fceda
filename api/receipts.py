"""Retry-safe POSTs: the answer is stored with the effect, in one transaction, under the caller's key.

For everything but an appraisal's actions, whose keys the engine itself keeps. Refusals are not stored.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.problems import Problem
from api.rooms import Rooms
from api.security import Caller
from models.trail import fingerprint

KEY_MAX = 64
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
FIND = text("SELECT fingerprint, status, body FROM receipt WHERE key = :key")
KEEP = text(
    "INSERT INTO receipt (key, fingerprint, status, body, at) VALUES (:key, :fingerprint, :status, CAST(:body AS jsonb), :at)"
)


@dataclass(frozen=True)
class Answer:
    """What an effect is answered with; `body` is plain JSON data."""

    status: int
    body: Mapping[str, object]


Effect = Callable[[AsyncConnection], Awaitable[Answer]]


async def key_of(idempotency_key: Annotated[str | None, Header(max_length=KEY_MAX, min_length=1)] = None) -> str:
    """The caller's key, or a new one, which the answer's header then tells."""
    return idempotency_key or str(uuid4())


async def is_own_key(idempotency_key: Annotated[str | None, Header(include_in_schema=False)] = None) -> bool:
    """Whether the caller named the key herself, and so may have used it before."""
    return idempotency_key is not None


KeyDep = Annotated[str, Depends(key_of)]
OwnKeyDep = Annotated[bool, Depends(is_own_key)]


async def once(
    rooms: Rooms, caller: Caller | str, key: str, action: str, body: Mapping[str, object], effect: Effect
) -> JSONResponse:
    """What `done_once` answers, as a response."""
    answer = await done_once(rooms, caller, key, action, body, effect)
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def done_once(
    rooms: Rooms, caller: Caller | str, key: str, action: str, body: Mapping[str, object], effect: Effect
) -> Answer:
    """Run the effect in one transaction and store its answer; the same key again answers the same without running it.

    `caller` is a name where nobody signed in. Raises `key_reused` where the key was used for another action, actor or body.
    """
    actor = caller if isinstance(caller, str) else caller.person_id
    used_for = fingerprint(key, action, actor, body)
    async with rooms.database.transaction() as connection:
        await connection.execute(LOCK, {"key": key})
        stored = (await connection.execute(FIND, {"key": key})).one_or_none()
        if stored is not None:
            if stored.fingerprint != used_for:
                raise Problem("key_reused")
            answer = Answer(stored.status, stored.body)
        else:
            answer = await effect(connection)
            await connection.execute(
                KEEP,
                {
                    "key": key,
                    "fingerprint": used_for,
                    "status": answer.status,
                    "body": json.dumps(answer.body),
                    "at": rooms.now(),
                },
            )
    return answer
