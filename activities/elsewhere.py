"""A part of somebody's year that was served in another agency, brought with its result and its document.

It is a fact beside the years here: nobody here rated it and nobody here changes it. Whether it counts for the least service is for the
pack to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import note_in_agency
from activities.cycle_trail import note_many
from activities.personnel import Forbidden, Order, Subject
from activities.running import Running, running, touch
from models.trail_actions import TrailAction
from models.vocabulary import JobLevel, Label

OF_PERSON = text(
    """
    SELECT s.first_day, s.last_day, s.agency, s.result, s.document, f.name, f.media_type, f.bytes, f.sha256, f.place
      FROM service_elsewhere s LEFT JOIN LATERAL (SELECT * FROM service_elsewhere_file WHERE service_id = s.id
                                                   ORDER BY number DESC LIMIT 1) f ON true
     WHERE s.person_id = :person AND s.first_day <= make_date(:year, 12, 31) AND s.last_day >= make_date(:year, 1, 1)
     ORDER BY s.first_day
    """
)
HOLD = text("SELECT id, last_day FROM service_elsewhere WHERE person_id = :person AND first_day = :first FOR UPDATE")
LAST_FILE = text(
    "SELECT number, name, sha256 FROM service_elsewhere_file WHERE service_id = :service ORDER BY number DESC LIMIT 1"
)
KEEP_FILE = text(
    """
    INSERT INTO service_elsewhere_file (service_id, number, name, media_type, bytes, sha256, place, recorded_by, recorded_at)
    VALUES (:service, :number, :name, :media_type, :bytes, :sha256, :place, :by, :at)
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
    if part.last.year != part.first.year:  # a result, and its credit points, are of one year
        raise Forbidden("beyond_one_year", "until")
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


@dataclass(frozen=True)
class Document:
    """The other agency's evaluation as a file; `place` is where it lies in the store."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    place: str


class NoSuchPartError(Exception):
    """Nothing was brought of this person that begins on that day."""


async def attach(connection: AsyncConnection, subject: Subject, order: Order, document: Document) -> bool:
    """Record the document of what was brought from `order.effective` on; the latest one counts, and each is in both trails.

    False where the one that counts has this content and this name already. It moves no facts. Raises `NoSuchPartError`.
    """
    part = (await connection.execute(HOLD, {"person": subject.id, "first": order.effective})).one_or_none()
    if part is None:
        raise NoSuchPartError
    last = (await connection.execute(LAST_FILE, {"service": part.id})).one_or_none()
    if last is not None and (last.name, last.sha256) == (document.name, document.sha256):
        return False
    row = {"service": part.id, "number": last.number + 1 if last else 1, "by": order.actor, "at": order.at}
    await connection.execute(KEEP_FILE, asdict(document) | row)
    said: dict[str, object] = {
        "person": subject.id,
        "from": order.effective.isoformat(),
        "until": part.last_day.isoformat(),
        "sha256": document.sha256,
        "bytes": document.bytes,
    }
    events = [(TrailAction.SERVICE_ELSEWHERE_DOCUMENT, said)]
    await note_in_agency(connection, order.at, order.actor, events)
    for cycle in sorted({one.cycle for one in await running(connection, [subject.id])}):
        await note_many(connection, cycle, order.at, order.actor, events)
    return True


async def brought(connection: AsyncConnection, person: str, year: int) -> Sequence[RowMapping]:
    """What was brought of that year, in the order of its days, each with the document that counts."""
    return (await connection.execute(OF_PERSON, {"person": person, "year": year})).mappings().all()
