"""People: whom HR, auditors and whoever stands above them may find; one person's page, and what is decided about her, seen before it is."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask

from api.delegation_view import lasting, over
from api.named import NipPath
from api.paging import Asked, PageDep
from api.people import SEES_EVERYBODY, people_found, person_shown
from api.personnel import (
    ExitBody,
    LeaveBody,
    SupervisorBody,
    TransferBody,
    post_exit,
    post_leave,
    post_supervisor,
    post_transfer,
    to_decide,
)
from api.personnel_shown import reached_by, recorded_of, units_named
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_all
from api.web.door import body_of, key_for, page, page_router, posted, seen
from api.web.lending import PAST_MAX
from api.web.refusals import Refusal, refusal_of
from models.vocabulary import GrantedRole

SHOWN = 50
APPLY = "apply"
NOTHING: Mapping[str, str] = MappingProxyType({})
router = page_router()


@dataclass(frozen=True)
class Decision:
    """What HR may decide about somebody: the word of the api for it, the body that it takes, its fields, and who takes it."""

    what: str
    body: type[BaseModel]
    fields: tuple[str, ...]
    decide: Callable[..., Awaitable[JSONResponse]]


DECISIONS: Mapping[str, Decision] = {
    "atasan": Decision("supervisor", SupervisorBody, ("supervisor", "effective", "reason"), post_supervisor),
    "mutasi": Decision("transfer", TransferBody, ("post", "unit", "supervisor", "effective"), post_transfer),
    "cuti": Decision("leave", LeaveBody, ("from", "until"), post_leave),
    "berhenti": Decision("exit", ExitBody, ("reason", "effective"), post_exit),
}
"""By the last word of their address."""


@dataclass(frozen=True)
class Asking:
    """A form about somebody as it was posted: what was typed, what it would do, or why it was refused."""

    what: str
    typed: Mapping[str, str]
    effect: Mapping[str, Any] | None = None
    looked_at: str = ""
    refused: Refusal | None = None


@router.get("/pegawai")
async def people(
    rooms: RoomsDep,
    caller: CallerDep,
    asked: PageDep,
    cari: Annotated[str, Query(max_length=100)] = "",
    unit: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Everybody for HR and auditors, else the line below the caller; of them who has `cari` in name, post or NIP."""
    found = await people_found(rooms, caller, Asked(SHOWN, asked.after), unit or None, cari.strip() or None)
    async with rooms.database.transaction() as connection:
        units = await units_named(connection)
    return page(
        "pegawai.html",
        caller=caller,
        local=rooms.local,
        found=found,
        asked=cari,
        unit=unit,
        units=units,
        hr=GrantedRole.HR in caller.granted,
        everybody=bool(caller.granted & SEES_EVERYBODY),
    )


@router.get("/pegawai/{nip}")
async def person(
    nip: NipPath, rooms: RoomsDep, caller: CallerDep, hasil: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """One person; `hasil` is what HR has just decided about her."""
    return await _shown(rooms, caller, nip, done=hasil)


@router.post("/pegawai/{nip}/{what}")
async def decide(nip: NipPath, what: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Tell what a decision would reach; take it where that was pressed, and this very decision was looked at before.

    Where it is refused, what was typed stays, with the reason at its field.
    """
    if what not in DECISIONS:
        raise Problem("not_found")
    one, typed = DECISIONS[what], dict(await posted(request))
    said: dict[str, str | None] = {name: value for name in one.fields if (value := typed.get(name, "").strip())}
    if what == "cuti" and typed.get("taken_back") == "1":
        said["until"] = None
    try:
        body = body_of(one.body, said)
        looked_at = body.model_dump_json()
        apply = typed.get("press") == APPLY and typed.get("seen") == looked_at
        key = key_for(typed.get("key", ""), [what, nip, looked_at])
        answer = await one.decide(nip, body, rooms, caller, key, preview=not apply)
    except Problem as refused:
        return await _shown(rooms, caller, nip, asking=Asking(what, typed, refused=refusal_of(refused)))
    if apply:
        done = seen(f"/pegawai/{nip}?hasil={what}")
        done.background = BackgroundTask(tell_all, rooms)
        return done
    effect = json.loads(bytes(answer.body))
    return await _shown(rooms, caller, nip, asking=Asking(what, typed, effect, looked_at))


async def _shown(rooms: Rooms, caller: Caller, nip: str, *, asking: Asking | None = None, done: str = "") -> Response:
    shown = await person_shown(rooms, caller, nip)
    everybody = bool(caller.granted & SEES_EVERYBODY)
    async with rooms.database.transaction() as connection:
        hers = await to_decide(connection, rooms, caller, nip)
        recorded = await recorded_of(connection, nip) if everybody or hers else None
        lent = await lasting(connection, nip, rooms.now()) if everybody else None
        was_lent = await over(connection, nip, rooms.now(), PAST_MAX) if everybody else []
        units = await units_named(connection) if hers else []
        reached = await reached_by(connection, asking.effect["appraisals"]) if asking and asking.effect else []
    return page(
        "seorang.html",
        status=asking.refused.status if asking and asking.refused else 200,
        caller=caller,
        local=rooms.local,
        person=shown,
        recorded=recorded,
        lent=lent,
        was_lent=was_lent,
        past_max=PAST_MAX,
        units_said=[(one["code"], one["name"]) for one in units],
        hr=GrantedRole.HR in caller.granted,
        decides={name for name, one in DECISIONS.items() if one.what in hers},
        asking=asking,
        reached=reached,
        typed=asking.typed if asking else NOTHING,
        done=done,
        key=str(uuid4()),
    )
