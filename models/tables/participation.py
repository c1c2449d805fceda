"""What people had to say about their criteria, and that they took note of them.

Sentences stand in `text`, as whatever a trail names; these rows say which of them hold.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.tables.columns import instant


class ConsultationRow(SQLModel, table=True):
    """The criteria of a cycle that were put up, once, while it was a draft."""

    __tablename__: ClassVar[str] = "consultation"

    cycle_id: str = Field(primary_key=True, foreign_key="cycle.id")
    first_day: date
    last_day: date
    policy_version: int
    digest: str
    """Of the pack that people were asked about."""
    purpose_id: str = Field(foreign_key="text.id")
    """What the scheme is for, as HR told it."""
    actor: str
    at: datetime = Field(sa_column=instant(nullable=False))


class CommentRow(SQLModel, table=True):
    """What one person said as it stands, and its answer; what it said before is in the cycle's trail."""

    __tablename__: ClassVar[str] = "consultation_comment"
    __table_args__ = (Index("consultation_comment_of_author", "cycle_id", "author_id"),)

    cycle_id: str = Field(primary_key=True, foreign_key="consultation.cycle_id")
    number: int = Field(primary_key=True)
    author_id: str = Field(foreign_key="person.id")
    criterion: str | None = None
    """A key of `models.criteria`; null: it is about the whole."""
    text_id: str = Field(foreign_key="text.id")
    version: int = 1
    written_at: datetime = Field(sa_column=instant(nullable=False))
    answer: str | None = None
    """Of this version; said differently it has to be answered anew."""
    reason_id: str | None = Field(default=None, foreign_key="text.id")
    answered_at: datetime | None = Field(default=None, sa_column=instant())


class AcknowledgementRow(SQLModel, table=True):
    """An employee has acknowledged the criteria of this year by this pack; another digest is another pack, and asks again."""

    __tablename__: ClassVar[str] = "acknowledgement"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    digest: str = Field(primary_key=True)
    policy_version: int
    at: datetime = Field(sa_column=instant(nullable=False))
