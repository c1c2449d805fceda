"""Worked examples: ratings of which a pack says itself what they come to. They check the pack, and a rehearsed year is rated by them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from pydantic import Field, JsonValue

from models.appraisal import Frozen
from models.form_spec import Name
from models.language import Bilingual
from models.vocabulary import EmployeeKind, JobLevel, Label

EVERY = "*"
"""In the place of a name: every entry of a list or of a group of rows."""


class WorkedExample(Frozen):
    """A rating, said by what it changes in the example of the rating form, and the label it comes to."""

    title: Bilingual
    plan: dict[str, JsonValue] = Field(default_factory=dict)
    """What was planned otherwise than in the example of the plan, where the plan says what a figure is worth."""
    rating: dict[str, JsonValue]
    measured: dict[Name, Decimal] = Field(default_factory=dict)
    """Imported indicators."""
    level: JobLevel = JobLevel.PELAKSANA
    kind: EmployeeKind = EmployeeKind.PNS
    family: str | None = None
    value: Decimal | None = None
    """What all parts make together, for a method that counts."""
    label: Label


def overlaid(data: object, changes: Mapping[str, object]) -> dict[str, object]:
    """The form with these changes; a change of `*` is one of every entry. What is no form is replaced."""
    whole: dict[str, object] = dict(data) if isinstance(data, Mapping) else {}
    for name, change in changes.items():
        for key in list(whole) if name == EVERY else [name]:
            below = whole.get(key)
            if not isinstance(change, Mapping):
                whole[key] = change
            elif isinstance(below, list):
                each = cast(Mapping[str, object], change.get(EVERY, {}))
                whole[key] = [overlaid(row, each) for row in below]
            else:
                whole[key] = overlaid(below, change)
    return whole


def fitted(schema: Mapping[str, object], data: Mapping[str, object]) -> dict[str, object]:
    """Of the data what a form of this schema has a field for."""
    nodes = cast(Mapping[str, Mapping[str, object]], schema.get("properties", {}))
    return {
        name: fitted(nodes[name], value) if isinstance(value, Mapping) else value
        for name, value in data.items()
        if name in nodes
    }
