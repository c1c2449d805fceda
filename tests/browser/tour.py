"""A tour of every page: one person's year goes by, and each page is looked at where something is to be seen on it.

A new page gets a line here; `test_pages.py` fails where one has none.
"""

from __future__ import annotations

from sqlalchemy import text

from activities.people import move_line
from tests.api.noting import entry, hand_in, logged, observe
from tests.api.others import listen
from tests.api.test_web_team import UNDER_HIM
from tests.browser.looking import Gallery, Then
from tests.browser.person import Person
from tests.endings import CHANGED, DECEMBER, JANUARY, JULY, Played, at
from tests.world import YEAR, World

BACK = "Target belum terukur: sebutkan angka dan satuannya."


async def tour(gallery: Gallery) -> None:
    """From the sign-in to the last page of the year."""
    world = gallery.person.world
    at(world, JANUARY)
    who = await Played.of(world, await world.next_clerk())
    colleague = await world.next_clerk()
    await world.bring(who.appraisal)
    async with world.database.transaction() as connection:
        await connection.execute(UNDER_HIM, {"supervisor": who.supervisor, "people": [colleague]})
        await move_line(connection)
        cycle = str((await connection.execute(text("SELECT id FROM cycle"))).scalar_one())
    other = await Played.of(world, colleague)
    await listen(world, cycle)
    await _doors(gallery, who)
    await _plan(gallery, world, who, other)
    await _half(gallery, world, who)
    await _rating(gallery, world, who)
    await _result(gallery, world, who)
    await _agency(gallery, world, cycle)


async def _doors(gallery: Gallery, who: Played) -> None:
    async def unknown(person: Person) -> None:
        await person.page.fill("#nip", "199001012015011999")
        await person.press("Masuk")
        await person.reads("NIP itu tidak ada di daftar pegawai.")

    rooms = gallery.person.world.rooms
    await gallery.look("masuk", "/masuk")
    await gallery.look("masuk-tidak-dikenal", "/masuk", then=unknown)
    rooms.local = False
    try:
        await gallery.look("masuk-instansi", "/masuk")
    finally:
        rooms.local = True
    await gallery.look("tidak-ada", "/penilaian/tidak-ada", who.employee)


async def _plan(gallery: Gallery, world: World, who: Played, other: Played) -> None:
    form = f"/penilaian/{who.appraisal}/formulir/plan"

    async def sent_empty(person: Person) -> None:
        await person.press("Kirim rencana")
        await person.reads("Yang perlu diperbaiki")

    async def signed_out(person: Person) -> None:
        await person.input("/results/0/title").fill("Layanan perizinan")
        await person.context.clear_cookies()
        await person.press("Simpan rancangan")
        await person.reads("Sesi Anda berakhir")

    async def saved_elsewhere(person: Person) -> None:
        await world.fill(who.appraisal, "plan", who.employee)
        await person.input("/results/0/title").fill("Layanan perizinan")
        await person.press("Simpan rancangan")
        await person.reads("Yang tersimpan sekarang")

    await gallery.look("beranda-pegawai", "/", who.employee)
    await gallery.look("penilaian-rencana", f"/penilaian/{who.appraisal}", who.employee)
    await gallery.look("kriteria", f"/penilaian/{who.appraisal}/kriteria", who.employee)
    await gallery.look("formulir-rencana-kosong", form, who.employee)
    await gallery.look("formulir-rencana-ditolak", form, who.employee, sent_empty)
    await gallery.look("sesi-berakhir", form, who.employee, signed_out)
    await gallery.look("formulir-rencana-dua-versi", form, who.employee, saved_elsewhere)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "return_plan", who.supervisor, {"comment": BACK})
    await gallery.look("formulir-rencana-dikembalikan", form, who.employee)
    await world.done(who.appraisal, "submit_plan", who.employee)
    await world.send(other.appraisal, "plan", "submit_plan", other.employee)
    await gallery.look("formulir-rencana-dibaca", form, who.supervisor)
    await gallery.look("penilaian-oleh-atasan", f"/penilaian/{who.appraisal}", who.supervisor)
    await gallery.look("beranda-atasan", "/", who.supervisor)
    await gallery.look("tim", "/tim", who.supervisor)
    await gallery.look("tim-semua", "/tim?semua=1", who.supervisor)
    await gallery.look("tim-ditolak", "/tim", who.supervisor, _returns_without_a_reason)
    await gallery.look("tim-kosong", "/tim", who.employee)
    await gallery.look("penilaian-oleh-pengelola", f"/penilaian/{who.appraisal}", world.people["hr"])
    await world.done(who.appraisal, "approve_plan", who.supervisor)


async def _returns_without_a_reason(person: Person) -> None:
    await person.page.locator("[value=return_plan]").first.check()
    await person.press("Kirim keputusan")
    await person.reads("1 orang belum diproses.")


async def _half(gallery: Gallery, world: World, who: Played) -> None:
    at(world, JULY)
    await world.bring(who.appraisal)
    form = f"/penilaian/{who.appraisal}/formulir/midyear?periode=1"
    await gallery.look("formulir-periode", form, who.employee)
    await world.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await gallery.look("formulir-periode-dibaca", form, who.supervisor)
    await world.done(who.appraisal, "complete_midyear", who.supervisor)


