"""The check before a cycle is opened: whoever would be stranded is named, and what would be wrong for everybody keeps it shut."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest_asyncio
from sqlalchemy import TextClause, text

from activities.people import move_line
from tests.world import YEAR, World

PEOPLE = 40

TAKE = text(
    """
    DELETE FROM role_grant g USING person p WHERE p.id = g.person_id AND g.role = :role AND p.nip <> :but
    RETURNING g.person_id AS person, g.role
    """
)
GIVE = text("INSERT INTO role_grant VALUES (:person, :role)")
PUT = text(
    """
    WITH was AS (SELECT t.person_id, t.supervisor_id FROM tenure t JOIN person p ON p.id = t.person_id WHERE p.nip = :nip)
    UPDATE tenure t SET supervisor_id = (SELECT id FROM person WHERE nip = :superior) FROM was
     WHERE was.person_id = t.person_id RETURNING t.person_id AS person, was.supervisor_id AS was
    """
)
PUT_BACK = text("UPDATE tenure SET supervisor_id = :was WHERE person_id = :person")


@pytest_asyncio.fixture(scope="module")
async def draft(world: World) -> str:
    """A draft for everybody, in a year in which whoever is to come has come."""
    world.now = datetime(YEAR, 1, 4, 3, tzinfo=UTC)
    made = await world.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "SKP"})
    return str(made.json()["id"])


async def found(world: World, cycle: str) -> dict[str, Sequence[str]]:
    """What the check says by code, with the NIPs that it names; blockers begin with a mark."""
    said = (await world.post(f"/cycles/{cycle}/check", "hr")).raise_for_status().json()
    blockers = {f"! {one['code']}": one["people"] for one in said["blockers"]}
    return blockers | {one["code"]: one["people"] for one in said["warnings"]}


@asynccontextmanager
async def meanwhile(world: World, change: TextClause, back: TextClause, **asked: str) -> AsyncIterator[None]:
    """The agency as it is after a change that tells what was there, until each of that is put back."""
    async with world.database.transaction() as connection:
        was = (await connection.execute(change, asked)).mappings().all()
        await move_line(connection)
    yield
    async with world.database.transaction() as connection:
        for row in was:
            await connection.execute(back, dict(row))
        await move_line(connection)


def without(world: World, role: str, but: str = "") -> AbstractAsyncContextManager[None]:
    """While nobody has that role, or one person only."""
    return meanwhile(world, TAKE, GIVE, role=role, but=but)


def under(world: World, nip: str, superior: str) -> AbstractAsyncContextManager[None]:
    """While somebody stands under another, or under nobody."""
    return meanwhile(world, PUT, PUT_BACK, nip=nip, superior=superior)


async def test_an_agency_in_order_is_told_of_no_blocker_and_of_few_at_its_top(world: World, draft: str) -> None:
    told = await found(world, draft)
    assert not [code for code in told if code.startswith("!")]
    assert "nobody_is_hr" not in told
    assert all(len(told.get(code, ())) <= 2 for code in ("no_supervisor", "no_appeal_authority"))


async def test_a_line_that_is_a_loop_keeps_the_cycle_shut_and_names_who_is_in_it(world: World, draft: str) -> None:
    employee, supervisor = world.people["employee"], world.people["supervisor"]
    async with under(world, supervisor, employee):
        assert set((await found(world, draft))["! loop_in_line"]) == {employee, supervisor}
        opened = await world.post(f"/cycles/{draft}/open", "hr")
        assert (opened.status_code, opened.json()["code"]) == (409, "cycle_blocked")


async def test_an_only_hr_officer_is_warned_of_her_own_year(world: World, draft: str) -> None:
    hr = world.people["hr"]
    async with without(world, "hr", but=hr):
        assert "only_one_hr" in await found(world, draft)


async def test_who_has_left_does_not_count_as_a_second_hr_officer(world: World, draft: str) -> None:
    assert "only_one_hr" not in await found(world, draft)
    await world.decided("199108182017011001", "exit", {"reason": "resign", "effective": f"{YEAR}-01-04"})
    assert "only_one_hr" in await found(world, draft)


async def test_whom_nobody_could_rate_and_whose_objection_nobody_could_decide_are_named(
    world: World, draft: str
) -> None:
    employee = world.people["employee"]
    async with without(world, "pyb"), under(world, employee, ""):
        told = await found(world, draft)
        assert employee in told["no_supervisor"]
        assert len(told["no_appeal_authority"]) > 2
    assert employee not in (await found(world, draft)).get("no_supervisor", ())
