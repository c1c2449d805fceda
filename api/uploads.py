"""A file on its way to the archive store and back: looked at before it is taken, held against its hash whenever it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from fastapi import Response, UploadFile

from activities.evidence import DamagedError, StoreAwayError, forget, keep, kept, new_place
from api.problems import FieldProblem, Problem
from api.rooms import Rooms
from models.evidence import BYTES_MAX, TAKEN, agrees, kind_of, media_type, plain_name
from models.language import Bilingual
from models.trail import sha256

EMPTY_FILE = Bilingual(id="Berkas ini kosong.", en="This file is empty.")


class Attachment(Response):
    """A file to be kept, not opened: whatever it is, no browser runs it here."""

    media_type = "application/octet-stream"


@dataclass(frozen=True)
class Upload:
    """A file whose content is what its name says; `media_type` and `sha256` are of the content."""

    name: str
    data: bytes
    media_type: str
    sha256: str


async def looked_at(file: UploadFile) -> Upload:
    """Raises what it is refused for."""
    if (file.size or 0) > BYTES_MAX:
        raise Problem("body_too_large", limit=BYTES_MAX)
    name, data = plain_name(file.filename or ""), await file.read()
    return await asyncio.to_thread(_looked_at, name, data)


def _looked_at(name: str, data: bytes) -> Upload:
    if not data:
        raise Problem("invalid_input", errors=[FieldProblem("/file", "empty_file", EMPTY_FILE)])
    kind = kind_of(data)
    if kind is None:
        raise Problem("file_kind", expected=TAKEN)
    if not agrees(name, kind):
        raise Problem("file_mismatch", expected=kind.name)
    return Upload(name, data, media_type(name, kind), sha256(data))


@dataclass
class Shelf:
    """A place in the store for one upload; what was put there is taken away again unless a row names it (`used`)."""

    rooms: Rooms
    place: str = field(default_factory=new_place)
    filled: bool = False
    used: bool = False

    async def put(self, data: bytes) -> None:
        self.filled = True
        await keep(self.rooms.archive, self.place, data)


@asynccontextmanager
async def shelf(rooms: Rooms) -> AsyncIterator[Shelf]:
    """Raises `archive_away` where the store does not answer."""
    found = Shelf(rooms)
    try:
        yield found
    except StoreAwayError as away:
        raise Problem("archive_away") from away
    finally:
        # Where the commit failed it stays: that it is not there is not certain, and a row without its file would be worse.
        if found.filled and not found.used:
            await forget(rooms.archive, found.place)


async def attached(rooms: Rooms, name: str, place: str, expected: str) -> Attachment:
    """The file as it was handed in, to be kept. Raises `archive_away`; `evidence_damaged` where the store has another, or none."""
    try:
        data = await kept(rooms.archive, place, expected)
    except StoreAwayError as away:
        raise Problem("archive_away") from away
    except DamagedError as damaged:
        raise Problem("evidence_damaged") from damaged
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Attachment(data, headers=headers)
