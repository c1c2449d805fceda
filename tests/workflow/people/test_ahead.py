"""What is decided for a day to come waits for it, and until then nothing reads as if it had come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.upkeep import look_once
from tests.endings import JANUARY, Played
from tests.workflow.people.changes import JUNE, MAY, imported, named, planned, row_of, tasks_of
from tests.world import YEAR, World, opened_cycle, opened_world

PEOPLE = 80

SEPTEMBER = datetime(YEAR, 9, 2, 3, tzinfo=UTC)
FIRST, SECOND = f"{YEAR}-06-01", f"{YEAR}-09-01"


@pytest_asyncio.fixture
async def who(year: World) -> AsyncIterator[Played]:
    """Somebody whose plan is in force; it is May. Whom her test takes as supervisors, the next test may take again."""
    year.now = JANUARY
    found = await Played.of(year, await year.next_clerk())
    await planned(year, found)
    await year.pass_to(found.appraisal, MAY)
    taken = list(year.taken)
    yield found
    year.taken[:] = taken


async def goes(world: World, who: Played, day: str, **more: str) -> tuple[str, str]:
    """Transferred from that day on; the unit and the supervisor there, who is not offered again."""
    unit, supervisor = await world.elsewhere(who.employee)
    world.taken.append(supervisor)
    body = {"post": f"Analis {day}", "unit": unit, "supervisor": supervisor, "effective": day} | more
    await world.decided(who.employee, "transfer", body)
    return body["unit"], body["supervisor"]


async def place_of(world: World, nip: str) -> tuple[str, str]:
    person = (await world.get(f"/people/{nip}", "hr")).json()
    return person["unit_code"], person["post"]


async def unit_of_year(world: World, appraisal: str) -> str:
    sql = "SELECT u.code FROM appraisal a JOIN unit u ON u.id = a.unit_id WHERE a.id = :id"
    async with world.database.transaction() as connection:
        return str((await connection.execute(text(sql), {"id": appraisal})).scalar_one())


async def line_of(world: World, nip: str) -> list[tuple[str, str | None]]:
    """From when on who supervises her."""
    sql = """SELECT t.valid_from, s.nip FROM tenure t JOIN person p ON p.id = t.person_id
               LEFT JOIN person s ON s.id = t.supervisor_id WHERE p.nip = :nip ORDER BY t.valid_from"""
    async with world.database.transaction() as connection:
        return [(r.valid_from.isoformat(), r.nip) for r in await connection.execute(text(sql), {"nip": nip})]


async def last_event(world: World, who: Played) -> dict[str, object]:
    """The latest line of her cycle's trail."""
    sql = "SELECT action, data FROM cycle_event WHERE cycle_id = :cycle ORDER BY seq DESC LIMIT 1"
    cycle = (await world.row(who.appraisal))["cycle_id"]
    async with world.database.transaction() as connection:
        row = (await connection.execute(text(sql), {"cycle": cycle})).one()
    return {"action": row.action, **row.data}


# ── the file that comes every night ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.1")
@pytest.mark.parametrize("tmt", [{}, {"tmt": f"{YEAR - 3}-02-01"}], ids=["without days", "with days"])
async def test_an_unchanged_file_changes_nothing_before_and_after_a_transfer(
    year: World, who: Played, tmt: dict[str, str]
) -> None:
    """DOMAIN 3.1: the file of tonight, of the eve and of the day after knows nothing of what HR recorded for June."""
    stale = await row_of(year, who.employee) | tmt
    await imported(year, stale)
    here = await place_of(year, who.employee)
    unit, supervisor = await goes(year, who, FIRST)
    for day in (MAY, MAY + timedelta(days=1)):
        year.now = day
        assert (await imported(year, stale))["changes"] == []
        assert await place_of(year, who.employee) == here
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await imported(year, stale))["changes"] == []
    year.now = JUNE + timedelta(days=9)
    assert (await imported(year, stale))["changes"] == []
    await year.pass_to(second, year.now)
    assert await year.segments_of(who.employee, 2) == [first, second]
    assert await place_of(year, who.employee) == (unit, f"Analis {FIRST}")
    assert [supervisor for _, supervisor in await line_of(year, who.employee)] == [who.supervisor, supervisor]


