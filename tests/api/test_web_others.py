"""What others say, on pages: colleagues of somebody's work, and the public of a unit's service without signing in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from sqlalchemy import text

from api.security import COOKIE
from tests.api.browsing import Browser, opened_browser
from tests.api.noting import at_work
from tests.api.others import colleagues, with_colleagues
from tests.endings import Played
from tests.world import YEAR, World, open_cycle, opened_cycle, opened_world

PEOPLE = 60
SAID = "Selalu membantu di loket saat antrean panjang."


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """A year by a pack that asks colleagues and listens to the public."""
    await open_cycle(world, "denpasar-capaian", YEAR)
    return world


@pytest_asyncio.fixture(scope="module")
async def who(year: World) -> Played:
    return await with_colleagues(year, 2)


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with opened_browser(world) as opened:
        yield opened


async def test_a_colleague_says_something_once_and_whoever_rates_reads_it_with_the_name(
    year: World, browser: Browser, who: Played
) -> None:
    peer, _ = (await colleagues(year, who))[:2]
    name = str((await year.seen(who.appraisal))["employee"]["name"])  # type: ignore[index]
    await browser.sign_in(peer)
    await browser.follow("Sampaikan pandangan tentang rekan")
    assert name in browser.page.text
    form = browser.page.form(f"/pandangan/{who.appraisal}")
    page = await browser.send(form, "Sampaikan")
    assert page.status == 422
    form = page.form(f"/pandangan/{who.appraisal}")
    assert [one for one in form.named("text") if one.invalid]
    form.write("text", SAID)
    page = await browser.send(form, "Sampaikan")
    assert "Pandangan Anda tersimpan." in page.text
    assert SAID in page.text
    assert not [one for one in page.forms if one.action.endswith(f"/pandangan/{who.appraisal}")]
    page = await browser.send(form, "Sampaikan")
    assert "Pandangan Anda tersimpan." in page.text, "pressed twice it is said once"
    await browser.sign_in(who.supervisor)
    page = await browser.go(f"/penilaian/{who.appraisal}/catatan")
    page = await browser.follow("Pandangan rekan")
    assert SAID in page.text
    assert "rekan kerja: " in page.text
    await browser.sign_in(who.employee)
    page = await browser.go(f"/penilaian/{who.appraisal}/pandangan")
    assert SAID not in page.text
    assert "Belum ada yang dapat Anda baca." in page.text


async def test_whoever_rates_asks_people_by_their_nip_and_is_told_whom_he_cannot_ask(
    year: World, browser: Browser, who: Played
) -> None:
    other = (await colleagues(year, who, beside=False))[0]
    await browser.sign_in(who.supervisor)
    page = await browser.go(f"/penilaian/{who.appraisal}/pandangan")
    form = page.form("people")
    form.write("people", f"{other}\n{who.employee}")
    page = await browser.send(form, "Minta pandangan")
    assert page.status == 422
    assert f"{who.employee}: Tidak ada yang dimintai pandangan tentang dirinya sendiri." in page.beside("people")
    form = page.form("people")
    assert form.value("people") == f"{other}\n{who.employee}"
    form.write("people", other)
    page = await browser.send(form, "Minta pandangan")
    assert "Permintaan tercatat." in page.text
    assert "belum menyampaikan" in page.text
    await browser.sign_in(other)
    page = await browser.go("/pandangan")
    assert "diminta" in page.text
    await browser.sign_in(who.senior)
    assert "Minta pandangan" not in (await browser.go(f"/penilaian/{who.appraisal}/pandangan")).buttons()


async def test_the_public_says_something_of_a_unit_without_signing_in_until_the_day_s_measure_is_full(
    year: World, browser: Browser
) -> None:
    browser.client.cookies.clear()
    page = await browser.go("/layanan")
    assert "Keluar" not in page.buttons()
    name, where = next((words, at) for words, at in page.links if "/layanan/" in at)
    page = await browser.go(where)
    assert f"Masukan tentang {name}" in page.text
    page = await browser.press("Kirim masukan")
    assert page.status == 422
    assert page.beside("text")
    form = page.form("text")
    form.write("kind", "praise")
    form.write("text", "Antrean kini hanya sepuluh menit.")
    form.write("service", "Perizinan")
    page = await browser.send(form, "Kirim masukan")
    assert "Terima kasih. Masukan Anda sudah diterima." in page.text
    for _ in range(5):
        form = (await browser.go(where)).form("text")
        form.write("kind", "suggestion")
        form.write("text", "Tambah kursi.")
        page = await browser.send(form, "Kirim masukan")
    assert page.status == 429
    assert "Dari satu alamat jaringan diterima 5 masukan sehari" in page.alerts[0]
    assert page.form("text").value("text") == "Tambah kursi."
    assert COOKIE not in browser.client.cookies
    async with year.database.transaction() as connection:
        kept = (await connection.execute(text("SELECT count(*) FROM remark"))).scalar_one()
    assert kept == 5
    assert (await browser.go("/layanan/NIRWANA")).status == 404
    assert "Tidak ada unit dengan nama seperti itu." in (await browser.go("/layanan?cari=zzz")).text


async def test_where_no_pack_asks_there_is_neither_a_page_nor_a_way_to_it(
    postgres_url: str, engine_address: str, tmp_path: Path
) -> None:
    async with (
        opened_world(postgres_url, engine_address, tmp_path, people=20) as world,
        opened_browser(world) as browser,
    ):
        await opened_cycle(world)
        who = await at_work(world)
        async with world.database.transaction() as connection:
            unit = (await connection.execute(text("SELECT code FROM unit ORDER BY code LIMIT 1"))).scalar_one()
        assert "tidak ada masukan yang diterima" in (await browser.go("/layanan")).text
        assert (await browser.go(f"/layanan/{unit}")).status == 409
        await browser.sign_in(who.supervisor)
        assert "Sampaikan pandangan tentang rekan" not in browser.page.text
        assert (await browser.go(f"/penilaian/{who.appraisal}/pandangan")).status == 404
        assert "Pandangan rekan" not in (await browser.go(f"/penilaian/{who.appraisal}/catatan")).text
