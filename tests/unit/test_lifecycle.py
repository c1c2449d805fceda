"""What may happen next, held against the contract's table as `lifecycle_table` wrote it down, and told in sentences."""

from __future__ import annotations

import pytest

from models import lifecycle
from models.appraisal import Command, Suspension
from models.vocabulary import Action, EngineAction, Form, Role, State
from models.ways import WAITS_ON, WAYS
from tests.unit.lifecycle_play import START, Play, Who, engine_wish, outcome, sent, wish
from tests.unit.lifecycle_table import EVER, SITUATIONS, Situation, standing

A, E, S = Action, EngineAction, State
OPEN_SITUATIONS = [s for s in SITUATIONS if s.snapshot.state.stage.value != "finalisation"]

by_situation = pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: s.name)
by_who = pytest.mark.parametrize("who", list(Who), ids=lambda w: w.name.lower())


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────


@by_who
@by_situation
def test_every_action_of_every_role_leads_where_the_contract_says(situation: Situation, who: Who) -> None:
    found = {a.value: outcome(situation.snapshot, wish(situation.snapshot, a, who)) for a in Action}
    assert found == {a.value: situation.expected(a, who) for a in Action}


@by_who
@by_situation
def test_what_is_offered_is_what_would_be_taken(situation: Situation, who: Who) -> None:
    offered = lifecycle.allowed(situation.snapshot, who.value, [who.role], START, None)
    assert offered == [a for a in Action if not situation.expected(a, who).startswith("!")]


@by_who
@pytest.mark.parametrize("situation", OPEN_SITUATIONS, ids=lambda s: s.name)
def test_while_suspended_there_is_only_resume_cancel_and_reassign(situation: Situation, who: Who) -> None:
    snapshot = situation.snapshot.model_copy(update={"suspended": Suspension(since=START)})
    found = {a.value: outcome(snapshot, wish(snapshot, a, who)) for a in Action}
    assert found == {a.value: situation.expected_while_suspended(a, who) for a in Action}
    offered = lifecycle.allowed(snapshot, who.value, [who.role], START, None)
    assert offered == [a for a in Action if not situation.expected_while_suspended(a, who).startswith("!")]


@pytest.mark.parametrize("situation", OPEN_SITUATIONS, ids=lambda s: s.name)
def test_while_suspended_nothing_happens_by_itself_but_what_was_rated_and_who_she_is(situation: Situation) -> None:
    snapshot = situation.snapshot.model_copy(update={"suspended": Suspension(since=START)})
    found = {e: outcome(snapshot, engine_wish(e)) for e in EngineAction}
    waits_for_nobody = (E.SCORE, E.RESTORE, E.CLOSE_SEGMENT, E.EXIT)
    assert found == dict.fromkeys(EngineAction, "!suspended") | {
        **{e: outcome(situation.snapshot, engine_wish(e)) for e in waits_for_nobody},
        **dict.fromkeys((E.PROLONG_LEAVE, E.END_LEAVE), "!not_now"),
    }


@by_situation
def test_the_subject_acts_on_herself_as_the_employee_only(situation: Situation) -> None:
    for role in set(Role) - {Role.EMPLOYEE, Role.ENGINE}:
        for action in Action:
            command = wish(situation.snapshot, action, Who.EMPLOYEE, role=role)
            assert outcome(situation.snapshot, command) == "!not_yours", (role, action)
        offered = lifecycle.allowed(situation.snapshot, Who.EMPLOYEE.value, [role], START, None)
        assert offered == []


@by_situation
def test_nobody_else_is_ever_the_employee(situation: Situation) -> None:
    for action in Action:
        command = wish(situation.snapshot, action, Who.SUPERVISOR, role=Role.EMPLOYEE)
        assert outcome(situation.snapshot, command) == "!not_yours"


@by_situation
def test_a_person_never_takes_the_engines_moves_nor_the_engine_a_persons(situation: Situation) -> None:
    for move in EngineAction:
        command = Command(action=move, role=Role.HR, actor=Who.HR.value)
        assert outcome(situation.snapshot, command) == "!not_now"
    for action in Action:
        command = wish(situation.snapshot, action, Who.HR, role=Role.ENGINE, actor="engine")
        assert outcome(situation.snapshot, command) == "!not_yours"


