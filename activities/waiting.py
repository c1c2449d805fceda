"""Whom the open appraisals of a cycle wait on by the rows of today, whoever steps in included."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

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
           a.snapshot -> 'visit' AS visit,
           coalesce((a.snapshot #>> '{visit,level}')::int, 0) AS level,
           coalesce((a.snapshot #>> '{visit,lapsed}')::boolean, false) AS lapsed
      FROM appraisal a
     WHERE a.launch = 'launched' AND a.state <> 'finalisation.done' AND NOT a.suspended AND a.parked IS NULL
"""
BEGUN = f"{OPEN} AND coalesce(a.opens_at <= :now, true)"
OF_CYCLE = text(f"{BEGUN} AND a.cycle_id = :cycle ORDER BY a.id")
AMONG = text(f"{BEGUN} AND a.id = ANY(:ids) ORDER BY a.id")
THESE = text(f"{OPEN} AND a.id = ANY(:ids) ORDER BY a.id")
OF_PERSON = text(f"{OPEN} AND a.person_id = :person ORDER BY a.id")


async def open_in_cycle(connection: AsyncConnection, cycle: str, now: datetime) -> list[RowMapping]:
    """The open appraisals of a cycle whose step has begun."""
    return list((await connection.execute(OF_CYCLE, {"cycle": cycle, "now": now})).mappings())


async def open_among(connection: AsyncConnection, ids: Collection[str]) -> list[RowMapping]:
    """Those of these appraisals that are open, whether or not their step has begun."""
    return list((await connection.execute(THESE, {"ids": list(ids)})).mappings())


async def open_of(connection: AsyncConnection, person: str) -> list[RowMapping]:
    """Somebody's own open appraisals, whether or not their step has begun."""
    return list((await connection.execute(OF_PERSON, {"person": person})).mappings())


async def still_waiting(
    connection: AsyncConnection, agency: Agency, ids: Collection[str], person: str, now: datetime
) -> int:
    """How many of these appraisals wait on that person now."""
    rows = (await connection.execute(AMONG, {"ids": list(ids), "now": now})).mappings()
    return sum(person in waits_on(row, agency, now) for row in rows)


def waits_on(row: RowMapping, agency: Agency, now: datetime) -> set[str]:
    """The people whose turn it is on the appraisal of this row."""
    today = local_day(now, Zone(str(row["zone"])))
    around = around_row(row, agency, now)
    level = int(row["level"])
    turn = roles_in_turn(
        State(str(row["state"])), takeover=bool(row["takeover"]), lapsed=bool(row["lapsed"]), level=level
    )
    return {person for role in turn for person in people_in(role, around, agency, level, today)}


def around_row(row: RowMapping, agency: Agency, now: datetime) -> Parties:
    """Who is who around the appraisal of this row, today in its employee's zone."""
    today = local_day(now, Zone(str(row["zone"])))
    return agency.parties_stored(str(row["id"]), str(row["person_id"]), today, row["supervisor_override"], row)
