"""A browser for the session, and the agency of a module served to it. Where there is no Chromium, these tests say so and skip."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.person import Room
from tests.browser.stage import NONE, opened_chromium, served
from tests.world import World


@pytest_asyncio.fixture(scope="session", autouse=True)
async def chromium() -> AsyncIterator[Browser]:
    """Asked for before anything else, so that nothing is built for tests that are skipped."""
    async with opened_chromium() as browser:
        if browser is None:
            pytest.skip(NONE)
        yield browser


@pytest_asyncio.fixture(scope="module")
async def room(chromium: Browser, year: World) -> AsyncIterator[Room]:
    """Where people of this agency sit before browsers."""
    async with served(year) as base:
        yield Room(chromium, base, year)
