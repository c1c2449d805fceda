"""What an employee is told at the end: feedback that nobody may leave out, why the result is what it is, and proof that it arrived."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.endings import DECEMBER, JANUARY, Played, at, until_rating
from tests.workflow.test_plan_and_result import example, form, paper, printed, refused
from tests.world import World

PEOPLE = 60

TOLD = {
    "strengths": "Teliti, dan sabar menghadapi warga yang marah.",
    "to_develop": "Menyampaikan pendapat di rapat.",
    "recommendation": "Latihan berbicara di depan umum.",
}
SPAN = text(
    """
    SELECT s.nip, array_agg(p.nip ORDER BY p.nip) AS people
      FROM person p JOIN tenure t ON t.person_id = p.id JOIN person s ON s.id = t.supervisor_id
      JOIN appraisal a ON a.person_id = p.id
     WHERE a.launch = 'launched' AND p.nip <> ALL(:taken) AND NOT EXISTS (SELECT FROM acting x WHERE x.acting_for = s.id)
     GROUP BY s.nip ORDER BY count(*) DESC, s.nip LIMIT 1
    """
)


async def rated(year: World, who: Played, **rating: object) -> None:
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, rating)
    await year.labelled(who.appraisal)


@pytest.mark.capability("D01", "K12", "S14", "P03")
async def test_a_rater_has_the_report_before_him_and_gives_feedback_on_every_result_or_does_not_rate(
    year: World, who: Played
) -> None:
    await until_rating(year, who)
    report = (await form(year, who, "self_assessment", who.supervisor))["data"]
    assert report["results"]["r1"]["realisation"]
    rating = await example(year, who, "rating", who.supervisor)
    for nothing in ({}, {"feedback": ""}, {"feedback": "   "}):
        silent = rating | {"results": {"r1": nothing}}
        pointers = await refused(year, who, "rating", "submit_rating", who.supervisor, silent)
        assert pointers == {"/results/r1/feedback"}
    said = "Bagus: berkas lengkap. Berikutnya, kabari warga bila terlambat."
    await rated(year, who, results={"r1": {"feedback": said}})
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    assert (await form(year, who, "rating", who.employee))["data"]["results"]["r1"]["feedback"] == said


@pytest.mark.capability("B13", "P16", "K10", "P21")
async def test_an_employee_reads_strengths_what_to_improve_and_why_the_result_is_what_it_is(
    year: World, who: Played
) -> None:
    await until_rating(year, who)
    why = {"result_rating": "below", "result_reason": "Dua dari tiga target tidak tercapai."}
    await rated(year, who, **TOLD, **why)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    given = (await form(year, who, "rating", who.employee))["data"]
    assert {name: given[name] for name in (*TOLD, *why)} == TOLD | why
    told = await paper(year, who, "evaluation", who.employee)
    assert all(printed(words) in told for words in (*TOLD.values(), why["result_reason"]))
    seen: Any = await year.seen(who.appraisal, who.employee)
    whys = {line["what"]: line["why"] for line in seen["outcome"]["lines"]}
    assert "di bawah ekspektasi" in whys["result_rating"]
    assert "Butuh Perbaikan" in whys["label"]
    assert "file_appeal" in seen["actions"]
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    [act] = [event for event in trail if event["action"] == "submit_rating"]
    assert (act["actor"]["nip"], act["role"]) == (who.supervisor, "supervisor")


@pytest.mark.capability("G06", "P15", "D21", "G21")
async def test_a_head_rates_everybody_under_him_at_once_and_each_is_proven_to_have_the_feedback(year: World) -> None:
    async with year.database.transaction() as connection:
        taken = [*year.people.values(), *year.taken]
        head = (await connection.execute(SPAN, {"taken": taken})).one()
    year.taken += [head.nip, *head.people]
    assert len(head.people) >= 10
    everybody = [await Played.of(year, nip) for nip in head.people]
    for who in everybody:
        at(year, JANUARY)
        await until_rating(year, who)
        await year.fill(who.appraisal, "rating", head.nip, {"to_develop": f"Untuk {who.employee}: bicara lebih jelas."})
    ids = [who.appraisal for who in everybody]
    answer = (await year.post("/appraisals/actions/submit_rating", head.nip, {"ids": ids})).raise_for_status().json()
    assert [result["ok"] for result in answer["results"]] == [True] * len(ids)
    *reading, silent = everybody
    for who in everybody:
        await year.labelled(who.appraisal)
    for who in reading:
        await year.done(who.appraisal, "acknowledge_result", who.employee)
    await year.pass_to(silent.appraisal, DECEMBER + timedelta(days=30))
    cycle = (await year.row(silent.appraisal))["cycle_id"]
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    assert {one["appraisal_id"] for one in listed if one["code"] == "undelivered"} & set(ids) == {silent.appraisal}
    handed = {"at": year.now.isoformat(), "proof": "Tanda terima nomor 7."}
    await year.done(silent.appraisal, "record_delivery", "hr", handed)
    for who in everybody:
        given = (await form(year, who, "rating", who.employee))["data"]
        assert given["to_develop"] == f"Untuk {who.employee}: bicara lebih jelas."
        proofs = {"acknowledge_result", "record_delivery"} & set(await year.actions_of(who.appraisal))
        assert proofs == {"record_delivery" if who is silent else "acknowledge_result"}
    code = await year.unit_of(silent.employee)
    of_unit = [who for who in everybody if await year.unit_of(who.employee) == code]
    [unit] = (await year.get(f"/cycles/{cycle}/distribution", "hr", unit=code)).json()["units"]
    assert unit["labelled"] == sum(unit["counts"].values())
    assert unit["counts"]["baik"] >= len(of_unit) > 1, "what each was given adds up to the unit's picture"


@pytest.mark.capability("K05", "S16")
async def test_adapting_and_working_together_are_planned_and_given_feedback(year: World, who: Played) -> None:
    looked_at = ("adaptif", "harmonis", "kolaboratif")
    await year.bring(who.appraisal)
    plan = await example(year, who, "plan", who.employee)
    bare = copy.deepcopy(plan)
    for value in looked_at:
        del bare["behaviours"][value]
    pointers = await refused(year, who, "plan", "submit_plan", who.employee, bare)
    assert pointers == {f"/behaviours/{value}" for value in looked_at}
    await until_rating(year, who)
    asked = (await form(year, who, "rating", who.supervisor))["schema"]["properties"]["behaviours"]["properties"]
    assert "berinovasi" in asked["adaptif"]["description"]
    assert "bekerja sama" in asked["kolaboratif"]["description"]
    assert "menolong" in asked["harmonis"]["description"]
    said = {value: {"feedback": f"Tentang {value}: terlihat setiap hari."} for value in looked_at}
    why = {"behaviour_rating": "above", "behaviour_reason": "Mengajak unit lain mencoba cara baru."}
    await rated(year, who, behaviours=said, **why)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    assert (await form(year, who, "rating", who.employee))["data"]["behaviours"] == said
    outcome: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert {line["what"]: line["value"] for line in outcome["lines"]}["behaviour_rating"] == "above"
