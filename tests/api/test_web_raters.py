"""The raters of a cycle side by side on their page: what one asks of them, what was sent back, and of too few nothing."""

from __future__ import annotations

from tests.api.browsing import opened_browser
from tests.api.test_calibrating import WHY, Board, board, raters
from tests.world import World

PEOPLE = 100
__all__ = ["board"]


async def test_a_kind_rater_is_asked_about_with_her_numbers_and_what_was_sent_back(world: World, board: Board) -> None:
    told = await raters(world, board, "hr")
    async with opened_browser(world) as browser:
        await browser.sign_in(world.people["hr"])
        page = await browser.go(f"/siklus/{board.cycle}/penilai")
        for one in told.values():
            assert one["rater"]["name"] in page.text
            for asked in one["questions"]:
                assert asked["question"] in page.text
        kind = told[board.school.head]
        assert kind["questions"]
        assert "2 penilaian dikembalikan, 1 berpredikat lain sejak itu." in page.text
        assert WHY in page.text
        assert sum(one["labels"] is None for one in told.values()) == page.text.count("Terlalu sedikit untuk dihitung.")
        await browser.sign_in(board.school.head)
        page = await browser.go(f"/siklus/{board.cycle}/penilai")
        assert page.status in (200, 403)
        assert kind["questions"][0]["question"] not in page.text
