"""One PostgreSQL and one engine for the session; a world of its own for each module that asks for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy import engine, logging, migrate, postgres
from deploy.settings import LogFormat
from tests.world import World, opened_cycle, opened_world

logging.configure(LogFormat.JSON, "WARNING")


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
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The demo agency, no cycle yet."""
    folder: Path = tmp_path_factory.mktemp("archive")
    async with opened_world(postgres_url, engine_address, folder) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def year(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The demo agency with its cycle open and everybody launched, shared: each test takes people of its own."""
    folder: Path = tmp_path_factory.mktemp("year")
    async with opened_world(postgres_url, engine_address, folder, people=400) as made:
        await opened_cycle(made)
        yield made
