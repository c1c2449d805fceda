"""Competency beside performance: the level a person has against the level her post needs, what follows for training.

A result of its own in the same rating; it never touches the label (DOMAIN 5). Percents are exact; a level that was not given is
missing and never the lowest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.form_spec import Criterion, Name, Post, When
from models.language import Bilingual
from models.outcome import (
    PRECISION,
    CompetencyLine,
    MissingPart,
    Profile,
    ScoringContext,
    Suggestion,
    explained,
    figure,
)

HUNDRED = Decimal(100)
EXPLANATIONS = {
    "gap": frozenset({"competency", "achieved", "required", "gap"}),
    "met": frozenset({"competency", "achieved", "required"}),
    "match": frozenset({"percent", "verdict"}),
    "training": frozenset({"competency", "gap", "hours"}),
}
"""The sentences a profile explains itself by, and the words each may use."""


class Requirement(Frozen):
    """The level that posts need: `level` of every competency, but for those in `of`. The first row that fits a person is hers."""

    when: When = When()
    level: int = Field(ge=1)
    of: dict[Name, int] = Field(default_factory=dict)


class Verdict(Frozen):
    """From this percentage on (included) the person fits the post so."""

    lowest: Decimal = Field(ge=0)
    name: Name
    title: Bilingual


class Training(Frozen):
    """A course of the catalogue, and which competencies it builds."""

    id: Name
    title: Bilingual
    hours: int = Field(ge=1)
    builds: tuple[Name, ...] = Field(min_length=1)


class CompetencySpec(Frozen):
    """Which criteria are competencies, where the rating says their levels, and what is made of them."""

    criteria: Name
    field: Name = "competencies"
    """Of the rating: entries by competency, each with a `level`."""
    highest: int = Field(default=5, ge=2, le=9)
    required: tuple[Requirement, ...] = Field(min_length=1)
    verdicts: tuple[Verdict, ...] = Field(min_length=1)
    training: tuple[Training, ...] = ()
    hours_a_year: int = Field(default=20, ge=0)
    """What is suggested of training in one year adds up to no more."""
    why: dict[str, Bilingual]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.required[-1].when != When():
            raise ValueError("the last row of required levels is everybody else's and has no `when`")
        if any(level > self.highest for row in self.required for level in (row.level, *row.of.values())):
            raise ValueError(f"no post needs more than the highest level, {self.highest}")
        found = [verdict.lowest for verdict in self.verdicts]
        if found != sorted(found, reverse=True) or found[-1] != 0:
            raise ValueError("the verdicts go from the highest percentage to 0")
        ids = [one.id for one in self.training]
        if len(set(ids)) != len(ids):
            raise ValueError("two courses of the catalogue have the same id")
        explained(self.why, EXPLANATIONS)
        return self

    def required_of(self, competency: str, post: Post) -> int:
        """The level that this post needs of it."""
        row = next(row for row in self.required if row.when.holds(post))
        return row.of.get(competency, row.level)

    def verdict(self, percent: Decimal) -> Verdict:
        """How a person of this percentage fits the post; a bound belongs to the better one."""
        return next(verdict for verdict in self.verdicts if percent >= verdict.lowest)


def profile(
    spec: CompetencySpec, criteria: Sequence[Criterion], rating: Mapping[str, object], context: ScoringContext
) -> Profile:
    """The profile of a rating. Raises `MissingPart` with each competency of this post whose level was not given."""
    hers = [criterion for criterion in criteria if criterion.when.holds(context)]
    given = rating.get(spec.field)
    levels = {one.id: _level(given.get(one.id) if isinstance(given, Mapping) else None, spec.highest) for one in hers}
    if missing := tuple(f"{spec.field}.{name}" for name, level in levels.items() if level is None):
        raise MissingPart(missing)
    lines = tuple(_line(spec, one, levels[one.id] or 0, context) for one in hers)
    percent = match_percent([(line.achieved, line.required) for line in lines])
    verdict = spec.verdict(percent)
    gaps = sorted((line for line in lines if line.gap), key=lambda line: -line.gap)
    return Profile(
        percent=percent,
        verdict=verdict.name,
        why=spec.why["match"].fill(percent=figure(percent), verdict=verdict.title),
        lines=lines,
        strengths=tuple(line.id for line in lines if line.achieved > line.required),
        to_develop=tuple(line.id for line in gaps),
        training=tuple(suggested(spec, gaps)),
    )


def match_percent(levels: Sequence[tuple[int, int]]) -> Decimal:
    """Achieved against required levels, in percent; what is above one requirement makes up for no other."""
    with localcontext() as exact:
        exact.prec = PRECISION
        required = sum(needed for _, needed in levels)
        reached = sum(min(achieved, needed) for achieved, needed in levels)
        return HUNDRED * reached / required if required else HUNDRED


def suggested(spec: CompetencySpec, gaps: Sequence[CompetencyLine]) -> Iterator[Suggestion]:
    """For each gap, the widest first, the first course that builds it and still fits into the year; none twice."""
    left, taken = spec.hours_a_year, set[str]()
    for line in gaps:
        course = next((c for c in spec.training if line.id in c.builds and c.hours <= left and c.id not in taken), None)
        if course is None or any(line.id in c.builds for c in spec.training if c.id in taken):
            continue
        left, taken = left - course.hours, taken | {course.id}
        why = spec.why["training"].fill(competency=line.title, gap=str(line.gap), hours=str(course.hours))
        yield Suggestion(id=course.id, title=course.title, hours=course.hours, builds=line.id, why=why)


def _line(spec: CompetencySpec, criterion: Criterion, achieved: int, post: Post) -> CompetencyLine:
    required = spec.required_of(criterion.id, post)
    gap = max(0, required - achieved)
    words: dict[str, Bilingual | str] = {
        "competency": criterion.title,
        "achieved": str(achieved),
        "required": str(required),
        "gap": str(gap),
    }
    why = spec.why["gap" if gap else "met"].fill(**words)
    return CompetencyLine(
        id=criterion.id, title=criterion.title, achieved=achieved, required=required, gap=gap, why=why
    )


def _level(entry: object, highest: int) -> int | None:
    level = entry.get("level") if isinstance(entry, Mapping) else None
    return level if isinstance(level, int) and not isinstance(level, bool) and 1 <= level <= highest else None
