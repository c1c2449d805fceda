"""The distribution on its page against the pattern, the label of a unit with what the pack asks for, and questions about ratings."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.api.browsing import Browser, opened_browser
from tests.api.test_labels import given, trail
from tests.api.test_web_pictures import inside, named_by
from tests.workflow.test_labels import Office
from tests.world import World, opened_cycle

PEOPLE = 60
WHY = "Capaian perjanjian kinerja."
LONG = text(
    "INSERT INTO unit (id, code, name, parent_id) SELECT 'panjang', :code, 'Unit Panjang', id FROM unit WHERE parent_id IS NULL"
)


@dataclass(frozen=True)
class Spread:
    """A cycle in which everybody at a school was rated Sangat Baik before anybody labelled it."""

    world: World
    cycle: str
    school: Office
    people: int


@pytest_asyncio.fixture(scope="module")
async def spread(world: World) -> Spread:
    cycle = await opened_cycle(world)
    school = await Office.of(world, "SDN-001")
    return Spread(world, cycle, school, await given(world, cycle, [school.code], ["sangat_baik"] * 40))


@pytest_asyncio.fixture
async def browser(spread: Spread) -> AsyncIterator[Browser]:
    async with opened_browser(spread.world) as opened:
        yield opened


async def labelled(browser: Browser, spread: Spread, label: str, **more: str) -> None:
    """The form of the school's label, sent as it stands with this in it."""
    page = await browser.go(f"/siklus/{spread.cycle}/predikat?unit={spread.school.code}")
    form = page.form("label")
    form.write("label", label)
    for name, value in {"reason": WHY, **more}.items():
        form.write(name, value)
    await browser.send(form, "Tetapkan predikat")


async def test_a_label_whose_pattern_is_broken_asks_for_a_reason_and_keeps_what_was_typed(
    spread: Spread, browser: Browser
) -> None:
    await browser.sign_in(spread.world.people["hr"])
    page = await browser.go(f"/siklus/{spread.cycle}/sebaran")
    assert "Predikat kinerja organisasi belum ditetapkan" in page.text
    await labelled(browser, spread, "kurang")
    assert browser.page.status == 422
    assert "Predikat belum berubah" in browser.page.alerts[0]
    assert "Tuliskan alasannya" in browser.page.beside("distribution_reason")
    form = browser.page.form("label")
    assert (form.value("label"), form.value("reason"), form.value("unit")) == ("kurang", WHY, spread.school.code)
    form.write("distribution_reason", "Dinilai sebelum predikat unit ada.")
    page = await browser.send(form, "Tetapkan predikat")
    assert "Ditetapkan dan tercatat." in page.text
    assert "Perhatikan:" in page.text
    assert {"label_set", "distribution_explained"} <= {row.action for row in await trail(spread.world, spread.cycle)}
    page = await browser.go(f"/siklus/{spread.cycle}/sebaran?unit={spread.school.code}")
    assert "✗ Tidak sesuai pola." in page.text
    assert "Dinilai sebelum predikat unit ada." in page.text
    named_by(page)
    inside(page)
    assert f"{spread.people} dari {spread.people} orang sudah berpredikat." in page.text


async def test_the_numbers_behind_a_distribution_add_up_to_who_has_a_label(spread: Spread, browser: Browser) -> None:
    await browser.sign_in(spread.world.people["board"])
    page = await browser.go(f"/siklus/{spread.cycle}/sebaran?unit={spread.school.code}")
    (inside_,) = re.findall(r"Angka di balik gambar: .*?</table>", page.html, re.DOTALL)
    *labels, whole = [int(people) for people in re.findall(r'<td class="number">(\d+)</td>', inside_)]
    assert sum(labels) == whole == spread.people


async def test_what_is_lacking_is_told_at_its_field(spread: Spread, browser: Browser) -> None:
    await browser.sign_in(spread.world.people["hr"])
    await browser.go(f"/siklus/{spread.cycle}/predikat?unit={spread.school.code}")
    page = await browser.press("Tetapkan predikat")
    assert page.status == 422
    assert page.beside("reason")
    form = page.form("label")
    form.write("unit", "NIRWANA")
    form.write("label", "baik")
    form.write("reason", WHY)
    page = await browser.send(form, "Tetapkan predikat")
    assert page.status == 404
    assert page.form("label").value("reason") == WHY


async def test_a_head_sees_his_unit_and_labels_it_not_and_whoever_supervises_him_does(
    spread: Spread, browser: Browser
) -> None:
    school = spread.school
    await browser.sign_in(school.head)
    page = await browser.go(f"/siklus/{spread.cycle}/sebaran")
    assert page.status == 200
    assert not [where for _, where in page.links if "/predikat" in where]
    assert (await browser.go(f"/siklus/{spread.cycle}/predikat?unit={school.code}")).status == 403
    await browser.sign_in(school.above)
    await labelled(browser, spread, "baik", distribution_reason="Dinilai lebih dahulu.")
    assert "Ditetapkan dan tercatat." in browser.page.text
    await browser.sign_in(school.staff[0])
    for path in ("sebaran", "penilai", f"predikat?unit={school.code}"):
        assert (await browser.go(f"/siklus/{spread.cycle}/{path}")).status == 403


async def test_an_auditor_reads_every_units_distribution_and_labels_none(spread: Spread, browser: Browser) -> None:
    await browser.sign_in(spread.world.people["hr"])
    hers = await browser.go(f"/siklus/{spread.cycle}/sebaran")
    await browser.sign_in(spread.world.people["auditor"])
    await browser.go(f"/siklus/{spread.cycle}")
    page = await browser.follow("Sebaran predikat")
    assert page.status == 200
    shown = [re.findall(r"\d+ dari \d+ orang sudah berpredikat", one.text) for one in (hers, page)]
    assert shown[0] == shown[1] != []
    assert not [where for _, where in page.links if "/predikat" in where]
    where = f"/siklus/{spread.cycle}/predikat?unit={spread.school.code}"
    assert (await browser.go(where)).status == 403


async def test_who_may_not_label_gets_no_form_to_try_again_and_the_words_back(spread: Spread, browser: Browser) -> None:
    await browser.sign_in(spread.school.staff[0])
    typed = [("unit", spread.school.code), ("label", "baik"), ("reason", WHY)]
    page = await browser.post(f"/siklus/{spread.cycle}/predikat", typed)
    assert page.status == 403
    assert "Tetapkan predikat" not in [one.words for form in page.forms for one in form.controls]
    assert WHY in page.html


async def test_a_code_that_only_begins_like_a_units_labels_no_unit(spread: Spread, browser: Browser) -> None:
    long = "PANJANG-" + "9" * 56
    async with spread.world.database.transaction() as connection:
        await connection.execute(LONG, {"code": long})
    before = await trail(spread.world, spread.cycle)
    await browser.sign_in(spread.world.people["hr"])
    typed = [("unit", long + "-LAIN"), ("label", "baik"), ("reason", WHY)]
    page = await browser.post(f"/siklus/{spread.cycle}/predikat", typed)
    assert page.status == 404
    assert page.form("label").value("unit") == long + "-LAIN"
    assert await trail(spread.world, spread.cycle) == before


@pytest.mark.parametrize("who", ["hr", "board", "auditor"])
async def test_whoever_calibrates_reads_questions_and_no_verdicts(spread: Spread, browser: Browser, who: str) -> None:
    await browser.sign_in(spread.world.people[who])
    page = await browser.go(f"/siklus/{spread.cycle}/penilai")
    assert page.status == 200
    assert "Pertanyaan, bukan putusan" in page.text
