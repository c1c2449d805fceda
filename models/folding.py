"""What an event means: the fold of an appraisal's events into its snapshot.

Pure and total: whatever `lifecycle.apply` made is foldable, and replaying all events of an appraisal gives its snapshot, always.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from models import rungs
from models.appraisal import Event, FormRef, Given, Moved, Receipt, Snapshot, Suspension, Visit
from models.vocabulary import Action, Ending, EngineAction, Form, Silence, Stage, State
from models.ways import RECALLED_TO, RECALLS, RETURNED_TO, RETURNS, SENT_FROM

ANOTHER_CLOCK = frozenset({EngineAction.CLOSE_SEGMENT, EngineAction.EXIT})
"""From here on another clock holds, so it is another visit, with days of its own and nothing of the one before."""
AWAITS_RATING = (State.SELF_ASSESSMENT_DRAFTING, State.RATING_DRAFTING)
"""Where a rating that was sent back, or that a reopening asks for again, is not one yet."""
WITHOUT_APPEAL = (State.RATING_DRAFTING, State.APPEAL_OPEN)
"""Where an earlier objection is none any more: another rating or another result is to come, or has."""
OF_AN_OBJECTION = frozenset({Form.APPEAL, Form.ANSWER, Form.DECISION})
NOT_GIVEN_YET: dict[State, frozenset[Form]] = {
    **dict.fromkeys(WITHOUT_APPEAL, OF_AN_OBJECTION),
    State.APPEAL_ANSWERING: frozenset({Form.ANSWER, Form.DECISION}),
    State.APPEAL_DECIDING: frozenset({Form.DECISION}),
}
"""What of an objection is still to come; one of these that was sent before is about another rating, or was reopened."""


def replay(events: Iterable[Event]) -> Snapshot:
    """The snapshot these events add up to, the first one being `open`. Raises `ValueError` on an empty trail."""
    snapshot: Snapshot | None = None
    for event in events:
        snapshot = born(event) if snapshot is None else evolve(snapshot, event)
    if snapshot is None:
        raise ValueError("a trail without events has no snapshot")
    return snapshot


def born(event: Event) -> Snapshot:
    """The snapshot right after an appraisal's first event."""
    if event.data.flow is None or event.data.subject is None:
        raise ValueError("an appraisal begins with its flow and its subject")
    return Snapshot(
        appraisal_id=event.appraisal_id,
        revision=event.revision,
        incarnation=event.data.incarnation or 0,
        subject=event.data.subject,
        acting_for=event.data.acting_for,
        flow=event.data.flow,
        state=event.to_state,
        version=event.version,
        seq=event.seq,
        last_hash=event.hash,
        visit=Visit(no=1, entered_at=event.at),
        plan_in_force=event.data.form,
        forms={event.data.form.slot: event.data.form} if event.data.form is not None else {},
        supervisor_override=event.data.supervisor,
        asked_until=event.data.until,
        since=event.data.day,
        policy=event.data.policy,
        until=event.data.until,
    )


def evolve(snapshot: Snapshot, event: Event) -> Snapshot:
    """The snapshot after this event. Total: what `apply` made is always foldable."""
    change: dict[str, object] = {
        "seq": event.seq,
        "last_hash": event.hash,
        "state": event.to_state,
        "period": event.period,
        "version": event.version,
        "visit": _visit_after(snapshot, event),
        "policy": snapshot.policy if event.data.policy is None else event.data.policy,
    }
    if event.to_state is not snapshot.state:
        change["given"] = _given_by_step(snapshot, event)
    if isinstance(event.action, Action):
        change |= _after_act(snapshot, event, event.action)
    else:
        change |= _after_engine(snapshot, event, event.action)
    if event.action is Action.FILE_APPEAL:
        change["appealed"] = True
    elif event.action is Action.WITHDRAW_APPEAL or event.to_state in WITHOUT_APPEAL:
        change["appealed"] = False
    if event.data.ending is not None:
        change["ending"] = event.data.ending
    elif event.to_state not in (State.FINALISATION_RUNNING, State.FINALISATION_DONE):
        change["ending"] = None
    return _standing(snapshot.model_copy(update=change))


def _standing(snapshot: Snapshot) -> Snapshot:
    """With the forms that count where it stands now.

    Out of the plan's own stage the plan is the one in force, and nothing of an objection counts that is still to come.
    Asked after every event, so that a row written under an earlier rule comes to what its whole trail adds up to.
    """
    to_come = NOT_GIVEN_YET.get(snapshot.state, frozenset())
    forms = {slot: ref for slot, ref in snapshot.forms.items() if slot not in to_come}
    if snapshot.plan_in_force is not None and snapshot.state.stage is not Stage.PLAN:
        # An amendment that was sent back, taken back or overtaken by a window is none; its text is with its author.
        forms[Form.PLAN.value] = snapshot.plan_in_force
    return snapshot if forms == snapshot.forms else snapshot.model_copy(update={"forms": forms})


