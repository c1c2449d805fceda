"""What a page offers is what the api allows: to everybody around a year, wherever it stands, and to a stranger nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from api.web.sayings import OPENS
from models.ways import FORM_OF
from tests.api.browsing import opened_browser
from tests.api.mid_year import PLACES, stand_at
from tests.api.page import Page
from tests.endings import JANUARY, Played, at
from tests.world import World

PEOPLE = 60


def offered(page: Page) -> set[str]:
    """The actions that the page of a year has a button or a link for."""
    posted = {form.action.rpartition("/tindakan/")[2] for form in page.forms if "/tindakan/" in form.action}
    links = [(words, urlsplit(where).path.rpartition("/formulir/")[2]) for words, where in page.links]
    return posted | {action.value for action, form in FORM_OF.items() if (OPENS[action], form.value) in links}


@pytest.mark.parametrize("place", PLACES)
async def test_for_every_action_that_somebody_may_take_there_is_a_button_or_a_link_and_for_no_other(
    year: World, place: str
) -> None:
    who = await stand_at(year, place)
    async with opened_browser(year) as browser:
        for nip in (who.employee, who.supervisor, who.senior, *(year.people[one] for one in ("hr", "auditor", "pyb"))):
            seen = await year.get(f"/appraisals/{who.appraisal}", nip)
            await browser.sign_in(nip)
            page = await browser.go(f"/penilaian/{who.appraisal}")
            assert page.status == seen.status_code
            if seen.status_code == 200:
                assert offered(page) == set(seen.json()["actions"]), nip


async def test_a_stranger_sees_no_button_and_cannot_post(year: World) -> None:
    who = await stand_at(year, "drafted")
    other = await year.next_clerk()
    address = f"/penilaian/{who.appraisal}"
    async with opened_browser(year) as browser:
        await browser.sign_in(other)
        for path in (address, f"{address}/formulir/plan", f"{address}/formulir/rating"):
            page = await browser.go(path)
            assert page.status == 403
            assert [form.action for form in page.forms] == []
        before = await year.actions_of(who.appraisal)
        for path, pairs in (
            (f"{address}/formulir/plan", [("/approach", "kualitatif"), ("press", "send")]),
            (f"{address}/tindakan/recall_plan", []),
            (f"{address}/tindakan/cancel", [("reason", "Salah orang.")]),
        ):
            assert (await browser.post(path, pairs)).status == 403
        page = await browser.post("/tim", [(f"do-{who.appraisal}", "approve_plan")])
        assert "belum diproses" in page.alerts[0]
        assert await year.actions_of(who.appraisal) == before


async def test_who_may_read_a_form_but_not_write_it_has_no_field_for_it(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with opened_browser(year) as browser:
        for nip in (who.senior, year.people["hr"], year.people["auditor"]):
            await browser.sign_in(nip)
            page = await browser.go(f"/penilaian/{who.appraisal}/formulir/plan")
            assert page.status == 200
            assert not any(one.name.startswith("/") for form in page.forms for one in form.controls)
        await browser.sign_in(who.employee)
        page = await browser.go(f"/penilaian/{who.appraisal}/formulir/plan")
        assert "Kirim rencana" not in page.buttons(), "it lies with her supervisor"
        assert "Tarik kembali rencana" in page.buttons()


async def test_a_plan_in_force_is_read_until_somebody_says_that_it_is_to_be_changed(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    async with opened_browser(year) as browser:
        await browser.sign_in(who.employee)
        await browser.go(f"/penilaian/{who.appraisal}")
        page = await browser.follow("Rencana kinerja (SKP)")
        assert not any(one.name.startswith("/") for form in page.forms for one in form.controls)
        await browser.follow("Ubah rencana")
        browser.page.form("version").write("/results/0/title", "Layanan perizinan selesai sebelum waktunya")
        page = await browser.press("Kirim perubahan rencana")
        assert "Rencana diubah: tercatat." in page.text, page.alerts
        assert (await year.row(who.appraisal))["state"] == "plan.reviewing"


async def test_no_other_site_makes_her_browser_post_for_her(year: World) -> None:
    who = await stand_at(year, "drafted")
    async with opened_browser(year) as browser:
        await browser.sign_in(who.employee)
        page = await browser.go(f"/penilaian/{who.appraisal}/formulir/plan")
        sent = dict(page.form("version").sent(page.form("version").button("Kirim rencana")))
        for said in ({"Origin": "http://elsewhere"}, {"Sec-Fetch-Site": "cross-site"}):
            refused = await browser.client.post(page.url, data=sent, headers=said)
            assert refused.status_code == 403
    assert "submit_plan" not in await year.actions_of(who.appraisal)
