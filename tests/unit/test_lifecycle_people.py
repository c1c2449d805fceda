"""What a transfer, a leave and an exit do to a year, by the state it is in: DOMAIN 3.1, 3.6, 3.17, as a table and in sentences."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import folding, lifecycle
from models.vocabulary import Action, Ending, EngineAction, Exit, Form, State
from tests.unit.lifecycle_play import MAY, START, Play, Who, engine_wish, flow, outcome, sent
from tests.unit.lifecycle_table import ANSWER, APPEAL, GIVEN, PLAN, RATING, SELF_ASSESSMENT, standing

A, E, S = Action, EngineAction, State
LAST_DAY = MAY - timedelta(days=1)

AMENDED = standing(S.PLAN_REVIEWING, plan_in_force=PLAN, forms={"plan": sent(Form.PLAN, copy="2")})
RETURNED = {"plan": PLAN, "rating": RATING}
APPEALED = {"plan": PLAN, "rating": RATING, "appeal": APPEAL}

# where it stands, and where it goes by: a transfer · who retires, resigns or is dismissed · who dies
STANDS_AND_GOES = [
    (standing(S.PLAN_DRAFTING), "finalisation.running", "finalisation.running", "finalisation.running"),
    (standing(S.PLAN_REVIEWING), "finalisation.running", "finalisation.running", "finalisation.running"),
    (AMENDED, "self_assessment.drafting", "rating.drafting", "finalisation.running"),
    (standing(S.EXECUTION_RUNNING), "self_assessment.drafting", "rating.drafting", "finalisation.running"),
    (standing(S.MIDYEAR_DRAFTING, period=1), "self_assessment.drafting", "rating.drafting", "finalisation.running"),
    (standing(S.MIDYEAR_REVIEWING, period=2), "self_assessment.drafting", "rating.drafting", "finalisation.running"),
    (standing(S.SELF_ASSESSMENT_DRAFTING), "self_assessment.drafting", "rating.drafting", "finalisation.running"),
    (standing(S.RATING_DRAFTING), "rating.drafting", "rating.drafting", "finalisation.running"),
    # once a rating was given neither a transfer nor an exit in life changes the way; what was sent back was given
    (standing(S.RATING_DRAFTING, forms=RETURNED), "!not_now", "!not_now", "finalisation.running"),
    (standing(S.CALIBRATION_WAITING, forms=GIVEN), "!not_now", "!not_now", "finalisation.running"),
    (standing(S.CALIBRATION_REVIEWING, forms=GIVEN), "!not_now", "!not_now", "finalisation.running"),
    (standing(S.APPEAL_OPEN, forms=GIVEN), "!not_now", "!not_now", "finalisation.running"),
    (standing(S.APPEAL_ANSWERING, forms=APPEALED), "!not_now", "!not_now", "finalisation.running"),
    (standing(S.APPEAL_DECIDING, forms={**APPEALED, "answer": ANSWER}), "!not_now", "!not_now", "finalisation.running"),
    (standing(S.FINALISATION_RUNNING, ending=Ending.ACCEPTED, forms=GIVEN), "!not_now", "!not_now", "!not_now"),
    (standing(S.FINALISATION_DONE, ending=Ending.ACCEPTED, forms=GIVEN), "!not_now", "!not_now", "!not_now"),
]


@pytest.mark.parametrize("row", STANDS_AND_GOES, ids=lambda row: f"{row[0].state.value} {len(row[0].forms)}")
def test_each_decision_leads_where_the_state_says(row: tuple[folding.Snapshot, str, str, str]) -> None:
    snapshot, transferred, left, died = row
    assert outcome(snapshot, engine_wish(E.CLOSE_SEGMENT)) == transferred
    for why in (Exit.RETIRE, Exit.RESIGN, Exit.DISMISS):
        assert outcome(snapshot, engine_wish(E.EXIT, exit=why)) == left
    assert outcome(snapshot, engine_wish(E.EXIT, exit=Exit.DIE)) == died


def test_every_state_stands_in_the_table() -> None:
    assert {row[0].state for row in STANDS_AND_GOES} == set(State)


# ── a transfer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_segment_runs_to_its_rating_and_ends_there() -> None:
    play = Play().planned().engine(E.CLOSE_SEGMENT)
    assert (play.state, play.snapshot.until) == (S.SELF_ASSESSMENT_DRAFTING, LAST_DAY)
    play.act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE).act(A.SUBMIT_RATING, Who.SUPERVISOR)
    assert (play.state, play.snapshot.ending) == (S.FINALISATION_RUNNING, Ending.SEGMENT_CLOSED)
    assert play.snapshot.outcome_id is not None


def test_a_segment_without_a_plan_cannot_be_rated() -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE).engine(E.CLOSE_SEGMENT).archived()
    assert (play.snapshot.ending, play.snapshot.outcome_id) == (Ending.NOT_RATABLE, None)


def test_a_pack_without_a_self_assessment_goes_straight_to_the_rating() -> None:
    assert Play(flow(self_assessment=False)).planned().engine(E.CLOSE_SEGMENT).state is S.RATING_DRAFTING


def test_a_segment_is_closed_once() -> None:
    play = Play().planned().engine(E.CLOSE_SEGMENT)
    assert outcome(play.snapshot, engine_wish(E.CLOSE_SEGMENT)) == "!not_now"


def test_an_amendment_nobody_approved_is_none_when_the_segment_closes() -> None:
    play = Play().planned()
    in_force = play.snapshot.plan_in_force
    play.act(A.AMEND_PLAN, Who.EMPLOYEE).engine(E.CLOSE_SEGMENT)
    assert play.snapshot.forms["plan"] == play.snapshot.plan_in_force == in_force


def test_a_form_in_hand_gets_days_of_its_own_when_the_segment_closes() -> None:
    play = Play().to_rating()
    before = play.snapshot.visit
    play.engine(E.CLOSE_SEGMENT)
    assert (play.snapshot.visit.no, play.snapshot.visit.entered_at) == (before.no + 1, play.at)


def test_a_segment_that_closes_during_a_leave_stays_paused_until_its_end() -> None:
    play = Play().planned().engine(E.BEGIN_LEAVE).engine(E.CLOSE_SEGMENT)
    assert (play.state, play.snapshot.suspended is not None) == (S.SELF_ASSESSMENT_DRAFTING, True)
    play.at += timedelta(days=30)
    closed_at = play.snapshot.visit.entered_at
    assert closed_at is not None
    play.take(engine_wish(E.END_LEAVE, effective_at=play.at))
    assert play.snapshot.suspended is None
    assert play.snapshot.visit.shifted == play.at - closed_at


# ── an exit ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("why", [Exit.RETIRE, Exit.RESIGN, Exit.DISMISS])
def test_who_leaves_alive_is_rated_once_more_and_the_year_ends(why: Exit) -> None:
    play = Play().planned().engine(E.EXIT, exit=why).act(A.SUBMIT_RATING, Who.SUPERVISOR)
    assert (play.state, play.snapshot.ending) == (S.FINALISATION_RUNNING, Ending.EXITED)
    assert play.snapshot.outcome_id is not None


def test_a_death_keeps_the_outcome_that_was_there_and_invents_none() -> None:
    rated = Play().rated()
    outcome_id = rated.snapshot.outcome_id
    rated.engine(E.EXIT, exit=Exit.DIE).archived()
    assert (rated.snapshot.ending, rated.snapshot.outcome_id) == (Ending.EXITED, outcome_id)
    unrated = Play().to_rating().engine(E.EXIT, exit=Exit.DIE).archived()
    assert (unrated.snapshot.ending, unrated.snapshot.outcome_id) == (Ending.EXITED, None)


def test_a_delivered_result_never_lapses_to_acceptance_after_death() -> None:
    play = Play().rated().act(A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE).engine(E.EXIT, exit=Exit.DIE).engine(E.LAPSE)
    assert play.snapshot.ending is Ending.EXITED


def test_nobody_leaves_twice_but_who_left_may_die() -> None:
    play = Play().planned().engine(E.EXIT)
    assert outcome(play.snapshot, engine_wish(E.EXIT)) == "!not_now"
    assert outcome(play.snapshot, engine_wish(E.CLOSE_SEGMENT)) == "!not_now"


def test_nothing_is_sent_back_to_somebody_who_left() -> None:
    play = Play().to_rating().engine(E.EXIT)
    assert play.tried(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR) == "!not_now"
    assert play.tried(A.SUBMIT_RATING, Who.SUPERVISOR) == "finalisation.running"


def test_a_self_assessment_that_was_sent_back_is_none_when_she_leaves() -> None:
    play = Play().to_rating().act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR).engine(E.EXIT)
    assert SELF_ASSESSMENT.slot not in play.snapshot.forms


@pytest.mark.parametrize("paused", [E.BEGIN_LEAVE, A.SUSPEND])
def test_an_exit_waits_for_no_pause_and_ends_it(paused: Action | EngineAction) -> None:
    play = Play().planned()
    play = play.engine(paused) if isinstance(paused, EngineAction) else play.act(paused, Who.HR)
    play.engine(E.EXIT)
    assert (play.state, play.snapshot.suspended) == (S.RATING_DRAFTING, None)


def test_an_earlier_segment_of_somebody_who_left_ends_as_a_segment() -> None:
    play = Play().planned().engine(E.CLOSE_SEGMENT).engine(E.EXIT, day=MAY + timedelta(days=40))
    assert (play.state, play.snapshot.until) == (S.RATING_DRAFTING, LAST_DAY)
    assert play.act(A.SUBMIT_RATING, Who.SUPERVISOR).snapshot.ending is Ending.SEGMENT_CLOSED


# ── a leave ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_leave_shifts_what_is_open_by_its_length() -> None:
    play = Play()
    begins, ends = play.at + timedelta(days=3), play.at + timedelta(days=33)
    play.at = ends + timedelta(days=9)  # HR learnt of it late; both its instants are the legal ones
    play.take(engine_wish(E.BEGIN_LEAVE, effective_at=begins)).take(engine_wish(E.END_LEAVE, effective_at=ends))
    assert (play.snapshot.visit.no, play.snapshot.visit.shifted) == (1, ends - begins)


def test_what_a_year_was_paused_for_is_known_in_every_step_that_follows() -> None:
    """A leave is known by its record for the whole of the year, so what HR paused is too."""
    play = Play().planned().act(A.AMEND_PLAN, Who.EMPLOYEE).act(A.SUSPEND, Who.HR)
    play.at += timedelta(days=30)
    play.act(A.RESUME, Who.HR)
    (paused,) = play.snapshot.visit.pauses
    for step in (E.CLOSE_PERIOD, E.OPEN_WINDOW, A.SUBMIT_MIDYEAR, A.RECALL_MIDYEAR):
        play = play.engine(step) if isinstance(step, E) else play.act(step, Who.EMPLOYEE)
        assert play.snapshot.visit.pauses == (paused,), step
        assert play.snapshot.visit.shifted == timedelta(0), "but it moves nothing that began after it"


def test_while_hr_has_suspended_a_leave_changes_nothing_and_its_end_resumes_nothing() -> None:
    play = Play().act(A.SUSPEND, Who.HR)
    assert outcome(play.snapshot, engine_wish(E.BEGIN_LEAVE)) == "!suspended"
    assert outcome(play.snapshot, engine_wish(E.END_LEAVE)) == "!not_now"


def test_hr_may_resume_before_a_leave_is_over() -> None:
    play = Play().engine(E.BEGIN_LEAVE).act(A.RESUME, Who.HR)
    assert (play.snapshot.suspended, play.snapshot.leaves) == (None, (MAY,))


def test_a_refused_decision_leaves_the_year_as_it_was() -> None:
    snapshot = standing(S.APPEAL_OPEN, forms=GIVEN)
    with pytest.raises(lifecycle.Refused):
        lifecycle.apply(snapshot, engine_wish(E.CLOSE_SEGMENT), START)
