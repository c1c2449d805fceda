"""One person's year: the fold of its events, the events, what was typed, sent, computed and archived."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Boolean, Column, Computed, Index, Text, text
from sqlmodel import Field, SQLModel

from models.tables.columns import Json, instant, json_column


class AppraisalRow(SQLModel, table=True):
    """One person's year (or a segment of it): the fold of its events, and what lists ask for."""

    __tablename__: ClassVar[str] = "appraisal"
    __table_args__ = (
        Index(
            "appraisal_one_live_per_person_and_year",
            "person_id",
            "year",
            "segment",
            "acting_for",
            "asked_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("launch <> 'excluded' AND ending IS DISTINCT FROM 'cancelled' AND NOT let_go"),
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
        Index("appraisal_beside_the_year", "person_id", postgresql_where=text("NOT own_year")),
        Index("appraisal_later_segment", "cycle_id", "person_id", "segment", postgresql_where=text("segment > 1")),
        Index("appraisal_to_launch", "cycle_id", "id", postgresql_where=text("launch = 'pending'")),
    )

    id: str = Field(primary_key=True)
    cycle_id: str = Field(foreign_key="cycle.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    year: int
    segment: int = 1
    acting_for: str | None = Field(default=None, foreign_key="person.id")
    """Whose post it is about, where the person acts in it beside her own (Plt); since when, and what post that is."""
    acting_from: date | None = None
    acting_post: str | None = None
    acting_level: str | None = None
    asked_from: date | None = None
    """The first and the last of the days that HR asked an evaluation of, outside the calendar, and by which document (decision 32)."""
    asked_until: date | None = None
    asked_document: str | None = None
    own_year: bool = Field(
        sa_column=Column(Boolean, Computed("acting_for IS NULL AND asked_from IS NULL", persisted=True), nullable=False)
    )
    """It is about her year, or a part of it, in her own post: what people are counted and enrolled by."""
    unit_id: str = Field(foreign_key="unit.id", index=True)
    zone: str
    work_week: int
    zone_to_come: str | None = None
    week_to_come: int | None = None
    """The clock of the place that it went along into, which it takes with its next step; null where it goes by that already."""
    launch: str = "pending"
    launch_problem: str | None = None
    revision: int = 1
    incarnation: int = 0
    state: str | None = None
    period: int | None = None
    version: int = 0
    seq: int = 0
    last_hash: str = ""
    snapshot: Json | None = Field(default=None, sa_column=json_column(nullable=True))
    ending: str | None = None
    let_go: bool = False
    """It is a closed part of a year whose last part was cancelled with the cycle: another cycle may take the person in."""
    outcome_id: str | None = None
    supervisor_override: str | None = None
    suspended: bool = False
    disputed: bool = False
    late: bool = False
    """Whether anything in this year was handed in after it was due."""
    takeover: bool = False
    on_hr_list: bool = False
    parked: str | None = None
    """Why it cannot go on, where no retry mends it; the appraisal waits for a person."""
    timing: Json | None = Field(default=None, sa_column=json_column(nullable=True))
    facts_revision: int = 0
    opens_at: datetime | None = Field(default=None, sa_column=instant())
    due_at: datetime | None = Field(default=None, sa_column=instant())
    lapses_at: datetime | None = Field(default=None, sa_column=instant())
    entered_at: datetime | None = Field(default=None, sa_column=instant())
    done_at: datetime | None = Field(default=None, sa_column=instant())


class EventRow(SQLModel, table=True):
    """One link of an appraisal's trail; append-only (a trigger refuses update and delete)."""

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (
        Index("event_by_key", "appraisal_id", "key_hash", unique=True, postgresql_where=text("key_hash IS NOT NULL")),
    )

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    seq: int = Field(primary_key=True)
    revision: int
    at: datetime = Field(sa_column=instant(nullable=False))
    effective_at: datetime = Field(sa_column=instant(nullable=False))
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
    data: Json = Field(default_factory=dict, sa_column=json_column())
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
    data: Json = Field(sa_column=json_column())
    saved_at: datetime = Field(sa_column=instant(nullable=False))


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
    data: Json | None = Field(default=None, sa_column=json_column(nullable=True))
    salt: str
    sha256: str
    policy_edition: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Which of its cycle's packs it was found whole by."""
    created_at: datetime = Field(sa_column=instant(nullable=False))


class OutcomeRow(SQLModel, table=True):
    """What a rating came to, line by line."""

    __tablename__: ClassVar[str] = "outcome"

    id: str = Field(primary_key=True)
    appraisal_id: str = Field(foreign_key="appraisal.id", index=True)
    revision: int
    copy_id: str = Field(foreign_key="form_copy.id")
    label: str
    outcome: Json = Field(sa_column=json_column())
    policy_edition: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Which of its cycle's packs it was scored by."""
    created_at: datetime = Field(sa_column=instant(nullable=False))


class ArchiveRow(SQLModel, table=True):
    """Where the finished record of one revision lies, and the hash of its manifest."""

    __tablename__: ClassVar[str] = "archive"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    revision: int = Field(primary_key=True)
    folder: str
    manifest_sha256: str
    manifest: Json = Field(sa_column=json_column())
    archived_at: datetime = Field(sa_column=instant(nullable=False))
