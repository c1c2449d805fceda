"""Somebody who is not here today and is to come, for the first time or again: what a file and HR say of her meanwhile."""

from __future__ import annotations

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
