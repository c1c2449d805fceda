"""What is recorded of people when a roster comes in, read once; and how a person's line goes on when her superior changes.

What the line was on an earlier day stays: a change ends one stretch and begins another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from activities.people import EXIT
from activities.running import Running, running
from models.circumstances import Personnel
from models.tables import Json
from models.vocabulary import Exit
from models.workdays import ONE_DAY

UNITS = text("SELECT id, code, name, parent_id FROM unit")
PEOPLE = text(
    "SELECT id, nip, name, post, level, kind, unit_id, grade, family, email, work_week, zone, since FROM person"
)
TENURES = text(
    "SELECT person_id, valid_from, valid_until, supervisor_id, outside FROM tenure ORDER BY person_id, valid_from"
)
ACTINGS = text("SELECT person_id, acting_for, kind, valid_from, valid_until FROM acting ORDER BY valid_from")
CHANGES = text(
    f"SELECT person_id, kind, effective, why FROM personnel_change c WHERE c.kind = 'transfer' OR {EXIT} ORDER BY effective, at"
)
GRANTS = text("SELECT person_id, role FROM role_grant")

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('roster', 0))")
"""Whoever changes people or their line holds this until his transaction ends."""
DROP_TENURES = text("DELETE FROM tenure WHERE person_id = :person_id AND valid_from >= :valid_from")


@dataclass(frozen=True)
class Span:
    """One stretch of a person's line, as stored."""

    start: date
    until: date | None
    supervisor_id: str | None
    outside: bool

    def same_superior(self, other: Span) -> bool:
        return (self.supervisor_id, self.outside) == (other.supervisor_id, other.outside)


def respanned(history: Sequence[Span], wanted: Span) -> tuple[Span, ...]:
    """The history with the wanted superior from `wanted.start` on: what ran ends the day before, what was to come is dropped.

    Where the latest stretch already has that superior and is open, nothing changes. A start before the whole history
    replaces its first stretch, so that no day loses its answer. A gap stays a gap: nobody supervised who was not there.
    """
    if history and history[-1].until is None and history[-1].same_superior(wanted):
        return tuple(history)
    start = max(wanted.start, history[0].start) if history else wanted.start
    kept = [span for span in history if span.start < start]
    ran_on = bool(kept) and (kept[-1].until is None or kept[-1].until >= start - ONE_DAY)
    if ran_on and kept[-1].same_superior(wanted):
        return (*kept[:-1], replace(kept[-1], until=None))
    if ran_on:
        kept[-1] = replace(kept[-1], until=start - ONE_DAY)
    return (*kept, replace(wanted, start=start, until=None))


async def write_spans(connection: AsyncConnection, person: str, history: Sequence[Span], after: Sequence[Span]) -> bool:
    """Store a person's line as it is to be; False where it was so already."""
    if tuple(after) == tuple(history):
        return False
    drop, fresh = difference(history, after)
    if drop is not None:
        await connection.execute(DROP_TENURES, {"person_id": person, "valid_from": drop})
    await connection.execute(insert(SQLModel.metadata.tables["tenure"]), [tenure_of(person, span) for span in fresh])
    return True


def difference(history: Sequence[Span], after: Sequence[Span]) -> tuple[date | None, list[Span]]:
    """From which day stored stretches go, and those that come in their place."""
    same = [span for span in history if span in after]
    gone = history[len(same)].start if len(same) < len(history) else None
    return gone, [span for span in after if span not in same]


def tenure_of(person: str, span: Span) -> Json:
    return {
        "person_id": person,
        "valid_from": span.start,
        "valid_until": span.until,
        "supervisor_id": span.supervisor_id,
        "outside": span.outside,
    }


@dataclass
class Recorded:
    """Everything a file is held against, read once: units by code, people by NIP, the rest by person."""

    units: dict[str, Json]
    people: dict[str, Json]
    spans: dict[str, tuple[Span, ...]]
    actings: dict[str, list[Json]]
    grants: dict[str, set[str]]
    moves: dict[str, set[date]]
    """The days of the transfers that are recorded."""
    exits: dict[str, tuple[date, Exit]]
    """Who has left, or will: since when, and why."""
    running: dict[str, list[Running]]

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
        moves: dict[str, set[date]] = defaultdict(set)
        exits: dict[str, tuple[date, Exit]] = {}
        for c in await connection.execute(CHANGES):
            if c.kind == Personnel.TRANSFER:
                moves[c.person_id].add(c.effective)
            else:
                exits[c.person_id] = (c.effective, Exit(c.why))
        open_now: dict[str, list[Running]] = defaultdict(list)
        for one in await running(connection):
            open_now[one.person].append(one)
        return cls(
            units={u["code"]: dict(u) for u in (await connection.execute(UNITS)).mappings()},
            people={p["nip"]: dict(p) for p in (await connection.execute(PEOPLE)).mappings()},
            spans={person: tuple(found) for person, found in spans.items()},
            actings=actings,
            grants=grants,
            moves=moves,
            exits=exits,
            running=open_now,
        )
