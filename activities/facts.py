"""What an appraisal's moments rest on, loaded from rows: the frozen pack, the calendar of its cycle, the person's days.

A pack changes only with its cycle's `policy_edition` and a calendar with its `facts_revision`, so both are held in memory by these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models import timetable
from models.appraisal import Snapshot, Timing
from models.circumstances import Circumstances, Outage, Personnel, PersonnelChange, Term
from models.personnel import of_the_acting
from models.policy import PolicyPack
from models.units import Path, path_before
from models.vocabulary import Exit, OrganisationLabel, Stage, Zone
from models.windows import CalendarRows, WindowRow, Windows, for_unit
from models.workdays import AgencyDays, Day, PersonClock, Week

WINDOWS = text(
    "SELECT key, unit_id, opens, due, closes FROM calendar_window WHERE cycle_id = :cycle ORDER BY key, unit_id"
)
AGENCY_DAYS = text("SELECT day, working FROM agency_day ORDER BY day")
OUTAGES = text("SELECT begins, ends FROM outage WHERE cycle_id = :cycle ORDER BY begins")
LABELS = text(
    """
    SELECT DISTINCT ON (unit_id) unit_id, number, label, at FROM unit_label
     WHERE cycle_id = :cycle ORDER BY unit_id, number DESC
    """
)
CHANGES = text(
    """
    SELECT c.person_id, c.kind, c.effective, c.until, c.why, again.day AS back,
           c.kind = 'leave' AND c.until < make_date(y.year, 1, 1) AS over
      FROM personnel_change c JOIN cycle y ON y.id = :cycle
      LEFT JOIN LATERAL (SELECT min(t.valid_from) AS day FROM tenure t
                          WHERE c.kind = 'exit' AND t.person_id = c.person_id AND t.valid_from >= c.effective) again ON true
     WHERE c.standing IS DISTINCT FROM 'taken_back' AND c.kind <> 'title' AND CASE c.kind
           WHEN 'transfer' THEN c.effective > make_date(y.year, 1, 1) AND c.effective < make_date(y.year + 1, 1, 1)
           WHEN 'leave' THEN c.until >= make_date(y.year - 1, 1, 1)
           ELSE again.day IS NULL
                OR (again.day > c.effective AND date_part('year', c.effective) = y.year) END
     ORDER BY c.effective, c.at
    """
)
"""A transfer after the year's last day belongs to the next one, and one on its first day is where the year began; a leave or an exit may
fall into its rating or its appeal, and who has left before a year has left it too. A leave of the year before may have begun in a year that
was opened then, when it was to last into it (`over`). After an exit she may come again (`back`): then it
reaches the year that it lies in, whether or not the return has come, and none where it is a post of its own day that she comes to."""
ACTINGS = text(
    """
    SELECT x.person_id, x.acting_for, x.valid_from,
           CASE WHEN x.valid_until < make_date(y.year, 12, 31) THEN x.valid_until END AS valid_until
      FROM acting x JOIN cycle y ON y.id = :cycle WHERE x.kind = 'plt' ORDER BY x.valid_from
    """
)
"""Who acts as Plt in whose post; an appointment that lasts as long as the year ends nothing in it."""
EDITION = text("SELECT policy_edition FROM cycle WHERE id = :cycle")
PACK = text("SELECT policy_edition, pack FROM cycle WHERE id = :cycle")
PACKS_BEFORE = text("SELECT edition, pack FROM policy_before WHERE cycle_id = :cycle ORDER BY edition")


@dataclass(frozen=True, slots=True)
class UnitLabel:
    """An organisation label: `number` counts up within the cycle, so one given anew has a higher one."""

    unit: str
    number: int
    label: OrganisationLabel
    at: datetime


@dataclass(frozen=True)
class CycleFacts:
    """A cycle's calendar, and what happened around its people, under one revision of its facts."""

    facts_revision: int
    rows: CalendarRows
    agency: AgencyDays
    outages: tuple[Outage, ...] = ()
    labels: Mapping[str, UnitLabel] = field(default_factory=dict)
    """The latest organisation label, by unit."""
    changes: Mapping[str, tuple[PersonnelChange, ...]] = field(default_factory=dict)
    """By person."""
    actings: Mapping[tuple[str, str], tuple[Term, ...]] = field(default_factory=dict)
    """Of who acts as Plt: the days of the appointments, by person and by whose post it is."""
    stood: Mapping[str, Path] = field(default_factory=dict)
    """Of facts of before: units that are hung elsewhere since, each with its path of then; whoever asks names the path of now."""
    _by_path: dict[Path, Windows] = field(default_factory=dict)

    def windows(self, unit_path: Path) -> Windows:
        """The calendar as it holds in a unit: the nearest ancestor's row wins, field by field."""
        path = path_before(unit_path, self.stood)
        if path not in self._by_path:
            self._by_path[path] = for_unit(self.rows, path)
        return self._by_path[path]

    def around(self, snapshot: Snapshot, unit_path: Path, clock: PersonClock) -> Circumstances:
        """What one appraisal's moments rest on."""
        changes = self.changes.get(snapshot.subject, ())
        if snapshot.acting_for is not None:
            terms = self.actings.get((snapshot.subject, snapshot.acting_for), ())
            changes = of_the_acting(changes, terms, snapshot.since)
        if snapshot.asked_until is not None:
            changes = tuple(one for one in changes if one.kind is not Personnel.TRANSFER)
        label = self.label(unit_path)
        return Circumstances(
            windows=self.windows(unit_path),
            clock=clock,
            outages=self.outages,
            label=label.number if label else None,
            label_at=label.at if label else None,
            changes=changes,
        )

    def timing(
        self,
        snapshot: Snapshot,
        pack: PolicyPack,
        *,
        unit_path: Path,
        zone: Zone,
        week: Week,
        now: datetime | None = None,
    ) -> Timing:
        """When what happens by itself in this visit; `now` is the asker's time."""
        around = self.around(snapshot, unit_path, PersonClock.of(zone, week, self.agency))
        return timetable.timing(snapshot, pack, around, self.facts_revision, now)

    def label(self, unit_path: Path) -> UnitLabel | None:
        """The organisation label that holds in a unit: that of the nearest unit upwards that has one."""
        path = path_before(unit_path, self.stood)
        return next((self.labels[unit] for unit in path if unit in self.labels), None)


