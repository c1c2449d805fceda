"""Outages that HR records: whatever was open while the system was down has that much more time, and nobody asks for it one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.cycle_trail import note
from activities.facts import CycleFacts, load_facts
from activities.people import Agency
from activities.retiming import Moved, retime
from activities.texts import keep_reason
from api.act_bodies import Instant, Reason
from api.calendar import MOVE, MovedOut
from api.cycle_view import CycleId, find_cycle, must_run
from api.own_calendar import not_only_for_her, of_outage
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from models.circumstances import Outage
from models.language import Bilingual
from models.outages import shortest_touched
from models.trail_actions import OF_YEARS, TrailAction
from models.vocabulary import GrantedRole, Zone
from models.windows import for_unit, key_of
from models.workdays import PersonClock, start_of_day

router = APIRouter(tags=["cycles"])

WRITE = text(
    """
    INSERT INTO outage (id, cycle_id, begins, ends, reason, actor, at)
    VALUES (:id, :cycle, :begins, :ends, :reason, :actor, :at)
    """
)
SENTENCES = {
    "wrong_order": Bilingual(
        id="Gangguan berakhir sesudah dimulai.",
        en="An outage ends after it began.",
    ),
    "in_the_future": Bilingual(
        id="Gangguan dicatat setelah berakhir; waktu ini belum lewat.",
        en="An outage is recorded once it is over; this is still to come.",
    ),
    "outside_year": Bilingual(
        id="Waktu ini di luar tahun siklus.",
        en="This lies outside the cycle's year.",
    ),
    "longer_than_stage": Bilingual(
        id="Gangguan ini lebih lama daripada tahap yang tersentuh ({days} hari). Ubah jadwalnya, atau perpanjang tenggatnya.",
        en="This outage is longer than a stage that it touches ({days} days). Move the calendar, or extend the step, instead.",
    ),
}


class OutageBody(BaseModel):
    """When the system was not there for people; both ends are instants with their offset."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    begins: Annotated[Instant, Field(alias="from")]
    ends: Annotated[Instant, Field(alias="to")]
    reason: Reason


class OutageOut(MovedOut):
    """What the outage moves, as a new calendar would be answered."""

    id: UUID


@router.post(
    "/cycles/{cycle_id}/outages",
    status_code=201,
    response_model=OutageOut,
    responses={200: {"description": "What recording would do; nothing was kept.", "model": MovedOut}},
)
async def record_outage(
    cycle_id: CycleId, body: OutageBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep, preview: bool = False
) -> JSONResponse:
    """Record an outage of this cycle; time that was recorded before is not given twice. In a cycle that is over, where a year runs again.

    With `preview` only tell what that would do; the version is the cycle's own, and the key stays free.
    """
    caller.needs(GrantedRole.HR)
    if preview:
        async with rooms.database.engine.connect() as connection, connection.begin() as transaction:
            told = await _record(connection, rooms, caller, cycle_id, body)
            await transaction.rollback()
        del told["id"]
        return JSONResponse(told | {"version": int(str(told["version"])) - 1}, headers={"Idempotency-Key": key})

    async def effect(connection: AsyncConnection) -> Answer:
        return Answer(201, await _record(connection, rooms, caller, cycle_id, body))

    said = {"cycle": cycle_id, **body.model_dump(mode="json")}
    answer = await once(rooms, caller, key, "record_outage", said, effect)
    answer.background = BackgroundTask(tell_nudged, rooms, cycle_id)
    return answer


async def _record(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str, body: OutageBody
) -> dict[str, object]:
    row, now = await find_cycle(connection, cycle_id, hold=True), rooms.now()
    await must_run(connection, row)
    agency = await rooms.people.agency(connection)
    outage = Outage(body.begins.astimezone(UTC), body.ends.astimezone(UTC))
    # Not by `rooms.facts`: what it holds must be committed, and this may still fail.
    before = await load_facts(connection, cycle_id, row["facts_revision"])
    if problems := list(_problems(outage, row, before, agency, now)):
        raise Problem("invalid_input", errors=problems)
    new = {"id": str(uuid4()), "cycle": cycle_id, "begins": outage.begins, "ends": outage.ends, "at": now}
    await connection.execute(WRITE, new | {"reason": body.reason, "actor": caller.person_id})
    after = await load_facts(connection, cycle_id, row["facts_revision"] + 1)
    pack = await rooms.facts.pack(connection, row["id"])
    moved = await retime(connection, cycle_id, pack, before, after, agency, (), now, caller.person_id)
    if problems := list(_longer(outage, _held_against(outage, moved, after))):
        raise Problem("invalid_input", errors=problems)
    not_only_for_her(await of_outage(connection, cycle_id, moved, caller))
    version = (await connection.execute(MOVE, {"cycle": cycle_id})).scalar_one()
    data: dict[str, object] = {
        "outage": new["id"],
        "from": outage.begins.isoformat(),
        "to": outage.ends.isoformat(),
        "facts_revision": after.facts_revision,
        "affected": moved.affected,
    }
    if moved.already_lapsed:
        data[OF_YEARS] = list(moved.already_lapsed)
    why = await keep_reason(connection, body.reason, caller.person_id)
    await note(connection, cycle_id, now, TrailAction.OUTAGE_RECORDED, caller.person_id, data, reason=why)
    return moved.answer(now) | {"version": version, "id": new["id"]}


def _problems(
    outage: Outage, row: RowMapping, facts: CycleFacts, agency: Agency, now: datetime
) -> Iterator[FieldProblem]:
    """What is wrong with an outage, by place."""
    clock = PersonClock.of(Zone.WIB, 5)
    if outage.ends <= outage.begins:
        yield _problem("/to", "wrong_order")
        return
    if outage.ends > now:
        yield _problem("/to", "in_the_future")
    openings = [clock.opening(window.opens) for window in facts.rows.values() if window.opens is not None]
    first = min([start_of_day(date(row["year"], 1, 1), Zone.WIB), *openings])
    if outage.begins < first:
        yield _problem("/from", "outside_year")
    if outage.ends > start_of_day(date(row["year"] + 2, 1, 1), Zone.WIB):
        yield _problem("/to", "outside_year")
    paths = [(), *(agency.unit_path(unit) for unit in sorted({unit for _, unit in facts.rows if unit}))]
    yield from _longer(outage, [shortest_touched(outage, for_unit(facts.rows, path), clock) for path in paths])


def _held_against(outage: Outage, moved: Moved, facts: CycleFacts) -> Iterator[timedelta | None]:
    """How long the windows last of the steps that this outage moves: somebody was still in them, though they may have closed.

    A part of a year that was closed is worked by days of its own, and by nobody's window.
    """
    clock = PersonClock.of(Zone.WIB, 5)
    for group in (move.group for move in moved.moves):
        if group.snapshot.until is None:
            key = key_of(group.snapshot.state.stage, group.snapshot.period)
            yield shortest_touched(outage, facts.windows(group.unit_path), clock, {key})


def _longer(outage: Outage, lasting: Iterable[timedelta | None]) -> Iterator[FieldProblem]:
    shortest = min((lasts for lasts in lasting if lasts is not None), default=None)
    if shortest is not None and outage.ends - outage.begins > shortest:
        yield _problem("/to", "longer_than_stage", days=str(max(1, round(shortest.total_seconds() / 86_400))))


def _problem(pointer: str, code: str, **words: str) -> FieldProblem:
    return FieldProblem(pointer, code, SENTENCES[code].fill(**words))
