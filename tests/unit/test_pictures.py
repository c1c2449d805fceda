"""The shapes of pictures: whatever the numbers, bars sum, nothing lies outside, and where there is nothing there is no picture."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.web.pictures import WHOLE, Row, Span, funnel, row, rows, timeline

EDGE = WHOLE + 1e-6
people = st.integers(0, 10_000)
parts = st.lists(st.tuples(st.sampled_from("abcd"), people), max_size=6)
table = st.lists(st.tuples(st.text(max_size=3), parts), max_size=6)
days = st.integers(0, 4 * 365 * 24).map(lambda hours: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
ends = st.none() | days.map(datetime.isoformat)
stops = st.lists(st.fixed_dictionaries({"opens_at": ends, "due_at": ends, "done_at": ends}), max_size=9)


def lies_inside(one: Row) -> None:
    end = 0.0
    for strip in one.strips:
        assert strip.start >= end - 1e-6
        assert strip.width > 0
        end = strip.start + strip.width
    assert end <= EDGE


@given(parts)
def test_the_parts_of_a_whole_fill_its_row(found: list[tuple[str, int]]) -> None:
    whole = sum(count for _, count in found)
    if whole:
        made = row("", found, whole)
        lies_inside(made)
        assert made.people == sum(strip.people for strip in made.strips) == whole
        assert abs(sum(strip.width for strip in made.strips) - WHOLE) < 1e-6


@given(table)
def test_rows_that_are_compared_are_as_wide_as_their_numbers_say_and_the_fullest_fills_the_picture(
    found: list[tuple[str, list[tuple[str, int]]]],
) -> None:
    made = rows(found)
    sums = [sum(count for _, count in its) for _, its in found]
    assert bool(made) == any(sums)
    for one, whole in zip(made, sums, strict=False):
        lies_inside(one)
        assert one.people == whole
        assert abs(sum(strip.width for strip in one.strips) - WHOLE * whole / max(sums)) < 1e-6


@given(st.lists(st.tuples(st.text(max_size=3), people), max_size=8))
def test_a_funnel_never_widens_and_who_stands_in_it_are_all(here: list[tuple[str, int]]) -> None:
    made = funnel(here)
    whole = sum(count for _, count in here)
    assert bool(made) == bool(whole)
    for one in made:
        lies_inside(one)
    assert [one.people for one in made] == sorted((one.people for one in made), reverse=True)
    assert sum(strip.people for one in made for strip in one.strips if strip.key == "here") == (whole if made else 0)
    if made:
        assert made[0].people == whole


@given(st.integers(2026, 2028), stops, days)
def test_every_day_of_a_timeline_lies_in_it_in_the_order_of_time(
    year: int, found: list[dict[str, str | None]], now: datetime
) -> None:
    made = timeline(year, found, now, "hari ini")
    if made is None:
        assert not any(stop.values() for stop in found if any(stop.values()))
        return
    assert len(made.legs) == len(found)
    for leg in made.legs:
        assert leg.start is None or (leg.start >= 0 and leg.width >= 0 and leg.start + leg.width <= EDGE)
        assert all(at is None or 0 <= at <= WHOLE for at in (leg.point, leg.done))
    assert (made.today is not None) == made.span.holds(now)
    assert made.today is None or 0 <= made.today.at <= WHOLE
    places = [at for _, at in made.span.months()]
    assert places == sorted(places)
    assert len(places) >= 12


def test_a_route_without_any_day_has_no_timeline_and_nobody_has_no_rows() -> None:
    assert timeline(2027, [{"opens_at": None, "due_at": None}], datetime(2027, 1, 1, tzinfo=UTC), "") is None
    assert timeline(2027, [], datetime(2027, 1, 1, tzinfo=UTC), "") is None
    assert funnel([("a", 0)]) == rows([("a", [("x", 0)])]) == ()


@given(days, st.timedeltas(timedelta(0), timedelta(days=300)))
def test_what_is_later_lies_further(first: datetime, more: timedelta) -> None:
    span = Span.around(first.year, [first.date(), (first + more).date()])
    assert span.at(first) <= span.at(first + more)
    assert span.at(date(first.year, 1, 1)) >= 0
