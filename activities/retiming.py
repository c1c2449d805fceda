"""Facts that move under a running cycle: what rows show of every open appraisal follows, in the transaction that moved them.

Appraisals are timed by groups (`activities.timed_groups`), so the size of a cycle hardly matters. Workflows need to be told only
where something comes earlier than they sleep; those are left as `nudge` rows, so that a crash after the commit forgets nobody.
The row's `timing` stays what its workflow sleeps on, under the older revision; readers go through `current_timing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.already_lapsed import lapsed_by_calendar, lapsed_in_outage
from activities.brought_forward import Sooner, tell_of
from activities.facts import CycleFacts
from activities.lateness import judge_anew
from activities.people import Agency
from activities.running import leave_nudges
from activities.timed_groups import Group, Member, TimedGroups
from models import timetable
from models.appraisal import Moment, Timing
from models.policy import PolicyPack
from models.vocabulary import EngineAction, Zone
from models.workdays import PersonClock, WorkCalendar

SHOW = text(
    """
    UPDATE appraisal a SET opens_at = t.opens_at, due_at = t.due_at, lapses_at = t.lapses_at
      FROM unnest(CAST(:ids AS text[]), CAST(:groups AS int[])) AS member(id, number)
      JOIN unnest(CAST(:opens AS timestamptz[]), CAST(:dues AS timestamptz[]), CAST(:lapses AS timestamptz[]))
           WITH ORDINALITY AS t(opens_at, due_at, lapses_at, number) ON t.number = member.number
     WHERE a.id = member.id
       AND (a.opens_at, a.due_at, a.lapses_at) IS DISTINCT FROM (t.opens_at, t.due_at, t.lapses_at)
    """
)
UNITS = text("SELECT DISTINCT unit_id FROM appraisal WHERE cycle_id = :cycle")


Ends = tuple[datetime | None, datetime | None, datetime | None]
"""When a step opens, is due and lapses."""


@dataclass(frozen=True)
class Move:
    """A group whose timing changed, for its representative."""

    group: Group
    before: Timing
    after: Timing

    def told(self, jitter_max: int) -> Iterator[tuple[str, datetime]]:
        """The members whose workflow sleeps past its next moment, or sleeps without any, with when each has to wake instead."""
        for one in self.group.members:
            if comes_earlier(self.group, one, self.after):
                yield one.appraisal_id, self._wake(one, jitter_max)

    def _wake(self, member: Member, jitter_max: int) -> datetime:
        """When the first moment comes to this member, by its own entry and its own jitter."""
        first = self.after.moments[0]
        if first.wake > first.at:
            return first.at + timedelta(seconds=timetable.jitter_seconds(member.appraisal_id, jitter_max))
        return _first(self.group, member, self.after)

    def ends(self, member: Member) -> Ends:
        """What the row of this member shows; what began too late ends with its own entry."""
        after, stand_in = self.after, self.group.snapshot.visit.entered_at
        due, lapses = (member.entered if end == stand_in else end for end in (after.due_at, after.lapses_at))
        return after.opens_at, due, lapses

    def sooner(self, now: datetime) -> Sooner | None:
        """That the step is due sooner than it was; None where it is not, or was overdue anyway."""
        before, after = self.before.due_at, self.after.due_at
        if before is None or after is None or after >= before or before <= now:
            return None
        ids = [member.appraisal_id for member in self.group.members]
        return Sooner(ids, self.group.snapshot.state, self.group.snapshot.period, before, after)


def comes_earlier(group: Group, member: Member, after: Timing) -> bool:
    """Whether the first moment of `after` comes before the one that this member's workflow sleeps for.

    Legal instants tell: the jitter after them is the same before and after.
    """
    return bool(after.moments) and (member.next_at is None or _first(group, member, after) < member.next_at)


def _first(group: Group, member: Member, after: Timing) -> datetime:
    """The legal instant of this member's first moment."""
    first = after.moments[0].at
    return member.entered if first == group.snapshot.visit.entered_at else first


