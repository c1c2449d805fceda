"""What a cycle's calendar will do to its people, found before it opens: stages out of order, deadlines on days off, the busiest day.

Each kind of unit is asked in its own week, zone and windows. Nothing is changed by looking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_check import Finding
from activities.outbox import told
from activities.people import Agency
from models import timetable
from models.appraisal import Snapshot, Visit
from models.circumstances import Circumstances
from models.language import Bilingual
from models.policy import PolicyPack
from models.vocabulary import EngineAction, Silence, Stage, State, Zone
from models.windows import CalendarRows, Windows, announced_days_off, clashes, for_unit
from models.workdays import AgencyDays, PersonClock, Week, week_of

KINDS = text(
    "SELECT unit_id, zone, work_week, count(*) AS people FROM person WHERE id = ANY(CAST(:people AS text[])) GROUP BY 1, 2, 3"
)
CODES = text("SELECT id, code FROM unit")

SENTENCES: Mapping[str, Bilingual] = {
    "windows_out_of_order": Bilingual(
        id="Jadwal tahap tidak dapat berjalan berurutan: {windows}. Sesuaikan jadwalnya.",
        en="Stages cannot follow each other with these windows: {windows}. Move one of them.",
    ),
    "windows_overlap": Bilingual(
        id="Jadwal tahap saling mendahului: {windows}. Tahap tetap berjalan, tetapi periksa apakah memang demikian.",
        en="Windows run into each other: {windows}. The stages do work; see whether this is meant.",
    ),
    "deadline_on_day_off": Bilingual(
        id="Tenggat jatuh pada hari libur: {days}.",
        en="A deadline falls on a day off: {days}.",
    ),
    "busiest_day": Bilingual(
        id="Hari tersibuk adalah {day}: hingga {count} notifikasi bila tidak ada yang bertindak sebelumnya.",
        en="The busiest day is {day}: up to {count} notices if nobody acts before.",
    ),
}


OPENED = frozenset({State.MIDYEAR_DRAFTING, State.SELF_ASSESSMENT_DRAFTING})
"""What the opening of a window begins, and tells of."""


@dataclass(frozen=True)
class Kind:
    """People of one unit with one zone and week."""

    unit_path: tuple[str, ...]
    zone: Zone
    week: Week
    people: int


@dataclass(frozen=True)
class Calendar:
    """A cycle's calendar with whom it is for; `codes` are unit codes by id."""

    rows: CalendarRows
    days: AgencyDays
    kinds: Sequence[Kind]
    codes: Mapping[str, str]

    def named(self, path: Sequence[str]) -> str | None:
        """The nearest unit that has windows of its own."""
        own = {unit for _, unit in self.rows}
        return next((unit for unit in path if unit in own), None)


async def calendar_for(
    connection: AsyncConnection, agency: Agency, people: Sequence[str], rows: CalendarRows, days: AgencyDays
) -> Calendar:
    """The calendar as it holds for these people, by id."""
    found = (await connection.execute(KINDS, {"people": list(people)})).all()
    kinds = [Kind(agency.unit_path(r.unit_id), Zone(r.zone), week_of(r.work_week), r.people) for r in found]
    codes = {r.id: r.code for r in await connection.execute(CODES)}
    return Calendar(rows, days, kinds or [Kind((), Zone.WIB, 5, 0)], codes)


def check_calendar(calendar: Calendar, pack: PolicyPack, now: datetime) -> Iterator[Finding]:
    """Blockers first."""
    yield from _order(calendar, pack)
    yield from _days_off(calendar)
    yield from _busiest_day(calendar, pack, now)


def _found(code: str, *, blocks: bool = False, **words: Bilingual | str) -> Finding:
    return Finding(code, SENTENCES[code].fill(**words), blocks=blocks)


def _order(calendar: Calendar, pack: PolicyPack) -> Iterator[Finding]:
    named: dict[bool, list[str]] = {True: [], False: []}
    paths = [(), *(kind.unit_path for kind in calendar.kinds if calendar.named(kind.unit_path))]
    for path in paths:
        for clash in clashes(for_unit(calendar.rows, path), pack.flow()):
            said = f"{clash.key} – {clash.other}"
            if all(not known.startswith(said) for known in named[clash.stops]):
                unit = calendar.named(path)
                named[clash.stops].append(f"{said} ({calendar.codes[unit]})" if unit else said)
    if named[True]:
        yield _found("windows_out_of_order", blocks=True, windows=", ".join(named[True]))
    if named[False]:
        yield _found("windows_overlap", windows=", ".join(named[False]))


