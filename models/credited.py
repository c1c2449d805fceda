"""Which months of a year an appraisal credits (angka kredit), where several are about the same ones: each month counts once.

Pure. A month is credited by whichever appraisal was final first, and stays with it while that one is opened again; so a correction changes
the figure of its own months and no other. One that is cancelled credits none, and what it held is free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.outcome import Outcome
from models.policy import PolicyPack


@dataclass(frozen=True, slots=True)
class Claim:
    """One appraisal of a person's year with a result that earns credit points: the months it is about, 1 to 12."""

    appraisal: str
    months: frozenset[int]
    final_at: datetime | None
    """When it was final for the first time, in whichever revision; None where it never was."""


def credited(of: Claim, year: Iterable[Claim]) -> frozenset[int]:
    """The months that this appraisal credits, among all of that person and year; what is not final yet comes after what is."""
    before = (one.months for one in year if one.appraisal != of.appraisal and _comes_before(one, of))
    return of.months.difference(*before)


def _comes_before(one: Claim, other: Claim) -> bool:
    if one.final_at is None or other.final_at is None:
        return one.final_at is not None
    return (one.final_at, one.appraisal) < (other.final_at, other.appraisal)


def as_credited(stored: Mapping[str, Any], elsewhere: Collection[int], pack: PolicyPack) -> Mapping[str, Any]:
    """An outcome as it is stored, without the credit of the months that another appraisal credits."""
    if "credit" not in stored or not elsewhere:
        return stored
    outcome = Outcome.model_validate(stored)
    counted = outcome.without_months(len(elsewhere), pack.scoring.why["credit"], pack.scoring.labels[outcome.label])
    return counted.model_dump(mode="json", exclude_none=True)
