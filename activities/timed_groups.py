"""The open appraisals of a cycle by what their timing depends on: thousands share a few timings, and each is worked out once.

What `models.timetable` does not read of a snapshot is named here and left out; a test holds that against the timetable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import CycleFacts
from models.appraisal import FormRef, Snapshot
from models.vocabulary import Form, Zone
from models.workdays import Week, at_time, end_of_day, local_day, week_of

UNREAD = (
    *("schema_version", "appraisal_id", "revision", "incarnation", "subject", "version", "seq", "last_hash"),
    *("forms", "plan_before", "scored_copy", "outcome_id", "rated_by", "rated_under", "given"),
    *("approver", "approved", "approved_for", "approved_as"),
    *("appealed", "supervisor_override", "disputed", "disputed_supervisor", "archived", "policy", "receipts"),
)
"""Fields of a snapshot that no timing depends on; of `plan_in_force` only whether there is one counts."""
UNREAD_OF_VISIT = (
    *("no", "entered_at", "returned", "takeover", "level", "let_pass", "reached", "lapsed_at"),
    *("before", "review_taken_over"),
)
"""Of a visit. `entered_at` counts, but as the day it falls on (`_moment_of_entry`).

Until when a form may be recalled no row shows, nor when what was reached comes after a leave.
"""

GROUPS = text(
    """
    WITH held AS MATERIALIZED (
        SELECT id, unit_id, zone, work_week, entered_at,
               CASE WHEN acting_for IS NOT NULL OR person_id = ANY(CAST(:alone AS text[])) THEN person_id ELSE '' END AS person,
               CAST(timing #>> '{moments,0,at}' AS timestamptz) AS next_at,
               snapshot ? 'plan_in_force' AS planned,
               (snapshot - CAST(:unread AS text[]) - 'plan_in_force') #- '{flow,silence}' AS rest
          FROM appraisal
         WHERE cycle_id = :cycle AND launch IN ('pending', 'launched') AND state IS DISTINCT FROM 'finalisation.done'
         ORDER BY id FOR UPDATE
    )
    SELECT unit_id, zone, work_week, person, planned, rest - 'visit' AS rest,
           (rest -> 'visit') - CAST(:unread_of_visit AS text[]) AS visit,
           array_agg(id) AS ids, array_agg(entered_at) AS entered, array_agg(next_at) AS next_at
      FROM held WHERE rest IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
    """
)
"""Held, so that no `record` works by the facts of before while rows move; a launch under way is waited for too."""


@dataclass(frozen=True)
class Member:
    """One appraisal of a group; `next_at` is the legal instant of the moment its workflow sleeps for."""

    appraisal_id: str
    entered: datetime
    next_at: datetime | None


@dataclass(frozen=True)
class Group:
    """Appraisals with one timing, but for their jitter and the instant of their entry. `snapshot` stands for all."""

    unit_path: tuple[str, ...]
    zone: Zone
    week: Week
    snapshot: Snapshot
    members: Sequence[Member]


Paths = Mapping[str, tuple[str, ...]]
"""A unit and its ancestors, by unit."""


class TimedGroups:
    """Finds the groups that have one timing under each of these facts, by packs of these hours."""

    def __init__(self, facts: Sequence[CycleFacts], *rung_hours: int) -> None:
        self._facts = facts
        self._hours = [time(hour) for hour in sorted(set(rung_hours))]
        self._units = {unit for one in facts for _, unit in one.rows if unit}
        self._units |= {unit for one in facts for unit in (*one.labels, *one.stood)}
        self._instants = [
            end
            for one in facts
            for row in one.rows.values()
            for end in (row.opens, row.due, row.closes)
            if isinstance(end, datetime)
        ]
        self._outages = {outage for one in facts for outage in one.outages}
        self._instants += [end for outage in self._outages for end in (outage.begins, outage.ends)]
        self._days = {zone: {local_day(at, zone) for at in self._instants} for zone in Zone}
        self._bounds: dict[tuple[date, Zone], tuple[list[datetime], datetime]] = {}

    async def held(self, connection: AsyncConnection, cycle: str, paths: Paths) -> list[Group]:
        """All open appraisals of a cycle, their rows held until the transaction ends."""
        asked = {
            "cycle": cycle,
            "alone": sorted({person for one in self._facts for person in one.changes}),
            "unread": list(UNREAD),
            "unread_of_visit": list(UNREAD_OF_VISIT),
        }
        rows = [dict(row) for row in (await connection.execute(GROUPS, asked)).mappings()]
        return list(self.split(rows, paths))

    def split(self, rows: Sequence[Mapping[str, object]], paths: Paths) -> Iterator[Group]:
        """The groups of what `GROUPS` found: units whose calendar is the same together, entries by their day."""
        found: dict[object, tuple[Mapping[str, object], tuple[str, ...], Zone, list[Member]]] = {}
        for row in rows:
            path = paths[str(row["unit_id"])]
            zone, shape = Zone(str(row["zone"])), repr((row["rest"], row["visit"]))
            nearest = tuple(unit for unit in path if unit in self._units)
            alike = (nearest, zone, row["work_week"], row["person"], row["planned"], shape)
            moved = _moved(row["visit"])
            for member in _members(row):
                key = (*alike, self._moment_of_entry(member.entered, zone, exact=moved))
                found.setdefault(key, (row, path, zone, []))[3].append(member)
        for row, path, zone, members in found.values():
            yield Group(path, zone, week_of(row["work_week"]), _stand_in(row, members[0]), members)

    def _moment_of_entry(self, entered: datetime, zone: Zone, *, exact: bool) -> datetime | tuple[date, int]:
        """What of an entry a timing depends on: the day, and which hours of the rungs had passed.

        Days on which something else begins or ends at an instant of its own, and the time of an outage, count exactly.
        """
        day = local_day(entered, zone)
        if (day, zone) not in self._bounds:  # thousands begin on the same few days
            self._bounds[day, zone] = [at_time(day, hour, zone) for hour in self._hours], end_of_day(day, zone)
        called, ends = self._bounds[day, zone]
        exact = exact or day in self._days[zone] or entered in (*called, ends)
        if exact or any(outage.begins <= entered <= outage.ends for outage in self._outages):
            return entered
        return day, sum(entered > hour for hour in called)


def _members(row: Mapping[str, object]) -> Iterator[Member]:
    ids, entered, next_at = row["ids"], row["entered"], row["next_at"]
    if isinstance(ids, list) and isinstance(entered, list) and isinstance(next_at, list):
        for one in zip(ids, entered, next_at, strict=True):
            yield Member(*one)


def _moved(visit: object) -> bool:
    """Whether a suspension moves this visit: by hours, so its days begin at hours too."""
    return isinstance(visit, Mapping) and visit.get("shifted", "PT0S") != "PT0S"


def _stand_in(row: Mapping[str, object], member: Member) -> Snapshot:
    """A snapshot with everything of this group that counts."""
    rest, visit = row["rest"], row["visit"]
    if not isinstance(rest, Mapping) or not isinstance(visit, Mapping):
        raise TypeError("a snapshot is an object, and so is its visit")
    plan = FormRef(form=Form.PLAN, copy_id="", sha256="", version=0) if row["planned"] else None
    about = {"appraisal_id": member.appraisal_id, "subject": row["person"], "plan_in_force": plan}
    return Snapshot.model_validate({**rest, **about, "visit": {**visit, "entered_at": member.entered}})
