"""What the document says of an appraisal: as a line of a list, whole with its route and outcome, and the links of its trail."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AwareDatetime, Field
from sqlalchemy import RowMapping

from api.exact import Exact
from api.named import UnitRef
from api.paging import Page
from api.people_shown import PersonShown
from models.appraisal import EventData
from models.vocabulary import (
    Action,
    Ending,
    EngineAction,
    FormStatus,
    JobLevel,
    Label,
    Launch,
    OrganisationLabel,
    Role,
    Stage,
    StandIn,
    State,
)

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Points = Annotated[Decimal, Field(description="An exact decimal number, as text.")]


class WaitingShown(Exact):
    """Whose turn it is; `person` where it is exactly one. Where the organisation's label is missing, `unit` is the one to be labelled."""

    role: Role
    person: PersonShown | MISSING = MISSING
    unit: UnitRef | MISSING = MISSING


class OnRequestShown(Exact):
    """The days that HR asked an evaluation of, outside the calendar: whole months, and by which document."""

    start: Annotated[date, Field(alias="from")]
    until: date
    months: int
    document: str


class AppraisalShown(Exact):
    """An appraisal in a list; `cycle` is its id."""

    id: UUID
    cycle: UUID
    employee: PersonShown
    launch: Launch
    launch_problem: str | None
    on_request: OnRequestShown | None
    segment: int
    state: State | None
    period: int | None
    revision: int
    version: int
    suspended: bool
    ending: Ending | None
    waiting_on: WaitingShown | None
    due_at: AwareDatetime | None
    overdue: bool


class CycleRef(Exact):
    """The cycle of an appraisal."""

    id: UUID
    name: str
    year: int
    policy: str


class SuspendedShown(Exact):
    """Since when and why an appraisal stands still."""

    since: AwareDatetime
    reason: str | None


class FormStanding(Exact):
    """Where a form that was sent stands."""

    status: FormStatus
    version: int


class OutcomeLineShown(Exact):
    """One step of the way to the label; `why` is a sentence in the caller's language."""

    what: str
    value: str
    weight: Points | MISSING = MISSING
    points: Points | MISSING = MISSING
    why: str


class CreditShown(Exact):
    """Credit points (angka kredit) with all they were computed from."""

    level: JobLevel
    coefficient: Points
    percentage: Points
    months: int
    points: Points
    elsewhere: list[int]
    """Months of the year, 1 to 12, that it is about and another appraisal credits."""


class CompetencyLineShown(Exact):
    """One competency against the level her post needs; `gap` is 0 where it is reached."""

    id: str
    title: str
    achieved: int
    required: int
    gap: int
    why: str


class SuggestionShown(Exact):
    """A course of the catalogue, the competency it is suggested for, and why."""

    id: str
    title: str
    hours: int
    builds: str
    why: str


class CompetencyShown(Exact):
    """A result of its own beside the label: `percent` of the required levels, strong above them, to develop below, the widest gap first."""

    percent: Points
    verdict: str
    why: str
    lines: list[CompetencyLineShown]
    strengths: list[str]
    to_develop: list[str]
    training: list[SuggestionShown]


class OutcomeShown(Exact):
    """What the rating came to, by which version of the policy; `provisional` until the year has ended."""

    label: Label
    method: str
    provisional: bool
    policy_version: int
    lines: list[OutcomeLineShown]
    credit: CreditShown | MISSING = MISSING
    competency: CompetencyShown | MISSING = MISSING


class SegmentShown(Exact):
    """One part of a year that was spent in more than one post; `since` and `until` are its days, null at the year's own ends."""

    id: UUID
    segment: int
    unit: Annotated[str, Field(description="The unit's name.")]
    launch: Launch
    state: State | None
    ending: Ending | None
    since: date | None
    until: date | None


class FileShown(Exact):
    """A file that was handed in; `media_type` is by its content, `sha256` of all of it."""

    name: str
    media_type: str
    bytes: int
    sha256: Hash


class ElsewhereShown(Exact):
    """A part of the year that was served in another agency, as HR recorded it by that agency's document.

    `file` is that document itself, where HR handed it in.
    """

    start: Annotated[date, Field(alias="from")]
    until: date
    agency: str
    result: Label
    document: str
    file: FileShown | None


class OrganisationLabelShown(Exact):
    """The organisation's label that holds for her, and of which unit it is."""

    label: OrganisationLabel
    number: int
    set_at: AwareDatetime
    unit: UnitRef


