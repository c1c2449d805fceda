"""Somebody who is not here today and is to come, for the first time or again: what a file and HR say of her meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from activities.people import move_line
from tests.endings import JULY, Played
from tests.workflow.people.changes import JUNE, MAY, imported, line_of, named, not_begun, planned, refused, row_of
from tests.world import YEAR, World

PEOPLE = 100

JULY_FIRST, AUGUST_FIRST = f"{YEAR}-07-01", f"{YEAR}-08-01"
NEWCOMER = "199001012020011234"


async def transfers_of(world: World, nip: str) -> list[str]:
    """The days of the transfers that hold."""
    sql = """SELECT c.effective FROM personnel_change c JOIN person p ON p.id = c.person_id
              WHERE p.nip = :nip AND c.kind = 'transfer' AND c.standing IS DISTINCT FROM 'taken_back'"""
    async with world.database.transaction() as connection:
        return [day.isoformat() for day in (await connection.execute(text(sql), {"nip": nip})).scalars()]


async def newcomer(world: World, beside: Played, nip: str = NEWCOMER, **said: str) -> dict[str, str]:
    """It is May; a file has named somebody under the superior of `beside` who comes on the first of July. Her row, without its day."""
    world.now = MAY
    row = await row_of(world, beside.employee) | {"nip": nip, "nama": "Pendatang"} | said
    assert (await imported(world, row | {"tmt": JULY_FIRST}))["created"] == 1
    return row


# ── a newcomer ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.17")
@pytest.mark.parametrize("day", [{}, {"tmt": JULY_FIRST}])
async def test_a_file_that_says_of_a_newcomer_what_is_recorded_changes_nothing(
    year: World, who: Played, day: dict[str, str]
) -> None:
    """DOMAIN 3.17: with her day or without one, she still begins in July."""
    nip = "199001012020011234" if day else "199001022020011235"
    said = await newcomer(year, who, nip)
    assert (await imported(year, said | day))["changes"] == []
    assert await line_of(year, nip) == [(JULY_FIRST, None)]
    assert nip not in await not_begun(year, str((await year.row(who.appraisal))["cycle_id"]))


@pytest.mark.case("3.17")
@pytest.mark.parametrize("day", [f"{YEAR}-06-15", AUGUST_FIRST, f"{YEAR}-05-10"])
async def test_another_day_moves_the_day_on_which_a_newcomer_begins(year: World, who: Played, day: str) -> None:
    """DOMAIN 3.17: she comes sooner or later than was said, or has come already."""
    nip = {"06": "199001032020011236", "08": "199001042020011237", "05": "199001052020011238"}[day[5:7]]
    said = await newcomer(year, who, nip)
    (told,) = (await imported(year, said | {"tmt": day}))["changes"]  # type: ignore[misc]
    assert told["fields"] == {"tmt": [JULY_FIRST, day]}  # type: ignore[index]
    assert await line_of(year, nip) == [(day, None)]


@pytest.mark.case("3.17")
async def test_another_superior_of_a_newcomer_is_hers_from_the_day_on_which_she_begins(
    year: World, who: Played
) -> None:
    nip = "199001062020011239"
    said = await newcomer(year, who, nip)
    _, new = await year.elsewhere(who.employee)
    (told,) = named(await imported(year, said | {"nip_atasan": new}), "supervisor_changed")
    assert told["fields"] == {"nip_atasan": new, "from": JULY_FIRST}
    assert await line_of(year, nip) == [(JULY_FIRST, None)]
    assert (await row_of(year, nip))["nip_atasan"] == new


@pytest.mark.case("3.17")
async def test_a_file_that_knows_already_where_a_newcomer_goes_on_to_brings_her_there_no_sooner(
    year: World, who: Played
) -> None:
    """DOMAIN 3.17: she comes in July and is transferred in August; a row without a day says the place of August."""
    nip = "199001102020011233"
    said = await newcomer(year, who, nip)
    unit, new = await year.elsewhere(who.employee)
    moved = {"post": "Analis", "unit": unit, "supervisor": new, "effective": AUGUST_FIRST}
    await year.decided(nip, "transfer", moved)
    there = {"unit": unit, "nama_unit": (await row_of(year, new))["nama_unit"], "jabatan": "Analis", "nip_atasan": new}
    for row in (said, said | {"tmt": JULY_FIRST}, said | there):
        assert (await imported(year, row))["changes"] == []
    assert await line_of(year, nip) == [(JULY_FIRST, f"{YEAR}-07-31"), (AUGUST_FIRST, None)]
    assert await transfers_of(year, nip) == [AUGUST_FIRST]


@pytest.mark.case("3.17")
@pytest.mark.parametrize("day", [f"{YEAR}-06-15", AUGUST_FIRST])
async def test_a_newcomers_unit_and_day_put_right_in_one_row_are_right_at_once(
    year: World, who: Played, day: str
) -> None:
    """DOMAIN 3.17: one file sends her elsewhere on her first day, the next one home again on another day."""
    nip = {"06": "199001112020011234", "08": "199001122020011235"}[day[5:7]]
    said = await newcomer(year, who, nip)
    unit, supervisor = await year.elsewhere(who.employee)
    there = {"unit": unit, "nama_unit": (await row_of(year, supervisor))["nama_unit"]}
    assert named(await imported(year, said | there | {"tmt": JULY_FIRST}), "transferred")
    right = said | {"tmt": day}
    assert named(await imported(year, right), "transfer_taken_back")
    assert (await imported(year, right))["changes"] == []
    assert (await transfers_of(year, nip), await line_of(year, nip)) == ([], [(day, None)])


# ── who left and is to come back ─────────────────────────────────────────────────────────────────────────────────────


async def returning(world: World, who: Played, **said: str) -> dict[str, str]:
    """She left on 21 May; on 2 June a file says that she comes back on the first of July. Her row, without a day."""
    await planned(world, who)
    await world.pass_to(who.appraisal, MAY)
    row = await row_of(world, who.employee)
    await world.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-21"})
    await world.pass_to(who.appraisal, JUNE)
    await imported(world, row | said | {"tmt": JULY_FIRST})
    return row | said


@pytest.mark.case("3.6")
@pytest.mark.parametrize("day", [{}, {"tmt": JULY_FIRST}, {"tmt": f"{YEAR}-01-04"}])
async def test_a_file_that_does_not_know_better_leaves_a_return_to_its_day(
    year: World, who: Played, day: dict[str, str]
) -> None:
    """DOMAIN 3.6: her row without a day, with the recorded one, or still with that of the post that she left."""
    said = await returning(year, who)
    before = await line_of(year, who.employee)
    assert before[1:] == [(JULY_FIRST, None)]
    assert (await imported(year, said | day))["changes"] == []
    assert await line_of(year, who.employee) == before


@pytest.mark.case("3.6")
async def test_a_return_that_hr_took_back_is_not_brought_back_by_a_row_without_a_day(year: World, who: Played) -> None:
    """DOMAIN 3.6: she has been away since the first exit, also where a second one says that she does not come back."""
    said = await returning(year, who)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": JULY_FIRST})
    left = await line_of(year, who.employee)
    assert [until for _, until in left] == [f"{YEAR}-05-20"]
    for day in ({}, {"tmt": f"{YEAR}-06-15"}):
        assert (await imported(year, said | day | {"email": f"{len(day)}@contoh.go.id"}))["changes"]
        assert await line_of(year, who.employee) == left
    assert await refused(year, said | {"jabatan": "Lain"}) == ["has_left"]


@pytest.mark.case("3.6")
@pytest.mark.parametrize("day", [AUGUST_FIRST, f"{YEAR}-06-15", f"{YEAR}-06-01"])
async def test_another_day_moves_a_return(year: World, who: Played, day: str) -> None:
    """DOMAIN 3.6: postponed, or sooner, or it has come already; her part of the year begins on that day."""
    said = await returning(year, who)
    await imported(year, said | {"tmt": day})
    assert (await line_of(year, who.employee))[1:] == [(day, None)]
    year.now = JULY
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    listed = who.employee in await not_begun(year, cycle)
    assert listed == (day < AUGUST_FIRST)


@pytest.mark.case("3.6")
@pytest.mark.parametrize("day", [AUGUST_FIRST, f"{YEAR}-06-01"])
async def test_a_return_to_another_unit_takes_its_transfer_along(year: World, who: Played, day: str) -> None:
    """DOMAIN 3.6: there is one transfer, on the day on which she comes."""
    unit, new = await year.elsewhere(who.employee)
    there = {"unit": unit, "nama_unit": (await row_of(year, new))["nama_unit"], "nip_atasan": new}
    said = await returning(year, who, **there)
    assert await transfers_of(year, who.employee) == [JULY_FIRST]
    assert (await imported(year, said))["changes"] == []
    await imported(year, said | {"tmt": day})
    assert (await line_of(year, who.employee))[1:] == [(day, None)]
    assert await transfers_of(year, who.employee) == [day]


async def test_a_return_to_another_unit_that_is_one_to_the_old_unit_after_all_is_still_of_its_day(
    year: World, who: Played
) -> None:
    unit, new = await year.elsewhere(who.employee)
    before = await row_of(year, who.employee)
    there = {"unit": unit, "nama_unit": (await row_of(year, new))["nama_unit"]}
    said = await returning(year, who, **there)
    back = {name: before[name] for name in there}
    assert named(await imported(year, said | back | {"tmt": JULY_FIRST}), "transfer_taken_back")
    assert (await line_of(year, who.employee))[1:] == [(JULY_FIRST, None)]
    assert await transfers_of(year, who.employee) == []


@pytest.mark.case("3.6")
async def test_a_role_of_somebody_who_is_to_come_back_is_hers_again_on_that_day(year: World, who: Played) -> None:
    """DOMAIN 3.6: recorded in June, she is HR once more in July, and not before."""
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    async with year.database.transaction() as connection:
        sql = "INSERT INTO role_grant SELECT id, 'hr' FROM person WHERE nip = :nip"
        await connection.execute(text(sql), {"nip": who.employee})
        await move_line(connection)
    await returning(year, who)
    assert (await year.get(f"/cycles/{cycle}/worklist", who.employee)).status_code == 403
    away = {"from": f"{YEAR}-06-10", "until": f"{YEAR}-06-11"}
    assert (await year.post(f"/people/{who.supervisor}/leave", who.employee, away)).status_code == 403
    year.now = JULY
    assert (await year.get(f"/cycles/{cycle}/worklist", who.employee)).status_code == 200


# ── what HR decides meanwhile ────────────────────────────────────────────────────────────────────────────────────────


async def not_taken(world: World, nip: str, what: str, body: dict[str, str]) -> tuple[str, str]:
    answer = await world.post(f"/people/{nip}/{what}", "hr", body)
    assert answer.status_code == 422, answer.text
    (one,) = answer.json()["errors"]
    return one["code"], one["pointer"]


@pytest.mark.case("3.17")
@pytest.mark.parametrize("comes", ["for the first time", "again"])
async def test_another_superior_or_post_before_somebody_comes_is_refused_and_one_from_her_day_on_is_not(
    year: World, who: Played, comes: str
) -> None:
    """DOMAIN 3.17: a decision of a day on which she is not here would begin her line on it."""
    unit, new = await year.elsewhere(who.employee)
    nip = who.employee
    if comes == "again":
        await returning(year, who)
    else:
        nip = "199001072020011230"
        await newcomer(year, who, nip)
    line = await line_of(year, nip)
    under = {"supervisor": new, "effective": f"{YEAR}-06-30", "reason": "Mutasi."}
    moved = {"post": "Analis", "unit": unit, "supervisor": new, "effective": f"{YEAR}-06-30"}
    assert await not_taken(year, nip, "supervisor", under) == ("not_here_yet", "/effective")
    assert await not_taken(year, nip, "transfer", moved) == ("not_here_yet", "/effective")
    assert await line_of(year, nip) == line
    await year.decided(nip, "supervisor", under | {"effective": JULY_FIRST})
    await year.decided(nip, "transfer", moved | {"effective": AUGUST_FIRST})
    assert (await line_of(year, nip))[-2:] == [(JULY_FIRST, f"{YEAR}-07-31"), (AUGUST_FIRST, None)]


# ── who does not come after all ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.4")
async def test_who_was_put_under_a_newcomer_that_withdraws_stays_under_the_superior_above_him(
    year: World, who: Played
) -> None:
    """DOMAIN 3.4: his post is vacant, as it was until he came."""
    while who.senior == year.people["pyb"]:
        who = await Played.of(year, await year.next_clerk())
    year.now = MAY
    nip = "196001082020011231"
    head = await row_of(year, who.supervisor) | {"nip": nip, "nama": "Kepala Baru"}
    await imported(year, head | {"tmt": JULY_FIRST})
    under = {"supervisor": nip, "effective": f"{YEAR}-06-01", "reason": "Mutasi."}
    await year.decided(who.employee, "supervisor", under)
    year.now = JUNE
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.senior  # type: ignore[index]
    await year.decided(nip, "exit", {"reason": "resign", "effective": f"{YEAR}-06-02"})
    for now in (JUNE, JULY):
        year.now = now
        assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.senior  # type: ignore[index]
    assert (await imported(year, head))["changes"] == []


@pytest.mark.case("3.4")
@pytest.mark.parametrize("why", ["resign", "die"])
async def test_a_newcomer_who_does_not_come_keeps_no_role(year: World, who: Played, why: str) -> None:
    """DOMAIN 3.4: he withdraws or dies before his first day; whom the PyB rates is rated by the one who is here, before as after."""
    nip = {"resign": "195001012027011001", "die": "195001022027011002"}[why]
    await newcomer(year, who, nip, nip_atasan="LUAR", peran="pyb")
    outside = {"supervisor": "LUAR", "effective": MAY.date().isoformat(), "reason": "Atasan di luar daftar."}
    await year.decided(who.employee, "supervisor", outside)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == year.people["pyb"]  # type: ignore[index]
    await year.decided(nip, "exit", {"reason": why, "effective": MAY.date().isoformat()})
    for now in (MAY, JULY):
        year.now = now
        assert (await year.seen(who.appraisal))["supervisor"]["nip"] == year.people["pyb"]  # type: ignore[index]


@pytest.mark.case("3.17")
async def test_a_role_of_somebody_who_is_to_come_is_hers_from_her_first_day_on(year: World, who: Played) -> None:
    nip = "199001122020011233"
    await newcomer(year, who, nip, peran="hr")
    cycle = (await year.row(who.appraisal))["cycle_id"]
    assert (await year.get(f"/cycles/{cycle}/worklist", nip)).status_code == 403
    year.now = JULY
    assert (await year.get(f"/cycles/{cycle}/worklist", nip)).status_code == 200


@pytest.mark.case("3.17")
async def test_who_withdrew_and_comes_later_begins_on_that_day(year: World, who: Played) -> None:
    """DOMAIN 3.17: nothing is left of the day on which she did not come."""
    nip = "199001092020011232"
    said = await newcomer(year, who, nip)
    await year.decided(nip, "exit", {"reason": "resign", "effective": f"{YEAR}-06-10"})
    year.now = JUNE
    moved = {"supervisor": who.supervisor, "effective": f"{YEAR}-06-05", "reason": "Mutasi."}
    assert await not_taken(year, nip, "supervisor", moved) == ("not_here_yet", "/effective")
    for now in (JUNE, datetime(YEAR, 6, 12, 3, tzinfo=UTC)):
        year.now = now
        assert (await imported(year, said))["changes"] == []
    assert await refused(year, said | {"nip_atasan": who.senior}) == ["has_left"]
    await imported(year, said | {"tmt": AUGUST_FIRST})
    assert await line_of(year, nip) == [(AUGUST_FIRST, None)]
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    year.now = JULY
    assert nip not in await not_begun(year, cycle)
