"""The table of what may happen next: from which state, by whose action, to where, under which condition.

This is the state table of the HTTP contract as data. `models.lifecycle` reads it; nothing else decides where an appraisal goes.
The first way whose condition holds is taken, so the order of rows with the same state and action matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.appraisal import AnyAction, Command, Snapshot
from models.vocabulary import Action as A
from models.vocabulary import Decision, Ending, Exit, Form, Role, Silence
from models.vocabulary import EngineAction as E
from models.vocabulary import State as S

Condition = Callable[[Snapshot, Command], bool]


@dataclass(frozen=True)
class Way:
    """One row. `to` is None where the state stays.

    `once` says from when on it is these roles' turn at all (before, it is another's); `when` what else has to hold.
    """

    source: S
    action: AnyAction
    roles: frozenset[Role]
    to: S | None
    when: Condition | None = None
    ending: Ending | None = None
    once: Condition | None = None

    def turn_of(self, snapshot: Snapshot, command: Command) -> bool:
        """Whether it is this role's turn to take this way, though its condition may not hold."""
        return (
            command.role in self.roles
            and (command.role is not Role.SENIOR or _senior_may(snapshot, command))
            and (self.once is None or self.once(snapshot, command))
        )

    def open_to(self, snapshot: Snapshot, command: Command) -> bool:
        """Whether this way may be taken by this command now."""
        return self.turn_of(snapshot, command) and (self.when is None or self.when(snapshot, command))


def _senior_may(snapshot: Snapshot, command: Command) -> bool:
    """Whether the senior supervisor may act in the supervisor's place: after a takeover, or to undo her own approval.

    In execution nobody is waited on, so all she may do there is to take back what she approved herself.
    """
    return _approved(snapshot, command) if snapshot.state is S.EXECUTION_RUNNING else snapshot.visit.takeover


def _approved(s: Snapshot, c: Command) -> bool:
    """Whether he approved what was approved last, himself or by his delegate; who was taken over did not."""
    return c.actor == s.approver or (c.actor == s.approved_for and c.role is s.approved_as)


EMPLOYEE = frozenset({Role.EMPLOYEE})
SUPERVISOR = frozenset({Role.SUPERVISOR})
REVIEWER = frozenset({Role.SUPERVISOR, Role.SENIOR})
"""The supervisor, and once the visit was taken over the senior supervisor too (`Way.turn_of`)."""
BOARD = frozenset({Role.BOARD})
APPOINTING = frozenset({Role.APPOINTING_AUTHORITY})
DECIDER = frozenset({Role.APPEAL_AUTHORITY})
HR = frozenset({Role.HR})
ENGINE = frozenset({Role.ENGINE})

OPEN_STATES = tuple(s for s in S if s is not S.FINALISATION_DONE)
SUSPENDABLE = tuple(s for s in OPEN_STATES if s is not S.FINALISATION_RUNNING)
"""Where a clock of somebody's could stop; the archive is the engine's own work and has begun."""

UNDER_A_PLAN = (S.PLAN_REVIEWING, S.EXECUTION_RUNNING, S.MIDYEAR_DRAFTING, S.MIDYEAR_REVIEWING)
"""Where the work goes on by a plan in force; in review only while it is an amendment that is reviewed."""


def _plan_in_force(s: Snapshot, _: Command) -> bool:
    return s.plan_in_force is not None


def _plan_before(s: Snapshot, c: Command) -> bool:
    return _approver_of_plan(s, c) and s.plan_before is not None


def _approver_of_plan(s: Snapshot, c: Command) -> bool:
    return s.approved is Form.PLAN and _approved(s, c)


def _approver_of_midyear(s: Snapshot, c: Command) -> bool:
    return s.approved is Form.MIDYEAR and _approved(s, c)


def _lapsed(s: Snapshot, c: Command) -> bool:
    return s.visit.lapsed and _moves_on(s, c)


def _moves_on(s: Snapshot, _: Command) -> bool:
    """Whether silence here means anything beyond HR's list."""
    return s.flow.silence.get(s.state) is not Silence.HOLD


