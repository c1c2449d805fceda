"""Her years together on one page: parts, revisions, results as far as they are open, and who reads what after a transfer or an exit."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.api.browsing import Browser, opened_browser
from tests.api.mid_year import reopened
from tests.api.test_reopening import archived
from tests.endings import JANUARY, JULY, Played, accepted, at, to_rating
from tests.workflow.people.changes import planned, transferred
from tests.world import World

PEOPLE = 40


@pytest_asyncio.fixture
async def browser(year: World) -> AsyncIterator[Browser]:
    async with opened_browser(year) as opened:
        yield opened


async def test_a_year_of_two_parts_stands_in_one_place_and_says_who_reads_which(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await planned(year, who)
    after = await transferred(year, who)
    await year.pass_to(who.appraisal, JULY)
    first, second = await year.segments_of(who.employee, 2)
    await browser.sign_in(who.employee)
    page = await browser.follow("Semua tahun saya, bagian dan revisinya")
    assert {where.rpartition("/")[2] for words, where in page.links if words in ("Bagian 1", "Bagian 2")} == {
        first,
        second,
    }
    assert "Setelah mutasi: bagian tahun sebelum mutasi dinilai oleh yang melihat pekerjaannya" in page.text
    assert "Setelah pegawai berhenti" in page.text
    await browser.sign_in(after)
    page = await browser.go(f"/pegawai/{who.employee}/tahun")
    assert page.status == 200
    assert (await browser.go(f"/penilaian/{first}")).status == 200, "who came after reads the earlier part"
    await browser.sign_in(who.supervisor)
    assert (await browser.go(f"/penilaian/{first}")).status == 200
    assert (await browser.go(f"/penilaian/{second}")).status == 403, "who was before does not read the later one"


async def test_a_year_that_was_opened_again_keeps_what_it_came_to_before(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await reopened(year, who)
    await browser.sign_in(who.employee)
    page = await browser.go(f"/pegawai/{who.employee}/tahun")
    assert "Bagian 1, revisi 2" in page.text
    assert "Revisi sebelumnya terbaca setelah hasil yang sekarang terbuka bagi Anda." in page.text
    await browser.sign_in(who.supervisor)
    page = await browser.go(f"/pegawai/{who.employee}/tahun")
    assert "Revisi 1, berakhir" in page.text
    assert "Hasil waktu itu: Baik" in page.text
    assert "Dibuka kembali karena: Bukti baru." in page.text
    document = await browser.client.get(page.link("Dokumen revisi 1 (PDF)"))
    assert document.content.startswith(b"%PDF")
    await browser.sign_in(who.employee)
    refused = await browser.client.get(f"/penilaian/{who.appraisal}/revisi/1/evaluation.pdf")
    assert refused.status_code == 404


async def test_a_result_leads_from_her_years_to_how_it_came_about(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await accepted(year, who)
    await archived(year, who.appraisal)
    await browser.sign_in(who.employee)
    page = await browser.go(f"/pegawai/{who.employee}/tahun")
    assert "Hasil: Baik" in page.text
    assert (await browser.client.get(page.link("Dokumen evaluasi (PDF)"))).content.startswith(b"%PDF")
    seen = await year.seen(who.appraisal, who.employee)
    page = await browser.follow("Bagaimana hasil ini diperoleh")
    for line in seen["outcome"]["lines"]:  # type: ignore[index]
        assert line["why"] in page.text


async def test_a_result_that_has_not_reached_her_is_on_no_page_of_hers(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await to_rating(year, who)
    await browser.sign_in(who.employee)
    assert "Hasil belum ada, atau belum terbuka bagi Anda." in (await browser.go(f"/pegawai/{who.employee}/tahun")).text
    assert "Hasil belum disampaikan." in (await browser.go(f"/penilaian/{who.appraisal}/hasil")).text


async def test_a_stranger_reads_nobodys_years(year: World, browser: Browser) -> None:
    who, other = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    await browser.sign_in(other.employee)
    assert (await browser.go(f"/pegawai/{who.employee}/tahun")).status == 403
    assert (await browser.go(f"/penilaian/{who.appraisal}/hasil")).status == 403


@pytest.mark.parametrize("revision", [0, 2**31, 2**63, 10**30])
async def test_a_revision_that_cannot_be_is_not_there(year: World, browser: Browser, revision: int) -> None:
    appraisal = await year.appraisal_of("employee")
    await browser.sign_in(year.people["auditor"])
    refused = await browser.client.get(f"/penilaian/{appraisal}/revisi/{revision}/evaluation.pdf")
    assert refused.status_code == 404
