"""Whose appraisals stand in somebody's list: those that would not be refused to him one by one (`api.loading`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from api.loading import LAST_SEGMENT, successor
from api.security import Caller
from models.access import DECIDING, roles
from models.vocabulary import GrantedRole, Role, State, Zone
from models.workdays import local_day

SEES_ALL = frozenset({GrantedRole.HR, GrantedRole.AUDITOR, GrantedRole.BOARD})

RELATED = """
    (CAST(:everybody AS boolean) AND NOT a.person_id = ANY(:recused)) OR a.person_id = ANY(:people) OR a.id = ANY(:asked)
    OR (a.person_id = ANY(:led) AND NOT a.id = ANY(:beside))
"""
"""The condition on an appraisal `a`, with what `related` binds."""

BESIDE_THE_LINE = text(
    f"""
    SELECT a.id, a.person_id, a.acting_for, a.own_year, a.zone, a.state, a.segment, a.supervisor_override,
           s.rated_by, s.rated_under, s.defenders, s.until, s.visit,
           coalesce((s.visit ->> 'level')::int, 0) AS level, l.last_segment, l.last_override
      FROM appraisal a CROSS JOIN LATERAL jsonb_to_record(a.snapshot)
              AS s(rated_by text, rated_under text, defenders jsonb, until text, visit jsonb) CROSS JOIN {LAST_SEGMENT}
     WHERE a.launch = 'launched' AND (a.supervisor_override IS NOT NULL OR a.state = '{State.APPEAL_DECIDING}'
           OR NOT a.own_year OR a.snapshot ? 'until' OR a.id = ANY(:known)
           OR (a.snapshot ? 'rated_by' AND (a.person_id, a.snapshot ->> 'rated_by') NOT IN (
               SELECT person_id, supervisor_id FROM tenure WHERE valid_until IS NULL AND supervisor_id IS NOT NULL)))
    """
)
"""Where today's line alone does not say who is who: somebody was put in it, a decision is handed on, the employee went on to another post
or left, it is about a post in which she acts, another than her supervisor has rated her, or somebody an earlier part. They are few."""


async def related(connection: AsyncConnection, agency: Agency, caller: Caller, now: datetime) -> dict[str, object]:
    """What `RELATED` asks for: everybody's for HR, board and auditor; else the caller's own and those in which he is somebody."""
    today = local_day(now, Zone.WIB)
    nobody: dict[str, object] = {"people": [], "led": [], "beside": [], "asked": [], "recused": []}
    found: dict[str, object] = {"everybody": True, **nobody}
    if caller.granted & SEES_ALL - DECIDING:
        return found
    if caller.granted & SEES_ALL:
        stepped_back = agency.line.recused_from(UUID(caller.person_id), today)
        return found | {"recused": sorted(map(str, stepped_back))}
    led = agency.led_by(caller.person_id, today)
    found |= {
        "everybody": False,
        "people": [one for one in (caller.person_id, agency.hr_for(caller.person_id, today)) if one],
        "led": sorted({*led["supervisor"], *led["senior"], *_decided(agency, caller, led["appeal"], now)}),
    }
    known = [*agency.left_post, *agency.rated_before]
    beside = (await connection.execute(BESIDE_THE_LINE, {"known": known})).mappings().all()
    return found | {
        "beside": [row["id"] for row in beside],
        "asked": [row["id"] for row in beside if _is_somebody(agency, caller, row, now)],
    }


def _decided(agency: Agency, caller: Caller, subjects: list[str], now: datetime) -> list[str]:
    """Those whose objection would come to the caller first; a PyB reads it also while it is another's."""
    today, deciding = local_day(now, Zone.WIB), {Role.APPEAL_AUTHORITY, Role.APPOINTING_AUTHORITY}
    return [one for one in subjects if deciding & roles(caller.person_id, caller.granted, agency.parties(one, today))]


def _is_somebody(agency: Agency, caller: Caller, row: RowMapping, now: datetime) -> bool:
    """Whether the caller would be shown this one of those beside the line."""
    day = local_day(now, Zone(row["zone"]))
    around = agency.parties_stored(row["id"], row["person_id"], day, row["supervisor_override"], row)
    held = roles(caller.person_id, caller.granted, around, level=row["level"])
    return bool(held or successor(agency, row, caller, day))
