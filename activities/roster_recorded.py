"""What is recorded of people when a roster comes in, read once; and how a person's line goes on when her superior changes.

What the line was on an earlier day stays: a change ends one stretch and begins another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from activities.people import EXIT
from activities.places import moves_of
from activities.running import Running, running
from models.line import Acting, ActingKind, Line, Tenure, spoken_of, to_come
from models.places import Move, Place, leaves_post
from models.tables import Json
from models.vocabulary import Exit, GrantedRole
from models.workdays import ONE_DAY

UNIT = "unit_id"
UNITS = text("SELECT id, code, name, parent_id FROM unit")
PEOPLE = text(
    "SELECT id, nip, name, post, level, kind, unit_id, grade, family, email, work_week, zone, since FROM person"
)
TENURES = text(
    "SELECT person_id, valid_from, valid_until, supervisor_id, outside FROM tenure ORDER BY person_id, valid_from"
)
ACTINGS = text("SELECT person_id, acting_for, kind, valid_from, valid_until FROM acting ORDER BY valid_from")
EXITS = text(f"SELECT person_id, effective, why FROM personnel_change c WHERE {EXIT} ORDER BY effective, at")
GRANTS = text("SELECT person_id, role FROM role_grant")

DROP_TENURES = text("DELETE FROM tenure WHERE person_id = :person_id AND valid_from >= :valid_from")


@dataclass(frozen=True)
class Span:
    """One stretch of a person's line, as stored."""

    start: date
    until: date | None
    supervisor_id: str | None
    outside: bool

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day <= self.until)

    def same_superior(self, other: Span) -> bool:
        return (self.supervisor_id, self.outside) == (other.supervisor_id, other.outside)


def respanned(history: Sequence[Span], wanted: Span) -> tuple[Span, ...]:
    """The history with the wanted superior from `wanted.start` until the next recorded stretch begins, or until she leaves.

    A stretch that begins on that very day is replaced, what ran ends the day before, and what is to come later comes, so that
    the order in which changes are recorded does not matter. A gap before it stays one: nobody supervised who was not there.
    """
    ran = span_on(history, wanted.start)
    history = [span for span in history if span.covers(span.start)]
    before = [span for span in history if span.start < wanted.start]
    after = [span for span in history if span.start > wanted.start]
    if before and (before[-1].until is None or before[-1].until >= wanted.start):
        before[-1] = replace(before[-1], until=wanted.start - ONE_DAY)
    until = ran.until if ran else after[0].start - ONE_DAY if after else None
    return (*before, replace(wanted, until=until), *after)


class Left(NamedTuple):
    """Somebody has left, or will, since the first exit that holds; a later one (`latest`) took a return back."""

    since: date
    latest: date
    died: bool

    def known_to(self, said: date | None) -> bool:
        """Whether a row with that first day of a post comes after it and brings her back; from a death nothing does."""
        return not self.died and said is not None and said >= self.latest


def exits_of(rows: Iterable[tuple[str, date, str]]) -> Mapping[str, Left]:
    """By person. `rows` are exits that hold, in the order of their days."""
    found: dict[str, Left] = {}
    for person, day, why in rows:
        before = found.get(person)
        died = Exit(why) is Exit.DIE or (before is not None and before.died)
        found[person] = Left(before.since if before else day, day, died)
    return found


class Arrival(NamedTuple):
    """Somebody is to come with the stretch `first`, and comes on `day` by what a row says."""

    first: Span
    day: date


def arrival(history: Sequence[Span], said: date | None, today: date) -> Arrival | None:
    """Of which arrival a row speaks whose first day of the post is `said`; None where it speaks of who is here, or of no such stretch."""
    first = to_come(history, today)
    if first is None:
        return None
    if said is None:
        return Arrival(first, first.start) if spoken_of(history, today) is first else None
    before = begun(history, first.start - ONE_DAY)
    still_of_before = before is not None and (before.until is None or said <= before.until)
    left_again = said > first.start and span_on(history, said) is None
    return None if still_of_before or left_again else Arrival(first, said)


def arrived(history: Sequence[Span], arrival: Arrival) -> tuple[Span, ...]:
    """The history in which she comes on that day: under the superior who was recorded for it, else under the one she was to come to."""
    before = [span for span in history if span.start < arrival.first.start]
    first, *later = (
        span
        for span in history
        if span.start >= arrival.first.start and (span.until is None or span.until >= arrival.day)
    )
    return (*before, replace(first, start=arrival.day), *later)


def joined(history: Sequence[Span], day: date) -> tuple[Span, ...]:
    """The history in which no stretch begins on that day: the one before goes on in its place. Who comes on that day still does."""
    before = [span for span in history if span.start < day]
    gone = [span for span in history if span.start == day]
    if not gone or not before or before[-1].until != day - ONE_DAY:
        return tuple(history)
    before[-1] = replace(before[-1], until=gone[-1].until)
    return (*before, *(span for span in history if span.start > day))


def cut(history: Sequence[Span], day: date) -> tuple[Span, ...]:
    """The history that ends the day before.

    Of who was only to come a stretch without a day remains: who was put under her still has the superior of her post above him.
    """
    kept = tuple(
        span if span.until is not None and span.until < day else replace(span, until=day - ONE_DAY)
        for span in history
        if span.start < day
    )
    eve = day - ONE_DAY
    return kept or tuple(replace(span, start=eve, until=eve - ONE_DAY) for span in history[:1])


