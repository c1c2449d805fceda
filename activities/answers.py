"""What a system outside answers, so that it can be kept and shown: its beginning, on one line, in characters that can be printed."""

from __future__ import annotations

import asyncio
import unicodedata
from contextlib import suppress

import httpx

SAID_MAX = 300
"""So much of an answer is kept, for a person to read."""
READ_MAX = 64 * 1024
WORDS_SECONDS = 3
"""Of an answer whose status is known already."""


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