def test_the_machine_knows_no_role_for_an_action_that_the_contract_does_not_name() -> None:
    machine = {a: frozenset().union(*(w.roles for w in WAYS if w.action is a)) for a in Action}
    assert machine == EVER


def test_a_refusal_names_the_state_and_who_it_waits_on() -> None:
    play = Play()
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.check(play.snapshot, wish(play.snapshot, A.SUBMIT_MIDYEAR, Who.EMPLOYEE), START)
    assert refused.value.code == "not_now"
    assert refused.value.about == {"state": "plan.drafting", "waits_on": "employee"}


def test_each_state_waits_on_whom_the_contract_says() -> None:
    assert {s.value: role.value if role else None for s, role in WAITS_ON.items()} == {
        "plan.drafting": "employee",
        "plan.reviewing": "supervisor",
        "execution.running": None,
        "midyear.drafting": "employee",
        "midyear.reviewing": "supervisor",
        "self_assessment.drafting": "employee",
        "rating.drafting": "supervisor",
        "calibration.waiting": "organisation_label",
        "calibration.reviewing": "board",
        "appeal.open": "employee",
        "appeal.answering": "supervisor",
        "appeal.deciding": "appeal_authority",
        "finalisation.running": "engine",
        "finalisation.done": None,
    }


def test_who_was_taken_over_does_not_undo_what_the_senior_supervisor_approved_in_his_place() -> None:
    about = {"approved": Form.PLAN, "approved_for": Who.SUPERVISOR.value, "approved_as": Role.SENIOR}
    taken_over = standing(S.EXECUTION_RUNNING, approver=Who.SENIOR.value, **about)
    found = {who: outcome(taken_over, wish(taken_over, A.RETURN_PLAN, who)) for who in (Who.SUPERVISOR, Who.SENIOR)}
    assert found == {Who.SUPERVISOR: "!not_now", Who.SENIOR: S.PLAN_DRAFTING.value}
    by_her_delegate = standing(S.EXECUTION_RUNNING, approver="delegate", **about | {"approved_for": Who.SENIOR.value})
    assert outcome(by_her_delegate, wish(by_her_delegate, A.RETURN_PLAN, Who.SENIOR)) == S.PLAN_DRAFTING.value


def test_who_holds_several_roles_acts_in_the_one_whose_turn_it_is() -> None:
    snapshot = standing(S.PLAN_REVIEWING)
    roles = [Role.HR, Role.BOARD, Role.SUPERVISOR]
    assert lifecycle.role_for(snapshot, A.APPROVE_PLAN, Who.SUPERVISOR.value, roles) is Role.SUPERVISOR
    assert lifecycle.role_for(snapshot, A.EXTEND, Who.SUPERVISOR.value, roles) is Role.HR


# ── what an act has to bring ─────────────────────────────────────────────────────────────────────────────────────────

NEEDS_A_COMMENT = [
    ("plan.reviewing", A.RETURN_PLAN, Who.SUPERVISOR),
    ("midyear.reviewing", A.RETURN_MIDYEAR, Who.SUPERVISOR),
    ("rating.drafting", A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR),
    ("calibration.reviewing", A.RETURN_RATING, Who.BOARD),
    ("plan.drafting", A.EXTEND, Who.HR),
    ("plan.drafting", A.REASSIGN, Who.HR),
    ("finalisation.done", A.REOPEN, Who.HR),
]
NEEDS_A_FORM = [
    ("plan.drafting", A.SUBMIT_PLAN, Who.EMPLOYEE),
    ("execution.running", A.AMEND_PLAN, Who.SUPERVISOR),
    ("midyear.drafting", A.SUBMIT_MIDYEAR, Who.EMPLOYEE),
    ("self_assessment.drafting", A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE),
    ("rating.drafting", A.SUBMIT_RATING, Who.SUPERVISOR),
    ("appeal.open", A.FILE_APPEAL, Who.EMPLOYEE),
    ("appeal.answering", A.ANSWER_APPEAL, Who.SUPERVISOR),
    ("appeal.deciding", A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY),
]
NEEDS_A_VALUE = [
    ("appeal.deciding", A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, "decision", "decision"),
    ("appeal.open", A.RECORD_DELIVERY, Who.HR, "delivered_at", "at"),
    ("plan.drafting", A.EXTEND, Who.HR, "due_at", "due_at"),
    ("finalisation.done", A.REOPEN, Who.HR, "authority", "authority"),
    ("finalisation.done", A.REOPEN, Who.HR, "to", "to"),
]
NAMED = {s.name: s.snapshot for s in SITUATIONS}


