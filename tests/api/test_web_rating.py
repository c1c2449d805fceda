"""Rating side by side: what was planned, said, noted and handed in beside the rating, and the label as it will come out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.browsing import Browser, example_of, fill, opened_browser
from tests.api.noting import at_work, entry, hand_in, logged, observe, results_of
from tests.endings import Played, reviewed, to_result
from tests.world import World

PEOPLE = 60
PDF = b"%PDF-1.7\n"


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with opened_browser(world) as opened:
        yield opened


async def to_be_rated(world: World) -> Played:
    """Somebody of whom something of each kind was noted, and who waits for her rating."""
    who = await at_work(world)
    key = (await results_of(world, who))[0]
    about = {"result": key, "quantity": "12.5", "unit": "berkas", "achievement": True}
    (taken,) = await logged(world, who.appraisal, who.employee, entry("Menyelesaikan tunggakan.", **about))
    assert taken["ok"]
    (await hand_in(world, who.appraisal, who.employee, "Laporan.pdf", PDF, {"result": key})).raise_for_status()
    (await observe(world, who.appraisal, who.supervisor, text="Teliti.", result=key)).raise_for_status()
    await reviewed(world, who)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    return who


async def test_whoever_rates_has_plan_report_log_evidence_and_observations_beside_the_rating(
    year: World, browser: Browser
) -> None:
    who = await to_be_rated(year)
    plan = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.supervisor)).json()["data"]
    await browser.sign_in(who.supervisor)
    page = await browser.go(f"/penilaian/{who.appraisal}/formulir/rating")
    for said in ("Menyelesaikan tunggakan.", "Teliti.", "12,5 berkas", plan["results"][0]["title"]):
        assert said in page.text
    answer = await browser.client.get(page.link("Laporan.pdf"))
    assert answer.content == PDF
    await browser.sign_in(who.employee)
    page = await browser.go(f"/penilaian/{who.appraisal}/formulir/self_assessment")
    assert "Dicatat: 12,5 berkas. Bukti: Laporan.pdf" in page.text


async def test_the_label_is_explained_before_the_rating_is_given_and_is_the_one_that_then_holds(
    year: World, browser: Browser
) -> None:
    who = await to_be_rated(year)
    await browser.sign_in(who.supervisor)
    await browser.go(f"/penilaian/{who.appraisal}/formulir/rating")
    assert "Belum dapat dihitung. Yang masih kurang:" in browser.page.text
    await fill(browser, await example_of(year, who.supervisor, who.appraisal, "rating"))
    form = browser.page.form("version")
    form.write("/result_rating", "below")
    form.write("/behaviour_rating", "as_expected")
    form.write("/result_reason", "Realisasi di bawah target.")
    where = f"/penilaian/{who.appraisal}/formulir/rating/perkiraan"
    answer = await browser.client.post(where, data=dict(form.sent(None)), headers={"Origin": "http://siklus"})
    assert answer.status_code == 200
    assert "Butuh perbaikan" in answer.text
    assert "<html" not in answer.text
    held = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor)).json()
    assert held["data"] == {} or held["data"].get("result_rating") != "below", "what is only typed is not kept"
    page = await browser.press("Simpan dan hitung hasil")
    assert page.ids["perkiraan"] == "Hasil yang akan keluar"
    assert "Butuh perbaikan" in page.text
    await browser.press("Kirim penilaian")
    assert "Penilaian diberikan: tercatat." in browser.page.text, browser.page.alerts
    outcome = (await year.get(f"/appraisals/{who.appraisal}", who.supervisor)).json()["outcome"]
    assert outcome["label"] == "butuh_perbaikan"
    for line in outcome["lines"]:
        assert line["why"] in page.text


async def test_nobody_else_is_told_what_a_rating_would_come_to(year: World, browser: Browser) -> None:
    who = await to_be_rated(year)
    for nip in (who.employee, await year.next_clerk()):
        await browser.sign_in(nip)
        page = await browser.post(
            f"/penilaian/{who.appraisal}/formulir/rating/perkiraan",
            [("/result_rating", "above"), ("/behaviour_rating", "above")],
        )
        assert page.status == 403
        assert "Sangat baik" not in page.text


async def test_who_decides_an_objection_reads_both_statements_beside_the_documents_and_what_changes(
    year: World, browser: Browser
) -> None:
    who = await Played.of(year, await year.next_clerk())
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await browser.sign_in(who.senior)
    page = await browser.go(f"/penilaian/{who.appraisal}/formulir/decision")
    for said in ("Realisasi triwulan IV belum diperhitungkan", "Rating didasarkan pada bukti dukung"):
        assert said in page.text
    for sheet in ("Keberatan", "Tanggapan atas keberatan", "Penilaian", "Laporan diri", "Rencana kinerja (SKP)"):
        assert sheet in page.text
    form = page.form("version")
    form.write("/decision", "changed")
    form.write("/rating/result_rating", "above")
    form.write("/rating/behaviour_rating", "above")
    assert "Sangat baik" in (await browser.press("Simpan dan hitung hasil")).text
