"""By which clock an appraisal runs that goes along into another place: whose zone and working week its days are counted by.

By that of the new place from the step on that begins there. The step that runs goes by it at once where no end that was still ahead
comes sooner by it; else it keeps the one that it began under, and so does a review from which its form may be taken back into it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import Facts, PackUnreadable, load_facts
from activities.people import Agency, People
from models.appraisal import Snapshot, Timing
from models.places import Place
from models.vocabulary import Zone
from models.workdays import Week, week_of

RUN = text(
    """
    SELECT a.id, a.cycle_id, a.zone, a.work_week, a.snapshot FROM appraisal a
      JOIN unnest(CAST(:ids AS text[]), CAST(:zones AS text[]), CAST(:weeks AS int[])) AS said(id, zone, week) ON said.id = a.id
     WHERE (a.zone, a.work_week) <> (said.zone, said.week) AND a.snapshot IS NOT NULL
     ORDER BY a.id FOR NO KEY UPDATE OF a
    """
)
"""Those that run by another clock, held until the transaction ends."""
MOVE_YEARS = text(
    """
    UPDATE appraisal a SET unit_id = said.unit_id,
           zone = CASE WHEN said.later THEN a.zone ELSE said.zone END,
           work_week = CASE WHEN said.later THEN a.work_week ELSE said.week END,
           zone_to_come = CASE WHEN said.later THEN said.zone END, week_to_come = CASE WHEN said.later THEN said.week END
      FROM unnest(CAST(:ids AS text[]), CAST(:units AS text[]), CAST(:zones AS text[]), CAST(:weeks AS int[]), CAST(:later AS boolean[]))
           AS said(id, unit_id, zone, week, later)
     WHERE a.id = said.id AND (a.unit_id, coalesce(a.zone_to_come, a.zone), coalesce(a.week_to_come, a.work_week))
           IS DISTINCT FROM (said.unit_id, said.zone, said.week)
    RETURNING a.id
    """
)
TAKE = text(
    """
    UPDATE appraisal SET zone = zone_to_come, work_week = week_to_come, zone_to_come = NULL, week_to_come = NULL WHERE id = :id
    """
)


@dataclass(frozen=True, slots=True)
class There:
    """A unit, and the clock that somebody in it goes by."""

    unit: str
    zone: Zone
    week: Week

    @classmethod
    def of(cls, place: Place) -> Self:
        """Of a person's place."""
        return cls(str(place["unit_id"]), Zone(str(place["zone"])), week_of(place["work_week"]))


async def move_years(connection: AsyncConnection, moved: Sequence[tuple[str, There]], at: datetime) -> set[str]:
    """Have these appraisals, by id, in these places from now on; those that were not. Whoever moves them holds their cycles."""
    if not moved:
        return set()
    said = {
        "ids": [id for id, _ in moved],
        "zones": [to.zone.value for _, to in moved],
        "weeks": [to.week for _, to in moved],
    }
    rows = (await connection.execute(RUN, said)).mappings().all()
    later = await _less_time(connection, rows, dict(moved), at) if rows else set()
    said |= {"units": [to.unit for _, to in moved], "later": [id in later for id, _ in moved]}
    return set((await connection.execute(MOVE_YEARS, said)).scalars())


async def _less_time(
    connection: AsyncConnection, rows: Sequence[RowMapping], moved: Mapping[str, There], at: datetime
) -> set[str]:
    """Whose running step would have less time by the clock of the new place."""
    by_cycle: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_cycle[row["cycle_id"]].append(row)
    agency, found = await People().agency(connection), set()
    for cycle, its in by_cycle.items():
        try:
            found |= await _less_time_in(connection, agency, cycle, its, moved, at)
        except PackUnreadable:  # its years stand still until it can be read, and by which ends nobody can say now
            found |= {row["id"] for row in its}
    return found


async def _less_time_in(
    connection: AsyncConnection,
    agency: Agency,
    cycle: str,
    rows: Sequence[RowMapping],
    moved: Mapping[str, There],
    at: datetime,
) -> set[str]:
    pack, facts = await Facts().pack(connection, cycle), await load_facts(connection, cycle, 0)

    def loses(row: RowMapping, to: There) -> bool:
        snapshot, path = Snapshot.model_validate(row["snapshot"]), agency.unit_path(to.unit)
        if snapshot.suspended is not None:  # what is due when she is back is not known yet
            return True
        before, after = (
            facts.timing(snapshot, pack, unit_path=path, zone=zone, week=week)
            for zone, week in ((Zone(row["zone"]), week_of(row["work_week"])), (to.zone, to.week))
        )
        ends = zip(_ends(before), _ends(after), strict=True)
        return any(was is not None and was > at and (now is None or now < was) for was, now in ends)

    return {row["id"] for row in rows if loses(row, moved[row["id"]])}


def _ends(timing: Timing) -> Sequence[datetime | None]:
    return timing.due_at, timing.lapses_at, timing.before_lapses_at


def begins_another(before: Snapshot | None, after: Snapshot) -> bool:
    """Whether a step has begun that goes by the clock of the new place: it is not the one before, and no recall leads back into that."""
    if before is None or before.visit.no == after.visit.no or after.visit.before is not None:
        return False
    sent_from = before.visit.before
    return sent_from is None or sent_from.entered_at != after.visit.entered_at


async def take_to_come(connection: AsyncConnection, appraisal: str) -> None:
    """Have an appraisal go by the clock that it was to take with its next step."""
    await connection.execute(TAKE, {"id": appraisal})
