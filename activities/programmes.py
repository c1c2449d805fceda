"""Improvement programmes as rows: the one place where one is begun or moved on, with its trail and its notices, or nothing.

Rows decide, so a programme needs no engine to be noted in; its workflow only keeps the time (`activities.programme_time`). Whoever moves
one holds its row, and says by `version` that the workflow has to look again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import AgencyEvent
from activities.cycle_trail import note
from activities.facts import Facts, agency_days
from activities.people import HOLDS, Agency
from activities.programme_notices import tell_of
from models.appraisal import ENGINE_ACTOR, TextRef
from models.circumstances import Personnel
from models.programme import Around, Leave, Programme, last_day, stalled, steps
from models.programme_moves import Moved
from models.programme_spec import ProgrammeSpec
from models.trail import GENESIS
from models.trail_actions import TrailAction
from models.vocabulary import ProgrammeAction, ProgrammeState, Role, Zone
from models.workdays import PersonClock, local_day, week_of

ROW = """
    SELECT g.*, p.zone, p.work_week FROM programme g JOIN person p ON p.id = g.person_id WHERE g.id = :id
"""
ALL = text("SELECT id FROM programme WHERE person_id = :person ORDER BY begun_at, id")
READ, HOLD = text(ROW), text(f"{ROW} FOR NO KEY UPDATE OF g")
OPEN = text("SELECT id FROM programme WHERE person_id = :person AND state <> 'done'")
PLACE = text("SELECT zone, work_week FROM person WHERE id = :person")
CHANGES = text(
    f"""
    SELECT c.kind, c.effective, c.until FROM personnel_change c
     WHERE c.person_id = :person AND c.kind IN ('leave', 'exit') AND {HOLDS} ORDER BY c.effective
    """
)
BEGIN = text(
    """
    INSERT INTO programme (id, appraisal_id, cycle_id, person_id, revision, state, steps, snapshot, seq, last_hash, version, told, begun_at)
    VALUES (:id, :appraisal, :cycle, :person, :revision, :state, '{}', CAST(:snapshot AS jsonb), 0, :genesis, 0, 0, :at)
    """
)
WRITE = text(
    """
    UPDATE programme SET state = :state, outcome = :outcome, steps = CAST(:steps AS jsonb), snapshot = CAST(:snapshot AS jsonb),
           seq = :seq, last_hash = :hash, version = version + :moves, done_at = :done_at
     WHERE id = :id
    """
)
SHOW = text("UPDATE programme SET steps = CAST(:steps AS jsonb), wake_at = :wake_at WHERE id = :id")
APPEND = text(
    """
    INSERT INTO programme_event (programme_id, seq, at, action, actor, role, reason_id, reason_sha256, data, previous_hash, hash)
    VALUES (:programme_id, :seq, :at, :action, :actor, :role, :reason_id, :reason_sha256, CAST(:data AS jsonb), :previous_hash, :hash)
    """
)
HOLD_ALL = text("SELECT id FROM programme WHERE state <> 'done' ORDER BY id FOR NO KEY UPDATE")
LOOK_AGAIN = text("UPDATE programme SET version = version + 1 WHERE person_id = ANY(:people) AND state <> 'done'")


class ProgrammeEvent(AgencyEvent):
    """One link of a programme's trail."""

    programme_id: str


@dataclass(frozen=True)
class Held:
    """A programme with all that is asked about it."""

    row: RowMapping | None
    programme: Programme
    spec: ProgrammeSpec
    around: Around
    cycle: str
    after: tuple[int, str]
    """Place and hash of the last event."""

    def today(self, at: datetime) -> date:
        return local_day(at, self.around.clock.zone)


@dataclass(frozen=True)
class By:
    """Who moves it on, when and why."""

    actor: str
    role: Role
    at: datetime
    reason: TextRef | None = None
    on_behalf_of: str | None = None

    @classmethod
    def engine(cls, at: datetime) -> By:
        return cls(ENGINE_ACTOR, Role.ENGINE, at)


@dataclass(frozen=True)
class Begun:
    """Whose programme begins, about which result."""

    appraisal: str
    cycle: str
    person: str
    revision: int
    cause: str
    """`follow_up` or `hr`."""


async def begin(connection: AsyncConnection, facts: Facts, agency: Agency, it: Begun, by: By) -> str | None:
    """Begin one; None where the cycle's pack knows none, or she has one that is open."""
    spec = (await facts.pack(connection, it.cycle)).programme
    if spec is None or (await connection.execute(OPEN, {"person": it.person})).one_or_none() is not None:
        return None
    place = (await connection.execute(PLACE, {"person": it.person})).one()
    began = local_day(by.at, Zone(place.zone))
    made = Programme(
        id=str(uuid4()), appraisal=it.appraisal, subject=it.person, revision=it.revision, began=began, spec=spec
    )
    row = {"id": made.id, "appraisal": it.appraisal, "cycle": it.cycle, "person": it.person, "revision": it.revision}
    snapshot = {"state": made.state, "snapshot": made.model_dump_json(), "genesis": GENESIS, "at": by.at}
    await connection.execute(BEGIN, row | snapshot)
    held = await load(connection, facts, made.id, hold=True)
    assert held is not None
    data = {"appraisal": it.appraisal, "revision": it.revision, "cause": it.cause, "months": spec.months}
    await move(connection, agency, held, [Moved(made, ProgrammeAction.BEGIN, data)], by)
    return made.id


