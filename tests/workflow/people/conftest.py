"""One agency for this room: here supervisors leave and posts become vacant, which other tests' people would feel."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.endings import JANUARY, Played
from tests.world import World, opened_cycle, opened_world


@pytest_asyncio.fixture(scope="package")
async def year(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """An agency of its own: here supervisors leave, whom other tests' people have."""
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("people"), people=160) as made:
        await opened_cycle(made)
        yield made


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())
