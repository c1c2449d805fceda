"""The five patterns of SE MenPANRB 3/2023 held against people: golden figures, boundaries, and units too small to judge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import policy
from models.distribution import DistributionSpec, Rule, Standing, judge
from models.vocabulary import Label, OrganisationLabel

PACK = policy.load("permenpanrb-6-2022")
assert PACK.distribution is not None
SPEC = PACK.distribution
OL, SB, B, BP, K, SK = OrganisationLabel, *Label


def standing(organisation: OrganisationLabel, labels: dict[Label, int], size: int | None = None) -> Standing:
    return judge(SPEC, organisation, sum(labels.values()) if size is None else size, labels).standing


GOLDEN: list[tuple[OrganisationLabel, dict[Label, int], bool]] = [
    # Istimewa: most, at most 70 % Sangat Baik
    (OL.ISTIMEWA, {SB: 70, B: 30}, True),
    (OL.ISTIMEWA, {SB: 71, B: 29}, False),
    (OL.ISTIMEWA, {SB: 51, B: 49}, True),
    (OL.ISTIMEWA, {SB: 50, B: 50}, False),
    (OL.ISTIMEWA, {SB: 60, SK: 40}, True),
    # Baik: most, at most 70 % Baik, and some Butuh Perbaikan or Kurang
    (OL.BAIK, {B: 70, SB: 29, BP: 1}, True),
    (OL.BAIK, {B: 70, SB: 29, K: 1}, True),
    (OL.BAIK, {B: 70, SB: 30}, False),
    (OL.BAIK, {B: 70, SB: 29, SK: 1}, False),
    (OL.BAIK, {B: 7001, SB: 2998, BP: 1}, False),
    (OL.BAIK, {B: 50, SB: 45, BP: 5}, False),
    # what the nation's agencies reported: 88 % Baik, 11 % Sangat Baik
    (OL.BAIK, {B: 88, SB: 11}, False),
    (OL.BAIK, {B: 88, SB: 11, BP: 1}, False),
    # Butuh Perbaikan: at least 60 % of it, at most 10 % Sangat Baik
    (OL.BUTUH_PERBAIKAN, {BP: 60, SB: 10, B: 30}, True),
    (OL.BUTUH_PERBAIKAN, {BP: 59, SB: 10, B: 31}, False),
    (OL.BUTUH_PERBAIKAN, {BP: 60, SB: 11, B: 29}, False),
    # Kurang: at least 60 % of it, at least 10 % Butuh Perbaikan, at most 10 % Sangat Baik
    (OL.KURANG, {K: 60, BP: 10, SB: 10, B: 20}, True),
    (OL.KURANG, {K: 60, BP: 9, SB: 10, B: 21}, False),
    (OL.KURANG, {K: 599, BP: 100, SB: 100, B: 201}, False),
    # Sangat Kurang: at least 60 % of it, at least 10 % Kurang and/or Butuh Perbaikan, nobody Sangat Baik
    (OL.SANGAT_KURANG, {SK: 60, K: 5, BP: 5, B: 30}, True),
    (OL.SANGAT_KURANG, {SK: 60, K: 10, B: 30}, True),
    (OL.SANGAT_KURANG, {SK: 60, K: 5, BP: 4, B: 31}, False),
    (OL.SANGAT_KURANG, {SK: 899, BP: 100, SB: 1}, False),
]


@pytest.mark.parametrize(("organisation", "labels", "kept"), GOLDEN)
def test_a_pattern_is_kept_up_to_the_very_percent(
    organisation: OrganisationLabel, labels: dict[Label, int], kept: bool
) -> None:
    assert standing(organisation, labels) is (Standing.KEPT if kept else Standing.BROKEN)


def test_the_share_is_exact_and_a_third_is_not_rounded_into_the_rule() -> None:
    verdict = judge(SPEC, OL.BAIK, 99, {B: 88, SB: 11})
    shares = {check.rule.kind: check.share for check in verdict.rules}
    assert shares["at_most"] == Decimal("88.88888888888888888888888889")
    assert [check.rule.kind for check in verdict.broken] == ["at_most", "some"]


@pytest.mark.parametrize("size", [1, 5])
def test_a_unit_of_one_and_of_five_is_not_judged_and_says_so(size: int) -> None:
    assert standing(OL.BAIK, {SB: size}) is Standing.SMALL_UNIT


def test_a_unit_of_six_is_judged_once_six_are_labelled() -> None:
    assert standing(OL.BAIK, {SB: 6}) is Standing.BROKEN
    assert standing(OL.BAIK, {SB: 5}, size=6) is Standing.TOO_FEW_YET
    assert standing(OL.BAIK, {}, size=300) is Standing.TOO_FEW_YET


def test_a_pack_may_switch_it_off_and_a_unit_without_a_label_has_no_pattern() -> None:
    off = SPEC.model_copy(update={"mode": "off"})
    assert judge(off, OL.BAIK, 100, {SB: 100}).standing is Standing.OFF
    assert judge(None, OL.BAIK, 100, {SB: 100}).standing is Standing.OFF
    assert judge(SPEC, None, 100, {SB: 100}).standing is Standing.NO_LABEL


spreads = st.dictionaries(st.sampled_from(list(Label)), st.integers(0, 400), min_size=1)


@given(st.sampled_from(list(OrganisationLabel)), spreads, st.integers(1, 9))
def test_a_pattern_speaks_of_shares_so_ten_such_units_stand_as_one(
    organisation: OrganisationLabel, labels: dict[Label, int], times: int
) -> None:
    one = judge(SPEC, organisation, 400, labels)
    many = judge(SPEC, organisation, 400, {label: people * times for label, people in labels.items()})
    if sum(labels.values()) >= SPEC.unit_size_min:
        assert one.standing is many.standing
        assert [c.share for c in one.rules] == [c.share for c in many.rules]


@given(spreads)
def test_nobody_judged_is_without_a_figure_for_each_rule(labels: dict[Label, int]) -> None:
    for organisation in OrganisationLabel:
        verdict = judge(SPEC, organisation, 400, labels)
        judged = verdict.standing in (Standing.KEPT, Standing.BROKEN)
        assert len(verdict.rules) == (len(SPEC.patterns[organisation].rules) if judged else 0)
        assert (verdict.standing is Standing.BROKEN) == bool(verdict.broken)


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a bound for some": ({"labels": ["kurang"], "kind": "some", "bound": "10"}, "none"),
    "no bound": ({"labels": ["kurang"], "kind": "at_most"}, "bound"),
    "more than everybody": ({"labels": ["kurang"], "kind": "at_most", "bound": "101"}, "100"),
    "a rule about nobody": ({"labels": [], "kind": "some"}, "labels"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_rule_that_cannot_be_is_refused(case: str) -> None:
    rule, says = BROKEN[case]
    with pytest.raises(ValidationError, match=says):
        Rule.model_validate(rule)


def test_every_organisation_label_needs_its_pattern() -> None:
    data = SPEC.model_dump(mode="json")
    del data["patterns"]["kurang"]
    with pytest.raises(ValidationError, match="kurang"):
        DistributionSpec.model_validate(data)
