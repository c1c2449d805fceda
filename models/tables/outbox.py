"""What is still to be told: mails of the morning, notices, nudges; and what callers were answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import Json, instant, json_column


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
    at: datetime = Field(sa_column=instant(nullable=False))
    """The morning."""
    subject: str | None = None
    body: str | None = None
    """The words while it is not known whether they left, so that a second copy is the same; else null."""
    state: str = "pending"
    attempts: int = 0
    next_try_at: datetime = Field(sa_column=instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=instant())
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
    """Of the appraisal's event; null where none is the cause. Then the text is the agency's, but where the facts say by `on` what
    the pack's table calls the cause."""
    cycle_id: str | None = Field(default=None, foreign_key="cycle.id")
    """Where the cause is a cycle's and no appraisal's."""
    person_id: str = Field(foreign_key="person.id", index=True)
    text: str
    """Key into the pack's texts, or into the agency's (`models.notices`)."""
    facts: Json = Field(default_factory=dict, sa_column=json_column())
    at: datetime = Field(sa_column=instant(nullable=False))
    """The instant of its cause; in a simulated year, the year's time."""
    actor: str | None = None
    at_once: bool = True
    """False: it waits for its person's next morning."""
    digest_id: str | None = Field(default=None, foreign_key="digest.id")
    state: str = "pending"
    attempts: int = 0
    next_try_at: datetime = Field(sa_column=instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=instant())
    last_error: str | None = None


class NudgeRow(SQLModel, table=True):
    """A workflow that has to look at the facts again because a moment came nearer; deleted once it was told."""

    __tablename__: ClassVar[str] = "nudge"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    facts_revision: int
    wake: datetime | None = Field(default=None, sa_column=instant())
    """By when it has to look; null: at once."""


class ReceiptRow(SQLModel, table=True):
    """The stored answer to a POST that is not an appraisal's action, by its idempotency key."""

    __tablename__: ClassVar[str] = "receipt"

    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    body: Json = Field(sa_column=json_column())
    at: datetime = Field(sa_column=instant(nullable=False))
