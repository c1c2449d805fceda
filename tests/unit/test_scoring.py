"""Two ratings make a label and credit points, by the tables of the pack and with a reason for each line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import shelf
from models.outcome import MissingPart, Outcome, ScoringContext
from models.scoring import score
from models.vocabulary import JobLevel, Label, OrganisationLabel, Rating

PACK = shelf.load("permenpanrb-6-2022")

NINE_CELLS = [
    ("above", "below", "kurang"),
    ("above", "as_expected", "baik"),
    ("above", "above", "sangat_baik"),
    ("as_expected", "below", "kurang"),
    ("as_expected", "as_expected", "baik"),
    ("as_expected", "above", "baik"),
    ("below", "below", "sangat_kurang"),
    ("below", "as_expected", "butuh_perbaikan"),
    ("below", "above", "butuh_perbaikan"),
]

YEAR_OF_CREDIT = [
    ("Pemula", "5.625", "3.75", "2.8125", "1.875", "0.9375"),
    ("Terampil", "7.5", "5", "3.75", "2.5", "1.25"),
    ("Mahir", "18.75", "12.5", "9.375", "6.25", "3.125"),
    ("Ahli Pertama", "18.75", "12.5", "9.375", "6.25", "3.125"),
    ("Penyelia", "37.5", "25", "18.75", "12.5", "6.25"),
    ("Ahli Muda", "37.5", "25", "18.75", "12.5", "6.25"),
    ("Ahli Madya", "56.25", "37.5", "28.125", "18.75", "9.375"),
    ("Ahli Utama", "75", "50", "37.5", "25", "12.5"),
]

CELL_OF = {label: (result, behaviour) for result, behaviour, label in NINE_CELLS}

contexts = st.builds(ScoringContext, level=st.sampled_from(JobLevel), months=st.integers(1, 12))
ratings = st.sampled_from([r.value for r in Rating])


def scored(result: str, behaviour: str, level: str = "Pelaksana", months: int = 12) -> Outcome:
    context = ScoringContext(level=JobLevel(level), months=months)
    return score(PACK, {"result_rating": result, "behaviour_rating": behaviour}, context)


@pytest.mark.parametrize(("result", "behaviour", "label"), NINE_CELLS)
def test_results_and_behaviour_meet_in_one_of_nine_cells(result: str, behaviour: str, label: str) -> None:
    assert scored(result, behaviour).label == label


def test_bad_behaviour_with_good_results_weighs_more_than_the_reverse() -> None:
    assert scored("above", "below").label is Label.KURANG
    assert scored("below", "above").label is Label.BUTUH_PERBAIKAN


@pytest.mark.parametrize("row", YEAR_OF_CREDIT, ids=lambda row: row[0])
@pytest.mark.parametrize(("column", "label"), list(enumerate(Label, start=1)))
def test_a_whole_year_earns_the_credit_points_of_the_table(row: tuple[str, ...], column: int, label: Label) -> None:
    credit = scored(*CELL_OF[label], level=row[0]).credit
    assert credit is not None
    assert credit.points == Decimal(row[column])


@pytest.mark.parametrize(
    ("months", "shown", "points"),
    [
        (2, "2,083", Decimal("12.5") * 2 / 12),
        (7, "7,292", Decimal("12.5") * 7 / 12),
        (12, "12,5", Decimal("12.5")),
    ],
)
def test_part_of_a_year_earns_its_twelfths_and_only_the_sentence_is_rounded(
    months: int, shown: str, points: Decimal
) -> None:
    outcome = scored("as_expected", "as_expected", level="Ahli Pertama", months=months)
    assert outcome.credit is not None
    assert outcome.credit.points == points
    assert f" {shown} (" in outcome.lines[-1].why.id
    assert f" {shown.replace(',', '.')} (" in outcome.lines[-1].why.en


def test_seven_and_three_months_add_up_without_a_rounding_loss() -> None:
    parts = [scored("as_expected", "as_expected", "Ahli Pertama", months).credit for months in (7, 3)]
    total = sum((part.points for part in parts if part), Decimal(0))
    assert total.quantize(Decimal("0.001")) == Decimal("10.417")


def test_the_credit_keeps_all_it_was_computed_from() -> None:
    credit = scored("below", "as_expected", level="Ahli Madya").credit
    assert credit is not None
    assert credit.model_dump(mode="json") == {
        "level": "Ahli Madya",
        "coefficient": "37.5",
        "percentage": "75",
        "months": 12,
        "points": "28.125",
    }


@pytest.mark.parametrize("level", ["JPT Madya", "JPT Pratama", "Administrator", "Pengawas", "Pelaksana"])
def test_a_post_without_credit_points_has_none_rather_than_zero(level: str) -> None:
    outcome = scored("above", "above", level=level)
    assert outcome.credit is None
    assert [line.what for line in outcome.lines] == ["result_rating", "behaviour_rating", "label"]


@pytest.mark.parametrize(
    ("rating", "missing"),
    [
        ({}, ("result_rating", "behaviour_rating")),
        ({"result_rating": "above"}, ("behaviour_rating",)),
        ({"behaviour_rating": "below"}, ("result_rating",)),
        ({"result_rating": "", "behaviour_rating": "below"}, ("result_rating",)),
        ({"result_rating": 3, "behaviour_rating": None}, ("result_rating", "behaviour_rating")),
        ({"result_rating": "Above", "behaviour_rating": "above"}, ("result_rating",)),
    ],
)
def test_a_missing_part_is_missing_and_never_a_low_rating(rating: dict[str, object], missing: tuple[str, ...]) -> None:
    with pytest.raises(MissingPart) as caught:
        score(PACK, rating, ScoringContext(level=JobLevel.PELAKSANA))
    assert caught.value.parts == missing


def test_a_segment_that_holds_at_the_end_of_no_month_earns_nothing() -> None:
    credit = scored("as_expected", "as_expected", level="Ahli Pertama", months=0).credit
    assert credit is not None
    assert (credit.months, credit.points) == (0, 0)


@pytest.mark.parametrize("months", [13, -1])
def test_a_segment_counts_no_more_months_than_a_year_has(months: int) -> None:
    with pytest.raises(ValueError, match="0 to 12 months"):
        ScoringContext(level=JobLevel.PELAKSANA, months=months)


@given(ratings, ratings, contexts)
def test_every_line_says_in_both_languages_how_it_came_about_and_by_which_rule(
    result: str, behaviour: str, context: ScoringContext
) -> None:
    outcome = score(PACK, {"result_rating": result, "behaviour_rating": behaviour}, context)
    for line in outcome.lines:
        assert not line.why.asks_for
        for sentence in (line.why.id, line.why.en):
            assert "PermenPANRB" in sentence
        assert line.why.id != line.why.en


@given(ratings, ratings, contexts)
def test_an_outcome_survives_storage_to_the_last_digit(result: str, behaviour: str, context: ScoringContext) -> None:
    outcome = score(PACK, {"result_rating": result, "behaviour_rating": behaviour}, context)
    assert Outcome.model_validate_json(outcome.model_dump_json()) == outcome


# ── the organisation's label ────────────────────────────────────────────────────────────────────────────────────────

HEADED = {
    "istimewa": "above",
    "baik": "as_expected",
    "butuh_perbaikan": "below",
    "kurang": "below",
    "sangat_kurang": "below",
}


@pytest.mark.parametrize(("organisation", "result"), HEADED.items())
@pytest.mark.parametrize(("rated", "behaviour", "_"), NINE_CELLS)
def test_the_achievement_of_a_unit_becomes_the_result_rating_of_the_one_who_heads_it(
    organisation: str, result: str, rated: str, behaviour: str, _: str
) -> None:
    label = OrganisationLabel(organisation)
    context = ScoringContext(level=JobLevel.ADMINISTRATOR, organisation=label, achievement=label)
    outcome = score(PACK, {"result_rating": rated, "behaviour_rating": behaviour}, context)
    assert outcome.label == scored(result, behaviour).label
    first = outcome.lines[0]
    assert (first.what, first.value) == ("result_rating", result)
    assert PACK.scoring.ratings[Rating(rated)].id in first.why.id


@given(ratings, ratings, contexts, st.sampled_from(list(OrganisationLabel)))
def test_for_everybody_else_the_label_of_the_unit_explains_and_changes_nothing(
    result: str, behaviour: str, context: ScoringContext, label: OrganisationLabel
) -> None:
    rating = {"result_rating": result, "behaviour_rating": behaviour}
    before, after = score(PACK, rating, context), score(PACK, rating, replace(context, organisation=label))
    assert (after.label, after.credit, after.lines[:-1]) == (before.label, before.credit, before.lines)
    last = after.lines[-1]
    assert (last.what, last.value) == ("organisation", label.value)
    assert PACK.distribution is not None
    for sentence in (PACK.distribution.names[label].id, PACK.distribution.patterns[label].title.id):
        assert sentence in last.why.id


def test_a_missing_rating_is_missing_for_a_head_of_a_unit_too() -> None:
    label = OrganisationLabel.BAIK
    context = ScoringContext(level=JobLevel.ADMINISTRATOR, organisation=label, achievement=label)
    with pytest.raises(MissingPart):
        score(PACK, {"behaviour_rating": "above"}, context)