def _handed_on(s: Snapshot, _: Command) -> bool:
    return s.visit.level > 0


def _period_left(s: Snapshot, _: Command) -> bool:
    return s.periods_done < s.flow.periods


def _self_assessed(s: Snapshot, _: Command) -> bool:
    return s.flow.self_assessment


def _self_assessment_sent(s: Snapshot, _: Command) -> bool:
    return Form.SELF_ASSESSMENT.value in s.forms and s.exit is None


def _earlier_segment(s: Snapshot, _: Command) -> bool:
    return not s.flow.last_segment


def _needs_label(s: Snapshot, _: Command) -> bool:
    return s.flow.needs_label


def _board(s: Snapshot, _: Command) -> bool:
    return s.flow.board


def _appeal(s: Snapshot, _: Command) -> bool:
    return s.flow.appeal


def _delivered(s: Snapshot, _: Command) -> bool:
    return s.visit.delivered_at is not None


def _delivered_and_moves_on(s: Snapshot, c: Command) -> bool:
    return _delivered(s, c) and _moves_on(s, c)


def _another_outcome(s: Snapshot, c: Command) -> bool:
    """A result to be delivered anew; after a death it is known and moves nobody."""
    return (
        s.exit is not Exit.DIE
        and s.flow.needs_label
        and not c.same_result
        and c.outcome_id is not None
        and c.outcome_id != s.outcome_id
    )


def _another_label(s: Snapshot, c: Command) -> bool:
    return s.flow.needs_label and c.label is not None and c.label != s.label


def _silence(meaning: Silence) -> Condition:
    return lambda s, _: s.flow.silence.get(s.state) is meaning


def _decided(decision: Decision) -> Condition:
    return lambda _, c: c.decision is decision


def _reopened_to_rating(s: Snapshot, c: Command) -> bool:
    """Until the archive has the year, the run that ends it is still writing; so only then."""
    return s.archived and c.to is S.RATING_DRAFTING


def _reopened_to_appeal(s: Snapshot, c: Command) -> bool:
    return s.archived and c.to is S.APPEAL_DECIDING and s.flow.appeal and s.flow.last_segment


def _reopened_to_objection(s: Snapshot, c: Command) -> bool:
    """Only where silence was taken for consent; the result is delivered anew, and her days count from there."""
    return s.archived and c.to is S.APPEAL_OPEN and s.ending is Ending.ACCEPTED_BY_LAPSE


def _suspended(s: Snapshot, _: Command) -> bool:
    return s.suspended is not None


def _running(s: Snapshot, _: Command) -> bool:
    return s.suspended is None


def _on_leave(s: Snapshot, _: Command) -> bool:
    return s.suspended is not None and s.suspended.leave


def _served_too_little(s: Snapshot, c: Command) -> bool:
    """Of which no rating was ever given: what was rated stays rated."""
    return c.service is not None and Form.RATING.value not in s.forms


def _left(s: Snapshot, _: Command) -> bool:
    return s.exit is not None


def _last_here(s: Snapshot, _: Command) -> bool:
    """Whether this is still the person's last segment, of which no rating was ever given."""
    return s.flow.last_segment and s.exit is None and Form.RATING.value not in s.forms


def _nothing_to_rate_by(s: Snapshot, c: Command) -> bool:
    return _last_here(s, c) and s.plan_in_force is None


def _self_assessed_here(s: Snapshot, c: Command) -> bool:
    return _last_here(s, c) and s.flow.self_assessment


def _dies(s: Snapshot, c: Command) -> bool:
    return s.exit is not Exit.DIE and c.exit is Exit.DIE


def _leaves_unplanned(s: Snapshot, c: Command) -> bool:
    return _leaves_unrated(s, c) and s.plan_in_force is None


def _leaves_unrated(s: Snapshot, c: Command) -> bool:
    """Whoever leaves alive is rated once more for the time she was here; what was rated already takes its course."""
    return s.exit is None and c.exit not in (None, Exit.DIE) and Form.RATING.value not in s.forms


