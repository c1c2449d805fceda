"""A post office with an empty, migrated database of its own; and somebody whose year is played."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from models.database import Database
from tests.endings import JANUARY, Played
from tests.workflow._post import Mailbox, Post
from tests.world import World, fresh_database


@pytest_asyncio.fixture
async def post(postgres_url: str, mailbox: Mailbox) -> AsyncIterator[Post]:
    database = Database(await fresh_database(postgres_url))
    yield Post(database, mailbox)
    await database.close()


@pytest.fixture
async def who(year: World) -> Played:
    """Somebody whom no other test has, in January of the cycle's year."""
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())
