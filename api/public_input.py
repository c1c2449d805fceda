"""How others come to say something of a unit: the public without signing in, colleagues of a new programme they want to praise.

What comes without a name is bounded: in size, for each address a day, and in how much waits for HR. An address is kept for one day and
only in disguise.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.consultation import zone_in_scope
from api.cycle_view import RUNNING, CycleId, find_cycle
from api.exact import Exact
from api.named import UnitRef, unit_named, unit_of, units_shown
from api.problems import Problem
from api.receipts import Answer, KeyDep, done_once, once
from api.remarks import RemarkForHr, find_remark, keep_remark, remarks_for_hr
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from models.remarks import PRAISES_MAX, PublicInput, RemarkKind, RemarkState, disguised
from models.vocabulary import Zone
from models.workdays import ZONES, local_day

router = APIRouter(tags=["remarks"])
open_router = APIRouter(tags=["remarks"])
"""What is asked without a token."""

PUBLIC = "public"
"""Who says it, for a receipt: nobody we know."""
CYCLES = text(
    "SELECT id, year, units FROM cycle WHERE state = ANY(:states) ORDER BY (year = :year) DESC, year DESC, id"
)
SALT = text("SELECT salt FROM day_salt WHERE day = :day")
ONE_DAY_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('day salt', 0))")
NEW_SALT = text("INSERT INTO day_salt (day, salt) VALUES (:day, :salt)")
FORGET_SALTS = text("DELETE FROM day_salt WHERE day <> :day")
FORGET_ADDRESSES = text("UPDATE remark SET address = NULL WHERE address IS NOT NULL")
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
OF_ADDRESS = text("SELECT count(*) FROM remark WHERE address = :address")
WAITING = text("SELECT count(*) FROM remark WHERE unit_id = :unit AND state = 'pending'")
OWN = text("SELECT count(*) FROM remark WHERE cycle_id = :cycle AND author_id = :me")

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
UnitPath = Annotated[str, Path(min_length=1, max_length=64, description="The unit's code.")]


class PublicRemark(BaseModel):
    """What somebody of the public says of a unit: of which service, or of which programme, as far as that is to be said."""

    model_config = ConfigDict(extra="forbid")

    kind: RemarkKind
    text: Said
    service: Named | None = None
    programme: Named | None = None


class Praise(BaseModel):
    """A new programme of a unit, by its code, and what is good about it."""

    model_config = ConfigDict(extra="forbid")

    unit: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    programme: Named
    text: Said


class Received(Exact):
    """That it was taken; it is read by HR before anybody else, and moves nobody's result by itself."""

    unit: UnitRef
    kind: RemarkKind
    state: Literal[RemarkState.PENDING]


@open_router.post(
    "/public/units/{unit}/remarks",
    status_code=201,
    response_model=Received,
    responses={
        409: {"description": "Nothing is taken of this unit."},
        429: {"description": "So much was taken from here today, or waits to be read."},
    },
)
async def say_of_unit(
    unit: UnitPath, body: PublicRemark, request: Request, rooms: RoomsDep, key: KeyDep
) -> JSONResponse:
    """Say something of a unit's service, without signing in. It is advice, and HR reads it before anybody else."""
    answer = await heard(rooms, unit, body, request.client.host if request.client else None, key)
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def heard(rooms: Rooms, unit: str, body: PublicRemark, address: str | None, key: str) -> Answer:
    """What somebody of the public said of a unit, kept for HR. Raises what a refusal of it is."""

    async def effect(connection: AsyncConnection) -> Answer:
        found = await unit_of(connection, unit)
        if found is None:
            raise Problem("not_found")
        cycle, spec = await cycle_that_hears(connection, rooms, found)
        kept = disguised(address, await _salt(connection, local_day(rooms.now(), Zone.WIB)))
        await _has_room(connection, rooms, spec, kept, found)
        row = {**body.model_dump(mode="json"), "cycle": cycle, "unit": found, "address": kept}
        await keep_remark(connection, rooms, row)
        shown = (await units_shown(connection, [found]))[found]
        return Answer(201, {"unit": shown, "kind": body.kind.value, "state": RemarkState.PENDING.value})

    said = {"unit": unit, **body.model_dump(mode="json")}
    return await done_once(rooms, PUBLIC, key, "say_of_unit", said, effect)


async def units_to_speak_of(connection: AsyncConnection, rooms: Rooms) -> list[dict[str, str]]:
    """The units of which the public may say something now, by name."""
    agency = await rooms.people.agency(connection)
    asked = {"states": sorted(RUNNING), "year": local_day(rooms.now(), Zone.WIB).year}
    found: set[str] = set()
    for cycle in (await connection.execute(CYCLES, asked)).all():
        if (await rooms.facts.pack(connection, cycle.id)).public_input.open:
            within = set(cycle.units or ())
            found |= {one for one in agency.parent_unit if not within or within & set(agency.unit_path(one))}
    return sorted((await units_shown(connection, found)).values(), key=lambda one: (one["name"], one["code"]))


