"""What an outage gives back to whatever was open in it."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.appraisal import Snapshot
from models.circumstances import Outage
from models.outages import apart, shortest_touched
from models.vocabulary import EngineAction, State, Zone
from models.windows import WindowRow
from models.workdays import PersonClock, end_of_day
from tests.unit.timetable_play import CALENDARS, CLOCKS, INSTANTS, WIB5, YEAR, at, local, of, rungs, snapshots, standing

OUTAGE = st.tuples(INSTANTS, st.integers(1, 400)).map(lambda o: Outage(o[0], o[0] + timedelta(hours=o[1])))
OUTAGES = st.lists(OUTAGE, max_size=4).map(tuple)


def out(begins: str, ends: str, zone: Zone = Zone.WIB) -> Outage:
    return Outage(local(begins, zone), local(ends, zone))


def due_of(state: State, entered: str, *outages: Outage, **about: object) -> datetime | None:
    return of(standing(state, local(entered), **about), outages=outages).due_at


def test_an_outage_moves_due_and_lapse_to_the_end_of_a_day_and_no_opening() -> None:
    plain = of(standing(State.PLAN_DRAFTING, local("2026-01-02")))
    found = of(
        standing(State.PLAN_DRAFTING, local("2026-01-02")), outages=(out("2026-01-20 09:00", "2026-01-20 15:00"),)
    )
    assert found.due_at == end_of_day(date(2026, 2, 1), Zone.WIB)
    assert found.lapses_at == end_of_day(date(2026, 3, 1), Zone.WIB)
    assert found.opens_at == plain.opens_at
    assert at(found, EngineAction.LAPSE) == [found.lapses_at]


@pytest.mark.parametrize(
    ("outages", "days"),
    [
        ([("2026-01-12", "2026-01-13"), ("2026-01-19", "2026-01-21")], 3),
        ([("2026-01-12", "2026-01-14"), ("2026-01-13", "2026-01-15")], 3),
        ([("2026-01-12", "2026-01-15"), ("2026-01-13", "2026-01-14")], 3),
        ([("2026-01-12", "2026-01-15"), ("2026-01-12", "2026-01-15")], 3),
        ([("2026-01-30", "2026-01-31"), ("2026-02-01", "2026-02-02")], 2),
        ([("2026-02-02", "2026-02-04")], 0),
        ([("2025-12-20", "2025-12-30")], 0),
        ([("2025-12-30", "2026-01-03")], 1),
    ],
    ids=[
        "two add up",
        "overlap once",
        "inside once",
        "twice recorded",
        "into the second",
        "past",
        "before",
        "from entry",
    ],
)
def test_a_plan_due_on_31_january_has_so_many_days_more(outages: list[tuple[str, str]], days: int) -> None:
    found = due_of(State.PLAN_DRAFTING, "2026-01-02", *(out(*one) for one in outages))
    assert found == end_of_day(date(2026, 1, 31) + timedelta(days=days), Zone.WIB)


def test_who_had_an_hour_left_has_an_hour_when_the_system_is_back() -> None:
    found = due_of(State.PLAN_DRAFTING, "2026-01-02", out("2026-01-31 23:00", "2026-02-03 09:00"))
    assert found is not None
    assert found - local("2026-02-03 09:00") >= timedelta(hours=1)


def test_the_days_of_an_appeal_are_given_back_too() -> None:
    delivered = local("2026-02-03")
    found = of(
        standing(State.APPEAL_OPEN, local("2026-02-02"), delivered_at=delivered),
        outages=(out("2026-02-10 08:00", "2026-02-11 08:00"),),
    )
    assert found.due_at == found.lapses_at == end_of_day(date(2026, 2, 18), Zone.WIB)


def test_an_outage_before_the_result_was_delivered_gives_the_appeal_nothing() -> None:
    found = due_of(
        State.APPEAL_OPEN, "2026-02-02", out("2026-02-02 08:00", "2026-02-03"), delivered_at=local("2026-02-03")
    )
    assert found == end_of_day(date(2026, 2, 17), Zone.WIB)


def test_a_period_that_an_outage_kept_open_is_not_skipped() -> None:
    late = standing(State.EXECUTION_RUNNING, local("2026-09-01 10:00"))
    assert at(of(late), EngineAction.SKIP_PERIOD)
    kept = of(late, outages=(out("2026-08-20 08:00", "2026-08-21 08:00"),))
    assert (at(kept, EngineAction.SKIP_PERIOD), len(at(kept, EngineAction.OPEN_WINDOW))) == ([], 1)


def test_the_shortest_window_an_outage_touches_is_measured_from_its_opening_to_its_close() -> None:
    windows = YEAR | {"rating": WindowRow(date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3))}
    touching = out("2026-02-01 10:00", "2026-02-01 11:00")
    found = shortest_touched(touching, windows, WIB5)
    assert found is not None
    assert found.days == 2
    may = out("2026-05-01", "2026-05-02")
    assert shortest_touched(may, windows, WIB5) is None
    assert shortest_touched(may, windows, WIB5, {"rating"}) == found, "somebody was still in it"
    assert shortest_touched(may, windows, WIB5, {"appeal"}) is None, "a stage without a window"


def extended(state: State, entered: str, at: str, to: date, **about: object) -> Snapshot:
    """A visit that HR gave more time: said at that instant, until the end of that day."""
    given = {"extended_at": local(at), "extended_to": end_of_day(to, Zone.WIB)}
    return standing(state, local(entered), **given, **about)


@pytest.mark.parametrize(
    ("state", "about"),
    [(State.PLAN_DRAFTING, {}), (State.PLAN_REVIEWING, {}), (State.APPEAL_OPEN, {"delivered_at": local("2026-01-06")})],
)
def test_a_deadline_that_was_set_after_an_outage_stands_as_it_was_said(state: State, about: dict[str, object]) -> None:
    snapshot = extended(state, "2026-01-05", "2026-01-26 10:00", date(2026, 3, 6), **about)
    known = of(snapshot, outages=(out("2026-01-08 08:00", "2026-01-11 08:00"),))
    assert known.due_at == end_of_day(date(2026, 3, 6), Zone.WIB)
    assert (known.lapses_at, rungs(known)) == (of(snapshot).lapses_at, rungs(of(snapshot)))


@pytest.mark.parametrize(
    ("state", "about"),
    [(State.PLAN_REVIEWING, {}), (State.APPEAL_OPEN, {"delivered_at": local("2026-01-06")})],
)
def test_an_outage_after_an_extension_moves_the_new_deadline(state: State, about: dict[str, object]) -> None:
    snapshot = extended(state, "2026-01-05", "2026-01-26 10:00", date(2026, 3, 6), **about)
    lost = out("2026-02-03 08:00", "2026-02-04 08:00")
    assert of(snapshot, outages=(lost,)).due_at == end_of_day(date(2026, 3, 7), Zone.WIB)
    around = out("2026-01-08 08:00", "2026-01-27 10:00")
    assert of(snapshot, outages=(around,)).due_at == end_of_day(date(2026, 3, 7), Zone.WIB), "only what came after"


def test_what_an_outage_gives_back_on_the_first_deadline_is_not_lost_by_a_shorter_extension() -> None:
    """Due on 12 January, and HR said the 15th before she knew what an outage of ten days gives."""
    snapshot = extended(State.PLAN_REVIEWING, "2026-01-05", "2026-01-12 10:00", date(2026, 1, 15))
    lost = (out("2026-01-07 10:00", "2026-01-17 10:00"),)
    first = of(standing(State.PLAN_REVIEWING, local("2026-01-05")), outages=lost)
    found = of(snapshot, outages=lost)
    assert found.due_at == first.due_at == end_of_day(date(2026, 1, 22), Zone.WIB)
    assert found.lapses_at == first.lapses_at


@given(OUTAGES)
def test_outages_apart_cover_the_same_time_and_do_not_touch(outages: tuple[Outage, ...]) -> None:
    found = apart(outages)
    assert all(one.ends < other.begins for one, other in itertools.pairwise(found))
    for outage in outages:
        assert any(one.begins <= outage.begins and outage.ends <= one.ends for one in found)
    assert sum((one.ends - one.begins for one in found), timedelta()) <= sum(
        (one.ends - one.begins for one in outages), timedelta()
    )


@given(snapshots(), CALENDARS, CLOCKS, OUTAGES)
def test_no_outage_makes_anything_earlier_or_drops_a_rung(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock, outages: tuple[Outage, ...]
) -> None:
    before, after = of(snapshot, clock, windows), of(snapshot, clock, windows, outages=outages)
    assert before.opens_at == after.opens_at
    for old, new in ((before.due_at, after.due_at), (before.lapses_at, after.lapses_at)):
        assert (old is None) == (new is None)
        assert old is None or new is None or old <= new
    kept, closed = rungs(after), at(after, EngineAction.CLOSE_PERIOD)
    for key, moment in rungs(before).items():
        assert kept[key] >= moment if key in kept else closed, (
            "only what an opening closes has no days for its last rungs"
        )


@given(snapshots(), CALENDARS, CLOCKS, OUTAGE, st.integers(1, 99))
def test_an_outage_recorded_in_two_overlapping_parts_is_the_same_outage(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock, whole: Outage, percent: int
) -> None:
    inside = whole.begins + (whole.ends - whole.begins) * percent / 100
    parts = (Outage(whole.begins, inside), Outage(whole.begins + (inside - whole.begins) / 2, whole.ends))
    assert of(snapshot, clock, windows, outages=parts) == of(snapshot, clock, windows, outages=(whole,))
