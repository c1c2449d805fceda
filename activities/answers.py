"""A system outside is told something, and what it answers is kept to be shown: its beginning, on one line, in characters that print."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx

SAID_MAX = 300
"""So much of an answer is kept, for a person to read."""
READ_MAX = 64 * 1024
WORDS_SECONDS = 3
"""Of an answer whose status is known already."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, what `Retry-After` says, and the words of what was not taken."""

    status: int
    retry_after: str | None
    said: str


async def post(http: httpx.AsyncClient, url: str, body: str, headers: Mapping[str, str], seconds: float) -> Reply | str:
    """The reply, or a sentence where none came within that time. Nothing is raised: one message must not hold up the others."""
    try:
        async with (
            asyncio.timeout(seconds),
            http.stream("POST", url, content=body.encode(), headers=headers) as response,
        ):
            said = "" if response.is_success else f"HTTP {response.status_code} {await words(response)}".rstrip()
            return Reply(response.status_code, response.headers.get("retry-after"), said)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as broken:
        return f"{type(broken).__name__}: {broken}".rstrip(": ")


async def words(response: httpx.Response) -> str:
    """The beginning of what an answer says; an answer without an end is not read to it."""
    read = b""
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(WORDS_SECONDS):
            async for part in response.aiter_bytes():
                read += part
                if len(read) > READ_MAX:
                    break
    return read[:READ_MAX].decode(errors="replace")


def printable(said: str) -> str:
    """On one line, of characters that can be kept and shown."""
    plain = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in said[:READ_MAX])
    return " ".join(plain.split())[:SAID_MAX]
