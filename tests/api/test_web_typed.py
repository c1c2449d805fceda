"""What was typed survives: another tab, an ended sign-in, an engine or a database that is away, a button pressed twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from deploy.home import free_port
from tests.api.browsing import HERE, Browser, example_of, fill, opened_browser
from tests.api.page import Page
from tests.api.test_pages import another_database
from tests.endings import JANUARY, JULY, Played, at
from tests.world import World, nowhere

PEOPLE = 60
HERS = "Antrean loket selesai sebelum pukul 12"
OTHER = "Antrean loket selesai sebelum pukul 10"
TITLE = "/results/0/title"


@pytest_asyncio.fixture
async def who(year: World) -> Played:
    at(year, JANUARY)
    found = await Played.of(year, await year.next_clerk())
    await year.bring(found.appraisal)
    return found


@pytest_asyncio.fixture
async def browser(year: World, who: Played) -> AsyncIterator[Browser]:
    """The employee before the page of her plan."""
    async with opened_browser(year) as opened:
        await opened.sign_in(who.employee)
        await opened.go(plan_of(who))
        yield opened


def plan_of(who: Played) -> str:
    return f"/penilaian/{who.appraisal}/formulir/plan"


async def stored(year: World, who: Played, form: str = "plan") -> object:
    answer = await year.get(f"/appraisals/{who.appraisal}/forms/{form}", who.employee)
    return answer.raise_for_status().json()["data"]


async def title(year: World, who: Played) -> str:
    data = await stored(year, who)
    return str(data["results"][0]["title"])  # type: ignore[index]


async def whole(year: World, who: Played, browser: Browser) -> None:
    """A plan that may be sent, with her own words in it."""
    await fill(browser, await example_of(year, who.employee, who.appraisal, "plan"))
    browser.page.form("version").write(TITLE, HERS)


async def test_of_two_tabs_the_second_shows_both_texts_and_loses_none_until_it_is_saved_again(
    year: World, who: Played, browser: Browser
) -> None:
    second = browser.page.form("version")
    browser.page.form("version").write(TITLE, OTHER)
    await browser.press("Simpan rancangan")
    second.write(TITLE, HERS)
    page = await browser.send(second, "Simpan rancangan")
    assert page.status == 412
    assert page.form("version").value(TITLE) == HERS
    assert OTHER in page.text
    assert await title(year, who) == OTHER
    await browser.press("Simpan rancangan")
    assert await title(year, who) == HERS


async def test_after_an_ended_sign_in_every_field_is_in_the_answer_and_is_saved_once_she_is_back(
    year: World, who: Played, browser: Browser
) -> None:
    await whole(year, who, browser)
    browser.page.form("version").write("/behaviours/loyal/expectation", "Baris satu\n\nBaris tiga & <empat>")
    typed = browser.page.form("version").sent(None)
    browser.client.cookies.clear()
    page = await browser.press("Simpan rancangan")
    assert page.status == 401
    held = page.form("Saya sudah masuk, lanjutkan")
    assert held.sent(held.controls[-1]) == [*typed, ("press", "save")]
    async with opened_browser(year) as tab:
        await tab.sign_in(who.employee)
        browser.client.cookies = tab.client.cookies
    await browser.send(held, "Saya sudah masuk, lanjutkan")
    assert "Rancangan tersimpan" in browser.page.text
    assert await title(year, who) == HERS
    assert browser.page.form("version").value("/behaviours/loyal/expectation") == "Baris satu\n\nBaris tiga & <empat>"


async def test_with_the_engine_away_the_draft_is_kept_and_the_same_button_sends_it_once(
    year: World, who: Played, browser: Browser
) -> None:
    await whole(year, who, browser)
    key = browser.page.form("version").value("key")
    engine, year.rooms.engine = year.rooms.engine, await nowhere()
    try:
        page = await browser.press("Kirim rencana")
    finally:
        year.rooms.engine = engine
    assert page.status == 503
    assert "Rancangan Anda sudah tersimpan" in page.text
    assert "Idempotency-Key" not in page.text
    assert await title(year, who) == HERS
    assert page.form("version").value("key") == key
    again = page.form("version")
    for _ in range(2):
        await browser.send(again, "Kirim rencana")
        assert "Rencana dikirim: tercatat." in browser.page.text
    assert (await year.actions_of(who.appraisal)).count("submit_plan") == 1


async def test_a_button_that_is_pressed_twice_at_once_sends_once_and_says_so_both_times(
    year: World, who: Played, browser: Browser
) -> None:
    await whole(year, who, browser)
    form = browser.page.form("version")
    async with opened_browser(year) as other:
        other.client.cookies = browser.client.cookies
        pages = await asyncio.gather(browser.send(form, "Kirim rencana"), other.send(form, "Kirim rencana"))
    assert ["Rencana dikirim: tercatat." in page.text for page in pages] == [True, True], [
        page.alerts for page in pages
    ]
    assert (await year.actions_of(who.appraisal)).count("submit_plan") == 1
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    page = await browser.send(form, "Kirim rencana")
    assert "Rencana dikirim: tercatat." in page.text, "the very act, and no change of a plan that is in force now"
    assert "amend_plan" not in await year.actions_of(who.appraisal)


async def test_other_words_under_a_button_that_was_pressed_before_are_not_taken_for_sent(
    year: World, who: Played, browser: Browser
) -> None:
    await whole(year, who, browser)
    form = browser.page.form("version")
    await browser.send(form, "Kirim rencana")
    form.write(TITLE, OTHER)
    page = await browser.send(form, "Kirim rencana")
    assert page.status == 412
    assert page.form("version").value(TITLE) == OTHER
    assert HERS in page.text


async def test_with_the_database_away_every_field_is_in_the_answer_and_can_be_posted_again(
    year: World, who: Played, browser: Browser
) -> None:
    await whole(year, who, browser)
    async with another_database(year, host="127.0.0.1", port=free_port(), query={}):
        page = await browser.press("Simpan rancangan")
    assert page.status == 503
    await browser.press("Coba lagi")
    assert "Rancangan tersimpan" in browser.page.text
    assert await title(year, who) == HERS


async def test_what_comes_too_late_is_refused_with_the_text_to_copy(year: World, who: Played, browser: Browser) -> None:
    """The plan has been settled since the page was opened."""
    await whole(year, who, browser)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    at(year, JULY)
    form = browser.page.form("version")
    await browser.sign_in(who.employee)
    page = await browser.send(form, "Kirim rencana")
    assert page.status in (409, 412)
    assert HERS in page.html
    assert (await year.actions_of(who.appraisal)).count("submit_plan") == 1


async def test_who_may_write_here_no_more_reads_what_was_typed(year: World, who: Played, browser: Browser) -> None:
    await whole(year, who, browser)
    form = browser.page.form("version")
    await browser.sign_in(year.people["hr"])
    page = await browser.send(form, "Simpan rancangan")
    assert page.status == 403
    assert HERS in page.text
    await browser.sign_in(await year.next_clerk())
    stranger = await browser.send(form, "Simpan rancangan")
    assert stranger.status == 403
    assert HERS in stranger.text
    assert await title(year, who) != HERS


@pytest.fixture
async def midway(year: World, who: Played) -> Played:
    """Her plan is in force, and it is July."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    at(year, JULY)
    await year.bring(who.appraisal)
    return who


