"""A policy pack: one regulation as data. Every figure of a rule stands in a pack, none in code.

A pack is written as a file (`models.pack_file`), validated here, and a cycle keeps its own frozen copy: a later edition of the pack
never reaches a running year by itself (decision 33).
"""

from __future__ import annotations

import calendar
import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Flow, Frozen
from models.competency import CompetencySpec
from models.distribution import DistributionSpec
from models.exchange import Exchange
from models.fairness import FairnessSpec
from models.fairness import misfits as misfits_of_fairness
from models.feedback import Feedback
from models.follow_ups import FollowUpRule
from models.follow_ups import misfits as misfits_of_follow_ups
from models.form_spec import Criterion, FormSpec, Name
from models.language import Bilingual as Bilingual
from models.later import LATER, without_later
from models.misfits import Misfit, Misfits
from models.nine_box import NineBoxSpec
from models.nine_box import misfits as misfits_of_nine_box
from models.on_request import OnRequest
from models.participation import Participation
from models.programme_spec import ProgrammeSpec
from models.publication import PublicationSpec
from models.rater_training import RaterTraining
from models.remarks import PublicInput
from models.scoring import ScoringSpec
from models.service import MinService
from models.vocabulary import Action, EngineAction, Form, Role, Silence, Stage, State
from models.ways import SILENCES
from models.worked import WorkedExample

BROUGHT_FORWARD = "brought_forward"
"""Of the notice table: no event of an appraisal's, but facts that moved around it (a calendar, days off): its step is due sooner."""
STAYS = f"{EngineAction.LAPSE}:stays"
"""Of the notice table: a decision was let pass that would be handed on, and there is nobody to whom."""
ACTS = {
    EngineAction.REACH_RUNG.value: ("remind", "overdue", "takeover", "hr_list"),
    EngineAction.LAPSE.value: ("", "stays"),
}
"""Of the notice table: what follows an event's name."""
WORDS = {"employee", "stage", "due", "link"}
"""What a notice may say."""


class Stages(Frozen):
    """Which stages this pack has; a stage that is off is never entered."""

    midyear_periods: Literal[0, 1, 2, 4, 12] = 1
    self_assessment: bool = True
    calibration: Literal["none", "label", "board", "label_and_board"] = "none"
    appeal: bool = True
    acting_plan: Annotated[bool, LATER] = False
    """Who acts in a vacant post (Plt) has a plan and an evaluation for it too, beside those of the own post."""


class YearDay(Frozen):
    """A day of the cycle's year: month and day, and how many years later (a rating is due in January of the next)."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    years_later: int = Field(default=0, ge=0, le=1)

    @model_validator(mode="after")
    def _exists_every_year(self) -> Self:
        if self.day > calendar.monthrange(2027, self.month)[1]:
            raise ValueError(f"there is no day {self.day} in month {self.month} of every year")
        return self

    @property
    def order(self) -> tuple[int, int, int]:
        return self.years_later, self.month, self.day


class WindowSpec(Frozen):
    """A window of the default calendar; each end is a local date and means that whole day."""

    opens: YearDay
    due: YearDay
    closes: YearDay

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.opens.order <= self.due.order <= self.closes.order:
            raise ValueError("a window opens, is due and closes in this order")
        return self


class Rung(Frozen):
    """One rung of a ladder: `days` working days after the due day (negative: before), and what happens then."""

    days: int
    act: Literal["remind", "overdue", "takeover", "hr_list"]

    @property
    def key(self) -> str:
        return f"{self.act}{self.days:+d}"


RECORDED_DAYS = 3
"""[design]"""


class Step(Frozen):
    """The clock of one state, and what silence means there.

    `due` = the later of the window's due day and `days` after the visit began; basis `visit` ignores the window, basis
    `delivery` counts from the proven delivery and ignores both.
    """

    basis: Literal["window", "visit", "delivery"]
    window: str | None = None
    """A key of the calendar; in midyear the period is added (`midyear.1`)."""
    days: int = Field(ge=0)
    day_kind: Literal["working", "calendar"] = "working"
    ladder: str | None = None
    silence: Silence
    undelivered_days: int | None = None
    """Working days after which an undelivered result goes on HR's list."""
    recorded_days: Annotated[int, LATER] = Field(default=RECORDED_DAYS, ge=0)
    """Working days that are hers at least from when a delivery was recorded that lay before that day."""


