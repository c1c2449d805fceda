"""What regions count, each by its pack alone: the same engine, the same api, and a label that is explained to the employee."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from models.worked import overlaid
from tests.endings import JANUARY, Played, at, until_december
from tests.world import YEAR, World, open_cycle, opened_world

PEOPLE = 40


def region(policy: str, people: int = PEOPLE) -> Callable[..., AsyncIterator[World]]:
    """A fixture: the demo agency in a year by that pack."""

    @pytest_asyncio.fixture(scope="module")
    async def opened(
        postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
    ) -> AsyncIterator[World]:
        folder = tmp_path_factory.mktemp(policy)
        async with opened_world(postgres_url, engine_address, folder, people=people) as world:
            await open_cycle(world, policy, YEAR)
            yield world

    return opened


kepahiang = region("kepahiang-bobot")
denpasar = region("denpasar-capaian")
gayungan = region("gayungan")


async def leader(world: World) -> str:
    """Somebody at the head of an office who serves no public himself."""
    found = (await world.get("/people", "hr", q="Kepala Bagian Umum")).raise_for_status().json()["items"]
    return str(found[0]["nip"])


async def asked_of(world: World, who: Played, form: str, nip: str) -> dict[str, Any]:
    """The fields of a form, as that person is shown them."""
    asked = (await world.get(f"/appraisals/{who.appraisal}/forms/{form}", nip)).raise_for_status().json()
    fields: dict[str, Any] = asked["schema"]["properties"]
    return fields


async def attended(world: World, who: Played, percent: int) -> None:
    """HR imports how often she was there."""
    cycle = (await world.row(who.appraisal))["cycle_id"]
    files = {"file": ("kehadiran.csv", f"nip;kehadiran\n{who.employee};{percent}\n".encode())}
    path = f"/api/v1/cycles/{cycle}/indicators"
    (await world.http.post(path, headers=world.headers("hr"), files=files)).raise_for_status()


async def laid_over(world: World, who: str, appraisal: str, form: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The form's own example with these changes laid over it."""
    asked = (await world.get(f"/appraisals/{appraisal}/forms/{form}", who)).json()
    return overlaid(asked["schema"]["examples"][0], changes)


async def planned(world: World, plan: dict[str, Any], nip: str | None = None) -> Played:
    """Until the rating may be given: plan, review, and the self-assessment where the pack has one."""
    who = await Played.of(world, nip or await world.next_clerk())
    at(world, JANUARY)
    await until_december(world, who, await laid_over(world, who.employee, who.appraisal, "plan", plan))
    if (await world.row(who.appraisal))["state"] == "self_assessment.drafting":
        await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    return who


async def outcome_of(world: World, who: Played, rating: dict[str, Any]) -> dict[str, Any]:
    """What the rating came to, as the employee reads it."""
    written = await laid_over(world, who.supervisor, who.appraisal, "rating", rating)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    shown = (await world.seen(who.appraisal, who.employee))["outcome"]
    assert isinstance(shown, dict)
    return shown


@pytest.mark.capability("P01", "P10", "P11", "P23")
async def test_kepahiang_counts_results_process_and_four_kinds_of_behaviour_to_a_standard(kepahiang: World) -> None:
    who = await planned(kepahiang, {})
    every = {"*": {"score": 80}}
    shown = await outcome_of(kepahiang, who, {"results": every, "process": every, "behaviours": every})
    lines = {line["what"]: line for line in shown["lines"]}
    weighed = {what: line for what, line in lines.items() if line.get("weight") not in (None, "0")}
    named = {what: line["why"].partition(":")[0].lower() for what, line in weighed.items()}
    assert {what: title.removeprefix("nilai ") for what, title in named.items()} == {
        "hasil": "hasil",
        "keakuratan": "keakuratan",
        "ketepatan_waktu": "ketepatan waktu",
        "disiplin": "disiplin",
        "kualitas_kerja": "kualitas kerja",
        "inisiatif": "inisiatif",
        "kerja_sama": "kerja sama",
    }
    assert sum(float(line["weight"]) for line in weighed.values()) == 100
    assert {line["value"] for line in weighed.values()} == {"80"}
    assert (shown["label"], lines["total"]["value"]) == ("baik", "80")
    assert "memenuhi standar" in lines["label"]["why"]


