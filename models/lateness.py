"""Who was late, by the days that hold now; what was known when she sent it stays in the trail.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from models.appraisal import Event, Snapshot, Timing
from models.folding import born, evolve
from models.timetable import late


def late_still(trail: Iterable[Event], timed: Callable[[Snapshot], Timing], after: Snapshot | None = None) -> bool:
    """Whether anything that was late when it was sent is late by what `timed` says of the visit it was sent in.

    What was in time then is not judged again, so days that come forward make nobody late afterwards. `trail` is what came `after`
    that snapshot, or all of it.
    """
    snapshot = after
    for event in trail:
        if event.data.late and snapshot is not None and late(timed(snapshot), event.at):
            return True
        snapshot = born(event) if snapshot is None else evolve(snapshot, event)
    return False
