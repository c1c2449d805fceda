"""Of several cycles of one year, who comes back after an exit goes on in the one that her new place belongs to (decision 9)."""

from __future__ import annotations

import pytest

from api.upkeep import look_once
from models.access import Parties
from models.appraisal import Snapshot
from tests.endings import JANUARY, JULY, Played
from tests.workflow.people.changes import JUNE, MAY, imported, planned, row_of
from tests.workflow.people.test_exits_ahead import not_begun
from tests.world import YEAR, World, opened_cycle

PEOPLE = 120

FIRST = "DISDIK"
"""The unit that has a cycle of its own, and has it first."""


@pytest.fixture(scope="module")
async def its_cycle(world: World) -> str:
    world.now = JANUARY
    return await opened_cycle(world, units=[FIRST])


@pytest.fixture
async def who(world: World, its_cycle: str) -> Played:
    """Of the unit's cycle, at work until 21 May."""
    world.now = JANUARY
    who = await Played.of(world, await world.next_clerk())
    while (await world.row(who.appraisal))["cycle_id"] != its_cycle:
        who = await Played.of(world, await world.next_clerk())
    await planned(world, who)
    await world.pass_to(who.appraisal, MAY)
    return who


async def comes_back(world: World, who: Played, **elsewhere: str) -> None:
    """In July, after an exit in May."""
    said = await row_of(world, who.employee) | elsewhere
    await world.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-21"})
    await world.pass_to(who.appraisal, JUNE)
    await imported(world, said | {"tmt": f"{YEAR}-07-01"})


async def opened_again(world: World, who: Played, cycle: str) -> tuple[str, str]:
    """Both parts of her year, after HR opened that cycle again."""
    answer = await world.post(f"/cycles/{cycle}/open", "hr")
    assert answer.status_code == 202, answer.text
    first, second = await world.segments_of(who.employee, 2)
    assert first == who.appraisal
    return first, second


async def parties_of(world: World, appraisal: str) -> Parties:
    """Who is around that part, as whoever asks just now has it."""
    row = await world.row(appraisal)
    async with world.database.transaction() as connection:
        agency = await world.rooms.people.agency(connection)
    return agency.parties_of(Snapshot.model_validate(row["snapshot"]), world.now.date())


@pytest.mark.case("3.6")
async def test_3_6_her_part_begins_on_her_first_day_whenever_hr_opens_the_cycle_of_her_new_unit(
    world: World, who: Played
) -> None:
    unit, leader = await world.elsewhere(who.employee)
    cycle = await opened_cycle(world, units=[unit])
    there = {"unit": unit, "nama_unit": (await row_of(world, leader))["nama_unit"], "nip_atasan": leader}
    await comes_back(world, who, **there)
    world.now = JULY.replace(month=9)
    await look_once(world.rooms)
    _, second = await opened_again(world, who, cycle)
    row = await world.row(second)
    assert (row["cycle_id"], row["segment"]) == (cycle, 2)
    assert row["snapshot"]["since"] == f"{YEAR}-07-01"  # type: ignore[index]


@pytest.mark.case("3.14")
async def test_3_14_who_rated_the_part_before_an_exit_does_not_decide_about_the_part_in_another_cycle(
    world: World, who: Played
) -> None:
    """He leads her new superior when she is back."""
    unit, leader = await world.elsewhere(who.employee)
    under = {"supervisor": who.supervisor, "effective": f"{YEAR}-07-01", "reason": "Mutasi."}
    await world.decided(leader, "supervisor", under)
    cycle = await opened_cycle(world, units=[unit])
    there = {"unit": unit, "nama_unit": (await row_of(world, leader))["nama_unit"], "nip_atasan": leader}
    await comes_back(world, who, **there)
    world.now = JULY
    await look_once(world.rooms)
    _, second = await opened_again(world, who, cycle)
    around = await parties_of(world, second)
    assert around.senior.person_id == around.appeal[0].person_id, "as long as he has rated nothing"
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    around = await parties_of(world, second)
    assert around.senior.person_id not in {officer.person_id for officer in around.appeal}


@pytest.mark.case("3.6")
async def test_3_6_a_cycle_that_left_her_out_for_another_takes_in_the_part_that_is_hers(
    world: World, who: Played
) -> None:
    """The cycle of everybody says that she is in her unit's; after the return the rest of her year may be begun in it."""
    everybody = await opened_cycle(world)
    await comes_back(world, who)
    world.now = JULY
    assert who.employee in await not_begun(world, everybody)
    _, second = await opened_again(world, who, everybody)
    row = await world.row(second)
    assert (row["cycle_id"], row["segment"]) == (everybody, 2)
    assert row["snapshot"]["since"] == f"{YEAR}-07-01"  # type: ignore[index]
    assert who.employee not in await not_begun(world, everybody)
    assert (await world.post(f"/cycles/{everybody}/open", "hr")).status_code == 409, "there is nobody left to begin"
