"""Who could not be told what happens: a word on HR's list, for the operator of the system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

PATIENCE = timedelta(hours=1)
"""What did not arrive by then is worth a word."""
UNHEARD = text(
    """
    SELECT h.endpoint, count(*) AS events, max(h.last_error) AS last_error
      FROM hook h JOIN hook_endpoint e ON e.name = h.endpoint
     WHERE h.cycle_id = :cycle AND h.state = 'pending' AND h.made_at < :before AND e.off_at IS NULL
     GROUP BY h.endpoint ORDER BY h.endpoint
    """
)
OFF = text(
    """
    SELECT e.name FROM hook_endpoint e JOIN cycle c ON c.id = :cycle
     WHERE e.off_at IS NOT NULL AND c.state NOT IN ('closed', 'cancelled') ORDER BY e.name
    """
)


async def unheard(
    connection: AsyncConnection, cycle: str, now: datetime
) -> Sequence[tuple[str, RowMapping | None, str]]:
    """By code of the work list; of no single year."""
    waiting = (await connection.execute(UNHEARD, {"cycle": cycle, "before": now - PATIENCE})).all()
    off = (await connection.execute(OFF, {"cycle": cycle})).scalars().all()
    told = ", ".join(f"{row.endpoint}: {row.events}; {row.last_error or '–'}" for row in waiting)
    found = (("hooks_waiting", told), ("hooks_off", ", ".join(off)))
    return [(code, None, why) for code, why in found if why]
