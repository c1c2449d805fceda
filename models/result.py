"""A final result as what follows from it asks about it: the label, the figures beside it, and the labels of the years before.

Pure. What a year does not have (a value, a competency) is missing and meets no condition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.outcome import Profile
from models.vocabulary import EmployeeKind, JobLevel, Label, ProgrammeOutcome

TOTAL = "total"
"""The step of an outcome that says the value of all parts together."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one person's year came to, in the post she had at its end. `before` has the final labels of her earlier years."""

    year: int
    label: Label
    level: JobLevel
    kind: EmployeeKind = EmployeeKind.PNS
    family: str | None = None
    is_top: bool = False
    """Never asked about here: who stands above is no part of a result."""
    value: Decimal | None = None
    match: Decimal | None = None
    """Percent of what her post needs in competency."""
    gaps: Mapping[str, int] = field(default_factory=dict)
    """By competency, how many levels short; 0 where the level is reached."""
    profile: Profile | None = None
    """Both with their sentences; whoever only asks whether a rule holds does without."""
    rating: Mapping[str, object] = field(default_factory=dict)
    before: Mapping[int, Label] = field(default_factory=dict)
    imported: frozenset[int] = frozenset()
    """Which of those years were imported."""
    programme: ProgrammeOutcome | None = None
    """What came of the last programme that this result led to; none while it runs."""

    def in_a_row(self, labels: Collection[Label]) -> int:
        """For how many years on end, this one included, she had one of these labels; a year without a result ends the row."""
        return len(self.row(labels))

    def row(self, labels: Collection[Label]) -> Sequence[int]:
        """Those years, the latest first."""
        return list(self._back_while(labels))

    def _back_while(self, labels: Collection[Label]) -> Iterator[int]:
        year, label = self.year, self.label
        while label in labels:
            yield year
            year -= 1
            if year not in self.before:
                return
            label = self.before[year]
