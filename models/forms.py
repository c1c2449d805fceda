"""The forms of a pack: what one person is asked, and what is wrong with what she wrote.

One compiled schema answers three questions, so they never disagree: the document a program reads (`schema`), what even
a draft may not be (`malformed`) and what submitting would be refused for (`problems`), which includes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from models.form_problems import Problem as Problem
from models.form_problems import from_errors, unsafe
from models.form_schema import DIALECT, MULTILINE, TITLES, UNIQUE, Node, SchemaBuilder, draft, localise
from models.form_spec import FormContext as FormContext
from models.form_spec import ResultRef as ResultRef
from models.policy import PolicyPack
from models.vocabulary import Form, Language

COMPILED_MAX = 512
"""Compiled forms kept; one is a few hundred small objects, and a person has seven."""


def schema(pack: PolicyPack, form: Form, context: FormContext, language: Language) -> dict[str, object]:
    """JSON Schema 2020-12 of the form for this person, with one complete valid form in `examples`.

    Raises `KeyError` where the pack has no such form.
    """
    compiled = _compiled(_Key(pack.digest, form, context, pack))
    document = {"$schema": DIALECT, **localise(compiled.schema, language)}
    return document | {"examples": [example(pack, form, context)]}


def example(pack: PolicyPack, form: Form, context: FormContext) -> dict[str, object]:
    """One complete valid form for this person."""
    return SchemaBuilder(pack.criteria, context).example(pack.forms[form])


def malformed(pack: PolicyPack, form: Form, context: FormContext, data: object) -> list[Problem]:
    """What even a draft may not be: of another shape, with unknown fields or criteria, too long, not storable."""
    return unsafe(data) or from_errors(_errors(_compiled(_Key(pack.digest, form, context, pack)).draft, data))


def problems(pack: PolicyPack, form: Form, context: FormContext, data: object) -> list[Problem]:
    """What submitting now would be refused for; empty means it may be submitted. At most a hundred."""
    return unsafe(data) or from_errors(_errors(_compiled(_Key(pack.digest, form, context, pack)).complete, data))


def results_of(pack: PolicyPack, plan: dict[str, object]) -> tuple[ResultRef, ...]:
    """The results of a submitted plan, for the context of the forms that refer to them."""
    rows = pack.forms[Form.PLAN].results
    if rows is None or rows.key is None or rows.results_titled_by is None:
        return ()
    listed = cast(list[dict[str, str]], plan.get(rows.name, []))
    return tuple(ResultRef(id=row[rows.key], title=row[rows.results_titled_by]) for row in listed)


def planned(pack: PolicyPack, plan: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    """The rows of a submitted plan that are its results, whole, by their keys."""
    rows = pack.forms[Form.PLAN].results
    if rows is None or rows.key is None:
        return {}
    listed = cast(list[Mapping[str, object]], plan.get(rows.name, []))
    return {str(row[rows.key]): row for row in listed}


@dataclass(frozen=True, slots=True)
class _Key:
    """What a compiled form depends on; the pack by its digest, since hashing all of it costs more than validating."""

    digest: str
    form: Form
    context: FormContext
    pack: PolicyPack = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Compiled:
    schema: Node
    complete: Draft202012Validator
    draft: Draft202012Validator


@lru_cache(maxsize=COMPILED_MAX)
def _compiled(key: _Key) -> _Compiled:
    whole = SchemaBuilder(key.pack.criteria, key.context).form(key.pack.forms[key.form])
    return _Compiled(
        whole, _Validator(whole, format_checker=_FORMATS), _Validator(draft(whole), format_checker=_FORMATS)
    )


def _errors(validator: Draft202012Validator, data: object) -> Iterator[ValidationError]:
    return cast("Iterator[ValidationError]", validator.iter_errors(cast(str, data)))


def _properties(
    validator: Draft202012Validator, nodes: dict[str, Node], data: object, _: Node
) -> Iterator[ValidationError]:
    """The standard keyword, but asking the validator only about what is in doubt: most of a form is plain good text."""
    if isinstance(data, dict):
        for name, node in nodes.items():
            if name in data and not _certainly_fits(node, data[name]):
                yield from validator.descend(data[name], node, path=name, schema_path=name)


def _certainly_fits(node: Node, value: object) -> bool:
    if not isinstance(value, str) or node.get("type") != "string" or not node.keys() <= _PLAIN:
        return False
    limit, options, pattern = node.get("maxLength"), node.get("enum"), node.get("pattern")
    return (
        (limit is None or len(value) <= cast(int, limit))
        and (options is None or value in cast(list[str], options))
        and (pattern is None or re.search(cast(str, pattern), value) is not None)
    )


def _unique(_: Draft202012Validator, name: str, rows: object, __: Node) -> Iterator[ValidationError]:
    """Our keyword: no two rows of a list have the same value in the property `name`."""
    seen: set[str] = set()
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        value = row.get(name) if isinstance(row, dict) else None
        if isinstance(value, str):
            if value in seen:
                yield ValidationError("not unique", path=[index, name])
            seen.add(value)


_PLAIN = {"type", "maxLength", "enum", "pattern", "title", "description", TITLES, MULTILINE}
_FORMATS = FormatChecker(formats=())
_Validator = cast(
    "type[Draft202012Validator]",
    extend(Draft202012Validator, {UNIQUE: _unique, "properties": _properties}),  # type: ignore[no-untyped-call]
)


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and date.fromisoformat(value).isoformat() == value)
