"""Somebody who is to leave is here until then; who died left on the day of her death, whatever was recorded since; who is back is back."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from tests.endings import JULY, Played
from tests.workflow.people.changes import (
    JUNE,
    MAY,
    imported,
    line_of,
    named,
    not_begun,
    planned,
    refused,
    row_of,
    tasks_of,
)
from tests.world import YEAR, World

PEOPLE = 100

EXIT = f"{YEAR}-12-01"
TODAY = MAY.date().isoformat()
AFTER = datetime(YEAR, 12, 2, 3, tzinfo=UTC)


@pytest.fixture
async def retiring(year: World, who: Played) -> Played:
    """Recorded in January, she is to retire in December; it is May."""
    await planned(year, who)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": EXIT})
    await year.pass_to(who.appraisal, MAY)
    return who


async def codes(world: World, nip: str, what: str, body: object) -> list[tuple[str, str]]:
    answer = await world.post(f"/people/{nip}/{what}", "hr", body)
    assert answer.status_code == 422, answer.text
    return [(one["code"], one["pointer"]) for one in answer.json()["errors"]]


async def roles_of(world: World, nip: str) -> list[str]:
    sql = "SELECT g.role FROM role_grant g JOIN person p ON p.id = g.person_id WHERE p.nip = :nip"
    async with world.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"nip": nip})).scalars())


# ── until she leaves ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.6")
async def test_a_file_before_an_exit_still_says_who_supervises_and_which_roles_are_held(
    year: World, retiring: Played
) -> None:
    """DOMAIN 3.6: another supervisor, an address, a role taken away: all of it, and the exit stays where it is."""
    async with year.database.transaction() as connection:
        sql = "INSERT INTO role_grant SELECT id, 'auditor' FROM person WHERE nip = :nip"
        await connection.execute(text(sql), {"nip": retiring.employee})
    _, new = await year.elsewhere(retiring.employee)
    said = await row_of(year, retiring.employee) | {"nip_atasan": new, "email": "baru@contoh.go.id", "peran": ""}
    told = await imported(year, said)
    assert told["updated"] == 1
    assert {one["what"] for one in told["changes"]} == {"person_updated", "supervisor_changed", "role_revoked"}  # type: ignore[attr-defined]
    assert (await imported(year, said))["changes"] == []
    assert await roles_of(year, retiring.employee) == []
    assert (await year.seen(retiring.appraisal))["supervisor"]["nip"] == new  # type: ignore[index]
    assert (await line_of(year, retiring.employee))[-1] == (TODAY, f"{YEAR}-11-30")
    row = await year.pass_to(retiring.appraisal, AFTER)
    assert row["state"] == "rating.drafting"
    assert retiring.appraisal in await tasks_of(year, new)


@pytest.mark.case("3.6")
async def test_what_is_decided_before_an_exit_holds_until_it_and_what_lies_after_it_is_refused(
    year: World, retiring: Played
) -> None:
    """DOMAIN 3.6: in whichever order they were recorded; a transfer of June ends with the exit of December."""
    nip = retiring.employee
    unit, new = await year.elsewhere(nip)
    moved = {"post": "Analis", "unit": unit, "supervisor": new, "effective": EXIT}
    assert await codes(year, nip, "transfer", moved) == [("has_left", "/effective")]
    under = {"supervisor": new, "effective": EXIT, "reason": "Mutasi."}
    assert await codes(year, nip, "supervisor", under) == [("has_left", "/effective")]
    away = {"from": f"{YEAR}-11-20", "until": EXIT}
    assert await codes(year, nip, "leave", away) == [("has_left", "/until")]
    assert await codes(year, nip, "leave", away | {"from": EXIT}) == [("has_left", "/from")]

    await year.decided(nip, "leave", {"from": f"{YEAR}-05-24", "until": f"{YEAR}-05-28"})
    await year.decided(nip, "supervisor", under | {"effective": TODAY})
    await year.decided(nip, "transfer", moved | {"effective": f"{YEAR}-06-01"})
    assert (await line_of(year, nip))[1:] == [(TODAY, f"{YEAR}-05-31"), (f"{YEAR}-06-01", f"{YEAR}-11-30")]
    await year.pass_to(retiring.appraisal, JUNE)
    _, second = await year.segments_of(nip, 2)
    await year.pass_to(second, AFTER)
    assert (await year.row(second))["ending"] == "exited"


@pytest.mark.case("3.6")
async def test_a_row_about_somebody_who_has_left_is_refused_where_it_says_more_than_what_is_put_right(
    year: World, who: Played
) -> None:
    """DOMAIN 3.6: an unchanged row is one; a supervisor, a place or a power of hers is nobody's any more."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": TODAY})
    assert (await imported(year, said))["changes"] == []
    unit, new = await year.elsewhere(who.employee)
    there = {"unit": unit, "nama_unit": (await row_of(year, new))["nama_unit"]}
    for other in ({"nip_atasan": new}, there, {"jabatan": "Lain"}, {"peran": "auditor"}):
        assert await refused(year, said | other) == ["has_left"]
    plt = {"plt_untuk": who.supervisor, "plt_mulai": f"{YEAR}-05-01", "plt_selesai": ""}
    assert await refused(year, said | plt) == ["has_left"]
    (told,) = named(await imported(year, said | {"email": "pensiun@contoh.go.id"}), "person_updated")
    assert list(told["fields"]) == ["email"]  # type: ignore[call-overload]
    assert (await imported(year, said | {"nip_atasan": new}, partial="true"))["rejected"]


