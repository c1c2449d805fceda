"""Who is asked about the labels given: exact chances, a handful that is let be, and nobody who rates as everybody does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models import raters, shelf
from models.questions import Asks
from models.raters import PLACE, Draw, Given, RatersSpec, chance, holm, middle
from models.vocabulary import Label

PACK = shelf.load("permenpanrb-6-2022")
assert PACK.fairness is not None
assert PACK.fairness.raters is not None
SPEC = PACK.fairness.raters
LOOSE = RatersSpec(people_min=2, others_min=2, level=Decimal("0.5"), alike=Decimal(51))
"""Asks as soon as a pack may."""
SB, B, BP, K, SK = Label


def labels(rater: str, deck: str = "", **counts: int) -> list[Given]:
    return [Given(rater, Label(label), deck) for label, people in counts.items() for _ in range(people)]


def asked(dealt: Sequence[Given], spec: RatersSpec = SPEC) -> dict[str, list[Asks]]:
    found: dict[str, list[Asks]] = {}
    for rater, question in raters.questions(spec, dealt, PACK.scoring.labels):
        found.setdefault(rater, []).append(question.asks)
    return found


def chances(dealt: Sequence[Given], rater: str, spec: RatersSpec = LOOSE) -> dict[Asks, Fraction]:
    return {one.asks: one.chance for one in raters.comparisons(spec, dealt) if one.rater == rater}


AGENCY = [one for n in range(6) for one in labels(f"r{n}", baik=9, sangat_baik=1, butuh_perbaikan=1)]
"""Sixty-six people of six raters who rate as an agency does."""

TABLE: dict[str, tuple[list[Given], list[Asks]]] = {
    "as everybody": (labels("x", baik=9, sangat_baik=1, butuh_perbaikan=1), []),
    "one better than usual": (labels("x", baik=8, sangat_baik=2, butuh_perbaikan=1), []),
    "all of them Sangat Baik, and eight are soon alike": (labels("x", sangat_baik=8), [Asks.LENIENT]),
    "most of them better": (labels("x", sangat_baik=7, baik=3), [Asks.LENIENT]),
    "most of them lower": (labels("x", butuh_perbaikan=4, kurang=3, baik=3), [Asks.SEVERE]),
    "all of them lower, each otherwise": (labels("x", butuh_perbaikan=4, kurang=4), [Asks.SEVERE]),
    "ten that are all Baik, as most are": (labels("x", baik=10), []),
    "forty that are all Baik, where eight in ten are": (labels("x", baik=40), [Asks.ALIKE]),
    "eighty that are all Baik but one": (labels("x", baik=79, kurang=1), [Asks.ALIKE]),
    "eighty of whom nine in ten and no more are Baik": (labels("x", baik=71, kurang=9), []),
    "five, whatever they have": (labels("x", sangat_baik=5), []),
    "both ends": (labels("x", sangat_baik=6, kurang=6), [Asks.LENIENT, Asks.SEVERE]),
}


@pytest.mark.parametrize("case", TABLE)
def test_who_is_asked_what_beside_an_agency_of_sixty_six(case: str) -> None:
    hers, expected = TABLE[case]
    assert asked([*AGENCY, *hers]) == ({"x": expected} if expected else {})


def test_a_few_others_are_no_measure() -> None:
    strict, around = labels("x", kurang=10), AGENCY[: SPEC.others_min]
    assert Asks.SEVERE in asked([*around, *strict])["x"]
    assert asked([*around[1:], *strict]) == {}


def test_who_rates_alone_is_compared_with_nobody() -> None:
    assert asked(labels("x", sangat_baik=50, baik=1)) == {}


def test_everybody_all_alike_is_what_is_usual() -> None:
    assert asked([one for n in range(6) for one in labels(f"r{n}", baik=30)]) == {}


def test_a_rater_is_compared_under_the_same_label_of_the_organisation() -> None:
    """Where the organisation is Kurang most of its people have to be; the others there are the measure."""
    poor = [one for n in range(4) for one in labels(f"k{n}", "kurang", kurang=8, butuh_perbaikan=2)]
    good = [one for n in range(4) for one in labels(f"g{n}", "baik", baik=8, sangat_baik=2)]
    assert asked([*poor, *good]) == {}
    as_in_the_other = labels("x", "kurang", baik=8, sangat_baik=2)
    assert Asks.LENIENT in asked([*poor, *good, *as_in_the_other])["x"]
    alone = [Given(one.rater, one.label, "istimewa") for one in as_in_the_other]
    assert asked([*poor, *good, *alone]) == {}


def test_a_question_has_the_figures_it_rests_on_in_both_languages() -> None:
    ((rater, question),) = raters.questions(SPEC, [*AGENCY, *labels("x", baik=40)], PACK.scoring.labels)
    figures = {figure.what: figure.value for figure in question.figures}
    assert (rater, question.asks) == ("x", Asks.ALIKE)
    assert {name: figures[name] for name in ("people", "marked", "others", "others_marked", "label")} == {
        "people": "40",
        "marked": "40",
        "others": "66",
        "others_marked": "54",
        "label": "baik",
    }
    for said in (question.said.id, question.said.en):
        assert said.endswith("?")
        assert "40" in said
        assert "66" in said
    assert "Baik" in question.said.id
    assert "Good" in question.said.en


# ── the chances ─────────────────────────────────────────────────────────────────────────────────────────────────────

hands = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=2)


@given(hands)
def test_a_chance_is_the_share_of_all_deals_there_are(decks: list[tuple[int, int, int]]) -> None:
    draws = [Draw(marked + plain, marked, min(drawn, marked + plain)) for marked, plain, drawn in decks]
    found = [0]
    for draw in draws:
        deals = [sum(n < draw.marked for n in deal) for deal in combinations(range(draw.people), draw.drawn)]
        found = [before + more for before in found for more in deals] if draw is not draws[0] else deals
    for least in range(sum(draw.drawn for draw in draws) + 2):
        assert chance(draws, least) == Fraction(sum(count >= least for count in found), len(found))


def test_labels_so_much_alike_are_as_rare_as_all_deals_say() -> None:
    """Seven people and two labels, four dealt to her: three or more of one label, whichever."""
    dealt = [*labels("x", baik=4), *labels("y", baik=1, kurang=2)]
    pool = [one.label for one in dealt]
    deals = [[pool[n] for n in deal] for deal in combinations(range(7), 4)]
    alike = sum(any(deal.count(label) >= 4 for label in Label) for deal in deals)
    assert chances(dealt, "x")[Asks.ALIKE] == Fraction(alike, len(deals))


def test_the_more_are_compared_the_rarer_it_has_to_be() -> None:
    rare = Fraction(2, 100)
    assert holm([rare, Fraction(1)], Fraction(5, 100)) == [True, False]
    assert holm([rare, *[Fraction(1)] * 2], Fraction(5, 100)) == [False] * 3
    # Once the rarest is set aside there is one less to have been chance.
    assert holm([Fraction(1, 100), rare, Fraction(3, 100)], Fraction(5, 100)) == [True, True, True]
    assert holm([], Fraction(5, 100)) == []


spreads = st.lists(st.sampled_from(list(Label)), min_size=1, max_size=12)
agencies = st.lists(spreads, min_size=2, max_size=6)


def dealt_to(agency: list[list[Label]]) -> list[Given]:
    return [Given(f"r{n}", label) for n, hers in enumerate(agency) for label in hers]


@given(agencies, st.randoms(use_true_random=False))
def test_neither_the_order_of_people_nor_the_names_of_raters_matter(agency: list[list[Label]], random: Random) -> None:
    dealt = dealt_to(agency)
    shuffled = random.sample(dealt, len(dealt))
    assert asked(shuffled, LOOSE) == asked(dealt, LOOSE)
    names = dict(zip(sorted({one.rater for one in dealt}), "zyxwvu", strict=False))
    renamed = asked([Given(names[one.rater], one.label) for one in dealt], LOOSE)
    assert renamed == {names[rater]: asks for rater, asks in asked(dealt, LOOSE).items()}


@given(spreads, st.integers(2, 8))
def test_whoever_rates_as_all_the_others_do_is_never_asked(hers: list[Label], number: int) -> None:
    assert asked(dealt_to([hers] * number), LOOSE) == {}


@given(agencies)
def test_of_a_handful_nothing_is_asked(agency: list[list[Label]]) -> None:
    spec = LOOSE.model_copy(update={"people_min": 7})
    small = {f"r{n}" for n, hers in enumerate(agency) if len(hers) < 7}
    assert not small & asked(dealt_to(agency), spec).keys()
    crowd = LOOSE.model_copy(update={"others_min": 100})
    assert asked(dealt_to(agency), crowd) == {}


@given(agencies, st.data())
def test_one_better_label_makes_kindness_no_likelier_to_be_chance(
    agency: list[list[Label]], data: st.DataObject
) -> None:
    """As long as the same label is usual."""
    place = data.draw(st.integers(0, len(agency[0]) - 1))
    assume(agency[0][place] is not SB)
    better = [*agency[0][:place], list(Label)[PLACE[agency[0][place]] - 1], *agency[0][place + 1 :]]
    years = [dealt_to([hers, *agency[1:]]) for hers in (agency[0], better)]
    assume(len({middle(Counter(one.label for one in dealt)) for dealt in years}) == 1)
    before, after = (chances(dealt, "r0") for dealt in years)
    if before:
        assert after[Asks.LENIENT] <= before[Asks.LENIENT]
        assert after[Asks.SEVERE] >= before[Asks.SEVERE]


@given(spreads)
def test_what_is_usual_has_no_more_than_half_above_and_no_more_than_half_below(hers: list[Label]) -> None:
    best, worst = middle(Counter(hers))
    in_order = sorted(hers, key=list(Label).index)
    assert (best, worst) == (in_order[(len(hers) - 1) // 2], in_order[len(hers) // 2])


@given(agencies, st.sampled_from(["0.001", "0.01", "0.05", "0.2"]))
def test_a_stricter_level_asks_nobody_more(agency: list[list[Label]], level: str) -> None:
    strict, loose = (
        asked(dealt_to(agency), LOOSE.model_copy(update={"level": Decimal(level)})),
        asked(dealt_to(agency), LOOSE),
    )
    assert all(set(asks) <= set(loose.get(rater, ())) for rater, asks in strict.items())


def test_chance_alone_makes_anybody_be_asked_in_no_more_cycles_than_the_level_says() -> None:
    """Four hundred cycles of the nation's labels, dealt to twenty raters of ten people each."""
    random = Random(23)
    pool = [B] * 176 + [SB] * 22 + [BP, K]
    wrong = 0
    for _ in range(400):
        random.shuffle(pool)
        wrong += bool(asked([Given(f"r{n % 20}", label) for n, label in enumerate(pool)]))
    assert wrong <= 400 * SPEC.level
