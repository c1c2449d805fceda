"""From what is expected to what came of it: a plan with its targets, stage after stage, and each target held against what was done."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.endings import DECEMBER, JULY, Played, at
from tests.world import World

PEOPLE = 60

PROJECT = {
    "id": "r2",
    "title": "Antrean daring siap dipakai",
    "kind": "tambahan",
    "indicators": [
        {"aspect": "waktu", "indicator": "Proyek antrean daring selesai", "target": "September 2027"},
        {"aspect": "kualitas", "indicator": "Uji terima tanpa kesalahan berat", "target": "0 kesalahan"},
        {"aspect": "biaya", "indicator": "Biaya per layanan", "target": "paling banyak Rp 12.000"},
    ],
    "actions": [
        {"quarter": "q2", "action": "Menguji purwarupa di satu loket", "target": "1 uji coba"},
        {"quarter": "q3", "action": "Membuka antrean daring di semua loket", "target": "6 loket"},
    ],
}


async def form(year: World, who: Played, name: str, nip: str) -> dict[str, Any]:
    found = (await year.get(f"/appraisals/{who.appraisal}/forms/{name}", nip)).raise_for_status().json()
    assert isinstance(found, dict)
    return found


async def example(year: World, who: Played, name: str, nip: str) -> dict[str, Any]:
    """What the form's own schema gives as an example, to be changed."""
    return copy.deepcopy((await form(year, who, name, nip))["schema"]["examples"][0])


async def refused(year: World, who: Played, name: str, action: str, nip: str, data: object) -> set[str]:
    """Where this form is found wanting when it is sent."""
    path = f"/api/v1/appraisals/{who.appraisal}/forms/{name}"
    saved = await year.http.put(path, headers=year.headers(nip), json={"data": data})
    assert saved.status_code == 200, saved.text
    answer = await year.act(who.appraisal, action, nip)
    assert (answer.status_code, answer.json()["code"]) == (422, "form_incomplete"), answer.text
    return {str(found["pointer"]) for found in answer.json()["errors"]}


async def paper(year: World, who: Played, kind: str, nip: str) -> str:
    pdf = (await year.get(f"/appraisals/{who.appraisal}/documents/{kind}.pdf", nip)).raise_for_status().content
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "".join(text.replace("\u200b", "").split())


def printed(text: str) -> str:
    return "".join(text.split())


async def test_a_year_goes_stage_by_stage_from_the_plan_to_a_result_that_is_explained(year: World, who: Played) -> None:
    await year.bring(who.appraisal)
    route: Any = (await year.seen(who.appraisal, who.employee))["route"]
    stages = ["plan", "execution", "midyear", "self_assessment", "rating", "calibration", "appeal", "finalisation"]
    assert [stop["stage"] for stop in route] == [stage for stage in stages if stage in {s["stage"] for s in route}]
    assert {"plan", "midyear", "self_assessment", "rating", "appeal"} <= {stop["stage"] for stop in route}
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    at(year, JULY)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    at(year, DECEMBER)
    await year.bring(who.appraisal)
    early = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert (early.status_code, early.json()["code"]) == (409, "not_now"), "it is her turn first"
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await year.labelled(who.appraisal)
    await year.done(who.appraisal, "accept_result", who.employee)
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    acts = [event["action"] for event in trail if event["source"] == "appraisal" and event["role"] != "engine"]
    assert acts == [
        *("submit_plan", "approve_plan", "submit_midyear", "complete_midyear"),
        *("submit_self_assessment", "submit_rating", "acknowledge_result", "accept_result"),
    ]
    outcome: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert outcome["label"] == "baik"
    assert [line["what"] for line in outcome["lines"]][:3] == ["result_rating", "behaviour_rating", "label"]
    assert all(line["why"] for line in outcome["lines"])


