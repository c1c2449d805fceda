"""Who headed a unit on a day: by the line, the places and the roles that are recorded of that day.

Pure. A unit is headed by a post, and so by its holder. While that post is vacant nobody heads the unit from another post: what is done
in it is the work of whoever is Plt there, and of the year that she has as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from models.line import Line
from models.units import head_of

KEPT = 10_000
"""How many answers are remembered."""


class Left(NamedTuple):
    """Somebody was in that unit until the day before `day`, when a transfer took her to another post."""

    person: str
    day: date
    unit: str


class Turn(NamedTuple):
    """From that day on somebody held `kepala_unit`, or held it no more."""

    day: date
    held: bool


@dataclass
class Heads:
    """`units` are those of today; `left` in the order of the days, `turns` in the order in which they were recorded."""

    line: Line
    units: Mapping[str, str] = field(default_factory=dict)
    left: Iterable[Left] = ()
    granted: Collection[str] = ()
    turns: Mapping[str, Sequence[Turn]] = field(default_factory=dict)
    _left: dict[str, list[Left]] = field(init=False)
    _ever_in: dict[str, list[str]] = field(init=False)
    _known: dict[tuple[str, date], str | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._left = defaultdict(list)
        people: dict[str, dict[str, None]] = defaultdict(dict)
        for person, unit in self.units.items():
            people[unit][person] = None
        for one in self.left:
            self._left[one.person].append(one)
            people[one.unit][one.person] = None
        self._ever_in = {unit: list(its) for unit, its in people.items()}

    def head_of(self, unit: str, day: date) -> str | None:
        """Whose post headed the unit on that day, though he may have left it vacant by then; None where none did."""
        if (unit, day) not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[unit, day] = self._head_of(unit, day)
        return self._known[unit, day]

    def headed(self, unit: str, person: str, day: date, acting_for: str | None = None) -> bool:
        """Whether somebody headed the unit in the own post, or in that of `acting_for`, in which he was Plt then."""
        if acting_for is None:
            return self.head_of(unit, day) == person and not self._as_plt(unit, person, day)
        return self.head_of(unit, self._last_day(person, acting_for, day)) == acting_for

    def in_charge(self, unit: str, day: date) -> str | None:
        """Who has the head's part that day: Plt or Plh in the post, else its holder; nobody where he has left it vacant."""
        head = self.head_of(unit, day)
        if head is None:
            return None
        acting = (one.person_id for one in self.line.actings_on(UUID(head), day) if self.line.here(one.person_id, day))
        return next((str(one) for one in acting), head if self._there(head, unit, day) else None)

    def leads(self, unit: str, person: str, day: date) -> bool:
        """Whether the unit's label is about that person's work on that day: in the head's post as its holder, as Plt or as Plh."""
        holds = self.head_of(unit, day) == person and self._there(person, unit, day)
        return holds or self.in_charge(unit, day) == person or self._as_plt(unit, person, day)

    def _as_plt(self, unit: str, person: str, day: date) -> bool:
        posts = (one.holder_id for one in self.line.as_plt(day, UUID(person)) if one.covers(day))
        return any(self.headed(unit, person, day, str(post)) for post in posts)

    def _last_day(self, person: str, holder: str, day: date) -> date:
        """That day, or the holder's last one in the post in which that person acts."""
        last = self.line.vacated(UUID(person), UUID(holder), day)
        if last is None and self.line.gone(UUID(holder), day):
            tenure = self.line.last_tenure(UUID(holder), day)
            last = tenure.end if tenure else None
        return day if last is None else min(day, last)

    def _head_of(self, unit: str, day: date) -> str | None:
        ever = self._ever_in.get(unit, ())
        here = [person for person in ever if self._there(person, unit, day)]
        led_since: dict[UUID | None, date] = {}
        for row in filter(None, (self.line.last_tenure(UUID(person), day) for person in here)):
            led_since[row.supervisor_id] = min(row.start, led_since.get(row.supervisor_id, row.start))
        vacant = [person for person in ever if self._left_vacant(person, unit, day, led_since.get(UUID(person)))]
        granted = {person for person in here if self._held(person, day)}

        def superior(person: str) -> str | None:
            tenure = self.line.last_tenure(UUID(person), day)
            return str(tenure.supervisor_id) if tenure and tenure.supervisor_id else None

        return head_of(here, granted, superior, vacant)

    def _there(self, person: str, unit: str, day: date) -> bool:
        return self._unit_on(person, day) == unit and self.line.here(UUID(person), day)

    def _left_vacant(self, person: str, unit: str, day: date, led_since: date | None) -> bool:
        """Whether he left the agency from that unit, or the unit for another post and somebody there stands under him since before."""
        if self._unit_on(person, day) == unit:
            return self.line.gone(UUID(person), day)
        went = max((one.day for one in self._left.get(person, ()) if one.unit == unit and one.day <= day), default=None)
        return went is not None and led_since is not None and led_since < went

    def _unit_on(self, person: str, day: date) -> str | None:
        was = next((one.unit for one in self._left.get(person, ()) if one.day > day), None)
        return was or self.units.get(person)

    def _held(self, person: str, day: date) -> bool:
        later = next((turn for turn in self.turns.get(person, ()) if turn.day > day), None)
        return person in self.granted if later is None else not later.held
