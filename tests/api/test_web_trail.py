"""The trail on its page: plain sentences, a chain that is checked where anybody asks, and a file that proves it without us."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event as database_event
from sqlalchemy import text
from sqlalchemy.util import await_only

from tests.api.browsing import Browser, opened_browser, read
from tests.api.page import Page
from tests.endings import JANUARY, Played, at, to_rating, to_result
from tests.world import World

PEOPLE = 40
ALTERED = "UPDATE event SET comment_hash = :said, actor = :said WHERE appraisal_id = :id AND seq = 2"
CUT = "DELETE FROM event WHERE appraisal_id = :id AND seq = (SELECT max(seq) FROM event WHERE appraisal_id = :id)"
FORM = "UPDATE form_copy SET data = jsonb_set(data, '{results}', '[]') WHERE appraisal_id = :id"


@pytest_asyncio.fixture
async def browser(year: World) -> AsyncIterator[Browser]:
    async with opened_browser(year) as opened:
        yield opened


async def checked(browser: Browser, who: str, appraisal: str) -> Page:
    """The page after its button was pressed, which needs no script."""
    await browser.sign_in(who)
    page = await browser.go(f"/penilaian/{appraisal}/riwayat")
    form = page.form("Periksa jejak")
    assert form.method == "get"
    ((name, value),) = form.sent(form.button("Periksa jejak"))
    return await browser.go(f"{form.action}?{name}={value}")


@contextlib.asynccontextmanager
async def broken(year: World, statement: str, appraisal: str, said: str = "") -> AsyncIterator[None]:
    """What somebody with the keys of the database could do to a trail, if nobody looked."""
    async with year.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE event DISABLE TRIGGER append_only"))
        await connection.execute(text(statement), {"id": appraisal, **({"said": said} if said else {})})
    yield
    async with year.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE event ENABLE TRIGGER append_only"))


async def file_of(browser: Browser, name: str) -> dict[str, Any]:
    page = browser.page
    answer = await browser.client.get(page.link(name))
    assert "attachment" in answer.headers["content-disposition"]
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def verified(file: dict[str, Any]) -> str:
    """The head of the chain, by the recipe of the file itself and nothing of ours."""
    previous = "0" * 64
    for number, event in enumerate(file["events"], 1):
        content = {name: value for name, value in event.items() if name != "hash"}
        said = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert (event["seq"], event["previous_hash"]) == (number, previous)
        assert hashlib.sha256(said).hexdigest() == event["hash"]
        previous = event["hash"]
    assert previous == file["trail_head"]
    return previous


async def test_the_trail_says_in_sentences_who_did_what_and_when(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Target belum terukur."})
    seen = await year.seen(who.appraisal)
    await browser.sign_in(who.employee)
    await browser.go(f"/penilaian/{who.appraisal}")
    page = await browser.follow("Seluruh riwayat, dan bukti bahwa tidak ada yang diubah")
    name = seen["supervisor"]["name"]  # type: ignore[index]
    assert f"Rencana dikembalikan oleh {name} (pejabat penilai kinerja)." in page.text
    assert "5 Januari 2027, 10.00 WIB" in page.text
    assert "Target belum terukur." in page.text
    assert page.text.index("Rencana dikembalikan") < page.text.index("Rencana dikirim"), "the newest first"


async def test_whoever_reads_a_trail_has_it_checked_and_is_told_what_was(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await to_result(year, who)
    row = await year.row(who.appraisal)
    for reader in (who.employee, who.supervisor, year.people["auditor"]):
        page = await checked(browser, reader, who.appraisal)
        assert "Jejak ini utuh." in page.text
        assert f"Diperiksa: {row['seq']} kejadian" in page.text
        assert str(row["last_hash"]) in page.text
        assert ", 0 berbeda, 0 sudah dihapus" in page.text


async def test_what_is_taken_away_verifies_without_us(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await browser.sign_in(year.people["auditor"])
    page = await browser.go("/jejak")
    assert "Ketik sebagian nama" in page.text
    form = page.form("q")
    form.write("q", who.employee)
    ((name, value),) = form.sent(form.button("Cari"))
    page = await browser.go(f"{form.action}?{name}={value}")
    (trail,) = [where for _, where in page.links if who.appraisal in where]
    await browser.go(trail)
    whole = await file_of(browser, "Unduh catatan lengkap penilaian ini (JSON)")
    assert verified(whole) == (await year.row(who.appraisal))["last_hash"]
    assert whole["forms"]
    assert "previous_hash" in whole["readme"]
    verified(await file_of(browser, "Unduh jejak siklus (JSON)"))
    await browser.sign_in(who.employee)
    await browser.go(f"/penilaian/{who.appraisal}/riwayat")
    hers = await file_of(browser, "Unduh jejak penilaian ini (JSON)")
    assert verified(hers) == verified(whole)
    assert "texts" not in hers
    refused = await browser.client.get(f"/penilaian/{who.appraisal}/riwayat/siklus.json")
    assert refused.status_code == 403


@pytest.mark.usefixtures("alone")
async def test_who_is_hr_to_one_person_takes_her_record_away_and_nothing_of_what_was_decided_about_others(
    year: World, browser: Browser
) -> None:
    at(year, JANUARY)
    hers = await year.appraisal_of("hr")
    await browser.sign_in(year.people["pyb"])
    page = await browser.go(f"/penilaian/{hers}/riwayat")
    whole = await file_of(browser, "Unduh catatan lengkap penilaian ini (JSON)")
    assert verified(whole) == (await year.row(hers))["last_hash"]
    assert whole["appraisal_id"] == hers
    assert "Unduh jejak siklus (JSON)" not in page.text
    refused = await browser.client.get(f"/penilaian/{hers}/riwayat/siklus.json")
    assert refused.status_code == 403


async def test_a_rating_that_has_not_reached_her_is_in_no_file_of_hers(year: World, browser: Browser) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await to_rating(year, who)
    await browser.sign_in(who.employee)
    await browser.go(f"/penilaian/{who.appraisal}/riwayat")
    hers = await file_of(browser, "Unduh jejak penilaian ini (JSON)")
    assert "result_rating" not in json.dumps(hers)
    assert "baik" not in {
        value for event in hers["events"] for value in event["data"].values() if isinstance(value, str)
    }


async def test_a_trail_is_hashed_while_others_are_served(
    year: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    hashed_in: set[int] = set()

    def seen_hashing(data: bytes) -> str:
        hashed_in.add(threading.get_ident())
        return hashlib.sha256(data).hexdigest()

    await browser.sign_in(who.employee)
    monkeypatch.setattr("models.trail.sha256", seen_hashing)
    page = await browser.go(f"/penilaian/{who.appraisal}/riwayat?periksa=1")
    assert "Jejak ini utuh." in page.text
    assert hashed_in
    assert threading.get_ident() not in hashed_in


@contextlib.contextmanager
def meanwhile(year: World, statement: str, act: Callable[[], Coroutine[Any, Any, object]]) -> Iterator[None]:
    """Who gives the database this statement waits before it until somebody else has acted and that is recorded."""
    engine, left = year.rooms.database.engine.sync_engine, [act]

    def given(*said: object) -> None:
        if left and statement in str(said[2]):
            await_only(asyncio.create_task(left.pop()()))

    database_event.listen(engine, "before_cursor_execute", given)
    try:
        yield
    finally:
        database_event.remove(engine, "before_cursor_execute", given)
    assert not left, "nobody asked that of the database"


HERS, THE_CYCLES = "FROM event ", "last_event_seq AS seq"


@pytest.mark.parametrize(
    ("reader", "path", "before"),
    [
        ("employee", "?periksa=1", HERS),
        ("auditor", "?periksa=1", THE_CYCLES),
        ("employee", "/jejak.json", HERS),
        ("auditor", "/jejak.json", HERS),
        ("auditor", "/siklus.json", THE_CYCLES),
    ],
)
async def test_a_sound_trail_holds_while_somebody_acts(
    year: World, browser: Browser, reader: str, path: str, before: str
) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.bring(who.appraisal)
    await year.fill(who.appraisal, "plan", who.employee)
    cycle = str((await year.row(who.appraisal))["cycle_id"])

    async def acts() -> None:
        if before == HERS:
            await year.done(who.appraisal, "submit_plan", who.employee)
        for label in ("kurang", "istimewa") if before == THE_CYCLES else ():
            (await year.label(cycle, "PKM-01", label)).raise_for_status()

    await browser.sign_in(who.employee if reader == "employee" else year.people[reader])
    with meanwhile(year, before, acts):
        answer = await browser.client.get(f"/penilaian/{who.appraisal}/riwayat{path}")
    if path.endswith(".json"):
        verified(answer.raise_for_status().json())
    else:
        assert "Jejak ini utuh." in read(answer).text


@pytest.mark.parametrize(
    ("statement", "said", "sentence"),
    [
        (ALTERED, "x" * 8, "Kejadian nomor 2: isinya berbeda dari saat dicatat."),
        (FORM, "", "0 sama seperti saat dikirim, 1 berbeda"),
        (CUT, "", "Ujungnya tidak cocok: catatan di luar jejak menyebut"),
    ],
)
async def test_what_was_altered_behind_our_back_is_named_by_its_event(
    year: World, browser: Browser, statement: str, said: str, sentence: str
) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with broken(year, statement, who.appraisal, said):
        page = await checked(browser, year.people["auditor"], who.appraisal)
    assert "Jejak ini tidak utuh." in page.text
    assert sentence in page.text


async def test_the_trail_is_read_by_whom_the_appraisal_is_shown_and_searched_by_who_audits(
    year: World, browser: Browser
) -> None:
    who, other = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    await browser.sign_in(other.employee)
    for path in (f"/penilaian/{who.appraisal}/riwayat", f"/penilaian/{who.appraisal}/riwayat?periksa=1", "/jejak"):
        assert (await browser.go(path)).status == 403
    await browser.sign_in(year.people["auditor"])
    assert "Tidak ada penilaian dengan nama atau NIP itu" in (await browser.go("/jejak?q=tidakada")).text
