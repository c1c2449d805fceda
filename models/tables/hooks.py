"""Who is told what happens: one row for each endpoint, for how far it has heard a trail, and for each event it is to be told of."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel

from models.tables.columns import instant


def _endpoint() -> Column[str]:
    return Column(String, ForeignKey("hook_endpoint.name", ondelete="CASCADE"), primary_key=True)


class HookEndpointRow(SQLModel, table=True):
    """An endpoint of the settings, by its name; its address and its secrets are kept nowhere."""

    __tablename__: ClassVar[str] = "hook_endpoint"

    name: str = Field(primary_key=True)
    since: datetime = Field(sa_column=instant(nullable=False))
    """It is told what is recorded from then on."""
    off_at: datetime | None = Field(default=None, sa_column=instant())
    """When it answered that it wants nothing more."""


class HookCursorRow(SQLModel, table=True):
    """How far a trail was looked through for an endpoint; `trail` is an appraisal's id or a cycle's.

    Whoever sends its next event holds this row.
    """

    __tablename__: ClassVar[str] = "hook_cursor"
    __table_args__ = (Index("hook_due", "endpoint", "due_at", postgresql_where=text("due_at IS NOT NULL")),)

    endpoint: str = Field(sa_column=_endpoint())
    trail: str = Field(primary_key=True)
    seq: int
    due_at: datetime | None = Field(default=None, sa_column=instant())
    """When its first pending event is to be sent; null where none is. Here, so that no event behind the first is looked at."""


class HookRow(SQLModel, table=True):
    """One event for one endpoint. `state` is `pending` or `sent`."""

    __tablename__: ClassVar[str] = "hook"
    __table_args__ = (
        Index("hook_of_trail", "endpoint", "trail", "seq", postgresql_where=text("state = 'pending'")),
        Index("hook_sent", "sent_at", postgresql_where=text("state = 'sent'")),
    )

    endpoint: str = Field(sa_column=_endpoint())
    id: str = Field(primary_key=True)
    """Made of trail and number, so an event is there once."""
    kind: str
    trail: str
    cycle_id: str = Field(foreign_key="cycle.id")
    seq: int
    at: datetime = Field(sa_column=instant(nullable=False))
    state: str = "pending"
    attempts: int = 0
    made_at: datetime = Field(sa_column=instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=instant())
    last_error: str | None = None
