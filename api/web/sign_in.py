"""Signing in and out. In local mode by NIP alone, for the demo agency's personas."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Response
from fastapi.responses import RedirectResponse

from api import tokens
from api.problems import Problem
from api.rooms import RoomsDep
from api.security import COOKIE, caller_of
from api.web import desk
from api.web.door import SIGN_IN, page, page_router, seen

router = page_router()


@router.get(SIGN_IN)
async def sign_in_page(rooms: RoomsDep) -> Response:
    found = []
    if rooms.local:
        async with rooms.database.transaction() as connection:
            found = await desk.personas(connection, rooms.now())
    return page("masuk.html", local=rooms.local, personas=found)


@router.post(SIGN_IN)
async def sign_in(rooms: RoomsDep, nip: Annotated[str, Form(max_length=40)]) -> Response:
    if not rooms.local or rooms.tokens.secret is None:
        raise Problem("not_found")
    wanted = "".join(nip.split())
    async with rooms.database.transaction() as connection:
        known = await caller_of(connection, wanted, rooms.now())
        if known is None:
            found = await desk.personas(connection, rooms.now())
            return page("masuk.html", status=422, local=True, personas=found, refused=True)
    entered = RedirectResponse("/", 303)
    entered.set_cookie(
        COOKIE,
        tokens.issue(rooms.tokens, known.nip, rooms.now()),
        max_age=int(tokens.LIFETIME.total_seconds()),
        path="/",
        secure=rooms.secure_cookie,
        httponly=True,
        samesite="lax",
    )
    return entered


@router.post("/keluar")
async def sign_out() -> Response:
    left = seen(SIGN_IN)
    left.delete_cookie(COOKIE, path="/")
    return left
