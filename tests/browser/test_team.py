"""A supervisor before fifty plans: few clicks, and each gets what was meant for her."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page
from sqlalchemy import text

from activities.people import move_line
from tests.api.test_web_team import UNDER_HIM
from tests.browser.person import Room
from tests.endings import JANUARY, Played, at
from tests.world import World

PEOPLE = 76
MANY = 50
CLICKS_MAX = 12
AT_ONCE = 10
REASONS = ("Target belum terukur: sebutkan angka dan satuannya.", "Hubungkan dengan hasil kerja unit.")


async def waiting(year: World) -> list[Played]:
    """Fifty under one supervisor, whose plans wait for him."""
    at(year, JANUARY)
    first = await Played.of(year, await year.next_clerk())
    nips = [first.employee] + [await year.next_clerk() for _ in range(MANY - 1)]
    async with year.database.transaction() as connection:
        await connection.execute(UNDER_HIM, {"supervisor": first.supervisor, "people": nips})
        await move_line(connection)
    turns = asyncio.Semaphore(AT_ONCE)

    async def sends(nip: str) -> Played:
        async with turns:
            who = await Played.of(year, nip)
            await year.send(who.appraisal, "plan", "submit_plan", who.employee)
            return who

    return list(await asyncio.gather(*map(sends, nips)))


async def counted(page: Page) -> list[str]:
    """Every press of a mouse button on this page and on those it leads to, by what was pressed."""
    presses: list[str] = []
    await page.expose_function("pressed", presses.append)
    await page.add_init_script(
        "addEventListener('pointerdown', event => { if (event.isTrusted) pressed(event.target.outerHTML); }, true);"
    )
    return presses


async def test_of_fifty_waiting_plans_48_are_approved_and_2_returned_with_reasons_in_at_most_twelve_clicks(
    room: Room,
) -> None:
    year = room.world
    team = await waiting(year)
    returned = dict(zip((team[7], team[31]), REASONS, strict=True))
    async with room.person() as boss:
        await boss.enter(team[0].supervisor)
        clicks = await counted(boss.page)
        await boss.go("/")
        await boss.follow("Tim saya")
        await boss.follow("Tandai semua untuk disetujui")
        for who, reason in returned.items():
            await boss.page.click(f'label:has([name="do-{who.appraisal}"][value=return_plan])')
            await boss.page.click(f"#why-{who.appraisal}")
            await boss.page.keyboard.type(reason)
        await boss.press("Kirim keputusan")
        await boss.reads("48 orang: setujui rencana. Tercatat.")
        await boss.reads("2 orang: kembalikan rencana. Tercatat.")
        await boss.reads("Tidak ada yang menunggu Anda tentang orang lain.")
    assert 0 < len(clicks) <= CLICKS_MAX, clicks
    for who in team:
        state = (await year.row(who.appraisal))["state"]
        assert state == ("plan.drafting" if who in returned else "execution.running")
    assert await said_to(year, list(returned)) == list(REASONS)


async def said_to(year: World, team: list[Played]) -> list[str]:
    """With what words each got her plan back."""
    sql = "SELECT comment FROM event WHERE appraisal_id = :id AND action = 'return_plan'"
    async with year.database.transaction() as connection:
        return [str((await connection.execute(text(sql), {"id": who.appraisal})).scalar_one()) for who in team]
