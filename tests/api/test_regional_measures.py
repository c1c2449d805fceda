"""What regions mean by an objective rating, each by its own pack: figures and reasons, trained raters, and results that are explained."""

from __future__ import annotations

from typing import Any

import pytest

from models.worked import overlaid
from tests.api.test_rater_training import SYSTEM, WORKSHOP, listed, recorded
from tests.api.test_regional_years import asked_of, attended, laid_over, outcome_of, planned, region
from tests.endings import JANUARY, Played, at, until_december
from tests.world import World

PEOPLE = 40

denpasar = region("denpasar-capaian")
gayungan = region("gayungan")
kepahiang = region("kepahiang-bobot")
sawahlunto = region("sawahlunto-terbuka")


async def another_s(world: World, other: Played, plan: dict[str, Any]) -> Played:
    """Somebody whom another supervisor rates, up to the rating."""
    while True:
        nip = await world.next_clerk()
        if (await Played.of(world, nip)).supervisor != other.supervisor:
            return await planned(world, plan, nip)


async def typed(world: World, who: Played, rating: dict[str, Any]) -> tuple[int, set[str]]:
    """What becomes of a rating that says more than it is asked."""
    path = f"/api/v1/appraisals/{who.appraisal}/forms/rating"
    answer = await world.http.put(path, headers=world.headers(who.supervisor), json={"data": rating})
    return answer.status_code, {one["pointer"] for one in answer.json().get("errors", ())}


# ── Denpasar: what is reached, in figures ────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("D13")
async def test_denpasar_s_criteria_say_what_is_counted_and_leave_no_rater_anything_to_judge(denpasar: World) -> None:
    who = await Played.of(denpasar, await denpasar.next_clerk())
    at(denpasar, JANUARY)
    await denpasar.bring(who.appraisal)
    pack = (await denpasar.get("/policies/denpasar-capaian", who.employee)).raise_for_status().json()
    library = pack["criteria"]["library"]
    assert all(line[language] for one in library for line in one["guide"] for language in ("id", "en"))
    assert all(one["guide"] for one in library)
    rows = (await asked_of(denpasar, who, "plan", who.employee))["results"]["items"]
    assert {"indicator", "criterion", "target", "unit", "polarity", "significance"} <= set(rows["required"])
    fields = {field["name"]: field["type"] for field in pack["forms"]["rating"]["fields"]}
    (results,) = [field for field in pack["forms"]["rating"]["fields"] if field["name"] == "results"]
    assert fields == {"results": "each", "advice": "long_text"}
    assert {one["name"]: one["type"] for one in results["fields"]} == {"realised": "number", "feedback": "long_text"}


@pytest.mark.capability("D12")
async def test_the_same_achievement_comes_to_the_same_whoever_rates_it_in_denpasar_and_no_value_can_be_typed(
    denpasar: World,
) -> None:
    target = {"results": {"*": {"target": 20, "unit": "menit", "polarity": "less", "significance": "signifikan"}}}
    who = await planned(denpasar, target)
    other = await another_s(denpasar, who, target)
    rating = await laid_over(denpasar, who.supervisor, who.appraisal, "rating", {"results": {"*": {"realised": 21}}})
    for odd in ({"label": "sangat_baik"}, {"value": 120}):
        assert await typed(denpasar, who, rating | odd) == (422, {f"/data/{name}" for name in odd})
    (key,) = rating["results"]
    scored = overlaid(rating, {"results": {key: {"score": 120}}})
    assert await typed(denpasar, who, scored) == (422, {f"/data/results/{key}/score"})
    found = [await outcome_of(denpasar, one, {"results": {"*": {"realised": 21}}}) for one in (who, other)]
    told = [[(line["what"].partition(".")[0], line["value"], line["why"]) for line in one["lines"]] for one in found]
    assert told[0] == told[1]
    assert {one["label"] for one in found} == {"baik"}
    assert "terealisasi 21 dari target 20 (makin kecil makin baik) = 95 %" in told[0][0][2]


@pytest.mark.capability("P24")
async def test_cost_time_and_effect_are_planned_as_figures_and_each_is_told_against_its_target(denpasar: World) -> None:
    who = await Played.of(denpasar, await denpasar.next_clerk())
    at(denpasar, JANUARY)
    await denpasar.takes_note(who.appraisal, who.employee)
    (row,) = (await laid_over(denpasar, who.employee, who.appraisal, "plan", {}))["results"]
    figures = {
        "biaya": ("Biaya per berkas", 50000, "rupiah", "less"),
        "waktu": ("Hari per berkas", 20, "hari", "less"),
        "dampak": ("Warga terlayani", 400, "orang", "more"),
    }
    rows = [
        row
        | {"id": key, "title": title, "indicator": "lainnya", "criterion": title, "significance": "signifikan"}
        | {"target": target, "unit": unit, "polarity": polarity}
        for key, (title, target, unit, polarity) in figures.items()
    ]
    await until_december(denpasar, who, {"results": rows})
    await denpasar.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    realised = {"biaya": 45000, "waktu": 25, "dampak": 420}
    shown = await outcome_of(
        denpasar, who, {"results": {key: {"realised": figure} for key, figure in realised.items()}}
    )
    lines = {line["what"]: line for line in shown["lines"]}
    reached = {key: lines[f"capaian.{key}"] for key in figures}
    assert {key: line["value"] for key, line in reached.items()} == {"biaya": "110", "waktu": "75", "dampak": "105"}
    assert "terealisasi 45000 dari target 50000 (makin kecil makin baik) = 110 %" in reached["biaya"]["why"]
    assert "terealisasi 25 dari target 20 (makin kecil makin baik) = 75 %" in reached["waktu"]["why"]
    assert "terealisasi 420 dari target 400 (makin besar makin baik) = 105 %" in reached["dampak"]["why"]
    assert (lines["total"]["value"], shown["label"]) == ("96.667", "baik")


