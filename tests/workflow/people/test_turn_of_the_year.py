"""What is decided about somebody before her year begins, or at the turn of one, reaches the years that it is about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.endings import JANUARY, JULY, Played
from tests.workflow.people.changes import JUNE, goes_and_comes, imported, row_of
from tests.world import YEAR, World

PEOPLE = 60
MARCH = datetime(YEAR, 3, 1, 3, tzinfo=UTC)
EVE = datetime(YEAR, 12, 5, 3, tzinfo=UTC)
NEXT_MARCH = datetime(YEAR + 1, 3, 1, 3, tzinfo=UTC)
NEWCOMERS = {"leave": "200109062027092001", "exit": "200109072027092001"}
PARTS = text(
    """
    SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE p.nip = :nip AND a.year = :year AND a.launch = 'launched' ORDER BY a.segment
    """
)


@pytest_asyncio.fixture(scope="module")
async def following(year: World) -> str:
    """The cycle of the next year, opened in December."""
    year.now = EVE
    said = {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "SKP berikutnya"}
    cycle = str((await year.post("/cycles", "hr", said)).json()["id"])
    (await year.post(f"/cycles/{cycle}/open", "hr")).raise_for_status()
    for _ in range(1000):
        if (await year.get(f"/cycles/{cycle}/progress", "hr")).json()["pending"] == 0:
            return cycle
        await asyncio.sleep(0.02)
    raise AssertionError("the next year did not begin")


async def next_of(world: World, nip: str) -> list[str]:
    return await parts_of(world, nip, YEAR + 1)


async def parts_of(world: World, nip: str, year: int) -> list[str]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(PARTS, {"nip": nip, "year": year})).scalars())


async def this_year(world: World, who: Played) -> Played:
    """Who has the next year open beside it."""
    (appraisal,) = await parts_of(world, who.employee, YEAR)
    return replace(who, appraisal=appraisal)


@pytest.mark.case("3.17")
@pytest.mark.parametrize("what", NEWCOMERS)
async def test_what_was_decided_about_a_newcomer_before_her_year_began_is_known_to_it(
    year: World, who: Played, what: str
) -> None:
    nip = NEWCOMERS[what]
    await imported(year, await row_of(year, who.employee) | {"nip": nip, "nama": "Pendatang", "tmt": f"{YEAR}-01-04"})
    first = JANUARY.date() + timedelta(days=1)
    said = {"leave": {"from": first.isoformat(), "until": f"{YEAR}-04-30"}, "exit": {"reason": "resign"}}[what]
    await year.decided(nip, what, said | ({"effective": f"{YEAR}-01-20"} if what == "exit" else {}))
    cycle = (await year.row(who.appraisal))["cycle_id"]
    (await year.post(f"/cycles/{cycle}/open", "hr")).raise_for_status()
    (appraisal,) = await year.segments_of(nip, 1)
    row = await year.pass_to(appraisal, MARCH)
    assert (row["suspended"], row["ending"]) == ((True, None) if what == "leave" else (False, "exited"))
    assert "reach_rung" not in await year.actions_of(appraisal)


async def test_a_leave_of_years_pauses_also_the_year_in_its_middle(year: World, who: Played) -> None:
    await year.decided(who.employee, "leave", {"from": f"{YEAR - 1}-12-01", "until": f"{YEAR + 2}-05-31"})
    row = await year.pass_to(who.appraisal, MARCH)
    assert row["suspended"] is True


@pytest.mark.case("3.6")
async def test_who_dies_in_december_is_asked_for_nothing_in_the_year_that_has_begun(
    year: World, who: Played, following: str
) -> None:
    year.now = EVE + timedelta(days=5)
    await year.decided(who.employee, "exit", {"reason": "die", "effective": year.now.date().isoformat()})
    (coming,) = await next_of(year, who.employee)
    assert (await year.row(coming))["cycle_id"] == following
    assert (await year.pass_to(coming, NEXT_MARCH))["ending"] == "exited"
    assert "reach_rung" not in await year.actions_of(coming)


@pytest.mark.case("3.1")
async def test_who_is_elsewhere_from_new_year_on_has_the_whole_next_year_there(
    year: World, who: Played, following: str
) -> None:
    year.now = EVE
    unit, supervisor = await year.elsewhere(who.employee)
    body = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR + 1}-01-01"}
    await year.decided(who.employee, "transfer", body)
    (coming,) = await next_of(year, who.employee)
    row = await year.pass_to(coming, datetime(YEAR + 1, 1, 5, 3, tzinfo=UTC))
    assert (row["state"], row["cycle_id"]) == ("plan.drafting", following)
    assert "close_segment" not in await year.actions_of(coming)
    assert await next_of(year, who.employee) == [coming]
    assert (await year.seen(coming))["supervisor"]["nip"] == supervisor  # type: ignore[index]


async def test_whoever_has_left_is_not_counted_as_nudged(year: World, who: Played) -> None:
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": JANUARY.date().isoformat()})
    cycle = (await year.row(who.appraisal))["cycle_id"]
    answer = (await year.post(f"/cycles/{cycle}/nudges", "hr", {"people": [who.employee]})).json()
    assert (answer["told"], [one["code"] for one in answer["skipped"]]) in ((0, ["has_left"]), (0, ["nothing_waits"]))


@pytest.mark.case("3.6")
async def test_who_was_away_in_june_and_came_back_has_a_next_year_that_knows_nothing_of_it(
    year: World, who: Played, following: str
) -> None:
    """DOMAIN 3.6: nor does the part of this one that began with her return; both decisions are of May."""
    who = await this_year(year, who)
    await goes_and_comes(year, who, f"{YEAR}-06-01", f"{YEAR}-07-01")
    assert (await year.pass_to(who.appraisal, JUNE))["state"] == "rating.drafting"
    year.now = JULY
    cycle = (await year.row(who.appraisal))["cycle_id"]
    (await year.post(f"/cycles/{cycle}/open", "hr")).raise_for_status()
    await year.segments_of(who.employee, 3)
    (_, second), (coming,) = await parts_of(year, who.employee, YEAR), await next_of(year, who.employee)
    assert (await year.row(coming))["cycle_id"] == following
    for later in (second, coming):
        row = await year.pass_to(later, NEXT_MARCH)
        assert (row["state"], row["ending"]) == ("plan.drafting", None)
        assert "exit" not in await year.actions_of(later)


@pytest.mark.case("3.6")
async def test_who_is_away_at_new_year_for_some_days_has_the_next_year_whole(
    year: World, who: Played, following: str
) -> None:
    """DOMAIN 3.6: it was opened before she left in December, and she is back in January; only this year ends."""
    who = await this_year(year, who)
    await goes_and_comes(year, who, f"{YEAR}-12-10", f"{YEAR + 1}-01-04")
    left = await year.pass_to(who.appraisal, datetime(YEAR, 12, 11, 3, tzinfo=UTC))
    assert (left["state"], left["snapshot"]["until"]) == ("rating.drafting", f"{YEAR}-12-09")  # type: ignore[index]
    (coming,) = await next_of(year, who.employee)
    row = await year.pass_to(coming, NEXT_MARCH)
    assert (row["state"], row["cycle_id"]) == ("plan.drafting", following)
    assert "exit" not in await year.actions_of(coming)
