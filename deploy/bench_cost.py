"""What acts cost each process of the stack in processor time, all cores counted: neighbours move it less than they move the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

PARTS = ("engine", "worker", "bare", "api", "database")
"""Ours is done by `worker`, the bare update by `bare`; the engine serves both."""

Seconds = Mapping[str, float]
"""By process, with all below it."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time for one act at once, in one process of the stack, and for one bare update."""

    part: str
    ours: float
    bare: float


@contextmanager
def metered(records: Path, spent: list[Seconds]) -> Iterator[None]:
    """Add to `spent` what the processes on record use while this is open."""
    before = _used(records)
    yield
    after = _used(records)
    spent.append({part: after[part] - before[part] for part in PARTS})


def costs(ours: Sequence[Seconds], bare: Sequence[Seconds], acts: int) -> list[Cost]:
    """The median of the rounds, for one of `acts`."""

    def each(rounds: Sequence[Seconds], part: str) -> float:
        return round(1000 * median(spent[part] for spent in rounds) / acts, 1)

    return [Cost(part, each(ours, part), each(bare, part)) for part in PARTS]


def _used(records: Path) -> Seconds:
    return {part: _of(records / f"{part}.pid") for part in PARTS}


def _of(record: Path) -> float:
    process, used = psutil.Process(json.loads(record.read_text())["pid"]), 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            used += times.user + times.system
    return used
