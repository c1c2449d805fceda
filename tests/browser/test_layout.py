"""What stands where, on a desk and on a phone."""

from __future__ import annotations

import pytest

from models.vocabulary import Language
from tests.api.test_cycles import cycle_of
from tests.browser.person import NARROW, WIDE, Room
from tests.endings import JANUARY, at

PEOPLE = 24
LINES = "all => new Set(all.map(one => Math.round(one.getBoundingClientRect().top))).size"


@pytest.mark.parametrize("language", ["id", "en"])
async def test_all_that_leads_hr_on_stands_in_one_line_at_a_desk(room: Room, language: Language) -> None:
    async with room.person(size=WIDE) as hr:
        await hr.enter(room.world.people["hr"])
        await hr.go(f"/bahasa/{language}")
        assert await hr.page.locator("header nav a").evaluate_all(LINES) == 1


async def test_a_phone_shows_every_column_of_where_forms_wait_named(room: Room) -> None:
    at(room.world, JANUARY)
    async with room.person(size=NARROW) as hr:
        await hr.enter(room.world.people["hr"])
        await hr.go(f"/siklus/{(await cycle_of(room.world))['id']}")
        last = hr.page.locator(".steps-table tbody td").last
        assert await last.is_visible()
        assert await last.get_attribute("data-name") == "Paling lama sejak"