def _visit_after(snapshot: Snapshot, event: Event) -> Visit:
    visit, data = snapshot.visit, event.data
    if event.to_state is not snapshot.state or event.period != snapshot.period:
        return _moved_to(snapshot, event)
    silence = snapshot.flow.silence.get(snapshot.state)
    match event.action:
        case EngineAction.LAPSE if silence is Silence.ESCALATE:
            passed = visit.let_pass if data.holder is None else (*visit.let_pass, data.holder)
            return Visit(no=visit.no + 1, entered_at=event.at, level=visit.level + 1, let_pass=passed)
        case EngineAction.LAPSE:
            taken_over = visit.takeover or silence is not Silence.HOLD
            return visit.model_copy(update={"lapsed": True, "lapsed_at": event.effective_at, "takeover": taken_over})
        case EngineAction.REACH_RUNG:
            rung = data.rung or ""
            taken_over = visit.takeover or rungs.act_of(rung) == rungs.TAKEOVER
            reached = {**visit.reached, rung: event.effective_at}
            return visit.model_copy(update={"rungs": (*visit.rungs, rung), "reached": reached, "takeover": taken_over})
        case EngineAction.RECEIVE_LABEL if snapshot.state is State.APPEAL_OPEN and not data.same_result:
            return Visit(no=visit.no + 1, entered_at=event.at)
        case Action.EXTEND:
            return _extended(visit, event)
        case Action.REASSIGN if data.keeps_takeover is False:
            return visit.model_copy(update={"review_taken_over": False})
        case Action.ACKNOWLEDGE_RESULT | Action.RECORD_DELIVERY:
            if visit.delivered_at is not None:
                return visit
            at = data.delivered_at
            shifted = paused_since(visit.pauses, at) if at else timedelta(0)
            given: dict[str, object] = {"delivered_at": at, "shifted": shifted}
            if data.due_at is not None:  # recorded late
                given |= {"extended_to": data.due_at, "extended_at": event.at}
            return visit.model_copy(update=given)
        case Action.RESUME if snapshot.suspended is not None:
            return after_pause(visit, snapshot.suspended, event.at, event.at)
        case EngineAction.END_LEAVE if snapshot.suspended is not None:
            moved = (event.data.moved, event.data.moved_before)
            return after_pause(visit, snapshot.suspended, event.effective_at, event.at, *moved)
        case action if action in ANOTHER_CLOCK:
            return Visit(no=visit.no + 1, entered_at=event.at, returned=visit.returned)
    return visit


def _moved_to(snapshot: Snapshot, event: Event) -> Visit:
    """The visit in another step: a new one, but that whoever takes back her own form goes on where she sent it from."""
    visit, no = snapshot.visit, snapshot.visit.no + 1
    if event.action in ANOTHER_CLOCK:
        return Visit(no=no, entered_at=event.at, pauses=visit.pauses)
    if event.action in RECALLS and visit.before is not None:
        return visit.before.model_copy(update={"no": no, "review_taken_over": visit.takeover})
    sent = event.data.keeps_visit and RECALLED_TO.get(event.to_state) is snapshot.state
    returned = event.action in RETURNS
    kept = _kept(snapshot, event)
    return Visit(
        no=no,
        entered_at=event.at,
        returned=returned,
        review_taken_over=bool(
            event.data.keeps_takeover and event.data.takeover and event.action is not Action.RETURN_RATING
        ),
        kept=kept,
        extended_to=_extended_since(kept, visit),
        extended_at=kept.extended_at if kept else None,
        takeover=_still_taken_over(event, visit, kept, reviewed=SENT_FROM.get(event.to_state) is snapshot.state),
        pauses=visit.pauses,
        before=visit if sent else None,
    )


def _still_taken_over(event: Event, visit: Visit, kept: Given | None, *, reviewed: bool) -> bool:
    """Whether the step comes to the senior supervisor too from its first instant on: he has the form in hand already."""
    if reviewed:
        return visit.review_taken_over
    return bool(event.data.keeps_takeover and kept is not None and kept.taken_over)


def _kept(snapshot: Snapshot, event: Event) -> Given | None:
    """What the step that is come to had of days before, where it has them again."""
    given = snapshot.given.get(event.to_state)
    if given is None or given.period != event.period:
        return None
    return given if given.for_form or event.data.keeps_days else None


