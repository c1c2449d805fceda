"""Whom a moved calendar or an outage is for: nobody puts off the days of herself alone, as nobody extends a step of her own."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.problems import Problem
from api.security import Caller
from models.vocabulary import State
from models.windows import WindowRow, ahead

PEOPLE = text(
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


async def not_only_for_her(
    connection: AsyncConnection,
    cycle: str,
    caller: Caller,
    units: Collection[str] | None = None,
    windows: Collection[str] | None = None,
) -> None:
    """Raises `not_yours` where what is said of these windows, or of all, would be nobody's but the caller's, in these units or anywhere.

    That nobody else stands in that stage just now does not count as long as others come to it.
    """
    asked = {"cycle": cycle, "units": None if units is None else sorted(units)}
    said = None if windows is None else {key: WindowRow() for key in windows}
    people = {
        row.person_id
        for row in await connection.execute(PEOPLE, asked)
        if said is None or row.state is None or ahead(said, State(row.state).stage, row.periods_done or 0)
    }
    if people == {caller.person_id}:
        raise Problem("not_yours")
