"""Whose step had lapsed, or was closed by the next window, before a calendar moved, or an outage or a leave was recorded.

Nothing is revived, HR is told whom to ask about. A moved calendar gives nothing to what an opening closed: one that has come stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import CycleFacts, Facts, PackUnreadable, load_facts
from activities.people import Agency, People
from models.policy import PolicyPack
from models.vocabulary import EngineAction, Stage, State, Zone
from models.windows import Windows, key_of
from models.workdays import ONE_DAY, PersonClock, start_of_day

WENT_ON = """
    p.data ? 'keeps_days'
    OR p.action IN ('recall_plan', 'recall_midyear') AND EXISTS (
       SELECT FROM event s WHERE s.appraisal_id = p.appraisal_id AND s.seq < p.seq AND s.data ? 'keeps_visit')
"""
"""Whether the step that `e` ended in was open before `p` led to it: a form that was taken back, or sent back, has the days of before."""
LAPSED_OF = f"""
    SELECT DISTINCT a.id, a.cycle_id, a.unit_id, a.zone, a.work_week, e.action, e.from_state, entry.period, e.effective_at,
           coalesce(delivery.at, entry.at) AS entered
      FROM event e JOIN appraisal a ON a.id = e.appraisal_id AND a.revision = e.revision
      CROSS JOIN LATERAL (
           SELECT p.seq, p.at, p.period FROM event p
            WHERE p.appraisal_id = e.appraisal_id AND p.seq < e.seq AND p.from_state IS DISTINCT FROM p.to_state
              AND p.to_state = e.from_state AND NOT ({WENT_ON})
            ORDER BY p.seq DESC LIMIT 1) entry
      LEFT JOIN LATERAL (
           SELECT CAST(d.data ->> 'delivered_at' AS timestamptz) AS at FROM event d
            WHERE d.appraisal_id = e.appraisal_id AND d.seq BETWEEN entry.seq + 1 AND e.seq AND d.data ->> 'delivered_at' IS NOT NULL
            ORDER BY d.seq LIMIT 1) delivery ON true
     WHERE {{whose}} AND e.action = ANY(CAST(:ends AS text[])) AND (a.ending IS NULL OR a.ending = e.data ->> 'ending')
       AND (CAST(:stages AS text[]) IS NULL OR split_part(e.from_state, '.', 1) = ANY(:stages))
       AND (CAST(:since AS timestamptz) IS NULL OR e.effective_at > :since)
     ORDER BY a.id
"""
"""Which steps lapsed or were closed, of which period, and since when they had been open: the period stands in the event that led
there, and of a delivery the first proof counts."""
ENDS = [EngineAction.LAPSE.value, EngineAction.CLOSE_PERIOD.value]
LAPSED, HERS = (text(LAPSED_OF.format(whose=whose)) for whose in ("a.cycle_id = :cycle", "a.person_id = :person"))


async def lapsed_by_calendar(
    connection: AsyncConnection,
    cycle: str,
    pack: PolicyPack,
    before: CycleFacts,
    facts: CycleFacts,
    agency: Agency,
    changed: Sequence[str],
) -> set[str]:
    """Whose step lapsed in a window that now reaches beyond that lapse."""
    if not changed:
        return set()
    stages = sorted({key.partition(".")[0] for key in changed})
    asked = {"cycle": cycle, "ends": [EngineAction.LAPSE.value], "stages": stages, "since": None}
    rows = (await connection.execute(LAPSED, asked)).mappings().all()
    return {row["id"] for row in rows if _would_have_run(row, pack, before, facts, agency)}


async def lapsed_in_outage(
    connection: AsyncConnection, cycle: str, pack: PolicyPack, before: CycleFacts, facts: CycleFacts, agency: Agency
) -> set[str]:
    """Whose step was open in an outage recorded now, and has lapsed, or was closed, since it began."""
    over: set[str] = set()
    for outage in set(facts.outages) - set(before.outages):
        asked = {"cycle": cycle, "ends": ENDS, "stages": None, "since": outage.begins}
        rows = (await connection.execute(LAPSED, asked)).mappings().all()
        over |= {row["id"] for row in rows if _begins(row, pack, facts, agency) < outage.ends}
    return over


async def lapsed_on_leave(connection: AsyncConnection, person: str, first: date, last: date) -> Sequence[str]:
    """In which of her appraisals a step was open on these days and has lapsed, or was closed, since they began, by local days."""
    since = min(start_of_day(first, zone) for zone in Zone)
    asked = {"person": person, "ends": ENDS, "stages": None, "since": since}
    by_cycle: dict[str, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(HERS, asked)).mappings():
        if row["effective_at"] > start_of_day(first, Zone(row["zone"])):
            by_cycle[row["cycle_id"]].append(row)
    if not by_cycle:
        return ()
    agency, over = await People().agency(connection), set()
    for cycle, rows in by_cycle.items():
        facts = await load_facts(connection, cycle, 0)
        try:
            pack = await Facts().pack(connection, cycle)
        except PackUnreadable:  # since when it had been open nobody can say: better named once too often
            over |= {row["id"] for row in rows}
            continue
        ends = {zone: start_of_day(last + ONE_DAY, zone) for zone in Zone}
        over |= {row["id"] for row in rows if _begins(row, pack, facts, agency) < ends[Zone(row["zone"])]}
    return sorted(over)


def _key(row: RowMapping) -> str:
    return key_of(State(row["from_state"]).stage, row["period"])


def _begins(row: RowMapping, pack: PolicyPack, facts: CycleFacts, agency: Agency) -> datetime:
    """From when on a step that ended had been open: its visit's beginning, or its window's, where that came later.

    What closes a period is put off by all that was lost since the period's own window opened, before the visit too.
    """
    entered: datetime = row["entered"]
    windows, state = facts.windows(agency.unit_path(row["unit_id"])), State(row["from_state"])
    of_period = row["action"] == EngineAction.CLOSE_PERIOD and state.stage is Stage.MIDYEAR
    opens = windows[_key(row)].opens if of_period or pack.steps[state].basis == "window" else None
    clock = PersonClock.of(Zone(row["zone"]), row["work_week"], facts.agency)
    if opens is None:
        return entered
    return clock.opening(opens) if of_period else max(entered, clock.opening(opens))


def _would_have_run(row: RowMapping, pack: PolicyPack, before: CycleFacts, facts: CycleFacts, agency: Agency) -> bool:
    """Whether the window of a step that lapsed now reaches beyond that lapse, and did not before."""
    path = agency.unit_path(row["unit_id"])
    clock = PersonClock.of(Zone(row["zone"]), row["work_week"], facts.agency)
    key = _key(row)
    if key not in pack.calendar:
        return False

    def end(windows: Windows) -> datetime | None:
        ends = [clock.ending(day) for day in (windows[key].due, windows[key].closes) if day is not None]
        return max(ends, default=None)

    earlier, later = end(before.windows(path)), end(facts.windows(path))
    return later is not None and later > row["effective_at"] and (earlier is None or later > earlier)
