"""An improvement programme: what is to be done when, and what comes by itself. Pure; `models.programme_moves` moves it on.

It waits for goals, runs for the pack's months with its checkpoints, is evaluated by the supervisor and confirmed by HR. A leave moves every
day that is still ahead by its length; an exit ends it. What happened stands in `Programme`, everything about days is worked out anew.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from models.appraisal import Frozen, TextRef
from models.programme_spec import ProgrammeSpec
from models.vocabulary import ProgrammeAction, ProgrammeOutcome, ProgrammeState, Progress
from models.workdays import ONE_DAY, PersonClock, at_time, start_of_day

GOALS, EVALUATION, CONFIRMATION = "goals", "evaluation", "confirmation"


def checkpoint(number: int) -> str:
    """The step of a checkpoint; they are numbered from 1."""
    return f"checkpoint.{number}"


class Noted(Frozen):
    """What was said at a checkpoint."""

    progress: Progress
    note: TextRef
    on: date
    by: str


class Evaluation(Frozen):
    outcome: ProgrammeOutcome
    reason: TextRef
    on: date
    by: str


class Programme(Frozen):
    """What has happened. `revision` is the year's whose result led to it; `given` are the moments that came, by their keys."""

    id: str
    appraisal: str
    subject: str
    revision: int
    began: date
    spec: ProgrammeSpec
    """As the pack said it on that day."""
    state: ProgrammeState = ProgrammeState.GOALS
    goals: tuple[TextRef, ...] = ()
    first: date | None = None
    """The day its months count from."""
    extended: tuple[int, ...] = ()
    """The months of each extension."""
    noted: Mapping[int, Noted] = {}
    evaluation: Evaluation | None = None
    outcome: ProgrammeOutcome | None = None
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which she is away, the last included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Around:
    """What the days of a programme rest on beside its pack. `gone` is the first day on which she is no longer there."""

    clock: PersonClock
    rung_hour: int = 8
    leaves: tuple[Leave, ...] = ()
    gone: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that waits on somebody: from which day it can be done, and by which it is due."""

    key: str
    opens: date
    due: date


@dataclass(frozen=True, slots=True)
class Moment:
    """What comes by itself. `days` of a reminder are those after (negative: before) the due day of its step."""

    action: ProgrammeAction
    key: str
    at: datetime
    step: Step | None = None
    days: int = 0


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of that month where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def after_leaves(day: date, since: date, leaves: Collection[Leave]) -> date:
    """A day counted from `since`, moved by every day of leave that lies before it."""
    for leave in sorted(leaves, key=lambda one: one.first):
        begins = max(leave.first, since)
        if begins <= min(day, leave.last):
            day += leave.last - begins + ONE_DAY
    return day


def length(programme: Programme, spec: ProgrammeSpec) -> int:
    """Its months, extensions included."""
    return spec.months + sum(programme.extended)


def checkpoints(programme: Programme, spec: ProgrammeSpec) -> tuple[int, ...]:
    """After how many months each comes; an extension puts one where the end was."""
    ends = [spec.months + sum(programme.extended[:n]) for n in range(len(programme.extended))]
    return (*spec.checkpoints, *ends)


def last_day(programme: Programme, spec: ProgrammeSpec, around: Around) -> date | None:
    """Its last day as far as is known today; None while there are no goals."""
    if programme.first is None:
        return None
    ends = months_later(programme.first, length(programme, spec))
    # A month that does not have the day ends with its last one, which is the programme's too.
    last = ends - ONE_DAY if ends.day == programme.first.day else ends
    return after_leaves(last, programme.first, around.leaves)


def checkpoint_days(programme: Programme, spec: ProgrammeSpec, around: Around) -> tuple[date, ...]:
    """The due day of each checkpoint, in order; none while there are no goals."""
    if programme.first is None:
        return ()
    first = programme.first
    days = (months_later(first, months) for months in checkpoints(programme, spec))
    return tuple(around.clock.calendar.add(after_leaves(day, first, around.leaves), 0) for day in days)


def steps(programme: Programme, spec: ProgrammeSpec, around: Around) -> tuple[Step, ...]:
    """What is still to be done in the state it is in, the earliest first."""
    days = around.clock.calendar

    def due(since: date, count: int) -> date:
        return days.add(after_leaves(days.add(since, count), since, around.leaves), 0)

    match programme.state:
        case ProgrammeState.GOALS:
            return (Step(GOALS, programme.began, due(programme.began, spec.goals_days)),)
        case ProgrammeState.RUNNING:
            last = last_day(programme, spec, around)
            assert last is not None
            each = enumerate(checkpoint_days(programme, spec, around), start=1)
            found = [
                Step(checkpoint(number), days.add(day, -spec.early_days) if spec.early_days else day, day)
                for number, day in each
                if number not in programme.noted
            ]
            return (*found, Step(EVALUATION, last, due(last, spec.evaluation_days)))
        case ProgrammeState.CONFIRMING:
            assert programme.evaluation is not None
            on = programme.evaluation.on
            return (Step(CONFIRMATION, on, days.add(on, spec.confirmation_days)),)
    return ()


def moments(programme: Programme, spec: ProgrammeSpec, around: Around) -> list[Moment]:
    """Everything that comes by itself in this state, the earliest first. A day that moves has moments of its own."""
    found = [moment for step in steps(programme, spec, around) for moment in _of_step(step, programme, spec, around)]
    if around.gone is not None and programme.state is not ProgrammeState.DONE:
        at = start_of_day(around.gone, around.clock.zone)
        found.append(Moment(ProgrammeAction.EXIT, "exit", at))
    return sorted(found, key=lambda moment: (moment.at, moment.key))


def _of_step(step: Step, programme: Programme, spec: ProgrammeSpec, around: Around) -> Iterator[Moment]:
    days = around.clock.calendar
    for count in spec.remind_days:
        day = days.add(step.due, count)
        if day > programme.began:
            at = _on_duty(day, around)
            yield Moment(ProgrammeAction.REMIND, f"remind{count:+d} {step.key} {step.due}", at, step, count)
    at = _on_duty(days.add(step.due, spec.stalled_days), around)
    yield Moment(ProgrammeAction.STALL, _stall(step), at, step, spec.stalled_days)


def _on_duty(day: date, around: Around) -> datetime:
    """The hour of reminders on that day, or on the first that is worked after a leave it lies in."""
    for leave in around.leaves:
        if leave.first <= day <= leave.last:
            day = around.clock.calendar.add(leave.last + ONE_DAY, 0)
    return at_time(day, time(around.rung_hour), around.clock.zone)


def _stall(step: Step) -> str:
    return f"stall {step.key} {step.due}"


def due_now(programme: Programme, spec: ProgrammeSpec, around: Around, at: datetime) -> list[Moment]:
    """What has come by then and did not happen yet. Of several reminders of a step only the last; after an exit nothing else."""
    passed = [moment for moment in moments(programme, spec, around) if moment.at <= at]
    if (gone := [moment for moment in passed if moment.action is ProgrammeAction.EXIT]) != []:
        return gone
    last = {moment.step: moment for moment in passed if moment.action is ProgrammeAction.REMIND}
    return [
        moment
        for moment in passed
        if moment.key not in programme.given
        and (moment.action is not ProgrammeAction.REMIND or moment == last[moment.step])
    ]


def wake(programme: Programme, spec: ProgrammeSpec, around: Around, at: datetime) -> datetime | None:
    """When to look again; None where nothing comes by itself any more."""
    return next((moment.at for moment in moments(programme, spec, around) if moment.at > at), None)


def stalled(programme: Programme, spec: ProgrammeSpec, around: Around) -> tuple[Step, ...]:
    """The steps that are on HR's list: nobody took them in time, and they are not due later since."""
    return tuple(step for step in steps(programme, spec, around) if _stall(step) in programme.given)
