"""Who a cycle is for: the people in its scope, who of them cannot begin and why, and the rows that say so.

Everybody in scope gets a row, also whoever is left out, so that the numbers of a cycle add up to its roster. Enrolling again adds
newcomers and takes back in whoever was left out for a reason that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import EXIT, Agency

NO_SUPERVISOR = "no_supervisor"
IN_ANOTHER_CYCLE = "in_another_cycle"
CYCLE_CANCELLED = "cycle_cancelled"
CYCLE_CLOSED = "cycle_closed"

IN_SCOPE = text(
    f"""
    WITH RECURSIVE scope AS (
        SELECT id FROM unit WHERE id = ANY(:units)
        UNION SELECT u.id FROM unit u JOIN scope ON u.parent_id = scope.id
    )
    SELECT p.id, p.nip, o.cycle_id AS other_cycle
      FROM person p
      LEFT JOIN appraisal o ON o.person_id = p.id AND o.year = :year AND o.cycle_id <> :cycle
           AND o.launch <> 'excluded' AND o.ending IS DISTINCT FROM 'cancelled'
     WHERE p.active AND NOT EXISTS (SELECT FROM personnel_change c WHERE c.person_id = p.id AND c.effective <= :day AND {EXIT})
       AND (cardinality(CAST(:units AS text[])) = 0 OR p.unit_id IN (SELECT id FROM scope))
     ORDER BY p.nip
    """
)
ONE_YEAR_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('enrol', :year))")
ENROL = text(
    """
    INSERT INTO appraisal (id, cycle_id, person_id, year, segment, unit_id, zone, work_week, launch, launch_problem,
           revision, incarnation, version, seq, last_hash, suspended, disputed, late, takeover, on_hr_list, facts_revision)
    SELECT gen_random_uuid()::text, CAST(:cycle AS text), p.id, :year, 1, p.unit_id, p.zone, p.work_week,
           CASE WHEN said.why = '' THEN 'pending' ELSE 'excluded' END, nullif(said.why, ''),
           1, 0, 0, 0, '', false, false, false, false, false, 0
      FROM unnest(CAST(:people AS text[]), CAST(:whys AS text[])) AS said(person_id, why)
      JOIN person p ON p.id = said.person_id
     WHERE NOT EXISTS (SELECT FROM appraisal a WHERE a.cycle_id = CAST(:cycle AS text) AND a.person_id = p.id)
    """
)
TAKE_IN = text(
    """
    UPDATE appraisal a SET launch = 'pending', launch_problem = NULL, unit_id = p.unit_id, zone = p.zone, work_week = p.work_week
      FROM unnest(CAST(:people AS text[]), CAST(:whys AS text[])) AS said(person_id, why)
      JOIN person p ON p.id = said.person_id
     WHERE a.cycle_id = :cycle AND a.person_id = said.person_id AND a.launch = 'excluded' AND said.why = ''
    """
)
TO_START = text("SELECT count(*) FROM appraisal WHERE cycle_id = :cycle AND launch IN ('pending', 'failed')")
LEAVE_OUT_UNSTARTED = text(
    """
    UPDATE appraisal SET launch = 'excluded', launch_problem = :why
     WHERE cycle_id = :cycle AND launch IN ('pending', 'failed')
    """
)


@dataclass(frozen=True)
class Scope:
    """The people of a cycle by id, in the order of their NIPs; `left_out` says why somebody cannot begin."""

    nips: Mapping[str, str]
    left_out: Mapping[str, str]
    day: date
    """The day whose line was asked: today, or the first of a year that has not begun."""


async def scope_of(
    connection: AsyncConnection, agency: Agency, cycle: str, year: int, units: Sequence[str], today: date
) -> Scope:
    """Who the cycle is for, and who cannot begin, by the rows of now. `units` are ids; none means everybody."""
    day = max(today, date(year, 1, 1))
    found = (await connection.execute(IN_SCOPE, {"units": list(units), "year": year, "cycle": cycle, "day": day})).all()
    left_out: dict[str, str] = {}
    for row in found:
        if row.other_cycle is not None:
            left_out[row.id] = IN_ANOTHER_CYCLE
        elif agency.parties(row.id, day).supervisor.person_id is None:
            left_out[row.id] = NO_SUPERVISOR
    return Scope({row.id: row.nip for row in found}, left_out, day)


async def enrol(
    connection: AsyncConnection, agency: Agency, cycle: str, year: int, units: Sequence[str], today: date
) -> int:
    """Give everybody in scope a row of this cycle; answers how many are still to be started."""
    await connection.execute(ONE_YEAR_AT_A_TIME, {"year": year})
    scope = await scope_of(connection, agency, cycle, year, units, today)
    said = {
        "cycle": cycle,
        "year": year,
        "people": list(scope.nips),
        "whys": [scope.left_out.get(person, "") for person in scope.nips],
    }
    await connection.execute(ENROL, said)
    await connection.execute(TAKE_IN, {name: said[name] for name in ("cycle", "people", "whys")})
    return int((await connection.execute(TO_START, {"cycle": cycle})).scalar_one())


async def leave_out_unstarted(connection: AsyncConnection, cycle: str, why: str) -> None:
    """Nobody who has not begun will begin in this cycle, because it is closed or cancelled."""
    await connection.execute(LEAVE_OUT_UNSTARTED, {"cycle": cycle, "why": why})
