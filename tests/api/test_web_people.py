"""People by the pages: found, seen with line and record, and decided about by HR after the effect was looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from tests.api.browsing import Browser, opened_browser
from tests.api.page import Page
from tests.api.test_personnel import rows
from tests.workflow.people.changes import imported, row_of
from tests.world import YEAR, World

PEOPLE = 60
MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
TODAY = MAY.date().isoformat()


@pytest_asyncio.fixture
async def hr(year: World) -> AsyncIterator[Browser]:
    """HR before a browser, in May."""
    year.now = MAY
    async with opened_browser(year) as opened:
        await opened.sign_in(year.people["hr"])
        yield opened


async def looked(browser: Browser, nip: str, what: str, **typed: str) -> Page:
    """Fill in one of the forms about somebody and ask what that would do."""
    page = await browser.go(f"/pegawai/{nip}")
    form = page.form(f"/{what}#{what}")
    for name, value in typed.items():
        form.write(name, value)
    (said,) = [one.words for one in form.controls if one.words.startswith("Lihat akibatnya")]
    return await browser.send(form, said)


async def recorded(browser: Browser, what: str) -> Page:
    return await browser.send(browser.page.form(f"/{what}#{what}"), "Catat")


async def test_hr_finds_anybody_by_a_part_of_the_name_and_a_supervisor_whoever_is_below(
    year: World, hr: Browser
) -> None:
    someone = (await year.get(f"/people/{year.people['employee']}", "hr")).json()
    page = await hr.go(f"/pegawai?cari={someone['name'].split()[0]}")
    assert page.link(someone["name"]).endswith(f"/pegawai/{someone['nip']}")
    assert "Tidak ada yang cocok" in (await hr.go("/pegawai?cari=zzzzzz")).text
    await hr.sign_in(someone["supervisor"]["nip"])
    page = await hr.go("/pegawai")
    assert page.link(someone["name"])
    assert (await hr.go(f"/pegawai/{someone['nip']}")).status == 200
    assert not [one for one in hr.page.forms if "/atasan" in one.action], "only HR decides"
    assert "Garis atasan menurut tanggal" not in hr.page.text
    await hr.sign_in(someone["nip"])
    assert (await hr.go(f"/pegawai/{someone['supervisor']['nip']}")).status == 403


async def test_a_new_supervisor_is_recorded_after_the_effect_was_looked_at(year: World, hr: Browser) -> None:
    clerk = await year.next_clerk()
    _, boss = await year.elsewhere(clerk)
    before = await rows(year)
    typed = {"supervisor": boss, "effective": TODAY, "reason": "Penataan tugas."}
    page = await looked(hr, clerk, "atasan", **typed)
    assert "Belum dicatat. Akibatnya bila dicatat:" in page.text
    assert "1 penilaian yang sedang berjalan ikut menyesuaikan" in page.text
    assert await rows(year) == before, "what is looked at is not done"
    page = await recorded(hr, "atasan")
    assert "Tercatat: ganti pejabat penilai." in page.text
    assert (await year.get(f"/people/{clerk}", "hr")).json()["supervisor"]["nip"] == boss


async def test_another_decision_than_was_looked_at_is_looked_at_first(year: World, hr: Browser) -> None:
    clerk = await year.next_clerk()
    _, boss = await year.elsewhere(clerk)
    await looked(hr, clerk, "atasan", supervisor=boss, effective=TODAY, reason="Penataan.")
    hr.page.form("/atasan#atasan").write("effective", f"{YEAR}-06-01")
    before = await rows(year)
    page = await recorded(hr, "atasan")
    assert "Belum dicatat" in page.text
    assert await rows(year) == before


async def test_a_transfer_a_leave_and_an_exit_stand_in_her_record(year: World, hr: Browser) -> None:
    clerk = await year.next_clerk()
    unit, boss = await year.elsewhere(clerk)
    await looked(hr, clerk, "mutasi", post="Analis Baru", unit=unit, supervisor=boss, effective=f"{YEAR}-07-01")
    assert "Tercatat: mutasi." in (await recorded(hr, "mutasi")).text
    await looked(hr, clerk, "cuti", **{"from": f"{YEAR}-06-01", "until": f"{YEAR}-06-14"})
    assert "Tercatat: cuti panjang." in (await recorded(hr, "cuti")).text
    page = await hr.go(f"/pegawai/{clerk}")
    assert "Mutasi: Analis Baru" in page.text
    assert "1 Juni 2027 sampai 14 Juni 2027" in page.text
    form = page.form("/cuti#cuti")
    form.write("from", f"{YEAR}-06-01")
    form.write("taken_back", "1")
    (said,) = [one.words for one in form.controls if one.words.startswith("Lihat akibatnya")]
    await hr.send(form, said)
    assert "14 Juni" not in (await recorded(hr, "cuti")).text
    await looked(hr, clerk, "berhenti", reason="resign", effective=f"{YEAR}-09-01")
    assert "Berhenti: mengundurkan diri" in (await recorded(hr, "berhenti")).text


async def test_a_promotion_where_she_stays_stands_in_her_record_as_no_transfer(year: World, hr: Browser) -> None:
    clerk = await year.next_clerk()
    promoted = {"jabatan": "Analis Ahli Muda", "jenjang": "Ahli Muda", "tmt": f"{YEAR}-05-01"}
    await imported(year, await row_of(year, clerk) | promoted)
    page = await hr.go(f"/pegawai/{clerk}")
    assert "di unit yang sama: Analis Ahli Muda" in page.text
    assert "Mutasi:" not in page.text


@pytest.mark.parametrize(
    ("what", "typed", "field"),
    [
        ("atasan", {"supervisor": "190001011990011009", "effective": TODAY, "reason": "Mutasi."}, "supervisor"),
        ("atasan", {"supervisor": "LUAR", "effective": f"{YEAR}-05-19", "reason": "Mutasi."}, "effective"),
        ("atasan", {"supervisor": "LUAR", "effective": TODAY, "reason": ""}, "reason"),
        ("mutasi", {"post": "Analis", "supervisor": "LUAR", "effective": TODAY}, "unit"),
        ("cuti", {"from": f"{YEAR}-06-14", "until": f"{YEAR}-06-01"}, "until"),
        ("cuti", {"from": f"{YEAR}-06-14"}, "until"),
        ("berhenti", {"effective": TODAY}, "reason"),
    ],
)
async def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    year: World, hr: Browser, what: str, typed: dict[str, str], field: str
) -> None:
    clerk, before = await year.next_clerk(), await rows(year)
    year.taken.remove(clerk)
    page = await looked(hr, clerk, what, **typed)
    form = page.form(f"/{what}#{what}")
    assert page.status == 422
    assert form.named(field)[0].invalid
    assert page.alerts
    assert {name: form.value(name) for name in typed} == typed
    assert "Catat" not in [one.words for one in form.controls]
    assert await rows(year) == before


async def test_hr_decides_nothing_about_herself(year: World, hr: Browser) -> None:
    page = await hr.go(f"/pegawai/{year.people['hr']}")
    assert page.status == 200
    assert not [one for one in page.forms if "#" in one.action]
    answer = await hr.post(f"/pegawai/{year.people['hr']}/berhenti", [("reason", "resign"), ("effective", TODAY)])
    assert answer.status == 403


def forms_of(page: Page) -> set[str]:
    """The decisions that a page lets one take."""
    return {one.action.partition("#")[2] for one in page.forms if "#" in one.action}


@pytest.mark.usefixtures("alone")
async def test_in_place_of_the_only_hr_officer_the_pyb_decides_about_her_by_the_page(year: World, hr: Browser) -> None:
    mine = year.people["hr"]
    await hr.sign_in(year.people["pyb"])
    assert forms_of(await hr.go(f"/pegawai/{year.people['employee']}")) == set()
    assert forms_of(await hr.go(f"/pegawai/{mine}")) == {"atasan", "mutasi", "cuti", "berhenti"}
    page = await looked(hr, mine, "cuti", **{"from": f"{YEAR}-06-01", "until": f"{YEAR}-06-14"})
    assert "Belum dicatat" in page.text
    page = await recorded(hr, "cuti")
    assert "Tercatat: cuti panjang." in page.text
    assert "1 Juni 2027 sampai 14 Juni 2027" in page.text


async def test_hr_is_offered_no_decision_that_is_not_hers(year: World, hr: Browser) -> None:
    superior = (await year.get(f"/people/{year.people['hr']}", "hr")).json()["supervisor"]["nip"]
    assert forms_of(await hr.go(f"/pegawai/{superior}")) == {"cuti", "berhenti"}


async def test_an_auditor_reads_anybodys_page_and_decides_nothing(year: World, hr: Browser) -> None:
    clerk = await year.next_clerk()
    await year.decided(clerk, "leave", {"from": f"{YEAR}-06-01", "until": f"{YEAR}-06-14"})
    someone = (await year.get(f"/people/{clerk}", "hr")).json()
    await hr.sign_in(year.people["auditor"])
    await hr.follow("Pegawai")
    page = await hr.go(f"/pegawai?cari={clerk}")
    assert "mencatat mutasi" not in page.text
    page = await hr.follow(someone["name"])
    assert "1 Juni 2027 sampai 14 Juni 2027" in page.text
    assert "Belum ada. Limpahkan atas namanya" not in page.text
    assert forms_of(page) == set()
    assert (await hr.go(f"/pegawai/{clerk}/tahun")).status == 200
    assert (await hr.go("/pegawai/190001011990011009")).status == 404
    before = await rows(year)
    refused = await hr.post(f"/pegawai/{clerk}/berhenti", [("reason", "resign"), ("effective", TODAY)])
    assert refused.status == 403
    assert await rows(year) == before


@pytest.mark.parametrize("what", ["supervisor", "transfer", "leave", "exit"])
async def test_the_api_tells_what_a_decision_would_reach_and_keeps_nothing(year: World, what: str) -> None:
    year.now = MAY
    clerk = await year.next_clerk()
    year.taken.remove(clerk)
    unit, boss = await year.elsewhere(clerk)
    bodies = {
        "supervisor": {"supervisor": boss, "effective": TODAY, "reason": "Penataan."},
        "transfer": {"post": "Analis", "unit": unit, "supervisor": boss, "effective": f"{YEAR}-06-01"},
        "leave": {"from": f"{YEAR}-06-01", "until": f"{YEAR}-06-14"},
        "exit": {"reason": "resign", "effective": f"{YEAR}-06-01"},
    }
    before = await rows(year)
    key = {"Idempotency-Key": f"pratinjau-{what}"}
    answer = await year.post(f"/people/{clerk}/{what}?preview=true", "hr", bodies[what], **key)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["appraisals"]) == 1
    assert await rows(year) == before
    said = {"supervisor": "LUAR", "effective": TODAY, "reason": "Lain."}
    other = await year.post(f"/people/{clerk}/supervisor?preview=true", "hr", said, **key)
    assert other.status_code == 200, "the key is free"