@pytest.mark.case("3.1")
async def test_a_file_that_says_the_coming_place_with_its_day_knows_it_already(year: World, who: Played) -> None:
    """DOMAIN 3.1: said by HR or by a file, once or again, it is one transfer."""
    said = await row_of(year, who.employee)
    unit, supervisor = await year.elsewhere(who.employee)
    year.taken.append(supervisor)
    there = await row_of(year, supervisor)
    said |= {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "jabatan": "Analis", "tmt": FIRST}
    here = await place_of(year, who.employee)
    body = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": FIRST}
    await year.decided(who.employee, "transfer", body)
    for now in (MAY, MAY + timedelta(days=1)):
        year.now = now
        assert (await imported(year, said))["changes"] == []
        assert await place_of(year, who.employee) == here
    assert (await imported(year, {n: v for n, v in said.items() if n != "tmt"}))["changes"] == []
    await year.pass_to(who.appraisal, JUNE)
    _, second = await year.segments_of(who.employee, 2)
    assert (await imported(year, said))["changes"] == []
    assert await unit_of_year(year, second) == unit


@pytest.mark.case("3.1")
async def test_a_transfer_that_a_file_dates_ahead_waits_too_and_a_later_file_may_put_it_right(
    year: World, who: Played
) -> None:
    """DOMAIN 3.1: previewed, taken, corrected for the same day, and taken back."""
    here, before = await row_of(year, who.employee), await place_of(year, who.employee)
    ahead = []
    for _ in range(2):
        unit, supervisor = await year.elsewhere(who.employee)
        year.taken.append(supervisor)
        there = await row_of(year, supervisor)
        ahead.append(here | {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "tmt": FIRST})
    for said in ahead:
        (told,) = named(await imported(year, said), "transferred")
        assert told["appraisals"] == 1
        assert (await imported(year, said))["changes"] == []
        assert await place_of(year, who.employee) == before
    line = await line_of(year, who.employee)
    assert line[1:] == [(FIRST, ahead[1]["nip_atasan"])]
    back = here | {"tmt": FIRST}
    assert named(await imported(year, back), "transfer_taken_back")
    assert (await imported(year, back))["changes"] == []
    assert (await last_event(year, who))["action"] == "transfer_taken_back"
    assert await line_of(year, who.employee) == line[:1]
    await year.pass_to(who.appraisal, JUNE)
    assert "close_segment" not in await year.actions_of(who.appraisal)
    assert await place_of(year, who.employee) == before


async def test_a_supervisor_to_come_stays_to_come_whatever_an_unchanged_file_says(year: World, who: Played) -> None:
    said = await row_of(year, who.employee)
    _, new = await year.elsewhere(who.employee)
    await year.decided(who.employee, "supervisor", {"supervisor": new, "effective": FIRST, "reason": "Mutasi."})
    line = await line_of(year, who.employee)
    assert (await imported(year, said))["changes"] == []
    assert await line_of(year, who.employee) == line


@pytest.mark.case("3.1")
async def test_a_unit_put_right_on_the_day_itself_is_right_in_the_segment_that_began_with_it(
    year: World, who: Played
) -> None:
    """DOMAIN 3.1: two files on one day; the second is a correction, not a third part of the year."""
    said = await row_of(year, who.employee)
    units = []
    for post in ("Analis", "Analis Muda"):
        unit, supervisor = await year.elsewhere(who.employee)
        there = await row_of(year, supervisor)
        year.taken.append(supervisor)
        units.append(unit)
        row = said | {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "jabatan": post}
        told = await imported(year, row)
        (updated,) = named(told, "person_updated")
        assert updated["fields"]["unit"][1] == unit  # type: ignore[index]
        first, second = await year.segments_of(who.employee, 2)
        await year.settled(second)
        year.now += timedelta(hours=2)
    await year.pass_to(second, MAY + timedelta(days=5))
    assert await unit_of_year(year, second) == units[1]
    assert await unit_of_year(year, first) == said["unit"]
    assert await year.segments_of(who.employee, 2) == [first, second]
    assert (await imported(year, row))["changes"] == []


