"""From a rating to an outcome, by the method that the pack names, and to a profile where it measures competency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from models.competency import profile
from models.numeric import numeric
from models.numeric_spec import NumericScoring
from models.outcome import Outcome, ScoringContext
from models.quadrant import QuadrantScoring, quadrant

if TYPE_CHECKING:
    from models.policy import PolicyPack

ScoringSpec = Annotated[QuadrantScoring | NumericScoring, Field(discriminator="method")]
"""Told apart by `method`: another one joins this union, and `score`."""


def score(pack: PolicyPack, rating: Mapping[str, object], context: ScoringContext) -> Outcome:
    """The outcome of a rating form (or of a decision's `rating`), by the method of the pack.

    Raises `MissingPart` where the rating lacks a part; never guesses one.
    """
    match pack.scoring:
        case QuadrantScoring() as spec:
            outcome = quadrant(spec, rating, context)
        case NumericScoring() as spec:
            outcome = numeric(spec, rating, context)
    if pack.competency is not None:
        hers = profile(pack.competency, pack.criteria[pack.competency.criteria], rating, context)
        outcome = outcome.model_copy(update={"competency": hers})
    if pack.distribution is None or context.organisation is None:
        return outcome
    return pack.distribution.explained(outcome, context.organisation)