def _given_by_step(snapshot: Snapshot, event: Event) -> dict[State, Given]:
    """What each step has again when it is come to again: one that was left by what it waits for has nothing left of its days."""
    left, given = snapshot.state, dict(snapshot.given)
    sent = left in RETURNED_TO.values() and event.data.form is not None
    goes_back = event.data.keeps_own_days is True and left is not State.EXECUTION_RUNNING
    if sent or goes_back:
        given[left] = _given(snapshot, event)
    elif left in given and given[left].for_form:
        del given[left]
    if event.to_state is State.EXECUTION_RUNNING or event.to_state.stage is Stage.FINALISATION:
        return {step: had for step, had in given.items() if not had.for_form}  # no form of before comes again
    return given


def _given(snapshot: Snapshot, event: Event) -> Given:
    """What the step had of days when it was left, and whether that was done in another's place."""
    visit = snapshot.visit
    return Given(
        since=visit.came_at or event.at,
        sent_at=event.at,
        pauses=visit.pauses,
        taken_over=bool(event.data.takeover),
        for_form=event.data.keeps_own_days is True,
        period=snapshot.period,
        extended_to=visit.extended_to,
        extended_at=visit.extended_at,
    )


def _extended_since(kept: Given | None, visit: Visit) -> datetime | None:
    """What it was extended to, moved by what paused the year after the form was sent, as a pause in the step itself moves it."""
    if kept is None or kept.extended_to is None:
        return None
    if kept.pauses is None:
        return kept.extended_to + paused_since(visit.pauses, kept.sent_at)
    return kept.extended_to + paused_since(set(visit.pauses) - set(kept.pauses), kept.since)


def _extended(visit: Visit, event: Event) -> Visit:
    """The visit under a new deadline: nobody is late, and every rung is counted anew from its due day.

    It only ever gives time. A takeover that happened stays open to the senior supervisor, and what is listed for a reason
    that no time mends (`hr_list+undelivered`) stays listed.
    """
    given = {"extended_to": event.data.due_at, "extended_at": event.at}
    forgotten = {rung for rung in visit.rungs if rungs.counted(rung)}
    return visit.model_copy(update={**given, **_without_rungs(visit, forgotten), "lapsed": False, "lapsed_at": None})


def _without_rungs(visit: Visit, forgotten: Collection[str]) -> dict[str, object]:
    return {
        "rungs": tuple(rung for rung in visit.rungs if rung not in forgotten),
        "reached": {rung: at for rung, at in visit.reached.items() if rung not in forgotten},
    }


def after_pause(
    visit: Visit,
    pause: Suspension,
    until: datetime,
    now: datetime,
    moved: Moved | None = None,
    moved_before: Moved | None = None,
) -> Visit:
    """The visit after a pause, and so the one that a recall would go on in: there too no day that was paused before counts twice."""
    after, before = _shifted(visit, pause, until, now, moved or Moved()), visit.before
    if before is None:
        return after
    if not pause.from_first_day:
        pause = pause.model_copy(update={"since": max([pause.since, *(ended for _, ended in before.pauses)])})
    return after.model_copy(update={"before": _shifted(before, pause, until, now, moved_before or Moved())})


def _shifted(visit: Visit, pause: Suspension, until: datetime, now: datetime, comes: Moved) -> Visit:
    """The visit after a pause: everything moves by so much of it as lay within this visit, and after a delivery where one counts.

    Of a leave that was learnt of late (`now`) a rung or a lapse may have come meanwhile that, moved with the rest, is still to come:
    it came too early and is forgotten, as an extension forgets it. A pause that was known in time meets none. When each comes
    is what the event says of it (`comes`); where it says nothing, as in a trail of before it did, each moves by the hours of the pause.
    """
    counted = _not_counted_yet(visit, pause, until)
    if not counted:
        return visit
    moved = paused_since(counted, visit.delivered_at or visit.entered_at or pause.since)
    reached = {rung: at for rung, at in visit.reached.items() if rungs.counted(rung)}
    too_early = {rung for rung, at in reached.items() if comes.rungs.get(rung, at + moved) > now}
    lapsed_at = visit.lapsed_at
    if lapsed_at is not None and (comes.lapses_at or lapsed_at + moved) > now:
        lapsed_at = None
    given = {
        **_without_rungs(visit, too_early),
        "lapsed": visit.lapsed and (visit.lapsed_at is None or lapsed_at is not None),
        "lapsed_at": lapsed_at,
        "shifted": visit.shifted + moved,
        "extended_to": visit.extended_to + paused_since(counted, visit.came_at or pause.since)
        if visit.extended_to
        else None,
        "pauses": (*visit.pauses, *counted),
    }
    return visit.model_copy(update=given)