@dataclass(frozen=True)
class Moved:
    """What new facts do to a cycle's open appraisals at one instant."""

    moves: Sequence[Move]
    already_lapsed: Sequence[str]
    """Ids of those whose step had lapsed before: the new dates revive nothing, HR may reopen."""
    in_time: Sequence[str] = ()
    """Ids of those who are late no more."""

    @property
    def affected(self) -> int:
        return sum(len(move.group.members) for move in self.moves)

    @property
    def reached(self) -> frozenset[str]:
        """The ids of all that this does anything to."""
        members = (member.appraisal_id for move in self.moves for member in move.group.members)
        return frozenset([*members, *self.already_lapsed, *self.in_time])

    @property
    def closing(self) -> frozenset[str]:
        """The windows whose opening closes somebody's step sooner than before, by calendar key."""
        return frozenset(closes.key for move in self.moves if (closes := _closed_sooner(move)) is not None)

    def nearest(self, now: datetime) -> datetime | None:
        """The first end, of those that were still ahead, which comes to somebody sooner than before."""
        ends = [
            after
            for move in self.moves
            for before, after in zip(_ends(move.before), _ends(move.after), strict=True)
            if before is not None and after is not None and after < before and before > now
        ]
        return min(ends, default=None)

    def answer(self, now: datetime) -> dict[str, object]:
        by_stage: dict[str, int] = {}
        becomes, no_longer, sooner = 0, 0, 0
        for move in self.moves:
            stage, many = move.group.snapshot.state.stage.value, len(move.group.members)
            by_stage[stage] = by_stage.get(stage, 0) + many
            was, is_now = timetable.overdue(move.before, now), timetable.overdue(move.after, now)
            becomes += many * (is_now and not was)
            no_longer += many * (was and not is_now)
            sooner += many * (_closed_sooner(move) is not None)
        return {
            "affected": self.affected,
            "by_stage": by_stage,
            "becomes_overdue": becomes,
            "no_longer_overdue": no_longer,
            "closed_sooner": sooner,
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
    actor: str,
    pack_before: PolicyPack | None = None,
) -> Moved:
    """Time every open appraisal of the cycle under `facts` and write what rows show of it; `changed` are calendar keys.

    `pack_before` is the pack up to now, where that changes too. Whoever was late is judged by them too, and those who are done as well.
    Whoever is waited on and has less time by it is told, but for the `actor`.
    """
    units = (await connection.execute(UNITS, {"cycle": cycle})).scalars()
    paths = {unit: agency.unit_path(unit) for unit in units}
    earlier = pack_before or pack
    groups = await TimedGroups((before, facts), earlier.rung_hour, pack.rung_hour).held(connection, cycle, paths)
    moves = await asyncio.to_thread(moves_of, groups, pack, before, facts, now, earlier)
    if moves:
        await connection.execute(SHOW, _shown(moves))
    in_time = await judge_anew(connection, cycle, pack, facts, paths)
    if sooner := sorted(told for move in moves for told in move.told(pack.jitter.seconds)):
        ids, wakes = zip(*sooner, strict=True)
        await leave_nudges(connection, ids, facts.facts_revision, wakes)
    await tell_of(connection, [one for move in moves if (one := move.sooner(now))], pack, agency, now, actor)
    over = await lapsed_by_calendar(connection, cycle, pack, before, facts, agency, changed)
    over |= await lapsed_in_outage(connection, cycle, pack, before, facts, agency)
    over |= {
        member.appraisal_id
        for move in moves
        if _passed(move.before, now) and not _passed(move.after, now)
        for member in move.group.members
    }
    return Moved([move for move in moves if _differ(move.before, move.after)], sorted(over), in_time)


def moves_of(
    groups: Sequence[Group],
    pack: PolicyPack,
    before: CycleFacts,
    facts: CycleFacts,
    now: datetime,
    pack_before: PolicyPack | None = None,
) -> list[Move]:
    """The timing of each group under the facts of before and of now, also where both are the same."""
    clocks: Clocks = {}
    return [
        Move(
            group,
            _timing(group, pack_before or pack, before, now, clocks),
            _timing(group, pack, facts, now, clocks),
        )
        for group in groups
    ]


Clocks = dict[tuple[int, Zone, int], PersonClock]


def _timing(group: Group, pack: PolicyPack, facts: CycleFacts, now: datetime, clocks: Clocks) -> Timing:
    kind = (facts.facts_revision, group.zone, group.week)
    if kind not in clocks:
        clocks[kind] = PersonClock(group.zone, CountedOnce(group.week, facts.agency))
    around = facts.around(group.snapshot, group.unit_path, clocks[kind])
    return timetable.timing(group.snapshot, pack, around, facts.facts_revision, now)


class CountedOnce(WorkCalendar):
    """A calendar that remembers its counts: groups share a few windows, so they ask for the same days."""

    def add(self, day: date, n: int) -> date:
        counted: dict[tuple[date, int], date] = self.__dict__.setdefault("counted", {})
        if (day, n) not in counted:
            counted[day, n] = super().add(day, n)
        return counted[day, n]


def _shown(moves: Sequence[Move]) -> Mapping[str, object]:
    numbers: dict[Ends, int] = {}
    members = [
        (member.appraisal_id, numbers.setdefault(move.ends(member), len(numbers) + 1))
        for move in moves
        for member in move.group.members
    ]
    return {
        "ids": [appraisal for appraisal, _ in members],
        "groups": [number for _, number in members],
        "opens": [opens for opens, _, _ in numbers],
        "dues": [due for _, due, _ in numbers],
        "lapses": [lapses for _, _, lapses in numbers],
    }


def _ends(timing: Timing) -> tuple[datetime | None, datetime | None]:
    return timing.due_at, timing.lapses_at


def _differ(before: Timing, after: Timing) -> bool:
    return before.model_copy(update={"facts_revision": after.facts_revision}) != after


def _closed_sooner(move: Move) -> Moment | None:
    """What closes the step of this group now, where that comes sooner than it did."""
    before, after = _closing(move.before), _closing(move.after)
    return after if after is not None and (before is None or after.at < before.at) else None


def _closing(timing: Timing) -> Moment | None:
    return next((moment for moment in timing.moments if moment.action is EngineAction.CLOSE_PERIOD), None)


def _passed(timing: Timing, now: datetime) -> bool:
    return timing.lapses_at is not None and timing.lapses_at < now
