"""The contract's table of actions and states, written down once more by hand, as situations to hold the lifecycle against.

Read from the HTTP contract's sentences, not from `models.ways`: two people who read the same page must come to the same table. A
situation is a state and what happened on the way there; its rows say who may do what and where that leads. What is in no row is
refused: `not_yours` where the action is another's here or never this role's, `not_now` where it could be hers elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.appraisal import FormRef, Snapshot, Visit
from models.vocabulary import Action as A
from models.vocabulary import Ending, Form, Role
from models.vocabulary import State as S
from tests.unit.lifecycle_play import START, Who, flow, sent

EMPLOYEE, SUPERVISOR, SENIOR = Who.EMPLOYEE, Who.SUPERVISOR, Who.SENIOR
PLAN, SELF_ASSESSMENT = sent(Form.PLAN), sent(Form.SELF_ASSESSMENT)
RATING, APPEAL, ANSWER = sent(Form.RATING), sent(Form.APPEAL), sent(Form.ANSWER)

Rows = Mapping[tuple[A, Who], S]
"""Who may take an action, and the state it leads to."""

EVER: dict[A, frozenset[Role]] = {
    A.SUBMIT_PLAN: frozenset({Role.EMPLOYEE, Role.SUPERVISOR}),
    A.APPROVE_PLAN: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    A.RETURN_PLAN: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    A.RECALL_PLAN: frozenset({Role.EMPLOYEE}),
    A.AMEND_PLAN: frozenset({Role.EMPLOYEE, Role.SUPERVISOR}),
    A.SUBMIT_MIDYEAR: frozenset({Role.EMPLOYEE}),
    A.COMPLETE_MIDYEAR: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    A.RETURN_MIDYEAR: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    A.RECALL_MIDYEAR: frozenset({Role.EMPLOYEE}),
    A.SUBMIT_SELF_ASSESSMENT: frozenset({Role.EMPLOYEE}),
    A.RETURN_SELF_ASSESSMENT: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    A.SUBMIT_RATING: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    A.CONFIRM_RATING: frozenset({Role.BOARD, Role.APPOINTING_AUTHORITY}),
    A.RETURN_RATING: frozenset({Role.BOARD, Role.APPOINTING_AUTHORITY}),
    A.ACKNOWLEDGE_RESULT: frozenset({Role.EMPLOYEE}),
    A.ACCEPT_RESULT: frozenset({Role.EMPLOYEE}),
    A.RECORD_DELIVERY: frozenset({Role.HR}),
    A.FILE_APPEAL: frozenset({Role.EMPLOYEE}),
    A.WITHDRAW_APPEAL: frozenset({Role.EMPLOYEE}),
    A.ANSWER_APPEAL: frozenset({Role.SUPERVISOR}),
    A.DECIDE_APPEAL: frozenset({Role.APPEAL_AUTHORITY}),
    A.REOPEN: frozenset({Role.HR}),
    A.SUSPEND: frozenset({Role.HR}),
    A.RESUME: frozenset({Role.HR}),
    A.CANCEL: frozenset({Role.HR}),
    A.EXTEND: frozenset({Role.HR}),
    A.REASSIGN: frozenset({Role.HR}),
    A.DISPUTE_SUPERVISOR: frozenset({Role.EMPLOYEE}),
}
"""Every role that the contract names for an action anywhere, its lapse column included."""


@dataclass(frozen=True)
class Situation:
    name: str
    snapshot: Snapshot
    own: Rows
    """What this situation adds to what is possible in any open state."""

    @property
    def rows(self) -> Rows:
        return {**anywhere(self.snapshot.state), **self.own}

    def expected(self, action: A, who: Who) -> str:
        """The next state, or `!code`."""
        if (action, who) in self.rows:
            return self.rows[action, who].value
        anothers = any(known is action for known, _ in self.rows) or (action, who.role) in TURN_OF_ANOTHER.get(
            self.snapshot.state, ()
        )
        return "!not_now" if who.role in EVER[action] and not anothers else "!not_yours"

    def expected_while_suspended(self, action: A, who: Who) -> str:
        """Only `resume`, `cancel` and `reassign`; whose an action is not, it is not for another reason."""
        if who is Who.HR and action in (A.RESUME, A.REASSIGN):
            return self.snapshot.state.value
        if who is Who.HR and action is A.CANCEL:
            return S.FINALISATION_DONE.value
        return "!not_yours" if self.expected(action, who) == "!not_yours" else "!suspended"


TURN_OF_ANOTHER: dict[S, tuple[tuple[A, Role], ...]] = {
    # What is taken back in execution is the approver's own approval, so it is never a senior supervisor's who did not approve.
    S.EXECUTION_RUNNING: ((A.RETURN_PLAN, Role.SENIOR), (A.RETURN_MIDYEAR, Role.SENIOR)),
    S.RATING_DRAFTING: ((A.RETURN_SELF_ASSESSMENT, Role.SENIOR),),
}


def anywhere(state: S) -> dict[tuple[A, Who], S]:
    """The last row of the contract's table: HR's actions and the employee's dispute, in any open state."""
    if state is S.FINALISATION_DONE:
        return {}
    rows = {
        (A.SUSPEND, Who.HR): state,
        (A.CANCEL, Who.HR): S.FINALISATION_DONE,
        (A.EXTEND, Who.HR): state,
        (A.REASSIGN, Who.HR): state,
        (A.DISPUTE_SUPERVISOR, EMPLOYEE): state,
    }
    if state is S.EXECUTION_RUNNING:
        # Nothing is due, so there is nothing that more time could be given for.
        del rows[A.EXTEND, Who.HR]
    if state is S.FINALISATION_RUNNING:
        # The archive is the engine's own work and has begun: there is no clock of anybody's to stop.
        del rows[A.SUSPEND, Who.HR]
    return rows


