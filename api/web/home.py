"""The first page: what waits on me, my years, and for who oversees an agency its bar. And what was told to whom."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import FileResponse

from api.earlier_shown import earlier_shown
from api.feedback_asked import asks_anybody
from api.inbox import tasks_of, waiting_on
from api.problems import Problem
from api.rooms import RoomsDep
from api.security import CallerDep
from api.web import desk
from api.web.door import HERE, page, page_router
from models.vocabulary import GrantedRole

SHOWN_MAX = 100
SCRIPTS = ("siklus.js", "langsung.js", "perkiraan.js", "hitung.js", "pintasan.js")
STATIC = {"siklus.css": "text/css", "siklus.svg": "image/svg+xml", **dict.fromkeys(SCRIPTS, "text/javascript")}
router = page_router()


@router.get("/")
async def home(rooms: RoomsDep, caller: CallerDep) -> Response:
    async with rooms.database.transaction() as connection:
        waiting = await waiting_on(connection, rooms, caller)
        tasks = await tasks_of(connection, rooms, caller, waiting[:SHOWN_MAX])
        own = await desk.own_years(connection, caller.person_id)
        peers = await asks_anybody(connection, rooms)
        earlier = await earlier_shown(connection, caller.person_id)
        bars = await desk.bars(connection, rooms.now()) if caller.granted & desk.OVERSIGHT else []
    return page(
        "beranda.html",
        caller=caller,
        local=rooms.local,
        tasks=tasks,
        total=len(waiting),
        own=own,
        peers=peers,
        earlier=earlier,
        bars=bars,
        now=rooms.now(),
    )


@router.get("/notifikasi")
async def outbox(rooms: RoomsDep, caller: CallerDep) -> Response:
    """What was told to whom; in local mode, where no mail leaves, this is where it can be read."""
    if not rooms.local:
        raise Problem("not_found")
    caller.needs(GrantedRole.HR)
    async with rooms.database.transaction() as connection:
        letters, total = await desk.letters(connection, rooms, SHOWN_MAX)
    return page("notifikasi.html", caller=caller, local=True, letters=letters, total=total)


@router.get("/static/{name}")
async def static(name: str) -> Response:
    if name not in STATIC:
        raise Problem("not_found")
    return FileResponse(HERE / "static" / name, media_type=STATIC[name], headers={"Cache-Control": "max-age=300"})
