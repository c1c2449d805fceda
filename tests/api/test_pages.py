"""The pages: signing in, what they show, and what they tell whom."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.engine import make_url

from activities.cycle_trail import note
from activities.facts import Facts
from activities.roster import FROM_OUTSIDE
from api.act_bodies import OWN
from api.problem_catalogue import CATALOGUE
from api.security import COOKIE
from deploy.home import free_port
from models.database import Database
from models.trail_actions import TrailAction
from models.vocabulary import Action, Ending, EngineAction, Form, Label, Role, Silence, State
from models.ways import FORM_OF
from tests.endings import JANUARY, JULY, Played, accepted, at, cancelled, exited
from tests.workflow.test_parked import without_a_cell
from tests.world import YEAR, World

PEOPLE = 60


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A second client on the same application, with cookies of its own."""
    world.now = max(world.now, datetime.now(UTC))
    async with httpx.AsyncClient(transport=world.http._transport, base_url="http://siklus") as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, nip: str) -> httpx.Response:
    return await browser.post("/masuk", data={"nip": nip}, headers={"Origin": "http://siklus"})


async def test_without_a_session_every_page_leads_to_the_sign_in(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/notifikasi", "/penilaian/x"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/masuk")


async def test_the_session_is_a_cookie_no_script_and_no_other_site_can_use(
    world: World, browser: httpx.AsyncClient
) -> None:
    answer = await sign_in(browser, world.people["hr"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    foreign = await browser.post("/keluar", headers={"Origin": "http://elsewhere"})
    assert foreign.status_code == 403
    left = await browser.post("/keluar", headers={"Origin": "http://siklus"})
    assert left.status_code == 303
    assert (await browser.get("/")).status_code == 303


async def test_the_sign_in_offers_people_who_hold_something(world: World, browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/masuk")).text
    for persona in ("hr", "auditor", "pyb"):
        assert world.people[persona] in page
    assert len(re.findall('class="person"', page)) == 6


async def test_an_unknown_nip_is_told_so_and_gets_no_session(browser: httpx.AsyncClient) -> None:
    answer = await sign_in(browser, "199001012015011999")
    assert answer.status_code == 422
    assert "tidak ada di daftar pegawai" in answer.text
    assert "set-cookie" not in answer.headers


async def test_nobody_signs_in_by_nip_outside_local_mode(world: World, browser: httpx.AsyncClient) -> None:
    world.rooms.local = False
    try:
        refused = await sign_in(browser, world.people["hr"])
        page = await browser.get("/masuk")
    finally:
        world.rooms.local = True
    assert refused.status_code == 404
    assert world.people["hr"] not in page.text


async def test_a_name_is_shown_as_text_whatever_it_holds(world: World, browser: httpx.AsyncClient) -> None:
    rename = text("UPDATE person SET name = :name WHERE nip = :nip")
    nip = world.people["auditor"]
    async with world.database.transaction() as connection:
        before = (await connection.execute(text("SELECT name FROM person WHERE nip = :nip"), {"nip": nip})).scalar_one()
        await connection.execute(rename, {"nip": nip, "name": "<script>alert(1)</script>"})
    await sign_in(browser, nip)
    page = (await browser.get("/")).text
    async with world.database.transaction() as connection:
        await connection.execute(rename, {"nip": nip, "name": before})
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def test_pages_need_nothing_from_elsewhere_and_no_script(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/masuk")
    style = await browser.get("/static/siklus.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert not re.search(r"""(src|href|url)[=(]["']?https?:""", page.text + style.text)
    assert len(page.content) + len(style.content) < 100_000


@pytest.mark.capability("G09")
async def test_the_bar_sums_to_the_roster_and_the_year_is_told_plainly(year: World, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, year.people["hr"])
    home = (await browser.get("/")).text
    numbers = [int(n) for n in re.findall(r"<dd>(\d+)</dd>", home)]
    assert sum(numbers[:-1]) == numbers[-1] > 0
    mine = await year.appraisal_of("hr")
    page = await browser.get(f"/penilaian/{mine}")
    assert page.status_code == 200
    assert "Menyusun rencana kinerja (SKP)" in page.text
    assert "Siklus dimulai" in page.text
    outbox = await browser.get("/notifikasi")
    assert outbox.status_code == 200
    assert "menunggu ringkasan pagi" in outbox.text, "what waits for a morning can be read before it"
    assert "Peran baru Anda" in outbox.text, "and so can what no appraisal is the cause of"


async def test_a_page_shows_the_newest_of_a_long_trail_and_of_the_cycles_what_is_about_this_year(
    year: World, browser: httpx.AsyncClient
) -> None:
    at(year, JANUARY)
    who, colleague = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    await year.decided(colleague.employee, "leave", {"from": f"{YEAR}-03-01", "until": f"{YEAR}-03-31"})
    async with year.database.transaction() as connection:
        for _ in range(205):
            await note(connection, cycle, year.now, TrailAction.NUDGED, FROM_OUTSIDE, {"told": 1})
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Target belum terukur."})
    await sign_in(browser, year.people["hr"])
    page = (await browser.get(f"/penilaian/{who.appraisal}")).text
    assert "Target belum terukur." in page
    assert re.search(r"Ditampilkan 200 kejadian terakhir dari 2\d\d\.", page)
    assert "Pengingat tambahan dikirim" in page
    for action in TrailAction:
        assert action not in re.sub(r"<[^>]*>", "", page)
    assert "Cuti dicatat" not in page
    async with year.database.transaction() as connection:
        await note(connection, cycle, year.now, TrailAction.CALENDAR_CHANGED, FROM_OUTSIDE, {})
    await year.decided(colleague.employee, "leave", {"from": f"{YEAR}-05-03", "until": f"{YEAR}-05-07"})
    theirs = (await browser.get(f"/penilaian/{colleague.appraisal}")).text
    assert "Cuti dicatat" in theirs
    assert "Jadwal diubah" in theirs


async def left_before_a_plan(world: World, who: Played) -> None:
    """She retires in May, and there was nothing to rate her by."""
    at(world, JANUARY)
    await world.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-05-01"})
    await world.pass_to(who.appraisal, JULY)


@pytest.mark.capability("B16")
async def test_page_and_api_count_alike_and_a_year_that_ended_without_a_result_is_not_done_on_time(
    year: World, browser: httpx.AsyncClient
) -> None:
    for ending in (cancelled, cancelled, left_before_a_plan, exited, accepted):
        await ending(year, await Played.of(year, await year.next_clerk()))
    await year.until(await year.appraisal_of(year.taken[-1]), "archive", 1)
    [cycle] = (await year.get("/cycles", "hr")).json()["items"]
    counts = (await year.get(f"/cycles/{cycle['id']}/progress", "hr")).json()
    done = {name: counts[f"done_{name}"] for name in ("on_time", "late", "without_result")}
    assert done["without_result"] == 3
    assert sum(done.values()) == counts["by_state"]["finalisation.done"] == 5
    for part in counts["by_unit"]:
        ended = sum(part[f"done_{name}"] for name in done)
        assert ended == part["by_state"].get("finalisation.done", 0)
    year.now = JANUARY
    await sign_in(browser, year.people["hr"])
    home = (await browser.get("/")).text
    told = {
        name: int(people) for name, people in re.findall(r"</i>(?:<a [^>]*>)?([^<]+)(?:</a>)?</dt><dd>(\d+)</dd>", home)
    }
    now = (await year.get(f"/cycles/{cycle['id']}/progress", "hr")).json()
    assert told == {
        "Selesai tepat waktu": now["done_on_time"],
        "Selesai terlambat": now["done_late"],
        "Berakhir tanpa hasil": 3,
        "Sedang berjalan": now["launched"] - 5 - now["overdue"],
        "Lewat tenggat": now["overdue"],
        "Belum dimulai": now["pending"],
        "Gagal dimulai": now["failed"],
        "Dikecualikan": now["excluded"],
    }
    assert sum(told.values()) == now["roster"]


async def test_somebody_elses_appraisal_is_refused_as_a_page(year: World, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, year.people["employee"])
    refused = await browser.get(f"/penilaian/{await year.appraisal_of('hr')}")
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert CATALOGUE["not_yours"].detail.id in refused.text
    assert (await browser.get("/notifikasi")).status_code == 403


@contextlib.asynccontextmanager
async def another_database(world: World, **elsewhere: object) -> AsyncIterator[None]:
    """The api asks another database for a while."""
    known = world.rooms.database
    url = make_url(known.engine.url.render_as_string(hide_password=False)).set(**elsewhere)  # type: ignore[arg-type]
    world.rooms.database = Database(url.render_as_string(hide_password=False))
    try:
        yield
    finally:
        await world.rooms.database.close()
        world.rooms.database = known


async def test_with_the_database_away_every_page_says_so_as_a_page_and_when_to_try_again(
    year: World, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, year.people["hr"])
    mine = await year.appraisal_of("hr")
    async with another_database(year, host="127.0.0.1", port=free_port(), query={}):
        pages = [await browser.get(path) for path in ("/", "/masuk", "/notifikasi", f"/penilaian/{mine}")]
        pages.append(await sign_in(browser, year.people["hr"]))
        answer = await browser.get("/api/v1/me")
    for page in pages:
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert page.headers["retry-after"] == answer.headers["retry-after"]
        assert CATALOGUE["database_away"].title.id in page.text
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    assert (await browser.get("/")).status_code == 200


async def test_what_the_database_refuses_is_told_as_a_page_and_says_nothing_of_it(
    year: World, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, year.people["hr"])
    async with another_database(year, database="postgres"):  # where none of our tables is
        page = await browser.get("/")
        answer = await browser.get("/api/v1/me")
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert CATALOGUE["internal_error"].title.id in page.text
    assert "SELECT" not in page.text
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_a_year_whose_policy_cannot_be_read_is_told_as_a_page_and_when_to_try_again(
    year: World, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(browser, year.people["hr"])
    mine = await year.appraisal_of("hr")
    monkeypatch.setattr(year.rooms, "facts", Facts())  # as after a start: it has read no policy yet
    async with without_a_cell(year, (await year.row(mine))["cycle_id"]):
        page = await browser.get(f"/penilaian/{mine}")
        answer = await year.get(f"/appraisals/{mine}", "hr")
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert page.headers["retry-after"] == answer.headers["retry-after"]
    assert CATALOGUE["pack_unreadable"].title.id in page.text
    assert (answer.status_code, answer.json()["code"]) == (503, "pack_unreadable")
    assert (await browser.get(f"/penilaian/{mine}")).status_code == 200


def test_every_word_of_the_vocabulary_has_an_indonesian_one() -> None:
    from api import words
    from api.web import sayings

    for table, members in (
        (words.STATES, State),
        (words.ACTIONS, Action),
        (words.HAPPENED, [*Action, *EngineAction, *TrailAction]),
        (words.FORMS, Form),
        (words.ROLES, Role),
        (words.LABELS, Label),
        (words.ENDINGS, Ending),
        (sayings.OPENS, FORM_OF),
        (sayings.SENDS, FORM_OF),
        (sayings.SEND_HINTS, FORM_OF),
        (sayings.FIELDS, {name for names in OWN.values() for name in names}),
        (sayings.SILENCES, set(Silence) - {Silence.HOLD}),
    ):
        assert [m for m in members if m not in table] == []
