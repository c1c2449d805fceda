"""HR's pages of a cycle: every number opens the people behind it, and what needs a person is told with what helps."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities import enrolment
from api import words
from api.web.desk import PARTS
from api.worklist_kinds import OFFERED
from models.vocabulary import Launch
from tests.api.browsing import Browser, opened_browser
from tests.api.page import Page
from tests.api.test_cycles import cycle_of, move
from tests.endings import JANUARY, Played, at, cancelled, to_result
from tests.world import YEAR, World

PEOPLE = 60


@pytest_asyncio.fixture
async def browser(year: World) -> AsyncIterator[Browser]:
    async with opened_browser(year) as opened:
        yield opened


async def whole(browser: Browser, path: str) -> list[str]:
    """The names of a list, over all its pages."""
    found, page = [], await browser.go(path)
    while True:
        found += re.findall(r'<li class="[^"]*">\s*<(?:a href="/penilaian/[^"]*"|strong)>([^<]*)<', page.html)
        following = re.search(r'rel="next" href="([^"]*)"', page.html)
        if following is None:
            return found
        page = await browser.go(following[1].replace("&amp;", "&"))


def numbers(page: Page) -> dict[str, int]:
    """Each part of the bar with its people, by the address of its list."""
    shown = re.findall(r'<a href="(/siklus/[^"]*/orang[^"]*)">[^<]*</a></dt><dd>(\d+)</dd>', page.html)
    return {path: int(people) for path, people in shown}


@pytest.mark.capability("G09")
async def test_every_number_of_the_bar_opens_as_many_people(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    done, late, gone = [await Played.of(year, await year.next_clerk()) for _ in range(3)]
    await to_result(year, done)
    await year.done(done.appraisal, "accept_result", done.employee)
    await cancelled(year, gone)
    row = await year.row(late.appraisal)
    await year.pass_to(late.appraisal, row["due_at"] + timedelta(hours=1))  # type: ignore[operator]
    cycle = str((await cycle_of(year))["id"])
    await browser.sign_in(year.people["hr"])
    found = numbers(await browser.go(f"/siklus/{cycle}"))
    assert len(found) >= 4
    for path, people in found.items():
        names = await whole(browser, path)
        assert len(names) == people, path
    everybody = f"/siklus/{cycle}/orang"
    assert sum(found.values()) == 2 * found[everybody]


async def test_the_steps_of_the_year_add_up_to_who_is_on_the_way(year: World, browser: Browser) -> None:
    cycle = str((await cycle_of(year))["id"])
    await browser.sign_in(year.people["hr"])
    page = await browser.go(f"/siklus/{cycle}")
    steps = re.findall(
        r'<a href="(/siklus/[^"]*\?tahap=[^"]*)">.*?<td class="number"[^>]*>(\d+)</td>', page.html, re.DOTALL
    )
    assert steps
    for path, people in steps:
        assert len(await whole(browser, path)) >= int(people)
    going = sum(people for path, people in numbers(page).items() if "going" in path or "overdue" in path)
    assert sum(int(people) for _, people in steps) == going


async def test_what_needs_a_person_is_told_with_what_may_help(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.done(who.appraisal, "suspend", "hr", {"reason": "Pemeriksaan"})
    await browser.sign_in(year.people["hr"])
    page = await browser.go(f"/siklus/{(await cycle_of(year))['id']}/kerja")
    assert who.appraisal in page.html
    assert "Yang dapat membantu" in page.text


async def test_the_calendar_is_moved_after_its_effect_was_seen(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    await browser.sign_in(year.people["hr"])
    cycle = await cycle_of(year)
    await browser.go(f"/siklus/{cycle['id']}/kalender")
    assert "Terapkan" not in browser.page.buttons(), "nothing is applied unseen"
    form = browser.page.form("reason")
    later = f"{YEAR}-02-10"
    form.write("plan/due_at", later)
    form.write("reason", "Banjir di tiga kecamatan.")
    page = await browser.send(form, "Lihat akibatnya")
    assert "Akibatnya bila diterapkan" in page.text
    assert (await cycle_of(year))["calendar"] == cycle["calendar"], "what is seen is not done"
    form = page.form("reason")
    form.write("plan/due_at", f"{YEAR}-02-11")
    page = await browser.send(form, "Terapkan")
    assert "Akibatnya bila diterapkan" in page.text, "another day than was looked at is looked at first"
    form = page.form("reason")
    form.write("plan/due_at", later)
    await browser.send(form, "Lihat akibatnya")
    page = await browser.press("Terapkan")
    assert "Jadwal diubah" in page.text
    after = (await cycle_of(year))["calendar"]
    assert after["plan"]["due_at"] == later
    assert [key for key, window in after.items() if window != cycle["calendar"][key]] == ["plan"]


@pytest.mark.parametrize(
    ("end", "day", "why", "sentence"),
    [
        ("plan/due_at", f"{YEAR}-12-30", "Banjir.", "Jadwal dibuka, jatuh tempo, lalu ditutup"),
        ("plan/closes_at", f"{YEAR - 1}-02-01", "Banjir.", "di luar masa siklus"),
        ("plan/due_at", f"{YEAR}-02-20", "", "Paling sedikit 1 karakter"),
    ],
)
async def test_a_calendar_that_could_not_be_kept_is_refused_with_its_place_and_what_was_typed(
    year: World, browser: Browser, end: str, day: str, why: str, sentence: str
) -> None:
    at(year, JANUARY)
    await browser.sign_in(year.people["hr"])
    before = await cycle_of(year)
    await browser.go(f"/siklus/{before['id']}/kalender")
    form = browser.page.form("reason")
    form.write(end, day)
    form.write("reason", why)
    page = await browser.send(form, "Lihat akibatnya")
    assert page.status == 422
    assert sentence in page.text
    assert page.form("reason").value(end) == day
    assert (await cycle_of(year))["calendar"] == before["calendar"]


@dataclass(frozen=True)
class Office:
    """A unit with people, and the one above it."""

    code: str
    above: str
    appraisal: str


async def office(year: World) -> Office:
    who = await Played.of(year, await year.next_clerk())
    code = (await year.get(f"/people/{who.employee}", "hr")).json()["unit_code"]
    async with year.database.transaction() as connection:
        above = text("SELECT p.code FROM unit u JOIN unit p ON p.id = u.parent_id WHERE u.code = :code")
        return Office(code, str((await connection.execute(above, {"code": code})).scalar_one()), who.appraisal)


async def moved(year: World, unit: str | None, key: str, **ends: str) -> None:
    """HR moves it elsewhere than on the page."""
    answer = await move(year, await cycle_of(year), {"unit": unit, "windows": {key: ends}})
    assert answer.status_code == 200, answer.text


async def apply(browser: Browser, path: str, **days: str) -> Page:
    """Write these days into the calendar that is shown there, look, and apply."""
    form = (await browser.go(path)).form("reason")
    for name, value in {**days, "reason": "Banjir."}.items():
        form.write(name, value)
    await browser.send(form, "Lihat akibatnya")
    return await browser.press("Terapkan")


async def test_a_unit_keeps_the_days_of_its_own_that_nobody_touched(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    await browser.sign_in(year.people["hr"])
    its, path = await office(year), f"/siklus/{(await cycle_of(year))['id']}/kalender"
    await moved(year, its.code, "plan", due_at=f"{YEAR}-03-01")
    due = (await year.row(its.appraisal))["due_at"]
    page = await browser.go(f"{path}?unit={its.code}")
    assert page.form("reason").value("plan/due_at") == f"{YEAR}-03-01", "what holds in it is shown"
    await apply(browser, f"{path}?unit={its.code}", **{"rating/due_at": f"{YEAR + 1}-01-14"})
    assert (await year.row(its.appraisal))["due_at"] == due
    own = (await cycle_of(year))["unit_calendars"][its.code]
    assert (own["plan"]["due_at"], own["rating"]["due_at"]) == (f"{YEAR}-03-01", f"{YEAR + 1}-01-14")


async def test_a_unit_gets_the_day_of_everybody_though_the_one_above_it_has_another(
    year: World, browser: Browser
) -> None:
    at(year, JANUARY)
    await browser.sign_in(year.people["hr"])
    its, cycle = await office(year), await cycle_of(year)
    everybodys = cycle["calendar"]["plan"]["due_at"]
    await moved(year, its.above, "plan", due_at=f"{YEAR}-03-01")
    page = await apply(browser, f"/siklus/{cycle['id']}/kalender?unit={its.code}", **{"plan/due_at": everybodys})
    assert page.form("reason").value("plan/due_at") == everybodys, "the page of that unit is shown again"
    assert (await cycle_of(year))["unit_calendars"][its.code]["plan"]["due_at"] == everybodys


async def test_a_day_that_is_cleared_in_a_unit_is_that_of_the_one_above(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    await browser.sign_in(year.people["hr"])
    its, cycle = await office(year), await cycle_of(year)
    await moved(year, its.code, "plan", due_at=f"{YEAR}-03-01")
    path = f"/siklus/{cycle['id']}/kalender?unit={its.code}"
    page = await apply(browser, path, **{"plan/due_at": ""})
    assert page.form("reason").value("plan/due_at") == cycle["calendar"]["plan"]["due_at"]
    assert its.code not in (await cycle_of(year))["unit_calendars"]


async def test_who_was_overtaken_goes_on_and_takes_nothing_back(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    await browser.sign_in(year.people["hr"])
    cycle = await cycle_of(year)
    form = (await browser.go(f"/siklus/{cycle['id']}/kalender")).form("reason")
    form.write("rating/due_at", f"{YEAR + 1}-01-14")
    form.write("reason", "Lebih lama.")
    await moved(year, None, "plan", due_at=f"{YEAR}-02-10")
    page = await browser.send(form, "Lihat akibatnya")
    assert page.status == 412
    assert page.form("reason").value("rating/due_at") == f"{YEAR + 1}-01-14", "what was typed stays"
    assert page.form("reason").value("plan/due_at") == f"{YEAR}-02-10", "what another moved is shown"
    await browser.press("Lihat akibatnya")
    assert "Penilaian atasan, jatuh tempo" in browser.page.text, "each day that changes is named"
    await browser.press("Terapkan")
    after = (await cycle_of(year))["calendar"]
    assert after["plan"]["due_at"] == f"{YEAR}-02-10"
    assert after["rating"]["due_at"] == f"{YEAR + 1}-01-14"


async def test_the_calendar_of_a_unit_that_does_not_exist_is_not_shown(year: World, browser: Browser) -> None:
    await browser.sign_in(year.people["hr"])
    page = await browser.go(f"/siklus/{(await cycle_of(year))['id']}/kalender?unit=TIDAK-ADA")
    assert page.status == 422
    assert "Yang berlaku untuk semua orang" in page.text


async def test_only_who_oversees_the_agency_sees_its_cycle(year: World, browser: Browser) -> None:
    cycle = str((await cycle_of(year))["id"])
    await browser.sign_in(year.people["employee"])
    for path in ("", "/orang", "/kerja", "/kalender"):
        assert (await browser.go(f"/siklus/{cycle}{path}")).status == 403
    await browser.sign_in(year.people["auditor"])
    assert (await browser.go(f"/siklus/{cycle}/orang")).status == 200
    assert (await browser.go(f"/siklus/{cycle}/kerja")).status == 403


def test_every_part_reason_and_help_has_a_word() -> None:
    reasons = {enrolment.NO_SUPERVISOR, enrolment.IN_ANOTHER_CYCLE, enrolment.CYCLE_CLOSED, enrolment.CYCLE_CANCELLED}
    assert reasons <= set(words.LEFT_OUT)
    assert set(Launch) - {Launch.LAUNCHED} == set(words.LAUNCHES)
    assert all(words.helping(action) != action for action in OFFERED)
    assert {key for key, _, _ in PARTS} > set(words.LAUNCHES)
