"""What one appraisal is about: from which day to which within its year, and the place that held at its end.

Pure. Credit points, the official papers and whoever else asks what held in a part of a year ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from models.places import Move, Place, came_to, place_on
from models.workdays import ONE_DAY


@dataclass(frozen=True, slots=True)
class Segment:
    """A year, or the part of it that was spent in one place; both days included."""

    first: date
    last: date
    place: Place
    """Of its last day; while that is still to come, of today."""
    stayed: date = date.max
    """Her last day in that post: a transfer or an exit that ends no segment takes her from it all the same."""

    def day(self, today: date) -> date:
        """The day by which it is asked who stood where, and who headed the unit: her last in that post, or today before that has come."""
        return min(self.stayed, today)

    @property
    def months(self) -> int:
        """Its months by the calendar; a month is that segment's which holds on the month's last day, so a year has no more than 12.

        The month of a start counts, and of an end where it is whole (DOMAIN 2.6, 3.6).
        """
        return len(self.counted)

    @property
    def counted(self) -> range:
        """Which months these are, 1 to 12."""
        return range(self._whole(self.first - ONE_DAY) + 1, self._whole(self.last) + 1)

    def _whole(self, day: date) -> int:
        """The months that are over when this day is, of the year the segment lies in."""
        tomorrow = day + ONE_DAY
        return (tomorrow.year - self.last.year) * 12 + tomorrow.month - 1


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What rows say of one appraisal and of its employee as of today."""

    year: int
    number: int
    """Which segment of the year."""
    began: date | None
    """Its first day as the engine has it: of the first segment the day on which it was launched."""
    ended: date | None
    """The last day of a segment that was closed, or of who left."""
    place: Place
    """Of today."""
    since: date | None
    """Since when she is in that post."""
    entered: date | None
    """Since when she is in anybody's line."""
    rated: date | None = None
    """When the rating that stands was given."""
    left: date | None = None
    """Her last day before an exit within that year, also one that ended nothing because she was rated before it."""


def segment(known: OnRecord, moves: Sequence[Move], today: date) -> Segment:
    """The days and the place of an appraisal. `moves` are its employee's transfers and titles, in the order of their days."""
    start, end = date(known.year, 1, 1), date(known.year, 12, 31)
    last = end if known.ended is None else min(known.ended, end)
    stayed = min(last, _last_day_in_post(max(known.began or start, start), known.rated, moves))
    held = min(stayed, today)
    first = max(start, _began(known, came_to(held, known.since, moves), last))
    return Segment(min(first, last), last, place_on(held, known.place, moves), _in_line(stayed, known))


def acted(known: OnRecord, post: str, level: str) -> Segment:
    """The days within the year for which somebody acted in a post of that level (Plt), beside her own."""
    start, end = date(known.year, 1, 1), date(known.year, 12, 31)
    last = end if known.ended is None else min(known.ended, end)
    first, place = min(max(known.began or start, start), last), {**known.place, "post": post, "level": level}
    return Segment(first, last, place, _in_line(last, known))


def asked(known: OnRecord, moves: Sequence[Move], first: date, last: date, today: date) -> Segment:
    """The days that an evaluation was asked of, in the post that she had on the last of them. `moves` as of `segment`."""
    return Segment(first, last, place_on(min(last, today), known.place, moves), _in_line(last, known))


def _in_line(day: date, known: OnRecord) -> date:
    """That day, or her last one before she left within the year.

    Of a year that was over when her agency was first recorded, the day from which on anything is known of who stood where.
    """
    here = day if known.left is None else min(day, known.left)
    return here if known.entered is None else max(here, known.entered)


def _last_day_in_post(began: date, rated: date | None, moves: Iterable[Move]) -> date:
    """A transfer or a title that comes after her rating ends no segment, but the place that it is about.

    A title before it, or without one, holds for the whole segment.
    """
    leaves = (move.day for move in moves if move.day > ((rated or date.max) if move.title else began))
    return min(leaves, default=date.max) - ONE_DAY


def _began(known: OnRecord, since: date | None, last: date) -> date:
    """Who came to her post within the year began then; who was in it when the year began, with the year.

    A day that was recorded once the appraisal ran is another title in the same place, unless she is new to the agency.
    """
    start = date(known.year, 1, 1)
    if known.number > 1 and known.began is not None:
        return known.began
    if since is None or not start <= since <= last:
        return start
    before_it_ran = known.began is None or since <= known.began
    new_here = known.entered is not None and known.entered > start
    return since if before_it_ran or new_here else start
