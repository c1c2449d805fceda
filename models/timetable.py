"""When something happens by itself: what one visit is due, when it lapses, which rungs and windows come.

Pure: the same snapshot, pack and circumstances give the same timing, in any process. Evaluated in activities only,
never in a workflow, so a newer holiday table or a repaired pack moves a running year and breaks no replay.
Every instant is in UTC. Nothing is ever placed before the visit began, and no rung on a day off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from hashlib import blake2b

from models import rungs
from models.appraisal import Moment, Moved, Snapshot, Timing, Visit
from models.circumstances import Circumstances, Outage
from models.folding import AWAITS_RATING, after_pause, paused_since
from models.outages import apart, given_back
from models.personnel import away, personnel_moments
from models.policy import PolicyPack, Rung, Step
from models.vocabulary import EngineAction, Stage, State
from models.ways import RECALLED_TO
from models.windows import WindowRow, Windows, calendar_key, window_after
from models.workdays import ONE_DAY, PersonClock, at_time, end_of_day, start_of_day

LABELLED = frozenset(
    {
        State.CALIBRATION_WAITING,
        State.CALIBRATION_REVIEWING,
        State.APPEAL_OPEN,
        State.APPEAL_ANSWERING,
        State.APPEAL_DECIDING,
    }
)
"""Where an organisation label is waited for, or the outcome rests on one and is not final yet."""
TOLD_ONE_BY_ONE = frozenset({EngineAction.RECEIVE_LABEL})
"""What needs no jitter: each year is told of it by a signal of its own, a few at a time."""


# ── one visit ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Span:
    """The visit's own bounds: `begins` is where its days are counted from, the entry or what came later."""

    begins: datetime
    opens: datetime | None = None
    due: datetime | None = None
    lapses: datetime | None = None
    closes: datetime | None = None
    """When a later window's opening ends it, whatever is due in it."""
    cut: bool = False
    """It would lapse later than it is closed, so it does not lapse besides."""


@dataclass(frozen=True, slots=True)
class _Closing:
    """The opening of a later window that ends a step; of that end is given back what was `lost` after `since`."""

    key: str
    opens: datetime
    since: datetime
    lost: Sequence[Outage]


def timing(
    snapshot: Snapshot, pack: PolicyPack, around: Circumstances, facts_revision: int, now: datetime | None = None
) -> Timing:
    """All that comes by itself in the current visit. Raises `KeyError` where the calendar lacks a window it needs.

    While suspended nothing is due, and nothing comes but what is decided about the person herself. A moment that had passed
    before the visit began is due at its entry and is not spread: only an instant that many share needs the jitter. Given `now`, of the
    reminders that have passed by then only the last is left: after an outage nobody gets them all at once.
    """
    visit, state = snapshot.visit, snapshot.state
    windows, clock, outages = around.windows, around.clock, apart(around.outages)
    entered, step = visit.entered_at, pack.steps.get(state)
    if entered is None or state is State.FINALISATION_DONE:
        return Timing(facts_revision=facts_revision, visit=visit.no)
    spread = timedelta(seconds=jitter_seconds(snapshot.appraisal_id, pack.jitter.seconds))
    decided = [_spread(moment, entered, spread) for moment in personnel_moments(snapshot, around)]
    if snapshot.suspended is not None:
        decided = [_with_what_it_moves(moment, snapshot, pack, around, outages) for moment in decided]
        return Timing(facts_revision=facts_revision, visit=visit.no, moments=in_order(decided))
    span, closing = _Span(entered), _closing(snapshot, around)
    planned = [
        *_label(snapshot, around, entered),
        *_order_of_the_year(snapshot, pack, around, entered),
    ]
    if step is not None and state is not State.EXECUTION_RUNNING:
        ladder = pack.ladders[step.ladder] if step.ladder else ()
        span = _span(visit, entered, step, ladder, _row(snapshot, step, windows), closing, clock, outages)
        since = max(span.begins, visit.extended_at or span.begins)
        planned += _without_stale_reminders(list(_rungs(span, since, ladder, clock, pack.rung_hour)), now)
        planned += _undelivered(visit, entered, step, clock, pack.rung_hour)
        if span.lapses is not None and not span.cut and not visit.lapsed:
            planned.append((EngineAction.LAPSE, "", span.lapses))
    if closing is not None:
        planned.append((EngineAction.CLOSE_PERIOD, closing.key, span.closes or max(entered, closing.opens)))
    moments = [
        _spread(
            Moment(action=action, key=key, at=at, wake=at),
            entered,
            timedelta(0) if action in TOLD_ONE_BY_ONE else spread,
        )
        for action, key, at in planned
        if action is not EngineAction.REACH_RUNG or key not in visit.rungs
    ]
    return Timing(
        facts_revision=facts_revision,
        visit=visit.no,
        opens_at=span.opens,
        due_at=span.due,
        lapses_at=span.lapses,
        before_lapses_at=_before_lapses(snapshot, pack, around, outages),
        moments=in_order([*decided, *moments]),
    )


