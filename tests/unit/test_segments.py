"""Which days, which months and which place an appraisal is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.people import Agency
from activities.segments import post_of
from models.heads import Heads
from models.line import Line, Tenure
from models.places import Move, Place
from models.segments import OnRecord, Segment, segment

YEAR = 2027
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
LAUNCH = date(YEAR, 1, 5)
HERE: Place = {"post": "A", "level": "Ahli Pertama", "kind": "PNS", "unit_id": "u0", "zone": "WIB", "work_week": 5}
THERE: Place = {**HERE, "post": "B", "level": "Ahli Muda", "unit_id": "u1"}
LONG_AGO = date(2019, 4, 1)


def recorded(**said: object) -> OnRecord:
    known = {"year": YEAR, "number": 1, "began": LAUNCH, "ended": None, "place": HERE, "since": LONG_AGO}
    return OnRecord(**{**known, "entered": LONG_AGO, **said})  # type: ignore[arg-type]


def went(day: date, since: date | None = LONG_AGO, before: Place | None = HERE) -> Move:
    """To the other place, which her row says by now."""
    return Move(day.isoformat(), day, THERE, coming=False, before=before, since=since)


def retitled(day: date) -> Move:
    """She is called B, on the next level, where she stays."""
    return Move(day.isoformat(), day, {"post": "B", "level": "Ahli Muda"}, coming=False, before=HERE, title=True)


@given(st.lists(st.dates(FIRST + timedelta(days=1), LAST), unique=True, max_size=6))
def test_the_months_of_a_years_segments_add_up_to_the_year(transfers: list[date]) -> None:
    starts = [FIRST, *sorted(transfers)]
    ends = [start - timedelta(days=1) for start in starts[1:]] + [LAST]
    parts = [Segment(start, end, HERE) for start, end in zip(starts, ends, strict=True)]
    assert sum(part.months for part in parts) == 12
    assert all(part.months >= 0 for part in parts)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (FIRST, LAST, 12),
        (FIRST, date(YEAR, 2, 28), 2),
        (date(YEAR, 6, 1), LAST, 7),
        (FIRST, date(YEAR, 5, 31), 5),
        (FIRST, date(YEAR, 5, 30), 4),
        (date(YEAR, 3, 31), LAST, 10),
        (date(YEAR, 3, 2), date(YEAR, 3, 30), 0),
    ],
)
def test_the_month_of_a_start_counts_and_of_an_end_where_it_is_whole(first: date, last: date, months: int) -> None:
    assert Segment(first, last, HERE).months == months


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ({}, FIRST, LAST),
        ({"since": None}, FIRST, LAST),
        ({"began": None}, FIRST, LAST),
        ({"began": date(YEAR - 1, 12, 10)}, FIRST, LAST),
        ({"began": date(YEAR, 2, 10)}, FIRST, LAST),
        ({"ended": date(YEAR, 5, 31)}, FIRST, date(YEAR, 5, 31)),
        ({"ended": date(YEAR + 1, 1, 20)}, FIRST, LAST),
        ({"number": 2, "began": date(YEAR, 10, 1)}, date(YEAR, 10, 1), LAST),
        ({"since": date(YEAR, 3, 1), "began": date(YEAR, 3, 8)}, date(YEAR, 3, 1), LAST),
        ({"since": date(YEAR, 7, 1)}, FIRST, LAST),
        ({"since": date(YEAR, 3, 1), "began": date(YEAR, 2, 9), "entered": date(YEAR, 2, 5)}, date(YEAR, 3, 1), LAST),
        (
            {"ended": date(YEAR, 5, 31), "since": date(YEAR, 9, 1), "entered": date(YEAR, 2, 5)},
            FIRST,
            date(YEAR, 5, 31),
        ),
        ({"ended": date(YEAR - 1, 12, 30), "began": date(YEAR - 1, 12, 10)}, *(date(YEAR - 1, 12, 30),) * 2),
    ],
)
def test_an_appraisal_is_about_the_days_in_its_post_within_its_year(
    said: dict[str, object], first: date, last: date
) -> None:
    """Who came late began late; another title in the same place once her year ran, a late launch, or a return, is no late start."""
    found = segment(recorded(**said), [], date(YEAR + 1, 1, 20))
    assert (found.first, found.last) == (first, last)


def test_a_closed_segment_is_in_the_place_of_its_last_day_whatever_came_since() -> None:
    closed = recorded(ended=date(YEAR, 5, 31), place=THERE, since=date(YEAR, 6, 1))
    found = segment(closed, [went(date(YEAR, 6, 1))], date(YEAR, 8, 1))
    assert (found.place, found.first, found.months) == (HERE, FIRST, 5)


def test_who_came_late_and_went_on_again_began_when_she_came() -> None:
    closed = recorded(ended=date(YEAR, 9, 30), place=THERE, since=date(YEAR, 10, 1), began=date(YEAR, 3, 8))
    found = segment(closed, [went(date(YEAR, 10, 1), since=date(YEAR, 3, 1))], date(YEAR, 11, 1))
    assert (found.first, found.months) == (date(YEAR, 3, 1), 7)


def test_a_transfer_after_the_rating_leaves_the_year_its_months_and_its_place() -> None:
    gone_on = recorded(place=THERE, since=date(YEAR, 12, 21))
    found = segment(gone_on, [went(date(YEAR, 12, 21))], date(YEAR + 1, 1, 5))
    assert (found.place, found.months) == (HERE, 12)


def test_another_title_leaves_what_ended_or_was_rated_before_its_day_the_place_of_then() -> None:
    there = {**HERE, "post": "B", "level": "Ahli Muda"}
    for said, day, place in (
        ({}, date(YEAR + 1, 1, 3), HERE),
        ({"rated": date(YEAR, 12, 20)}, date(YEAR, 12, 27), HERE),
        ({"ended": date(YEAR, 5, 31)}, date(YEAR, 6, 1), HERE),
        ({}, date(YEAR, 7, 1), there),
    ):
        found = segment(recorded(place=there, since=day, **said), [retitled(day)], date(YEAR + 1, 1, 15))
        assert found.place == place, day


def test_a_transfer_of_the_next_year_leaves_the_old_one_its_place_before_and_after_it_has_come() -> None:
    day = date(YEAR + 1, 1, 1)
    coming = Move("m", day, THERE, coming=True)
    for today, found in (
        (LAST, segment(recorded(), [coming], LAST)),
        (day, segment(recorded(), [coming], day)),
        (day, segment(recorded(place=THERE, since=day), [went(day)], day)),
    ):
        assert (found.place, found.months) == (HERE, 12), today


def test_a_second_segment_is_in_the_place_that_began_it_though_a_third_followed() -> None:
    further = {**THERE, "post": "C"}
    moves = [went(date(YEAR, 6, 1)), Move("n", date(YEAR, 9, 1), further, False, THERE, date(YEAR, 6, 1))]
    second = recorded(number=2, began=date(YEAR, 6, 1), ended=date(YEAR, 8, 31), place=further, since=moves[1].day)
    found = segment(second, moves, date(YEAR, 10, 1))
    assert (found.place, found.months) == (THERE, 3)


def test_where_it_was_not_kept_what_a_transfer_ended_the_year_is_whole_and_the_place_the_next_that_is_known() -> None:
    closed = recorded(ended=date(YEAR, 5, 31), place=THERE, since=date(YEAR, 6, 1))
    found = segment(closed, [went(date(YEAR, 6, 1), since=None, before=None)], date(YEAR, 8, 1))
    assert (found.place, found.first) == (THERE, FIRST)


@pytest.mark.parametrize(
    ("said", "moves", "today", "day"),
    [
        ({}, [], date(YEAR, 7, 1), date(YEAR, 7, 1)),
        ({}, [], date(YEAR + 1, 1, 15), LAST),
        ({}, [went(date(YEAR + 1, 1, 3))], date(YEAR + 1, 1, 15), LAST),
        ({}, [went(date(YEAR, 12, 21))], date(YEAR + 1, 1, 15), date(YEAR, 12, 20)),
        ({"ended": date(YEAR, 5, 31)}, [went(date(YEAR, 6, 1))], date(YEAR, 7, 1), date(YEAR, 5, 31)),
        ({"entered": date(YEAR + 1, 1, 1)}, [], date(YEAR + 1, 1, 15), date(YEAR + 1, 1, 1)),
        ({"rated": date(YEAR, 12, 20)}, [retitled(date(YEAR, 12, 27))], date(YEAR + 1, 1, 15), date(YEAR, 12, 26)),
        ({"rated": date(YEAR, 12, 20)}, [retitled(date(YEAR, 12, 20))], date(YEAR + 1, 1, 15), LAST),
        ({}, [retitled(date(YEAR, 7, 1))], date(YEAR + 1, 1, 15), LAST),
        ({"left": date(YEAR, 12, 24)}, [], date(YEAR + 1, 1, 15), date(YEAR, 12, 24)),
        ({"left": date(YEAR, 12, 24)}, [went(date(YEAR, 12, 21))], date(YEAR + 1, 1, 15), date(YEAR, 12, 20)),
        ({"ended": date(YEAR, 5, 31), "left": date(YEAR, 12, 24)}, [], date(YEAR + 1, 1, 15), date(YEAR, 5, 31)),
    ],
)
def test_who_stood_where_is_asked_of_the_last_day_in_the_post_or_of_today(
    said: dict[str, object], moves: list[Move], today: date, day: date
) -> None:
    """Of an agency that was first recorded after that year, of the first day of which anything is known."""
    assert segment(recorded(**said), moves, today).day(today) == day


@pytest.mark.parametrize(
    ("said", "superior", "top"),
    [
        ({}, Tenure(UUID(int=2), None, True, LONG_AGO, LAST), False),
        ({}, Tenure(UUID(int=2), None, True, date(YEAR + 1, 1, 1)), True),
        ({"supervisor_override": str(UUID(int=3))}, Tenure(UUID(int=2), None, True, date(YEAR + 1, 1, 1)), False),
    ],
)
def test_whether_somebody_is_above_her_is_asked_of_that_day(
    said: dict[str, object], superior: Tenure, top: bool
) -> None:
    """Not of whoever has retired, or has come, since."""
    line = Line([Tenure(UUID(int=1), UUID(int=2), False, LONG_AGO), superior])
    row = {"person_id": str(UUID(int=1)), "zone": "WIB", "acting_for": None, "supervisor_override": None, **said}
    year = Segment(FIRST, LAST, {**HERE, "family": "guru"}, LAST)
    agency = Agency(0, line, {}, {}, {}, (), Heads(line))
    post = post_of(year, row, agency, datetime(YEAR + 1, 1, 15, 3, tzinfo=UTC))
    assert (post.level, post.family, post.is_top) == ("Ahli Pertama", "guru", top)
