"""How the people of a rehearsed year behave: seeded characters, and what each does next where an appraisal stands.

Pure. Whatever the seed, thirty people or more show every ending, every label and every kind of lateness that their pack allows.
Acts fall on slots, 10:00 WIB of a weekday, so that what happens on one day can be done side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random

from models.appraisal import Snapshot, Timing
from models.vocabulary import Action, Decision, EngineAction, Label, OrganisationLabel, Role, Silence, State
from models.worked import WorkedExample

SLOT_HOUR = 3
"""In UTC: mid-morning in all three zones, after the hour at which rungs ring."""
DAY = timedelta(days=1)
SHOW_ALL_FROM = 30
"""From this many people on, one year shows everything."""


class Manner(StrEnum):
    """How an employee hands in one of her forms."""

    PROMPT = "prompt"
    LATE = "late"
    NEVER = "never"


class Close(StrEnum):
    """What an employee does with her result."""

    ACCEPT = "accept"
    ONLY_READ = "only_read"
    UNREACHED = "unreached"
    """She never looks; HR hands it over and records that."""
    APPEAL_STANDS = "appeal_stands"
    APPEAL_CHANGED = "appeal_changed"
    APPEAL_WITHDRAWN = "appeal_withdrawn"


APPEALS = frozenset({Close.APPEAL_STANDS, Close.APPEAL_CHANGED, Close.APPEAL_WITHDRAWN})


@dataclass(frozen=True)
class Subject:
    """One appraised person, and who stands above the one who rates her."""

    id: str
    has_senior: bool = True
    may_appeal: bool = True
    heads: bool = False
    """She heads a unit, whose label will be her result."""


@dataclass(frozen=True)
class Character:
    """`pace` is where in the time given the person acts, 0 at once, 1 at the last moment."""

    rated: WorkedExample
    """What her rating is like, and what it becomes where an appeal changes it."""
    on_appeal: WorkedExample
    plan: Manner = Manner.PROMPT
    midyear: Manner = Manner.PROMPT
    self_assessment: Manner = Manner.PROMPT
    plan_returned: bool = False
    supervisor_silent_at: State | None = None
    close: Close = Close.ACCEPT
    pace: float = 0.5


@dataclass(frozen=True)
class Act:
    """One button pressed by somebody at an instant; `changes` are laid over the form's example."""

    at: datetime
    role: Role
    action: Action
    body: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, object] = field(default_factory=dict)
    rated: WorkedExample | None = None
    """The rating that the form says, laid over the example too."""


# ── who behaves how ─────────────────────────────────────────────────────────────────────────────────────────────────

Turn = Callable[[Character], Character]
"""Gives somebody a trait, whatever the others."""

SCARCE: tuple[tuple[str, Turn], ...] = (
    ("appeal", lambda c: replace(c, close=Close.APPEAL_STANDS)),
    ("appeal", lambda c: replace(c, close=Close.APPEAL_CHANGED)),
    ("appeal", lambda c: replace(c, close=Close.APPEAL_WITHDRAWN)),
    ("senior", lambda c: replace(c, supervisor_silent_at=State.RATING_DRAFTING)),
    ("senior", lambda c: replace(c, supervisor_silent_at=State.PLAN_REVIEWING)),
    ("", lambda c: replace(c, close=Close.ONLY_READ)),
    ("", lambda c: replace(c, close=Close.UNREACHED)),
    ("", lambda c: replace(c, plan_returned=True)),
    ("", lambda c: replace(c, plan=Manner.LATE)),
    ("", lambda c: replace(c, plan=Manner.NEVER)),
    ("", lambda c: replace(c, midyear=Manner.NEVER)),
    ("", lambda c: replace(c, self_assessment=Manner.NEVER)),
    ("", lambda c: c),
)
"""What every year must show, each on a person of its own; what not everybody can be given comes first."""

HOW_OFTEN = {
    Label.SANGAT_BAIK: 9,
    Label.BAIK: 80,
    Label.BUTUH_PERBAIKAN: 6,
    Label.KURANG: 4,
    Label.SANGAT_KURANG: 1,
}
"""In a hundred people, whatever the pack. [design]"""


