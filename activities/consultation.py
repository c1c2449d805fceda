"""A consultation in rows: whom it is for, how long it lasts, and what is still left to be heard before its cycle may open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.enrolment import HERE, SCOPE, day_asked
from models.participation import Span
from models.vocabulary import Zone

EVERYBODY = text(
    f"{SCOPE} SELECT p.id FROM person p WHERE {HERE} AND p.unit_id IN (SELECT id FROM scope) ORDER BY p.id"
)
ONE = text(
    f"""
    {SCOPE}
    SELECT p.zone FROM person p
     WHERE p.id = :person AND (({HERE} AND p.unit_id IN (SELECT id FROM scope))
        OR EXISTS (SELECT FROM appraisal a WHERE a.cycle_id = :cycle AND a.person_id = p.id))
    """
)
"""Who once had a year of the cycle reads what was said before it, wherever she is since."""
HELD = text("SELECT first_day, last_day FROM consultation WHERE cycle_id = :cycle")
UNANSWERED = text(
    """
    SELECT DISTINCT p.nip FROM consultation_comment c JOIN person p ON p.id = c.author_id
     WHERE c.cycle_id = :cycle AND c.answer IS NULL ORDER BY p.nip
    """
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was held for a cycle: its days, None where it never was, and the NIPs of those whose comments wait for an answer."""

    span: Span | None = None
    unanswered: tuple[str, ...] = ()


async def people_of_scope(connection: AsyncConnection, cycle: RowMapping, today: date) -> list[str]:
    """The ids of everybody a cycle is for, also of those who could not begin."""
    return list((await connection.execute(EVERYBODY, _asked(cycle, today))).scalars())


async def zone_in_scope(connection: AsyncConnection, cycle: RowMapping, person: str, today: date) -> Zone | None:
    """Where somebody's clocks are whom the cycle is for; None for anybody else."""
    asked = _asked(cycle, today) | {"person": person, "cycle": cycle["id"]}
    zone = (await connection.execute(ONE, asked)).scalar_one_or_none()
    return None if zone is None else Zone(zone)


def _asked(cycle: RowMapping, today: date) -> dict[str, object]:
    year = cycle["year"]
    return {"units": list(cycle["units"]), "year": year, "day": day_asked(year, today)}


async def span_of(connection: AsyncConnection, cycle_id: str) -> Span | None:
    """The days of a cycle's consultation; None where none was begun."""
    row = (await connection.execute(HELD, {"cycle": cycle_id})).one_or_none()
    return None if row is None else Span(row.first_day, row.last_day)


async def heard(connection: AsyncConnection, cycle_id: str) -> Heard:
    """What there is of a consultation, for who wants to open the cycle."""
    span = await span_of(connection, cycle_id)
    if span is None:
        return Heard()
    return Heard(span, tuple((await connection.execute(UNANSWERED, {"cycle": cycle_id})).scalars()))
