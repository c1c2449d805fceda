"""A cycle's calendar: for each stage when its window opens, is due and closes, for everybody or for a unit and what is below it.

Pure. Each end is a local date, meaning that whole day in the employee's zone, or an aware instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.appraisal import Flow
from models.policy import CalendarRules, PolicyPack, YearDay
from models.vocabulary import Stage, Zone
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


EVERYWHERE = tuple(PersonClock.of(zone, 5) for zone in Zone)
"""A clock of each zone; windows know no working days."""

Windows = Mapping[str, WindowRow]
"""By calendar key: a stage, or `midyear.k`."""

CalendarRows = Mapping[tuple[str, str | None], WindowRow]
"""A cycle's calendar as stored: by calendar key and unit code, None for everybody."""


def calendar_key(stage: str, period: int | None) -> str:
    """The key of the window of a stage, or of one of its periods."""
    return stage if period is None else f"{stage}.{period}"


def key_of(stage: Stage, period: int | None) -> str:
    """The key that the window of a stage has, if there is one; only the mid-year review has one for each period."""
    return calendar_key(stage.value, period if stage is Stage.MIDYEAR else None)


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


def span(year: int, rules: CalendarRules, *, opening: bool) -> tuple[date, date]:
    """The first and the last day on which a window of that year's cycle may open, or be due and close.

    What is worked for the year is due in it or in the next; only an opening may lie a little before, as far as the pack lets it.
    """
    early = timedelta(days=rules.opens_early_days_max if opening else 0)
    return date(year, 1, 1) - early, date(year + 1, 12, 31)


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


def ahead(windows: Windows, stage: Stage, periods_done: int) -> dict[str, WindowRow]:
    """The windows which a year that stands there is in or comes to."""
    order = [one.value for one in Stage]
    gone = {*order[: order.index(stage)], *(f"{Stage.MIDYEAR}.{k}" for k in range(1, periods_done + 1))}
    return {key: row for key, row in windows.items() if not {key, key.partition(".")[0]} & gone}


def announced_days_off(windows: Windows, clock: PersonClock) -> list[tuple[str, str, date]]:
    """Where a due or closing day is a day off: `(key, "due" | "closes", day)`; worth a warning before a cycle opens."""
    found = []
    for key, row in windows.items():
        for name, end in (("due", row.due), ("closes", row.closes)):
            if end is not None and not clock.calendar.is_working(day := clock.day_of(clock.ending(end))):
                found.append((key, name, day))
    return found


