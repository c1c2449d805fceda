"""What is noted while a year runs, on its pages: the log in several lines, files, what a supervisor saw; and each refusal at its field."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from models.evidence import BYTES_MAX
from tests.api.browsing import Browser, opened_browser
from tests.api.noting import DAY, at_work, entry, logged, read, results_of
from tests.endings import Played, accepted
from tests.world import YEAR, World

PEOPLE = 40
PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest_asyncio.fixture(scope="module")
async def who(year: World) -> Played:
    return await at_work(year)


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with opened_browser(world) as opened:
        yield opened


async def at(browser: Browser, nip: str, who: Played, name: str) -> None:
    await browser.sign_in(nip)
    await browser.go(f"/penilaian/{who.appraisal}")
    await browser.follow(name)


async def test_several_days_are_written_at_once_and_the_line_that_is_refused_stays_with_why(
    year: World, browser: Browser, who: Played
) -> None:
    key = (await results_of(year, who))[0]
    await at(browser, who.employee, who, "log harian")
    assert "Belum ada catatan pada bulan ini" in browser.page.text
    await browser.press("Tambah baris")
    form = browser.page.form("Simpan catatan")
    form.write("day-0", DAY)
    form.write("text-0", "Menerima 1.250 berkas permohonan.")
    form.write("result-0", key)
    form.write("quantity-0", "1.250,5")
    form.write("unit-0", "berkas")
    form.write("achievement-0", "true")
    form.write("text-1", "Rapat koordinasi.")
    form.write("day-1", f"{YEAR}-05-21")
    form.write("text-2", "Mendampingi pemohon.")
    form.write("quantity-2", "3")
    page = await browser.press("Simpan catatan")
    assert "1 catatan tersimpan. 2 catatan belum tersimpan" in page.alerts[0]
    assert "Hari ini belum tiba" in page.beside("day-0")
    assert "disebut bersama" in page.beside("unit-1")
    form = page.form("Simpan catatan")
    assert (form.value("text-0"), form.value("text-1")) == ("Rapat koordinasi.", "Mendampingi pemohon.")
    form.write("day-0", DAY)
    form.write("unit-1", "orang")
    page = await browser.press("Simpan catatan")
    assert "2 catatan tersimpan." in page.text
    kept = {str(one["text"]): one for one in await read(year, who.appraisal, who.employee)}
    assert set(kept) == {"Menerima 1.250 berkas permohonan.", "Rapat koordinasi.", "Mendampingi pemohon."}
    first = kept["Menerima 1.250 berkas permohonan."]
    assert (first["quantity"], first["unit"], first["result"], first["achievement"]) == ("1250.5", "berkas", key, True)
    await at(browser, who.supervisor, who, "log harian")
    assert "1250,5 berkas." in browser.page.text
    assert "Simpan catatan" not in browser.page.buttons()


async def test_an_entry_is_corrected_and_what_it_said_before_can_still_be_read(
    year: World, browser: Browser, who: Played
) -> None:
    said = entry("Salah ketik.")
    await logged(year, who.appraisal, who.employee, said)
    await at(browser, who.employee, who, "log harian")
    await browser.follow("Perbaiki: Salah ketik.")
    form = browser.page.form("Simpan catatan")
    assert form.value("text-0") == "Salah ketik."
    form.write("text-0", "Menyusun laporan.")
    await logged(year, who.appraisal, who.employee, {**said, "text": "Dari telepon.", "replaces": 1})
    page = await browser.press("Simpan catatan")
    assert "sementara itu sudah diubah" in page.alerts[0]
    assert "Dari telepon." in page.text
    assert page.form("Simpan catatan").value("text-0") == "Menyusun laporan."
    page = await browser.press("Simpan catatan")
    assert "Pernah diperbaiki 2 kali" in page.text
    assert [one["text"] for one in await read(year, who.appraisal, who.employee) if one["id"] == said["id"]] == [
        "Menyusun laporan."
    ]


async def test_pressed_twice_an_entry_is_there_once_and_nothing_written_is_nothing_kept(
    year: World, browser: Browser, who: Played
) -> None:
    await at(browser, who.employee, who, "log harian")
    page = await browser.press("Simpan catatan")
    assert "Belum ada yang ditulis" in page.alerts[0]
    form = page.form("Simpan catatan")
    form.write("text-0", "Sekali saja.")
    for _ in range(2):
        assert "1 catatan tersimpan." in (await browser.send(form, "Simpan catatan")).text
    assert [one["text"] for one in await read(year, who.appraisal, who.employee)].count("Sekali saja.") == 1


async def test_a_file_is_handed_in_without_a_script_and_fetched_as_it_was(
    year: World, browser: Browser, who: Played
) -> None:
    key = (await results_of(year, who))[0]
    await at(browser, who.employee, who, "bukti dukung")
    form = browser.page.form("file")
    form.write("result", key)
    form.write("note", "Laporan bulan Mei.")
    page = await browser.send(form, "Unggah", files={"file": ("Laporan Mei.pdf", PDF)})
    assert "Berkas tersimpan." in page.text
    assert "Laporan bulan Mei." in page.text
    page = await browser.send(page.form("file"), "Unggah", files={"file": ("Laporan Mei.pdf", PDF)})
    assert "isi yang sama sudah ada" in page.text
    await at(browser, who.supervisor, who, "bukti dukung")
    answer = await browser.client.get(browser.page.link("Laporan Mei.pdf"))
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_file_that_is_refused_says_so_at_its_field_and_keeps_what_was_written(
    year: World, browser: Browser, who: Played
) -> None:
    await at(browser, who.employee, who, "bukti dukung")
    refusals = {
        ("program.exe", b"MZ\x90\x00\x03"): "PDF, PNG",
        ("gambar.png", PDF): "PDF",
        ("besar.pdf", PDF + b"0" * BYTES_MAX): "lebih besar dari 10 MB",
        ("kosong.txt", b""): "kosong",
        ("", b""): "Pilih berkasnya dahulu.",
    }
    for (name, data), why in refusals.items():
        form = browser.page.form("file")
        form.write("note", "Yang saya tulis.")
        page = await browser.send(form, "Unggah", files={"file": (name, data)})
        assert page.status >= 400, name
        assert why in page.beside("file"), name
        assert page.form("file").value("note") == "Yang saya tulis."
    assert not [
        one for one in await read(year, who.appraisal, who.employee, "evidence") if one["note"] == "Yang saya tulis."
    ]


async def test_a_supervisor_notes_what_he_saw_and_she_reads_what_is_shared_with_her(
    browser: Browser, who: Played
) -> None:
    await at(browser, who.supervisor, who, "pengamatan atasan")
    form = browser.page.form("about")
    page = await browser.press("Simpan pengamatan")
    assert page.status == 422
    assert page.beside("text")
    form = page.form("about")
    form.write("day", DAY)
    form.write("text", "Menenangkan pemohon yang marah.")
    form.write("about", next(value for value, _ in form.named("about")[0].options if value.startswith("criterion:")))
    assert "Pengamatan tersimpan." in (await browser.press("Simpan pengamatan")).text
    form = browser.page.form("about")
    form.write("text", "Hanya untuk catatan saya.")
    form.write("shared", [])
    assert "Pengamatan tersimpan." in (await browser.press("Simpan pengamatan")).text
    assert "tidak dibagikan kepada pegawai" in browser.page.text
    await at(browser, who.employee, who, "pengamatan atasan")
    assert "Menenangkan pemohon yang marah." in browser.page.text
    assert "Hanya untuk catatan saya." not in browser.page.text
    assert "Simpan pengamatan" not in browser.page.buttons()


async def test_a_stranger_reads_none_of_it_and_writes_nothing(year: World, browser: Browser, who: Played) -> None:
    await browser.sign_in(await year.next_clerk())
    for name in ("catatan", "bukti", "pengamatan"):
        assert (await browser.go(f"/penilaian/{who.appraisal}/{name}")).status == 403
        page = await browser.post(
            f"/penilaian/{who.appraisal}/{name}", [("text", "x"), ("text-0", "x"), ("day-0", DAY)]
        )
        assert page.status >= 400
    assert not [one for one in await read(year, who.appraisal, who.supervisor) if one["text"] == "x"]


async def test_of_a_year_that_has_ended_everything_is_read_and_nothing_written(year: World, browser: Browser) -> None:
    who = await Played.of(year, await year.next_clerk())
    await accepted(year, who)
    for nip, name in (
        (who.employee, "log harian"),
        (who.employee, "bukti dukung"),
        (who.supervisor, "pengamatan atasan"),
    ):
        await at(browser, nip, who, name)
        assert "sudah berakhir" in browser.page.text
        assert [words for words in browser.page.buttons() if words != "Keluar"] == []
