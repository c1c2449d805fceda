"""What the script of a form does: typed words are kept while somebody types, and lost by nothing that happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.api.browsing import example_of
from tests.browser.person import WAIT_MS, Person, Room
from tests.endings import JANUARY, Played, at
from tests.world import World, nowhere

PEOPLE = 24
TITLE = "/results/0/title"
HERS = "Antrean loket selesai sebelum pukul 12"
OTHER = "Antrean loket selesai sebelum pukul 10"


@pytest_asyncio.fixture
async def who(room: Room) -> Played:
    at(room.world, JANUARY)
    found = await Played.of(room.world, await room.world.next_clerk())
    await room.world.bring(found.appraisal)
    return found


@pytest_asyncio.fixture
async def person(room: Room, who: Played) -> AsyncIterator[Person]:
    """The employee before the page of her plan."""
    async with room.person() as opened:
        await opened.enter(who.employee)
        await opened.go(plan_of(who))
        yield opened


def plan_of(who: Played) -> str:
    return f"/penilaian/{who.appraisal}/formulir/plan"


async def title(year: World, who: Played) -> str:
    """As it is stored."""
    answer = await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)
    return str(answer.raise_for_status().json()["data"].get("results", [{}])[0].get("title", ""))


async def stored(year: World, who: Played) -> None:
    """Wait until her words are, where no page is left to say so."""
    for _ in range(200):
        if await title(year, who) == HERS:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"stored is {await title(year, who)!r}")


async def says(person: Person, words: str) -> None:
    """The line of the form that says how it stands with what is typed."""
    await expect(person.page.locator("[data-saving]")).to_contain_text(words, timeout=WAIT_MS)


async def types(person: Person, words: str) -> None:
    await person.page.click(f'[name="{TITLE}"]', click_count=3)
    await person.page.keyboard.type(words)


async def test_what_is_typed_is_saved_without_a_button(room: Room, who: Played, person: Person) -> None:
    await types(person, HERS)
    await says(person, "Belum tersimpan")
    await says(person, "Tersimpan otomatis")
    assert await title(room.world, who) == HERS
    await types(person, OTHER)
    await says(person, "Tersimpan otomatis")
    await person.press("Simpan rancangan")
    await person.reads("Rancangan tersimpan.")
    assert await title(room.world, who) == OTHER, "each save builds on the one before"
    assert not person.complaints


async def test_of_two_tabs_the_second_shows_both_versions_and_loses_none(
    room: Room, who: Played, person: Person
) -> None:
    second = await room.window(person.context)
    await second.go(plan_of(who))
    await types(person, OTHER)
    await says(person, "Tersimpan otomatis")
    await types(second, HERS)
    await says(second, "disimpan di tempat lain")
    assert await title(room.world, who) == OTHER, "nothing is written over by itself"
    await second.press("Simpan rancangan")
    assert await second.input(TITLE).input_value() == HERS
    assert OTHER in await second.page.inner_text("#tersimpan")
    await second.press("Simpan rancangan")
    assert await title(room.world, who) == HERS


async def test_a_sign_in_that_ends_while_she_types_takes_nothing_with_it(
    room: Room, who: Played, person: Person
) -> None:
    await person.context.clear_cookies()
    await types(person, HERS)
    await says(person, "sesi Anda berakhir")
    await person.press("Simpan rancangan")
    await person.reads("Sesi Anda berakhir")
    async with person.context.expect_page() as opened:
        await person.page.get_by_role("link", name="Masuk di tab baru").click()
    tab = await opened.value
    await tab.fill("#nip", who.employee)
    await tab.get_by_role("button", name="Masuk", exact=True).last.click()
    await tab.wait_for_url("**/")
    await person.press("Saya sudah masuk, lanjutkan")
    await person.reads("Rancangan tersimpan.")
    assert await person.input(TITLE).input_value() == HERS
    assert await title(room.world, who) == HERS


async def test_with_the_engine_away_her_words_are_kept_and_the_same_button_sends_them_once(
    room: Room, who: Played, person: Person
) -> None:
    await person.write(await example_of(room.world, who.employee, who.appraisal, "plan"))
    await types(person, HERS)
    engine, room.world.rooms.engine = room.world.rooms.engine, await nowhere()
    try:
        await says(person, "Tersimpan otomatis")
        await person.press("Kirim rencana")
    finally:
        room.world.rooms.engine = engine
    await person.reads("Rancangan Anda sudah tersimpan, tetapi belum pasti terkirim.")
    assert await person.input(TITLE).input_value() == HERS
    await person.press("Kirim rencana")
    await person.reads("Rencana dikirim: tercatat.")
    assert (await room.world.actions_of(who.appraisal)).count("submit_plan") == 1


async def test_without_a_connection_her_words_wait_in_the_page_and_are_saved_once_there_is_one(
    room: Room, who: Played, person: Person
) -> None:
    await person.context.set_offline(True)
    await types(person, HERS)
    await says(person, "tidak ada sambungan")
    await person.context.set_offline(False)
    await says(person, "Tersimpan otomatis")
    assert await title(room.world, who) == HERS


async def test_a_page_that_is_closed_before_it_saved_and_opened_again_holds_what_was_typed(
    room: Room, who: Played, person: Person
) -> None:
    await types(person, HERS)
    person.page.on("dialog", lambda asked: asked.accept())
    async with person.page.expect_event("close"):
        await person.page.close(run_before_unload=True)
    await stored(room.world, who)
    again = await room.window(person.context)
    await again.go(plan_of(who))
    assert await again.input(TITLE).input_value() == HERS


async def test_a_laptop_that_is_closed_without_a_connection_and_opened_with_one_saves_what_was_typed(
    room: Room, who: Played, person: Person
) -> None:
    lid = await person.context.new_cdp_session(person.page)
    await person.context.set_offline(True)
    await types(person, HERS)
    await lid.send("Page.setWebLifecycleState", {"state": "frozen"})
    assert await title(room.world, who) == ""
    await person.context.set_offline(False)
    await lid.send("Page.setWebLifecycleState", {"state": "active"})
    await says(person, "Tersimpan otomatis")
    assert await person.input(TITLE).input_value() == HERS
    assert await title(room.world, who) == HERS
