"""What a pack says about which ratings and raters are asked about; every threshold is its own to set."""

from __future__ import annotations

from collections.abc import Iterator

from models.anomalies import ResultsSpec
from models.appraisal import Frozen
from models.misfits import Misfit
from models.numeric_spec import NumericScoring
from models.quadrant import QuadrantScoring
from models.raters import RatersSpec
from models.vocabulary import Rating


class FairnessSpec(Frozen):
    """What is not there is not asked about."""

    results: ResultsSpec | None = None
    raters: RatersSpec | None = None


def misfits(spec: FairnessSpec, scoring: QuadrantScoring | NumericScoring) -> Iterator[Misfit]:
    """What does not fit the way in which the pack scores, by paths from its root."""
    apart = len(Rating) - 1
    if isinstance(scoring, QuadrantScoring) and spec.results is not None and spec.results.steps > apart:
        said = f"two ratings are at most {apart} steps apart: with {spec.results.steps} nothing is ever asked"
        yield Misfit(("fairness", "results", "steps"), said)
