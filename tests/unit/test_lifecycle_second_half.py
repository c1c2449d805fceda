"""From the self-assessment over the rating to the decided appeal, told in sentences."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import folding, lifecycle
from models.appraisal import Bounds
from models.vocabulary import Action, Decision, Ending, EngineAction, Role, Silence, State
from tests.unit.lifecycle_play import Play, Who, engine_wish, flow, outcome, wish

A, E, S = Action, EngineAction, State
DAY = timedelta(days=1)


# ── self-assessment and rating ───────────────────────────────────────────────────────────────────────────────────────


def test_a_rating_goes_on_without_a_self_assessment_which_then_cannot_be_returned() -> None:
    play = Play().planned().reviewed().engine(E.OPEN_WINDOW).engine(E.LAPSE)
    assert play.state is S.RATING_DRAFTING
    assert play.tried(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR) == "!not_now"


def test_a_self_assessment_sent_back_that_never_came_again_is_none() -> None:
    play = Play().to_rating().act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR).engine(E.LAPSE)
    assert "self_assessment" not in play.snapshot.forms
    assert play.tried(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR) == "!not_now"


AFTER_RATING = [
    ({}, "appeal.open", None),
    ({"needs_label": True}, "calibration.waiting", None),
    ({"board": True}, "calibration.reviewing", None),
    ({"needs_label": True, "board": True}, "calibration.waiting", None),
    ({"appeal": False}, "finalisation.running", Ending.ACCEPTED),
    ({"appeal": False, "board": True}, "calibration.reviewing", None),
    ({"last_segment": False}, "finalisation.running", Ending.SEGMENT_CLOSED),
    ({"last_segment": False, "needs_label": True, "board": True}, "finalisation.running", Ending.SEGMENT_CLOSED),
]


@pytest.mark.parametrize(("switches", "state", "ending"), AFTER_RATING)
def test_a_rating_goes_where_the_pack_says(switches: dict[str, bool], state: str, ending: Ending | None) -> None:
    play = Play(flow(**switches)).rated()
    assert (play.state.value, play.snapshot.ending) == (state, ending)
    assert play.snapshot.rated_by == Who.SUPERVISOR.value
    assert play.snapshot.scored_copy == play.snapshot.forms["rating"].copy_id


@pytest.mark.parametrize(
    ("switches", "state"),
    [
        ({}, "appeal.open"),
        ({"board": True}, "calibration.reviewing"),
        ({"appeal": False}, "finalisation.running"),
    ],
)
def test_once_the_label_is_known_a_result_goes_on(switches: dict[str, bool], state: str) -> None:
    play = Play(flow(needs_label=True, **switches)).rated().engine(E.LAPSE)
    assert play.state is S.CALIBRATION_WAITING
    assert play.engine(E.RECEIVE_LABEL).state.value == state


@pytest.mark.parametrize("since", ["delivered", "appealed", "answered"])
def test_a_later_label_that_changes_the_outcome_makes_a_new_result_to_be_delivered_anew(since: str) -> None:
    play = Play(flow(needs_label=True)).rated().engine(E.RECEIVE_LABEL).act(A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE)
    if since != "delivered":
        play.act(A.FILE_APPEAL, Who.EMPLOYEE)
    if since == "answered":
        play.act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    same = engine_wish(E.RECEIVE_LABEL, outcome_id=play.snapshot.outcome_id)
    assert outcome(play.snapshot, same) == "!not_now"
    visit, version = play.snapshot.visit.no, play.snapshot.version
    play.engine(E.RECEIVE_LABEL, outcome_id="another-outcome")
    assert (play.state, play.snapshot.outcome_id) == (S.APPEAL_OPEN, "another-outcome")
    assert play.snapshot.visit.delivered_at is None
    assert (play.snapshot.visit.no, play.snapshot.version) == (visit + 1, version + 1)


@pytest.mark.parametrize("since", ["delivered", "appealed", "answered"])
def test_a_later_label_that_leaves_the_result_as_it_is_moves_nobody(since: str) -> None:
    play = Play(flow(needs_label=True)).rated().engine(E.RECEIVE_LABEL, label=1, outcome_id="first")
    play.act(A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE)
    if since != "delivered":
        play.act(A.FILE_APPEAL, Who.EMPLOYEE)
    if since == "answered":
        play.act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    state, visit, version = play.state, play.snapshot.visit, play.snapshot.version
    play.engine(E.RECEIVE_LABEL, label=2, outcome_id="explained-anew", same_result=True)
    assert (play.state, play.snapshot.visit) == (state, visit)
    assert (play.snapshot.label, play.snapshot.outcome_id) == (2, "explained-anew")
    assert play.snapshot.version == version + 1
    again = engine_wish(E.RECEIVE_LABEL, label=2, outcome_id="explained-anew", same_result=True)
    assert outcome(play.snapshot, again) == "!not_now"


def test_a_label_that_comes_while_the_board_looks_is_known_and_takes_nothing_from_its_days() -> None:
    play = Play(flow(needs_label=True, board=True)).rated().engine(E.RECEIVE_LABEL, label=1, outcome_id="first")
    visit = play.snapshot.visit
    play.engine(E.RECEIVE_LABEL, label=2, outcome_id="second")
    assert (play.state, play.snapshot.visit) == (S.CALIBRATION_REVIEWING, visit)
    assert (play.snapshot.label, play.snapshot.outcome_id) == (2, "second")


@pytest.mark.parametrize("appeal", [True, False])
def test_the_board_confirms_and_after_a_lapse_the_appointing_authority(appeal: bool) -> None:
    play = Play(flow(board=True, appeal=appeal)).rated()
    after = "appeal.open" if appeal else "finalisation.running"
    assert play.tried(A.CONFIRM_RATING, Who.BOARD) == after
    assert play.tried(A.CONFIRM_RATING, Who.APPOINTING_AUTHORITY) == "!not_yours"
    play.engine(E.LAPSE)
    assert (play.state, play.snapshot.visit.level) == (S.CALIBRATION_REVIEWING, 1)
    play.act(A.CONFIRM_RATING, Who.APPOINTING_AUTHORITY)
    assert play.state.value == after
    assert play.events[-1].data.takeover is True


def test_a_rating_the_board_returned_is_given_and_scored_again() -> None:
    play = Play(flow(board=True)).rated()
    first = play.snapshot.scored_copy
    play.act(A.RETURN_RATING, Who.BOARD)
    assert (play.state, play.snapshot.visit.returned) == (S.RATING_DRAFTING, True)
    play.act(A.SUBMIT_RATING, Who.SUPERVISOR)
    assert play.snapshot.scored_copy == play.snapshot.forms["rating"].copy_id != first


# ── appeal ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("action", [A.ACCEPT_RESULT, A.FILE_APPEAL])
def test_accepting_or_appealing_implies_that_the_result_was_received(action: Action) -> None:
    play = Play().rated()
    before, key = len(play.events), f"{play.snapshot.seq:016x}"
    play.act(action, Who.EMPLOYEE)
    received, act = play.events[before : before + 2]
    assert (received.action, act.action) == (A.ACKNOWLEDGE_RESULT, action)
    assert received.data.delivered_at == received.at
    assert received.data.key_hash is None
    assert play.snapshot.receipts[key].event_seq == act.seq
    assert play.snapshot.receipts[key].action is action


def test_a_result_already_received_is_not_received_again() -> None:
    play = Play().rated().act(A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE)
    before = len(play.events)
    play.act(A.ACCEPT_RESULT, Who.EMPLOYEE)
    assert [e.action for e in play.events[before:]] == [A.ACCEPT_RESULT]


def test_the_first_proof_of_delivery_counts() -> None:
    play = Play().rated()
    earlier = play.snapshot.visit.entered_at
    play.act(A.RECORD_DELIVERY, Who.HR, delivered_at=earlier).act(A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE)
    assert play.snapshot.visit.delivered_at == earlier


@pytest.mark.parametrize("first", [(A.RECORD_DELIVERY, Who.HR), (A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE)])
def test_a_delivery_that_is_proven_is_not_recorded_again_as_if_that_corrected_it(first: tuple[Action, Who]) -> None:
    play = Play().rated()
    hr = (Who.HR.value, [Role.HR])
    assert A.RECORD_DELIVERY in lifecycle.allowed(play.snapshot, *hr, play.at, None)
    play.act(*first)
    assert play.tried(A.RECORD_DELIVERY, Who.HR) == "!not_now"
    assert A.RECORD_DELIVERY not in lifecycle.allowed(play.snapshot, *hr, play.at, None)
    taken = wish(play.snapshot, A.RECORD_DELIVERY, Who.HR, play.at)
    assert lifecycle.apply(play.snapshot, taken, play.at), "one that was taken replays"


@pytest.mark.parametrize("recorded_first", [True, False])
def test_a_pause_after_the_delivery_moves_the_days_whenever_the_delivery_is_recorded(recorded_first: bool) -> None:
    play = Play().rated()
    delivered = play.at
    if recorded_first:
        play.act(A.RECORD_DELIVERY, Who.HR, delivered_at=delivered)
    began = play.act(A.SUSPEND, Who.HR).at
    play.at += 30 * DAY
    ended = play.act(A.RESUME, Who.HR).at
    if not recorded_first:
        play.act(A.RECORD_DELIVERY, Who.HR, delivered_at=delivered)
    assert play.snapshot.visit.shifted == ended - began


@pytest.mark.parametrize("recorded_first", [True, False])
def test_of_a_leave_that_was_learnt_late_only_what_lies_after_the_delivery_moves_the_days(recorded_first: bool) -> None:
    play = Play().rated()
    first, delivered = play.at + DAY, play.at + 8 * DAY
    play.at += 10 * DAY
    if recorded_first:
        play.act(A.RECORD_DELIVERY, Who.HR, delivered_at=delivered)
    play.engine(E.BEGIN_LEAVE, effective_at=first, day=first.date())
    ends = delivered + 9 * DAY
    play.at = ends
    play.engine(E.END_LEAVE, effective_at=ends)
    if not recorded_first:
        play.act(A.RECORD_DELIVERY, Who.HR, delivered_at=delivered)
    assert play.snapshot.visit.shifted == 9 * DAY


def test_a_pause_before_the_delivery_moves_nothing_and_of_one_around_it_the_rest() -> None:
    play = Play().rated()
    play.act(A.SUSPEND, Who.HR)
    play.at += 30 * DAY
    ended = play.act(A.RESUME, Who.HR).at
    around = Play().rated()
    around.act(A.SUSPEND, Who.HR)
    around.at += 30 * DAY
    around.act(A.RESUME, Who.HR).act(A.RECORD_DELIVERY, Who.HR, delivered_at=around.at - 10 * DAY)
    assert play.act(A.RECORD_DELIVERY, Who.HR, delivered_at=ended).snapshot.visit.shifted == timedelta(0)
    assert timedelta(0) < around.snapshot.visit.shifted <= 10 * DAY


@pytest.mark.parametrize("days", [-400, 1, 26_000])
def test_a_delivery_before_the_result_or_in_the_future_is_refused(days: int) -> None:
    play = Play().rated()
    found = play.tried(A.RECORD_DELIVERY, Who.HR, delivered_at=play.at + days * DAY)
    assert found == "!impossible_value"


@pytest.mark.parametrize("days", [-400, -1, 0, 4_000])
def test_an_extension_into_the_past_or_beyond_reason_is_refused(days: int) -> None:
    play = Play().rated()
    assert play.tried(A.EXTEND, Who.HR, due_at=play.at + days * DAY) == "!impossible_value"


def test_nobody_becomes_her_own_supervisor() -> None:
    play = Play()
    assert play.tried(A.REASSIGN, Who.HR, supervisor=play.snapshot.subject) == "!impossible_value"


def test_an_undelivered_result_never_lapses() -> None:
    play = Play().rated()
    assert outcome(play.snapshot, engine_wish(E.LAPSE)) == "!not_now"
    play.act(A.RECORD_DELIVERY, Who.HR).engine(E.LAPSE)
    assert (play.state, play.snapshot.ending) == (S.FINALISATION_RUNNING, Ending.ACCEPTED_BY_LAPSE)


def test_an_appeal_goes_on_without_an_answer() -> None:
    play = Play().appealed().engine(E.LAPSE)
    assert play.state is S.APPEAL_DECIDING
    assert play.tried(A.ANSWER_APPEAL, Who.SUPERVISOR) == "!not_now"


def test_an_undecided_appeal_is_handed_on_and_never_decided_by_silence() -> None:
    play = Play().appealed().act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    for level in (1, 2):
        visit = play.snapshot.visit.no
        play.engine(E.LAPSE)
        assert (play.state, play.snapshot.visit.level, play.snapshot.visit.no) == (S.APPEAL_DECIDING, level, visit + 1)
    assert play.tried(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY) == "finalisation.running"


def test_who_let_a_decision_pass_is_remembered_until_it_is_decided() -> None:
    """A trail of before it was kept has no holder; the empty one is that nobody was there."""
    play = Play().appealed().act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    for holder, remembered in ((None, ()), ("ratna", ("ratna",)), ("", ("ratna", "")), ("agus", ("ratna", "", "agus"))):
        play.engine(E.LAPSE, holder=holder)
        assert play.snapshot.visit.let_pass == remembered
    play.act(A.SUSPEND, Who.HR).act(A.RESUME, Who.HR).act(A.EXTEND, Who.HR)
    assert play.snapshot.visit.let_pass == ("ratna", "", "agus")
    play.act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY)
    assert play.snapshot.visit.let_pass == ()


@pytest.mark.parametrize("by", [{}, {"actor": "delegate", "on_behalf_of": Who.APPEAL_AUTHORITY.value}])
def test_who_has_just_let_a_decision_pass_does_not_take_it_by_what_he_was_shown_before(by: dict[str, str]) -> None:
    play = Play().appealed().act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    before = Bounds(facts_revision=1, visit=play.snapshot.visit.no)
    play.engine(E.LAPSE, holder=Who.APPEAL_AUTHORITY.value)
    late = wish(play.snapshot, A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, play.at, bounds=before, **by)
    assert outcome(play.snapshot, late) == "!not_yours"
    now = before.model_copy(update={"visit": play.snapshot.visit.no})
    assert play.tried(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, bounds=now, **by) == "finalisation.running", (
        "with the last it stays"
    )
    assert A.DECIDE_APPEAL in lifecycle.allowed(
        play.snapshot, Who.APPEAL_AUTHORITY.value, [Role.APPEAL_AUTHORITY], play.at, None
    )
    assert lifecycle.apply(play.snapshot, late, play.at)[-1].to_state is S.FINALISATION_RUNNING, (
        "one that was taken replays"
    )


def test_where_the_pack_grants_by_silence_the_rating_has_to_be_given_anew() -> None:
    play = Play(flow(silence={S.APPEAL_DECIDING: Silence.GRANT})).appealed().engine(E.LAPSE).engine(E.LAPSE)
    assert (play.state, play.snapshot.ending) == (S.RATING_DRAFTING, None)
    assert not folding.needs_scoring(play.snapshot)


def test_a_changing_decision_is_scored_and_one_that_stands_is_not() -> None:
    play = Play().appealed().act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    before = play.snapshot.outcome_id
    stands = Play().appealed().engine(E.LAPSE).act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY)
    assert stands.events[-1].action is A.DECIDE_APPEAL
    play.act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, decision=Decision.CHANGED)
    assert play.events[-1].action is E.SCORE
    assert play.snapshot.scored_copy == play.snapshot.forms["decision"].copy_id
    assert play.snapshot.outcome_id != before


def test_after_a_withdrawal_there_is_no_second_appeal() -> None:
    play = Play().appealed().act(A.WITHDRAW_APPEAL, Who.EMPLOYEE)
    assert play.tried(A.FILE_APPEAL, Who.EMPLOYEE) == "!not_now"
