"""Lending one's authority for some days: offered, taken on or declined, given back; and for HR everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import Query, Request, Response

from api.delegation_view import lasting, lasting_of_others, over
from api.delegations import Offer, accept, decline, end, offer, suggested
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import body_of, key_for, page, page_router, posted, seen
from api.web.refusals import Refusal, refusal_of
from models.delegation import DelegationState
from models.vocabulary import GrantedRole

SHOWN_MAX = 200
PAST_MAX = 20
"""So many of those that are over are shown, the latest."""
FIELDS = ("to", "from", "until", "reason", "person")
NOTHING: Mapping[str, str] = MappingProxyType({})
router = page_router()


@router.get("/pelimpahan")
async def lending(
    rooms: RoomsDep,
    caller: CallerDep,
    kepada: Annotated[str, Query(max_length=18)] = "",
    dari: Annotated[str, Query(max_length=10)] = "",
    sampai: Annotated[str, Query(max_length=10)] = "",
    atas: Annotated[str, Query(max_length=18)] = "",
    hasil: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """What the caller lends and was lent. Her form begins with `kepada`, `dari`, `sampai` and `atas`; `hasil` is what she has just done."""
    typed = {"to": kepada, "from": dari, "until": sampai, "person": atas}
    return await _shown(rooms, caller, typed=typed, done=hasil)


@router.post("/pelimpahan")
async def offer_it(request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Offer it; refused, the form keeps what was typed, with the reason at its field."""
    typed = dict(await posted(request))
    said = {name: typed.get(name, "").strip() for name in FIELDS}
    try:
        body = body_of(Offer, {name: value for name, value in said.items() if value})
        await offer(body, rooms, caller, key_for(typed.get("key", ""), said))
    except Problem as refused:
        return await _shown(rooms, caller, typed=typed, refused=refusal_of(refused))
    return seen("/pelimpahan?hasil=offered")


@router.post("/pelimpahan/{delegation_id}/{act}")
async def answer(
    delegation_id: str,
    act: Literal["terima", "tolak", "akhiri"],
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
) -> Response:
    """Take it on, leave it, or end it."""
    typed = dict(await posted(request))
    key = key_for(typed.get("key", ""), [act, delegation_id])
    try:
        if act == "terima":
            await accept(delegation_id, rooms, caller, key)
        elif act == "tolak":
            await decline(delegation_id, rooms, caller, key)
        else:
            await end(delegation_id, rooms, caller)
    except Problem as refused:
        return await _shown(rooms, caller, refused=refusal_of(refused))
    done = {"terima": DelegationState.ACCEPTED, "tolak": DelegationState.DECLINED, "akhiri": DelegationState.ENDED}
    return seen(f"/pelimpahan?hasil={done[act].value}")


async def _shown(
    rooms: Rooms,
    caller: Caller,
    *,
    typed: Mapping[str, str] = NOTHING,
    refused: Refusal | None = None,
    done: str = "",
) -> Response:
    hr = GrantedRole.HR in caller.granted
    async with rooms.database.transaction() as connection:
        last = await lasting(connection, caller.nip, rooms.now())
        past = await over(connection, caller.nip, rooms.now(), PAST_MAX)
        others, total = await lasting_of_others(connection, caller.nip, rooms.now(), SHOWN_MAX) if hr else ([], 0)
    near = await suggested(rooms, caller)
    own = [*reversed(last), *past]
    return page(
        "pelimpahan.html",
        status=refused.status if refused else 200,
        caller=caller,
        local=rooms.local,
        given=_with(own, "principal", caller.nip),
        received=_with(own, "delegate", caller.nip),
        over={one["id"] for one in past},
        past_max=PAST_MAX if len(past) == PAST_MAX else None,
        others=others,
        total=total,
        suggested=near,
        hr=hr,
        typed=typed,
        refused=refused,
        done=done,
        fields=FIELDS,
        key=str(uuid4()),
    )


def _with(found: Sequence[dict[str, object]], whose: str, nip: str) -> list[dict[str, object]]:
    """Those in which this person has that part."""
    return [one for one in found if isinstance(who := one[whose], Mapping) and who["nip"] == nip]
