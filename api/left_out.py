"""Why people of the roster have no year in a cycle, counted as the cycle's numbers count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.segments import LAST_PART

LEFT_OUT = text(
    f"""
    SELECT coalesce(a.launch_problem, '') AS why, count(DISTINCT a.person_id) AS people FROM appraisal a
     WHERE a.cycle_id = :cycle AND a.own_year AND a.launch = 'excluded' AND {LAST_PART}
     GROUP BY 1 ORDER BY 2 DESC, 1
    """
)


@dataclass(frozen=True)
class Reason:
    """A reason, and of how many people it is."""

    why: str
    people: int


async def reasons_left_out(connection: AsyncConnection, cycle_id: str) -> Sequence[Reason]:
    """Each reason with its people, the most common first; together they are the cycle's `excluded`."""
    return [Reason(row.why, row.people) for row in await connection.execute(LEFT_OUT, {"cycle": cycle_id})]
