"""Whom a moved calendar or an outage is for: nobody puts off the days of herself alone, as nobody extends a step of her own."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.retiming import Moved
from api.problems import Problem
from api.security import Caller
from models.vocabulary import State
from models.windows import WindowRow, ahead

IN_THE_CYCLE = text(
    """
    SELECT a.person_id, a.state, CAST(a.snapshot ->> 'periods_done' AS int) AS periods_done FROM appraisal a
     WHERE a.cycle_id = :cycle AND (CAST(:units AS text[]) IS NULL OR a.unit_id = ANY(:units))
       AND a.launch <> 'excluded' AND coalesce(a.state NOT LIKE 'finalisation.%', true)
     UNION
    SELECT p.id, NULL, NULL FROM person p JOIN cycle c ON c.id = :cycle AND c.state = 'draft'
     WHERE p.active AND (CAST(:units AS text[]) IS NULL OR p.unit_id = ANY(:units))
    """
)
"""Those whose year of the cycle runs, or is to begin, in these units or anywhere."""
REACHED = text(
    """
    SELECT DISTINCT person_id FROM appraisal
     WHERE id = ANY(CAST(:ids AS text[])) OR (cycle_id = :cycle AND person_id = :me AND suspended)
    """
)
"""What an outage gives the caller whose own year is paused shows once it goes on."""


def not_only_for_her(people: Collection[str], caller: Caller) -> None:
    """Raises `not_yours` where what the caller does is for nobody but herself. `people` are those it is for."""
    if set(people) == {caller.person_id}:
        raise Problem("not_yours")


async def of_windows(
    connection: AsyncConnection, cycle: str, units: Collection[str] | None, windows: Collection[str]
) -> set[str]:
    """Who is in one of these windows of the cycle, or comes to it, in these units or anywhere.

    That nobody else stands in that stage just now does not count as long as others come to it.
    """
    asked = {"cycle": cycle, "units": None if units is None else sorted(units)}
    said = {key: WindowRow() for key in windows}
    return {
        row.person_id
        for row in await connection.execute(IN_THE_CYCLE, asked)
        if row.state is None or ahead(said, State(row.state).stage, row.periods_done or 0)
    }


async def of_outage(connection: AsyncConnection, cycle: str, moved: Moved, caller: Caller) -> set[str]:
    """Who has more time by an outage, is late no more by it, or is listed because her step lapsed in it.

    It lies in the past, so whoever comes to a window later has nothing of it.
    """
    asked = {"cycle": cycle, "ids": sorted(moved.reached), "me": caller.person_id}
    return set((await connection.execute(REACHED, asked)).scalars())
