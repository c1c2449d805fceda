"""How often a rater gave a label beside how often chance would: exact bounds, nothing of a handful, nobody outside who rates as all do."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rater_shares import ByChance, Share, leaves_few, shares, usual
from models.raters import Draw, Given
from models.vocabulary import Label
from tests.unit.test_raters import AGENCY, LOOSE, SPEC, agencies, asked, dealt_to, hands, labels, spreads


def at(dealt: list[Given], rater: str) -> dict[Label, Share]:
    return {one.label: one for one in shares(SPEC, dealt)[rater]}


def is_outside(one: Share) -> bool:
    return one.by_chance is not None and not one.by_chance.least <= one.people <= one.by_chance.most


def test_a_share_stands_beside_that_of_all_others_and_what_chance_allows() -> None:
    found = at([*AGENCY, *labels("x", sangat_baik=8, baik=2)], "x")
    best, good = found[Label.SANGAT_BAIK], found[Label.BAIK]
    assert (best.people, best.others, good.people, good.others) == (8, 6, 2, 54)
    assert is_outside(best)
    assert best.by_chance is not None
    assert best.by_chance.least == 0
    assert [one.label for one in found.values()] == list(Label)


def test_of_fewer_people_than_the_pack_says_no_label_is_counted() -> None:
    few = SPEC.people_min - 1
    assert "x" not in shares(SPEC, [*AGENCY, *labels("x", kurang=few)])
    assert "x" in shares(SPEC, [*AGENCY, *labels("x", kurang=few + 1)])


def test_beside_too_few_others_labels_are_counted_and_not_compared() -> None:
    found = at(labels("x", sangat_baik=20) + labels("y", baik=SPEC.others_min - 1), "x")
    assert found[Label.SANGAT_BAIK] == Share(Label.SANGAT_BAIK, 20, 0, None)


def test_what_is_rated_under_a_label_that_nobody_else_rates_under_is_no_chance() -> None:
    alone = [*AGENCY, *labels("x", baik=9, butuh_perbaikan=1, sangat_baik=1), *labels("x", "istimewa", sangat_baik=30)]
    assert not any(map(is_outside, at(alone, "x").values()))


@given(hands, st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(1, 2), max_denominator=1000))
def test_bounds_are_the_narrowest_that_deals_miss_no_more_often(
    decks: list[tuple[int, int, int]], outside: Fraction
) -> None:
    draws = [Draw(marked + plain, marked, min(drawn, marked + plain)) for marked, plain, drawn in decks]
    found, every = usual(draws, outside), [0]
    for draw in draws:
        deals = [sum(n < draw.marked for n in deal) for deal in combinations(range(draw.people), draw.drawn)]
        every = [before + more for before in every for more in deals]

    def rarely(ends: list[bool]) -> bool:
        return Fraction(sum(ends), len(every)) <= outside

    assert rarely([count < found.least for count in every])
    assert rarely([count > found.most for count in every])
    assert not rarely([count <= found.least for count in every])
    assert not rarely([count >= found.most for count in every])


@given(spreads, st.integers(2, 8))
def test_whoever_rates_as_all_the_others_do_is_never_outside(hers: list[Label], number: int) -> None:
    for its in shares(LOOSE, dealt_to([hers] * number)).values():
        assert not any(map(is_outside, its))


@given(agencies, st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter_and_everybody_is_counted_once(
    agency: list[list[Label]], random: Random
) -> None:
    dealt = dealt_to(agency)
    found = shares(LOOSE, dealt)
    assert shares(LOOSE, random.sample(dealt, len(dealt))) == found
    for number, hers in enumerate(agency):
        its = found.get(f"r{number}")
        assert (its is None) == (len(hers) < LOOSE.people_min)
        if its is not None:
            assert (sum(one.people for one in its), sum(one.others for one in its)) == (
                len(hers),
                len(dealt) - len(hers),
            )


@given(agencies)
def test_a_handful_is_never_asked_about_nor_counted(agency: list[list[Label]]) -> None:
    spec = LOOSE.model_copy(update={"people_min": 7})
    dealt = dealt_to(agency)
    small = {f"r{number}" for number, hers in enumerate(agency) if len(hers) < 7}
    assert not small & (shares(spec, dealt).keys() | asked(dealt, spec).keys())


@given(agencies, st.sampled_from(["0.001", "0.01", "0.05", "0.2"]))
def test_a_stricter_level_makes_no_bounds_narrower(agency: list[list[Label]], level: str) -> None:
    strict, loose = (
        shares(spec, dealt_to(agency)) for spec in (LOOSE.model_copy(update={"level": Decimal(level)}), LOOSE)
    )
    for rater, its in loose.items():
        for narrow, wide in zip(its, strict[rater], strict=True):
            assert (narrow.by_chance is None) == (wide.by_chance is None)
            if narrow.by_chance and wide.by_chance:
                assert wide.by_chance.least <= narrow.by_chance.least
                assert wide.by_chance.most >= narrow.by_chance.most


def test_chance_alone_puts_any_share_outside_in_no_more_cycles_than_the_level_says() -> None:
    """Two hundred cycles of the nation's labels, dealt to twenty raters of ten people each."""
    random = Random(23)
    pool = [*[Label.BAIK] * 176, *[Label.SANGAT_BAIK] * 22, Label.BUTUH_PERBAIKAN, Label.KURANG]
    wrong = 0
    for _ in range(200):
        random.shuffle(pool)
        found = shares(SPEC, [Given(f"r{n % 20}", label) for n, label in enumerate(pool)])
        wrong += any(is_outside(one) for its in found.values() for one in its)
    assert wrong <= 200 * SPEC.level


def test_everybody_may_be_marked_and_nobody() -> None:
    assert usual([Draw(5, 5, 3)], Fraction(1, 100)) == ByChance(3, 3)
    assert usual([Draw(5, 0, 3)], Fraction(1, 100)) == ByChance(0, 0)


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ([{*"abcdef"}], False),
        ([{*"abcdefg"}], True),
        ([{*"abcde"}], True),
        ([{*"abcdefghijkl"}], False),
        ([{*"abcdexyz"}], False),
        ([set()], False),
        ([{*"abcdefghijkl"}, {*"bcdef"}], True),
    ],
    ids=["the same", "one more", "one less", "six more", "others besides", "nobody", "any of them"],
)
def test_counts_of_a_unit_and_of_a_rater_in_it_tell_nothing_of_a_few_between(
    groups: list[set[str]], told: bool
) -> None:
    assert leaves_few({*"abcdef"}, groups, 6) is told
