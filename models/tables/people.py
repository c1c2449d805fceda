"""Who is who, and what was decided about whom: units, people, lines, roles, delegations, personnel decisions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Column, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import Json, instant, json_column


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
    """Who supervises whom, from a day until a day; `outside` means rated by somebody outside the roster.

    Of who was to come and does not, one row has its last day before its first: the superior of that post.
    """

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
    created_at: datetime = Field(sa_column=instant(nullable=False))
    answered_at: datetime | None = Field(default=None, sa_column=instant())


class RecusalRow(SQLModel, table=True):
    """Somebody is too close to another to rate her or to decide about her, from a day on until it is withdrawn."""

    __tablename__: ClassVar[str] = "recusal"
    __table_args__ = (
        Index(
            "recusal_that_holds", "person_id", "about_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")
        ),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    about_id: str = Field(foreign_key="person.id")
    kind: str
    valid_from: date
    reason_id: str = Field(foreign_key="text.id")
    declared_by: str
    declared_at: datetime = Field(sa_column=instant(nullable=False))
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_column=instant())


class TrainingRow(SQLModel, table=True):
    """A training of who rates that a person took part in, as HR recorded it."""

    __tablename__: ClassVar[str] = "training"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    course: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    valid_until: date | None = None


class ServiceElsewhereRow(SQLModel, table=True):
    """A part of somebody's year that was served in another agency, with its result and its document, as HR recorded it.

    Append-only: the version with the highest number holds, and one that is `withdrawn` says that nothing does.
    """

    __tablename__: ClassVar[str] = "service_elsewhere"
    __table_args__ = (UniqueConstraint("part", "number", name="service_elsewhere_version"),)

    id: str = Field(primary_key=True)
    part: str = Field(foreign_key="service_elsewhere.id")
    """The id of its first version."""
    number: int
    withdrawn: bool
    person_id: str = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date
    agency: str
    result: str
    document: str
    """Its number and date."""
    level: str | None = None
    """In which it earned credit points, and how many, where that agency says so."""
    points: Decimal | None = Field(default=None, sa_column=Column(Numeric(), nullable=True))
    recorded_by: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class CreditOpeningRow(SQLModel, table=True):
    """Credit points that somebody had by the end of a day; what was said before of it stands in the agency's trail."""

    __tablename__: ClassVar[str] = "credit_opening"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    points: Decimal = Field(sa_column=Column(Numeric(), nullable=False))
    level: str
    day: date
    document: str
    recorded_by: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class EarlierYearRow(SQLModel, table=True):
    """What somebody's year before this engine came to, as HR imported it; append-only: the one with the highest number holds."""

    __tablename__: ClassVar[str] = "earlier_year"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    label: str
    scheme: str
    """By which it was judged then (`models.earlier_schemes`)."""
    origin: str
    """Where the result comes from."""
    value: Decimal | None = Field(default=None, sa_column=Column(Numeric()))
    document: str | None = None
    rated_by: str | None = None
    level: str | None = None
    months: int | None = None
    recorded_by: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class ServiceElsewhereFileRow(SQLModel, table=True):
    """The document of such a part itself; where HR handed in several, the one with the highest number counts."""

    __tablename__: ClassVar[str] = "service_elsewhere_file"

    service_id: str = Field(primary_key=True, foreign_key="service_elsewhere.id")
    """Of the part, whichever version of it holds."""
    number: int = Field(primary_key=True)
    name: str
    media_type: str
    bytes: int
    sha256: str
    place: str
    """Its key in the store; says nothing of whose it is."""
    recorded_by: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


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
    at: datetime = Field(sa_column=instant(nullable=False))
    post: str | None = None
    """Of a transfer, like those below: the new place, as far as it is said."""
    level: str | None = None
    employee_kind: str | None = None
    unit_id: str | None = Field(default=None, foreign_key="unit.id")
    zone: str | None = None
    work_week: int | None = None
    before: Json | None = Field(default=None, sa_column=json_column(nullable=True))
    """The place that it ended, under the person's column names, `since` among them."""
    standing: str | None = None
    """`coming` until the person's row was moved by it; `taken_back` by a later decision; `undated` where a file told no day and the
    next may unsay it; null holds."""


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
    at: datetime = Field(sa_column=instant(nullable=False))
    action: str
    actor: str
    role: str
    reason: str | None = None
    """Of events from before reasons were kept as texts."""
    reason_id: str | None = Field(default=None, foreign_key="text.id")
    reason_sha256: str | None = None
    data: Json = Field(default_factory=dict, sa_column=json_column())
    previous_hash: str
    hash: str
