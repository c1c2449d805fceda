"""What every request may reach: the database, the engine's client, what is held in memory, and the clock.

Made once at start-up and hung on the application; routes get it by `RoomsDep` and never import a global.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from obstore.store import ObjectStore
from temporalio.client import Client

from activities.corrected_pack import Overtaken
from activities.facts import Facts
from activities.people import People
from api.streams import Streams
from api.waiting import RecordWaiter
from models.database import Database
from models.shelf import Shelf


def system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class TokenRules:
    """Whose bearer tokens are believed. In local mode `secret` signs them (HS256); else the issuer's keys at `jwks_url`."""

    issuer: str
    audience: str
    nip_claim: str
    jwks_url: str | None = None
    secret: str | None = None


@dataclass(frozen=True)
class Provider:
    """Who vouches for people in a browser: the issuer of `TokenRules`, as an OpenID Connect provider (authorization code, PKCE)."""

    client_id: str
    client_secret: str
    returns_to: str
    """The address it sends the browser back to."""


@dataclass
class Rooms:
    """`local` opens the dev token and the personas."""

    database: Database
    engine: Client
    task_queue: str
    tokens: TokenRules
    sessions: TokenRules | None = None
    """Whose cookies the pages believe: always our own. None where nobody can sign in to them."""
    provider: Provider | None = None
    local: bool = False
    secure_cookie: bool = False
    archive: ObjectStore | None = None
    now: Callable[[], datetime] = system_clock
    facts: Facts = field(default_factory=Facts)
    people: People = field(default_factory=People)
    overtaken: Overtaken = field(default_factory=Overtaken)
    shelf: Shelf = field(default_factory=Shelf)
    """The packs a cycle may be opened with."""
    records: RecordWaiter = field(default_factory=lambda: RecordWaiter(None))
    streams: Streams = field(default_factory=Streams)
    """Who listens to this process, and what they look at together."""
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever tells workflows what is on the list, so that nobody else of this process tells the same ones meanwhile."""


async def rooms(request: Request) -> Rooms:
    """The rooms of this process. A coroutine like every dependency here: a plain function would wait for a thread."""
    found = request.app.state.rooms
    assert isinstance(found, Rooms)
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]