def _days_off(calendar: Calendar) -> Iterator[Finding]:
    """Where only the shorter week has a day off, it says so; what holds for everybody is said once."""
    off: dict[str, set[Week]] = {}
    weeks = {kind.week for kind in calendar.kinds}
    general: set[tuple[str, str, date]] = set()
    for week in sorted(weeks):
        for one in announced_days_off(for_unit(calendar.rows, ()), PersonClock.of(Zone.WIB, week, calendar.days)):
            general.add(one)
            off.setdefault(_told(*one), set()).add(week)
    for kind in calendar.kinds:
        unit = calendar.named(kind.unit_path)
        if unit is None:
            continue
        clock = PersonClock.of(kind.zone, kind.week, calendar.days)
        for one in announced_days_off(for_unit(calendar.rows, kind.unit_path), clock):
            if one not in general:
                off.setdefault(f"{_told(*one)} ({calendar.codes[unit]})", set()).add(kind.week)
    if off:
        short = {told for told, of in off.items() if of == {5} and len(weeks) > 1}
        words = Bilingual(
            id=", ".join(f"{told} (minggu lima hari)" if told in short else told for told in off),
            en=", ".join(f"{told} (five-day week)" if told in short else told for told in off),
        )
        yield _found("deadline_on_day_off", days=words)


def _told(key: str, end: str, day: date) -> str:
    return f"{key} {end} {day.isoformat()}"


def sent_by_day(calendar: Calendar, pack: PolicyPack, now: datetime) -> Counter[date]:
    """How many notices each day brings, counted as if nobody acted before, for that is when most is sent."""
    sent: Counter[date] = Counter()
    alike: Counter[tuple[str | None, tuple[str, ...], Zone, Week]] = Counter()
    for kind in calendar.kinds:
        unit = calendar.named(kind.unit_path)
        path = kind.unit_path[kind.unit_path.index(unit) :] if unit else ()
        alike[unit, path, kind.zone, kind.week] += kind.people
    for (_, path, zone, week), people in alike.items():
        clock = PersonClock.of(zone, week, calendar.days)
        for day, notices in _sent_to_one(for_unit(calendar.rows, path), pack, clock, now).items():
            sent[day] += notices * people
    return sent


def _busiest_day(calendar: Calendar, pack: PolicyPack, now: datetime) -> Iterator[Finding]:
    sent, everybody = sent_by_day(calendar, pack, now), sum(kind.people for kind in calendar.kinds)
    if sent and everybody:
        day, count = max(sent.items(), key=lambda found: (found[1], -found[0].toordinal()))
        if count > pack.calendar_rules.notices_per_person_max * everybody:
            yield _found("busiest_day", day=day.isoformat(), count=str(count))


def _sent_to_one(windows: Windows, pack: PolicyPack, clock: PersonClock, now: datetime) -> Counter[date]:
    """How many notices one employee's year brings on each day, to herself and to others, by the windows alone."""
    sent: Counter[date] = Counter()
    flow = pack.flow()
    for state, step in pack.steps.items():
        if step.basis != "window" or state not in pack.waiting_states:
            continue
        for key in pack.window_keys(state):
            opens = windows[key].opens
            entered = now if opens is None else max(now, clock.opening(opens))
            period = int(key.partition(".")[2]) if state.stage is Stage.MIDYEAR else None
            snapshot = Snapshot(
                appraisal_id="",
                subject="",
                flow=flow,
                state=state,
                period=period,
                periods_done=(period or 1) - 1,
                visit=Visit(no=1, entered_at=entered),
            )
            if state in OPENED:
                sent[clock.day_of(entered)] += _told_of(pack, EngineAction.OPEN_WINDOW, State.EXECUTION_RUNNING)
            timing = timetable.timing(snapshot, pack, Circumstances(windows, clock), 0)
            over = timing.lapses_at if step.silence is Silence.PROCEED_WITHOUT else None
            for moment in timing.moments:
                if over is not None and moment.at > over:
                    continue
                sent[clock.day_of(moment.at)] += _told_of(pack, moment.action, state, moment.key)
    return sent


def _told_of(pack: PolicyPack, action: EngineAction, state: State, rung: str | None = None) -> int:
    return sum(len(notice.to) for notice in told(action.value, rung, state, state, pack))
