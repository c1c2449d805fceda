"""An extension is a new deadline of the same visit: its ladder begins anew, and nothing of the old one is given twice.

So is what a leave moves that was learnt of late: no clock ran in it, so a rung that came meanwhile came too early.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import folding, lifecycle
from models.appraisal import Bounds, Command, Snapshot, Timing
from models.circumstances import Circumstances, Personnel, PersonnelChange
from models.timetable import timing
from models.vocabulary import Action, EngineAction, State, Zone
from models.windows import WindowRow
from models.workdays import PersonClock, Week, end_of_day, start_of_day
from tests.unit.lifecycle_play import Who, engine_wish, outcome, wish
from tests.unit.timetable_play import PACK, PLAN, WIB5, YEAR, at, local, of, rungs, standing

ENTERED = local("2026-01-05 09:00")
LADDER = ("remind-7", "remind-3", "remind-1", "remind+0", "overdue+1", "takeover+3", "hr_list+7")
LATE_REVIEW = YEAR | {"midyear.1": WindowRow(date(2026, 10, 1), date(2026, 11, 10), date(2026, 11, 20))}
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


# ── what ends the step whatever its deadline ─────────────────────────────────────────────────────────────────────────


def asked_in_november(snapshot: Snapshot, due: datetime, timing: Timing | None, bounds: Bounds | None = None) -> str:
    """What comes of HR's wish, on 2 November, to extend it until then."""
    return outcome(
        snapshot, wish(snapshot, Action.EXTEND, Who.HR, due_at=due, bounds=bounds), local("2026-11-02"), timing
    )


@pytest.mark.parametrize(
    ("state", "about"),
    [(State.MIDYEAR_DRAFTING, {}), (State.MIDYEAR_REVIEWING, {}), (State.PLAN_REVIEWING, {"plan_in_force": PLAN})],
)
def test_a_step_is_extended_no_further_than_to_the_opening_that_closes_it(
    state: State, about: dict[str, object]
) -> None:
    """Self-assessment opens on 1 December, and whatever is still open of a period closes then."""
    done = {"periods_done": 1} if state is State.PLAN_REVIEWING else {}
    snapshot = standing(state, local("2026-10-26 09:00"), **about, **done)
    found, closes = of(snapshot, windows=LATE_REVIEW), local("2026-12-01")
    assert at(found, EngineAction.CLOSE_PERIOD) == [closes]
    assert asked_in_november(snapshot, closes, found) == state.value
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.check(
            snapshot,
            wish(snapshot, Action.EXTEND, Who.HR, due_at=end_of_day(date(2026, 12, 20), Zone.WIB)),
            local("2026-11-02"),
            found,
        )
    assert (refused.value.code, refused.value.about["field"]) == ("closes_before", "due_at")
    assert refused.value.about["closes_at"] == closes.isoformat()


def test_an_extension_is_judged_by_the_newer_sight_of_the_opening() -> None:
    """The calendar was moved to later, which no workflow is told; the engine still sleeps for the old opening."""
    snapshot = standing(State.MIDYEAR_DRAFTING, local("2026-10-26 09:00"))
    slept_for = of(snapshot, windows=LATE_REVIEW)
    later = {**LATE_REVIEW, "self_assessment": WindowRow(opens=date(2026, 12, 28))}
    door = Bounds.of(of(snapshot, windows=later).model_copy(update={"facts_revision": 2}))
    due = end_of_day(date(2026, 12, 20), Zone.WIB)
    assert asked_in_november(snapshot, due, slept_for) == "!closes_before"
    assert asked_in_november(snapshot, due, slept_for, door) == "midyear.drafting"


def test_an_extension_past_the_opening_that_was_granted_before_replays() -> None:
    snapshot = standing(State.MIDYEAR_DRAFTING, local("2026-10-26 09:00"))
    found = of(snapshot, windows=LATE_REVIEW)
    granted = wish(snapshot, Action.EXTEND, Who.HR, due_at=end_of_day(date(2026, 12, 20), Zone.WIB))
    (event,) = lifecycle.apply(snapshot, granted, local("2026-11-02"), found)
    assert event.data.due_at == granted.due_at


def test_where_nothing_closes_the_step_only_reason_bounds_an_extension() -> None:
    snapshot = standing(State.RATING_DRAFTING, local("2026-10-26 09:00"))
    assert asked_in_november(snapshot, local("2027-08-01"), of(snapshot)) == "rating.drafting"


# ── a leave that was learnt of late ─────────────────────────────────────────────────────────────────────────────────


def by_itself(
    snapshot: Snapshot, action: EngineAction, when: str, learnt: str | None = None, **more: object
) -> Snapshot:
    """What came at that instant; the engine noticed it when it was `learnt`."""
    command = engine_wish(action, effective_at=local(when), **more)
    (event,) = lifecycle.apply(snapshot, command, local(learnt or when))
    return folding.evolve(snapshot, event)


def silent_since_january(clock: PersonClock = WIB5) -> Snapshot:
    """A plan that was due on 31 January and lapsed, with every rung reached on its day."""
    snapshot = standing(State.PLAN_DRAFTING, ENTERED)
    found = of(snapshot, clock)
    for rung, day in ((rung, rungs(found)[rung]) for rung in LADDER):
        (event,) = lifecycle.apply(snapshot, engine_wish(EngineAction.REACH_RUNG, rung=rung, effective_at=day), day)
        snapshot = folding.evolve(snapshot, event)
    assert found.lapses_at is not None
    wish_to_lapse = engine_wish(EngineAction.LAPSE, effective_at=found.lapses_at)
    (event,) = lifecycle.apply(snapshot, wish_to_lapse, found.lapses_at)
    return folding.evolve(snapshot, event)


