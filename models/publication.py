"""What is made known of final results beside each person's own, and how nobody's label can be read from it.

Pure. Where only counts are made known, people are gathered into groups that do not overlap, by their number alone: those of a unit, or
together with those of the units above and beside it where they are too few. A group is told whole or not at all, and every count is a
sum of groups that are told. So whatever is subtracted from whatever, over units or from the total, gives groups again, never a person.

A group is told once nobody's year in it is open, since the count before and after the last of them would say what she came to; and only
if two or more have another label than most, since one alone, who knows her own, would know everybody else's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import Field

from models.appraisal import Frozen
from models.units import path_of
from models.vocabulary import Label


class Openness(StrEnum):
    """How much of a cycle's results its people are told, once HR closes it."""

    OWN = "own"
    AGGREGATE = "aggregate"
    NAMED = "named"


class PublicationSpec(Frozen):
    """What a pack says about making results known; HR, board and auditor read counts whatever it says."""

    results: Openness = Openness.OWN
    group_min: int = Field(default=5, ge=3, le=1000)
    """People of whom counts are told together. Of three, two may differ from the third; of two, each would know the other's label."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Some people of a cycle: how many, whose year is still open, and the final labels of the others, as far as they have one."""

    people: int = 0
    running: int = 0
    labels: Mapping[Label, int] = field(default_factory=dict)

    @property
    def results(self) -> int:
        return sum(self.labels.values())

    def hides_everybody(self, group_min: int) -> bool:
        """Whether its counts tell nobody's label, be it to one who knows her own."""
        alike = max(self.labels.values(), default=0)
        return not self.running and self.results >= group_min and self.results - alike >= 2


@dataclass(frozen=True, slots=True)
class Group:
    """Those who are counted together, at this unit."""

    unit: str
    tally: Tally


def summed(tallies: Iterable[Tally]) -> Tally:
    found = list(tallies)
    labels = sum((Counter(one.labels) for one in found), Counter[Label]())
    return Tally(sum(one.people for one in found), sum(one.running for one in found), labels)


def groups(tallies: Mapping[str, Tally], parent_of: Mapping[str, str | None], group_min: int) -> dict[str, Group]:
    """Where the people of each unit are counted: in the smallest group of at least so many. Who is too few to the top is in none.

    By how many there are and never by their labels: else it would say something of them that a group was made larger.
    """
    every = {step for unit in tallies for step in path_of(unit, parent_of)}
    together: dict[str, list[str]] = defaultdict(list)
    for unit in tallies:
        together[unit].append(unit)
    found: dict[str, Group] = {}
    for unit in sorted(every, key=lambda one: len(path_of(one, parent_of)), reverse=True):
        units = together.pop(unit, [])
        above = parent_of.get(unit)
        if sum(tallies[one].people for one in units) >= group_min:
            found |= dict.fromkeys(units, Group(unit, summed(tallies[one] for one in units)))
        elif above is not None:
            together[above] += units
    return found


def counted(
    tallies: Mapping[str, Tally], parent_of: Mapping[str, str | None], group_min: int
) -> dict[str, Mapping[Label, int]]:
    """The counts that may be told, each at its group's unit; a unit is told the sum of those at it and below it."""
    told = groups(tallies, parent_of, group_min).values()
    return {group.unit: group.tally.labels for group in told if group.tally.hides_everybody(group_min)}
