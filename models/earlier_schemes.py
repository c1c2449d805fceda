"""By which scheme a year before this engine was judged, and which label a value of that scheme stands for.

Pure, and data: `earlier_schemes.toml` has the schemes by their years.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Self

from pydantic import Field, TypeAdapter, model_validator

from models.appraisal import Frozen
from models.vocabulary import Label

FILE = Path(__file__).with_name("earlier_schemes.toml")


class Band(Frozen):
    """From this value on (included), up to the band above."""

    least: Decimal
    labels: tuple[Label, ...] = Field(min_length=1)


class Scheme(Frozen):
    """One way of judging a year; without bands it knows labels and no value."""

    id: str
    title: str
    """As people everywhere call it: the regulation's own name."""
    source: str = Field(min_length=1)
    first: int
    last: int | None = None
    highest: Decimal = Decimal(0)
    words: Mapping[Label, tuple[str, ...]]
    bands: tuple[Band, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if set(self.words) != set(Label) or not all(self.words.values()):
            raise ValueError(f"{self.id}: each label has a word")
        if any(above.least <= below.least for above, below in pairwise(self.bands)):
            raise ValueError(f"{self.id}: the highest band comes first")
        if self.bands and (self.bands[-1].least != 0 or self.highest <= self.bands[0].least):
            raise ValueError(f"{self.id}: the bands reach from 0 to `highest`")
        return self

    def labelled(self, word: str) -> Label | None:
        """The label that a word of this scheme, or the label's own name, means."""
        said = word.casefold()
        return next(
            (one for one, words in self.words.items() if said in {one.value, *(each.casefold() for each in words)}),
            None,
        )

    def labels_of(self, value: Decimal) -> tuple[Label, ...]:
        """The labels that a value from 0 to `highest` may have; more than one where it does not tell."""
        return next(band.labels for band in self.bands if value >= band.least)


@cache
def schemes() -> tuple[Scheme, ...]:
    """All of them, the earliest first."""
    found = TypeAdapter(tuple[Scheme, ...]).validate_python(
        tomllib.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)["schemes"]
    )
    for before, after in pairwise(found):
        if before.last is None or before.last >= after.first:
            raise ValueError(f"{before.id} and {after.id} share a year")
    return found


def scheme_of(year: int) -> Scheme | None:
    """The scheme by which that year was judged; None where none is known."""
    return next((one for one in schemes() if one.first <= year and (one.last is None or year <= one.last)), None)


def scheme_named(name: str) -> Scheme | None:
    return next((one for one in schemes() if one.id == name), None)
