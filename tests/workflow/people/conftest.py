"""An agency whose pack says how much of a year is served at least."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from models.shelf import Shelf
from tests.world import YEAR, World, open_cycle, opened_world

HALF_A_YEAR = """
extends = "permenpanrb-6-2022"
id = "kami-setengah-tahun"
version = 1
source = "Peraturan Wali Kota 3/2027"
title = { id = "Paling singkat setengah tahun", en = "Half a year at least" }
[min_service]
months = 6
elsewhere = true
"""


@pytest_asyncio.fixture(scope="module")
async def half_a_year(
    request: pytest.FixtureRequest, postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Its cycle is open, of as many people as the module says by `PEOPLE`."""
    own = tmp_path_factory.mktemp("policies")
    (own / "kami-setengah-tahun.toml").write_text(HALF_A_YEAR, encoding="utf-8")
    folder = tmp_path_factory.mktemp("archive")
    async with opened_world(postgres_url, engine_address, folder, people=request.module.PEOPLE) as world:
        world.rooms.shelf = Shelf(own)
        await open_cycle(world, "kami-setengah-tahun", YEAR)
        yield world
