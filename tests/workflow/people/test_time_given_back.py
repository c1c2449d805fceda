"""Who was away has her days back whole: they end with a day, and the next window's opening does not take them from her."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from models.vocabulary import Zone
from models.workdays import end_of_day, local_day
from tests.api.test_cycles import cycle_of, move
from tests.api.test_outages import record
from tests.endings import JANUARY, JULY, Played
from tests.workflow.people.changes import planned
from tests.world import YEAR, World, opened_cycle, opened_world

PEOPLE = 60


def whole(row: Mapping[str, object], days: int) -> datetime:
    """The end of the day that lies so many days after the one on which this row's step was due, by her clocks."""
    due, zone = row["due_at"], Zone(str(row["zone"]))
    assert isinstance(due, datetime)
    return end_of_day(local_day(due, zone) + timedelta(days=days), zone)


@pytest.mark.parametrize(
    ("lasts", "days", "named"),
    [
        (timedelta(hours=5), 1, 0),
        (timedelta(days=2, hours=23), 3, 3),
        (timedelta(days=3, hours=1), 4, 3),
    ],
    ids=["10:00 to 15:00", "day 1 10:00 to day 4 09:00", "day 1 10:00 to day 4 11:00"],
)
@pytest.mark.parametrize("extended", [False, True])
async def test_a_suspension_gives_whole_days_back(
    year: World, who: Played, lasts: timedelta, days: int, named: int, *, extended: bool
) -> None:
    """Also of a deadline that HR named to the hour, two in the afternoon: it ends with the day to which the hours lead."""
    year.now = JANUARY
    before = await year.row(who.appraisal)
    if extended:
        afternoon = datetime(YEAR, 3, 1, 7, tzinfo=UTC)
        await year.done(who.appraisal, "extend", "hr", {"due_at": afternoon.isoformat(), "reason": "Dinas luar"})
        before = await year.pass_to(who.appraisal, JANUARY + timedelta(hours=1))
        assert before["due_at"] == afternoon
    year.now = JANUARY + timedelta(hours=3)
    await year.done(who.appraisal, "suspend", "hr", {"reason": "Pemeriksaan"})
    assert (await year.row(who.appraisal))["due_at"] is None
    year.now += lasts
    await year.done(who.appraisal, "resume", "hr")
    after = await year.row(who.appraisal)
    assert after["due_at"] == whole(before, named if extended else days)


