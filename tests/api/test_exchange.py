"""Results leave the house: to the national system by themselves, and as a file for whoever may take one away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from obstore import get_async
from openpyxl import load_workbook
from sqlalchemy import text

from activities.push import Pusher
from tests.api.following import final, rated
from tests.endings import Played
from tests.outside import Outside, outside, says
from tests.world import World

PEOPLE = 40

AGAIN = {"to": "rating.drafting", "reason": "Data keliru.", "authority": "SK Bupati 12"}
WHY = "Sesuai bukti dukung."
BETTER = {"result_rating": "above", "result_reason": WHY, "behaviour_rating": "above", "behaviour_reason": WHY}


@pytest_asyncio.fixture
async def national(year: World) -> AsyncIterator[Outside]:
    """The national system, which knows nobody yet; nothing of earlier tests waits to be sent."""
    async with year.database.transaction() as connection:
        await connection.execute(text("UPDATE push SET state = 'sent'"))
    async with outside() as made:
        yield made


async def send(world: World, national: Outside) -> list[str]:
    pusher = Pusher(world.database, world.rooms.facts, national.endpoint(), clock=lambda: world.now)
    return await pusher.drain()


async def finished(world: World) -> Played:
    """Somebody's year by the default pack, final and archived."""
    root, cycle = await world.root_unit(), await cycle_of(world)
    if root not in (await world.get(f"/cycles/{cycle}", "hr")).json()["unit_labels"]:
        (await world.label(cycle, root, "baik")).raise_for_status()
    return await final(world, {})


async def cycle_of(world: World) -> str:
    async with world.database.transaction() as connection:
        return str((await connection.execute(text("SELECT id FROM cycle WHERE state <> 'draft'"))).scalar_one())


async def listed(world: World, who: Played | None = None) -> dict[str, tuple[str, list[str]]]:
    """What the work list says of the exchange: message and actions by code, of her or of no single year."""
    items = (await world.get(f"/cycles/{await cycle_of(world)}/worklist", "hr", limit=200)).json()["items"]
    of = None if who is None else who.appraisal
    found = [one for one in items if one["code"].startswith("result") and one["appraisal_id"] == of]
    return {one["code"]: (one["message"], one["actions"]) for one in found}


# ── to the national system ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("K11")
async def test_each_final_result_reaches_the_national_system_and_another_one_once_the_year_is_final_again(
    year: World, national: Outside
) -> None:
    who = await finished(year)
    assert await send(year, national) == ["sent"]
    [first] = national.asked
    assert (first.record["pnsDinilaiNip"], first.record["penilaiNipNrp"]) == (who.employee, who.supervisor)
    assert (first.record["tahun"], first.record["siklus"]["revisi"]) == (2027, 1)
    shown: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert first.record["siklus"]["predikat"] == shown["label"]
    archived = await manifest(year, who)
    assert first.record["siklus"]["dokumenSha256"] == archived["evaluation.pdf"]
    await year.done(who.appraisal, "reopen", "hr", AGAIN)
    assert await send(year, national) == [], "what is open is nobody's result"
    await rated(year, who, BETTER)
    assert await send(year, national) == ["sent"]
    second = national.asked[-1].record
    assert (second["hasilKinerjaNilai"], second["kuadranKinerjaNilai"], second["siklus"]["revisi"]) == (1, 1, 2)
    assert second["siklus"]["menggantikan"] == [first.key]
    assert await send(year, national) == []


async def manifest(world: World, who: Played) -> dict[str, str]:
    sql = text("SELECT manifest FROM archive WHERE appraisal_id = :id ORDER BY revision DESC LIMIT 1")
    async with world.database.transaction() as connection:
        files = (await connection.execute(sql, {"id": who.appraisal})).scalar_one()["files"]
    return {one["name"]: one["sha256"] for one in files}


@pytest.mark.capability("K11")
async def test_what_it_refuses_is_on_hr_s_list_with_the_reason_and_is_sent_again_once_that_is_mended(
    year: World, national: Outside
) -> None:
    who = await finished(year)
    national.script = [says(422, "NIP tidak dikenal")]
    assert await send(year, national) == ["refused"]
    message, actions = (await listed(year, who))["result_refused"]
    assert "HTTP 422 NIP tidak dikenal" in message
    assert actions == ["resend"]
    path = f"/cycles/{await cycle_of(year)}/exchange/resend"
    for nip in ("auditor", "pyb", "board", who.employee, who.supervisor):
        assert (await year.post(path, nip)).json()["code"] == "not_yours"
    async with year.database.transaction() as connection:
        await connection.execute(text("UPDATE person SET name = 'Nama Betul' WHERE nip = :nip"), {"nip": who.employee})
    answer = await year.post(path, "hr", idempotency_key=f"resend-{who.employee}")
    assert (answer.status_code, answer.json()) == (200, {"resent": 1})
    assert (await year.post(path, "hr", idempotency_key=f"resend-{who.employee}")).json() == {"resent": 1}
    assert await listed(year, who) == {}
    assert await send(year, national) == ["sent"]
    first, second = national.asked
    assert second.record["pnsDinilaiNama"] == "Nama Betul"
    assert first.key != second.key, "the key of another wording is another"
    assert (await year.post(path, "hr")).json() == {"resent": 0}
    told = [one for one in await trail(year) if one["action"] == "results_resent"]
    assert told[-1]["data"] == {"resent": 1}


async def trail(world: World) -> list[dict[str, Any]]:
    sql = text("SELECT action, data, role FROM cycle_event WHERE cycle_id = :cycle ORDER BY seq")
    async with world.database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(sql, {"cycle": await cycle_of(world)})).mappings()]


