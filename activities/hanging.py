"""A unit that is hung elsewhere has the calendar and the label of where it hangs now, and the running years in it follow at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.facts import Facts, PackUnreadable, load_facts
from activities.people import People
from activities.retiming import retime
from activities.running import move_facts
from models.trail_actions import TrailAction

log = structlog.stdlib.get_logger("siklus.hanging")

RUNNING = text(
    """
    SELECT c.id FROM cycle c WHERE EXISTS (
           SELECT FROM appraisal a WHERE a.cycle_id = c.id AND a.launch = 'launched' AND a.state <> 'finalisation.done')
     ORDER BY c.id FOR UPDATE OF c
    """
)


async def hang(connection: AsyncConnection, units: Collection[str], at: datetime, actor: str) -> None:
    """Follow the new places of these units, by id, in the transaction that moved them and after it moved the line's revision.

    Of a cycle whose pack this edition cannot read the facts move alone: its years stand still until it can.
    """
    agency = await People().agency(connection)
    for cycle in (await connection.execute(RUNNING)).scalars().all():
        revision = await move_facts(connection, cycle)
        facts = await load_facts(connection, cycle, revision)
        said: dict[str, object] = {"units": sorted(units), "facts_revision": revision}
        try:
            pack = await Facts().pack(connection, cycle)
        except PackUnreadable:
            log.error("pack_unreadable", cycle_id=cycle)
        else:
            moved = await retime(connection, cycle, pack, facts, facts, agency, (), at)
            said["affected"] = moved.affected
        await note(connection, cycle, at, TrailAction.UNITS_HUNG, actor, said)
