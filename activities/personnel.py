"""What HR decides about one person, written at once: another supervisor, a transfer, a leave, an exit.

Rows only: who supervises whom resolves by date from then on, the place of a transfer waits with it for its day, and a running year
learns from its nudge that there is something to ask. One decision at a time, and none while a roster is read, so that two of them
never close a loop together. Decisions to come hold in the order of their days, whichever was recorded first. Raises `Forbidden`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME as AGENCY_TRAIL
from activities.already_lapsed import lapsed_on_leave
from activities.cycle_trail import note_everywhere
from activities.facts import change_of
from activities.people import HOLDS, line_since, move_line
from activities.places import ONE_AT_A_TIME, arrive, moves_of, take_back
from activities.roster_recorded import Span, begun, cut, joined, respanned, span_on, write_spans
from activities.running import Running, running, too_early, touch
from activities.supervision import shown, tell_of_lapsed, tell_of_supervisors
from models.circumstances import Personnel, PersonnelChange
from models.line import Line, why_not_superior
from models.officers import leads_to
from models.personnel import has_left, why_not
from models.places import FAMILY, PLACE, Move, Place, differing, place_on
from models.roster import OUTSIDE
from models.trail_actions import OF_YEARS, TrailAction
from models.vocabulary import Exit, Zone
from models.workdays import ONE_DAY, local_day

PERSON = text("SELECT id, zone, active, post, level, kind, unit_id, work_week FROM person WHERE nip = :nip")
SPANS = text(
    "SELECT valid_from, valid_until, supervisor_id, outside FROM tenure WHERE person_id = :person ORDER BY valid_from"
)
CHANGES = text(
    f"""
    SELECT id, kind, effective, until, why FROM personnel_change c
     WHERE person_id = :person AND kind <> 'title' AND {HOLDS} ORDER BY effective, at
    """
)
UNIT = text("SELECT id FROM unit WHERE code = :code")
KEEP = text(
    """
    INSERT INTO personnel_change (id, person_id, kind, effective, until, why, reason, actor, at, post, level, employee_kind,
           unit_id, zone, work_week, before, standing)
    VALUES (:id, :person, :kind, :effective, :until, :why, :reason, :actor, :at, :post, :level, :employee_kind,
           :unit_id, :zone, :work_week, :before, :standing)
    """
).bindparams(bindparam("before", type_=JSON(none_as_null=True)))
DROP_LATER_EXITS = text(
    """
    UPDATE personnel_change SET standing = 'taken_back' WHERE person_id = :person AND kind = 'exit' AND effective > :day
    """
)
"""Also one that a new post took back, and that would hold again without it."""
DROP_ACTINGS = text("DELETE FROM acting WHERE person_id = :person AND valid_from >= :day")
END_ACTINGS = text(
    """
    UPDATE acting SET valid_until = CAST(:day AS date) - 1
     WHERE person_id = :person AND (valid_until IS NULL OR valid_until >= :day)
    """
)
"""Where somebody acts in another's post; who acts in hers goes on, because it is vacant then."""
LEADS_THERE = text(
    """
    SELECT EXISTS (SELECT FROM tenure t JOIN person p ON p.id = t.person_id
                    WHERE t.supervisor_id = :actor AND p.unit_id = CAST(:unit AS text) AND p.id <> :person
                      AND t.valid_from <= :day AND coalesce(t.valid_until, 'infinity') >= :day)
    """
)
WORKED_IN = text(
    """
    SELECT EXISTS (SELECT FROM appraisal a JOIN event e ON e.appraisal_id = a.id
                    WHERE a.person_id = :person AND a.own_year AND e.role <> 'engine'
                      AND CAST(a.snapshot ->> 'since' AS date) = :day)
    """
)
"""Whether anybody has acted in the part of a year that began on that day."""
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
    zone: Zone
    today: date
    """The local day where she is."""
    place: Place
    """Of today."""
    spans: tuple[Span, ...]
    changes: Mapping[str, PersonnelChange]
    """What holds, by its id."""
    moves: tuple[Move, ...]

    def why_not(self, kind: Personnel, first: date, last: date | None = None, why: Exit | None = None) -> str | None:
        line = begun(self.spans, self.today)
        since = line.start if line else None
        return why_not(kind, first, last, list(self.changes.values()), since, self.today, why)


@dataclass(frozen=True)
class Order:
    """The form of every decision: from which local day, by whom, when it was recorded, why."""

    effective: date
    actor: str
    at: datetime
    reason: str | None = None


