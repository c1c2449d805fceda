"""A year that goes along into another unit goes by the zone and the week there, and no step that runs gets less time by it (decision 9)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.upkeep import look_once
from models.vocabulary import Zone
from models.workdays import end_of_day
from tests.endings import Played
from tests.workflow.people.changes import imported, named, row_of
from tests.world import YEAR, World

PEOPLE = 60
EVE = datetime(YEAR, 12, 5, 3, tzinfo=UTC)
NEW_YEAR = datetime(YEAR + 1, 1, 5, 3, tzinfo=UTC)
LAST_DAY = date(YEAR + 1, 1, 31)
NEXT = text(
    """
    SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id WHERE p.nip = :nip AND a.year = :year AND a.own_year
    """
)
CLOCKS = ("WIT 5", "WIB 5", "WIB 6", "WIT 6")


@pytest_asyncio.fixture(scope="module")
async def there(year: World) -> dict[str, list[str]]:
    """The next year is open since December; some of its people by the clock where each of them is, a zone and the days of a week."""
    year.now = EVE
    found: dict[str, list[str]] = {}
    for clock in CLOCKS:
        zone, days = clock.split()
        found[clock] = [await year.next_clerk() for _ in range(4)]
        for nip in found[clock]:
            await imported(year, await row_of(year, nip) | {"zona": zone, "hari_kerja": days})
    said = {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "SKP berikutnya"}
    cycle = (await year.post("/cycles", "hr", said)).json()["id"]
    (await year.post(f"/cycles/{cycle}/open", "hr")).raise_for_status()
    for _ in range(1000):
        if (await year.get(f"/cycles/{cycle}/progress", "hr")).json()["pending"] == 0:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("the next year did not begin")


async def next_year_of(world: World, nip: str) -> Played:
    async with world.database.transaction() as connection:
        appraisal = (await connection.execute(NEXT, {"nip": nip, "year": YEAR + 1})).scalar_one()
    return await Played.of(world, nip, str(appraisal))


async def goes(world: World, there: dict[str, list[str]], was: str, to: str, *, suspended: bool = False) -> Played:
    """Somebody of that clock is elsewhere, by another, from New Year on; it is the fifth of January."""
    world.now = EVE
    who = await next_year_of(world, there[was].pop())
    if suspended:
        await world.done(who.appraisal, "suspend", "hr", {"reason": "Pemeriksaan."})
    unit, leader = await world.elsewhere(who.employee)
    name = (await row_of(world, leader))["nama_unit"]
    zone, days = to.split()
    place = {"unit": unit, "nama_unit": name, "nip_atasan": leader, "zona": zone, "hari_kerja": days}
    told = await imported(world, await row_of(world, who.employee) | place | {"tmt": f"{YEAR + 1}-01-01"})
    assert named(told, "transferred")
    await world.pass_to(who.appraisal, NEW_YEAR.replace(day=2))
    await look_once(world.rooms)
    await world.pass_to(who.appraisal, NEW_YEAR)
    assert (await world.seen(who.appraisal))["employee"]["unit"] == name  # type: ignore[index]
    return await next_year_of(world, who.employee)


async def clock_of(world: World, who: Played) -> str:
    row = await world.row(who.appraisal)
    return f"{row['zone']} {row['work_week']}"


async def slept_on(world: World, who: Played) -> datetime:
    """When its workflow knows the step to be due."""
    timing = (await world.row(who.appraisal))["timing"]
    return datetime.fromisoformat(timing["due_at"])  # type: ignore[index]


@pytest.mark.case("3.1")
async def test_who_goes_west_with_new_year_has_her_days_to_their_end_there(
    year: World, there: dict[str, list[str]]
) -> None:
    who = await goes(year, there, "WIT 5", "WIB 5")
    assert await clock_of(year, who) == "WIB 5"
    row = await year.row(who.appraisal)
    assert row["due_at"] == await slept_on(year, who) == end_of_day(LAST_DAY, Zone.WIB)


@pytest.mark.case("3.1")
async def test_who_goes_east_keeps_the_end_of_the_step_that_runs_and_has_the_next_one_by_the_clock_there(
    year: World, there: dict[str, list[str]]
) -> None:
    who = await goes(year, there, "WIB 5", "WIT 5")
    row = await year.row(who.appraisal)
    assert row["due_at"] == await slept_on(year, who) == end_of_day(LAST_DAY, Zone.WIB)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert await clock_of(year, who) == "WIB 5", "it may be taken back, and goes on then as it was"
    await year.done(who.appraisal, "recall_plan", who.employee)
    assert await slept_on(year, who) == end_of_day(LAST_DAY, Zone.WIB)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert await clock_of(year, who) == "WIT 5"
    assert (await year.row(who.appraisal))["zone_to_come"] is None


@pytest.mark.case("3.1")
async def test_the_week_of_the_new_office_holds_at_once_where_no_end_comes_sooner_by_it(
    year: World, there: dict[str, list[str]]
) -> None:
    """A plan is due, and lapses, on days of the month, whatever the week."""
    for was, to in (("WIB 6", "WIB 5"), ("WIB 5", "WIB 6")):
        who = await goes(year, there, was, to)
        assert await clock_of(year, who) == to


@pytest.mark.case("3.19")
async def test_a_review_counted_in_working_days_keeps_the_days_it_had_and_the_next_step_has_the_week_there(
    year: World, there: dict[str, list[str]]
) -> None:
    year.now = NEW_YEAR
    who = await next_year_of(year, there["WIB 5"].pop())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    before = await year.row(who.appraisal)
    await unit_goes(year, who, "WIB 6")
    row = await year.row(who.appraisal)
    assert (row["due_at"], row["lapses_at"]) == (before["due_at"], before["lapses_at"])
    assert await clock_of(year, who) == "WIB 5"
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Lengkapi."})
    assert await clock_of(year, who) == "WIB 6"


async def unit_goes(world: World, who: Played, to: str) -> None:
    """Her unit is another one, with another clock, and she and her superior go along."""
    unit, leader = await world.elsewhere(who.employee)
    zone, days = to.split()
    place = {"unit": unit, "nama_unit": (await row_of(world, leader))["nama_unit"], "zona": zone, "hari_kerja": days}
    assert named(await imported(world, await row_of(world, who.employee) | place), "unit_reorganised")
    await look_once(world.rooms)
    await world.pass_to(who.appraisal, world.now)


@pytest.mark.case("3.1")
async def test_a_year_that_has_not_begun_takes_the_clock_with_the_place(
    year: World, there: dict[str, list[str]]
) -> None:
    nip = there["WIT 6"][-1]
    who = await next_year_of(year, nip)
    launch = text("UPDATE appraisal SET launch = :launch WHERE id = :id")
    async with year.database.transaction() as connection:
        await connection.execute(launch, {"id": who.appraisal, "launch": "failed"})
    try:
        moved = await goes(year, there, "WIT 6", "WIB 5")
        assert (moved.appraisal, await clock_of(year, moved)) == (who.appraisal, "WIB 5")
    finally:
        async with year.database.transaction() as connection:
            await connection.execute(launch, {"id": who.appraisal, "launch": "launched"})


@pytest.mark.case("3.1")
async def test_who_is_suspended_when_she_goes_takes_the_clock_there_with_her_next_step(
    year: World, there: dict[str, list[str]]
) -> None:
    """What will be due when she is back nobody knows yet."""
    who = await goes(year, there, "WIT 5", "WIB 5", suspended=True)
    await year.done(who.appraisal, "resume", "hr")
    assert await clock_of(year, who) == "WIT 5"
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert await clock_of(year, who) == "WIB 5"


@pytest.mark.case("3.19")
async def test_a_year_whose_unit_went_takes_the_clock_there(year: World, there: dict[str, list[str]]) -> None:
    year.now = NEW_YEAR
    who = await next_year_of(year, there["WIT 6"].pop())
    await unit_goes(year, who, "WIB 5")
    assert await clock_of(year, who) == "WIB 5"
    assert await slept_on(year, who) == end_of_day(LAST_DAY, Zone.WIB)


async def test_a_zone_that_a_file_puts_right_without_a_transfer_stays_that_of_what_begins_from_then_on(
    year: World, there: dict[str, list[str]]
) -> None:
    year.now = NEW_YEAR
    who = await next_year_of(year, there["WIT 5"].pop())
    await imported(year, await row_of(year, who.employee) | {"zona": "WIB"})
    await look_once(year.rooms)
    assert await clock_of(year, who) == "WIT 5"
