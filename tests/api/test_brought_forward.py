"""Whose due day comes nearer is told so, once and in the morning; who was given more time sees it in her list, and gets no mail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from models.vocabulary import Role
from models.ways import WAITS_ON
from tests.api.statements import counted
from tests.api.test_cycles import Body, cycle_of, due, move
from tests.endings import JANUARY, Played
from tests.workflow._post import Mailbox
from tests.world import YEAR, World

PEOPLE = 60
PLAN_DUE, SOONER, SOONEST, LATER = (f"{YEAR}-{day}" for day in ("01-31", "01-27", "01-25", "02-26"))
TOMORROW = datetime(YEAR, 1, 6, 2, tzinfo=UTC)
"""The sixth of January, half past eight in the west."""


@pytest_asyncio.fixture
async def planning(year: World) -> AsyncIterator[World]:
    """It is the fifth of January, nobody waits for any mail, and the plan is due on the last of the month; afterwards again."""
    year.now = JANUARY
    await forget(year)
    yield year
    year.now = JANUARY
    await moved(year, PLAN_DUE)
    await forget(year)


async def forget(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(text("DELETE FROM notice"))
        await connection.execute(text("DELETE FROM digest"))
        await connection.execute(text("UPDATE person SET email = nip || '@contoh.go.id'"))


async def moved(world: World, day: str, *, preview: bool = False, **more: object) -> Body:
    """What it does that HR lets the plan be due on that day."""
    answer = await move(world, await cycle_of(world), due(day) | more, preview=preview)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert isinstance(said, dict)
    return said


async def told(world: World) -> list[Mapping[str, object]]:
    """The notices that a due day comes nearer."""
    sql = text(
        "SELECT p.nip, a.state AS stands, n.* FROM notice n JOIN person p ON p.id = n.person_id "
        "JOIN appraisal a ON a.id = n.appraisal_id WHERE n.text = 'brought_forward' ORDER BY n.at, p.nip, a.id"
    )
    async with world.database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(sql)).mappings()]


async def of(world: World, who: Played) -> list[str]:
    """What became of those about her year."""
    return [str(one["state"]) for one in await told(world) if one["appraisal_id"] == who.appraisal]


async def morning(world: World, mailbox: Mailbox, at: datetime = TOMORROW) -> dict[str, str]:
    """Let that morning come; what each person's mail says, by NIP."""
    already = len(mailbox.mails)
    await Digests(world.database).gather(GatherInput(at=at))
    channels = Channels("https://siklus.go.id", mailbox.url, "siklus@contoh.go.id")
    rooms = world.rooms
    await Deliverer(world.database, rooms.people, rooms.facts, channels, clock=lambda: at).drain()
    mails = zip(mailbox.mails, mailbox.bodies(), strict=True)
    return {to[0].partition("@")[0]: body for (to, _), body in [*mails][already:]}


async def somebody(world: World) -> Played:
    return await Played.of(world, await world.next_clerk())


async def test_whoever_the_step_waits_on_is_told_that_it_is_due_sooner_and_nobody_else(
    planning: World, mailbox: Mailbox
) -> None:
    writes, reviewed = await somebody(planning), await somebody(planning)
    await planning.send(reviewed.appraisal, "plan", "submit_plan", reviewed.employee)
    await forget(planning)
    affected = (await moved(planning, SOONER))["affected"]
    notices = await told(planning)
    assert [one["nip"] for one in notices if one["appraisal_id"] == writes.appraisal] == [writes.employee]
    assert await of(planning, reviewed) == [], "a review has days of its own"
    assert {WAITS_ON[one["stands"]] for one in notices} == {Role.EMPLOYEE}  # type: ignore[index]
    assert {(one["at_once"], one["state"]) for one in notices} == {(False, "pending")}
    assert len(notices) == int(str(affected)) - 1, "HR knows of her own year"
    mails = await morning(planning, mailbox)
    assert "Tenggat dimajukan: Rencana kinerja (SKP): paling lambat 27 Januari 2027" in mails[writes.employee]
    assert set(mails) == {str(one["nip"]) for one in notices}
    assert await of(planning, writes) == ["sent"]


async def test_neither_a_preview_nor_an_extension_tells_anybody(planning: World) -> None:
    assert (await moved(planning, SOONER, preview=True))["affected"]
    assert await told(planning) == []
    assert (await moved(planning, LATER))["affected"]
    assert await told(planning) == []


