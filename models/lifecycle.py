"""What may happen next. One `transitions` machine, shared by every appraisal, built from the table in `models.ways`.

`check` says whether a command may be taken and why not; `apply` makes the events of a command; `evolve` folds one event into a
snapshot. All three are pure: replaying the events of an appraisal through `evolve` gives its snapshot, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from transitions import Machine, MachineError

from models.appraisal import Bounds, Command, Event, EventData, Flow, Receipt, Snapshot, Suspension, Timing, Visit
from models.appraisal import ENGINE_ACTOR
from models.trail import GENESIS, sealed
from models.vocabulary import Action, Decision, Ending, EngineAction, Form, Role, Silence, State
from models.ways import FORM_OF, RETURNS, REVIEWER, WAITS_ON, WAYS, WHILE_SUSPENDED, Way, senior_may

ANYTIME = frozenset(
    {
        Action.SUSPEND,
        Action.RESUME,
        Action.CANCEL,
        Action.EXTEND,
        Action.REASSIGN,
        Action.DISPUTE_SUPERVISOR,
        Action.REOPEN,
    }
)
"""Actions that no window and no lapse holds back."""

REASONED = RETURNS | {Action.EXTEND, Action.REASSIGN, Action.REOPEN}
"""Actions that need a sentence."""

WITHDRAWABLE_AFTER_LAPSE = frozenset({Action.WITHDRAW_APPEAL})


class Refused(Exception):
    """A command that may not be taken. `code` is stable and part of the contract; nothing was changed.

    Codes: `not_yours`, `not_now`, `not_open_yet`, `lapsed`, `version_conflict`, `suspended`, `comment_required`, `form_missing`,
    `missing_value`.
    """

    def __init__(self, code: str, *, state: State, waits_on: Role | None = None, **about: str) -> None:
        super().__init__(code)
        self.code = code
        self.about: dict[str, str] = {"state": state.value, "waits_on": waits_on.value if waits_on else "", **about}


@dataclass
class _Walker:
    """What the shared machine walks: any object with a `state` will do, so nothing is registered and nothing leaks."""

    state: str
    snapshot: Snapshot
    command: Command
    taken: list[Way] = field(default_factory=list)


def _open(way: Way, walker: _Walker) -> bool:
    return way.open_to(walker.snapshot, walker.command)


def _take(way: Way, walker: _Walker) -> None:
    walker.taken.append(way)


def _machine() -> Machine:
    machine = Machine(
        model=None,
        states=[s.value for s in State],
        initial=State.PLAN_DRAFTING.value,
        auto_transitions=False,
        queued=False,
    )
    for way in WAYS:
        machine.add_transition(
            way.action.value,
            way.source.value,
            way.to.value if way.to else None,
            conditions=[partial(_open, way)],
            before=[partial(_take, way)],
        )
    return machine


MACHINE = _machine()


def way_for(snapshot: Snapshot, command: Command) -> Way | None:
    """The way this command would take now, by state, role and condition alone; None where there is none."""
    walker = _Walker(snapshot.state.value, snapshot, command)
    try:
        MACHINE.events[command.action.value].trigger(walker, walker)
    except MachineError:
        return None
    return walker.taken[0] if walker.taken else None


def _possible(snapshot: Snapshot, action: Action) -> bool:
    """Whether this action could be somebody's in this state at all."""
    return any(w.action is action and w.source is snapshot.state for w in WAYS)


def _ever(role: Role, action: Action) -> bool:
    return any(w.action is action and role in w.roles for w in WAYS)


def role_for(snapshot: Snapshot, action: Action, actor: str, roles: Iterable[Role], **args: object) -> Role:
    """In which of his roles somebody takes an action now. Raises `Refused` (`not_yours`, `not_now`) where in none.

    Another's turn is `not_yours`; an action that is nobody's in this state, but could be his in another, is `not_now`.
    """
    held = sorted(set(roles))
    if actor == snapshot.subject:
        held = [r for r in held if r is Role.EMPLOYEE]
    for role in held:
        if way_for(snapshot, _probe(action, role, actor, **args)) is not None:
            return role
    waits_on = WAITS_ON[snapshot.state]
    theirs = any(_ever(role, action) for role in held)
    if not theirs or (_possible(snapshot, action) and not any(_role_here(snapshot, action, r, actor) for r in held)):
        raise Refused("not_yours", state=snapshot.state, waits_on=waits_on)
    raise Refused("not_now", state=snapshot.state, waits_on=waits_on)


