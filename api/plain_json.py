"""Says whether a body is JSON that can be kept: UTF-8, finite numbers, no NUL, no half characters, not too deep.

Pure; the whole document is looked at, so what passes can be stored as `jsonb` and sent out again without a surprise.
"""

from __future__ import annotations

import json
import math

from api.problems import FieldProblem, Problem
from models.language import Bilingual

DEPTH_MAX = 64
INTEGER_MAX = 2**63 - 1
TOO_LARGE = Bilingual(id="Bilangan ini terlalu besar.", en="This number is too large.")


def refusal(body: bytes) -> Problem | None:
    """Why this body cannot be taken (`malformed_json`, `nul_character`, `invalid_input`); None where it can."""
    if b"\x00" in body:
        return Problem("nul_character")
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, NaN, thousands of digits, nested without end
        return Problem("malformed_json")
    return _refusal_of(document)


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