Span = tuple[datetime, datetime]


def _not_counted_yet(visit: Visit, pause: Suspension, until: datetime) -> tuple[Span, ...]:
    """What of a pause no other has counted: of a leave from its first day on, of any other what lies within this visit."""
    if not pause.from_first_day:
        since = max(pause.since, visit.entered_at or pause.since)
        return ((since, until),) if since < until else ()
    left, since = [], pause.since
    for begins, ends in sorted(visit.pauses):
        left.append((since, min(begins, until)))
        since = max(since, ends)
    return tuple((since, ends) for since, ends in (*left, (since, until)) if since < ends)


def _all_known(visit: Visit | None) -> bool:
    """Whether it is known of all that moved a visit when it was; of what paused one before that was kept it is not."""
    since = None if visit is None else visit.delivered_at or visit.entered_at
    return visit is None or since is None or paused_since(visit.pauses, since) >= visit.shifted


def paused_since(pauses: Iterable[Span], at: datetime) -> timedelta:
    """How much of these pauses lies after that instant."""
    return sum((max(until - max(since, at), timedelta(0)) for since, until in pauses), timedelta(0))


NOT_APPROVED: Mapping[str, None] = dict.fromkeys(("approver", "approved", "approved_for", "approved_as"))


def _approved(event: Event, form: Form) -> Mapping[str, object]:
    return {
        "approver": event.actor,
        "approved": form,
        "approved_for": event.on_behalf_of,
        "approved_as": event.role if event.on_behalf_of else None,
    }


def _after_act(snapshot: Snapshot, event: Event, action: Action) -> dict[str, object]:
    data = event.data
    change: dict[str, object] = dict(NOT_APPROVED)
    if data.key_hash is not None:
        receipt = Receipt(
            action=action,
            state=event.to_state,
            version=event.version,
            event_seq=event.seq,
            fingerprint=data.fingerprint or "",
        )
        earlier = {} if action is Action.REOPEN else snapshot.receipts
        change["receipts"] = {**earlier, data.key_hash: receipt}
    forms = snapshot.forms
    if data.form is not None:
        forms = {**forms, data.form.slot: data.form}
        change["forms"] = forms
    plan = forms.get(Form.PLAN.value)
    match action:
        case Action.APPROVE_PLAN:
            change |= {"plan_before": snapshot.plan_in_force, "plan_in_force": plan}
            change |= _approved(event, Form.PLAN)
        case Action.SUBMIT_PLAN | Action.AMEND_PLAN if event.to_state is State.EXECUTION_RUNNING:
            change |= {"plan_before": snapshot.plan_in_force, "plan_in_force": plan}
        case Action.RETURN_PLAN if snapshot.state is State.EXECUTION_RUNNING:
            change |= {"plan_in_force": snapshot.plan_before, "plan_before": None}
        case Action.COMPLETE_MIDYEAR:
            change |= {"periods_done": snapshot.periods_done + 1, **_approved(event, Form.MIDYEAR)}
        case Action.RETURN_MIDYEAR if snapshot.state is State.EXECUTION_RUNNING:
            change["periods_done"] = snapshot.periods_done - 1
        case Action.SUBMIT_RATING:
            change |= {"rated_by": event.actor, "defenders": _names(event.on_behalf_of)}
            change["rated_under"] = snapshot.supervisor_override
        case Action.ANSWER_APPEAL:
            change["defenders"] = _names(*snapshot.defenders, event.actor, event.on_behalf_of)
        case Action.SUSPEND:
            change["suspended"] = Suspension(since=event.at, reason=event.comment)
        case Action.RESUME:
            change["suspended"] = None
        case Action.REASSIGN:
            change |= {"supervisor_override": data.supervisor, "disputed": False, "disputed_supervisor": None}
            if data.keeps_takeover is False:
                own = {step: had.model_copy(update={"taken_over": False}) for step, had in snapshot.given.items()}
                change["given"] = own
        case Action.DISPUTE_SUPERVISOR:
            change |= {"disputed": True, "disputed_supervisor": data.supervisor}
        case Action.CANCEL:
            change |= {"suspended": None, "outcome_id": None, "scored_copy": None}
        case Action.REOPEN:
            # The outcome of the earlier revision stays with it: what is given or stands in this one is scored anew.
            change |= {"revision": event.revision, "archived": False, "scored_copy": None, "given": {}}
            if data.exit is not None:  # a death that was known then: this revision is about the time before it
                change |= {**_ended(snapshot, event), "exit": data.exit}
            change.setdefault("receipts", {})
    return change