class Notice(Frozen):
    """Who is told what when an event happened: a row of the notice table."""

    on: str
    """An action or engine action; a rung is `reach_rung:<act>`; `lapse:stays`, in place of `lapse`; or `brought_forward`."""
    states: tuple[State, ...] = ()
    """Only where the event began in one of these; empty: wherever it began."""
    into: Annotated[tuple[State, ...], LATER] = ()
    """Only where it led to one of these; empty: wherever it led."""
    to: tuple[Role, ...] = Field(min_length=1)
    at_once: bool = False
    """It changes somebody's rights; everything else waits for the morning's digest."""
    text: str
    """Key into `[texts]`."""

    @model_validator(mode="after")
    def _on_something_that_happens(self) -> Self:
        head, _, act = self.on.partition(":")
        known = {*Action, *EngineAction, BROUGHT_FORWARD}
        if head not in known or act not in ACTS.get(head, ("",)):
            raise ValueError(f"nothing that is called {self.on!r} ever happens")
        return self


class NoticeText(Frozen):
    """Templates with `{employee}`, `{stage}`, `{due}`, `{link}`; never a score, never a comment."""

    subject: Bilingual
    body: Bilingual
    heading: Bilingual | None = None
    """What a morning's digest gathers notices of this kind under, with `{stage}`; without one each is told by its subject."""

    @model_validator(mode="after")
    def _says_only_what_it_may(self) -> Self:
        for said, words in ((self.subject, WORDS), (self.body, WORDS), (self.heading, {"stage"})):
            if unknown := (said.asks_for if said is not None else frozenset()) - words:
                raise ValueError(f"a notice may not say {', '.join(sorted(unknown))}")
        return self


class Jitter(Frozen):
    """How far timers of one legal instant are spread after it."""

    seconds: int = Field(default=900, ge=0, le=3600)


class CalendarRules(Frozen):
    """What moving a running calendar has to respect, and what is worth a warning before one opens."""

    minimum_notice_days: int = Field(default=0, ge=0, le=60)
    """Working days between today and the nearest end that a shortening may set."""
    opens_early_days_max: Annotated[int, LATER] = Field(default=31, ge=0, le=180)
    """Days before the cycle's year on which the first of its windows may open, so that plans can be prepared."""
    notices_per_person_max: float = Field(default=2, gt=0)
    """So many notices a day for each employee in scope are no reason for a warning."""


