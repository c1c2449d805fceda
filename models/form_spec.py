"""What a pack says about a form: its fields, as data that a lawyer can read.

A form spec never depends on a person; what does (her level, her plan's results) is a `FormContext`, and every list or
row key that comes from there is named as a source. A pack whose forms do not hold together cannot be built.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Protocol, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.language import Bilingual
from models.vocabulary import EmployeeKind, JobLevel

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Source = Annotated[str, Field(pattern=r"^(results|superior_results|criteria:[a-z][a-z0-9_]*)$")]
"""Where keys come from: the plan in force, the superior's plan in force, or a list of criteria of the pack."""

KEY_PATTERN = "^[A-Za-z0-9_-]{1,24}$"
SHORT_TEXT = 300
LONG_TEXT = 4000


@dataclass(frozen=True, slots=True)
class ResultRef:
    """A planned result as other forms refer to it."""

    id: str
    title: str


class Post(Protocol):
    """What a rule of a pack may ask about a person."""

    @property
    def level(self) -> JobLevel: ...
    @property
    def kind(self) -> EmployeeKind: ...
    @property
    def family(self) -> str | None: ...
    @property
    def is_top(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a form has to know about the person: hashable, so that a compiled form can be kept."""

    level: JobLevel
    kind: EmployeeKind = EmployeeKind.PNS
    family: str | None = None
    is_top: bool = False
    """Nobody above has a plan to derive from."""
    superior_results: tuple[ResultRef, ...] = ()
    """The results of the superior's plan in force; empty while there is none."""
    results: tuple[ResultRef, ...] = ()
    """The results of the employee's own plan in force."""


class When(Frozen):
    """Of whom something is said: a field, a criterion, a row of weights. Every condition that is given must hold."""

    levels: tuple[JobLevel, ...] = ()
    kinds: tuple[EmployeeKind, ...] = ()
    families: tuple[str, ...] = ()
    top: bool | None = None

    def holds(self, context: Post) -> bool:
        return (
            (not self.levels or context.level in self.levels)
            and (not self.kinds or context.kind in self.kinds)
            and (not self.families or context.family in self.families)
            and (self.top is None or self.top is context.is_top)
        )


class Criterion(Frozen):
    """Something every person is judged by, with its guide lines."""

    id: Name
    title: Bilingual
    guide: tuple[Bilingual, ...] = ()
    when: When = When()


class Option(Frozen):
    value: Name
    title: Bilingual


class FieldBase(Frozen):
    name: Name
    title: Bilingual
    help: Bilingual | None = None
    required: bool = False
    when: When = When()


class TextField(FieldBase):
    type: Literal["text", "long_text"]
    link: bool = False
    """Must be an address that a browser opens."""
    min_length: int = Field(default=1, ge=1, le=LONG_TEXT)
    max_length: int | None = Field(default=None, ge=1, le=20_000)
    example: str | None = None

    @property
    def limit(self) -> int:
        return self.max_length or (LONG_TEXT if self.type == "long_text" else SHORT_TEXT)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.min_length > self.limit:
            raise ValueError(f"field {self.name!r} must be longer than it may be")
        if self.min_length > 1 and not self.required:
            raise ValueError(f"field {self.name!r} has a least length, so it has to be required")
        if self.example is not None and not self.min_length <= len(self.example) <= self.limit:
            raise ValueError(f"the example of field {self.name!r} does not fit its own length")
        if self.link and not (self.example or "").startswith(("http://", "https://")):
            raise ValueError(f"field {self.name!r} is a link and needs a link as its example")
        return self


class KeyField(FieldBase):
    """The stable short name of a row, chosen by the client and unique in its list; later forms refer to it."""

    type: Literal["key"]


class NumberField(FieldBase):
    type: Literal["number", "integer"]
    minimum: float = -1e12
    maximum: float = 1e12
    example: float | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.minimum <= self.sample <= self.maximum:
            raise ValueError(f"field {self.name!r} has no value between its bounds, or its example lies outside")
        return self

    @property
    def sample(self) -> float:
        value = self.example if self.example is not None else max(self.minimum, min(self.maximum, 1))
        return int(value) if self.type == "integer" else value


class DateField(FieldBase):
    type: Literal["date"]
    example: date = date(2027, 1, 4)


class BooleanField(FieldBase):
    type: Literal["boolean"]


class ChoiceField(FieldBase):
    """One of some values, or several of them (`choices`): fixed ones, or those that a source has for this person."""

    type: Literal["choice", "choices"]
    options: tuple[Option, ...] = ()
    options_from: Source | None = None
    example: Name | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        values = [option.value for option in self.options]
        if bool(self.options) == bool(self.options_from):
            raise ValueError(f"field {self.name!r} takes its options either from a list or from a source")
        if len(set(values)) != len(values):
            raise ValueError(f"field {self.name!r} offers a value twice")
        if self.example is not None and self.example not in values:
            raise ValueError(f"the example of field {self.name!r} is none of its options")
        if self.required and self.options_from in ("results", "superior_results"):
            raise ValueError(f"field {self.name!r} cannot be required: its source may be empty")
        return self


class GroupField(FieldBase):
    type: Literal["group"]
    fields: tuple[AnyField, ...]


class AtLeast(Frozen):
    """So many rows have this value in this field."""

    field: Name
    value: Name
    count: int = Field(default=1, ge=1)


class RowsField(FieldBase):
    """A list that the author makes as long as she needs."""

    type: Literal["rows"]
    fields: tuple[AnyField, ...]
    min_rows: int = Field(default=0, ge=0)
    max_rows: int = Field(default=20, ge=1, le=200)
    at_least: AtLeast | None = None
    results_titled_by: Name | None = None
    """These rows are the plan's results, shown to later forms by this field; their key is their id."""

    @property
    def key(self) -> str | None:
        return next((field.name for field in self.fields if isinstance(field, KeyField)), None)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.min_rows > self.max_rows:
            raise ValueError(f"field {self.name!r} needs more rows than it may have")
        if self.required != (self.min_rows > 0):
            raise ValueError(f"field {self.name!r} is required exactly when it needs a row")
        if sum(isinstance(field, KeyField) for field in self.fields) > 1:
            raise ValueError(f"field {self.name!r} has more than one key")
        if self.results_titled_by is not None and (
            self.key is None or self.results_titled_by not in names(self.fields)
        ):
            raise ValueError(f"field {self.name!r} holds the results, so it needs a key and the field that titles them")
        if self.at_least is not None:
            _offers(self.fields, self.at_least.field, (self.at_least.value,))
            if self.at_least.count > self.min_rows:
                raise ValueError(f"field {self.name!r} needs more rows of one kind than rows")
        return self


class EachField(FieldBase):
    """One entry per key of a source, keyed by it, so that an entry for something that does not exist has no place."""

    type: Literal["each"]
    of: Source
    fields: tuple[AnyField, ...]


AnyField = Annotated[
    TextField | KeyField | NumberField | DateField | BooleanField | ChoiceField | GroupField | RowsField | EachField,
    Field(discriminator="type"),
]
"""Any field, told apart by `type`."""


class Rule(Frozen):
    """Where `field` has one of `values`, the fields `require` must be filled (a reason for an extreme rating)."""

    field: Name
    values: tuple[Name, ...] = Field(min_length=1)
    require: tuple[Name, ...] = Field(min_length=1)


class FormSpec(Frozen):
    """A form of the pack."""

    title: Bilingual
    help: Bilingual | None = None
    fields: tuple[AnyField, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for level in levels(self.fields):
            found = names(level)
            if len(set(found)) != len(found):
                raise ValueError(f"two fields of one name among {', '.join(found)}")
        for rule in self.rules:
            _offers(self.fields, rule.field, rule.values)
            for name in rule.require:
                if name not in names(self.fields):
                    raise ValueError(f"a rule requires the field {name!r}, which the form does not have")
        return self

    @property
    def sources(self) -> set[str]:
        """Every source this form draws from."""
        found: set[str] = set()
        for level in levels(self.fields):
            for field in level:
                if isinstance(field, EachField):
                    found.add(field.of)
                elif isinstance(field, ChoiceField) and field.options_from:
                    found.add(field.options_from)
        return found

    @property
    def results(self) -> RowsField | None:
        """The rows that are the plan's results."""
        return next((f for f in self.fields if isinstance(f, RowsField) and f.results_titled_by), None)


def names(fields: tuple[AnyField, ...]) -> list[str]:
    return [field.name for field in fields]


def levels(fields: tuple[AnyField, ...]) -> Iterator[tuple[AnyField, ...]]:
    """Every list of sibling fields, the outermost first."""
    yield fields
    for field in fields:
        if isinstance(field, GroupField | RowsField | EachField):
            yield from levels(field.fields)


def _offers(fields: tuple[AnyField, ...], name: str, values: tuple[str, ...]) -> None:
    """Raise `ValueError` unless a choice of that name offers every value."""
    for field in fields:
        if field.name == name and isinstance(field, ChoiceField):
            offered = {option.value for option in field.options}
            if not set(values) <= offered:
                raise ValueError(f"field {name!r} does not offer {', '.join(sorted(set(values) - offered))}")
            return
    raise ValueError(f"there is no choice {name!r} to hold a rule against")
