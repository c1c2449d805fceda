"""What a pack says of a value: its parts, how each is measured, what it weighs for which post, and where the bands lie."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.form_spec import Name, Post, When
from models.language import Bilingual
from models.later import LATER
from models.outcome import CreditTable, explained
from models.vocabulary import Label

HUNDRED = Decimal(100)
Path = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.(\*|[a-z][a-z0-9_]*))*$")]
"""Where in the rating a figure stands (`indicators.discipline.score`); `*` is every entry, and means their mean."""

EXPLANATIONS = {
    "score": frozenset({"part", "value", "weight", "points"}),
    "achievement": frozenset({"part", "value", "weight", "points"}),
    "result": frozenset({"number", "realised", "target", "polarity", "value", "significance", "share"}),
    "capped": frozenset({"number", "realised", "target", "polarity", "ratio", "value", "cap", "significance", "share"}),
    "measured": frozenset({"part", "value", "weight", "points"}),
    "unmeasured": frozenset({"part"}),
    "total": frozenset({"value"}),
    "label": frozenset({"value", "lowest", "label"}),
    "withheld": frozenset({"value", "label", "condition"}),
    "credit": frozenset({"level", "label", "coefficient", "percentage", "months", "points"}),
}
"""The sentences a value explains itself by, and the words each may use."""


class _Part(Frozen):
    id: Name
    title: Bilingual


class ScorePart(_Part):
    """What the rater writes as a figure; with `*` in its path the mean of several."""

    by: Literal["score"]
    field: Path
    results: Annotated[bool, LATER] = False
    """It says what was reached, as what is measured or counted always does: a label far better is asked about (`models.anomalies`)."""


class Significance(Frozen):
    """How much a result of this kind weighs among the results, and what it can come to at most, however far it was exceeded."""

    title: Bilingual
    share: Decimal = Field(gt=0)
    cap: Decimal = Field(gt=0)


class AchievementPart(_Part):
    """What was realised of each planned result against its target, as percent.

    `more`: realised / target. `less` is better (a waiting time): 2 - realised / target, so that half the target is 150 percent and
    twice the target is nothing. The names are fields: of the plan's results, but for `realised`, of the rating.
    """

    by: Literal["achievement"]
    results: Name = "results"
    realised: Name = "realised"
    target: Name = "target"
    polarity: Name = "polarity"
    significance: Name = "significance"
    polarities: dict[Literal["more", "less"], Bilingual]
    significances: dict[Name, Significance] = Field(min_length=1)


class MeasuredPart(_Part):
    """An indicator that is imported for each person (attendance), as percent."""

    by: Literal["measured"]
    indicator: Name


Part = Annotated[ScorePart | AchievementPart | MeasuredPart, Field(discriminator="by")]


class Weights(Frozen):
    """What each part weighs, in percent, for the posts it is said of; the first that fits a person is hers."""

    when: When = When()
    of: dict[Name, Decimal]

    @model_validator(mode="after")
    def _are_a_hundred(self) -> Self:
        if any(weight < 0 for weight in self.of.values()):
            raise ValueError("no weight is less than nothing")
        if (total := sum(self.of.values(), Decimal(0))) != HUNDRED:
            raise ValueError(f"the weights make {total}, and have to make 100")
        return self


class Condition(Frozen):
    """A tick in the rating without which a band is not reached, whatever the value."""

    field: Name
    title: Bilingual


class Band(Frozen):
    """From this value on (included) the label is this one."""

    lowest: Decimal
    label: Label
    needs: Condition | None = None


class NumericScoring(Frozen):
    """Parts, what they weigh, the bands, and a sentence for each step."""

    method: Literal["numeric"]
    parts: tuple[Part, ...] = Field(min_length=1)
    weights: tuple[Weights, ...] = Field(min_length=1)
    maximum: Decimal = HUNDRED
    """A figure above it is none."""
    bands: tuple[Band, ...] = Field(min_length=1)
    labels: dict[Label, Bilingual]
    why: dict[str, Bilingual]
    credit: CreditTable | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        ids = [part.id for part in self.parts]
        if len(set(ids)) != len(ids):
            raise ValueError("two parts of the value have the same id")
        for weights in self.weights:
            if weights.of.keys() != set(ids):
                raise ValueError(f"each row of weights names each of the parts {', '.join(ids)}")
        if self.weights[-1].when != When():
            raise ValueError("the last row of weights is everybody else's and has no `when`")
        if any(label not in self.labels for label in Label):
            raise ValueError("every label needs a name")
        return self

    @model_validator(mode="after")
    def _bands_reach_down(self) -> Self:
        found = [band.lowest for band in self.bands]
        if found != sorted(found, reverse=True):
            raise ValueError("the bands go from the highest to the lowest")
        if self.bands[-1].lowest > 0 or self.bands[-1].needs is not None:
            raise ValueError("the last band begins at 0 and needs nothing, so that every value has a label")
        return self

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        kinds = {part.by for part in self.parts}
        said = {"total", "label", *kinds}
        said |= {"result"} if "achievement" in kinds else set()
        said |= {
            "capped"
        } & self.why.keys()  # asked of a pack that is written: one frozen before there was such a sentence has none
        said |= {"unmeasured"} if any(0 in weights.of.values() for weights in self.weights) else set()
        said |= {"withheld"} if any(band.needs for band in self.bands) else set()
        said |= {"credit"} if self.credit is not None else set()
        explained(self.why, {part: words for part, words in EXPLANATIONS.items() if part in said})
        return self

    @property
    def indicators(self) -> tuple[str, ...]:
        """What is imported for each person."""
        return tuple(part.indicator for part in self.parts if isinstance(part, MeasuredPart))

    @property
    def highest(self) -> Decimal:
        """What no value exceeds."""
        return max(
            max(kind.cap for kind in part.significances.values()) if isinstance(part, AchievementPart) else self.maximum
            for part in self.parts
        )

    def weights_of(self, post: Post) -> Mapping[str, Decimal]:
        """What each part weighs for this person."""
        return next(weights.of for weights in self.weights if weights.when.holds(post))
