"""A whole year through the pages alone, without a script: four people, and each posts what her page offers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.browsing import Browser, example_of, fill, opened_browser
from tests.endings import DECEMBER, JANUARY, JULY, Played, at
from tests.world import World

PEOPLE = 40


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with opened_browser(world) as opened:
        yield opened


async def test_a_year_is_played_through_the_pages_from_the_first_row_of_a_plan_to_its_end(
    year: World, browser: Browser
) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await plan_is_sent_back_and_mended(year, browser, who)
    at(year, JULY)
    await year.bring(who.appraisal)
    await sent(year, browser, who, who.employee, "midyear", "Isi laporan periode", "Kirim laporan periode")
    await browser.sign_in(who.supervisor)
    await at_the_year(year, browser, who)
    await browser.press("Selesaikan tinjauan periode")
    assert "Tinjauan periode diselesaikan" in browser.page.text
    at(year, DECEMBER)
    await year.bring(who.appraisal)
    await sent(year, browser, who, who.employee, "self_assessment", "Isi laporan diri", "Kirim laporan diri")
    await rated_beside_the_papers(year, browser, who)
    await year.labelled(who.appraisal)
    await result_is_seen_and_objected_to(year, browser, who)
    await sent(year, browser, who, who.supervisor, "answer", "Tanggapi keberatan", "Kirim tanggapan")
    await decided(year, browser, who)
    await year.until(who.appraisal, "archive", 1)
    await browser.sign_in(who.employee)
    await at_the_year(year, browser, who)
    assert "Selesai" in browser.page.text
    assert "keberatan dikabulkan, hasil berubah" in browser.page.text
    assert (await year.seen(who.appraisal))["ending"] == "changed"


async def at_the_year(year: World, browser: Browser, who: Played) -> None:
    """Her year, as one comes to it from the list of what waits."""
    await year.bring(who.appraisal)
    await browser.go("/")
    assert f"http://siklus/penilaian/{who.appraisal}" in [where for _, where in browser.page.links]
    await browser.go(f"/penilaian/{who.appraisal}")


async def sent(year: World, browser: Browser, who: Played, author: str, form: str, opens: str, sends: str) -> None:
    """One of them fills a form in, as whole as its own example, and sends it."""
    await browser.sign_in(author)
    await at_the_year(year, browser, who)
    await browser.follow(opens)
    await fill(browser, await example_of(year, author, who.appraisal, form))
    await browser.press("Simpan rancangan")
    assert "Rancangan tersimpan" in browser.page.text
    await browser.press(sends)
    assert browser.page.status == 200, browser.page.text
    assert browser.page.url.startswith(f"http://siklus/penilaian/{who.appraisal}?terjadi="), browser.page.text


async def plan_is_sent_back_and_mended(year: World, browser: Browser, who: Played) -> None:
    """Written row by row, saved, sent, returned with a reason, mended, sent again, approved."""
    await year.bring(who.appraisal)
    await browser.sign_in(who.employee)
    await browser.go("/")
    await browser.follow("Penilaian Anda sendiri")
    await browser.follow("Isi rencana")
    form = browser.page.form("version")
    form.write("/approach", "kualitatif")
    form.write("/results/0/title", "Layanan perizinan selesai tepat waktu")
    form.write("/results/0/kind", "utama")
    form.write("/results/0/indicators/0/aspect", "waktu")
    form.write("/results/0/indicators/0/indicator", "Persentase izin yang terbit sesuai standar waktu")
    await browser.press("Tambah rencana hasil kerja")
    form = browser.page.form("version")
    assert form.value("/results/0/title") == "Layanan perizinan selesai tepat waktu"
    form.write("/results/1/title", "Laporan triwulanan")
    form.write("/results/1/kind", "tambahan")
    await browser.press("Hapus rencana hasil kerja 2")
    assert not browser.page.form("version").named("/results/1/title")
    await browser.press("Kirim rencana")
    assert browser.page.status == 422
    assert "Target wajib diisi." in browser.page.beside("/results/0/indicators/0/target")
    browser.page.form("version").write("/results/0/indicators/0/target", "95 %")
    await fill(browser, {"behaviours": (await example_of(year, who.employee, who.appraisal, "plan"))["behaviours"]})
    await browser.press("Kirim rencana")
    assert "Rencana dikirim: tercatat." in browser.page.text, browser.page.alerts
    await returned_on_tim(year, browser, who)
    await browser.sign_in(who.employee)
    await at_the_year(year, browser, who)
    await browser.follow("Isi rencana")
    assert "Target belum terukur: 95 % dari apa?" in browser.page.text
    assert browser.page.form("version").value("/results/0/indicators/0/target") == "95 %"
    browser.page.form("version").write("/results/0/indicators/0/target", "95 % dari permohonan lengkap")
    await browser.press("Kirim rencana")
    assert "Rencana dikirim: tercatat." in browser.page.text, browser.page.alerts
    await browser.sign_in(who.supervisor)
    await at_the_year(year, browser, who)
    await browser.press("Setujui rencana")
    assert "Rencana disetujui: tercatat." in browser.page.text, browser.page.alerts


async def returned_on_tim(year: World, browser: Browser, who: Played) -> None:
    await year.bring(who.appraisal)
    await browser.sign_in(who.supervisor)
    await browser.follow("Tim saya")
    form = browser.page.form("/tim")
    form.write(f"do-{who.appraisal}", "return_plan")
    form.write(f"why-{who.appraisal}", "Target belum terukur: 95 % dari apa?")
    await browser.send(form, "Kirim keputusan")
    assert "1 orang: kembalikan rencana" in browser.page.text
    assert who.appraisal not in browser.page.html


async def rated_beside_the_papers(year: World, browser: Browser, who: Played) -> None:
    """The supervisor reads what she said while he rates; a rating above has to be explained, and the page says where."""
    await browser.sign_in(who.supervisor)
    await at_the_year(year, browser, who)
    await browser.follow("Beri penilaian")
    for said in ("97 % izin terbit sesuai standar waktu.", "95 % dari permohonan lengkap"):
        assert said in browser.page.text
    await fill(browser, await example_of(year, who.supervisor, who.appraisal, "rating"))
    form = browser.page.form("version")
    form.write("/behaviour_rating", "above")
    form.write("/behaviour_reason", "")
    await browser.press("Kirim penilaian")
    assert browser.page.status == 422
    assert "wajib diisi" in browser.page.beside("/behaviour_reason")
    browser.page.form("version").write("/behaviour_reason", "Menjadi teladan di unit kerja.")
    await browser.press("Kirim penilaian")
    assert "Penilaian diberikan: tercatat." in browser.page.text, browser.page.alerts


async def result_is_seen_and_objected_to(year: World, browser: Browser, who: Played) -> None:
    await browser.sign_in(who.employee)
    await at_the_year(year, browser, who)
    assert {"Buka hasil", "Terima hasil"} & set(browser.page.buttons())
    await browser.press("Buka hasil")
    assert "Hasil dibuka: tercatat." in browser.page.text, browser.page.alerts
    assert "Baik" in browser.page.text
    await browser.follow("Ajukan keberatan")
    await fill(browser, await example_of(year, who.employee, who.appraisal, "appeal"))
    await browser.press("Kirim keberatan")
    assert "Keberatan diajukan: tercatat." in browser.page.text, browser.page.alerts


async def decided(year: World, browser: Browser, who: Played) -> None:
    """Both statements lie beside the decision; a changed result needs the new rating."""
    await browser.sign_in(who.senior)
    await at_the_year(year, browser, who)
    await browser.follow("Putuskan keberatan")
    for said in ("Realisasi triwulan IV belum diperhitungkan", "Rating didasarkan pada bukti dukung"):
        assert said in browser.page.text
    form = browser.page.form("version")
    form.write("/decision", "changed")
    form.write("/reason", "Hasil utama melampaui target dan buktinya lengkap.")
    await browser.press("Kirim keputusan")
    assert browser.page.status == 422
    form = browser.page.form("version")
    form.write("/rating/result_rating", "above")
    form.write("/rating/behaviour_rating", "above")
    await browser.press("Kirim keputusan")
    assert "Keberatan diputuskan: tercatat." in browser.page.text, browser.page.alerts
