"""One PostgreSQL and one engine for the session; a world of its own for each module that asks for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from deploy import engine, logging, migrate, postgres
from deploy.settings import LogFormat
from tests.workflow._post import Mailbox
from tests.world import World, opened_cycle, opened_world

logging.configure(LogFormat.JSON, "WARNING")

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
"""A machine that others use says nothing by how long something took."""

ROOMS = ("faults", "workflow", "browser", "api", "bench", "unit")
"""What takes longest begins first, so that the processes end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ROOMS.index(item.path.relative_to(Path(__file__).parent).parts[0]))


@pytest_asyncio.fixture(scope="session")
async def postgres_url() -> AsyncIterator[str]:
    """A server whose database `siklus` has the schema by its migrations, to be copied from."""
    async with postgres.throwaway() as url:
        await asyncio.to_thread(migrate.upgrade, url)
        yield url


@pytest_asyncio.fixture(scope="session")
async def engine_address() -> AsyncIterator[str]:
    """The dev server with a virtual clock for each workflow."""
    async with engine.throwaway(time_skipping=True) as address:
        yield address


@pytest_asyncio.fixture(scope="module")
async def world(
    request: pytest.FixtureRequest, postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The demo agency, of as many as the module says by `PEOPLE`; no cycle yet."""
    people: int = getattr(request.module, "PEOPLE", 40)
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("archive"), people=people) as made:
        yield made


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """That agency with its cycle open and everybody launched: each test takes people of its own."""
    await opened_cycle(world)
    return world


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A server that takes mails and keeps them."""
    box = Mailbox()
    box.open()
    yield box
    box.close()