def _role_here(snapshot: Snapshot, action: Action, role: Role, actor: str) -> bool:
    """Whether this role stands in the table for this action here, though its condition may not hold yet."""
    if role is Role.SENIOR and not senior_may(snapshot, actor):
        return False
    return any(w.action is action and w.source is snapshot.state and role in w.roles for w in WAYS)


def _probe(action: Action, role: Role, actor: str, **args: object) -> Command:
    probe = Command(action=action, role=role, actor=actor)
    if action is Action.DECIDE_APPEAL:
        args.setdefault("decision", Decision.STANDS)
    if action is Action.REOPEN:
        args.setdefault("to", State.RATING_DRAFTING)
    return probe.model_copy(update=args)


def bounds_of(snapshot: Snapshot, command: Command, timing: Timing | None) -> Bounds | None:
    """The instants to judge by: the newer of what the door saw and what the engine knows (a filing inside an extension just granted)."""
    own = None
    if timing is not None and timing.visit == snapshot.visit.no:
        own = Bounds(**timing.model_dump(exclude={"moments"}))
    theirs = command.bounds if command.bounds is not None and command.bounds.visit == snapshot.visit.no else None
    if own is None or theirs is None:
        return own or theirs
    return theirs if theirs.facts_revision >= own.facts_revision else own


def check(snapshot: Snapshot, command: Command, at: datetime, timing: Timing | None = None) -> Way:
    """The way this command takes at that instant. Raises `Refused`; changes nothing."""
    state, waits_on = snapshot.state, WAITS_ON[snapshot.state]
    if command.role is not Role.ENGINE:
        if command.actor == snapshot.subject and command.role is not Role.EMPLOYEE:
            raise Refused("not_yours", state=state, waits_on=waits_on)
        if command.role is Role.EMPLOYEE and command.actor != snapshot.subject:
            raise Refused("not_yours", state=state, waits_on=waits_on)
    if command.expected_version is not None and command.expected_version != snapshot.version:
        raise Refused("version_conflict", state=state, waits_on=waits_on, version=str(snapshot.version))
    way = way_for(snapshot, command)
    if isinstance(command.action, EngineAction):
        if way is None:
            raise Refused("not_now", state=state, waits_on=waits_on)
        return way
    _check_person(snapshot, command, command.action, way, at, timing)
    assert way is not None
    return way


def _check_person(
    snapshot: Snapshot, command: Command, action: Action, way: Way | None, at: datetime, timing: Timing | None
) -> None:
    state, waits_on = snapshot.state, WAITS_ON[snapshot.state]
    if snapshot.suspended is not None and action not in WHILE_SUSPENDED and state is not State.FINALISATION_DONE:
        raise Refused("suspended", state=state, waits_on=Role.HR)
    if way is None:
        role_for(snapshot, action, command.actor, [command.role], decision=command.decision, to=command.to)
        raise Refused("not_now", state=state, waits_on=waits_on)
    if action not in ANYTIME:
        bounds = bounds_of(snapshot, command, timing)
        if bounds is not None:
            _check_instant(snapshot, action, bounds, at)
    if action in REASONED and command.comment is None:
        raise Refused("comment_required", state=state, waits_on=waits_on)
    if action in FORM_OF and (command.form is None or command.form.form is not FORM_OF[action]):
        raise Refused("form_missing", state=state, waits_on=waits_on, form=FORM_OF[action].value)
    missing = _missing_value(action, command)
    if missing:
        raise Refused("missing_value", state=state, waits_on=waits_on, field=missing)