@pytest.fixture
async def touching(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[tuple[World, Played]]:
    """The review's window closes on 31 August and the next opens on the day after; somebody with a plan in force."""
    async with opened_world(postgres_url, engine_address, tmp_path, people=24) as year:
        await opened_cycle(year)
        year.now = JANUARY
        opens = {"windows": {"self_assessment": {"opens_at": f"{YEAR}-09-01"}}}
        assert (await move(year, await cycle_of(year), opens)).status_code == 200
        who = await Played.of(year, await year.next_clerk())
        await planned(year, who)
        yield year, who


async def away_until_september(year: World, who: Played, way: str, month: int = 8) -> None:
    """She is away from the 25th of that month until 14 September: on leave, or because HR paused her year."""
    await year.pass_to(who.appraisal, datetime(YEAR, month, 20, 3, tzinfo=UTC))
    if way == "paused":
        await year.pass_to(who.appraisal, datetime(YEAR, month, 24, 17, 30, tzinfo=UTC))
        await year.done(who.appraisal, "suspend", "hr", {"reason": "Pemeriksaan"})
        await year.pass_to(who.appraisal, datetime(YEAR, 9, 14, 17, 30, tzinfo=UTC))
        await year.done(who.appraisal, "resume", "hr")
        return
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-{month:02}-25", "until": f"{YEAR}-09-14"})
    assert (await year.pass_to(who.appraisal, datetime(YEAR, 9, 2, 3, tzinfo=UTC)))["suspended"]


@pytest.mark.case("3.17")
@pytest.mark.parametrize("way", ["leave", "paused"])
async def test_time_away_puts_off_the_opening_that_would_close_her_review(
    touching: tuple[World, Played], way: str
) -> None:
    year, who = touching
    assert (await year.pass_to(who.appraisal, JULY))["state"] == "midyear.drafting"
    await away_until_september(year, who, way)
    back = await year.pass_to(who.appraisal, datetime(YEAR, 9, 15, 3, tzinfo=UTC))
    assert (back["state"], back["suspended"]) == ("midyear.drafting", False)
    await year.pass_to(who.appraisal, datetime(YEAR, 9, 17, 3, tzinfo=UTC))
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    year.now = datetime(YEAR, 9, 18, 3, tzinfo=UTC)
    await year.done(who.appraisal, "return_midyear", who.supervisor, {"comment": "Mohon lengkapi."})
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.pass_to(who.appraisal, datetime(YEAR, 9, 20, 3, tzinfo=UTC))
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    row = await year.until(who.appraisal, "open_window", 2)
    assert row["state"] == "self_assessment.drafting", "the next window was open for her as for everybody else"


@pytest.mark.case("3.17")
async def test_who_is_back_and_lets_those_days_pass_too_is_not_waited_for(touching: tuple[World, Played]) -> None:
    year, who = touching
    assert (await year.pass_to(who.appraisal, JULY))["state"] == "midyear.drafting"
    await away_until_september(year, who, "leave")
    await year.pass_to(who.appraisal, datetime(YEAR, 9, 21, 3, tzinfo=UTC))
    assert (await year.row(who.appraisal))["state"] == "midyear.drafting"
    row = await year.pass_to(who.appraisal, datetime(YEAR, 9, 23, 3, tzinfo=UTC))
    assert row["state"] == "self_assessment.drafting"


@pytest.mark.case("3.17")
@pytest.mark.parametrize("returned", [True, False], ids=["sent back", "in review"])
async def test_a_review_that_the_next_window_closed_is_named_by_an_outage_and_a_leave_learnt_of_late(
    touching: tuple[World, Played], *, returned: bool
) -> None:
    """Each would have put the closing off, had it been known; the outage of 23 August too, before she had sent her report."""
    year, who = touching
    assert (await year.pass_to(who.appraisal, JULY))["state"] == "midyear.drafting"
    await year.pass_to(who.appraisal, datetime(YEAR, 8, 26, 3, tzinfo=UTC))
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    if returned:
        year.now = datetime(YEAR, 8, 27, 3, tzinfo=UTC)
        await year.done(who.appraisal, "return_midyear", who.supervisor, {"comment": "Mohon lengkapi."})
    row = await year.pass_to(who.appraisal, datetime(YEAR, 9, 2, 3, tzinfo=UTC))
    assert row["state"] == "self_assessment.drafting"
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    assert "close_period" in [event["action"] for event in trail]
    for first, last in (("08-29T08:00", "08-31T23:30"), ("08-23T08:00", "08-24T23:30")):
        outage = {"from": f"{YEAR}-{first}:00+07:00", "to": f"{YEAR}-{last}:00+07:00", "reason": "Server padam"}
        assert (await record(year, outage, year.now))["already_lapsed"] == [who.appraisal]
    leave = await year.decided(who.employee, "leave", {"from": f"{YEAR}-08-27", "until": f"{YEAR}-09-01"})
    assert leave["already_lapsed"] == [who.appraisal]
    july = await year.decided(who.employee, "leave", {"from": f"{YEAR}-06-01", "until": f"{YEAR}-06-30"})
    assert july["already_lapsed"] == [], "before the window of the review opened nothing was lost"


@pytest.mark.case("3.17")
@pytest.mark.parametrize("earlier", ["nothing", "a pause", "a form sent back"])
async def test_a_leave_recorded_after_its_end_gives_its_days_whatever_came_before(
    year: World, who: Played, earlier: str
) -> None:
    """Nineteen days in January, of a plan that is due on the last of them."""
    year.now = datetime(YEAR, 1, 6, 3, tzinfo=UTC)
    if earlier == "a pause":
        await year.done(who.appraisal, "suspend", "hr", {"reason": "Pemeriksaan"})
        year.now += timedelta(hours=2)
        await year.done(who.appraisal, "resume", "hr")
    await year.pass_to(who.appraisal, datetime(YEAR, 1, 26, 3, tzinfo=UTC))
    if earlier == "a form sent back":
        await year.send(who.appraisal, "plan", "submit_plan", who.employee)
        year.now = datetime(YEAR, 1, 27, 3, tzinfo=UTC)
        await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Mohon lengkapi."})
    await year.pass_to(who.appraisal, datetime(YEAR, 1, 28, 3, tzinfo=UTC))
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-01-07", "until": f"{YEAR}-01-25"})
    row = await year.pass_to(who.appraisal, datetime(YEAR, 1, 28, 5, tzinfo=UTC))
    day = 20 if earlier == "a pause" else 19
    assert (row["suspended"], row["due_at"]) == (False, end_of_day(date(YEAR, 2, day), Zone(str(row["zone"]))))


@pytest.mark.case("3.17")
@pytest.mark.parametrize("way", ["leave", "paused"])
async def test_a_review_that_was_missed_whole_is_passed_over_once_the_next_window_is_open(
    touching: tuple[World, Played], way: str
) -> None:
    year, who = touching
    await away_until_september(year, who, way, month=6)
    row = await year.pass_to(who.appraisal, datetime(YEAR, 9, 15, 3, tzinfo=UTC))
    assert row["state"] == "self_assessment.drafting"
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    assert "skip_period" in [event["action"] for event in trail]
    assert "close_period" not in [event["action"] for event in trail]


@pytest.mark.case("3.17")
@pytest.mark.parametrize("way", ["leave", "paused"])
async def test_a_window_that_closed_while_she_was_away_with_an_amendment_in_review_is_hers_when_she_is_back(
    year: World, who: Played, way: str
) -> None:
    """Her self-assessment opens in December only: there is time for the review of the half-year that she served."""
    await planned(year, who)
    await year.pass_to(who.appraisal, datetime(YEAR, 6, 20, 3, tzinfo=UTC))
    await year.send(who.appraisal, "plan", "amend_plan", who.employee)
    await away_until_september(year, who, way, month=6)
    row = await year.pass_to(who.appraisal, datetime(YEAR, 9, 15, 3, tzinfo=UTC))
    if row["state"] == "plan.reviewing":
        await year.done(who.appraisal, "approve_plan", who.supervisor)
        row = await year.until(who.appraisal, "open_window", 1)
    assert row["state"] == "midyear.drafting"
