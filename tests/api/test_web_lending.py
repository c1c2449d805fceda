"""Lending one's authority by the pages: offered from a form, taken on or declined, given back, and watched by HR."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.web.lending import PAST_MAX
from tests.api.browsing import Browser, opened_browser
from tests.api.statements import read_of
from tests.api.test_delegations import colleague
from tests.endings import JANUARY, Played
from tests.world import YEAR, World

PEOPLE = 60
MANY = 120
LONG_AGO = text(
    """
    INSERT INTO delegation (id, principal_id, delegate_id, valid_from, valid_until, reason, state, created_by, created_at)
    SELECT gen_random_uuid()::text, p.id, d.id, day, day, 'Cuti ' || day, CASE n % 2 WHEN 0 THEN 'ended' ELSE 'accepted' END, p.id, day
      FROM person p, person d, (SELECT n, CAST(:last AS date) - n AS day FROM generate_series(1, :many) AS n) AS days
     WHERE p.nip = :principal AND d.nip = :delegate
    """
)


@pytest_asyncio.fixture
async def browser(year: World) -> AsyncIterator[Browser]:
    year.now = JANUARY
    async with opened_browser(year) as opened:
        yield opened


@pytest_asyncio.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def offers(browser: Browser, to: str, first: str = "01-05", last: str = "01-12", **more: str) -> None:
    """Fill in the form and press its button."""
    await browser.go("/pelimpahan")
    form = browser.page.form("until")
    typed = {"to": to, "from": f"{YEAR}-{first}", "until": f"{YEAR}-{last}", "reason": "Dinas luar ke Kupang"} | more
    for name, value in typed.items():
        form.write(name, value)
    await browser.send(form, "Tawarkan")


async def tidied(year: World, by: str) -> None:
    """So that the next test finds nobody's powers lent."""
    for one in (await year.get("/delegations", by, limit=200)).json()["items"]:
        if one["state"] in ("offered", "accepted"):
            await year.http.delete(f"/api/v1/delegations/{one['id']}", headers=year.headers(by))


async def test_an_offer_is_made_taken_on_used_and_given_back(year: World, browser: Browser, who: Played) -> None:
    delegate = await colleague(year, who)
    await browser.sign_in(who.supervisor)
    await offers(browser, delegate)
    assert "Ditawarkan. Pelimpahan berlaku setelah diterima" in browser.page.text
    assert "menunggu jawaban" in browser.page.text
    async with opened_browser(year) as other:
        await other.sign_in(delegate)
        page = await other.go("/pelimpahan")
        assert "Dinas luar ke Kupang" in page.text
        assert "5 Januari" in page.text
        (said,) = [one for one in page.buttons() if one.startswith("Terima")]
        page = await other.press(said)
        assert "Anda menerima tugas ini" in page.text
        assert "sedang berlaku" in page.text
        await year.send(who.appraisal, "plan", "submit_plan", who.employee)
        assert "Tidak ada orang yang menunggu Anda" not in (await other.go("/tim")).text
        page = await other.go("/pelimpahan")
        (said,) = [one for one in page.buttons() if one.startswith("Kembalikan")]
        page = await other.press(said)
        assert "Yang sudah dilakukan tetap berlaku" in page.text
    assert "berakhir" in (await browser.go("/pelimpahan")).text


async def test_an_offer_is_declined_or_taken_back_before_it_was_answered(
    year: World, browser: Browser, who: Played
) -> None:
    delegate = await colleague(year, who)
    await browser.sign_in(who.supervisor)
    await offers(browser, delegate)
    async with opened_browser(year) as other:
        await other.sign_in(delegate)
        page = await other.go("/pelimpahan")
        (said,) = [one for one in page.buttons() if one.startswith("Tolak")]
        assert "Tawaran ditolak" in (await other.press(said)).text
    await offers(browser, delegate, "02-01", "02-02")
    (said,) = [one for one in browser.page.buttons() if one.startswith("Tarik kembali")]
    assert "Pelimpahan diakhiri" in (await browser.press(said)).text