@pytest.mark.case("3.6")
async def test_an_appointment_does_not_reach_beyond_the_exit_and_does_not_come_back_with_the_person(
    year: World, who: Played
) -> None:
    """Plt without a last day, told before the exit and by a file that comes later: it ends with her last day."""
    other = await Played.of(year, await year.next_clerk())
    while other.supervisor == who.supervisor:
        other = await Played.of(year, await year.next_clerk())
    plt = {"plt_untuk": other.supervisor, "plt_mulai": f"{YEAR}-01-04", "plt_selesai": ""}
    row = await row_of(year, who.employee)
    await imported(year, row | plt)
    assert (await year.seen(other.appraisal))["supervisor"]["nip"] == who.employee  # type: ignore[index]
    year.now = MAY
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-06-01"})
    assert (await imported(year, row | plt))["changes"] == []
    assert await refused(year, row | plt | {"plt_mulai": f"{YEAR}-06-01"}) == ["has_left"]
    year.now = JULY
    assert (await imported(year, row | plt))["changes"] == []
    await imported(year, row | {"tmt": f"{YEAR}-07-01"})
    assert (await year.seen(other.appraisal))["supervisor"]["nip"] == other.supervisor  # type: ignore[index]


# ── a death ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.6")
@pytest.mark.parametrize("day", [18, 20])
async def test_a_death_is_recorded_on_its_true_day_whatever_was_recorded_for_it_or_after(
    year: World, who: Played, day: int
) -> None:
    """DOMAIN 3.6: she died before, or on, the day of another supervisor; a leave that was to follow is taken back."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    _, new = await year.elsewhere(who.employee)
    await year.decided(who.employee, "supervisor", {"supervisor": new, "effective": TODAY, "reason": "Mutasi."})
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-05-24", "until": f"{YEAR}-06-30"})
    died = date(YEAR, 5, day)
    await year.decided(who.employee, "exit", {"reason": "die", "effective": died.isoformat()})
    (line,) = await line_of(year, who.employee)
    assert line[1] == date(YEAR, 5, day - 1).isoformat()
    row = await year.pass_to(who.appraisal, JUNE)
    assert row["ending"] == "exited"
    assert not {"begin_leave"} & set(await year.actions_of(who.appraisal))


# ── who comes back ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.6")
@pytest.mark.case("3.17")
async def test_who_comes_back_after_an_exit_begins_another_part_of_the_year(year: World, who: Played) -> None:
    """DOMAIN 3.6: HR's list says so once she is there, and one part follows on the day of her return."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-21"})
    await year.pass_to(who.appraisal, JUNE)
    await imported(year, said | {"tmt": f"{YEAR}-07-01"})
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    assert who.employee not in await not_begun(year, cycle)
    year.now = JULY
    assert who.employee in await not_begun(year, cycle)
    for status in (202, 409):
        assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == status
        first, second = await year.segments_of(who.employee, 2)
        await asyncio.sleep(0.2)
    assert who.employee not in await not_begun(year, cycle)
    row = await year.row(second)
    assert (first, row["segment"], row["snapshot"]["since"]) == (who.appraisal, 2, f"{YEAR}-07-01")  # type: ignore[index]
    await year.pass_to(second, JULY)
    assert (await year.row(second))["state"] == "plan.drafting"
    await year.bring(first)
    assert (await year.row(first))["state"] == "rating.drafting"
    assert first in await tasks_of(year, who.supervisor)


async def test_an_exit_recorded_by_mistake_is_taken_back_by_the_day_of_a_post(year: World, retiring: Played) -> None:
    """Before its day as if it had never been recorded; on its day another part of the year begins."""
    said = await row_of(year, retiring.employee)
    await imported(year, said | {"tmt": EXIT})
    assert [first for first, _ in await line_of(year, retiring.employee)][1:] == [EXIT]
    await year.decided(retiring.employee, "exit", {"reason": "resign", "effective": TODAY})
    year.now = MAY.replace(hour=5)
    await year.bring(retiring.appraisal)
    assert (await year.row(retiring.appraisal))["state"] == "rating.drafting"
    await imported(year, said | {"tmt": TODAY})
    cycle = str((await year.row(retiring.appraisal))["cycle_id"])
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    _, second = await year.segments_of(retiring.employee, 2)
    row = await year.pass_to(second, AFTER)
    assert row["snapshot"]["since"] == TODAY  # type: ignore[index]
    assert not {"exit", "close_segment"} & set(await year.actions_of(second))
    assert (await year.seen(second))["supervisor"]["nip"] == retiring.supervisor  # type: ignore[index]


@pytest.mark.case("3.17")
async def test_a_newcomer_begins_when_she_comes_and_in_the_year_in_which_she_comes(year: World, who: Played) -> None:
    """DOMAIN 3.17: a file of May names who comes in July, and in February of the next year."""
    year.now = MAY
    said = await row_of(year, who.employee)
    comes = {"199001012020011234": f"{YEAR}-07-01", "199001022020011235": f"{YEAR + 1}-02-01"}
    for nip, tmt in comes.items():
        assert (await imported(year, said | {"nip": nip, "nama": "Pendatang", "tmt": tmt}))["created"] == 1
    first, second = comes
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    assert not {first, second} & set(await not_begun(year, cycle))
    await year.post(f"/cycles/{cycle}/open", "hr")
    under = {"supervisor": first, "effective": TODAY, "reason": "Mutasi."}
    await year.decided(who.employee, "supervisor", under)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    year.now = JULY
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == first  # type: ignore[index]
    assert {first, second} & set(await not_begun(year, cycle)) == {first}
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    await year.segments_of(first, 1)
    year.now = datetime(YEAR + 1, 2, 3, 3, tzinfo=UTC)
    assert second not in await not_begun(year, cycle)
    await year.post(f"/cycles/{cycle}/open", "hr")
    await asyncio.sleep(0.5)
    await year.segments_of(second, 0)
