"""What may happen next. One `transitions` machine, shared by every appraisal, built from the table in `models.ways`.

`check` says whether a command may be taken and why not; `apply` has its events made (`models.events`); `models.folding` says what they
mean. All of it is pure, and a refused command changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from transitions import Machine, MachineError

from models.appraisal import ENGINE_ACTOR, Bounds, Command, Event, Snapshot, Timing
from models.events import begin, made
from models.folding import evolve
from models.reopening import why_not
from models.vocabulary import Action, Decision, EngineAction, Form, Role, State
from models.ways import ANYTIME, FORM_OF, RECALLED_TO, RECALLS, RETURNS, WAITS_ON, WAYS, WHILE_SUSPENDED, Way

__all__ = ["Refused", "allowed", "apply", "begin", "bounds_of", "check", "role_for", "way_for"]

REASONED = RETURNS | {Action.EXTEND, Action.REASSIGN, Action.REOPEN}
"""Actions that need a sentence."""

SURVIVES_LAPSE = frozenset({(State.APPEAL_ANSWERING, Action.WITHDRAW_APPEAL)})
"""What may still be done where silence leads to, and so may be done although the timer has not fired."""


class Refused(Exception):
    """A command that may not be taken. `code` is stable and part of the contract; nothing was changed.

    Codes: `not_yours`, `not_now`, `not_open_yet`, `lapsed`, `version_conflict`, `suspended`, `comment_required`, `form_missing`,
    `missing_value`, `impossible_value`, `closes_before`; of a reopening `nothing_to_rate`, `no_appeal_filed`, `nobody_to_ask`.
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
        if command.action.value in MACHINE.events:
            MACHINE.events[command.action.value].trigger(walker, walker)
    except MachineError:
        return None
    return walker.taken[0] if walker.taken else None


POSSIBLE = {state: tuple(a for a in Action if any((w.source, w.action) == (state, a) for w in WAYS)) for state in State}
"""What could be somebody's act in a state at all, in the order of the vocabulary."""
EVER = frozenset((role, way.action) for way in WAYS for role in way.roles)
"""Which role has which action in some state."""


def role_for(snapshot: Snapshot, action: Action, actor: str, roles: Iterable[Role], **args: object) -> Role:
    """In which of his roles somebody takes an action now. Raises `Refused` (`not_yours`, `not_now`, `suspended`) where in none.

    Another's turn is `not_yours`; an action that is nobody's in this state, but could be his in another, is `not_now`.
    """
    held = sorted(role for role in set(roles) if (role is Role.EMPLOYEE) == (actor == snapshot.subject))
    for role in held:
        if way_for(snapshot, _probe(action, role, actor, **args)) is not None:
            return role
    waits_on = WAITS_ON[snapshot.state]
    theirs = any((role, action) in EVER for role in held)
    if not theirs or (
        action in POSSIBLE[snapshot.state] and not any(_turn_of(snapshot, action, r, actor) for r in held)
    ):
        raise Refused("not_yours", state=snapshot.state, waits_on=waits_on)
    if _paused(snapshot, action):
        raise Refused("suspended", state=snapshot.state, waits_on=Role.HR)
    raise Refused("not_now", state=snapshot.state, waits_on=waits_on)


def _turn_of(snapshot: Snapshot, action: Action, role: Role, actor: str) -> bool:
    """Whether this role stands in the table for this action here, though its condition may not hold yet."""
    probe = _probe(action, role, actor)
    return any(w.action is action and w.source is snapshot.state and w.turn_of(snapshot, probe) for w in WAYS)


def _paused(snapshot: Snapshot, action: Action | EngineAction) -> bool:
    return snapshot.suspended is not None and action not in WHILE_SUSPENDED


def _probe(action: Action, role: Role, actor: str, **args: object) -> Command:
    """The command as it would be with whatever it needs; an argument that is None was not given."""
    needed: dict[Action, dict[str, object]] = {
        Action.DECIDE_APPEAL: {"decision": Decision.STANDS},
        Action.REOPEN: {"to": State.RATING_DRAFTING},
    }
    given = {name: value for name, value in args.items() if value is not None}
    return Command(action=action, role=role, actor=actor).model_copy(update={**needed.get(action, {}), **given})


def bounds_of(snapshot: Snapshot, command: Command, timing: Timing | None) -> Bounds | None:
    """The instants to judge by: the newer of what the door saw and what the engine knows, and an extension as soon as it is granted.

    Of two that rest on the same facts the later end holds, since within one visit it only ever moves on.
    """
    own = None
    if timing is not None and timing.visit == snapshot.visit.no:
        own = Bounds.of(timing)
    theirs = command.bounds if command.bounds is not None and command.bounds.visit == snapshot.visit.no else None
    known = [bounds for bounds in (theirs, own) if bounds is not None]
    if not known:
        return None
    found = max(known, key=lambda b: (b.facts_revision, b.lapses_at.timestamp() if b.lapses_at else 0.0))
    extended = snapshot.visit.extended_to
    if extended is None:
        return found
    ends = {name: max(at, extended) for name in ("due_at", "lapses_at") if (at := getattr(found, name)) is not None}
    return found.model_copy(update=ends)


