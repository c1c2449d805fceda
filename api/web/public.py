"""What anybody may open without signing in: the form in which the public says something of a unit's service."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import Query, Request, Response

from api.named import unit_of, units_shown
from api.problem_catalogue import CATALOGUE
from api.problems import Problem, headers_of
from api.public_input import PublicRemark, UnitPath, cycle_that_hears, heard, units_to_speak_of
from api.rooms import Rooms, RoomsDep
from api.web.door import body_of, key_for, page, page_router, posted, seen, told
from api.web.noting import at_fields, said_of
from models.remarks import RemarkKind

SHOWN_MAX = 200
FIELDS = ("kind", "text", "service", "programme")
router = page_router()


@router.get("/layanan")
async def units(rooms: RoomsDep, cari: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The units of which something may be said; `cari` is a part of a name."""
    async with rooms.database.transaction() as connection:
        listed = await units_to_speak_of(connection, rooms)
    found = [one for one in listed if cari.strip().lower() in one["name"].lower()]
    return page("layanan.html", units=found[:SHOWN_MAX], more=len(found) > SHOWN_MAX, any=bool(listed), sought=cari)


@router.get("/layanan/{unit}")
async def about(unit: UnitPath, rooms: RoomsDep, terkirim: bool = False) -> Response:
    return await _shown(rooms, unit, sent=terkirim, typed={})


@router.post("/layanan/{unit}")
async def say(unit: UnitPath, request: Request, rooms: RoomsDep) -> Response:
    typed = dict(await posted(request))
    try:
        said = {name: str(value).replace("\r\n", "\n") for name, value in said_of(typed, FIELDS).items()}
        address = request.client.host if request.client else None
        await heard(rooms, unit, body_of(PublicRemark, said), address, key_for(typed.get("key", ""), [unit, said]))
    except Problem as refused:
        if refused.code == "not_found":
            raise
        return await _shown(rooms, unit, typed=typed, refused=refused)
    return seen(f"/layanan/{unit}?terkirim=1")


async def _shown(
    rooms: Rooms, code: str, *, sent: bool = False, typed: dict[str, str], refused: Problem | None = None
) -> Response:
    async with rooms.database.transaction() as connection:
        unit = await unit_of(connection, code)
        if unit is None:
            raise Problem("not_found")
        await cycle_that_hears(connection, rooms, unit)
        named = (await units_shown(connection, [unit]))[unit]
    return page(
        "masukan.html",
        status=CATALOGUE[refused.code].status if refused else 200,
        headers=headers_of(refused) if refused else None,
        unit=named,
        kinds=list(RemarkKind),
        sent=sent,
        typed=typed,
        refused=told(refused) if refused else None,
        wrong=at_fields(refused),
        key=str(uuid4()),
    )
