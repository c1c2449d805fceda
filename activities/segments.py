"""The segments of appraisals as rows have them: their days within the year and the place that held at their end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import POST_LEVEL, SHOWN_POST, Agency
from activities.places import moves_of
from models.form_spec import FormContext
from models.officers import supervisor_on
from models.places import FAMILY, PLACE, family_on
from models.segments import OnRecord, Segment, acted, asked, segment
from models.vocabulary import EmployeeKind, Form, JobLevel, Zone
from models.workdays import local_day

LATER_PART = """
    SELECT FROM appraisal n WHERE n.cycle_id = a.cycle_id AND n.person_id = a.person_id AND n.own_year
       AND n.segment > 1 AND n.segment > a.segment
"""
LAST_PART = f"NOT EXISTS ({LATER_PART})"
"""The condition on an appraisal `a` of somebody's own year: no later part of it is there."""
LAST_LAUNCHED = f"a.launch = 'launched' AND NOT EXISTS ({LATER_PART} AND n.launch = 'launched')"
"""The same among those that run or ran."""
LEFT = """
    (SELECT min(c.effective) - 1 FROM personnel_change c
      WHERE c.person_id = a.person_id AND c.kind = 'exit' AND c.standing IS DISTINCT FROM 'taken_back'
        AND date_part('year', c.effective) = a.year AND NOT EXISTS (
            SELECT FROM tenure t WHERE t.person_id = c.person_id
               AND t.valid_from BETWEEN c.effective AND greatest(c.effective, CAST(a.snapshot ->> 'since' AS date))))
"""
"""The last day before an exit that reaches an appraisal (`activities.facts`): who came again on its own day never left."""
SEGMENTS = text(
    f"""
    SELECT a.id, a.person_id, a.acting_for, {SHOWN_POST} AS acting_post, {POST_LEVEL} AS acting_level,
           a.asked_from, a.asked_until, a.year, a.segment, a.unit_id AS own_unit, CAST(a.snapshot ->> 'since' AS date) AS began,
           CAST(a.snapshot ->> 'until' AS date) AS ended, p.post, p.level, p.kind, p.unit_id, p.zone, p.work_week, p.family, p.since,
           (SELECT min(t.valid_from) FROM tenure t WHERE t.person_id = p.id) AS entered,
           {LEFT} AS "left",
           (SELECT f.created_at FROM form_copy f
             WHERE a.snapshot ->> 'scored_copy' IS NOT NULL AND f.id = a.snapshot #>> '{{forms,{Form.RATING},copy_id}}') AS rated_at
      FROM appraisal a JOIN person p ON p.id = a.person_id WHERE a.id = ANY(:ids)
    """
)


async def segments(connection: AsyncConnection, appraisals: Collection[str], at: datetime) -> Mapping[str, Segment]:
    """By appraisal. Its unit is the appraisal's own, which goes along where a unit is reorganised."""
    rows = (await connection.execute(SEGMENTS, {"ids": sorted(appraisals)})).mappings().all()
    moves = await moves_of(connection, {row["person_id"] for row in rows}, titles=True)
    found = {}
    for row in rows:
        place = {name: row[name] for name in PLACE}
        known = OnRecord(
            year=row["year"],
            number=row["segment"],
            began=row["began"],
            ended=row["ended"],
            place=place,
            since=row["since"],
            entered=row["entered"],
            rated=None if row["rated_at"] is None else local_day(row["rated_at"], Zone(row["zone"])),
            left=row["left"],
        )
        today = local_day(at, Zone(row["zone"]))
        if row["asked_from"] is not None:
            one = asked(known, moves.get(row["person_id"], []), row["asked_from"], row["asked_until"], today)
        elif row["acting_for"] is None:
            one = segment(known, moves.get(row["person_id"], []), today)
        else:
            one = acted(known, row["acting_post"], row["acting_level"])
        family = family_on(one.day(today), row["family"], moves.get(row["person_id"], []))
        found[row["id"]] = replace(one, place={**one.place, "unit_id": row["own_unit"], FAMILY: family})
    return found


def post_of(segment: Segment, appraisal: RowMapping | Mapping[str, Any], agency: Agency, at: datetime) -> FormContext:
    """What its forms and its score ask of the post that an appraisal is about, as it was when that part of the year ended.

    `appraisal` is a row with its person, zone, `supervisor_override` and `acting_for`. Whom HR put under somebody is not at the top.
    """
    day, family = segment.day(local_day(at, Zone(appraisal["zone"]))), segment.place[FAMILY]
    post = appraisal["acting_for"]
    above = supervisor_on(UUID(appraisal["person_id"]), day, agency.line, acting_for=UUID(post) if post else None)
    return FormContext(
        level=JobLevel(str(segment.place["level"])),
        kind=EmployeeKind(str(segment.place["kind"])),
        family=str(family) if family else None,
        is_top=appraisal["supervisor_override"] is None and (above.person_id is None or above.outside),
    )
