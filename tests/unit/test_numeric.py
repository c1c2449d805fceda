"""A value out of weighted parts: what each is worth, what is missing, and where the bands lie."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.numeric import achieved, numeric
from models.numeric_spec import NumericScoring
from models.outcome import MissingPart, Outcome, ScoringContext
from models.scoring import score
from models.shelf import load
from models.vocabulary import JobLevel, Label

PP30 = load("pp-30-2019")
CLERK = ScoringContext(level=JobLevel.PELAKSANA)


def by_pp30(skp: str, behaviour: str, *, idea: bool) -> Outcome:
    rating = {"results": {"r1": {"score": skp}}, "behaviours": {"a": {"score": behaviour}}, "idea": idea}
    return score(PP30, rating, CLERK)


# ── PP 30/2019 art. 41 ──────────────────────────────────────────────────────────────────────────────────────────────

EDGES = [
    ("0", "sangat_kurang", "sangat_kurang"),
    ("49.99", "sangat_kurang", "sangat_kurang"),
    ("50", "kurang", "kurang"),
    ("69.99", "kurang", "kurang"),
    ("70", "butuh_perbaikan", "butuh_perbaikan"),
    ("89.99", "butuh_perbaikan", "butuh_perbaikan"),
    ("90", "baik", "baik"),
    ("109.99", "baik", "baik"),
    ("110", "baik", "sangat_baik"),
    ("120", "baik", "sangat_baik"),
]


@pytest.mark.parametrize(("value", "without", "with_idea"), EDGES)
def test_each_edge_belongs_to_the_band_above_and_the_best_needs_a_new_idea(
    value: str, without: str, with_idea: str
) -> None:
    assert by_pp30(value, value, idea=False).label == without
    assert by_pp30(value, value, idea=True).label == with_idea


@pytest.mark.parametrize("idea", [True, False])
@pytest.mark.parametrize("value", ["120.01", "-0.01", "NaN", "Infinity", "", "sembilan puluh", True, None])
def test_what_is_no_value_of_the_scale_is_missing_whatever_else_is_there(value: object, idea: bool) -> None:
    rating = {"results": {"r1": {"score": value}}, "behaviours": {"a": {"score": 90}}, "idea": idea}
    with pytest.raises(MissingPart) as caught:
        score(PP30, rating, CLERK)
    assert caught.value.parts == ("skp",)


def test_results_weigh_seventy_and_behaviour_thirty() -> None:
    assert totalled(by_pp30("100", "0", idea=False)) == Decimal(70)
    assert totalled(by_pp30("0", "100", idea=False)) == Decimal(30)


def test_who_misses_the_best_label_for_want_of_an_idea_is_told_so() -> None:
    lines = {line.what: line for line in by_pp30("115", "115", idea=False).lines}
    assert lines["withheld"].value == "sangat_baik"
    assert "ide baru" in lines["withheld"].why.id
    assert "withheld" not in {line.what for line in by_pp30("115", "115", idea=True).lines}
    assert "withheld" not in {line.what for line in by_pp30("109", "109", idea=False).lines}


def test_a_value_just_below_an_edge_is_told_with_the_decimals_that_say_so() -> None:
    scores = {name: {"score": score} for name, score in (("r1", "90"), ("r2", "90"), ("r3", "89.998"))}
    outcome = score(PP30, {"results": scores, "behaviours": {"a": {"score": "90"}}, "idea": False}, CLERK)
    lines = {line.what: line for line in outcome.lines}
    assert (outcome.label, lines["total"].value) == (Label.BUTUH_PERBAIKAN, "89.9995")
    assert "89,9995" in lines["total"].why.id
    assert "89,9995" in lines["label"].why.id


# ── the parts ───────────────────────────────────────────────────────────────────────────────────────────────────────

SAID = {"id": "{part} {value}", "en": "{part}: {value}"}
PLAIN: dict[str, Any] = {
    "method": "numeric",
    "maximum": "100",
    "parts": [
        {"id": "work", "by": "score", "field": "work.*.score", "title": {"id": "Hasil", "en": "Work"}},
        {"id": "presence", "by": "measured", "indicator": "kehadiran", "title": {"id": "Hadir", "en": "Presence"}},
    ],
    "weights": [
        {"when": {"families": ["pelayanan"]}, "of": {"work": "60", "presence": "40"}},
        {"when": {"levels": ["Administrator"]}, "of": {"work": "100", "presence": "0"}},
        {"of": {"work": "80", "presence": "20"}},
    ],
    "bands": [{"lowest": "90", "label": "sangat_baik"}, {"lowest": "0", "label": "baik"}],
    "labels": {label.value: {"id": label.value, "en": label.value} for label in Label},
    "why": {
        "score": SAID,
        "measured": SAID,
        "unmeasured": {"id": "{part}", "en": "{part}"},
        "total": {"id": "{value}", "en": "{value}"},
        "label": {"id": "{label} {lowest}", "en": "{label} {lowest}"},
    },
}
SPEC = NumericScoring.model_validate(PLAIN)


def totalled(outcome: Outcome) -> Decimal:
    points = next(line.points for line in outcome.lines if line.what == "total")
    assert points is not None
    return points


def worth(work: list[float], presence: str | None, **post: Any) -> Decimal:
    rating = {"work": {f"r{n}": {"score": figure} for n, figure in enumerate(work)}}
    measured = {} if presence is None else {"kehadiran": Decimal(presence)}
    return totalled(numeric(SPEC, rating, ScoringContext(**{"level": JobLevel.PELAKSANA, **post}, measured=measured)))


def test_what_a_part_weighs_is_said_of_the_post_and_the_first_row_that_fits_holds() -> None:
    assert worth([50, 100], "100") == Decimal("80")
    assert worth([50, 100], "100", family="pelayanan") == Decimal("85")
    assert worth([50, 100], "0", level=JobLevel.ADMINISTRATOR) == Decimal("75")
    assert worth([50, 100], "100", level=JobLevel.ADMINISTRATOR, family="pelayanan") == Decimal("85")


def test_what_was_not_imported_is_missing_and_never_a_zero() -> None:
    with pytest.raises(MissingPart) as caught:
        worth([100], None)
    assert caught.value.parts == ("presence",)


def test_what_weighs_nothing_may_be_missing_and_says_so() -> None:
    rating = {"work": {"r1": {"score": 70}}}
    outcome = numeric(SPEC, rating, ScoringContext(level=JobLevel.ADMINISTRATOR))
    assert [(line.what, line.value) for line in outcome.lines][:2] == [("work", "70"), ("presence", "")]


@pytest.mark.parametrize("rating", [{}, {"work": {}}, {"work": {"r1": {}}}, {"work": "good"}, {"work": {"r1": 3}}])
def test_a_part_of_which_nothing_or_not_all_is_written_is_missing(rating: dict[str, object]) -> None:
    with pytest.raises(MissingPart) as caught:
        numeric(SPEC, rating, ScoringContext(level=JobLevel.PELAKSANA, measured={"kehadiran": Decimal(90)}))
    assert caught.value.parts == ("work",)


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=9), st.decimals(0, 100, places=2))
def test_the_value_is_the_weighted_sum_and_never_leaves_the_scale(work: list[Decimal], presence: Decimal) -> None:
    found = worth([float(figure) for figure in work], str(presence))
    expected = sum(work) / len(work) * Decimal("0.8") + presence * Decimal("0.2")
    assert abs(found - expected) < Decimal("1e-20")
    assert 0 <= found <= 100


@given(st.decimals(0, 99, places=2), st.decimals("0.01", 1, places=2))
def test_doing_better_in_one_part_never_makes_the_value_less(work: Decimal, more: Decimal) -> None:
    assert worth([float(work + more)], "50") > worth([float(work)], "50")


# ── what was achieved of a target ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("realised", "target", "less", "percent"),
    [
        ("95", "100", False, "95"),
        ("150", "100", False, "150"),
        ("0", "100", False, "0"),
        ("10", "20", True, "150"),
        ("20", "20", True, "100"),
        ("30", "20", True, "50"),
        ("40", "20", True, "0"),
        ("90", "20", True, "0"),
        ("0", "0", True, "100"),
        ("1", "0", True, "0"),
    ],
)
def test_what_was_reached_of_a_target_counts_upwards_or_downwards(
    realised: str, target: str, less: bool, percent: str
) -> None:
    assert achieved(Decimal(realised), Decimal(target), less=less) == Decimal(percent)


def test_more_than_nothing_cannot_be_a_target() -> None:
    assert achieved(Decimal(5), Decimal(0), less=False) is None


# ── what does not hold together ─────────────────────────────────────────────────────────────────────────────────────


def changed(**what: Any) -> dict[str, Any]:
    return copy.deepcopy(PLAIN) | what


def without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (changed(weights=[{"of": {"work": "80", "presence": "19.9"}}]), "the weights make 99.9, and have to make 100"),
        (changed(weights=[{"of": {"work": "120", "presence": "-20"}}]), "no weight is less than nothing"),
        (changed(weights=[{"of": {"work": "100"}}]), "each row of weights names each of the parts work, presence"),
        (changed(weights=PLAIN["weights"][:1]), "the last row of weights is everybody else's"),
        (changed(parts=[PLAIN["parts"][0]] * 2, weights=[{"of": {"work": "100"}}]), "have the same id"),
        (changed(bands=PLAIN["bands"][::-1]), "from the highest to the lowest"),
        (changed(bands=[{"lowest": "10", "label": "baik"}]), "the last band begins at 0"),
        (changed(labels={"baik": {"id": "Baik", "en": "Good"}}), "every label needs a name"),
        (changed(why=without(PLAIN["why"], "unmeasured")), "no sentence for 'unmeasured'"),
        (changed(why=PLAIN["why"] | {"total": {"id": "{nip}", "en": "x"}}), "uses nip, which it cannot know"),
    ],
)
def test_a_value_that_does_not_hold_together_is_refused(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("[", r"\[")):
        NumericScoring.model_validate(data)
