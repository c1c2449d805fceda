"""An evaluation of some whole months outside the calendar, which HR opens on request for who lacks a few credit points (DOMAIN 2.4).

Pure: what a pack says of it, which months cannot be asked for, and what such an appraisal begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from models.appraisal import Flow, FormRef, Frozen, Snapshot
from models.vocabulary import State
from models.workdays import ONE_DAY


class OnRequest(Frozen):
    """How many months one such evaluation is about, and which of the pack's stages it has beside the rating and the end.

    A stage that the pack itself does not have is none here either. The organisation's label is never waited for: it is about a year.
    """

    months_min: int = Field(default=1, ge=1, le=11)
    months_max: int = Field(ge=1, le=11)
    self_assessment: bool = False
    board: bool = False
    appeal: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.months_min > self.months_max:
            raise ValueError("an evaluation on request has no fewer months at most than at least")
        return self


@dataclass(frozen=True, slots=True)
class Months:
    """Whole months of one year, 1 to 12, both included."""

    year: int
    first: int
    last: int

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def begins(self) -> date:
        return date(self.year, self.first, 1)

    @property
    def ends(self) -> date:
        return end_of(self.year, self.last)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of her year in one post, by the months that it counts (`Segment.counted`), with the appraisal it is."""

    appraisal: str
    counted: Sequence[int]


def end_of(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - ONE_DAY


def why_not(
    months: Months,
    spec: OnRequest,
    parts: Sequence[Part],
    transfers: Iterable[date],
    credited: Iterable[int],
    today: date,
) -> tuple[str, str] | None:
    """The field and the code of what forbids to ask for these months; None where nothing does.

    `transfers` are the days of all that hold, to come included; `credited` the months that count in a result already. Who rates a month,
    and in which post it is worked, is known once it has begun.
    """
    if months.last < months.first:
        return "until", "ends_before_it_begins"
    if len(months.numbers) > spec.months_max:
        return "until", "too_many_months"
    if len(months.numbers) < spec.months_min:
        return "until", "too_few_months"
    if today < months.begins:
        return "from", "in_the_future"
    if any(end_of(months.year, months.first) < day <= months.ends for day in transfers):
        return "until", "across_a_transfer"
    if part_of(months, parts) is None:
        served = [month for part in parts for month in part.counted]
        return ("from", "before_the_post") if not served or months.first < min(served) else ("until", "not_in_the_post")
    if not set(months.numbers).isdisjoint(credited):
        return "from", "credited_already"
    return None


def part_of(months: Months, parts: Sequence[Part]) -> Part | None:
    """The part of her year in which she worked all of these months."""
    return next((part for part in parts if set(months.numbers) <= set(part.counted)), None)


def asked_of(seed: Snapshot, flow: Flow, until: date, plan: FormRef, supervisor: str | None) -> Snapshot:
    """What such an appraisal begins with: where the months are rated, by the plan they were worked by.

    `flow` is `PolicyPack.flow_on_request`, `supervisor` whom HR put in her supervisor's place for the year.
    """
    return seed.model_copy(
        update={
            "flow": flow,
            "state": State.SELF_ASSESSMENT_DRAFTING if flow.self_assessment else State.RATING_DRAFTING,
            "asked_until": until,
            "until": until,
            "plan_in_force": plan,
            "supervisor_override": supervisor,
        }
    )
