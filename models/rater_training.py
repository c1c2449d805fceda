"""Rater training: whether who rates has learnt how to, as far as a pack asks for it.

What was taken part in is a fact about a person; what counts, and for how long, is the pack's to say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import Field, TypeAdapter, model_validator

from models.appraisal import Frozen
from models.language import Bilingual
from models.misfits import Misfit, Misfits

FILE = Path(__file__).with_name("trainings.toml")


@cache
def courses() -> Mapping[str, Bilingual]:
    """The trainings that may be recorded, by id."""
    return TypeAdapter(dict[str, Bilingual]).validate_python(tomllib.loads(FILE.read_text(encoding="utf-8"))["courses"])


class RaterTraining(Frozen):
    """What a pack asks of who rates: nothing (`off`), that it is seen (`flag`), or that there is no rating without (`gate`)."""

    mode: Literal["off", "flag", "gate"] = "off"
    courses: tuple[str, ...] = ()
    """Any one of these counts."""
    valid_years: int = Field(default=3, ge=1, le=20)
    """How long; a certificate that ends sooner ends it sooner."""

    @property
    def asked(self) -> bool:
        return self.mode != "off"

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        found = [
            Misfit(("courses",), f"there is no training {one!r}: there are {', '.join(sorted(courses()))}")
            for one in self.courses
            if one not in courses()
        ]
        if self.asked and not self.courses:
            found.append(Misfit(("mode",), "a training is asked for, but `courses` names none that counts"))
        if found:
            raise Misfits(tuple(found))
        return self


@dataclass(frozen=True, slots=True)
class Training:
    """Somebody took part in a course on that day; `until` is the last day of its certificate, where that says one."""

    course: str
    day: date
    until: date | None = None


def trained_until(taken: Iterable[Training], asked: RaterTraining, day: date) -> date | None:
    """The last day on which what was taken part in by that day counts; None where nothing counts on it."""
    ends = [_last_day(one, asked.valid_years) for one in taken if one.course in asked.courses and one.day <= day]
    last = max(ends, default=None)
    return None if last is None or last < day else last


def _last_day(one: Training, years: int) -> date:
    """The same day so many years later, or the day before where that year has none such."""
    year, leap_day = one.day.year + years, (one.day.month, one.day.day) == (2, 29)
    last = date(year, 2, 28) if leap_day else one.day.replace(year=year)
    return last if one.until is None else min(last, one.until)


class Refusal(NamedTuple):
    """Why a list of trainings cannot be recorded: the place in it, the field and the code."""

    place: int
    field: Literal["course", "date", "valid_until"]
    code: Literal["unknown_course", "in_the_future", "ends_before_it_begins", "same_twice"]


def refusals(taken: Collection[Training], known: Collection[str], today: date) -> list[Refusal]:
    """All that is wrong with what is to be recorded of one person; empty where nothing is. `known` are the courses there are for her."""
    found: list[Refusal] = []
    seen: set[tuple[str, date]] = set()
    for place, one in enumerate(taken):
        if one.course not in known:
            found.append(Refusal(place, "course", "unknown_course"))
        if one.day > today:
            found.append(Refusal(place, "date", "in_the_future"))
        if one.until is not None and one.until < one.day:
            found.append(Refusal(place, "valid_until", "ends_before_it_begins"))
        if (one.course, one.day) in seen:
            found.append(Refusal(place, "course", "same_twice"))
        seen.add((one.course, one.day))
    return found