def in_order(row: WindowRow) -> bool:
    """Whether the window opens, falls due and closes in this order, wherever in the country: an instant stands beside each zone's days."""

    def ends(clock: PersonClock) -> list[datetime]:
        opens = [clock.opening(row.opens)] if row.opens is not None else []
        return opens + [clock.ending(day) for day in (row.due, row.closes) if day is not None]

    return all(ends(clock) == sorted(ends(clock)) for clock in EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two windows that stand in each other's way: `key` is the earlier stage's, `other` the later one's."""

    key: str
    other: str
    stops: bool
    """They cannot work; otherwise it is odd and worth a warning."""


def clashes(windows: Windows, flow: Flow) -> list[Clash]:
    """Windows out of the order of a year, somewhere in the country.

    It cannot work where a stage closes before one that must come first opens; or, up to the first stage of the rating,
    where the next window opens no later than this one, or before this one is due: its opening closes a period.
    A plan due after the next opening and a self-assessment due after the rating are odd, and do work.
    """
    found: dict[tuple[str, str], bool] = {}
    for clock in EVERYWHERE:
        for one in _clashes(windows, flow, clock):
            found[one.key, one.other] = found.get((one.key, one.other), False) or one.stops
    return [Clash(key, other, stops) for (key, other), stops in found.items()]


def _clashes(windows: Windows, flow: Flow, clock: PersonClock) -> Iterator[Clash]:
    periods = [f"{Stage.MIDYEAR}.{k}" for k in range(1, flow.periods + 1)]
    ending = [Stage.SELF_ASSESSMENT.value, Stage.RATING.value] if flow.self_assessment else [Stage.RATING.value]
    order = [key for key in (Stage.PLAN.value, *periods, *ending) if key in windows]
    for n, key in enumerate(order):
        row = windows[key]
        opens = None if row.opens is None else clock.opening(row.opens)
        due = None if row.due is None else clock.ending(row.due)
        for other in order[n + 1 :]:
            closes = windows[other].closes
            if opens is not None and closes is not None and clock.ending(closes) <= opens:
                yield Clash(key, other, stops=True)
        if n + 1 == len(order):
            continue
        other, following = order[n + 1], windows[order[n + 1]]
        next_opens = None if following.opens is None else clock.opening(following.opens)
        if key != Stage.SELF_ASSESSMENT and next_opens is not None:
            if opens is not None and next_opens <= opens:
                yield Clash(key, other, stops=True)
            if due is not None and next_opens < due:
                yield Clash(key, other, stops=key != Stage.PLAN)
        elif key == Stage.SELF_ASSESSMENT:
            if opens is not None and next_opens is not None and next_opens < opens:
                yield Clash(key, other, stops=False)
            if due is not None and following.due is not None and clock.ending(following.due) < due:
                yield Clash(key, other, stops=False)


@dataclass(frozen=True, slots=True)
class Nearer:
    """An end that a new calendar brings nearer than it may: `end` is `due` or `closes`, or `opens` where that closes a step."""

    key: str
    end: str
    past: bool
    """It would lie in the past."""


def too_near(
    before: Windows, after: Windows, flow: Flow, clock: PersonClock, now: datetime, earliest: date
) -> Iterator[Nearer]:
    """Ends that come earlier than they were and before `earliest`; what moves later may be as near as it likes.

    An opening still to come that closes the step before it is such an end.
    """
    closing = {window_after(flow, done) for done in range(flow.periods + 1)}
    for key, row in after.items():
        held = before.get(key, WindowRow())
        for name, was, end in (("due", held.due, row.due), ("closes", held.closes, row.closes)):
            if end is None or end == was:
                continue
            at = clock.ending(end)
            nearer = was is None or at < clock.ending(was)
            if nearer and clock.day_of(at) < earliest:
                yield Nearer(key, name, past=at < now)
        if key in closing and held.opens is not None and row.opens is not None:
            stood, opens = clock.opening(held.opens), clock.opening(row.opens)
            if now < stood and opens < stood and clock.day_of(opens) < earliest:
                yield Nearer(key, "opens", past=opens < now)


def shut_again(before: Windows, after: Windows, now: datetime) -> list[str]:
    """Windows that stand open somewhere and would open later than now: whoever works in one would be shut out of her draft."""
    return [
        key
        for key, row in after.items()
        if any(
            _opened(before.get(key, WindowRow()), clock, now) and not _opened(row, clock, now) for clock in EVERYWHERE
        )
    ]


def _opened(window: WindowRow, clock: PersonClock, now: datetime) -> bool:
    return window.opens is None or clock.opening(window.opens) <= now


def breaches(
    before: Windows,
    after: Windows,
    reached: tuple[Stage, int],
    flow: Flow,
    clock: PersonClock,
    notice: tuple[datetime, date],
) -> Iterator[tuple[str, str]]:
    """Which rule for moving a calendar is broken where a year comes from these windows to those: a code, and whose window it is.

    `reached` is where the year stands, as in `ahead`: of what it has behind it nothing matters. `notice` is now and the earliest day.
    """
    now, earliest = notice
    coming = ahead(after, *reached)
    for near in too_near(before, coming, flow, clock, now, earliest):
        yield "notice_too_short", near.key
    for key in shut_again(before, coming, now):
        yield "already_open", key
    for key, row in coming.items():
        if not in_order(row) and in_order(before.get(key, WindowRow())):
            yield "out_of_order", key
    stood = clashes(before, flow)
    for clash in clashes(after, flow):
        if clash.stops and clash.other in coming and clash not in stood:
            yield "out_of_order", clash.other


def window_after(flow: Flow, periods_done: int) -> str:
    """The window that comes next in a year: the next period, then self-assessment, then rating."""
    if periods_done < flow.periods:
        return f"{Stage.MIDYEAR}.{periods_done + 1}"
    return Stage.SELF_ASSESSMENT.value if flow.self_assessment else Stage.RATING.value
