"""What a form asks of a closed part, or of last year, is what the post of then is asked, as it is scored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from activities.final_results import final_years
from activities.segments import post_of, segments
from deploy.rehearsal import open_cycle
from tests.endings import DECEMBER, JANUARY, Played, until_rating
from tests.workflow.people.changes import JUNE, MAY, imported, planned, row_of
from tests.world import YEAR, World

PEOPLE = 60

NEW_YEAR = datetime(YEAR + 1, 1, 4, 3, tzinfo=UTC)
LEADERSHIP = "kepemimpinan"


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """By a pack that asks leaders for more than others."""
    await open_cycle(world, "pp-30-2019", YEAR)
    return world


async def posted(world: World, who: Played, level: str, tmt: str, **more: str) -> None:
    """A file puts her in another unit, at that level."""
    said = await row_of(world, who.employee)
    unit, supervisor = await world.elsewhere(who.employee)
    there = await row_of(world, supervisor)
    new = {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "jabatan": "Pejabat Lain"}
    await imported(world, said | new | {"jenjang": level, "tmt": tmt, **more})


async def promoted_here(world: World, who: Played, level: str, now: datetime = NEW_YEAR, **more: str) -> None:
    """A file of that day puts her on another level where she is."""
    world.now = now
    await imported(world, await row_of(world, who.employee) | {"jabatan": "Pejabat Lain", "jenjang": level, **more})


async def is_at(world: World, who: Played, level: str, **more: str) -> None:
    world.now = JANUARY
    await imported(world, await row_of(world, who.employee) | {"jenjang": level, **more})


async def family_of(world: World, appraisal: str) -> str | None:
    """What is asked of her by it, and scored."""
    async with world.database.transaction() as connection:
        agency = await world.rooms.people.agency(connection)
        its = (await segments(connection, [appraisal], world.now))[appraisal]
        return post_of(its, await world.row(appraisal), agency, world.now).family


async def asked(world: World, appraisal: str, nip: str) -> dict[str, Any]:
    """The example of the rating's form."""
    shown = (await world.get(f"/appraisals/{appraisal}/forms/rating", nip)).raise_for_status().json()
    example: dict[str, Any] = shown["schema"]["examples"][0]
    return example


async def scored(world: World, appraisal: str) -> dict[str, Any]:
    outcome: Any = (await world.seen(appraisal))["outcome"]
    return {line["what"]: line["value"] for line in outcome["lines"]} | {"label": outcome["label"]}


def all_at(example: dict[str, Any], score: int) -> dict[str, Any]:
    return {
        name: {key: one | {"score": score} for key, one in example[name].items()} for name in ("results", "behaviours")
    }


@pytest.mark.case("3.1")
async def test_who_was_promoted_is_not_asked_for_leadership_in_the_part_before(year: World, who: Played) -> None:
    await is_at(year, who, "Pelaksana")
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    await posted(year, who, "Pengawas", f"{YEAR}-06-01")
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    example = await asked(year, first, who.supervisor)
    assert LEADERSHIP not in example["behaviours"]
    await year.send(first, "rating", "submit_rating", who.supervisor, all_at(example, 92))
    assert (await scored(year, first))["total"] == "92"
    assert LEADERSHIP in (await asked(year, second, "hr"))["behaviours"]


async def test_who_was_promoted_in_january_is_asked_for_last_year_what_her_post_of_then_is(
    year: World, who: Played
) -> None:
    await is_at(year, who, "Pelaksana")
    await until_rating(year, who)
    year.now = NEW_YEAR
    await posted(year, who, "Pengawas", f"{YEAR + 1}-01-03")
    await year.bring(who.appraisal)
    assert LEADERSHIP not in (await asked(year, who.appraisal, who.supervisor))["behaviours"]
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NEW_YEAR, {"tmt": f"{YEAR + 1}-01-03"}),
        (NEW_YEAR, {}),
        (DECEMBER, {"tmt": f"{YEAR + 1}-01-03"}),
    ],
    ids=["since its day", "without a day", "ahead"],
)
async def test_who_was_promoted_in_her_own_unit_in_january_is_asked_for_last_year_what_her_post_of_then_is(
    year: World, who: Played, now: datetime, said: dict[str, str]
) -> None:
    """No part of a year ends by it, and last year's form and result stay those of the level of then."""
    await is_at(year, who, "Pelaksana")
    await until_rating(year, who)
    await promoted_here(year, who, "Pengawas", now, **said)
    year.now = NEW_YEAR
    await year.bring(who.appraisal)
    example = await asked(year, who.appraisal, who.supervisor)
    assert LEADERSHIP not in example["behaviours"]
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, all_at(example, 92))
    assert (await scored(year, who.appraisal))["total"] == "92"


