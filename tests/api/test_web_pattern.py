"""A rating that leaves its unit's pattern, given on its page: the reason that is asked for has a field, and stands in the trail."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.api.browsing import opened_browser
from tests.api.test_patterns import judging, ready
from tests.workflow.test_labels import Office
from tests.world import World


@pytest_asyncio.fixture(scope="module")
async def reasoned(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[World, str]]:
    async with judging(postgres_url, engine_address, tmp_path_factory.mktemp("p"), "require_reason") as made:
        yield made


async def test_where_a_rating_needs_a_reason_the_page_asks_for_it_and_keeps_what_was_typed(
    reasoned: tuple[World, str],
) -> None:
    world, cycle = reasoned
    school = await Office.of(world, "SDN-001")
    (await world.label(cycle, school.code, "kurang")).raise_for_status()
    who = await ready(world, school.staff[0])
    async with opened_browser(world) as browser:
        await browser.sign_in(who.supervisor)
        await browser.go(f"/penilaian/{who.appraisal}/formulir/rating")
        assert not browser.page.form("version").named("comment")
        page = await browser.press("Kirim penilaian")
        assert page.status == 422
        assert "Rancangan Anda sudah tersimpan" in page.alerts[0]
        assert "Tuliskan alasannya" in page.beside("comment")
        page.form("version").write("comment", "Ia memimpin perbaikan sekolah.")
        page.form("version").write("/result_reason", "")
        page = await browser.press("Kirim penilaian")
        assert "wajib diisi" in page.beside("/result_reason")
        assert page.form("version").value("comment") == "Ia memimpin perbaikan sekolah."
        page.form("version").write("/result_reason", "Melampaui target.")
        page = await browser.press("Kirim penilaian")
        assert "Penilaian diberikan: tercatat." in page.text, page.alerts
        assert "Ia memimpin perbaikan sekolah." in page.text
