"""What follows a result, by the rules of each region, and what no rule may ask."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.follow_ups import FollowUpRule, Proposal, kinds, proposals
from models.language import Bilingual
from models.misfits import misfits_of
from models.outcome import CompetencyLine, Profile, Suggestion
from models.policy import PolicyPack
from models.result import Result
from models.shelf import load, pack_ids
from models.vocabulary import FollowUp, JobLevel, Label

SAID = Bilingual(id="Karena itu.", en="That is why.")
NOTHING_BEFORE: Mapping[int, str] = {}


def profile(percent: str, gaps: Mapping[str, int]) -> Profile:
    """Of somebody who is so many levels short in these, and in nothing else."""
    lines = tuple(
        CompetencyLine(id=name, title=Bilingual(id=name, en=name), achieved=1, required=1 + gap, gap=gap, why=SAID)
        for name, gap in {"integritas": 0, **gaps}.items()
    )
    course = Suggestion(id="public_speaking", title=SAID, hours=8, builds="komunikasi", why=SAID)
    return Profile(
        percent=Decimal(percent),
        verdict="memenuhi",
        why=SAID,
        lines=lines,
        strengths=(),
        to_develop=tuple(gaps),
        training=(course,) if gaps else (),
    )


def measured(found: Profile) -> dict[str, Any]:
    """The figures of a profile, as a result has them beside it."""
    return {"match": found.percent, "gaps": {line.id: line.gap for line in found.lines}}


def result(label: str, before: Mapping[int, str] = NOTHING_BEFORE, **more: Any) -> Result:
    labels = {year: Label(one) for year, one in before.items()}
    if "profile" in more:
        more |= measured(more["profile"])
    return Result(year=2027, label=Label(label), level=JobLevel.PELAKSANA, before=labels, **more)


def follow(pack: str, it: Result) -> dict[str, Proposal]:
    rules = load(pack)
    return {one.kind.value: one for one in proposals(rules.follow_ups, rules.scoring.labels, it)}


# ── each region by its own rules ────────────────────────────────────────────────────────────────────────────────────

WHOLE, SHORT, UNFIT = profile("100", {}), profile("90", {"komunikasi": 1}), profile("60", {"komunikasi": 2})
NOVEL = {"innovation": "Antrean lewat pesan singkat.", "public_praise": "Surat warga RW 04."}

KEPAHIANG = [
    ("sangat_baik", {}, WHOLE, {"further_education"}),
    ("sangat_baik", {2026: "baik"}, WHOLE, {"further_education", "promotion"}),
    ("baik", {}, WHOLE, set()),
    ("baik", {}, SHORT, {"training"}),
    ("baik", {2026: "sangat_baik"}, WHOLE, {"promotion"}),
    ("baik", {2026: "butuh_perbaikan", 2025: "baik"}, WHOLE, set()),
    ("baik", {2025: "baik"}, WHOLE, set()),
    ("butuh_perbaikan", {}, WHOLE, {"development_programme"}),
    ("butuh_perbaikan", {2026: "kurang"}, WHOLE, {"development_programme"}),
    ("kurang", {}, WHOLE, {"development_programme", "training"}),
    ("kurang", {}, UNFIT, {"development_programme", "training", "placement"}),
    ("sangat_kurang", {2026: "kurang"}, WHOLE, {"development_programme", "training", "placement"}),
]
DENPASAR = [
    ("sangat_baik", {}, "120", {"award"}),
    ("sangat_baik", {2026: "baik"}, "100", {"award", "promotion", "talent_pool"}),
    ("baik", {2026: "baik"}, "99.99", {"promotion"}),
    ("baik", {2025: "baik"}, "90", set()),
    ("butuh_perbaikan", {2026: "baik"}, "75", {"development_programme"}),
    ("kurang", {}, "50", {"development_programme"}),
]
BANTUL = [
    ("sangat_baik", WHOLE, {"promotion"}),
    ("baik", WHOLE, {"promotion"}),
    ("baik", SHORT, {"training"}),
    ("butuh_perbaikan", WHOLE, set()),
    ("kurang", UNFIT, {"training"}),
]
GAYUNGAN = [
    ("sangat_baik", NOVEL, WHOLE, {"award", "promotion"}),
    ("baik", NOVEL, WHOLE, {"award"}),
    ("butuh_perbaikan", NOVEL, WHOLE, set()),
    ("sangat_baik", {"innovation": "Antrean lewat pesan singkat."}, WHOLE, set()),
    ("sangat_baik", {**NOVEL, "public_praise": "  "}, WHOLE, set()),
    ("sangat_baik", {}, SHORT, {"training"}),
]


@pytest.mark.parametrize(("label", "before", "competency", "kinds"), KEPAHIANG)
def test_kepahiang(label: str, before: Mapping[int, str], competency: Profile, kinds: set[str]) -> None:
    found = follow("kepahiang-bobot", result(label, before, value=Decimal(80), profile=competency))
    assert set(found) == kinds


@pytest.mark.parametrize(("label", "before", "value", "kinds"), DENPASAR)
def test_denpasar(label: str, before: Mapping[int, str], value: str, kinds: set[str]) -> None:
    assert set(follow("denpasar-capaian", result(label, before, value=Decimal(value)))) == kinds


@pytest.mark.parametrize(("label", "competency", "kinds"), BANTUL)
def test_bantul(label: str, competency: Profile, kinds: set[str]) -> None:
    assert set(follow("bantul-kompetensi", result(label, profile=competency))) == kinds


@pytest.mark.parametrize(("label", "rating", "competency", "kinds"), GAYUNGAN)
def test_gayungan(label: str, rating: Mapping[str, object], competency: Profile, kinds: set[str]) -> None:
    it = result(label, value=Decimal(80), profile=competency, rating=rating)
    assert set(follow("gayungan", it)) == kinds


def test_a_pack_without_rules_proposes_nothing() -> None:
    assert follow("permenpanrb-6-2022", result("sangat_kurang")) == {}


# ── the reason ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_rule_that_leads_to_a_kind_says_why_and_by_which_source() -> None:
    it = result("kurang", {2026: "sangat_kurang", 2025: "kurang"}, value=Decimal("52.5"), profile=UNFIT)
    placement = follow("kepahiang-bobot", it)["placement"]
    assert [reason.why.id for reason in placement.reasons] == [
        "Predikat Kurang, dan kesesuaian dengan jabatan 60 %: jabatan lain mungkin lebih sesuai.",
        "Predikat Kurang 3 tahun berturut-turut.",
    ]
    assert all(reason.source for reason in placement.reasons)


def test_a_training_is_proposed_with_the_courses_that_were_suggested_and_for_the_widest_gap() -> None:
    wide = profile("70", {"kerja_sama": 1, "komunikasi": 2})
    training = follow("kepahiang-bobot", result("baik", value=Decimal(80), profile=wide))["training"]
    assert [course.id for course in training.courses] == ["public_speaking"]
    assert training.reasons[0].why.en == "komunikasi is 2 short of the level that the post needs."


# ── conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def rule(**conditions: Any) -> FollowUpRule:
    return FollowUpRule(kind=FollowUp.AWARD, title=SAID, why=SAID, source="Perbup 1", **conditions)


EDGES = [
    ({"value_min": "90"}, {"value": Decimal(90)}, True),
    ({"value_min": "90"}, {"value": Decimal("89.999")}, False),
    ({"value_below": "90"}, {"value": Decimal(90)}, False),
    ({"value_below": "90"}, {}, False),
    ({"match_min": "80", "match_below": "100"}, {"profile": SHORT}, True),
    ({"match_min": "80", "match_below": "100"}, {"profile": WHOLE}, False),
    ({"match_min": "0"}, {}, False),
    ({"gap_min": 2}, {"profile": SHORT}, False),
    ({"gap_min": 2}, {"profile": UNFIT}, True),
    ({"gap_min": 1, "gap_of": ["integritas"]}, {"profile": UNFIT}, False),
    ({"gap_min": 1}, {}, False),
    ({"noted": ["idea"]}, {"rating": {"idea": True}}, True),
    ({"noted": ["idea"]}, {"rating": {"idea": False}}, False),
    ({"noted": ["idea"]}, {"rating": {"idea": []}}, False),
    ({"noted": ["idea"]}, {}, False),
    ({"labels": ["baik"], "when": {"levels": ["Pengawas"]}}, {}, False),
    ({"labels": ["baik"], "when": {"levels": ["Pelaksana"], "families": ["guru"]}}, {"family": "guru"}, True),
]


@pytest.mark.parametrize(("conditions", "more", "holds"), EDGES)
def test_every_condition_has_to_hold_and_what_is_missing_meets_none(
    conditions: dict[str, Any], more: dict[str, Any], holds: bool
) -> None:
    assert rule(**conditions).holds(result("baik", **more)) is holds


ROWS = [
    ({}, 1),
    ({2026: "sangat_baik"}, 2),
    ({2026: "sangat_baik", 2025: "baik", 2024: "baik"}, 4),
    ({2026: "kurang", 2025: "baik"}, 1),
    ({2025: "baik", 2024: "baik"}, 1),
    ({2028: "baik"}, 1),
]


@pytest.mark.parametrize(("before", "years"), ROWS)
def test_years_on_end_are_broken_by_another_label_and_by_a_year_without_a_result(
    before: Mapping[int, str], years: int
) -> None:
    it = result("baik", before)
    assert it.in_a_row({Label.BAIK, Label.SANGAT_BAIK}) == years
    assert it.in_a_row({Label.KURANG}) == 0


IMPORTED = [
    ({2026: "baik"}, {2026}, (2026,)),
    ({2026: "baik", 2025: "baik"}, {2025}, (2025,)),
    ({2026: "baik", 2025: "baik"}, set(), ()),
    ({2026: "baik", 2025: "kurang"}, {2025}, ()),
]


@pytest.mark.parametrize(("before", "imported", "counted"), IMPORTED)
def test_a_reason_that_counts_imported_years_names_them_and_no_others(
    before: Mapping[int, str], imported: set[int], counted: tuple[int, ...]
) -> None:
    found = follow("kepahiang-bobot", result("baik", before, imported=frozenset(imported), profile=WHOLE))
    [reason] = found["promotion"].reasons
    assert reason.imported == counted
    assert ("diimpor" in reason.why.id) == ("mported" in reason.why.en) == bool(counted)


def test_a_reason_by_one_year_s_label_counts_no_imported_year() -> None:
    before = {2026: "sangat_baik"}
    found = follow("kepahiang-bobot", result("sangat_baik", before, imported=frozenset({2026}), profile=WHOLE))
    assert found["further_education"].reasons[0].imported == ()


@pytest.mark.parametrize("pack", pack_ids())
@given(data=st.data())
def test_whatever_a_result_is_each_proposal_has_a_rule_that_holds_and_says_why_in_whole_sentences(
    pack: str, data: st.DataObject
) -> None:
    labels, rules = st.sampled_from(Label), load(pack)
    more = data.draw(st.sampled_from([{"profile": one} for one in (WHOLE, SHORT, UNFIT)])) if rules.competency else {}
    value = data.draw(st.none() | st.decimals(0, 120, places=2)) if rules.scoring.method == "numeric" else None
    before = data.draw(st.dictionaries(st.integers(2023, 2026), labels))
    rating = data.draw(st.sampled_from([{}, NOVEL]))
    it = result(data.draw(labels), before, value=value, rating=rating, **more)
    assert {one.kind for one in proposals(rules.follow_ups, rules.scoring.labels, it)} == kinds(rules.follow_ups, it)
    found = proposals(rules.follow_ups, rules.scoring.labels, it)
    assert {one.kind for one in found} == {rule.kind for rule in rules.follow_ups if rule.holds(it)}
    for reason in (reason for one in found for reason in one.reasons):
        assert not set("{}") & set(reason.why.id + reason.why.en)


# ── what no rule may ask ────────────────────────────────────────────────────────────────────────────────────────────

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({}, "would propose this for everybody"),
    ({"years": 2, "value_min": "90"}, "names none"),
    ({"gap_of": ["komunikasi"], "labels": ["baik"]}, "no `gap_min`"),
    ({"value_min": "90", "value_below": "90"}, "nothing is 90 or more and below 90"),
    ({"labels": ["baik"], "when": {"top": True}}, "no part of a result"),
    ({"labels": ["baik"], "why": Bilingual(id="{gap}", en="x")}, "uses gap, which it cannot know"),
    ({"value_min": "90", "why": Bilingual(id="x", en="{years}")}, "uses years, which it cannot know"),
]


@pytest.mark.parametrize(("conditions", "said"), NONSENSE)
def test_a_rule_that_cannot_be_meant_is_refused(conditions: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FollowUpRule(**{"kind": "award", "title": SAID, "why": SAID, "source": "x", **conditions})


AWARD = {"kind": "award", "title": SAID.model_dump(), "why": SAID.model_dump(), "source": "x"}
UNFITTING: list[tuple[str, dict[str, Any], str]] = [
    ("permenpanrb-6-2022", {"value_min": "90"}, "a quadrant has none"),
    ("permenpanrb-6-2022", {"labels": ["baik"], "why": {"id": "{value}", "en": "x"}}, "a quadrant has none"),
    ("denpasar-capaian", {"gap_min": 1}, "the pack has no [competency]"),
    ("bantul-kompetensi", {"gap_min": 1, "gap_of": ["melukis"]}, "no competency 'melukis'"),
    ("pp-30-2019", {"noted": ["inovasi"]}, "the rating has no field 'inovasi'"),
]


@pytest.mark.parametrize(("pack", "conditions", "said"), UNFITTING)
def test_a_rule_about_what_the_pack_does_not_have_is_refused_with_its_place(
    pack: str, conditions: dict[str, Any], said: str
) -> None:
    changed = copy.deepcopy(load(pack).model_dump(mode="json"))
    changed["follow_ups"] = [AWARD | {"labels": ["baik"]}, AWARD | conditions]
    with pytest.raises(ValidationError) as caught:
        PolicyPack.model_validate(changed)
    [wrong] = misfits_of(caught.value)
    assert wrong.path[:2] == ("follow_ups", 1)
    assert said in wrong.message
