"""Who really supervises whom from which day on, by the lines of before and after a change: what those concerned do not know yet.

Whoever's row it was: a superior who comes later than he was to, or a Plt above a vacant post, is another supervisor far below. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from models.line import NOBODY, Acting, Line, Officer, Tenure
from models.officers import supervisor_on
from models.workdays import ONE_DAY

Row = TypeVar("Row", Tenure, Acting)


@dataclass(frozen=True)
class Handed:
    """Who supervises somebody from a day on, None where nobody begins then, and who was to and does not any more; all by id."""

    person: str
    start: date
    superior: str | None
    no_more: Collection[str]
    known: bool = False
    """Whether she is his already for all that he was told: that another was to act for him he was not."""


def handed_over(before: Line, after: Line, today: date) -> list[Handed]:
    """What people and their superiors do not know yet. Of whom nothing was recorded before, the import itself is the event.

    Whoever holds a post in which another acts, or is still to come, supervises nobody; but no holder is told that somebody acts for him,
    and nobody who is not here on the day that it is about. What began on an earlier day is told where it holds today, and that an
    appointment ends to nobody, unless it does because who acted leaves.
    """
    change = Change(before, after)
    return [one for person in change.reached() for one in _told(person, change.days(person), before, after, today)]


def _told(who: UUID, days: Collection[date], before: Line, after: Line, today: date) -> Iterator[Handed]:
    now = _acts(who, today, after)
    for day in sorted(days):
        if not any(row.covers(max(day, row.start)) for row in after.tenures_of(who)):
            continue  # she herself is gone by then
        was_eve, was = (_acts(who, on, before) for on in (day - ONE_DAY, day))
        eve, new = (_acts(who, on, after) for on in (day - ONE_DAY, day))
        off = was not in (None, was_eve, new)
        begins = (new != was or was == was_eve) if new != eve else off
        ends = new != eve and (was_eve != eve or was == eve)
        gone = {one for one, told in ((eve, ends), (was, off)) if told and one is not None} - {new}
        if day < today:
            begins, gone = begins and new == now, gone - {now}
        gone = {one for one in gone if after.tenure_on(one, day) and not _stood_in_for(one, who, day, after)}
        superior = new if begins else None
        if superior is not None or gone:
            known = superior is not None and _is_his(superior, who, day, before)
            yield Handed(str(who), day, str(superior) if superior else None, sorted(map(str, gone)), known)


def _acts(who: UUID, day: date, line: Line) -> UUID | None:
    """Who rates her that day; nobody while she is not here."""
    officer: Officer = NOBODY if line.tenure_on(who, day) is None else supervisor_on(who, day, line)
    return officer.person_id


def _stood_in_for(holder: UUID, who: UUID, day: date, line: Line) -> bool:
    """Whether he is above her that day in a post in which another acts."""
    return bool(line.actings_on(holder, day)) and holder in line.above(who, day)


def _is_his(holder: UUID, who: UUID, day: date, line: Line) -> bool:
    """Whether another acts for him that day with whoever was his before."""
    if not _stood_in_for(holder, who, day, line):
        return False
    while acts := line.actings_on(holder, day):
        day = min(one.start for one in acts) - ONE_DAY
    return _acts(who, day, line) == holder


class Change:
    """What differs between two lines, and whom it reaches: everybody below as far as nobody between stays who he was."""

    def __init__(self, before: Line, after: Line) -> None:
        self._lines = (before, after)
        self._turns: dict[UUID, frozenset[date]] = {}
        differs: dict[UUID, list[date]] = defaultdict(list)
        self._others: set[UUID] = set()
        for one in {*before.posts, *after.posts}:
            differs[one] += _differing(before.actings_of(one), after.actings_of(one))
            if lines := _differing(before.tenures_of(one), after.tenures_of(one)):
                self._others.add(one)
                differs[one] += lines
        self._posts = {one for one, days in differs.items() if days}
        self._first = min((day for days in differs.values() for day in days), default=date.max)

    def reached(self) -> set[UUID]:
        """Everybody of before who may have another supervisor on some day."""
        before, after = self._lines
        acting = {row.holder_id for line in self._lines for row in line.actings() if row.person_id in self._others}
        below: dict[UUID, set[UUID]] = defaultdict(set)
        for row in before.tenures() if self._posts else ():
            if row.supervisor_id is not None:
                below[row.supervisor_id].add(row.person_id)
        passed = self._posts | acting
        found, ask = set(self._others), list(passed)
        stepped_back = after.stepped_back()
        while ask:
            for one in below.get(ask.pop(), ()):
                found.add(one)
                if one not in passed and (one in stepped_back or not self._stays(one)):
                    passed.add(one)
                    ask.append(one)
        return {one for one in found if before.tenures_of(one)}

    def _stays(self, holder: UUID) -> bool:
        """Whether those below him are his whatever happens above him."""
        after = self._lines[1]
        here = any(row.end is None and row.start <= self._first for row in after.tenures_of(holder))
        return here and not after.actings_of(holder)

    def days(self, person: UUID) -> set[date]:
        """On which days it may be another who supervises her: she comes under somebody, or above her somebody comes, goes or acts."""
        posts, ask = set[UUID](), [person]
        while ask:
            one = ask.pop()
            for row in (row for line in self._lines for row in line.tenures_of(one)):
                if row.supervisor_id is not None and row.supervisor_id not in posts:
                    posts.add(row.supervisor_id)
                    ask.append(row.supervisor_id)
        own = {row.start for line in self._lines for row in line.tenures_of(person) if row.start >= self._first}
        return own.union(*map(self._turns_of, posts))

    def _turns_of(self, post: UUID) -> frozenset[date]:
        if post not in self._turns:
            actings = [row for line in self._lines for row in line.actings_of(post)]
            people = {post, *(row.person_id for row in actings)}
            lines = [row for line in self._lines for one in people for row in line.tenures_of(one)]
            starts = {row.start for row in actings} | {row.start for row in lines}
            ends = {row.end + ONE_DAY for row in lines if row.end is not None}
            self._turns[post] = frozenset(day for day in starts | ends if day >= self._first)
        return self._turns[post]


def _differing(was: Sequence[Row], now: Sequence[Row]) -> list[date]:
    """Since when each row is another that is not the same in both."""
    if was == now:
        return []
    ended, ends = _ends(was), _ends(now)
    only_one = [row.start for row in ended.keys() ^ ends.keys()]
    return only_one + [min(ended[row], ends[row]) + ONE_DAY for row in ended if ended[row] != ends.get(row, ended[row])]


def _ends(rows: Sequence[Row]) -> dict[Row, date]:
    """The last day of each row, whatever else it says."""
    return {replace(row, end=None): row.end or date.max for row in rows}
