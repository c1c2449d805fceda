"""Whom the open appraisals of a cycle wait on by the rows of today, whoever steps in included."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.outbox import people_in
from activities.people import Agency
from models.access import Parties
from models.turn import roles_in_turn
from models.vocabulary import State, Zone
from models.workdays import local_day

OPEN = """
    SELECT a.id, a.person_id, a.acting_for, a.unit_id, a.zone, a.state, a.takeover, a.supervisor_override,
           a.snapshot ->> 'rated_by' AS rated_by, a.snapshot ->> 'until' AS until, a.snapshot -> 'defenders' AS defenders,
           a.snapshot ->> 'rated_under' AS rated_under, a.snapshot -> 'visit' AS visit,
           coalesce((a.snapshot #>> '{visit,level}')::int, 0) AS level,
           coalesce((a.snapshot #>> '{visit,lapsed}')::boolean, false) AS lapsed, a.opens_at
      FROM appraisal a
     WHERE a.launch = 'launched' AND a.state <> 'finalisation.done' AND NOT a.suspended AND a.parked IS NULL
"""
OF_CYCLE = text(f"{OPEN} AND coalesce(a.opens_at <= :now, true) AND a.cycle_id = :cycle ORDER BY a.id")
THESE = text(f"{OPEN} AND a.id = ANY(:ids) ORDER BY a.id")
IN_STATE = text(f"{OPEN} AND a.state = :state ORDER BY a.id")
OF_PERSON = text(f"{OPEN} AND a.person_id = :person ORDER BY a.id")


async def open_in_cycle(connection: AsyncConnection, cycle: str, now: datetime) -> Sequence[RowMapping]:
    """The open appraisals of a cycle whose step has begun."""
    return (await connection.execute(OF_CYCLE, {"cycle": cycle, "now": now})).mappings().all()


async def open_among(connection: AsyncConnection, ids: Collection[str]) -> Sequence[RowMapping]:
    """Those of these appraisals that are open, whether or not their step has begun."""
    return (await connection.execute(THESE, {"ids": list(ids)})).mappings().all()


async def open_of(connection: AsyncConnection, person: str) -> Sequence[RowMapping]:
    """Somebody's own open appraisals, whether or not their step has begun."""
    return (await connection.execute(OF_PERSON, {"person": person})).mappings().all()


async def open_in(connection: AsyncConnection, state: State) -> Sequence[RowMapping]:
    """The open appraisals in that state, whether or not their step has begun."""
    return (await connection.execute(IN_STATE, {"state": state.value})).mappings().all()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open appraisals by id, and whom each waits on, which is worked out once however many ask."""

    agency: Agency
    rows: Mapping[str, RowMapping]
    _people: dict[tuple[str, datetime], Collection[str]] = field(default_factory=dict)

    def on(self, person: str, ids: Collection[str], now: datetime) -> int:
        """How many of these appraisals are open, have begun their step and wait on that person."""
        return sum(person in self._waited(self.rows[one], now) for one in set(ids) & self.rows.keys())

    def _waited(self, row: RowMapping, now: datetime) -> Collection[str]:
        key = row["id"], now
        if key not in self._people:
            begun = row["opens_at"] is None or row["opens_at"] <= now
            self._people[key] = waits_on(row, self.agency, now) if begun else ()
        return self._people[key]


def waits_on(row: RowMapping, agency: Agency, now: datetime) -> set[str]:
    """The people whose turn it is on the appraisal of this row."""
    today = local_day(now, Zone(str(row["zone"])))
    around, marks = around_row(row, agency, now), {name: bool(row[name]) for name in ("takeover", "lapsed")}
    return in_turn(State(str(row["state"])), around, agency, int(row["level"]), today, str(row["unit_id"]), **marks)


def in_turn(
    state: State, around: Parties, agency: Agency, level: int, day: date, unit: str, *, takeover: bool, lapsed: bool
) -> set[str]:
    """The people whose turn it is in that state, around an appraisal of that unit on that day."""
    turn = roles_in_turn(state, takeover=takeover, lapsed=lapsed, level=level)
    return {person for role in turn for person in people_in(role, around, agency, level, day, unit)}


def around_row(row: RowMapping, agency: Agency, now: datetime) -> Parties:
    """Who is who around the appraisal of this row, today in its employee's zone."""
    today = local_day(now, Zone(str(row["zone"])))
    return agency.parties_stored(str(row["id"]), str(row["person_id"]), today, row["supervisor_override"], row)
