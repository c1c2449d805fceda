"""Who imports a roster file says nothing in it about herself: no role, no post, no line, and not who stands above her."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from api.rosters import import_roster
from deploy.demo import generate
from tests.api.test_rosters import NOW, Row, csv_of, line_of, send
from tests.world import YEAR, World

# ── nobody grants roles to herself ──────────────────────────────────────────────────────────────────────────────────


def as_recorded(nip: str, roles: str) -> bytes:
    """The row of somebody of the demo agency as it is, with these roles."""
    rows = generate(40, seed=1, year=YEAR)
    return csv_of([row | {"peran": roles} for row in rows if row["nip"] == nip])


async def test_an_hr_person_does_not_grant_herself_a_role_by_an_import(world: World) -> None:
    mine = world.people["hr"]
    refused = await send(world, "hr", as_recorded(mine, "hr auditor"))
    assert (refused.status_code, refused.json()["code"]) == (422, "roster_rejected")
    [found] = refused.json()["rejected"]
    assert (found["row"], found["column"], found["code"]) == (2, "peran", "own_role")
    assert "auditor" in found["message"]
    dry = await send(world, "hr", as_recorded(mine, "hr auditor"), dry_run="true")
    assert [one["code"] for one in dry.json()["rejected"]] == ["own_role"]
    assert (await world.get("/me", "hr")).json()["roles"].count("auditor") == 0


async def test_of_a_file_with_ones_own_new_role_the_rest_is_taken_if_asked_for(world: World) -> None:
    mine, other = world.people["hr"], world.people["employee"]
    both = csv_of(
        row | {"peran": "hr pyb" if row["nip"] == mine else "auditor"}
        for row in generate(40, seed=1, year=YEAR)
        if row["nip"] in (mine, other)
    )
    taken_part = await send(world, "hr", both, partial="true")
    assert [one["code"] for one in taken_part.json()["rejected"]] == ["own_role"]
    assert "pyb" not in (await world.get("/me", "hr")).json()["roles"]
    assert "auditor" in (await world.get("/me", "employee")).json()["roles"]


async def test_giving_up_a_role_of_ones_own_is_no_grant_and_at_the_command_line_nobody_signed_in(world: World) -> None:
    mine = world.people["hr"]
    assert (await send(world, "hr", as_recorded(mine, "hr"))).status_code == 200
    plain = await import_roster(
        world.database, "pegawai.csv", as_recorded(mine, "hr board"), dry_run=True, partial=False, now=NOW
    )
    assert plain["rejected"] == []


# ── nobody decides about her own service ────────────────────────────────────────────────────────────────────────────


def my_row(world: World, **said: str) -> Row:
    [row] = [row for row in generate(40, seed=1, year=YEAR) if row["nip"] == world.people["hr"]]
    return dict(row) | said


OWN = {
    "nip_atasan": {"nip_atasan": "LUAR"},
    "unit": {"unit": "DISDIK", "nama_unit": "Dinas Pendidikan", "unit_induk": "PEMKAB"},
    "jabatan": {"jabatan": "Kepala Dinas"},
    "jenjang": {"jenjang": "JPT Pratama"},
    "jenis_pegawai": {"jenis_pegawai": "PPPK"},
    "tmt": {"tmt": f"{YEAR}-03-01"},
    "plt_untuk": {"plt_mulai": f"{YEAR}-01-01"},
    "plh_untuk": {"plh_mulai": f"{YEAR}-01-01"},
}


@pytest.mark.parametrize("column", OWN)
async def test_who_imports_changes_neither_her_own_line_nor_her_post(world: World, column: str) -> None:
    said = OWN[column] | ({column: world.people["employee"]} if column in ("plt_untuk", "plh_untuk") else {})
    file = csv_of([my_row(world, **said)])
    before = await line_of(world.database, world.people["hr"])
    refused = await send(world, "hr", file)
    assert (refused.status_code, refused.json()["code"]) == (422, "roster_rejected")
    [found] = refused.json()["rejected"]
    assert (found["row"], found["column"], found["code"]) == (2, column, "own_row")
    assert column in found["message"]
    assert await line_of(world.database, world.people["hr"]) == before
    nobody = await import_roster(world.database, "pegawai.csv", file, dry_run=True, partial=False, now=NOW)
    assert nobody["rejected"] == [], "at the command line nobody signed in"


@pytest.mark.parametrize("kind", ["plt", "plh"])
async def test_who_imports_does_not_say_who_acts_in_a_post_above_her_own(world: World, kind: str) -> None:
    column = f"{kind}_untuk"
    superior = my_row(world)["nip_atasan"]
    [other] = [row for row in generate(40, seed=1, year=YEAR) if row["nip"] == world.people["employee"]]
    file = csv_of([dict(other) | {column: superior, f"{kind}_mulai": f"{YEAR}-01-01", f"{kind}_selesai": ""}])
    refused = await send(world, "hr", file)
    assert [(one["column"], one["code"]) for one in refused.json()["rejected"]] == [(column, "own_superior")]
    nobody = await import_roster(world.database, "pegawai.csv", file, dry_run=False, partial=False, now=world.now)
    assert nobody["rejected"] == [], "at the command line nobody signed in"
    assert (await send(world, "hr", file)).json()["updated"] == 0, "what is recorded already she may send again"
    ended = csv_of([dict(other) | {column: "", f"{kind}_mulai": "", f"{kind}_selesai": ""}])
    refused = await send(world, "hr", ended)
    assert [(one["column"], one["code"]) for one in refused.json()["rejected"]] == [(column, "own_superior")]
    await import_roster(world.database, "pegawai.csv", ended, dry_run=False, partial=False, now=world.now)


@pytest.mark.parametrize("until", [timedelta(days=-1), timedelta(days=30), None])
async def test_an_appointment_above_her_is_sent_again_as_recorded_also_once_it_ended(
    world: World, until: timedelta | None
) -> None:
    superior, today = my_row(world)["nip_atasan"], world.now.date()
    last = (today + until).isoformat() if until is not None else ""
    acting = row_of(world.people["auditor"], plt_untuk=superior, plt_mulai=f"{today.year}-01-02", plt_selesai=last)
    before = row_of(world.people["auditor"], plt_untuk="", plt_mulai="", plt_selesai="")
    over = until is not None and until < timedelta(0)

    async def by_command(row: Row) -> None:
        data = csv_of([row])
        taken = await import_roster(world.database, "pegawai.csv", data, dry_run=False, partial=False, now=world.now)
        assert taken["rejected"] == [], "at the command line nobody signed in"

    await by_command(acting)
    answer = await send(world, "hr", csv_of([acting]))
    assert (answer.status_code, answer.json().get("updated")) == (200, 0), answer.text
    later = (today + timedelta(days=60)).isoformat()
    for row in (acting | {"plt_selesai": later}, acting | {"plt_mulai": today.isoformat(), "plt_selesai": later}):
        refused = await send(world, "hr", csv_of([row]))
        assert [(one["column"], one["code"]) for one in refused.json()["rejected"]] == [("plt_untuk", "own_superior")]
    ended = await send(world, "hr", csv_of([before]))
    assert ended.status_code == (200 if over else 422), "what is over is over, whether or not the file still says so"
    await by_command(before)
    async with world.database.transaction() as connection:
        await connection.execute(text("DELETE FROM acting WHERE valid_from = :day"), {"day": date(today.year, 1, 2)})
        await connection.execute(text("UPDATE revision SET value = value + 1 WHERE name = 'line'"))


def row_of(nip: str, **said: str) -> Row:
    [row] = [row for row in generate(40, seed=1, year=YEAR) if row["nip"] == nip]
    return dict(row) | said


async def test_who_imports_does_not_say_who_stands_above_her_superior(world: World) -> None:
    superior = my_row(world)["nip_atasan"]
    chief = row_of(superior)["nip_atasan"]
    other = row_of(world.people["employee"])["nip_atasan"]
    for nip, put_under in ((superior, other), (chief, "")):
        before = await line_of(world.database, nip)
        file = csv_of([row_of(nip, nip_atasan=put_under), row_of(world.people["auditor"], pangkat="Pembina")])
        refused = await send(world, "hr", file)
        assert [(one["row"], one["column"], one["code"]) for one in refused.json()["rejected"]] == [
            (2, "nip_atasan", "own_superior")
        ]
        taken_part = (await send(world, "hr", file, partial="true")).json()
        assert [one["row"] for one in taken_part["rejected"]] == [2]
        assert await line_of(world.database, nip) == before
    unchanged = csv_of([row_of(superior, pangkat="Pembina Utama"), row_of(chief)])
    answer = await send(world, "hr", unchanged)
    assert (answer.status_code, answer.json()["updated"]) == (200, 1), "their names and the like she puts right"


async def test_what_waits_for_its_day_above_her_she_sends_again_and_does_not_bring_forward(world: World) -> None:
    superior = my_row(world)["nip_atasan"]
    other = row_of(world.people["board"])["nip"]
    ahead = row_of(superior, nip_atasan=other, unit="BAPPEDA", nama_unit="Bappeda", tmt=f"{YEAR}-07-01")
    ahead["nama_unit"] = row_of(other)["nama_unit"]
    refused = await send(world, "hr", csv_of([ahead]))
    assert [(one["column"], one["code"]) for one in refused.json()["rejected"]] == [("nip_atasan", "own_superior")]
    nobody = await import_roster(
        world.database, "pegawai.csv", csv_of([ahead]), dry_run=False, partial=False, now=world.now
    )
    assert nobody["rejected"] == [], "at the command line nobody signed in"
    before = await line_of(world.database, superior)
    for known in (ahead, row_of(superior)):
        answer = await send(world, "hr", csv_of([known]))
        assert answer.status_code == 200, answer.text
        assert await line_of(world.database, superior) == before
    for said in (
        ahead | {"tmt": row_of(superior)["tmt"]},
        ahead | {"tmt": f"{YEAR}-06-01"},
        row_of(superior, tmt=f"{YEAR}-07-01"),
    ):
        refused = await send(world, "hr", csv_of([said]))
        assert refused.status_code == 422 or await line_of(world.database, superior) == before, said
    await import_roster(
        world.database,
        "pegawai.csv",
        csv_of([row_of(superior, tmt=f"{YEAR}-07-01")]),
        dry_run=False,
        partial=False,
        now=world.now,
    )


async def test_who_imports_puts_her_own_name_right_and_gives_up_what_she_had(world: World) -> None:
    answer = await send(world, "hr", csv_of([my_row(world, email="pengelola@contoh.go.id", pangkat="Penata")]))
    assert (answer.status_code, answer.json()["updated"]) == (200, 1)
    without = {name: value for name, value in my_row(world).items() if name not in ("nip_atasan", "tmt", "plt_untuk")}
    for column in ("plt_mulai", "plt_selesai"):
        without.pop(column, None)
    assert (await send(world, "hr", csv_of([without]))).status_code == 200, "a column that is not there says nothing"


async def test_of_a_file_with_ones_own_new_unit_the_rest_is_taken_without_what_leans_on_it(world: World) -> None:
    mine = my_row(world, unit="BARU", nama_unit="Unit Baru", unit_induk="PEMKAB")
    [other] = [row for row in generate(40, seed=1, year=YEAR) if row["nip"] == world.people["employee"]]
    below = {**other, "nip": "198601012011011004", "unit": "BAWAH", "nama_unit": "Di Bawah", "unit_induk": "BARU"}
    file = csv_of([mine, {**other, "pangkat": "Penata Muda"}, below | {"email": "baru@contoh.go.id"}])
    assert (await send(world, "hr", file)).status_code == 422
    taken_part = (await send(world, "hr", file, partial="true")).json()
    assert [(one["row"], one["code"]) for one in taken_part["rejected"]] == [(2, "own_row"), (4, "unknown_unit_parent")]
    assert (taken_part["created"], taken_part["updated"]) == (0, 1)
