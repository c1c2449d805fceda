"""Who takes her own form back goes on where she sent it from: the same days, and nothing that was reached is forgotten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import folding, lifecycle
from models.appraisal import Bounds, Command, Snapshot, Timing
from models.vocabulary import Action, EngineAction, Silence, State
from tests.unit.lifecycle_play import Who, engine_wish, outcome, wish
from tests.unit.timetable_play import PLAN, at, local, of, rungs, snapshots, standing

A, E, S = Action, EngineAction, State
ENTERED = local("2026-01-05 09:00")


class Course(NamedTuple):
    """One of the two forms that are reviewed, and what is done with it."""

    state: State
    submit: Action
    recall: Action
    send_back: Action


PLANNING = Course(S.PLAN_DRAFTING, A.SUBMIT_PLAN, A.RECALL_PLAN, A.RETURN_PLAN)
REVIEWING = Course(S.MIDYEAR_DRAFTING, A.SUBMIT_MIDYEAR, A.RECALL_MIDYEAR, A.RETURN_MIDYEAR)
both = pytest.mark.parametrize("its", [PLANNING, REVIEWING], ids=["plan", "midyear"])


def after(snapshot: Snapshot, command: Command, when: datetime, timing: Timing | None = None) -> Snapshot:
    for event in lifecycle.apply(snapshot, command, when, timing):
        snapshot = folding.evolve(snapshot, event)
    return snapshot


def act(snapshot: Snapshot, action: Action, when: str, who: Who = Who.EMPLOYEE, **more: Any) -> Snapshot:
    return after(snapshot, wish(snapshot, action, who, **more), local(when))


def by_itself(snapshot: Snapshot, action: EngineAction, when: str, noticed: str | None = None, **more: Any) -> Snapshot:
    return after(snapshot, engine_wish(action, effective_at=local(when), **more), local(noticed or when))


def drafting(state: State, **visit: Any) -> Snapshot:
    return standing(state, ENTERED, **{"subject": Who.EMPLOYEE.value, "plan_in_force": None} | visit)


def known(snapshot: Snapshot) -> dict[str, object]:
    """All of its visit but which number it has."""
    return snapshot.visit.model_dump(exclude={"no"})


# ── it goes on ───────────────────────────────────────────────────────────────────────────────────────────────────────


@both
def test_a_recall_goes_on_in_the_days_from_before_and_forgets_nothing(its: Course) -> None:
    first = drafting(its.state, rungs=("remind-7",), reached={"remind-7": ENTERED}, extended_to=local("2026-02-20"))
    sent = act(first, its.submit, "2026-01-20")
    recalled = act(sent, its.recall, "2026-01-28")
    assert known(recalled) == known(first)
    assert recalled.visit.no > sent.visit.no > first.visit.no


@both
def test_however_often_she_sends_and_recalls_her_end_stays_where_it_was(its: Course) -> None:
    first = snapshot = drafting(its.state)
    for day in range(10, 20):
        snapshot = act(act(snapshot, its.submit, f"2026-01-{day} 09:00"), its.recall, f"2026-01-{day} 15:00")
    assert (of(snapshot).due_at, of(snapshot).lapses_at) == (of(first).due_at, of(first).lapses_at)
    assert rungs(of(snapshot)) == rungs(of(first))


@both
def test_what_another_sent_back_has_days_of_its_own(its: Course) -> None:
    returned = act(act(drafting(its.state), its.submit, "2026-01-20"), its.send_back, "2026-01-28", Who.SUPERVISOR)
    assert (returned.visit.entered_at, returned.visit.returned) == (local("2026-01-28"), True)
    again = act(act(returned, its.submit, "2026-01-29"), its.recall, "2026-01-30")
    assert known(again) == known(returned), "and they too are not begun anew"


@both
def test_a_form_that_was_sent_under_an_earlier_edition_begins_anew_when_it_is_recalled(its: Course) -> None:
    sent = act(drafting(its.state), its.submit, "2026-01-20", keeps_visit=None)
    assert act(sent, its.recall, "2026-01-28").visit.entered_at == local("2026-01-28")


def test_an_amendment_that_is_recalled_goes_back_to_the_plan_in_force_and_to_no_draft() -> None:
    running = standing(S.EXECUTION_RUNNING, ENTERED, subject=Who.EMPLOYEE.value, plan_in_force=PLAN)
    amending = act(running, A.AMEND_PLAN, "2026-03-02")
    assert amending.visit.before is None
    recalled = act(amending, A.RECALL_PLAN, "2026-03-05")
    assert (recalled.state, recalled.visit.entered_at) == (S.EXECUTION_RUNNING, local("2026-03-05"))


def test_a_plan_that_is_recalled_after_its_end_is_late_and_what_silence_means_comes_at_once() -> None:
    recalled = act(act(drafting(S.PLAN_DRAFTING), A.SUBMIT_PLAN, "2026-01-30"), A.RECALL_PLAN, "2026-03-20")
    found = of(recalled, now=local("2026-03-20"))
    assert {"overdue+1", "takeover+3", "hr_list+7"} <= set(rungs(found))
    assert max(at(found, E.LAPSE)) < local("2026-03-20")
    lapsed = by_itself(recalled, E.LAPSE, "2026-02-28", "2026-03-20")
    assert lifecycle.allowed(lapsed, Who.SUPERVISOR, [Who.SUPERVISOR.role], local("2026-03-20"), None) == [
        A.SUBMIT_PLAN
    ]
    again = act(act(lapsed, A.SUBMIT_PLAN, "2026-03-21"), A.RECALL_PLAN, "2026-03-22")
    assert known(again) == known(lapsed), "it lapsed once, and HR's list has it still"


def test_a_review_that_had_come_to_the_senior_supervisor_is_hers_too_when_the_form_comes_again() -> None:
    sent = act(drafting(S.PLAN_DRAFTING), A.SUBMIT_PLAN, "2026-01-06")
    taken_over = by_itself(sent, E.REACH_RUNG, "2026-01-16 08:00", rung="takeover+3")
    recalled = act(taken_over, A.RECALL_PLAN, "2026-01-17")
    assert not recalled.visit.takeover
    again = act(recalled, A.SUBMIT_PLAN, "2026-01-18")
    assert A.APPROVE_PLAN in lifecycle.allowed(again, Who.SENIOR, [Who.SENIOR.role], local("2026-01-18"), None)
    assert (again.visit.entered_at, again.visit.rungs) == (local("2026-01-18"), ()), (
        "the supervisor has days of his own"
    )
    returned = act(again, A.RETURN_PLAN, "2026-01-19", Who.SUPERVISOR)
    anew = act(returned, A.SUBMIT_PLAN, "2026-01-20")
    assert A.APPROVE_PLAN not in lifecycle.allowed(anew, Who.SENIOR, [Who.SENIOR.role], local("2026-01-20"), None)


# ── what paused meanwhile ────────────────────────────────────────────────────────────────────────────────────────────


def test_no_clock_runs_in_a_pause_of_the_review_neither_for_him_nor_for_her() -> None:
    first = drafting(S.PLAN_DRAFTING)
    sent = act(first, A.SUBMIT_PLAN, "2026-01-12")
    paused = act(act(sent, A.SUSPEND, "2026-01-14", Who.HR), A.RESUME, "2026-01-24", Who.HR)
    recalled = act(paused, A.RECALL_PLAN, "2026-01-25")
    assert recalled.visit.shifted == timedelta(days=10)
    ten_days_on = local("2026-02-11") - timedelta(microseconds=1)
    assert (of(first).due_at, of(recalled).due_at) == (ten_days_on - timedelta(days=10), ten_days_on)


def test_no_day_of_a_leave_that_was_learnt_of_late_counts_twice() -> None:
    """Paused from the eighth to the twelfth while she drafted; in the review HR learns of a leave from the tenth to the nineteenth."""
    first = act(act(drafting(S.PLAN_DRAFTING), A.SUSPEND, "2026-01-08", Who.HR), A.RESUME, "2026-01-12", Who.HR)
    sent = act(first, A.SUBMIT_PLAN, "2026-01-12 10:00")
    begun = by_itself(sent, E.BEGIN_LEAVE, "2026-01-10", "2026-01-20", day=date(2026, 1, 10))
    ended = by_itself(begun, E.END_LEAVE, "2026-01-20", "2026-01-20 01:00")
    recalled = act(ended, A.RECALL_PLAN, "2026-01-21")
    assert recalled.visit.shifted == timedelta(days=12), "from the eighth until the twentieth"


def test_a_rung_that_came_while_she_drafted_and_too_early_by_a_leave_comes_again() -> None:
    reminded = by_itself(drafting(S.PLAN_DRAFTING), E.REACH_RUNG, "2026-01-21 08:00", rung="remind-7")
    sent = act(reminded, A.SUBMIT_PLAN, "2026-01-22")
    begun = by_itself(sent, E.BEGIN_LEAVE, "2026-01-12", "2026-02-01", day=date(2026, 1, 12))
    recalled = act(by_itself(begun, E.END_LEAVE, "2026-02-01"), A.RECALL_PLAN, "2026-02-02")
    assert recalled.visit.rungs == ()
    assert rungs(of(recalled))["remind-7"] > local("2026-02-02")


# ── nothing that was sent is lost ────────────────────────────────────────────────────────────────────────────────────


def sent_review(**flow: Any) -> Snapshot:
    """Sent in time; the window of the review closes at the end of August."""
    entered = standing(S.MIDYEAR_DRAFTING, local("2026-07-01"), subject=Who.EMPLOYEE.value)
    meanings = entered.flow.silence | flow.pop("silence", {})
    entered = entered.model_copy(update={"flow": entered.flow.model_copy(update={"silence": meanings})})
    return act(entered, A.SUBMIT_MIDYEAR, "2026-08-28")


def recalled(snapshot: Snapshot, when: datetime, door: Timing | None = None, engine: Timing | None = None) -> str:
    bounds = Bounds(**door.model_dump(exclude={"moments"})) if door else None
    return outcome(snapshot, wish(snapshot, A.RECALL_MIDYEAR, Who.EMPLOYEE, bounds=bounds), when, engine)


def test_a_form_is_not_taken_back_into_a_step_that_silence_would_move_on_at_once() -> None:
    snapshot = sent_review()
    known, end = of(snapshot), local("2026-09-01") - timedelta(microseconds=1)
    assert known.before_lapses_at == end
    for sights in ({"door": known}, {"engine": known}, {"door": known, "engine": known}):
        assert recalled(snapshot, end, **sights) == "midyear.drafting"
        assert recalled(snapshot, end + timedelta(microseconds=1), **sights) == "!lapsed"
    mine = lifecycle.allowed(snapshot, Who.EMPLOYEE, [Who.EMPLOYEE.role], end + timedelta(hours=1), known)
    assert A.RECALL_MIDYEAR not in mine
    his = lifecycle.allowed(snapshot, Who.SUPERVISOR, [Who.SUPERVISOR.role], end + timedelta(hours=1), known)
    assert A.RETURN_MIDYEAR in his, "he may still send it back, with days of its own"


def test_where_silence_only_calls_others_it_is_taken_back_late() -> None:
    snapshot = sent_review(silence={S.MIDYEAR_DRAFTING: Silence.HOLD})
    assert recalled(snapshot, local("2026-09-03"), of(snapshot)) == "midyear.drafting"


def test_an_end_that_was_extended_while_she_drafted_is_the_end_of_a_recall_too() -> None:
    entered = standing(S.MIDYEAR_DRAFTING, local("2026-07-01"), subject=Who.EMPLOYEE.value)
    given = act(entered, A.EXTEND, "2026-08-20", Who.HR, due_at=local("2026-09-10"))
    end = of(given).lapses_at
    snapshot = act(given, A.SUBMIT_MIDYEAR, "2026-08-28")
    assert of(snapshot).before_lapses_at == end
    assert recalled(snapshot, local("2026-09-10"), of(snapshot)) == "midyear.drafting"


@given(snapshots(), st.booleans())
def test_only_a_review_has_an_end_of_what_came_before_it(snapshot: Snapshot, kept: bool) -> None:
    visit = snapshot.visit.model_copy(update={"before": snapshot.visit if kept else None})
    found = of(snapshot.model_copy(update={"visit": visit}))
    in_review = snapshot.state in (S.PLAN_REVIEWING, S.MIDYEAR_REVIEWING)
    assert (found.before_lapses_at is not None) == (kept and in_review)
    assert found.model_copy(update={"before_lapses_at": None}) == of(snapshot)
