"""Cycles: made as a draft, checked, opened for everybody in scope, closed or cancelled.

A cycle's rows change in one transaction with the stored answer; only then is the engine told, and the same key tells it again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import MISSING, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.calendar_check import Calendar, calendar_for, check_calendar
from activities.consultation import heard
from activities.cycle_check import Finding, check_consultation, check_cycle
from activities.cycle_trail import note
from activities.enrolment import (
    CYCLE_CANCELLED,
    CYCLE_CLOSED,
    asked_and_unstarted,
    enrol,
    leave_out_unstarted,
    scope_of,
)
from activities.facts import agency_days, calendar_of
from activities.texts import keep_reason
from api import (
    calendar,
    consultation,
    corrected_policy,
    distribution,
    exchange,
    export,
    follow_ups,
    indicators,
    labels,
    nudges,
    outages,
    progress,
    questions,
    raters,
    results,
    retrying,
    talents,
    worklist,
)
from api.calendar import write_calendar
from api.cancelling import cancel_everybody, still_open
from api.cycle_view import CycleId, CycleOut, CycleShown, cycle_view, find_cycle, summary
from api.exact import Exact
from api.named import UNKNOWN_UNIT
from api.paging import Asked, Found, Page, PageDep, bad_cursor, cursor_of, is_digits, known_id, listed
from api.policies import pack_of
from api.preconditions import etag
from api.problem_shown import ProblemOut
from api.problems import FieldProblem, Problem, language
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.strict import NOTHING_SAID
from api.telling import close_cycle, start_cycle
from api.windows import Place, WindowsBody, disorder, merged, out_of_order
from models.language import Bilingual
from models.policy import PolicyPack
from models.trail_actions import TrailAction
from models.vocabulary import CycleState, GrantedRole, Zone
from models.windows import WindowRow, resolve
from models.workdays import local_day

router = APIRouter(tags=["cycles"])
router.include_router(calendar.router)
router.include_router(corrected_policy.router)
router.include_router(outages.router)
router.include_router(labels.router)
router.include_router(distribution.router)
router.include_router(progress.router)
router.include_router(results.router)
router.include_router(worklist.router)
router.include_router(questions.router)
router.include_router(raters.router)
router.include_router(follow_ups.of_cycles)
router.include_router(talents.router)
router.include_router(nudges.router)
router.include_router(retrying.router)
router.include_router(exchange.router)
router.include_router(export.router)
router.include_router(indicators.router)
router.include_router(consultation.router)

UNITS = text("SELECT id, code FROM unit WHERE code = ANY(:codes)")
INSERT = text(
    """
    INSERT INTO cycle (id, name, year, policy, pack, units, state, version, facts_revision, last_event_seq,
           last_event_hash, created_at)
    VALUES (:id, :name, :year, :policy, CAST(:pack AS jsonb), CAST(:units AS jsonb), 'draft', 1, 1, 0, '', :at)
    """
)
LIST = text(
    """
    SELECT id, name, year, policy, state, version, created_at FROM cycle
     WHERE (CAST(:year AS int) IS NULL OR (year, id) < (:year, :id)) ORDER BY year DESC, id DESC LIMIT :limit
    """
)
TOTAL = text("SELECT count(*) FROM cycle")
STEP = text("UPDATE cycle SET state = :state, version = version + 1 WHERE id = :id")
UNKNOWN = {
    "unknown_policy": Bilingual(id="Peraturan ini tidak dikenal.", en="There is no such policy."),
    "unknown_unit": UNKNOWN_UNIT,
}
UNITS_MAX = 1000


class CycleBody(BaseModel):
    """A new cycle. `calendar` changes windows of the pack's calendar; `units` are codes, each with its descendants."""

    model_config = ConfigDict(extra="forbid")

    policy: Annotated[str, Field(min_length=1, max_length=100)]
    year: Annotated[int, Field(ge=2000, le=2100, strict=True)]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    calendar: WindowsBody | None = None
    units: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=UNITS_MAX)] | None = (
        None
    )


