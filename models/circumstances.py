"""What the moments of one appraisal rest on beside its pack: the calendar, the person's days, and what happened around her.

All of it is facts kept in rows; when one changes, the cycle's facts revision moves and the timing is worked out anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.vocabulary import Exit
from models.windows import Windows
from models.workdays import PersonClock


@dataclass(frozen=True, slots=True)
class Outage:
    """A span in which the system was not there for people, as HR recorded it; both ends are aware instants."""

    begins: datetime
    ends: datetime


class Personnel(StrEnum):
    """The kinds of personnel decision; all but a title reach a running year."""

    TRANSFER = "transfer"
    LEAVE = "leave"
    EXIT = "exit"
    TITLE = "title"
    """Another title, level or job family in the same unit and kind of employment: kept for what held before it."""


@dataclass(frozen=True, slots=True)
class PersonnelChange:
    """A personnel decision about one person. Days are local dates; the day of effect (TMT) is the first of the new."""

    kind: Personnel
    effective: date
    until: date | None = None
    """The last day of a leave."""
    why: Exit | None = None
    """Of an exit."""
    back: date | None = None
    """Of an exit after which she comes again: her first day then."""
    over: bool = False
    """Of a leave: its last day lies before the year. Where it has begun, because it was to last into it, it ends, and it begins nowhere."""


@dataclass(frozen=True, slots=True)
class Term:
    """Days of an appointment, the last included; without a last one it lasts as long as the year."""

    first: date
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything `timetable.timing` asks about one appraisal."""

    windows: Windows
    clock: PersonClock
    outages: tuple[Outage, ...] = ()
    label: int | None = None
    """The number of the organisation label that holds in her unit; a label given anew has a higher one."""
    label_at: datetime | None = None
    """When that label was set."""
    changes: tuple[PersonnelChange, ...] = ()
    """In the order of their effect."""