class PolicyPack(Frozen):
    """One regulation, whole. See `docs/policies.md` for how to write one."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    version: int = Field(ge=1)
    title: Bilingual
    source: str
    stages: Stages
    calendar: dict[str, WindowSpec]
    calendar_rules: CalendarRules = CalendarRules()
    ladders: dict[str, tuple[Rung, ...]]
    steps: dict[State, Step]
    rung_hour: int = Field(default=8, ge=0, le=23)
    """The local hour at which a rung is acted on."""
    jitter: Jitter = Jitter()
    stage_names: dict[Stage, Bilingual] = Field(default_factory=dict)
    criteria: dict[Name, tuple[Criterion, ...]] = Field(default_factory=dict)
    """Named lists of what everybody is judged by, that forms draw rows from (`criteria:behaviour`)."""
    forms: dict[Form, FormSpec]
    scoring: ScoringSpec
    competency: Annotated[CompetencySpec | None, LATER] = None
    """A second result of the same rating; it never touches the label."""
    distribution: Annotated[DistributionSpec | None, LATER] = None
    """Organisation labels and their patterns; absent in packs that know none."""
    fairness: Annotated[FairnessSpec | None, LATER] = None
    """Which ratings and raters are asked about."""
    on_request: Annotated[OnRequest | None, LATER] = None
    """Evaluations of some months outside the calendar; absent in packs that know none."""
    min_service: Annotated[MinService | None, LATER] = None
    """The least service in a year that is rated; absent in packs that rate however short it was."""
    participation: Annotated[Participation, LATER] = Participation()
    rater_training: Annotated[RaterTraining, LATER] = RaterTraining()
    feedback: Annotated[Feedback, LATER] = Feedback()
    public_input: Annotated[PublicInput, LATER] = PublicInput()
    publication: Annotated[PublicationSpec, LATER] = PublicationSpec()
    follow_ups: Annotated[tuple[FollowUpRule, ...], LATER] = ()
    """What a final result leads to, proposed for people to decide about."""
    programme: Annotated[ProgrammeSpec | None, LATER] = None
    """How an improvement programme runs; absent in packs that know none."""
    nine_box: Annotated[NineBoxSpec | None, LATER] = None
    """How talents are found; absent in packs that look for none."""
    exchange: Annotated[Exchange | None, LATER] = None
    """What of a result is told to other systems; absent in packs whose results nobody outside takes."""
    examples: Annotated[tuple[WorkedExample, ...], LATER] = ()
    """Ratings and what they come to, by which the pack is checked and a rehearsed year is rated."""
    notices: tuple[Notice, ...] = ()
    texts: dict[str, NoticeText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := tuple(self._misfits()):
            raise Misfits(found)
        return self

    def _misfits(self) -> Iterator[Misfit]:
        """Everything in this pack that does not fit something else in it."""
        yield from self._misfits_of_steps()
        yield from self._misfits_of_forms()
        if self.stages.calibration in ("label", "label_and_board") and self.distribution is None:
            yield Misfit(
                ("stages", "calibration"),
                "the result waits for the organisation's label, but the pack has no [distribution]",
            )
        if self.fairness is not None:
            yield from misfits_of_fairness(self.fairness, self.scoring)
        rating = self.forms.get(Form.RATING)
        yield from misfits_of_follow_ups(
            self.follow_ups,
            self.scoring,
            rating,
            self.competency,
            self.criteria,
            programmes=self.programme is not None,
        )
        if self.nine_box is not None:
            yield from misfits_of_nine_box(self.nine_box, self.scoring, rating, self.competency)
        yield from self._misfits_of_calendar()
        yield from self._misfits_of_notices()

    def _misfits_of_steps(self) -> Iterator[Misfit]:
        for state in self.waiting_states:
            if state not in self.steps:
                yield Misfit(("steps", state.value), f"{state.value} waits, but the pack has no step for it")
        for state, step in self.steps.items():
            if step.ladder is not None and step.ladder not in self.ladders:
                yield Misfit(
                    ("steps", state.value, "ladder"),
                    f"step {state.value} names the ladder {step.ladder!r}, which the pack does not have",
                )
            if step.silence not in SILENCES.get(state, ()):
                said = f"silence in {state.value} cannot mean {step.silence.value}"
                yield Misfit(("steps", state.value, "silence"), said)
            for key in self.window_keys(state):
                if key not in self.calendar:
                    yield Misfit(
                        ("steps", state.value, "window"),
                        f"step {state.value} needs the window {key!r}, which the calendar does not have",
                    )

    def _misfits_of_forms(self) -> Iterator[Misfit]:
        for form in self.needed_forms:
            if form not in self.forms:
                yield Misfit(("forms",), f"the pack has no form {form.value!r}")
        if Form.PLAN in self.forms and self.forms[Form.PLAN].results is None:
            yield Misfit(("forms", "plan"), "the plan has no rows that are its results")
        for form, spec in self.forms.items():
            for source in sorted(spec.sources):
                if source.startswith("criteria:") and not self.criteria.get(source.partition(":")[2]):
                    said = f"the form {form.value!r} draws from {source!r}, which the pack does not have"
                    yield Misfit(("forms", form.value), said)
        if self.competency is not None and not self.criteria.get(self.competency.criteria):
            said = f"the competencies are the criteria {self.competency.criteria!r}, which the pack does not have"
            yield Misfit(("competency", "criteria"), said)
        for name, criteria in self.criteria.items():
            ids = [criterion.id for criterion in criteria]
            for twice in sorted({one for one in ids if ids.count(one) > 1}):
                said = f"two criteria of {name!r} have the same id {twice!r}"
                yield Misfit(("criteria", name, len(ids) - 1 - ids[::-1].index(twice)), said)

    def _misfits_of_calendar(self) -> Iterator[Misfit]:
        stages = self.stages
        needed = {"rating", *(f"midyear.{k}" for k in range(1, stages.midyear_periods + 1))}
        for key in sorted(needed | ({"self_assessment"} if stages.self_assessment else set())):
            if key not in self.calendar:
                said = f"the order of the year needs the window {key!r}, which the calendar does not have"
                yield Misfit(("calendar",), said)

    def _misfits_of_notices(self) -> Iterator[Misfit]:
        for place, notice in enumerate(self.notices):
            if notice.text not in self.texts:
                said = f"the notice on {notice.on!r} names the text {notice.text!r}, which the pack does not have"
                yield Misfit(("notices", place), said)
        for key in sorted(self.texts.keys() - {notice.text for notice in self.notices}):
            yield Misfit(("texts", key), f"no notice uses the text {key}")

    @cached_property
    def digest(self) -> str:
        """The same for the same rules, however the pack was stored."""
        stored = without_later(self)
        if self.distribution is None:  # it came with the head's result, which is named in packs without a label too
            stored["scoring"].pop("head_result", None)
        canonical = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def waiting_states(self) -> tuple[State, ...]:
        """The states of this pack that wait on somebody, in the order of a year."""
        stages = self.stages
        present = {
            Stage.PLAN: True,
            Stage.MIDYEAR: stages.midyear_periods > 0,
            Stage.SELF_ASSESSMENT: stages.self_assessment,
            Stage.RATING: True,
            Stage.APPEAL: stages.appeal,
            State.CALIBRATION_WAITING: stages.calibration in ("label", "label_and_board"),
            State.CALIBRATION_REVIEWING: stages.calibration in ("board", "label_and_board"),
            State.FINALISATION_RUNNING: True,
        }
        return tuple(state for state in State if present.get(state, present.get(state.stage, False)))

    @property
    def needed_forms(self) -> tuple[Form, ...]:
        """The forms that this pack's stages are worked with."""
        needed = [Form.PLAN, Form.RATING]
        if self.stages.midyear_periods:
            needed.append(Form.MIDYEAR)
        if self.stages.self_assessment:
            needed.append(Form.SELF_ASSESSMENT)
        if self.stages.appeal:
            needed += [Form.APPEAL, Form.ANSWER, Form.DECISION]
        return tuple(needed)

    def notices_on(self, event: str, state: State | None, into: State | None = None) -> tuple[Notice, ...]:
        """The rows of the notice table for an event (`reach_rung:remind`) that began in `state` and led to `into`."""
        of_event = (notice for notice in self.notices if notice.on == event)
        return tuple(n for n in of_event if (not n.states or state in n.states) and (not n.into or into in n.into))

    def window_keys(self, state: State) -> tuple[str, ...]:
        """The calendar keys a state's step may look up."""
        step = self.steps[state]
        if step.window is None:
            return ()
        if state.stage is Stage.MIDYEAR:
            return tuple(f"{step.window}.{k}" for k in range(1, self.stages.midyear_periods + 1))
        return (step.window,)

    def flow(self, *, last_segment: bool = True) -> Flow:
        """The part of this pack that a running appraisal carries with it."""
        return Flow(
            periods=self.stages.midyear_periods,
            self_assessment=self.stages.self_assessment,
            needs_label=self.stages.calibration in ("label", "label_and_board"),
            board=self.stages.calibration in ("board", "label_and_board"),
            appeal=self.stages.appeal,
            last_segment=last_segment,
            silence={state: step.silence for state, step in self.steps.items()},
        )

    def flow_on_request(self) -> Flow:
        """The same of an evaluation on request. Raises `ValueError` where this pack knows none."""
        if self.on_request is None:
            raise ValueError("this pack knows no evaluation on request")
        year, asked = self.flow(), self.on_request
        return year.model_copy(
            update={
                "periods": 0,
                "self_assessment": year.self_assessment and asked.self_assessment,
                "needs_label": False,
                "board": year.board and asked.board,
                "appeal": year.appeal and asked.appeal,
            }
        )
