"""A rating better than the results: what it is held against in each way of scoring, and where nothing is measured, silence."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import anomalies, shelf
from models.anomalies import Line, Rated, ResultsSpec
from models.outcome import Outcome, ScoringContext
from models.pack_check import read
from models.policy import PolicyPack
from models.questions import Asks, Question
from models.scoring import score
from models.vocabulary import JobLevel, Label, OrganisationLabel

SHIPPED = shelf.Shelf().files()
QUADRANT, PP_30, GAYUNGAN, KEPAHIANG, DENPASAR = (
    shelf.load(name) for name in ("permenpanrb-6-2022", "pp-30-2019", "gayungan", "kepahiang-bobot", "denpasar-capaian")
)


def lines(outcome: Outcome) -> dict[str, Line]:
    return {line.what: Line(line.value, line.weight, line.points) for line in outcome.lines}


def asked(
    pack: PolicyPack, rating: Mapping[str, Any], report: Mapping[str, Any] | None = None, **known: Any
) -> dict[Asks, Question]:
    """What the rating makes one ask, scored and then questioned as the pack says."""
    context = ScoringContext(level=known.pop("level", JobLevel.PELAKSANA), **known)
    outcome = score(pack, rating, context)
    rated = Rated(outcome.label, lines(outcome), rating, context.planned, report or {})
    assert pack.fairness is not None
    assert pack.fairness.results is not None
    return {one.asks: one for one in anomalies.questions(pack.fairness.results, pack.scoring, rated)}


def figures(question: Question) -> dict[str, str]:
    return {figure.what: figure.value for figure in question.figures}


# ── two ratings that meet ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("result", ["above", "as_expected", "below"])
@pytest.mark.parametrize("behaviour", ["above", "as_expected", "below"])
def test_only_behaviour_above_and_results_below_are_far_apart(result: str, behaviour: str) -> None:
    found = asked(QUADRANT, {"result_rating": result, "behaviour_rating": behaviour})
    assert bool(found) == ((behaviour, result) == ("above", "below"))
    for question in found.values():
        assert question.asks is Asks.BEHAVIOUR_ABOVE_RESULTS
        assert figures(question) == {"behaviour_rating": "above", "result_rating": "below"}
        assert "di atas ekspektasi" in question.said.id
        assert question.said.en.endswith("?")


def test_a_head_rated_above_whose_unit_is_below_is_asked_about_by_the_units_achievement() -> None:
    rating = {"result_rating": "above", "behaviour_rating": "as_expected"}
    (question,) = asked(QUADRANT, rating, achievement=OrganisationLabel.KURANG).values()
    assert question.asks is Asks.RATING_ABOVE_UNIT
    assert figures(question) == {"result_rating": "above", "unit_achievement": "below"}
    assert asked(QUADRANT, rating, achievement=OrganisationLabel.BAIK) == {}
    assert asked(QUADRANT, rating) == {}


# ── what is measured elsewhere beside what is scored ────────────────────────────────────────────────────────────────


def work(value: int) -> dict[str, Any]:
    """A rating of Gayungan; its skills count for nothing."""
    names = {of: [one.id for one in GAYUNGAN.criteria[of]] for of in ("work", "skill")}
    scores = {name: {"score": value} for name in names["work"]}
    return {"work": scores, "competencies": {name: {"level": 3} for name in names["skill"]}}


@pytest.mark.parametrize(
    ("scores", "attendance", "expected"),
    [
        (92, "99", False),
        (92, "70", False),  # Baik, and an attendance of Butuh Perbaikan: one label better
        (92, "60", True),  # and of Kurang: two
        (62, "40", False),  # here the label came down with it
        (80, "40", True),
    ],
)
def test_a_label_two_better_than_the_imported_attendance_is_asked_about(
    scores: int, attendance: str, expected: bool
) -> None:
    found = asked(GAYUNGAN, work(scores), measured={"kehadiran": Decimal(attendance)})
    assert (Asks.LABEL_ABOVE_RESULTS in found) == expected
    for question in found.values():
        assert figures(question)["attendance"] == attendance
        assert "Kehadiran" in question.said.id


# ── a rating that says itself which scores are results ──────────────────────────────────────────────────────────────


def test_a_value_carried_by_behaviour_over_poor_results_is_asked_about() -> None:
    def rating(results: int, behaviour: int) -> dict[str, Any]:
        return {"results": {"r1": {"score": results}}, "behaviours": {"b": {"score": behaviour}}}

    assert asked(PP_30, rating(69, 120)) == {}
    (question,) = asked(PP_30, rating(49, 120)).values()
    assert figures(question) == {"label": "butuh_perbaikan", "label_by_results": "sangat_kurang", "skp": "49"}


def test_the_same_scores_are_borne_out_in_one_post_and_not_in_another() -> None:
    """The results weigh 40 of a functional post and 25 at the counter."""
    scores = {"results": {"r1": {"score": 50}}, "process": {}, "behaviours": {}}
    scores["process"] = {name: {"score": 95} for name in ("keakuratan", "ketepatan_waktu")}
    kinds = ("disiplin", "kualitas_kerja", "inisiatif", "kerja_sama", "pelayanan")
    scores["behaviours"] = {name: {"score": 95} for name in kinds}
    scores["competencies"] = {one.id: {"level": 2} for one in KEPAHIANG.criteria["competency"]}
    at_the_counter = asked(KEPAHIANG, scores, family="pelayanan_publik")
    assert figures(at_the_counter[Asks.LABEL_ABOVE_RESULTS])["label"] == "baik"
    functional = asked(KEPAHIANG, scores, level=JobLevel.AHLI_MUDA)
    assert figures(functional[Asks.LABEL_ABOVE_RESULTS])["label"] == "baik"
    scores["results"]["r1"]["score"] = 62
    assert asked(KEPAHIANG, scores, level=JobLevel.AHLI_MUDA) == {}


# ── what was realised of a target ───────────────────────────────────────────────────────────────────────────────────

WAITING = {
    "r1": {"id": "r1", "target": 20, "polarity": "less", "significance": "signifikan"},
    "r2": {"id": "r2", "target": 100, "polarity": "more", "significance": "rutin"},
}


def realised(first: object, second: object = 100) -> dict[str, Any]:
    return {"results": {"r1": {"realised": first}, "r2": {"realised": second}}}


@pytest.mark.parametrize(
    ("rated", "reported", "expected"),
    [
        (realised(20), realised(20), None),
        (realised(20), realised(16), None),  # stricter than her own report
        (realised(22), realised(23), None),  # kinder, and the same label
        (realised(16), realised(26), "butuh_perbaikan"),
        (realised(20), realised(20, 300), None),
        (realised(16), {}, None),  # there is no report
        (realised(16), {"results": {"r1": {"realised": 26}}}, None),  # nor a whole one
        (realised(16), realised("-"), None),
    ],
)
def test_a_figure_better_than_her_own_report_is_asked_about_where_it_makes_another_label(
    rated: dict[str, Any], reported: dict[str, Any], expected: str | None
) -> None:
    found = asked(DENPASAR, rated, reported, planned=WAITING)
    if expected is None:
        assert found == {}
        return
    (question,) = found.values()
    assert question.asks is Asks.LABEL_ABOVE_REPORT
    told = figures(question)
    assert told["label_by_report"] == expected
    assert {name: told[name] for name in told if "." in name} == {"realised.r1": "16", "reported.r1": "26"}
    assert "hasil 1" in question.figures[2].title.id


# ── whatever the figures ────────────────────────────────────────────────────────────────────────────────────────────


def test_where_nothing_is_known_nothing_is_asked() -> None:
    for pack in (QUADRANT, PP_30, GAYUNGAN, KEPAHIANG, DENPASAR):
        for label in Label:
            assert list(anomalies.questions(ResultsSpec(steps=1), pack.scoring, Rated(label, {}))) == []


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_a_better_attendance_takes_no_question_back_into_being(scores: int, one: int, other: int) -> None:
    """What is measured may only bear a label out the better, as long as the label stays what it is."""
    spec, worse, better = ResultsSpec(steps=1), min(one, other), max(one, other)
    found = []
    for attendance in (worse, better):
        outcome = score(
            GAYUNGAN,
            work(scores),
            ScoringContext(level=JobLevel.PELAKSANA, measured={"kehadiran": Decimal(attendance)}),
        )
        rated = Rated(Label.SANGAT_BAIK, lines(outcome))
        found.append(len(list(anomalies.questions(spec, GAYUNGAN.scoring, rated))))
    assert found[0] >= found[1]


@given(st.sampled_from([QUADRANT, PP_30, GAYUNGAN, KEPAHIANG, DENPASAR]), st.integers(1, 4), st.integers(0, 120))
def test_a_pack_that_lets_more_pass_asks_no_more(pack: PolicyPack, steps: int, value: int) -> None:
    known = {part: Line(str(value), Decimal(50), Decimal(value) / 2) for part in ("skp", "hasil", "attendance")}
    known |= {"result_rating": Line("below"), "behaviour_rating": Line("above")}
    strict, lax = (
        {one.asks for one in anomalies.questions(ResultsSpec(steps=n), pack.scoring, Rated(Label.BAIK, known))}
        for n in (steps, 4)
    )
    assert lax <= strict


# ── what a pack may say of it ───────────────────────────────────────────────────────────────────────────────────────

HEAD = """extends = "{}"
id = "kami"
version = 1
source = "Perbup 1/2027"
title = {{ id = "Kami", en = "Ours" }}
"""
MISTAKES = {
    "further than ratings go": ("permenpanrb-6-2022", "[fairness.results]\nsteps = 3\n", "at most 2 steps apart", 7),
    "results that are neither so nor not": (
        "pp-30-2019",
        '[[scoring.parts]]\nid = "skp"\nby = "score"\nfield = "results.*.score"\nresults = "sebagian"\n'
        'title = { id = "SKP", en = "SKP" }\n[[scoring.weights]]\nof = { skp = "100" }\n',
        "valid boolean",
        10,
    ),
    "no step at all": ("pp-30-2019", "[fairness.results]\nsteps = 0\n", "greater than or equal to 1", 7),
    "a level that asks everybody": ("pp-30-2019", '[fairness.raters]\nlevel = "1"\n', "less than or equal to 0.5", 7),
    "half of them alike": ("pp-30-2019", '[fairness.raters]\npeople_min = 9\nalike = "50"\n', "greater than 50", 8),
    "a rater of one": ("pp-30-2019", "[fairness.raters]\npeople_min = 1\n", "greater than or equal to 2", 7),
    "an unknown threshold": ("pp-30-2019", "[fairness.raters]\nsigma = 3\n", "Extra inputs", 7),
}


@pytest.mark.parametrize(("base", "written", "said", "line"), MISTAKES.values(), ids=MISTAKES)
def test_each_wrong_setting_is_said_with_the_line_to_mend(base: str, written: str, said: str, line: int) -> None:
    _, mistakes = read(HEAD.format(base) + written, SHIPPED)
    assert [mistake.line for mistake in mistakes if said in mistake.message] == [line], mistakes


def test_a_pack_may_leave_all_of_it_out_and_one_frozen_before_there_was_any_keeps_its_digest() -> None:
    without, mistakes = read('without = ["fairness"]\n' + HEAD.format("permenpanrb-6-2022"), SHIPPED)
    assert mistakes == []
    assert without is not None
    assert without.fairness is None
    stored = copy.deepcopy(without.model_dump(mode="json"))
    del stored["fairness"]
    assert PolicyPack.model_validate(stored).digest == without.digest
