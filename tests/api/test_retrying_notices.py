"""What could not be sent is sent again once HR says so, if it still has its reason; and the list offers that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from activities.outbox import tell
from tests.endings import JANUARY, Played, at
from tests.world import YEAR, World

PEOPLE = 60
NONE_SUCH = "3f0b8f6e-5f0e-4b0e-9d0e-0c1d2e3f4a5b"


@pytest_asyncio.fixture
async def office(year: World) -> World:
    """It is January, and nobody waits for any mail."""
    at(year, JANUARY)
    async with year.database.transaction() as connection:
        await connection.execute(text("DELETE FROM notice"))
        await connection.execute(text("DELETE FROM digest"))
    return year


async def cycle_of(world: World) -> str:
    async with world.database.transaction() as connection:
        return str((await connection.execute(text("SELECT id FROM cycle WHERE state <> 'draft'"))).scalar_one())


async def again(world: World, body: object = None, who: str = "hr", **headers: str) -> tuple[int, Mapping[str, object]]:
    answer = await world.post(f"/cycles/{await cycle_of(world)}/notices/retry", who, body, **headers)
    return answer.status_code, answer.json()


async def untold(world: World, act: str = "return_plan") -> Played:
    """Somebody whose plan came back, or was sent, and no mail of that could be sent."""
    who = await Played.of(world, await world.next_clerk())
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    if act == "return_plan":
        await world.done(who.appraisal, act, who.supervisor, {"comment": "Indikatornya belum terukur."})
    world.now += timedelta(minutes=5)
    async with world.database.transaction() as connection:
        fail = "UPDATE notice SET state = 'failed', attempts = 20, last_error = 'refused', digest_id = NULL"
        await connection.execute(text(f"{fail} WHERE appraisal_id = :id"), {"id": who.appraisal})
    return who


async def of(world: World, who: Played) -> dict[str, tuple[str, int]]:
    """The state and attempts of each of her year's notices, by text; who is told of the same is told alike."""
    sql = text("SELECT text, state, attempts FROM notice WHERE appraisal_id = :id")
    async with world.database.transaction() as connection:
        rows = await connection.execute(sql, {"id": who.appraisal})
        return {row.text: (row.state, row.attempts) for row in rows}


async def listed(world: World) -> dict[object, object]:
    """The actions of what could not be sent, by appraisal, or by NIP where it is of none."""
    answer = (await world.get(f"/cycles/{await cycle_of(world)}/worklist", "hr", limit=200)).json()
    failed = [item for item in answer["items"] if item["code"] == "notice_failed"]
    return {item["appraisal_id"] or item["employee"]["nip"]: item["actions"] for item in failed}


async def deliver(world: World) -> list[str]:
    rooms = world.rooms
    return await Deliverer(world.database, rooms.people, rooms.facts, Channels(), clock=lambda: world.now).drain()


async def test_a_notice_that_could_not_be_sent_is_sent_again_and_leaves_the_list(office: World) -> None:
    who = await untold(office)
    assert await listed(office) == {who.appraisal: ["retry"]}
    status, answer = await again(office)
    assert (status, answer) == (200, {"retried": 1}), "that the plan was sent lost its reason when it came back"
    assert await of(office, who) == {"form_returned": ("pending", 0), "plan_submitted": ("failed", 20)}
    assert await listed(office) == {}
    assert await deliver(office) == ["shown"]
    assert (await of(office, who))["form_returned"][0] == "shown"
    assert await again(office) == (200, {"retried": 0})


async def test_what_waits_for_a_morning_waits_for_the_next_one(office: World) -> None:
    who = await untold(office, "submit_plan")
    status, answer = await again(office)
    assert (status, answer["retried"]) == (200, len(await told_of(office, who)))
    assert await deliver(office) == [], "nothing of it is urgent"
    office.now += timedelta(days=1)
    await Digests(office.database).gather(GatherInput(at=office.now))
    assert set(await deliver(office)) == {"shown"}
    assert (await of(office, who))["plan_submitted"][0] == "shown"


async def told_of(world: World, who: Played) -> list[str]:
    sql = text("SELECT person_id FROM notice WHERE appraisal_id = :id AND text = 'plan_submitted'")
    async with world.database.transaction() as connection:
        return list((await connection.execute(sql, {"id": who.appraisal})).scalars())


async def test_only_those_that_hr_names_are_sent_again(office: World) -> None:
    named, other = await untold(office), await untold(office)
    assert await again(office, {"appraisals": [named.appraisal]}) == (200, {"retried": 1})
    assert (await of(office, other))["form_returned"] == ("failed", 20)
    assert await listed(office) == {other.appraisal: ["retry"]}