def _spread(moment: Moment, entered: datetime, spread: timedelta) -> Moment:
    return moment if moment.at <= entered else moment.model_copy(update={"wake": moment.at + spread})


def in_order(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """By when they come; a personnel decision before what else comes at the same instant."""
    return tuple(sorted(moments, key=lambda m: (m.wake, m.at)))


def hers_at_least_until(step: Step, delivered: datetime, recorded: datetime, clock: PersonClock) -> datetime | None:
    """How long the days after a delivery last at least that was recorded on a later day than it was; None of any other.

    Who hears of the record only when her days are over could not say any more that it is wrong.
    """
    day = clock.day_of(recorded)
    if clock.day_of(delivered) >= day:
        return None
    return end_of_day(clock.calendar.add(day, step.recorded_days), clock.zone)


def overdue(timing: Timing, now: datetime) -> bool:
    """Whether whoever is waited on should have acted by now."""
    return timing.due_at is not None and now > timing.due_at


def late(timing: Timing, at: datetime) -> bool:
    """Whether an act at that instant is accepted but marked late."""
    return overdue(timing, at)


def jitter_seconds(appraisal_id: str, most: int) -> int:
    """How far this appraisal's timers are moved off a shared instant: 1..most, the same in every process.

    Never 0, so that what begins because a day ended begins on the next day for everybody.
    """
    return 1 + int.from_bytes(blake2b(appraisal_id.encode(), digest_size=8).digest()) % max(1, most)


Planned = tuple[EngineAction, str, datetime]


def _row(snapshot: Snapshot, step: Step, windows: Windows) -> WindowRow:
    if snapshot.asked_until is not None and snapshot.state in AWAITS_RATING:
        return WindowRow(opens=snapshot.asked_until + ONE_DAY)
    if step.basis != "window" or step.window is None or snapshot.until is not None:
        # The calendar is everybody's; a segment that was closed and a person who left have days of their own.
        return WindowRow()
    return windows[calendar_key(step.window, snapshot.period if snapshot.state.stage is Stage.MIDYEAR else None)]


def _span(
    visit: Visit,
    entered: datetime,
    step: Step,
    ladder: Sequence[Rung],
    row: WindowRow,
    closing: _Closing | None,
    clock: PersonClock,
    outages: Sequence[Outage],
) -> _Span:
    """Days count from the entry, from the opening where that came later, or from the proven delivery.

    A suspension and an outage move every end, to the end of a day; they move no opening, for that would take days away.
    A right that the law grants for a number of days (basis `delivery`) ends with the last of them, whatever the ladder.
    """
    if step.basis == "delivery":
        if visit.delivered_at is None:
            return _Span(entered)
        begins = max(entered, visit.delivered_at)
        said = _said(_counted(begins, step, clock), begins, visit, clock, begins)
        due = max(given_back(end, since, outages, clock) for end, since in said)
        return _Span(begins, due=due, lapses=due)
    opens = clock.opening(row.opens) if row.opens is not None else None
    begins = max(entered, opens) if opens is not None else entered
    # The window's own days are hers since she first came to this step, also where her form was sent back since.
    came = begins if visit.kept is None else max(visit.kept.since, opens or visit.kept.since)
    paused = visit.shifted if visit.kept is None else paused_since(visit.pauses, visit.kept.since)
    said = _said(_counted(begins, step, clock), begins, visit, clock, came)
    if row.due is not None:
        said.append((_shifted(clock.ending(row.due), paused, clock), came))
    due = max(given_back(end, since, outages, clock) for end, since in said)
    ends = [given_back(_ladders_end(end, ladder, clock), since, outages, clock) for end, since in said]
    # By the moved due day too: the ladder counts working days from there, and its last rung must not fall out.
    ends.append(_ladders_end(due, ladder, clock))
    if row.closes is not None:
        ends.append(given_back(_shifted(clock.ending(row.closes), paused, clock), came, outages, clock))
    span = _Span(begins, opens, due, max(ends))
    return span if closing is None else _closed(span, due, max(ends), closing, entered, clock)


def _closed(
    span: _Span,
    due: datetime,
    lapses: datetime,
    closing: _Closing,
    entered: datetime,
    clock: PersonClock,
) -> _Span:
    """The span with no end after what closes it.

    An outage, or a leave, puts the closing off as it does what is due, but never beyond the lapse: the next window, which opens for
    everybody else as it was said, is not held back by what has no days left. A visit that began too late is closed at its entry.
    """
    last = closing.opens - timedelta.resolution
    last = max(last, min(given_back(last, closing.since, closing.lost, clock), lapses))
    end = max(entered, last)
    closes = max(entered, last + timedelta.resolution)
    return replace(span, due=min(due, end), lapses=min(lapses, end), closes=closes, cut=lapses > end)


def _closing(snapshot: Snapshot, around: Circumstances) -> _Closing | None:
    """What ends a period's step, or an amendment in review, by its opening."""
    entered, state, flow = snapshot.visit.entered_at, snapshot.state, snapshot.flow
    windows, clock = around.windows, around.clock
    if entered is None:
        return None
    if state.stage is Stage.MIDYEAR:
        period = snapshot.period or snapshot.periods_done + 1
        key, own = window_after(flow, period), windows.get(calendar_key(Stage.MIDYEAR.value, period), WindowRow()).opens
    elif state is State.PLAN_REVIEWING and snapshot.plan_in_force is not None:
        key, own = window_after(flow, snapshot.periods_done), None
    else:
        return None
    opens = windows[key].opens
    # A report that was sent in the time given back is reviewed in it too: the period lost that time, not the visit.
    since = entered if own is None else clock.opening(own)
    lost = apart([*around.outages, *away(snapshot, around)])
    return _Closing(key, entered if opens is None else clock.opening(opens), since, lost)


def _before_lapses(
    snapshot: Snapshot, pack: PolicyPack, around: Circumstances, outages: Sequence[Outage]
) -> datetime | None:
    """When the visit lapses that a recall of this form goes on in; None where a recall begins another, or there is none."""
    before, state = snapshot.visit.before, RECALLED_TO.get(snapshot.state)
    step = pack.steps.get(state) if state is not None else None
    if before is None or before.entered_at is None or step is None:
        return None
    ladder = pack.ladders[step.ladder] if step.ladder else ()
    row, closing = _row(snapshot, step, around.windows), _closing(snapshot, around)
    return _span(before, before.entered_at, step, ladder, row, closing, around.clock, outages).lapses


def _with_what_it_moves(
    moment: Moment,
    snapshot: Snapshot,
    pack: PolicyPack,
    around: Circumstances,
    outages: Sequence[Outage],
) -> Moment:
    """The end of a leave with when all that was reached comes after it; the fold has no calendar to ask."""
    if moment.action is not EngineAction.END_LEAVE or snapshot.suspended is None:
        return moment

    def moved(visit: Visit | None, state: State | None) -> Moved | None:
        step = pack.steps.get(state) if state is not None else None
        if visit is None or visit.entered_at is None or step is None or state is State.EXECUTION_RUNNING:
            return None
        ladder = pack.ladders[step.ladder] if step.ladder else ()
        row, closing, clock = _row(snapshot, step, around.windows), _closing(snapshot, around), around.clock
        span = _span(visit, visit.entered_at, step, ladder, row, closing, clock, outages)
        return Moved(rungs=dict(_ladder(span, ladder, clock, pack.rung_hour)), lapses_at=span.lapses)

    after = after_pause(snapshot.visit, snapshot.suspended, moment.at, moment.at)
    before = moved(after.before, RECALLED_TO.get(snapshot.state))
    return moment.model_copy(update={"moved": moved(after, snapshot.state), "moved_before": before})


def _ladders_end(due: datetime, ladder: Sequence[Rung], clock: PersonClock) -> datetime:
    """The end of the day of a ladder's last rung, or the due instant where none comes after it."""
    last_rung = max((rung.days for rung in ladder), default=0)
    return end_of_day(clock.calendar.add(clock.day_of(due), last_rung), clock.zone) if last_rung > 0 else due


def _counted(begins: datetime, step: Step, clock: PersonClock) -> datetime:
    """The end of the last of the step's days, the day it begins being day 0: a whole day, never a number of hours."""
    first = clock.day_of(begins)
    last = first + timedelta(days=step.days) if step.day_kind == "calendar" else clock.calendar.add(first, step.days)
    return end_of_day(last, clock.zone)


def _shifted(at: datetime, by: timedelta, clock: PersonClock) -> datetime:
    return end_of_day(clock.day_of(at + by), clock.zone) if by else at


def _said(
    due: datetime, begins: datetime, visit: Visit, clock: PersonClock, came: datetime
) -> list[tuple[datetime, datetime]]:
    """The visit's own due instant and what it was extended to, each with since when an outage is given back on it.

    An extension only ever gives more, so the later one holds. HR names its day knowing what was lost before. One that was given before
    the form was sent holds since she `came` to the step, as the window's day does.
    """
    said = [(_shifted(due, visit.shifted, clock), begins)]
    if visit.extended_to is not None:
        since = max(came, visit.extended_at or came)
        paused = any(ended > since for _, ended in visit.pauses)
        to = end_of_day(clock.day_of(visit.extended_to), clock.zone) if paused else visit.extended_to
        said.append((to, since))
    return said


def _rungs(span: _Span, since: datetime, ladder: Sequence[Rung], clock: PersonClock, hour: int) -> Iterator[Planned]:
    """The ladder's rungs without those that the visit, or its extension, came too late for."""
    for key, at in _ladder(span, ladder, clock, hour):
        if span.lapses is not None and since <= at <= span.lapses:
            yield EngineAction.REACH_RUNG, key, at


def _ladder(span: _Span, ladder: Sequence[Rung], clock: PersonClock, hour: int) -> Iterator[tuple[str, datetime]]:
    """Each rung in working days around the due day.

    What comes before is counted back from the last hour of duty not after `due`: a reminder of Saturday's deadline is
    of use on Friday, on Monday it is none. What comes after is counted on from the due day itself.
    """
    if span.due is None:
        return
    due_day = clock.day_of(span.due)
    last_call = due_day if at_time(due_day, time(hour), clock.zone) <= span.due else due_day - ONE_DAY
    if not clock.calendar.is_working(last_call):
        last_call = clock.calendar.previous_working(last_call)
    for rung in ladder:
        day = clock.calendar.add(due_day if rung.days > 0 else last_call, rung.days)
        yield rung.key, at_time(day, time(hour), clock.zone)


def _without_stale_reminders(planned: list[Planned], now: datetime | None) -> list[Planned]:
    """Without the reminders that a later reminder, passed as well, has overtaken; whether one was reached is not asked."""
    if now is None:
        return planned
    passed = [at for _, key, at in planned if rungs.act_of(key) == rungs.REMIND and at <= now]
    last = max(passed, default=None)
    return [
        (act, key, at) for act, key, at in planned if last is None or rungs.act_of(key) != rungs.REMIND or at >= last
    ]


def _undelivered(visit: Visit, entered: datetime, step: Step, clock: PersonClock, hour: int) -> Iterator[Planned]:
    if step.basis != "delivery" or visit.delivered_at is not None or step.undelivered_days is None:
        return
    begins = entered + visit.shifted
    last = clock.calendar.add(clock.day_of(begins), step.undelivered_days)
    yield EngineAction.REACH_RUNG, rungs.UNDELIVERED, clock.on_duty(max(begins, start_of_day(last, clock.zone)), hour)


def _came(snapshot: Snapshot, entered: datetime) -> datetime:
    """Since when she is there in this visit: its entry, or when she was back from where she was meanwhile."""
    return max([entered, *(back for _, back in snapshot.visit.pauses)])


def _missed(snapshot: Snapshot, around: Circumstances, key: str, entered: datetime) -> bool:
    """Whether a period's window had closed before she came to it: when her plan was set, or back from where she was meanwhile.

    What an outage took of it is hers; what she was away for too, but only until the next window opens: months that she did not
    serve must not keep her from those she serves now.
    """
    came = _came(snapshot, entered)
    windows, clock = around.windows, around.clock
    closes, begins = windows[key].closes, windows[key].opens
    if closes is None:
        return False
    since = entered if begins is None else clock.opening(begins)

    def over(lost: Sequence[Outage]) -> bool:
        return given_back(clock.ending(closes), since, lost, clock) < came

    if not over(apart(around.outages)):
        return False
    following = windows[window_after(snapshot.flow, snapshot.periods_done + 1)].opens
    goes_on = following is not None and clock.opening(following) <= came
    return goes_on or over(apart([*around.outages, *away(snapshot, around)]))


def _label(snapshot: Snapshot, around: Circumstances, entered: datetime) -> Iterator[Planned]:
    """The organisation label that is waited for, or another one than the outcome rests on."""
    if not snapshot.flow.needs_label or around.label is None or snapshot.state not in LABELLED:
        return
    if snapshot.state is State.CALIBRATION_WAITING or around.label != snapshot.label:
        yield EngineAction.RECEIVE_LABEL, str(around.label), max(entered, around.label_at or entered)


def _order_of_the_year(
    snapshot: Snapshot,
    pack: PolicyPack,
    around: Circumstances,
    entered: datetime,
) -> Iterator[Planned]:
    """What the opening of a later window does to this state: starts it, or finds no plan. What it closes is another matter (`_closing`).

    An opening that passed before the visit began counts from its entry.
    """

    windows, clock = around.windows, around.clock

    def opening(key: str) -> datetime:
        opens = windows[key].opens
        return entered if opens is None else max(entered, clock.opening(opens))

    state, flow = snapshot.state, snapshot.flow
    if state is State.EXECUTION_RUNNING:
        key = window_after(flow, snapshot.periods_done)
        if snapshot.periods_done < flow.periods and _missed(snapshot, around, key, entered):
            yield EngineAction.SKIP_PERIOD, key, _came(snapshot, entered)
        else:
            yield EngineAction.OPEN_WINDOW, key, opening(key)
    elif state.stage is Stage.PLAN and (state is not State.PLAN_REVIEWING or snapshot.plan_in_force is None):
        yield EngineAction.REACH_RUNG, rungs.NO_PLAN, clock.on_duty(opening(Stage.RATING.value), pack.rung_hour)
