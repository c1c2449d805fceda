"""The nine boxes of talent management: what was reached against what somebody may be able to do, by thresholds of a pack.

Pure. Boxes are numbered as in practice (PermenPANRB 3/2020): performance below, as expected and above, each by potential low, middle, high:
1 3 6, 2 5 8, 4 7 9. Whoever lacks a figure that an axis asks for stands in no box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.competency import CompetencySpec
from models.form_spec import ChoiceField, FormSpec, Name
from models.language import Bilingual
from models.misfits import Misfit
from models.numeric_spec import NumericScoring
from models.quadrant import QuadrantScoring
from models.result import Result
from models.vocabulary import Label, Rating

BOXES = ((1, 3, 6), (2, 5, 8), (4, 7, 9))
"""By performance, then by potential, the lowest first."""


class LabelAxis(Frozen):
    """By the label: high and middle are those named, all others low."""

    by: Literal["label"]
    high: tuple[Label, ...] = Field(min_length=1)
    middle: tuple[Label, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if set(self.high) & set(self.middle):
            raise ValueError("a label is either high or middle")
        return self

    def place(self, result: Result) -> int | None:
        return 2 if result.label in self.high else 1 if result.label in self.middle else 0


class _Thresholds(Frozen):
    high: Decimal
    """From here on (included) it is high; from `middle` on, middle."""
    middle: Decimal

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.middle >= self.high:
            raise ValueError("`middle` begins below `high`")
        return self

    def of(self, found: Decimal | None) -> int | None:
        return None if found is None else 2 if found >= self.high else 1 if found >= self.middle else 0


class FigureAxis(_Thresholds):
    """By the value of all parts, or by the percent of what her post needs in competency."""

    by: Literal["value", "competency"]

    def place(self, result: Result) -> int | None:
        return self.of(result.value if self.by == "value" else result.match)


class YearsAxis(_Thresholds):
    """By how many years on end one of these labels was reached, this year included."""

    by: Literal["years"]
    labels: tuple[Label, ...] = Field(min_length=1)

    def place(self, result: Result) -> int | None:
        return self.of(Decimal(result.in_a_row(self.labels)))


class RatingAxis(Frozen):
    """By one of the two ratings that a supervisor gives (`behaviour_rating`)."""

    by: Literal["rating"]
    field: Name

    def place(self, result: Result) -> int | None:
        given = result.rating.get(self.field)
        return {Rating.ABOVE.value: 2, Rating.AS_EXPECTED.value: 1, Rating.BELOW.value: 0}.get(str(given))


Axis = Annotated[LabelAxis | FigureAxis | YearsAxis | RatingAxis, Field(discriminator="by")]


class NineBoxSpec(Frozen):
    """Both axes, and from which boxes people are listed as talents."""

    performance: Axis
    potential: Axis
    potential_title: Bilingual
    """What potential is here; regions mean competency, behaviour or constancy by it."""
    talents: tuple[Annotated[int, Field(ge=1, le=9)], ...] = (7, 8, 9)


def box_of(spec: NineBoxSpec, result: Result) -> int | None:
    """The box that a result lies in; None where it lacks what an axis asks for."""
    reached, potential = spec.performance.place(result), spec.potential.place(result)
    return None if reached is None or potential is None else BOXES[reached][potential]


def misfits(
    spec: NineBoxSpec,
    scoring: QuadrantScoring | NumericScoring,
    rating: FormSpec | None,
    competency: CompetencySpec | None,
) -> Iterator[Misfit]:
    """What an axis asks of a result that no result of this pack has, by paths from its root."""
    fields: Sequence[object] = () if rating is None else rating.fields
    choices = {field.name for field in fields if isinstance(field, ChoiceField)}
    for name, axis in (("performance", spec.performance), ("potential", spec.potential)):
        path = ("nine_box", name)
        if axis.by == "value" and isinstance(scoring, QuadrantScoring):
            yield Misfit((*path, "by"), "the axis asks for a value, and a quadrant has none")
        if axis.by == "competency" and competency is None:
            yield Misfit((*path, "by"), "the axis asks for a competency, and the pack has no [competency]")
        if axis.by == "rating" and axis.field not in choices:
            yield Misfit((*path, "field"), f"the rating has no choice {axis.field!r}")