async def subject_of(connection: AsyncConnection, nip: str, now: datetime) -> Subject | None:
    """The person of that NIP, held until the transaction ends; None where nobody has it."""
    await connection.execute(ONE_AT_A_TIME)
    await connection.execute(AGENCY_TRAIL)  # before the line's revision, as by whoever else needs both
    row = (await connection.execute(PERSON, {"nip": nip})).one_or_none()
    if row is None:
        return None
    asked = {"person": row.id}
    spans = [Span(*s) for s in await connection.execute(SPANS, asked)]
    changes = {c.id: change_of(c) for c in await connection.execute(CHANGES, asked)}
    moves = await moves_of(connection, [row.id])
    place = {name: getattr(row, name) for name in PLACE}
    zone = Zone(row.zone)
    return Subject(row.id, zone, local_day(now, zone), place, tuple(spans), changes, tuple(moves.get(row.id, ())))


# ── another supervisor ───────────────────────────────────────────────────────────────────────────────────────────────


async def change_supervisor(
    connection: AsyncConnection, subject: Subject, order: Order, line: Line, supervisor: str
) -> Sequence[Running]:
    """Somebody else from a day that is not before today, until a later decision brings another.

    What was decided until then stays with whoever decided it.
    """
    if order.effective < subject.today:
        raise Forbidden("in_the_past")
    if has_left(subject.changes.values(), order.effective):
        raise Forbidden("has_left")
    _must_be_here(subject, order.effective)
    superior = await _superior(connection, subject, line, supervisor, order)
    known = span_on(subject.spans, order.effective)
    if known is not None and known.same_superior(superior):
        return ()
    after = respanned(subject.spans, superior)
    await _write_line(connection, subject, line, after)
    await move_line(connection)
    data = {"person": subject.id, **shown(superior)}
    await note_everywhere(connection, order.at, TrailAction.SUPERVISOR_CHANGED, order.actor, data, reason=order.reason)
    await _tell_of_supervisor(connection, subject, line, order)
    return await _in_her_post(connection, subject)


async def _superior(
    connection: AsyncConnection, subject: Subject, line: Line, nip: str, order: Order, unit: str | None = None
) -> Span:
    """Who is to supervise from that day on, in that `unit` where she goes to another.

    Nobody names herself, unless the line leads to her, or she leads people in that unit already.
    """
    day = order.effective
    if nip.casefold() == OUTSIDE:
        return Span(day, None, None, True)
    row = (await connection.execute(PERSON, {"nip": nip})).one_or_none()
    if row is None or not row.active:
        raise Forbidden("unknown_person", "supervisor")
    if (code := why_not_superior(UUID(subject.id), UUID(row.id), day, line, until=day)) is not None:
        raise Forbidden(code, "supervisor")
    if row.id == order.actor and not leads_to(UUID(row.id), UUID(subject.id), day, line):
        asked = {"actor": row.id, "unit": unit, "day": day, "person": subject.id}
        if not (await connection.execute(LEADS_THERE, asked)).scalar_one():
            raise Forbidden("oneself", "supervisor")
    return Span(day, None, row.id, False)


async def _write_line(connection: AsyncConnection, subject: Subject, line: Line, after: Sequence[Span]) -> None:
    """Store her line as it is to be. Nobody is put under whoever is below her on any day of a stretch that is new."""
    for span in after:
        if span in subject.spans or span.supervisor_id is None:
            continue
        code = why_not_superior(UUID(subject.id), UUID(span.supervisor_id), span.start, line, until=span.until)
        if code is not None:
            raise Forbidden(code, "supervisor")
    await write_spans(connection, subject.id, subject.spans, after)


async def _tell_of_supervisor(connection: AsyncConnection, subject: Subject, line: Line, order: Order) -> None:
    """`line` is that of before."""
    after = await line_since(connection, line, subject.id)
    await tell_of_supervisors(connection, line, after, today=subject.today, at=order.at, actor=order.actor)


# ── transfer, leave, exit ────────────────────────────────────────────────────────────────────────────────────────────


