"""Somebody whose people change."""

from __future__ import annotations

import pytest

from tests.endings import JANUARY, Played
from tests.world import World


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())
