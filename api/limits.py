"""The door every request passes before a route sees it: how large, which kind, whether it is text that can be kept.

What gets past needs no such question again in any route. Every answer carries the headers that keep a browser from
doing more than it should, and every request one log line, without a NIP: the route's template, never its address.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from functools import cached_property
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics
from api.plain_json import refusal
from api.problems import Problem, answer

JSON_BYTES_MAX = 1024 * 1024
MULTIPART_BYTES_MAX = 12 * 1024 * 1024
DRAIN_BYTES_MAX = 32 * 1024 * 1024
DRAIN_SECONDS_MAX = 10.0
API = "/api/"
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
NIP = re.compile(r"^\d{18}$")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
log = structlog.stdlib.get_logger("siklus.request")


Tells = Callable[[Request, Problem], Response]
"""How a refusal is told to whoever asked."""


def install(app: FastAPI, tell: Tells = answer) -> None:
    """Put the door in front of the application, and the watch in front of the door."""
    app.add_middleware(Door, kinds=Kinds(app), tell=tell)
    app.add_middleware(Watch, tell=tell)


class Kinds:
    """Which kind of body each address takes, as its route declares it; the OpenAPI document says the same.

    Asked of the routes, because the document takes a second to make and the first who sends something would wait for it.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _known(self) -> list[tuple[re.Pattern[str], frozenset[str], str]]:
        return [
            (route.path_regex, frozenset(route.methods or ()), route.body_field.field_info.media_type)
            for route in iter_route_contexts(self._app.routes)
            if isinstance(route.original_route, APIRoute) and route.include_in_schema and route.body_field
        ]

    def of(self, method: str, path: str) -> str | None:
        """None where no route declares one: an unknown address, or one without a body."""
        return next((kind for regex, methods, kind in self._known if method in methods and regex.match(path)), None)


