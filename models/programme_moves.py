"""How an improvement programme moves on: by whom, what may be done now, and the programme after it. Pure; what is told and kept is others'
business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from models.appraisal import TextRef
from models.programme import (
    EVALUATION,
    Around,
    Evaluation,
    Moment,
    Noted,
    Programme,
    checkpoint,
    checkpoints,
    last_day,
    steps,
)
from models.programme_spec import ProgrammeSpec
from models.vocabulary import ProgrammeAction, ProgrammeOutcome, ProgrammeState, Role


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that happened: the programme after it, and what the trail says of it."""

    programme: Programme
    action: ProgrammeAction
    data: Mapping[str, object]


class Refused(Exception):
    """What cannot be done now: a stable code. Nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


MENTORS = frozenset({ProgrammeAction.SET_GOALS, ProgrammeAction.NOTE_CHECKPOINT, ProgrammeAction.EVALUATE})
"""The supervisor's of that day, who is her mentor; the senior supervisor's too while it stands on HR's list."""
DECIDES = (Role.HR, Role.APPOINTING_AUTHORITY)


def role_for(action: ProgrammeAction, held: Collection[Role], *, is_stalled: bool) -> Role | None:
    """In which of her roles somebody may do this; None where in none."""
    may = DECIDES if action not in MENTORS else (Role.SUPERVISOR, *((Role.SENIOR,) if is_stalled else ()))
    return next((role for role in may if role in held), None)


def allowed(programme: Programme, spec: ProgrammeSpec, around: Around, today: date) -> frozenset[ProgrammeAction]:
    """What can be done now, by whoever may."""
    doing = {ProgrammeAction.CANCEL}
    match programme.state:
        case ProgrammeState.GOALS:
            doing |= {ProgrammeAction.SET_GOALS}
        case ProgrammeState.RUNNING:
            open_now = {step.key.partition(".")[0] for step in steps(programme, spec, around) if step.opens <= today}
            doing |= {ProgrammeAction.SET_GOALS}
            doing |= {ProgrammeAction.NOTE_CHECKPOINT} if "checkpoint" in open_now else set()
            doing |= {ProgrammeAction.EVALUATE} if EVALUATION in open_now else set()
        case ProgrammeState.CONFIRMING:
            doing |= {ProgrammeAction.CONFIRM, ProgrammeAction.SEND_BACK}
        case ProgrammeState.DONE:
            return frozenset()
    if extendable(programme):
        doing |= {ProgrammeAction.EXTEND}
    return frozenset(doing)


def extendable(programme: Programme) -> bool:
    """Whether it may still be given time; there is none to give before its goals are set."""
    runs = programme.first is not None and programme.state is not ProgrammeState.DONE
    return runs and sum(programme.extended) < programme.spec.extension_max


def _must(programme: Programme, *states: ProgrammeState) -> None:
    if programme.state not in states:
        raise Refused("programme_not_now")


def set_goals(programme: Programme, goals: tuple[TextRef, ...], today: date) -> Moved:
    """Say what is to become better; its months count from the first time. Said again, the earlier ones stay in the trail."""
    _must(programme, ProgrammeState.GOALS, ProgrammeState.RUNNING)
    first = programme.first or today
    after = programme.model_copy(update={"state": ProgrammeState.RUNNING, "goals": goals, "first": first})
    said = [goal.model_dump(mode="json") for goal in goals]
    return Moved(after, ProgrammeAction.SET_GOALS, {"goals": said, "first": first.isoformat()})


def note(programme: Programme, number: int, said: Noted, spec: ProgrammeSpec, around: Around) -> Moved:
    """Say how it goes at a checkpoint, from its first reminder on; also late, and once."""
    _must(programme, ProgrammeState.RUNNING)
    if not 1 <= number <= len(checkpoints(programme, spec)):
        raise Refused("not_found")
    step = next((one for one in steps(programme, spec, around) if one.key == checkpoint(number)), None)
    if step is None:
        raise Refused("programme_noted")
    if said.on < step.opens:
        raise Refused("programme_too_early")
    after = programme.model_copy(update={"noted": {**programme.noted, number: said}})
    return Moved(after, ProgrammeAction.NOTE_CHECKPOINT, {"number": number, "progress": said.progress.value})


def evaluate(programme: Programme, said: Evaluation, spec: ProgrammeSpec, around: Around) -> Moved:
    """Met or not, from the last day on; HR has to confirm it. A checkpoint that nobody noted stays missing."""
    _must(programme, ProgrammeState.RUNNING)
    last = last_day(programme, spec, around)
    if last is None or said.on < last:
        raise Refused("programme_too_early")
    after = programme.model_copy(update={"state": ProgrammeState.CONFIRMING, "evaluation": said})
    return Moved(after, ProgrammeAction.EVALUATE, {"outcome": said.outcome.value})


def confirm(programme: Programme, by: str) -> Moved:
    """The evaluation holds; never by whoever evaluated. What follows is for the rules to propose."""
    _must(programme, ProgrammeState.CONFIRMING)
    assert programme.evaluation is not None
    if programme.evaluation.by == by:
        raise Refused("not_yours")
    return _ended(programme, ProgrammeAction.CONFIRM, programme.evaluation.outcome)


def send_back(programme: Programme) -> Moved:
    """The evaluation does not hold: it is to be given again."""
    _must(programme, ProgrammeState.CONFIRMING)
    after = programme.model_copy(update={"state": ProgrammeState.RUNNING, "evaluation": None})
    return Moved(after, ProgrammeAction.SEND_BACK, {})


def extend(programme: Programme, months: int, spec: ProgrammeSpec) -> Moved:
    """So many months more, with a checkpoint where the end was; an evaluation that was not confirmed is none any more."""
    _must(programme, ProgrammeState.RUNNING, ProgrammeState.CONFIRMING)
    if sum(programme.extended) + months > spec.extension_max:
        raise Refused("programme_too_long")
    update = {"state": ProgrammeState.RUNNING, "evaluation": None, "extended": (*programme.extended, months)}
    return Moved(programme.model_copy(update=update), ProgrammeAction.EXTEND, {"months": months})


def cancel(programme: Programme) -> Moved:
    if programme.state is ProgrammeState.DONE:
        raise Refused("programme_not_now")
    return _ended(programme, ProgrammeAction.CANCEL, ProgrammeOutcome.CANCELLED)


def happen(programme: Programme, moment: Moment) -> Moved:
    """Let come what comes by itself."""
    if moment.action is ProgrammeAction.EXIT:
        return _ended(programme, ProgrammeAction.EXIT, ProgrammeOutcome.EXITED)
    assert moment.step is not None
    after = programme.model_copy(update={"given": (*programme.given, moment.key)})
    data = {"step": moment.step.key, "due": moment.step.due.isoformat(), "days": moment.days}
    return Moved(after, moment.action, data)


def _ended(programme: Programme, action: ProgrammeAction, outcome: ProgrammeOutcome) -> Moved:
    after = programme.model_copy(update={"state": ProgrammeState.DONE, "outcome": outcome})
    return Moved(after, action, {"outcome": outcome.value})
