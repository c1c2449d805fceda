"""The structures one appraisal is made of: snapshot, command, event, receipt, timing.

They travel through the engine and stand in the database, so every field has a default or a version behind it, and none ever
carries a name, a text, a rating or a label: ids, hashes, states and instants only. All instants are aware and in UTC.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.vocabulary import Action, Decision, Ending, EngineAction, Exit, Form, Role, Silence, StandIn, State

SNAPSHOT_SCHEMA = 1
ENGINE_ACTOR = "engine"

AnyAction = Action | EngineAction


class Frozen(BaseModel):
    """An immutable structure that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FormRef(Frozen):
    """An immutable copy of a form as it was sent; `sha256` is salted, so the text may be erased and the trail still verifies."""

    form: Form
    period: int | None = None
    copy_id: str
    sha256: str
    version: int

    @property
    def slot(self) -> str:
        return form_slot(self.form, self.period)


def form_slot(form: Form, period: int | None) -> str:
    """The name a form goes by inside one revision: `plan`, `midyear.2`."""
    return form.value if period is None else f"{form.value}.{period}"


class TextRef(Frozen):
    """A stored sentence (a comment, a reason), by id and salted hash."""

    id: str
    sha256: str


class Flow(Frozen):
    """The part of the policy that decides the order of a year, frozen when the year began."""

    periods: int = 1
    self_assessment: bool = True
    needs_label: bool = False
    board: bool = False
    appeal: bool = True
    last_segment: bool = True
    silence: dict[State, Silence] = Field(default_factory=dict)


class Given(Frozen):
    """What a step had of days when it was left, which it has again when it is come to again."""

    since: datetime
    """When its first visit began: from then on the window's own days were hers."""
    sent_at: datetime
    pauses: tuple[tuple[datetime, datetime], ...] | None = None
    """What had paused the year by then, and moved what it was extended to; None in rows of before it was kept."""
    taken_over: bool = False
    """It was given in another's place, who may mend what he gave where it is sent back."""
    for_form: bool = False
    """It was left for its form to be mended, and is come to again with that form; else with what was sent from it, sent back."""
    period: int | None = None
    extended_to: datetime | None = None
    extended_at: datetime | None = None


class Visit(Frozen):
    """One stay in one step: a form returned by another begins a new one, so it gets its own days; a recall goes on in the one before."""

    no: int = 0
    entered_at: datetime | None = None
    returned: bool = False
    rungs: tuple[str, ...] = ()
    """Keys of the rungs already reached; each fires once per deadline: in a visit, and anew after it was extended."""
    reached: dict[str, datetime] = Field(default_factory=dict)
    """The legal instant of each of them; of those that were reached before this was kept, none."""
    takeover: bool = False
    """The next in line may act too."""
    lapsed: bool = False
    lapsed_at: datetime | None = None
    extended_to: datetime | None = None
    """By HR, or because its delivery was recorded late."""
    extended_at: datetime | None = None
    """When it was extended last; of the new deadline no rung is of before."""
    delivered_at: datetime | None = None
    """Proven delivery of the result; counts in `appeal.open` only."""
    level: int = 0
    """How often this step was handed to the next authority."""
    let_pass: tuple[str, ...] = ()
    """Who let it pass each time; the empty id where nobody was there. What was handed on before this was kept is in `level` alone."""
    shifted: timedelta = timedelta(0)
    """How long the appraisal was suspended during this visit; every moment moves by it."""
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    """From when until when that was, in this visit and in those before; it moves what it lies in, and of a result that was delivered
    only what comes after the delivery."""
    kept: Given | None = None
    """Of a step that was come to again."""
    before: Visit | None = None
    """Of a review: the visit its form was sent from, which a recall goes on in; None of forms sent before it was kept."""
    review_taken_over: bool = False
    """The review that its form came back from had come to the senior supervisor too, and so does the next."""

    @property
    def came_at(self) -> datetime | None:
        """Since when the window's own days are hers: its entry, or that of the first visit whose days it keeps."""
        return self.entered_at if self.kept is None else self.kept.since


class Suspension(Frozen):
    since: datetime
    reason: TextRef | None = None
    leave: bool = False
    """It is a leave of hers, and ends with it."""
    from_first_day: bool = False
    """All of it counts that no pause has counted yet, also what lies before the visit, for the step that keeps days of then."""


class Receipt(Frozen):
    """What an accepted act is answered with, however often its key is used again."""

    action: Action
    state: State
    version: int
    event_seq: int
    fingerprint: str
    """Hash of action, actor and body: the same key with another one is `key_reused`."""


