"""The roster's import, by the call and by what the line says afterwards."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from activities.people import REVISION
from api.rosters import import_roster
from deploy.demo import generate, write_csv
from models.database import Database
from tests.world import YEAR, World, fresh_database

NOW = datetime(2027, 3, 10, 3, tzinfo=UTC)
Row = dict[str, str]


def people(*lines: str) -> bytes:
    """Rows of nip, name, superior and more as `column=value`, written as a roster file."""
    rows: list[Row] = []
    for line in lines:
        nip, name, superior, *more = line.split("|")
        row = {"nip": nip, "nama": name, "jabatan": "Analis", "jenjang": "Ahli Muda", "jenis_pegawai": "PNS"}
        row |= {"unit": "DINAS", "nama_unit": "Dinas", "nip_atasan": superior}
        rows.append(row | dict(pair.split("=") for pair in more))
    return csv_of(rows)


def csv_of(rows: Iterable[Row]) -> bytes:
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


HEAD, DEPUTY, STAFF = "197001011995011001", "197501011999011002", "198501012010011003"
AGENCY = (f"{HEAD}|Kepala|LUAR|peran=kepala_unit pyb", f"{DEPUTY}|Wakil|{HEAD}", f"{STAFF}|Staf|{HEAD}")


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    made = Database(await fresh_database(postgres_url))
    yield made
    await made.close()


async def taken(
    database: Database, data: bytes, now: datetime = NOW, *, dry_run: bool = False, partial: bool = False
) -> dict[str, object]:
    return await import_roster(database, "pegawai.csv", data, now=now, dry_run=dry_run, partial=partial)


async def line_of(database: Database, nip: str) -> list[tuple[object, ...]]:
    sql = """SELECT t.valid_from, t.valid_until, s.nip FROM tenure t JOIN person p ON p.id = t.person_id
             LEFT JOIN person s ON s.id = t.supervisor_id WHERE p.nip = :nip ORDER BY t.valid_from"""
    async with database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(text(sql), {"nip": nip})]


async def revision(database: Database) -> int:
    async with database.transaction() as connection:
        return int((await connection.execute(REVISION)).scalar_one())


async def test_an_unchanged_file_changes_nothing(database: Database) -> None:
    data = write_csv(generate(60, year=YEAR))
    first = await taken(database, data)
    assert (first["created"], first["rejected"]) == (60, [])
    before = await revision(database)
    again = await taken(database, data, NOW + timedelta(days=40))
    assert (again["created"], again["updated"], again["unchanged"], again["changes"]) == (0, 0, 60, [])
    assert await revision(database) == before


async def test_a_dry_run_tells_what_would_be_and_leaves_nothing(database: Database) -> None:
    assert (await taken(database, people(*AGENCY), dry_run=True))["created"] == 3
    assert await line_of(database, STAFF) == []
    assert await revision(database) == 0


async def test_a_first_import_answers_for_the_whole_year(database: Database) -> None:
    await taken(database, people(*AGENCY, f"198601012011011004|Baru|{HEAD}|tmt=2027-03-01"))
    assert await line_of(database, "198601012011011004") == [(date(2027, 1, 1), None, HEAD)]


async def test_a_new_superior_begins_today_and_the_old_one_ended_yesterday(database: Database) -> None:
    await taken(database, people(*AGENCY))
    moved = await taken(database, people(f"{STAFF}|Staf|{DEPUTY}"))
    assert (moved["updated"], moved["unchanged"]) == (1, 0)
    today = date(2027, 3, 10)
    line = await line_of(database, STAFF)
    assert line == [(date(2027, 1, 1), today - timedelta(days=1), HEAD), (today, None, DEPUTY)]


async def test_a_new_post_brings_its_superior_on_its_first_day(database: Database) -> None:
    await taken(database, people(*AGENCY))
    data = people(f"{STAFF}|Staf|{DEPUTY}|tmt=2027-04-01")
    await taken(database, data)
    first = date(2027, 4, 1)
    assert (await line_of(database, STAFF))[-1] == (first, None, DEPUTY)
    assert (await taken(database, data, NOW + timedelta(days=5)))["changes"] == []


async def test_people_and_columns_that_are_not_in_a_file_stay_as_they_are(database: Database) -> None:
    await taken(database, people(*AGENCY))
    rows = [{"nip": HEAD, "nama": "Kepala Baru", "jabatan": "Kepala", "jenjang": "JPT Pratama", "jenis_pegawai": "PNS"}]
    answer = await taken(database, csv_of([row | {"unit": "DINAS", "nama_unit": "Dinas"} for row in rows]))
    assert {str(change["what"]) for change in answer["changes"]} == {"person_updated", "title_changed"}  # type: ignore[attr-defined]
    async with database.transaction() as connection:
        grants = (await connection.execute(text("SELECT role FROM role_grant ORDER BY role"))).scalars().all()
        active = (await connection.execute(text("SELECT count(*) FROM person WHERE active"))).scalar_one()
    assert (grants, active) == (["kepala_unit", "pyb"], 3)


async def test_an_acting_appointment_ends_when_the_file_no_longer_has_it(database: Database) -> None:
    acting = (f"plt_untuk={HEAD}", "plt_mulai=2027-02-01")
    await taken(database, people(*AGENCY[:1], "|".join((AGENCY[1], *acting)), AGENCY[2]))
    await taken(database, people(*AGENCY[:1], f"{AGENCY[1]}|plt_untuk=", AGENCY[2]))
    async with database.transaction() as connection:
        spans = (await connection.execute(text("SELECT valid_from, valid_until FROM acting"))).all()
    assert [tuple(span) for span in spans] == [(date(2027, 2, 1), date(2027, 3, 9))]


async def test_an_appointment_renewed_ahead_leaves_the_one_that_runs_until_the_eve(database: Database) -> None:
    def acting(first: str, last: str = "") -> bytes:
        said = (f"plt_untuk={HEAD}", f"plt_mulai={first}", f"plt_selesai={last}")
        return people(*AGENCY[:1], "|".join((AGENCY[1], *said)), AGENCY[2])

    renewals = [("2027-02-01", "2027-05-31"), ("2027-06-01", "2027-08-31"), ("2027-08-01", "")]
    for first, last in renewals:
        await taken(database, acting(first, last))
    async with database.transaction() as connection:
        spans = (await connection.execute(text("SELECT valid_from, valid_until FROM acting ORDER BY valid_from"))).all()
    assert [tuple(span) for span in spans] == [
        (date(2027, 2, 1), date(2027, 5, 31)),
        (date(2027, 8, 1), None),
    ], "what had not begun is replaced"


async def test_somebody_may_be_plt_and_plh_and_a_file_without_a_column_leaves_what_is_recorded(
    database: Database,
) -> None:
    async def recorded() -> list[tuple[object, ...]]:
        sql = "SELECT a.kind, h.nip, a.valid_from, a.valid_until FROM acting a JOIN person h ON h.id = a.acting_for ORDER BY 1, 3"
        async with database.transaction() as connection:
            return [tuple(row) for row in await connection.execute(text(sql))]

    plt, plh = (f"plt_untuk={HEAD}", "plt_mulai=2027-02-01"), (f"plh_untuk={STAFF}", "plh_mulai=2027-03-01")
    both = people(*AGENCY[:1], "|".join((AGENCY[1], *plt, *plh)), AGENCY[2])
    await taken(database, both)
    there = [("plh", STAFF, date(2027, 3, 1), None), ("plt", HEAD, date(2027, 2, 1), None)]
    assert await recorded() == there
    assert (await taken(database, both))["changes"] == []
    for without in (people("|".join((AGENCY[1], *plt))), people("|".join((AGENCY[1], *plh))), people(AGENCY[1])):
        assert (await taken(database, without))["changes"] == []
        assert await recorded() == there

    [told] = (await taken(database, people(f"{AGENCY[1]}|plh_untuk=")))["changes"]  # type: ignore[misc]
    assert (told["what"], told["fields"]) == ("acting_changed", {"plh_untuk": None})
    assert await recorded() == [("plh", STAFF, date(2027, 3, 1), date(2027, 3, 9)), there[1]]


async def test_an_appointment_of_the_wrong_kind_is_put_right_by_a_file(database: Database) -> None:
    await taken(database, people(*AGENCY[:2], f"{AGENCY[2]}|plh_untuk={DEPUTY}|plh_mulai=2027-03-01"))
    right = f"{AGENCY[2]}|plh_untuk=|plt_untuk={DEPUTY}|plt_mulai=2027-03-01"
    await taken(database, people(right))
    async with database.transaction() as connection:
        found = (await connection.execute(text("SELECT kind, valid_from, valid_until FROM acting"))).all()
    assert [tuple(one) for one in found] == [("plt", date(2027, 3, 1), None)]


async def test_a_file_may_not_close_a_loop_with_units_that_are_only_recorded(database: Database) -> None:
    def unit(nip: str, code: str, parent: str) -> str:
        return f"{nip}|Orang|{HEAD if nip != HEAD else 'LUAR'}|unit={code}|nama_unit={code}|unit_induk={parent}"

    await taken(database, people(unit(HEAD, "A", ""), unit(DEPUTY, "B", "A")))
    answer = await taken(database, people(unit(HEAD, "A", "B")))
    assert [found["code"] for found in answer["rejected"]] == ["loop_in_units"]  # type: ignore[attr-defined]


async def test_with_partial_the_sound_part_is_taken_without_what_leans_on_the_rest(database: Database) -> None:
    data = people(*AGENCY, f"19991399|Salah|{HEAD}", f"198601012011011004|Bawahan|{STAFF}")
    refused = await taken(database, data)
    assert (refused["created"], len(refused["rejected"])) == (0, 1)  # type: ignore[arg-type]
    answer = await taken(database, data, partial=True)
    assert (answer["created"], answer["rows"]) == (4, 5)


async def test_with_partial_what_leans_on_a_row_that_closes_a_loop_on_a_later_day_is_left_out_too(
    database: Database,
) -> None:
    """He is to come under her in April; the row that puts her under him again is the only one of its unit."""
    await taken(database, people(*AGENCY))
    await taken(database, people(f"{DEPUTY}|Wakil|{STAFF}|tmt=2027-04-01"))
    new, other = "198601012011011004", "198701012012011005"
    data = people(
        f"{STAFF}|Staf|{DEPUTY}|unit=BARU|nama_unit=Baru",
        f"{new}|Bawah|{HEAD}|unit=BAWAH|nama_unit=Bawah|unit_induk=BARU",
        f"{other}|Lain|{HEAD}",
    )
    answer = await taken(database, data, partial=True)
    rejected = [(one["row"], one["code"]) for one in answer["rejected"]]  # type: ignore[attr-defined]
    assert rejected == [(2, "loop_in_line"), (3, "unknown_unit_parent")]
    assert answer["created"] == 1


async def test_the_first_import_of_an_empty_agency_meets_nobody(database: Database) -> None:
    first = await import_roster(
        database, "pegawai.csv", people(*AGENCY), dry_run=False, partial=False, now=NOW, importer=HEAD
    )
    assert ([one["code"] for one in first["rejected"]], first["created"]) == ([], 3)  # type: ignore[attr-defined]


# ── the call ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def send(world: World, who: str, data: bytes, *, key: str = "", **params: str) -> httpx.Response:
    headers = world.headers(who, **({"Idempotency-Key": key} if key else {}))
    files = {"file": ("pegawai.csv", data, "text/csv")}
    return await world.http.post("/api/v1/roster/imports", headers=headers, files=files, params=params)


async def test_only_hr_imports(world: World) -> None:
    assert (await send(world, "employee", people(*AGENCY))).json()["code"] == "not_yours"


async def test_a_refused_file_names_row_column_and_code_and_changes_nothing(world: World) -> None:
    answer = await send(world, "hr", people(f"{STAFF}|Staf|{DEPUTY}"))
    assert (answer.status_code, answer.json()["code"]) == (422, "roster_rejected")
    found = answer.json()["rejected"][0]
    assert (found["row"], found["column"], found["code"]) == (2, "nip_atasan", "unknown_supervisor")
    assert answer.json()["created"] == 0
    assert (await world.get(f"/people/{STAFF}", "hr")).status_code == 404


async def test_the_same_key_imports_once(world: World) -> None:
    """In the new year, when her colleague of HR has come: of the only HR officer a PyB is the officer, and she names none."""
    world.now = datetime(YEAR, 1, 4, 3, tzinfo=UTC)
    data = people(*AGENCY)
    first = await send(world, "hr", data, key="impor-1")
    assert (first.status_code, first.json()["created"]) == (200, 3)
    assert (await send(world, "hr", data, key="impor-1")).json() == first.json()
    assert (await send(world, "hr", people(*AGENCY[:2]), key="impor-1")).json()["code"] == "key_reused"
    assert (await send(world, "hr", data)).json()["unchanged"] == 3


async def test_a_dry_run_that_is_misspelt_or_said_in_the_form_imports_nothing(world: World) -> None:
    data = people("197109091996091009|Baru|LUAR")
    files = {"file": ("pegawai.csv", data, "text/csv")}
    before = await revision(world.database)
    misspelt = await send(world, "hr", data, dryrun="true")
    said_in_the_form = await world.http.post(
        "/api/v1/roster/imports", headers=world.headers("hr"), files=files, data={"dry_run": "true"}
    )
    for answer, place, code in (
        (misspelt, "/dryrun", "unknown_parameter"),
        (said_in_the_form, "/dry_run", "extra_forbidden"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(place, code)]
    assert "dry_run" in misspelt.json()["errors"][0]["message"]
    assert await revision(world.database) == before
    assert (await send(world, "hr", data, dry_run="true")).json()["created"] == 1


# ── a unit that is hung elsewhere ───────────────────────────────────────────────────────────────────────────────────


async def a_unit_with_an_earlier_plan(world: World) -> str:
    """A unit of nobody's year whose plans were due on 18 January, on 25 January; its code."""
    appraisal = await world.row(await world.appraisal_of("employee"))
    cycle = appraisal["cycle_id"]
    world.now = datetime(YEAR, 1, 5, 3, tzinfo=UTC)
    [one] = [row for row in generate(40, seed=1, year=YEAR) if row["nip"] == world.people["employee"]]
    new = dict(one) | {"nip": "198501012010019001", "unit": "AWAL", "nama_unit": "Awal", "unit_induk": "PEMKAB"}
    (await send(world, "hr", csv_of([new | {"plt_untuk": "", "plt_mulai": "", "plt_selesai": ""}]))).raise_for_status()
    shown = await world.get(f"/cycles/{cycle}", "hr")
    moved = await world.http.put(
        f"/api/v1/cycles/{cycle}/calendar",
        headers=world.headers("hr", **{"If-Match": shown.headers["ETag"]}),
        json={"unit": "AWAL", "windows": {"plan": {"due_at": f"{YEAR}-01-18"}}, "reason": "Lebih awal."},
    )
    assert moved.status_code == 200, moved.text
    world.now = datetime(YEAR, 1, 25, 3, tzinfo=UTC)
    return "AWAL"


