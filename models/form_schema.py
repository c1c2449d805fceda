"""From a pack's form to JSON Schema 2020-12 for one person, and to one complete valid form.

Inside, titles stay bilingual (`Sayable`), since one compiled schema serves both languages; `localise` makes the
document that a caller sees. `draft` keeps of a schema only what even an unfinished form may not break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from models.form_spec import (
    KEY_PATTERN,
    AnyField,
    BooleanField,
    ChoiceField,
    Criterion,
    DateField,
    EachField,
    FormContext,
    FormSpec,
    GroupField,
    KeyField,
    NumberField,
    RowsField,
    Rule,
    TextField,
)
from models.language import Bilingual
from models.vocabulary import Language

Sayable = Bilingual | str
Node = dict[str, object]
Criteria = Mapping[str, tuple[Criterion, ...]]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOT_BLANK = r"\S"
LINK = r"^https?://[^\s/]+\S*$"
NO_LINK_OR_LINK = r"^$|^https?://[^\s/]+\S*$"
UNIQUE = "x-unique"
"""Our own keyword: the values of this property are unique among the rows."""
TITLES = "x-titles"
"""Our own annotation: the title of each value that a choice offers."""
MULTILINE = "x-multiline"

KEPT_IN_DRAFTS = frozenset(
    {"type", "title", "properties", "additionalProperties", "items", "maxLength", "maxItems", "enum", "format", TITLES}
)


class SchemaBuilder:
    """Builds for one context; holds nothing else."""

    def __init__(self, criteria: Criteria, context: FormContext) -> None:
        self._criteria = criteria
        self._context = context

    def form(self, spec: FormSpec) -> Node:
        node = self._object(spec.fields) | _about(spec.title, spec.help)
        if spec.rules:
            node["allOf"] = [self._rule(rule, node) for rule in spec.rules]
        return node

    def example(self, spec: FormSpec) -> dict[str, object]:
        """A whole form; a field that only a rule asks for is left out unless the example triggers the rule."""
        whole = self._sample_object(spec.fields)
        everybodys = {field.name for field in spec.fields if field.required}
        for name in (name for rule in spec.rules for name in rule.require if name not in everybodys):
            if not any(name in r.require and whole.get(r.field) in r.values for r in spec.rules):
                whole.pop(name, None)
        return whole

    def present(self, fields: tuple[AnyField, ...]) -> list[AnyField]:
        """The fields this person has. A choice from a source that has nothing for her is no field."""
        return [
            field
            for field in fields
            if field.when.holds(self._context)
            and not (isinstance(field, ChoiceField) and field.options_from and not self.entries(field.options_from))
        ]

    def entries(self, source: str) -> dict[str, tuple[Sayable, Bilingual | None]]:
        """Key → title and help of every entry of a source."""
        if source == "results":
            return {result.id: (result.title, None) for result in self._context.results}
        if source == "superior_results":
            return {result.id: (result.title, None) for result in self._context.superior_results}
        criteria = self._criteria[source.partition(":")[2]]
        return {c.id: (c.title, _lines(c.guide)) for c in criteria if c.when.holds(self._context)}

    def _object(self, fields: tuple[AnyField, ...]) -> Node:
        present = self.present(fields)
        node: Node = {
            "type": "object",
            "properties": {field.name: self._node(field) for field in present},
            "additionalProperties": False,
        }
        if required := [field.name for field in present if field.required]:
            node["required"] = required
        return node

    def _node(self, field: AnyField) -> Node:
        return self._shape(field) | _about(field.title, field.help)

    def _shape(self, field: AnyField) -> Node:
        match field:
            case TextField():
                return _text(field)
            case KeyField():
                return {"type": "string", "maxLength": 24, "pattern": KEY_PATTERN}
            case NumberField():
                return {"type": field.type, "minimum": field.minimum, "maximum": field.maximum}
            case DateField():
                return {"type": "string", "maxLength": 10, "format": "date"}
            case BooleanField():
                return {"type": "boolean"}
            case ChoiceField():
                return self._choice(field)
            case GroupField():
                return self._object(field.fields)
            case RowsField():
                return self._rows(field)
            case EachField():
                return self._each(field)

    def _choice(self, field: ChoiceField) -> Node:
        titles = self._options(field)
        one: Node = {"type": "string", "enum": list(titles), TITLES: titles}
        if field.type == "choice":
            return one
        many: Node = {"type": "array", "items": one, "uniqueItems": True, "maxItems": len(titles)}
        return many | ({"minItems": 1} if field.required else {})

    def _options(self, field: ChoiceField) -> dict[str, Sayable]:
        if field.options_from:
            return {key: title for key, (title, _) in self.entries(field.options_from).items()}
        return {option.value: option.title for option in field.options}

    def _rows(self, field: RowsField) -> Node:
        node: Node = {"type": "array", "items": self._object(field.fields), "maxItems": field.max_rows}
        if field.min_rows:
            node["minItems"] = field.min_rows
        if field.key:
            node[UNIQUE] = field.key
        if need := field.at_least:
            node["contains"] = {"properties": {need.field: {"const": need.value}}, "required": [need.field]}
            node["minContains"] = need.count
        return node

    def _each(self, field: EachField) -> Node:
        entries = self.entries(field.of)
        node: Node = {
            "type": "object",
            "properties": {
                key: self._object(field.fields) | _about(title, guide) for key, (title, guide) in entries.items()
            },
            "additionalProperties": False,
        }
        if field.required and entries:
            node["required"] = list(entries)
        return node

    def _rule(self, rule: Rule, whole: Node) -> Node:
        properties = cast(dict[str, Node], whole["properties"])
        needed = [name for name in rule.require if name in properties]
        filled: Node = {
            name: {"title": properties[name]["title"]}
            | ({"pattern": NOT_BLANK} if properties[name]["type"] == "string" else {})
            for name in needed
        }
        return {
            "if": {"properties": {rule.field: {"enum": list(rule.values)}}, "required": [rule.field]},
            "then": {"properties": filled, "required": needed},
        }

    def _sample_object(self, fields: tuple[AnyField, ...], row: int = 0) -> dict[str, object]:
        return {field.name: self._sample(field, row) for field in self.present(fields)}

    def _sample(self, field: AnyField, row: int) -> object:
        match field:
            case TextField():
                return _sample_text(field)
            case KeyField():
                return f"r{row + 1}"
            case NumberField():
                return field.sample
            case DateField():
                return field.example.isoformat()
            case BooleanField():
                return True
            case ChoiceField():
                first = field.example or next(iter(self._options(field)))
                return first if field.type == "choice" else [first]
            case GroupField():
                return self._sample_object(field.fields)
            case RowsField():
                return self._sample_rows(field)
            case EachField():
                return {key: self._sample_object(field.fields) for key in self.entries(field.of)}

    def _sample_rows(self, field: RowsField) -> list[dict[str, object]]:
        rows = [self._sample_object(field.fields, row) for row in range(max(1, field.min_rows))]
        if need := field.at_least:
            for row in rows[: need.count]:
                row[need.field] = need.value
        return rows


def draft(node: Node) -> Node:
    """What even an unfinished form may not break."""
    return {key: _inside(key, value, draft) for key, value in node.items() if key in KEPT_IN_DRAFTS}


def localise(node: Node, language: Language) -> Node:
    """The schema in one language, as a plain JSON document of the caller's own."""

    def plain(inner: Node) -> Node:
        return {key: _inside(key, _said(key, value, language), plain) for key, value in inner.items()}

    return plain(node)


