"""Indicators that were measured elsewhere, as rows of a cycle: written by an import, read when a rating is scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.indicators import Measured

PEOPLE = text(
    "SELECT DISTINCT p.nip, p.id FROM appraisal a JOIN person p ON p.id = a.person_id WHERE a.cycle_id = :cycle"
)
ONE = text("SELECT name, value, at FROM indicator WHERE cycle_id = :cycle AND person_id = :person")
KNOWN = text("SELECT person_id, name, value FROM indicator WHERE cycle_id = :cycle")
WRITE = text(
    """
    INSERT INTO indicator (cycle_id, person_id, name, value, at) VALUES (:cycle, :person, :name, :value, :at)
    ON CONFLICT (cycle_id, person_id, name) DO UPDATE SET value = excluded.value, at = excluded.at
    """
)
RATED = text(
    """
    SELECT DISTINCT p.nip FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE a.cycle_id = :cycle AND a.person_id = ANY(:people) AND a.outcome_id IS NOT NULL ORDER BY p.nip
    """
)


@dataclass(frozen=True, slots=True)
class Imported:
    """Figures by what became of them; `already_rated` are NIPs whose rating was given before and stands as it is."""

    created: int
    updated: int
    unchanged: int
    already_rated: Sequence[str]


async def people_of(connection: AsyncConnection, cycle: str) -> Mapping[str, str]:
    """The ids of everybody who has a year in the cycle, or was left out of it, by NIP."""
    return {row.nip: row.id for row in await connection.execute(PEOPLE, {"cycle": cycle})}


async def apply_indicators(
    connection: AsyncConnection, cycle: str, people: Mapping[str, str], figures: Iterable[Measured], now: datetime
) -> Imported:
    """Write the figures that are new or different."""
    known = {(row.person_id, row.name): row.value for row in await connection.execute(KNOWN, {"cycle": cycle})}
    changed: list[dict[str, object]] = []
    created = unchanged = 0
    for figure in figures:
        key = (people[figure.nip], figure.indicator)
        if known.get(key) == figure.value:
            unchanged += 1
            continue
        created += key not in known
        changed.append({"cycle": cycle, "person": key[0], "name": key[1], "value": figure.value, "at": now})
    if changed:
        await connection.execute(WRITE, changed)
    ids = sorted({str(row["person"]) for row in changed})
    rated = (await connection.execute(RATED, {"cycle": cycle, "people": ids})).scalars().all()
    return Imported(created, len(changed) - created, unchanged, rated)


async def measured(connection: AsyncConnection, cycle: str, person: str) -> Mapping[str, tuple[Decimal, datetime]]:
    """One person's figures, each with when it was imported, by indicator."""
    rows = await connection.execute(ONE, {"cycle": cycle, "person": person})
    return {row.name: (row.value, row.at) for row in rows}
