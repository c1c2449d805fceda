"""What is recorded of people when a roster comes in, read once; and how a person's line goes on when her superior changes.

What the line was on an earlier day stays: a change ends one stretch and begins another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import Json

UNITS = text("SELECT id, code, name, parent_id FROM unit")
PEOPLE = text(
    "SELECT id, nip, name, post, level, kind, unit_id, grade, family, email, work_week, zone, since FROM person"
)
TENURES = text(
    "SELECT person_id, valid_from, valid_until, supervisor_id, outside FROM tenure ORDER BY person_id, valid_from"
)
ACTINGS = text("SELECT person_id, acting_for, kind, valid_from, valid_until FROM acting ORDER BY valid_from")
GRANTS = text("SELECT person_id, role FROM role_grant")

ONE_DAY = timedelta(days=1)


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
    replaces its first stretch, so that no day loses its answer.
    """
    if history and history[-1].until is None and history[-1].same_superior(wanted):
        return tuple(history)
    start = max(wanted.start, history[0].start) if history else wanted.start
    kept = [span for span in history if span.start < start]
    if kept and kept[-1].same_superior(wanted):
        return (*kept[:-1], replace(kept[-1], until=None))
    if kept and (kept[-1].until is None or kept[-1].until >= start):
        kept[-1] = replace(kept[-1], until=start - ONE_DAY)
    return (*kept, replace(wanted, start=start, until=None))


@dataclass
class Recorded:
    """Everything a file is held against, read once: units by code, people by NIP, the rest by person."""

    units: dict[str, Json]
    people: dict[str, Json]
    spans: dict[str, tuple[Span, ...]]
    actings: dict[str, list[Json]]
    grants: dict[str, set[str]]

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
        return cls(
            units={u["code"]: dict(u) for u in (await connection.execute(UNITS)).mappings()},
            people={p["nip"]: dict(p) for p in (await connection.execute(PEOPLE)).mappings()},
            spans={person: tuple(found) for person, found in spans.items()},
            actings=actings,
            grants=grants,
        )
