"""Pictures on pages: each has its title, its words and its numbers in a table behind, which add up to what the page says elsewhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest_asyncio

from tests.api.browsing import Browser, opened_browser
from tests.api.page import Page
from tests.api.test_cycles import cycle_of
from tests.api.test_web_cycle import numbers
from tests.endings import JANUARY, JULY, Played, at, cancelled, to_result, until_december
from tests.world import YEAR, World

PEOPLE = 40


@pytest_asyncio.fixture
async def browser(year: World) -> AsyncIterator[Browser]:
    async with opened_browser(year) as opened:
        yield opened


def table(page: Page, name: str) -> list[list[str]]:
    """The rows of the table behind a picture: their first cell, then the others."""
    (inside,) = re.findall(rf"<summary>{re.escape(name)}</summary>.*?</details>", page.html, re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)]
        for line in re.findall(r"<tr>(.*?)</tr>", inside, re.DOTALL)
    ][1:]


def named_by(page: Page) -> None:
    """Every picture has a title and a description that are there."""
    pictures = re.findall(r'<svg[^>]*aria-labelledby="([^"]*)"', page.html)
    assert pictures
    for both in pictures:
        title, described = both.split()
        assert page.ids[title]
        assert page.ids[described]


def inside(page: Page) -> None:
    """Nothing of a picture lies outside it."""
    for attributes in re.findall(r"<(?:rect|circle)([^>]*)>", page.html):
        at, width = (re.search(rf' {name}="([\d.]+)%"', attributes) for name in ("c?x", "width"))
        start, wide = (float(found[1]) if found else 0.0 for found in (at, width))
        assert 0 <= start <= start + wide <= 100.001, attributes


async def test_the_funnel_and_the_waiting_times_add_up_to_who_is_on_the_way(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    done, midway, gone = [await Played.of(year, await year.next_clerk()) for _ in range(3)]
    await to_result(year, done)
    await year.done(done.appraisal, "accept_result", done.employee)
    await until_december(year, midway)
    await cancelled(year, gone)
    at(year, JULY)
    cycle = str((await cycle_of(year))["id"])
    await browser.sign_in(year.people["hr"])
    page = await browser.go(f"/siklus/{cycle}")
    named_by(page)
    inside(page)
    bar = {path.partition("=")[2]: people for path, people in numbers(page).items()}
    rows = table(page, "Angka di balik gambar: orang per tahap")
    assert [row[0] for row in rows][:2] == ["Rencana kinerja (SKP)", "Evaluasi periode 1"]
    outside = ("without_result", "excluded", "pending", "failed")
    assert int(rows[0][1]) == bar[""] - sum(bar.get(part, 0) for part in outside)
    assert sum(int(row[2]) for row in rows) == int(rows[0][1])
    assert rows[-1][:2] == ["Selesai dengan hasil", str(bar.get("on_time", 0) + bar.get("late", 0))]
    for before, after in pairwise(rows):
        assert int(before[3]) == int(after[1])
    waits = table(page, "Angka di balik gambar: lama menunggu")
    for row in waits:
        assert sum(map(int, row[1:-1])) == int(row[-1])
    steps = re.findall(r'\?tahap=([^"]*)">([^<]*)</a>.*?<td class="number"[^>]*>(\d+)</td>', page.html, re.DOTALL)
    waited = {name: people for state, name, people in steps if state != "execution.running"}
    assert {row[0]: row[-1] for row in waits} == waited


async def test_the_year_is_drawn_with_today_and_the_names_of_whose_each_stage_is(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await browser.sign_in(who.employee)
    page = await browser.go(f"/penilaian/{who.appraisal}")
    named_by(page)
    inside(page)
    assert "Hari ini, 5 Jan" in page.text
    seen = await year.seen(who.appraisal)
    rows = table(page, "Angka di balik gambar: tanggal dan nama")
    assert len(rows) == len(seen["route"])  # type: ignore[arg-type]
    employee, supervisor = (str(seen[name]["name"]) for name in ("employee", "supervisor"))  # type: ignore[index]
    assert rows[0][1] == "Sedang berjalan"
    assert rows[0][-1] == f"{employee}, lalu {supervisor}"
    assert f"Garis waktu tahun {YEAR}" in page.text
    row = await year.row(who.appraisal)
    year.now = row["due_at"] + timedelta(days=800)  # type: ignore[operator]
    assert "Hari ini," not in (await browser.go(f"/penilaian/{who.appraisal}")).text


async def test_a_cycle_that_is_not_opened_says_so_instead_of_a_picture(year: World, browser: Browser) -> None:
    made = await year.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "Tahun depan"})
    await browser.sign_in(year.people["hr"])
    page = await browser.go(f"/siklus/{made.json()['id']}")
    assert "belum ada yang dapat digambar" in page.text
    assert "Tidak ada formulir yang menunggu seseorang." in page.text
