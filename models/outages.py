"""What an outage gives back: the time in which people could not act, to whatever was open for them then.

Pure. An end that had passed when the outage began stays; an opening never moves, for that would take days away. What an opening
closes is closed later (`models.timetable`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta

from models.circumstances import Outage
from models.windows import Windows
from models.workdays import PersonClock, end_of_day


def apart(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    """The same time as outages that do not overlap, in order: what was down twice at once was down once."""
    found: list[Outage] = []
    for outage in sorted(outages, key=lambda o: (o.begins, o.ends)):
        if found and outage.begins <= found[-1].ends:
            found[-1] = Outage(found[-1].begins, max(found[-1].ends, outage.ends))
        else:
            found.append(outage)
    return tuple(found)


def given_back(end: datetime, begins: datetime, outages: Sequence[Outage], clock: PersonClock) -> datetime:
    """The end of something open since `begins`, moved by every outage it was still ahead of, to the end of that local day.

    Whoever had two days left when the system went has two days left when it is back, so an outage that outlasts the
    end counts whole. `outages` are `apart`.
    """
    for outage in outages:
        if outage.begins < end and begins < outage.ends:
            lost = outage.ends - max(outage.begins, begins)
            end = end_of_day(clock.day_of(end + lost), clock.zone)
    return end


def shortest_touched(
    outage: Outage, windows: Windows, clock: PersonClock, still_open: Container[str] = ()
) -> timedelta | None:
    """How long the shortest window lasts, from its opening to its close, that was open in the outage; None where none was.

    `still_open` are keys of windows whose stage somebody was still in, so that they count although they had closed.
    """
    lasts = []
    for key, row in windows.items():
        if row.opens is None or row.closes is None:
            continue
        opens, closes = clock.opening(row.opens), clock.ending(row.closes)
        if key in still_open or (outage.begins < closes and opens < outage.ends):
            lasts.append(closes - opens)
    return min(lasts, default=None)