def _after_rating(
    source: S, action: AnyAction, roles: frozenset[Role], *, label: bool, board: bool, once: Condition | None = None
) -> tuple[Way, ...]:
    """Where a given rating goes: to the label, to the board, to the employee, or straight to the archive."""
    ways = [
        Way(source, action, roles, S.FINALISATION_RUNNING, _earlier_segment, Ending.SEGMENT_CLOSED, once),
        Way(source, action, roles, S.FINALISATION_RUNNING, _left, Ending.EXITED, once),
    ]
    if label:
        ways.append(Way(source, action, roles, S.CALIBRATION_WAITING, _needs_label, once=once))
    if board:
        ways.append(Way(source, action, roles, S.CALIBRATION_REVIEWING, _board, once=once))
    ways.append(Way(source, action, roles, S.APPEAL_OPEN, _appeal, once=once))
    ways.append(Way(source, action, roles, S.FINALISATION_RUNNING, None, Ending.ACCEPTED, once))
    return tuple(ways)


WAYS: tuple[Way, ...] = (
    # plan
    Way(S.PLAN_DRAFTING, A.SUBMIT_PLAN, EMPLOYEE, S.PLAN_REVIEWING),
    Way(S.PLAN_DRAFTING, A.SUBMIT_PLAN, SUPERVISOR, S.EXECUTION_RUNNING, once=_lapsed),
    Way(S.PLAN_DRAFTING, E.LAPSE, ENGINE, None),
    Way(S.PLAN_REVIEWING, A.APPROVE_PLAN, REVIEWER, S.EXECUTION_RUNNING),
    Way(S.PLAN_REVIEWING, A.RETURN_PLAN, REVIEWER, S.EXECUTION_RUNNING, _plan_in_force),
    Way(S.PLAN_REVIEWING, A.RETURN_PLAN, REVIEWER, S.PLAN_DRAFTING),
    Way(S.PLAN_REVIEWING, A.RECALL_PLAN, EMPLOYEE, S.EXECUTION_RUNNING, _plan_in_force),
    Way(S.PLAN_REVIEWING, A.RECALL_PLAN, EMPLOYEE, S.PLAN_DRAFTING),
    Way(S.PLAN_REVIEWING, E.CLOSE_PERIOD, ENGINE, S.EXECUTION_RUNNING, _plan_in_force),
    Way(S.PLAN_REVIEWING, E.LAPSE, ENGINE, None),
    # execution: the only state that holds
    Way(S.EXECUTION_RUNNING, A.AMEND_PLAN, EMPLOYEE, S.PLAN_REVIEWING),
    Way(S.EXECUTION_RUNNING, A.AMEND_PLAN, SUPERVISOR, None),
    Way(S.EXECUTION_RUNNING, A.RETURN_PLAN, REVIEWER, None, _plan_before),
    Way(S.EXECUTION_RUNNING, A.RETURN_PLAN, REVIEWER, S.PLAN_DRAFTING, _approver_of_plan),
    Way(S.EXECUTION_RUNNING, A.RETURN_MIDYEAR, REVIEWER, S.MIDYEAR_DRAFTING, _approver_of_midyear),
    Way(S.EXECUTION_RUNNING, E.SKIP_PERIOD, ENGINE, None, _period_left),
    Way(S.EXECUTION_RUNNING, E.OPEN_WINDOW, ENGINE, S.MIDYEAR_DRAFTING, _period_left),
    Way(S.EXECUTION_RUNNING, E.OPEN_WINDOW, ENGINE, S.SELF_ASSESSMENT_DRAFTING, _self_assessed),
    Way(S.EXECUTION_RUNNING, E.OPEN_WINDOW, ENGINE, S.RATING_DRAFTING),
    # midyear
    Way(S.MIDYEAR_DRAFTING, A.SUBMIT_MIDYEAR, EMPLOYEE, S.MIDYEAR_REVIEWING),
    Way(S.MIDYEAR_DRAFTING, E.CLOSE_PERIOD, ENGINE, S.EXECUTION_RUNNING),
    Way(S.MIDYEAR_DRAFTING, E.LAPSE, ENGINE, S.EXECUTION_RUNNING, _moves_on),
    Way(S.MIDYEAR_DRAFTING, E.LAPSE, ENGINE, None),
    Way(S.MIDYEAR_REVIEWING, A.COMPLETE_MIDYEAR, REVIEWER, S.EXECUTION_RUNNING),
    Way(S.MIDYEAR_REVIEWING, A.RETURN_MIDYEAR, REVIEWER, S.MIDYEAR_DRAFTING),
    Way(S.MIDYEAR_REVIEWING, A.RECALL_MIDYEAR, EMPLOYEE, S.MIDYEAR_DRAFTING),
    Way(S.MIDYEAR_REVIEWING, E.CLOSE_PERIOD, ENGINE, S.EXECUTION_RUNNING),
    Way(S.MIDYEAR_REVIEWING, E.LAPSE, ENGINE, None),
    # self-assessment and rating
    Way(S.SELF_ASSESSMENT_DRAFTING, A.SUBMIT_SELF_ASSESSMENT, EMPLOYEE, S.RATING_DRAFTING),
    Way(S.SELF_ASSESSMENT_DRAFTING, E.LAPSE, ENGINE, S.RATING_DRAFTING, _moves_on),
    Way(S.SELF_ASSESSMENT_DRAFTING, E.LAPSE, ENGINE, None),
    Way(S.RATING_DRAFTING, A.RETURN_SELF_ASSESSMENT, REVIEWER, S.SELF_ASSESSMENT_DRAFTING, _self_assessment_sent),
    *_after_rating(S.RATING_DRAFTING, A.SUBMIT_RATING, REVIEWER, label=True, board=True),
    Way(S.RATING_DRAFTING, E.LAPSE, ENGINE, None),
    # calibration
    *_after_rating(S.CALIBRATION_WAITING, E.RECEIVE_LABEL, ENGINE, label=False, board=True),
    Way(S.CALIBRATION_WAITING, E.LAPSE, ENGINE, None),
    *_after_rating(S.CALIBRATION_REVIEWING, A.CONFIRM_RATING, BOARD, label=False, board=False),
    *_after_rating(S.CALIBRATION_REVIEWING, A.CONFIRM_RATING, APPOINTING, label=False, board=False, once=_handed_on),
    Way(S.CALIBRATION_REVIEWING, A.RETURN_RATING, BOARD, S.RATING_DRAFTING),
    Way(S.CALIBRATION_REVIEWING, A.RETURN_RATING, APPOINTING, S.RATING_DRAFTING, once=_handed_on),
    Way(S.CALIBRATION_REVIEWING, E.LAPSE, ENGINE, None),
    # appeal
    Way(S.APPEAL_OPEN, A.ACKNOWLEDGE_RESULT, EMPLOYEE, None),
    Way(S.APPEAL_OPEN, A.RECORD_DELIVERY, HR, None),
    Way(S.APPEAL_OPEN, A.ACCEPT_RESULT, EMPLOYEE, S.FINALISATION_RUNNING, None, Ending.ACCEPTED),
    Way(S.APPEAL_OPEN, A.FILE_APPEAL, EMPLOYEE, S.APPEAL_ANSWERING),
    Way(S.APPEAL_OPEN, E.LAPSE, ENGINE, S.FINALISATION_RUNNING, _delivered_and_moves_on, Ending.ACCEPTED_BY_LAPSE),
    Way(S.APPEAL_OPEN, E.LAPSE, ENGINE, None, _delivered),
    Way(S.APPEAL_ANSWERING, A.ANSWER_APPEAL, SUPERVISOR, S.APPEAL_DECIDING),
    Way(S.APPEAL_ANSWERING, A.WITHDRAW_APPEAL, EMPLOYEE, S.FINALISATION_RUNNING, None, Ending.WITHDRAWN),
    Way(S.APPEAL_ANSWERING, E.LAPSE, ENGINE, S.APPEAL_DECIDING, _moves_on),
    Way(S.APPEAL_ANSWERING, E.LAPSE, ENGINE, None),
    Way(S.APPEAL_DECIDING, A.DECIDE_APPEAL, DECIDER, S.FINALISATION_RUNNING, _decided(Decision.STANDS), Ending.STANDS),
    Way(
        S.APPEAL_DECIDING, A.DECIDE_APPEAL, DECIDER, S.FINALISATION_RUNNING, _decided(Decision.CHANGED), Ending.CHANGED
    ),
    Way(S.APPEAL_DECIDING, A.WITHDRAW_APPEAL, EMPLOYEE, S.FINALISATION_RUNNING, None, Ending.WITHDRAWN),
    Way(S.APPEAL_DECIDING, E.LAPSE, ENGINE, S.FINALISATION_RUNNING, _silence(Silence.STANDS), Ending.STANDS),
    # Granting annuls the rating; the engine never invents another, so it has to be given anew.
    Way(S.APPEAL_DECIDING, E.LAPSE, ENGINE, S.RATING_DRAFTING, _silence(Silence.GRANT)),
    Way(S.APPEAL_DECIDING, E.LAPSE, ENGINE, None),
    # A label that was changed later and changes the outcome makes it a new result, to be delivered anew.
    *(
        Way(s, E.RECEIVE_LABEL, ENGINE, S.APPEAL_OPEN, _another_outcome)
        for s in (S.APPEAL_OPEN, S.APPEAL_ANSWERING, S.APPEAL_DECIDING)
    ),
    # people: a transfer ends a segment with its rating, an exit the year; who died is never asked for anything again
    Way(S.PLAN_DRAFTING, E.CLOSE_SEGMENT, ENGINE, S.FINALISATION_RUNNING, _last_here, Ending.NOT_RATABLE),
    Way(S.PLAN_REVIEWING, E.CLOSE_SEGMENT, ENGINE, S.FINALISATION_RUNNING, _nothing_to_rate_by, Ending.NOT_RATABLE),
    *(Way(s, E.CLOSE_SEGMENT, ENGINE, S.SELF_ASSESSMENT_DRAFTING, _self_assessed_here) for s in UNDER_A_PLAN),
    *(Way(s, E.CLOSE_SEGMENT, ENGINE, S.RATING_DRAFTING, _last_here) for s in UNDER_A_PLAN),
    Way(S.SELF_ASSESSMENT_DRAFTING, E.CLOSE_SEGMENT, ENGINE, None, _last_here),
    Way(S.RATING_DRAFTING, E.CLOSE_SEGMENT, ENGINE, None, _last_here),
    *(Way(s, E.EXIT, ENGINE, S.FINALISATION_RUNNING, _dies, Ending.EXITED) for s in SUSPENDABLE),
    Way(S.PLAN_DRAFTING, E.EXIT, ENGINE, S.FINALISATION_RUNNING, _leaves_unrated, Ending.EXITED),
    Way(S.PLAN_REVIEWING, E.EXIT, ENGINE, S.FINALISATION_RUNNING, _leaves_unplanned, Ending.EXITED),
    *(Way(s, E.EXIT, ENGINE, S.RATING_DRAFTING, _leaves_unrated) for s in (*UNDER_A_PLAN, S.SELF_ASSESSMENT_DRAFTING)),
    Way(S.RATING_DRAFTING, E.EXIT, ENGINE, None, _leaves_unrated),
    *(
        Way(s, E.END_UNRATED, ENGINE, S.FINALISATION_RUNNING, _served_too_little, Ending.NOT_RATABLE)
        for s in (S.SELF_ASSESSMENT_DRAFTING, S.RATING_DRAFTING)
    ),
    # One that changes the explanation alone is known and moves nobody, nor one that comes while the board looks.
    *(
        Way(s, E.RECEIVE_LABEL, ENGINE, None, _another_label)
        for s in (S.CALIBRATION_REVIEWING, S.APPEAL_OPEN, S.APPEAL_ANSWERING, S.APPEAL_DECIDING)
    ),
    # finalisation
    Way(S.FINALISATION_RUNNING, E.ARCHIVE, ENGINE, S.FINALISATION_DONE),
    Way(S.FINALISATION_RUNNING, E.LAPSE, ENGINE, None),
    Way(S.FINALISATION_DONE, E.ARCHIVE, ENGINE, None),
    Way(S.FINALISATION_DONE, A.REOPEN, HR, S.RATING_DRAFTING, _reopened_to_rating),
    Way(S.FINALISATION_DONE, A.REOPEN, HR, S.APPEAL_DECIDING, _reopened_to_appeal),
    Way(S.FINALISATION_DONE, A.REOPEN, HR, S.APPEAL_OPEN, _reopened_to_objection),
    # whatever the state
    *(Way(s, E.REACH_RUNG, ENGINE, None) for s in OPEN_STATES),
    *(Way(s, E.SCORE, ENGINE, None) for s in OPEN_STATES),
    *(Way(s, E.RESTORE, ENGINE, None) for s in S),
    *(Way(s, A.SUSPEND, HR, None, _running) for s in SUSPENDABLE),
    *(Way(s, A.RESUME, HR, None, _suspended) for s in SUSPENDABLE),
    *(Way(s, E.BEGIN_LEAVE, ENGINE, None, _running) for s in SUSPENDABLE),
    *(Way(s, E.PROLONG_LEAVE, ENGINE, None, _on_leave) for s in SUSPENDABLE),
    *(Way(s, E.END_LEAVE, ENGINE, None, _on_leave) for s in SUSPENDABLE),
    *(Way(s, A.CANCEL, HR, S.FINALISATION_DONE, None, Ending.CANCELLED) for s in OPEN_STATES),
    *(Way(s, A.EXTEND, HR, None) for s in OPEN_STATES),
    *(Way(s, A.REASSIGN, HR, None) for s in OPEN_STATES),
    *(Way(s, A.DISPUTE_SUPERVISOR, EMPLOYEE, None) for s in OPEN_STATES),
)

