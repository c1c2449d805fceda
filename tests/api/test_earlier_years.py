"""Results of earlier years: imported whole or not at all, corrected without a loss, and counted as if they had been given here."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from openpyxl import Workbook
from sqlalchemy import text

from deploy import wiring
from deploy.settings import Settings
from tests.api.document import held_against_the_document
from tests.api.following import decided, final, history_of, proposed
from tests.api.test_agency_trail import since, trail
from tests.api.test_regional_years import region
from tests.api.test_talents import waited
from tests.world import YEAR, World

PEOPLE = 40
HEAD = "nip;tahun;predikat;nilai;sumber;nomor_dokumen;pejabat_penilai;jenjang;bulan\n"
NOBODY = "199001012015011999"

region_of_ours = region("denpasar-capaian")


@pytest_asyncio.fixture(scope="module")
async def denpasar(region_of_ours: World) -> AsyncIterator[World]:
    with held_against_the_document(region_of_ours):
        yield region_of_ours


async def sent(world: World, written: str, who: str = "hr", key: str = "", **params: str) -> httpx.Response:
    """A file of these rows, under the line of names unless it has one."""
    data = written if written.startswith("nip") else HEAD + written
    headers = world.headers(who, **({"Idempotency-Key": key} if key else {}))
    files = {"file": ("hasil.csv", data.encode())}
    return await world.http.post("/api/v1/people/earlier-years", headers=headers, files=files, params=params)


async def taken(world: World, written: str, who: str = "hr", **params: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await sent(world, written, who, **params)).raise_for_status().json()
    return answer


def row(nip: str, year: int, label: str = "", value: str = "", more: str = ";;;") -> str:
    return f"{nip};{year};{label};{value};e-Kinerja BKN;{more}\n"


def counts(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return answer["rows"], answer["created"], answer["updated"], answer["unchanged"]


async def years_of(world: World, nip: str, reader: str | None = None) -> list[dict[str, Any]]:
    """Her imported years, as `GET /people/{nip}` shows them."""
    found = (await world.get(f"/people/{nip}", reader or nip)).raise_for_status().json()
    years: list[dict[str, Any]] = found["earlier_years"]
    return years


# ── a file ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_years_of_other_systems_stand_beside_her_own_with_where_they_come_from(denpasar: World) -> None:
    nip = await denpasar.next_clerk()
    written = row(nip, 2020, "", "90,99", "SK-1;Rina Wati;Ahli Muda;7") + row(nip, 2024, "Butuh Perbaikan")
    answer = await taken(denpasar, written)
    assert counts(answer) == (2, 2, 0, 0)
    assert [(one["what"], one["year"], one["fields"]["predikat"]) for one in answer["changes"]] == [
        ("year_created", 2020, [None, "baik"]),
        ("year_created", 2024, [None, "butuh_perbaikan"]),
    ]
    latest, first = await years_of(denpasar, nip)
    assert (latest["source"], latest["year"], latest["label"], latest["value"]) == (
        "imported",
        2024,
        "butuh_perbaikan",
        None,
    )
    del first["recorded_at"]
    assert first == {
        "source": "imported",
        "year": 2020,
        "label": "baik",
        "word": "Baik",
        "value": "90.99",
        "scheme": "PP 46/2011",
        "origin": "e-Kinerja BKN",
        "document": "SK-1",
        "rated_by": "Rina Wati",
        "level": "Ahli Muda",
        "months": 7,
        "before": [],
    }


async def test_a_file_with_wrong_rows_is_refused_by_row_and_column_and_keeps_nothing(denpasar: World) -> None:
    nip = await denpasar.next_clerk()
    rows = [
        row(nip, 2019, "Baik"),
        row(NOBODY, 2019, "Baik"),
        row(nip, 2019, "Baik"),
        row(nip, YEAR + 3, "Baik"),
        row(nip, 2020, "Baik", "300"),
        row(nip, 2018, "Hebat"),
    ]
    answer = await sent(denpasar, "".join(rows))
    assert (answer.status_code, answer.json()["code"]) == (422, "earlier_years_rejected")
    told = answer.json()
    assert [(one["row"], one["column"], one["code"]) for one in told["rejected"]] == [
        (3, "nip", "unknown_person"),
        (4, "tahun", "duplicate_year"),
        (5, "tahun", "year_not_over"),
        (6, "nilai", "bad_figure"),
        (7, "predikat", "unknown_label"),
    ]
    assert all(one["message"] for one in told["rejected"])
    assert (counts(told), told["changes"]) == ((6, 0, 0, 0), [])
    assert await years_of(denpasar, nip) == []
    dry = await taken(denpasar, "".join(rows), dry_run="true")
    assert dry == {name: told[name] for name in dry}, "the refusal says what a dry run says"
    assert counts(await taken(denpasar, "".join(rows), partial="true")) == (6, 1, 0, 0)
    assert [one["year"] for one in await years_of(denpasar, nip)] == [2019]


async def test_a_spreadsheet_with_whatever_in_its_cells_is_answered_by_row_and_column(denpasar: World) -> None:
    book, out = Workbook(), io.BytesIO()
    for line in (["nip", "tahun", "predikat", "sumber"], ["satu", "0000", "_x0001_", "="], [1e300, -1, True, 0.1]):
        book.worksheets[0].append(line)
    book.save(out)
    files = {"file": ("hasil.xlsx", out.getvalue())}
    answer = await denpasar.http.post("/api/v1/people/earlier-years", headers=denpasar.headers("hr"), files=files)
    assert answer.status_code == 422
    assert {one["row"] for one in answer.json()["rejected"]} == {2, 3}


async def test_an_unchanged_file_changes_nothing_and_a_dry_run_stores_nothing(denpasar: World) -> None:
    nip, before = await denpasar.next_clerk(), await trail(denpasar)
    written = row(nip, 2020, "", "91") + row(nip, 2023, "Baik")
    assert counts(await taken(denpasar, written, dry_run="true")) == (2, 2, 0, 0)
    assert await years_of(denpasar, nip) == []
    first = await taken(denpasar, written, key="hasil-1")
    assert await taken(denpasar, written, key="hasil-1") == first
    assert (await sent(denpasar, row(nip, 2020, "", "90"), key="hasil-1")).json()["code"] == "key_reused"
    again = await taken(denpasar, written)
    assert (counts(again), again["changes"]) == ((2, 0, 0, 2), [])
    events = await since(denpasar, before)
    assert [event["action"] for event in events] == ["earlier_years_imported"], "one import, one event"
    data: Any = events[0]["data"]
    assert (data["rows"], data["created"], len(data["sha256"])) == (2, 2, 64)


async def test_a_corrected_row_keeps_what_it_was_before_and_is_an_event_about_her(denpasar: World) -> None:
    nip = await denpasar.next_clerk()
    await taken(denpasar, row(nip, 2020, "", "75", "SK-1;;;"))
    before = await trail(denpasar)
    answer = await taken(denpasar, row(nip, 2020, "", "76", "SK-1;;;"))
    assert counts(answer) == (1, 0, 1, 0)
    assert answer["changes"][0]["fields"] == {"predikat": ["butuh_perbaikan", "baik"], "nilai": ["75", "76"]}
    [year] = await years_of(denpasar, nip)
    assert (year["label"], [(one["label"], one["value"], one["word"]) for one in year["before"]]) == (
        "baik",
        [("butuh_perbaikan", "75", "Cukup")],
    )
    events = await since(denpasar, before)
    assert [event["action"] for event in events] == ["earlier_years_imported", "earlier_year_corrected"]
    corrected: Any = events[1]["data"]
    assert set(corrected) == {"person", "year", "number"}, "neither label nor value"
    assert (corrected["year"], corrected["number"]) == (2020, 2)


async def test_nothing_that_was_imported_is_changed_behind_the_trail(denpasar: World) -> None:
    await taken(denpasar, row(await denpasar.next_clerk(), 2020, "Baik"))
    for statement in ("UPDATE earlier_year SET label = 'sangat_baik'", "DELETE FROM earlier_year"):
        with pytest.raises(Exception, match="append-only"):
            async with denpasar.database.transaction() as connection:
                await connection.execute(text(statement))


async def test_hr_and_pyb_import_nobody_a_result_of_her_own_and_nobody_else_anything(denpasar: World) -> None:
    written = row(denpasar.people["hr"], 2023, "Sangat Baik")
    told = (await sent(denpasar, written)).json()
    assert [(one["row"], one["column"], one["code"]) for one in told["rejected"]] == [(2, "nip", "own_result")]
    assert counts(await taken(denpasar, written, "pyb")) == (1, 1, 0, 0)
    assert counts(await taken(denpasar, written)) == (1, 0, 0, 1), "what is recorded already decides nothing"
    for who in (await denpasar.next_clerk(), "auditor", "board"):
        assert (await sent(denpasar, written, who)).json()["code"] == "not_yours"


async def test_the_command_line_imports_as_the_call_does(denpasar: World, tmp_path: Path) -> None:
    nip = await denpasar.next_clerk()
    settings = Settings(home=tmp_path, database_url=denpasar.database.engine.url.render_as_string(False))
    file = tmp_path / "hasil.csv"
    file.write_text(HEAD + row(nip, 2020, "", "51"))
    for dry_run, found in ((True, []), (False, ["kurang"])):
        answer: Any = await wiring.import_earlier_years(settings, file, dry_run=dry_run)
        assert counts(answer) == (1, 1, 0, 0)
        assert [one["label"] for one in await years_of(denpasar, nip)] == found


# ── who reads it ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_she_and_whoever_may_read_her_results_read_them_and_no_mail_does(denpasar: World) -> None:
    async with denpasar.database.transaction() as connection:
        mails = (await connection.execute(text("SELECT count(*) FROM notice"))).scalar_one()
    nip, stranger = await denpasar.next_clerk(), await denpasar.next_clerk()
    await taken(denpasar, row(nip, 2019, "", "80") + row(nip, 2020, "", "92,5") + row(nip, 2023, "Baik"))
    about = (await denpasar.get(f"/people/{nip}", "hr")).json()
    supervisor, senior = about["supervisor"]["nip"], about["senior_supervisor"]["nip"]
    for reader in (nip, supervisor, senior, "hr", "auditor"):
        told = await history_of(denpasar, nip, reader)
        assert [(one["source"], one["year"]) for one in told["years"]] == [
            ("imported", 2023),
            ("imported", 2020),
            ("imported", 2019),
        ]
        [change] = told["changes"]
        assert (change["from_year"], change["to_year"], change["id"], change["change"]) == (2019, 2020, "value", "12.5")
        if reader != "auditor":
            assert len(await years_of(denpasar, nip, reader)) == 3
    assert (await denpasar.get(f"/people/{nip}/history", stranger)).json()["code"] == "not_yours"
    top = await leader_above(denpasar, senior)
    assert await years_of(denpasar, nip, top) == [], "who sees her, but not her results"
    async with denpasar.database.transaction() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM notice"))).scalar_one() == mails


async def leader_above(world: World, nip: str) -> str:
    return str((await world.get(f"/people/{nip}", "hr")).json()["supervisor"]["nip"])


async def test_her_own_page_shows_them(denpasar: World) -> None:
    nip = await denpasar.next_clerk()
    await taken(denpasar, row(nip, 2018, "Cukup", "70,25"))
    page = (await denpasar.http.get("/", headers=denpasar.headers(nip))).text
    assert "2018: Cukup (70,25)" in page
    assert "diimpor dari e-Kinerja BKN" in page


# ── what they count for ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_result_here_goes_on_from_the_imported_years_and_says_so(denpasar: World) -> None:
    who, new = await final(denpasar, waited(15)), await final(denpasar, waited(15))
    assert set(await proposed(denpasar, who)) == {"award"}
    await taken(denpasar, row(who.employee, YEAR - 1, "Sangat Baik"))
    found = await proposed(denpasar, who)
    assert {"promotion", "talent_pool"} <= set(found)
    [reason] = found["promotion"]["reasons"]
    assert reason["imported_years"] == [YEAR - 1]
    assert reason["why"].endswith(f"Termasuk hasil yang diimpor: {YEAR - 1}.")
    assert found["award"]["reasons"][0]["imported_years"] == [], "one year of here is enough for it"
    cycle = (await denpasar.row(who.appraisal))["cycle_id"]
    [talent] = (await denpasar.get(f"/cycles/{cycle}/talents", "hr")).raise_for_status().json()["items"]
    assert (talent["appraisal_id"], talent["box"]) == (who.appraisal, 7)
    assert talent["years"] == [
        {"year": YEAR, "label": "sangat_baik", "source": "siklus"},
        {"year": YEAR - 1, "label": "sangat_baik", "source": "imported"},
    ]
    told = await history_of(denpasar, who.employee)
    assert [(one["source"], one["label"]) for one in told["years"]] == [
        ("siklus", "sangat_baik"),
        ("imported", "sangat_baik"),
    ]
    assert "promotion" not in await proposed(denpasar, new)
    assert (await decided(denpasar, who, "promotion", "approve", by="pyb")).status_code == 200
    await taken(denpasar, row(who.employee, YEAR - 1, "Kurang"))
    after = (await proposed(denpasar, who))["promotion"]
    assert (after["proposed"], after["reasons"][0]["imported_years"]) == (False, [YEAR - 1]), (
        "it keeps why it was decided"
    )


async def test_a_year_that_is_appraised_here_is_not_imported_and_what_was_imported_of_it_counts_no_more(
    denpasar: World,
) -> None:
    who = await final(denpasar, waited(22))
    now, denpasar.now = denpasar.now, denpasar.now.replace(year=YEAR + 1)
    told = (await sent(denpasar, row(who.employee, YEAR, "Sangat Baik"))).json()
    assert [(one["row"], one["column"], one["code"]) for one in told["rejected"]] == [(2, "tahun", "year_is_here")]
    denpasar.now = now
    await taken(denpasar, row(who.employee, YEAR - 1, "Baik"))
    assert len((await history_of(denpasar, who.employee))["years"]) == 2
    async with denpasar.database.transaction() as connection:  # as if the year before had been appraised here after all
        await connection.execute(text("UPDATE appraisal SET year = year - 1 WHERE id = :id"), {"id": who.appraisal})
    [here] = (await history_of(denpasar, who.employee))["years"]
    assert (here["source"], await years_of(denpasar, who.employee)) == ("siklus", [])
