"""Somebody who is to leave and to come back, both known beforehand: in between she is away, whatever was recorded when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from activities.segments import segments
from tests.endings import JULY, Played
from tests.workflow.people.changes import (
    JUNE,
    goes_and_comes,
    imported,
    line_of,
    not_begun,
    planned,
    row_of,
    tasks_of,
)
from tests.world import YEAR, World

PEOPLE = 100

LEAVES, BACK = f"{YEAR}-06-01", f"{YEAR}-07-01"


async def elsewhere(world: World, who: Played) -> dict[str, str]:
    """What a file says of another unit and who leads it."""
    unit, leader = await world.elsewhere(who.employee)
    return {"unit": unit, "nama_unit": (await row_of(world, leader))["nama_unit"], "nip_atasan": leader}


async def days_of(world: World, *appraisals: str) -> list[tuple[date, date, int]]:
    """First and last day of these parts of a year, and their months."""
    async with world.database.transaction() as connection:
        found = await segments(connection, appraisals, world.now)
    return [(found[one].first, found[one].last, found[one].months) for one in appraisals]


async def opened_again(world: World, who: Played) -> str:
    """The second part of her year, after HR opened the cycle again."""
    cycle = (await world.row(who.appraisal))["cycle_id"]
    answer = await world.post(f"/cycles/{cycle}/open", "hr")
    assert answer.status_code == 202, answer.text
    first, second = await world.segments_of(who.employee, 2)
    assert first == who.appraisal
    return second


@pytest.mark.case("3.6")
@pytest.mark.parametrize("to", ["the same unit", "another unit"])
async def test_an_exit_ends_the_part_before_it_though_the_return_is_recorded(year: World, who: Played, to: str) -> None:
    """DOMAIN 3.6: both are recorded in May; in June she is away, nothing of June counts, and July begins another part."""
    there = await elsewhere(year, who) if to == "another unit" else {}
    await goes_and_comes(year, who, LEAVES, BACK, **there)
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    assert (await year.row(who.appraisal))["state"] == "execution.running"
    left = await year.pass_to(who.appraisal, JUNE)
    assert (left["state"], left["snapshot"]["until"]) == ("rating.drafting", f"{YEAR}-05-31")  # type: ignore[index]
    assert "exited" in await year.texts_of(who.appraisal)
    assert who.appraisal in await tasks_of(year, who.supervisor)
    assert who.employee not in await not_begun(year, cycle)

    back = await year.pass_to(who.appraisal, JULY)
    assert (back["state"], back["snapshot"]["until"]) == ("rating.drafting", f"{YEAR}-05-31")  # type: ignore[index]
    assert who.appraisal in await tasks_of(year, who.supervisor)
    assert who.employee in await not_begun(year, cycle)
    second = await opened_again(year, who)
    assert await days_of(year, who.appraisal, second) == [
        (date(YEAR, 1, 1), date(YEAR, 5, 31), 5),
        (date(YEAR, 7, 1), date(YEAR, 12, 31), 6),
    ]
    new = there.get("nip_atasan", who.supervisor)
    assert (await year.seen(second))["supervisor"]["nip"] == new  # type: ignore[index]
    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", new)
    assert not {"exit", "close_segment"} & set(await year.actions_of(second))
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    assert (await year.pass_to(who.appraisal, JULY))["ending"] == "exited"


@pytest.mark.case("3.6")
async def test_who_comes_back_in_another_year_has_left_this_one(year: World, who: Played) -> None:
    """DOMAIN 3.6"""
    await goes_and_comes(year, who, LEAVES, f"{YEAR + 1}-02-01")
    left = await year.pass_to(who.appraisal, JUNE)
    assert (left["state"], left["snapshot"]["until"]) == ("rating.drafting", f"{YEAR}-05-31")  # type: ignore[index]


@pytest.mark.case("3.6")
async def test_who_leaves_twice_and_comes_back_twice_has_three_parts_of_the_year(year: World, who: Played) -> None:
    """DOMAIN 3.6: the second exit ends the part that began with the first return, and reaches none before it."""
    await goes_and_comes(year, who, LEAVES, BACK)
    await year.pass_to(who.appraisal, JUNE)
    year.now = JULY
    second = await opened_again(year, who)
    row = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-08-01"})
    await imported(year, row | {"tmt": f"{YEAR}-09-01"})
    year.now = datetime(YEAR, 9, 2, 3, tzinfo=UTC)
    await year.bring(second)
    await year.bring(who.appraisal)
    cycle = (await year.row(second))["cycle_id"]
    (await year.post(f"/cycles/{cycle}/open", "hr")).raise_for_status()
    parts = await year.segments_of(who.employee, 3)
    assert await days_of(year, *parts) == [
        (date(YEAR, 1, 1), date(YEAR, 5, 31), 5),
        (date(YEAR, 7, 1), date(YEAR, 7, 31), 1),
        (date(YEAR, 9, 1), date(YEAR, 12, 31), 4),
    ]
    for part, ends in zip(parts, (1, 1, 0), strict=True):
        assert (await year.actions_of(part)).count("exit") == ends


async def test_an_exit_that_is_put_right_by_a_post_from_its_own_day_on_ends_nothing(year: World, who: Played) -> None:
    await goes_and_comes(year, who, LEAVES, LEAVES)
    row = await year.pass_to(who.appraisal, JUNE)
    assert row["state"] == "execution.running"
    assert [first for first, _ in await line_of(year, who.employee)][1:] == [LEAVES]
    assert not {"exit", "close_segment"} & set(await year.actions_of(who.appraisal))


@pytest.mark.case("3.6")
async def test_an_exit_that_hr_learns_of_together_with_the_return_ends_the_part_on_its_true_day(
    year: World, who: Played
) -> None:
    """DOMAIN 3.6: in July a file and HR say that she was away in June."""
    await planned(year, who)
    await year.pass_to(who.appraisal, JULY)
    row = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": LEAVES})
    await imported(year, row | {"tmt": BACK})
    left = await year.pass_to(who.appraisal, JULY)
    assert (left["state"], left["snapshot"]["until"]) == ("rating.drafting", f"{YEAR}-05-31")  # type: ignore[index]
    second = await opened_again(year, who)
    assert (await days_of(year, second))[0][0] == date(YEAR, 7, 1)
    await year.bring(second)
    assert "exit" not in await year.actions_of(second)
