"""Which months of which year somebody's results credit, by the rows of now (`models.credited`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.segments import segments
from models.credited import Claim, credited
from models.vocabulary import State

EARNING = text(
    f"""
    SELECT a.id, a.year,
           CASE WHEN NOT a.let_go THEN (SELECT min(e.at) FROM event e
                 WHERE e.appraisal_id = a.id AND e.to_state = '{State.FINALISATION_RUNNING}') END AS final_at
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id
     WHERE a.person_id = :person AND a.launch = 'launched' AND a.ending IS DISTINCT FROM 'cancelled' AND o.outcome ? 'credit'
     ORDER BY a.year, a.id
    """
)
"""A part of a year that was let go comes after whatever another cycle makes of it."""


async def claims(connection: AsyncConnection, person: str, at: datetime) -> Mapping[int, Sequence[Claim]]:
    """By year, everything of hers that earns credit points, also what is not final yet."""
    rows = (await connection.execute(EARNING, {"person": person})).all()
    its = await segments(connection, [row.id for row in rows], at)
    found: dict[int, list[Claim]] = defaultdict(list)
    for row in rows:
        found[row.year].append(Claim(row.id, frozenset(its[row.id].counted), row.final_at))
    return found


async def credited_elsewhere(
    connection: AsyncConnection, person: str, year: int, appraisal: str, at: datetime
) -> frozenset[int]:
    """The months which this one of her appraisals of that year is about and another one credits."""
    of_year = (await claims(connection, person, at)).get(year, ())
    its = next((one for one in of_year if one.appraisal == appraisal), None)
    return frozenset() if its is None else its.months - credited(its, of_year)
