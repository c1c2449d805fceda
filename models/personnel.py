"""What a transfer, a leave or an exit does to one appraisal, and when; and which of these decisions cannot be taken.

Pure. A decision becomes a moment only where the lifecycle has a way for it, so what has no bearing on a year (a transfer after the
rating, a second leave while HR has paused it) is simply not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from models.appraisal import Command, Moment, Snapshot
from models.circumstances import Circumstances, Outage, Personnel, PersonnelChange, Term
from models.vocabulary import EngineAction, Exit
from models.ways import WAYS, WHILE_SUSPENDED
from models.workdays import ONE_DAY, PersonClock, start_of_day


def personnel_moments(snapshot: Snapshot, around: Circumstances) -> Iterator[Moment]:
    """When the decisions about this person reach this visit; each `wake` is the legal instant still."""
    for change in around.changes:
        moment = _moment(snapshot, change, around)
        if moment is not None and _has_way(snapshot, moment):
            yield moment


def away(snapshot: Snapshot, around: Circumstances) -> Iterator[Outage]:
    """What its leaves took of this appraisal, and for how long HR paused it."""
    for change in around.changes:
        if change.kind is Personnel.LEAVE and change.until is not None and change.effective in snapshot.leaves:
            zone = around.clock.zone
            yield Outage(start_of_day(change.effective, zone), start_of_day(change.until + ONE_DAY, zone))
    yield from (Outage(*pause) for pause in snapshot.visit.pauses)


def _moment(snapshot: Snapshot, change: PersonnelChange, around: Circumstances) -> Moment | None:
    day, clock = change.effective, around.clock
    match change.kind:
        case Personnel.TRANSFER if snapshot.since is None or day > snapshot.since:
            return _on(EngineAction.CLOSE_SEGMENT, day, clock)
        case Personnel.EXIT if _begun_before(snapshot.since, change):
            return _on(EngineAction.EXIT, day, clock).model_copy(update={"exit": change.why})
        case Personnel.LEAVE if snapshot.suspended is None:
            begins = _on(EngineAction.BEGIN_LEAVE, day, clock).model_copy(update={"from_first_day": True})
            return begins if _to_come(snapshot, change, clock) else None
        case Personnel.LEAVE if change.until is not None:
            return _in_a_leave(snapshot, change, change.until + ONE_DAY, around)
    return None


def _in_a_leave(snapshot: Snapshot, leave: PersonnelChange, back: date, around: Circumstances) -> Moment | None:
    """What this leave does to one that pauses already: leaves without a day between them are one pause, and the last of them ends it."""
    pausing = next((one for one in around.changes if _begun_last(snapshot, one)), None)
    follows = [one for one in around.changes if _adjoins(one, pausing) and _to_come(snapshot, one, around.clock)]
    if leave in follows:
        return _on(EngineAction.PROLONG_LEAVE, leave.effective, around.clock)
    return _on(EngineAction.END_LEAVE, back, around.clock) if leave is pausing and not follows else None


def _begun_last(snapshot: Snapshot, change: PersonnelChange) -> bool:
    return change.kind is Personnel.LEAVE and snapshot.leaves[-1:] == (change.effective,)


def _adjoins(change: PersonnelChange, before: PersonnelChange | None) -> bool:
    """Whether it is a leave that begins in the one before, or on the day after its last."""
    if change.kind is not Personnel.LEAVE or before is None or before.until is None:
        return False
    return before.effective < change.effective <= before.until + ONE_DAY


def _to_come(snapshot: Snapshot, leave: PersonnelChange, clock: PersonClock) -> bool:
    """Whether this leave has not begun here, and is about days of this appraisal that were not over when the visit began.

    Of a visit that keeps days, when the step was first come to: what was hers then is hers still.
    """
    if leave.until is None:
        return False
    since = snapshot.visit.came_at
    over = leave.over or (since is not None and start_of_day(leave.until + ONE_DAY, clock.zone) <= since)
    gone = snapshot.exit is not None and snapshot.until is not None and leave.effective > snapshot.until
    return leave.effective not in snapshot.leaves and not over and not gone


def _begun_before(since: date | None, change: PersonnelChange) -> bool:
    """Whether what began on that day is about the time before an exit; what begins with the return, or after it, knows nothing of that.

    The day of a launch may lie between the two, where HR learnt of both later: that year is about the time before.
    """
    return change.back is None or since is None or since < change.back


def _on(action: EngineAction, day: date, clock: PersonClock) -> Moment:
    """At the first instant of that day on the person's clocks."""
    at = start_of_day(day, clock.zone)
    return Moment(action=action, at=at, wake=at, day=day)


def _has_way(snapshot: Snapshot, moment: Moment) -> bool:
    command = Command.of_moment(moment)
    if snapshot.suspended is not None and command.action not in WHILE_SUSPENDED:
        return False
    here = (w for w in WAYS if w.source is snapshot.state and w.action is command.action)
    return any(way.open_to(snapshot, command) for way in here)


