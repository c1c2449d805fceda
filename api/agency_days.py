"""The agency's own days, beside the national calendar: days off that only it has, and days on which it works in spite of it.

A change reaches every running year in its own transaction, as an outage or a moved calendar does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.agency_trail import ONE_AT_A_TIME, note_in_agency
from activities.cycle_trail import note
from activities.facts import load_facts
from activities.retiming import Moved, retime
from activities.running import move_facts
from activities.texts import keep_reason
from api.act_bodies import Reason
from api.calendar import EffectOut
from api.exact import Exact
from api.paging import Page, PageDep, bad_cursor, listed, paged
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from api.validation import pointer
from models.appraisal import TextRef
from models.language import Bilingual
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Zone
from models.workdays import DAYS_WITHOUT_WORK_MAX, AgencyDays, WorkCalendar, local_day

router = APIRouter(tags=["agency"])

DAYS_MAX = 366
YEARS_AHEAD = 3
"""The year after next's cycle ends in the one after that."""

PAGE = text("SELECT day, working, name FROM agency_day WHERE day > :after ORDER BY day LIMIT :limit")
TOTAL = text("SELECT count(*) FROM agency_day")
ALL = text("SELECT day, working, name FROM agency_day")
TAKE_BACK = text("DELETE FROM agency_day WHERE day = ANY(:days)")
ENTER = text(
    """
    INSERT INTO agency_day (day, working, name) VALUES (:day, :working, :name)
    ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name
    """
)
CYCLES = text(
    """
    SELECT c.id, c.state NOT IN ('draft', 'closed', 'cancelled') OR EXISTS (
           SELECT FROM appraisal a WHERE a.cycle_id = c.id AND a.launch = 'launched' AND a.state <> 'finalisation.done'
           ) AS running
      FROM cycle c ORDER BY c.id FOR UPDATE OF c
    """
)
"""Every cycle: what a process holds of one that does not run, it must not hold when that is opened, or a year of it again."""

SENTENCES = {
    "bad_day": Bilingual(
        id="Harus berupa tanggal, misalnya 2027-01-31.",
        en="This must be a date such as 2027-01-31.",
    ),
    "in_the_past": Bilingual(
        id="Hari ini sudah lewat dan tidak dapat diubah lagi. Paling cepat {earliest}.",
        en="This day is over and cannot be changed any more. The earliest is {earliest}.",
    ),
    "too_far": Bilingual(
        id="Hari ini terlalu jauh. Paling lambat {latest}.",
        en="This day is too far ahead. The latest is {latest}.",
    ),
    "off_anyway": Bilingual(
        id="Pada hari ini memang tidak ada yang bekerja. Periksa tanggalnya.",
        en="Nobody works on this day anyway. Check the date.",
    ),
    "worked_anyway": Bilingual(
        id="Hari ini memang hari kerja. Periksa tanggalnya, atau hapus harinya dengan null.",
        en="This is a working day anyway. Check the date, or take the day back with null.",
    ),
    "not_entered": Bilingual(
        id="Hari ini tidak ada dalam daftar, jadi tidak dapat dihapus.",
        en="This day is not in the table, so it cannot be taken back.",
    ),
    "too_many_off": Bilingual(
        id="Dengan hari ini, lebih dari {most} hari berturut-turut tanpa hari kerja.",
        en="With this there would be more than {most} days on end without a working day.",
    ),
}

Kind = Literal["off", "working"]


class DayBody(BaseModel):
    """One day on which the agency differs from the national calendar."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AgencyDaysBody(BaseModel):
    """Days by their date; null takes a day back, and days that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    days: Annotated[dict[str, DayBody | None], Field(min_length=1, max_length=DAYS_MAX)]


class AgencyDayShown(Exact):
    """A day off that only this agency has, or one on which it works in spite of week and holiday."""

    day: date
    kind: Kind
    name: str


class AgencyDaysOut(EffectOut):
    """What the change does to the open appraisals of all cycles together; `changed` are the days that differ from before."""

    changed: list[date]


Entry = tuple[Kind, str]
"""What a day is, and its name."""
Table = Mapping[date, Entry]
Changes = Mapping[date, DayBody | None]


