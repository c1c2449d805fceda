"""Who is late by the days of now, asked of a trail that says who was late by the days of then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest

from models.appraisal import Snapshot, Timing
from models.lateness import late_still
from models.vocabulary import Action, State
from tests.unit.lifecycle_play import START, Play, Who

DAY = timedelta(days=1)
SENT, APPROVED = START + DAY, START + 2 * DAY


def by(dues: Mapping[State, datetime]) -> Callable[[Snapshot], Timing]:
    """The days of now, of the steps that may be asked about."""
    return lambda snapshot: Timing(facts_revision=2, visit=snapshot.visit.no, due_at=dues[snapshot.state])


def played(*late: State) -> Play:
    """A plan sent and approved, late in these steps by the days of then."""
    play = Play()
    for action, who in ((Action.SUBMIT_PLAN, Who.EMPLOYEE), (Action.APPROVE_PLAN, Who.SUPERVISOR)):
        due = START - DAY if play.state in late else START + 9 * DAY
        play.timing = Timing(facts_revision=1, visit=play.snapshot.visit.no, due_at=due)
        play.act(action, who)
    return play


@pytest.mark.parametrize(
    ("plan", "review", "late"),
    [
        (SENT, APPROVED, False),
        (SENT - timedelta(microseconds=1), APPROVED, True),
        (SENT, APPROVED - timedelta(microseconds=1), True),
    ],
)
def test_a_year_is_late_as_long_as_anything_in_it_is_late_by_the_days_of_now(
    plan: datetime, review: datetime, late: bool
) -> None:
    trail = played(State.PLAN_DRAFTING, State.PLAN_REVIEWING).events
    dues = by({State.PLAN_DRAFTING: plan, State.PLAN_REVIEWING: review})
    assert late_still(trail, dues) is late


def test_what_was_in_time_stays_in_time_though_the_days_came_forward() -> None:
    in_time, late = {State.PLAN_DRAFTING: START - DAY, State.PLAN_REVIEWING: APPROVED}, played(State.PLAN_REVIEWING)
    assert not late_still(late.events, by(in_time))
    assert not late_still(played().events, by({})), "no day is asked for"
