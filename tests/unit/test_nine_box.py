"""The nine boxes: each cell, each edge, and what stands in none."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from models.misfits import misfits_of
from models.nine_box import NineBoxSpec, box_of
from models.policy import PolicyPack
from models.shelf import load
from models.vocabulary import Label
from tests.unit.test_follow_ups import profile, result

TITLE = {"id": "Potensi", "en": "Potential"}
CUTS = {"high": "80", "middle": "68"}
BY_LABEL = {"by": "label", "high": ["sangat_baik"], "middle": ["baik"]}


def spec(performance: dict[str, Any], potential: dict[str, Any]) -> NineBoxSpec:
    said = {"performance": performance, "potential": potential, "potential_title": TITLE}
    return NineBoxSpec.model_validate(said)


CELLS = [
    *(("sangat_baik", "50", 4), ("sangat_baik", "70", 7), ("sangat_baik", "90", 9)),
    *(("baik", "50", 2), ("baik", "70", 5), ("baik", "90", 8)),
    *(("kurang", "50", 1), ("kurang", "70", 3), ("kurang", "90", 6)),
    *(("baik", "67.99", 2), ("baik", "68", 5), ("baik", "79.99", 5), ("baik", "80", 8)),
]


@pytest.mark.parametrize(("label", "match", "box"), CELLS)
def test_each_cell_is_numbered_as_in_practice_and_a_bound_belongs_to_the_better_side(
    label: str, match: str, box: int
) -> None:
    by_competency = spec(BY_LABEL, {"by": "competency", **CUTS})
    assert box_of(by_competency, result(label, profile=profile(match, {}))) == box


@pytest.mark.parametrize(("given", "box"), [("above", 8), ("as_expected", 5), ("below", 2)])
def test_potential_may_be_the_rating_of_behaviour(given: str, box: int) -> None:
    by_behaviour = spec(BY_LABEL, {"by": "rating", "field": "behaviour_rating"})
    assert box_of(by_behaviour, result("baik", rating={"behaviour_rating": given})) == box


@pytest.mark.parametrize(("value", "before", "box"), [("100", {}, 4), ("100", {2026: "baik"}, 7), ("79.9", {}, 1)])
def test_denpasar_counts_years_on_end(value: str, before: dict[int, str], box: int) -> None:
    found = load("denpasar-capaian").nine_box
    assert found is not None
    assert box_of(found, result("baik", before, value=Decimal(value))) == box


def test_who_lacks_a_figure_stands_in_no_box() -> None:
    assert box_of(spec(BY_LABEL, {"by": "competency", **CUTS}), result("baik")) is None
    assert box_of(spec({"by": "value", **CUTS}, BY_LABEL), result("baik")) is None
    assert box_of(spec(BY_LABEL, {"by": "rating", "field": "behaviour_rating"}), result("baik")) is None


@pytest.mark.parametrize(
    ("axis", "said"),
    [
        ({"by": "value", "high": "68", "middle": "68"}, "begins below"),
        ({"by": "label", "high": ["baik"], "middle": ["baik"]}, "either high or middle"),
    ],
)
def test_thresholds_that_leave_no_middle_are_refused(axis: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        spec(axis, BY_LABEL)


@pytest.mark.parametrize(
    ("pack", "axis", "said"),
    [
        ("permenpanrb-6-2022", {"by": "value", **CUTS}, "a quadrant has none"),
        ("pp-30-2019", {"by": "competency", **CUTS}, "no [competency]"),
        ("pp-30-2019", {"by": "rating", "field": "behaviour_rating"}, "no choice 'behaviour_rating'"),
    ],
)
def test_an_axis_about_what_the_pack_does_not_have_is_refused_with_its_place(
    pack: str, axis: dict[str, Any], said: str
) -> None:
    changed = copy.deepcopy(load(pack).model_dump(mode="json"))
    changed["nine_box"] = {"performance": BY_LABEL, "potential": axis, "potential_title": TITLE}
    with pytest.raises(ValidationError) as caught:
        PolicyPack.model_validate(changed)
    [wrong] = misfits_of(caught.value)
    assert wrong.path[:2] == ("nine_box", "potential")
    assert said in wrong.message


def test_all_labels_have_a_place() -> None:
    by_label = spec(BY_LABEL, BY_LABEL)
    assert {box_of(by_label, result(label.value)) for label in Label} == {9, 5, 1}
