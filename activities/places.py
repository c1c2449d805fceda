"""The place of a transfer: kept with the decision until its day has come, and then moved into the person's row.

Whoever comes first moves it: the transaction that records it late, the one that begins the next segment, a roster, or upkeep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME as AGENCY_TRAIL
from activities.clocks import There, move_years
from activities.people import HOLDS, move_line
from activities.running import Running, hold_cycles, running, touch
from models.places import PLACE, Move
from models.trail_actions import TrailAction
from models.vocabulary import Zone
from models.workdays import local_day

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('roster', 0))")
"""Whoever changes people, their places or their line holds this until his transaction ends."""
MOVES = text(
    f"""
    SELECT id, person_id, effective, post, level, employee_kind AS kind, unit_id, zone, work_week, standing, before,
           c.kind = 'title' AS title
      FROM personnel_change c
     WHERE (c.kind = 'transfer' OR :titles AND c.kind = 'title') AND {HOLDS}
       AND (CAST(:people AS text[]) IS NULL OR c.person_id = ANY(:people))
     ORDER BY c.effective, c.at
    """
)
DUE = text(
    """
    SELECT c.id, c.person_id, c.effective, c.unit_id, c.actor
      FROM personnel_change c JOIN person p ON p.id = c.person_id
      JOIN unnest(CAST(:zones AS text[]), CAST(:days AS date[])) AS today(zone, day) ON today.zone = p.zone
     WHERE c.standing = 'coming' AND c.effective <= today.day AND (CAST(:person AS text) IS NULL OR c.person_id = :person)
     ORDER BY c.effective, c.at
    """
)
HAS_COME = text(
    """
    UPDATE personnel_change c SET standing = NULL, before = coalesce(c.before, (
           SELECT t.before FROM personnel_change t
            WHERE t.person_id = c.person_id AND t.kind = 'title' AND t.effective >= c.effective
              AND t.standing IS DISTINCT FROM 'taken_back' ORDER BY t.effective, t.at LIMIT 1), jsonb_build_object(
               'post', p.post, 'level', p.level, 'kind', p.kind, 'unit_id', p.unit_id, 'zone', p.zone,
               'work_week', p.work_week, 'since', p.since, 'family', p.family))
      FROM person p WHERE p.id = c.person_id AND c.id = :id
    """
)
"""One that puts another right has ended what that one ended, and knows it already; of a title that was to come, or is of a later day, it
ended what held before that."""
TITLES_THERE = """
    SELECT t.* FROM personnel_change t
     WHERE t.person_id = c.person_id AND t.kind = 'title' AND t.effective > c.effective AND t.unit_id = c.unit_id
       AND t.standing IS DISTINCT FROM 'taken_back'
"""
"""Of a transfer `c`: the titles of later days that were said for the unit that it leads to."""
END_TITLES = text(
    f"""
    UPDATE personnel_change t SET standing = 'taken_back' FROM personnel_change c
     WHERE c.id = :id AND t.person_id = c.person_id AND t.kind = 'title' AND t.effective >= c.effective
       AND t.id NOT IN (SELECT kept.id FROM ({TITLES_THERE}) kept)
    """
)
"""The person's row says them, and so does the place that begins with a transfer before them."""
KEEP_TITLES = text(
    f"""
    UPDATE personnel_change t SET before = t.before || jsonb_strip_nulls(jsonb_build_object(
               'kind', c.employee_kind, 'unit_id', c.unit_id, 'zone', c.zone, 'work_week', c.work_week)
           || CASE WHEN t.effective = (SELECT min(kept.effective) FROM ({TITLES_THERE}) kept)
              THEN jsonb_build_object('post', c.post, 'level', c.level, 'since', c.effective) ELSE '{{}}' END)
      FROM personnel_change c WHERE c.id = :id AND t.id IN (SELECT kept.id FROM ({TITLES_THERE}) kept)
    """
)
"""What they end is the place that begins with the transfer."""
MOVE_PERSON = text(
    f"""
    UPDATE person p SET post = coalesce(title.post, c.post, p.post), level = coalesce(title.level, c.level, p.level),
           kind = coalesce(c.employee_kind, p.kind), unit_id = coalesce(c.unit_id, p.unit_id),
           zone = coalesce(c.zone, p.zone), work_week = coalesce(c.work_week, p.work_week),
           since = CASE WHEN title.id IS NULL THEN c.effective ELSE p.since END
      FROM personnel_change c LEFT JOIN LATERAL ({TITLES_THERE} ORDER BY t.effective DESC, t.at DESC LIMIT 1) title ON true
     WHERE c.id = :id AND p.id = c.person_id
    RETURNING p.unit_id, p.zone, p.work_week
    """
)
TAKE_BACK = text("UPDATE personnel_change SET standing = 'taken_back' WHERE id = ANY(:ids)")
MOVE_UNBEGUN = text(
    """
    UPDATE appraisal a SET unit_id = :unit, zone = :zone, work_week = :week
     WHERE a.person_id = :person AND a.own_year AND a.launch IN ('pending', 'failed')
       AND NOT EXISTS (SELECT FROM appraisal b WHERE b.person_id = a.person_id AND b.cycle_id = a.cycle_id AND b.own_year
                          AND b.segment = a.segment - 1 AND CAST(b.snapshot ->> 'until' AS date) + 1 < :day)
    """
)
"""A segment that a later transfer follows on began in the place of an earlier one, and stays there."""
MOVE_UNBEGUN_ALONG = text(
    """
    UPDATE appraisal SET unit_id = :unit, zone = :zone, work_week = :week
     WHERE person_id = :person AND own_year AND launch IN ('pending', 'failed') AND unit_id = :was
    """
)
"""A year that has not begun goes with the unit in which it would begin."""


