"""The five patterns of SE MenPANRB 3/2023 held against people: golden figures, boundaries, and units too small to judge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import shelf
from models.distribution import DistributionSpec, Rule, Standing, judge, weigh
from models.vocabulary import Label, OrganisationLabel

PACK = shelf.load("permenpanrb-6-2022")
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


# ── one rating, and the unit it is given in ───────────────────────────────────────────────────────────────────────────


def kinds(organisation: OrganisationLabel, others: dict[Label, int], unrated: int, label: Label) -> list[str]:
    return [rule.kind for rule in weigh(SPEC, organisation, others, unrated, label).rules]


HELD: list[tuple[OrganisationLabel, dict[Label, int], int, Label, list[str]]] = [
    # Of ten people seven may be Sangat Baik: the first seven are given, however few are rated yet, and the eighth is not.
    (OL.ISTIMEWA, {}, 9, SB, []),
    (OL.ISTIMEWA, {SB: 6}, 3, SB, []),
    (OL.ISTIMEWA, {SB: 7}, 2, SB, ["at_most"]),
    (OL.ISTIMEWA, {SB: 7}, 2, B, []),
    # What the others went beyond is not held against who does not add to it.
    (OL.ISTIMEWA, {SB: 8}, 1, SB, ["at_most"]),
    (OL.ISTIMEWA, {SB: 8}, 1, B, []),
    # Nobody, and a tenth of nine, is nobody from the first rating on.
    (OL.SANGAT_KURANG, {}, 9, SB, ["at_most"]),
    (OL.SANGAT_KURANG, {}, 9, B, []),
    (OL.KURANG, {}, 8, SB, ["at_most"]),
    (OL.KURANG, {}, 9, SB, []),
    (OL.KURANG, {SB: 1}, 8, SB, ["at_most"]),
    # At least somebody in need of improvement: asked of the last alone.
    (OL.BAIK, {B: 6, SB: 2}, 1, SB, []),
    (OL.BAIK, {B: 6, SB: 3}, 0, SB, ["some"]),
    (OL.BAIK, {B: 6, SB: 3}, 0, B, ["some"]),
    (OL.BAIK, {B: 7, SB: 2}, 0, B, ["at_most", "some"]),
    (OL.BAIK, {B: 6, SB: 3}, 0, BP, []),
    (OL.BAIK, {B: 6, SB: 2, K: 1}, 0, SB, []),
    # Most: the last one can still make it so, or is not asked.
    (OL.ISTIMEWA, {SB: 5, B: 4}, 0, B, ["more_than"]),
    (OL.ISTIMEWA, {SB: 5, B: 4}, 0, SB, []),
    (OL.ISTIMEWA, {SB: 4, B: 5}, 0, B, []),
    # At least 60 %: five of ten are there and the last is the sixth; with four it was lost before.
    (OL.BUTUH_PERBAIKAN, {BP: 5, B: 4}, 0, B, ["at_least"]),
    (OL.BUTUH_PERBAIKAN, {BP: 4, B: 5}, 0, B, []),
    (OL.BUTUH_PERBAIKAN, {BP: 5, B: 3}, 1, B, []),
    # Fewer than six people will have a label: not judged, though nobody is left.
    (OL.SANGAT_KURANG, {}, 4, SB, []),
    (OL.SANGAT_KURANG, {SK: 4}, 0, SB, []),
]


@pytest.mark.parametrize(("organisation", "others", "unrated", "label", "held"), HELD)
def test_a_rating_is_held_for_what_it_breaks_itself_in_the_whole_unit(
    organisation: OrganisationLabel, others: dict[Label, int], unrated: int, label: Label, held: list[str]
) -> None:
    assert kinds(organisation, others, unrated, label) == held


def test_where_each_label_breaks_something_the_one_that_breaks_least_is_not_avoidable() -> None:
    """Five of ten are Kurang and nobody needs improvement: the last label mends the one rule or the other."""
    others = {K: 5, B: 4}
    found = {label: weigh(SPEC, OL.KURANG, others, 0, label) for label in Label}
    assert [len(found[label].rules) for label in Label] == [2, 2, 1, 1, 2]
    assert [found[label].avoidable for label in Label] == [True, True, False, False, True]


def test_without_a_pattern_no_rating_is_held() -> None:
    off = SPEC.model_copy(update={"mode": "off"})
    for spec, organisation in ((None, OL.SANGAT_KURANG), (off, OL.SANGAT_KURANG), (SPEC, None)):
        assert weigh(spec, organisation, {SB: 9}, 0, SB).rules == ()


@given(st.sampled_from(["at_most", "at_least", "more_than"]), st.decimals(0, 100, places=2), st.integers(1, 400))
def test_a_bound_in_people_is_where_the_rule_begins_or_ceases_to_hold(kind: str, bound: Decimal, of: int) -> None:
    rule = Rule.model_validate({"labels": ["baik"], "kind": kind, "bound": bound})
    people = rule.people(of)
    beyond = people + 1 if kind == "at_most" else people - 1
    assert rule.holds(people, of)
    assert not rule.holds(beyond, of) or beyond < 0


@given(st.sampled_from(list(OrganisationLabel)), st.lists(st.sampled_from(list(Label)), min_size=6, max_size=60))
def test_whoever_keeps_to_the_labels_that_break_least_never_goes_beyond_a_ceiling(
    organisation: OrganisationLabel, wishes: list[Label]
) -> None:
    """Each is given the label that was wished, or where that was avoidable another; these patterns have room for everybody."""
    labels: dict[Label, int] = {}
    for place, wish in enumerate(wishes):
        unrated = len(wishes) - place - 1
        label = next(one for one in (wish, *Label) if not weigh(SPEC, organisation, labels, unrated, one).avoidable)
        labels[label] = labels.get(label, 0) + 1
    broken = judge(SPEC, organisation, len(wishes), labels).broken
    assert [check.rule.kind for check in broken if check.rule.kind == "at_most"] == []


@given(st.sampled_from(list(OrganisationLabel)), st.lists(st.sampled_from(list(Label)), min_size=6, max_size=60))
def test_a_pattern_that_is_broken_in_the_end_was_held_against_somebody_or_lost_before_the_last(
    organisation: OrganisationLabel, given_in_turn: list[Label]
) -> None:
    labels: dict[Label, int] = {}
    held: set[Rule] = set()
    for place, label in enumerate(given_in_turn):
        held |= set(weigh(SPEC, organisation, labels, len(given_in_turn) - place - 1, label).rules)
        labels[label] = labels.get(label, 0) + 1
    broken = {check.rule for check in judge(SPEC, organisation, len(given_in_turn), labels).broken}
    assert held <= broken
    assert {rule for rule in broken if rule.kind == "at_most"} <= held
