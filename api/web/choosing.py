"""Another language, by a link that every page has: it is kept in a cookie, and leads back to the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Query, Request, Response
from fastapi.routing import iter_route_contexts

from api.problems import Problem
from api.rooms import RoomsDep
from api.web.door import page_router, seen
from api.web.language import COOKIE, NAMES
from api.web.provider import safe

KEPT = timedelta(days=365)
BACK_MAX = 2_000
"""No address of ours is longer; it is held against every route, once for each of its parts."""
router = page_router()


@router.get("/bahasa/{language}")
async def choose(
    language: str, request: Request, rooms: RoomsDep, kembali: Annotated[str, Query(max_length=BACK_MAX)] = "/"
) -> Response:
    """From now on in this language, in this browser; `kembali` is the page that she was on."""
    if language not in NAMES:
        raise Problem("not_found")
    back = seen(_shown_at(request, safe(kembali)))
    back.set_cookie(
        COOKIE,
        language,
        max_age=int(KEPT.total_seconds()),
        path="/",
        secure=rooms.secure_cookie,
        httponly=True,
        samesite="lax",
    )
    return back


def _shown_at(request: Request, where: str) -> str:
    """The address, or the closest one above it that shows a page: what was answered to a post may have none of its own."""
    path = found = urlsplit(where).path
    pages = [one.path_regex for one in iter_route_contexts(request.app.routes) if "GET" in (one.methods or ())]
    while found != "/" and not any(regex.match(found) for regex in pages):
        found = found.rpartition("/")[0] or "/"
    return where if found == path else found
