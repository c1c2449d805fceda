"""HR's nudge: whoever is waited for is told once, not twice within a day, and never of a year of HR's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from models.vocabulary import State, Zone
from models.workdays import local_day
from tests.endings import JANUARY
from tests.world import World

TUESDAY = JANUARY + timedelta(days=(1 - JANUARY.weekday()) % 7 + 7)
SUNDAY = TUESDAY + timedelta(days=5)
MONDAY_MORNING = (SUNDAY + timedelta(days=1)).replace(hour=1, minute=30)
"""Half past eight in Jakarta."""


@pytest_asyncio.fixture
async def agency(year: World) -> World:
    """Everybody plans, and no nudge is on record."""
    year.now = TUESDAY
    async with year.database.transaction() as connection:
        await connection.execute(text("DELETE FROM notice WHERE text = 'nudge'"))
        await connection.execute(text("UPDATE notice SET digest_id = NULL, state = 'sent'"))
        await connection.execute(text("DELETE FROM digest"))
    return year


async def cycle_of(world: World) -> str:
    async with world.database.transaction() as connection:
        return str((await connection.execute(text("SELECT id FROM cycle WHERE state = 'open'"))).scalar_one())


async def nudged(
    world: World, body: object = None, who: str = "hr", **headers: str
) -> tuple[int, Mapping[str, object]]:
    answer = await world.post(f"/cycles/{await cycle_of(world)}/nudges", who, body or {}, **headers)
    return answer.status_code, answer.json()


async def notices(world: World) -> list[Mapping[str, object]]:
    sql = text(
        "SELECT p.nip, n.facts, n.at_once, n.at, n.cycle_id FROM notice n JOIN person p ON p.id = n.person_id "
        "WHERE n.text = 'nudge' ORDER BY p.nip, n.at"
    )
    async with world.database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(sql)).mappings()]


async def told(world: World) -> None:
    """What is to be told by now is told: in the morning that has come, and at once."""
    rooms, now = world.rooms, world.now
    await Digests(world.database).gather(GatherInput(at=now))
    await Deliverer(world.database, rooms.people, rooms.facts, Channels(), clock=lambda: now).drain()


async def put(world: World, nip: str, state: State) -> None:
    """Let the row of somebody's year say another state."""
    sql = text("UPDATE appraisal SET state = :state WHERE person_id = (SELECT id FROM person WHERE nip = :nip)")
    async with world.database.transaction() as connection:
        await connection.execute(sql, {"state": state.value, "nip": nip})


async def test_everybody_the_cycle_waits_on_is_told_once_but_hr_of_her_own(agency: World) -> None:
    status, answer = await nudged(agency)
    told = await notices(agency)
    assert (status, answer["told"]) == (200, len(told))
    assert len({row["nip"] for row in told}) == len(told) > 30
    assert agency.people["hr"] not in {row["nip"] for row in told}
    assert all(row["facts"]["count"] == 1 for row in told)  # type: ignore[index]


async def test_a_second_nudge_within_a_day_is_refused_and_the_day_after_it_is_not(agency: World) -> None:
    nip = agency.people["employee"]
    assert await nudged(agency, {"people": [nip]}) == (200, {"told": 1, "skipped": []})
    await told(agency)
    agency.now += timedelta(hours=23)
    status, problem = await nudged(agency, {"people": [nip]})
    assert (status, problem["code"]) == (409, "nudged_already")
    assert problem["skipped"] == [{"nip": nip, "code": "nudged_already"}]
    agency.now += timedelta(hours=2)
    assert (await nudged(agency, {"people": [nip]}))[0] == 200


async def test_what_was_pressed_on_a_day_off_is_one_notice_and_is_not_told_again_within_a_day_of_that_morning(
    agency: World,
) -> None:
    nip = agency.people["employee"]
    for agency.now in (SUNDAY - timedelta(days=1), SUNDAY, SUNDAY + timedelta(hours=20)):
        status, _ = await nudged(agency, {"people": [nip]})
        assert status == (200 if agency.now < SUNDAY else 409)
    assert len(await notices(agency)) == 1, "the others were pressed while it was still to be told"
    agency.now = MONDAY_MORNING + timedelta(minutes=30)
    await told(agency)
    status, problem = await nudged(agency, {"people": [nip]})
    assert (status, problem["code"]) == (409, "nudged_already")
    agency.now = MONDAY_MORNING + timedelta(hours=23, minutes=59)
    assert (await nudged(agency, {"people": [nip]}))[0] == 409
    agency.now = MONDAY_MORNING + timedelta(hours=24, minutes=1)
    assert (await nudged(agency, {"people": [nip]}))[0] == 200


