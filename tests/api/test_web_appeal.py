"""The page of an objection: until when and how long still, both statements, and what the decision changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from api.words import left, when
from tests.api.browsing import Browser, opened_browser
from tests.endings import CHANGED, JANUARY, Played, at, to_result
from tests.world import World

PEOPLE = 40
END = datetime(2027, 2, 14, 16, 59, tzinfo=UTC)
"""23.59 in Jakarta."""


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with opened_browser(world) as opened:
        yield opened


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2027, 2, 5, 3, tzinfo=UTC), "tinggal 9 hari"),
        (datetime(2027, 2, 13, 16, 59, tzinfo=UTC), "tinggal 1 hari"),
        (datetime(2027, 2, 13, 17, 0, tzinfo=UTC), "tinggal 23 jam"),
        (datetime(2027, 2, 14, 16, 20, tzinfo=UTC), "tinggal 39 menit"),
        (END, "sudah lewat"),
    ],
)
def test_a_countdown_is_said_in_days_of_the_zone_and_on_the_last_day_in_hours(now: datetime, said: str) -> None:
    assert left(END, now, "WIB") == said


async def test_the_page_says_until_when_and_how_long_still_then_shows_both_statements_and_what_changed(
    year: World, browser: Browser
) -> None:
    who = await Played.of(year, await year.next_clerk())
    await to_result(year, who)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    await browser.sign_in(who.employee)
    seen = await year.seen(who.appraisal)
    end = datetime.fromisoformat(str(seen["due_at"] or seen["lapses_at"]))
    page = await browser.go(f"/penilaian/{who.appraisal}")
    page = await browser.follow("Keberatan: waktu, pernyataan, dan keputusan")
    assert f"sampai {when(end)}; tinggal" in page.text
    assert "Belum ada keberatan." in page.text
    year.now += timedelta(days=2)
    earlier = left(end, year.now)
    await browser.sign_in(who.employee)  # the session of two days ago has ended
    assert earlier in (await browser.go(f"/penilaian/{who.appraisal}/keberatan")).text
    await browser.follow("Ajukan keberatan")
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    page = await browser.go(f"/penilaian/{who.appraisal}/keberatan")
    assert "Belum ada tanggapan." in page.text
    assert "Cabut keberatan" in page.text
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await browser.sign_in(who.senior)
    page = await browser.go(f"/penilaian/{who.appraisal}/keberatan")
    for said in (
        "Realisasi triwulan IV belum diperhitungkan",
        "Rating didasarkan pada bukti dukung",
        "Keputusan ditunggu",
    ):
        assert said in page.text
    await browser.follow("Putuskan keberatan")
    await year.send(who.appraisal, "decision", "decide_appeal", who.senior, CHANGED)
    await browser.sign_in(who.employee)
    page = await browser.go(f"/penilaian/{who.appraisal}/keberatan")
    assert "Hasil sebelum dan sesudah keputusan" in page.text
    before, _, after = page.text.partition("Sesudah")
    assert "Baik" in before.partition("Sebelum")[2]
    assert "Sangat baik" in after
    assert "keberatan dikabulkan, hasil berubah" in page.text


async def test_before_there_is_a_result_the_page_says_so_and_a_stranger_reads_nothing(
    year: World, browser: Browser
) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.bring(who.appraisal)
    await browser.sign_in(who.employee)
    page = await browser.go(f"/penilaian/{who.appraisal}/keberatan")
    assert "Belum ada hasil yang dapat dipersoalkan." in page.text
    await browser.sign_in(await year.next_clerk())
    assert (await browser.go(f"/penilaian/{who.appraisal}/keberatan")).status == 403
