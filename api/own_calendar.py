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
    SELECT DISTINCT a.person_id = :me AS hers, a.state,
           CASE WHEN :by_period THEN CAST(a.snapshot ->> 'periods_done' AS int) END AS periods_done
      FROM appraisal a
     WHERE a.cycle_id = :cycle AND (CAST(:units AS text[]) IS NULL OR a.unit_id = ANY(:units))
       AND a.launch <> 'excluded' AND coalesce(a.state NOT LIKE 'finalisation.%', true)
     UNION
    SELECT p.id = :me, NULL, NULL FROM person p JOIN cycle c ON c.id = :cycle AND c.state = 'draft'
     WHERE p.active AND (CAST(:units AS text[]) IS NULL OR p.unit_id = ANY(:units))
    """
)
"""Where those stand whose year of the cycle runs, or is to begin, in these units or anywhere: the caller, and all others together.

A snapshot is large, and is opened only where a window of one period is asked about.
"""
REACHED = text(
    """
    SELECT DISTINCT person_id = :me FROM appraisal
     WHERE id = ANY(CAST(:ids AS text[])) OR (cycle_id = :cycle AND person_id = :me AND suspended)
    """
)
"""What an outage gives the caller whose own year is paused shows once it goes on."""


def not_only_for_her(hers: Collection[bool]) -> None:
    """Raises `not_yours` where what the caller does is for nobody but herself. `hers` says of those it is for who is she."""
    if set(hers) == {True}:
        raise Problem("not_yours")


async def of_windows(
    connection: AsyncConnection, cycle: str, units: Collection[str] | None, windows: Collection[str], caller: Caller
) -> set[bool]:
    """Whether the caller, and whether others, are in one of these windows of the cycle or come to it, in these units or anywhere.

    That nobody else stands in that stage just now does not count as long as others come to it.
    """
    asked = {
        "cycle": cycle,
        "units": None if units is None else sorted(units),
        "me": caller.person_id,
        "by_period": any("." in key for key in windows),
    }
    said = {key: WindowRow() for key in windows}
    return {
        row.hers
        for row in await connection.execute(IN_THE_CYCLE, asked)
        if row.state is None or ahead(said, State(row.state).stage, row.periods_done or 0)
    }


async def of_outage(connection: AsyncConnection, cycle: str, moved: Moved, caller: Caller) -> set[bool]:
    """Whether the caller, and whether others, have more time by an outage, are late no more by it, or are listed for a lapse in it.

    It lies in the past, so whoever comes to a window later has nothing of it.
    """
    asked = {"cycle": cycle, "ids": sorted(moved.reached), "me": caller.person_id}
    return set((await connection.execute(REACHED, asked)).scalars())