class PackUnreadable(ValueError):
    """This edition of the program cannot read the frozen pack of that cycle."""

    def __init__(self, cycle: str) -> None:
        super().__init__(f"the pack of cycle {cycle} cannot be read")
        self.cycle = cycle


@dataclass(frozen=True, slots=True)
class Edition:
    """The pack that a cycle goes by, counted up each time it was corrected while the cycle ran."""

    number: int
    pack: PolicyPack

    @property
    def named(self) -> int | None:
        """The version that what is made by it names; None while the cycle goes by the pack it was made with."""
        return self.pack.version if self.number > 1 else None


class Facts:
    """Hands out packs, calendars and the timing of a visit; one per process."""

    def __init__(self) -> None:
        self._editions: dict[str, Edition] = {}
        self._before: dict[tuple[str, int], Edition] = {}
        self._cycles: dict[str, CycleFacts] = {}

    async def pack(self, connection: AsyncConnection, cycle: str, number: int | None = None) -> PolicyPack:
        """The cycle's own frozen copy of its pack. Raises `PackUnreadable`."""
        return (await self.edition(connection, cycle, number)).pack

    async def edition(self, connection: AsyncConnection, cycle: str, number: int | None = None) -> Edition:
        """The same with its number; whoever knows it is spared a query. Raises `PackUnreadable`."""
        if number is None:
            number = int((await connection.execute(EDITION, {"cycle": cycle})).scalar_one())
        held = self._editions.get(cycle)
        if held is None or held.number != number:
            row = (await connection.execute(PACK, {"cycle": cycle})).one()
            held = self._editions[cycle] = _read(cycle, row.policy_edition, row.pack)
        return held

    async def editions(self, connection: AsyncConnection, cycle: str) -> Sequence[Edition]:
        """Every pack the cycle has gone by, the first one first. Raises `PackUnreadable`."""
        now = await self.edition(connection, cycle)
        if now.number > 1 and (cycle, now.number - 1) not in self._before:
            for row in await connection.execute(PACKS_BEFORE, {"cycle": cycle}):
                self._before[cycle, row.edition] = _read(cycle, row.edition, row.pack)
        return [*(self._before[cycle, number] for number in range(1, now.number)), now]

    async def packs(self, connection: AsyncConnection, cycle: str) -> dict[int, PolicyPack]:
        """Every pack the cycle has gone by, by the number that forms and outcomes carry. Raises `PackUnreadable`.

        To be asked after their rows are read: who scores meanwhile may do so by a pack that was not there before.
        """
        return {one.number: one.pack for one in await self.editions(connection, cycle)}

    async def versions(self, connection: AsyncConnection, cycle: str) -> dict[int, PolicyPack]:
        """Every pack the cycle has gone by, by its version; the last one holds. Raises `PackUnreadable`."""
        return {one.pack.version: one.pack for one in await self.editions(connection, cycle)}

    async def pack_of_year(self, connection: AsyncConnection, cycle: str, snapshot: Snapshot | None) -> PolicyPack:
        """The pack that a year goes by, or for one that is final went by. Raises `PackUnreadable`."""
        now = await self.edition(connection, cycle)
        if snapshot is None or snapshot.state.stage is not Stage.FINALISATION or snapshot.policy == now.named:
            return now.pack
        earlier = await self.editions(connection, cycle)
        return next((one.pack for one in earlier if one.named == snapshot.policy), now.pack)

    async def cycle(self, connection: AsyncConnection, cycle: str, facts_revision: int) -> CycleFacts:
        held = self._cycles.get(cycle)
        if held is None or held.facts_revision != facts_revision:
            held = self._cycles[cycle] = await load_facts(connection, cycle, facts_revision)
        return held

    async def timing(
        self,
        connection: AsyncConnection,
        snapshot: Snapshot,
        *,
        cycle: str,
        facts_revision: int,
        unit_path: Path,
        zone: Zone,
        week: Week,
        now: datetime | None = None,
        number: int | None = None,
    ) -> Timing:
        """When what happens by itself in this visit, under the facts of this transaction; `now` is the asker's time.

        `number` is that of the cycle's pack, where it is known.

        Raises `PackUnreadable`.
        """
        edition = await self.edition(connection, cycle, number)
        facts = await self.cycle(connection, cycle, facts_revision)
        found = facts.timing(snapshot, edition.pack, unit_path=unit_path, zone=zone, week=week, now=now)
        return found if edition.named is None else found.model_copy(update={"policy": edition.named})


