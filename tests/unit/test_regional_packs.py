"""What the packs of the regions promise: what Kepahiang weighs by post, and what Denpasar holds to be an achievement."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.form_spec import FormContext, ResultRef
from models.forms import example, problems, results_of, schema
from models.numeric_spec import AchievementPart, NumericScoring
from models.outcome import MissingPart, Outcome, ScoringContext
from models.scoring import score
from models.shelf import load
from models.vocabulary import EmployeeKind, Form, JobLevel, Label, Stage, State

KEPAHIANG, DENPASAR = load("kepahiang-bobot"), load("denpasar-capaian")
ABOVE = (ResultRef(id="a1", title="Pendapatan daerah meningkat"),)
RANK = list(Label)

CLERK = FormContext(JobLevel.PELAKSANA, superior_results=ABOVE)
COUNTER = replace(CLERK, family="pelayanan_publik")
NURSE = replace(CLERK, level=JobLevel.TERAMPIL, family="tenaga_kesehatan")
DISTRICT_HEAD = replace(COUNTER, level=JobLevel.ADMINISTRATOR)
ANALYST = replace(CLERK, level=JobLevel.AHLI_MUDA)
HEAD = replace(CLERK, level=JobLevel.ADMINISTRATOR)


def value(outcome: Outcome) -> Decimal:
    points = next(line.points for line in outcome.lines if line.what == "total")
    assert points is not None
    return points


def post(who: FormContext, **more: Any) -> ScoringContext:
    return ScoringContext(level=who.level, kind=who.kind, family=who.family, **more)


# ── Kepahiang: the weights of a post ────────────────────────────────────────────────────────────────────────────────


def whole(who: FormContext) -> dict[str, Any]:
    """A whole rating of this person by Kepahiang."""
    return example(KEPAHIANG, Form.RATING, replace(who, results=(ResultRef("r1", "Laporan"),)))


def scored(results: int, others: int, **indicators: int) -> dict[str, Any]:
    """A rating by Kepahiang; `others` is what each indicator gets that is not named."""
    named = {"keakuratan", "ketepatan_waktu"}, {"disiplin", "kualitas_kerja", "inisiatif", "kerja_sama", "pelayanan"}
    process, behaviours = ({key: {"score": indicators.get(key, others)} for key in keys} for keys in named)
    competencies = {key: {"level": 3} for key in ("komunikasi", "kerja_sama", "orientasi_hasil", "pelayanan_publik")}
    return {
        "results": {"r1": {"score": results}},
        "process": process,
        "behaviours": behaviours,
        "competencies": competencies,
    }


def by_kepahiang(who: FormContext, rating: dict[str, Any]) -> Outcome:
    return score(KEPAHIANG, rating, post(who))


def test_the_same_scores_come_to_different_labels_by_post() -> None:
    rating = scored(98, 90, keakuratan=85, ketepatan_waktu=85, disiplin=50, inisiatif=98, pelayanan=50)
    assert by_kepahiang(HEAD, rating).label is Label.SANGAT_BAIK
    assert by_kepahiang(ANALYST, rating).label is Label.BAIK
    assert by_kepahiang(COUNTER, rating).label is Label.BUTUH_PERBAIKAN


@given(st.integers(0, 100), st.sampled_from(JobLevel), st.sampled_from([None, "pelayanan_publik", "guru"]))
def test_who_is_the_same_in_everything_is_the_same_in_every_post(
    figure: int, level: JobLevel, family: str | None
) -> None:
    outcome = by_kepahiang(FormContext(level, family=family), scored(figure, figure))
    assert value(outcome) == figure
    assert (RANK.index(outcome.label) <= RANK.index(Label.BAIK)) == (figure >= 76)  # the expected standard


def weights(who: FormContext) -> dict[str, Decimal]:
    assert isinstance(KEPAHIANG.scoring, NumericScoring)
    return dict(KEPAHIANG.scoring.weights_of(who))


def test_a_public_service_post_weighs_discipline_and_service_like_no_other() -> None:
    others = [FormContext(level, family=family) for level in JobLevel for family in (None, "guru", "teknis")]
    assert all(weights(COUNTER)["disiplin"] > weights(other)["disiplin"] for other in others)
    assert all(weights(other)["pelayanan"] == 0 for other in others)
    assert weights(COUNTER)["pelayanan"] >= 20
    assert weights(DISTRICT_HEAD)["inisiatif"] > weights(COUNTER)["inisiatif"]  # leads, and serves
    assert weights(DISTRICT_HEAD)["pelayanan"] > 0


def test_only_public_service_is_asked_for_satisfying_service_and_cannot_be_rated_without() -> None:
    assert "pelayanan" in whole(COUNTER)["behaviours"]
    assert "pelayanan" not in whole(CLERK)["behaviours"]
    unserved = scored(80, 80)
    del unserved["behaviours"]["pelayanan"]
    assert by_kepahiang(CLERK, unserved).label is Label.BAIK
    with pytest.raises(MissingPart) as caught:
        by_kepahiang(COUNTER, unserved)
    assert caught.value.parts == ("pelayanan",)


def test_result_process_and_behaviour_each_count_in_every_post() -> None:
    for level in JobLevel:
        for family in (None, "pelayanan_publik"):
            row = weights(FormContext(level, family=family))
            assert all(weight > 0 for part, weight in row.items() if part != "pelayanan")
            assert sum(row.values()) == 100


@pytest.mark.parametrize("told", ["strengths", "weaknesses"])
def test_nobody_is_rated_without_being_told_strengths_and_weaknesses(told: str) -> None:
    who, rating = replace(CLERK, results=(ResultRef("r1", "Laporan"),)), whole(CLERK)
    assert problems(KEPAHIANG, Form.RATING, who, rating) == []
    for silence in ({key: text for key, text in rating.items() if key != told}, rating | {told: " "}):
        assert [wrong.pointer for wrong in problems(KEPAHIANG, Form.RATING, who, silence)] == [f"/{told}"]


def test_a_plan_says_what_it_contributes_to_above() -> None:
    (row,) = example(KEPAHIANG, Form.PLAN, CLERK)["results"]  # type: ignore[misc]
    assert row["superior_result"] == "a1"
    assert row["indicators"][0]["target"]


def test_a_year_in_kepahiang_has_no_report_of_ones_own_and_no_label_of_the_organisation() -> None:
    stages = {state.stage for state in KEPAHIANG.waiting_states}
    assert stages == {Stage.PLAN, Stage.MIDYEAR, Stage.RATING, Stage.APPEAL, Stage.FINALISATION}
    assert State.APPEAL_OPEN in KEPAHIANG.steps  # every result is delivered, and can be disputed


@pytest.mark.parametrize("pack", [KEPAHIANG, DENPASAR], ids=lambda pack: pack.id)
def test_a_functional_post_earns_its_credit_points_in_the_regions_too(pack: Any) -> None:
    assert isinstance(pack.scoring, NumericScoring)
    assert pack.scoring.credit == load("permenpanrb-6-2022").scoring.credit


# ── Denpasar: what was reached ──────────────────────────────────────────────────────────────────────────────────────

TARGETS = st.decimals("0.5", 1000, places=2)
RATIOS = st.decimals(0, 4, places=2)
POLARITIES = st.sampled_from(["more", "less"])


def planned(significance: str, target: Decimal | int, polarity: str) -> dict[str, Any]:
    return {"target": str(target), "polarity": polarity, "significance": significance}


def by_denpasar(*work: tuple[dict[str, Any], Decimal | int], who: FormContext = CLERK, **more: Any) -> Outcome:
    """What comes of results, each with its plan and what was realised."""
    rating = {"results": {f"r{n}": {"realised": str(realised)} for n, (_, realised) in enumerate(work)}}
    plans = {f"r{n}": plan for n, (plan, _) in enumerate(work)}
    return score(DENPASAR, rating, post(who, planned=plans, **more))


@given(TARGETS, RATIOS, POLARITIES)
def test_routine_work_never_outranks_significant_work_of_the_same_ratio(
    target: Decimal, ratio: Decimal, polarity: str
) -> None:
    routine, significant = (
        by_denpasar((planned(kind, target, polarity), target * ratio)) for kind in ("rutin", "signifikan")
    )
    assert value(routine) <= value(significant)
    assert RANK.index(routine.label) >= RANK.index(significant.label)
    if (ratio <= 1) if polarity == "less" else (ratio >= 1):
        assert value(routine) < value(significant)
        assert RANK.index(routine.label) > RANK.index(significant.label)


@given(st.lists(st.tuples(TARGETS, RATIOS, POLARITIES), min_size=1, max_size=6))
def test_however_far_routine_work_is_exceeded_it_is_never_very_good(work: list[tuple[Decimal, Decimal, str]]) -> None:
    rows = [(planned("rutin", target, polarity), target * ratio) for target, ratio, polarity in work]
    assert by_denpasar(*rows).label is not Label.SANGAT_BAIK


def test_routine_work_that_is_done_is_good_work() -> None:
    assert by_denpasar((planned("rutin", 12, "more"), 12)).label is Label.BAIK


def test_half_the_waiting_time_is_better_than_meeting_it_and_twice_is_nothing_reached() -> None:
    waiting = planned("signifikan", 20, "less")
    assert value(by_denpasar((waiting, 10))) > value(by_denpasar((waiting, 20))) == 100
    assert value(by_denpasar((waiting, 20))) > value(by_denpasar((waiting, 25)))
    assert value(by_denpasar((waiting, 40))) == 0


@given(TARGETS, st.tuples(RATIOS, RATIOS), POLARITIES)
def test_reaching_more_of_a_target_is_never_worth_less(
    target: Decimal, ratios: tuple[Decimal, Decimal], polarity: str
) -> None:
    worse, better = sorted(ratios, reverse=polarity == "less")
    plan = planned("signifikan", target, polarity)
    assert value(by_denpasar((plan, target * worse))) <= value(by_denpasar((plan, target * better)))


def test_a_significant_result_weighs_twice_a_routine_one() -> None:
    missed = by_denpasar((planned("signifikan", 10, "more"), 5), (planned("rutin", 10, "more"), 9))
    assert value(missed) == (2 * 50 + 90) / Decimal(3)


@given(st.integers(0, 12), st.decimals(0, 100, places=1), st.sampled_from(EmployeeKind), st.sampled_from(JobLevel))
def test_neither_attendance_nor_service_nor_rank_changes_what_an_achievement_is_worth(
    months: int, attendance: Decimal, kind: EmployeeKind, level: JobLevel
) -> None:
    work = (planned("signifikan", 20, "less"), 21)
    found = by_denpasar(
        work, who=replace(CLERK, kind=kind, level=level), months=months, measured={"kehadiran": attendance}
    )
    assert (value(found), found.label) == (Decimal(95), Label.BAIK)


def test_nothing_but_achievement_is_a_part_in_denpasar() -> None:
    assert isinstance(DENPASAR.scoring, NumericScoring)
    assert [type(part) for part in DENPASAR.scoring.parts] == [AchievementPart]


def test_each_step_names_target_direction_and_significance_in_both_languages() -> None:
    outcome = by_denpasar((planned("signifikan", 20, "less"), 18))
    said = next(line.why for line in outcome.lines if line.what == "capaian.r0")
    assert said.id == "Hasil 1: terealisasi 18 dari target 20 (makin kecil makin baik) = 110 %; signifikan, bagian 2."
    assert said.en == "Result 1: 18 of a target of 20 (less is better) = 110 %; significant, share 2."


@pytest.mark.parametrize(
    ("kind", "target", "polarity", "realised", "ratio", "counted"),
    [
        ("rutin", 80, "more", 88, "110", "rutin, dihitung paling tinggi 90 %"),
        ("rutin", 30, "less", 15, "150", "rutin, dihitung paling tinggi 90 %"),
        ("signifikan", 20, "less", 15, "125", "signifikan, dihitung paling tinggi 120 %"),
    ],
)
def test_a_result_beyond_its_cap_says_what_was_reached_and_what_of_it_counts(
    kind: str, target: int, polarity: str, realised: int, ratio: str, counted: str
) -> None:
    outcome = by_denpasar((planned(kind, target, polarity), realised))
    said = next(line for line in outcome.lines if line.what == "capaian.r0")
    assert f"terealisasi {realised} dari target {target}" in said.why.id
    assert f"= {ratio} %; {counted}" in said.why.id
    assert said.value == counted.split()[-2]


def indicators(who: FormContext) -> list[str]:
    document: Any = schema(DENPASAR, Form.PLAN, who, "id")
    found: list[str] = document["properties"]["results"]["items"]["properties"]["indicator"]["enum"]
    return found


def test_every_kind_of_job_chooses_from_indicators_of_its_own() -> None:
    assert indicators(NURSE) == ["tunggu_rawat_jalan", "cakupan_layanan", "lainnya"]
    assert indicators(replace(CLERK, family="teknis"))[0] == "waktu_tunggu_angkutan"
    assert "sasaran_unit" in indicators(HEAD)
    assert indicators(replace(CLERK, family="juru_masak")) == ["lainnya"]
    plan: Any = example(DENPASAR, Form.PLAN, NURSE)
    plan["results"][0]["indicator"] = "kompetensi_minimum"
    assert [w.pointer for w in problems(DENPASAR, Form.PLAN, NURSE, plan)] == ["/results/0/indicator"]


@pytest.mark.parametrize("name", ["indicator", "criterion", "target", "unit", "polarity", "significance"])
def test_a_plan_without_a_clear_criterion_cannot_be_submitted(name: str) -> None:
    plan: Any = example(DENPASAR, Form.PLAN, CLERK)
    del plan["results"][0][name]
    assert [w.pointer for w in problems(DENPASAR, Form.PLAN, CLERK, plan)] == [f"/results/0/{name}"]


@pytest.mark.parametrize("target", [0, -5])
def test_nothing_is_no_target_since_no_share_of_it_could_be_reached(target: int) -> None:
    plan: Any = example(DENPASAR, Form.PLAN, CLERK)
    plan["results"][0]["target"] = target
    assert [w.pointer for w in problems(DENPASAR, Form.PLAN, CLERK, plan)] == ["/results/0/target"]


def test_an_achievement_is_reported_with_its_evidence_and_answered_with_advice() -> None:
    who = replace(CLERK, results=results_of(DENPASAR, example(DENPASAR, Form.PLAN, CLERK)))
    report: Any = example(DENPASAR, Form.SELF_ASSESSMENT, who)
    report["results"]["r1"]["evidence"] = []
    assert [w.pointer for w in problems(DENPASAR, Form.SELF_ASSESSMENT, who, report)] == ["/results/r1/evidence"]
    rating: Any = example(DENPASAR, Form.RATING, who)
    del rating["advice"], rating["results"]["r1"]["feedback"]
    found = {w.pointer for w in problems(DENPASAR, Form.RATING, who, rating)}
    assert found == {"/advice", "/results/r1/feedback"}
