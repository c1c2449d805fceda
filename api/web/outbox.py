"""What could not be told, sent again; and HR's reminder to whoever a cycle waits on, once within a day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import Query, Request, Response
from sqlalchemy import RowMapping

from api.cycle_view import CycleId, find_cycle
from api.nudges import NudgeBody, nudge
from api.people_shown import people_with
from api.personnel_shown import units_named
from api.problems import Problem
from api.retrying import RetryBody, retry_notices
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.untold import failed
from api.web import desk
from api.web.door import body_of, key_for, page, page_router, posted, seen
from api.web.refusals import Refusal, refusal_of
from models.vocabulary import GrantedRole

SHOWN_MAX = 200
router = page_router()


@dataclass(frozen=True)
class Unsent:
    """A notice that could not be sent, in its own words."""

    row: RowMapping
    letter: desk.Letter


@dataclass(frozen=True)
class Left:
    """Somebody who was not reminded, and why."""

    person: Mapping[str, object] | None
    nip: str
    code: str


@router.get("/siklus/{cycle_id}/kotak-keluar")
async def unsent_page(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,
    ulang: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> Response:
    """What could not be sent and still has its reason; `ulang` is how many were just put in line again."""
    caller.needs(GrantedRole.HR)
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        rows = await failed(connection, rooms, agency, cycle)
        letters = await desk.letters_of(connection, rooms, rows[:SHOWN_MAX])
    unsent = [Unsent(row, letter) for row, letter in zip(rows[:SHOWN_MAX], letters, strict=True)]
    return page(
        "tak_terkirim.html",
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        unsent=unsent,
        total=len(rows),
        again=ulang,
        key=str(uuid4()),
    )


@router.post("/siklus/{cycle_id}/kotak-keluar")
async def send_again(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Send those of one appraisal again, or all."""
    typed = dict(await posted(request))
    one = typed.get("appraisal", "")
    body = body_of(RetryBody, {"appraisals": [one]} if one else {})
    answer = await retry_notices(cycle_id, rooms, caller, key_for(typed.get("key", ""), [cycle_id, one]), body)
    return seen(f"/siklus/{cycle_id}/kotak-keluar?ulang={json.loads(bytes(answer.body))['retried']}")


@router.get("/siklus/{cycle_id}/ingatkan")
async def nudge_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Whom to remind."""
    return await _nudging(rooms, caller, cycle_id)


@router.post("/siklus/{cycle_id}/ingatkan")
async def remind(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Remind one, those of a unit, or everybody; told who was, and who was not and why."""
    typed = dict(await posted(request))
    person, unit = typed.get("person", "").strip(), typed.get("unit", "").strip()
    said: dict[str, object] = {"people": [person]} if person else {"unit": unit} if unit else {}
    try:
        body = body_of(NudgeBody, said)
        answer = await nudge(cycle_id, body, rooms, caller, key_for(typed.get("key", ""), said))
    except Problem as refused:
        left: Sequence[Mapping[str, str]] = refused.about.get("skipped", ())  # type: ignore[assignment]
        return await _nudging(rooms, caller, cycle_id, typed=typed, refused=refusal_of(refused), left=left)
    told = json.loads(bytes(answer.body))
    return await _nudging(rooms, caller, cycle_id, typed=typed, told=told["told"], left=told["skipped"])


async def _nudging(
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    told: int | None = None,
    left: Sequence[Mapping[str, str]] = (),
    refused: Refusal | None = None,
) -> Response:
    caller.needs(GrantedRole.HR)
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        units = await units_named(connection)
        named = {one["nip"]: one for one in await people_with(connection, [one["nip"] for one in left[:SHOWN_MAX]])}
    return page(
        "ingatkan.html",
        status=refused.status if refused else 200,
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        units_said=[(one["code"], one["name"]) for one in units],
        typed=typed or {},
        told=told,
        left=[Left(named.get(one["nip"]), one["nip"], one["code"]) for one in left[:SHOWN_MAX]],
        skipped=len(left),
        refused=refused,
        key=str(uuid4()),
    )