@router.get("/agency/days", response_model=Page[AgencyDayShown])
async def read_agency_days(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:  # noqa: ARG001 - whoever signed in
    """The agency's own days in their order; everybody's deadlines count by them."""
    after = _day(page.after or "0001-01-01")
    if after is None:
        raise bad_cursor()
    async with rooms.database.transaction() as connection:
        rows = (await connection.execute(PAGE, {"after": after, "limit": page.limit + 1})).all()
        total = (await connection.execute(TOTAL)).scalar_one()
    items = [{"day": row.day.isoformat(), "kind": _kind(row.working), "name": row.name} for row in rows]
    return listed(paged(items, page, total, key="day"))


@router.put("/agency/days", response_model=AgencyDaysOut)
async def change_agency_days(
    body: AgencyDaysBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep, dry_run: bool = False
) -> JSONResponse:
    """Enter, change or take back days of the agency; with `dry_run` only tell what that would do to running years."""
    caller.needs(GrantedRole.HR)
    if dry_run:
        async with rooms.database.engine.connect() as connection, connection.begin() as transaction:
            told = await _change(connection, rooms, caller, body)
            await transaction.rollback()
        return JSONResponse(told, headers={"Idempotency-Key": key})

    async def effect(connection: AsyncConnection) -> Answer:
        return Answer(200, await _change(connection, rooms, caller, body))

    answer = await once(rooms, caller, key, "change_agency_days", body.model_dump(mode="json"), effect)
    answer.background = BackgroundTask(tell_nudged, rooms)
    return answer


async def _change(connection: AsyncConnection, rooms: Rooms, caller: Caller, body: AgencyDaysBody) -> dict[str, object]:
    # Whoever changes the table holds the agency's trail, so that two of them see each other's days.
    await connection.execute(ONE_AT_A_TIME)
    now = rooms.now()
    table: Table = {row.day: (_kind(row.working), row.name) for row in await connection.execute(ALL)}
    changes, problems = _read(body.days)
    earliest = max(local_day(now, zone) for zone in Zone)
    problems += [] if problems else list(_problems(changes, table, earliest))
    if problems:
        raise Problem("invalid_input", errors=problems)
    changed = {day: said for day, said in changes.items() if table.get(day) != _entry(said)}
    await _write(connection, changed)
    why = await keep_reason(connection, body.reason, caller.person_id) if changed else None
    moved = await _move(connection, rooms, caller, changed, _days(table), why) if changed else []
    lapsed = sorted({one for found in moved for one in found.already_lapsed})
    whole = Moved([move for found in moved for move in found.moves], lapsed)
    if changed:
        told = {"days": _told(changed), "affected": whole.affected}
        await note_in_agency(connection, now, caller.person_id, [(TrailAction.AGENCY_DAYS_CHANGED, told)], reason=why)
    return whole.answer(now) | {"changed": sorted(day.isoformat() for day in changed)}


async def _write(connection: AsyncConnection, changed: Changes) -> None:
    gone = [day for day, said in changed.items() if said is None]
    entered = [
        {"day": day, "working": said.kind == "working", "name": said.name}
        for day, said in changed.items()
        if said is not None
    ]
    if gone:
        await connection.execute(TAKE_BACK, {"days": gone})
    if entered:
        await connection.execute(ENTER, entered)


async def _move(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, changed: Changes, before: AgencyDays, why: TextRef | None
) -> Sequence[Moved]:
    """Move the facts of every cycle, and what rows show of the running ones; each of those has it in its trail."""
    agency, now, moved = await rooms.people.agency(connection), rooms.now(), []
    for row in (await connection.execute(CYCLES)).mappings().all():
        cycle, revision = str(row["id"]), await move_facts(connection, row["id"])
        if not row["running"]:
            continue
        # Not by `rooms.facts`: what it holds must be committed, and this may still be taken back.
        facts = await load_facts(connection, cycle, revision)
        old = replace(facts, facts_revision=revision - 1, agency=before)
        pack = await rooms.facts.pack(connection, cycle)
        found = await retime(connection, cycle, pack, old, facts, agency, (), now, caller.person_id)
        said = {"days": _told(changed), "facts_revision": revision, "affected": found.affected}
        await note(connection, cycle, now, TrailAction.AGENCY_DAYS_CHANGED, caller.person_id, said, reason=why)
        moved.append(found)
    return moved


def _read(days: Mapping[str, DayBody | None]) -> tuple[Changes, list[FieldProblem]]:
    """The changes by day, and what is no date."""
    found = {said: _day(said) for said in days}
    problems = [_problem(said, "bad_day") for said, day in found.items() if day is None]
    return {day: days[said] for said, day in found.items() if day is not None}, problems


def _problems(changes: Changes, table: Table, earliest: date) -> Iterator[FieldProblem]:
    """What is wrong with these days, by place; `earliest` is a day that is over in no zone."""
    latest = date(earliest.year + YEARS_AHEAD, 12, 31)
    plain = {day: code for day, said in changes.items() if (code := _alone(day, said, table, earliest, latest))}
    for day, code in plain.items():
        yield _problem(day.isoformat(), code, earliest=earliest.isoformat(), latest=latest.isoformat())
    if not plain:
        yield from _without_work(changes, table)


def _alone(day: date, said: DayBody | None, table: Table, earliest: date, latest: date) -> str | None:
    """The code of what is wrong with one day, whatever the others are."""
    if day < earliest:
        return "in_the_past"
    if day > latest:
        return "too_far"
    if said is None:
        return None if day in table else "not_entered"
    if said.kind == "off":
        return None if WorkCalendar(6).is_working(day) else "off_anyway"
    return "worked_anyway" if WorkCalendar(5).is_working(day) else None


def _without_work(changes: Changes, table: Table) -> Iterator[FieldProblem]:
    """The days that would leave a stretch without work longer than anybody can count over."""
    days = _days({**table, **{day: _entry(said) for day, said in changes.items()}})
    for day in sorted(changes):
        if not all(_countable(WorkCalendar(week, days), day) for week in (5, 6)):
            yield _problem(day.isoformat(), "too_many_off", most=str(DAYS_WITHOUT_WORK_MAX))


def _countable(calendar: WorkCalendar, day: date) -> bool:
    try:
        calendar.next_working(calendar.previous_working(day))
    except ValueError:
        return False
    return True


def _days(table: Mapping[date, Entry | None]) -> AgencyDays:
    kinds = {day: entry[0] for day, entry in table.items() if entry is not None}
    return AgencyDays(
        off=frozenset(day for day, kind in kinds.items() if kind == "off"),
        working=frozenset(day for day, kind in kinds.items() if kind == "working"),
    )


def _day(said: str) -> date | None:
    """A date in its one spelling."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if day.isoformat() == said else None


def _kind(working: bool) -> Kind:
    return "working" if working else "off"


def _entry(said: DayBody | None) -> Entry | None:
    return None if said is None else (said.kind, said.name)


def _told(changed: Changes) -> dict[str, str | None]:
    """For a trail: what each day is now; its name stays in the table."""
    return {day.isoformat(): said.kind if said else None for day, said in sorted(changed.items())}


def _problem(day: str, code: str, **words: str) -> FieldProblem:
    return FieldProblem(pointer(["days", day]), code, SENTENCES[code].fill(**words))