def _check_instant(snapshot: Snapshot, action: Action, bounds: Bounds, at: datetime) -> None:
    """Not before the window opens; not after silence has moved the step, even if the timer has not fired."""
    state, waits_on = snapshot.state, WAITS_ON[snapshot.state]
    if bounds.opens_at is not None and at < bounds.opens_at:
        raise Refused("not_open_yet", state=state, waits_on=waits_on, opens_at=bounds.opens_at.isoformat())
    silence = snapshot.flow.silence.get(state)
    closes = silence is not None and silence.closes_the_step and action not in WITHDRAWABLE_AFTER_LAPSE
    if closes and bounds.lapses_at is not None and at > bounds.lapses_at:
        raise Refused("lapsed", state=state, waits_on=waits_on, lapsed_at=bounds.lapses_at.isoformat())


def _missing_value(action: Action, command: Command) -> str | None:
    needed: dict[Action, tuple[str, object]] = {
        Action.DECIDE_APPEAL: ("decision", command.decision),
        Action.EXTEND: ("due_at", command.due_at),
        Action.REASSIGN: ("supervisor", command.supervisor),
        Action.RECORD_DELIVERY: ("at", command.delivered_at),
        Action.REOPEN: ("authority", command.authority),
    }
    name, value = needed.get(action, ("", ""))
    return name if value is None else None


def allowed(snapshot: Snapshot, actor: str, roles: Iterable[Role], at: datetime, timing: Timing | None) -> list[Action]:
    """What this person may do now, in the order of the vocabulary; forms and comments are not asked for here."""
    mine = []
    for action in Action:
        try:
            role = role_for(snapshot, action, actor, roles)
            probe = _probe(action, role, actor)
            _check_person(snapshot, probe, action, way_for(snapshot, probe), at, timing)
        except Refused as refusal:
            if refusal.code not in ("comment_required", "form_missing", "missing_value"):
                continue
        mine.append(action)
    return mine


# ── making events ──────────────────────────────────────────────────────────────────────────────────────────────────


def begin(appraisal_id: str, subject: str, flow: Flow, at: datetime, incarnation: int = 0) -> Event:
    """The first event of an appraisal: it opens in `plan.drafting`."""
    return sealed(
        Event(
            appraisal_id=appraisal_id,
            revision=1,
            seq=1,
            at=at,
            effective_at=at,
            action=EngineAction.OPEN,
            actor=ENGINE_ACTOR,
            role=Role.ENGINE,
            from_state=None,
            to_state=State.PLAN_DRAFTING,
            version=1,
            data=EventData(flow=flow, subject=subject, incarnation=incarnation or None),
            previous_hash=GENESIS,
        )
    )


def apply(snapshot: Snapshot, command: Command, at: datetime, timing: Timing | None = None) -> tuple[Event, ...]:
    """The events this command makes at that instant, in order. Raises `Refused`; the snapshot stays as it is.

    Accepting or appealing proves that the result was received, so both are preceded by `acknowledge_result` where it was not.
    """
    way = check(snapshot, command, at, timing)
    implied = command.action in (Action.ACCEPT_RESULT, Action.FILE_APPEAL) and snapshot.visit.delivered_at is None
    if not implied:
        return (_event(snapshot, command, way, at, timing),)
    received = Command(action=Action.ACKNOWLEDGE_RESULT, role=command.role, actor=command.actor)
    first = _event(snapshot, received, way_for(snapshot, received) or way, at, timing)
    return (first, _event(evolve(snapshot, first), command, way, at, timing))


