"""The pages in English beside Indonesian: chosen by a link that needs no script, for one browser, and back to the page that she was on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from api.web.catalog import kept
from api.web.language import COOKIE
from tests.api.browsing import Browser, example_of, fill, opened_browser, read
from tests.api.mid_year import stand_at
from tests.api.page import HERE, Page
from tests.api.test_regional_years import planned, region
from tests.endings import JANUARY, Played, at
from tests.world import World

PEOPLE = 60
INDONESIAN = {one.id: one.string for one in kept("en") if isinstance(one.id, str) and one.id and one.id != one.string}
kepahiang = region("kepahiang-bobot")


@pytest_asyncio.fixture
async def who(year: World) -> Played:
    at(year, JANUARY)
    found = await Played.of(year, await year.next_clerk())
    await year.bring(found.appraisal)
    return found


@pytest_asyncio.fixture
async def browser(year: World, who: Played) -> AsyncIterator[Browser]:
    async with opened_browser(year) as opened:
        await opened.sign_in(who.employee)
        yield opened


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(" ".join(data.split()).rstrip(":"))


def left_indonesian(page: Page) -> list[str]:
    """What stands on a page as the catalog has it before it is translated."""
    reader = _Texts()
    reader.feed(page.html)
    return [one for one in reader.found if one in INDONESIAN]


def path_of(page: Page) -> str:
    found = urlsplit(page.url)
    return f"{found.path}?{found.query}" if found.query else found.path


async def test_a_page_is_indonesian_until_english_is_chosen_by_a_link_that_leads_back_to_it(
    who: Played, browser: Browser
) -> None:
    browser.client.headers["Accept-Language"] = "en-GB,en;q=0.9"
    where = f"/penilaian/{who.appraisal}"
    page = await browser.go(where)
    assert '<html lang="id">' in page.html
    assert "Menyusun rencana kinerja (SKP)" in page.text
    assert "paling lambat 31 Januari 2027, " in page.text
    assert left_indonesian(page), "what is looked for below is found here"
    page = await browser.follow("English")
    assert path_of(page) == where
    assert '<html lang="en">' in page.html
    assert "Writing the performance plan (SKP)" in page.text
    assert "due 31 January 2027, " in page.text
    assert left_indonesian(page) == []
    page = await browser.go("/")
    assert "Waiting for you" in page.text
    assert left_indonesian(page) == []
    page = await browser.follow("Bahasa Indonesia")
    assert (path_of(page), '<html lang="id">' in page.html) == ("/", True)


@pytest.mark.parametrize("place", ["drafted", "returned", "appealed"])
async def test_whoever_works_in_english_finds_nothing_said_in_indonesian(year: World, place: str) -> None:
    """The employee, her supervisor, HR and the auditor, each on her pages and on what these lead to."""
    who = await stand_at(year, place)
    mine, cycle = f"/penilaian/{who.appraisal}", f"/siklus/{(await year.row(who.appraisal))['cycle_id']}"
    rounds = {
        who.employee: ["/", "/tim", mine, f"{mine}/kriteria"],
        who.supervisor: ["/", "/tim", mine],
        year.people["hr"]: ["/", cycle, f"{cycle}/orang", f"{cycle}/kalender", f"{cycle}/kerja", mine],
        year.people["auditor"]: ["/", mine],
    }
    async with opened_browser(year) as browser:
        await browser.go("/masuk")
        page = await browser.follow("English")
        assert left_indonesian(page) == []
        assert "Sign in" in page.buttons()
        for nip, paths in rounds.items():
            await browser.post("/masuk", [("nip", nip)])
            seen: set[str] = set()
            while waiting := [one for one in paths if one not in seen]:
                for path in waiting:
                    page = await browser.go(path)
                    assert (page.status, left_indonesian(page)) == (200, []), path
                    seen.add(path)
                    leads = {
                        urlsplit(where)._replace(scheme="", netloc="", fragment="").geturl() for _, where in page.links
                    }
                    paths = sorted(
                        {
                            *paths,
                            *(
                                one
                                for one in leads
                                if one.startswith(f"{mine}/") and not one.endswith((".json", ".pdf"))
                            ),
                        }
                    )
            assert seen, nip


async def test_a_refusal_a_problem_of_a_field_and_the_words_of_a_pack_are_in_the_language_of_the_page(
    who: Played, browser: Browser
) -> None:
    await browser.follow("English")
    page = await browser.go(f"/penilaian/{who.appraisal}/formulir/plan")
    assert "Planned results 1" in page.text
    page = await browser.press("Send the plan")
    assert page.status == 422
    assert "Planned result: " in page.text or any("required" in one or "has to be" in one for one in page.alerts)
    assert left_indonesian(page) == []


async def test_after_what_was_posted_the_link_leads_to_the_closest_page(who: Played, browser: Browser) -> None:
    page = await browser.post(f"/penilaian/{who.appraisal}/tindakan/cancel", [("reason", "-"), ("key", "k" * 10)])
    assert page.status == 403
    page = await browser.follow("English")
    assert path_of(page) == f"/penilaian/{who.appraisal}"


@pytest.mark.parametrize(
    "where",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "", "/x"],
)
async def test_the_link_leads_to_no_other_site(browser: Browser, where: str) -> None:
    answer = await browser.client.get("/bahasa/en", params={"kembali": where})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_language_that_there_is_none_of_is_not_found_and_one_in_a_cookie_is_indonesian(
    year: World, browser: Browser
) -> None:
    assert (await browser.client.get("/bahasa/xx")).status_code == 404
    async with opened_browser(year) as other:
        other.client.headers["Cookie"] = f"{COOKIE}=../../xx"
        assert '<html lang="id">' in (await other.go("/masuk")).html


async def test_each_of_many_at_once_is_answered_in_her_own_language(browser: Browser) -> None:
    async def page(language: str) -> str:
        async with httpx.AsyncClient(transport=browser.client._transport, base_url=HERE) as client:
            cookies = {**browser.client.cookies, COOKIE: language}
            client.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
            return read(await client.get("/")).html

    asked = ["id", "en"] * 20
    for language, html in zip(asked, await asyncio.gather(*(page(one) for one in asked)), strict=True):
        assert f'<html lang="{language}">' in html
        assert ("Menunggu Anda" in html, "Waiting for you" in html) == (language == "id", language == "en")


async def test_a_number_is_read_as_the_page_wrote_numbers_whatever_language_was_chosen_meanwhile(
    kepahiang: World,
) -> None:
    who = await planned(kepahiang, {})
    async with opened_browser(kepahiang) as browser:
        await browser.sign_in(who.supervisor)
        where = f"/penilaian/{who.appraisal}/formulir/rating"
        await browser.go(where)
        await fill(browser, await example_of(kepahiang, who.supervisor, who.appraisal, "rating"))
        (name, *_) = [one.name for one in browser.page.form("version").controls if one.name.endswith("/score")]
        browser.page.form("version").write(name, "1,5")
        indonesian = browser.page.form("version")
        await browser.client.get("/bahasa/en")
        page = await browser.send(indonesian, "Simpan rancangan")
        assert page.form("version").value(name) == "1.5"
        assert await stored(kepahiang, who, name) == 1.5
        page.form("version").write(name, "82.25")
        page = await browser.press("Save draft")
        assert await stored(kepahiang, who, name) == 82.25
        await browser.client.get("/bahasa/id")
        page = await browser.go(where)
        assert page.form("version").value(name) == "82,25"


async def stored(world: World, who: Played, name: str) -> object:
    found: Any = (await world.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor)).json()["data"]
    for step in name.strip("/").split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


async def test_an_address_longer_than_any_of_ours_leads_nowhere(browser: Browser) -> None:
    refused = await browser.client.get("/bahasa/en", params={"kembali": "/tim" * 501})
    assert refused.status_code == 422
    assert COOKIE not in browser.client.cookies
