"""Whose appraisals stand in somebody's list: those that would not be refused to him one by one (`api.loading`)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import LEFT_ON, Agency
from api.security import Caller
from models.access import roles
from models.vocabulary import GrantedRole, Role, State, Zone
from models.workdays import local_day

SEES_ALL = frozenset({GrantedRole.HR, GrantedRole.AUDITOR, GrantedRole.BOARD})

RELATED = f"""
    CAST(:everybody AS boolean) OR a.person_id = ANY(:people) OR a.id = ANY(:asked) OR a.id = ANY(:earlier)
    OR (a.supervisor_override IS NULL AND (a.person_id = ANY(:led)
        OR (a.person_id = ANY(:decided) AND a.state IS DISTINCT FROM '{State.APPEAL_DECIDING}')))
"""
"""The condition on an appraisal `a`, with what `related` binds."""

EARLIER = text(
    f"""
    SELECT a.id FROM tenure t JOIN appraisal a ON a.person_id = t.person_id
     WHERE t.supervisor_id = :me AND t.valid_until IS NOT NULL AND a.launch = 'launched' AND a.supervisor_override IS NULL
       AND least(CAST(a.snapshot ->> 'until' AS date), {LEFT_ON}) BETWEEN t.valid_from AND t.valid_until
    """
)
"""Those whose employee went on to another post, or left, while the caller supervised; she rates them still, or has rated them."""
BESIDE_THE_LINE = text(
    f"""
    SELECT a.id, a.person_id, a.zone, a.supervisor_override, s.rated_by, s.defenders, s.until, s.visit,
           coalesce((s.visit ->> 'level')::int, 0) AS level
      FROM appraisal a CROSS JOIN LATERAL jsonb_to_record(a.snapshot)
              AS s(rated_by text, defenders jsonb, until text, visit jsonb)
     WHERE a.launch = 'launched' AND (a.supervisor_override IS NOT NULL OR a.state = '{State.APPEAL_DECIDING}')
    """
)
"""Where the line alone does not say who is who: somebody was put in it, or a decision is handed on. They are few."""


async def related(connection: AsyncConnection, agency: Agency, caller: Caller, now: datetime) -> dict[str, object]:
    """What `RELATED` asks for: everybody's for HR, board and auditor; else the caller's own and those of whom he decides about."""
    everybody = bool(caller.granted & SEES_ALL)
    today = local_day(now, Zone.WIB)
    led = agency.led_by(caller.person_id, today)
    return {
        "everybody": everybody,
        "people": [one for one in (caller.person_id, agency.hr_for(caller.person_id, today)) if one],
        "led": sorted({*led["supervisor"], *led["senior"]}),
        "decided": [one for one in led["appeal"] if _decides(agency, caller, one, today)],
        "asked": [] if everybody else await _asked(connection, agency, caller, now),
        "earlier": list((await connection.execute(EARLIER, {"me": caller.person_id})).scalars()),
    }


def _decides(agency: Agency, caller: Caller, subject: str, day: date) -> bool:
    """Whether an objection of that person would come to the caller first; a PyB reads it also while it is another's."""
    return bool(
        roles(caller.person_id, caller.granted, agency.parties(subject, day))
        & {Role.APPEAL_AUTHORITY, Role.APPOINTING_AUTHORITY}
    )


async def _asked(connection: AsyncConnection, agency: Agency, caller: Caller, now: datetime) -> list[str]:
    """Of those beside the line the ones in which the caller is somebody."""
    found = []
    for row in (await connection.execute(BESIDE_THE_LINE)).mappings():
        day = local_day(now, Zone(str(row["zone"])))
        around = agency.parties_stored(row["id"], row["person_id"], day, row["supervisor_override"], row)
        if roles(caller.person_id, caller.granted, around, level=row["level"]):
            found.append(str(row["id"]))
    return found
