"""How a person's line goes on when another superior is named from a day on."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.roster_recorded import (
    ONE_DAY,
    Arrival,
    Span,
    arrival,
    arrived,
    cut,
    difference,
    exits_of,
    joined,
    respanned,
    span_on,
)
from models.line import gone, to_come

JANUARY = date(2027, 1, 1)
DAYS = st.integers(min_value=0, max_value=400).map(lambda n: JANUARY + timedelta(days=n))
CHANGES = st.lists(st.tuples(DAYS, st.sampled_from(["a", "b", "c", None])), min_size=1, max_size=8)


def wanted(start: date, supervisor: str | None) -> Span:
    return Span(start, None, supervisor, outside=False)


def history(changes: list[tuple[date, str | None]]) -> tuple[Span, ...]:
    spans: tuple[Span, ...] = ()
    for start, supervisor in changes:
        spans = respanned(spans, wanted(start, supervisor))
    return spans


def superior_on(spans: tuple[Span, ...], day: date) -> str | None:
    found = span_on(spans, day)
    return found.supervisor_id if found else None


@given(CHANGES)
def test_a_line_has_no_gap_no_overlap_and_an_open_end(changes: list[tuple[date, str | None]]) -> None:
    spans = history(changes)
    for before, after in pairwise(spans):
        assert before.until == after.start - ONE_DAY
        assert before.start <= before.until
    assert spans[-1].until is None


@given(CHANGES, DAYS)
def test_a_superior_holds_from_his_day_until_the_next_one_and_on_no_other(
    changes: list[tuple[date, str | None]], day: date
) -> None:
    before = history(changes)
    after = respanned(before, wanted(day, "new"))
    until = min((span.start for span in before if span.start > day), default=date.max)
    for n in range(420):
        asked = JANUARY + timedelta(days=n)
        assert superior_on(after, asked) == ("new" if day <= asked < until else superior_on(before, asked))


@given(
    st.lists(st.tuples(DAYS, st.sampled_from(["a", "b", None])), unique_by=lambda one: one[0], max_size=6), st.randoms()
)
def test_which_change_was_recorded_first_does_not_matter(
    changes: list[tuple[date, str | None]], random: Random
) -> None:
    shuffled = random.sample(changes, len(changes))
    assert history(shuffled) == history(changes)


@given(CHANGES, DAYS)
def test_what_is_taken_back_leaves_the_line_as_it_was(changes: list[tuple[date, str | None]], day: date) -> None:
    before = history([(JANUARY - ONE_DAY, "first"), *changes])
    if not any(span.start == day for span in before):
        assert joined(respanned(before, wanted(day, "new")), day) == before


@given(CHANGES, DAYS)
def test_after_a_last_day_there_is_nobody_and_before_it_nothing_is_another(
    changes: list[tuple[date, str | None]], day: date
) -> None:
    before = history(changes)
    after = cut(before, day)
    for n in range(420):
        asked = JANUARY + timedelta(days=n)
        assert (
            span_on(after, asked) is None if asked >= day else superior_on(after, asked) == superior_on(before, asked)
        )


@given(CHANGES, CHANGES)
def test_what_is_stored_anew_is_all_that_differs(
    one: list[tuple[date, str | None]], other: list[tuple[date, str | None]]
) -> None:
    before, after = history(one), history([*one, *other])
    drop, fresh = difference(before, after)
    assert [span for span in before if drop is None or span.start < drop] + fresh == list(after)


def test_two_changes_on_one_day_leave_only_the_last() -> None:
    spans = respanned(respanned((wanted(JANUARY, "a"),), wanted(date(2027, 5, 3), "b")), wanted(date(2027, 5, 3), "c"))
    assert spans == (Span(JANUARY, date(2027, 5, 2), "a", False), wanted(date(2027, 5, 3), "c"))


@pytest.mark.parametrize("supervisor", ["a", "b"])
def test_who_comes_back_has_a_new_stretch_and_the_gap_stays(supervisor: str) -> None:
    left = Span(JANUARY, date(2027, 5, 19), "a", False)
    back = wanted(date(2027, 6, 1), supervisor)
    assert respanned((left,), back) == (left, back)


@pytest.mark.parametrize("day", [JANUARY, date(2027, 6, 1)])
def test_another_superior_before_a_last_day_has_that_last_day_too(day: date) -> None:
    """Recorded after the exit or before it, the line is the same."""
    exit_on = date(2027, 12, 1)
    line = (wanted(JANUARY, "a"),)
    assert respanned(cut(line, exit_on), wanted(day, "b")) == cut(respanned(line, wanted(day, "b")), exit_on)


# ── who is to come ───────────────────────────────────────────────────────────────────────────────────────────────────

MAY, JUNE, JULY, AUGUST = (date(2027, month, 1) for month in (5, 6, 7, 8))
WAS_HERE = Span(JANUARY, MAY - ONE_DAY, "a", False)
COMES = wanted(JULY, "a")


@pytest.mark.parametrize("before", [(), (WAS_HERE,)])
@pytest.mark.parametrize(("said", "day"), [(None, JULY), (JULY, JULY), (AUGUST, AUGUST), (MAY, MAY), (JUNE, JUNE)])
def test_what_is_said_of_who_is_not_here_is_said_of_her_arrival(
    before: tuple[Span, ...], said: date | None, day: date
) -> None:
    found = arrival((*before, COMES), said, JUNE)
    assert found == (COMES, day)
    assert arrived((*before, COMES), found) == (*before, wanted(day, "a"))


@pytest.mark.parametrize(
    ("line", "said", "today"),
    [
        ((wanted(JANUARY, "a"),), JULY, JUNE),  # she is here and stays
        ((WAS_HERE,), JULY, JUNE),  # she has left, and a row says that she comes
        ((WAS_HERE, COMES), JANUARY, JUNE),  # the day of the post that she left
        ((WAS_HERE, COMES), None, JANUARY),  # of today, when she is still here
        ((Span(JULY, AUGUST - ONE_DAY, "a", False),), AUGUST, JUNE),  # she comes, leaves, and comes again
    ],
)
def test_what_is_said_of_who_is_here_or_of_another_stretch_moves_no_arrival(
    line: tuple[Span, ...], said: date | None, today: date
) -> None:
    assert arrival(line, said, today) is None


def test_who_comes_later_comes_to_the_superior_of_that_day() -> None:
    line = respanned((COMES,), wanted(AUGUST, "b"))
    september = date(2027, 9, 1)
    assert arrived(line, Arrival(line[0], september)) == (wanted(september, "b"),)


def test_who_comes_after_a_gap_still_comes_where_the_transfer_of_that_day_is_taken_back() -> None:
    assert joined((WAS_HERE, COMES), JULY) == (WAS_HERE, COMES)
    assert joined((COMES,), JULY) == (COMES,)


def test_who_does_not_come_after_all_was_here_on_no_day_and_keeps_the_superior_above() -> None:
    (left,) = after = cut((COMES, wanted(AUGUST, "b")), JUNE)
    assert left.supervisor_id == "a"
    assert not any(span_on(after, JANUARY + timedelta(days=n)) for n in range(420))
    assert to_come(after, JANUARY) is None
    assert [gone(after, day) for day in (MAY, JUNE, AUGUST)] == [False, True, True]
    assert respanned(after, wanted(AUGUST, "a")) == (wanted(AUGUST, "a"),)


def test_who_left_is_away_since_the_first_exit_and_comes_back_by_a_day_as_late_as_the_last() -> None:
    left = exits_of([("she", MAY, "resign"), ("she", JULY, "resign")])["she"]
    assert left.since == MAY
    assert [left.known_to(said) for said in (None, MAY, JUNE, JULY)] == [False, False, False, True]
    assert not exits_of([("she", MAY, "resign"), ("she", JUNE, "die")])["she"].known_to(JULY)