WAITS_ON: dict[S, Role | None] = {
    S.PLAN_DRAFTING: Role.EMPLOYEE,
    S.PLAN_REVIEWING: Role.SUPERVISOR,
    S.EXECUTION_RUNNING: None,
    S.MIDYEAR_DRAFTING: Role.EMPLOYEE,
    S.MIDYEAR_REVIEWING: Role.SUPERVISOR,
    S.SELF_ASSESSMENT_DRAFTING: Role.EMPLOYEE,
    S.RATING_DRAFTING: Role.SUPERVISOR,
    S.CALIBRATION_WAITING: Role.LABEL_SETTER,
    S.CALIBRATION_REVIEWING: Role.BOARD,
    S.APPEAL_OPEN: Role.EMPLOYEE,
    S.APPEAL_ANSWERING: Role.SUPERVISOR,
    S.APPEAL_DECIDING: Role.APPEAL_AUTHORITY,
    S.FINALISATION_RUNNING: Role.ENGINE,
    S.FINALISATION_DONE: None,
}
"""Whose turn it is; None where nobody's."""

FORM_OF: dict[A, Form] = {
    A.SUBMIT_PLAN: Form.PLAN,
    A.AMEND_PLAN: Form.PLAN,
    A.SUBMIT_MIDYEAR: Form.MIDYEAR,
    A.SUBMIT_SELF_ASSESSMENT: Form.SELF_ASSESSMENT,
    A.SUBMIT_RATING: Form.RATING,
    A.FILE_APPEAL: Form.APPEAL,
    A.ANSWER_APPEAL: Form.ANSWER,
    A.DECIDE_APPEAL: Form.DECISION,
}
"""Which form an action sends; every other action sends none."""

