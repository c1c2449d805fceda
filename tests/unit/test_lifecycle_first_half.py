"""From the first draft of a plan to the last review of the year, told in sentences."""

from __future__ import annotations

import pytest

from models.vocabulary import Action, EngineAction, Form, Silence, State
from tests.unit.lifecycle_play import Play, Who, engine_wish, flow, outcome, sent

A, E, S = Action, EngineAction, State


# ── plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_lapse_the_supervisor_submits_the_plan_for_her_flagged_and_straight_to_execution() -> None:
    play = Play()
    assert play.tried(A.SUBMIT_PLAN, Who.SUPERVISOR) == "!not_yours"
    play.engine(E.LAPSE)
    assert (play.state, play.snapshot.visit.lapsed) == (S.PLAN_DRAFTING, True)
    play.act(A.SUBMIT_PLAN, Who.SUPERVISOR)
    assert play.state is S.EXECUTION_RUNNING
    assert play.events[-1].data.takeover is True
    assert play.snapshot.plan_in_force == play.snapshot.forms["plan"]
    assert play.tried(A.RETURN_PLAN, Who.SUPERVISOR) == "!not_now"


def test_an_extension_gives_the_plan_back_to_the_employee() -> None:
    play = Play().engine(E.LAPSE).act(A.EXTEND, Who.HR)
    assert play.tried(A.SUBMIT_PLAN, Who.SUPERVISOR) == "!not_yours"


def test_her_own_plan_still_goes_to_review_after_a_lapse() -> None:
    assert Play().engine(E.LAPSE).tried(A.SUBMIT_PLAN, Who.EMPLOYEE) == "plan.reviewing"


@pytest.mark.parametrize("how", ["the rung", "the lapse"])
def test_the_senior_supervisor_approves_after_a_takeover_and_may_take_it_back(how: str) -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    assert play.tried(A.APPROVE_PLAN, Who.SENIOR) == "!not_yours"
    if how == "the rung":
        play.engine(E.REACH_RUNG, rung="overdue+1")
        assert play.tried(A.APPROVE_PLAN, Who.SENIOR) == "!not_yours"
        play.engine(E.REACH_RUNG, rung="takeover+3")
        assert play.snapshot.visit.rungs == ("overdue+1", "takeover+3")
    else:
        play.engine(E.LAPSE)
    play.act(A.APPROVE_PLAN, Who.SENIOR, on_behalf_of=Who.SUPERVISOR.value)
    assert play.events[-1].data.takeover is True
    assert play.tried(A.RETURN_PLAN, Who.SUPERVISOR) == "!not_now"
    assert play.tried(A.RETURN_PLAN, Who.SENIOR) == "plan.drafting"


def test_who_approved_by_a_takeover_does_not_rate_without_another() -> None:
    play = Play(flow(periods=0, self_assessment=False)).act(A.SUBMIT_PLAN, Who.EMPLOYEE).engine(E.LAPSE)
    play.act(A.APPROVE_PLAN, Who.SENIOR).engine(E.OPEN_WINDOW)
    assert play.state is S.RATING_DRAFTING
    assert play.tried(A.SUBMIT_RATING, Who.SENIOR) == "!not_yours"


def test_where_silence_holds_nobody_else_may_act() -> None:
    play = Play(flow(silence={S.PLAN_DRAFTING: Silence.HOLD, S.PLAN_REVIEWING: Silence.HOLD})).engine(E.LAPSE)
    assert play.tried(A.SUBMIT_PLAN, Who.SUPERVISOR) == "!not_yours"
    play.act(A.SUBMIT_PLAN, Who.EMPLOYEE).engine(E.LAPSE)
    assert play.tried(A.APPROVE_PLAN, Who.SENIOR) == "!not_yours"


