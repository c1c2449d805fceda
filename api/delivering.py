"""A delivery that HR records: what is still hers of the days to object, when it is recorded late."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import agency_days
from api.loading import Loaded
from api.rooms import Rooms
from models.timetable import hers_at_least_until
from models.vocabulary import State, Zone
from models.workdays import PersonClock, week_of


async def least_end(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, delivered: datetime | None
) -> datetime | None:
    """Until when at least she may object; None where the delivery is recorded on its day."""
    step = (await rooms.facts.pack(connection, loaded.cycle_id)).steps.get(State.APPEAL_OPEN)
    if step is None or delivered is None:
        return None
    days = await agency_days(connection)
    clock = PersonClock.of(Zone(str(loaded.row["zone"])), week_of(loaded.row["work_week"]), days)
    return hers_at_least_until(step, delivered, rooms.now(), clock)
