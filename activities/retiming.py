"""A calendar that moves under a running cycle: every open appraisal is timed anew, in the transaction that moved it.

Rows show the new deadlines at once. Workflows need to be told only where something comes earlier than they sleep; those are left as
`nudge` rows, so that a crash after the commit forgets nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import CycleFacts
from activities.people import Agency
from models import timetable
from models.appraisal import Snapshot, Timing
from models.policy import PolicyPack
from models.vocabulary import Zone
from models.windows import Windows
from models.workdays import PersonClock, WorkCalendar

OPEN = text(
    """
    SELECT id, unit_id, zone, work_week, state, snapshot, timing FROM appraisal
     WHERE cycle_id = :cycle AND launch = 'launched' AND state <> 'finalisation.done'
     ORDER BY id FOR UPDATE
    """
)
SHOW_REVISION = text(
    """
    UPDATE appraisal SET facts_revision = :revision, timing = jsonb_set(timing, '{facts_revision}', to_jsonb(CAST(:revision AS int)))
     WHERE cycle_id = :cycle AND launch = 'launched' AND state <> 'finalisation.done' AND timing IS NOT NULL
    """
)
SHOW = text(
    """
    UPDATE appraisal SET timing = CAST(:timing AS jsonb), opens_at = :opens_at, due_at = :due_at, lapses_at = :lapses_at
     WHERE id = :id
    """
)
NUDGE = text(
    """
    INSERT INTO nudge (appraisal_id, facts_revision)
    SELECT id, CAST(:revision AS int) FROM unnest(CAST(:ids AS text[])) AS earlier(id)
    ON CONFLICT (appraisal_id) DO UPDATE SET facts_revision = greatest(nudge.facts_revision, excluded.facts_revision)
    """
)
LAPSED = text(
    """
    SELECT DISTINCT a.id, a.unit_id, a.zone, a.work_week, e.from_state, e.period, e.effective_at
      FROM event e JOIN appraisal a ON a.id = e.appraisal_id AND a.revision = e.revision
     WHERE a.cycle_id = :cycle AND e.action = 'lapse' AND split_part(e.from_state, '.', 1) = ANY(:stages)
       AND a.ending IS NULL
     ORDER BY a.id
    """
)


@dataclass(frozen=True)
class Move:
    """One appraisal whose coming moments changed."""

    appraisal_id: str
    state: str
    before: Timing
    after: Timing

    @property
    def comes_earlier(self) -> bool:
        """Whether the workflow sleeps past its next moment."""
        if not self.after.moments:
            return False
        return not self.before.moments or self.after.moments[0].wake < self.before.moments[0].wake


@dataclass(frozen=True)
class Moved:
    """What a new calendar does to a cycle's open appraisals at one instant."""

    moves: Sequence[Move]
    already_lapsed: Sequence[str]
    """Ids of those whose step had lapsed before: the new dates revive nothing, HR may reopen."""

    def answer(self, now: datetime) -> dict[str, object]:
        by_stage: dict[str, int] = {}
        for move in self.moves:
            stage = move.state.partition(".")[0]
            by_stage[stage] = by_stage.get(stage, 0) + 1
        were = [timetable.overdue(move.before, now) for move in self.moves]
        are = [timetable.overdue(move.after, now) for move in self.moves]
        return {
            "affected": len(self.moves),
            "by_stage": by_stage,
            "becomes_overdue": sum(is_now and not was for was, is_now in zip(were, are, strict=True)),
            "no_longer_overdue": sum(was and not is_now for was, is_now in zip(were, are, strict=True)),
            "already_lapsed": list(self.already_lapsed),
        }


async def retime(
    connection: AsyncConnection,
    cycle: str,
    pack: PolicyPack,
    before: CycleFacts,
    facts: CycleFacts,
    agency: Agency,
    changed: Sequence[str],
    now: datetime,
) -> Moved:
    """Time every open appraisal of the cycle under `facts` and write what rows show of it; `changed` are calendar keys."""
    rows = (await connection.execute(OPEN, {"cycle": cycle})).mappings().all()
    moves = await asyncio.to_thread(_moves, rows, pack, facts, agency)
    await connection.execute(SHOW_REVISION, {"cycle": cycle, "revision": facts.facts_revision})
    if moves:
        await connection.execute(SHOW, [_shown(move) for move in moves])
    if earlier := [move.appraisal_id for move in moves if move.comes_earlier]:
        await connection.execute(NUDGE, {"ids": earlier, "revision": facts.facts_revision})
    stages = sorted({key.partition(".")[0] for key in changed})
    lapsed = (await connection.execute(LAPSED, {"cycle": cycle, "stages": stages})).mappings().all()
    over = {row["id"] for row in lapsed if _would_have_run(row, pack, before, facts, agency)}
    over |= {m.appraisal_id for m in moves if _passed(m.before, now) and not _passed(m.after, now)}
    return Moved(moves, sorted(over))


class CountedOnce(WorkCalendar):
    """A calendar that remembers its counts: ten thousand people share a few windows, so they ask for the same days."""

    def add(self, day: date, n: int) -> date:
        counted: dict[tuple[date, int], date] = self.__dict__.setdefault("counted", {})
        if (day, n) not in counted:
            counted[day, n] = super().add(day, n)
        return counted[day, n]


def _moves(rows: Sequence[RowMapping], pack: PolicyPack, facts: CycleFacts, agency: Agency) -> list[Move]:
    clocks: dict[tuple[str, int], PersonClock] = {}
    found = []
    for row in rows:
        kind = (row["zone"], row["work_week"])
        if kind not in clocks:
            clocks[kind] = PersonClock(Zone(row["zone"]), CountedOnce(row["work_week"], facts.agency))
        clock = clocks[kind]
        snapshot = Snapshot.model_validate(row["snapshot"])
        around = facts.around(snapshot.subject, agency.unit_path(row["unit_id"]), clock)
        after = timetable.timing(snapshot, pack, around, facts.facts_revision)
        before = Timing.model_validate(row["timing"]) if row["timing"] else after.model_copy(update={"moments": ()})
        if before.model_copy(update={"facts_revision": facts.facts_revision}) != after:
            found.append(Move(row["id"], row["state"], before, after))
    return found


def _shown(move: Move) -> Mapping[str, object]:
    after = move.after
    return {
        "id": move.appraisal_id,
        "timing": after.model_dump_json(),
        "opens_at": after.opens_at,
        "due_at": after.due_at,
        "lapses_at": after.lapses_at,
    }


def _passed(timing: Timing, now: datetime) -> bool:
    return timing.lapses_at is not None and timing.lapses_at < now


def _would_have_run(row: RowMapping, pack: PolicyPack, before: CycleFacts, facts: CycleFacts, agency: Agency) -> bool:
    """Whether the window of a step that lapsed now reaches beyond that lapse, and did not before."""
    path = agency.unit_path(row["unit_id"])
    clock = PersonClock.of(Zone(row["zone"]), row["work_week"], facts.agency)
    stage = row["from_state"].partition(".")[0]
    key = f"{stage}.{row['period']}" if stage == "midyear" else stage
    if key not in pack.calendar:
        return False

    def end(windows: Windows) -> datetime | None:
        ends = [clock.ending(day) for day in (windows[key].due, windows[key].closes) if day is not None]
        return max(ends, default=None)

    earlier, later = end(before.windows(path)), end(facts.windows(path))
    return later is not None and later > row["effective_at"] and (earlier is None or later > earlier)