# ── what comes before what is to come ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.1")
@pytest.mark.parametrize("days", [(FIRST, SECOND), (SECOND, FIRST)], ids=["in order", "the later first"])
async def test_each_of_two_transfers_ahead_has_the_segment_of_its_own_place(
    year: World, who: Played, days: tuple[str, str]
) -> None:
    """DOMAIN 3.1: whichever was recorded first."""
    found = {day: await goes(year, who, day) for day in days}
    assert (await line_of(year, who.employee))[1:] == [(day, found[day][1]) for day in (FIRST, SECOND)]
    await year.pass_to(who.appraisal, JUNE)
    _, second = await year.segments_of(who.employee, 2)
    assert await unit_of_year(year, second) == found[FIRST][0]
    assert await place_of(year, who.employee) == (found[FIRST][0], f"Analis {FIRST}")
    assert (await year.seen(second))["supervisor"]["nip"] == found[FIRST][1]  # type: ignore[index]
    await year.pass_to(second, SEPTEMBER)
    _, _, third = await year.segments_of(who.employee, 3)
    assert await unit_of_year(year, third) == found[SECOND][0]
    assert (await year.seen(third))["supervisor"]["nip"] == found[SECOND][1]  # type: ignore[index]


@pytest.mark.case("3.3")
async def test_another_supervisor_holds_until_a_transfer_brings_its_own(year: World, who: Played) -> None:
    """DOMAIN 3.3: also where the transfer was recorded first, and where it keeps the supervisor of before."""
    unit, _ = await year.elsewhere(who.employee)
    await goes(year, who, FIRST, unit=unit, supervisor=who.supervisor)
    _, between = await year.elsewhere(who.employee)
    today = MAY.date().isoformat()
    await year.decided(who.employee, "supervisor", {"supervisor": between, "effective": today, "reason": "Mutasi."})
    assert (await line_of(year, who.employee))[1:] == [(today, between), (FIRST, who.supervisor)]
    await year.send(who.appraisal, "plan", "amend_plan", who.employee)
    assert who.appraisal in await tasks_of(year, between)


@pytest.mark.case("3.6")
async def test_a_death_takes_back_what_was_to_come(year: World, who: Played) -> None:
    """DOMAIN 3.6: a transfer and a leave were recorded ahead; the year ends, and no segment begins."""
    await goes(year, who, FIRST)
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-07-01", "until": f"{YEAR}-08-01"})
    await year.decided(who.employee, "exit", {"reason": "die", "effective": MAY.date().isoformat()})
    told = await last_event(year, who)
    assert told["taken_back"] == [
        {"what": "transfer", "effective": FIRST},
        {"what": "leave", "effective": f"{YEAR}-07-01"},
        {"what": "supervisor", "effective": FIRST},
    ]
    row = await year.pass_to(who.appraisal, JUNE)
    assert row["ending"] == "exited"
    assert len(await year.segments_of(who.employee, 1)) == 1
    assert len(await line_of(year, who.employee)) == 1


@pytest.mark.case("3.6")
async def test_who_leaves_before_her_transfer_is_rated_where_she_was(year: World, who: Played) -> None:
    """DOMAIN 3.6: the sleeping year is told, and the file that knows of neither brings her nowhere."""
    said = await row_of(year, who.employee)
    await goes(year, who, SECOND)
    await year.decided(who.employee, "supervisor", {"supervisor": who.senior, "effective": SECOND, "reason": "Mutasi."})
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": FIRST})
    row = await year.pass_to(who.appraisal, JUNE)
    assert row["state"] == "rating.drafting"
    assert (await imported(year, said))["changes"] == []
    row = await year.pass_to(who.appraisal, SEPTEMBER)
    assert "close_segment" not in await year.actions_of(who.appraisal)
    assert len(await line_of(year, who.employee)) == 1


@pytest.mark.case("3.6")
async def test_a_death_comes_before_a_retirement_that_was_to_come(year: World, who: Played) -> None:
    """DOMAIN 3.6: the retirement was recorded months ahead."""
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": SECOND})
    await year.decided(who.employee, "exit", {"reason": "die", "effective": MAY.date().isoformat()})
    assert (await year.pass_to(who.appraisal, JUNE))["ending"] == "exited"


