"""What tests of the api stand on; every answer that one gets is held against the OpenAPI document, whatever else it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.people import move_line
from tests.api.document import held_against_the_document
from tests.api.noting import MAY, at_work
from tests.endings import Played
from tests.world import World

OTHERS = text(
    """
    DELETE FROM role_grant g USING person p WHERE p.id = g.person_id AND g.role = 'hr' AND p.nip <> :hr
    RETURNING g.person_id
    """
)


@pytest_asyncio.fixture(scope="module")
async def world(world: World) -> AsyncIterator[World]:
    with held_against_the_document(world):
        yield world


@pytest_asyncio.fixture(scope="module")
async def someone(year: World) -> Played:
    """Somebody at work in May of whom a module of tests notes what it likes."""
    return await at_work(year)


@pytest.fixture
def who(year: World, someone: Played) -> Played:
    """The same, and it is May again."""
    year.now = MAY
    return someone


@pytest.fixture
async def alone(year: World) -> AsyncIterator[None]:
    """The agency's second HR officer has gone for a while."""
    async with year.database.transaction() as connection:
        gone = (await connection.execute(OTHERS, {"hr": year.people["hr"]})).scalars().all()
        await move_line(connection)
    yield
    async with year.database.transaction() as connection:
        for person in gone:
            await connection.execute(text("INSERT INTO role_grant VALUES (:person, 'hr')"), {"person": person})
        await move_line(connection)