class Service(Frozen):
    """How much of a year somebody served, and how much the pack asks for."""

    served: int
    needed: int
    unit: Literal["months", "days"]


class Snapshot(Frozen):
    """Everything the engine knows of one appraisal; the fold of its events (`folding.evolve`)."""

    schema_version: int = SNAPSHOT_SCHEMA
    appraisal_id: str
    revision: int = 1
    incarnation: int = 0
    subject: str
    """The employee's opaque id, never the NIP."""
    acting_for: str | None = None
    """Whose post it is about, where the employee acts in it beside her own (Plt); None where it is about her own."""
    flow: Flow
    state: State = State.PLAN_DRAFTING
    period: int | None = None
    version: int = 0
    """Moves when state, form, period, suspension or revision changes; what `If-Match` is held against."""
    seq: int = 0
    last_hash: str = ""
    visit: Visit = Visit()
    periods_done: int = 0
    forms: dict[str, FormRef] = Field(default_factory=dict)
    """What was last submitted, by slot."""
    plan_in_force: FormRef | None = None
    plan_before: FormRef | None = None
    """The plan that an approval replaced; comes back into force when that approval is undone."""
    scored_copy: str | None = None
    """The form copy the outcome rests on; another rating copy means: score again."""
    outcome_id: str | None = None
    approver: str | None = None
    approved: Form | None = None
    """Who approved which form last; may still return it until the next person acts."""
    approved_for: str | None = None
    approved_as: Role | None = None
    """In whose name, and in which role: where that is the role he holds himself, a delegate approved it, and he may return it too."""
    suspended: Suspension | None = None
    rated_by: str | None = None
    """Who really gave the rating; never decides an objection against it."""
    defenders: tuple[str, ...] = ()
    """On whose behalf it was given, and who answered for it: they never decide either."""
    rated_under: str | None = None
    """To whom she was reassigned when it was given; None where the line held, and in trails of before it was kept."""
    appealed: bool = False
    """An objection against the rating that stands was filed, and not withdrawn."""
    supervisor_override: str | None = None
    disputed: bool = False
    disputed_supervisor: str | None = None
    """Whose post her supervisor was in when she disputed (`Parties.superior`); None in trails of before it was kept."""
    ending: Ending | None = None
    archived: bool = False
    asked_until: date | None = None
    """The last of the days that HR asked an evaluation of, outside the calendar (decision 32); None where it is about a year."""
    since: date | None = None
    """The first day of this segment. What happened to the person before it has no bearing here."""
    until: date | None = None
    """The last day of a segment that was closed, or of who left: who is who is asked for that day from then on."""
    exit: Exit | None = None
    given: dict[State, Given] = Field(default_factory=dict)
    """By the step that was left and may be come to again: what was sent from it may be sent back, or its form comes again."""
    leaves: tuple[date, ...] = ()
    """The first days of the leaves that have begun here; each pauses once, or prolongs the pause of the one before."""
    label: int | None = None
    """The number of the organisation label that the outcome rests on; None until one was received."""
    service: Service | None = None
    """Why there is no rating, where she served too little of the year."""
    policy: int | None = None
    """The version of the pack that the last event was made by; None of the one that the cycle began with."""
    receipts: dict[str, Receipt] = Field(default_factory=dict)
    """By the hash of the idempotency key, for every human act of this revision."""

    @property
    def finished(self) -> bool:
        return self.state is State.FINALISATION_DONE and self.archived

    def disputes(self, superior: str | None) -> bool:
        """Whether a dispute stands, her supervisor now being in that post: another line than was disputed settles it."""
        return self.disputed and self.disputed_supervisor in (None, superior)


class Moved(Frozen):
    """Of the end of a leave: when what a visit has reached comes by the days that the leave gives back."""

    rungs: dict[str, datetime] = Field(default_factory=dict)
    lapses_at: datetime | None = None


class Moment(Frozen):
    """Something that happens by itself: legally at `at`, in fact at `wake` (a stable jitter later)."""

    action: EngineAction
    key: str = ""
    """Which rung (`remind-7`), which window (`midyear.1`), which organisation label (its number)."""
    at: datetime
    wake: datetime
    day: date | None = None
    """The local day of a personnel decision: the first of the new, of the leave, after the leave."""
    exit: Exit | None = None
    holder: str | None = None
    """Of a lapse that hands a decision on: who will have let it pass, empty where nobody holds it."""
    moved: Moved | None = None
    """Of the end of a leave, where days run out in this visit."""
    moved_before: Moved | None = None
    """And in the visit that a recall goes on in."""
    from_first_day: bool | None = None
    """Of a leave that begins: it counts from its first day, but for what was paused; None in histories of before it did."""
    service: Service | None = None
    """Of a year that ends without a rating."""