@pytest.mark.capability("P08", "S06", "S07", "S08")
async def test_a_plan_names_each_target_the_way_to_it_and_what_is_expected_and_is_no_plan_without(
    year: World, who: Played
) -> None:
    await year.bring(who.appraisal)
    plan = await example(year, who, "plan", who.employee)
    plan["results"].append(PROJECT)
    bare = copy.deepcopy(plan)
    del bare["results"][1]["indicators"][0]["target"]
    del bare["behaviours"]["kolaboratif"]["expectation"]
    assert await refused(year, who, "plan", "submit_plan", who.employee, bare) == {
        "/results/1/indicators/0/target",
        "/behaviours/kolaboratif/expectation",
    }
    await year.send(who.appraisal, "plan", "submit_plan", who.employee, plan)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert (await form(year, who, "plan", who.employee))["data"] == plan
    told = await paper(year, who, "plan", who.employee)
    for indicator in PROJECT["indicators"]:
        assert printed(indicator["indicator"]) in told  # type: ignore[index]
        assert printed(indicator["target"]) in told  # type: ignore[index]
    for action in PROJECT["actions"]:
        assert printed(action["action"]) in told  # type: ignore[index]
    for expected in plan["behaviours"].values():
        assert printed(expected["expectation"]) in told


@pytest.mark.capability("P02")
async def test_a_result_says_which_result_of_the_superior_it_serves(year: World, who: Played) -> None:
    above = await Played.of(year, who.supervisor)
    await year.bring(above.appraisal)
    his = await example(year, above, "plan", above.employee)
    his["results"][0] |= {"id": "h1", "title": "Masyarakat puas dengan layanan dinas"}
    await year.send(above.appraisal, "plan", "submit_plan", above.employee, his)
    await year.done(above.appraisal, "approve_plan", above.supervisor)
    await year.bring(who.appraisal)
    hers = await example(year, who, "plan", who.employee)
    offered = (await form(year, who, "plan", who.employee))["schema"]["properties"]["results"]["items"]["properties"]
    assert offered["superior_result"]["x-titles"] == {"h1": "Masyarakat puas dengan layanan dinas"}
    hers["results"][0]["superior_result"] = "h9"
    path = f"/api/v1/appraisals/{who.appraisal}/forms/plan"
    wrong = await year.http.put(path, headers=year.headers(who.employee), json={"data": hers})
    pointers = {one["pointer"] for one in wrong.json()["errors"]}
    assert pointers == {"/data/results/0/superior_result"}, "a result that he does not have is none to serve"
    hers["results"][0]["superior_result"] = "h1"
    await year.send(who.appraisal, "plan", "submit_plan", who.employee, hers)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert (await form(year, who, "plan", who.employee))["data"]["results"][0]["superior_result"] == "h1"
    assert printed("Masyarakat puas dengan layanan dinas") in await paper(year, who, "plan", who.employee)


@pytest.mark.capability("K09", "G11")
async def test_each_target_is_reported_on_and_judged_and_nobody_types_the_plan_again(year: World, who: Played) -> None:
    await year.bring(who.appraisal)
    plan = await example(year, who, "plan", who.employee)
    plan["results"].append(PROJECT)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee, plan)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    await year.pass_to(who.appraisal, DECEMBER)
    asked = (await form(year, who, "self_assessment", who.employee))["schema"]["properties"]["results"]
    assert {key: one["title"] for key, one in asked["properties"].items()} == {
        one["id"]: one["title"] for one in plan["results"]
    }
    report = await example(year, who, "self_assessment", who.employee)
    report["results"]["r2"]["realisation"] = "Selesai Oktober, satu bulan lewat target."
    silent = copy.deepcopy(report)
    del silent["results"]["r2"]["realisation"]
    missing = await refused(year, who, "self_assessment", "submit_self_assessment", who.employee, silent)
    assert missing == {"/results/r2/realisation"}
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee, report)
    rating = await example(year, who, "rating", who.supervisor)
    rating["results"]["r2"] = {
        "realisation": "Oktober, menurut berita acara.",
        "feedback": "Mulai uji coba lebih awal.",
    }
    rating |= {"result_rating": "below", "result_reason": "Target proyek tidak tercapai."}
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, rating)
    await year.labelled(who.appraisal)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert (outcome["lines"][0]["what"], outcome["lines"][0]["value"]) == ("result_rating", "below")
    assert outcome["label"] == "butuh_perbaikan"
    told = await paper(year, who, "evaluation", who.employee)
    for words in ("Antrean daring siap dipakai", "Oktober, menurut berita acara.", "Target proyek tidak tercapai."):
        assert printed(words) in told