def of_the_acting(
    changes: Sequence[PersonnelChange], terms: Sequence[Term], since: date | None
) -> tuple[PersonnelChange, ...]:
    """What reaches an appraisal of what somebody does as Plt since that day, by the `terms` of the appointment in the order of their days.

    The day after its last ends it, as a transfer ends what was done in one's own post; an appointment that goes on where another ended
    is one. Taken back before it began, it ends with its first day. A transfer out of her own post does not reach it, and who has left by
    then is reached by the exit alone.
    """
    kept = [one for one in changes if one.kind is not Personnel.TRANSFER and _begun_before(since, one)]
    if since is not None:
        last = (_holding(terms, since) or Term(since, since)).last
        over = None if last is None else last + ONE_DAY
        kept += [] if over is None or has_left(kept, over) else [PersonnelChange(Personnel.TRANSFER, over)]
    return tuple(sorted(kept, key=lambda change: change.effective))


@dataclass(frozen=True, slots=True)
class Acted:
    """An appraisal of what somebody does as Plt: its first day, its last where it was closed, whether it was cancelled."""

    since: date
    until: date | None = None
    cancelled: bool = False


def acting_since(terms: Sequence[Term], there: Sequence[Acted], day: date) -> date | None:
    """The first day of the appraisal that is to begin for who is Plt on that day; None for who is not, or has one already.

    Appointments without a gap between them are one. One that went on after its appraisal was closed goes on in another from there;
    what was cancelled of the same appointment does not begin again.
    """
    run = _holding(terms, day)
    if run is None:
        return None
    its = [one for one in there if one.since >= run.first or (one.until is None and not one.cancelled)]
    if any(one.until is None or one.until >= day for one in its):
        return None
    return max([run.first, *(one.until + ONE_DAY for one in its if one.until is not None)])


def _holding(terms: Iterable[Term], day: date) -> Term | None:
    """What holds on that day, with all that goes before and after it without a gap. `terms` in the order of their days."""
    joined: list[Term] = []
    for term in terms:
        before = joined[-1] if joined else None
        if before is None or (before.last is not None and term.first > before.last + ONE_DAY):
            joined.append(term)
        elif before.last is not None:
            joined[-1] = Term(before.first, None if term.last is None else max(before.last, term.last))
    return next((one for one in joined if one.first <= day and (one.last is None or day <= one.last)), None)


# ── what cannot be decided ──────────────────────────────────────────────────────────────────────────────────────────


def has_left(recorded: Iterable[PersonnelChange], day: date) -> bool:
    """Whether somebody is no longer here on that day, by what is recorded."""
    return any(change.kind is Personnel.EXIT and change.effective <= day for change in recorded)


def why_not(
    kind: Personnel,
    first: date,
    last: date | None,
    recorded: Sequence[PersonnelChange],
    line_since: date | None,
    today: date,
    why: Exit | None = None,
) -> str | None:
    """The code of what forbids this decision beside what is recorded of the person; None where nothing does. `why` is an exit's.

    `line_since` is the first day of the stretch of her line that began last: who supervised her before it is history, and history
    is not rewritten. What is still to come forbids nothing: an exit takes it back, a transfer before it comes in between. An exit to
    come forbids only what lies on its day or after it. A transfer of today puts another of today right.
    """
    exits = [change for change in recorded if change.kind is Personnel.EXIT]
    sooner = kind is Personnel.EXIT and all(today < one.effective and first <= one.effective for one in exits)
    # Who has left may still die, or may have died before: what was left to her to answer is asked of nobody then.
    dies = why is Exit.DIE and all(one.why is not Exit.DIE for one in exits)
    if kind is Personnel.EXIT and exits and not (sooner or dies):
        return "has_left"
    if why is Exit.DIE:
        return None
    latest = today if kind is Personnel.TRANSFER else first if last is None else last
    if kind is not Personnel.EXIT and has_left(recorded, max(first, latest)):
        return "has_left"
    if kind is Personnel.LEAVE:
        assert last is not None
        return _why_no_leave(first, last, recorded, today)
    transfers = [change.effective for change in recorded if change.kind is Personnel.TRANSFER]
    moves = [day for day in transfers if day <= today]
    if kind is Personnel.TRANSFER and any(first <= move for move in moves if not first == move == today):
        return "before_earlier_change"
    earlier = max([*moves, *([] if line_since is None else [line_since])], default=None)
    return "before_earlier_change" if earlier is not None and first < earlier else None


def _why_no_leave(first: date, last: date, recorded: Iterable[PersonnelChange], today: date) -> str | None:
    """One that is recorded of that first day gets another last one: until it is over, and so that she is back today at the earliest."""
    if last < first:
        return "ends_before_it_begins"
    leaves = [(one.effective, one.until) for one in recorded if one.kind is Personnel.LEAVE and one.until is not None]
    ends = next((until for day, until in leaves if day == first), None)
    if ends is not None and ends < today:
        return "leave_is_over"
    if any(day != first and day <= last and until >= first for day, until in leaves):
        return "overlapping_leave"
    return "back_in_the_past" if ends is not None and last + ONE_DAY < today else None