class Timing(Frozen):
    """What `models.timetable` found for one visit under one revision of the facts."""

    facts_revision: int
    visit: int
    opens_at: datetime | None = None
    due_at: datetime | None = None
    lapses_at: datetime | None = None
    before_lapses_at: datetime | None = None
    """Of a review: when the visit lapses that a recall goes on in."""
    policy: int | None = None
    """The version of the pack that says so; None of the one that the cycle began with."""
    moments: tuple[Moment, ...] = ()
    """In the order of `wake`."""


class Bounds(Frozen):
    """The instants an act was judged by at the door; the newer of these and the engine's own count."""

    facts_revision: int
    visit: int
    opens_at: datetime | None = None
    due_at: datetime | None = None
    lapses_at: datetime | None = None
    before_lapses_at: datetime | None = None
    policy: int | None = None
    closes_at: datetime | None = None
    """When the opening of the next window ends this step, whatever is due in it."""

    @classmethod
    def of(cls, timing: Timing) -> Bounds:
        closing = (moment.at for moment in timing.moments if moment.action is EngineAction.CLOSE_PERIOD)
        return cls(**timing.model_dump(exclude={"moments"}), closes_at=next(closing, None))


class Command(Frozen):
    """One wish of one actor. `role` was resolved by the rows of today; the lifecycle only checks that this role may."""

    action: AnyAction
    role: Role
    actor: str
    on_behalf_of: str | None = None
    standing: StandIn | None = None
    """In which standing this right is somebody's, where the post is not his own."""
    post_of: str | None = None
    """Whose post it is."""
    key_hash: str = ""
    fingerprint: str = ""
    form: FormRef | None = None
    keeps_visit: bool | None = None
    """Of a form sent for review: a recall goes on in the visit it is sent from; None in histories of before it did."""
    keeps_days: bool | None = None
    """Of a form sent back: what its step had of days holds as well; None in histories of before it did."""
    keeps_takeover: bool | None = None
    """Of a form sent back: who gave it, or sends it back, in another's place has it again; False where a new supervisor is named."""
    keeps_own_days: bool | None = None
    """Of a form sent or taken back: the step that it leaves has its days again; None in histories of before it had."""
    comment: TextRef | None = None
    expected_version: int | None = None
    bounds: Bounds | None = None
    effective_at: datetime | None = None
    """The legal instant, where it differs from the one the engine acted at."""
    rung: str | None = None
    decision: Decision | None = None
    due_at: datetime | None = None
    delivered_at: datetime | None = None
    supervisor: str | None = None
    """To whom she is reassigned, or whose post she disputes (`Parties.superior`)."""
    to: State | None = None
    authority: TextRef | None = None
    outcome_id: str | None = None
    label: int | None = None
    same_result: bool | None = None
    """Of a label received: the outcome explains itself anew and the person's own label stays what it was."""
    incarnation: int | None = None
    day: date | None = None
    exit: Exit | None = None
    holder: str | None = None
    moved: Moved | None = None
    moved_before: Moved | None = None
    from_first_day: bool | None = None
    service: Service | None = None

    @classmethod
    def of_engine(
        cls,
        action: EngineAction,
        *,
        outcome_id: str | None = None,
        label: int | None = None,
        same_result: bool | None = None,
        incarnation: int | None = None,
    ) -> Command:
        """A move of the engine's own."""
        return cls(
            action=action,
            role=Role.ENGINE,
            actor=ENGINE_ACTOR,
            outcome_id=outcome_id,
            label=label,
            same_result=same_result,
            incarnation=incarnation,
        )

    @classmethod
    def of_moment(cls, moment: Moment) -> Command:
        """What the engine wishes when this moment came."""
        return cls(
            action=moment.action,
            role=Role.ENGINE,
            actor=ENGINE_ACTOR,
            rung=moment.key if moment.action is EngineAction.REACH_RUNG else None,
            effective_at=moment.at,
            day=moment.day,
            exit=moment.exit,
            holder=moment.holder,
            moved=moment.moved,
            moved_before=moment.moved_before,
            from_first_day=moment.from_first_day,
            service=moment.service,
        )


