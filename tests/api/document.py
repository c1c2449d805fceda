"""The served OpenAPI document as a judge: whether an answer is one that it tells, to the last field."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from api.app import create_app
from tests.world import World

HERE = "urn:siklus:openapi"
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=(ValueError, AssertionError))
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@FORMATS.checks("uuid", raises=ValueError)
def _is_id(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


class Document:
    """Holds answers against the document and counts what it has seen, by method, address and status."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.seen: Counter[tuple[str, str, int]] = Counter()
        self._registry = Registry().with_resource(HERE, DRAFT202012.create_resource(document))
        self._validators: dict[str, Draft202012Validator] = {}
        # What has fewer parameters is the closer match, as for the router.
        by_closeness = sorted(document["paths"], key=lambda path: path.count("{"))
        self._templates = [(path, re.compile(_pattern(path))) for path in by_closeness]

    @property
    def operations(self) -> list[tuple[str, str]]:
        """Method and address of everything that can be asked."""
        return [(method.upper(), path) for path, ops in self.document["paths"].items() for method in ops]

    def operation_of(self, request: httpx.Request) -> str | None:
        """The address in the document that this request asked; None where it is none of its own."""
        asked = request.url.path
        fits = (path for path, pattern in self._templates if pattern.fullmatch(asked))
        return next((path for path in fits if request.method.lower() in self.document["paths"][path]), None)

    def differences(self, response: httpx.Response) -> list[str]:
        """What the answer has or lacks against the document; nothing for one that is asked outside of it."""
        path = self.operation_of(response.request)
        if path is None:
            return []
        method, status = response.request.method, str(response.status_code)
        self.seen[method, path, response.status_code] += 1
        told = self.document["paths"][path][method.lower()]["responses"].get(status)
        if told is None:
            return [f"{method} {path} is not said to answer {status}: {response.text[:400]}"]
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind not in told.get("content", {}):
            return [f"{method} {path} is not said to answer {status} with {kind!r}"]
        needed = (name for name, header in told["headers"].items() if header.get("required"))
        found = [f"the header {name} is missing" for name in needed if name not in response.headers]
        if kind.endswith("json"):
            place = _pointer("paths", path, method.lower(), "responses", status, "content", kind, "schema")
            errors = self._validator(place).iter_errors(response.json())
            found += [f"{error.json_path}: {error.message[:400]}" for error in errors]
        return [f"{method} {path} {status}: {one}" for one in found]

    async def check(self, response: httpx.Response) -> None:
        """For a client's event hook: the answer is as the document says. Raises `AssertionError`."""
        await response.aread()
        found = self.differences(response)
        assert not found, "\n".join(found)

    def _validator(self, place: str) -> Draft202012Validator:
        if place not in self._validators:
            schema = {"$ref": f"{HERE}#{place}"}
            self._validators[place] = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
        return self._validators[place]


@contextlib.contextmanager
def held_against_the_document(world: World) -> Iterator[World]:
    """The world, every answer of which is one that the document tells."""
    hooks = world.http.event_hooks
    world.http.event_hooks = {**hooks, "response": [served().check]}
    yield world
    world.http.event_hooks = hooks


def _pattern(path: str) -> str:
    return re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))


def _pointer(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def app() -> FastAPI:
    """The application, only to be described: nothing is started."""
    return create_app(lambda: None, local=True)  # type: ignore[arg-type,return-value]


@cache
def served() -> Document:
    """The document as it goes out, through JSON."""
    return Document(json.loads(json.dumps(app().openapi())))