@pytest.mark.parametrize(("name", "action", "who"), NEEDS_A_COMMENT)
def test_what_sends_back_or_overrides_needs_a_sentence(name: str, action: Action, who: Who) -> None:
    assert outcome(NAMED[name], wish(NAMED[name], action, who, comment=None)) == "!comment_required"


@pytest.mark.parametrize(("name", "action", "who"), NEEDS_A_FORM)
def test_what_sends_a_form_needs_that_form(name: str, action: Action, who: Who) -> None:
    snapshot = NAMED[name]
    assert outcome(snapshot, wish(snapshot, action, who, form=None)) == "!form_missing"
    another = Form.RATING if action is not A.SUBMIT_RATING else Form.PLAN
    assert outcome(snapshot, wish(snapshot, action, who, form=sent(another))) == "!form_missing"


@pytest.mark.parametrize(("name", "action", "who", "value", "field"), NEEDS_A_VALUE)
def test_a_value_that_lacks_is_named(name: str, action: Action, who: Who, value: str, field: str) -> None:
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.check(NAMED[name], wish(NAMED[name], action, who).model_copy(update={value: None}), START)
    assert (refused.value.code, refused.value.about["field"]) == ("missing_value", field)


def test_a_review_frozen_for_the_period_before_is_not_taken_for_this_one() -> None:
    snapshot = standing(S.MIDYEAR_DRAFTING, period=2, periods_done=1)
    assert outcome(snapshot, wish(snapshot, A.SUBMIT_MIDYEAR, Who.EMPLOYEE, form=sent(Form.MIDYEAR, 1))) == (
        "!form_missing"
    )


def test_a_form_that_comes_with_an_act_that_sends_none_changes_nothing() -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    mine = play.snapshot.forms["plan"]
    play.act(A.APPROVE_PLAN, Who.SUPERVISOR, form=sent(Form.PLAN, copy="smuggled"))
    assert play.snapshot.plan_in_force == play.snapshot.forms["plan"] == mine


# ── If-Match ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stale_sight_of_the_appraisal_is_a_conflict_that_names_the_current_version() -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    command = wish(play.snapshot, A.APPROVE_PLAN, Who.SUPERVISOR, expected_version=play.snapshot.version - 1)
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.check(play.snapshot, command, play.at)
    assert refused.value.code == "version_conflict"
    assert refused.value.about["version"] == str(play.snapshot.version)


def test_if_match_is_asked_before_the_state() -> None:
    play = Play().act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    assert play.tried(A.SUBMIT_PLAN, Who.EMPLOYEE, expected_version=1) == "!version_conflict"
    assert play.tried(A.SUBMIT_PLAN, Who.EMPLOYEE, expected_version=play.snapshot.version) == "!not_now"


def test_reminders_and_extensions_never_make_a_conflict() -> None:
    play = Play()
    seen = play.snapshot.version
    play.engine(E.REACH_RUNG, rung="remind-7").act(A.EXTEND, Who.HR).act(A.DISPUTE_SUPERVISOR, Who.EMPLOYEE)
    play.act(A.REASSIGN, Who.HR).engine(E.LAPSE)
    assert play.snapshot.version == seen
    assert play.tried(A.SUBMIT_PLAN, Who.EMPLOYEE, expected_version=seen) == "plan.reviewing"


def test_taking_back_an_amendment_moves_the_version_although_the_state_stays() -> None:
    play = Play().planned().act(A.AMEND_PLAN, Who.EMPLOYEE).act(A.APPROVE_PLAN, Who.SUPERVISOR)
    seen = play.snapshot.version
    assert play.act(A.RETURN_PLAN, Who.SUPERVISOR).snapshot.version == seen + 1
