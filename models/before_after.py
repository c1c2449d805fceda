"""What changed from one year's result to the next: competencies and figures that both have, and the trainings in between.

Pure. Only years that were judged by the same policy are compared: the same name elsewhere may be measured otherwise. A training stands
beside a competency that it builds; whether it made the difference nobody here says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Literal

from models.form_spec import EachField, NumberField
from models.language import Bilingual
from models.numeric_spec import MeasuredPart, NumericScoring
from models.outcome import CompetencyLine
from models.policy import PolicyPack
from models.rater_training import Training
from models.vocabulary import Form

VALUE = "value"
"""The name of the figure that all parts make together."""
VALUE_TITLE = Bilingual(id="Nilai kinerja", en="Value of the performance")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a year was rated by, or came to; `id` is where it stands."""

    id: str
    title: Bilingual
    value: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """One final year as it is compared: by which policy, on which day it was rated, its competencies and its figures.

    `builds` has the competencies of each course of that year's catalogue.
    """

    year: int
    policy: str
    rated_on: date
    competencies: Sequence[CompetencyLine] = ()
    figures: Sequence[Figure] = ()
    builds: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in two years. The gaps are of a competency only; `trainings` were taken part in after the first was rated."""

    before_year: int
    after_year: int
    of: Literal["competency", "figure"]
    id: str
    title: Bilingual
    before: Decimal
    after: Decimal
    gaps: tuple[int, int] | None = None
    trainings: tuple[Training, ...] = ()


def changes(years: Sequence[Compared], taken: Sequence[Training]) -> Iterator[Change]:
    """From each year to the next one on record, the earliest first."""
    for before, after in pairwise(sorted(years, key=lambda one: one.year)):
        if before.policy == after.policy:
            between = [one for one in taken if before.rated_on < one.day <= after.rated_on]
            yield from _competencies(before, after, between)
            yield from _figures(before, after)


def figures_of(
    pack: PolicyPack, rating: Mapping[str, object], lines: Mapping[str, str], value: Decimal | None
) -> list[Figure]:
    """The value, what was imported as it counted, and every number that the rating says of a criterion; `lines` are values of the outcome.

    Levels of competency are told apart.
    """
    found = [] if value is None else [Figure(VALUE, VALUE_TITLE, value)]
    for part in _measured_parts(pack):
        if (counted := _decimal(lines.get(part.id))) is not None:
            found.append(Figure(f"measured.{part.indicator}", part.title, counted))
    levels = None if pack.competency is None else pack.competency.field
    form = pack.forms[Form.RATING]
    for each in (one for one in form.fields if isinstance(one, EachField) and one.name != levels):
        found += _numbers(pack, each, rating.get(each.name))
    return found


def _numbers(pack: PolicyPack, each: EachField, entries: object) -> Iterator[Figure]:
    kind, _, name = each.of.partition(":")
    if kind != "criteria" or not isinstance(entries, Mapping):
        return
    for criterion in pack.criteria.get(name, ()):
        entry = entries.get(criterion.id)
        for number in (one for one in each.fields if isinstance(one, NumberField)):
            value = _decimal(entry.get(number.name) if isinstance(entry, Mapping) else None)
            if value is not None:
                yield Figure(f"{each.name}.{criterion.id}.{number.name}", criterion.title, value)


def _measured_parts(pack: PolicyPack) -> Iterator[MeasuredPart]:
    if isinstance(pack.scoring, NumericScoring):
        yield from (part for part in pack.scoring.parts if isinstance(part, MeasuredPart))


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _competencies(before: Compared, after: Compared, between: Sequence[Training]) -> Iterator[Change]:
    then = {line.id: line for line in before.competencies}
    builds = {
        course: {*before.builds.get(course, ()), *after.builds.get(course, ())}
        for course in (one.course for one in between)
    }
    for line in after.competencies:
        if line.id in then:
            yield Change(
                before.year,
                after.year,
                "competency",
                line.id,
                line.title,
                Decimal(then[line.id].achieved),
                Decimal(line.achieved),
                (then[line.id].gap, line.gap),
                tuple(one for one in between if line.id in builds[one.course]),
            )


def _figures(before: Compared, after: Compared) -> Iterator[Change]:
    then = {one.id: one.value for one in before.figures}
    for one in after.figures:
        if one.id in then:
            yield Change(before.year, after.year, "figure", one.id, one.title, then[one.id], one.value)
