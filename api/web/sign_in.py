"""Signing in and out: by the agency's provider, and in local mode by NIP alone, for the demo agency's personas."""

from __future__ import annotations

import structlog
from fastapi import Request, Response

from api import tokens
from api.problems import Problem
from api.rooms import Provider, Rooms, RoomsDep, TokenRules
from api.security import COOKIE, caller_of
from api.web import desk
from api.web.door import SIGN_IN, page, page_router, posted, seen
from api.web.provider import ENTRY_COOKIE, ENTRY_LIFETIME, EntryRefusedError, begin, finish

router = page_router()
log = structlog.stdlib.get_logger("siklus.sign_in")


@router.get(SIGN_IN)
async def sign_in_page(rooms: RoomsDep) -> Response:
    found = []
    if rooms.local:
        async with rooms.database.transaction() as connection:
            found = await desk.personas(connection, rooms.now())
    return page("masuk.html", local=rooms.local, provider=rooms.provider is not None, personas=found)


@router.post(SIGN_IN)
async def sign_in(request: Request, rooms: RoomsDep) -> Response:
    """By NIP alone, in local mode."""
    if not rooms.local or rooms.sessions is None:
        raise Problem("not_found")
    wanted = "".join(dict(await posted(request)).get("nip", "").split())
    async with rooms.database.transaction() as connection:
        known = await caller_of(connection, wanted, rooms.now())
        if known is None:
            found = await desk.personas(connection, rooms.now())
            return page("masuk.html", status=422, local=True, personas=found, refused="unknown")
    return _entered(rooms, rooms.sessions, known.nip, "/")


@router.get(f"{SIGN_IN}/mulai")
async def begin_sign_in(rooms: RoomsDep, lanjut: str = "/") -> Response:
    """On to the provider, and from there back to `lanjut`."""
    provider, sessions = _provided(rooms)
    entry = await begin(rooms, provider, sessions, lanjut)
    leaves = seen(entry.goes_to)
    _keep(leaves, rooms, ENTRY_COOKIE, entry.cookie, int(ENTRY_LIFETIME.total_seconds()))
    return leaves


@router.get(f"{SIGN_IN}/kembali")
async def come_back(request: Request, rooms: RoomsDep) -> Response:
    """The provider's answer."""
    provider, sessions = _provided(rooms)
    cookie, answer = request.cookies.get(ENTRY_COOKIE, ""), dict(request.query_params)
    try:
        nip, goes_on = await finish(rooms, provider, sessions, request.app.state.issuer, cookie, answer)
    except EntryRefusedError as refused:
        log.info("sign_in_refused", why=str(refused)[:200])
        return page("masuk.html", status=403, local=False, provider=True, refused="provider")
    async with rooms.database.transaction() as connection:
        known = await caller_of(connection, nip, rooms.now())
    if known is None:
        return page("masuk.html", status=403, local=False, provider=True, refused="unknown")
    entered = _entered(rooms, sessions, known.nip, goes_on)
    entered.delete_cookie(ENTRY_COOKIE, path=SIGN_IN)
    return entered


@router.post("/keluar")
async def sign_out() -> Response:
    left = seen(SIGN_IN)
    left.delete_cookie(COOKIE, path="/")
    return left


def _provided(rooms: Rooms) -> tuple[Provider, TokenRules]:
    if rooms.provider is None or rooms.sessions is None:
        raise Problem("not_found")
    return rooms.provider, rooms.sessions


def _entered(rooms: Rooms, sessions: TokenRules, nip: str, goes_on: str) -> Response:
    entered = seen(goes_on)
    _keep(entered, rooms, COOKIE, tokens.issue(sessions, nip, rooms.now()), int(tokens.LIFETIME.total_seconds()))
    return entered


def _keep(response: Response, rooms: Rooms, name: str, value: str, seconds: int) -> None:
    path = "/" if name == COOKIE else SIGN_IN
    response.set_cookie(
        name, value, max_age=seconds, path=path, secure=rooms.secure_cookie, httponly=True, samesite="lax"
    )
