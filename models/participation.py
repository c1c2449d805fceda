"""What the people appraised have to do with their criteria before they are judged by them: they are heard, and they take note.

Pure. Days of a consultation are local days: it is open to a person as long as her last day lasts, and over once it is over everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field

from models.appraisal import Frozen

COMMENTS_MAX = 20
"""Of one person in one consultation."""
VERSIONS_MAX = 20
"""Of one comment."""


class Participation(Frozen):
    """What a pack asks for; by default nothing, and HR may hold a consultation all the same."""

    consultation: bool = False
    """A cycle opens only after its criteria were up for consultation and each comment was answered."""
    consultation_days_min: int = Field(default=7, ge=1, le=90)
    """Whole days that a consultation lasts at least, beside the day on which it begins."""
    acknowledgement: bool = False
    """An employee sends her plan only after she has acknowledged the criteria."""


class Answer(StrEnum):
    """What became of a comment."""

    TAKEN_UP = "taken_up"
    NOT_TAKEN_UP = "not_taken_up"


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a consultation, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, today: date, days: int) -> Span:
        """From today on, and so many whole days more."""
        return cls(today, today + timedelta(days=days))

    def over(self, day: date) -> bool:
        """Whether it is over on that local day, which in the west of the country comes last."""
        return day > self.last
