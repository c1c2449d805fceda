"""What is wrong with a form, in our own words: a pointer, a stable code and a sentence in both languages.

No problem repeats what the author wrote (its pointer may name a field she made up). Codes are the contract: one may be
added, none respelled.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from jsonschema.exceptions import ValidationError

from models.form_schema import NOT_BLANK, TITLES, UNIQUE, Node, Sayable
from models.form_spec import KEY_PATTERN
from models.language import Bilingual

DEPTH_MAX = 10
VALUES_MAX = 10_000
CHARACTERS_MAX = 250_000
NAME_MAX = 100
"""No field has a longer name; so no pointer grows without bound."""
NUMBER_MAX = 10**15
PROBLEMS_MAX = 100

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What a database, a spreadsheet or a PDF cannot hold: control characters, halves of a pair, no characters at all."""

MALFORMED = frozenset(
    {
        "wrong_type",
        "unknown_field",
        "unknown_value",
        "too_long",
        "too_many",
        "bad_date",
        "bad_character",
        "bad_number",
        "too_deep",
        "too_big",
    }
)
"""The codes that even a draft is refused for."""

SENTENCES: dict[str, tuple[str, str]] = {
    "required": ("{title} wajib diisi.", "{title} has to be filled in."),
    "too_short": ("{title} paling sedikit {limit} karakter.", "{title} needs at least {limit} characters."),
    "too_long": ("{title} paling banyak {limit} karakter.", "{title} takes at most {limit} characters."),
    "too_few": ("{title} paling sedikit {limit}.", "{title}: at least {limit}."),
    "too_many": ("{title} paling banyak {limit}.", "{title}: at most {limit}."),
    "too_few_of_kind": (
        "{title}: paling sedikit {limit} dengan {field} = {value}.",
        "{title}: at least {limit} with {field} = {value}.",
    ),
    "too_small": ("{title} paling kecil {limit}.", "{title} is at least {limit}."),
    "too_large": ("{title} paling besar {limit}.", "{title} is at most {limit}."),
    "wrong_type": ("{title} harus berupa {type}.", "{title} has to be {type}."),
    "unknown_field": ("Isian ini tidak ada pada formulir.", "The form has no such field."),
    "unknown_value": ("{title}: pilihan ini tidak tersedia.", "{title}: there is no such choice."),
    "bad_date": ("{title} harus berupa tanggal (TTTT-BB-HH).", "{title} has to be a date (YYYY-MM-DD)."),
    "bad_link": (
        "{title} harus berupa tautan yang diawali http:// atau https://.",
        "{title} has to be a link that begins with http:// or https://.",
    ),
    "bad_key": (
        "{title} hanya boleh huruf, angka, - dan _ (paling banyak 24).",
        "{title} takes letters, digits, - and _ only (at most 24).",
    ),
    "duplicate": ("{title}: ada pilihan yang diulang.", "{title}: a choice is repeated."),
    "duplicate_key": ("{title} sudah dipakai baris lain.", "{title} is already used by another row."),
    "bad_character": (
        "Ada karakter yang tidak dapat disimpan; hapus lalu ketik ulang.",
        "There is a character that cannot be stored; delete it and type again.",
    ),
    "bad_number": ("Angka ini tidak dapat disimpan.", "This number cannot be stored."),
    "too_deep": ("Susunan isian terlalu dalam.", "The form is nested too deeply."),
    "too_big": ("Isi formulir terlalu besar.", "The form is too big."),
}

TYPES: dict[str, Bilingual] = {
    "string": Bilingual(id="teks", en="text"),
    "number": Bilingual(id="angka", en="a number"),
    "integer": Bilingual(id="bilangan bulat", en="a whole number"),
    "boolean": Bilingual(id="ya atau tidak", en="true or false"),
    "array": Bilingual(id="daftar", en="a list"),
    "object": Bilingual(id="kelompok isian", en="a group of fields"),
}