async def transfer(
    connection: AsyncConnection, subject: Subject, order: Order, line: Line, post: str, unit: str, supervisor: str
) -> Sequence[Running]:
    """Another post from that day (TMT) on: place, line and decision in one. Her running segment closes on the day before.

    One that is still to come on that day is replaced; said to lead where she is on the day before, it is taken back. One that came today
    is put right, as long as nobody has acted in the part that began with it.
    """
    _check(subject, Personnel.TRANSFER, order)
    _must_be_here(subject, order.effective)
    place = (await connection.execute(UNIT, {"code": unit})).scalar_one_or_none()
    if place is None:
        raise Forbidden("unknown_unit", "unit")
    superior = await _superior(connection, subject, line, supervisor, order, place)
    reached = await _in_her_post(connection, subject)
    replaced = [move.id for move in subject.moves if move.day == order.effective]
    come = [move for move in subject.moves if move.day == order.effective and not move.coming]
    if come and (await connection.execute(WORKED_IN, {"person": subject.id, "day": order.effective})).scalar_one():
        raise Forbidden("before_earlier_change")
    before_it = [one for one in reached if not come or one.began < order.effective]
    if too_early(before_it, order.effective):
        raise Forbidden("before_appraisal_began")
    said: Place = {"post": post, "unit_id": place}
    undone = bool(replaced) and not come and _stays(subject, said, superior)
    after = joined(subject.spans, order.effective) if undone else respanned(subject.spans, superior)
    await _write_line(connection, subject, line, after)
    await take_back(connection, replaced)
    if not undone:
        move = Move(str(uuid4()), order.effective, said, coming=True)
        for one in come:  # it ended what that one did
            move = replace(move, to={**_clock_back(subject, one, place), **said}, before=one.before, since=one.since)
        await keep(connection, subject.id, order, Personnel.TRANSFER, move=move)
    await move_line(connection)
    data = {"unit": place, **shown(superior), **_taken_back(subject, replaced)}
    action = TrailAction.TRANSFER_TAKEN_BACK if undone else TrailAction.PERSON_TRANSFERRED
    await arrive(connection, {subject.zone: subject.today}, order.at, subject.id)
    await _tell_of_supervisor(connection, subject, line, order)
    await touch(connection, reached, order.at, action, order.actor, {subject.id: data}, order.reason)
    return reached


def _clock_back(subject: Subject, wrong: Move, unit: str) -> Place:
    """The zone and the week that a transfer brought from the unit to which she goes back, unless a file said others since."""
    if wrong.before is None or wrong.before["unit_id"] != unit:
        return {}
    brought = (name for name in ("zone", "work_week") if wrong.to.get(name) == subject.place[name])
    return {name: wrong.before[name] for name in brought}