# ── Gayungan: aspects with their reasons, and what the records say ───────────────────────────────────────────────────


@pytest.mark.capability("G07")
async def test_gayungan_rates_each_aspect_with_what_it_rests_on_and_takes_attendance_from_the_records(
    gayungan: World,
) -> None:
    who = await planned(gayungan, {})
    other = await another_s(gayungan, who, {})
    rating = await laid_over(gayungan, who.supervisor, who.appraisal, "rating", {"work": {"*": {"score": 80}}})
    for odd in ({"label": "sangat_baik"}, {"attendance": 100}):
        assert await typed(gayungan, who, rating | odd) == (422, {f"/data/{name}" for name in odd})
    await attended(gayungan, who, 90)
    await attended(gayungan, other, 90)
    bare = overlaid(rating, {"work": {"kualitas": {"reason": " "}}})
    await gayungan.fill(who.appraisal, "rating", who.supervisor, bare)
    refused = await gayungan.act(who.appraisal, "submit_rating", who.supervisor)
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/work/kualitas/reason"]
    found = [await outcome_of(gayungan, one, {"work": {"*": {"score": 80}}}) for one in (who, other)]
    told = [[(line["what"], line["value"], line["why"]) for line in one["lines"]] for one in found]
    assert told[0] == told[1]
    assert {one["label"] for one in found} == {"baik"}


@pytest.mark.capability("G01", "G02")
async def test_gayungan_s_employee_reads_how_each_aspect_made_her_result_and_where_to_improve(gayungan: World) -> None:
    who = await planned(gayungan, {})
    await attended(gayungan, who, 95)
    improve = "Ketelitian data kependudukan, terutama kartu keluarga."
    bare = await laid_over(gayungan, who.supervisor, who.appraisal, "rating", {"to_improve": " "})
    await gayungan.fill(who.appraisal, "rating", who.supervisor, bare)
    refused = await gayungan.act(who.appraisal, "submit_rating", who.supervisor)
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/to_improve"], "it cannot be left out"
    work = {"*": {"score": 80}, "kualitas": {"score": 60, "reason": "Empat berkas dikembalikan."}}
    shown = await outcome_of(
        gayungan,
        who,
        {"work": work, "to_improve": improve, "competencies": {"*": {"level": 3}, "pelayanan": {"level": 1}}},
    )
    whys = {line["what"]: line["why"] for line in shown["lines"]}
    assert "Kehadiran menurut data kepegawaian: 95 x 20 % = 19" in whys["attendance"]
    assert "Kualitas pekerjaan: 60 x 30 % = 18" in whys["quality"]
    assert {"attendance", "quality", "team", "on_time", "solutions", "total", "label"} <= set(whys)
    assert (next(x["value"] for x in shown["lines"] if x["what"] == "total"), shown["label"]) == ("77", "baik")
    read = (await gayungan.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
    assert (read["work"]["kualitas"]["reason"], read["to_improve"]) == ("Empat berkas dikembalikan.", improve)
    assert shown["competency"]["to_develop"] == ["pelayanan"]


# ── raters who have learnt how ───────────────────────────────────────────────────────────────────────────────────────


async def seen_until_trained(world: World, taken: dict[str, str]) -> None:
    """A supervisor without a training is known as that, and rates; after it he is no more."""
    who = await planned(world, {})
    (await recorded(world, who.supervisor)).raise_for_status()
    assert (await listed(world))[who.supervisor][1] == ["trainings"]
    written = await laid_over(world, who.supervisor, who.appraisal, "rating", {})
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    for reader in (who.supervisor, who.senior, "hr"):
        assert (await world.seen(who.appraisal, reader))["rater"]["trained"] is False  # type: ignore[index]
    assert "rater" not in await world.seen(who.appraisal, who.employee)
    (await recorded(world, who.supervisor, taken)).raise_for_status()
    assert (await world.seen(who.appraisal))["rater"]["trained"] is True  # type: ignore[index]
    assert who.supervisor not in await listed(world)


@pytest.mark.capability("D15", "D16")
async def test_denpasar_sees_whose_raters_are_trained_in_the_system(denpasar: World) -> None:
    await seen_until_trained(denpasar, SYSTEM)


@pytest.mark.capability("P22")
async def test_kepahiang_sees_whose_raters_have_learnt_to_rate_fairly_and_no_other_course_counts(
    kepahiang: World,
) -> None:
    await seen_until_trained(kepahiang, WORKSHOP)
    who = await planned(kepahiang, {})
    (await recorded(kepahiang, who.supervisor, SYSTEM)).raise_for_status()
    assert who.supervisor in await listed(kepahiang)


@pytest.mark.capability("S12")
async def test_sawahlunto_sees_whose_raters_are_trained(sawahlunto: World) -> None:
    await seen_until_trained(sawahlunto, SYSTEM)


@pytest.mark.capability("S13")
async def test_sawahlunto_counts_a_workshop_on_rating_fairly(sawahlunto: World) -> None:
    await seen_until_trained(sawahlunto, WORKSHOP)