class ReasonBody(BaseModel):
    """Why; kept in the cycle's trail."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None


class FindingOut(Exact):
    """`people` are NIPs."""

    code: str
    message: str
    people: list[str]


class CheckOut(Exact):
    """What stands against opening, and what HR should know before."""

    blockers: list[FindingOut]
    warnings: list[FindingOut]


class CycleBlockedOut(ProblemOut):
    """With `cycle_blocked`, everything that stands against opening."""

    blockers: list[FindingOut] | MISSING = MISSING


@router.post("/cycles", status_code=201, response_model=CycleOut)
async def make_cycle(body: CycleBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """A draft with the pack's calendar resolved for the year, and its own frozen copy of the pack."""
    caller.needs(GrantedRole.HR)
    if body.policy not in rooms.shelf.ids():
        raise Problem("invalid_input", errors=[_unknown("/policy", "unknown_policy")])
    pack, place = pack_of(rooms.shelf, body.policy), Place(("calendar",))
    announced: dict[tuple[str, str | None], WindowRow] = {
        (k, None): window for k, window in resolve(pack, body.year).items()
    }
    windows, problems = merged(announced, body.calendar or {}, place, body.year, pack.calendar_rules)
    problems += [] if problems else list(disorder(windows, list(body.calendar or {}), (), place))
    problems += [] if problems else list(out_of_order(windows, list(body.calendar or {}), (), pack.flow(), place))
    if problems:
        raise Problem("invalid_input", errors=problems)

    async def effect(connection: AsyncConnection) -> Answer:
        units = await _unit_ids(connection, body.units or [])
        cycle_id, now = str(uuid4()), rooms.now()
        made = {"id": cycle_id, "name": body.name, "year": body.year, "policy": pack.id, "at": now}
        frozen = {"pack": pack.model_dump_json(), "units": json.dumps(units)}
        await connection.execute(INSERT, made | frozen)
        await write_calendar(connection, cycle_id, windows)
        about = {"policy": pack.id, "policy_version": pack.version, "digest": pack.digest, "units": units}
        await note(connection, cycle_id, now, TrailAction.CYCLE_CREATED, caller.person_id, about)
        return Answer(201, await cycle_view(connection, await find_cycle(connection, cycle_id)))

    return await once(rooms, caller, key, "make_cycle", body.model_dump(mode="json", exclude_unset=True), effect)