@dataclass(frozen=True)
class Moved:
    """Somebody who is in another unit since a day, by whose decision."""

    person: str
    to: There
    day: date
    actor: str


async def moves_of(
    connection: AsyncConnection, people: Collection[str] | None = None, *, titles: bool = False
) -> Mapping[str, list[Move]]:
    """The transfers of these people that hold, by person and in the order of their days; of everybody where none are named.

    With `titles` also what became different where they stayed: whoever asks what held on a day that is over needs both.
    """
    found: dict[str, list[Move]] = defaultdict(list)
    for r in await connection.execute(MOVES, {"people": None if people is None else sorted(people), "titles": titles}):
        found[r.person_id].append(_move(r))
    return found


def _move(row: Row[Any]) -> Move:
    said = {name: getattr(row, name) for name in PLACE if getattr(row, name) is not None}
    since = (row.before or {}).get("since")
    return Move(
        row.id,
        row.effective,
        said,
        coming=row.standing == "coming",
        before=row.before,
        since=date.fromisoformat(since) if since else None,
        dated=row.standing != "undated",
        title=row.title,
    )


async def take_back(connection: AsyncConnection, decisions: Sequence[str]) -> None:
    """What was to come is not to come: it stays on record and reaches nothing."""
    if decisions:
        await connection.execute(TAKE_BACK, {"ids": list(decisions)})


def days_now(now: datetime) -> Mapping[Zone, date]:
    """The local day in each zone."""
    return {zone: local_day(now, zone) for zone in Zone}


async def arrive(
    connection: AsyncConnection, days: Mapping[Zone, date], at: datetime, person: str | None = None
) -> None:
    """Move into their places those whose transfer's day has come by these days: everybody, or one person."""
    asked = {"zones": [zone.value for zone in days], "days": list(days.values()), "person": person}
    if (await connection.execute(DUE, asked)).first() is None:
        return
    await connection.execute(ONE_AT_A_TIME)
    await connection.execute(AGENCY_TRAIL)
    moved = []
    for row in (await connection.execute(DUE, asked)).all():
        await connection.execute(HAS_COME, {"id": row.id})
        await connection.execute(END_TITLES, {"id": row.id})
        await connection.execute(KEEP_TITLES, {"id": row.id})
        there = (await connection.execute(MOVE_PERSON, {"id": row.id})).mappings().one()
        if row.unit_id is not None:
            moved.append(Moved(row.person_id, There.of(dict(there)), row.effective, row.actor))
    await move_line(connection)
    await go_along(connection, moved, at)


async def go_along(connection: AsyncConnection, moved: Sequence[Moved], at: datetime) -> None:
    """Whose segment began with the move or after it has that segment in the new unit and by its clock, also where it has not begun yet."""
    if not moved:
        return
    latest = {move.person: move for move in moved}
    theirs = [one for one in await running(connection, latest) if one.goes_along(latest[one.person].day)]
    await hold_cycles(connection)
    for move in moved:
        clock = {"zone": move.to.zone.value, "week": move.to.week}
        await connection.execute(MOVE_UNBEGUN, {"person": move.person, "unit": move.to.unit, "day": move.day} | clock)
    changed = await move_years(connection, [(one.id, latest[one.person].to) for one in theirs], at)
    reached: dict[str, list[Running]] = defaultdict(list)
    for one in theirs:
        if one.id in changed:
            reached[latest[one.person].actor].append(one)
    for actor, its in sorted(reached.items()):
        await touch(
            connection, its, at, TrailAction.UNIT_MOVED, actor, {one.person: _data(latest[one.person]) for one in its}
        )


def _data(moved: Moved) -> Mapping[str, object]:
    return {"unit": moved.to.unit, "effective": moved.day.isoformat()}
