"""The contract in machine-readable form: the OpenAPI document tells every answer, and real answers are what it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.document import served

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


def test_every_operation_documents_its_refusals_as_problems() -> None:
    assert "HTTPValidationError" not in SCHEMAS
    for method, path, operation in operations():
        expected = {"422", "500", "503"} | ({"404"} if "{" in path else set())
        if path.startswith("/api/v1") and path != "/api/v1/dev/token":
            expected |= {"401", "403"}
            assert operation["security"]
        if method in ("post", "put", "delete"):
            expected |= {"400", "403", "413"}
        assert expected <= set(operation["responses"]), f"{method} {path}"
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"], f"{method} {path} {status}"


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