async def test_rows_that_hang_a_unit_against_the_rules_for_deadlines_are_refused_and_the_rest_taken(
    year: World,
) -> None:
    above, unit = await a_unit_with_an_earlier_plan(year), await year.unit_of("employee")
    mates = [row for row in generate(40, seed=1, year=YEAR) if row["unit"] == unit]
    other = next(row for row in generate(40, seed=1, year=YEAR) if row["unit"] not in (unit, "PEMKAB"))
    rows = [dict(row) | {"unit_induk": above if n == 0 else "", "pangkat": "Baru"} for n, row in enumerate(mates)]
    file = csv_of([*rows, dict(other) | {"pangkat": "Baru"}])
    before = await revision(year.database)
    refused = await send(year, "hr", file)
    assert (refused.status_code, refused.json()["code"]) == (422, "roster_rejected")
    assert [(one["row"], one["column"], one["code"]) for one in refused.json()["rejected"]] == [
        (2, "unit_induk", "notice_too_short")
    ], "the other rows of the unit leave open where it hangs"
    assert await revision(year.database) == before
    dry = await send(year, "hr", file, dry_run="true")
    assert [one["code"] for one in dry.json()["rejected"]] == ["notice_too_short"]
    part = (await send(year, "hr", file, partial="true")).json()
    assert (len(part["rejected"]), part["updated"]) == (1, len(mates))
    assert [one for one in part["changes"] if one["what"] == "unit_updated"] == []


