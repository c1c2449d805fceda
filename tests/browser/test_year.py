"""A whole year through the pages in a real browser, in four roles: once with scripts, once without."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.api.browsing import example_of
from tests.browser.person import Person, Room
from tests.endings import DECEMBER, JANUARY, JULY, Played, at
from tests.world import YEAR, World

PEOPLE = 24
PROMISE = "95 % dari permohonan lengkap"
RETURNED = "Target belum terukur: 95 % dari apa?"


@dataclass
class Play:
    """One person's year before one browser, at which four people take turns."""

    year: World
    browser: Person
    who: Played

    @property
    def path(self) -> str:
        return f"/penilaian/{self.who.appraisal}"

    async def before(self, nip: str) -> None:
        """Somebody signs in and comes to her year by the list of what waits."""
        await self.year.bring(self.who.appraisal)
        await self.browser.sign_in(nip)
        await self.browser.page.locator(f'main a[href="{self.path}"]').first.click()
        await self.browser.page.wait_for_url(f"**{self.path}")

    async def sends(self, author: str, form: str, opens: str, sends: str) -> None:
        """One of them fills a form in, as whole as its own example, saves it and sends it."""
        await self.before(author)
        await self.browser.follow(opens)
        await self.browser.write(await example_of(self.year, author, self.who.appraisal, form))
        await self.browser.press("Simpan rancangan")
        await self.browser.reads("Rancangan tersimpan")
        await self.taken(sends)

    async def taken(self, button: str, said: str = "") -> None:
        await self.browser.press(button)
        assert f"{self.path}?terjadi=" in self.browser.page.url, await self.browser.text()
        await self.browser.reads(f"{said}: tercatat.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_year_is_played_through_the_pages_by_four_people(room: Room, *, scripts: bool) -> None:
    year = room.world
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    async with room.person(scripts=scripts) as browser:
        play = Play(year, browser, who)
        await hr_gives_her_more_time(play)
        await plan_is_sent_back_and_mended(play)
        at(year, JULY)
        await play.sends(who.employee, "midyear", "Isi laporan periode", "Kirim laporan periode")
        await play.before(who.supervisor)
        await play.taken("Selesaikan tinjauan periode", "Tinjauan periode diselesaikan")
        at(year, DECEMBER)
        await play.sends(who.employee, "self_assessment", "Isi laporan diri", "Kirim laporan diri")
        await rated_beside_the_papers(play)
        await year.labelled(who.appraisal)
        await result_is_seen_and_objected_to(play)
        await play.sends(who.supervisor, "answer", "Tanggapi keberatan", "Kirim tanggapan")
        await decided(play)
        await year.until(who.appraisal, "archive", 1)
        await browser.sign_in(who.employee)
        await browser.go(play.path)
        await browser.reads("Berakhir: keberatan dikabulkan, hasil berubah")
        await hr_finds_her_behind_the_number_of_those_who_are_done(play)
        assert not [one for one in browser.complaints if "422" not in one]
    assert (await year.seen(who.appraisal))["ending"] == "changed"


async def hr_gives_her_more_time(play: Play) -> None:
    browser = play.browser
    await play.year.bring(play.who.appraisal)
    await browser.sign_in(play.year.people["hr"])
    await browser.go(play.path)
    await browser.page.locator("summary", has_text="Tindakan pengelola kinerja").click()
    await browser.page.locator("summary", has_text="Perpanjang tenggat").click()
    await browser.page.fill("#extend-due_at", f"{YEAR}-02-12T16:00")
    await browser.page.fill("#extend-reason", "Sedang bertugas di luar kantor.")
    await play.taken("Perpanjang tenggat", "Tenggat diperpanjang")
    await browser.reads(f"12 Februari {YEAR}, 16.00 WIB")


async def plan_is_sent_back_and_mended(play: Play) -> None:
    """Written row by row, refused for what is missing, sent, returned with a reason, mended, sent again, approved."""
    browser, who = play.browser, play.who
    await play.before(who.employee)
    await browser.follow("Isi rencana")
    await browser.write(
        {
            "approach": "kualitatif",
            "results": [
                {
                    "title": "Layanan perizinan selesai tepat waktu",
                    "kind": "utama",
                    "indicators": [{"aspect": "waktu", "indicator": "Persentase izin yang terbit sesuai standar"}],
                },
                {"title": "Laporan triwulanan", "kind": "tambahan"},
            ],
        }
    )
    await browser.press("Hapus rencana hasil kerja 2")
    assert await browser.input("/results/0/title").input_value() == "Layanan perizinan selesai tepat waktu"
    assert not await browser.input("/results/1/title").count()
    await browser.press("Kirim rencana")
    await browser.reads("Target wajib diisi.")
    example = await example_of(play.year, who.employee, who.appraisal, "plan")
    await browser.write({"behaviours": example["behaviours"]})
    await browser.input("/results/0/indicators/0/target").fill("95 %")
    await play.taken("Kirim rencana", "Rencana dikirim")
    await play.year.bring(who.appraisal)
    await browser.sign_in(who.supervisor)
    await browser.follow("Tim saya")
    await browser.page.check(f'[name="do-{who.appraisal}"][value=return_plan]')
    await browser.input(f"why-{who.appraisal}").fill(RETURNED)
    await browser.press("Kirim keputusan")
    await browser.reads("1 orang: kembalikan rencana. Tercatat.")
    await play.before(who.employee)
    await browser.follow("Isi rencana")
    await browser.reads(RETURNED)
    await browser.input("/results/0/indicators/0/target").fill(PROMISE)
    await play.taken("Kirim rencana", "Rencana dikirim")
    await play.before(who.supervisor)
    await play.taken("Setujui rencana", "Rencana disetujui")


async def rated_beside_the_papers(play: Play) -> None:
    browser, who = play.browser, play.who
    await play.before(who.supervisor)
    await browser.follow("Beri penilaian")
    papers = " ".join(await browser.page.locator(".papers details").all_text_contents())
    assert PROMISE in papers
    assert "97 % izin terbit sesuai standar waktu." in papers
    await browser.write(await example_of(play.year, who.supervisor, who.appraisal, "rating"))
    await browser.write({"behaviour_rating": "above", "behaviour_reason": ""})
    await browser.press("Kirim penilaian")
    await browser.reads("wajib diisi")
    await browser.input("/behaviour_reason").fill("Menjadi teladan di unit kerja.")
    await play.taken("Kirim penilaian", "Penilaian diberikan")


async def result_is_seen_and_objected_to(play: Play) -> None:
    browser, who = play.browser, play.who
    await play.before(who.employee)
    await play.taken("Buka hasil", "Hasil dibuka")
    await browser.follow("Ajukan keberatan")
    await browser.write(await example_of(play.year, who.employee, who.appraisal, "appeal"))
    await play.taken("Kirim keberatan", "Keberatan diajukan")


async def decided(play: Play) -> None:
    """Both statements lie beside the decision; a changed result needs the new rating."""
    browser, who = play.browser, play.who
    await play.before(who.senior)
    await browser.follow("Putuskan keberatan")
    papers = " ".join(await browser.page.locator(".papers details").all_text_contents())
    assert "Realisasi triwulan IV belum diperhitungkan" in papers
    assert "Rating didasarkan pada bukti dukung" in papers
    await browser.write({"decision": "changed", "reason": "Hasil utama melampaui target dan buktinya lengkap."})
    await browser.press("Kirim keputusan")
    await browser.reads("wajib diisi")
    await browser.write({"rating": {"result_rating": "above", "behaviour_rating": "above"}})
    await play.taken("Kirim keputusan", "Keberatan diputuskan")


async def hr_finds_her_behind_the_number_of_those_who_are_done(play: Play) -> None:
    browser = play.browser
    await browser.sign_in(play.year.people["hr"])
    await browser.page.locator('a[href*="bagian=on_time"]').first.click()
    await browser.page.wait_for_url("**bagian=on_time")
    assert await browser.page.locator(f'main a[href="{play.path}"]').count() == 1
