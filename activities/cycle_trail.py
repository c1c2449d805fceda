"""The cycle's own trail: calendar and label, and what became of roster and roles while it ran, each chained to the one before it.

Append-only, hashed by the recipe of `models.trail`. The writer holds the cycle's row, so two changes never claim the same place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import AgencyEvent, Said, note_in_agency
from activities.texts import keep_reason
from models.appraisal import TextRef
from models.trail import GENESIS
from models.trail_actions import TrailAction
from models.vocabulary import Role

LAST = text("SELECT last_event_seq, last_event_hash FROM cycle WHERE id = :cycle FOR UPDATE")
RUNNING = text("SELECT id FROM cycle WHERE state NOT IN ('closed', 'cancelled') ORDER BY id")
APPEND = text(
    """
    INSERT INTO cycle_event (cycle_id, seq, at, action, actor, role, reason_id, reason_sha256, data, previous_hash, hash)
    VALUES (:cycle_id, :seq, :at, :action, :actor, :role, :reason_id, :reason_sha256, CAST(:data AS jsonb), :previous_hash, :hash)
    """
)
MOVE = text("UPDATE cycle SET last_event_seq = :seq, last_event_hash = :hash WHERE id = :cycle_id")


class CycleEvent(AgencyEvent):
    """One link of a cycle's trail."""

    cycle_id: str


async def note(
    connection: AsyncConnection,
    cycle_id: str,
    at: datetime,
    action: TrailAction,
    actor: str,
    data: Mapping[str, object],
    *,
    role: Role = Role.HR,
    reason: TextRef | None = None,
) -> CycleEvent:
    """Append one event to a cycle's trail, in the transaction of the change it speaks of."""
    (event,) = await note_many(connection, cycle_id, at, actor, [(action, data)], role=role, reason=reason)
    return event


async def note_many(
    connection: AsyncConnection,
    cycle_id: str,
    at: datetime,
    actor: str,
    said: Sequence[Said],
    *,
    role: Role = Role.HR,
    reason: TextRef | None = None,
) -> Sequence[CycleEvent]:
    """Append these facts in their order, as `note` does one."""
    if not said:
        return ()
    last = (await connection.execute(LAST, {"cycle": cycle_id})).one()
    after = (last.last_event_seq, last.last_event_hash or GENESIS)
    events = CycleEvent.chained(said, after, at, actor, role=role, reason=reason, cycle_id=cycle_id)
    await connection.execute(APPEND, [event.row() for event in events])
    await connection.execute(MOVE, {"cycle_id": cycle_id, "seq": events[-1].seq, "hash": events[-1].hash})
    return events


async def note_everywhere(
    connection: AsyncConnection,
    at: datetime,
    action: TrailAction,
    actor: str,
    data: Mapping[str, object],
    *,
    role: Role = Role.HR,
    reason: str | None = None,
) -> None:
    """Append a fact of the agency to its own trail and to that of every cycle that is not over."""
    why = await keep_reason(connection, reason, actor)
    await note_many_everywhere(connection, at, actor, [(action, data)], role=role, reason=why)


async def note_many_everywhere(
    connection: AsyncConnection,
    at: datetime,
    actor: str,
    said: Sequence[Said],
    *,
    role: Role = Role.HR,
    reason: TextRef | None = None,
) -> None:
    """Append these facts in their order, as `note_everywhere` does one."""
    await note_in_agency(connection, at, actor, said, role=role, reason=reason)
    for cycle in (await connection.execute(RUNNING)).scalars().all():
        await note_many(connection, cycle, at, actor, said, role=role, reason=reason)
