"""What somebody is appraised for by the rows: the one place that is asked before she decides about who stands around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import LEFT_ON
from models.access import Said
from models.appraised import Appraised, OpenYear
from models.line import Line

OPEN = text(
    f"""
    SELECT a.person_id, a.acting_for, a.supervisor_override, s.rated_by, s.defenders, s.visit, least(s.until, {LEFT_ON}) AS until
      FROM appraisal a
     CROSS JOIN LATERAL jsonb_to_record(a.snapshot) AS s(rated_by text, defenders jsonb, until date, visit jsonb)
     WHERE a.person_id = ANY(:people) AND a.launch = 'launched' AND a.state <> 'finalisation.done'
    """
)


async def appraised_of(
    connection: AsyncConnection, line: Line, people: Collection[str], day: date
) -> Mapping[str, Appraised]:
    """Each of these people with the years of hers that are open."""
    years: dict[str, list[OpenYear]] = defaultdict(list)
    for row in (await connection.execute(OPEN, {"people": list(people)})).mappings():
        years[row["person_id"]].append(_open_year(row))
    return {person: Appraised(UUID(person), line, day, years[person]) for person in people}


def _open_year(row: RowMapping) -> OpenYear:
    visit = row["visit"] or {}
    said = Said(
        reassigned=row["supervisor_override"],
        rated_by=row["rated_by"],
        defenders=row["defenders"] or (),
        until=row["until"],
        let_pass=visit.get("let_pass") or (),
        acting_for=row["acting_for"],
    )
    return OpenYear(said, int(visit.get("level") or 0))