async def test_a_reason_that_was_typed_beside_a_button_is_there_again_when_the_button_is_refused(
    year: World, midway: Played
) -> None:
    await year.send(midway.appraisal, "midyear", "submit_midyear", midway.employee)
    async with opened_browser(year) as browser:
        await browser.sign_in(midway.supervisor)
        await browser.go(f"/penilaian/{midway.appraisal}")
        form = browser.page.form("/tindakan/return_midyear")
        page = await browser.send(form, "Kembalikan laporan periode")
        assert page.status == 422
        assert "memerlukan catatan" in page.beside("comment")
        assert page.link("Ke isian catatan").endswith("#return_midyear-comment")
        form = browser.page.form("/tindakan/return_midyear")
        form.write("comment", "Kemajuan belum disebut angkanya.")
        await year.done(midway.appraisal, "return_midyear", midway.supervisor, {"comment": "Sudah dari tempat lain."})
        page = await browser.send(form, "Kembalikan laporan periode")
        assert page.status in (409, 412)
        assert "Kemajuan belum disebut angkanya." in page.html


async def test_a_script_in_a_form_is_shown_as_text(year: World, who: Played, browser: Browser) -> None:
    script = '</textarea><script>alert("1")</script>'
    await whole(year, who, browser)
    browser.page.form("version").write(TITLE, script)
    browser.page.form("version").write("/behaviours/loyal/expectation", script)
    await browser.press("Simpan rancangan")
    assert browser.page.form("version").value("/behaviours/loyal/expectation") == script
    await browser.press("Kirim rencana")
    pages: list[Page] = []
    for nip in (who.employee, who.supervisor):
        await browser.sign_in(nip)
        pages += [await browser.go(plan_of(who)), await browser.go("/tim"), await browser.go("/")]
    assert any(script in page.text for page in pages)
    ours = re.compile(r'<script src="/static/\w+\.js" defer></script>')
    assert not any("<script" in ours.sub("", page.html) for page in pages)


async def test_what_the_script_saves_while_somebody_types_is_what_the_button_would_save(
    year: World, who: Played, browser: Browser
) -> None:
    """It is told the version that the next save builds on; of a draft that was saved elsewhere it is told so, and saves nothing."""
    form = browser.page.form("version")
    form.write(TITLE, HERS)
    pairs = [*form.sent(None), ("press", "save")]

    async def by_itself(typed: list[tuple[str, str]]) -> httpx.Response:
        said = {"Accept": "application/json", "Origin": HERE, "Content-Type": "application/x-www-form-urlencoded"}
        return await browser.client.post(form.action, content=urlencode(typed), headers=said)

    saved = await by_itself(pairs)
    assert (saved.status_code, list(saved.json())) == (200, ["version"])
    assert await title(year, who) == HERS
    stale = [(name, OTHER if name == TITLE else value) for name, value in pairs]
    assert (await by_itself(stale)).status_code == 412
    assert await title(year, who) == HERS
    builds = [(name, str(saved.json()["version"]) if name == "version" else value) for name, value in stale]
    assert (await by_itself(builds)).status_code == 200
    assert await title(year, who) == OTHER
    browser.client.cookies.clear()
    assert (await by_itself(builds)).status_code == 401


async def test_a_mistake_of_ours_is_told_as_a_page_with_every_field_in_it(
    year: World, who: Played, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("as a bug does")

    await whole(year, who, browser)
    with monkeypatch.context() as patched:
        patched.setattr("api.web.form.saved", fails)
        page = await browser.press("Simpan rancangan")
    assert page.status == 500
    assert HERS in page.text
    assert "bug" not in page.text


async def test_a_version_that_is_none_is_not_asked_for(year: World, who: Played, browser: Browser) -> None:
    await whole(year, who, browser)
    typed = dict(browser.page.form("version").sent(None))
    for version in ("", "-1", "x", "9" * 5000):
        page = await browser.post(plan_of(who), [*{**typed, "version": version}.items(), ("press", "save")])
        assert "Rancangan tersimpan" in page.text
