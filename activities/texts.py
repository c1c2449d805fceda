"""Sentences that people write, kept apart from the trails that name them.

A trail holds a sentence's id and salted hash only, so the law may have it erased (UU 27/2022) and the chain still verifies.
"""

from __future__ import annotations

import secrets
from uuid import NAMESPACE_URL, uuid4, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.appraisal import TextRef
from models.trail import salted_hash

KEEP = text(
    """
    INSERT INTO text (id, salt, sha256, body, author_id) VALUES (:id, :salt, :sha256, :body, :author)
    ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING sha256
    """
)


async def keep_text(connection: AsyncConnection, name: str, body: str, author: str) -> TextRef:
    """Store a sentence once under a name; its salted hash is what the trail keeps."""
    text_id, salt = str(uuid5(NAMESPACE_URL, f"text/{name}")), secrets.token_hex(16)
    stored = await connection.execute(
        KEEP, {"id": text_id, "salt": salt, "sha256": salted_hash(salt, body), "body": body, "author": author}
    )
    return TextRef(id=text_id, sha256=stored.scalar_one())


async def keep_reason(connection: AsyncConnection, reason: str | None, author: str) -> TextRef | None:
    """Store why somebody decided something, for one or several trails to name; None where nobody said why."""
    return await keep_text(connection, str(uuid4()), reason, author) if reason else None