class CriteriaShown(Exact):
    """By which edition of the policy she is judged, whether she has to acknowledge its criteria before her plan, and when she did."""

    policy_version: int
    digest: Hash
    needed: bool
    acknowledged_at: AwareDatetime | None


class RaterShown(Exact):
    """Who rated, or is to, in a pack that asks for trained raters: whether he was on the day of the rating, or is today, and until when."""

    person: PersonShown
    trained: bool
    until: date | None


class RouteStopShown(Exact):
    """One stage of this year; `waiting_on` stands at the current one, `done_at` where one that is done was really passed.

    `not_reviewed` is a period whose report was sent and whose review the next period closed.
    """

    stage: Stage
    period: int | None
    opens_at: AwareDatetime | None
    due_at: AwareDatetime | None
    status: Literal["done", "not_reviewed", "current", "coming"]
    waiting_on: WaitingShown | MISSING | None = MISSING
    done_at: AwareDatetime | MISSING = MISSING


def on_request_shown(row: RowMapping) -> dict[str, object] | None:
    """What `OnRequestShown` says of an appraisal's row; None of a year."""
    if row["asked_from"] is None:
        return None
    days = {"from": row["asked_from"].isoformat(), "until": row["asked_until"].isoformat()}
    months = row["asked_until"].month - row["asked_from"].month + 1
    return {**days, "months": months, "document": row["asked_document"]}


class AppraisalOut(Exact):
    """One appraisal as this caller may see it: `actions` is what she may do now, `forms` are those that were sent, by slot.

    `state` and `criteria` are null until the year was launched; `outcome` is null also where it is not open to the caller. `acting_for`
    is whose vacant post it is about, where the employee acts in it (Plt) beside her own. `on_request` says which months it is about, where
    it is no year but an evaluation outside the calendar.
    """

    id: UUID
    cycle: CycleRef
    employee: PersonShown
    supervisor: PersonShown | None
    senior_supervisor: PersonShown | None
    acting_for: PersonShown | None
    on_request: OnRequestShown | None
    segment: int
    segments: list[SegmentShown]
    period: int | None
    revision: int
    state: State | None
    launch: Launch
    version: int
    suspended: SuspendedShown | None
    ending: Ending | None
    why_not_rated: str | None
    """A sentence in the caller's language, where it ended without a rating."""
    elsewhere: list[ElsewhereShown]
    waiting_on: WaitingShown | None
    due_at: AwareDatetime | None
    lapses_at: AwareDatetime | None
    opens_at: AwareDatetime | None
    overdue: bool
    actions: list[Action]
    forms: dict[str, FormStanding]
    outcome: OutcomeShown | None
    organisation_label: OrganisationLabelShown | None
    criteria: CriteriaShown | None
    rater: RaterShown | MISSING = MISSING
    route: list[RouteStopShown]


class EventShown(Exact):
    """What a link of either trail has; `actor` is a name for what is no person. Each hash covers its event and the link before."""

    seq: int
    at: AwareDatetime
    effective_at: AwareDatetime
    actor: PersonShown | str
    on_behalf_of: PersonShown | None
    role: Role
    comment: str | None
    hash: Hash
    previous_hash: Hash
    position: Annotated[
        str,
        Field(
            description="How far both trails are told with this one: its own, the cycle's.", pattern=r"^[0-9]+\.[0-9]+$"
        ),
    ]


class AppraisalEventShown(EventShown):
    """A link of the appraisal's own trail."""

    source: Literal["appraisal"]
    action: Action | EngineAction
    standing: StandIn | None
    """How the actor acted in a post that is not his; `post_of` is its holder, where there is one."""
    post_of: PersonShown | None
    from_state: Annotated[State | None, Field(alias="from")]
    to_state: Annotated[State, Field(alias="to")]
    period: int | None
    revision: int
    data: EventData


class CycleEventShown(EventShown):
    """A link of the cycle's trail: what happened to everybody's calendar, roster or roles."""

    source: Literal["cycle"]
    action: Annotated[str, Field(pattern="^[a-z_]+$")]
    from_state: Annotated[None, Field(alias="from")]
    to_state: Annotated[None, Field(alias="to")]
    data: dict[str, object]


class TrailsOut(Page[Annotated[AppraisalEventShown | CycleEventShown, Field(discriminator="source")]]):
    """One page of both trails, in the order of time."""