@pytest.mark.case("3.1")
async def test_a_transfer_to_come_is_put_right_by_another_on_its_day_or_taken_back(year: World, who: Played) -> None:
    """DOMAIN 3.1: HR mistook the unit; then nothing came of it at all."""
    before, (unit, post) = await line_of(year, who.employee), await place_of(year, who.employee)
    await goes(year, who, FIRST)
    right, supervisor = await goes(year, who, FIRST)
    assert (await line_of(year, who.employee))[1:] == [(FIRST, supervisor)]
    assert (await last_event(year, who))["taken_back"] == [{"what": "transfer", "effective": FIRST}]
    await goes(year, who, FIRST, unit=unit, post=post, supervisor=who.supervisor)
    assert (await last_event(year, who))["action"] == "transfer_taken_back"
    assert await line_of(year, who.employee) == before
    await year.pass_to(who.appraisal, JUNE)
    assert "close_segment" not in await year.actions_of(who.appraisal)
    assert await place_of(year, who.employee) == (unit, post)
    assert right != unit


@pytest.mark.case("3.3")
async def test_a_file_may_name_another_supervisor_of_today_while_a_transfer_is_to_come(
    year: World, who: Played
) -> None:
    """DOMAIN 3.3: it knows nothing of the transfer, but it knows who supervises her until then."""
    said = await row_of(year, who.employee)
    _, new = await goes(year, who, FIRST)
    _, between = await year.elsewhere(who.employee)
    told = await imported(year, said | {"nip_atasan": between})
    assert [change["what"] for change in told["changes"]] == ["supervisor_changed"]  # type: ignore[attr-defined]
    today = MAY.date().isoformat()
    assert (await line_of(year, who.employee))[1:] == [(today, between), (FIRST, new)]


async def test_the_line_closes_to_a_loop_on_no_later_day(year: World, who: Played) -> None:
    """She leaves his line in June, he enters hers in September; then she may not stay after all."""
    unit, post = await place_of(year, who.employee)
    await goes(year, who, FIRST)
    boss = await row_of(year, who.supervisor)
    under = {"supervisor": who.employee, "effective": FIRST, "reason": "Mutasi."}
    early = await year.post(f"/people/{who.supervisor}/supervisor", "hr", under | {"effective": MAY.date().isoformat()})
    assert early.json()["errors"][0]["code"] == "loop_in_line"
    await year.decided(who.supervisor, "supervisor", under | {"effective": SECOND})
    stays = {"post": post, "unit": unit, "supervisor": who.supervisor, "effective": FIRST}
    refused = await year.post(f"/people/{who.employee}/transfer", "hr", stays)
    assert refused.json()["errors"][0]["code"] == "loop_in_line"
    assert len(await line_of(year, who.employee)) == 2
    body = {"supervisor": boss["nip_atasan"], "effective": SECOND, "reason": "Batal."}
    await year.decided(who.supervisor, "supervisor", body)
    await year.decided(who.employee, "transfer", stays)


async def test_a_file_closes_no_loop_on_a_later_day_either(year: World, who: Played) -> None:
    """He is to come under her in September; a file that puts her under him again is refused with its row."""
    said = await row_of(year, who.employee)
    _, other = await year.elsewhere(who.employee)
    year.taken.append(other)
    today = MAY.date().isoformat()
    await year.decided(who.employee, "supervisor", {"supervisor": other, "effective": today, "reason": "Mutasi."})
    under = {"supervisor": who.employee, "effective": SECOND, "reason": "Mutasi."}
    await year.decided(who.supervisor, "supervisor", under)
    line = await line_of(year, who.employee)
    for params in ({"dry_run": "true"}, {"partial": "true"}):
        told = await imported(year, said, **params)
        assert [(one["row"], one["code"]) for one in told["rejected"]] == [(2, "loop_in_line")]  # type: ignore[attr-defined]
        assert told["changes"] == []
    assert await line_of(year, who.employee) == line


