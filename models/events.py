"""Making events: the first of an appraisal, and the one that a command makes on the way `models.lifecycle` found for it.

Nothing is judged here. An event holds everything that `models.folding` needs to say what it means, and the hash of all of it.
"""

from __future__ import annotations

from datetime import datetime

from models.appraisal import ENGINE_ACTOR, Command, Event, EventData, Snapshot, Timing
from models.trail import GENESIS, sealed
from models.vocabulary import Action, EngineAction, Role, State
from models.ways import ANYTIME, FORM_OF, GOES_BACK, KEEPS_TAKEOVER, RECALLED_TO, RETURNS, REVIEWER, WAITS_ON, Way


def begin(seed: Snapshot, at: datetime) -> Event:
    """The first event of an appraisal: it opens in `plan.drafting`, one that was asked of some months where they are rated."""
    return sealed(
        Event(
            appraisal_id=seed.appraisal_id,
            revision=1,
            seq=1,
            at=at,
            effective_at=at,
            action=EngineAction.OPEN,
            actor=ENGINE_ACTOR,
            role=Role.ENGINE,
            from_state=None,
            to_state=seed.state,
            version=1,
            data=EventData(
                form=seed.plan_in_force,
                flow=seed.flow,
                subject=seed.subject,
                supervisor=seed.supervisor_override,
                acting_for=seed.acting_for,
                incarnation=seed.incarnation or None,
                day=seed.since,
                policy=seed.policy,
                until=seed.asked_until,
            ),
            previous_hash=GENESIS,
        )
    )


MOVES_VERSION = frozenset(
    {
        *(Action.RETURN_PLAN, Action.SUSPEND, Action.RESUME),
        *(EngineAction.BEGIN_LEAVE, EngineAction.END_LEAVE, EngineAction.CLOSE_SEGMENT, EngineAction.EXIT),
        EngineAction.RECEIVE_LABEL,
    }
)
"""What makes a sight of the appraisal stale even where its state stays: another plan in force, a pause, another result or end."""


def made(
    snapshot: Snapshot, command: Command, way: Way, at: datetime, due_at: datetime | None, timing: Timing | None = None
) -> Event:
    """The event of a command on its way at that instant; `due_at` is until when it was in time."""
    to_state = way.to or snapshot.state
    period = _period_after(snapshot, command, to_state)
    form = command.form if command.action in FORM_OF else None
    moved = (
        to_state is not snapshot.state
        or period != snapshot.period
        or form is not None
        or command.action in MOVES_VERSION
    )
    human = command.role is not Role.ENGINE
    step_act = (
        human
        and command.action not in ANYTIME
        and (command.role is not Role.EMPLOYEE or WAITS_ON[snapshot.state] is Role.EMPLOYEE)
    )
    delivered = at if command.action is Action.ACKNOWLEDGE_RESULT else command.delivered_at
    data = EventData(
        form=form,
        keeps_visit=command.keeps_visit if to_state in RECALLED_TO else None,
        keeps_days=command.keeps_days if command.action in RETURNS else None,
        keeps_takeover=command.keeps_takeover if command.action in KEEPS_TAKEOVER else None,
        keeps_own_days=command.keeps_own_days if command.action in GOES_BACK else None,
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
        label=command.label,
        same_result=command.same_result,
        incarnation=command.incarnation,
        day=command.day,
        exit=command.exit,
        standing=command.standing,
        post_of=command.post_of,
        holder=command.holder,
        moved=command.moved,
        moved_before=command.moved_before,
        from_first_day=command.from_first_day,
        service=command.service,
        policy=_policy(snapshot, command, timing),
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


def _policy(snapshot: Snapshot, command: Command, timing: Timing | None) -> int | None:
    """The version of the pack by all that is known: a corrected one counts up, so the highest is the newest.

    A year that has ended stays with the one that it ended by.
    """
    if snapshot.ending is not None and command.action is not Action.REOPEN:
        return snapshot.policy
    seen = [known.policy for known in (snapshot, command.bounds, timing) if known is not None]
    return max((version for version in seen if version is not None), default=None)


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
