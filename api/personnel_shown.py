"""What HR has recorded about one person: her line by days, and her transfers, leaves and exit; shown to HR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import HOLDS

LINE = text(
    """
    SELECT t.valid_from, t.valid_until, t.outside, s.nip, s.name, s.post FROM tenure t
      JOIN person p ON p.id = t.person_id LEFT JOIN person s ON s.id = t.supervisor_id
     WHERE p.nip = :nip ORDER BY t.valid_from DESC
    """
)
CHANGES = text(
    f"""
    SELECT c.kind, c.effective, c.until, c.why, c.post, u.name AS unit FROM personnel_change c
      JOIN person p ON p.id = c.person_id LEFT JOIN unit u ON u.id = c.unit_id
     WHERE p.nip = :nip AND {HOLDS} ORDER BY c.effective DESC, c.at DESC
    """
)
REACHED = text(
    """
    SELECT p.name, a.year, a.state FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE a.id = ANY(:ids) ORDER BY p.name, a.year
    """
)
UNITS = text("SELECT code, name FROM unit ORDER BY name, code")


@dataclass(frozen=True)
class Recorded:
    """The latest first."""

    line: Sequence[RowMapping]
    changes: Sequence[RowMapping]


async def recorded_of(connection: AsyncConnection, nip: str) -> Recorded:
    """What is recorded of her, and holds."""
    line = (await connection.execute(LINE, {"nip": nip})).mappings().all()
    return Recorded(line, (await connection.execute(CHANGES, {"nip": nip})).mappings().all())


async def reached_by(connection: AsyncConnection, appraisals: Sequence[str]) -> Sequence[RowMapping]:
    """Whose years a decision reaches, and where they stand."""
    return (await connection.execute(REACHED, {"ids": list(appraisals)})).mappings().all()


async def units_named(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Every unit with its code, by name."""
    return (await connection.execute(UNITS)).mappings().all()
