"""Says whether a body is JSON that can be kept: UTF-8, finite numbers, no NUL, no half characters, not too deep, nothing twice.

Pure; the whole document is looked at, so what passes can be stored as `jsonb` and sent out again without a surprise.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice

from api.problems import FieldProblem, Problem
from api.validation import ERRORS_MAX, pointer
from models.language import Bilingual

DEPTH_MAX = 64
INTEGER_MAX = 2**63 - 1
TOO_LARGE = Bilingual(id="Bilangan ini terlalu besar.", en="This number is too large.")
REPEATED = Bilingual(
    id="Isian ini disebut lebih dari sekali, jadi nilai yang dimaksud tidak pasti. Kirim sekali saja.",
    en="This field is said more than once, so which value is meant is not certain. Send it once.",
)


class Repeating(dict[str, object]):
    """An object in which some names were said more than once; it holds the last value of each."""

    names: tuple[str, ...] = ()


def refusal(body: bytes) -> Problem | None:
    """Why this body cannot be taken (`malformed_json`, `nul_character`, `invalid_input`); None where it can."""
    if b"\x00" in body:
        return Problem("nul_character")
    twice: list[Repeating] = []
    hook = partial(_object, twice)
    try:
        document: object = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=hook)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, NaN, thousands of digits, nested without end
        return Problem("malformed_json")
    return _refusal_of(document) or (_refusal_of_repetitions(document) if twice else None)


def _object(twice: list[Repeating], pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object as it is; one that repeats a name is put on the list too."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    said = Counter(name for name, _ in pairs)
    found = Repeating(made)
    found.names = tuple(name for name, times in said.items() if times > 1)
    twice.append(found)
    return found


def _refusal_of_repetitions(document: object) -> Problem:
    places = islice(_repetitions(document, ()), ERRORS_MAX)
    return Problem("invalid_input", errors=[FieldProblem(pointer(one), "repeated_field", REPEATED) for one in places])


def _repetitions(value: object, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Where a field stands that was said more than once. Asked of a document that is not too deep."""
    if isinstance(value, Repeating):
        yield from ((*place, name) for name in value.names)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _repetitions(inner, (*place, name))
    elif isinstance(value, list):
        for no, inner in enumerate(value):
            yield from _repetitions(inner, (*place, no))


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _refusal_of(document: object) -> Problem | None:
    level: list[object] = [document]
    depth = 0
    while level:
        below: list[object] = []
        for value in level:
            if isinstance(value, dict | list) and depth == DEPTH_MAX:
                return Problem("malformed_json")
            if isinstance(value, dict):
                below += value.keys()
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif found := _refusal_of_leaf(value):
                return found
        level = below
        depth += 1
    return None


def _refusal_of_leaf(value: object) -> Problem | None:
    match value:
        case str():
            if "\x00" in value:
                return Problem("nul_character")
            if any("\ud800" <= character <= "\udfff" for character in value):
                return Problem("malformed_json")
        case float() if not math.isfinite(value):
            return Problem("malformed_json")
        case int() if abs(value) > INTEGER_MAX:
            return Problem("invalid_input", errors=[FieldProblem("", "number_too_large", TOO_LARGE)])
    return None
