"""Each part of a year counts its own months, in the level of its post, and its papers say when and where that was."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from activities.segments import segments
from tests.endings import DECEMBER, JANUARY, Played
from tests.workflow.people.changes import JUNE, MAY, imported, named, planned, row_of, transferred
from tests.workflow.test_labels import Office
from tests.world import YEAR, World

PEOPLE = 60

SEPTEMBER = datetime(YEAR, 9, 20, 3, tzinfo=UTC)
OCTOBER = datetime(YEAR, 10, 4, 3, tzinfo=UTC)
BAIK = {"result_rating": "as_expected", "behaviour_rating": "as_expected"}


async def credit_of(world: World, appraisal: str) -> tuple[str, int, str]:
    """Level, months and points of the result that stands."""
    query = (
        "SELECT o.outcome -> 'credit' AS credit FROM outcome o JOIN appraisal a ON a.outcome_id = o.id WHERE a.id = :id"
    )
    async with world.database.transaction() as connection:
        credit = (await connection.execute(text(query), {"id": appraisal})).scalar_one()
    return credit["level"], credit["months"], credit["points"]


async def paper_of(world: World, appraisal: str, kind: str = "evaluation") -> str:
    """What is read on its paper, without line ends."""
    answer = await world.get(f"/appraisals/{appraisal}/documents/{kind}.pdf", "hr")
    assert answer.status_code == 200, answer.text
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages).replace("\u200b", ""))


async def there(world: World, unit: str, supervisor: str) -> dict[str, str]:
    """What a file says of who works in that unit, under that supervisor of it."""
    return {"unit": unit, "nama_unit": (await row_of(world, supervisor))["nama_unit"], "nip_atasan": supervisor}


async def promoted(world: World, who: Played, **tmt: str) -> dict[str, str]:
    """A file puts her in another unit at a higher level; her row of before."""
    said = await row_of(world, who.employee)
    unit, supervisor = await world.elsewhere(who.employee)
    new = await there(world, unit, supervisor)
    await imported(world, said | new | {"jabatan": "Analis Ahli Muda", "jenjang": "Ahli Muda"} | tmt)
    return said


async def in_the_first_level(world: World, who: Played) -> None:
    """Since January she is in a post of the first level of experts."""
    world.now = JANUARY
    await imported(world, await row_of(world, who.employee) | {"jabatan": "Analis", "jenjang": "Ahli Pertama"})
    await planned(world, who)


@pytest.mark.case("3.1")
async def test_each_part_of_a_year_has_the_credit_points_of_its_months_and_its_level(year: World, who: Played) -> None:
    """DOMAIN 2.6: nine months in the first level and three in the next; the points add up over the months."""
    await in_the_first_level(year, who)
    await year.pass_to(who.appraisal, SEPTEMBER)
    await promoted(year, who, tmt=f"{YEAR}-10-01")
    await year.pass_to(who.appraisal, OCTOBER)
    first, second = await year.segments_of(who.employee, 2)
    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(first, "rating", "submit_rating", who.supervisor, BAIK)
    assert await credit_of(year, first) == ("Ahli Pertama", 9, "9.375")

    new = await Played.of(year, who.employee)
    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", new.supervisor)
    await year.pass_to(second, DECEMBER)
    await year.send(second, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(second, "rating", "submit_rating", new.supervisor, BAIK)
    assert await credit_of(year, second) == ("Ahli Muda", 3, "6.25")


@pytest.mark.case("3.6")
async def test_who_retires_in_may_has_the_credit_points_of_five_months(year: World, who: Played) -> None:
    """DOMAIN 3.6: she is evaluated up to her last full month."""
    await in_the_first_level(year, who)
    await year.pass_to(who.appraisal, MAY)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-06-01"})
    await year.pass_to(who.appraisal, JUNE)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, BAIK)
    level, months, points = await credit_of(year, who.appraisal)
    assert (level, months, points[:6]) == ("Ahli Pertama", 5, "5.2083")


async def test_a_file_that_moves_her_without_saying_since_when_still_leaves_the_level_of_before(
    year: World, who: Played
) -> None:
    """What such a file said the next may unsay; what it ended is on record all the same."""
    await in_the_first_level(year, who)
    await year.pass_to(who.appraisal, OCTOBER)
    stale = await promoted(year, who)
    await year.pass_to(who.appraisal, OCTOBER)
    first, _ = await year.segments_of(who.employee, 2)
    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(first, "rating", "submit_rating", who.supervisor, BAIK)
    assert await credit_of(year, first) == ("Ahli Pertama", 9, "9.375")
    assert "unit" in str((await imported(year, stale))["changes"])


# ── on paper ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.1")
async def test_the_papers_of_a_closed_part_name_its_days_and_where_she_was_then(year: World, who: Played) -> None:
    """DOMAIN 3.1: the evaluation is of the post that she left, and so are its plan and its record."""
    await planned(year, who)
    here = await row_of(year, who.employee)
    await year.pass_to(who.appraisal, MAY)
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    there = await row_of(year, who.employee)
    first, second = await year.segments_of(who.employee, 2)
    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(first, "rating", "submit_rating", who.supervisor)
    for kind in ("plan", "evaluation"):
        paper = await paper_of(year, first, kind)
        assert f"Periode penilaian 1 Januari s.d. 31 Mei {YEAR}" in paper
        assert here["jabatan"] in paper
        assert here["nama_unit"] in paper
        assert there["jabatan"] not in paper
        assert there["nama_unit"] not in paper

    await year.send(second, "plan", "submit_plan", who.employee)
    later = await paper_of(year, second, "plan")
    assert f"Periode penilaian 1 Juni s.d. 31 Desember {YEAR}" in later
    assert there["jabatan"] in later
    assert there["nama_unit"] in later


@pytest.mark.case("3.6")
async def test_the_paper_of_who_retired_ends_with_her_last_day(year: World, who: Played) -> None:
    """DOMAIN 3.6"""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-06-01"})
    await year.pass_to(who.appraisal, JUNE)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    assert f"Periode penilaian 1 Januari s.d. 31 Mei {YEAR}" in await paper_of(year, who.appraisal)


# ── where she stays ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_title_between_two_files_of_one_day_is_not_what_the_part_ended_with(year: World, who: Played) -> None:
    """The second file says where she really went; what the first two said of her new post ends nothing."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    was = await row_of(year, who.employee)
    wrong = was | await there(year, *await year.elsewhere(who.employee)) | {"jabatan": "Pejabat Lain"}
    assert named(await imported(year, wrong), "transferred")
    assert named(await imported(year, wrong | {"jenjang": "Ahli Utama"}), "title_changed")
    code = next(code for code in ("DINKES", "DISDIK", "BAPPEDA") if code not in (was["unit"], wrong["unit"]))
    right = was | await there(year, code, (await Office.of(year, code)).head) | {"jabatan": "Pejabat Ketiga"}
    await imported(year, right)
    async with year.database.transaction() as connection:
        part = (await segments(connection, [who.appraisal], year.now))[who.appraisal]
    assert (part.place["post"], part.months) == (was["jabatan"], 4)