def span_on(history: Sequence[Span], day: date) -> Span | None:
    """The stretch that holds on that day."""
    return next((span for span in history if span.covers(day)), None)


def begun(history: Sequence[Span], day: date) -> Span | None:
    """The latest stretch that has begun by that day, whether or not it ended."""
    return next((span for span in reversed(history) if span.start <= day), None)


async def write_spans(connection: AsyncConnection, person: str, history: Sequence[Span], after: Sequence[Span]) -> bool:
    """Store a person's line as it is to be; False where it was so already."""
    if tuple(after) == tuple(history):
        return False
    drop, fresh = difference(history, after)
    if drop is not None:
        await connection.execute(DROP_TENURES, {"person_id": person, "valid_from": drop})
    if fresh:
        await connection.execute(
            insert(SQLModel.metadata.tables["tenure"]), [tenure_of(person, span) for span in fresh]
        )
    return True


def difference(history: Sequence[Span], after: Sequence[Span]) -> tuple[date | None, list[Span]]:
    """From which day stored stretches go, and those that come in their place."""
    pairs = zip(history, after, strict=False)
    same = next((at for at, (was, is_now) in enumerate(pairs) if was != is_now), min(len(history), len(after)))
    return history[same].start if same < len(history) else None, list(after[same:])


def tenure_of(person: str, span: Span) -> Json:
    return {
        "person_id": person,
        "valid_from": span.start,
        "valid_until": span.until,
        "supervisor_id": span.supervisor_id,
        "outside": span.outside,
    }


def _acting(row: Json, place: Place, moves: Sequence[Move]) -> Acting:
    """With the holder's place of today and his `moves`."""
    first, last = row["valid_from"], row["valid_until"]
    assert isinstance(first, date)
    assert last is None or isinstance(last, date)
    left = (move.day for move in moves if move.day >= first and leaves_post(move, place, moves))
    kind = ActingKind(str(row["kind"]))
    gone = next((day - ONE_DAY for day in left), None)
    return Acting(UUID(str(row["person_id"])), UUID(str(row["acting_for"])), kind, first, last, gone)


@dataclass
class Recorded:
    """Everything a file is held against, read once: units by code, people by NIP, the rest by person."""

    units: dict[str, Json]
    people: dict[str, Json]
    spans: dict[str, tuple[Span, ...]]
    actings: dict[str, list[Json]]
    grants: dict[str, set[str]]
    moves: dict[str, list[Move]]
    """The transfers that are recorded and hold, in the order of their days."""
    titles: dict[str, list[Move]]
    """And what became different where somebody stayed."""
    exits: Mapping[str, Left]
    """Who has left, or will."""
    running: dict[str, list[Running]]

    def line(self) -> Line:
        """Who is above whom and who is HR, without who lends what and who is PyB."""
        places = {str(person["id"]): person for person in self.people.values()}
        moves = {
            (person, move.day): move.before is not None and move.to.get(UNIT, move.before[UNIT]) != move.before[UNIT]
            for person, its in self.moves.items()
            for move in its
            if leaves_post(move, places[person], its)
        }
        tenures = (
            Tenure(
                UUID(person),
                UUID(s.supervisor_id) if s.supervisor_id else None,
                s.outside,
                s.start,
                s.until,
                moves.get((person, s.start), False),
                (person, s.start) in moves,
            )
            for person, spans in self.spans.items()
            for s in spans
        )
        actings = (
            _acting(row, places[str(row["acting_for"])], self.moves.get(str(row["acting_for"]), ()))
            for appointments in self.actings.values()
            for row in appointments
        )
        return Line(
            tenures, actings, hr=[UUID(person) for person, roles in self.grants.items() if GrantedRole.HR in roles]
        )

    @classmethod
    async def load(cls, connection: AsyncConnection) -> Recorded:
        spans: dict[str, list[Span]] = defaultdict(list)
        for t in await connection.execute(TENURES):
            spans[t.person_id].append(Span(t.valid_from, t.valid_until, t.supervisor_id, t.outside))
        actings: dict[str, list[Json]] = defaultdict(list)
        for a in (await connection.execute(ACTINGS)).mappings():
            actings[a["person_id"]].append(dict(a))
        grants: dict[str, set[str]] = defaultdict(set)
        for g in await connection.execute(GRANTS):
            grants[g.person_id].add(g.role)
        open_now: dict[str, list[Running]] = defaultdict(list)
        for one in await running(connection):
            open_now[one.person].append(one)
        moves: dict[bool, dict[str, list[Move]]] = {title: defaultdict(list) for title in (False, True)}
        for person, its in (await moves_of(connection, titles=True)).items():
            for move in its:
                moves[move.title][person].append(move)
        return cls(
            units={u["code"]: dict(u) for u in (await connection.execute(UNITS)).mappings()},
            people={p["nip"]: dict(p) for p in (await connection.execute(PEOPLE)).mappings()},
            spans={person: tuple(found) for person, found in spans.items()},
            actings=actings,
            grants=grants,
            moves=moves[False],
            titles=moves[True],
            exits=exits_of((c.person_id, c.effective, c.why) for c in await connection.execute(EXITS)),
            running=open_now,
        )
