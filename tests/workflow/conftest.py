"""A post office with an empty, migrated database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from models.database import Database
from tests.workflow._post import Mailbox, Post
from tests.world import fresh_database


@pytest_asyncio.fixture
async def post(postgres_url: str, mailbox: Mailbox) -> AsyncIterator[Post]:
    database = Database(await fresh_database(postgres_url))
    yield Post(database, mailbox)
    await database.close()