RETURNS = frozenset({A.RETURN_PLAN, A.RETURN_MIDYEAR, A.RETURN_SELF_ASSESSMENT, A.RETURN_RATING})
"""Sending back needs a comment: nobody should have to guess what to mend."""

RECALLS = frozenset({A.RECALL_PLAN, A.RECALL_MIDYEAR})
"""Taking back one's own form; of an amendment it leads to the plan in force, of any other form to `RECALLED_TO`."""
RECALLED_TO: dict[S, S] = {S.PLAN_REVIEWING: S.PLAN_DRAFTING, S.MIDYEAR_REVIEWING: S.MIDYEAR_DRAFTING}
"""From a review to the step that its form was sent from."""
SENT_FROM: dict[S, S] = {**RECALLED_TO, S.RATING_DRAFTING: S.SELF_ASSESSMENT_DRAFTING}
"""The same, with the step that a self-assessment comes to, which nobody takes back."""
KEEPS_TAKEOVER = RETURNS | {A.REASSIGN}
"""After which who acted in another's place has the form again, or has it no more."""
GOES_BACK = RETURNS | RECALLS
"""What takes a form out of the step in which it lay, to come there again."""
RETURNED_TO: dict[Form, S] = {
    Form.PLAN: S.PLAN_DRAFTING,
    Form.MIDYEAR: S.MIDYEAR_DRAFTING,
    Form.SELF_ASSESSMENT: S.SELF_ASSESSMENT_DRAFTING,
    Form.RATING: S.RATING_DRAFTING,
}
"""The step that a form is in when it was sent back; only an amendment leads to the plan in force."""
SENT_TO_REVIEW = frozenset({A.SUBMIT_PLAN, A.SUBMIT_MIDYEAR})

