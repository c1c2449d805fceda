"""A leave that ends sooner or later than was said, or never was: whoever is back is waited on again, in every part of her years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.endings import JANUARY, Played
from tests.workflow.people.changes import MAY, planned
from tests.world import YEAR, World

PEOPLE = 60
OF_CYCLE = text(
    "SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id WHERE p.nip = :nip AND a.cycle_id = :cycle"
)
FIRST, LONG = date(YEAR, 1, 6), date(YEAR, 1, 25)


def leave(first: date, until: date | None) -> dict[str, str | None]:
    return {"from": first.isoformat(), "until": until.isoformat() if until else None}


async def code(world: World, nip: str, body: object) -> tuple[str, str]:
    answer = await world.post(f"/people/{nip}/leave", "hr", body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    return error["code"], error["pointer"]


async def away(world: World, who: Played) -> datetime:
    """A plan that waits for its review while she is on leave since the sixth; when it was due without it."""
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    due = (await world.row(who.appraisal))["due_at"]
    assert isinstance(due, datetime)
    await world.decided(who.employee, "leave", leave(FIRST, LONG))
    assert (await world.pass_to(who.appraisal, JANUARY + timedelta(days=3)))["suspended"]
    return due


async def told_of_leaves(world: World, who: Played) -> list[tuple[str, object, object]]:
    """What HR reads about it in the trail of her year, the latest last."""
    trail = (await world.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    found = [one for one in trail if one["source"] == "cycle" and one["action"].startswith("leave_")]
    return [(one["action"], one["data"]["until"], one["data"].get("taken_back")) for one in found]


@pytest.mark.case("3.17")
async def test_who_is_back_sooner_has_every_day_of_hers_from_then_on(year: World, who: Played) -> None:
    due = await away(year, who)
    answer = await year.decided(who.employee, "leave", leave(FIRST, date(YEAR, 1, 12)))
    assert answer == {
        "nip": who.employee,
        "decided": "leave",
        "effective": FIRST.isoformat(),
        "appraisals": [who.appraisal],
        "already_lapsed": [],
    }
    assert (await year.pass_to(who.appraisal, JANUARY + timedelta(days=7)))["suspended"]
    back = await year.pass_to(who.appraisal, JANUARY + timedelta(days=9))
    assert not back["suspended"]
    assert back["due_at"] == due + timedelta(days=7)
    was = [{"what": "leave", "effective": FIRST.isoformat()}]
    assert await told_of_leaves(year, who) == [
        ("leave_recorded", LONG.isoformat(), None),
        ("leave_recorded", f"{YEAR}-01-12", was),
    ]


@pytest.mark.case("3.17")
async def test_who_came_back_this_morning_is_back_since_the_beginning_of_the_day(year: World, who: Played) -> None:
    due = await away(year, who)
    today = year.now.date()
    await year.decided(who.employee, "leave", leave(FIRST, today - timedelta(days=1)))
    row = await year.until(who.appraisal, "end_leave", 1)
    assert not row["suspended"]
    assert row["due_at"] == due + timedelta(days=2)


@pytest.mark.case("3.17")
async def test_a_leave_goes_on_as_long_as_hr_says_at_last(year: World, who: Played) -> None:
    due = await away(year, who)
    await year.decided(who.employee, "leave", leave(FIRST, date(YEAR, 2, 4)))
    assert (await year.pass_to(who.appraisal, datetime(YEAR, 1, 28, 3, tzinfo=UTC)))["suspended"]
    back = await year.pass_to(who.appraisal, datetime(YEAR, 2, 5, 3, tzinfo=UTC))
    assert (back["suspended"], back["due_at"]) == (False, due + timedelta(days=30))


@pytest.mark.case("3.17")
async def test_a_leave_recorded_by_mistake_never_begins_and_may_be_recorded_anew(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    due = (await year.row(who.appraisal))["due_at"]
    await year.decided(who.employee, "leave", leave(date(YEAR, 1, 12), LONG))
    answer = await year.decided(who.employee, "leave", leave(date(YEAR, 1, 12), None))
    assert answer["appraisals"] == [who.appraisal]
    assert (await told_of_leaves(year, who))[-1][0] == "leave_taken_back"
    assert await code(year, who.employee, leave(date(YEAR, 1, 12), None)) == ("no_such_leave", "/from")
    row = await year.pass_to(who.appraisal, JANUARY + timedelta(days=8))
    assert (row["suspended"], row["due_at"]) == (False, due)
    await year.decided(who.employee, "leave", leave(date(YEAR, 1, 15), date(YEAR, 1, 16)))


@pytest.mark.case("3.17")
async def test_who_is_back_and_falls_ill_again_has_another_leave(year: World, who: Played) -> None:
    await away(year, who)
    again = leave(date(YEAR, 1, 18), date(YEAR, 1, 20))
    assert await code(year, who.employee, again) == ("overlapping_leave", "/until")
    await year.done(who.appraisal, "resume", "hr")
    await year.decided(who.employee, "leave", leave(FIRST, year.now.date() - timedelta(days=1)))
    await year.decided(who.employee, "leave", again)
    assert (await year.pass_to(who.appraisal, datetime(YEAR, 1, 19, 3, tzinfo=UTC)))["suspended"]
    assert not (await year.pass_to(who.appraisal, datetime(YEAR, 1, 21, 3, tzinfo=UTC)))["suspended"]


@pytest.mark.case("3.17")
async def test_what_has_passed_is_not_rewritten(year: World, who: Played) -> None:
    await away(year, who)
    today = year.now.date()
    assert await code(year, who.employee, leave(FIRST, today - timedelta(days=2))) == ("back_in_the_past", "/until")
    assert await code(year, who.employee, leave(FIRST, None)) == ("leave_has_begun", "/until")
    assert await code(year, who.employee, leave(FIRST, FIRST - timedelta(days=1))) == (
        "ends_before_it_begins",
        "/until",
    )
    await year.decided(who.employee, "leave", leave(date(YEAR, 2, 8), date(YEAR, 2, 9)))
    assert await code(year, who.employee, leave(FIRST, date(YEAR, 2, 8))) == ("overlapping_leave", "/until")
    before = await told_of_leaves(year, who)
    assert (await year.decided(who.employee, "leave", leave(FIRST, LONG)))["appraisals"] == []
    assert await told_of_leaves(year, who) == before, "what is recorded already is no news"
    await year.pass_to(who.appraisal, datetime(YEAR, 1, 27, 3, tzinfo=UTC))
    assert await code(year, who.employee, leave(FIRST, date(YEAR, 2, 3))) == ("leave_is_over", "/from")


@pytest.mark.case("3.17")
async def test_the_part_after_a_transfer_does_not_begin_with_a_leave_that_is_over(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    first, today = MAY.date() + timedelta(days=1), MAY.date() + timedelta(days=10)
    await year.decided(who.employee, "leave", leave(first, date(YEAR, 8, 31)))
    await year.pass_to(who.appraisal, MAY + timedelta(days=10))
    await year.decided(who.employee, "leave", leave(first, today - timedelta(days=1)))
    unit, supervisor = await year.elsewhere(who.employee)
    body = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-06-05"}
    await year.decided(who.employee, "transfer", body)
    await year.pass_to(who.appraisal, datetime(YEAR, 6, 5, 3, tzinfo=UTC))
    _, second = await year.segments_of(who.employee, 2)
    await year.bring(second)
    await year.send(second, "plan", "submit_plan", who.employee)


@pytest.mark.case("3.17")
async def test_the_next_year_that_began_with_the_leave_goes_on_when_it_ends_before_that_year(
    year: World, who: Played
) -> None:
    """The next cycle is open since December; the leave that was to last until March ends this year."""
    await planned(year, who)
    first, december = date(YEAR, 11, 2), datetime(YEAR, 12, 10, 3, tzinfo=UTC)
    await year.decided(who.employee, "leave", leave(first, date(YEAR + 1, 3, 31)))
    year.now = december
    made = await year.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "SKP"})
    cycle = made.json()["id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    await year.segments_of(who.employee, 2)
    async with year.database.transaction() as connection:
        asked = {"nip": who.employee, "cycle": cycle}
        following = str((await connection.execute(OF_CYCLE, asked)).scalar_one())
    assert (await year.until(following, "begin_leave", 1))["suspended"]
    await year.decided(who.employee, "leave", leave(first, december.date() - timedelta(days=1)))
    assert not (await year.until(following, "end_leave", 1))["suspended"]
    await year.pass_to(following, december + timedelta(days=40))
    assert (await year.actions_of(following)).count("begin_leave") == 1
