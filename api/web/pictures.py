"""The shapes of pictures, made of numbers: pure.

Along, everything is in percent of the picture's width, so that one picture fits a wall and a phone; a template draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

WHOLE = 100.0
QUARTER = 3
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Strip:
    """A part of a row: what it is, how many it stands for, and where it lies."""

    key: str
    people: int
    start: float
    width: float


@dataclass(frozen=True)
class Row:
    """One row of a picture; `of` is how many its whole width stands for."""

    key: str
    people: int
    of: int
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class Mark:
    """A place on an axis, and on which side of it its word has room."""

    at: float
    word: str
    anchor: Anchor


def row(key: str, parts: Iterable[tuple[str, int]], of: int) -> Row:
    """The parts one after the other; together they are as wide as their sum is of `of`."""
    strips, gone = [], 0
    for name, people in parts:
        if people:
            strips.append(Strip(name, people, WHOLE * gone / of, WHOLE * people / of))
        gone += people
    return Row(key, gone, of, tuple(strips))


def rows(table: Iterable[tuple[str, Sequence[tuple[str, int]]]]) -> tuple[Row, ...]:
    """Rows that are compared: the fullest is as wide as the picture. Without anybody there is none."""
    found = [(key, list(parts)) for key, parts in table]
    most = max((sum(people for _, people in parts) for _, parts in found), default=0)
    return tuple(row(key, parts, most) for key, parts in found) if most else ()


def funnel(here: Sequence[tuple[str, int]]) -> tuple[Row, ...]:
    """Of who stands at each step of a way, in its order: how many have come so far, of whom some are `here` and some `beyond`."""
    whole = sum(people for _, people in here)
    if not whole:
        return ()
    left, found = whole, []
    for key, people in here:
        found.append(row(key, (("beyond", left - people), ("here", people)), whole))
        left -= people
    return tuple(found)


def share(percent: float) -> float:
    """A percent as a place in the picture, whatever it was computed from."""
    return min(WHOLE, max(0.0, percent))


def anchored(at: float) -> Anchor:
    return "start" if at < WHOLE / 4 else "end" if at > WHOLE * 3 / 4 else "middle"


@dataclass(frozen=True)
class Span:
    """The whole months that a timeline shows, from the first day of one to the last of another."""

    first: date
    last: date

    @classmethod
    def around(cls, year: int, days: Iterable[date]) -> Span:
        """The year, and the months of whatever lies outside it."""
        seen = [date(year, 1, 1), date(year, 12, 31), *days]
        return cls(min(seen).replace(day=1), _month_after(max(seen)) - timedelta(days=1))

    def at(self, moment: datetime | date) -> float:
        """Where a moment by its own clocks lies; what is outside is at the nearer end."""
        day = moment.date() if isinstance(moment, datetime) else moment
        hours = (moment.hour * 60 + moment.minute) / (24 * 60) if isinstance(moment, datetime) else 0.0
        return share(WHOLE * ((day - self.first).days + hours) / ((self.last - self.first).days + 1))

    def holds(self, moment: datetime) -> bool:
        return self.first <= moment.date() <= self.last

    def months(self) -> tuple[tuple[date, float], ...]:
        """The first day of each month, and where it lies."""
        day, found = self.first, []
        while day <= self.last:
            found.append((day, self.at(day)))
            day = _month_after(day)
        return tuple(found)

    def quarters(self, names: Sequence[str]) -> tuple[Mark, ...]:
        """A word at every third month: a phone has no room for twelve."""
        firsts = [one for one in self.months() if (one[0].month - 1) % QUARTER == 0]
        return tuple(Mark(at, names[day.month - 1], "start") for day, at in firsts)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True)
class Leg:
    """A stage on the timeline: the days it is open, or the one day that is known of it, and when it was done."""

    start: float | None
    width: float
    point: float | None
    done: float | None


@dataclass(frozen=True)
class Timeline:
    """A year's stages in their order; `today` is None where it lies outside."""

    span: Span
    legs: tuple[Leg, ...]
    today: Mark | None


def timeline(year: int, stops: Sequence[Mapping[str, object]], now: datetime, today: str) -> Timeline | None:
    """The picture of a route as the api tells it, `now` by the employee's clocks; None where it has no day at all."""
    ends = [[_moment(stop.get(name)) for name in ("opens_at", "due_at", "done_at")] for stop in stops]
    known = [moment.date() for three in ends for moment in three if moment is not None]
    if not known:
        return None
    span = Span.around(year, known)
    at = span.at(now)
    mark = Mark(at, today, anchored(at)) if span.holds(now) else None
    return Timeline(span, tuple(_leg(span, *three) for three in ends), mark)


def _leg(span: Span, opens: datetime | None, due: datetime | None, done: datetime | None) -> Leg:
    if opens is not None and due is not None and opens <= due:
        start = span.at(opens)
        return Leg(start, span.at(due) - start, None, None if done is None else span.at(done))
    only = due or opens
    return Leg(None, 0.0, None if only is None else span.at(only), None if done is None else span.at(done))


def _moment(written: object) -> datetime | None:
    return datetime.fromisoformat(str(written)) if written else None
