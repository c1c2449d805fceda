"""What was decided about what follows a result."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from models.tables.columns import Json, instant, json_column


class FollowUpRow(SQLModel, table=True):
    """The decision that holds about one kind of one revision's result; the earlier ones are in the cycle's trail."""

    __tablename__: ClassVar[str] = "follow_up"

    appraisal_id: str = Field(primary_key=True, foreign_key="appraisal.id")
    revision: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    decision: str
    reason_id: str = Field(foreign_key="text.id")
    proposal: Json = Field(sa_column=json_column())
    """What was proposed, and why, when it was decided."""
    role: str
    decided_by: str
    decided_at: datetime = Field(sa_column=instant(nullable=False))