async def cycle_that_hears(connection: AsyncConnection, rooms: Rooms, unit: str) -> tuple[str, PublicInput]:
    """The running cycle that listens to the public about this unit: this year's before any other. Raises `no_public_input`."""
    agency = await rooms.people.agency(connection)
    path = set(agency.unit_path(unit))
    asked = {"states": sorted(RUNNING), "year": local_day(rooms.now(), Zone.WIB).year}
    for cycle in (await connection.execute(CYCLES, asked)).all():
        if cycle.units and not path & set(cycle.units):
            continue
        spec = (await rooms.facts.pack(connection, cycle.id)).public_input
        if spec.open:
            return cycle.id, spec
    raise Problem("no_public_input")


async def _has_room(connection: AsyncConnection, rooms: Rooms, spec: PublicInput, address: str, unit: str) -> None:
    """Raises `too_many_of_address`, `too_many_waiting`; two at once of one address, or about one unit, come one after the other.

    Who is over already waits for nobody, so that a flood holds no connection longer than it must.
    """
    await _is_within(connection, rooms, spec, address, unit)
    for what in (f"remarks of {address}", f"remarks about {unit}"):
        await connection.execute(ONE_AT_A_TIME, {"what": what})
    await _is_within(connection, rooms, spec, address, unit)


async def _is_within(connection: AsyncConnection, rooms: Rooms, spec: PublicInput, address: str, unit: str) -> None:
    if (await connection.execute(OF_ADDRESS, {"address": address})).scalar_one() >= spec.per_address:
        raise _until_tomorrow("too_many_of_address", spec.per_address, rooms.now())
    if (await connection.execute(WAITING, {"unit": unit})).scalar_one() >= spec.waiting_max:
        raise _until_tomorrow("too_many_waiting", spec.waiting_max, rooms.now())


def _until_tomorrow(code: str, limit: int, now: datetime) -> Problem:
    local = now.astimezone(ZONES[Zone.WIB])
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    seconds = int((tomorrow - local).total_seconds()) + 1
    return Problem(code, limit=limit, headers={"Retry-After": str(seconds)})


async def _salt(connection: AsyncConnection, day: date) -> str:
    """What disguises addresses today. The first of a day forgets yesterday's, and all addresses with it."""
    found: str | None = (await connection.execute(SALT, {"day": day})).scalar_one_or_none()
    if found is not None:
        return found
    await connection.execute(ONE_DAY_AT_A_TIME)
    again: str | None = (await connection.execute(SALT, {"day": day})).scalar_one_or_none()
    if again is not None:
        return again
    made = secrets.token_hex(32)
    await connection.execute(FORGET_SALTS, {"day": day})
    await connection.execute(FORGET_ADDRESSES)
    await connection.execute(NEW_SALT, {"day": day, "salt": made})
    return made


# ── colleagues ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/cycles/{cycle_id}/praise", status_code=201, response_model=RemarkForHr)
async def praise(cycle_id: CycleId, body: Praise, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Praise a new programme of a unit, so that others may follow; whoever the cycle is for. HR reads it first and makes it visible."""

    async def effect(connection: AsyncConnection) -> Answer:
        cycle = await find_cycle(connection, cycle_id)
        await _may_praise(connection, rooms, cycle, caller.person_id)
        unit = await unit_named(connection, body.unit, "/unit")
        await connection.execute(ONE_AT_A_TIME, {"what": f"praise of {caller.person_id}"})
        if (await connection.execute(OWN, {"cycle": cycle_id, "me": caller.person_id})).scalar_one() >= PRAISES_MAX:
            raise Problem("too_many", limit=PRAISES_MAX)
        row = {"cycle": cycle_id, "unit": unit, "kind": RemarkKind.PRAISE.value, "author": caller.person_id}
        made = await keep_remark(connection, rooms, row | {"programme": body.programme, "text": body.text})
        shown = (await remarks_for_hr(connection, [await find_remark(connection, cycle_id, made)]))[0]
        return Answer(201, shown | {"key": f"remark {shown['day']} {made}"})

    said = {"cycle": cycle_id, **body.model_dump()}
    return await once(rooms, caller, key, "praise", said, effect)


async def _may_praise(connection: AsyncConnection, rooms: Rooms, cycle: RowMapping, person: str) -> None:
    """Raises `out_of_scope`, `cycle_state`, `no_public_input`."""
    if await zone_in_scope(connection, cycle, person, local_day(rooms.now(), Zone.WIB)) is None:
        raise Problem("out_of_scope")
    if cycle["state"] not in RUNNING:
        raise Problem("cycle_state", state=cycle["state"])
    if not (await rooms.facts.pack(connection, cycle["id"])).public_input.programmes:
        raise Problem("no_public_input")