def _event(snapshot: Snapshot, command: Command, way: Way, at: datetime, timing: Timing | None) -> Event:
    to_state = way.to or snapshot.state
    period = _period_after(snapshot, command, to_state)
    moved = (
        to_state is not snapshot.state
        or period != snapshot.period
        or command.form is not None
        or command.action in (Action.SUSPEND, Action.RESUME, Action.REOPEN)
    )
    human = command.role is not Role.ENGINE
    bounds = bounds_of(snapshot, command, timing)
    due_at = bounds.due_at if bounds else None
    step_act = human and command.action not in ANYTIME
    delivered = at if command.action is Action.ACKNOWLEDGE_RESULT else command.delivered_at
    data = EventData(
        form=command.form,
        key_hash=command.key_hash or None,
        fingerprint=command.fingerprint or None,
        late=True if step_act and due_at is not None and at > due_at else None,
        takeover=True if _on_behalf_of_another(snapshot, command) else None,
        rung=command.rung,
        decision=command.decision,
        due_at=command.due_at,
        delivered_at=delivered,
        supervisor=command.supervisor,
        authority=command.authority,
        outcome_id=command.outcome_id,
        ending=way.ending,
    )
    return sealed(
        Event(
            appraisal_id=snapshot.appraisal_id,
            revision=snapshot.revision + (1 if command.action is Action.REOPEN else 0),
            seq=snapshot.seq + 1,
            at=at,
            effective_at=command.effective_at or at,
            action=command.action,
            actor=command.actor,
            on_behalf_of=command.on_behalf_of,
            role=command.role,
            from_state=snapshot.state,
            to_state=to_state,
            period=period,
            version=snapshot.version + (1 if moved else 0),
            comment=command.comment,
            data=data,
            previous_hash=snapshot.last_hash,
        )
    )


def _on_behalf_of_another(snapshot: Snapshot, command: Command) -> bool:
    if command.action is Action.SUBMIT_PLAN:
        return command.role in REVIEWER
    return command.role is Role.SENIOR or (command.role is Role.APPOINTING_AUTHORITY and snapshot.visit.level > 0)


def _period_after(snapshot: Snapshot, command: Command, to_state: State) -> int | None:
    if to_state not in (State.MIDYEAR_DRAFTING, State.MIDYEAR_REVIEWING):
        return None
    if command.action is EngineAction.OPEN_WINDOW:
        return snapshot.periods_done + 1
    if command.action is Action.RETURN_MIDYEAR and snapshot.state is State.EXECUTION_RUNNING:
        return snapshot.periods_done
    return snapshot.period


# ── folding events ─────────────────────────────────────────────────────────────────────────────────────────────────


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
        flow=event.data.flow,
        state=event.to_state,
        version=event.version,
        seq=event.seq,
        last_hash=event.hash,
        visit=Visit(no=1, entered_at=event.at),
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
    }
    if isinstance(event.action, Action):
        change |= _after_act(snapshot, event, event.action)
    else:
        change |= _after_engine(snapshot, event, event.action)
    if event.data.ending is not None:
        change["ending"] = event.data.ending
    elif event.to_state not in (State.FINALISATION_RUNNING, State.FINALISATION_DONE):
        change["ending"] = None
    return snapshot.model_copy(update=change)


def _visit_after(snapshot: Snapshot, event: Event) -> Visit:
    visit, data = snapshot.visit, event.data
    if event.to_state is not snapshot.state or event.period != snapshot.period:
        return Visit(no=visit.no + 1, entered_at=event.at, returned=event.action in RETURNS)
    match event.action:
        case EngineAction.LAPSE if snapshot.flow.silence.get(snapshot.state) is Silence.ESCALATE:
            return Visit(no=visit.no + 1, entered_at=event.at, level=visit.level + 1)
        case EngineAction.LAPSE:
            return visit.model_copy(update={"lapsed": True, "takeover": True})
        case EngineAction.REACH_RUNG:
            reached = (*visit.rungs, data.rung or "")
            return visit.model_copy(update={"rungs": reached, "takeover": visit.takeover or bool(data.takeover)})
        case Action.EXTEND:
            return visit.model_copy(update={"extended_to": data.due_at, "lapsed": False})
        case Action.ACKNOWLEDGE_RESULT | Action.RECORD_DELIVERY:
            if visit.delivered_at is not None:
                return visit
            return visit.model_copy(update={"delivered_at": data.delivered_at, "shifted": timedelta(0)})
        case Action.RESUME if snapshot.suspended is not None:
            span = event.at - snapshot.suspended.since
            extended = visit.extended_to + span if visit.extended_to else None
            return visit.model_copy(update={"shifted": visit.shifted + span, "extended_to": extended})
    return visit