async def test_what_is_of_no_appraisal_is_sent_again_with_everything(office: World) -> None:
    nip = await office.next_clerk()
    async with office.database.transaction() as connection:
        sql = "SELECT p.id, t.supervisor_id FROM person p JOIN tenure t ON t.person_id = p.id WHERE p.nip = :nip"
        person, superior = (await connection.execute(text(sql), {"nip": nip})).one()
        said = {"from": f"{YEAR}-01-01", "person": superior}
        await tell(connection, [person], "supervisor_changed", at=office.now, actor=None, facts=said)
        await connection.execute(text("UPDATE notice SET state = 'failed'"))
    assert await listed(office) == {nip: ["retry"]}
    assert await again(office) == (200, {"retried": 1})
    assert await listed(office) == {}


async def test_whoever_delivers_is_woken_where_something_is_urgent(office: World) -> None:
    await untold(office, "submit_plan")
    async with woken(office) as heard:
        await again(office)
        await asyncio.sleep(0.2)
    assert not heard.is_set()
    await untold(office)
    async with woken(office) as heard:
        await again(office)
        await asyncio.wait_for(heard.wait(), 30)


@asynccontextmanager
async def woken(world: World) -> AsyncIterator[asyncio.Event]:
    """Set once somebody calls for the outbox."""
    heard = asyncio.Event()

    def hear(*_: object) -> None:
        heard.set()

    async with world.database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.add_listener("outbox", hear)
        try:
            yield heard
        finally:
            await driver.remove_listener("outbox", hear)


async def test_the_same_key_sends_nothing_a_second_time(office: World) -> None:
    who = await untold(office)
    first = await again(office, Idempotency_Key="retry-1")
    async with office.database.transaction() as connection:
        await connection.execute(text("UPDATE notice SET state = 'failed', attempts = 20"))
    assert await again(office, Idempotency_Key="retry-1") == first == (200, {"retried": 1})
    assert (await of(office, who))["form_returned"] == ("failed", 20)
    status, problem = await again(office, {"appraisals": [who.appraisal]}, Idempotency_Key="retry-1")
    assert (status, problem["code"]) == (422, "key_reused")


async def test_it_is_an_event_of_the_cycle_unless_there_was_nothing(office: World) -> None:
    who = await untold(office)
    await again(office, {"appraisals": [who.appraisal]})
    await again(office)
    last = text("SELECT action, data FROM cycle_event WHERE cycle_id = :cycle ORDER BY seq DESC LIMIT 1")
    async with office.database.transaction() as connection:
        row = (await connection.execute(last, {"cycle": await cycle_of(office)})).one()
    assert (row.action, row.data) == ("notices_retried", {"retried": 1, "appraisals": 1})


async def test_only_hr_has_notices_sent_again(office: World) -> None:
    for who in ("employee", "supervisor", "auditor"):
        status, problem = await again(office, who=who)
        assert (status, problem["code"]) == (403, "not_yours")


BAD: dict[str, tuple[object, str]] = {
    "none": ([], "too_short"),
    "no id": (["satu"], "string_pattern_mismatch"),
    "a year of nobody": ([NONE_SUCH], "unknown_appraisal"),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_wish_that_names_no_year_of_this_cycle_is_refused(office: World, what: str) -> None:
    named, code = BAD[what]
    status, problem = await again(office, {"appraisals": named})
    assert (status, problem["code"]) == (422, "invalid_input")
    assert [one["code"] for one in problem["errors"]] == [code]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("alone")
async def test_who_holds_hrs_role_in_her_place_is_offered_no_call_that_is_refused_to_him(office: World) -> None:
    hers = await office.appraisal_of("hr")
    async with office.database.transaction() as connection:
        sql = "INSERT INTO notice SELECT (jsonb_populate_record(NULL::notice, CAST(:row AS jsonb))).*"
        person = (await office.row(hers))["person_id"]
        row = (
            f'{{"id": "hers", "appraisal_id": "{hers}", "event_seq": 1, "person_id": "{person}", "text": "year_begun", '
            f'"facts": {{}}, "at": "{office.now.isoformat()}", "at_once": true, "state": "failed", "attempts": 20, '
            f'"next_try_at": "{office.now.isoformat()}"}}'
        )
        await connection.execute(text(sql), {"row": row})
    answer = (await office.get(f"/cycles/{await cycle_of(office)}/worklist", "pyb", limit=200)).json()
    assert [item["actions"] for item in answer["items"] if item["code"] == "notice_failed"] == [[]]
    assert (await again(office, who="pyb"))[1]["code"] == "not_yours"
