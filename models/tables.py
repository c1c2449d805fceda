"""The tables: what is kept, one class a table.

Only `activities.record` writes an appraisal's state, its events and its outbox. Instants are `timestamptz` in UTC, ids are opaque
UUIDs kept as text, what the law may have to erase stands apart from what the trail hashes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Column, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

Json = dict[str, object]


def _instant(*, nullable: bool = True) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def _json(*, nullable: bool = False) -> Column[object]:
    return Column(JSONB(none_as_null=True), nullable=nullable)


# ── people ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class UnitRow(SQLModel, table=True):
    """An organisational unit (unor)."""

    __tablename__: ClassVar[str] = "unit"

    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    name: str
    parent_id: str | None = Field(default=None, foreign_key="unit.id", index=True)


class PersonRow(SQLModel, table=True):
    """A civil servant as of today: what the last roster says, in the place of the last transfer whose day has come."""

    __tablename__: ClassVar[str] = "person"

    id: str = Field(primary_key=True)
    nip: str = Field(unique=True)
    name: str
    post: str
    level: str
    kind: str
    unit_id: str = Field(foreign_key="unit.id", index=True)
    grade: str | None = None
    family: str | None = None
    email: str | None = None
    work_week: int = 5
    zone: str = "WIB"
    since: date | None = None
    active: bool = True


class TenureRow(SQLModel, table=True):
    """Who supervises whom, from a day until a day; `outside` means rated by somebody outside the roster."""

    __tablename__: ClassVar[str] = "tenure"
    __table_args__ = (Index("tenure_who_reports_to", "supervisor_id", "valid_until"),)

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    valid_from: date = Field(primary_key=True)
    valid_until: date | None = None
    supervisor_id: str | None = Field(default=None, foreign_key="person.id")
    outside: bool = False


class ActingRow(SQLModel, table=True):
    """Plt/Plh: somebody acts for the holder of a post, from a day until a day."""

    __tablename__: ClassVar[str] = "acting"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    acting_for: str = Field(primary_key=True, foreign_key="person.id", index=True)
    kind: str = "plt"
    valid_from: date = Field(primary_key=True)
    valid_until: date | None = None


class GrantRow(SQLModel, table=True):
    """An extra role of a person (`peran`)."""

    __tablename__: ClassVar[str] = "role_grant"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    role: str = Field(primary_key=True, index=True)


class DelegationRow(SQLModel, table=True):
    """Somebody lets another act in his place, from a day until a day; in force once accepted, and only then."""

    __tablename__: ClassVar[str] = "delegation"

    id: str = Field(primary_key=True)
    principal_id: str = Field(foreign_key="person.id", index=True)
    delegate_id: str = Field(foreign_key="person.id", index=True)
    valid_from: date
    valid_until: date
    reason: str
    state: str = "offered"
    """`offered`, `accepted`, `declined` or `ended`; past `valid_until` it is over whatever its state."""
    created_by: str
    created_at: datetime = Field(sa_column=_instant(nullable=False))
    answered_at: datetime | None = Field(default=None, sa_column=_instant())


class PersonnelChangeRow(SQLModel, table=True):
    """A personnel decision that reaches running years: a transfer, a leave, an exit."""

    __tablename__: ClassVar[str] = "personnel_change"
    __table_args__ = (Index("personnel_change_to_come", "effective", postgresql_where=text("standing = 'coming'")),)

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str
    effective: date
    """The first day of the new (TMT), or the first day of a leave."""
    until: date | None = None
    """The last day of a leave."""
    why: str | None = None
    """Of an exit: `die`, `retire`, `resign`, `dismiss`."""
    reason: str | None = None
    actor: str
    at: datetime = Field(sa_column=_instant(nullable=False))
    post: str | None = None
    """Of a transfer, like those below: the new place, as far as it is said."""
    level: str | None = None
    employee_kind: str | None = None
    unit_id: str | None = Field(default=None, foreign_key="unit.id")
    zone: str | None = None
    work_week: int | None = None
    before: Json | None = Field(default=None, sa_column=_json(nullable=True))
    """The place that it ended, under the person's column names."""
    standing: str | None = None
    """`coming` until the person's row was moved by it; `taken_back` by a later decision; null holds."""