@router.get("/cycles", response_model=Page[CycleShown])
async def list_cycles(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:  # noqa: ARG001 - signed in is enough
    """Every cycle, the latest year first."""
    after = _after(page)
    async with rooms.database.transaction() as connection:
        total = (await connection.execute(TOTAL)).scalar_one()
        rows = (await connection.execute(LIST, after | {"limit": page.limit + 1})).mappings().all()
    shown = [summary(row) for row in rows[: page.limit]]
    last = f"{shown[-1]['year']}|{shown[-1]['id']}" if len(rows) > page.limit else None
    return listed(Found(items=shown, next=cursor_of(last) if last else None, total=total))


def _after(page: Asked) -> dict[str, object]:
    """The year and the id after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if page.after is None:
        return {"year": None, "id": ""}
    year, _, cycle_id = page.after.partition("|")
    if not is_digits(year, 4):
        raise bad_cursor()
    return {"year": int(year), "id": known_id(cycle_id)}


@router.get("/cycles/{cycle_id}", response_model=CycleOut)
async def read_cycle(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:  # noqa: ARG001 - signed in is enough
    """One cycle, its calendar and its numbers; `ETag` is what moving the calendar has to match."""
    async with rooms.database.transaction() as connection:
        row = await find_cycle(connection, cycle_id)
        view = await cycle_view(connection, row)
    return JSONResponse(view, headers={"ETag": etag(row["version"])})


@router.post("/cycles/{cycle_id}/check", response_model=CheckOut, dependencies=[NOTHING_SAID])
async def check(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Look before opening. It changes nothing, so nothing is kept under the key."""
    caller.needs(GrantedRole.HR)
    async with rooms.database.transaction() as connection:
        found = (await look_before(connection, rooms, await find_cycle(connection, cycle_id))).findings
    spoken = language(request)
    answer = {
        "blockers": [_finding(one, spoken) for one in found if one.blocks],
        "warnings": [_finding(one, spoken) for one in found if not one.blocks],
    }
    return JSONResponse(answer, headers={"Idempotency-Key": key})


@router.post(
    "/cycles/{cycle_id}/open",
    status_code=202,
    response_model=CycleOut,
    dependencies=[NOTHING_SAID],
    responses={409: {"model": CycleBlockedOut, "description": "Blockers are left, or the cycle is over."}},
)
async def open_cycle(
    cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Give everybody in scope a year and start it. Opened again, it starts whoever failed, is new or can begin by now."""
    caller.needs(GrantedRole.HR)
    spoken = language(request)

    async def effect(connection: AsyncConnection) -> Answer:
        row = await find_cycle(connection, cycle_id, hold=True)
        if row["state"] == CycleState.DRAFT:
            blockers = [one for one in (await look_before(connection, rooms, row)).findings if one.blocks]
            if blockers:
                raise Problem("cycle_blocked", blockers=[_finding(one, spoken) for one in blockers])
            to_start = await _enrol(connection, rooms, row)
            await _step(connection, rooms, caller, row, CycleState.OPENING, TrailAction.CYCLE_OPENED, to_start=to_start)
        else:
            running = row["state"] in (CycleState.OPENING, CycleState.OPEN)
            if not running or not await _enrol(connection, rooms, row):
                raise Problem("cycle_state", state=row["state"])
        return Answer(202, await cycle_view(connection, await find_cycle(connection, cycle_id)))

    answer = await once(rooms, caller, key, "open_cycle", {"cycle": cycle_id}, effect)
    state = await _state(rooms, cycle_id)
    if state in (CycleState.OPENING, CycleState.OPEN):
        await start_cycle(rooms, cycle_id, again=state == CycleState.OPEN)
    return answer


@router.post("/cycles/{cycle_id}/close", status_code=202, response_model=CycleOut)
async def close(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, key: KeyDep, body: ReasonBody | None = None
) -> JSONResponse:
    """No new launches; closed when the last appraisal is done.

    An evaluation on request that has not begun is not left out: until it has, `409 evaluations_not_begun` names it. Opening the cycle again
    tries one whose start failed.
    """
    caller.needs(GrantedRole.HR)
    said = body or ReasonBody()

    async def effect(connection: AsyncConnection) -> Answer:
        row = await find_cycle(connection, cycle_id, hold=True)
        if row["state"] != CycleState.OPEN:
            raise Problem("cycle_state", state=row["state"])
        if waited_for := await asked_and_unstarted(connection, cycle_id):
            raise Problem("evaluations_not_begun", appraisals=waited_for)
        await leave_out_unstarted(connection, cycle_id, CYCLE_CLOSED)
        await _step(connection, rooms, caller, row, CycleState.CLOSING, TrailAction.CYCLE_CLOSING, reason=said.reason)
        return Answer(202, await cycle_view(connection, await find_cycle(connection, cycle_id)))

    answer = await once(rooms, caller, key, "close_cycle", {"cycle": cycle_id, **said.model_dump()}, effect)
    if await _state(rooms, cycle_id) == CycleState.CLOSING:
        await close_cycle(rooms, cycle_id)
    return answer


@router.post("/cycles/{cycle_id}/cancel", status_code=202, response_model=CycleOut)
async def cancel(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, key: KeyDep, body: ReasonBody | None = None
) -> JSONResponse:
    """Cancel the cycle and each open appraisal in it, one after the other. Cancelled again, it goes on with who is left.

    The caller's own appraisal is left to another HR person: nobody acts on himself.
    """
    caller.needs(GrantedRole.HR)
    said = body or ReasonBody()

    async def effect(connection: AsyncConnection) -> Answer:
        row = await find_cycle(connection, cycle_id, hold=True)
        left = await still_open(connection, cycle_id)
        again = row["state"] == CycleState.CANCELLED and left
        if row["state"] not in (CycleState.DRAFT, CycleState.OPEN, CycleState.CLOSING) and not again:
            raise Problem("cycle_state", state=row["state"])
        if not again:
            await leave_out_unstarted(connection, cycle_id, CYCLE_CANCELLED)
            await _step(
                connection, rooms, caller, row, CycleState.CANCELLED, TrailAction.CYCLE_CANCELLED, reason=said.reason
            )
        return Answer(202, await cycle_view(connection, await find_cycle(connection, cycle_id)))

    answer = await once(rooms, caller, key, "cancel_cycle", {"cycle": cycle_id, **said.model_dump()}, effect)
    answer.background = BackgroundTask(cancel_everybody, rooms, caller, cycle_id, said.reason)
    return answer


@dataclass(frozen=True)
class Look:
    """A cycle before it is opened: what is found, for how many people, and the calendar by which that was found."""

    findings: Sequence[Finding]
    people: int
    calendar: Calendar
    pack: PolicyPack


async def look_before(connection: AsyncConnection, rooms: Rooms, row: RowMapping) -> Look:
    """What the check says of this cycle; nothing is changed by looking."""
    agency, today = await rooms.people.agency(connection), local_day(rooms.now(), Zone.WIB)
    scope = await scope_of(connection, agency, row["id"], row["year"], row["units"], today)
    rows, days = await calendar_of(connection, row["id"]), await agency_days(connection)
    pack = await rooms.facts.pack(connection, row["id"])
    calendar = await calendar_for(connection, agency, list(scope.nips), rows, days)
    said = check_consultation(await heard(connection, row["id"]), pack, today)
    findings = [*check_cycle(scope, agency, pack), *said, *check_calendar(calendar, pack, rooms.now())]
    return Look(findings, len(scope.nips), calendar, pack)


async def _enrol(connection: AsyncConnection, rooms: Rooms, row: RowMapping) -> int:
    agency, today = await rooms.people.agency(connection), local_day(rooms.now(), Zone.WIB)
    pack = await rooms.facts.pack(connection, row["id"])
    acting_plan = pack.stages.acting_plan
    return await enrol(connection, agency, row["id"], row["year"], row["units"], today, acting_plan=acting_plan)


async def _step(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    row: RowMapping,
    to: CycleState,
    action: TrailAction,
    reason: str | None = None,
    **data: object,
) -> None:
    await connection.execute(STEP, {"id": row["id"], "state": to.value})
    why = await keep_reason(connection, reason, caller.person_id)
    await note(connection, row["id"], rooms.now(), action, caller.person_id, data, reason=why)


async def _state(rooms: Rooms, cycle_id: str) -> CycleState:
    async with rooms.database.transaction() as connection:
        return CycleState((await find_cycle(connection, cycle_id))["state"])


async def _unit_ids(connection: AsyncConnection, codes: list[str]) -> list[str]:
    """The ids of these units. Raises `invalid_input`."""
    known = {row.code: row.id for row in await connection.execute(UNITS, {"codes": codes})}
    unknown = [_unknown(f"/units/{at}", "unknown_unit") for at, code in enumerate(codes) if code not in known]
    if unknown:
        raise Problem("invalid_input", errors=unknown)
    return sorted(known.values())


def _unknown(pointer: str, code: str) -> FieldProblem:
    return FieldProblem(pointer, code, UNKNOWN[code])


def _finding(one: Finding, spoken: str) -> dict[str, object]:
    return {"code": one.code, "message": one.message.say(spoken), "people": list(one.people)}