async def test_what_does_not_get_through_for_an_hour_is_said_once(year: World, national: Outside) -> None:
    await finished(year)
    national.always = says(401, "token expired")
    assert await send(year, national) == ["pending"]
    assert await listed(year) == {}
    year.now += timedelta(hours=2)
    message, actions = (await listed(year))["results_waiting"]
    assert "1; HTTP 401 token expired" in message
    assert actions == []


async def test_a_result_that_was_sent_of_a_year_that_ends_without_one_is_for_hr_to_take_back(
    year: World, national: Outside
) -> None:
    who = await finished(year)
    assert await send(year, national) == ["sent"]
    await year.done(who.appraisal, "reopen", "hr", AGAIN)
    assert await listed(year, who) == {}
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    await year.leaves(who.appraisal, "finalisation.running")
    assert await send(year, national) == []
    assert set(await listed(year, who)) == {"result_left_behind"}


# ── as a file ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def exported(world: World, who: str = "hr", **asked: str) -> list[dict[str, str]]:
    asked.setdefault("format", "csv")
    answer = await world.get(f"/cycles/{await cycle_of(world)}/export", who, **asked)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.capability("K11")
async def test_hr_takes_final_results_away_with_the_figures_of_the_archived_record(year: World) -> None:
    who, other = await finished(year), await Played.of(year, await year.next_clerk())
    rows = {row["nip"]: row for row in await exported(year)}
    assert other.employee not in rows, "her year is not final"
    row, record = rows[who.employee], await archived(year, who)
    person = record["people"][record["subject"]]
    [outcome] = [one for one in record["outcomes"] if one["id"] == record["snapshot"]["outcome_id"]]
    lines = {line["what"]: line["value"] for line in outcome["outcome"]["lines"]}
    assert (row["nama"], row["jabatan"], row["jenjang"]) == (person["name"], person["post"], person["level"])
    assert (row["nama_unit"], row["tahun"], row["revisi"]) == (record["unit"], "2027", str(record["revision"]))
    assert (row["predikat"], row["akhir"]) == (outcome["label"], record["ending"])
    assert (row["hasil_kerja"], row["perilaku_kerja"]) == (lines["result_rating"], lines["behaviour_rating"])
    assert (row["nilai"], row["kesesuaian_kompetensi"]) == ("", "")
    assert len(row["manifest_sha256"]) == 64


async def archived(world: World, who: Played) -> dict[str, Any]:
    """The record as it lies in the archive."""
    sql = text("SELECT folder FROM archive WHERE appraisal_id = :id ORDER BY revision DESC LIMIT 1")
    async with world.database.transaction() as connection:
        place = (await connection.execute(sql, {"id": who.appraisal})).scalar_one()
    store = world.rooms.archive
    assert store is not None
    found: dict[str, Any] = json.loads(bytes(await (await get_async(store, f"{place}/record.json")).bytes_async()))
    return found


async def test_a_sheet_says_the_same_and_each_has_its_name(year: World) -> None:
    await finished(year)
    cycle = await cycle_of(year)
    answer = await year.get(f"/cycles/{cycle}/export.xlsx", "hr")
    assert answer.headers["content-disposition"] == 'attachment; filename="hasil-2027.xlsx"'
    assert answer.headers["cache-control"] == "private, no-store"
    rows = list(load_workbook(io.BytesIO(answer.content))["hasil"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [row["nip"] for row in await exported(year)]
    assert (await year.get(f"/cycles/{cycle}/export.csv", "hr")).content == (
        await year.get(f"/cycles/{cycle}/export", "hr", format="csv")
    ).content


async def test_of_a_unit_there_are_its_people_and_those_below_it(year: World) -> None:
    who = await finished(year)
    hers = await exported(year, unit=await year.unit_of(who.employee))
    assert who.employee in {row["nip"] for row in hers}
    everybody = await exported(year)
    assert await exported(year, unit=await year.root_unit()) == everybody
    assert len(hers) < len(everybody) or len({row["unit"] for row in everybody}) == 1
    unknown = await year.get(f"/cycles/{await cycle_of(year)}/export", "hr", format="csv", unit="TIADA")
    assert unknown.json()["code"] == "not_found"


async def test_only_hr_pyb_and_auditor_take_results_away_and_the_trail_tells_as_what(year: World) -> None:
    who, cycle = await finished(year), await cycle_of(year)
    before = len(await trail(year))
    for nip in ("board", who.employee, who.supervisor, who.senior):
        assert (await year.get(f"/cycles/{cycle}/export", nip, format="csv")).json()["code"] == "not_yours"
    assert len(await trail(year)) == before
    for nip in ("hr", "auditor", "pyb"):
        rows = await exported(year, nip)
    told = (await trail(year))[before:]
    assert [one["role"] for one in told] == ["hr", "auditor", "appointing_authority"]
    assert {one["action"] for one in told} == {"results_exported"}
    assert told[0]["data"] == {"format": "csv", "unit": None, "rows": len(rows)}


async def test_a_name_that_is_a_formula_is_told_as_text(year: World) -> None:
    who = await finished(year)
    async with year.database.transaction() as connection:
        name = {"name": '=HYPERLINK("http://jahat")', "nip": who.employee}
        await connection.execute(text("UPDATE person SET name = :name WHERE nip = :nip"), name)
    [row] = [row for row in await exported(year) if row["nip"] == who.employee]
    assert row["nama"] == '\'=HYPERLINK("http://jahat")'


@pytest.mark.parametrize("asked", [{}, {"format": "pdf"}, {"format": ""}])
async def test_another_kind_of_file_is_refused(year: World, asked: dict[str, str]) -> None:
    refused = await year.get(f"/cycles/{await cycle_of(year)}/export", "hr", **asked)
    assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, ["/format"])