def check(snapshot: Snapshot, command: Command, at: datetime, timing: Timing | None = None) -> Way:
    """The way this command takes at that instant. Raises `Refused`; changes nothing.

    It asks for more than `apply` asks (`_why_not_now`), so that an act which was taken replays whatever is asked by then.
    """
    return _judged(snapshot, command, at, timing, anew=True)


def _judged(snapshot: Snapshot, command: Command, at: datetime, timing: Timing | None, *, anew: bool) -> Way:
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
        if _paused(snapshot, command.action):
            raise Refused("suspended", state=state, waits_on=Role.HR)
        if way is None:
            raise Refused("not_now", state=state, waits_on=waits_on)
        return way
    _check_person(snapshot, command, command.action, way, at, timing, anew=anew)
    assert way is not None, "a command that lacks nothing has its way"
    return way


def _check_person(
    snapshot: Snapshot,
    command: Command,
    action: Action,
    way: Way | None,
    at: datetime,
    timing: Timing | None,
    *,
    anew: bool = True,
) -> None:
    state, waits_on = snapshot.state, WAITS_ON[snapshot.state]
    if way is None:  # it is nobody's now, or it only lacks the value that says where it goes
        role_for(snapshot, action, command.actor, [command.role], decision=command.decision, to=command.to)
    if _paused(snapshot, action):
        raise Refused("suspended", state=state, waits_on=Role.HR)
    bounds = bounds_of(snapshot, command, timing)
    if anew and (code := _why_not_now(snapshot, command, bounds)):
        raise Refused(code, state=state, waits_on=waits_on)
    if bounds is not None:
        _check_instant(snapshot, action, bounds, at)
    if action in REASONED and command.comment is None:
        raise Refused("comment_required", state=state, waits_on=waits_on)
    if action in FORM_OF and not _sends(snapshot, command, FORM_OF[action]):
        raise Refused("form_missing", state=state, waits_on=waits_on, form=FORM_OF[action].value)
    missing = _missing_value(action, command)
    if missing is None and (wrong := _impossible_value(snapshot, command, action, at, bounds)):
        raise Refused("impossible_value", state=state, waits_on=waits_on, field=wrong)
    if missing:
        raise Refused("missing_value", state=state, waits_on=waits_on, field=missing)
    if anew and action is Action.EXTEND and (closes := _closes_before(command, bounds)):
        raise Refused("closes_before", state=state, waits_on=waits_on, field="due_at", closes_at=closes.isoformat())


def _why_not_now(snapshot: Snapshot, command: Command, bounds: Bounds | None) -> str | None:
    """The code of what forbids an act that is new, though the state table has a way for it."""
    if command.action is Action.REOPEN:
        return why_not(snapshot, command.to, command.exit)
    if command.action is Action.DECIDE_APPEAL and _let_it_pass(snapshot, command):
        return "not_yours"
    if command.action is Action.RECORD_DELIVERY and snapshot.visit.delivered_at is not None:
        return "not_now"  # the first proof counts
    if command.action is Action.DISPUTE_SUPERVISOR and snapshot.disputes(command.supervisor):
        return "not_now"
    if command.action is Action.EXTEND and _nothing_is_due(snapshot, bounds):
        return "not_now"
    return None


def _nothing_is_due(snapshot: Snapshot, bounds: Bounds | None) -> bool:
    """Whether no day of anybody's is running out: in execution, of an undelivered result, in a step without days."""
    return snapshot.state is State.EXECUTION_RUNNING or (bounds is not None and bounds.due_at is None)


def _let_it_pass(snapshot: Snapshot, command: Command) -> bool:
    """Whether the decision was handed on from whose right this is since the door looked.

    Who is the last of all has it still, and was found so by the visit that it has come to.
    """
    looked_before = command.bounds is not None and command.bounds.visit != snapshot.visit.no
    return looked_before and not {command.actor, command.on_behalf_of}.isdisjoint(snapshot.visit.let_pass)


def _sends(snapshot: Snapshot, command: Command, form: Form) -> bool:
    """Whether it brings that form, of the period that is open: one frozen for the period before is not this one's."""
    return command.form is not None and command.form.form is form and command.form.period == snapshot.period


