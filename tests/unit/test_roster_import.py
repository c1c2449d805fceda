"""How a person's line goes on when the roster names another superior."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.roster_recorded import ONE_DAY, Span, respanned

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


@given(CHANGES)
def test_a_line_has_no_gap_no_overlap_and_an_open_end(changes: list[tuple[date, str | None]]) -> None:
    spans = history(changes)
    for before, after in pairwise(spans):
        assert before.until == after.start - ONE_DAY
        assert before.start <= before.until
        assert not before.same_superior(after)
    assert spans[-1].until is None


@given(CHANGES, DAYS)
def test_the_last_superior_named_is_the_one_at_the_end(changes: list[tuple[date, str | None]], day: date) -> None:
    spans = history(changes)
    assert respanned(spans, wanted(day, changes[-1][1])) == spans
    assert spans[-1].supervisor_id == changes[-1][1]


@given(CHANGES, DAYS)
def test_days_before_a_change_keep_the_superior_they_had(changes: list[tuple[date, str | None]], day: date) -> None:
    before = history(changes)
    after = respanned(before, wanted(day, "new"))
    for n in range((day - JANUARY).days):
        asked = JANUARY + timedelta(days=n)
        if before[0].start <= asked:
            had, has = (
                [s.supervisor_id for s in spans if s.start <= asked <= (s.until or asked)] for spans in (before, after)
            )
            assert has == had or after[0].start == before[0].start >= day


def test_two_changes_on_one_day_leave_only_the_last() -> None:
    spans = respanned(respanned((wanted(JANUARY, "a"),), wanted(date(2027, 5, 3), "b")), wanted(date(2027, 5, 3), "c"))
    assert spans == (Span(JANUARY, date(2027, 5, 2), "a", False), wanted(date(2027, 5, 3), "c"))


@pytest.mark.parametrize("supervisor", ["a", "b"])
def test_who_comes_back_has_a_new_stretch_and_the_gap_stays(supervisor: str) -> None:
    left = Span(JANUARY, date(2027, 5, 19), "a", False)
    back = wanted(date(2027, 6, 1), supervisor)
    assert respanned((left,), back) == (left, back)
