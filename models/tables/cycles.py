"""What HR records of a year: the cycle with its frozen pack, its calendar, its labels, its trail."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Column, Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import Json, instant, json_column


class CycleRow(SQLModel, table=True):
    """One appraisal year of one scope, with its own frozen copy of the policy pack."""

    __tablename__: ClassVar[str] = "cycle"

    id: str = Field(primary_key=True)
    name: str
    year: int
    policy: str
    pack: Json = Field(sa_column=json_column())
    policy_edition: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """How many packs this cycle has gone by: 1 until a faulty one is corrected (decision 33)."""
    units: list[str] = Field(default_factory=list, sa_column=json_column())
    """Unit ids whose descendants are in scope; empty means everybody."""
    state: str = "draft"
    version: int = 1
    facts_revision: int = 1
    """Moves with every change of a fact that a moment rests on: calendar, outage, agency day."""
    last_event_seq: int = 0
    last_event_hash: str = ""
    created_at: datetime = Field(sa_column=instant(nullable=False))


class PolicyBeforeRow(SQLModel, table=True):
    """A pack that a cycle went by until it was corrected: what was made by it is explained by it."""

    __tablename__: ClassVar[str] = "policy_before"

    cycle_id: str = Field(primary_key=True, foreign_key="cycle.id")
    edition: int = Field(primary_key=True)
    pack: Json = Field(sa_column=json_column())
    until: datetime = Field(sa_column=instant(nullable=False))


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
    begins: datetime = Field(sa_column=instant(nullable=False))
    ends: datetime = Field(sa_column=instant(nullable=False))
    reason: str
    actor: str
    at: datetime = Field(sa_column=instant(nullable=False))


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
    at: datetime = Field(sa_column=instant(nullable=False))


class CycleEventRow(SQLModel, table=True):
    """The cycle's own trail: calendar and label, and what became of roster and roles while it ran."""

    __tablename__: ClassVar[str] = "cycle_event"

    cycle_id: str = Field(primary_key=True, foreign_key="cycle.id")
    seq: int = Field(primary_key=True)
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


class IndicatorRow(SQLModel, table=True):
    """A figure that was measured elsewhere (attendance) and imported for a person of a cycle; the latest import holds."""

    __tablename__: ClassVar[str] = "indicator"

    cycle_id: str = Field(primary_key=True, foreign_key="cycle.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    name: str = Field(primary_key=True)
    value: Decimal = Field(sa_column=Column(Numeric(), nullable=False))
    at: datetime = Field(sa_column=instant(nullable=False))
