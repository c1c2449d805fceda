"""Who was left out of a cycle because another had her year is not forgotten once that one is cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from api import cycles
from api.upkeep import look_once
from tests.api.test_rosters import people, send
from tests.endings import JANUARY, Played
from tests.workflow.people.changes import JUNE, MAY, not_begun, transferred
from tests.workflow.test_promises import until
from tests.world import World, opened_cycle, opened_world

LEFT_OUT = text(
    """
    SELECT p.nip FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE a.cycle_id = :cycle AND a.launch_problem = 'in_another_cycle' ORDER BY p.nip
    """
)
SECOND_HR = text("INSERT INTO role_grant SELECT id, 'hr' FROM person WHERE nip = :nip")


@pytest_asyncio.fixture
async def small(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[World]:
    """An agency of its own for each test, with another HR officer: here whole cycles are cancelled."""
    async with opened_world(postgres_url, engine_address, tmp_path / "archive", people=24) as world:
        async with world.database.transaction() as connection:
            await connection.execute(SECOND_HR, {"nip": world.people["pyb"]})
            await connection.execute(text("UPDATE revision SET value = value + 1 WHERE name = 'line'"))
        yield world


@pytest.fixture
def died(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cancels a cycle is answered, and the process is gone before anybody's year was cancelled."""

    async def nobody(*_: object) -> None: ...

    monkeypatch.setattr(cycles, "cancel_everybody", nobody)


async def left_out(world: World, cycle: str) -> list[str]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(LEFT_OUT, {"cycle": cycle})).scalars())


async def listed(world: World, cycle: str, code: str, who: str = "hr") -> list[Mapping[str, object]]:
    answer = await world.get(f"/cycles/{cycle}/worklist", who, limit=200)
    return [one for one in answer.raise_for_status().json()["items"] if one["code"] == code]


async def cancelled(world: World, cycle: str) -> None:
    answer = await world.post(f"/cycles/{cycle}/cancel", "hr", {"reason": "Kebijakan keliru."})
    assert answer.status_code == 202, answer.text


async def everybody_begun(world: World, cycle: str, but: int = 0) -> None:
    async def begun() -> bool:
        progress = (await world.get(f"/cycles/{cycle}/progress", "hr")).json()
        return bool(progress["launched"] == progress["roster"] - but > 0)

    await until(begun, "not everybody has a year")


@pytest.mark.usefixtures("died")
async def test_a_cycle_made_anew_while_the_wrong_one_was_being_cancelled_is_everybodys_in_the_end(small: World) -> None:
    wrong = await opened_cycle(small)
    begun = (await small.get(f"/cycles/{wrong}/progress", "hr")).json()["launched"]
    await cancelled(small, wrong)
    right = await opened_cycle(small)
    waits = await left_out(small, right)
    assert len(waits) == begun
    assert await not_begun(small, right) == [], "their years of before run still"
    await look_once(small.rooms)
    hr = small.people["hr"]
    entries = await listed(small, right, "not_begun")
    assert sorted(one["employee"]["nip"] for one in entries) == [nip for nip in waits if nip != hr]  # type: ignore[index]
    assert all(one["actions"] == ["open"] for one in entries)
    assert (await small.post(f"/cycles/{right}/open", "hr")).status_code == 202
    await everybody_begun(small, right, but=1 + len(await listed(small, right, "no_supervisor")))
    assert await not_begun(small, right) == []


async def test_the_own_year_of_whoever_cancelled_is_on_the_list_of_the_cancelled_cycle_until_another_cancels_it(
    small: World,
) -> None:
    wrong = await opened_cycle(small)
    own = await small.appraisal_of("hr")
    assert await listed(small, wrong, "not_cancelled") == []
    await cancelled(small, wrong)
    await settled(small, lambda: only_hers(small, wrong))
    right = await opened_cycle(small)
    [hers] = await listed(small, wrong, "not_cancelled")
    assert (hers["appraisal_id"], hers["actions"]) == (own, []), "nobody acts on her own"
    [to_another] = await listed(small, wrong, "not_cancelled", "pyb")
    assert (to_another["appraisal_id"], to_another["actions"]) == (own, ["cancel"])
    assert small.people["hr"] not in await not_begun(small, right)
    await small.done(own, "cancel", "pyb", {"reason": "Kebijakan keliru."})
    assert await listed(small, wrong, "not_cancelled", "pyb") == []
    assert small.people["hr"] in await not_begun(small, right)


