"""What a rating came to: the label, the way to it with a sentence for every step, and the credit points.

Arithmetic is in `Decimal`, and nothing is rounded but for the sentence a person reads. A missing part is missing and never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.form_spec import Name
from models.language import Bilingual
from models.later import LATER
from models.vocabulary import EmployeeKind, JobLevel, Label, OrganisationLabel

PRECISION = 28
"""Significant digits kept of a quotient such as 2/12 of a coefficient."""


class MissingPart(Exception):
    """A rating lacks a part that the method needs, or has a value that it does not know."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__(f"the rating lacks {', '.join(parts)}")
        self.parts = parts


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """What the score has to know beside the rating: the person's post, the months of this segment, what was planned and measured.

    `achievement` is the label of the unit she heads; None for everybody else, and where only a unit above has one.
    """

    level: JobLevel
    kind: EmployeeKind = EmployeeKind.PNS
    family: str | None = None
    is_top: bool = False
    months: int = 12
    """0 of a segment that holds at the end of no month."""
    credited: bool = True
    """Not of what was done as Plt, since the points are the definitive post's (DOMAIN 2.6)."""
    organisation: OrganisationLabel | None = None
    """The label that holds in her unit, once it was received."""
    achievement: OrganisationLabel | None = None
    planned: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The results of the plan in force, by their keys."""
    measured: Mapping[str, Decimal] = field(default_factory=dict)
    """Indicators that were imported for this person and year, by name; what is not here was not measured."""

    def __post_init__(self) -> None:
        if not 0 <= self.months <= 12:
            raise ValueError("a segment counts 0 to 12 months")


class OutcomeLine(Frozen):
    """One step of the way to the label."""

    what: str
    value: str
    weight: Decimal | None = None
    points: Decimal | None = None
    why: Bilingual


class CreditNeed(Frozen):
    """What a level needs in all: for each rank (pangkat) within it, and for the next level (jenjang), where there is one."""

    rank: Decimal = Field(gt=0)
    grade: Decimal | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _the_level_takes_a_rank_at_least(self) -> Self:
        if self.grade is not None and self.grade < self.rank:
            raise ValueError("the next level needs no less than a rank")
        return self


class CreditTable(Frozen):
    """Angka kredit: coefficient of the level, times percentage of the label, times months of the year."""

    coefficients: dict[JobLevel, Annotated[Decimal, Field(ge=0)]]
    """Points of a whole year, by functional level; a level that is not here earns none."""
    percentages: dict[Label, Annotated[Decimal, Field(ge=0)]]
    needs: Annotated[dict[JobLevel, CreditNeed], LATER] = Field(default_factory=dict)
    """By functional level; of a level that is not here nobody says what it needs."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := [label.value for label in Label if label not in self.percentages]:
            raise ValueError(f"the credit table has no percentage for {', '.join(missing)}")
        if unknown := sorted(level.value for level in self.needs.keys() - self.coefficients.keys()):
            raise ValueError(f"the credit table says what {', '.join(unknown)} needs, and no coefficient for it")
        return self


class Credit(Frozen):
    """Credit points with all they were computed from, since the tables change."""

    level: JobLevel
    coefficient: Decimal
    percentage: Decimal
    months: int
    points: Decimal

    @classmethod
    def of(cls, level: JobLevel, coefficient: Decimal, percentage: Decimal, months: int) -> Self:
        """What so many months of that level come to."""
        with localcontext() as exact:
            exact.prec = PRECISION
            points = coefficient * percentage * months / Decimal(1200)
        return cls(level=level, coefficient=coefficient, percentage=percentage, months=months, points=points)

    def over(self, months: int) -> Self:
        """The same by so many months."""
        return self.of(self.level, self.coefficient, self.percentage, months)


class CompetencyLine(Frozen):
    """One competency; `gap` is 0 where the level is reached."""

    id: Name
    title: Bilingual
    achieved: int
    required: int
    gap: int
    why: Bilingual


class Suggestion(Frozen):
    """A course, and the widest gap it is suggested for."""

    id: Name
    title: Bilingual
    hours: int
    builds: Name
    why: Bilingual


class Profile(Frozen):
    """What a rating says of a person's competency: strong above the required level, to develop below it, the widest gap first."""

    percent: Decimal
    verdict: Name
    why: Bilingual
    lines: tuple[CompetencyLine, ...]
    strengths: tuple[Name, ...]
    to_develop: tuple[Name, ...]
    training: tuple[Suggestion, ...]


class Outcome(Frozen):
    """What a rating came to."""

    label: Label
    method: str
    lines: tuple[OutcomeLine, ...]
    credit: Credit | None = None
    competency: Profile | None = None
    """A result of its own, in packs that have one."""

    def without_months(self, count: int, why: Bilingual, said: Bilingual) -> Outcome:
        """The same where so many of its months are credited elsewhere. `why` and `said` as in `credit_line`."""
        if self.credit is None:
            return self
        credit = self.credit.over(self.credit.months - count)
        line = credit_line(credit, self.label, why, said)
        lines = tuple(line if one.what == line.what else one for one in self.lines)
        return self.model_copy(update={"credit": credit, "lines": lines})


def credit_points(table: CreditTable | None, label: Label, context: ScoringContext) -> Credit | None:
    """Credit points of one segment; `None` where the pack or the level has none."""
    if table is None or not context.credited or context.level not in table.coefficients:
        return None
    coefficient, percentage = table.coefficients[context.level], table.percentages[label]
    return Credit.of(context.level, coefficient, percentage, context.months)


def credit_line(credit: Credit, label: Label, why: Bilingual, said: Bilingual) -> OutcomeLine:
    """The step that says how many points a label earned. `why` is the pack's sentence, `said` the label as the pack calls it."""
    words: dict[str, Bilingual | str] = {
        "label": said,
        "level": credit.level.value,
        "months": str(credit.months),
        "coefficient": figure(credit.coefficient),
        "percentage": figure(credit.percentage),
        "points": figure(credit.points),
    }
    return OutcomeLine(what="credit", value=label.value, points=credit.points, why=why.fill(**words))


def figure(value: Decimal, digits: int = 3) -> Bilingual:
    """For a sentence: at most so many decimals, with the decimal sign of each language."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".")
    return Bilingual(id=text.replace(".", ","), en=text)


def explained(why: Mapping[str, Bilingual], needed: Mapping[str, frozenset[str]]) -> None:
    """Raise `ValueError` where a sentence is missing, or uses a word that it cannot know. `needed` has the words each may use."""
    for part, words in needed.items():
        if part not in why:
            raise ValueError(f"the scoring has no sentence for {part!r}")
        if unknown := why[part].asks_for - words:
            raise ValueError(f"the sentence for {part!r} uses {', '.join(sorted(unknown))}, which it cannot know")