NAMELESS = Bilingual(id="Isian ini", en="This field")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a form. `pointer` (RFC 6901) is where to mend it, also where nothing is there yet."""

    pointer: str
    code: str
    message: Bilingual


Trace = tuple["Trace", str | int] | None
"""The way to a value, the last step first; shared between siblings, so that walking a form makes no paths."""


def unsafe(data: object) -> list[Problem]:
    """What no schema looks at: depth, size, characters and numbers that cannot be stored. Never recurses."""
    found: list[Problem] = []
    values = characters = 0
    waiting: list[tuple[object, Trace, int]] = [(data, None, 0)]
    while waiting:
        value, trace, depth = waiting.pop()
        if isinstance(value, str):
            characters += len(value)
            if UNSAFE.search(value):
                found.append(problem("bad_character", _steps(trace)))
        elif isinstance(value, dict | list):
            values += len(value)
            if depth >= DEPTH_MAX:
                return [problem("too_deep", ())]
            if values > VALUES_MAX:
                return [problem("too_big", ())]
            for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(step, int) and isinstance(value, dict):
                    raise TypeError("a form comes from JSON, whose names are text")
                if isinstance(step, str):
                    characters += len(step)
                    if len(step) > NAME_MAX:
                        found.append(problem("unknown_field", _steps(trace)))
                        continue
                    if UNSAFE.search(step):
                        found.append(problem("bad_character", _steps(trace)))
                        continue
                waiting.append((inner, (trace, step), depth + 1))
        elif isinstance(value, int | float) and not (abs(value) <= NUMBER_MAX and math.isfinite(value)):
            found.append(problem("bad_number", _steps(trace)))
        if characters > CHARACTERS_MAX:
            return [problem("too_big", ())]
    return _tidy(found)


def from_errors(errors: Iterable[ValidationError]) -> list[Problem]:
    """The validator's findings, each place once; what even a draft may not be comes first."""
    return _tidy(p for error in errors for p in _translated(error))


def problem(code: str, path: Iterable[str | int], **words: Bilingual | str) -> Problem:
    id_, en = SENTENCES[code]
    return Problem(pointer(path), code, Bilingual(id=id_, en=en).fill(**words))


def pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _steps(trace: Trace) -> list[str | int]:
    steps: list[str | int] = []
    while trace is not None:
        trace, step = trace
        steps.append(step)
    return steps[::-1]


def _tidy(found: Iterable[Problem]) -> list[Problem]:
    """Each place and code once, and nothing that follows from a worse problem at the same place."""
    unique = {(p.pointer, p.code): p for p in found}
    mistyped = {place for place, code in unique if code == "wrong_type"}
    empty = {place for place, code in unique if code == "required"}
    kept = [p for (place, code), p in unique.items() if place not in mistyped or code == "wrong_type"]
    kept = [p for p in kept if p.pointer not in empty or p.code == "required" or p.code in MALFORMED]
    kept.sort(key=lambda p: p.code not in MALFORMED)
    return kept[:PROBLEMS_MAX]


def _translated(error: ValidationError) -> Iterator[Problem]:
    """One finding as problems: a finding about several properties becomes one for each."""
    schema = cast(Node, error.schema)
    path = list(error.absolute_path)
    title = _bilingual(schema.get("title"))
    bound = error.validator_value
    limit = str(int(bound) if isinstance(bound, float) and bound.is_integer() else bound)
    match error.validator:
        case "required":
            properties = cast(dict[str, Node], schema.get("properties", {}))
            for name in cast(list[str], error.validator_value):
                if name not in cast(dict[str, object], error.instance):
                    yield problem("required", [*path, name], title=_bilingual(properties.get(name, {}).get("title")))
        case "additionalProperties":
            for name in cast(dict[str, object], error.instance):
                if name not in cast(dict[str, Node], schema["properties"]):
                    yield problem("unknown_field", [*path, name])
        case "type":
            yield problem("wrong_type", path, title=title, type=TYPES[limit])
        case "pattern":
            yield problem(_pattern(limit, cast(str, error.instance)), path, title=title)
        case "minItems":
            yield problem("too_few" if error.instance else "required", path, title=title, limit=limit)
        case "contains":
            yield _contains(schema, path, title)
        case keyword:
            yield problem(CODES[cast(str, keyword)], path, title=title, limit=limit)


CODES = {
    "minLength": "too_short",
    "maxLength": "too_long",
    "maxItems": "too_many",
    "minimum": "too_small",
    "maximum": "too_large",
    "enum": "unknown_value",
    "format": "bad_date",
    "uniqueItems": "duplicate",
    UNIQUE: "duplicate_key",
}
"""Keyword → code, for those that need no more than their limit."""


def _pattern(pattern: str, written: str) -> str:
    if pattern == NOT_BLANK or not written.strip():
        return "required"
    return "bad_key" if pattern == KEY_PATTERN else "bad_link"


def _contains(schema: Node, path: list[str | int], title: Bilingual) -> Problem:
    wanted = cast(dict[str, Node], cast(Node, schema["contains"])["properties"])
    (name, value) = next(iter(wanted.items()))
    field = cast(dict[str, Node], cast(Node, schema["items"])["properties"])[name]
    offered = cast(dict[str, Sayable], field[TITLES])
    words = {"field": _bilingual(field["title"]), "value": _bilingual(offered[cast(str, value["const"])])}
    return problem("too_few_of_kind", path, title=title, limit=str(schema["minContains"]), **words)


def _bilingual(title: object) -> Bilingual:
    if isinstance(title, Bilingual):
        return title
    return Bilingual(id=title, en=title) if isinstance(title, str) else NAMELESS
