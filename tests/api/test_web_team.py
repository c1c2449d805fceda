"""A supervisor before everybody who waits on him: many decided in one post, each with a result of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text

from activities.people import move_line
from api.web.team import SHOWN_MAX
from tests.api.browsing import Browser, opened_browser
from tests.endings import JANUARY, Played, at
from tests.world import World, nowhere

PEOPLE = 120
MANY = 50
UNDER_HIM = text(
    """
    UPDATE tenure SET supervisor_id = (SELECT id FROM person WHERE nip = :supervisor)
     WHERE person_id IN (SELECT id FROM person WHERE nip = ANY(:people))
    """
)
REASON = "Target belum terukur: sebutkan angka dan satuannya."


async def waiting(year: World, count: int) -> list[Played]:
    """So many under one supervisor, whose plans wait for him."""
    at(year, JANUARY)
    first = await Played.of(year, await year.next_clerk())
    nips = [first.employee] + [await year.next_clerk() for _ in range(count - 1)]
    async with year.database.transaction() as connection:
        await connection.execute(UNDER_HIM, {"supervisor": first.supervisor, "people": nips})
        await move_line(connection)
    found = [await Played.of(year, nip) for nip in nips]
    for who in found:
        await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    return found


@pytest_asyncio.fixture
async def team(year: World) -> list[Played]:
    return await waiting(year, MANY)


@pytest_asyncio.fixture
async def browser(year: World, team: list[Played]) -> AsyncIterator[Browser]:
    async with opened_browser(year) as opened:
        await opened.sign_in(team[0].supervisor)
        yield opened


async def states(year: World, team: list[Played]) -> list[str]:
    return [str((await year.row(who.appraisal))["state"]) for who in team]


async def test_of_fifty_forty_eight_are_approved_and_two_returned_in_one_post_and_who_is_refused_keeps_her_reason(
    year: World, team: list[Played], browser: Browser
) -> None:
    """Few clicks: everybody is marked, two are changed, one button is pressed."""
    assert MANY <= SHOWN_MAX
    await browser.follow("Tim saya")
    await browser.follow("Tandai semua untuk disetujui")
    form = browser.page.form("/tim")
    assert sum(form.value(f"do-{who.appraisal}") == "approve_plan" for who in team) == MANY
    returned, changed = team[0], team[1]
    for who in (returned, changed):
        form.write(f"do-{who.appraisal}", "return_plan")
        form.write(f"why-{who.appraisal}", f"{REASON} {who.employee}")
    await year.done(changed.appraisal, "return_plan", changed.supervisor, {"comment": "Dari tab lain."})
    await year.done(changed.appraisal, "submit_plan", changed.employee)
    page = await browser.send(form, "Kirim keputusan")
    assert "48 orang: setujui rencana. Tercatat." in page.text
    assert "1 orang: kembalikan rencana. Tercatat." in page.text
    assert "1 orang belum diproses." in page.alerts[0]
    form = page.form("/tim")
    assert form.value(f"do-{changed.appraisal}") == "return_plan"
    assert form.value(f"why-{changed.appraisal}") == f"{REASON} {changed.employee}"
    assert (await states(year, [returned, changed])) == ["plan.drafting", "plan.reviewing"]
    assert set(await states(year, team[2:])) == {"execution.running"}
    page = await browser.send(form, "Kirim keputusan")
    assert "1 orang: kembalikan rencana. Tercatat." in page.text
    assert not page.alerts
    assert "Tidak ada yang menunggu Anda tentang orang lain." in page.text
    async with opened_browser(year) as hers:
        await hers.sign_in(changed.employee)
        await hers.go(f"/penilaian/{changed.appraisal}/formulir/plan")
        assert f"{REASON} {changed.employee}" in hers.page.text


async def test_what_was_written_without_a_choice_is_not_lost_nor_taken(year: World) -> None:
    one, other = await waiting(year, 2)
    async with opened_browser(year) as browser:
        await browser.sign_in(one.supervisor)
        await browser.go("/tim")
        form = browser.page.form("/tim")
        form.write(f"why-{one.appraisal}", REASON)
        form.write(f"do-{other.appraisal}", "return_plan")
        page = await browser.send(form, "Kirim keputusan")
        assert page.form("/tim").value(f"why-{one.appraisal}") == REASON
        assert "Pada 1 orang ada catatan tanpa pilihan" in page.text
        assert "Catatan wajib diisi" in page.alerts[0]
        assert page.form("/tim").value(f"do-{other.appraisal}") == "return_plan"
    assert await states(year, [one, other]) == ["plan.reviewing", "plan.reviewing"]


async def test_with_the_engine_away_nobody_is_decided_and_the_same_button_decides_each_once(year: World) -> None:
    team = await waiting(year, 2)
    async with opened_browser(year) as browser:
        await browser.sign_in(team[0].supervisor)
        await browser.go("/tim")
        form = browser.page.form("/tim")
        for who in team:
            form.write(f"do-{who.appraisal}", "return_plan")
            form.write(f"why-{who.appraisal}", REASON)
        engine, year.rooms.engine = year.rooms.engine, await nowhere()
        try:
            page = await browser.send(form, "Kirim keputusan")
        finally:
            year.rooms.engine = engine
        assert "2 orang belum diproses." in page.alerts[0]
        assert "tidak ada yang terhitung dua kali" in page.alerts[0]
        form = page.form("/tim")
        assert [form.value(f"why-{who.appraisal}") for who in team] == [REASON] * 2
        for _ in range(2):
            page = await browser.send(form, "Kirim keputusan")
            assert "2 orang: kembalikan rencana. Tercatat." in page.text
    for who in team:
        assert (await year.actions_of(who.appraisal)).count("return_plan") == 1


async def test_about_whom_somebody_else_decided_meanwhile_the_reason_can_still_be_read(year: World) -> None:
    one, _ = await waiting(year, 2)
    async with opened_browser(year) as browser:
        await browser.sign_in(one.supervisor)
        await browser.go("/tim")
        form = browser.page.form("/tim")
        form.write(f"do-{one.appraisal}", "return_plan")
        form.write(f"why-{one.appraisal}", REASON)
        name = next(words for words, where in browser.page.links if where.endswith(one.appraisal))
        await year.done(one.appraisal, "recall_plan", one.employee)
        page = await browser.send(form, "Kirim keputusan")
        assert REASON in page.alerts[0]
        assert name in page.alerts[0]