def _check_instant(snapshot: Snapshot, action: Action, bounds: Bounds, at: datetime) -> None:
    """Not before the window opens; not after silence has moved the step, even if the timer has not fired.

    Nor is a form taken back into a step that silence would move on at once: it counts as it was sent.
    """
    state, waits_on = snapshot.state, WAITS_ON[snapshot.state]
    if action not in ANYTIME and bounds.opens_at is not None and at < bounds.opens_at:
        raise Refused("not_open_yet", state=state, waits_on=waits_on, opens_at=bounds.opens_at.isoformat())
    over = _over_by_then(snapshot, bounds) if action in RECALLS else None
    if over is not None and at > over:
        raise Refused("lapsed", state=state, waits_on=waits_on, lapsed_at=over.isoformat())
    if bounds.lapses_at is None or at <= bounds.lapses_at or (state, action) in SURVIVES_LAPSE:
        return
    if (action not in ANYTIME or action is Action.EXTEND) and _silence_moves(snapshot):
        raise Refused("lapsed", state=state, waits_on=waits_on, lapsed_at=bounds.lapses_at.isoformat())


def _over_by_then(snapshot: Snapshot, bounds: Bounds) -> datetime | None:
    """From when on a form that is taken back would be moved on by silence at once; None where that only calls others."""
    recalled = snapshot.model_copy(update={"state": RECALLED_TO.get(snapshot.state, snapshot.state)})
    return bounds.before_lapses_at if _silence_moves(recalled) else None


def _silence_moves(snapshot: Snapshot) -> bool:
    """Whether a lapse takes the appraisal to another state, so that late work has nowhere to go."""
    lapse = way_for(snapshot, Command(action=EngineAction.LAPSE, role=Role.ENGINE, actor=ENGINE_ACTOR))
    return lapse is not None and lapse.to is not None


EXTENSION_MAX = timedelta(days=3 * 366)
"""No deadline of a year lies further ahead; a later one is a slip of the pen."""


def _impossible_value(
    snapshot: Snapshot, command: Command, action: Action, at: datetime, bounds: Bounds | None
) -> str | None:
    """The field that cannot be meant: a delivery in the future, an extension that gives no time, oneself as supervisor."""
    if action is Action.RECORD_DELIVERY and command.delivered_at is not None:
        entered = snapshot.visit.entered_at or at
        return None if entered <= command.delivered_at <= at else "at"
    if action is Action.EXTEND and command.due_at is not None:
        due = bounds.due_at if bounds is not None and bounds.due_at is not None else at
        return None if max(at, due) < command.due_at <= at + EXTENSION_MAX else "due_at"
    if action is Action.REASSIGN and command.supervisor == snapshot.subject:
        return "supervisor"
    return None


def _closes_before(command: Command, bounds: Bounds | None) -> datetime | None:
    """When the step ends in any case, where that is before the new deadline: no extension holds a window's opening back."""
    closes = bounds.closes_at if bounds is not None else None
    return closes if closes is not None and command.due_at is not None and closes < command.due_at else None


def _missing_value(action: Action, command: Command) -> str | None:
    needed: dict[Action, dict[str, object]] = {
        Action.DECIDE_APPEAL: {"decision": command.decision},
        Action.EXTEND: {"due_at": command.due_at},
        Action.RECORD_DELIVERY: {"at": command.delivered_at},
        Action.REOPEN: {"to": command.to, "authority": command.authority},
    }
    return next((name for name, value in needed.get(action, {}).items() if value is None), None)


def allowed(
    snapshot: Snapshot,
    actor: str,
    roles: Iterable[Role],
    at: datetime,
    timing: Timing | None,
    superior: str | None = None,
) -> list[Action]:
    """What this person may do now, in the order of the vocabulary; forms and comments are not asked for here.

    `superior` is that of today (`Parties.superior`): whoever is disputed already is not disputed again.
    """
    mine = []
    for action in POSSIBLE[snapshot.state]:
        try:
            role = role_for(snapshot, action, actor, roles)
            probe = _probe(action, role, actor, supervisor=superior if action is Action.DISPUTE_SUPERVISOR else None)
            _check_person(snapshot, probe, action, way_for(snapshot, probe), at, timing)
        except Refused as refusal:
            if refusal.code not in ("comment_required", "form_missing", "missing_value"):
                continue
        mine.append(action)
    return mine


def apply(snapshot: Snapshot, command: Command, at: datetime, timing: Timing | None = None) -> tuple[Event, ...]:
    """The events this command makes at that instant, in order. Raises `Refused`; the snapshot stays as it is.

    Accepting or appealing proves that the result was received, so both are preceded by `acknowledge_result` where it was not.
    """
    way = _judged(snapshot, command, at, timing, anew=False)
    implied = command.action in (Action.ACCEPT_RESULT, Action.FILE_APPEAL) and snapshot.visit.delivered_at is None
    due_at = _due(snapshot, command, timing)
    if not implied:
        return (made(snapshot, command, way, at, due_at, timing),)
    received = Command(action=Action.ACKNOWLEDGE_RESULT, role=command.role, actor=command.actor)
    first = made(snapshot, received, way_for(snapshot, received) or way, at, due_at, timing)
    return (first, made(evolve(snapshot, first), command, way, at, due_at, timing))


def _due(snapshot: Snapshot, command: Command, timing: Timing | None) -> datetime | None:
    bounds = bounds_of(snapshot, command, timing)
    return bounds.due_at if bounds else None