class AgencyDayRow(SQLModel, table=True):
    """A day on which this agency differs from the national calendar: off, or worked."""

    __tablename__: ClassVar[str] = "agency_day"

    day: date = Field(primary_key=True)
    working: bool = False
    name: str = ""


class RevisionRow(SQLModel, table=True):
    """A counter that moves when a whole set of rows changed (`line`), so that processes know when what they hold is old."""

    __tablename__: ClassVar[str] = "revision"

    name: str = Field(primary_key=True)
    value: int = 0


class AgencyEventRow(SQLModel, table=True):
    """The agency's own trail: roles, lines, appointments, delegations, personnel decisions, also where no cycle runs. Append-only."""

    __tablename__: ClassVar[str] = "agency_event"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_column=_instant(nullable=False))
    action: str
    actor: str
    role: str
    reason: str | None = None
    data: Json = Field(default_factory=dict, sa_column=_json())
    previous_hash: str
    hash: str


# ── cycles ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class CycleRow(SQLModel, table=True):
    """One appraisal year of one scope, with its own frozen copy of the policy pack."""

    __tablename__: ClassVar[str] = "cycle"

    id: str = Field(primary_key=True)
    name: str
    year: int
    policy: str
    pack: Json = Field(sa_column=_json())
    units: list[str] = Field(default_factory=list, sa_column=_json())
    """Unit ids whose descendants are in scope; empty means everybody."""
    state: str = "draft"
    version: int = 1
    facts_revision: int = 1
    """Moves with every change of a fact that a moment rests on: calendar, outage, agency day."""
    last_event_seq: int = 0
    last_event_hash: str = ""
    created_at: datetime = Field(sa_column=_instant(nullable=False))


class WindowRow(SQLModel, table=True):
    """One window of a cycle's calendar, for everybody or for a unit and what is below it.

    Each end is an ISO date (the end, or for `opens` the start, of that day in the employee's zone) or an instant with offset.
    """

    __tablename__: ClassVar[str] = "calendar_window"
    __table_args__ = (UniqueConstraint("cycle_id", "key", "unit_id", postgresql_nulls_not_distinct=True),)

    id: str = Field(primary_key=True)
    cycle_id: str = Field(foreign_key="cycle.id")
    key: str
    unit_id: str | None = Field(default=None, foreign_key="unit.id")
    opens: str | None = None
    due: str | None = None
    closes: str | None = None


class OutageRow(SQLModel, table=True):
    """A span in which the system was not there for people; whatever was open then has that much more time."""

    __tablename__: ClassVar[str] = "outage"

    id: str = Field(primary_key=True)
    cycle_id: str = Field(foreign_key="cycle.id", index=True)
    begins: datetime = Field(sa_column=_instant(nullable=False))
    ends: datetime = Field(sa_column=_instant(nullable=False))
    reason: str
    actor: str
    at: datetime = Field(sa_column=_instant(nullable=False))


class UnitLabelRow(SQLModel, table=True):
    """The organisation's label of a unit in a cycle; one given anew is a new row with the next number."""

    __tablename__: ClassVar[str] = "unit_label"
    __table_args__ = (UniqueConstraint("cycle_id", "number"),)

    id: str = Field(primary_key=True)
    cycle_id: str = Field(foreign_key="cycle.id")
    unit_id: str = Field(foreign_key="unit.id")
    number: int
    label: str
    reason: str
    actor: str
    role: str
    at: datetime = Field(sa_column=_instant(nullable=False))


class CycleEventRow(SQLModel, table=True):
    """The cycle's own trail: calendar and label, and what became of roster and roles while it ran."""

    __tablename__: ClassVar[str] = "cycle_event"

    cycle_id: str = Field(primary_key=True, foreign_key="cycle.id")
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=_instant(nullable=False))
    action: str
    actor: str
    role: str
    reason: str | None = None
    data: Json = Field(default_factory=dict, sa_column=_json())
    previous_hash: str
    hash: str


# ── appraisals ─────────────────────────────────────────────────────────────────────────────────────────────────────