@pytest.mark.capability("P15", "P16")
async def test_kepahiang_gives_no_result_without_strengths_and_weaknesses_and_its_delivery_is_proven(
    kepahiang: World,
) -> None:
    who = await planned(kepahiang, {})
    await kepahiang.fill(who.appraisal, "rating", who.supervisor, {"strengths": "", "weaknesses": ""})
    refused = await kepahiang.act(who.appraisal, "submit_rating", who.supervisor)
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/strengths", "/weaknesses"}
    await kepahiang.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await kepahiang.done(who.appraisal, "acknowledge_result", who.employee)
    read = (await kepahiang.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
    assert read["strengths"]
    assert read["weaknesses"]
    assert "acknowledge_result" in await kepahiang.actions_of(who.appraisal)


@pytest.mark.capability("D02", "D03", "D05", "D10")
async def test_denpasar_judges_the_result_alone_and_what_is_significant_ranks_above_routine(denpasar: World) -> None:
    waiting = {"results": {"*": {"target": 30, "polarity": "less"}}}
    labels = {}
    for kind in ("rutin", "signifikan"):
        who = await planned(denpasar, overlaid(waiting, {"results": {"*": {"significance": kind}}}))
        shown = await outcome_of(denpasar, who, {"results": {"*": {"realised": 15}}})
        labels[kind] = shown["label"]
        parts = {line["what"] for line in shown["lines"] if line.get("weight")}
        assert parts == {"capaian"}
    assert labels == {"rutin": "baik", "signifikan": "sangat_baik"}


@pytest.mark.capability("D01")
async def test_denpasar_takes_no_rating_without_feedback_on_each_result(denpasar: World) -> None:
    who = await planned(denpasar, {})
    silent = await laid_over(denpasar, who.supervisor, who.appraisal, "rating", {"results": {"*": {"feedback": " "}}})
    await denpasar.fill(who.appraisal, "rating", who.supervisor, silent)
    refused = await denpasar.act(who.appraisal, "submit_rating", who.supervisor)
    assert refused.status_code == 422
    assert all(error["pointer"].endswith("/feedback") for error in refused.json()["errors"])


# ── by post ─────────────────────────────────────────────────────────────────────────────────────────────────────────

EQUAL = {"results": {"*": {"score": 98}}, "process": {"*": {"score": 85}}}


@pytest.mark.capability("P12")
async def test_kepahiang_weighs_the_same_rating_by_the_post_and_its_responsibility(kepahiang: World) -> None:
    rating = EQUAL | {"behaviours": {"*": {"score": 90}, "disiplin": {"score": 50}, "inisiatif": {"score": 98}}}
    found = {}
    for post, nip in (
        ("leader", await leader(kepahiang)),
        ("functional", await kepahiang.next_clerk("guru")),
        ("counter", await kepahiang.next_clerk("pelayanan_publik")),
    ):
        shown = await outcome_of(kepahiang, await planned(kepahiang, {}, nip), rating)
        lines = {line["what"]: line for line in shown["lines"]}
        weight = lines["inisiatif"]["weight"]
        assert f"x bobot jabatan {weight} %" in lines["inisiatif"]["why"]
        found[post] = (float(lines["total"]["value"]), shown["label"], weight, lines["disiplin"]["weight"])
    assert found == {
        "leader": (92.05, "sangat_baik", "20", "5"),
        "functional": (90.75, "baik", "10", "5"),
        "counter": (83.4, "baik", "5", "20"),
    }


@pytest.mark.capability("P13")
async def test_kepahiang_asks_those_who_serve_the_public_for_satisfying_service_and_for_more_discipline(
    kepahiang: World,
) -> None:
    weak = {"disiplin": {"score": 60}, "pelayanan": {"score": 60}}
    all_else = {"results": {"*": {"score": 80}}, "process": {"*": {"score": 80}}}
    who = await planned(kepahiang, {}, await kepahiang.next_clerk("pelayanan_publik"))
    teacher = await planned(kepahiang, {}, await kepahiang.next_clerk("guru"))
    for form in ("plan", "rating"):
        hers, his = [
            set((await asked_of(kepahiang, one, form, one.supervisor))["behaviours"]["required"])
            for one in (who, teacher)
        ]
        assert hers - his == {"pelayanan"}
    behaviours = (await laid_over(kepahiang, who.supervisor, who.appraisal, "rating", {}))["behaviours"]
    unserved = {name: one for name, one in behaviours.items() if name != "pelayanan"}
    await kepahiang.fill(who.appraisal, "rating", who.supervisor, {"behaviours": unserved})
    refused = await kepahiang.act(who.appraisal, "submit_rating", who.supervisor)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/behaviours/pelayanan"]
    counter = await outcome_of(kepahiang, who, all_else | {"behaviours": {"*": {"score": 80}} | weak})
    del weak["pelayanan"]
    school = await outcome_of(kepahiang, teacher, all_else | {"behaviours": {"*": {"score": 80}} | weak})
    totals = [float(next(x["value"] for x in one["lines"] if x["what"] == "total")) for one in (counter, school)]
    assert totals == [72, 79]
    assert (counter["label"], school["label"]) == ("butuh_perbaikan", "baik")


@pytest.mark.capability("P19")
async def test_kepahiang_leads_from_weak_communication_to_public_speaking_and_counts_it_in_no_value(
    kepahiang: World,
) -> None:
    every = {"*": {"score": 80}}
    rating = {"results": every, "process": every, "behaviours": every}
    shown = []
    for levels in ({"*": {"level": 2}, "komunikasi": {"level": 1}}, {"*": {"level": 2}}):
        who = await planned(kepahiang, {}, await kepahiang.next_clerk("tenaga_kesehatan"))
        shown.append(await outcome_of(kepahiang, who, rating | {"competencies": levels}))
    [course] = shown[0]["competency"]["training"]
    assert (course["id"], course["builds"]) == ("public_speaking", "komunikasi")
    assert "Komunikasi kurang 1 tingkat" in course["why"]
    assert shown[1]["competency"]["training"] == []
    assert {next(x["value"] for x in one["lines"] if x["what"] == "total") for one in shown} == {"80"}


@pytest.mark.capability("D14")
async def test_denpasar_has_indicators_for_every_kind_of_job_and_takes_another_s_from_nobody(denpasar: World) -> None:
    families = ("pelayanan_publik", "tenaga_kesehatan", "guru", "teknis", "administrasi")
    nips = [await denpasar.next_clerk(family) for family in families] + [await leader(denpasar)]
    at(denpasar, JANUARY)
    offered = []
    for nip in nips:
        who = await Played.of(denpasar, nip)
        await denpasar.bring(who.appraisal)
        rows = (await asked_of(denpasar, who, "plan", nip))["results"]["items"]
        assert {"indicator", "target", "unit", "criterion", "polarity"} <= set(rows["required"])
        offered.append(set(rows["properties"]["indicator"]["enum"]) - {"lainnya"})
    *by_family, of_leader = offered
    assert all(by_family)
    assert len(set.union(*by_family)) == sum(map(len, by_family)), "what one kind of job is offered, no other is"
    assert "sasaran_unit" in of_leader
    teacher = await Played.of(denpasar, nips[2])
    path = f"/api/v1/appraisals/{teacher.appraisal}/forms/plan"
    other = await laid_over(
        denpasar, teacher.employee, teacher.appraisal, "plan", {"results": {"*": {"indicator": "cakupan_layanan"}}}
    )
    wrong = await denpasar.http.put(path, headers=denpasar.headers(teacher.employee), json={"data": other})
    assert {one["pointer"] for one in wrong.json()["errors"]} == {"/data/results/0/indicator"}
    pupils = {"indicator": "kompetensi_minimum", "target": 80, "unit": "%", "polarity": "more"}
    await planned(denpasar, {"results": {"*": pupils}}, teacher.employee)
    shown = await outcome_of(denpasar, teacher, {"results": {"*": {"realised": 88}}})
    assert "terealisasi 88 dari target 80 (makin besar makin baik) = 110 %" in " ".join(
        x["why"] for x in shown["lines"]
    )


@pytest.mark.capability("G05")
async def test_gayungan_counts_attendance_quality_of_work_and_the_share_in_the_team(gayungan: World) -> None:
    who = await planned(gayungan, {})
    await attended(gayungan, who, 90)
    work = {"*": {"score": 80}, "kualitas": {"score": 70}, "kontribusi_tim": {"score": 85}}
    shown = await outcome_of(gayungan, who, {"work": work})
    lines = {line["what"]: line for line in shown["lines"]}
    parts = {what: (line["value"], line["weight"]) for what, line in lines.items() if "weight" in line}
    assert {what: parts[what] for what in ("attendance", "quality", "team")} == {
        "attendance": ("90", "20"),
        "quality": ("70", "30"),
        "team": ("85", "20"),
    }
    assert sum(float(lines[what]["points"]) for what in parts) == float(lines["total"]["value"]) == 80
    assert "Kontribusi terhadap tim: 85 x 20 % = 17." in lines["team"]["why"]


@pytest.mark.capability("G14")
async def test_gayungan_s_employees_read_a_catalogue_of_trainings_by_skill_and_no_year_suggests_too_many(
    gayungan: World,
) -> None:
    who = await planned(gayungan, {}, await gayungan.next_clerk("pelayanan_publik"))
    pack = (await gayungan.get("/policies/gayungan", who.employee)).raise_for_status().json()
    skills = [one["id"] for one in pack["criteria"]["skill"]]
    catalogue = pack["competency"]["training"]
    assert {skill for course in catalogue for skill in course["builds"]} == set(skills)
    assert all(course["title"]["id"] and course["title"]["en"] and course["hours"] for course in catalogue)
    await attended(gayungan, who, 95)
    shown = await outcome_of(gayungan, who, {"competencies": {"*": {"level": 1}}})
    found = shown["competency"]
    assert found["to_develop"] == skills
    assert [one["id"] for one in found["training"]] == ["manajemen_waktu", "pelayanan_prima", "kerja_tim"]
    assert sum(one["hours"] for one in found["training"]) <= pack["competency"]["hours_a_year"] == 20


@pytest.mark.capability("G15")
async def test_gayungan_offers_a_training_in_managing_time_to_whoever_works_under_close_deadlines(
    gayungan: World,
) -> None:
    offered = {}
    for family in ("pelayanan_publik", "administrasi"):
        who = await planned(gayungan, {}, await gayungan.next_clerk(family))
        await attended(gayungan, who, 95)
        shown = await outcome_of(gayungan, who, {"competencies": {"*": {"level": 2}}})
        offered[family] = [(one["id"], one["builds"]) for one in shown["competency"]["training"]]
    assert offered == {"pelayanan_publik": [("manajemen_waktu", "mengelola_waktu")], "administrasi": []}
