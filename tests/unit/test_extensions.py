"""An extension is a new deadline of the same visit: its ladder begins anew, and nothing of the old one is given twice."""

from __future__ import annotations

from datetime import date

import pytest

from models import folding, lifecycle
from models.appraisal import Snapshot
from models.vocabulary import Action, EngineAction, State, Zone
from models.workdays import end_of_day
from tests.unit.lifecycle_play import Who, engine_wish, wish
from tests.unit.timetable_play import at, local, of, rungs, standing

ENTERED = local("2026-01-05 09:00")
LADDER = ("remind-7", "remind-3", "remind-1", "remind+0", "overdue+1", "takeover+3", "hr_list+7")
OTHERS = ("hr_list+rating", "hr_list+undelivered")
"""Rungs that are not counted from the due day."""


def extended(snapshot: Snapshot, due: date, now: str) -> Snapshot:
    command = wish(snapshot, Action.EXTEND, Who.HR, due_at=end_of_day(due, Zone.WIB))
    (event,) = lifecycle.apply(snapshot, command, local(now))
    return folding.evolve(snapshot, event)


def given_up() -> Snapshot:
    """A review that lapsed, with every rung reached."""
    return standing(State.PLAN_REVIEWING, ENTERED, rungs=(*LADDER, *OTHERS), lapsed=True, takeover=True)


def test_every_rung_that_is_counted_from_the_due_day_comes_again_and_so_does_the_lapse() -> None:
    snapshot = extended(given_up(), date(2026, 3, 2), "2026-02-02 10:00")
    found = of(snapshot, now=local("2026-02-02 10:00"))
    assert found.due_at == end_of_day(date(2026, 3, 2), Zone.WIB)
    assert set(LADDER) <= set(rungs(found))
    assert min(rungs(found).values()) > local("2026-02-02 10:00")
    assert at(found, EngineAction.LAPSE) == [found.lapses_at]


def test_the_visit_stays_the_same_and_so_does_a_takeover_that_happened() -> None:
    before = given_up()
    after = extended(before, date(2026, 3, 2), "2026-02-02 10:00")
    assert (after.visit.no, after.visit.entered_at, after.state) == (1, ENTERED, before.state)
    assert (after.visit.takeover, after.visit.lapsed) == (True, False)
    assert lifecycle.allowed(after, Who.SENIOR, [Who.SENIOR.role], local("2026-02-03"), None)


def test_what_is_listed_for_another_reason_than_the_deadline_stays_listed() -> None:
    assert extended(given_up(), date(2026, 3, 2), "2026-02-02 10:00").visit.rungs == OTHERS


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-01-12 10:00", ["remind-3", "remind-1", "remind+0"]),
        ("2026-01-19 07:00", ["remind+0"]),
        ("2026-01-19 09:00", []),
    ],
    ids=["a week before", "on the morning", "on the day"],
)
def test_an_extension_by_a_few_days_brings_no_reminder_that_lies_behind_it(now: str, left: list[str]) -> None:
    snapshot = standing(State.PLAN_REVIEWING, ENTERED, rungs=("remind-3",))
    found = rungs(of(extended(snapshot, date(2026, 1, 19), now), now=local(now)))
    assert [key for key in found if key.startswith("remind")] == left


def test_an_extension_of_an_extension_counts_from_the_later_one() -> None:
    first = extended(given_up(), date(2026, 3, 2), "2026-02-02 10:00")
    (reminder,) = lifecycle.apply(first, engine_wish(EngineAction.REACH_RUNG, rung="remind-7"), local("2026-02-19"))
    second = extended(folding.evolve(first, reminder), date(2026, 4, 1), "2026-02-25 10:00")
    found = rungs(of(second, now=local("2026-02-25 10:00")))
    assert found["remind-7"] > local("2026-02-25 10:00")
