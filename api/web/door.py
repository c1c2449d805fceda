"""What every page passes: how a page is made, and how a refusal or an ended sign-in becomes one.

Where something was posted, what was typed is in the answer (decision 37).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData

from activities.facts import PackUnreadable
from api import words
from api.problems import Problem, as_document, headers_of, of_database, of_pack
from api.security import COOKIE
from api.validation import from_request

HERE = Path(__file__).parent
FIELDS_MAX = 20_000
"""More inputs than any form has rows for; what is larger the door has refused by its bytes."""
SIGN_IN = "/masuk"
PAGES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.globals["words"] = words


def page(name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: object) -> HTMLResponse:
    """The page of that template."""
    return HTMLResponse(PAGES.get_template(name).render(shown), status, headers)


def seen(path: str) -> RedirectResponse:
    """On to a page after something was posted, so that reloading it posts nothing."""
    return RedirectResponse(path, 303)


async def posted(request: Request) -> Sequence[tuple[str, str]]:
    """The inputs of this post, in their order; a file is none."""
    found: FormData = await request.form(max_fields=FIELDS_MAX)
    return [(name, value) for name, value in found.multi_items() if isinstance(value, str)]


def problem_of(error: Exception) -> Problem | None:
    """The problem that this error is to whoever asked; None for a mistake of ours."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return from_request(error)
        case PackUnreadable():
            return of_pack(error)
        case SQLAlchemyError() | OSError():
            return of_database(error)
    return None


class PageRoute(APIRoute):
    """A route whose refusals are pages; without a session it leads to the sign-in, or holds what was typed until there is one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise
            if problem.code in ("unauthenticated", "unknown_person"):
                return await _signed_out(request)
            told = as_document(problem, "id")
            return page(
                "galat.html",
                status=int(str(told["status"])),
                headers=headers_of(problem),
                title=told["title"],
                detail=told["detail"],
            )

        return handle_as_page


async def _signed_out(request: Request) -> Response:
    typed = await posted(request) if request.method == "POST" and request.url.path != SIGN_IN else ()
    left: Response = seen(SIGN_IN)
    if typed:
        left = page("sesi.html", status=401, path=request.url.path, query=request.url.query, typed=typed)
    left.delete_cookie(COOKIE, path="/")
    return left


def page_router() -> APIRouter:
    """A router whose routes are pages, which the api's document does not name."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)
