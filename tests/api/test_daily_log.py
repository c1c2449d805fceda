"""The daily log: an employee's days, sent late, twice or in bulk by a client that was offline, and there once each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.api.mid_year import stand_at
from tests.api.noting import DAY, at_work, entry, log, logged, read, refused, results_of
from tests.endings import DECEMBER, JULY, Played
from tests.workflow.people.changes import transferred
from tests.world import YEAR, World, nowhere

PEOPLE = 60


async def test_an_employee_reports_her_day_and_everybody_around_her_reads_it(year: World, who: Played) -> None:
    key = (await results_of(year, who))[0]
    said = entry("Menerima 12 berkas.", result=key, quantity="12.50", unit="berkas")
    assert [one["stored"] for one in await logged(year, who.appraisal, who.employee, said)] == ["new"]
    for reader in (who.employee, who.supervisor, who.senior, "hr", "auditor"):
        found = [one for one in await read(year, who.appraisal, reader) if one["id"] == said["id"]]
        assert [(one["text"], one["result"], one["quantity"], one["unit"], one["version"]) for one in found] == [
            ("Menerima 12 berkas.", key, "12.5", "berkas", 1)
        ]
    stranger = await year.next_clerk()
    assert refused(await year.get(f"/appraisals/{who.appraisal}/log", stranger)) == (403, "not_yours")


async def test_nobody_writes_in_anothers_log(year: World, who: Played) -> None:
    for other in (who.supervisor, who.senior, "hr", "auditor", await year.next_clerk()):
        assert refused(await log(year, who.appraisal, other, entry())) == (403, "not_yours")


@pytest.mark.capability("G11")
async def test_a_batch_that_an_offline_client_sends_twice_counts_once(year: World, who: Played) -> None:
    batch = [entry(f"Hari ke-{n}", day=f"{YEAR}-04-{n:02d}") for n in range(1, 21)]
    first = await logged(year, who.appraisal, who.employee, *batch)
    again = await logged(year, who.appraisal, who.employee, *batch, entry("Yang baru", day=f"{YEAR}-04-21"))
    assert {one["stored"] for one in first} == {"new"}
    assert [one["stored"] for one in again] == ["same"] * 20 + ["new"]
    april = await read(year, who.appraisal, who.supervisor, **{"from": f"{YEAR}-04-01", "until": f"{YEAR}-04-30"})
    assert [one["day"] for one in april] == [f"{YEAR}-04-{n:02d}" for n in range(1, 22)]


async def test_the_same_key_is_answered_the_same_and_for_another_batch_refused(year: World, who: Played) -> None:
    said, key = entry("Dengan kunci"), str(uuid4())
    first = await log(year, who.appraisal, who.employee, said, Idempotency_Key=key)
    again = await log(year, who.appraisal, who.employee, said, Idempotency_Key=key)
    assert (first.json(), first.headers["Idempotency-Key"]) == (again.json(), key)
    other = await log(year, who.appraisal, who.employee, entry("Lain"), Idempotency_Key=key)
    assert refused(other) == (422, "key_reused")


async def test_each_entry_of_a_batch_is_taken_or_refused_by_itself(year: World, who: Played) -> None:
    good, last = entry("Baik"), entry("Juga baik")
    wrong: list[tuple[object, str, str, str]] = [
        (entry(day=f"{YEAR}-05-21"), "invalid_input", "/day", "in_the_future"),
        (entry(day=f"{YEAR - 1}-12-31"), "invalid_input", "/day", "before_it_began"),
        (entry(day=f"{YEAR}-02-30"), "invalid_input", "/day", "date_parsing"),
        (entry(result="tidak-ada"), "invalid_input", "/result", "unknown_result"),
        (entry(quantity="3"), "invalid_input", "/unit", "half_said"),
        (entry(unit="berkas"), "invalid_input", "/quantity", "half_said"),
        (entry(quantity=-1, unit="berkas"), "invalid_input", "/quantity", "greater_than_equal"),
        (entry(quantity=1e308, unit="berkas"), "invalid_input", "/quantity", "invalid_value"),
        (entry("   "), "invalid_input", "/text", "string_too_short"),
        (entry("x" * 2001), "invalid_input", "/text", "string_too_long"),
        (entry(rating="above"), "invalid_input", "/rating", "extra_forbidden"),
        (entry() | {"id": "satu"}, "invalid_input", "/id", "uuid_parsing"),
        ("bukan objek", "invalid_input", "", "model_attributes_type"),
    ]
    results = await logged(year, who.appraisal, who.employee, good, *(one for one, *_ in wrong), last)
    assert [one["ok"] for one in results] == [True, *[False] * len(wrong), True]
    for place, (_, code, pointer, field) in enumerate(wrong, 1):
        problem = results[place]["problem"]
        assert problem["code"] == code
        assert (f"/entries/{place}{pointer}", field) in {(e["pointer"], e["code"]) for e in problem["errors"]}, problem
    there = {one["id"] for one in await read(year, who.appraisal, who.employee)}
    sent = {one["id"] for one, *_ in wrong if isinstance(one, dict)}
    assert {good["id"], last["id"]} <= there
    assert not there & sent


async def test_a_batch_has_1_to_200_entries(year: World, who: Played) -> None:
    assert refused(await log(year, who.appraisal, who.employee)) == (422, "invalid_input")
    many = [entry(str(n), day=f"{YEAR}-03-01") for n in range(201)]
    assert refused(await log(year, who.appraisal, who.employee, *many)) == (422, "invalid_input")
    assert {one["ok"] for one in await logged(year, who.appraisal, who.employee, *many[:200])} == {True}


async def test_a_correction_keeps_what_was_said_before_and_a_late_copy_does_not_undo_it(
    year: World, who: Played
) -> None:
    said = entry("Melayani 21 pemohon.")
    corrected = {**said, "text": "Melayani 12 pemohon.", "replaces": 1}
    await logged(year, who.appraisal, who.employee, said)
    (unsaid,) = await logged(year, who.appraisal, who.employee, {**said, "text": "Melayani 12 pemohon."})
    assert (unsaid["problem"]["code"], unsaid["problem"]["version"]) == ("version_conflict", 1)
    results = await logged(year, who.appraisal, who.employee, corrected, corrected, said)
    assert [(one["stored"], one["version"]) for one in results] == [("corrected", 2), ("same", 2), ("same", 2)]
    (found,) = [one for one in await read(year, who.appraisal, who.supervisor) if one["id"] == said["id"]]
    assert (found["text"], found["version"]) == ("Melayani 12 pemohon.", 2)
    assert [(one["text"], one["version"]) for one in found["earlier"]] == [("Melayani 21 pemohon.", 1)]


async def test_an_entry_and_its_correction_may_come_in_one_batch(year: World, who: Played) -> None:
    said = entry("Rapat.")
    results = await logged(year, who.appraisal, who.employee, said, {**said, "text": "Rapat tim.", "replaces": 1})
    assert [(one["stored"], one["version"]) for one in results] == [("new", 1), ("corrected", 2)]


async def test_today_is_the_employees_own(year: World, who: Played) -> None:
    """At eleven in the evening in Jakarta the day after has begun in the east; an employee in the west waits for it."""
    year.now = datetime(YEAR, 5, 20, 16, tzinfo=UTC)
    (early,) = await logged(year, who.appraisal, who.employee, entry(day=f"{YEAR}-05-21"))
    assert early["problem"]["errors"][0]["code"] == "in_the_future"
    year.now = datetime(YEAR, 5, 20, 17, tzinfo=UTC)
    assert (await logged(year, who.appraisal, who.employee, entry(day=f"{YEAR}-05-21")))[0]["ok"]


async def test_pages_follow_each_other_while_entries_come_in_between(year: World) -> None:
    who = await at_work(year)
    batch = [entry(str(n), day=f"{YEAR}-04-0{n}") for n in range(1, 8)]
    await logged(year, who.appraisal, who.employee, *batch)
    seen, cursor = [], None
    while True:
        asked = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await year.get(f"/appraisals/{who.appraisal}/log", who.supervisor, **asked)).raise_for_status().json()
        seen += [one["text"] for one in page["items"]]
        await logged(year, who.appraisal, who.employee, entry("kemarin dulu", day=f"{YEAR}-04-01"))
        if (cursor := page["next"]) is None:
            break
    assert [one for one in seen if one != "kemarin dulu"] == [str(n) for n in range(1, 8)]


# ── until when ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_of_a_year_that_was_cancelled_nothing_is_noted(year: World) -> None:
    who = await at_work(year)
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    assert refused(await log(year, who.appraisal, who.employee, entry())) == (409, "not_running")


async def test_of_a_closed_cycle_nothing_is_noted(year: World) -> None:
    who = await at_work(year)
    cycle = (await year.row(who.appraisal))["cycle_id"]
    change = text("UPDATE cycle SET state = :state WHERE id = :id")
    async with year.database.transaction() as connection:
        await connection.execute(change, {"state": "closed", "id": cycle})
    answer = await log(year, who.appraisal, who.employee, entry())
    async with year.database.transaction() as connection:
        await connection.execute(change, {"state": "open", "id": cycle})
    assert (*refused(answer), answer.json()["state"]) == (409, "cycle_state", "closed")


async def test_what_was_noted_stands_once_it_was_rated_and_what_was_forgotten_may_still_be_added(year: World) -> None:
    who = await at_work(year)
    said = entry("Ditulis sebelum dinilai.")
    await logged(year, who.appraisal, who.employee, said)
    year.now = JULY
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    year.now = DECEMBER
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    corrected = {**said, "text": "Ditulis sesudah dinilai.", "replaces": 1}
    late = entry("Terlupa.")
    results = await logged(year, who.appraisal, who.employee, corrected, said, late)
    assert [one["ok"] for one in results] == [False, True, True]
    assert results[0]["problem"]["code"] == "not_now"
    await year.labelled(who.appraisal)
    await year.done(who.appraisal, "accept_result", who.employee)
    assert refused(await log(year, who.appraisal, who.employee, entry())) == (409, "not_running")
    kept = {one["text"] for one in await read(year, who.appraisal, who.senior)}
    assert kept == {"Ditulis sebelum dinilai.", "Terlupa."}, "what was noted stays to be read"


async def test_a_year_that_is_reopened_is_open_to_its_notes_again(year: World) -> None:
    who = await stand_at(year, "reopened")
    said = entry("Bukti baru.", day=f"{YEAR}-06-01")
    results = await logged(year, who.appraisal, who.employee, said, {**said, "text": "Bukti lama.", "replaces": 1})
    assert [one["stored"] for one in results] == ["new", "corrected"]


async def test_a_day_is_noted_in_the_part_of_the_year_it_belongs_to(year: World) -> None:
    who = await at_work(year)
    before = entry("Di tempat lama.")
    await logged(year, who.appraisal, who.employee, before)
    new = await transferred(year, who)
    await year.pass_to(who.appraisal, datetime(YEAR, 6, 10, 3, tzinfo=UTC))
    first, second = await year.segments_of(who.employee, 2)
    (late, early) = (entry("Terlambat dikirim.", day=f"{YEAR}-05-31"), entry(day=f"{YEAR}-06-01"))
    assert [one["ok"] for one in await logged(year, first, who.employee, late, early)] == [True, False]
    results = await logged(year, second, who.employee, entry(day=f"{YEAR}-05-31"), entry(day=f"{YEAR}-06-01"))
    assert [one["ok"] for one in results] == [False, True]
    assert results[0]["problem"]["errors"][0]["code"] == "before_it_began"
    assert {one["text"] for one in await read(year, first, new)} == {"Di tempat lama.", "Terlambat dikirim."}
    assert len(await read(year, second, new)) == 1
    assert refused(await year.get(f"/appraisals/{second}/log", who.supervisor)) == (403, "not_yours")


async def test_two_devices_that_send_the_same_at_once_make_one_entry(year: World, who: Played) -> None:
    batch = [entry(f"Bersamaan {n}", day=f"{YEAR}-02-{n:02d}") for n in range(1, 11)]
    answers = await asyncio.gather(*(logged(year, who.appraisal, who.employee, *batch) for _ in range(4)))
    assert sorted(results[0]["stored"] for results in answers) == ["new", "same", "same", "same"]
    february = await read(year, who.appraisal, who.employee, **{"from": f"{YEAR}-02-01", "until": f"{YEAR}-02-28"})
    assert len(february) == 10


async def test_a_log_is_written_while_the_engine_is_away(year: World, who: Played) -> None:
    engine, year.rooms.engine = year.rooms.engine, await nowhere()
    results = await logged(year, who.appraisal, who.employee, entry("Mesin sedang mati."))
    year.rooms.engine = engine
    assert results[0]["ok"]


async def test_no_entry_is_an_event_or_reaches_the_engine(year: World, who: Played) -> None:
    before = await year.row(who.appraisal)
    await logged(year, who.appraisal, who.employee, *(entry(str(n), day=DAY) for n in range(50)))
    after = await year.row(who.appraisal)
    assert (before["seq"], before["version"], before["last_hash"]) == (
        after["seq"],
        after["version"],
        after["last_hash"],
    )
