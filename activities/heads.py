"""What rows remember of who headed which unit: the units that people left, and since when they hold `kepala_unit`, or hold it no more.

A role is kept as it is now; the agency's trail says when it was granted or taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.heads import Heads, Left, Turn
from models.line import Line
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Zone
from models.workdays import local_day

GRANTED = text("SELECT person_id FROM role_grant WHERE role = :role")
LEFT = text(
    """
    SELECT person_id, effective, before ->> 'unit_id' AS unit_id FROM personnel_change
     WHERE kind = 'transfer' AND standing IS DISTINCT FROM 'taken_back' AND before IS NOT NULL ORDER BY effective, at
    """
)
TURNS = text(
    f"""
    SELECT data ->> 'person' AS person_id, at, action = '{TrailAction.ROLE_GRANTED}' AS held FROM agency_event
     WHERE action IN ('{TrailAction.ROLE_GRANTED}', '{TrailAction.ROLE_REVOKED}') AND data ->> 'role' = '{GrantedRole.UNIT_HEAD}'
       AND at > (SELECT at FROM agency_event ORDER BY seq LIMIT 1)
     ORDER BY seq
    """
)
"""What the first import of an agency says of roles is how it was before."""


async def heads_of(connection: AsyncConnection, line: Line, units: Mapping[str, str]) -> Heads:
    """Who headed which unit when; `units` are those of today by person, of the dead too."""
    granted = (await connection.execute(GRANTED, {"role": GrantedRole.UNIT_HEAD.value})).scalars().all()
    left = [Left(r.person_id, r.effective, r.unit_id) for r in await connection.execute(LEFT)]
    turns: dict[str, list[Turn]] = defaultdict(list)
    for r in await connection.execute(TURNS):
        turns[r.person_id].append(Turn(local_day(r.at, Zone.WIB), r.held))
    return Heads(line, units, left, frozenset(granted), turns)
