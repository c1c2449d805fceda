"""What a refused request is told, and what it is never told."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.plain_json import DEPTH_MAX, refusal
from api.problem_catalogue import CATALOGUE
from api.problems import as_document
from api.validation import ERRORS_MAX, SENTENCES, from_request, pointer

SECRET = "199602022022012001"


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=3, max_length=5)]
    year: Annotated[int, Field(ge=2020)] = 2027
    day: AwareDatetime | None = None
    mood: Literal["above", "below"] = "above"
    parts: list[int] = []


def refused(body: object) -> RequestValidationError:
    try:
        Body.model_validate(body)
    except ValidationError as error:
        return RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()], body=body)
    raise AssertionError("this body should have been refused")


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({}, "/name", "missing"),
        ({"name": "ab"}, "/name", "string_too_short"),
        ({"name": "abcdefg"}, "/name", "string_too_long"),
        ({"name": 7}, "/name", "string_type"),
        ({"name": "abc", "year": 1999}, "/year", "greater_than_equal"),
        ({"name": "abc", "year": "soon"}, "/year", "int_parsing"),
        ({"name": "abc", "day": "2027-01-31T10:00:00"}, "/day", "datetime_type"),
        ({"name": "abc", "mood": "fine"}, "/mood", "literal_error"),
        ({"name": "abc", "parts": [1, "x"]}, "/parts/1", "int_parsing"),
        ({"name": "abc", "a/b~c": 1}, "/a~1b~0c", "extra_forbidden"),
        ("a text", "", "model_type"),
    ],
)
def test_every_fault_has_its_place_and_a_stable_code(body: object, place: str, code: str) -> None:
    problem = from_request(refused(body))
    assert problem.code == "invalid_input"
    assert [(e.pointer, e.code) for e in problem.errors] == [(place, code)]
    assert problem.errors[0].message.id != problem.errors[0].message.en


def test_a_refused_value_is_never_repeated() -> None:
    problem = from_request(
        refused({"name": SECRET, "year": SECRET + "x", "day": SECRET, "mood": SECRET, "parts": SECRET})
    )
    for spoken in ("id", "en"):
        assert SECRET not in json.dumps(as_document(problem, spoken))


def test_limits_are_told_so_that_the_sender_can_mend_it() -> None:
    problem = from_request(refused({"name": "ab"}))
    assert problem.errors[0].message.say("id") == "Paling sedikit 3 karakter."
    assert problem.errors[0].message.say("en") == "At least 3 characters."


def test_an_unknown_kind_of_fault_still_has_a_code_and_a_sentence() -> None:
    error = RequestValidationError([{"type": "value_error", "loc": ("body", "x"), "msg": SECRET, "input": SECRET}])
    found = from_request(error).errors[0]
    assert (found.pointer, found.code) == ("/x", "invalid_value")
    assert SECRET not in found.message.id + found.message.en


def test_what_is_no_address_is_not_found_rather_than_bad_input() -> None:
    error = RequestValidationError([{"type": "enum", "loc": ("path", "action"), "msg": "", "input": "dance"}])
    assert from_request(error).code == "not_found"


def test_a_body_that_is_no_json_is_malformed() -> None:
    error = RequestValidationError([{"type": "json_invalid", "loc": ("body", 3), "msg": "", "input": {}}])
    assert from_request(error).code == "malformed_json"


def test_a_wrong_parameter_is_pointed_at_by_its_name() -> None:
    error = RequestValidationError(
        [{"type": "less_than_equal", "loc": ("query", "limit"), "msg": "", "input": "999", "ctx": {"le": 200}}]
    )
    found = from_request(error).errors[0]
    assert (found.pointer, found.message.en) == ("/limit", "This must be 200 or less.")


@given(st.lists(st.text(max_size=20) | st.integers(min_value=0), max_size=5))
def test_a_pointer_leads_back_to_its_parts(parts: list[str | int]) -> None:
    back = [p.replace("~1", "/").replace("~0", "~") for p in pointer(parts).split("/")[1:]]
    assert back == [str(p) for p in parts]


def test_every_sentence_exists_in_both_languages() -> None:
    for sentence in SENTENCES.values():
        assert sentence.id
        assert sentence.en
    for kind in CATALOGUE.values():
        assert kind.title.id
        assert kind.detail.en


# ── what a body may hold ─────────────────────────────────────────────────────────────────────────────────────────────────────


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": NaN}', "malformed_json"),
        (b'{"a": -Infinity}', "malformed_json"),
        (b'{"a": 1e999}', "malformed_json"),
        (b'{"a": "\\ud800"}', "malformed_json"),
        (b'{"\\udfff": 1}', "malformed_json"),
        (b'{"a": "\xff"}', "malformed_json"),
        ('{"a": 1}'.encode("utf-16"), "nul_character"),
        (b'{"a": "\\u0000"}', "nul_character"),
        (b'{"\\u0000": 1}', "nul_character"),
        (b'{"a": "\x00"}', "nul_character"),
        (b'{"a": 99999999999999999999}', "invalid_input"),
        (b'{"a": ' + b"9" * 5000 + b"}", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"a": 1} {"b": 2}', "malformed_json"),
        (nested(DEPTH_MAX + 1), "malformed_json"),
        (nested(100_000), "malformed_json"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "malformed_json"),
        (b'{"a":' * 200_000, "malformed_json"),
    ],
)
def test_json_that_cannot_be_kept_is_refused(body: bytes, code: str) -> None:
    problem = refusal(body)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    "body", [nested(DEPTH_MAX), b"null", b'{"a": "\\ud83d\\ude00"}', '{"nama": "Ñusantara 😀"}'.encode(), b"[1.5, -3]"]
)
def test_ordinary_json_passes(body: bytes) -> None:
    assert refusal(body) is None


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'{"reason": "a", "reason": "b"}', ["/reason"]),
        (b'{"reason": "a", "reason": "a"}', ["/reason"]),
        (b'{"a": 1, "a": 2, "a": 3, "b": 4, "b": 5}', ["/a", "/b"]),
        (b'{"data": {"results": [{"id": "k1"}, {"id": "k2", "title": "x", "title": "y"}]}}', ["/data/results/1/title"]),
        (b'{"a/b~c": 1, "a/b~c": 2}', ["/a~1b~0c"]),
        (b'{"r\\u0065ason": "a", "reason": "b"}', ["/reason"]),
        (b"[[], {}, {%s}]" % b", ".join(b'"k%d": 1, "k%d": 2' % (n, n) for n in range(200)), None),
    ],
    ids=[
        "another value",
        "the same value",
        "more than twice",
        "deep inside",
        "escaped",
        "spelled otherwise",
        "hundreds",
    ],
)
def test_a_field_that_is_said_twice_is_refused_and_none_of_its_values_is_taken_for_the_meant_one(
    body: bytes, places: list[str] | None
) -> None:
    problem = refusal(body)
    assert problem is not None
    assert problem.code == "invalid_input"
    assert {e.code for e in problem.errors} == {"repeated_field"}
    expected = [f"/2/k{n}" for n in range(ERRORS_MAX)] if places is None else places
    assert [e.pointer for e in problem.errors] == expected


def test_the_same_name_in_two_objects_is_no_repetition() -> None:
    assert refusal(b'{"a": {"id": 1}, "b": [{"id": 1}, {"id": 1}], "id": 1}') is None


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_whatever_can_be_kept_is_not_refused(value: object) -> None:
    assert refusal(TypeAdapter(object).dump_json(value)) is None
    assert refusal(json.dumps(value).encode()) is None
