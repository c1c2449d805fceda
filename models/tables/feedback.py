"""The word of others: teams with their leaders, what was said of somebody's work, and what was said of a unit.

Rows and nothing else, as what is noted during a year: no workflow knows them and no trail names who said what of whom.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import instant


class TeamRow(SQLModel, table=True):
    """People who work together under somebody who need not be their supervisor, from a day until a day."""

    __tablename__: ClassVar[str] = "team"
    __table_args__ = (Index("team_of_leader", "leader_id"), Index("team_of_recorder", "recorded_by"))

    id: str = Field(primary_key=True)
    name: str
    leader_id: str = Field(foreign_key="person.id")
    first_day: date
    last_day: date | None = None
    recorded_by: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class TeamMemberRow(SQLModel, table=True):
    """Who works in a team."""

    __tablename__: ClassVar[str] = "team_member"

    team_id: str = Field(primary_key=True, foreign_key="team.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)


class FeedbackRequestRow(SQLModel, table=True):
    """Who rates asked somebody to say something of the employee's work."""

    __tablename__: ClassVar[str] = "feedback_request"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    asked_by: str
    asked_at: datetime = Field(sa_column=instant(nullable=False))


class FeedbackRow(SQLModel, table=True):
    """What one person said of the employee's work; once, and never changed."""

    __tablename__: ClassVar[str] = "feedback"
    __table_args__ = (UniqueConstraint("appraisal_id", "author_id"), Index("feedback_of_author", "author_id"))

    id: str = Field(primary_key=True)
    """At random: it tells no order."""
    appraisal_id: str = Field(foreign_key="appraisal.id")
    author_id: str = Field(foreign_key="person.id")
    standing: str
    team_id: str | None = Field(default=None, foreign_key="team.id")
    text: str = Field(sa_column=Column(Text, nullable=False))
    written_at: datetime = Field(sa_column=instant(nullable=False))


class RemarkRow(SQLModel, table=True):
    """What somebody of the public, or a colleague, said of a unit, and what HR made of it."""

    __tablename__: ClassVar[str] = "remark"
    __table_args__ = (
        Index("remark_of_cycle", "cycle_id", "state", "day", "id"),
        Index("remark_of_unit", "unit_id", "state"),
        Index("remark_of_address", "address", postgresql_where=text("address IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    cycle_id: str = Field(foreign_key="cycle.id")
    unit_id: str = Field(foreign_key="unit.id")
    kind: str
    service: str | None = None
    programme: str | None = None
    text: str = Field(sa_column=Column(Text, nullable=False))
    author_id: str | None = Field(default=None, foreign_key="person.id")
    """Of a colleague's; null: somebody of the public."""
    address: str | None = None
    """Disguised by the salt of that day, and forgotten with it."""
    day: date
    at: datetime = Field(sa_column=instant(nullable=False))
    state: str = "pending"
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=instant())
    reason_id: str | None = Field(default=None, foreign_key="text.id")


class DaySaltRow(SQLModel, table=True):
    """What disguises addresses on one day; there is only the newest."""

    __tablename__: ClassVar[str] = "day_salt"

    day: date = Field(primary_key=True)
    salt: str
