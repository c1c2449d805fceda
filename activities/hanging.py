"""A unit that is hung elsewhere has the calendar and the label of where it hangs now, and the running years in it follow at once.

That keeps to the rules for moving a calendar: what those would refuse does not come by a roster either (`obstacles`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.facts import Facts, PackUnreadable, agency_days, calendar_of, load_facts
from activities.people import People
from activities.retiming import Move, Moved, retime
from activities.running import move_facts
from models.tables import Json
from models.trail_actions import TrailAction
from models.units import Path, hung, path_before, path_of
from models.vocabulary import Stage, Zone
from models.windows import breaches, for_unit
from models.workdays import PersonClock

log = structlog.stdlib.get_logger("siklus.hanging")

TOLD = ("affected", "becomes_overdue", "no_longer_overdue")
RUNNING = text(
    """
    SELECT c.id FROM cycle c WHERE EXISTS (
           SELECT FROM appraisal a WHERE a.cycle_id = c.id AND a.launch = 'launched' AND a.state <> 'finalisation.done')
     ORDER BY c.id FOR UPDATE OF c
    """
)
YEARS = text(
    """
    SELECT DISTINCT unit_id, coalesce(CAST(snapshot ->> 'periods_done' AS int), 0) AS done,
           CASE WHEN state LIKE 'plan.%' AND snapshot ? 'plan_in_force' THEN 'execution' ELSE split_part(state, '.', 1) END AS stage
      FROM appraisal
     WHERE cycle_id = :cycle AND launch = 'launched' AND state <> 'finalisation.done' AND NOT snapshot ? 'until'
    """
)
"""Where the years stand that go by the calendar; who amends a plan has the plan's window behind her."""


async def obstacles(
    connection: AsyncConnection, stood: Mapping[str, Path], parent_of: Mapping[str, str | None], now: datetime
) -> Mapping[str, Mapping[str, set[str]]]:
    """What keeps units from where `parent_of` would hang them: by unit, the windows of running years by code (`breaches`).

    `stood` are the units concerned, by id, with their paths of before. A cycle whose pack cannot be read is passed over, as by `hang`.
    """
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    clock = PersonClock.of(Zone.WIB, 5, await agency_days(connection))
    for cycle in (await connection.execute(RUNNING)).scalars().all():
        try:
            pack = await Facts().pack(connection, cycle)
        except PackUnreadable:
            continue
        rows, flow = await calendar_of(connection, cycle), pack.flow()
        earliest = clock.calendar.add(clock.day_of(now), pack.calendar_rules.minimum_notice_days)
        for year in await connection.execute(YEARS, {"cycle": cycle}):
            path = path_of(year.unit_id, parent_of)
            if (unit := hung(path, stood)) is None:
                continue
            before, after = for_unit(rows, path_before(path, stood)), for_unit(rows, path)
            reached = Stage(year.stage), year.done
            for code, key in breaches(before, after, reached, flow, clock, (now, earliest)):
                found[unit][code].add(key)
    return found


async def hang(connection: AsyncConnection, stood: Mapping[str, Path], at: datetime, actor: str) -> Mapping[str, Json]:
    """Follow the new places of units, in the transaction that moved them and after it moved the line's revision.

    `stood` has their paths of before by id; the answer says by unit what that does to the years in it, of all cycles together. Of a
    cycle whose pack this edition cannot read the facts move alone: its years stand still until it can.
    """
    agency = await People().agency(connection)
    moves: dict[str, list[Move]] = {unit: [] for unit in stood}
    for cycle in (await connection.execute(RUNNING)).scalars().all():
        revision = await move_facts(connection, cycle)
        facts = await load_facts(connection, cycle, revision)
        said: dict[str, object] = {"units": sorted(stood), "facts_revision": revision}
        try:
            pack = await Facts().pack(connection, cycle)
        except PackUnreadable:
            log.error("pack_unreadable", cycle_id=cycle)
        else:
            before = replace(facts, facts_revision=revision - 1, stood=stood)
            moved = await retime(connection, cycle, pack, before, facts, agency, (), at, actor)
            said["affected"] = moved.affected
            for move in moved.moves:
                if unit := hung(move.group.unit_path, stood):
                    moves[unit].append(move)
        await note(connection, cycle, at, TrailAction.UNITS_HUNG, actor, said)
    answers = {unit: Moved(its, ()).answer(at) for unit, its in moves.items()}
    return {unit: {name: answer[name] for name in TOLD} for unit, answer in answers.items()}