def _after_act(snapshot: Snapshot, event: Event, action: Action) -> dict[str, object]:
    data = event.data
    change: dict[str, object] = {"approver": None, "approved": None}
    if data.key_hash is not None:
        receipt = Receipt(
            action=action,
            state=event.to_state,
            version=event.version,
            event_seq=event.seq,
            fingerprint=data.fingerprint or "",
        )
        change["receipts"] = {**snapshot.receipts, data.key_hash: receipt}
    forms = snapshot.forms
    if data.form is not None:
        forms = {**forms, data.form.slot: data.form}
        change["forms"] = forms
    plan = forms.get(Form.PLAN.value)
    match action:
        case Action.APPROVE_PLAN:
            change |= {"plan_before": snapshot.plan_in_force, "plan_in_force": plan}
            change |= {"approver": event.actor, "approved": Form.PLAN}
        case Action.SUBMIT_PLAN | Action.AMEND_PLAN if event.to_state is State.EXECUTION_RUNNING:
            change |= {"plan_before": snapshot.plan_in_force, "plan_in_force": plan}
        case Action.RETURN_PLAN if snapshot.state is State.EXECUTION_RUNNING:
            change |= {"plan_in_force": snapshot.plan_before, "plan_before": None}
        case Action.COMPLETE_MIDYEAR:
            change |= {"periods_done": snapshot.periods_done + 1, "approver": event.actor, "approved": Form.MIDYEAR}
        case Action.RETURN_MIDYEAR if snapshot.state is State.EXECUTION_RUNNING:
            change["periods_done"] = snapshot.periods_done - 1
        case Action.SUBMIT_RATING:
            change["rated_by"] = event.actor
        case Action.SUSPEND:
            change["suspended"] = Suspension(since=event.at, reason=event.comment)
        case Action.RESUME:
            change["suspended"] = None
        case Action.REASSIGN:
            change |= {"supervisor_override": data.supervisor, "disputed": False}
        case Action.DISPUTE_SUPERVISOR:
            change["disputed"] = True
        case Action.CANCEL:
            change |= {"suspended": None, "outcome_id": None}
        case Action.REOPEN:
            change |= {"revision": event.revision, "archived": False, "receipts": change.get("receipts", {})}
    return change


def _after_engine(snapshot: Snapshot, event: Event, action: EngineAction) -> dict[str, object]:
    match action:
        case EngineAction.SCORE:
            return {"outcome_id": event.data.outcome_id, "scored_copy": rated_copy(snapshot)}
        case EngineAction.ARCHIVE:
            return {"archived": True}
        case EngineAction.SKIP_PERIOD:
            return {"periods_done": snapshot.periods_done + 1}
        case EngineAction.LAPSE | EngineAction.CLOSE_PERIOD if snapshot.state in (
            State.MIDYEAR_DRAFTING,
            State.MIDYEAR_REVIEWING,
        ):
            done = event.to_state is State.EXECUTION_RUNNING
            return {"periods_done": snapshot.periods_done + (1 if done else 0)}
        case EngineAction.CLOSE_PERIOD if snapshot.plan_in_force is not None:
            return {"forms": {**snapshot.forms, Form.PLAN.value: snapshot.plan_in_force}}
    return {}


def rated_copy(snapshot: Snapshot) -> str | None:
    """The form copy the outcome has to rest on: the rating, or the decision that changed it."""
    decision = snapshot.forms.get(Form.DECISION.value)
    if snapshot.ending is Ending.CHANGED and decision is not None:
        return decision.copy_id
    rating = snapshot.forms.get(Form.RATING.value)
    return rating.copy_id if rating else None


def needs_scoring(snapshot: Snapshot) -> bool:
    """Whether a rating was given that no outcome rests on yet."""
    if snapshot.state in (State.RATING_DRAFTING, State.FINALISATION_DONE) or snapshot.ending is Ending.CANCELLED:
        return False
    copy = rated_copy(snapshot)
    return copy is not None and copy != snapshot.scored_copy
