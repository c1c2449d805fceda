"""Turns what FastAPI found wrong with a request into a problem that says where, in both languages.

Never repeats what was sent: a refused value may be a name, a NIP or a secret. Only places and limits are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi.exceptions import RequestValidationError

from api.problems import FieldProblem, Problem
from models.language import Bilingual

ERRORS_MAX = 100
POINTER_PART_MAX = 100


def _say(indonesian: str, english: str) -> Bilingual:
    return Bilingual(id=indonesian, en=english)


OTHER = _say("Nilai ini tidak dapat diterima.", "This value cannot be taken.")
SENTENCES: dict[str, Bilingual] = {
    "missing": _say("Bagian ini wajib diisi.", "This is required."),
    "extra_forbidden": _say("Bagian ini tidak dikenal.", "This is not a known field."),
    "string_type": _say("Harus berupa teks.", "This must be text."),
    "string_too_short": _say("Paling sedikit {min_length} karakter.", "At least {min_length} characters."),
    "string_too_long": _say("Paling banyak {max_length} karakter.", "At most {max_length} characters."),
    "string_pattern_mismatch": _say("Bentuknya tidak sesuai.", "This does not have the form it must have."),
    "too_short": _say("Paling sedikit {min_length} butir.", "At least {min_length} items."),
    "too_long": _say("Paling banyak {max_length} butir.", "At most {max_length} items."),
    "int_type": _say("Harus berupa bilangan bulat.", "This must be a whole number."),
    "int_parsing": _say("Harus berupa bilangan bulat.", "This must be a whole number."),
    "int_from_float": _say("Harus berupa bilangan bulat.", "This must be a whole number."),
    "float_type": _say("Harus berupa angka.", "This must be a number."),
    "float_parsing": _say("Harus berupa angka.", "This must be a number."),
    "decimal_parsing": _say("Harus berupa angka.", "This must be a number."),
    "bool_type": _say("Harus true atau false.", "This must be true or false."),
    "bool_parsing": _say("Harus true atau false.", "This must be true or false."),
    "greater_than": _say("Harus lebih dari {gt}.", "This must be more than {gt}."),
    "greater_than_equal": _say("Paling sedikit {ge}.", "This must be {ge} or more."),
    "less_than": _say("Harus kurang dari {lt}.", "This must be less than {lt}."),
    "less_than_equal": _say("Paling banyak {le}.", "This must be {le} or less."),
    "enum": _say("Harus salah satu dari: {expected}.", "This must be one of: {expected}."),
    "literal_error": _say("Harus salah satu dari: {expected}.", "This must be one of: {expected}."),
    "dict_type": _say("Harus berupa objek.", "This must be an object."),
    "model_type": _say("Harus berupa objek.", "This must be an object."),
    "model_attributes_type": _say("Harus berupa objek.", "This must be an object."),
    "list_type": _say("Harus berupa daftar.", "This must be a list."),
    "date_type": _say("Harus berupa tanggal, misalnya 2027-01-31.", "This must be a date such as 2027-01-31."),
    "date_parsing": _say("Harus berupa tanggal, misalnya 2027-01-31.", "This must be a date such as 2027-01-31."),
    "datetime_type": _say(
        "Harus berupa waktu dengan selisih zona, misalnya 2027-01-31T16:00:00+07:00.",
        "This must be an instant with its offset, such as 2027-01-31T16:00:00+07:00.",
    ),
    "uuid_parsing": _say("Harus berupa pengenal (UUID).", "This must be an id (UUID)."),
}
ALIKE = {
    "date_from_datetime_parsing": "date_parsing",
    "date_from_datetime_inexact": "date_parsing",
    "datetime_parsing": "datetime_type",
    "datetime_from_date_parsing": "datetime_type",
    "timezone_aware": "datetime_type",
    "uuid_type": "uuid_parsing",
    "dict_attributes_type": "dict_type",
}
TELLABLE = ("min_length", "max_length", "gt", "ge", "lt", "le", "expected")
"""What of an error's context is ours, not the caller's."""


def from_request(error: RequestValidationError) -> Problem:
    """The problem this error is answered with.

    `not_found` where a part of the path has not the form of any address, `malformed_json` where the body is none, else
    `invalid_input`. A pointer is into the body, or names the parameter: `/limit`.
    """
    found = error.errors()
    if any(one["loc"][:1] == ("path",) for one in found):
        return Problem("not_found")
    if any(one["type"] == "json_invalid" for one in found):
        return Problem("malformed_json")
    return Problem("invalid_input", errors=[_field_problem(one) for one in found[:ERRORS_MAX]])


def pointer(parts: Sequence[str | int]) -> str:
    """The parts as a JSON pointer (RFC 6901); empty for the whole document."""
    escaped = (str(part)[:POINTER_PART_MAX].replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped)


def _field_problem(one: Mapping[str, object]) -> FieldProblem:
    place = one["loc"]
    assert isinstance(place, tuple)
    context = one.get("ctx")
    told = {name: context[name] for name in TELLABLE if name in context} if isinstance(context, dict) else {}
    code = ALIKE.get(str(one["type"]), str(one["type"]))
    sentence = SENTENCES.get(code)
    if sentence is None:
        code, sentence = "invalid_value", OTHER
    words = {name: str(value) for name, value in told.items()}
    try:
        message = sentence.fill(**words)
    except KeyError:  # an error without the context its kind usually has
        message = OTHER
    return FieldProblem(pointer(place[1:]), code, message)