async def test_a_mail_server_that_was_down_makes_no_two_nudges_of_it(agency: World) -> None:
    """It is told late, and counts from then."""
    nip = agency.people["employee"]
    await nudged(agency, {"people": [nip]})
    agency.now += timedelta(hours=30)
    assert (await nudged(agency, {"people": [nip]}))[0] == 409, "it is tried on"
    async with agency.database.transaction() as connection:
        late = text("UPDATE notice SET state = 'sent', sent_at = :at WHERE text = 'nudge'")
        await connection.execute(late, {"at": agency.now})
    agency.now += timedelta(hours=23)
    assert (await nudged(agency, {"people": [nip]}))[0] == 409
    agency.now += timedelta(hours=2)
    assert (await nudged(agency, {"people": [nip]}))[0] == 200


async def test_a_nudge_that_had_lost_its_reason_by_the_morning_was_none(agency: World) -> None:
    nip = agency.people["employee"]
    agency.now = SUNDAY
    await nudged(agency, {"people": [nip]})
    await put(agency, nip, State.EXECUTION_RUNNING)
    agency.now = MONDAY_MORNING + timedelta(minutes=30)
    try:
        await told(agency)
    finally:
        await put(agency, nip, State.PLAN_DRAFTING)
    assert (await nudged(agency, {"people": [nip]}))[0] == 200


async def test_a_nudge_that_lost_its_reason_before_the_morning_keeps_nobody_from_another(agency: World) -> None:
    """She has reviewed that form on Sunday, and another came: she is told of it alone, though the first comes back."""
    lead = await agency.supervisor_of_many()
    first, second = lead.people[:2]
    agency.now = SUNDAY
    await put(agency, lead.nip, State.EXECUTION_RUNNING)
    await put(agency, first, State.PLAN_REVIEWING)
    try:
        assert await nudged(agency, {"people": [lead.nip]}) == (200, {"told": 1, "skipped": []})
        await put(agency, first, State.EXECUTION_RUNNING)
        await put(agency, second, State.PLAN_REVIEWING)
        assert await nudged(agency, {"people": [lead.nip]}) == (200, {"told": 1, "skipped": []})
        assert (await nudged(agency, {"people": [lead.nip]}))[0] == 409, "of this one she is still to be told"
        await put(agency, first, State.PLAN_REVIEWING)
        agency.now = MONDAY_MORNING + timedelta(minutes=30)
        await told(agency)
    finally:
        for nip in (lead.nip, first, second):
            await put(agency, nip, State.PLAN_DRAFTING)
    async with agency.database.transaction() as connection:
        found = await connection.execute(text("SELECT state FROM notice WHERE text = 'nudge' ORDER BY at, id"))
        assert sorted(found.scalars()) == ["dropped", "shown"]


async def test_whoever_was_nudged_is_skipped_and_the_others_are_told(agency: World) -> None:
    nip = agency.people["employee"]
    await nudged(agency, {"people": [nip]})
    status, answer = await nudged(agency)
    assert status == 200
    assert answer["skipped"] == [{"nip": nip, "code": "nudged_already"}]
    assert answer["told"] == len(await notices(agency)) - 1


async def test_the_same_key_gives_the_same_answer_and_tells_nobody_again(agency: World) -> None:
    first = await nudged(agency, Idempotency_Key="nudge-1")
    again = await nudged(agency, Idempotency_Key="nudge-1")
    assert first == again
    assert len(await notices(agency)) == first[1]["told"]
    status, problem = await nudged(agency, {"unit": "X"}, Idempotency_Key="nudge-1")
    assert (status, problem["code"]) == (422, "key_reused")


async def test_a_supervisor_is_told_of_all_her_forms_in_one_notice(agency: World) -> None:
    lead = await agency.supervisor_of_many()
    for nip in lead.people:
        await put(agency, nip, State.PLAN_REVIEWING)
    await put(agency, lead.nip, State.EXECUTION_RUNNING)
    try:
        status, answer = await nudged(agency, {"people": [lead.people[0]]})
        assert (status, answer) == (200, {"told": 1, "skipped": []}), "her form lies with her supervisor"
        [row] = await notices(agency)
        assert (row["nip"], row["facts"]["count"]) == (lead.nip, 1)  # type: ignore[index]
        await told(agency)
        agency.now += timedelta(days=2)
        await nudged(agency, {"people": [lead.nip]})
        assert (await notices(agency))[-1]["facts"]["count"] == len(lead.people)  # type: ignore[index]
    finally:
        for nip in [lead.nip, *lead.people]:
            await put(agency, nip, State.PLAN_DRAFTING)


async def test_of_whom_nothing_waits_hr_is_told_so(agency: World) -> None:
    nip = agency.people["employee"]
    await put(agency, nip, State.EXECUTION_RUNNING)
    try:
        hers = {"nip": nip, "code": "nothing_waits"}
        own = {"nip": agency.people["hr"], "code": "own_appraisal"}
        status, answer = await nudged(agency, {"people": [nip, agency.people["hr"]]})
        assert (status, answer["told"]) == (200, 0)
        assert sorted(answer["skipped"], key=str) == sorted([hers, own], key=str)  # type: ignore[call-overload]
    finally:
        await put(agency, nip, State.PLAN_DRAFTING)


