"""What is noted while a year runs: her daily log, what was observed, and the files that show it.

Rows and nothing else: no workflow knows them and no trail hashes them, so a person's two hundred entries cost a history nothing, and
what the law has erased is deleted here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Column, Index, Numeric, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import instant


class LogEntryRow(SQLModel, table=True):
    """One version of what the employee did on one day; the id is her client's, so what is sent twice is there once."""

    __tablename__: ClassVar[str] = "log_entry"
    __table_args__ = (
        Index("log_entry_that_holds", "appraisal_id", "day", "id", postgresql_where=text("replaced_at IS NULL")),
    )

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    id: str = Field(primary_key=True)
    version: int = Field(default=1, primary_key=True)
    day: date
    text: str = Field(sa_column=Column(Text, nullable=False))
    result: str | None = None
    """The key of the planned result it is about."""
    quantity: Decimal | None = Field(default=None, sa_column=Column(Numeric(16, 4)))
    unit: str | None = None
    achievement: bool = False
    written_at: datetime = Field(sa_column=instant(nullable=False))
    replaced_at: datetime | None = Field(default=None, sa_column=instant())
    """When she corrected it; the next version holds since."""


class ObservationRow(SQLModel, table=True):
    """What a supervisor saw, or who acts for him; never a rating, and never changed."""

    __tablename__: ClassVar[str] = "observation"
    __table_args__ = (Index("observation_of_appraisal", "appraisal_id", "day", "id"),)

    id: str = Field(primary_key=True)
    appraisal_id: str = Field(foreign_key="appraisal.id")
    day: date
    text: str = Field(sa_column=Column(Text, nullable=False))
    result: str | None = None
    criterion: str | None = None
    shared: bool = True
    """The employee reads it too."""
    author_id: str = Field(foreign_key="person.id")
    role: str
    on_behalf_of: str | None = None
    standing: str | None = None
    post_of: str | None = None
    written_at: datetime = Field(sa_column=instant(nullable=False))


class EvidenceRow(SQLModel, table=True):
    """A file that was handed in: where it lies in the store, and the hash that it is held against whenever it is read."""

    __tablename__: ClassVar[str] = "evidence"
    __table_args__ = (
        UniqueConstraint("appraisal_id", "sha256"),
        Index("evidence_of_appraisal", "appraisal_id", "day", "id"),
    )

    id: str = Field(primary_key=True)
    appraisal_id: str = Field(foreign_key="appraisal.id")
    day: date
    """The employee's local day on which it was handed in."""
    name: str
    media_type: str
    bytes: int
    sha256: str
    place: str
    """Its key in the store; says nothing of whose it is."""
    result: str | None = None
    note: str | None = Field(default=None, sa_column=Column(Text))
    author_id: str = Field(foreign_key="person.id")
    role: str
    written_at: datetime = Field(sa_column=instant(nullable=False))
