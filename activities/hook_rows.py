"""Events become rows: what an endpoint has not heard of a trail yet, by number.

Found, not written with their cause: whoever records an act need not know who listens. A trail has no gaps and only grows, so how far it
was looked through is one number, whatever order transactions end in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.hooks import Happening, HookKind, kind_of

PAGE = 200
"""Trails looked through in one transaction."""
KEPT = timedelta(days=30)
"""As long as it can be asked when an event was sent."""

TRAILS = "SELECT id, cycle_id, seq FROM appraisal UNION ALL SELECT id, id, last_event_seq FROM cycle"
HELD = text("SELECT off_at FROM hook_endpoint WHERE name = :endpoint FOR UPDATE")
KNOWN = text("INSERT INTO hook_endpoint (name, since) VALUES (:endpoint, :now) ON CONFLICT DO NOTHING")
FROM_NOW_ON = text(
    f"INSERT INTO hook_cursor (endpoint, trail, seq) SELECT :endpoint, t.id, t.seq FROM ({TRAILS}) t WHERE t.seq > 0"
)
BEHIND = text(
    f"""
    SELECT t.id, t.cycle_id, t.seq, coalesce(c.seq, 0) AS heard
      FROM ({TRAILS}) t LEFT JOIN hook_cursor c ON c.endpoint = :endpoint AND c.trail = t.id
     WHERE t.seq > coalesce(c.seq, 0) ORDER BY t.id LIMIT {PAGE}
    """
)
UNHEARD = text(
    """
    WITH behind AS (SELECT * FROM unnest(CAST(:trails AS text[]), CAST(:heard AS int[])) AS b(trail, heard))
    SELECT b.trail, e.seq, e.at, e.action, e.from_state, e.to_state
      FROM behind b JOIN event e ON e.appraisal_id = b.trail AND e.seq > b.heard
    UNION ALL
    SELECT b.trail, e.seq, e.at, e.action, NULL, NULL
      FROM behind b JOIN cycle_event e ON e.cycle_id = b.trail AND e.seq > b.heard
    """
)
MAKE = text(
    """
    INSERT INTO hook (endpoint, id, kind, trail, cycle_id, seq, at, state, attempts, made_at)
    VALUES (:endpoint, :id, :kind, :trail, :cycle, :seq, :at, 'pending', 0, :now) ON CONFLICT DO NOTHING
    """
)
HEARD = text(
    """
    INSERT INTO hook_cursor AS c (endpoint, trail, seq, due_at) VALUES (:endpoint, :trail, :seq, :due_at)
    ON CONFLICT (endpoint, trail) DO UPDATE SET seq = excluded.seq, due_at = coalesce(c.due_at, excluded.due_at)
    """
)
FORGET = text("DELETE FROM hook WHERE endpoint = :endpoint AND state = 'sent' AND sent_at < :before")


async def listening(connection: AsyncConnection, endpoint: str, now: datetime) -> bool:
    """Hold the endpoint for this transaction; false where it is switched off. One that was never seen hears from now on."""
    asked = {"endpoint": endpoint, "now": now}
    held = (await connection.execute(HELD, asked)).one_or_none()
    if held is None:
        if (await connection.execute(KNOWN, asked)).rowcount:
            await connection.execute(FROM_NOW_ON, asked)
        held = (await connection.execute(HELD, asked)).one()
    return held.off_at is None


async def gather(connection: AsyncConnection, endpoint: str, kinds: Collection[HookKind], now: datetime) -> bool:
    """Make rows of what it has not heard, of some trails, and forget what was sent long ago; whether there may be more.

    The endpoint is held.
    """
    await connection.execute(FORGET, {"endpoint": endpoint, "before": now - KEPT})
    behind = (await connection.execute(BEHIND, {"endpoint": endpoint})).all()
    if not behind:
        return False
    asked = {"trails": [one.id for one in behind], "heard": [one.heard for one in behind]}
    events = (await connection.execute(UNHEARD, asked)).all()
    made = _happenings(events, {one.id: one.cycle_id for one in behind}, kinds)
    if made:
        rows = [
            {"endpoint": endpoint, "id": one.id, "kind": one.kind, "trail": one.trail, "cycle": one.cycle}
            | {"seq": one.seq, "at": one.at, "now": now}
            for one in made
        ]
        await connection.execute(MAKE, rows)
    heard = {one.id: one.seq for one in behind}
    for event in events:  # there may be more by now than when it was found behind
        heard[event.trail] = max(event.seq, heard[event.trail])
    due = {one.trail: now for one in made}
    rows = [{"endpoint": endpoint, "trail": t, "seq": seq, "due_at": due.get(t)} for t, seq in heard.items()]
    await connection.execute(HEARD, rows)
    return len(behind) == PAGE


def _happenings(
    events: Sequence[Row[tuple[object, ...]]], cycles: Mapping[str, str], kinds: Collection[HookKind]
) -> list[Happening]:
    found = ((kind_of(one.action, one.from_state, one.to_state), one) for one in events)
    return [
        Happening(kind, one.trail, cycles[one.trail], one.seq, one.at)
        for kind, one in found
        if kind is not None and kind in kinds
    ]


# ── for an operator ─────────────────────────────────────────────────────────────────────────────────────────────────

STANDING = text(
    """
    SELECT e.name, e.since, e.off_at, count(h.id) AS waiting, min(h.at) AS oldest,
           max(h.last_error) AS last_error
      FROM hook_endpoint e LEFT JOIN hook h ON h.endpoint = e.name AND h.state = 'pending'
     GROUP BY e.name ORDER BY e.name
    """
)
SWITCH_ON = text("UPDATE hook_endpoint SET off_at = NULL WHERE name = :endpoint")
AT_ONCE = text("UPDATE hook_cursor SET due_at = :now WHERE endpoint = :endpoint AND due_at IS NOT NULL")
DROP = text("DELETE FROM hook_endpoint WHERE name = :endpoint")


async def standing(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Every endpoint that was ever told anything, and what waits for it."""
    return (await connection.execute(STANDING)).mappings().all()


async def switch_on(connection: AsyncConnection, endpoint: str, now: datetime) -> bool:
    """Have it told again from where it stopped, and what waits at once; whether there is such an endpoint."""
    known = (await connection.execute(SWITCH_ON, {"endpoint": endpoint})).rowcount
    await connection.execute(AT_ONCE, {"endpoint": endpoint, "now": now})
    return bool(known)


async def drop(connection: AsyncConnection, endpoint: str) -> bool:
    """Forget it with everything that waits for it; under this name it would begin anew. Whether there was one."""
    return bool((await connection.execute(DROP, {"endpoint": endpoint})).rowcount)