ANYTIME = frozenset(
    {
        A.SUSPEND,
        A.RESUME,
        A.CANCEL,
        A.EXTEND,
        A.REASSIGN,
        A.DISPUTE_SUPERVISOR,
        A.REOPEN,
    }
)
"""Actions that no window holds back, nor a lapse, but for `extend`: what silence has settled no extension revives."""

WHILE_SUSPENDED: frozenset[AnyAction] = frozenset(
    {A.RESUME, A.CANCEL, A.REASSIGN, E.SCORE, E.RESTORE, E.PROLONG_LEAVE, E.END_LEAVE, E.CLOSE_SEGMENT, E.EXIT}
)
"""The engine may still finish the outcome of a rating that was given before; a transfer or an exit waits for no leave."""

SILENCES: dict[S, frozenset[Silence]] = {
    S.PLAN_DRAFTING: frozenset({Silence.TAKEOVER, Silence.HOLD}),
    S.PLAN_REVIEWING: frozenset({Silence.TAKEOVER, Silence.HOLD}),
    S.MIDYEAR_DRAFTING: frozenset({Silence.PROCEED_WITHOUT, Silence.HOLD}),
    S.MIDYEAR_REVIEWING: frozenset({Silence.TAKEOVER, Silence.HOLD}),
    S.SELF_ASSESSMENT_DRAFTING: frozenset({Silence.PROCEED_WITHOUT, Silence.HOLD}),
    S.RATING_DRAFTING: frozenset({Silence.TAKEOVER, Silence.HOLD}),
    S.CALIBRATION_WAITING: frozenset({Silence.HOLD}),
    S.CALIBRATION_REVIEWING: frozenset({Silence.ESCALATE, Silence.HOLD}),
    S.APPEAL_OPEN: frozenset({Silence.ACCEPT, Silence.HOLD}),
    S.APPEAL_ANSWERING: frozenset({Silence.PROCEED_WITHOUT, Silence.HOLD}),
    S.APPEAL_DECIDING: frozenset({Silence.ESCALATE, Silence.STANDS, Silence.GRANT, Silence.HOLD}),
    S.FINALISATION_RUNNING: frozenset({Silence.HOLD}),
}
"""What a pack may let silence mean, by state; for any other meaning the table has no way."""
