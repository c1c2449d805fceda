"""Completes the OpenAPI document: every answer a route can give, the refusals included, with their headers.

What the door, the lock and the exception handlers may answer is the same for all routes of a kind, so it is written here once; what is
particular to a route stands at the route.
"""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI

Node = dict[str, object]

API = "/api/v1"
WITH_BODY = frozenset({"post", "put", "patch", "delete"})
OPEN = frozenset({f"{API}/dev/token"})
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
    "500": "An error of ours, logged; nothing was left half done.",
    "503": "Database or engine are away; repeat with the same key.",
}
FILES = {
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "/metrics": "text/plain",
}
VERSIONED = ("/forms/{form}", "/cycles/{cycle_id}", "/calendar", "/appraisals/{appraisal_id}")
"""Ends of addresses whose answers carry an `ETag`."""

PROBLEM: Node = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; further members say more about it (`version`, `state`, `waits_on`, `limit`).",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z_]+$"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
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
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "session": {"type": "apiKey", "in": "cookie", "name": "siklus_session"},
    }
    document["servers"] = [{"url": "/"}]
    for path, operations in _node(document, "paths").items():
        for method, operation in cast(Node, operations).items():
            _complete_operation(path, method, cast(Node, operation))
    return document


def _complete_operation(path: str, method: str, operation: Node) -> None:
    responses = _node(operation, "responses")
    locked = path.startswith(API) and path not in OPEN
    if locked:
        operation["security"] = [{"bearer": []}, {"session": []}]
    for status in _refusals(method, operation, locked=locked):
        own = cast(Node, responses.get(status, {}))
        if status == "422" or "content" not in own:
            responses[status] = _refusal(status, own)
    for status, response in responses.items():
        if status.startswith("2"):
            _complete_success(path, method, cast(Node, response))


def _refusals(method: str, operation: Node, *, locked: bool) -> set[str]:
    statuses = {"404", "422", "500", "503"}
    if locked:
        statuses |= {"401", "403"}
    if method in WITH_BODY:
        statuses |= {"400", "403", "413"}
        if "requestBody" in operation:
            statuses.add("415")
        if locked:
            statuses |= {"409", "412", "428"}
    return statuses


def _refusal(status: str, own: Node) -> Node:
    made: Node = {
        "description": own.get("description") if status != "422" and own.get("description") else REFUSALS[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "headers": _headers("X-Request-Id", "Content-Language"),
    }
    if status == "503":
        made["headers"] = _headers("X-Request-Id", "Content-Language", "Retry-After")
    if status == "401":
        made["headers"] = _headers("X-Request-Id", "Content-Language", "WWW-Authenticate")
    return made


def _complete_success(path: str, method: str, response: Node) -> None:
    kind = next((kind for end, kind in FILES.items() if path.endswith(end)), None)
    if kind is not None:
        response["content"] = {kind: {"schema": {"type": "string"}}}
    names = ["X-Request-Id"]
    if method == "post":
        names.append("Idempotency-Key")
    if path.endswith(VERSIONED):
        names.append("ETag")
    response["headers"] = {**_headers(*names), **cast(Node, response.get("headers", {}))}


def _headers(*names: str) -> Node:
    return {name: {"schema": {"type": "string"}} for name in names}


def _node(parent: Node, name: str) -> Node:
    return cast(Node, parent.setdefault(name, {}))
