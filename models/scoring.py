"""From ratings to a label, by the tables of the pack, with a sentence for every step.

A missing part is missing and never zero: without it there is no outcome. Arithmetic is in `Decimal` and nothing is
rounded but for the sentence a person reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from models.appraisal import Frozen
from models.language import Bilingual
from models.vocabulary import JobLevel, Label, OrganisationLabel, Rating

if TYPE_CHECKING:
    from models.policy import PolicyPack

PRECISION = 28
"""Significant digits kept of a quotient such as 2/12 of a coefficient."""

EXPLANATIONS = {
    "result_rating": {"result"},
    "behaviour_rating": {"behaviour"},
    "label": {"result", "behaviour", "label"},
    "credit": {"level", "label", "coefficient", "percentage", "months", "points"},
    "head_result": {"result", "rated"},
}
"""The sentences a quadrant explains itself by, and the words each may use."""


class MissingPart(Exception):
    """A rating lacks a part that the method needs, or has a value that it does not know."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__(f"the rating lacks {', '.join(parts)}")
        self.parts = parts


class CreditTable(Frozen):
    """Angka kredit: coefficient of the level, times percentage of the label, times months of the year."""

    coefficients: dict[JobLevel, Decimal]
    """Points of a whole year, by functional level; a level that is not here earns none."""
    percentages: dict[Label, Decimal]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := [label.value for label in Label if label not in self.percentages]:
            raise ValueError(f"the credit table has no percentage for {', '.join(missing)}")
        return self


class QuadrantScoring(Frozen):
    """Two ratings meet in one of nine cells. `matrix[result][behaviour]`."""

    method: Literal["quadrant"]
    matrix: dict[Rating, dict[Rating, Label]]
    ratings: dict[Rating, Bilingual]
    labels: dict[Label, Bilingual]
    why: dict[str, Bilingual]
    """A sentence for each line of the outcome, with `{placeholders}`; it names the rule's source."""
    credit: CreditTable | None = None
    head_result: dict[OrganisationLabel, Rating] | None = None
    """What the label of a unit makes of the results of the one who heads it, in place of his supervisor's rating."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for result in Rating:
            for behaviour in Rating:
                if behaviour not in self.matrix.get(result, {}):
                    raise ValueError(f"the matrix has no cell for {result.value} and {behaviour.value}")
        if any(rating not in self.ratings for rating in Rating) or any(label not in self.labels for label in Label):
            raise ValueError("every rating and every label needs a name")
        for part, words in EXPLANATIONS.items():
            if (part == "credit" and self.credit is None) or (part == "head_result" and self.head_result is None):
                continue
            if part not in self.why:
                raise ValueError(f"the scoring has no sentence for {part!r}")
            if unknown := self.why[part].asks_for - words:
                raise ValueError(f"the sentence for {part!r} uses {', '.join(sorted(unknown))}, which it cannot know")
        if self.head_result is not None and any(label not in self.head_result for label in OrganisationLabel):
            raise ValueError("every organisation label needs a result for the head of the unit")
        return self


ScoringSpec = QuadrantScoring
"""Told apart by `method`: a second method makes this a union, and adds its function to `METHODS`."""


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """What the score has to know about the person: her level, and the months of this segment that count.

    `level` is None where nothing is credited: of what was done as Plt, since the points are the definitive post's (DOMAIN 2.6).
    `achievement` is the label of the unit she heads; None for everybody else, and where only a unit above has one.
    """

    level: JobLevel | None
    months: int = 12
    """0 of a segment that holds at the end of no month."""
    organisation: OrganisationLabel | None = None
    """The label that holds in her unit, once it was received."""
    achievement: OrganisationLabel | None = None

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


class Credit(Frozen):
    """Credit points with all they were computed from, since the tables change."""

    level: JobLevel
    coefficient: Decimal
    percentage: Decimal
    months: int
    points: Decimal


class Outcome(Frozen):
    """What a rating came to."""

    label: Label
    method: str
    lines: tuple[OutcomeLine, ...]
    credit: Credit | None = None


def score(pack: PolicyPack, rating: Mapping[str, object], context: ScoringContext) -> Outcome:
    """The outcome of a rating form (or of a decision's `rating`), by the method of the pack.

    Raises `MissingPart` where the rating lacks a part; never guesses one.
    """
    outcome = METHODS[pack.scoring.method](pack.scoring, rating, context)
    if pack.distribution is None or context.organisation is None:
        return outcome
    return pack.distribution.explained(outcome, context.organisation)


def quadrant(spec: QuadrantScoring, rating: Mapping[str, object], context: ScoringContext) -> Outcome:
    rated, behaviour = _ratings(rating, "result_rating", "behaviour_rating")
    result, headed = rated, context.achievement
    if spec.head_result is not None and headed is not None:
        result = spec.head_result[headed]
    label = spec.matrix[result][behaviour]
    words: dict[str, Bilingual | str] = {
        "result": spec.ratings[result],
        "behaviour": spec.ratings[behaviour],
        "label": spec.labels[label],
    }
    lines = [
        _result_line(spec, rated, result, headed, words),
        OutcomeLine(what="behaviour_rating", value=behaviour.value, why=spec.why["behaviour_rating"].fill(**words)),
        OutcomeLine(what="label", value=label.value, why=spec.why["label"].fill(**words)),
    ]
    credit = credit_points(spec.credit, label, context)
    if credit is not None:
        words |= {
            "level": credit.level.value,
            "months": str(credit.months),
            "coefficient": _figure(credit.coefficient),
            "percentage": _figure(credit.percentage),
            "points": _figure(credit.points),
        }
        why = spec.why["credit"].fill(**words)
        lines.append(OutcomeLine(what="credit", value=label.value, points=credit.points, why=why))
    return Outcome(label=label, method=spec.method, lines=tuple(lines), credit=credit)


def _result_line(
    spec: QuadrantScoring,
    rated: Rating,
    result: Rating,
    headed: OrganisationLabel | None,
    words: Mapping[str, Bilingual | str],
) -> OutcomeLine:
    """The rating as it was given; for the head of a labelled unit what the unit's achievement makes of it."""
    if spec.head_result is None or headed is None:
        return OutcomeLine(what="result_rating", value=result.value, why=spec.why["result_rating"].fill(**words))
    why = spec.why["head_result"].fill(**{**words, "rated": spec.ratings[rated]})
    return OutcomeLine(what="result_rating", value=result.value, why=why)


def credit_points(table: CreditTable | None, label: Label, context: ScoringContext) -> Credit | None:
    """Credit points of one segment; `None` where the pack or the level has none."""
    if table is None or context.level is None or context.level not in table.coefficients:
        return None
    coefficient, percentage = table.coefficients[context.level], table.percentages[label]
    with localcontext() as exact:
        exact.prec = PRECISION
        points = coefficient * percentage * context.months / Decimal(1200)
    return Credit(
        level=context.level, coefficient=coefficient, percentage=percentage, months=context.months, points=points
    )


METHODS: dict[str, Callable[[ScoringSpec, Mapping[str, object], ScoringContext], Outcome]] = {"quadrant": quadrant}
"""By the pack's `scoring.method`."""


def _ratings(rating: Mapping[str, object], *parts: str) -> tuple[Rating, ...]:
    found = {member.value: member for member in Rating}
    values = [found.get(str(rating.get(part))) for part in parts]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(parts):
        raise MissingPart(tuple(part for part, value in zip(parts, values, strict=True) if value is None))
    return known


def _figure(value: Decimal) -> Bilingual:
    """For a sentence: at most three decimals, with the decimal sign of each language."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return Bilingual(id=text.replace(".", ","), en=text)
