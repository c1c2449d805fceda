"""Which days are worked, and where a day begins and ends: zones, weeks, national holidays, an agency's own days.

A day off is always somebody's rule: the week, the joint decree on national holidays and collective leave (SKB 3
Menteri, as the `holidays` library carries it) or the agency's table, and the agency's table wins. For a year without a
decree yet the library estimates the movable holidays and has no collective leave: its next edition may move a count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal, Self
from zoneinfo import ZoneInfo

from holidays import country_holidays

from models.vocabulary import Zone

ZONES: Mapping[Zone, ZoneInfo] = MappingProxyType(
    {Zone.WIB: ZoneInfo("Asia/Jakarta"), Zone.WITA: ZoneInfo("Asia/Makassar"), Zone.WIT: ZoneInfo("Asia/Jayapura")}
)

Day = date | datetime
"""A local date, meaning that whole day in the employee's zone, or an aware instant."""

Week = Literal[5, 6]
"""Monday to Friday, or to Saturday (schools, hospitals)."""


def week_of(days: object) -> Week:
    """The week of a stored number of working days; whatever is not six is five."""
    return 6 if days == 6 else 5


NationalHolidays = Callable[[int], frozenset[date]]
"""The national holidays and collective leave of a year."""

DAYS_WITHOUT_WORK_MAX = 60
"""A longer stretch of days off is a mistake in an agency's table, not a calendar."""

ONE_DAY = timedelta(days=1)


def start_of_day(day: date, zone: Zone) -> datetime:
    """Local midnight, in UTC."""
    return at_time(day, time.min, zone)


def end_of_day(day: date, zone: Zone) -> datetime:
    """The day's last microsecond there, 23:59:59.999999, in UTC."""
    return at_time(day, time.max, zone)


def at_time(day: date, clock_time: time, zone: Zone) -> datetime:
    """What the clocks of that zone call this time of this day, in UTC."""
    return datetime.combine(day, clock_time, ZONES[zone]).astimezone(UTC)


def local_day(at: datetime, zone: Zone) -> date:
    """The date on the calendars of that zone at an aware instant."""
    return at.astimezone(ZONES[zone]).date()


@cache
def national_holidays(year: int) -> frozenset[date]:
    """National holidays and collective leave of a year, by the installed edition of `holidays`."""
    return frozenset(country_holidays("ID", years=year, categories=("public", "government")))


@dataclass(frozen=True, slots=True)
class AgencyDays:
    """An agency's own table: days off beside the national ones, and days worked in spite of them."""

    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        both = self.off & self.working
        if both:
            raise ValueError(f"an agency's table has {min(both).isoformat()} both as a day off and as a working day")


NO_AGENCY_DAYS = AgencyDays()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working days of one kind of unit; equal for all people with the same week and agency table."""

    week: Week = 5
    agency: AgencyDays = NO_AGENCY_DAYS
    national: NationalHolidays = national_holidays

    def __post_init__(self) -> None:
        if self.week not in (5, 6):
            raise ValueError(f"a week has 5 or 6 working days, not {self.week}")

    def is_working(self, day: date) -> bool:
        if day in self.agency.working:
            return True
        return day.weekday() < self.week and day not in self.agency.off and day not in self.national(day.year)

    def next_working(self, day: date) -> date:
        """The first working day after this one."""
        return self._walk(day, ONE_DAY)

    def previous_working(self, day: date) -> date:
        """The last working day before this one."""
        return self._walk(day, -ONE_DAY)

    def add(self, day: date, n: int) -> date:
        """The n-th working day after the day (before it, for a negative n); the day itself is day 0 and never counted.

        For n = 0 the day itself or, on a day off, the next working day: a deadline is never earlier than was said.
        """
        if n == 0:
            return day if self.is_working(day) else self.next_working(day)
        step = ONE_DAY if n > 0 else -ONE_DAY
        for _ in range(abs(n)):
            day = self._walk(day, step)
        return day

    def _walk(self, day: date, step: timedelta) -> date:
        for _ in range(DAYS_WITHOUT_WORK_MAX):
            day += step
            if self.is_working(day):
                return day
        raise ValueError(f"no working day within {DAYS_WITHOUT_WORK_MAX} days of {day.isoformat()}")


@dataclass(frozen=True, slots=True)
class PersonClock:
    """The days of one employee in one appraisal: where she is, and on which days she works."""

    zone: Zone
    calendar: WorkCalendar

    @classmethod
    def of(cls, zone: Zone, week: Week, agency: AgencyDays = NO_AGENCY_DAYS) -> Self:
        return cls(zone, WorkCalendar(week, agency))

    def opening(self, day: Day) -> datetime:
        return day.astimezone(UTC) if isinstance(day, datetime) else start_of_day(day, self.zone)

    def ending(self, day: Day) -> datetime:
        return day.astimezone(UTC) if isinstance(day, datetime) else end_of_day(day, self.zone)

    def day_of(self, at: datetime) -> date:
        return local_day(at, self.zone)

    def on_duty(self, at: datetime, hour: int) -> datetime:
        """The first such hour of a working day that is not before the instant."""
        day = self.calendar.add(self.day_of(at), 0)
        called = at_time(day, time(hour), self.zone)
        return called if called >= at else at_time(self.calendar.next_working(day), time(hour), self.zone)
