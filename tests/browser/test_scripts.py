"""The small scripts do what they promise, and nothing else."""

from __future__ import annotations

from tests.browser.person import Room
from tests.endings import JANUARY, Played, at

PEOPLE = 24


async def test_how_many_wait_changes_while_the_page_stands_open(room: Room) -> None:
    at(room.world, JANUARY)
    who = await Played.of(room.world, await room.world.next_clerk())
    async with room.person() as boss:
        await boss.enter(who.supervisor)
        await boss.go("/tim")
        await boss.page.get_by_text("Tidak ada orang yang menunggu Anda.").wait_for()
        await room.world.send(who.appraisal, "plan", "submit_plan", who.employee)
        await boss.page.get_by_text("1 orang menunggu Anda.").wait_for()
        assert not boss.complaints


async def test_single_keys_lead_to_the_next_one_and_mark_it_and_send_nothing(room: Room) -> None:
    at(room.world, JANUARY)
    who = await Played.of(room.world, await room.world.next_clerk())
    await room.world.bring(who.appraisal)
    await room.world.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with room.person() as boss:
        await boss.enter(who.supervisor)
        await boss.go("/tim")
        await boss.page.keyboard.press("j")
        await boss.page.keyboard.press("s")
        assert await boss.page.locator("[data-approve]:checked").count() == 1
    assert (await room.world.row(who.appraisal))["state"] == "plan.reviewing"