async def _in_her_post(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
    """What runs about her own post; what she does as Plt in another has its own line and its own end."""
    return [one for one in await running(connection, [subject.id]) if not one.beside]


def _stays(subject: Subject, said: Place, superior: Span) -> bool:
    """Whether this is where she is on the day before, under the same superior."""
    eve = superior.start - ONE_DAY
    place, line = place_on(eve, subject.place, subject.moves), span_on(subject.spans, eve)
    return not differing(said, place) and line is not None and line.same_superior(superior)


def _taken_back(subject: Subject, decisions: Sequence[str], lines: Sequence[Span] = ()) -> dict[str, object]:
    """What a trail line says of what this decision took back."""
    gone = [(change.kind.value, change.effective) for id, change in subject.changes.items() if id in decisions]
    gone += [("supervisor", span.start) for span in lines]
    return {"taken_back": [{"what": what, "effective": day.isoformat()} for what, day in gone]} if gone else {}


async def leave(
    connection: AsyncConnection, subject: Subject, order: Order, until: date | None
) -> tuple[Sequence[Running], Sequence[str]]:
    """A leave, its last day included; it pauses what runs and moves what is due by its length.

    One that is recorded of that first day ends on this last one instead; without a last day it is taken back, where it has not begun.
    Besides what it reaches, the appraisals in which silence had settled something on its days before it was recorded: that stays.
    """
    same = {id: one for id, one in subject.changes.items() if _is_leave(one, order.effective)}
    if until is None:
        return await _take_back_leave(connection, subject, order, same), ()
    code = subject.why_not(Personnel.LEAVE, order.effective, until)
    if code is not None:
        gone = code == "has_left" and has_left(subject.changes.values(), order.effective)
        at_once = gone or code == "leave_is_over"
        raise Forbidden(code, "from" if at_once else "until")
    if any(one.until == until for one in same.values()):
        return (), ()
    await take_back(connection, [*same])
    await keep(connection, subject.id, order, Personnel.LEAVE, until=until)
    reached = await running(connection, [subject.id])
    # One that was known kept silence from settling anything, and is put right before the days that become new to it.
    lapsed = () if same else await lapsed_on_leave(connection, subject.id, order.effective, until)
    data: dict[str, object] = {"from": order.effective.isoformat(), "until": until.isoformat()}
    data |= _taken_back(subject, [*same]) | ({OF_YEARS: list(lapsed)} if lapsed else {})
    await touch(connection, reached, order.at, TrailAction.LEAVE_RECORDED, order.actor, {subject.id: data})
    return reached, lapsed


def _is_leave(change: PersonnelChange, first: date) -> bool:
    return change.kind is Personnel.LEAVE and change.effective == first


async def _take_back_leave(
    connection: AsyncConnection, subject: Subject, order: Order, leaves: Mapping[str, PersonnelChange]
) -> Sequence[Running]:
    """Before its first day has come anywhere: a running year keeps the zone that it began in, whatever hers is now."""
    if not leaves:
        raise Forbidden("no_such_leave", "from")
    if order.effective <= max(local_day(order.at, zone) for zone in Zone):
        raise Forbidden("leave_has_begun", "until")
    await take_back(connection, [*leaves])
    reached = await running(connection, [subject.id])
    data = {"from": order.effective.isoformat(), "until": None, **_taken_back(subject, [*leaves])}
    await touch(connection, reached, order.at, TrailAction.LEAVE_TAKEN_BACK, order.actor, {subject.id: data})
    return reached


async def leave_agency(
    connection: AsyncConnection, subject: Subject, order: Order, line: Line, why: Exit
) -> Sequence[Running]:
    """An exit: her tenure ends the day before, her appointments too, and what was still to come from then on is taken back.

    A death has its true day: also what has come since is taken back then, but for a transfer, whose parts of the year were begun. Who
    died is told nothing from this transaction on.
    """
    dies = why is Exit.DIE
    if dies and order.effective > subject.today:
        raise Forbidden("in_the_future")
    _check(subject, Personnel.EXIT, order, why)
    been = [span for span in subject.spans if span.start <= subject.today and span.covers(span.start)]
    if been and order.effective <= been[0 if dies else -1].start:
        raise Forbidden("before_earlier_change")
    tomorrow = subject.today + ONE_DAY
    over = [
        id
        for id, change in subject.changes.items()
        if change.effective >= max(order.effective, tomorrow)
        or (change.kind is Personnel.EXIT and change.effective > order.effective)
        or (dies and change.kind is Personnel.LEAVE and change.effective >= order.effective)
    ]
    await take_back(connection, over)
    for statement in (DROP_LATER_EXITS, DROP_ACTINGS, END_ACTINGS):
        await connection.execute(statement, {"person": subject.id, "day": order.effective})
    await write_spans(connection, subject.id, subject.spans, cut(subject.spans, order.effective))
    await keep(connection, subject.id, order, Personnel.EXIT, why=why)
    if dies:
        await connection.execute(DEAD, {"id": subject.id})
    await move_line(connection)
    await _tell_of_supervisor(connection, subject, line, order)
    leaves, today = order.effective, subject.today
    await tell_of_lapsed(connection, subject.id, leaves, before=line, today=today, at=order.at, actor=order.actor)
    reached = await running(connection, [subject.id])
    lines = [span for span in subject.spans if span.start >= order.effective]
    data = {"exit": why.value, "effective": order.effective.isoformat(), **_taken_back(subject, over, lines)}
    await touch(connection, reached, order.at, TrailAction.PERSON_LEFT, order.actor, {subject.id: data})
    return reached


def _check(subject: Subject, kind: Personnel, order: Order, why: Exit | None = None) -> None:
    code = subject.why_not(kind, order.effective, why=why)
    if code is not None:
        raise Forbidden(code)


def _must_be_here(subject: Subject, day: date) -> None:
    """Of who is to come, her first day and whatever holds from then on is decided, nothing before it."""
    if span_on(subject.spans, day) is None:
        raise Forbidden("not_here_yet")


async def keep(
    connection: AsyncConnection,
    person: str,
    order: Order,
    kind: Personnel,
    *,
    move: Move | None = None,
    until: date | None = None,
    why: Exit | None = None,
) -> None:
    """Store a decision as the fact that running years ask for; of a transfer or a title with its `move`.

    While that is coming, the person's row is still to be moved (`activities.places.arrive`).
    """
    there: Place = move.to if move else {}
    before = _ended_by(move) if move else None
    await connection.execute(
        KEEP,
        {
            "id": move.id if move else str(uuid4()),
            "person": person,
            "kind": kind.value,
            "effective": order.effective,
            "until": until,
            "why": why.value if why else None,
            "reason": order.reason,
            "actor": order.actor,
            "at": order.at,
            "employee_kind": there.get("kind"),
            **{name: there.get(name) for name in PLACE if name != "kind"},
            "before": before,
            "standing": _standing(move) if move else None,
        },
    )


def _ended_by(move: Move) -> Mapping[str, object] | None:
    """The place that a transfer ended, and since when she was there."""
    if move.before is None:
        return None
    kept = {name: move.before[name] for name in (*PLACE, FAMILY) if name in move.before}
    return {**kept, "since": move.since.isoformat() if move.since else None}


def _standing(move: Move) -> str | None:
    return "coming" if move.coming else None if move.dated else "undated"
