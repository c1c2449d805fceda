"""Fields that a pack's structure gained after packs were frozen: they count only where they say something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel


class _Later:
    def __repr__(self) -> str:
        return "LATER"


LATER = _Later()
"""Stands in the annotation of a field that came later: at its default it is as good as absent, so a pack that was frozen before there was
one keeps its digest.
"""


def without_later(model: BaseModel) -> dict[str, Any]:
    """The model as JSON data, without what came later and is at its default, however deep."""
    stored = model.model_dump(mode="json")
    _drop(model, stored)
    return stored


def _drop(value: object, stored: Any) -> None:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if LATER in field.metadata and inner == field.get_default(call_default_factory=True):
                del stored[name]
            else:
                _drop(inner, stored[name])
    elif isinstance(value, dict):
        _each(value.values(), stored.values())
    elif isinstance(value, tuple | list):
        _each(value, stored)


def _each(values: Iterable[object], stored: Iterable[Any]) -> None:
    for inner, data in zip(values, stored, strict=True):
        _drop(inner, data)
