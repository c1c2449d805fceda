"""What counts are told of results, and that nobody reads a label from them: each table is held against all the labels there could be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.publication import Openness, PublicationSpec, Tally, counted, groups
from models.shelf import load, pack_ids
from models.vocabulary import Label

GOOD, BETTER, WORSE = Label.BAIK, Label.SANGAT_BAIK, Label.KURANG
LABELS = (GOOD, BETTER, WORSE)
SMALLEST = 3
TREE: Mapping[str, str | None] = {"agency": None, "office": "agency", "school": "agency", "room": "office"}

Told = Mapping[str, Mapping[Label, int]]
Rule = Callable[[Mapping[str, Tally], Mapping[str, str | None], int], Told]


@dataclass(frozen=True)
class Colleague:
    """Where somebody is, and whether her year came to a result, to none, or is open."""

    unit: str
    came_to: str = "result"


Agency = Sequence[Colleague]


def tallied(agency: Agency, labels: Sequence[Label]) -> dict[str, Tally]:
    """The tallies of an agency in which those with a result have these labels, in their order."""
    given_to = iter(labels)
    people: dict[str, int] = {}
    running: dict[str, int] = {}
    found: dict[str, dict[Label, int]] = {}
    for one in agency:
        people[one.unit] = people.get(one.unit, 0) + 1
        running[one.unit] = running.get(one.unit, 0) + (one.came_to == "open")
        if one.came_to == "result":
            label, counts = next(given_to), found.setdefault(one.unit, {})
            counts[label] = counts.get(label, 0) + 1
    return {unit: Tally(people[unit], running[unit], found.get(unit, {})) for unit in people}


def readable(rule: Rule, agency: Agency, labels: Sequence[Label]) -> bool:
    """Whether what the rule tells leaves somebody's label only one that it can be, for an outsider or one who knows her own.

    Asked is somebody who knows where everybody is, who has a result, and the rule itself.
    """
    told = rule(tallied(agency, labels), TREE, SMALLEST)
    worlds = [w for w in product(LABELS, repeat=len(labels)) if rule(tallied(agency, w), TREE, SMALLEST) == told]
    for me in (None, *range(len(labels))):
        possible = worlds if me is None else [world for world in worlds if world[me] is labels[me]]
        if any(len({world[other] for world in possible}) == 1 for other in range(len(labels)) if other != me):
            return True
    return False


COLLEAGUES = st.builds(Colleague, st.sampled_from(sorted(TREE)), st.sampled_from(["result"] * 6 + ["none", "open"]))


@st.composite
def rated(draw: st.DrawFn) -> tuple[Agency, Sequence[Label]]:
    """Up to six people with a result, and others, often alike."""
    agency = draw(st.lists(COLLEAGUES, max_size=7).filter(lambda a: sum(one.came_to == "result" for one in a) <= 6))
    results = sum(one.came_to == "result" for one in agency)
    return agency, draw(st.lists(st.sampled_from((GOOD, GOOD, *LABELS)), min_size=results, max_size=results))


def school(people: int) -> Agency:
    return [Colleague("school")] * people


@settings(max_examples=150)
@given(rated())
@example((school(3), [GOOD] * 3))
@example((school(4), [GOOD, GOOD, GOOD, WORSE]))
@example(([*school(3), *[Colleague("room")] * 2], [GOOD, BETTER, WORSE, GOOD, GOOD]))
@example(([*school(3), *[Colleague("room")] * 2, Colleague("office")], [GOOD, GOOD, GOOD, WORSE, BETTER, GOOD]))
def test_no_colleague_s_label_can_be_read_by_anybody_however_she_subtracts(
    case: tuple[Agency, Sequence[Label]],
) -> None:
    assert not readable(counted, *case)


# ── why it is as it is: simpler rules would tell ────────────────────────────────────────────────────────────────────


def large_enough(tallies: Mapping[str, Tally], parent_of: Mapping[str, str | None], group_min: int) -> Told:
    """Whatever is large enough."""
    found = groups(tallies, parent_of, group_min).values()
    return {group.unit: group.tally.labels for group in found if group.tally.results >= group_min}


def not_alike(tallies: Mapping[str, Tally], parent_of: Mapping[str, str | None], group_min: int) -> Told:
    """Whatever is large enough and not all the same."""
    found = groups(tallies, parent_of, group_min).values()
    return {
        group.unit: group.tally.labels
        for group in found
        if group.tally.results >= group_min and len(group.tally.labels) > 1
    }


def with_the_total(tallies: Mapping[str, Tally], parent_of: Mapping[str, str | None], group_min: int) -> Told:
    """The units that may be told, and everybody together."""
    everybody: dict[Label, int] = {}
    for tally in tallies.values():
        for label, number in tally.labels.items():
            everybody[label] = everybody.get(label, 0) + number
    return {**counted(tallies, parent_of, group_min), "everybody": everybody}


@pytest.mark.parametrize(
    ("rule", "agency", "labels"),
    [
        pytest.param(large_enough, school(3), [GOOD] * 3, id="all alike"),
        pytest.param(not_alike, school(4), [GOOD, GOOD, GOOD, WORSE], id="one who is the only other"),
        pytest.param(
            with_the_total, [*school(3), Colleague("room")], [GOOD, BETTER, WORSE, GOOD], id="one beside the others"
        ),
    ],
)
def test_a_simpler_rule_tells_somebody_s_label(rule: Rule, agency: Agency, labels: Sequence[Label]) -> None:
    assert readable(rule, agency, labels)
    assert not readable(counted, agency, labels)


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────

MIXED = {GOOD: 2, BETTER: 2, WORSE: 1}


def of(people: int) -> Tally:
    return Tally(people)


def test_a_unit_that_is_too_small_is_counted_with_the_unit_above_and_with_its_other_small_ones() -> None:
    found = groups({"room": of(2), "office": of(1), "school": of(5), "agency": of(2)}, TREE, 5)
    assert {unit: (group.unit, group.tally.people) for unit, group in found.items()} == {
        "room": ("agency", 5),
        "office": ("agency", 5),
        "agency": ("agency", 5),
        "school": ("school", 5),
    }


def test_who_is_too_few_up_to_the_top_is_counted_nowhere() -> None:
    assert set(groups({"room": of(2), "school": of(5)}, TREE, 5)) == {"school"}


@given(st.dictionaries(st.sampled_from(sorted(TREE)), st.integers(1, 9)), st.integers(3, 9))
def test_everybody_is_counted_once_or_not_at_all(sizes: Mapping[str, int], group_min: int) -> None:
    found = groups({unit: of(people) for unit, people in sizes.items()}, TREE, group_min)
    told = {group.unit: group.tally.people for group in found.values()}
    assert sum(told.values()) == sum(sizes[unit] for unit in found)
    assert all(people >= group_min for people in told.values())
    assert sum(sizes.values()) - sum(told.values()) < group_min


@given(rated(), st.sampled_from(LABELS))
def test_in_which_group_somebody_is_says_nothing_of_labels(case: tuple[Agency, Sequence[Label]], other: Label) -> None:
    agency, labels = case
    as_is, alike = (groups(tallied(agency, of_all), TREE, SMALLEST) for of_all in (labels, [other] * len(labels)))
    assert {unit: group.unit for unit, group in as_is.items()} == {unit: group.unit for unit, group in alike.items()}


def test_a_group_is_told_once_the_last_year_in_it_is_over() -> None:
    assert counted({"school": Tally(6, 1, MIXED)}, TREE, 5) == {}
    assert counted({"school": Tally(6, 0, MIXED)}, TREE, 5) == {"school": MIXED}


def test_who_ended_without_a_result_hides_nobody() -> None:
    assert counted({"school": Tally(9, 0, {GOOD: 2, WORSE: 2})}, TREE, 5) == {}


# ── the pack ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_by_default_a_result_is_the_person_s_own() -> None:
    assert PublicationSpec() == load("permenpanrb-6-2022").publication
    assert PublicationSpec().results is Openness.OWN


def test_only_one_region_announces_results() -> None:
    open_ones = {pack_id for pack_id in pack_ids() if load(pack_id).publication.results is not Openness.OWN}
    assert open_ones == {"sawahlunto-terbuka"}
