"""Who was late, once the days moved: a row goes by the days that hold now, its trail by what was known when it was sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import text

from models.vocabulary import Zone
from models.workdays import at_time
from tests.api.test_cycles import Body, cycle_of, due, move
from tests.endings import Played, at, reviewed
from tests.world import YEAR, World

PEOPLE = 60
LATE = text("SELECT action FROM event WHERE appraisal_id = :id AND data ? 'late' ORDER BY seq")
NIGHT = {"from": f"{YEAR}-01-31T20:00:00+07:00", "to": f"{YEAR}-02-01T06:00:00+07:00", "reason": "Server padam"}
"""Over the midnight that ends the last day for plans."""


async def somebody(world: World) -> Played:
    """Somebody by whose clock the outage lies over midnight."""
    while True:
        who = await Played.of(world, await world.next_clerk())
        if (await world.row(who.appraisal))["zone"] == Zone.WIB.value:
            return who


async def sends_her_plan(world: World, who: Played, day: date, hour: int) -> bool:
    """Whether her row says that she was late."""
    await world.pass_to(who.appraisal, at_time(day, time(hour), Zone.WIB))
    await world.takes_note(who.appraisal, who.employee)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    return await late(world, who)


async def late(world: World, who: Played) -> bool:
    return bool((await world.row(who.appraisal))["late"])


async def late_acts(world: World, who: Played) -> list[str]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(LATE, {"id": who.appraisal})).scalars())


async def finished(world: World) -> tuple[int, int]:
    """How many are done on time, and how many late."""
    cycle = await cycle_of(world)
    counts = (await world.get(f"/cycles/{cycle['id']}/progress", "hr")).raise_for_status().json()
    return counts["done_on_time"], counts["done_late"]


async def goes_on_to_the_end(world: World, who: Played) -> None:
    """From the plan that was sent to the result that was accepted, each on time."""
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    await reviewed(world, who)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await world.labelled(who.appraisal)
    await world.done(who.appraisal, "accept_result", who.employee)
    await world.leaves(who.appraisal, "finalisation.running")


async def record(world: World, body: Body, when: datetime) -> None:
    cycle = await cycle_of(world)
    at(world, when)
    answer = await world.post(f"/cycles/{cycle['id']}/outages", "hr", body)
    assert answer.status_code == 201, answer.text


@pytest.mark.case("3.20")
async def test_who_sent_her_plan_before_hr_recorded_the_outage_is_in_time_like_her_colleagues(year: World) -> None:
    first, third = date(YEAR, 2, 1), date(YEAR, 2, 3)
    early, done, tardy, colleague = [await somebody(year) for _ in range(4)]
    assert await sends_her_plan(year, early, first, 8)
    assert await sends_her_plan(year, done, first, 8)
    await goes_on_to_the_end(year, done)
    assert await sends_her_plan(year, tardy, third, 8)
    assert await finished(year) == (0, 1)
    await record(year, NIGHT, at_time(date(YEAR, 2, 4), time(10), Zone.WIB))
    assert not await late(year, early)
    assert not await late(year, done)
    assert await finished(year) == (1, 0)
    assert not await sends_her_plan(year, colleague, first, 11)
    assert await late(year, tardy), "she was late by the new day too"
    assert await late_acts(year, early) == ["submit_plan"], "the trail keeps what was known then"


@pytest.mark.case("3.18")
async def test_who_was_late_by_a_day_that_hr_extends_afterwards_is_late_no_more(year: World) -> None:
    who, cycle = await somebody(year), await cycle_of(year)
    assert await sends_her_plan(year, who, date(YEAR, 2, 4), 8)
    at(year, datetime(YEAR, 2, 5, 3, tzinfo=UTC))
    extended = due(f"{YEAR}-02-20")
    assert (await move(year, cycle, extended, preview=True)).status_code == 200
    assert await late(year, who), "a preview changes nothing"
    assert (await move(year, cycle, extended)).status_code == 200
    assert not await late(year, who)
    assert (await move(year, await cycle_of(year), due(f"{YEAR}-02-16"))).status_code == 200
    assert not await late(year, who)