async def test_a_refused_hanging_says_what_to_do_in_either_language(year: World) -> None:
    above = await a_unit_with_an_earlier_plan(year)
    [one] = [row for row in generate(40, seed=1, year=YEAR) if row["nip"] == year.people["employee"]]
    said = {}
    for language in ("id", "en"):
        answer = await year.http.post(
            "/api/v1/roster/imports",
            headers=year.headers("hr", **{"Accept-Language": language}),
            files={"file": ("pegawai.csv", csv_of([dict(one) | {"unit_induk": above}]), "text/csv")},
        )
        said[language] = answer.json()["rejected"][0]["message"]
    assert "(plan). Beri unit ini jadwal sendiri" in said["id"]
    assert "(plan). Give this unit windows of its own" in said["en"]


async def titles_of(database: Database, nip: str) -> list[tuple[object, ...]]:
    """From which day on somebody is called otherwise where she stays, and on which level she was before."""
    sql = """SELECT c.effective, c.before ->> 'level' FROM personnel_change c JOIN person p ON p.id = c.person_id
              WHERE c.kind = 'title' AND c.standing IS DISTINCT FROM 'taken_back' AND p.nip = :nip ORDER BY c.effective"""
    async with database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(text(sql), {"nip": nip})]


async def test_a_promotion_in_the_unit_is_previewed_and_kept_with_its_day_and_another_file_moves_or_unsays_it(
    database: Database,
) -> None:
    await taken(database, people(*AGENCY[:2], f"{STAFF}|Staf|{HEAD}|tmt=2019-04-01"))

    def said(level: str, tmt: str) -> bytes:
        return people(f"{STAFF}|Staf|{HEAD}|tmt={tmt}|jenjang={level}")

    first = said("Ahli Madya", "2027-03-01")
    preview = await taken(database, first, dry_run=True)
    [shown] = [one for one in preview["changes"] if one["what"] == "title_changed"]  # type: ignore[attr-defined]
    assert shown["fields"] == {"jenjang": ["Ahli Muda", "Ahli Madya"], "tmt": "2027-03-01"}
    assert await titles_of(database, STAFF) == []
    assert (await taken(database, first))["changes"] == preview["changes"]
    assert await titles_of(database, STAFF) == [(date(2027, 3, 1), "Ahli Muda")]
    assert (await taken(database, first))["changes"] == []
    for day in ("2027-03-05", "2027-02-20", "2027-04-01"):
        await taken(database, said("Ahli Madya", day))
        assert await titles_of(database, STAFF) == [(date.fromisoformat(day), "Ahli Muda")]
    await taken(database, said("Ahli Utama", "2027-04-01"))
    assert await titles_of(database, STAFF) == [(date(2027, 4, 1), "Ahli Muda")]
    await taken(database, said("Ahli Muda", "2027-04-01"))
    assert await titles_of(database, STAFF) == []