async def load(connection: AsyncConnection, facts: Facts, programme_id: str, *, hold: bool = False) -> Held | None:
    """The programme of that id, held until the transaction ends where that is wished; None where there is none."""
    row = (await connection.execute(HOLD if hold else READ, {"id": programme_id})).mappings().one_or_none()
    if row is None:
        return None
    pack = await facts.pack(connection, row["cycle_id"])
    changes = (await connection.execute(CHANGES, {"person": row["person_id"]})).all()
    clock = PersonClock.of(Zone(row["zone"]), week_of(row["work_week"]), await agency_days(connection))
    around = Around(
        clock=clock,
        rung_hour=pack.rung_hour,
        leaves=tuple(Leave(c.effective, c.until) for c in changes if c.kind == Personnel.LEAVE),
        gone=min((c.effective for c in changes if c.kind == Personnel.EXIT), default=None),
    )
    programme = Programme.model_validate(row["snapshot"])
    return Held(row, programme, programme.spec, around, row["cycle_id"], (row["seq"], row["last_hash"]))


async def programmes_of(connection: AsyncConnection, facts: Facts, person: str) -> Mapping[str, Sequence[Held]]:
    """All of hers by the appraisal that led to them, the earliest first."""
    found: dict[str, list[Held]] = defaultdict(list)
    for programme in (await connection.execute(ALL, {"person": person})).scalars().all():
        held = await load(connection, facts, programme)
        if held is not None:
            found[held.programme.appraisal].append(held)
    return found


async def move(connection: AsyncConnection, agency: Agency, held: Held, moved: Collection[Moved], by: By) -> Held:
    """Write what happened to a held programme, its trail and its notices; the programme after it.

    A person's move makes its workflow look again; what came by itself it has seen.
    """
    for one in moved:
        held = await _move(connection, agency, held, one, by)
    return held


async def _move(connection: AsyncConnection, agency: Agency, held: Held, moved: Moved, by: By) -> Held:
    data = dict(moved.data) | ({"on_behalf_of": by.on_behalf_of} if by.on_behalf_of else {})
    after = moved.programme
    [event] = ProgrammeEvent.chained(
        [(moved.action, data)], held.after, by.at, by.actor, role=by.role, reason=by.reason, programme_id=after.id
    )
    await connection.execute(APPEND, event.row())
    done = after.state is ProgrammeState.DONE
    held = replace(held, programme=after, after=(event.seq, event.hash))
    written = {
        "state": after.state,
        "outcome": after.outcome,
        "steps": _steps(held),
        "snapshot": after.model_dump_json(),
    }
    moves = 0 if by.role is Role.ENGINE else 1
    place = {"id": after.id, "seq": event.seq, "hash": event.hash, "moves": moves, "done_at": by.at if done else None}
    await connection.execute(WRITE, written | place)
    if moved.action is ProgrammeAction.BEGIN or done:
        said = {"person": after.subject, "appraisal": after.appraisal, "programme": after.id, "hash": event.hash}
        action = TrailAction.PROGRAMME_ENDED if done else TrailAction.PROGRAMME_BEGUN
        said |= {"outcome": after.outcome.value} if after.outcome else {}
        await note(connection, held.cycle, by.at, action, by.actor, said, role=by.role, reason=by.reason)
    await tell_of(connection, agency, held.programme, moved, _told(held), actor=by.actor, at=by.at, cycle=held.cycle)
    return held


def _steps(held: Held) -> str:
    listed = {step.key for step in stalled(held.programme, held.spec, held.around)}
    each = steps(held.programme, held.spec, held.around)
    return json.dumps({one.key: {"due": one.due.isoformat(), "stalled": one.key in listed} for one in each})


def _told(held: Held) -> dict[str, object]:
    """What notices say of its days."""
    last = last_day(held.programme, held.spec, held.around)
    first = held.programme.first
    days = {"from": first, "until": last}
    return {name: day.isoformat() for name, day in days.items() if day is not None} | {
        "due": {one.key: one.due.isoformat() for one in steps(held.programme, held.spec, held.around)}
    }


async def show(connection: AsyncConnection, held: Held, wake_at: datetime | None) -> None:
    """Show its steps under the facts of now, and until when its workflow sleeps."""
    await connection.execute(SHOW, {"id": held.programme.id, "steps": _steps(held), "wake_at": wake_at})


async def hold_programmes(connection: AsyncConnection) -> None:
    """Hold every open one until the transaction ends."""
    await connection.execute(HOLD_ALL)


async def look_again(connection: AsyncConnection, people: Collection[str]) -> None:
    """Leave word that a decision about these people may have moved the days of their programmes."""
    await connection.execute(LOOK_AGAIN, {"people": sorted(people)})