def standing(state: S, **about: Any) -> Snapshot:
    """An appraisal in that state with what it must have passed on the way there."""
    beyond_plan = state.stage.value != "plan"
    forms: dict[str, FormRef] = about.pop("forms", {"plan": PLAN} if state is not S.PLAN_DRAFTING else {})
    visit = Visit(no=5, entered_at=START).model_copy(update=about.pop("visit", {}))
    known = {
        "appraisal_id": "appraisal-1",
        "subject": EMPLOYEE.value,
        "flow": flow(),
        "state": state,
        "version": 7,
        "seq": 9,
        "last_hash": "0" * 64,
        "plan_in_force": PLAN if beyond_plan else None,
        "visit": visit,
        "forms": forms,
    }
    return Snapshot(**(known | about))


def to(state: S, *pairs: tuple[A, Who]) -> dict[tuple[A, Who], S]:
    return dict.fromkeys(pairs, state)


BOTH = (SUPERVISOR, SENIOR)
TAKEN_OVER = {"takeover": True}
GIVEN = {"plan": PLAN, "rating": RATING}

SITUATIONS: tuple[Situation, ...] = (
    # plan.drafting: waits on the employee; after a lapse the supervisor may submit for her, straight to execution
    Situation("plan.drafting", standing(S.PLAN_DRAFTING), to(S.PLAN_REVIEWING, (A.SUBMIT_PLAN, EMPLOYEE))),
    Situation(
        "plan.drafting, lapsed",
        standing(S.PLAN_DRAFTING, visit={"lapsed": True, "takeover": True}),
        {
            **to(S.PLAN_REVIEWING, (A.SUBMIT_PLAN, EMPLOYEE)),
            **to(S.EXECUTION_RUNNING, (A.SUBMIT_PLAN, SUPERVISOR)),
        },
    ),
    # plan.reviewing: the supervisor approves or returns, the employee recalls; lapsed: the senior supervisor too
    Situation(
        "plan.reviewing",
        standing(S.PLAN_REVIEWING),
        {
            **to(S.EXECUTION_RUNNING, (A.APPROVE_PLAN, SUPERVISOR)),
            **to(S.PLAN_DRAFTING, (A.RETURN_PLAN, SUPERVISOR), (A.RECALL_PLAN, EMPLOYEE)),
        },
    ),
    Situation(
        "plan.reviewing, taken over",
        standing(S.PLAN_REVIEWING, visit=TAKEN_OVER),
        {
            **to(S.EXECUTION_RUNNING, *((A.APPROVE_PLAN, who) for who in BOTH)),
            **to(S.PLAN_DRAFTING, *((A.RETURN_PLAN, who) for who in BOTH), (A.RECALL_PLAN, EMPLOYEE)),
        },
    ),
    Situation(
        "plan.reviewing, an amendment",
        standing(S.PLAN_REVIEWING, plan_in_force=PLAN, forms={"plan": sent(Form.PLAN, copy="2")}),
        to(
            S.EXECUTION_RUNNING,
            (A.APPROVE_PLAN, SUPERVISOR),
            (A.RETURN_PLAN, SUPERVISOR),
            (A.RECALL_PLAN, EMPLOYEE),
        ),
    ),
    # execution.running: the plan is amended; the approver takes back what he approved, until the next person acts
    Situation(
        "execution.running",
        standing(S.EXECUTION_RUNNING),
        {
            **to(S.PLAN_REVIEWING, (A.AMEND_PLAN, EMPLOYEE)),
            **to(S.EXECUTION_RUNNING, (A.AMEND_PLAN, SUPERVISOR)),
        },
    ),
    Situation(
        "execution.running, the supervisor approved the plan",
        standing(S.EXECUTION_RUNNING, approver=SUPERVISOR.value, approved=Form.PLAN),
        {
            **to(S.PLAN_REVIEWING, (A.AMEND_PLAN, EMPLOYEE)),
            **to(S.EXECUTION_RUNNING, (A.AMEND_PLAN, SUPERVISOR)),
            **to(S.PLAN_DRAFTING, (A.RETURN_PLAN, SUPERVISOR)),
        },
    ),
    Situation(
        "execution.running, the supervisor's delegate approved the plan",
        standing(
            S.EXECUTION_RUNNING,
            approver="delegate",
            approved=Form.PLAN,
            approved_for=SUPERVISOR.value,
            approved_as=Role.SUPERVISOR,
        ),
        {
            **to(S.PLAN_REVIEWING, (A.AMEND_PLAN, EMPLOYEE)),
            **to(S.EXECUTION_RUNNING, (A.AMEND_PLAN, SUPERVISOR)),
            **to(S.PLAN_DRAFTING, (A.RETURN_PLAN, SUPERVISOR)),
        },
    ),
    Situation(
        "execution.running, the supervisor approved an amendment",
        standing(
            S.EXECUTION_RUNNING,
            approver=SUPERVISOR.value,
            approved=Form.PLAN,
            plan_before=PLAN,
            plan_in_force=sent(Form.PLAN, copy="2"),
        ),
        {
            **to(S.PLAN_REVIEWING, (A.AMEND_PLAN, EMPLOYEE)),
            **to(S.EXECUTION_RUNNING, (A.AMEND_PLAN, SUPERVISOR), (A.RETURN_PLAN, SUPERVISOR)),
        },
    ),
    Situation(
        "execution.running, the supervisor completed a review",
        standing(S.EXECUTION_RUNNING, approver=SUPERVISOR.value, approved=Form.MIDYEAR, periods_done=1),
        {
            **to(S.PLAN_REVIEWING, (A.AMEND_PLAN, EMPLOYEE)),
            **to(S.EXECUTION_RUNNING, (A.AMEND_PLAN, SUPERVISOR)),
            **to(S.MIDYEAR_DRAFTING, (A.RETURN_MIDYEAR, SUPERVISOR)),
        },
    ),
    # midyear
    Situation(
        "midyear.drafting",
        standing(S.MIDYEAR_DRAFTING, period=1),
        to(S.MIDYEAR_REVIEWING, (A.SUBMIT_MIDYEAR, EMPLOYEE)),
    ),
    Situation(
        "midyear.reviewing",
        standing(S.MIDYEAR_REVIEWING, period=1),
        {
            **to(S.EXECUTION_RUNNING, (A.COMPLETE_MIDYEAR, SUPERVISOR)),
            **to(S.MIDYEAR_DRAFTING, (A.RETURN_MIDYEAR, SUPERVISOR), (A.RECALL_MIDYEAR, EMPLOYEE)),
        },
    ),
    Situation(
        "midyear.reviewing, taken over",
        standing(S.MIDYEAR_REVIEWING, period=2, periods_done=1, visit=TAKEN_OVER),
        {
            **to(S.EXECUTION_RUNNING, *((A.COMPLETE_MIDYEAR, who) for who in BOTH)),
            **to(S.MIDYEAR_DRAFTING, *((A.RETURN_MIDYEAR, who) for who in BOTH), (A.RECALL_MIDYEAR, EMPLOYEE)),
        },
    ),
    # self-assessment and rating
    Situation(
        "self_assessment.drafting",
        standing(S.SELF_ASSESSMENT_DRAFTING, periods_done=2),
        to(S.RATING_DRAFTING, (A.SUBMIT_SELF_ASSESSMENT, EMPLOYEE)),
    ),
    Situation(
        "rating.drafting",
        standing(S.RATING_DRAFTING, periods_done=2, forms={"plan": PLAN, "self_assessment": SELF_ASSESSMENT}),
        {
            **to(S.APPEAL_OPEN, (A.SUBMIT_RATING, SUPERVISOR)),
            **to(S.SELF_ASSESSMENT_DRAFTING, (A.RETURN_SELF_ASSESSMENT, SUPERVISOR)),
        },
    ),
    Situation(
        "rating.drafting, taken over",
        standing(
            S.RATING_DRAFTING,
            periods_done=2,
            forms={"plan": PLAN, "self_assessment": SELF_ASSESSMENT},
            visit=TAKEN_OVER,
        ),
        {
            **to(S.APPEAL_OPEN, *((A.SUBMIT_RATING, who) for who in BOTH)),
            **to(S.SELF_ASSESSMENT_DRAFTING, *((A.RETURN_SELF_ASSESSMENT, who) for who in BOTH)),
        },
    ),
    Situation(
        "rating.drafting, without a self-assessment",
        standing(S.RATING_DRAFTING, periods_done=2),
        to(S.APPEAL_OPEN, (A.SUBMIT_RATING, SUPERVISOR)),
    ),
    # calibration
    Situation("calibration.waiting", standing(S.CALIBRATION_WAITING, forms=GIVEN, flow=flow(needs_label=True)), {}),
    Situation(
        "calibration.reviewing",
        standing(S.CALIBRATION_REVIEWING, forms=GIVEN, flow=flow(board=True)),
        {
            **to(S.APPEAL_OPEN, (A.CONFIRM_RATING, Who.BOARD)),
            **to(S.RATING_DRAFTING, (A.RETURN_RATING, Who.BOARD)),
        },
    ),
    Situation(
        "calibration.reviewing, handed on",
        standing(S.CALIBRATION_REVIEWING, forms=GIVEN, flow=flow(board=True), visit={"level": 1}),
        {
            **to(S.APPEAL_OPEN, (A.CONFIRM_RATING, Who.BOARD), (A.CONFIRM_RATING, Who.APPOINTING_AUTHORITY)),
            **to(S.RATING_DRAFTING, (A.RETURN_RATING, Who.BOARD), (A.RETURN_RATING, Who.APPOINTING_AUTHORITY)),
        },
    ),
    # appeal
    *(
        Situation(
            name,
            standing(S.APPEAL_OPEN, forms=GIVEN, rated_by=SUPERVISOR.value, visit=visit),
            {
                **to(S.APPEAL_OPEN, (A.ACKNOWLEDGE_RESULT, EMPLOYEE), *recorded),
                **to(S.FINALISATION_RUNNING, (A.ACCEPT_RESULT, EMPLOYEE)),
                **to(S.APPEAL_ANSWERING, (A.FILE_APPEAL, EMPLOYEE)),
            },
        )
        for name, visit, recorded in (
            ("appeal.open", {}, [(A.RECORD_DELIVERY, Who.HR)]),
            (
                "appeal.open, delivered",
                {"delivered_at": START},
                [],
            ),  # the first proof counts, and a second corrects nothing
        )
    ),
    Situation(
        "appeal.answering",
        standing(S.APPEAL_ANSWERING, forms=GIVEN | {"appeal": APPEAL}, rated_by=SUPERVISOR.value),
        {
            **to(S.APPEAL_DECIDING, (A.ANSWER_APPEAL, SUPERVISOR)),
            **to(S.FINALISATION_RUNNING, (A.WITHDRAW_APPEAL, EMPLOYEE)),
        },
    ),
    Situation(
        "appeal.deciding",
        standing(S.APPEAL_DECIDING, forms=GIVEN | {"appeal": APPEAL, "answer": ANSWER}, rated_by=SUPERVISOR.value),
        to(S.FINALISATION_RUNNING, (A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY), (A.WITHDRAW_APPEAL, EMPLOYEE)),
    ),
    # finalisation
    Situation("finalisation.running", standing(S.FINALISATION_RUNNING, forms=GIVEN, ending=Ending.ACCEPTED), {}),
    Situation(
        "finalisation.done",
        standing(S.FINALISATION_DONE, forms=GIVEN, ending=Ending.ACCEPTED, archived=True),
        to(S.RATING_DRAFTING, (A.REOPEN, Who.HR)),
    ),
)