def _names(*people: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person for person in people if person is not None))


def _after_engine(snapshot: Snapshot, event: Event, action: EngineAction) -> dict[str, object]:
    match action:
        case EngineAction.SCORE:
            return {"outcome_id": event.data.outcome_id, "scored_copy": rated_copy(snapshot)}
        case EngineAction.RECEIVE_LABEL:
            label = {} if event.data.label is None else {"label": event.data.label}
            if event.data.outcome_id is None:
                return {**label}
            return {**label, "outcome_id": event.data.outcome_id, "scored_copy": rated_copy(snapshot)}
        case EngineAction.RESTORE:
            return {"incarnation": event.data.incarnation or snapshot.incarnation}
        case EngineAction.ARCHIVE:
            return {"archived": True}
        case EngineAction.OPEN_WINDOW:
            return _midyear_out_of_reach(snapshot)
        case EngineAction.SKIP_PERIOD:
            return {"periods_done": snapshot.periods_done + 1, **_midyear_out_of_reach(snapshot)}
        case EngineAction.LAPSE | EngineAction.CLOSE_PERIOD if snapshot.state.stage is Stage.MIDYEAR:
            done = event.to_state is State.EXECUTION_RUNNING
            return {"periods_done": snapshot.periods_done + (1 if done else 0)}
        case EngineAction.LAPSE if (
            snapshot.state is State.SELF_ASSESSMENT_DRAFTING and event.to_state is not snapshot.state
        ):
            # One that was sent back and never came again is none: the rating goes on without and cannot return it.
            return {"forms": _without(snapshot, Form.SELF_ASSESSMENT)}
        case EngineAction.BEGIN_LEAVE:
            # One that HR learnt of late counts from its first day; but no day that was paused before counts twice.
            visit = snapshot.visit
            whole = event.data.from_first_day is True and _all_known(visit) and _all_known(visit.before)
            since = event.effective_at if whole or not visit.shifted else event.at
            begun = () if event.data.day is None else (event.data.day,)
            pause = Suspension(since=since, leave=True, from_first_day=whole)
            return {"suspended": pause, "leaves": (*snapshot.leaves, *begun)}
        case EngineAction.PROLONG_LEAVE if event.data.day is not None:
            return {"leaves": (*snapshot.leaves, event.data.day)}
        case EngineAction.END_LEAVE:
            return {"suspended": None}
        case EngineAction.CLOSE_SEGMENT:
            paused = None if event.to_state is State.FINALISATION_RUNNING else snapshot.suspended
            flow = snapshot.flow.model_copy(update={"last_segment": False})
            return {**_ended(snapshot, event), "flow": flow, "suspended": paused, "given": {}}
        case EngineAction.END_UNRATED:
            return {"service": event.data.service}
        case EngineAction.EXIT:
            return {**_ended(snapshot, event), "exit": event.data.exit, "suspended": None, "given": {}}
    return {}


def _ended(snapshot: Snapshot, event: Event) -> dict[str, object]:
    """Her last day here was the one before. A self-assessment that was sent back is none."""
    last = event.data.day - timedelta(days=1) if event.data.day is not None else None
    change: dict[str, object] = {**NOT_APPROVED, "until": snapshot.until or last}
    if snapshot.state is State.SELF_ASSESSMENT_DRAFTING and event.to_state is not snapshot.state:
        change["forms"] = _without(snapshot, Form.SELF_ASSESSMENT)
    return change


def _without(snapshot: Snapshot, form: Form) -> dict[str, FormRef]:
    return {slot: ref for slot, ref in snapshot.forms.items() if slot != form.value}


def _midyear_out_of_reach(snapshot: Snapshot) -> dict[str, object]:
    """A review can be taken back only while its period is the last one that began."""
    return dict(NOT_APPROVED) if snapshot.approved is Form.MIDYEAR else {}


def rated_copy(snapshot: Snapshot) -> str | None:
    """The form copy the outcome has to rest on: the rating, or the decision that changed it."""
    decision = snapshot.forms.get(Form.DECISION.value)
    if snapshot.ending is Ending.CHANGED and decision is not None:
        return decision.copy_id
    rating = snapshot.forms.get(Form.RATING.value)
    return rating.copy_id if rating else None


def needs_scoring(snapshot: Snapshot) -> bool:
    """Whether a rating was given that no outcome rests on yet."""
    if snapshot.state in AWAITS_RATING or snapshot.state is State.FINALISATION_DONE:
        return False
    copy = rated_copy(snapshot)
    return copy is not None and copy != snapshot.scored_copy
