"""What goes to other systems: one row for each final result that is, or was, to be told."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import instant


class PushRow(SQLModel, table=True):
    """The yearly record of one person by one revision of her result; sent afterwards, once the result before it is settled.

    `state` is `pending`; `sent`; `refused` for good; of what is no longer true `superseded`, if perhaps taken, or `dropped`.
    """

    __tablename__: ClassVar[str] = "push"
    __table_args__ = (
        UniqueConstraint("appraisal_id", "revision"),
        Index("push_to_write", "next_try_at", "id", postgresql_where=text("state = 'pending' AND body IS NULL")),
        Index("push_to_send", "next_try_at", "id", postgresql_where=text("state = 'pending' AND body IS NOT NULL")),
        Index("push_of_year", "person_id", "year"),
    )

    id: str = Field(primary_key=True)
    """The key that the other side knows the record by; another once HR sends it again, because the words may be others."""
    appraisal_id: str = Field(foreign_key="appraisal.id")
    revision: int
    person_id: str = Field(foreign_key="person.id")
    year: int
    state: str = "pending"
    body: str | None = Field(default=None, sa_column=Column(Text))
    """The record from before it leaves until it is known what became of it, so that a second copy is the same; else null."""
    sha256: str | None = None
    """Of the last body."""
    attempts: int = 0
    made_at: datetime = Field(sa_column=instant(nullable=False))
    next_try_at: datetime = Field(sa_column=instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=instant())
    last_error: str | None = None