def test_an_approval_may_be_taken_back_until_the_next_person_acts() -> None:
    play = Play().planned()
    assert play.tried(A.RETURN_PLAN, Who.SUPERVISOR) == "plan.drafting"
    assert play.tried(A.RETURN_PLAN, Who.SUPERVISOR, actor="another-supervisor") == "!not_now"
    play.act(A.DISPUTE_SUPERVISOR, Who.EMPLOYEE)
    assert play.tried(A.RETURN_PLAN, Who.SUPERVISOR) == "!not_now"


def test_a_taken_back_approval_leaves_no_plan_in_force() -> None:
    play = Play().planned().act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert play.snapshot.plan_in_force is None
    assert play.snapshot.visit.returned


def test_an_employees_amendment_is_reviewed_while_the_old_plan_stays_in_force() -> None:
    play = Play().planned()
    old = play.snapshot.plan_in_force
    play.act(A.AMEND_PLAN, Who.EMPLOYEE)
    assert (play.state, play.snapshot.plan_in_force) == (S.PLAN_REVIEWING, old)
    play.act(A.APPROVE_PLAN, Who.SUPERVISOR)
    assert play.snapshot.plan_in_force == play.snapshot.forms["plan"] != old
    play.act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert (play.state, play.snapshot.plan_in_force) == (S.EXECUTION_RUNNING, old)


@pytest.mark.parametrize(("action", "who"), [(A.RETURN_PLAN, Who.SUPERVISOR), (A.RECALL_PLAN, Who.EMPLOYEE)])
def test_an_amendment_returned_or_recalled_keeps_the_old_plan(action: Action, who: Who) -> None:
    play = Play().planned()
    old = play.snapshot.plan_in_force
    play.act(A.AMEND_PLAN, Who.EMPLOYEE).act(action, who)
    assert (play.state, play.snapshot.plan_in_force) == (S.EXECUTION_RUNNING, old)
    assert play.snapshot.forms["plan"] == old


def test_an_approved_amendment_that_is_taken_back_is_not_the_plan_any_more() -> None:
    play = Play().planned()
    old = play.snapshot.plan_in_force
    play.act(A.AMEND_PLAN, Who.EMPLOYEE).act(A.APPROVE_PLAN, Who.SUPERVISOR).act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert (play.state, play.snapshot.forms["plan"]) == (S.EXECUTION_RUNNING, old)


def test_a_year_whose_amendment_is_still_in_review_when_it_is_cancelled_keeps_the_plan_that_was_in_force() -> None:
    play = Play().planned()
    old = play.snapshot.plan_in_force
    play.act(A.AMEND_PLAN, Who.EMPLOYEE).act(A.CANCEL, Who.HR)
    assert play.snapshot.forms["plan"] == play.snapshot.plan_in_force == old


def test_a_snapshot_from_before_that_shows_a_refused_amendment_shows_the_plan_in_force_after_its_next_event() -> None:
    play = Play().planned()
    old = play.snapshot.plan_in_force
    play.snapshot = play.snapshot.model_copy(update={"forms": {"plan": sent(Form.PLAN, copy="refused")}})
    play.engine(E.REACH_RUNG, rung="remind-7")
    assert play.snapshot.forms["plan"] == old


def test_a_supervisors_amendment_is_in_force_at_once() -> None:
    play = Play().planned()
    seen = play.snapshot.version
    play.act(A.AMEND_PLAN, Who.SUPERVISOR)
    assert (play.state, play.snapshot.version) == (S.EXECUTION_RUNNING, seen + 1)
    assert play.snapshot.plan_in_force == play.snapshot.forms["plan"]
    assert play.tried(A.RETURN_PLAN, Who.SUPERVISOR) == "!not_now"


def test_an_amendment_still_in_review_ends_when_the_next_window_opens() -> None:
    play = Play().planned()
    old = play.snapshot.plan_in_force
    play.act(A.AMEND_PLAN, Who.EMPLOYEE).engine(E.CLOSE_PERIOD)
    assert (play.state, play.snapshot.plan_in_force, play.snapshot.periods_done) == (S.EXECUTION_RUNNING, old, 0)