@pytest.mark.case("3.1")
async def test_of_two_transfers_told_late_each_part_is_where_it_was(year: World, who: Played) -> None:
    """DOMAIN 3.1: HR learns in September of June and of August."""
    await year.pass_to(who.appraisal, SEPTEMBER)
    found = [await goes(year, who, day) for day in (FIRST, f"{YEAR}-08-02")]
    _, second = await year.segments_of(who.employee, 2)
    await year.bring(second)
    _, _, third = await year.segments_of(who.employee, 3)
    assert [await unit_of_year(year, one) for one in (second, third)] == [unit for unit, _ in found]
    assert (await place_of(year, who.employee))[0] == found[1][0]


# ── the person's row ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_head_keeps_her_unit_and_its_numbers_until_the_day_she_goes(year: World, who: Played) -> None:
    """Rights are of today; who has no running year is moved by the upkeep, on the morning of her own zone."""
    cycle = (await year.row(who.appraisal))["cycle_id"]
    sql = """SELECT p.nip FROM role_grant g JOIN person p ON p.id = g.person_id JOIN unit u ON u.id = p.unit_id
              WHERE g.role = 'kepala_unit' AND u.parent_id IS NOT NULL ORDER BY p.nip LIMIT 1"""
    async with year.database.transaction() as connection:
        head = str((await connection.execute(text(sql))).scalar_one())

    async def scope() -> tuple[object, list[str]]:
        shown = (await year.get(f"/cycles/{cycle}/progress", head)).json()["by_unit"]
        return (await year.get("/me", head)).json()["unit"], [unit["unit"]["code"] for unit in shown]

    before = await scope()
    unit, supervisor = await year.elsewhere(head)
    body = {"post": "Kepala", "unit": unit, "supervisor": supervisor, "effective": FIRST}
    await year.decided(head, "transfer", body)
    year.now = datetime(YEAR, 5, 31, 16, 59, tzinfo=UTC)
    await look_once(year.rooms)
    assert await scope() == before
    year.now = datetime(YEAR, 5, 31, 17, 1, tzinfo=UTC)
    await look_once(year.rooms)
    assert await year.unit_of(head) == unit
    assert await scope() != before


async def test_a_transfer_of_december_is_taken_while_the_next_year_has_begun(year: World, who: Played) -> None:
    """The day falls into the running year, and only that one is asked; the year that has begun goes along into the new unit."""
    made = await year.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "SKP"})
    cycle = made.json()["id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    sql = """UPDATE appraisal a SET snapshot = jsonb_set(a.snapshot, '{since}', to_jsonb(CAST(:day AS text))) FROM person p
              WHERE p.id = a.person_id AND p.nip = :nip AND a.cycle_id = :cycle RETURNING a.id"""
    await year.segments_of(who.employee, 2)
    async with year.database.transaction() as connection:
        asked = {"day": f"{YEAR}-12-20", "nip": who.employee, "cycle": cycle}
        following = str((await connection.execute(text(sql), asked)).scalar_one())
    year.now = datetime(YEAR, 12, 22, 3, tzinfo=UTC)
    unit, _ = await goes(year, who, f"{YEAR}-12-15")
    assert await unit_of_year(year, following) == unit
    assert await unit_of_year(year, who.appraisal) != unit


async def test_who_came_late_and_was_put_right_on_her_first_day_is_in_the_right_unit(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """DOMAIN 3.17: her segment began today, by the clock of this machine."""
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("late"), people=24) as world:
        cycle = await opened_cycle(world)
        world.now = datetime.now(UTC) + timedelta(seconds=2)
        nip = f"20010906{world.now.year}092001"
        clerk = await world.next_clerk()
        said = await row_of(world, clerk) | {"nip": nip, "nama": "Pendatang"}
        await imported(world, said)
        assert (await world.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
        (appraisal,) = await world.segments_of(nip, 1)
        unit, supervisor = await world.elsewhere(clerk)
        there = await row_of(world, supervisor)
        right = said | {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "jabatan": "Lain"}
        await imported(world, right)
        assert await unit_of_year(world, appraisal) == unit
