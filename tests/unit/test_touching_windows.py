"""Windows that touch, as in packs of several periods: what the next opening closes is due no later, and an outage puts that off."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given

from models.appraisal import Flow, Snapshot, Timing
from models.circumstances import Circumstances, Outage, Personnel, PersonnelChange
from models.timetable import timing
from models.vocabulary import EngineAction, State, Zone
from models.windows import WindowRow
from models.workdays import PersonClock, end_of_day, start_of_day
from tests.unit.test_outages import OUTAGES, out
from tests.unit.timetable_play import (
    CALENDARS,
    CLOCKS,
    PACK,
    PLAN,
    WIB5,
    YEAR,
    at,
    local,
    of,
    rungs,
    snapshots,
    standing,
)

QUARTERS = YEAR | {
    "midyear.1": WindowRow(date(2026, 4, 1), date(2026, 6, 30), date(2026, 6, 30)),
    "midyear.2": WindowRow(date(2026, 7, 1), date(2026, 9, 30), date(2026, 9, 30)),
}
NIGHT = out("2026-06-29 08:00", "2026-06-30 20:00")
LAST_DAY = end_of_day(date(2026, 6, 30), Zone.WIB)
GIVEN_BACK = end_of_day(date(2026, 7, 2), Zone.WIB)


def quarter(state: State, entered: str, *outages: Outage) -> Timing:
    return of(standing(state, local(entered), flow=Flow(periods=2)), windows=QUARTERS, outages=outages)


def ends(found: Timing) -> tuple[datetime | None, datetime | None]:
    return found.due_at, found.lapses_at


@pytest.mark.parametrize(
    ("state", "entered"), [(State.MIDYEAR_DRAFTING, "2026-04-01 00:10"), (State.MIDYEAR_REVIEWING, "2026-06-25 10:00")]
)
def test_what_the_next_opening_closes_is_due_no_later_and_does_not_lapse_besides(state: State, entered: str) -> None:
    found = quarter(state, entered)
    assert ends(found) == (LAST_DAY, LAST_DAY)
    assert at(found, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 7, 1), Zone.WIB)]
    assert at(found, EngineAction.LAPSE) == []
    assert rungs(found)["remind+0"] == local("2026-06-30 08:00")
    assert "overdue+1" not in rungs(found)


@pytest.mark.parametrize(
    ("state", "entered"),
    [
        (State.MIDYEAR_DRAFTING, "2026-04-01 00:10"),
        (State.MIDYEAR_REVIEWING, "2026-06-25 10:00"),
        (State.MIDYEAR_REVIEWING, "2026-07-01 10:00"),
    ],
    ids=["draft", "review", "review of what was sent in the time given back"],
)
def test_a_period_that_lost_its_last_days_to_an_outage_is_closed_so_much_later(state: State, entered: str) -> None:
    found = quarter(state, entered, NIGHT)
    assert ends(found) == (GIVEN_BACK, GIVEN_BACK)
    assert at(found, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 7, 3), Zone.WIB)]


def test_the_next_window_opens_as_it_was_said_for_whoever_is_done() -> None:
    running = standing(State.EXECUTION_RUNNING, local("2026-05-04 10:00"), flow=Flow(periods=2), periods_done=1)
    found = of(running, windows=QUARTERS, outages=(NIGHT,))
    assert at(found, EngineAction.OPEN_WINDOW) == [start_of_day(date(2026, 7, 1), Zone.WIB)]


def test_an_outage_long_before_holds_no_later_window_back_for_what_has_no_days_left() -> None:
    """Her review lapsed in August and nobody took it over; her self-assessment opens in December."""
    found = of(
        standing(State.MIDYEAR_REVIEWING, local("2026-08-03")), outages=(out("2026-08-04 08:00", "2026-08-06 08:00"),)
    )
    assert at(found, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 12, 1), Zone.WIB)]


@pytest.mark.parametrize(
    ("state", "entered"),
    [(State.MIDYEAR_DRAFTING, "2026-04-01 00:10"), (State.MIDYEAR_REVIEWING, "2026-07-20 10:00")],
    ids=["draft", "review of what was sent afterwards"],
)
def test_a_leave_puts_the_closing_off_by_its_days_and_one_to_come_by_none(state: State, entered: str) -> None:
    """Three weeks from 24 June: of the quarter there were seven days left, and there are when she is back."""
    first = date(2026, 6, 24)
    leave = PersonnelChange(Personnel.LEAVE, first, date(2026, 7, 14))
    around = Circumstances(QUARTERS, WIB5, changes=(leave,))
    shifted = timedelta(days=21) if state is State.MIDYEAR_DRAFTING else timedelta(0)
    been = standing(state, local(entered), flow=Flow(periods=2), shifted=shifted, leaves=(first,))
    closes = start_of_day(date(2026, 7, 22), Zone.WIB)
    assert at(timing(been, PACK, around, 1), EngineAction.CLOSE_PERIOD) == [closes]
    to_come = been.model_copy(update={"leaves": ()})
    as_said = max(local(entered), start_of_day(date(2026, 7, 1), Zone.WIB))
    assert at(timing(to_come, PACK, around, 1), EngineAction.CLOSE_PERIOD) == [as_said]


@pytest.mark.parametrize("paused", [False, True], ids=["leave", "suspension"])
@pytest.mark.parametrize(
    ("windows", "first", "last", "comes"),
    [
        (YEAR, date(2026, 6, 25), date(2026, 9, 14), EngineAction.OPEN_WINDOW),
        (YEAR, date(2026, 6, 25), date(2026, 12, 20), EngineAction.SKIP_PERIOD),
        (QUARTERS, date(2026, 3, 20), date(2026, 7, 14), EngineAction.SKIP_PERIOD),
        (QUARTERS, date(2026, 3, 20), date(2026, 6, 20), EngineAction.OPEN_WINDOW),
    ],
    ids=["before the next window", "in the next window", "in the next period", "in its own last days"],
)
def test_a_window_that_was_missed_is_hers_until_the_next_one_opens(
    windows: dict[str, WindowRow], first: date, last: date, comes: EngineAction, *, paused: bool
) -> None:
    """Months that she did not serve do not keep her from those she serves now."""
    began, back = start_of_day(first, Zone.WIB), start_of_day(last + timedelta(days=1), Zone.WIB)
    leave = () if paused else (PersonnelChange(Personnel.LEAVE, first, last),)
    periods = 1 if windows is YEAR else 2
    been = standing(
        State.EXECUTION_RUNNING,
        local("2026-01-20 09:00"),
        flow=Flow(periods=periods),
        plan_in_force=PLAN,
        pauses=((began, back),),
        leaves=tuple(one.effective for one in leave),
    )
    found = timing(been, PACK, Circumstances(windows, WIB5, changes=leave), 1)
    first_of_all = found.moments[0]
    assert (first_of_all.action, first_of_all.key) == (comes, "midyear.1")
    assert comes is EngineAction.OPEN_WINDOW or first_of_all.at == back


def test_an_amendment_in_review_has_its_time_back_too() -> None:
    amended = standing(State.PLAN_REVIEWING, local("2026-06-26 09:00"), plan_in_force=PLAN)
    assert of(amended).due_at == LAST_DAY
    found = of(amended, outages=(NIGHT,))
    assert found.due_at == GIVEN_BACK
    assert at(found, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 7, 3), Zone.WIB)]


@given(snapshots(), CALENDARS, CLOCKS, OUTAGES)
def test_no_due_and_no_lapse_of_a_step_lies_after_what_closes_it(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock, outages: tuple[Outage, ...]
) -> None:
    found = of(snapshot, clock, windows, outages=outages)
    for closes in at(found, EngineAction.CLOSE_PERIOD):
        said = [*ends(found), *rungs(found).values(), *at(found, EngineAction.LAPSE)]
        assert all(end is None or end <= closes for end in said)
        assert found.due_at is not None
        assert found.lapses_at is not None
