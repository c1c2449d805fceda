"""What holds of every timing, whatever the calendar, the clock and the visit."""

from __future__ import annotations

from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.appraisal import Snapshot
from models.timetable import jitter_seconds
from models.windows import WindowRow
from models.workdays import PersonClock, at_time
from tests.unit.timetable_play import CALENDARS, CLOCKS, PACK, YEAR, of, rungs, snapshots


@given(snapshots(), CALENDARS, CLOCKS)
def test_moments_come_in_order_and_none_before_the_visit(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock
) -> None:
    found = of(snapshot, clock, windows)
    assert snapshot.visit.entered_at is not None
    assert list(found.moments) == sorted(found.moments, key=lambda m: (m.wake, m.at))
    assert all(m.at >= snapshot.visit.entered_at for m in found.moments)
    if found.due_at is not None:
        assert found.lapses_at is not None
        assert snapshot.visit.entered_at <= found.due_at <= found.lapses_at


@given(snapshots(), CALENDARS, CLOCKS)
def test_nobody_is_reminded_on_a_day_off(snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock) -> None:
    for moment in rungs(of(snapshot, clock, windows)).values():
        day = clock.day_of(moment)
        assert clock.calendar.is_working(day)
        assert moment == at_time(day, time(8), clock.zone)


@given(snapshots(), CALENDARS, CLOCKS)
def test_jitter_is_stable_and_within_its_bound(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock
) -> None:
    spread = timedelta(seconds=jitter_seconds(snapshot.appraisal_id, PACK.jitter.seconds))
    assert spread <= timedelta(seconds=PACK.jitter.seconds)
    assert all(m.wake - m.at in (timedelta(0), spread) for m in of(snapshot, clock, windows).moments)


def test_jitter_is_the_same_in_every_process() -> None:
    assert [jitter_seconds(f"a-{n}", 900) for n in range(3)] == [241, 319, 94]
    assert jitter_seconds("a-1", 0) == 1, "what begins because a day ended begins on the next, for everybody"


@given(snapshots(), CALENDARS, CLOCKS, st.sampled_from(sorted(YEAR)), st.tuples(*[st.integers(0, 60)] * 3))
def test_a_later_window_never_makes_anything_earlier(
    snapshot: Snapshot, windows: dict[str, WindowRow], clock: PersonClock, key: str, later: tuple[int, int, int]
) -> None:
    row = windows[key]
    assert row.opens is not None
    assert row.due is not None
    assert row.closes is not None
    moved = WindowRow(
        *(end + timedelta(days=n) for end, n in zip((row.opens, row.due, row.closes), later, strict=True))
    )
    before, after = of(snapshot, clock, windows), of(snapshot, clock, windows | {key: moved})
    for old, new in (
        (before.opens_at, after.opens_at),
        (before.due_at, after.due_at),
        (before.lapses_at, after.lapses_at),
    ):
        assert (old is None) == (new is None)
        assert old is None or new is None or old <= new
    new_at = {(m.action, m.key): m.at for m in after.moments}
    assert all(m.at <= new_at.get((m.action, m.key), m.at) for m in before.moments)
