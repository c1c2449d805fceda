"""How often a rater gave each label, beside how often chance alone would have had it given; for whoever calibrates.

Pure and exact, by the same deals as the questions (`models.raters`). That a share lies outside says where to look and nothing more: it is
the questions that ask. Of fewer people than the pack says no label is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from models.raters import Draw, Given, Hand, RatersSpec, comparable, deals, hands
from models.vocabulary import Label


@dataclass(frozen=True, slots=True)
class ByChance:
    """Between how many people would have this label, had the labels been dealt."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Share:
    """One label at one rater: who has it of the people rated, and of those that others rated; no `by_chance` where nothing is compared."""

    label: Label
    people: int
    others: int
    by_chance: ByChance | None


def shares(spec: RatersSpec, given: Iterable[Given]) -> dict[str, list[Share]]:
    """By rater who rated enough people, the best label first.

    In a whole cycle, `level` is at most the chance that any share at any rater lies outside of its bounds though the labels were dealt:
    the chance is divided by all the bounds there are (Bonferroni).
    """
    dealt = hands(given)
    compared = {rater for rater, its in dealt.items() if comparable(spec, [hand for hand in its if hand.others])}
    outside = Fraction(spec.level) / (2 * len(Label) * max(1, len(compared)))
    return {
        rater: [_share(label, its, outside if rater in compared else None) for label in Label]
        for rater, its in dealt.items()
        if sum(hand.own.total() for hand in its) >= spec.people_min
    }


def _share(label: Label, its: Sequence[Hand], outside: Fraction | None) -> Share:
    own, others = sum(hand.own[label] for hand in its), sum(hand.others[label] for hand in its)
    bounds = None if outside is None else usual([hand.draw([label]) for hand in its], outside)
    return Share(label, own, others, bounds)


def usual(draws: Iterable[Draw], outside: Fraction) -> ByChance:
    """The narrowest bounds that so rarely are missed, at the one end and at the other."""
    ways, every = deals(draws)
    least, above = (_first(its, outside * every) for its in (ways, ways[::-1]))
    return ByChance(least, len(ways) - 1 - above)


def _first(ways: Sequence[int], bar: Fraction) -> int:
    return next(place for place, so_far in enumerate(accumulate(ways)) if so_far > bar)


def leaves_few(people: AbstractSet[str], groups: Iterable[AbstractSet[str]], least: int) -> bool:
    """Whether counts of these people, and of such a group, tell by subtraction those of fewer than so many."""
    return any((people <= group or group <= people) and 0 < len(people ^ group) < least for group in groups)
