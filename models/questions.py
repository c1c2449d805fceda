"""What a figure makes one ask: never a verdict, always with the figures it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.language import Bilingual


class Asks(StrEnum):
    """What a question is about; the first three are about whoever rates, the others about one rating."""

    LENIENT = "lenient"
    SEVERE = "severe"
    ALIKE = "alike"
    BEHAVIOUR_ABOVE_RESULTS = "behaviour_above_results"
    RATING_ABOVE_UNIT = "rating_above_unit"
    LABEL_ABOVE_RESULTS = "label_above_results"
    LABEL_ABOVE_REPORT = "label_above_report"

    @property
    def of_rater(self) -> bool:
        return self in (Asks.LENIENT, Asks.SEVERE, Asks.ALIKE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing a question rests on; `value` is a code or an exact number, as text."""

    what: str
    title: Bilingual
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in a sentence with its figures in it, and the figures again for who counts on."""

    asks: Asks
    said: Bilingual
    figures: Sequence[Figure]