async def test_a_promotion_in_her_own_unit_leaves_a_year_that_was_rated_before_it_the_points_of_its_level(
    year: World, who: Played
) -> None:
    """DOMAIN 2.4: the coefficient is that of the level she had; the organisation's label comes afterwards."""
    colleague = await Played.of(year, await year.next_clerk())
    promotions = {who: f"{YEAR + 1}-01-03", colleague: f"{YEAR}-12-27"}
    for one in promotions:
        await in_the_first_level(year, one)
        year.now = DECEMBER
        await year.bring(one.appraisal)
        await year.send(one.appraisal, "self_assessment", "submit_self_assessment", one.employee)
        await year.send(one.appraisal, "rating", "submit_rating", one.supervisor, BAIK)
    year.now = datetime(YEAR + 1, 1, 4, 3, tzinfo=UTC)
    for one, tmt in promotions.items():
        said = await row_of(year, one.employee)
        await imported(year, said | {"jabatan": "Analis Ahli Muda", "jenjang": "Ahli Muda", "tmt": tmt})
    for one in promotions:
        await year.labelled(one.appraisal)
        assert await credit_of(year, one.appraisal) == ("Ahli Pertama", 12, "12.5")
        paper = await paper_of(year, one.appraisal)
        assert "Analis" in paper
        assert "Analis Ahli Muda" not in paper
