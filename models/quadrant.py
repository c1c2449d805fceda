"""The quadrant of PermenPANRB 6/2022: two ratings meet in one of nine cells. No weights, no formula, and not symmetric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import model_validator

from models.appraisal import Frozen
from models.language import Bilingual
from models.outcome import (
    CreditTable,
    MissingPart,
    Outcome,
    OutcomeLine,
    ScoringContext,
    credit_line,
    credit_points,
    explained,
)
from models.vocabulary import Label, OrganisationLabel, Rating

EXPLANATIONS = {
    "result_rating": frozenset({"result"}),
    "behaviour_rating": frozenset({"behaviour"}),
    "label": frozenset({"result", "behaviour", "label"}),
    "credit": frozenset({"level", "label", "coefficient", "percentage", "months", "points"}),
    "head_result": frozenset({"result", "rated"}),
}
"""The sentences a quadrant explains itself by, and the words each may use."""


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
        absent = {"credit": self.credit is None, "head_result": self.head_result is None}
        explained(self.why, {part: words for part, words in EXPLANATIONS.items() if not absent.get(part, False)})
        if self.head_result is not None and any(label not in self.head_result for label in OrganisationLabel):
            raise ValueError("every organisation label needs a result for the head of the unit")
        return self


def quadrant(spec: QuadrantScoring, rating: Mapping[str, object], context: ScoringContext) -> Outcome:
    """The label where the ratings of results and of behaviour meet. Raises `MissingPart`."""
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
        lines.append(credit_line(credit, label, spec.why["credit"], spec.labels[label]))
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


def _ratings(rating: Mapping[str, object], *parts: str) -> tuple[Rating, ...]:
    found = {member.value: member for member in Rating}
    values = [found.get(str(rating.get(part))) for part in parts]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(parts):
        raise MissingPart(tuple(part for part, value in zip(parts, values, strict=True) if value is None))
    return known
