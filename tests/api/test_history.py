"""Somebody's years: what was lacking, what was done about it, and what the next year's measure showed; what two years lead to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.following import decided, final, history_of, next_year, proposed, rated, scored, second_cycle
from tests.api.test_regional_years import attended, planned, region
from tests.endings import Played
from tests.workflow.correcting import corrected
from tests.world import YEAR, World

PEOPLE = 40

bantul = region("bantul-kompetensi")
kepahiang = region("kepahiang-bobot")
gayungan = region("gayungan")


def of(history: dict[str, Any], name: str) -> dict[str, Any]:
    """The one change of that name."""
    [found] = [one for one in history["changes"] if one["id"] == name]
    assert isinstance(found, dict)
    return found


async def trained(world: World, nip: str, course: str, day: str) -> None:
    """HR records that she took part."""
    body = {"trainings": [{"course": course, "date": day}]}
    (await world.put(f"/people/{nip}/trainings", "hr", body)).raise_for_status()


def judged(**levels: int) -> dict[str, Any]:
    """A rating of Bantul with these levels of competency, and 3 of every other."""
    return {"competencies": {"*": {"level": 3}} | {name: {"level": level} for name, level in levels.items()}}


def served(minutes: float, **levels: int) -> dict[str, Any]:
    """The same at a public service, which is measured by how fast it was."""
    return {"service": {"kecepatan": {"realised": minutes}}} | judged(**levels)


# ── Bantul: before and after ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("K14")
async def test_who_has_all_that_her_post_needs_is_put_forward_for_a_higher_one_and_found_among_the_talents(
    bantul: World,
) -> None:
    high = await final(bantul, served(9), await bantul.next_clerk("pelayanan_publik"))
    short = await final(bantul, served(9, komunikasi=1), await bantul.next_clerk("pelayanan_publik"))
    [reason] = (await proposed(bantul, high))["promotion"]["reasons"]
    assert reason["why"] == "Kompetensi 100 % dari tuntutan jabatan, dan predikat Baik."
    assert "PermenPANRB 38/2017" in reason["source"]
    assert "promotion" not in await proposed(bantul, short)
    assert (await decided(bantul, high, "promotion", "approve", by="pyb")).status_code == 200
    assert (await proposed(bantul, high))["promotion"]["decision"]["decision"] == "approve"
    cycle = (await bantul.row(high.appraisal))["cycle_id"]
    boxes = (await bantul.get(f"/cycles/{cycle}/nine-box", "hr")).json()
    assert boxes["potential"] == "Kesesuaian kompetensi dengan jabatan"
    talents = (await bantul.get(f"/cycles/{cycle}/talents", "pyb", limit=200)).json()["items"]
    assert (8, "100") in {(one["box"], one["match"]) for one in talents if one["appraisal_id"] == high.appraisal}


@pytest.mark.capability("B11", "B12")
async def test_a_training_after_the_appraisal_is_followed_up_by_the_next_year_s_measure(bantul: World) -> None:
    weak = await final(bantul, served(12.5, komunikasi=1), await bantul.next_clerk("pelayanan_publik"))
    late = await final(bantul, judged(orientasi_hasil=1), await leader_of(bantul))
    untrained = await final(bantul, served(12, komunikasi=1), await bantul.next_clerk("pelayanan_publik"))
    for who, course in ((weak, "public_speaking"), (late, "manajemen_waktu")):
        training = (await proposed(bantul, who))["training"]
        assert course in [one["id"] for one in training["courses"]]
        assert (await decided(bantul, who, "training", "approve")).status_code == 200
    await second_cycle(bantul, "bantul-kompetensi")
    for who, course in ((weak, "public_speaking"), (late, "manajemen_waktu")):
        await trained(bantul, who.employee, course, f"{YEAR + 1}-01-04")
    again = [(await next_year(bantul, who)) for who in (weak, late, untrained)]
    for who, rating in zip(again, (served(9), judged(), served(12, komunikasi=1)), strict=True):
        await rated(bantul, who, rating)

    found = await history_of(bantul, weak.employee)
    spoken = of(found, "komunikasi")
    assert (spoken["from_year"], spoken["to_year"], spoken["before"], spoken["after"]) == (YEAR, YEAR + 1, "1", "3")
    assert (spoken["gap_before"], spoken["gap_after"]) == (1, 0)
    assert [(one["course"], one["date"]) for one in spoken["trainings"]] == [("public_speaking", f"{YEAR + 1}-01-04")]
    faster = of(found, "service.kecepatan.realised")
    assert (faster["before"], faster["after"], faster["change"]) == ("12.5", "9", "-3.5")
    in_time = of(await history_of(bantul, late.employee), "orientasi_hasil")
    assert (in_time["gap_before"], in_time["gap_after"], in_time["trainings"][0]["title"]) == (
        2,
        0,
        "Pelatihan manajemen waktu",
    )
    same = of(await history_of(bantul, untrained.employee), "komunikasi")
    assert (same["change"], same["gap_after"], same["trainings"]) == ("0", 1, [])


async def leader_of(world: World) -> str:
    """Somebody whose post needs more of everything."""
    found = (await world.get("/people", "hr", q="Kepala Bagian Umum")).raise_for_status().json()["items"]
    return str(found[0]["nip"])


# ── Kepahiang: a career ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_year_that_has_ended_reads_by_the_policy_that_it_ended_by(kepahiang: World) -> None:
    who = await final(kepahiang, scored(80))
    before = await history_of(kepahiang, who.employee)
    assert len(before["years"][0]["figures"]) > 1

    def renamed(pack: dict[str, Any]) -> None:
        for criteria in pack["criteria"].values():
            for one in criteria:
                one["title"] = {"id": "Nama lain", "en": "Another name"}

    await corrected(kepahiang, str((await kepahiang.row(who.appraisal))["cycle_id"]), renamed)
    assert await history_of(kepahiang, who.employee) == before


@pytest.mark.capability("P04", "P17")
async def test_results_are_what_a_career_is_built_on_training_for_one_and_a_higher_post_for_another(
    kepahiang: World,
) -> None:
    good, short = await final(kepahiang, scored(80)), await final(kepahiang, scored(80, {"komunikasi": 1}))
    assert await proposed(kepahiang, good) == {}
    await second_cycle(kepahiang, "kepahiang-bobot")
    first, good, short = good, await next_year(kepahiang, good), await next_year(kepahiang, short)
    await rated(kepahiang, good, scored(80))
    await rated(kepahiang, short, scored(65, {"komunikasi": 1}))
    promotion = (await proposed(kepahiang, good))["promotion"]
    assert (promotion["reasons"][0]["title"], "2 tahun berturut-turut" in promotion["reasons"][0]["why"]) == (
        "Usulan jabatan yang lebih tinggi",
        True,
    )
    assert (await decided(kepahiang, good, "promotion", "approve", by="pyb")).status_code == 200
    assert set(await proposed(kepahiang, short)) == {"training", "development_programme"}
    assert (await decided(kepahiang, short, "training", "approve")).status_code == 200
    await who_may_read(kepahiang, first, good)


async def who_may_read(world: World, first: Played, second: Played) -> None:
    """Herself, whoever supervises her, HR and auditors read her years; nobody else."""
    for reader in (second.employee, second.supervisor, second.senior, "hr", "auditor"):
        history = await history_of(world, second.employee, reader)
        assert [(one["cycle"]["year"], one["label"], one["value"]) for one in history["years"]] == [
            (YEAR + 1, "baik", "80"),
            (YEAR, "baik", "80"),
        ]
        last, before = history["years"]
        assert (last["appraisal_id"], before["appraisal_id"]) == (second.appraisal, first.appraisal)
        assert [(one["kind"], one["decision"]["decision"]) for one in last["follow_ups"]] == [("promotion", "approve")]
        assert before["follow_ups"] == []
        assert {one["of"] for one in history["changes"]} == {"competency", "figure"}
    for reader in ("board", "pyb", await world.next_clerk()):
        refused = await world.get(f"/people/{second.employee}/history", reader)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    unknown = "199001012015011999"
    assert (await world.get(f"/people/{unknown}/history", "hr")).json()["code"] == "not_found"
    assert (await world.get(f"/people/{unknown}/history", second.employee)).json()["code"] == "not_yours"


# ── Gayungan: praise, and learning all the time ─────────────────────────────────────────────────────────────────────

NOVEL = {"innovation": "Antrean lewat pesan singkat.", "public_praise": "Surat terima kasih warga RW 04."}
SILENT = {"innovation": None, "public_praise": None}


def worked(score: int, said: dict[str, Any], every: int = 5) -> dict[str, Any]:
    return {"work": {"*": {"score": score}}, "competencies": {"*": {"level": every}}, **said}


async def praised(world: World, rating: dict[str, Any]) -> Played:
    who = await planned(world, {})
    await rated(world, who, rating, attendance=95)
    return who


@pytest.mark.capability("K16")
async def test_innovation_that_the_public_praised_leads_to_an_award_and_with_the_best_result_to_a_higher_post(
    gayungan: World,
) -> None:
    best = await praised(gayungan, worked(95, NOVEL))
    good = await praised(gayungan, worked(82, NOVEL))
    unpraised = await praised(gayungan, worked(95, {**NOVEL, "public_praise": ""}))
    found = await proposed(gayungan, best)
    assert set(found) == {"award", "promotion"}
    assert found["award"]["reasons"][0]["why"] == ("Program inovatif yang diakui masyarakat, dan predikat Sangat Baik.")
    assert set(await proposed(gayungan, good)) == {"award"}
    assert await proposed(gayungan, unpraised) == {}
    for kind in ("award", "promotion"):
        assert (await decided(gayungan, best, kind, "approve", by="pyb")).status_code == 200
    assert {one["decision"]["decision"] for one in (await proposed(gayungan, best)).values()} == {"approve"}


@pytest.mark.capability("G19")
async def test_each_year_names_what_to_learn_next_and_shows_what_the_last_training_brought(gayungan: World) -> None:
    levels = {"competencies": {"*": {"level": 5}, "komunikasi": {"level": 1}, "mengelola_waktu": {"level": 1}}}
    who = await planned(gayungan, {})
    await rated(gayungan, who, worked(80, {"public_praise": ""}) | levels, attendance=90)
    first = (await proposed(gayungan, who))["training"]
    assert {one["builds"] for one in first["courses"]} == {"komunikasi", "mengelola_waktu"}
    assert (await decided(gayungan, who, "training", "approve")).status_code == 200
    await second_cycle(gayungan, "gayungan")
    await trained(gayungan, who.employee, "komunikasi_efektif", f"{YEAR + 1}-01-04")
    again = await next_year(gayungan, who)
    await attended(gayungan, again, 97)
    learnt = levels["competencies"] | {"komunikasi": {"level": 4}}
    await rated(gayungan, again, worked(85, {"public_praise": ""}) | {"competencies": learnt})
    found = await history_of(gayungan, who.employee)
    spoken, time = of(found, "komunikasi"), of(found, "mengelola_waktu")
    assert (spoken["change"], spoken["gap_after"]) == ("3", 0)
    assert [one["course"] for one in spoken["trainings"]] == ["komunikasi_efektif"]
    assert (time["change"], time["trainings"]) == ("0", [])
    assert of(found, "measured.kehadiran")["change"] == "7"
    next_one = (await proposed(gayungan, again))["training"]
    assert [one["builds"] for one in next_one["courses"]] == ["mengelola_waktu"], "what is still lacking comes next"
