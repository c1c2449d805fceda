"""What HR decides about one person, written at once: another supervisor, a transfer, a leave, an exit.

Rows only: who supervises whom resolves by date from then on, and a running year learns from its nudge that there is something to ask.
One decision at a time, and none while a roster is read, so that two of them never close a loop together. Raises `Forbidden`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note_everywhere
from activities.facts import change_of
from activities.outbox import tell
from activities.people import EXIT, move_line
from activities.roster_recorded import ONE_AT_A_TIME, Span, respanned, write_spans
from activities.running import Running, running, touch
from models.circumstances import Personnel, PersonnelChange
from models.line import Line
from models.personnel import why_not
from models.roster import OUTSIDE
from models.vocabulary import Exit
from models.workdays import ONE_DAY

PERSON = text("SELECT id, zone, active FROM person WHERE nip = :nip")
SPANS = text(
    "SELECT valid_from, valid_until, supervisor_id, outside FROM tenure WHERE person_id = :person ORDER BY valid_from"
)
CHANGES = text(
    f"""
    SELECT kind, effective, until, why FROM personnel_change c
     WHERE person_id = :person AND (c.kind <> 'exit' OR {EXIT}) ORDER BY effective, at
    """
)
UNIT = text("SELECT id FROM unit WHERE code = :code")
MOVE_PERSON = text("UPDATE person SET post = :post, unit_id = :unit, since = :since WHERE id = :id")
KEEP = text(
    """
    INSERT INTO personnel_change (id, person_id, kind, effective, until, why, reason, actor, at)
    VALUES (:id, :person, :kind, :effective, :until, :why, :reason, :actor, :at)
    """
)
END_TENURE = text(
    """
    UPDATE tenure SET valid_until = :last
     WHERE person_id = :person AND (valid_until IS NULL OR valid_until > :last)
    """
)
DEAD = text("UPDATE person SET active = false WHERE id = :id")


class Forbidden(Exception):
    """A decision that cannot be taken: a stable code, and the field it is about. Nothing was changed."""

    def __init__(self, code: str, field: str = "effective") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Subject:
    """The person decided about, with what is recorded of her."""

    id: str
    zone: str
    spans: tuple[Span, ...]
    changes: tuple[PersonnelChange, ...]

    @property
    def line_since(self) -> date | None:
        return self.spans[-1].start if self.spans else None


@dataclass(frozen=True)
class Order:
    """The form of every decision: from which local day, by whom, when it was recorded, why."""

    effective: date
    actor: str
    at: datetime
    reason: str | None = None


async def subject_of(connection: AsyncConnection, nip: str) -> Subject | None:
    """The person of that NIP, held until the transaction ends; None where nobody has it."""
    await connection.execute(ONE_AT_A_TIME)
    row = (await connection.execute(PERSON, {"nip": nip})).one_or_none()
    if row is None:
        return None
    asked = {"person": row.id}
    spans = [Span(*s) for s in await connection.execute(SPANS, asked)]
    changes = [change_of(c) for c in await connection.execute(CHANGES, asked)]
    return Subject(row.id, row.zone, tuple(spans), tuple(changes))


# ── another supervisor ───────────────────────────────────────────────────────────────────────────────────────────────


async def change_supervisor(
    connection: AsyncConnection, subject: Subject, order: Order, line: Line, supervisor: str, today: date
) -> Sequence[Running]:
    """A new tenure from a day that is not before today; what was decided until then stays with whoever decided it."""
    if order.effective < today:
        raise Forbidden("in_the_past")
    _check(subject, Personnel.TRANSFER, order, same_day=True)
    superior = await _superior(connection, subject, line, supervisor, order.effective)
    if not await write_spans(connection, subject.id, subject.spans, respanned(subject.spans, superior)):
        return ()
    await move_line(connection)
    data = {"person": subject.id, **_shown(superior)}
    await note_everywhere(connection, order.at, "supervisor_changed", order.actor, data, reason=order.reason)
    await tell_of_supervisor(connection, subject.id, subject.spans, superior, order.at, order.actor)
    return await running(connection, [subject.id])


async def _superior(connection: AsyncConnection, subject: Subject, line: Line, nip: str, day: date) -> Span:
    """Who is to supervise from that day on. Nobody supervises himself, nor whoever is above him."""
    if nip.casefold() == OUTSIDE:
        return Span(day, None, None, True)
    row = (await connection.execute(PERSON, {"nip": nip})).one_or_none()
    if row is None or not row.active or line.gone(UUID(row.id), day):
        raise Forbidden("unknown_person", "supervisor")
    if row.id == subject.id:
        raise Forbidden("self_supervisor", "supervisor")
    for asked in (day, *line.starts_after(day)):
        if UUID(subject.id) in line.above(UUID(row.id), asked):
            raise Forbidden("loop_in_line", "supervisor")
    return Span(day, None, row.id, False)


async def tell_of_supervisor(
    connection: AsyncConnection, person: str, before: Sequence[Span], superior: Span, at: datetime, actor: str | None
) -> None:
    """She and her new supervisor are told at once whose task it is from when on, the one before with the next morning."""
    new, old = superior.supervisor_id, before[-1].supervisor_id if before else None
    about = {"from": superior.start.isoformat(), "person": person}
    if new is not None:
        hers = about | {"person": new}
        await tell(connection, [person], "supervisor_changed", at=at, actor=actor, facts=hers, at_once=True)
        await tell(connection, [new], "supervises_now", at=at, actor=actor, facts=about, at_once=True)
    if old not in (None, new):
        await tell(connection, [str(old)], "supervises_no_more", at=at, actor=actor, facts=about)


def _shown(superior: Span) -> Mapping[str, object]:
    return {
        "supervisor": superior.supervisor_id,
        "outside": superior.outside,
        "effective": superior.start.isoformat(),
    }


# ── transfer, leave, exit ────────────────────────────────────────────────────────────────────────────────────────────


async def transfer(
    connection: AsyncConnection, subject: Subject, order: Order, line: Line, post: str, unit: str, supervisor: str
) -> Sequence[Running]:
    """Another post from that day (TMT) on: person, line and decision in one. Her running segment closes on the day before."""
    _check(subject, Personnel.TRANSFER, order)
    place = (await connection.execute(UNIT, {"code": unit})).scalar_one_or_none()
    if place is None:
        raise Forbidden("unknown_unit", "unit")
    superior = await _superior(connection, subject, line, supervisor, order.effective)
    reached = await running(connection, [subject.id])
    if any(not one.over and order.effective <= one.began for one in reached):
        raise Forbidden("before_appraisal_began")
    await connection.execute(MOVE_PERSON, {"id": subject.id, "post": post, "unit": place, "since": order.effective})
    await write_spans(connection, subject.id, subject.spans, respanned(subject.spans, superior))
    await keep(connection, subject.id, order, Personnel.TRANSFER)
    await move_line(connection)
    await tell_of_supervisor(connection, subject.id, subject.spans, superior, order.at, order.actor)
    data = {subject.id: {"unit": place, **_shown(superior)}}
    await touch(connection, reached, order.at, "person_transferred", order.actor, data, order.reason)
    return reached


async def leave(connection: AsyncConnection, subject: Subject, order: Order, until: date) -> Sequence[Running]:
    """A leave, its last day included; it pauses what runs and moves what is due by its length."""
    code = why_not(Personnel.LEAVE, order.effective, until, subject.changes, subject.line_since)
    if code is not None:
        raise Forbidden(code, "from" if code == "has_left" else "until")
    await keep(connection, subject.id, order, Personnel.LEAVE, until=until)
    reached = await running(connection, [subject.id])
    data = {subject.id: {"from": order.effective.isoformat(), "until": until.isoformat()}}
    await touch(connection, reached, order.at, "leave_recorded", order.actor, data)
    return reached


async def leave_agency(
    connection: AsyncConnection, subject: Subject, order: Order, why: Exit, today: date
) -> Sequence[Running]:
    """An exit: her tenure ends the day before. Who died is told nothing from this transaction on."""
    if why is Exit.DIE and order.effective > today:
        raise Forbidden("in_the_future")
    _check(subject, Personnel.EXIT, order)
    if subject.line_since is not None and order.effective <= subject.line_since:
        raise Forbidden("before_earlier_change")
    await connection.execute(END_TENURE, {"person": subject.id, "last": order.effective - ONE_DAY})
    await keep(connection, subject.id, order, Personnel.EXIT, why=why)
    if why is Exit.DIE:
        await connection.execute(DEAD, {"id": subject.id})
    await move_line(connection)
    reached = await running(connection, [subject.id])
    data = {subject.id: {"exit": why.value, "effective": order.effective.isoformat()}}
    await touch(connection, reached, order.at, "person_left", order.actor, data)
    return reached


def _check(subject: Subject, kind: Personnel, order: Order, *, same_day: bool = False) -> None:
    """A supervisor may be put right on the very day of a transfer; another transfer on that day there is not."""
    asked = Personnel.EXIT if same_day else kind
    code = why_not(asked, order.effective, None, subject.changes, subject.line_since)
    if code is not None:
        raise Forbidden(code)


async def keep(
    connection: AsyncConnection,
    person: str,
    order: Order,
    kind: Personnel,
    *,
    until: date | None = None,
    why: Exit | None = None,
) -> None:
    """Store a decision as the fact that running years ask for."""
    await connection.execute(
        KEEP,
        {
            "id": str(uuid4()),
            "person": person,
            "kind": kind.value,
            "effective": order.effective,
            "until": until,
            "why": why.value if why else None,
            "reason": order.reason,
            "actor": order.actor,
            "at": order.at,
        },
    )
