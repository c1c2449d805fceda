"""HR's way into a cycle by the pages: the check with what to do, the button, and an opening whose numbers sum."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.cycle_check import SENTENCES
from api.web.opening import plainly
from tests.api.browsing import Browser, opened_browser
from tests.api.page import Page
from tests.api.test_launch_check import under, without
from tests.world import YEAR, World, nowhere

PEOPLE = 40
FAIL = text(
    """
    UPDATE appraisal SET launch = 'failed', launch_problem = 'failed_precondition' WHERE id = (
           SELECT a.id FROM appraisal a WHERE a.cycle_id = :cycle AND a.launch = 'pending' ORDER BY a.id LIMIT 1)
    RETURNING id
    """
)


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    world.now = datetime(YEAR, 1, 4, 3, tzinfo=UTC)
    async with opened_browser(world) as opened:
        await opened.sign_in(world.people["hr"])
        yield opened


@pytest_asyncio.fixture
async def draft(world: World) -> str:
    """A draft of a year of its own for one unit, so that nobody is in two."""
    world.now = datetime(YEAR, 1, 4, 3, tzinfo=UTC)
    made = await world.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "SKP"})
    return str(made.raise_for_status().json()["id"])


def parts(page: Page) -> dict[str, int]:
    """The numbers of an opening, by their names."""
    shown = re.findall(r"<dt>(?:<i[^>]*></i>)?(?:<a[^>]*>)?([^<]*)(?:</a>)?</dt><dd>(\d+)</dd>", page.html)
    names = ("Sudah dimulai", "Menunggu giliran", "Gagal dimulai", "Dikecualikan", "Seluruh daftar pegawai")
    return {name: int(people) for name, people in shown if name in names}


async def opened(browser: Browser, cycle: str, done: str = "Selesai:") -> Page:
    """The page of the opening, once it says that."""
    for _ in range(400):
        page = await browser.go(f"/siklus/{cycle}/pembukaan")
        if done in page.text:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError(browser.page.text)


async def test_the_check_tells_of_each_finding_whom_it_is_about_and_what_to_do(
    world: World, browser: Browser, draft: str
) -> None:
    employee, supervisor = world.people["employee"], world.people["supervisor"]
    async with under(world, supervisor, employee), without(world, "hr", but=world.people["hr"]):
        page = await browser.go(f"/siklus/{draft}/periksa")
        assert SENTENCES["loop_in_line"].id in page.text
        assert SENTENCES["only_one_hr"].id in page.text
        assert page.text.count("Yang dapat dilakukan:") >= 2
        assert {f"http://siklus/pegawai/{nip}" for nip in (employee, supervisor)} <= {to for _, to in page.links}
        assert not [said for said in page.buttons() if said.startswith("Buka siklus")], "a loop keeps it shut"
        assert "dapat dibuka setelah yang menghalangi dibenahi" in page.text


async def test_a_cycle_that_got_a_blocker_meanwhile_is_not_opened_and_says_why(
    world: World, browser: Browser, draft: str
) -> None:
    page = await browser.go(f"/siklus/{draft}/periksa")
    (button,) = [said for said in page.buttons() if said.startswith("Buka siklus")]
    async with under(world, world.people["supervisor"], world.people["employee"]):
        page = await browser.press(button)
        assert page.status == 409
        assert "Siklus belum dibuka." in page.text
        assert SENTENCES["loop_in_line"].id in page.text


async def test_the_check_tells_how_many_notices_a_day_brings(browser: Browser, draft: str) -> None:
    page = await browser.go(f"/siklus/{draft}/periksa")
    days = re.findall(r'<th scope="row">(\d+ \w+ \d{4})<svg.*?<td class="number">(\d+)</td>', page.html)
    assert days
    assert all(int(count) > 0 for _, count in days)


def test_what_the_check_says_of_windows_and_days_is_said_as_the_pages_do() -> None:
    said = plainly("Tenggat jatuh pada hari libur: plan due 2027-01-31, midyear.1 closes_at 2027-07-31.")
    assert said == (
        "Tenggat jatuh pada hari libur: Rencana kinerja (SKP), jatuh tempo 31 Januari 2027, "
        "Evaluasi periode 1, ditutup 31 Juli 2027."
    )


async def test_an_opening_shows_numbers_that_sum_its_failures_with_reasons_and_tries_them_again(
    world: World, browser: Browser, draft: str
) -> None:
    engine, world.rooms.engine = world.rooms.engine, await nowhere()
    await browser.go(f"/siklus/{draft}/periksa")
    (button,) = [said for said in browser.page.buttons() if said.startswith("Buka siklus")]
    page = await browser.press(button)
    assert page.status == 503
    assert "Pembukaan sudah tercatat, tetapi belum mulai." in page.text
    roster = parts(page)["Seluruh daftar pegawai"]
    assert roster == sum(parts(page).values()) - roster > 0
    async with world.database.transaction() as connection:
        failed = (await connection.execute(FAIL, {"cycle": draft})).scalar_one()
    page = await browser.go(f"/siklus/{draft}/pembukaan")
    assert parts(page)["Gagal dimulai"] == 1
    assert sum(parts(page).values()) == 2 * roster
    name = await browser.client.get(f"/siklus/{draft}/orang?bagian=failed")
    assert "failed_precondition" in page.html
    assert name.status_code == 200
    world.rooms.engine = engine
    # An opening that had not begun begins; once it has ended, whoever failed is tried again.
    await browser.press("Coba lagi yang gagal (1 orang)")
    await opened(browser, draft, "1 gagal dan dapat dicoba lagi")
    await browser.press("Coba lagi yang gagal (1 orang)")
    page = await opened(browser, draft)
    assert "Tidak ada yang gagal." in page.text
    assert sum(parts(page).values()) == 2 * roster
    assert (await world.row(str(failed)))["launch"] == "launched"


async def test_a_cycle_that_runs_says_so_on_its_check_and_offers_no_second_opening(
    browser: Browser, draft: str, world: World
) -> None:
    async with world.database.transaction() as connection:
        running = (await connection.execute(text("SELECT id FROM cycle WHERE state = 'open'"))).scalar_one()
    page = await browser.go(f"/siklus/{running}/periksa")
    assert "Siklus ini sudah dibuka." in page.text
    assert not [said for said in page.buttons() if said.startswith("Buka siklus")]
    page = await browser.go(f"/siklus/{draft}/pembukaan")
    assert "Siklus ini belum dibuka." in page.text


@pytest.mark.parametrize(("who", "check", "opening"), [("employee", 403, 403), ("auditor", 403, 200)])
async def test_only_hr_checks_and_opens_and_who_oversees_the_agency_looks_on(
    world: World, browser: Browser, draft: str, who: str, check: int, opening: int
) -> None:
    await browser.sign_in(world.people[who])
    assert (await browser.go(f"/siklus/{draft}/periksa")).status == check
    assert (await browser.go(f"/siklus/{draft}/pembukaan")).status == opening
    assert (await browser.post(f"/siklus/{draft}/buka", [("key", "k")])).status == 403
