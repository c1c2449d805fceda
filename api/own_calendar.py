"""Whom a moved calendar or an outage reaches: nobody puts off the days of herself alone, as nobody extends a step of her own."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.retiming import Moved
from api.problems import Problem
from api.security import Caller

OWN = text("SELECT id FROM appraisal WHERE cycle_id = :cycle AND person_id = :me")
PEOPLE = text(
    """
    SELECT a.person_id FROM appraisal a
     WHERE a.cycle_id = :cycle AND a.unit_id = ANY(:units)
       AND a.launch <> 'excluded' AND coalesce(a.state NOT LIKE 'finalisation.%', true)
     UNION
    SELECT p.id FROM person p JOIN cycle c ON c.id = :cycle AND c.state = 'draft' WHERE p.active AND p.unit_id = ANY(:units)
    """
)
"""Those whose year of the cycle runs in these units, or is to begin there."""


async def not_hers_alone(connection: AsyncConnection, cycle: str, caller: Caller, moved: Moved) -> None:
    """Raises `not_yours` where nobody's days are moved but the caller's own."""
    ids = {member.appraisal_id for move in moved.moves for member in move.group.members}
    own = (await connection.execute(OWN, {"cycle": cycle, "me": caller.person_id})).scalars().all()
    if ids and ids <= set(own):
        raise Problem("not_yours")


async def not_only_for_her(connection: AsyncConnection, cycle: str, caller: Caller, units: Collection[str]) -> None:
    """Raises `not_yours` where a window of these units would be nobody's but the caller's."""
    people = (await connection.execute(PEOPLE, {"cycle": cycle, "units": sorted(units)})).scalars().all()
    if set(people) == {caller.person_id}:
        raise Problem("not_yours")
