"""Who stands around anything that somebody is appraised for, that day or on a later one by what is recorded.

She chooses none of them: whose powers are lent, whose superior is another, who acts in his post, who is PyB (`docs/guarantees.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from models.access import LENT, Parties, Said, parties
from models.line import Line, Standing, Tenure
from models.past_line import LineSince

ONE_MORE_PYB = UUID(int=0)


@dataclass(frozen=True)
class OpenYear:
    """What an appraisal that is not over says itself of who is around it, and how often its decision was handed on."""

    said: Said = field(default_factory=Said)
    level: int = 0


@dataclass(frozen=True)
class Appraised:
    """Somebody in her own post, in each in which she is Plt, whether or not that year has begun, and in each `year` that is open."""

    person: UUID
    line: Line
    day: date
    years: Sequence[OpenYear] = ()

    def officers(self) -> frozenset[str]:
        """Who rates her, may take over or decides, without who acts for one of them."""
        return frozenset(one for _, around in self._around(self.line) for one in around.officers)

    def posts_above(self) -> frozenset[UUID]:
        """The posts above hers, by their holders, and each in which she is Plt: who is put above or into one may come to be her officer.

        Of a year that was given to another it is he and who is above him, of a closed part the line of its last day and who came in it.
        """
        found = {UUID(post) for year in self._all() if (post := year.said.get("acting_for"))}
        for year, day in self._days():
            last = min(day, year.said.get("until") or day)
            if given_to := year.said.get("reassigned"):
                found |= self.line.posts_from(UUID(given_to), None, day)
            elif own := self._own(year.said.get("acting_for"), last):
                since = self.line.since(own)
                found |= self.line.posts_from(own.supervisor_id, since, last)
                if last < day:
                    found |= LineSince(self.line, self.person).posts_from(own.supervisor_id, since, day, last)
        return frozenset(found - {self.person})

    def pyb_stands(self) -> bool:
        """Whether a PyB rates her, may take over, is the next to decide or is HR to her, be it one who was named only now."""
        for year, around in self._around(self.line.with_pybs([ONE_MORE_PYB])):
            found = (around.officer_in(role, year.level) for role in LENT)
            if around.hr or any(one is not None and one.standing is Standing.PYB for one in found):
                return True
        return False

    def _own(self, acting_for: str | None, day: date) -> Tenure | None:
        """The line of the post that it is about."""
        if acting_for is None:
            return self.line.last_tenure(self.person, day)
        return self.line.post_of(self.person, UUID(acting_for), day)

    def _all(self) -> list[OpenYear]:
        as_plt = (OpenYear(Said(acting_for=str(one.holder_id))) for one in self.line.as_plt(self.day, self.person))
        return [OpenYear(), *as_plt, *self.years]

    def _days(self) -> Iterator[tuple[OpenYear, date]]:
        days = (self.day, *self.line.turns_after(self.day))
        return ((year, day) for year in self._all() for day in days)

    def _around(self, line: Line) -> Iterator[tuple[OpenYear, Parties]]:
        return ((year, parties(str(self.person), day, line, **year.said)) for year, day in self._days())
