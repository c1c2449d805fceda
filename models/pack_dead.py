"""What stands in a pack and can never hold, or leaves something unsaid: a slip of whoever wrote it.

Asked of a pack that is written (`models.pack_check`), not of one that was frozen: a running year goes on by what it was begun with.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.misfits import Misfit
from models.numeric_spec import AchievementPart, NumericScoring
from models.policy import PolicyPack


def misfits_of_the_dead(pack: PolicyPack) -> Iterator[Misfit]:
    """All rows that no value and nobody reaches, rungs that stand twice, and a cap that no sentence tells of."""
    for name, ladder in pack.ladders.items():
        for place, rung in enumerate(ladder):
            if rung in ladder[:place]:
                yield Misfit(("ladders", name, place), f"the rung {rung.act!r} after {rung.days} days stands twice")
    if isinstance(pack.scoring, NumericScoring):
        yield from _of_weights(pack.scoring)
        yield from _of_bands(pack.scoring)
        if any(isinstance(part, AchievementPart) for part in pack.scoring.parts) and "capped" not in pack.scoring.why:
            said = (
                "the scoring has no sentence for 'capped': a result that was exceeded beyond its cap would not add up"
            )
            yield Misfit(("scoring", "why"), said)


def unused_ladders(pack: PolicyPack) -> list[str]:
    """Those that no step names; one that was taken over from another pack is in nobody's way."""
    used = {step.ladder for step in pack.steps.values()}
    return [name for name in pack.ladders if name not in used]


def _of_weights(spec: NumericScoring) -> Iterator[Misfit]:
    for place, row in enumerate(spec.weights):
        if any(row.when == before.when or before.when == type(before.when)() for before in spec.weights[:place]):
            yield Misfit(("scoring", "weights", place), "an earlier row of weights is said of the same posts")


def _of_bands(spec: NumericScoring) -> Iterator[Misfit]:
    for place, band in enumerate(spec.bands):
        if band.lowest > spec.highest:
            said = f"no value is more than {spec.highest}, and this band begins at {band.lowest}"
            yield Misfit(("scoring", "bands", place), said)
        if any(before.lowest == band.lowest and before.needs is None for before in spec.bands[:place]):
            yield Misfit(("scoring", "bands", place), f"an earlier band begins at {band.lowest} too, and needs nothing")
