"""Completes the OpenAPI document: every answer a route can give, the refusals included, with their headers.

What the door, the lock and the exception handlers may answer is the same for all routes of a kind, so it is written here once; what is
particular to a route stands at the route.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from api.problem_shown import ProblemOut, codes_of

Node = dict[str, object]

API = "/api/v1"
WITH_BODY = frozenset({"post", "put", "patch", "delete"})
OPEN = frozenset({f"{API}/dev/token", f"{API}/public/units/{{unit}}/remarks"})
"""What answers without a token."""

REFUSALS = {
    "400": "The body is not JSON that can be kept.",
    "401": "No valid token.",
    "403": "The caller may not do or see this, or another site asked for it.",
    "404": "There is nothing at this address.",
    "409": "Not possible in the present state; nothing was changed.",
    "412": "`If-Match` names an old version; the answer says the current one.",
    "413": "The body is too large.",
    "415": "The body is of a kind this address does not take.",
    "422": "The input cannot be taken, or the key was used for something else.",
    "428": "This change needs `If-Match`.",
    "429": "Too much was asked from here; the answer says when to try again.",
    "500": "An error of ours, logged; nothing was left half done.",
    "503": "Database or engine are away; repeat with the same key.",
}
TOLD_WITH = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
"""The header that comes with a refusal of this status."""

FILES = {
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "/metrics": "text/plain",
}
VERSIONED = ("/forms/{form}", "/cycles/{cycle_id}", "/calendar", "/appraisals/{appraisal_id}")
"""Ends of addresses whose answers carry an `ETag`."""

SCHEMAS = "#/components/schemas/"
LANGUAGE: Node = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "`en` for English sentences; anything else is answered in Indonesian.",
    "schema": {"type": "string"},
}


def install(app: FastAPI) -> None:
    """Let the application describe itself completely; made once, when first asked for."""

    def describe() -> Node:
        if app.openapi_schema is None:
            app.openapi_schema = complete(FastAPI.openapi(app))
        return app.openapi_schema

    setattr(app, "openapi", describe)  # noqa: B010 - FastAPI's documented way to replace it, which is a method to mypy


def complete(document: Node) -> Node:
    """The document with everything that is true of all routes of a kind."""
    components = _node(document, "components")
    schemas = _node(components, "schemas")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_problem_schemas())
    _node(components, "parameters")["Accept-Language"] = LANGUAGE
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "session": {"type": "apiKey", "in": "cookie", "name": "siklus_session"},
    }
    document["servers"] = [{"url": "/"}]
    for path, operations in _node(document, "paths").items():
        for method, operation in cast(Node, operations).items():
            _complete_operation(path, method, cast(Node, operation))
    return document


def _problem_schemas() -> Node:
    """The problem document, and for each status what its refusals have in common."""
    _, made = models_json_schema([(ProblemOut, "serialization")], ref_template=SCHEMAS + "{model}")
    return cast(Node, made["$defs"]) | {f"Refused{status}": _refused(int(status)) for status in REFUSALS}


def _refused(status: int) -> Node:
    said: Node = {"status": {"const": status}, "code": {"enum": codes_of(status)}}
    return {"type": "object", "title": f"Refused with {status}", "required": [*said], "properties": said}


def _complete_operation(path: str, method: str, operation: Node) -> None:
    responses = _node(operation, "responses")
    cast(list[Node], operation.setdefault("parameters", [])).append({"$ref": "#/components/parameters/Accept-Language"})
    locked = path.startswith(API) and path not in OPEN
    if locked:
        operation["security"] = [{"bearer": []}, {"session": []}]
    for status in {*_refusals(path, method, operation, locked=locked), *(s for s in responses if s in REFUSALS)}:
        own = cast(Node, responses.get(status, {}))
        if status == "422" or "content" not in own or _own_problem(own):
            responses[status] = _refusal(status, own)
    operation["responses"] = dict(sorted(responses.items()))
    for status, response in responses.items():
        _complete_response(path, method, status, cast(Node, response))


def _refusals(path: str, method: str, operation: Node, *, locked: bool) -> Iterator[str]:
    yield from ("422", "500", "503")
    if "{" in path or not path.startswith(API):
        yield "404"
    if locked:
        yield from ("401", "403")
    if method in WITH_BODY:
        yield from ("400", "403", "413")
        if locked:
            yield "409"
        if "requestBody" in operation:
            yield "415"
        if any(parameter.get("name") == "if-match" for parameter in cast(list[Node], operation["parameters"])):
            yield "412"


def _refusal(status: str, own: Node) -> Node:
    """A problem document with one of the codes of this status; `own` is what the route says of it."""
    described = own.get("description") if status != "422" else None
    shape = {"$ref": _own_problem(own) or SCHEMAS + ProblemOut.__name__}
    of_status = {"$ref": f"{SCHEMAS}Refused{status}"}
    return {
        "description": described or REFUSALS[status],
        "content": {"application/problem+json": {"schema": {"allOf": [shape, of_status]}}},
        "headers": _headers("Content-Language"),
    }


def _own_problem(own: Node) -> str | None:
    """Where the route's own shape of this problem is described; None where it has none, or answers something else."""
    content = cast(Node, own.get("content", {}))
    place = cast(Node, cast(Node, content.get("application/json", {})).get("schema", {})).get("$ref")
    theirs = {SCHEMAS + shape.__name__ for shape in ProblemOut.__subclasses__()}
    return str(place) if place in theirs else None


def _complete_response(path: str, method: str, status: str, response: Node) -> None:
    names = ["X-Request-Id"]
    if status in TOLD_WITH:
        names.append(TOLD_WITH[status])
    if status.startswith("2"):
        kind = next((kind for end, kind in FILES.items() if path.endswith(end)), None)
        if kind is not None:
            response["content"] = {kind: {"schema": {"type": "string"}}}
        if method == "post":
            names.append("Idempotency-Key")
        if path.endswith(VERSIONED):
            names.append("ETag")
    response["headers"] = {**_headers(*names), **cast(Node, response.get("headers", {}))}


def _headers(*names: str) -> Node:
    return {name: {"required": True, "schema": {"type": "string"}} for name in names}


def _node(parent: Node, name: str) -> Node:
    return cast(Node, parent.setdefault(name, {}))
