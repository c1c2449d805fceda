"""To what a finished year may be opened again: there has to be something left to do there.

Asked of whoever wishes for a reopening, not of one that was taken: a run that began with it replays it as it was.
"""

from __future__ import annotations

from models.appraisal import Snapshot
from models.vocabulary import Ending, Exit, State


def why_not(snapshot: Snapshot, to: State | None, known: Exit | None = None) -> str | None:
    """The code of what forbids a reopening to that state; None where nothing does, or where the state table has no such way.

    `known` is how she left, where that is known only since the year ended.
    """
    if to is State.APPEAL_OPEN and Exit.DIE in (snapshot.exit, known):
        return "nobody_to_ask"
    if to is State.RATING_DRAFTING and snapshot.plan_in_force is None:
        return "nothing_to_rate"
    if to is State.APPEAL_DECIDING and not _appealed(snapshot):
        return "no_appeal_filed"
    return None


def _appealed(snapshot: Snapshot) -> bool:
    """Whether an objection stands. A decision proves one in years that ended before it was noted."""
    return snapshot.appealed or snapshot.ending in (Ending.STANDS, Ending.CHANGED)