def test_a_first_plan_in_review_is_never_closed_by_a_window() -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    assert outcome(play.snapshot, engine_wish(E.CLOSE_PERIOD)) == "!not_now"


# ── periods ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("self_assessment", [True, False])
@pytest.mark.parametrize("periods", [0, 1, 2, 4, 12])
def test_the_windows_open_in_the_packs_order(periods: int, self_assessment: bool) -> None:
    play = Play(flow(periods=periods, self_assessment=self_assessment)).planned()
    seen = []
    for _ in range(periods):
        play.engine(E.OPEN_WINDOW)
        seen.append((play.state, play.snapshot.period))
        play.act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.COMPLETE_MIDYEAR, Who.SUPERVISOR)
        assert (play.state, play.snapshot.period) == (S.EXECUTION_RUNNING, None)
    assert seen == [(S.MIDYEAR_DRAFTING, k) for k in range(1, periods + 1)]
    assert set(play.snapshot.forms) == {"plan", *(f"midyear.{k}" for k in range(1, periods + 1))}
    assert outcome(play.snapshot, engine_wish(E.SKIP_PERIOD)) == "!not_now"
    play.engine(E.OPEN_WINDOW)
    assert play.state is (S.SELF_ASSESSMENT_DRAFTING if self_assessment else S.RATING_DRAFTING)


def test_a_period_whose_window_closed_before_the_plan_was_set_is_skipped() -> None:
    play = Play().planned()
    seen = play.snapshot.version
    play.engine(E.SKIP_PERIOD)
    assert (play.state, play.snapshot.periods_done, play.snapshot.version) == (S.EXECUTION_RUNNING, 1, seen)
    play.engine(E.OPEN_WINDOW)
    assert play.snapshot.period == 2


@pytest.mark.parametrize("submitted", [True, False])
@pytest.mark.parametrize("move", [E.CLOSE_PERIOD, E.LAPSE])
def test_a_period_is_closed_by_the_next_window_and_a_draft_of_it_by_silence(
    move: EngineAction, submitted: bool
) -> None:
    play = Play().planned().engine(E.OPEN_WINDOW)
    if submitted:
        play.act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE)
    play.engine(move)
    if submitted and move is E.LAPSE:
        assert (play.state, play.snapshot.periods_done) == (S.MIDYEAR_REVIEWING, 0)
        assert play.tried(A.COMPLETE_MIDYEAR, Who.SENIOR) == "execution.running"
    else:
        assert (play.state, play.snapshot.periods_done) == (S.EXECUTION_RUNNING, 1)
        assert play.engine(E.OPEN_WINDOW).snapshot.period == 2


def test_a_completed_review_may_be_taken_back_into_its_own_period() -> None:
    play = Play().planned().engine(E.OPEN_WINDOW)
    play.act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.COMPLETE_MIDYEAR, Who.SUPERVISOR)
    play.act(A.RETURN_MIDYEAR, Who.SUPERVISOR)
    assert (play.state, play.snapshot.period, play.snapshot.periods_done) == (S.MIDYEAR_DRAFTING, 1, 0)
    play.act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.COMPLETE_MIDYEAR, Who.SUPERVISOR)
    assert play.snapshot.periods_done == 1


@pytest.mark.parametrize("skipped", [True, False])
def test_a_review_is_out_of_reach_once_a_later_period_began(skipped: bool) -> None:
    play = Play(flow(periods=4)).planned().engine(E.OPEN_WINDOW)
    play.act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.COMPLETE_MIDYEAR, Who.SUPERVISOR)
    if skipped:
        play.engine(E.SKIP_PERIOD)
    else:
        play.engine(E.OPEN_WINDOW).engine(E.LAPSE)
    assert (play.state, play.snapshot.periods_done) == (S.EXECUTION_RUNNING, 2)
    assert play.tried(A.RETURN_MIDYEAR, Who.SUPERVISOR) == "!not_now"
