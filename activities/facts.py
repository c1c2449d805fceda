"""What an appraisal's moments rest on, loaded from rows: the frozen pack, the calendar of its cycle, the person's days.

Packs never change within a cycle and calendars only with the cycle's `facts_revision`, so both are held in memory by these keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models import timetable
from models.appraisal import Snapshot, Timing
from models.policy import PolicyPack
from models.vocabulary import Zone
from models.workdays import AgencyDays, Day, PersonClock, Week

WINDOWS = text(
    "SELECT key, unit_id, opens, due, closes FROM calendar_window WHERE cycle_id = :cycle ORDER BY key, unit_id"
)
AGENCY_DAYS = text("SELECT day, working FROM agency_day ORDER BY day")
PACK = text("SELECT pack FROM cycle WHERE id = :cycle")


@dataclass(frozen=True)
class CycleFacts:
    """A cycle's calendar under one revision of its facts."""

    facts_revision: int
    rows: timetable.CalendarRows
    agency: AgencyDays
    _by_unit: dict[str, timetable.Windows] = field(default_factory=dict)

    def windows(self, unit_path: tuple[str, ...]) -> timetable.Windows:
        """The calendar as it holds in a unit: the nearest ancestor's row wins, field by field."""
        if unit_path[0] not in self._by_unit:
            self._by_unit[unit_path[0]] = timetable.for_unit(self.rows, unit_path)
        return self._by_unit[unit_path[0]]


class Facts:
    """Hands out packs, calendars and the timing of a visit; one per process."""

    def __init__(self) -> None:
        self._packs: dict[str, PolicyPack] = {}
        self._cycles: dict[str, CycleFacts] = {}

    async def pack(self, connection: AsyncConnection, cycle: str) -> PolicyPack:
        """The cycle's own frozen copy of its pack."""
        if cycle not in self._packs:
            raw = (await connection.execute(PACK, {"cycle": cycle})).scalar_one()
            self._packs[cycle] = PolicyPack.model_validate(raw)
        return self._packs[cycle]

    async def cycle(self, connection: AsyncConnection, cycle: str, facts_revision: int) -> CycleFacts:
        held = self._cycles.get(cycle)
        if held is None or held.facts_revision != facts_revision:
            rows = {
                (r.key, r.unit_id): timetable.WindowRow(day_of(r.opens), day_of(r.due), day_of(r.closes))
                for r in await connection.execute(WINDOWS, {"cycle": cycle})
            }
            agency = await agency_days(connection)
            held = self._cycles[cycle] = CycleFacts(facts_revision, rows, agency)
        return held

    async def timing(
        self,
        connection: AsyncConnection,
        snapshot: Snapshot,
        *,
        cycle: str,
        facts_revision: int,
        unit_path: tuple[str, ...],
        zone: Zone,
        week: Week,
    ) -> Timing:
        """When what happens by itself in this visit, under the facts of this transaction."""
        pack = await self.pack(connection, cycle)
        facts = await self.cycle(connection, cycle, facts_revision)
        clock = PersonClock.of(zone, week, facts.agency)
        return timetable.timing(snapshot, pack, facts.windows(unit_path), clock, facts_revision)


async def agency_days(connection: AsyncConnection) -> AgencyDays:
    """The agency's own table of days."""
    days = {r.day: r.working for r in await connection.execute(AGENCY_DAYS)}
    return AgencyDays(
        off=frozenset(day for day, worked in days.items() if not worked),
        working=frozenset(day for day, worked in days.items() if worked),
    )


def day_of(stored: str | None) -> Day | None:
    """One end of a window as it is stored: an ISO date, or an instant with its offset."""
    if stored is None:
        return None
    return date.fromisoformat(stored) if len(stored) == 10 else datetime.fromisoformat(stored)
