"""What every page passes: how a page is made, and how a refusal or an ended sign-in becomes one.

Where something was posted, what was typed is in the answer, to be posted again or copied (decision 37).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from activities.facts import PackUnreadable
from api import words
from api.act_bodies import ActBody
from api.limits import API
from api.problem_catalogue import CATALOGUE
from api.problems import Problem, answer, as_document, headers_of, of_database, of_pack
from api.security import COOKIE
from api.validation import from_request
from api.web import sayings, written
from api.web.language import NAMES, Words, chosen, gettext, here, ngettext, reading, spoken

log = structlog.stdlib.get_logger("siklus.request")
HERE = Path(__file__).parent
FIELDS_MAX = 20_000
"""More inputs than any form has rows for; what is larger the door has refused by its bytes."""
VERSION_DIGITS = 10
SIGN_IN = "/masuk"
HTML = "text/html"
UNWRITTEN = re.compile(r"(version|year|key|press|do|name|digest|language|id|replaces)($|-)")
"""Inputs that hold no words of hers."""
PAGES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
PAGES.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
PAGES.globals |= {"words": Words(words), "sayings": Words(sayings), "spoken": spoken, "here": here, "languages": NAMES}
PAGES.filters["lower_first"] = lambda said: said[:1].lower() + said[1:]
PAGES.filters["figure"] = lambda value: written.figure(value, spoken())
PAGES.filters["decimal"] = lambda said: written.decimal(said, spoken())
PAGES.filters["in_language"] = lambda said: said.say(spoken())


Body = TypeVar("Body", bound=BaseModel)


def page(name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: object) -> HTMLResponse:
    """The page of that template."""
    told = {"Content-Language": spoken(), **(headers or {})}
    return HTMLResponse(PAGES.get_template(name).render(shown), status, told)


def seen(path: str) -> RedirectResponse:
    """On to a page after something was posted, so that reloading it posts nothing."""
    return RedirectResponse(path, 303)


async def posted(request: Request) -> Sequence[tuple[str, str]]:
    """The inputs of this post, in their order; a file is none. Raises `nul_character`, which the door sees in no form of several parts."""
    found = (await _form(request)).multi_items()
    if any("\x00" in said for name, value in found for said in (name, _said(value))):
        raise Problem("nul_character")
    return [(name, value) for name, value in found if isinstance(value, str)]


async def _form(request: Request) -> FormData:
    return await request.form(max_fields=FIELDS_MAX)


def _said(value: UploadFile | str) -> str:
    """What was typed, or the name of the file that was chosen."""
    return value if isinstance(value, str) else value.filename or ""


def key_for(key: str, said: object) -> str:
    """The key of an act that says this, asked for by a page with that key.

    Pressed twice or again with the same words it is one act; with other words it is another, whatever became of the first.
    """
    return str(uuid5(NAMESPACE_URL, f"{key}/{json.dumps(said, sort_keys=True)}"))


def version_in(written: str) -> int | None:
    """The version that a page was made of, as it was posted; what is none is not asked for."""
    return int(written) if written.isdecimal() and len(written) < VERSION_DIGITS else None


def act_body(said: Mapping[str, object]) -> ActBody:
    """What was typed beside a button as the body of its act. Raises `invalid_input`."""
    return body_of(ActBody, said)


def body_of(model: type[Body], said: Mapping[str, object]) -> Body:
    """What was typed as the body that the api takes. Raises `invalid_input`."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise from_request(RequestValidationError(found)) from error


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


@dataclass(frozen=True)
class Held:
    """What was posted and went no further: where to, all of it, and of it the words."""

    path: str
    query: str
    typed: Sequence[tuple[str, str]]
    written: Sequence[str]


def told(problem: Problem) -> dict[str, object]:
    """The members of a problem as a page says them: plainly, and with a field's name as the page has it."""
    said = as_document(problem, spoken())
    # In any language: a page says only where the sentence does not that the draft is kept.
    said["says_kept"] = "tersimpan" in CATALOGUE[problem.code].detail.id
    if problem.code in sayings.PLAINLY:
        said["title"], said["detail"] = (gettext(one) for one in sayings.PLAINLY[problem.code])
    if field := str(said.get("field", "")):
        said["detail"] = re.sub(rf"\b{re.escape(field)}\b", words.word(sayings.FIELDS, field), str(said["detail"]))
    return said


class PageRoute(APIRoute):
    """A route whose refusals are pages; without a session it leads to the sign-in, or holds what was typed until there is one.

    All of its answer, also what is still sent after the route's function has returned, is in the language of this browser.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        query = f"?{request.url.query}" if request.url.query else ""
        with reading(chosen(request.cookies), request.url.path + query):
            await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                problem = problem_of(error)
                if isinstance(error, HTTPException):
                    raise
                if problem is None:
                    log.error("unexpected", exc_info=error)
                    problem = Problem("internal_error")
            if problem.code in ("unauthenticated", "unknown_person"):
                return await _signed_out(request)
            return await _refused(request, problem)

        return handle_as_page


async def _refused(request: Request, problem: Problem) -> Response:
    """The refusal as a page, with what was typed."""
    return _refusal(problem, await _held(request))


def _refusal(problem: Problem, held: Held) -> Response:
    status = CATALOGUE[problem.code].status
    return page("galat.html", status=status, headers=headers_of(problem), told=told(problem), held=held)


def tell(request: Request, problem: Problem) -> Response:
    """What was refused before any page could be made: as one to a browser that is on its way to one, else as a problem document."""
    if request.url.path.startswith(API) or HTML not in request.headers.get("accept", ""):
        return answer(request, problem)
    return _refusal(problem, Held(request.url.path, "", (), ()))


async def _signed_out(request: Request) -> Response:
    held = await _held(request)
    left: Response = page("sesi.html", status=401, held=held) if held.typed else seen(SIGN_IN)
    left.delete_cookie(COOKIE, path="/")
    return left


async def _held(request: Request) -> Held:
    """What was typed on the way to here. Who signs in has typed nothing to keep."""
    found = (await _form(request)).multi_items() if request.method == "POST" and request.url.path != SIGN_IN else ()
    typed = [
        (name, value.replace("\x00", "")) for name, value in found if isinstance(value, str) and "\x00" not in name
    ]
    written = [value for name, value in typed if value.strip() and not UNWRITTEN.match(name)]
    return Held(request.url.path, request.url.query, typed, written)


def page_router() -> APIRouter:
    """A router whose routes are pages, which the api's document does not name."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)