def _inside(key: str, value: object, change: Callable[[Node], Node]) -> object:
    """A keyword's value with `change` applied to every schema directly inside it."""
    if key == "properties":
        return {name: change(inner) for name, inner in cast(dict[str, Node], value).items()}
    if key in ("items", "contains", "if", "then"):
        return change(cast(Node, value))
    if key == "allOf":
        return [change(inner) for inner in cast(list[Node], value)]
    return list(value) if isinstance(value, list) else value


def _said(key: str, value: object, language: Language) -> object:
    if isinstance(value, Bilingual):
        return value.say(language)
    if key == TITLES:
        return {name: _said("title", title, language) for name, title in cast(dict[str, Sayable], value).items()}
    return value


def _about(title: Sayable, help_: Bilingual | None) -> Node:
    about: Node = {"title": title}
    return about | ({"description": help_} if help_ else {})


def _lines(sentences: tuple[Bilingual, ...]) -> Bilingual | None:
    if not sentences:
        return None
    return Bilingual(id="\n".join(s.id for s in sentences), en="\n".join(s.en for s in sentences))


def _text(field: TextField) -> Node:
    node: Node = {"type": "string", "maxLength": field.limit}
    if field.min_length > 1:
        node["minLength"] = field.min_length
    if field.link:
        node["pattern"] = LINK if field.required else NO_LINK_OR_LINK
    elif field.required:
        node["pattern"] = NOT_BLANK
    if field.type == "long_text":
        node[MULTILINE] = True
    return node


def _sample_text(field: TextField) -> str:
    text = field.example or field.title.id
    return (
        (text * (field.min_length // len(text) + 1))[: field.limit]
        if len(text) < field.min_length
        else text[: field.limit]
    )
