"""A part of somebody's year that was served in another agency, brought with its result and its document.

It is a fact beside the years here: nobody here rated it. Whether it counts for the least service is for the pack to say. Rows are
append-only: what was recorded wrongly is put right by another version of the part, or withdrawn by one, and what was said before stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
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

IN_FORCE = """
    (SELECT * FROM (SELECT DISTINCT ON (part) * FROM service_elsewhere WHERE person_id = :person ORDER BY part, number DESC) latest
      WHERE NOT withdrawn)
"""
"""What was brought of a person and not withdrawn, each part by its latest version."""
OF_PERSON = text(
    f"""
    SELECT s.first_day, s.last_day, s.agency, s.result, s.document, f.name, f.media_type, f.bytes, f.sha256, f.place
      FROM {IN_FORCE} s LEFT JOIN LATERAL (SELECT * FROM service_elsewhere_file WHERE service_id = s.part
                                            ORDER BY number DESC LIMIT 1) f ON true
     WHERE s.first_day <= make_date(:year, 12, 31) AND s.last_day >= make_date(:year, 1, 1)
     ORDER BY s.first_day
    """
)
BEGINNING = text(f"SELECT * FROM {IN_FORCE} s WHERE first_day = :first")
"""Whoever records holds the person (`subject_of`), so it stays the latest."""
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
    f"""
    SELECT EXISTS (SELECT FROM {IN_FORCE} s WHERE first_day <= :last AND last_day >= :first AND part IS DISTINCT FROM :part)
    """
)
KEEP = text(
    """
    INSERT INTO service_elsewhere (id, part, number, withdrawn, person_id, first_day, last_day, agency, result, document, level, points,
           recorded_by, recorded_at)
    VALUES (:id, :part, :number, :withdrawn, :person, :first, :last, :agency, :result, :document, :level, :points, :by, :at)
    """
)
VERSIONS = text("SELECT * FROM service_elsewhere WHERE person_id = :person ORDER BY part, number DESC")


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


@dataclass(frozen=True)
class Version:
    """A part as it was recorded at that time; a withdrawn one says what it said until then."""

    brought: Brought
    withdrawn: bool
    recorded_at: datetime


class NoSuchPartError(Exception):
    """Nothing was brought of this person that begins on that day, or it was withdrawn."""


async def bring(connection: AsyncConnection, subject: Subject, order: Order, said: Brought) -> Sequence[Running]:
    """Record it, in both trails, for every running year of hers. Raises `Forbidden`."""
    await _must_be_possible(connection, subject, said, None)
    return await _keep(connection, subject, order, said, TrailAction.SERVICE_ELSEWHERE, str(uuid4()), 1)


async def correct(connection: AsyncConnection, subject: Subject, order: Order, said: Brought) -> Sequence[Running]:
    """Put right what was brought from `order.effective` on: this holds from now on, in the same running years.

    What is said so already is no version. Raises `Forbidden`, `NoSuchPartError`.
    """
    part = await _beginning(connection, subject, order)
    await _must_be_possible(connection, subject, said, part["part"])
    if said == _said(part):
        return ()
    corrected = TrailAction.SERVICE_ELSEWHERE_CORRECTED
    return await _keep(connection, subject, order, said, corrected, part["part"], part["number"] + 1)


async def withdraw(connection: AsyncConnection, subject: Subject, order: Order) -> Sequence[Running]:
    """What was brought from `order.effective` on counts no more; its days may be brought anew. Raises `NoSuchPartError`."""
    part = await _beginning(connection, subject, order)
    withdrawn = TrailAction.SERVICE_ELSEWHERE_WITHDRAWN
    return await _keep(connection, subject, order, _said(part), withdrawn, part["part"], part["number"] + 1)


async def _beginning(connection: AsyncConnection, subject: Subject, order: Order) -> RowMapping:
    asked = {"person": subject.id, "first": order.effective}
    part = (await connection.execute(BEGINNING, asked)).mappings().one_or_none()
    if part is None:
        raise NoSuchPartError
    return part


async def _must_be_possible(connection: AsyncConnection, subject: Subject, said: Brought, part: str | None) -> None:
    """`part` is the one that this is to be said of, where there is one already."""
    if said.last < said.first:
        raise Forbidden("ends_before_it_begins", "until")
    if said.last.year != said.first.year:  # a result, and its credit points, are of one year
        raise Forbidden("beyond_one_year", "until")
    if said.last >= subject.today:
        raise Forbidden("in_the_future", "until")
    if any(span.start <= said.last and (span.until is None or span.until >= said.first) for span in subject.spans):
        raise Forbidden("was_here", "from")
    days = {"person": subject.id, "first": said.first, "last": said.last, "part": part}
    if (await connection.execute(OVERLAPS, days)).scalar_one():
        raise Forbidden("overlapping_elsewhere", "from")


async def _keep(
    connection: AsyncConnection,
    subject: Subject,
    order: Order,
    said: Brought,
    action: TrailAction,
    part: str,
    number: int,
) -> Sequence[Running]:
    about = {"part": part, "number": number, "withdrawn": action is TrailAction.SERVICE_ELSEWHERE_WITHDRAWN}
    row = {"id": part if number == 1 else str(uuid4()), "person": subject.id, "by": order.actor, "at": order.at}
    await connection.execute(KEEP, asdict(said) | row | about)
    told: dict[str, object] = {
        "from": said.first.isoformat(),
        "until": said.last.isoformat(),
        "agency": said.agency,
        "document": said.document,
    }
    if said.level is not None and said.points is not None:
        told |= {"level": said.level.value, "points": str(said.points)}
    if number > 1:
        told |= {"number": number, "said_from": order.effective.isoformat()}
    reached = await running(connection, [subject.id])
    await touch(connection, reached, order.at, action, order.actor, {subject.id: told}, order.reason)
    return reached


@dataclass(frozen=True)
class Document:
    """The other agency's evaluation as a file; `place` is where it lies in the store."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    place: str


async def attach(connection: AsyncConnection, subject: Subject, order: Order, document: Document) -> bool:
    """Record the document of what was brought from `order.effective` on; the latest one counts, and each is in both trails.

    It is of the part, whichever version of it holds.

    False where the one that counts has this content and this name already. It moves no facts. Raises `NoSuchPartError`.
    """
    part = await _beginning(connection, subject, order)
    last = (await connection.execute(LAST_FILE, {"service": part["part"]})).one_or_none()
    if last is not None and (last.name, last.sha256) == (document.name, document.sha256):
        return False
    row = {"service": part["part"], "number": last.number + 1 if last else 1, "by": order.actor, "at": order.at}
    await connection.execute(KEEP_FILE, asdict(document) | row)
    said: dict[str, object] = {
        "person": subject.id,
        "from": order.effective.isoformat(),
        "until": part["last_day"].isoformat(),
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


async def versions_of(connection: AsyncConnection, person: str) -> Sequence[Sequence[Version]]:
    """All that was ever brought of her, in the order of its days, the withdrawn too; of each part the latest version first."""
    found: dict[str, list[Version]] = defaultdict(list)
    for row in (await connection.execute(VERSIONS, {"person": person})).mappings():
        found[row["part"]].append(Version(_said(row), row["withdrawn"], row["recorded_at"]))
    return sorted(found.values(), key=lambda its: (its[0].brought.first, its[0].recorded_at))


def _said(row: RowMapping) -> Brought:
    level = None if row["level"] is None else JobLevel(row["level"])
    days = (row["first_day"], row["last_day"])
    return Brought(*days, row["agency"], Label(row["result"]), row["document"], level, row["points"])