def cast(subjects: Sequence[Subject], seed: int, examples: Sequence[WorkedExample]) -> dict[str, Character]:
    """A character for everybody, by id; the same subjects, seed and worked examples of a pack give the same year."""
    dice = Random(seed)
    characters = {subject.id: _drawn(subject, dice, examples) for subject in subjects}
    order = list(subjects)
    dice.shuffle(order)
    for subject, turn in _dealt(order):
        plain = Character(
            rated=characters[subject.id].rated,
            on_appeal=characters[subject.id].on_appeal,
            pace=characters[subject.id].pace,
        )
        characters[subject.id] = turn(plain)
    if len(order) >= SHOW_ALL_FROM:
        dice.shuffle(order)
        plain_ones = [subject for subject in order if not subject.heads]
        for subject, rated in zip(plain_ones, examples, strict=False):
            characters[subject.id] = replace(characters[subject.id], rated=rated, on_appeal=_another(rated, examples))
    return characters


def _dealt(order: Sequence[Subject]) -> Iterator[tuple[Subject, Turn]]:
    left = list(order)
    for needs, turn in SCARCE:
        able = (s for s in left if (needs != "appeal" or s.may_appeal) and (needs != "senior" or s.has_senior))
        chosen = next(able, None)
        if chosen is not None:
            left.remove(chosen)
            yield chosen, turn


def _drawn(subject: Subject, dice: Random, examples: Sequence[WorkedExample]) -> Character:
    """One throw for each trait, in a fixed order, so that one subject's limits do not change another's fate."""
    alike = Counter(one.label for one in examples)
    rated = dice.choices(examples, weights=[HOW_OFTEN[one.label] / alike[one.label] for one in examples])[0]
    plan, midyear, self_assessment = (dice.choices(list(Manner), weights=[84, 11, 5])[0] for _ in range(3))
    returned = dice.random() < 0.12
    silent = dice.choices([None, State.PLAN_REVIEWING, State.RATING_DRAFTING], weights=[94, 3, 3])[0]
    close = dice.choices(list(Close), weights=[76, 10, 4, 4, 3, 3])[0]
    pace = dice.uniform(0.05, 0.9)
    return Character(
        plan=plan,
        midyear=midyear,
        self_assessment=self_assessment,
        plan_returned=returned,
        supervisor_silent_at=silent if subject.has_senior else None,
        rated=rated,
        on_appeal=_another(rated, examples),
        close=close if subject.may_appeal or close not in APPEALS else Close.ACCEPT,
        pace=pace,
    )


def _another(rated: WorkedExample, examples: Sequence[WorkedExample]) -> WorkedExample:
    """What an appeal changes this rating to on the same plan: the nearest better label, else the nearest other rating.

    Itself where there is none: then the result stands.
    """
    order = list(Label)
    here = order.index(rated.label)
    others = [one for one in examples if one.plan == rated.plan and one.rating != rated.rating]
    steps = [(order.index(one.label) - here, one) for one in others]
    return min(steps, key=lambda step: (step[0] >= 0, abs(step[0])), default=(0, rated))[1]


# ── when which unit gets its label ──────────────────────────────────────────────────────────────────────────────────

GOOD, BETTER, WORSE = OrganisationLabel.BAIK, OrganisationLabel.ISTIMEWA, OrganisationLabel.BUTUH_PERBAIKAN


@dataclass(frozen=True)
class Labelling:
    """A unit gets its label, or another one than it had."""

    at: datetime
    unit: str
    label: OrganisationLabel


