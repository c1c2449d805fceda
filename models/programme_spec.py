"""How an improvement programme runs, as a pack says it: how long, its checkpoints, and how long each step may wait."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.misfits import Misfit, Misfits

Days = int
"""Working days."""


class ProgrammeSpec(Frozen):
    """Months count from the day on which the goals are set; every other span is in working days."""

    source: str = Field(min_length=1)
    months: int = Field(ge=1, le=24)
    checkpoints: tuple[int, ...] = ()
    """After how many months the supervisor says how it goes."""
    extension_max: int = Field(default=6, ge=0, le=24)
    """Months by which HR may extend it in all."""
    goals_days: Days = Field(default=10, ge=1, le=60)
    evaluation_days: Days = Field(default=10, ge=1, le=60)
    confirmation_days: Days = Field(default=10, ge=1, le=60)
    remind_days: tuple[int, ...] = (-5, 1)
    """Before (negative) and after the due day of each step."""
    stalled_days: Days = Field(default=5, ge=1, le=60)
    """After the due day: then it is on HR's list, and the senior supervisor may act too."""

    @property
    def early_days(self) -> Days:
        """How long before its due day a checkpoint may be noted: since its first reminder."""
        return max((-days for days in self.remind_days if days < 0), default=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        found = []
        if list(self.checkpoints) != sorted(set(self.checkpoints)):
            found.append(Misfit(("checkpoints",), "checkpoints come one after the other, each once"))
        if any(not 1 <= month < self.months for month in self.checkpoints):
            found.append(
                Misfit(("checkpoints",), f"a checkpoint lies within the {self.months} months, before their end")
            )
        if len(set(self.remind_days)) != len(self.remind_days) or not all(0 < abs(n) <= 20 for n in self.remind_days):
            found.append(Misfit(("remind_days",), "a reminder lies 1 to 20 working days before or after, each once"))
        if any(days >= self.stalled_days for days in self.remind_days):
            found.append(Misfit(("remind_days",), "a reminder after the step is on HR's list reminds nobody"))
        if found:
            raise Misfits(tuple(found))
        return self
