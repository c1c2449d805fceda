"""Working days as the joint decrees, the week and an agency's own table make them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary import Zone
from models.workdays import (
    AgencyDays,
    PersonClock,
    Week,
    WorkCalendar,
    end_of_day,
    local_day,
    national_holidays,
    start_of_day,
)

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
WEEKS = st.sampled_from((5, 6))
INSTANTS = st.integers(0, 1_000_000).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
ZONES = st.sampled_from(Zone)


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        (Zone.WIB, datetime(2026, 1, 31, 16, 59, 59, 999999, UTC)),
        (Zone.WITA, datetime(2026, 1, 31, 15, 59, 59, 999999, UTC)),
        (Zone.WIT, datetime(2026, 1, 31, 14, 59, 59, 999999, UTC)),
    ],
)
def test_a_day_ends_three_times_across_the_archipelago(zone: Zone, utc: datetime) -> None:
    assert end_of_day(date(2026, 1, 31), zone) == utc


@given(DAYS, ZONES)
def test_a_day_ends_one_microsecond_before_the_next_begins(day: date, zone: Zone) -> None:
    tomorrow = start_of_day(day + timedelta(days=1), zone)
    assert end_of_day(day, zone) + timedelta(microseconds=1) == tomorrow
    assert (local_day(end_of_day(day, zone), zone), local_day(tomorrow, zone)) == (day, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("week", "before", "after"),
    [
        # 2026: Nyepi on Thursday 19 March, Idul Fitri on 21 and 22, collective leave on 18, 20, 23 and 24
        (5, date(2026, 3, 17), date(2026, 3, 25)),
        (6, date(2026, 3, 17), date(2026, 3, 25)),
        # 2027: Nyepi on Monday 8 March, Idul Fitri on 10 and 11, collective leave on 9, 12 and 15
        (5, date(2027, 3, 5), date(2027, 3, 16)),
        (6, date(2027, 3, 6), date(2027, 3, 13)),
    ],
)
def test_nobody_works_over_idul_fitri_and_its_collective_leave(week: Week, before: date, after: date) -> None:
    calendar = WorkCalendar(week)
    assert calendar.next_working(before) == after
    assert calendar.previous_working(after) == before


def test_a_year_without_a_decree_has_estimated_holidays_and_no_collective_leave() -> None:
    idul_fitri = date(2028, 2, 27)
    assert idul_fitri in national_holidays(2028)
    assert idul_fitri - timedelta(days=2) not in national_holidays(2028)


@pytest.mark.parametrize(
    ("week", "day", "n", "expected"),
    [
        (5, date(2026, 1, 30), 1, date(2026, 2, 2)),
        (6, date(2026, 1, 30), 1, date(2026, 1, 31)),
        (6, date(2026, 1, 31), 1, date(2026, 2, 2)),
        (5, date(2026, 2, 1), 1, date(2026, 2, 2)),
        (5, date(2026, 2, 1), 0, date(2026, 2, 2)),
        (5, date(2026, 2, 2), 0, date(2026, 2, 2)),
        (5, date(2026, 2, 1), -1, date(2026, 1, 30)),
        (5, date(2026, 2, 9), -5, date(2026, 2, 2)),
        (5, date(2028, 2, 29), 1, date(2028, 3, 1)),
        (5, date(2028, 3, 1), -1, date(2028, 2, 29)),
        (5, date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_working_days_are_counted_from_day_zero(week: Week, day: date, n: int, expected: date) -> None:
    assert WorkCalendar(week).add(day, n) == expected


def test_an_agencys_table_outranks_the_week_and_the_decree() -> None:
    sunday, holiday, tuesday = date(2026, 2, 1), date(2026, 8, 17), date(2026, 2, 3)
    calendar = WorkCalendar(5, AgencyDays(off=frozenset({tuesday}), working=frozenset({sunday, holiday})))
    assert [calendar.is_working(day) for day in (sunday, holiday, tuesday)] == [True, True, False]


def test_an_agency_cannot_have_a_day_both_off_and_on() -> None:
    with pytest.raises(ValueError, match="2026-02-03"):
        AgencyDays(frozenset({date(2026, 2, 3)}), frozenset({date(2026, 2, 3)}))


def test_a_table_that_never_works_is_a_mistake_and_not_an_endless_search() -> None:
    def closed(year: int) -> frozenset[date]:
        return frozenset(date(year, 1, 1) + timedelta(days=n) for n in range(366))

    with pytest.raises(ValueError, match="no working day"):
        WorkCalendar(5, national=closed).next_working(date(2026, 1, 1))


def test_a_newer_holiday_table_moves_a_count_in_a_running_year() -> None:
    def newer(year: int) -> frozenset[date]:
        return national_holidays(year) | {date(2026, 8, 18)}

    assert WorkCalendar(5).add(date(2026, 8, 14), 1) == date(2026, 8, 18)
    assert WorkCalendar(5, national=newer).add(date(2026, 8, 14), 1) == date(2026, 8, 19)


@given(DAYS, st.integers(-20, 20), WEEKS)
def test_a_count_ends_on_a_working_day_and_counts_each_working_day_once(day: date, n: int, week: Week) -> None:
    calendar = WorkCalendar(week)
    end = calendar.add(day, n)
    assert calendar.is_working(end)
    if n > 0:
        passed = [day + timedelta(days=k) for k in range(1, (end - day).days + 1)]
    else:
        passed = [end + timedelta(days=k) for k in range((day - end).days)]
    if n != 0:
        assert sum(calendar.is_working(d) for d in passed) == abs(n)


@given(INSTANTS, ZONES, WEEKS)
def test_somebody_on_duty_is_called_at_the_hour_of_a_working_day(at: datetime, zone: Zone, week: Week) -> None:
    clock = PersonClock.of(zone, week)
    called = clock.on_duty(at, 8)
    assert called >= at
    assert clock.calendar.is_working(clock.day_of(called))
    assert called - start_of_day(clock.day_of(called), zone) == timedelta(hours=8)
