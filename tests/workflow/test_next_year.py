"""The next year opens while this one is still in appeal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.endings import DECEMBER, Played, at, to_result
from tests.world import YEAR, World, opened_cycle, opened_world


@pytest_asyncio.fixture
async def year(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[World]:
    """An agency of its own: whoever has two years here has one in other tests."""
    async with opened_world(postgres_url, engine_address, tmp_path / "archive", people=24) as world:
        await opened_cycle(world)
        yield world


@pytest.mark.capability("G04")
@pytest.mark.case("3.24")
async def test_a_year_still_in_appeal_and_the_next_one_do_not_disturb_each_other(year: World, who: Played) -> None:
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    at(year, DECEMBER + timedelta(days=14))
    made = await year.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "berikutnya"})
    cycle = made.json()["id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    for _ in range(2000):
        progress = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
        if progress["pending"] == 0:
            break
        await asyncio.sleep(0.05)
    both = (await year.get("/appraisals", who.employee)).json()["items"]
    assert sorted(str(one["state"]) for one in both) == ["appeal.answering", "plan.drafting"]
    await year.done(who.appraisal, "withdraw_appeal", who.employee)
