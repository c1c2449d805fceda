"""Every answer that a test of the api gets from a world is held against the OpenAPI document, whatever else the test asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.document import held_against_the_document
from tests.world import World


@pytest_asyncio.fixture(scope="module")
async def world(world: World) -> AsyncIterator[World]:
    with held_against_the_document(world):
        yield world


@pytest_asyncio.fixture(scope="module")
async def year(year: World) -> AsyncIterator[World]:
    with held_against_the_document(year):
        yield year