class EventData(Frozen):
    """What an event needs beyond its head so that folding the events gives the snapshot."""

    form: FormRef | None = None
    keeps_visit: bool | None = None
    """Of a form sent for review: a recall goes on in the visit it was sent from; None in trails of before it did."""
    keeps_days: bool | None = None
    """Of a form sent back: what its step had of days holds as well; None in trails of before it did."""
    keeps_takeover: bool | None = None
    """Of a form sent back: who gave it, or sent it back, in another's place has it again; False where a new supervisor was named."""
    keeps_own_days: bool | None = None
    """Of a form sent or taken back: the step that it leaves has its days again; None in trails of before it had."""
    key_hash: str | None = None
    fingerprint: str | None = None
    late: bool | None = None
    takeover: bool | None = None
    rung: str | None = None
    decision: Decision | None = None
    due_at: datetime | None = None
    delivered_at: datetime | None = None
    supervisor: str | None = None
    authority: TextRef | None = None
    outcome_id: str | None = None
    label: int | None = None
    same_result: bool | None = None
    ending: Ending | None = None
    flow: Flow | None = None
    subject: str | None = None
    acting_for: str | None = None
    incarnation: int | None = None
    day: date | None = None
    """The local day the event takes effect on, where it speaks of a person's service; of `open` the segment's first."""
    until: date | None = None
    """Of `open`: the last of the days that an evaluation was asked of; its `form` is the plan that they were worked by."""
    exit: Exit | None = None
    standing: StandIn | None = None
    """Of an act by a substitute: as what he stands in the post, or whoever he acts for does."""
    post_of: str | None = None
    """The holder of that post, where it is somebody's of the roster."""
    holder: str | None = None
    """Who let a decision pass that was handed on; empty where nobody held it, None in trails of before it was kept."""
    moved: Moved | None = None
    """Of the end of a leave: when what was reached comes by its days, in working days; None in trails of before it was kept."""
    moved_before: Moved | None = None
    """The same of the visit that a recall goes on in."""
    from_first_day: bool | None = None
    """Of a leave that begins: it counts from its first day, but for what was paused before; None in trails of before it did."""
    service: Service | None = None
    """Of a year that ended without a rating: how much of it was served."""
    policy: int | None = None
    """By which version of the pack, where it was corrected in the running cycle; None of the one that the cycle began with."""


class Event(Frozen):
    """One link of the trail. `hash` covers every other field; `previous_hash` is the link before."""

    appraisal_id: str
    revision: int
    seq: int
    at: datetime
    effective_at: datetime
    action: AnyAction
    actor: str
    on_behalf_of: str | None = None
    role: Role
    from_state: State | None
    to_state: State
    period: int | None = None
    version: int
    comment: TextRef | None = None
    data: EventData = EventData()
    previous_hash: str
    hash: str = ""


class AppraisalInput(Frozen):
    """What a run of the appraisal's workflow starts from: its snapshot, or the one before it continued as new."""

    snapshot: Snapshot
    timing: Timing | None = None
    restoring: bool = False
    """The snapshot is the row's, and this run takes over from one that is gone."""
    reopening: bool = False
    """The snapshot is of a finished year, and the first act of this run will be `reopen`."""


class RecordInput(Frozen):
    """Events for `record` to write, in order; `at` is the workflow's time."""

    appraisal_id: str
    revision: int
    incarnation: int
    events: tuple[Event, ...]


class ParkInput(Frozen):
    """Why a workflow cannot go on without a person."""

    appraisal_id: str
    why: str


class ConsultInput(Frozen):
    """`at` is the workflow's time; None in histories of before it was told."""

    appraisal_id: str
    revision: int
    at: datetime | None = None


class ScoreInput(Frozen):
    """`copy_id` is the rating form's copy, or the decision's where an appeal changed the rating."""

    appraisal_id: str
    revision: int
    copy_id: str
    at: datetime
    label: int | None = None
    """The number of the organisation label that was received; None before there was one."""
    before: str | None = None
    """The outcome up to now, to hold the new one against."""


class LabelScore(Frozen):
    """What a rating comes to under the organisation label that holds now; without a `label` none is known yet."""

    outcome_id: str
    label: int | None = None
    same_result: bool = False
    """Whether the person's own label is what it was in the outcome before."""


class ArchiveInput(Frozen):
    appraisal_id: str
    revision: int
    at: datetime
