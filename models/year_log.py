"""What may be noted while a year runs, when, and what it comes to for whoever rates. Pure.

What is sent may come late and twice, from a client that was offline: an entry has its client's id, and one that corrects another says which
version it read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from models.appraisal import Snapshot
from models.vocabulary import Stage

BATCH_MAX = 200
ENTRIES_MAX = 3000
"""In one appraisal: a dozen on each working day."""
VERSIONS_MAX = 20
OBSERVATIONS_MAX = 500
EVIDENCE_MAX = 100
LISTED_MAX = 50
"""Of one kind under one result of a digest, the newest; the counts count all."""
RATED = frozenset({Stage.CALIBRATION, Stage.APPEAL, Stage.FINALISATION})


class DayProblem(StrEnum):
    """Why nothing can be noted for a day."""

    BEFORE_IT_BEGAN = "before_it_began"
    AFTER_IT_ENDED = "after_it_ended"
    IN_THE_FUTURE = "in_the_future"


class Verdict(StrEnum):
    """What becomes of an entry that was sent."""

    NEW = "new"
    SAME = "same"
    CORRECTED = "corrected"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one version of an entry says."""

    day: date
    text: str
    result: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    achievement: bool = False


def day_problem(day: date, first: date, last: date, today: date) -> DayProblem | None:
    """Whether the day is one of those the appraisal is about, and has come. All are days of the employee's zone."""
    if day > today:
        return DayProblem.IN_THE_FUTURE
    if day < first:
        return DayProblem.BEFORE_IT_BEGAN
    return DayProblem.AFTER_IT_ENDED if day > last else None


def is_open(snapshot: Snapshot) -> bool:
    """Whether anything may still be noted: until the year ended, whichever way."""
    return snapshot.ending is None


def may_correct(snapshot: Snapshot) -> bool:
    """Whether what was noted may still be said differently: until it was rated by what it said."""
    return is_open(snapshot) and snapshot.state.stage not in RATED


def verdict(kept: Sequence[Entry], sent: Entry, replaces: int | None) -> Verdict:
    """What becomes of an entry of which these versions are kept, in their order.

    Sent again it is the same, even where it was corrected meanwhile: a late copy of the first version never undoes the second.
    """
    if replaces is None:
        if not kept:
            return Verdict.NEW
        return Verdict.SAME if sent in kept else Verdict.CONFLICT
    if 1 <= replaces < len(kept):
        return Verdict.SAME if kept[replaces] == sent else Verdict.CONFLICT
    if replaces != len(kept) or not kept:
        return Verdict.CONFLICT
    return Verdict.SAME if kept[-1] == sent else Verdict.CORRECTED


# ── what it comes to ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Noted(Protocol):
    """A row of any of the three kinds."""

    @property
    def id(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def result(self) -> str | None: ...


class Logged(Noted, Protocol):
    """An entry of the log as a digest reads it."""

    @property
    def quantity(self) -> Decimal | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def achievement(self) -> bool: ...


class Observed(Noted, Protocol):
    """An observation as a digest reads it."""

    @property
    def criterion(self) -> str | None: ...


AnyNoted = TypeVar("AnyNoted", bound=Noted)


@dataclass
class Counts:
    """How much was noted in a month, or of a result; `days` are those with an entry."""

    entries: int = 0
    achievements: int = 0
    observations: int = 0
    evidence: int = 0
    days: set[date] = field(default_factory=set)


@dataclass
class Heap:
    """What was noted of one result, or of one criterion; of each kind the newest first, by id."""

    counts: Counts = field(default_factory=Counts)
    quantities: dict[str, Decimal] = field(default_factory=dict)
    """By unit; what is counted in one is never added to what is counted in another."""
    achievements: list[str] = field(default_factory=list)
    observations: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


@dataclass
class Digest:
    """A year's notes, put in order for whoever rates. The result `None` has what names neither a result nor a criterion."""

    whole: Counts = field(default_factory=Counts)
    months: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    results: dict[str | None, Heap] = field(default_factory=lambda: defaultdict(Heap))
    criteria: dict[str, Heap] = field(default_factory=lambda: defaultdict(Heap))


def digest(
    planned: Mapping[str, str],
    entries: Iterable[Logged],
    observations: Iterable[Observed],
    evidence: Iterable[Noted],
) -> Digest:
    """Everything noted, by month and by result: the planned ones in the order of the plan, each also where nothing was noted of it.

    A result that a plan no longer has keeps what was noted of it.
    """
    made = Digest()
    for key in planned:
        made.results[key] = Heap()
    for entry in _newest_first(entries):
        heap = made.results[entry.result]
        for counts in (made.whole, made.months[f"{entry.day:%Y-%m}"], heap.counts):
            counts.entries += 1
            counts.achievements += entry.achievement
            counts.days.add(entry.day)
        if entry.quantity is not None and entry.unit is not None:
            heap.quantities[entry.unit] = heap.quantities.get(entry.unit, Decimal(0)) + entry.quantity
        if entry.achievement:
            heap.achievements.append(entry.id)
    for seen in _newest_first(observations):
        heap = made.criteria[seen.criterion] if seen.criterion is not None else made.results[seen.result]
        for counts in (made.whole, made.months[f"{seen.day:%Y-%m}"], heap.counts):
            counts.observations += 1
        heap.observations.append(seen.id)
    for file in _newest_first(evidence):
        heap = made.results[file.result]
        for counts in (made.whole, made.months[f"{file.day:%Y-%m}"], heap.counts):
            counts.evidence += 1
        heap.evidence.append(file.id)
    return made


def _newest_first(rows: Iterable[AnyNoted]) -> list[AnyNoted]:
    return sorted(rows, key=lambda row: (row.day, row.id), reverse=True)
