"""Improvement programmes, and the trail of each."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.tables.columns import Json, instant, json_column


class ProgrammeRow(SQLModel, table=True):
    """An improvement programme as it stands; `models.programme` says what its snapshot means. One open one a person."""

    __tablename__: ClassVar[str] = "programme"
    __table_args__ = (
        Index("one_open_programme", "person_id", unique=True, postgresql_where=text("state <> 'done'")),
        Index("programme_of_appraisal", "appraisal_id"),
        Index("programme_to_tell", "id", postgresql_where=text("told < version OR state <> 'done'")),
    )

    id: str = Field(primary_key=True)
    appraisal_id: str = Field(foreign_key="appraisal.id")
    cycle_id: str = Field(foreign_key="cycle.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    revision: int
    state: str
    outcome: str | None = None
    steps: Json = Field(default_factory=dict, sa_column=json_column())
    """The due day of each step that waits, and whether it is on HR's list."""
    snapshot: Json = Field(sa_column=json_column())
    seq: int
    last_hash: str
    version: int
    """It moves with everything that its workflow has to look at again."""
    told: int = 0
    """The version that its workflow was told of."""
    wake_at: datetime | None = Field(default=None, sa_column=instant())
    """When its workflow looks again."""
    begun_at: datetime = Field(sa_column=instant(nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=instant())


class ProgrammeEventRow(SQLModel, table=True):
    """What happened in a programme, each chained to the one before it. Append-only."""

    __tablename__: ClassVar[str] = "programme_event"

    programme_id: str = Field(primary_key=True, foreign_key="programme.id")
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_column=instant(nullable=False))
    action: str
    actor: str
    role: str
    reason_id: str | None = Field(default=None, foreign_key="text.id")
    reason_sha256: str | None = None
    data: Json = Field(default_factory=dict, sa_column=json_column())
    previous_hash: str
    hash: str
