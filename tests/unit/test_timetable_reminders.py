"""Reminders: counted in days and not in hours, none on a day off, and never all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given

from models.appraisal import Snapshot
from models.vocabulary import State, Zone
from models.windows import WindowRow
from models.workdays import PersonClock, end_of_day
from tests.unit.timetable_play import (
    CALENDARS,
    CLOCKS,
    INSTANTS,
    PACK,
    WIB5,
    YEAR,
    local,
    of,
    rungs,
    snapshots,
    standing,
)

ASKED = [
    ("2026-01-21 07:59", ["remind-7", "remind-3", "remind-1", "remind+0"]),
    ("2026-01-27 09:00", ["remind-3", "remind-1", "remind+0"]),
    ("2026-01-29 12:00", ["remind-1", "remind+0"]),
    ("2026-03-01 12:00", ["remind+0"]),
]


@pytest.mark.parametrize(("asked", "left"), ASKED)
def test_after_an_outage_of_the_worker_only_the_last_of_the_reminders_is_left(asked: str, left: list[str]) -> None:
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02")), now=local(asked)))
    assert [key for key in found if key.startswith("remind")] == left
    assert {"overdue+1", "takeover+3", "hr_list+7"} <= set(found)


def test_a_reminder_that_was_given_lets_no_earlier_one_come_after_it() -> None:
    snapshot = standing(State.PLAN_DRAFTING, local("2026-01-02"), rungs=("remind-1",))
    found = rungs(of(snapshot, now=local("2026-01-29 09:00")))
    assert [key for key in found if key.startswith("remind")] == ["remind+0"]


def test_a_deadline_brought_forward_brings_one_reminder_at_once_and_not_three() -> None:
    windows = YEAR | {"plan": replace(YEAR["plan"], due=date(2026, 1, 20))}
    found = rungs(
        of(standing(State.PLAN_DRAFTING, local("2026-01-02")), windows=windows, now=local("2026-01-19 10:00"))
    )
    assert [key for key in found if key.startswith("remind")] == ["remind-1", "remind+0"]


@given(snapshots(), CALENDARS, CLOCKS, INSTANTS)
def test_asked_at_any_time_at_most_one_reminder_has_passed_and_nothing_else_is_lost(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock, now: datetime
) -> None:
    everything, found = of(snapshot, clock, windows), of(snapshot, clock, windows, now=now)
    lost = [moment for moment in everything.moments if moment not in found.moments]
    passed = [moment for moment in found.moments if moment.key.startswith("remind") and moment.at <= now]
    assert len(passed) <= 1
    assert all(one.key.startswith("remind") and one.at <= now for one in lost)
    assert (found.due_at, found.lapses_at) == (everything.due_at, everything.lapses_at)


@pytest.mark.parametrize(
    ("entered", "week", "due"),
    [
        ("2026-01-30 16:00", 5, date(2026, 2, 2)),
        ("2026-01-30 16:00", 6, date(2026, 1, 31)),
        ("2026-01-30 00:01", 5, date(2026, 2, 2)),
        ("2026-03-17 16:00", 5, date(2026, 3, 25)),
        ("2028-02-28 08:00", 5, date(2028, 2, 29)),
        ("2028-02-29 17:00", 5, date(2028, 3, 1)),
    ],
    ids=["over a weekend", "saturday is worked", "from midnight", "idul fitri", "onto a leap day", "from a leap day"],
)
def test_one_working_day_is_a_whole_day_and_never_24_hours(entered: str, week: int, due: date) -> None:
    step = PACK.steps[State.PLAN_REVIEWING].model_copy(update={"days": 1})
    pack = PACK.model_copy(update={"steps": {**PACK.steps, State.PLAN_REVIEWING: step}})
    clock = PersonClock.of(Zone.WIB, 6 if week == 6 else 5)
    found = of(standing(State.PLAN_REVIEWING, local(entered)), clock, pack=pack)
    assert found.due_at == end_of_day(due, Zone.WIB)


def test_a_rung_due_in_the_collective_leave_of_idul_fitri_waits_for_the_first_day_of_work() -> None:
    """The leave of 2026 goes from 18 to 24 March; the plan is due on the 18th."""
    windows = YEAR | {"plan": replace(YEAR["plan"], due=date(2026, 3, 18), closes=date(2026, 3, 31))}
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02")), windows=windows))
    assert (found["remind+0"], found["overdue+1"]) == (local("2026-03-17 08:00"), local("2026-03-25 08:00"))


def test_a_rung_of_a_plan_due_on_a_leap_day() -> None:
    windows = {
        "plan": WindowRow(date(2028, 1, 3), date(2028, 2, 29), date(2028, 3, 31)),
        "rating": WindowRow(date(2028, 12, 1)),
    }
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2028-01-03")), windows=windows))
    assert (found["remind+0"], found["overdue+1"]) == (local("2028-02-29 08:00"), local("2028-03-01 08:00"))


@pytest.mark.parametrize("week", [5, 6])
@pytest.mark.parametrize("due", [date(2026, 1, 18) + timedelta(days=n) for n in range(14)])
def test_no_rung_falls_on_a_sunday(due: date, week: int) -> None:
    windows = YEAR | {"plan": replace(YEAR["plan"], due=due)}
    clock = PersonClock.of(Zone.WIT, 6 if week == 6 else 5)
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02", Zone.WIT)), clock, windows))
    assert found
    assert all(clock.day_of(moment).weekday() != 6 for moment in found.values())


def test_a_form_returned_after_the_due_date_has_days_again_and_is_not_thrown_forward() -> None:
    """Elsewhere a task whose date had passed went on by itself the moment it came back."""
    came_back = local("2026-03-10 10:00")
    found = of(standing(State.PLAN_DRAFTING, came_back, returned=True), now=came_back)
    assert found.due_at == end_of_day(date(2026, 3, 17), Zone.WIB)
    assert all(moment.at > came_back for moment in found.moments)
    assert WIB5.day_of(min(moment.at for moment in found.moments)) > date(2026, 3, 10)
