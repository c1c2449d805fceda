"""The segments of appraisals as rows have them: their days within the year and the place that held at their end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import POST_LEVEL, SHOWN_POST
from activities.places import moves_of
from models.places import PLACE
from models.segments import OnRecord, Segment, acted, asked, segment
from models.vocabulary import Zone
from models.workdays import local_day

SEGMENTS = text(
    f"""
    SELECT a.id, a.person_id, a.acting_for, {SHOWN_POST} AS acting_post, {POST_LEVEL} AS acting_level,
           a.asked_from, a.asked_until, a.year, a.segment, a.unit_id AS own_unit, CAST(a.snapshot ->> 'since' AS date) AS began,
           CAST(a.snapshot ->> 'until' AS date) AS ended, p.post, p.level, p.kind, p.unit_id, p.zone, p.work_week, p.since,
           (SELECT min(t.valid_from) FROM tenure t WHERE t.person_id = p.id) AS entered
      FROM appraisal a JOIN person p ON p.id = a.person_id WHERE a.id = ANY(:ids)
    """
)


async def segments(connection: AsyncConnection, appraisals: Collection[str], at: datetime) -> Mapping[str, Segment]:
    """By appraisal. Its unit is the appraisal's own, which goes along where a unit is reorganised."""
    rows = (await connection.execute(SEGMENTS, {"ids": sorted(appraisals)})).mappings().all()
    moves = await moves_of(connection, {row["person_id"] for row in rows})
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
        )
        today = local_day(at, Zone(row["zone"]))
        if row["asked_from"] is not None:
            one = asked(known, moves.get(row["person_id"], []), row["asked_from"], row["asked_until"], today)
        elif row["acting_for"] is None:
            one = segment(known, moves.get(row["person_id"], []), today)
        else:
            one = acted(known, row["acting_post"], row["acting_level"])
        found[row["id"]] = replace(one, place={**one.place, "unit_id": row["own_unit"]})
    return found