async def test_who_was_promoted_within_the_year_is_asked_as_who_she_is_when_it_ends(year: World, who: Played) -> None:
    await is_at(year, who, "Pelaksana")
    await until_rating(year, who)
    await promoted_here(year, who, "Pengawas", tmt=f"{YEAR}-12-01")
    await year.bring(who.appraisal)
    assert LEADERSHIP in (await asked(year, who.appraisal, who.supervisor))["behaviours"]


async def test_a_promotion_that_was_none_is_taken_back_by_the_same_day_and_asks_nothing_of_any_year(
    year: World, who: Played
) -> None:
    await is_at(year, who, "Pelaksana", tmt="2019-04-01")
    await until_rating(year, who)
    await promoted_here(year, who, "Pengawas", tmt=f"{YEAR}-12-01")
    await promoted_here(year, who, "Pelaksana", tmt=f"{YEAR}-12-01")
    await year.bring(who.appraisal)
    assert LEADERSHIP not in (await asked(year, who.appraisal, who.supervisor))["behaviours"]


async def test_a_level_that_was_recorded_wrong_is_put_right_for_last_year_too_by_the_day_since_when_she_has_it(
    year: World, who: Played
) -> None:
    """The file says the day of the post that she was in all along; without one it would be a promotion of today."""
    await is_at(year, who, "Pelaksana", tmt="2019-04-01")
    await until_rating(year, who)
    await promoted_here(year, who, "Pengawas", tmt="2019-04-01")
    await year.bring(who.appraisal)
    assert LEADERSHIP in (await asked(year, who.appraisal, who.supervisor))["behaviours"]


async def test_another_job_family_in_the_same_post_leaves_last_year_what_it_was(year: World, who: Played) -> None:
    await is_at(year, who, "Ahli Pertama", rumpun="guru")
    year.now = NEW_YEAR
    await imported(year, await row_of(year, who.employee) | {"rumpun": "administrasi", "tmt": f"{YEAR + 1}-01-03"})
    assert await family_of(year, who.appraisal) == "guru"


async def test_a_leader_who_leads_no_more_is_rated_as_the_leader_that_he_was(year: World, who: Played) -> None:
    """What his rater had written of it is no unknown field, and is sent."""
    await is_at(year, who, "Pengawas")
    await until_rating(year, who)
    await year.fill(who.appraisal, "rating", who.supervisor)
    year.now = NEW_YEAR
    await posted(year, who, "Ahli Muda", f"{YEAR + 1}-01-03")
    await year.bring(who.appraisal)
    example = await asked(year, who.appraisal, who.supervisor)
    assert LEADERSHIP in example["behaviours"]
    await year.done(who.appraisal, "submit_rating", who.supervisor)


async def test_a_file_that_makes_a_teacher_an_official_leaves_last_year_a_teachers(year: World, who: Played) -> None:
    await is_at(year, who, "Ahli Pertama", rumpun="guru")
    year.now = NEW_YEAR
    await posted(year, who, "Pelaksana", f"{YEAR + 1}-01-03", rumpun="administrasi")
    assert await family_of(year, who.appraisal) == "guru"


async def test_what_follows_a_result_asks_the_family_of_that_year(year: World, who: Played) -> None:
    await is_at(year, who, "Ahli Pertama", rumpun="guru")
    await until_rating(year, who)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await year.done(who.appraisal, "accept_result", who.employee)
    await year.leaves(who.appraisal, "finalisation.running")
    year.now = NEW_YEAR
    await posted(year, who, "Pelaksana", f"{YEAR + 1}-01-03", rumpun="administrasi")
    async with year.database.transaction() as connection:
        (final,) = await final_years(connection, year.now, appraisals=[who.appraisal])
    assert (final.result.family, final.result.level) == ("guru", "Ahli Pertama")


async def test_a_family_that_is_said_after_the_transfer_is_that_of_the_new_post(year: World, who: Played) -> None:
    """HR decides it ahead; the file comes when she is there."""
    await is_at(year, who, "Ahli Pertama", rumpun="guru")
    year.now = NEW_YEAR
    unit, supervisor = await year.elsewhere(who.employee)
    body = {"post": "Pejabat Lain", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR + 1}-01-06"}
    await year.decided(who.employee, "transfer", body)
    year.now = NEW_YEAR + timedelta(days=4)
    await imported(year, await row_of(year, who.employee))
    await imported(year, await row_of(year, who.employee) | {"rumpun": "administrasi"})
    assert await family_of(year, who.appraisal) == "guru"