def labellings(units: Sequence[str], year: int, seed: int) -> list[Labelling]:
    """When the units of a year are labelled, in order: the first before its people are rated, most early in January, one in five
    (and at least one of two) after it was due, and one unit's label is changed a few days later.
    """
    dice = Random(f"labels/{seed}")
    order = sorted(units)
    dice.shuffle(order)
    late = max(1, len(order) // 5) if len(order) > 1 else 0
    first, january, february = (datetime(y, m, d, tzinfo=UTC) for y, m, d in _label_days(year))
    found = []
    for place, unit in enumerate(order):
        at = first if place == 0 else january + DAY * dice.randrange(8)
        if place >= len(order) - late:
            at = february + DAY * dice.randrange(5)
        found.append(Labelling(slot(at), unit, dice.choices([GOOD, BETTER, WORSE], weights=[7, 2, 1])[0]))
    if len(order) > 1:
        known = found[1]
        other = WORSE if known.label is not WORSE else BETTER
        found.append(Labelling(slot(max(known.at, january) + 3 * DAY), known.unit, other))
    return sorted(found, key=lambda one: (one.at, one.unit))


def _label_days(year: int) -> tuple[tuple[int, int, int], ...]:
    return (year, 12, 6), (year + 1, 1, 4), (year + 1, 2, 3)


# ── what somebody does next ─────────────────────────────────────────────────────────────────────────────────────────


def slot(at: datetime) -> datetime:
    """The first slot at or after that instant."""
    found = at.astimezone(UTC).replace(hour=SLOT_HOUR, minute=0, second=0, microsecond=0)
    while found < at or found.weekday() >= 5:
        found += DAY
    return found


WHY_RATED_SO = "Sesuai bukti dukung."
"""Who rates, and the board that confirms, says so unasked: a pack may want a reason where labels leave their pattern."""
"""Said with each rating, since a unit whose label came first may ask for a reason."""


def next_act(character: Character, snapshot: Snapshot, timing: Timing, now: datetime) -> Act | None:
    """What a person will do next on this appraisal if nothing happens before; None where only time will move it."""
    stand = _Stand(character, snapshot, timing, now)
    match snapshot.state:
        case State.PLAN_DRAFTING:
            planned = stand.plan()
            return planned and replace(planned, changes=character.rated.plan)
        case State.PLAN_REVIEWING:
            return stand.plan_review()
        case State.MIDYEAR_DRAFTING:
            return stand.handed_in(character.midyear, Action.SUBMIT_MIDYEAR)
        case State.MIDYEAR_REVIEWING:
            return Act(stand.days(1 + character.pace), Role.SUPERVISOR, Action.COMPLETE_MIDYEAR)
        case State.SELF_ASSESSMENT_DRAFTING:
            return stand.handed_in(character.self_assessment, Action.SUBMIT_SELF_ASSESSMENT)
        case State.RATING_DRAFTING:
            act = stand.by_rater(Action.SUBMIT_RATING, stand.prompt())
            return replace(act, body={"comment": WHY_RATED_SO}, rated=character.rated)
        case State.CALIBRATION_REVIEWING:
            return Act(stand.days(2), Role.BOARD, Action.CONFIRM_RATING, {"comment": WHY_RATED_SO})
        case State.APPEAL_OPEN:
            return stand.result()
        case State.APPEAL_ANSWERING if character.close is Close.APPEAL_WITHDRAWN:
            return Act(stand.days(1), Role.EMPLOYEE, Action.WITHDRAW_APPEAL)
        case State.APPEAL_ANSWERING:
            return Act(stand.days(2), Role.SUPERVISOR, Action.ANSWER_APPEAL)
        case State.APPEAL_DECIDING:
            return stand.decision()
    return None


@dataclass(frozen=True)
class _Stand:
    """Where one appraisal stands, seen by somebody of this character."""

    character: Character
    snapshot: Snapshot
    timing: Timing
    now: datetime

    @property
    def begins(self) -> datetime:
        """When work on this step could begin: its entry, or its window's opening."""
        entered = self.snapshot.visit.entered_at or self.now
        return max(entered, self.timing.opens_at or entered)

    def days(self, count: float) -> datetime:
        return slot(self.begins + DAY * count)

    def rung(self, prefix: str) -> datetime | None:
        """When a rung of this visit comes, if it still does."""
        found = (
            m.wake for m in self.timing.moments if m.action is EngineAction.REACH_RUNG and m.key.startswith(prefix)
        )
        return next(found, None)

    def prompt(self) -> datetime:
        """Before anybody is reminded, as soon as the pace says."""
        calm_until = self.rung("remind") or self.timing.due_at or self.begins + 5 * DAY
        return slot(self.begins + max(DAY, self.character.pace * (calm_until - self.begins)))

    def late(self) -> datetime:
        """After the due day and before silence moves the step on."""
        due = self.timing.due_at or self.begins + 5 * DAY
        ends = self.timing.lapses_at or due + 10 * DAY
        return slot(due + min(5 * DAY, self.character.pace * (ends - due)))

    @property
    def _holds(self) -> bool:
        """Nothing goes on here without whoever it waits on."""
        return self.snapshot.flow.silence.get(self.snapshot.state) is Silence.HOLD

    def handed_in(self, manner: Manner, action: Action) -> Act | None:
        match manner:
            case Manner.PROMPT:
                return Act(self.prompt(), Role.EMPLOYEE, action)
            case Manner.LATE:
                return Act(self.late(), Role.EMPLOYEE, action)
            case Manner.NEVER if self._holds:
                # HR, on whose list it is, sees to it in the end.
                return Act(slot((self.timing.lapses_at or self.now) + 2 * DAY), Role.EMPLOYEE, action)
            case Manner.NEVER:
                return None

    def plan(self) -> Act | None:
        """A plan that came back is mended at once; one that never comes is written by the supervisor after the lapse."""
        if self.snapshot.visit.returned:
            return Act(self.days(1), Role.EMPLOYEE, Action.SUBMIT_PLAN)
        if self.character.plan is not Manner.NEVER:
            return self.handed_in(self.character.plan, Action.SUBMIT_PLAN)
        if self._holds:
            return self.handed_in(Manner.NEVER, Action.SUBMIT_PLAN)
        if self.timing.lapses_at is None:
            return None
        return Act(slot(self.timing.lapses_at + DAY), Role.SUPERVISOR, Action.SUBMIT_PLAN)

    def plan_review(self) -> Act:
        sent = self.snapshot.forms.get("plan")
        if self.character.plan_returned and sent is not None and sent.version == 1:
            comment = "Mohon lengkapi indikator dan target, lalu kirim kembali."
            return Act(self.days(2), Role.SUPERVISOR, Action.RETURN_PLAN, {"comment": comment})
        return self.by_rater(Action.APPROVE_PLAN, self.days(1 + self.character.pace))

    def by_rater(self, action: Action, at: datetime) -> Act:
        """The supervisor acts, or the senior supervisor once he was silent for so long that she may."""
        if self.character.supervisor_silent_at is not self.snapshot.state:
            return Act(at, Role.SUPERVISOR, action)
        if self.snapshot.visit.takeover:
            return Act(slot(self.now + DAY), Role.SENIOR, action)
        taken_over = self.rung("takeover")
        if taken_over is None:
            return Act(self.late(), Role.SUPERVISOR, action)
        return Act(slot(taken_over + DAY), Role.SENIOR, action)

    def result(self) -> Act | None:
        close, delivered = self.character.close, self.snapshot.visit.delivered_at is not None
        if close in APPEALS:
            return Act(self.days(3), Role.EMPLOYEE, Action.FILE_APPEAL)
        if close is Close.ACCEPT:
            return Act(self.days(1 + 2 * self.character.pace), Role.EMPLOYEE, Action.ACCEPT_RESULT)
        if delivered:
            return self.handed_in(Manner.NEVER, Action.ACCEPT_RESULT)
        if close is Close.ONLY_READ:
            return Act(self.days(2), Role.EMPLOYEE, Action.ACKNOWLEDGE_RESULT)
        at = slot((self.rung("hr_list") or self.begins + 10 * DAY) + DAY)
        return Act(
            at, Role.HR, Action.RECORD_DELIVERY, {"at": at.isoformat(), "proof": "Tanda terima bertanda tangan."}
        )

    def decision(self) -> Act:
        at, role, action = self.days(3), Role.APPEAL_AUTHORITY, Action.DECIDE_APPEAL
        if self.character.close is Close.APPEAL_CHANGED and self.character.on_appeal is not self.character.rated:
            decided = {"decision": Decision.CHANGED.value}
            return Act(at, role, action, changes=decided, rated=self.character.on_appeal)
        return Act(at, role, action, changes={"decision": Decision.STANDS.value})
