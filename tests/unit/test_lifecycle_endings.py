"""How a year ends, is paused, is opened again; and what silence may mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from models import folding, lifecycle
from models.appraisal import Suspension, TextRef
from models.shelf import load, pack_ids
from models.vocabulary import Action, Decision, Ending, EngineAction, Exit, Silence, State
from models.ways import SILENCES
from tests.unit.lifecycle_play import MAY, START, Play, Who, engine_wish, flow, outcome, wish
from tests.unit.lifecycle_table import standing

A, E, S = Action, EngineAction, State
DAY = timedelta(days=1)


# ── endings ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def accepted() -> Play:
    return Play().rated().act(A.ACCEPT_RESULT, Who.EMPLOYEE)


def decided(decision: Decision) -> Play:
    return Play().appealed().engine(E.LAPSE).act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, decision=decision)


ENDINGS: dict[Ending, Callable[[], Play]] = {
    Ending.ACCEPTED: accepted,
    Ending.ACCEPTED_BY_LAPSE: lambda: Play().rated().act(A.ACKNOWLEDGE_RESULT, Who.EMPLOYEE).engine(E.LAPSE),
    Ending.STANDS: lambda: decided(Decision.STANDS),
    Ending.CHANGED: lambda: decided(Decision.CHANGED),
    Ending.WITHDRAWN: lambda: Play().appealed().engine(E.LAPSE).act(A.WITHDRAW_APPEAL, Who.EMPLOYEE),
    Ending.SEGMENT_CLOSED: lambda: Play(flow(last_segment=False)).rated(),
    Ending.CANCELLED: lambda: Play().rated().act(A.CANCEL, Who.HR),
}


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda e: e.value)
def test_a_year_ends_once_it_is_archived(ending: Ending) -> None:
    play = ENDINGS[ending]()
    assert play.snapshot.ending is ending
    assert not play.snapshot.finished
    assert play.tried(A.REOPEN, Who.HR) == "!not_now"
    play.archived()
    assert (play.state, play.snapshot.ending, play.snapshot.finished) == (S.FINALISATION_DONE, ending, True)
    assert (play.snapshot.outcome_id is None) == (ending is Ending.CANCELLED)


def test_a_decision_by_silence_ends_as_stands() -> None:
    play = Play(flow(silence={S.APPEAL_DECIDING: Silence.STANDS})).appealed().engine(E.LAPSE).engine(E.LAPSE)
    assert (play.state, play.snapshot.ending) == (S.FINALISATION_RUNNING, Ending.STANDS)


@pytest.mark.parametrize("state", [s for s in State if s is not S.FINALISATION_DONE], ids=lambda s: s.value)
def test_a_cancelled_year_is_done_with_no_outcome_from_any_open_state(state: State) -> None:
    snapshot = standing(state, outcome_id="outcome", scored_copy="rating-0-1", suspended=Suspension(since=START))
    (event,) = lifecycle.apply(snapshot, wish(snapshot, A.CANCEL, Who.HR), START)
    after = folding.evolve(snapshot, event)
    assert (after.state, after.ending, after.outcome_id, after.suspended) == (
        S.FINALISATION_DONE,
        Ending.CANCELLED,
        None,
        None,
    )
    assert not folding.needs_scoring(after)


# ── reopening ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reopened_year_is_the_same_appraisal_in_its_next_revision() -> None:
    play = accepted().archived()
    before, link = play.snapshot, play.events[-1].hash
    play.act(A.REOPEN, Who.HR)
    event = play.events[-1]
    assert (event.appraisal_id, event.revision, event.seq) == ("appraisal-1", 2, before.seq + 1)
    assert event.previous_hash == link
    assert (play.snapshot.revision, play.snapshot.ending, play.snapshot.archived) == (2, None, False)
    assert play.snapshot.version == before.version + 1
    assert list(play.snapshot.receipts) == [event.data.key_hash]


def test_a_reopened_rating_is_scored_again_even_where_the_same_copy_is_sent() -> None:
    play = accepted().archived()
    copy = play.snapshot.forms["rating"]
    play.act(A.REOPEN, Who.HR)
    assert not folding.needs_scoring(play.snapshot)
    play.act(A.SUBMIT_RATING, Who.SUPERVISOR, form=copy)
    assert play.events[-1].action is E.SCORE


def test_a_reopened_decision_is_taken_again_and_may_now_stand() -> None:
    play = decided(Decision.CHANGED).archived().act(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING)
    assert play.state is S.APPEAL_DECIDING
    assert play.snapshot.scored_copy == play.snapshot.forms["rating"].copy_id
    play.act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, decision=Decision.STANDS)
    assert play.snapshot.ending is Ending.STANDS
    assert play.snapshot.scored_copy == play.snapshot.forms["rating"].copy_id


def test_an_earlier_objection_is_none_against_a_rating_that_is_given_anew() -> None:
    play = answered().act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY).archived()
    assert {"appeal", "answer", "decision"} <= set(play.snapshot.forms)
    play.act(A.REOPEN, Who.HR)
    assert set(play.snapshot.forms) & {"appeal", "answer", "decision"} == set()
    assert {"plan", "self_assessment", "rating"} <= set(play.snapshot.forms)


def test_a_reopened_decision_is_not_taken_yet_and_the_objection_stands() -> None:
    play = answered().act(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, decision=Decision.CHANGED).archived()
    before = play.snapshot.forms
    play.act(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING)
    assert play.snapshot.forms == {slot: ref for slot, ref in before.items() if slot != "decision"}


def test_an_objection_that_silence_granted_is_none_against_the_rating_that_follows() -> None:
    play = Play(flow(silence={S.APPEAL_DECIDING: Silence.GRANT})).appealed().act(A.ANSWER_APPEAL, Who.SUPERVISOR)
    play.engine(E.LAPSE)
    assert play.state is S.RATING_DRAFTING
    assert set(play.snapshot.forms) & {"appeal", "answer"} == set()


@pytest.mark.parametrize("switches", [{"appeal": False}, {"last_segment": False}])
def test_a_year_without_an_appeal_is_not_reopened_to_one(switches: dict[str, bool]) -> None:
    play = Play(flow(**switches)).rated().archived()
    assert play.tried(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING) == "!not_now"
    assert play.tried(A.REOPEN, Who.HR) == "rating.drafting"


@pytest.mark.parametrize("state", [s for s in State if s not in (S.RATING_DRAFTING, S.APPEAL_DECIDING)])
def test_a_year_is_reopened_to_the_rating_or_to_the_decision_only(state: State) -> None:
    assert accepted().archived().tried(A.REOPEN, Who.HR, to=state) == "!not_now"


def test_a_result_that_was_accepted_by_silence_is_delivered_anew_and_may_be_objected_to() -> None:
    play = ENDINGS[Ending.ACCEPTED_BY_LAPSE]().archived().act(A.REOPEN, Who.HR, to=S.APPEAL_OPEN)
    assert (play.state, play.snapshot.ending, play.snapshot.visit.delivered_at) == (S.APPEAL_OPEN, None, None)
    assert play.tried(A.FILE_APPEAL, Who.EMPLOYEE) == "appeal.answering"
    assert play.tried(A.ACCEPT_RESULT, Who.EMPLOYEE) == "finalisation.running"


@pytest.mark.parametrize("ending", [e for e in ENDINGS if e is not Ending.ACCEPTED_BY_LAPSE])
def test_no_other_end_is_reopened_to_the_days_of_an_objection(ending: Ending) -> None:
    assert ENDINGS[ending]().archived().tried(A.REOPEN, Who.HR, to=S.APPEAL_OPEN).startswith("!")


def withdrawn() -> Play:
    return ENDINGS[Ending.WITHDRAWN]()


def rated_anew(play: Play) -> Play:
    """A year with an appeal, reopened and rated again, which she accepts."""
    play.archived().act(A.REOPEN, Who.HR).act(A.SUBMIT_RATING, Who.SUPERVISOR)
    return play.act(A.ACCEPT_RESULT, Who.EMPLOYEE)


def answered() -> Play:
    return Play().appealed().act(A.ANSWER_APPEAL, Who.SUPERVISOR)


def labelled_anew() -> Play:
    """Her objection was overtaken by another label, and she accepts the new result."""
    play = Play(flow(needs_label=True)).rated().engine(E.RECEIVE_LABEL).act(A.FILE_APPEAL, Who.EMPLOYEE)
    return play.engine(E.RECEIVE_LABEL, outcome_id="another-outcome").act(A.ACCEPT_RESULT, Who.EMPLOYEE)


NO_APPEAL: dict[str, Callable[[], Play]] = {
    "accepted": accepted,
    "accepted by lapse": ENDINGS[Ending.ACCEPTED_BY_LAPSE],
    "withdrawn": withdrawn,
    "withdrawn, reopened and cancelled": lambda: withdrawn().archived().act(A.REOPEN, Who.HR).act(A.CANCEL, Who.HR),
    "decided, then rated anew": lambda: rated_anew(decided(Decision.STANDS)),
    "overtaken by a label": labelled_anew,
    "cancelled before it": lambda: Play().rated().act(A.CANCEL, Who.HR),
}
AN_APPEAL: dict[str, Callable[[], Play]] = {
    "stands": lambda: decided(Decision.STANDS),
    "changed": lambda: decided(Decision.CHANGED),
    "cancelled before the answer": lambda: Play().appealed().act(A.CANCEL, Who.HR),
    "cancelled after the answer": lambda: answered().act(A.CANCEL, Who.HR),
    "died after the answer": lambda: answered().engine(E.EXIT, exit=Exit.DIE),
}


@pytest.mark.parametrize("course", NO_APPEAL)
def test_where_no_appeal_was_filed_there_is_none_to_decide(course: str) -> None:
    play = NO_APPEAL[course]().archived()
    assert play.tried(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING) == "!no_appeal_filed"


@pytest.mark.parametrize("course", AN_APPEAL)
def test_an_appeal_that_was_filed_and_not_withdrawn_is_decided_after_all(course: str) -> None:
    play = AN_APPEAL[course]().archived().act(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING)
    assert play.tried(A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY) == "finalisation.running"


@pytest.mark.parametrize("ending", [Ending.STANDS, Ending.CHANGED])
def test_a_decision_of_before_appeals_were_noted_proves_that_there_was_one(ending: Ending) -> None:
    snapshot = standing(S.FINALISATION_DONE, ending=ending, archived=True, appealed=False)
    assert outcome(snapshot, wish(snapshot, A.REOPEN, Who.HR, to=S.APPEAL_DECIDING)) == "appeal.deciding"


@pytest.mark.parametrize("course", ["accepted", "died before"])
def test_a_death_known_to_a_reopening_ends_nothing_and_what_is_rated_anew_asks_nobody(course: str) -> None:
    before = Play().rated().engine(E.EXIT, exit=Exit.DIE) if course == "died before" else Play().rated()
    play = before if course == "died before" else before.act(A.ACCEPT_RESULT, Who.EMPLOYEE)
    play = play.archived().act(A.REOPEN, Who.HR, exit=Exit.DIE, day=MAY)
    assert play.state is S.RATING_DRAFTING
    assert outcome(play.snapshot, engine_wish(E.EXIT, exit=Exit.DIE)) == "!not_now"
    assert play.tried(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR).startswith("!")
    rated = play.act(A.SUBMIT_RATING, Who.SUPERVISOR)
    assert (rated.state, rated.snapshot.ending) == (S.FINALISATION_RUNNING, Ending.EXITED)


def test_another_label_brings_the_result_of_who_has_died_to_nobody() -> None:
    labelled = flow(needs_label=True)
    alive = standing(S.APPEAL_DECIDING, flow=labelled, outcome_id="one", label=1)
    dead = alive.model_copy(update={"exit": Exit.DIE})
    receives = engine_wish(E.RECEIVE_LABEL, outcome_id="two", label=2)
    assert (outcome(alive, receives), outcome(dead, receives)) == ("appeal.open", "appeal.deciding")


UNPLANNED: dict[str, Callable[[], Play]] = {
    "cancelled": lambda: Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE).act(A.CANCEL, Who.HR),
    "not ratable": lambda: Play().engine(E.CLOSE_SEGMENT),
    "retired": lambda: Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE).engine(E.EXIT),
    "died": lambda: Play().engine(E.EXIT, exit=Exit.DIE),
}


@pytest.mark.parametrize("course", UNPLANNED)
def test_without_a_plan_in_force_there_is_nothing_to_rate_and_reopening_is_not_offered(course: str) -> None:
    play = UNPLANNED[course]().archived()
    assert play.tried(A.REOPEN, Who.HR) == "!nothing_to_rate"
    assert play.tried(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING).startswith("!")
    assert lifecycle.allowed(play.snapshot, Who.HR, [Who.HR.role], play.at, None) == []


def test_a_cancelled_year_whose_plan_was_in_force_is_reopened_and_rated() -> None:
    play = Play().planned().act(A.CANCEL, Who.HR).archived().act(A.REOPEN, Who.HR)
    assert play.act(A.SUBMIT_RATING, Who.SUPERVISOR).state is S.APPEAL_OPEN


def test_a_reopening_that_an_earlier_edition_took_is_still_what_it_was() -> None:
    """The engine replays it through `apply`; only who wishes for one anew is asked for more."""
    snapshot = accepted().archived().snapshot
    (event,) = lifecycle.apply(snapshot, wish(snapshot, A.REOPEN, Who.HR, to=S.APPEAL_DECIDING), START)
    assert folding.evolve(snapshot, event).state is S.APPEAL_DECIDING


# ── suspension, reassignment, dispute ────────────────────────────────────────────────────────────────────────────────


def test_on_resume_the_visit_shifts_by_the_span() -> None:
    play = Play().act(A.EXTEND, Who.HR)
    extended = play.snapshot.visit.extended_to
    assert extended is not None
    play.act(A.SUSPEND, Who.HR)
    assert play.snapshot.suspended == Suspension(since=play.at, reason=TextRef(id="text-1", sha256="5" * 64))
    since = play.at
    play.act(A.REASSIGN, Who.HR).act(A.RESUME, Who.HR)
    resumed = play.snapshot
    assert (resumed.suspended, resumed.visit.no) == (None, 1)
    assert resumed.visit.shifted == play.at - since
    assert resumed.visit.extended_to == extended + (play.at - since)


def test_suspending_and_resuming_each_move_the_version() -> None:
    play = Play()
    assert play.act(A.SUSPEND, Who.HR).snapshot.version == 2
    assert play.act(A.RESUME, Who.HR).snapshot.version == 3


def test_a_rating_given_just_before_a_suspension_is_still_scored() -> None:
    play = Play().to_rating()
    play.at += DAY
    for action, who in ((A.SUBMIT_RATING, Who.SUPERVISOR), (A.SUSPEND, Who.HR)):
        for event in lifecycle.apply(play.snapshot, wish(play.snapshot, action, who), play.at):
            play.snapshot = folding.evolve(play.snapshot, event)
    assert folding.needs_scoring(play.snapshot)
    assert play.engine(E.SCORE, outcome_id="outcome").snapshot.outcome_id == "outcome"


def test_a_dispute_keeps_every_form_and_is_settled_by_a_reassignment() -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    forms = play.snapshot.forms
    play.act(A.DISPUTE_SUPERVISOR, Who.EMPLOYEE)
    assert (play.snapshot.disputed, play.snapshot.forms, play.state) == (True, forms, S.PLAN_REVIEWING)
    play.act(A.REASSIGN, Who.HR)
    assert (play.snapshot.disputed, play.snapshot.supervisor_override) == (False, "new-supervisor")


# ── silence ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pack", pack_ids())
def test_every_pack_lets_silence_mean_only_what_the_lifecycle_has_a_way_for(pack: str) -> None:
    foreign = {s.value: step.silence for s, step in load(pack).steps.items() if step.silence not in SILENCES[s]}
    assert foreign == {}


def test_an_unknown_move_of_the_engine_is_refused_and_not_a_crash() -> None:
    assert outcome(Play().snapshot, engine_wish(E.OPEN)) == "!not_now"