class AppraisalRow(SQLModel, table=True):
    """One person's year (or a segment of it): the fold of its events, and what lists ask for."""

    __tablename__: ClassVar[str] = "appraisal"
    __table_args__ = (
        Index(
            "appraisal_one_live_per_person_and_year",
            "person_id",
            "year",
            "segment",
            unique=True,
            postgresql_where=text("launch <> 'excluded' AND ending IS DISTINCT FROM 'cancelled'"),
        ),
        Index("appraisal_progress_of_cycle", "cycle_id", "launch", "state"),
        Index(
            "appraisal_reassigned_to",
            "supervisor_override",
            postgresql_where=text("supervisor_override IS NOT NULL AND launch = 'launched'"),
        ),
        Index(
            "appraisal_waits_on_few",
            "state",
            postgresql_where=text("state IN ('appeal.deciding', 'calibration.reviewing')"),
        ),
        Index("appraisal_taken_over", "person_id", postgresql_where=text("takeover AND launch = 'launched'")),
        Index("appraisal_later_segment", "cycle_id", "person_id", "segment", postgresql_where=text("segment > 1")),
        Index("appraisal_to_launch", "cycle_id", "id", postgresql_where=text("launch = 'pending'")),
    )

    id: str = Field(primary_key=True)
    cycle_id: str = Field(foreign_key="cycle.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    year: int
    segment: int = 1
    unit_id: str = Field(foreign_key="unit.id", index=True)
    zone: str
    work_week: int
    launch: str = "pending"
    launch_problem: str | None = None
    revision: int = 1
    incarnation: int = 0
    state: str | None = None
    period: int | None = None
    version: int = 0
    seq: int = 0
    last_hash: str = ""
    snapshot: Json | None = Field(default=None, sa_column=_json(nullable=True))
    ending: str | None = None
    outcome_id: str | None = None
    supervisor_override: str | None = None
    suspended: bool = False
    disputed: bool = False
    late: bool = False
    """Whether anything in this year was handed in after it was due."""
    takeover: bool = False
    on_hr_list: bool = False
    parked: str | None = None
    """Why `record` refused to go on; the appraisal waits for a person."""
    timing: Json | None = Field(default=None, sa_column=_json(nullable=True))
    facts_revision: int = 0
    opens_at: datetime | None = Field(default=None, sa_column=_instant())
    due_at: datetime | None = Field(default=None, sa_column=_instant())
    lapses_at: datetime | None = Field(default=None, sa_column=_instant())
    entered_at: datetime | None = Field(default=None, sa_column=_instant())
    done_at: datetime | None = Field(default=None, sa_column=_instant())


class EventRow(SQLModel, table=True):
    """One link of an appraisal's trail; append-only (a trigger refuses update and delete)."""

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (
        Index("event_by_key", "appraisal_id", "key_hash", unique=True, postgresql_where=text("key_hash IS NOT NULL")),
    )

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    seq: int = Field(primary_key=True)
    revision: int
    at: datetime = Field(sa_column=_instant(nullable=False))
    effective_at: datetime = Field(sa_column=_instant(nullable=False))
    action: str
    actor: str
    on_behalf_of: str | None = None
    role: str
    from_state: str | None = None
    to_state: str
    period: int | None = None
    version: int
    comment_id: str | None = None
    comment_hash: str | None = None
    data: Json = Field(default_factory=dict, sa_column=_json())
    key_hash: str | None = None
    previous_hash: str
    hash: str


class TextRow(SQLModel, table=True):
    """A sentence somebody wrote (a comment, a reason); erasable, because the trail knows only its salted hash."""

    __tablename__: ClassVar[str] = "text"

    id: str = Field(primary_key=True)
    salt: str
    sha256: str
    body: str | None = Field(default=None, sa_column=Column(Text))
    author_id: str


class DraftRow(SQLModel, table=True):
    """What somebody is typing; saving one needs no engine, and nobody else's overwrites it."""

    __tablename__: ClassVar[str] = "draft"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    form: str = Field(primary_key=True)
    period: int = Field(default=0, primary_key=True)
    """0 where the form has no period."""
    author_id: str = Field(primary_key=True, foreign_key="person.id")
    version: int = 1
    data: Json = Field(sa_column=_json())
    saved_at: datetime = Field(sa_column=_instant(nullable=False))


class FormCopyRow(SQLModel, table=True):
    """An immutable copy of a form as it was sent."""

    __tablename__: ClassVar[str] = "form_copy"
    __table_args__ = (Index("form_copy_of_appraisal", "appraisal_id", "form", "period"),)

    id: str = Field(primary_key=True)
    appraisal_id: str = Field(foreign_key="appraisal.id")
    revision: int
    form: str
    period: int = 0
    author_id: str
    version: int
    data: Json | None = Field(default=None, sa_column=_json(nullable=True))
    salt: str
    sha256: str
    created_at: datetime = Field(sa_column=_instant(nullable=False))


class OutcomeRow(SQLModel, table=True):
    """What a rating came to, line by line."""

    __tablename__: ClassVar[str] = "outcome"

    id: str = Field(primary_key=True)
    appraisal_id: str = Field(foreign_key="appraisal.id", index=True)
    revision: int
    copy_id: str = Field(foreign_key="form_copy.id")
    label: str
    outcome: Json = Field(sa_column=_json())
    created_at: datetime = Field(sa_column=_instant(nullable=False))


class ArchiveRow(SQLModel, table=True):
    """Where the finished record of one revision lies, and the hash of its manifest."""

    __tablename__: ClassVar[str] = "archive"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    revision: int = Field(primary_key=True)
    folder: str
    manifest_sha256: str
    manifest: Json = Field(sa_column=_json())
    archived_at: datetime = Field(sa_column=_instant(nullable=False))


# ── outbox, receipts ───────────────────────────────────────────────────────────────────────────────────────────────


class DigestRow(SQLModel, table=True):
    """One morning's mail to one person, of everything that waited for it; one a day, whoever makes it."""

    __tablename__: ClassVar[str] = "digest"
    __table_args__ = (
        UniqueConstraint("person_id", "day"),
        Index("digest_to_send", "next_try_at", postgresql_where=text("state = 'pending'")),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    day: date
    """The person's local day; a digest that could not be sent on it leaves its notices to the next morning."""
    at: datetime = Field(sa_column=_instant(nullable=False))
    """The morning."""
    subject: str | None = None
    body: str | None = None
    """The words while it is not known whether they left, so that a second copy is the same; else null."""
    state: str = "pending"
    attempts: int = 0
    next_try_at: datetime = Field(sa_column=_instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=_instant())
    last_error: str | None = None


class NoticeRow(SQLModel, table=True):
    """The outbox: one notice to one person because of one cause; written with its cause, sent afterwards."""

    __tablename__: ClassVar[str] = "notice"
    __table_args__ = (
        UniqueConstraint("appraisal_id", "event_seq", "person_id", "text"),
        Index("notice_to_send", "next_try_at", postgresql_where=text("state = 'pending' AND at_once")),
        Index(
            "notice_for_the_morning",
            "person_id",
            postgresql_where=text("state = 'pending' AND NOT at_once AND digest_id IS NULL"),
        ),
        Index("notice_in_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index("notice_that_failed", "appraisal_id", postgresql_where=text("state = 'failed'")),
        Index("notice_of_cycle", "cycle_id", "at", postgresql_where=text("cycle_id IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    appraisal_id: str | None = Field(default=None, foreign_key="appraisal.id")
    event_seq: int | None = None
    """Of the appraisal's event; null where no event of an appraisal is the cause, and then the text is the agency's."""
    cycle_id: str | None = Field(default=None, foreign_key="cycle.id")
    """Where the cause is a cycle's and no appraisal's."""
    person_id: str = Field(foreign_key="person.id", index=True)
    text: str
    """Key into the pack's texts, or into the agency's (`models.notices`)."""
    facts: Json = Field(default_factory=dict, sa_column=_json())
    at: datetime = Field(sa_column=_instant(nullable=False))
    """The instant of its cause; in a simulated year, the year's time."""
    actor: str | None = None
    at_once: bool = True
    """False: it waits for its person's next morning."""
    digest_id: str | None = Field(default=None, foreign_key="digest.id")
    state: str = "pending"
    attempts: int = 0
    next_try_at: datetime = Field(sa_column=_instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=_instant())
    last_error: str | None = None


class NudgeRow(SQLModel, table=True):
    """A workflow that has to look at the facts again because a moment came nearer; deleted once it was told."""

    __tablename__: ClassVar[str] = "nudge"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    facts_revision: int


class ReceiptRow(SQLModel, table=True):
    """The stored answer to a POST that is not an appraisal's action, by its idempotency key."""

    __tablename__: ClassVar[str] = "receipt"

    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    body: Json = Field(sa_column=_json())
    at: datetime = Field(sa_column=_instant(nullable=False))
