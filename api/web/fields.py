"""From a form's schema to what its page shows: pure, and the inverse of `api.web.typed`.

An input is named by the JSON pointer of its value, as the problems of a form are. Numbers are written as in the language of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.web import written
from models.form_schema import MULTILINE, TITLES
from models.form_spec import KEY_PATTERN
from models.vocabulary import Language

Node = Mapping[str, Any]


class Kind(StrEnum):
    """How a field is shown."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    KEY = "key"
    """The short name of a row; nobody needs to see it."""
    GROUP = "group"
    ROWS = "rows"


INPUTS = frozenset({Kind.TEXT, Kind.LONG, Kind.NUMBER, Kind.INTEGER, Kind.DATE, Kind.YES_NO, Kind.CHOICE, Kind.KEY})
"""What has one value."""


@dataclass(frozen=True)
class Field:
    """One field with what is in it; `name` is its JSON pointer, empty for the form itself."""

    name: str
    kind: Kind
    title: str = ""
    help: str = ""
    required: bool = False
    value: str = ""
    """As it stands in the input; of a number as people there write it."""
    chosen: tuple[str, ...] = ()
    """The values that are ticked, of a field that takes several."""
    options: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    problems: tuple[str, ...] = ()
    inside: tuple[Field, ...] = ()
    """Of a group its fields, of rows a group for each row."""
    full: bool = False
    """No row more can be added."""
    spoken: Language = "id"
    """In which language its numbers are written."""

    @property
    def id(self) -> str:
        """Its name as an id of the page."""
        return "f" + self.name.replace("/", "-")

    @property
    def said(self) -> str:
        """The value as it is read."""
        words = dict(self.options)
        if self.kind is Kind.CHOICES:
            return ", ".join(words.get(one, one) for one in self.chosen)
        if self.kind in (Kind.NUMBER, Kind.INTEGER):
            return written.read(self.value, self.spoken)
        return words.get(self.value, self.value)

    @property
    def empty(self) -> bool:
        """Whether nothing was written in it or in what is inside."""
        return not self.said and all(one.kind is Kind.KEY or one.empty for one in self.inside)


def kind_of(node: Node) -> Kind:
    """How the values of this schema are shown."""
    match node["type"]:
        case "object":
            return Kind.GROUP
        case "array":
            return Kind.ROWS if node["items"].get("type") == "object" else Kind.CHOICES
        case "boolean":
            return Kind.YES_NO
        case "number":
            return Kind.NUMBER
        case "integer":
            return Kind.INTEGER
    if "enum" in node:
        return Kind.CHOICE
    if node.get("format") == "date":
        return Kind.DATE
    if node.get("pattern") == KEY_PATTERN:
        return Kind.KEY
    return Kind.LONG if node.get(MULTILINE) else Kind.TEXT


def form_fields(
    schema: Node, data: object, problems: Mapping[str, Sequence[str]] | None = None, spoken: Language = "id"
) -> Field:
    """The form with its data; `problems` are the sentences at each pointer. Data that no schema knows is not shown."""
    return _Shown(problems or {}, spoken).field("", schema, data, required=False, stands=True)


def number_shown(value: object, spoken: Language = "id") -> str:
    """`1234,5` for 1234.5: what is typed is what is shown again. What is no number is shown as it was typed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    return written.typed(value, spoken)


@dataclass(frozen=True)
class _Shown:
    """One form as it is shown."""

    problems: Mapping[str, Sequence[str]]
    spoken: Language

    def field(self, name: str, node: Node, data: object, *, required: bool, stands: bool = False) -> Field:
        """`stands`: it is there, needed or not, as a row that was added; what a group needs is needed where the group is."""
        kind = kind_of(node)
        about: dict[str, Any] = {
            "name": name,
            "kind": kind,
            "title": str(node.get("title", "")),
            "help": str(node.get("description", "")),
            "required": required,
            "limit": node.get("maxLength"),
            "problems": tuple(self.problems.get(name, ())),
            "spoken": self.spoken,
        }
        match kind:
            case Kind.GROUP:
                given = data if isinstance(data, Mapping) else {}
                inside = self.inside(name, node, given, stands=stands or required or bool(given))
                return Field(**about, inside=inside)
            case Kind.ROWS:
                rows = data if isinstance(data, list) else []
                items = node["items"]
                groups = tuple(
                    self.field(f"{name}/{n}", items, row, required=False, stands=True) for n, row in enumerate(rows)
                )
                return Field(**about, inside=groups, full=len(rows) >= node.get("maxItems", len(rows) + 1))
            case Kind.CHOICES:
                ticked = tuple(str(one) for one in data) if isinstance(data, list) else ()
                return Field(**about, chosen=ticked, options=_options(node["items"]))
            case Kind.YES_NO:
                said = {True: "true", False: "false"}.get(data, "") if isinstance(data, bool) else ""
                return Field(**about, value=said)
            case Kind.NUMBER | Kind.INTEGER:
                return Field(**about, value=number_shown(data, self.spoken))
            case Kind.CHOICE:
                return Field(**about, value="" if data is None else str(data), options=_options(node))
        return Field(**about, value="" if data is None else str(data))

    def inside(self, name: str, node: Node, data: Mapping[str, object], *, stands: bool) -> tuple[Field, ...]:
        needed = set(node.get("required", ())) if stands else set()
        return tuple(
            self.field(f"{name}/{key}", inner, data.get(key), required=key in needed)
            for key, inner in node["properties"].items()
        )


def _options(node: Node) -> tuple[tuple[str, str], ...]:
    titles = node.get(TITLES, {})
    return tuple((str(value), str(titles.get(value, value))) for value in node["enum"])