@pytest.mark.parametrize(
    ("field", "more", "sentence"),
    [
        ("to", {"to": "190001011990011009"}, "NIP ini tidak ada di daftar pegawai"),
        ("to", {"to": "123"}, ""),
        ("until", {"until": f"{YEAR}-01-01"}, ""),
        ("from", {"from": f"{YEAR}-01-01", "until": f"{YEAR}-01-02"}, ""),
        ("reason", {"reason": ""}, ""),
    ],
)
async def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    year: World, browser: Browser, who: Played, field: str, more: dict[str, str], sentence: str
) -> None:
    delegate = await colleague(year, who)
    before = (await year.get("/delegations", who.supervisor)).json()["total"]
    await browser.sign_in(who.supervisor)
    await offers(browser, more.get("to", delegate), **{name: said for name, said in more.items() if name != "to"})
    form = browser.page.form("until")
    assert browser.page.status in (409, 422)
    assert form.named(field)[0].invalid
    assert sentence in browser.page.beside(field)
    assert form.value("until") == more.get("until", f"{YEAR}-01-12")
    assert (await year.get("/delegations", who.supervisor)).json()["total"] == before


async def test_nobody_lends_to_herself(browser: Browser, who: Played) -> None:
    await browser.sign_in(who.supervisor)
    await offers(browser, who.supervisor)
    form = browser.page.form("until")
    assert form.value("to") == who.supervisor
    assert form.named("to")[0].invalid
    assert browser.page.alerts


async def test_hr_sees_everybodys_lends_for_another_and_ends_it(year: World, browser: Browser, who: Played) -> None:
    delegate = await colleague(year, who)
    await browser.sign_in(year.people["hr"])
    await offers(browser, delegate, person=who.supervisor)
    assert "Ditawarkan" in browser.page.text
    (said, *_) = [one for one in browser.page.buttons() if one.startswith("Akhiri")]
    page = await browser.press(said)
    assert "Pelimpahan diakhiri" in page.text
    assert not [one for one in page.buttons() if one.startswith("Akhiri")]


async def test_others_see_nothing_of_it_and_have_no_button_of_hr(year: World, browser: Browser, who: Played) -> None:
    delegate = await colleague(year, who)
    await browser.sign_in(who.supervisor)
    await offers(browser, delegate)
    await browser.sign_in(who.employee)
    page = await browser.go("/pelimpahan")
    assert "Kupang" not in page.text
    assert not page.form("until").named("person")
    await tidied(year, who.supervisor)


async def long_ago(year: World, who: Played) -> str:
    """Many delegations of her supervisor's that are over; to whom they were."""
    delegate = await colleague(year, who)
    said = {"principal": who.supervisor, "delegate": delegate, "last": JANUARY.date(), "many": MANY}
    async with year.database.transaction() as connection:
        await connection.execute(LONG_AGO, said)
    return delegate


async def test_of_what_is_over_a_page_shows_and_reads_the_latest_after_what_holds(
    year: World, browser: Browser, who: Played
) -> None:
    delegate = await long_ago(year, who)
    await browser.sign_in(who.supervisor)
    await offers(browser, delegate)
    with read_of(year, "FROM delegation ") as rows:
        page = await browser.go("/pelimpahan")
    assert max(rows) <= PAST_MAX + 1
    assert "Dinas luar ke Kupang" in page.text
    assert page.text.count("Cuti 20") == PAST_MAX
    assert page.text.index("Dinas luar") < page.text.index("Cuti 20")
    assert f"{PAST_MAX} pelimpahan terakhir" in page.text
    (said, *_) = [one for one in page.buttons() if one.startswith("Tarik kembali")]
    await browser.press(said)


async def test_what_is_over_between_others_costs_neither_hr_nor_the_two_a_row(
    year: World, browser: Browser, who: Played
) -> None:
    await long_ago(year, who)
    await browser.sign_in(year.people["hr"])
    for path in ("/pelimpahan", f"/pegawai/{who.employee}", "/api/v1/me"):
        with read_of(year, "FROM delegation ") as rows:
            headers = year.headers("hr") if path.startswith("/api") else {}
            assert (await browser.client.get(path, headers=headers)).status_code == 200
        assert max(rows) <= 1, f"{path}: no more than how many there are"


async def test_a_page_of_the_list_reads_no_more_than_it_shows(year: World, who: Played) -> None:
    await long_ago(year, who)
    with read_of(year, "FROM delegation ") as rows:
        first = (await year.get("/delegations", who.supervisor, limit=50)).json()
    assert max(rows) <= 51
    assert first["total"] >= MANY
    found, following = first["items"], first["next"]
    while following:
        answer = (await year.get("/delegations", who.supervisor, limit=50, cursor=following)).json()
        found, following = found + answer["items"], answer["next"]
    assert len({one["id"] for one in found}) == len(found) == first["total"]
    assert [one["key"] for one in found] == sorted(one["key"] for one in found)
