"""Whom notices of a cycle could not reach, and should still reach: what lost its reason since is nobody's concern any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.notices import TOLD, with_reason
from activities.people import Agency
from api.cycle_view import OVER
from api.rooms import Rooms

FAILED = text(
    f"""
    {TOLD}
     WHERE n.state = 'failed' AND (a.cycle_id = :cycle OR (n.appraisal_id IS NULL AND n.cycle_id = :cycle)
                                   OR (n.appraisal_id IS NULL AND n.cycle_id IS NULL AND :running))
       AND (CAST(:only AS text) IS NULL OR a.person_id = :only)
       AND (CAST(:among AS text[]) IS NULL OR a.id = ANY(:among))
     ORDER BY n.id
    """
)
"""What is of no cycle (a role) is on the list of those that are not over."""
PEOPLE = text(
    """
    SELECT p.id, p.nip, p.name, p.post, u.name AS unit FROM person p JOIN unit u ON u.id = p.unit_id
     WHERE p.id = ANY(:ids) ORDER BY p.id
    """
)


@dataclass(frozen=True)
class Untold:
    """The appraisals of which somebody could not be told, and the people of what is no appraisal's (a role, a nudge)."""

    appraisals: frozenset[str]
    people: Sequence[RowMapping]


async def failed(
    connection: AsyncConnection,
    rooms: Rooms,
    agency: Agency,
    cycle: RowMapping,
    *,
    only: str | None = None,
    among: Sequence[str] | None = None,
) -> list[RowMapping]:
    """The notices (rows of `TOLD`) that failed in this cycle and still have their reason.

    Of one person's own appraisals where `only` names her, of these appraisals where `among` does.
    """
    asked = {"cycle": cycle["id"], "running": cycle["state"] not in OVER, "only": only, "among": among}
    rows = (await connection.execute(FAILED, asked)).mappings().all()
    return await with_reason(connection, rooms.facts, agency, rows, rooms.now())


async def untold(
    connection: AsyncConnection, rooms: Rooms, agency: Agency, cycle: RowMapping, only: str | None
) -> Untold:
    """What failed in this cycle and still has its reason; of one person's own appraisals where `only` names her."""
    left = await failed(connection, rooms, agency, cycle, only=only)
    people = sorted({row["person_id"] for row in left if row["appraisal_id"] is None})
    return Untold(
        frozenset(row["appraisal_id"] for row in left if row["appraisal_id"] is not None),
        (await connection.execute(PEOPLE, {"ids": people})).mappings().all(),
    )