async def test_who_sent_her_plan_before_the_morning_is_not_told_of_its_new_day(
    planning: World, mailbox: Mailbox
) -> None:
    who = await somebody(planning)
    await moved(planning, SOONER)
    await planning.send(who.appraisal, "plan", "submit_plan", who.employee)
    await morning(planning, mailbox)
    assert await of(planning, who) == ["dropped"]


@pytest.mark.parametrize("given_back", [PLAN_DUE, LATER])
async def test_what_was_given_back_before_the_morning_is_not_told(
    planning: World, mailbox: Mailbox, given_back: str
) -> None:
    await moved(planning, SOONER)
    await moved(planning, given_back)
    assert await morning(planning, mailbox) == {}
    assert {one["state"] for one in await told(planning)} == {"dropped"}


async def test_her_own_extension_keeps_her_from_being_told(planning: World, mailbox: Mailbox) -> None:
    who = await somebody(planning)
    await moved(planning, SOONER)
    more = {"due_at": datetime(YEAR, 2, 10, 9, tzinfo=UTC).isoformat(), "reason": "Dinas luar."}
    await planning.done(who.appraisal, "extend", "hr", more)
    await morning(planning, mailbox)
    assert await of(planning, who) == ["dropped"]


async def test_two_changes_before_one_morning_are_told_once_with_the_day_that_holds(
    planning: World, mailbox: Mailbox
) -> None:
    who = await somebody(planning)
    for day in (SOONER, SOONEST, f"{YEAR}-01-28"):
        await moved(planning, day)
    assert await of(planning, who) == ["pending"]
    mail = (await morning(planning, mailbox))[who.employee]
    assert mail.count("Tenggat dimajukan") == 1
    assert "paling lambat 28 Januari 2027" in mail


async def test_a_change_after_the_morning_is_told_the_morning_after(planning: World, mailbox: Mailbox) -> None:
    who = await somebody(planning)
    await moved(planning, SOONER)
    await morning(planning, mailbox)
    planning.now = TOMORROW + timedelta(hours=1)
    await moved(planning, SOONEST)
    assert await of(planning, who) == ["sent", "pending"]
    mails = await morning(planning, mailbox, TOMORROW + timedelta(days=1))
    assert "paling lambat 25 Januari 2027" in mails[who.employee]


async def test_a_unit_whose_day_comes_nearer_is_told_and_its_neighbours_are_not(planning: World) -> None:
    who, unit = await somebody(planning), await planning.unit_of(planning.taken[-1])
    await moved(planning, SOONER, unit=unit)
    try:
        found = {await planning.unit_of(str(one["nip"])) for one in await told(planning)}
        assert (await of(planning, who), found) == (["pending"], {unit})
    finally:
        answer = await move(planning, await cycle_of(planning), {"windows": {"plan": None}, "unit": unit})
        assert answer.status_code == 200, answer.text


async def test_a_day_off_that_is_taken_back_tells_those_whom_it_had_given_a_day(
    planning: World, mailbox: Mailbox
) -> None:
    who = await somebody(planning)
    await planning.send(who.appraisal, "plan", "submit_plan", who.employee)
    planning.now += timedelta(hours=1)
    day = f"{YEAR}-01-12"
    for said in ({"kind": "off", "name": "Hari jadi kabupaten"}, None):
        await forget(planning)
        answer = await planning.put("/agency/days", "hr", {"reason": "Keputusan bupati", "days": {day: said}})
        assert answer.status_code == 200, answer.text
        assert await of(planning, who) == ([] if said else ["pending"])
    assert "Tenggat dimajukan: Rencana kinerja (SKP)" in (await morning(planning, mailbox))[who.supervisor]


async def test_everybody_is_told_by_a_few_statements_and_an_extension_by_none(planning: World) -> None:
    with counted(planning) as extending:
        await moved(planning, LATER, preview=True)
    with counted(planning) as bringing:
        assert int(str((await moved(planning, SOONER, preview=True))["affected"])) > 20
    about_notices = [[one for one in given if "notice" in one] for given in (extending, bringing)]
    assert [len(given) for given in about_notices] == [0, 2], "who is to hear of it already, and all of them at once"
    nudges, who_is_waited_on = 1, 1
    assert len(bringing) <= len(extending) + nudges + who_is_waited_on + 2
