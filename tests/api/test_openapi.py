"""The contract in machine-readable form: the OpenAPI document tells every answer, and real answers are what it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.limits import Kinds
from models.vocabulary import Form
from tests.api.asking import Desk
from tests.api.calls import CALLS
from tests.api.document import app, served
from tests.api.mid_year import stand_at
from tests.world import World

OPEN = ("/api/v1/dev/token", "/api/v1/public/units/{unit}/remarks")
"""What is asked without a token."""

DOCUMENT = served().document
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, of_path in DOCUMENT["paths"].items():
        for method, operation in of_path.items():
            yield method, path, operation


def answered() -> set[str]:
    """The names of all schemas that an answer, or a part of one, may have."""
    todo = [name for _, _, operation in operations() for name in references(operation["responses"])]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += references(SCHEMAS[name])
    return found


def references(node: object) -> list[str]:
    if isinstance(node, list):
        return [name for inner in node for name in references(inner)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
    return own + [name for inner in node.values() for name in references(inner)]


async def test_the_document_is_served_whole(world: World) -> None:
    assert (await world.http.get("/openapi.json")).json() == DOCUMENT


def test_every_operation_documents_its_refusals_as_problems() -> None:
    assert "HTTPValidationError" not in SCHEMAS
    for method, path, operation in operations():
        expected = {"422", "500", "503"} | ({"404"} if "{" in path else set())
        if path.startswith("/api/v1") and path not in OPEN:
            expected |= {"401", "403"}
            assert operation["security"]
        if method in ("post", "put", "delete"):
            expected |= {"400", "403", "413"}
        assert expected <= set(operation["responses"]), f"{method} {path}"
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"], f"{method} {path} {status}"


def test_the_door_takes_of_each_address_the_kind_of_body_that_the_document_names() -> None:
    kinds = Kinds(app())
    for method, path, operation in operations():
        named = list(operation.get("requestBody", {"content": {}})["content"])
        assert [kinds.of(method.upper(), path)] == (named or [None]), f"{method} {path}"


def test_every_answer_has_a_shape_of_its_own() -> None:
    for method, path, operation in operations():
        for status, response in operation["responses"].items():
            for kind, content in response["content"].items():
                assert not kind.endswith("json") or references(content), f"{method} {path} {status} is untyped"


OF_STATUS = re.compile(r"Refused\d{3}")
"""What the refusals of one status have in common; the problem document beside it names the fields."""


@pytest.mark.parametrize("name", sorted(name for name in answered() if not OF_STATUS.fullmatch(name)))
def test_a_shape_names_every_field_it_has(name: str) -> None:
    shape = SCHEMAS[name]
    assert "properties" not in shape or shape["additionalProperties"] is False


def test_a_refusal_carries_a_code_of_its_status_only() -> None:
    shapes = [shape["properties"] for name, shape in SCHEMAS.items() if OF_STATUS.fullmatch(name)]
    codes = [code for shape in shapes for code in shape["code"]["enum"]]
    assert len(codes) == len(set(codes))
    assert {*codes, "method_not_allowed"} == set(SCHEMAS["ProblemOut"]["properties"]["code"]["enum"])


# ── real answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module")
async def stranger(year: World) -> str:
    """Somebody to whom nobody else's year is open."""
    return await year.next_clerk()


@pytest.mark.parametrize("place", ["returned", "suspended", "transferred", "appealed", "reopened"])
async def test_a_year_is_shown_to_everybody_as_the_document_says(year: World, place: str, stranger: str) -> None:
    who = await stand_at(year, place)
    path, held = f"/appraisals/{who.appraisal}", served().seen.total()
    assert (await year.get(path, stranger)).status_code == 403
    for reader in (who.employee, who.supervisor, who.senior, "hr"):
        await year.get(path, reader)
        for form in Form:
            earlier = {"revision": 1} if place == "reopened" else {}
            await year.get(f"{path}/forms/{form.value}", reader, **earlier)
        for of_her in (f"{path}/events", f"/people/{who.employee}", "/me/tasks", "/me"):
            await year.get(of_her, reader)
        await year.get("/appraisals", reader, q=who.employee)
    assert served().seen.total() > held, "nothing was held against the document"


@pytest_asyncio.fixture(scope="module")
async def desk(year: World) -> Desk:
    who = await stand_at(year, "appealed")
    return Desk(year, str((await year.row(who.appraisal))["cycle_id"]), who, await year.next_clerk())


@pytest.mark.capability("G09")
@pytest.mark.parametrize("operation", [f"{method.upper()} {path}" for method, path, _ in operations()])
async def test_every_route_answers_as_the_document_says_and_a_field_too_many_is_seen(
    desk: Desk, operation: str
) -> None:
    assert operation in CALLS, "a new route says here how it is asked"
    answer = await CALLS[operation](desk)
    method, _, path = operation.partition(" ")
    assert answer.is_success, answer.text
    assert served().seen[method, path, answer.status_code] > 0, "it was held against the document"
    if not answer.headers["content-type"].startswith("application/json"):
        return  # a file, told by its kind only
    body = answer.json() | {"unheard_of": 1}
    more = httpx.Response(answer.status_code, headers=answer.headers, json=body, request=answer.request)
    assert any("unheard_of" in found for found in served().differences(more))
