"""How a year ends, is paused, is opened again; and what silence may mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from models import folding, lifecycle
from models.appraisal import Suspension, TextRef
from models.policy import load, pack_ids
from models.vocabulary import Action, Decision, Ending, EngineAction, Silence, State
from models.ways import SILENCES
from tests.unit.lifecycle_play import START, Play, Who, engine_wish, flow, outcome, wish
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


@pytest.mark.parametrize("switches", [{"appeal": False}, {"last_segment": False}])
def test_a_year_without_an_appeal_is_not_reopened_to_one(switches: dict[str, bool]) -> None:
    play = Play(flow(**switches)).rated().archived()
    assert play.tried(A.REOPEN, Who.HR, to=S.APPEAL_DECIDING) == "!not_now"
    assert play.tried(A.REOPEN, Who.HR) == "rating.drafting"


@pytest.mark.parametrize("state", [s for s in State if s not in (S.RATING_DRAFTING, S.APPEAL_DECIDING)])
def test_a_year_is_reopened_to_the_rating_or_to_the_decision_only(state: State) -> None:
    assert accepted().archived().tried(A.REOPEN, Who.HR, to=state) == "!not_now"


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