class Watch:
    """Gives each request its id, its headers on the way out, its log line and its place in the metrics.

    A mistake of ours ends here too: further out the answer would have neither id nor headers, and the log not the id.
    """

    def __init__(self, app: ASGIApp, tell: Tells) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        sent = Headers(scope=scope).get("x-request-id", "")
        # An id that looks like a NIP would be one in the log.
        request_id = sent if REQUEST_ID.match(sent) and not NIP.match(sent) else str(uuid4())
        status, began, begun = 500, time.perf_counter(), False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                log.error("unexpected", exc_info=error)
                if begun:
                    raise
                response = self._tell(Request(scope), Problem("internal_error"))
                await response(scope, receive, send_with_headers)
            finally:
                _note(scope, status, time.perf_counter() - began)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted as one: a caller must not be able to make series of our metrics."""


def _note(scope: Scope, status: int, seconds: float) -> None:
    template = str(getattr(scope.get("route"), "path", "none"))
    method = scope["method"] if scope["method"] in METHODS else "other"
    metrics.REQUESTS.labels(method, template, str(status)).inc()
    metrics.DURATION.labels(method, template).observe(seconds)
    if template not in ("/healthz", "/readyz", "/metrics"):
        log.info("request", method=method, route=template, status=status, ms=round(seconds * 1000, 1))


class Door:
    """Refuses what no route could use; hands on a JSON body as it came, read once."""

    def __init__(self, app: ASGIApp, kinds: Kinds, tell: Tells) -> None:
        self._app = app
        self._kinds = kinds
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        inbox = Inbox(receive)
        try:
            if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
                raise Problem("nul_character")
            if any(b"\x00" in value for _, value in scope["headers"]):
                raise Problem("nul_character")
            streams = scope["method"] in METHODS_WITH_BODY and await self._checked(scope, inbox)
        except Problem as problem:
            return await self._refuse(scope, inbox, send, problem)
        if streams:
            return await self._streamed(scope, inbox, send)
        return await self._app(scope, inbox.again, send)

    async def _checked(self, scope: Scope, inbox: Inbox) -> bool:
        """Whether the route reads the body by itself, else it was read here. Raises the problem the request has."""
        headers = Headers(scope=scope)
        if is_foreign(headers):
            raise Problem("foreign_origin")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        length = headers.get("content-length", "")
        inbox.limit = MULTIPART_BYTES_MAX if kind == MULTIPART else JSON_BYTES_MAX
        if _is_over(length, inbox.limit):
            raise Problem("body_too_large", limit=inbox.limit)
        taken = self._kinds.of(scope["method"], scope["path"])
        if kind == MULTIPART and taken in (None, MULTIPART):
            return True
        body = await inbox.whole()
        if body and taken and kind != taken:
            raise Problem("unsupported_media_type", expected=taken)
        if body and kind == JSON and (problem := refusal(body)):
            raise problem
        if body and kind == URLENCODED and (b"%00" in body or b"\x00" in body):
            raise Problem("nul_character")
        return False

    async def _streamed(self, scope: Scope, inbox: Inbox, send: Send) -> None:
        """Counts a large body while the route reads it; one too large is refused whatever the route made of it."""
        begun = False

        async def send_unless_too_large(message: Message) -> None:
            nonlocal begun
            if inbox.too_large and not begun:
                return
            begun = True
            await send(message)

        try:
            await self._app(scope, inbox.receive_limited, send_unless_too_large)
        finally:
            if inbox.too_large and not begun:
                await self._refuse(scope, inbox, send, Problem("body_too_large", limit=inbox.limit))

    async def _refuse(self, scope: Scope, inbox: Inbox, send: Send, problem: Problem) -> None:
        if not inbox.ended and scope["method"] in METHODS_WITH_BODY:
            problem.headers["Connection"] = "close"
            # A caller still sending would see a reset connection in place of the answer.
            if "100-continue" not in Headers(scope=scope).get("expect", "").lower():
                await inbox.drain()
        response = self._tell(Request(scope), problem)
        await response(scope, inbox.again, send)


def is_foreign(headers: Headers) -> bool:
    """Whether a page of another site makes the browser send this, with whatever cookie it has of us.

    What brings a token by itself rides on no cookie. `Sec-Fetch-Site` is the browser's own word; without it the origin
    is asked.
    """
    if "authorization" in headers:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and _host_of(origin) != headers.get("host")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address of any site
        return ""


def _is_over(length: str, limit: int) -> bool:
    """Whether an announced length is a number over the limit, of however many digits."""
    digits = length.lstrip("0")
    return length.isdecimal() and (len(digits) > len(str(limit)) or int(digits or "0") > limit)


class _TooLarge(Exception):
    """Ends the reading of a body that is over its limit."""


class Inbox:
    """The body of one request, counted as it comes in."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._body = b""
        self._count = 0
        self._handed_on = False
        self.limit = JSON_BYTES_MAX
        self.ended = False
        self.too_large = False

    async def receive_limited(self) -> Message:
        """For a route that reads by itself."""
        message = await self._next()
        if self.too_large:
            raise _TooLarge
        return message

    async def whole(self) -> bytes:
        """The body up to its limit. Raises `body_too_large`."""
        parts = []
        while not self.ended:
            message = await self._next()
            if self.too_large:
                raise Problem("body_too_large", limit=self.limit)
            parts.append(message.get("body", b""))
        self._body = b"".join(parts)
        return self._body

    async def again(self) -> Message:
        """For a route that reads what was read here already."""
        if self._handed_on or not self.ended:
            return await self._receive()
        self._handed_on = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def drain(self) -> None:
        """Read and forget the rest, within bounds of size and time."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS_MAX):
                while not self.ended and self._count < DRAIN_BYTES_MAX:
                    await self._next()
        except TimeoutError:
            return

    async def _next(self) -> Message:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        self.too_large = self.too_large or self._count > self.limit
        self.ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message
