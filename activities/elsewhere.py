"""A part of somebody's year that was served in another agency, brought with its result and its document.

It is a fact beside the years here: nobody here rated it and nobody here changes it. Whether it counts for the least service is for the
pack to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.personnel import Forbidden, Order, Subject
from activities.running import Running, running, touch
from models.trail_actions import TrailAction
from models.vocabulary import JobLevel, Label

OF_PERSON = text(
    """
    SELECT first_day, last_day, agency, result, document FROM service_elsewhere
     WHERE person_id = :person AND first_day <= make_date(:year, 12, 31) AND last_day >= make_date(:year, 1, 1) ORDER BY first_day
    """
)
OVERLAPS = text(
    "SELECT EXISTS (SELECT FROM service_elsewhere WHERE person_id = :person AND first_day <= :last AND last_day >= :first)"
)
KEEP = text(
    """
    INSERT INTO service_elsewhere (id, person_id, first_day, last_day, agency, result, document, level, points, recorded_by, recorded_at)
    VALUES (:id, :person, :first, :last, :agency, :result, :document, :level, :points, :by, :at)
    """
)


@dataclass(frozen=True)
class Brought:
    """What the other agency says: both days are of the service there."""

    first: date
    last: date
    agency: str
    result: Label
    document: str
    level: JobLevel | None = None
    """In which credit points were earned there, and how many; both or none."""
    points: Decimal | None = None


async def bring(connection: AsyncConnection, subject: Subject, order: Order, part: Brought) -> Sequence[Running]:
    """Record it, in both trails, for every running year of hers. Raises `Forbidden`."""
    if part.last < part.first:
        raise Forbidden("ends_before_it_begins", "until")
    if part.last >= subject.today:
        raise Forbidden("in_the_future", "until")
    if any(span.start <= part.last and (span.until is None or span.until >= part.first) for span in subject.spans):
        raise Forbidden("was_here", "from")
    days = {"person": subject.id, "first": part.first, "last": part.last}
    if (await connection.execute(OVERLAPS, days)).scalar_one():
        raise Forbidden("overlapping_elsewhere", "from")
    about = {"id": str(uuid4()), "agency": part.agency, "result": part.result.value, "document": part.document}
    earned = {"level": part.level, "points": part.points}
    await connection.execute(KEEP, {**days, **about, **earned, "by": order.actor, "at": order.at})
    reached = await running(connection, [subject.id])
    said = {
        "from": part.first.isoformat(),
        "until": part.last.isoformat(),
        "agency": part.agency,
        "document": part.document,
    }
    if part.level is not None and part.points is not None:
        said |= {"level": part.level.value, "points": str(part.points)}
    await touch(connection, reached, order.at, TrailAction.SERVICE_ELSEWHERE, order.actor, {subject.id: said})
    return reached


async def brought(connection: AsyncConnection, person: str, year: int) -> Sequence[RowMapping]:
    """What was brought of that year, in the order of its days."""
    return (await connection.execute(OF_PERSON, {"person": person, "year": year})).mappings().all()
