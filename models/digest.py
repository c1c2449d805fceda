"""The morning's digest: when a person's morning comes, and what one mail says of everything that waited for it.

Pure: instants and entries in, instants and words out. A digest knows kinds, names and due days; it has no place for a score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby

from models.language import Bilingual
from models.notices import DigestWords
from models.vocabulary import Language, Zone
from models.workdays import PersonClock, at_time, local_day, start_of_day

MORNING = time(8, 30)
"""After the rungs of the day (`rung_hour`, of whatever zone) and their jitter."""
LINES_MAX = 15
LAST = datetime.max.replace(tzinfo=UTC)


def next_round(after: datetime) -> datetime:
    """The next instant at which some zone's morning comes, on whatever day; who works then is asked when it has come."""
    days = ((zone, local_day(after, zone) + timedelta(days=n)) for zone in Zone for n in (0, 1))
    return min(at for at in (at_time(day, MORNING, zone) for zone, day in days) if at > after)


def next_morning(at: datetime, who: PersonClock) -> datetime:
    """This person's first morning of a working day that is not before the instant."""
    day = who.calendar.add(who.day_of(at), 0)
    morning = at_time(day, MORNING, who.zone)
    return morning if morning >= at else at_time(who.calendar.next_working(day), MORNING, who.zone)


def morning_by(at: datetime, who: PersonClock) -> datetime | None:
    """The morning of that local day, if it has come by then; None before it, and on a day off."""
    morning = next_morning(start_of_day(who.day_of(at), who.zone), who)
    return morning if morning <= at else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice as a digest tells it: its kind, whom it is about (None: the reader), and by when something is due."""

    heading: Bilingual
    about: str | None = None
    due_at: datetime | None = None
    due: Bilingual | None = None
    """The due day in words."""

    def overdue(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True)
class Digest:
    """The words of one morning, in one language."""

    subject: str
    body: str


def compose(entries: Sequence[Entry], morning: datetime, link: str, words: DigestWords, language: Language) -> Digest:
    """One mail of all of them: the most urgent kind first, each kind with its count, at most `LINES_MAX` lines of them."""
    lines = list(_lines(_by_kind(entries, morning), morning, words, language))
    said = [words.opening.say(language), "", *lines, "", words.closing.fill(link=link).say(language)]
    return Digest(words.subject.fill(count=str(len(entries))).say(language), "\n".join(said))


def _by_kind(entries: Sequence[Entry], now: datetime) -> list[list[Entry]]:
    """Kinds in the order of their most urgent entry, and so within a kind."""

    def urgency(entry: Entry) -> tuple[bool, datetime, str]:
        return not entry.overdue(now), entry.due_at or LAST, entry.about or ""

    def kind(entry: Entry) -> tuple[str, str]:
        return entry.heading.id, entry.heading.en

    kinds = [sorted(group, key=urgency) for _, group in groupby(sorted(entries, key=kind), key=kind)]
    return sorted(kinds, key=lambda group: (urgency(group[0]), kind(group[0])))


def _lines(kinds: Sequence[Sequence[Entry]], now: datetime, words: DigestWords, language: Language) -> Iterator[str]:
    """A kind of one takes a line; others a line with their count and, while there is room, one for each."""

    def more(count: int) -> str:
        return words.more.fill(count=str(count)).say(language)

    shown, room = kinds[:LINES_MAX], LINES_MAX
    for later, kind in zip(range(len(shown) - 1, -1, -1), shown, strict=True):
        heading, room = kind[0].heading.say(language), room - 1
        if len(kind) == 1:
            told = _told(kind[0], now, words, language)
            yield f"* {heading}" + (f": {told}" if told else "")
            continue
        yield f"* {heading} ({len(kind)})"
        listed = [told for told in (_told(entry, now, words, language) for entry in kind) if told]
        free = room - later
        if len(listed) > free:
            listed = [*listed[: free - 1], more(len(kind) - free + 1)] if free > 1 else []
        room -= len(listed)
        yield from (f"  - {line}" for line in listed)
    if left := sum(len(kind) for kind in kinds[LINES_MAX:]):
        yield f"* {more(left)}"


def _told(entry: Entry, now: datetime, words: DigestWords, language: Language) -> str:
    due = None
    if entry.due is not None:
        due = (words.overdue if entry.overdue(now) else words.due).fill(due=entry.due).say(language)
    return ", ".join(part for part in (entry.about, due) if part)
