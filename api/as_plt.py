"""Who stands around what people do as Plt: by an appointment, and by a year that is open of one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from models.access import Parties

OPEN = text(
    """
    SELECT a.id, a.person_id, a.acting_for, a.supervisor_override, s.rated_by, s.defenders, s.until, s.visit
      FROM appraisal a CROSS JOIN LATERAL jsonb_to_record(a.snapshot)
              AS s(rated_by text, defenders jsonb, until text, visit jsonb)
     WHERE a.acting_for IS NOT NULL AND a.launch = 'launched' AND a.state <> 'finalisation.done'
       AND (CAST(:person AS text) IS NULL OR a.person_id = :person)
    """
)


async def around_as_plt(
    connection: AsyncConnection, agency: Agency, today: date, person: str | None = None
) -> list[Parties]:
    """Of everybody, or of one person. An appointment counts before its year has begun: HR says when that is, also of her own."""
    appointed = [
        agency.parties(str(one.person_id), max(today, one.start), acting_for=str(one.holder_id))
        for one in agency.line.as_plt(today, UUID(person) if person else None)
    ]
    rows = (await connection.execute(OPEN, {"person": person})).mappings().all()
    return appointed + [
        agency.parties_stored(row["id"], row["person_id"], today, row["supervisor_override"], row) for row in rows
    ]
