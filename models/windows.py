"""A cycle's calendar: for each stage when its window opens, is due and closes, for everybody or for a unit and what is below it.

Pure. Each end is a local date, meaning that whole day in the employee's zone, or an aware instant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.appraisal import Flow
from models.policy import PolicyPack, YearDay
from models.vocabulary import Stage
from models.workdays import Day, PersonClock


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window of a cycle's calendar. A missing end bounds nothing; in a unit's row it means "as above"."""

    opens: Day | None = None
    due: Day | None = None
    closes: Day | None = None

    def __post_init__(self) -> None:
        for end in (self.opens, self.due, self.closes):
            if isinstance(end, datetime) and end.tzinfo is None:
                raise ValueError("an instant of a window needs its offset")

    def under(self, nearer: WindowRow) -> WindowRow:
        """This row with every end that the nearer one names taken from there."""
        return WindowRow(nearer.opens or self.opens, nearer.due or self.due, nearer.closes or self.closes)


Windows = Mapping[str, WindowRow]
"""By calendar key: a stage, or `midyear.k`."""

CalendarRows = Mapping[tuple[str, str | None], WindowRow]
"""A cycle's calendar as stored: by calendar key and unit code, None for everybody."""


def resolve(pack: PolicyPack, year: int) -> dict[str, WindowRow]:
    """The pack's default calendar for one year.

    Days stand as announced, even where they are days off (`announced_days_off`).
    """
    return {
        key: WindowRow(_in_year(spec.opens, year), _in_year(spec.due, year), _in_year(spec.closes, year))
        for key, spec in pack.calendar.items()
    }


def _in_year(day: YearDay, year: int) -> date:
    return date(year + day.years_later, day.month, day.day)


def for_unit(rows: CalendarRows, unit_path: Sequence[str]) -> dict[str, WindowRow]:
    """The windows that hold in a unit: end by end, the row of the nearest unit that names it.

    `unit_path` begins with the unit itself and climbs to the root; rows of units outside it are passed over.
    """
    windows: dict[str, WindowRow] = {}
    for unit in (None, *reversed(unit_path)):
        for (key, of_unit), row in rows.items():
            if of_unit == unit:
                windows[key] = windows.get(key, WindowRow()).under(row)
    return windows


def announced_days_off(windows: Windows, clock: PersonClock) -> list[tuple[str, str, date]]:
    """Where a due or closing day is a day off: `(key, "due" | "closes", day)`; worth a warning before a cycle opens."""
    found = []
    for key, row in windows.items():
        for name, end in (("due", row.due), ("closes", row.closes)):
            if end is not None and not clock.calendar.is_working(day := clock.day_of(clock.ending(end))):
                found.append((key, name, day))
    return found


def window_after(flow: Flow, periods_done: int) -> str:
    """The window that comes next in a year: the next period, then self-assessment, then rating."""
    if periods_done < flow.periods:
        return f"{Stage.MIDYEAR}.{periods_done + 1}"
    return Stage.SELF_ASSESSMENT.value if flow.self_assessment else Stage.RATING.value
