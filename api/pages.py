"""The pages: sign in, what waits on me, one appraisal, the outbox. HTML made on the server, useful without JavaScript.

A page reads and shows; only signing in and out are posted, and the door refuses those from another site. What went wrong is told as a
page too, in the words of the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader
from sqlalchemy.exc import SQLAlchemyError

from activities.facts import PackUnreadable
from api import desk, tokens, words
from api.appraisal_view import appraisal_view
from api.earlier_shown import earlier_shown
from api.follow_ups import follow_ups_view
from api.inbox import tasks_of, waiting_on
from api.loading import load
from api.problems import Problem, as_document, headers_of, of_database, of_pack
from api.programmes import programmes_about
from api.rooms import RoomsDep
from api.security import COOKIE, CallerDep, caller_of
from api.trails import newest
from api.validation import from_request
from models.vocabulary import GrantedRole

HERE = Path(__file__).parent
SHOWN_MAX = 100
EVENTS_MAX = 200
OVERSIGHT = frozenset({GrantedRole.HR, GrantedRole.BOARD, GrantedRole.AUDITOR})

PAGES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.globals["words"] = words


class PageRoute(APIRoute):
    """A route whose refusals are pages; without a session it leads to the sign-in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                problem = from_request(error)
            except Problem as refused:
                problem = refused
            except PackUnreadable as error:
                problem = of_pack(error)
            except (SQLAlchemyError, OSError) as error:
                problem = of_database(error)
            if problem.code in ("unauthenticated", "unknown_person"):
                leave = RedirectResponse("/masuk", 303)
                leave.delete_cookie(COOKIE, path="/")
                return leave
            told = as_document(problem, "id")
            return page(
                "galat.html",
                status=int(str(told["status"])),
                headers=headers_of(problem),
                title=told["title"],
                detail=told["detail"],
            )

        return handle_as_page


router = APIRouter(include_in_schema=False, route_class=PageRoute)


def page(name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: object) -> HTMLResponse:
    return HTMLResponse(PAGES.get_template(name).render(shown), status, headers)


@router.get("/masuk")
async def sign_in_page(rooms: RoomsDep) -> Response:
    found = []
    if rooms.local:
        async with rooms.database.transaction() as connection:
            found = await desk.personas(connection, rooms.now())
    return page("masuk.html", local=rooms.local, personas=found)


@router.post("/masuk")
async def sign_in(rooms: RoomsDep, nip: Annotated[str, Form(max_length=40)]) -> Response:
    """Local mode: by NIP alone, for the demo agency's personas."""
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
    left = RedirectResponse("/masuk", 303)
    left.delete_cookie(COOKIE, path="/")
    return left


@router.get("/")
async def home(rooms: RoomsDep, caller: CallerDep) -> Response:
    async with rooms.database.transaction() as connection:
        waiting = await waiting_on(connection, rooms, caller)
        tasks = await tasks_of(connection, rooms, caller, waiting[:SHOWN_MAX])
        own = await desk.own_years(connection, caller.person_id)
        earlier = await earlier_shown(connection, caller.person_id)
        bars = await desk.bars(connection, rooms.now()) if caller.granted & OVERSIGHT else []
    return page(
        "beranda.html",
        caller=caller,
        local=rooms.local,
        tasks=tasks,
        total=len(waiting),
        own=own,
        earlier=earlier,
        bars=bars,
        now=rooms.now(),
    )


@router.get("/penilaian/{appraisal_id}")
async def appraisal(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        shown = await appraisal_view(connection, rooms, caller, loaded, "id")
        following = await follow_ups_view(connection, rooms, loaded.id, loaded.row["revision"], "id")
        programmes = await programmes_about(connection, rooms, caller, str(loaded.row["person_id"]), loaded.id)
        trail, events = await newest(connection, loaded, caller, EVENTS_MAX)
    return page(
        "penilaian.html",
        caller=caller,
        local=rooms.local,
        it=shown,
        following=following,
        programmes=programmes,
        zone=str(loaded.row["zone"]),
        trail=trail,
        events=events,
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


@router.get("/static/siklus.css")
async def style() -> Response:
    return FileResponse(HERE / "static" / "siklus.css", media_type="text/css", headers={"Cache-Control": "max-age=300"})
