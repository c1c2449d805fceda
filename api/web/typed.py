"""From what a browser posts to a form's data, and what its buttons do with rows: pure, and the inverse of `api.web.fields`.

What is not of its schema's kind (a number with letters in it) stays the text it is: the form refuses it there, and it is shown again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

from api.web.fields import Kind, Node, kind_of
from api.web.written import SWAPPED
from models.vocabulary import Language

ADD, REMOVE = "add:", "remove:"
THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
PLACE = re.compile(r"\d{1,3}", re.ASCII)
DECIMAL = re.compile(r"-?\d+([.,]\d+)?", re.ASCII)

Posted = Mapping[str, list[str]]


def form_data(schema: Node, pairs: Iterable[tuple[str, str]], spoken: Language = "id") -> dict[str, object]:
    """The data of these inputs, of a page in that language. Empty is no value, and what the schema does not know is passed over."""
    posted: dict[str, list[str]] = {}
    for name, value in pairs:
        posted.setdefault(name, []).append(value)
    return _group("", schema, posted, spoken)


def number(written: str, spoken: Language = "id") -> int | float | str:
    """`1.234,5` as people there write it; also `1234.5`, where the point cannot set off thousands. Else the text itself.

    In English the two signs stand for each other.
    """
    bare = written.strip().replace(" ", "")
    if spoken != "id":
        bare = bare.translate(SWAPPED)
    if THOUSANDS.fullmatch(bare):
        bare = bare.replace(".", "")
    elif not DECIMAL.fullmatch(bare):
        return written
    value = float(bare.replace(",", "."))
    if not math.isfinite(value):
        return written
    return int(value) if value.is_integer() and "," not in bare and "." not in bare else value


def started(schema: Node, data: Mapping[str, object]) -> dict[str, object]:
    """The data with as many rows, of lists that need some, as they need: nobody begins before an empty page."""
    begun: dict[str, object] = {**data}
    for key, node in schema["properties"].items():
        kind, held = kind_of(node), begun.get(key)
        if kind is Kind.ROWS and not held and node.get("minItems"):
            rows: list[Mapping[str, object]] = []
            for _ in range(node["minItems"]):
                rows.append(_new_row(node["items"], rows))
            begun[key] = rows
        elif kind is Kind.GROUP and (inner := started(node, held if isinstance(held, Mapping) else {})):
            begun[key] = inner
    return begun


def edited(schema: Node, data: Mapping[str, object], pressed: str) -> dict[str, object]:
    """The data after a button of a list: a row more (`add:/results`), or one less (`remove:/results/2`); as it is after any other."""
    changed = deepcopy(dict(data))
    if pressed.startswith(ADD):
        _add(schema, changed, pressed.removeprefix(ADD).strip("/").split("/"))
    elif pressed.startswith(REMOVE):
        *path, last = pressed.removeprefix(REMOVE).strip("/").split("/")
        rows = _at(changed, path)
        if isinstance(rows, list) and (here := _place(last, rows)) is not None:
            del rows[here]
    return changed


def goes_on(pressed: str, edited: Mapping[str, object]) -> str:
    """The pointer at which somebody goes on after that button: the row that is new, the list that has one less; else empty."""
    if pressed.startswith(REMOVE):
        return pressed.removeprefix(REMOVE).rpartition("/")[0]
    if not pressed.startswith(ADD):
        return ""
    place = pressed.removeprefix(ADD)
    rows = _at(edited, place.strip("/").split("/"))
    return f"{place}/{len(rows) - 1}" if isinstance(rows, list) and rows else place


def _group(name: str, node: Node, posted: Posted, spoken: Language) -> dict[str, object]:
    needed = node.get("required", ())
    found = (
        (key, _value(f"{name}/{key}", inner, posted, spoken, needed=key in needed))
        for key, inner in node["properties"].items()
    )
    return {key: value for key, value in found if value is not None}


def _value(name: str, node: Node, posted: Posted, spoken: Language, *, needed: bool) -> object:
    kind = kind_of(node)
    if kind is Kind.GROUP:
        # A part that is needed is there though nothing is in it, so that what is missing is said of each field.
        inside = _group(name, node, posted, spoken)
        return inside if needed or _written(inside) else None
    if kind is Kind.ROWS:
        numbers = sorted(
            {int(found[1]) for key in posted if (found := re.match(rf"{re.escape(name)}/(\d{{1,3}})(?=/|$)", key))}
        )
        return [_group(f"{name}/{n}", node["items"], posted, spoken) for n in numbers] or None
    written = [value.replace("\r\n", "\n") for value in posted.get(name, ()) if value.strip()]
    if not written:
        return None
    if kind is Kind.CHOICES:
        return written
    first = written[0]
    if kind in (Kind.NUMBER, Kind.INTEGER):
        return number(first, spoken)
    if kind is Kind.TEXT:  # one line, in however many it is shown
        return " ".join(first.splitlines())
    if kind is Kind.YES_NO:
        return {"true": True, "false": False}.get(first, first)
    return first


def _written(value: object) -> bool:
    """Whether there is more to it than parts with nothing in them."""
    return any(_written(inner) for inner in value.values()) if isinstance(value, Mapping) else True


def _add(schema: Node, data: dict[str, object], path: list[str]) -> None:
    node, here = schema, cast(Any, data)
    for key in path:
        if isinstance(here, list):
            place = _place(key, here)
            if place is None:
                return
            node, here = node["items"], here[place]
            continue
        if key not in node.get("properties", {}):
            return
        node = node["properties"][key]
        here = here.setdefault(key, [] if kind_of(node) is Kind.ROWS else {})
    if isinstance(here, list) and kind_of(node) is Kind.ROWS and len(here) < node.get("maxItems", len(here) + 1):
        here.append(_new_row(node["items"], here))


def _new_row(items: Node, rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """A row with nothing in it but the rows that it needs itself, under a short name that no other row has."""
    begun = started(items, {})
    for key, node in items["properties"].items():
        if kind_of(node) is Kind.KEY:
            taken = {row.get(key) for row in rows}
            begun[key] = next(name for n in range(1, len(rows) + 2) if (name := f"r{n}") not in taken)
    return begun


def _place(written: str, rows: Sequence[object]) -> int | None:
    """The row that is meant; None where there is no such row."""
    return int(written) if PLACE.fullmatch(written) and int(written) < len(rows) else None


def _at(data: object, path: list[str]) -> object:
    for key in path:
        if isinstance(data, list):
            place = _place(key, data)
            data = None if place is None else data[place]
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data
