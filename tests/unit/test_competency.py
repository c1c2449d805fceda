"""Competency beside performance: what a post needs, what a person has, and which training the widest gaps suggest."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.competency import CompetencySpec, match_percent, profile
from models.outcome import MissingPart, Profile, ScoringContext
from models.scoring import score
from models.shelf import load
from models.vocabulary import JobLevel

PACK = load("bantul-kompetensi")
assert PACK.competency is not None
SPEC: CompetencySpec = PACK.competency
CRITERIA = PACK.criteria[SPEC.criteria]
IDS = [criterion.id for criterion in CRITERIA]


def hers(level: str = "Pelaksana", family: str | None = None, every: int = 1, **levels: int) -> Profile:
    given_levels = {name: {"level": levels.get(name, every)} for name in IDS}
    context = ScoringContext(level=JobLevel(level), family=family)
    return profile(SPEC, CRITERIA, {"competencies": given_levels}, context)


@pytest.mark.parametrize(
    ("percent", "verdict"),
    [
        ("0", "kurang_memenuhi"),
        ("67.99", "kurang_memenuhi"),
        ("68", "masih_memenuhi"),
        ("79.99", "masih_memenuhi"),
        ("80", "memenuhi"),
        ("100", "memenuhi"),
    ],
)
def test_each_bound_of_the_match_belongs_to_the_better_verdict(percent: str, verdict: str) -> None:
    assert SPEC.verdict(Decimal(percent)).name == verdict


def test_the_same_levels_fit_one_post_and_not_another() -> None:
    assert hers("Pelaksana", every=2).verdict == "memenuhi"
    assert hers("Administrator", every=2).verdict == "kurang_memenuhi"
    assert hers("Pelaksana", "pelayanan_publik", every=1).to_develop == (
        "komunikasi",
        "pelayanan_publik",
        "teknologi_informasi",
    )
    assert hers("Pelaksana", "teknis", every=1).to_develop == ("teknologi_informasi",)
    assert hers("Pelaksana", "administrasi", every=1).to_develop == ()


def test_what_is_above_one_requirement_makes_up_for_no_other() -> None:
    assert match_percent([(5, 2), (1, 2)]) == Decimal(75)
    assert match_percent([]) == Decimal(100)


def test_strengths_lie_above_what_the_post_needs_and_the_widest_gap_comes_first() -> None:
    found = hers("Administrator", every=3, komunikasi=1, integritas=5, kerja_sama=2)
    assert found.strengths == ("integritas",)
    assert found.to_develop == ("komunikasi", "kerja_sama")
    assert [line.gap for line in found.lines if line.gap] == [1, 2]


def test_weak_communication_suggests_public_speaking_and_time_management_lets_work_be_done_on_time() -> None:
    found = hers("Pengawas", every=2, komunikasi=1, orientasi_hasil=1)
    assert [one.id for one in found.training] == ["public_speaking", "manajemen_waktu"]
    assert "Komunikasi kurang 1 tingkat" in found.training[0].why.id


def test_no_more_is_suggested_than_the_hours_of_a_year() -> None:
    found = hers("JPT Pratama", every=1)
    assert sum(one.hours for one in found.training) <= SPEC.hours_a_year
    assert len({one.id for one in found.training}) == len(found.training) > 1


@given(st.fixed_dictionaries({name: st.integers(1, 5) for name in IDS}), st.sampled_from(JobLevel))
def test_a_profile_is_whole_whatever_the_levels(levels: dict[str, int], level: JobLevel) -> None:
    found = hers(level.value, **levels)
    assert 0 <= found.percent <= 100
    assert (found.percent == 100) == (not found.to_develop)
    assert {line.id for line in found.lines} == set(IDS)
    assert not set(found.strengths) & set(found.to_develop)
    assert {one.builds for one in found.training} <= set(found.to_develop)


@pytest.mark.parametrize("level", [0, 6, "3", True, None, 2.5])
def test_a_level_that_is_none_is_missing_and_never_the_lowest(level: object) -> None:
    rating = {"competencies": {name: {"level": 3} for name in IDS} | {"komunikasi": {"level": level}}}
    with pytest.raises(MissingPart) as caught:
        profile(SPEC, CRITERIA, rating, ScoringContext(level=JobLevel.PELAKSANA))
    assert caught.value.parts == ("competencies.komunikasi",)


@given(st.integers(1, 5))
def test_competency_never_touches_the_label(level: int) -> None:
    rating = {
        "result_rating": "as_expected",
        "behaviour_rating": "above",
        "competencies": {name: {"level": level} for name in IDS},
    }
    outcome = score(PACK, rating, ScoringContext(level=JobLevel.AHLI_MUDA))
    assert outcome.label == "baik"
    assert outcome.competency is not None
    assert not any("competen" in line.what for line in outcome.lines)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"required": [{"when": {"levels": ["Pelaksana"]}, "level": 1}]}, "the last row of required levels"),
        ({"required": [{"level": 6}]}, "no post needs more than the highest level, 5"),
        ({"verdicts": SPEC.model_dump()["verdicts"][:1]}, "from the highest percentage to 0"),
        ({"training": [SPEC.model_dump()["training"][0]] * 2}, "two courses of the catalogue"),
        ({"why": {}}, "no sentence for 'gap'"),
    ],
)
def test_competencies_that_do_not_hold_together_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CompetencySpec.model_validate(SPEC.model_dump() | change)