async def _rating(gallery: Gallery, world: World, who: Played) -> None:
    at(world, DECEMBER)
    await world.bring(who.appraisal)
    forms = f"/penilaian/{who.appraisal}/formulir"
    await gallery.look("formulir-laporan-diri", f"{forms}/self_assessment", who.employee)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    (await observe(world, who.appraisal, who.supervisor, text="Teliti.")).raise_for_status()
    await logged(world, who.appraisal, who.employee, entry("Melayani pemohon."))
    (await hand_in(world, who.appraisal, who.employee, "Laporan.txt", b"Rekap izin.")).raise_for_status()
    for name in ("catatan", "bukti", "pengamatan"):
        await gallery.look(name, f"/penilaian/{who.appraisal}/{name}", who.employee)
        await gallery.look(f"{name}-oleh-atasan", f"/penilaian/{who.appraisal}/{name}", who.supervisor)
    await gallery.look("formulir-penilaian", f"{forms}/rating", who.supervisor)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await gallery.look("formulir-penilaian-dibaca", f"{forms}/rating", world.people["hr"])
    await world.labelled(who.appraisal)


async def _result(gallery: Gallery, world: World, who: Played) -> None:
    year = f"/penilaian/{who.appraisal}"
    await gallery.look("penilaian-hasil-baru", year, who.employee)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    await gallery.look("penilaian-hasil", year, who.employee)
    await gallery.look("keberatan-terbuka", f"{year}/keberatan", who.employee)
    await gallery.look("formulir-keberatan", f"{year}/formulir/appeal", who.employee)
    await world.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await gallery.look("formulir-tanggapan", f"{year}/formulir/answer", who.supervisor)
    await world.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await gallery.look("formulir-keputusan", f"{year}/formulir/decision", who.senior)
    await world.send(who.appraisal, "decision", "decide_appeal", who.senior, CHANGED)
    await world.until(who.appraisal, "archive", 1)
    await gallery.look("penilaian-selesai", year, who.employee)
    await gallery.look("keberatan-diputuskan", f"{year}/keberatan", who.employee)
    await gallery.look("hasil-diperoleh", f"{year}/hasil", who.employee)
    await gallery.look("riwayat", f"{year}/riwayat", who.employee)
    await gallery.look("riwayat-diperiksa", f"{year}/riwayat?periksa=1", world.people["auditor"])
    await gallery.look("jejak", "/jejak", world.people["auditor"])
    await gallery.look("tahun", f"/pegawai/{who.employee}/tahun", who.employee)
    await gallery.look("pelimpahan", "/pelimpahan", who.supervisor)
    await gallery.look("rekan", "/pandangan", who.employee)
    await gallery.look("pandangan", f"{year}/pandangan", who.supervisor)
    await gallery.look("layanan", "/layanan")
    await gallery.look("masukan", "/layanan/SDN-001")


async def _agency(gallery: Gallery, world: World, cycle: str) -> None:
    hr, here = world.people["hr"], f"/siklus/{cycle}"

    def moved(day: str, says: str) -> Then:
        async def then(person: Person) -> None:
            await person.page.locator('input[type=date][name$="/due_at"]').first.fill(day)
            await person.page.fill("#reason", "Libur bersama berubah.")
            await person.press("Lihat akibatnya")
            await person.reads(says)

        return then

    await gallery.look("beranda-pengelola", "/", hr)
    await gallery.look("siklus", here, hr)
    await gallery.look("orang", f"{here}/orang", hr)
    await gallery.look("orang-kosong", f"{here}/orang?bagian=failed", hr)
    await gallery.look("kerja", f"{here}/kerja", hr)
    await gallery.look("kalender", f"{here}/kalender", hr)
    await gallery.look("kalender-akibat", f"{here}/kalender", hr, moved(f"{YEAR}-02-26", "Akibatnya bila diterapkan"))
    await gallery.look("kalender-ditolak", f"{here}/kalender", hr, moved(f"{YEAR}-04-30", "Jadwal belum berubah"))
    await gallery.look("hasil", f"{here}/hasil", hr)
    await gallery.look("pembukaan", f"{here}/pembukaan", hr)
    await gallery.look("periksa", f"{here}/periksa", hr)
    await gallery.look("ingatkan", f"{here}/ingatkan", hr)
    await gallery.look("gagal-terkirim", f"{here}/kotak-keluar", hr)
    await gallery.look("sebaran", f"{here}/sebaran", hr)
    await gallery.look("predikat", f"{here}/predikat", hr)
    await gallery.look("penilai", f"{here}/penilai", hr)
    await gallery.look("pegawai", "/pegawai", hr)
    await gallery.look("seorang", f"/pegawai/{world.people['employee']}", hr)
    await gallery.look("pelimpahan-oleh-pengelola", "/pelimpahan", hr)
    await gallery.look("kotak-keluar", "/notifikasi", hr)