async def test_a_unit_is_nudged_with_what_is_below_it(agency: World) -> None:
    units = text(
        "WITH RECURSIVE below AS (SELECT u.id AS top, u.id FROM unit u UNION "
        "SELECT b.top, u.id FROM unit u JOIN below b ON u.parent_id = b.id) "
        "SELECT t.code, array_agg(p.nip ORDER BY p.nip) AS nips FROM below b JOIN unit t ON t.id = b.top "
        "JOIN person p ON p.unit_id = b.id JOIN appraisal a ON a.person_id = p.id AND a.launch = 'launched' "
        "GROUP BY t.code ORDER BY count(*)"
    )
    async with agency.database.transaction() as connection:
        rows = (await connection.execute(units)).all()
    small = rows[0]
    await nudged(agency, {"unit": small.code})
    assert [row["nip"] for row in await notices(agency)] == [n for n in small.nips if n != agency.people["hr"]]


async def test_on_a_day_off_it_waits_for_the_next_morning(agency: World) -> None:
    nip = agency.people["employee"]
    agency.now = SUNDAY
    assert local_day(agency.now, (await zone_of(agency, nip))).weekday() == 6
    await nudged(agency, {"people": [nip]})
    [row] = await notices(agency)
    assert (row["at_once"], row["at"], row["cycle_id"]) == (False, agency.now, await cycle_of(agency))


async def zone_of(world: World, nip: str) -> Zone:
    async with world.database.transaction() as connection:
        found = await connection.execute(text("SELECT zone FROM person WHERE nip = :nip"), {"nip": nip})
        return Zone(found.scalar_one())


@pytest.mark.parametrize("done", [False, True])
async def test_a_nudge_that_waited_for_the_morning_is_told_only_if_something_still_waits(
    agency: World, done: bool
) -> None:
    nip = agency.people["employee"]
    agency.now = SUNDAY
    await nudged(agency, {"people": [nip]})
    await put(agency, nip, State.EXECUTION_RUNNING if done else State.PLAN_DRAFTING)
    agency.now = SUNDAY + timedelta(days=1)
    try:
        await told(agency)
    finally:
        await put(agency, nip, State.PLAN_DRAFTING)
    async with agency.database.transaction() as connection:
        found = await connection.execute(text("SELECT state FROM notice WHERE text = 'nudge'"))
        assert list(found.scalars()) == ["dropped" if done else "shown"]


async def test_a_nudge_is_an_event_of_the_cycle_with_its_counts(agency: World) -> None:
    await nudged(agency, {"people": [agency.people["employee"]]})
    last = text("SELECT action, data FROM cycle_event WHERE cycle_id = :cycle ORDER BY seq DESC LIMIT 1")
    async with agency.database.transaction() as connection:
        row = (await connection.execute(last, {"cycle": await cycle_of(agency)})).one()
    assert row.action == "nudged"
    assert row.data == {"told": 1, "skipped": 0, "appraisals": 1, "people": 1, "unit": None}


BAD: dict[str, tuple[object, int, str]] = {
    "people and a unit": ({"people": ["199003122015032004"], "unit": "X"}, 422, "invalid_input"),
    "nobody": ({"people": []}, 422, "invalid_input"),
    "no NIP": ({"people": ["siapa"]}, 422, "invalid_input"),
    "a NIP of nobody": ({"people": ["199001012015011999"]}, 422, "invalid_input"),
    "an unknown unit": ({"unit": "TIDAK ADA"}, 422, "invalid_input"),
    "an unknown field": ({"everybody": True}, 422, "invalid_input"),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_wish_that_cannot_be_is_refused_and_tells_nobody(agency: World, what: str) -> None:
    body, status, code = BAD[what]
    answered, problem = await nudged(agency, body)
    assert (answered, problem["code"]) == (status, code)
    assert await notices(agency) == []


async def test_only_hr_nudges(agency: World) -> None:
    for who in ("employee", "supervisor", "auditor"):
        status, problem = await nudged(agency, who=who)
        assert (status, problem["code"]) == (403, "not_yours")


async def test_a_draft_cycle_waits_on_nobody_yet(agency: World) -> None:
    made = await agency.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": 2029, "name": "SKP 2029"})
    answer = await agency.post(f"/cycles/{made.json()['id']}/nudges", "hr", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle_state")


# ── what could not be told ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_notice_that_failed_is_on_the_worklist_also_one_of_no_appraisal(agency: World) -> None:
    nip = agency.people["employee"]
    await nudged(agency, {"people": [nip]})
    before = await listed(agency)
    async with agency.database.transaction() as connection:
        await connection.execute(text("UPDATE notice SET state = 'failed' WHERE text = 'nudge'"))
    assert [nip for nip in await listed(agency) if nip not in before] == [nip]
    assert (await nudged(agency, {"people": [nip]}))[0] == 200, "what failed was no nudge"


async def listed(world: World) -> list[str]:
    answer = (await world.get(f"/cycles/{await cycle_of(world)}/worklist", "hr")).json()
    return [item["employee"]["nip"] for item in answer["items"] if item["code"] == "notice_failed"]