def on_leave(snapshot: Snapshot, first: str, back: str, learnt: str) -> Snapshot:
    """As trails have it that do not say what a leave moves: by its hours."""
    begun = by_itself(snapshot, EngineAction.BEGIN_LEAVE, first, learnt, day=date.fromisoformat(first))
    return by_itself(begun, EngineAction.END_LEAVE, back, max(learnt, back))


def test_what_came_in_a_leave_that_was_learnt_of_late_comes_again_by_the_new_day() -> None:
    before = silent_since_january()
    assert set(LADDER) <= set(before.visit.rungs)
    assert before.visit.lapsed
    after = on_leave(before, "2026-01-11", "2026-03-21", "2026-03-22 10:00")
    assert (after.visit.rungs, after.visit.lapsed) == ((), False), "nobody is late, and HR's list has nothing of it"
    assert after.visit.takeover, "a takeover that happened stays open to the senior supervisor"
    found = of(after, now=local("2026-03-22 10:00"))
    assert found.due_at == end_of_day(date(2026, 4, 10), Zone.WIB)
    assert set(LADDER) <= set(rungs(found))
    assert min(rungs(found).values()) > local("2026-03-22 10:00")
    assert at(found, EngineAction.LAPSE) == [found.lapses_at]


def test_what_would_have_come_by_now_with_the_leave_too_is_not_given_twice() -> None:
    """Due on 10 February then, and nobody has acted by the end of March either."""
    before = silent_since_january()
    after = on_leave(before, "2026-01-11", "2026-01-21", "2026-03-28 10:00")
    assert (after.visit.rungs, after.visit.lapsed) == (before.visit.rungs, True)
    assert not set(LADDER) & set(rungs(of(after, now=local("2026-03-28 10:00"))))


def test_a_leave_that_was_known_in_time_gives_no_reminder_twice() -> None:
    snapshot = standing(State.PLAN_DRAFTING, ENTERED)
    reminded = by_itself(snapshot, EngineAction.REACH_RUNG, "2026-01-21 08:00", rung="remind-7")
    after = on_leave(reminded, "2026-01-23", "2026-03-24", "2026-01-23")
    assert after.visit.rungs == ("remind-7",)
    assert set(LADDER) & set(rungs(of(after))) == set(LADDER) - {"remind-7"}


def test_a_leave_moves_nothing_that_is_listed_for_another_reason() -> None:
    before = by_itself(silent_since_january(), EngineAction.REACH_RUNG, "2026-03-01 08:00", rung="hr_list+rating")
    after = on_leave(before, "2026-01-11", "2026-03-21", "2026-03-22 10:00")
    assert after.visit.rungs == ("hr_list+rating",)


def told_of_leave(snapshot: Snapshot, first: date, last: date, learnt: datetime, clock: PersonClock) -> Snapshot:
    """The same by the moments of the timetable, as the engine hears of it."""
    changes = (PersonnelChange(Personnel.LEAVE, first, last),)
    for action in (EngineAction.BEGIN_LEAVE, EngineAction.END_LEAVE):
        moments = timing(snapshot, PACK, Circumstances(YEAR, clock, changes=changes), 1).moments
        (moment,) = (one for one in moments if one.action is action)
        (event,) = lifecycle.apply(snapshot, Command.of_moment(moment), max(learnt, moment.at))
        snapshot = folding.evolve(snapshot, event)
    return snapshot


@pytest.mark.parametrize(
    ("last", "learnt", "forgotten"),
    [
        # Due on Saturday the 31st, so overdue on Monday; four days later, on Wednesday the fourth, and so overdue on Thursday.
        (date(2026, 1, 14), "2026-02-05 09:00", {"takeover+3", "hr_list+7"}),
        # Six days later, on Friday the sixth: overdue on Monday the ninth, and not on Sunday.
        (date(2026, 1, 16), "2026-02-08 10:00", {"overdue+1", "takeover+3", "hr_list+7"}),
    ],
)
def test_what_a_leave_shows_to_have_come_too_early_is_reckoned_in_working_days(
    last: date, learnt: str, forgotten: set[str]
) -> None:
    """What is still to come by the new due day is forgotten, and what has passed by it is not given twice."""
    before, now = silent_since_january(), local(learnt)
    after = told_of_leave(before, date(2026, 1, 11), last, now, WIB5)
    assert set(before.visit.rungs) - set(after.visit.rungs) == forgotten
    found = rungs(of(after, now=now))
    assert forgotten <= set(found)
    assert min(found.values()) > now


@given(
    st.dates(date(2026, 1, 6), date(2026, 2, 12)),
    st.integers(0, 60),
    st.integers(0, 24 * 40),
    st.sampled_from((5, 6)),
)
def test_of_a_leave_learnt_of_late_nothing_is_given_twice_and_nothing_that_is_to_come_again_is_left_out(
    first: date, days: int, hours: int, week: Week
) -> None:
    clock = PersonClock.of(Zone.WIB, week)
    before, last = silent_since_january(clock), first + timedelta(days=days)
    learnt = local("2026-02-20") + timedelta(hours=hours)
    after = told_of_leave(before, first, last, learnt, clock)
    now = max(learnt, start_of_day(last + timedelta(days=1), Zone.WIB))
    whole = after.model_copy(update={"visit": after.visit.model_copy(update={"rungs": (), "lapsed": False})})
    anew = {rung: at for rung, at in rungs(of(whole, clock)).items() if rung in LADDER}
    assert set(after.visit.rungs) == {rung for rung in LADDER if rung not in anew or anew[rung] <= now}
    lapses_at = of(whole, clock).lapses_at
    assert lapses_at is not None
    assert after.visit.lapsed == (lapses_at <= now)