async def only_hers(world: World, cycle: str) -> bool:
    progress = (await world.get(f"/cycles/{cycle}/progress", "hr")).json()
    return bool(progress["by_state"].get("plan.drafting") == 1)


async def settled(world: World, holds: Callable[[], Awaitable[bool]]) -> None:
    await look_once(world.rooms)
    await until(holds, "not everybody's year was cancelled")


@pytest.mark.usefixtures("died")
async def test_a_year_that_could_not_be_cancelled_within_the_hour_is_on_the_list(small: World) -> None:
    """Until then it is being done, and nobody has to see to it."""
    wrong = await opened_cycle(small)
    await cancelled(small, wrong)
    mine = await small.appraisal_of("employee")
    assert [one["appraisal_id"] for one in await listed(small, wrong, "not_cancelled")] == [
        await small.appraisal_of("hr")
    ]
    small.now += timedelta(hours=2)
    entries = {one["appraisal_id"]: one["actions"] for one in await listed(small, wrong, "not_cancelled")}
    assert entries[mine] == ["cancel"]


async def test_a_year_that_hr_cancelled_by_itself_in_a_cycle_that_runs_can_be_begun_in_another(small: World) -> None:
    unit = await small.unit_of("employee")
    its = await opened_cycle(small, units=[unit])
    everybody = await opened_cycle(small)
    nip = small.people["employee"]
    assert nip in await left_out(small, everybody)
    async with small.database.transaction() as connection:
        there = text(
            "SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id WHERE p.nip = :nip AND a.cycle_id = :cycle"
        )
        hers = (await connection.execute(there, {"nip": nip, "cycle": its})).scalar_one()
    await small.done(hers, "cancel", "hr", {"reason": "Siklus keliru."})
    assert await not_begun(small, everybody) == [nip]


@pytest.mark.usefixtures("died")
async def test_who_was_transferred_in_the_cancelled_cycle_can_begin_anew_as_well(small: World) -> None:
    """Her first part there was closed, which the cancellation does not reach."""
    small.now = JANUARY
    wrong = await opened_cycle(small)
    right = await opened_cycle(small)
    who = await Played.of(small, await small.next_clerk())
    await small.pass_to(who.appraisal, MAY)
    await transferred(small, who)
    await small.pass_to(who.appraisal, JUNE)
    assert (await small.row(who.appraisal))["ending"] == "not_ratable"
    await small.segments_of(who.employee, 2)
    await cancelled(small, wrong)
    await look_once(small.rooms)
    assert who.employee in await not_begun(small, right)


async def test_who_had_no_supervisor_is_not_on_the_list_while_another_cycle_has_her(small: World) -> None:
    new, unit = "199105052020011009", await small.unit_of("employee")
    (await send(small, "hr", people(f"{new}|Baru||unit={unit}"))).raise_for_status()
    its = await opened_cycle(small, units=[unit])

    async def asked_for() -> list[object]:
        entries = await listed(small, its, "no_supervisor")
        return [one["actions"] for one in entries if one["employee"]["nip"] == new]  # type: ignore[index]

    assert await asked_for() == [["import"]]
    (await send(small, "hr", people(f"{new}|Baru|{small.people['supervisor']}|unit={unit}"))).raise_for_status()
    assert await asked_for() == [["import", "open"]]
    await opened_cycle(small)
    assert await asked_for() == []
    [hers] = await small.segments_of(new, 1)
    await small.done(hers, "cancel", "hr", {"reason": "Siklus keliru."})
    assert await asked_for() == [["import", "open"]], "nobody has her any more"
