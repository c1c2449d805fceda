"""What could not be told is sent again from its page, one year's or all; and HR reminds one, a unit or everybody, once within a day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import text

from tests.api.browsing import Browser, opened_browser
from tests.api.test_retrying_notices import cycle_of, listed, of, office, untold
from tests.endings import Played
from tests.world import World

PEOPLE = 60
assert office  # the fixture of those tests


@pytest_asyncio.fixture
async def hr(office: World) -> AsyncIterator[Browser]:
    async with opened_browser(office) as opened:
        await opened.sign_in(office.people["hr"])
        yield opened


async def sends(browser: Browser, said: str) -> None:
    """Press the first button whose words begin so."""
    words = next(one for one in browser.page.buttons() if one.startswith(said))
    await browser.press(words)


async def test_what_failed_is_told_with_how_often_it_was_tried_and_why_and_one_is_sent_again(
    office: World,
    hr: Browser,
) -> None:
    one, other = await untold(office), await untold(office)
    page = await hr.go(f"/siklus/{await cycle_of(office)}/kotak-keluar")
    assert page.text.count("Dicoba 20 kali kepada") == 2
    assert "refused" in page.text
    form = next(form for form in page.forms if any(it.value == one.appraisal for it in form.controls))
    (button,) = [it.words for it in form.controls if it.kind == "button"]
    page = await hr.send(form, button)
    assert "1 pemberitahuan dikirim ulang." in page.text
    assert (await of(office, one))["form_returned"] == ("pending", 0)
    assert (await of(office, other))["form_returned"] == ("failed", 20)


async def test_the_list_of_what_needs_hr_leads_to_where_it_is_done(office: World, hr: Browser) -> None:
    await untold(office)
    here = f"/siklus/{await cycle_of(office)}"
    failed = text("UPDATE appraisal SET launch = :launch WHERE person_id = (SELECT id FROM person WHERE nip = :nip)")
    someone = {"nip": await office.next_clerk()}
    async with office.database.transaction() as connection:
        await connection.execute(failed, {"launch": "failed", **someone})
    page = await hr.go(f"{here}/kerja")
    async with office.database.transaction() as connection:
        await connection.execute(failed, {"launch": "launched", **someone})
    assert page.link("kirim ulang pemberitahuan").endswith(f"{here}/kotak-keluar")
    assert page.link("buka siklus sekali lagi").endswith(f"{here}/pembukaan")
    for said in ("kirim ulang pemberitahuan", "buka siklus sekali lagi"):
        assert (await hr.go(page.link(said))).status == 200


async def test_all_are_sent_again_at_once(office: World, hr: Browser) -> None:
    await untold(office)
    await untold(office)
    await hr.go(f"/siklus/{await cycle_of(office)}/kotak-keluar")
    await sends(hr, "Kirim ulang semua (2)")
    assert "2 pemberitahuan dikirim ulang." in hr.page.text
    assert "Tidak ada yang gagal terkirim." in hr.page.text
    assert not await listed(office)


async def test_one_is_reminded_from_the_list_and_not_again_within_a_day(office: World, hr: Browser) -> None:
    who = await Played.of(office, await office.next_clerk())
    name = (await office.get(f"/people/{who.employee}", "hr")).json()["name"]
    cycle = await cycle_of(office)
    button = f"Ingatkan yang ditunggu {name}"
    for number in range(1, 5):
        await hr.go(f"/siklus/{cycle}/orang?halaman={number}")
        if button in hr.page.buttons():
            break
    (form,) = [one for one in hr.page.forms if any(it.value == who.employee for it in one.controls)]
    page = await hr.send(form, button)
    assert "1 orang diingatkan." in page.text
    office.now += timedelta(hours=2)
    await hr.go(f"/siklus/{cycle}/orang?halaman={number}")
    (form,) = [one for one in hr.page.forms if any(it.value == who.employee for it in one.controls)]
    page = await hr.send(form, button)
    assert page.status == 409
    assert "sudah diingatkan dalam sehari ini" in page.text
    assert page.link(name)


async def test_a_unit_and_everybody_are_reminded_and_who_was_already_is_named(office: World, hr: Browser) -> None:
    who = await Played.of(office, await office.next_clerk())
    page = await hr.go(f"/siklus/{await cycle_of(office)}/ingatkan")
    form = page.form("unit")
    form.write("unit", await office.unit_of(who.employee))
    page = await hr.send(form, "Ingatkan")
    assert "orang diingatkan." in page.text
    form = page.form("unit")
    form.write("unit", "")
    page = await hr.send(form, "Ingatkan")
    assert "orang diingatkan." in page.text
    assert "sudah diingatkan dalam sehari ini" in page.text


async def test_only_hr_sees_the_outbox_and_reminds(office: World, hr: Browser) -> None:
    cycle = await cycle_of(office)
    await hr.sign_in(office.people["auditor"])
    for path in ("kotak-keluar", "ingatkan"):
        assert (await hr.go(f"/siklus/{cycle}/{path}")).status == 403
        assert (await hr.post(f"/siklus/{cycle}/{path}", [])).status == 403
    assert not [one for one in (await hr.go(f"/siklus/{cycle}/orang")).buttons() if one.startswith("Ingatkan")]