def _read(cycle: str, number: int, raw: object) -> Edition:
    try:
        return Edition(number, PolicyPack.model_validate(raw))
    except ValidationError as wrong:
        raise PackUnreadable(cycle) from wrong


async def load_facts(connection: AsyncConnection, cycle: str, facts_revision: int) -> CycleFacts:
    """The facts as this transaction sees them, under a revision that may not be committed yet."""
    asked = {"cycle": cycle}
    changes: dict[str, tuple[PersonnelChange, ...]] = {}
    for r in await connection.execute(CHANGES, asked):
        changes[r.person_id] = (*changes.get(r.person_id, ()), replace(change_of(r), back=r.back, over=r.over))
    actings: dict[tuple[str, str], tuple[Term, ...]] = {}
    for r in await connection.execute(ACTINGS, asked):
        key = (r.person_id, r.acting_for)
        actings[key] = (*actings.get(key, ()), Term(r.valid_from, r.valid_until))
    return CycleFacts(
        facts_revision,
        await calendar_of(connection, cycle),
        await agency_days(connection),
        outages=tuple(Outage(r.begins, r.ends) for r in await connection.execute(OUTAGES, asked)),
        labels={
            r.unit_id: UnitLabel(r.unit_id, r.number, OrganisationLabel(r.label), r.at)
            for r in await connection.execute(LABELS, asked)
        },
        changes=changes,
        actings=actings,
    )


def change_of(row: Row[Any]) -> PersonnelChange:
    """A stored personnel decision, of a row with its `kind`, `effective`, `until` and `why`."""
    return PersonnelChange(Personnel(row.kind), row.effective, row.until, Exit(row.why) if row.why else None)


async def calendar_of(connection: AsyncConnection, cycle: str) -> CalendarRows:
    """The calendar by key and unit id."""
    return {
        (r.key, r.unit_id): WindowRow(day_of(r.opens), day_of(r.due), day_of(r.closes))
        for r in await connection.execute(WINDOWS, {"cycle": cycle})
    }


async def agency_days(connection: AsyncConnection) -> AgencyDays:
    """The agency's own table of days."""
    days = {r.day: r.working for r in await connection.execute(AGENCY_DAYS)}
    return AgencyDays(
        off=frozenset(day for day, worked in days.items() if not worked),
        working=frozenset(day for day, worked in days.items() if worked),
    )


def day_of(stored: str | None) -> Day | None:
    """One end of a window as it is stored: an ISO date, or an instant with its offset."""
    if stored is None:
        return None
    return date.fromisoformat(stored) if len(stored) == 10 else datetime.fromisoformat(stored)
