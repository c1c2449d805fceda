"""A decision that was handed on stays where it is, whoever retires meanwhile (DOMAIN 1.5, 3.4, 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import text

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from activities.people import move_line
from models.vocabulary import Zone
from models.workdays import at_time
from tests.endings import JANUARY, STANDS, Played, to_result
from tests.workflow.objecting import led_by_another
from tests.workflow.people.changes import imported, row_of
from tests.world import World

MOVED = text(
    """
    SELECT p.nip, n.at_once, n.facts ->> 'from' FROM notice n JOIN person p ON p.id = n.person_id
     WHERE n.appraisal_id = :id AND n.text = 'task_moved' ORDER BY n.at
    """
)
SAID = text(
    """
    SELECT p.nip FROM notice n JOIN person p ON p.id = n.person_id
     WHERE n.appraisal_id = :id AND n.text = 'task_moved' AND n.state = 'shown'
    """
)
COLLEAGUES = text(
    """
    SELECT p.nip FROM tenure t JOIN person p ON p.id = t.person_id JOIN person s ON s.id = t.supervisor_id
     WHERE s.nip = :supervisor AND p.nip <> :employee AND t.valid_until IS NULL ORDER BY p.nip
    """
)
"""Her colleagues."""
PYBS = text("INSERT INTO role_grant SELECT id, 'pyb' FROM person WHERE nip = ANY(:nips)")


async def waits_on(year: World, who: Played) -> Mapping[str, Mapping[str, str]]:
    waits: Mapping[str, Mapping[str, str]] = (await year.seen(who.appraisal))["waiting_on"]  # type: ignore[assignment]
    return waits


async def lapsed(year: World, who: Played) -> None:
    """The decision's days pass; another visit begins."""
    lapses = (await year.row(who.appraisal))["lapses_at"]
    assert isinstance(lapses, datetime)
    row = await year.pass_to(who.appraisal, lapses + timedelta(hours=1))
    assert row["state"] == "appeal.deciding"


@pytest.mark.case("3.7")
async def test_who_becomes_the_authority_is_told_in_the_morning_of_the_decisions_that_wait_for_him(year: World) -> None:
    """There was no PyB, and the senior supervisor let it pass; the decision comes to who is named, and he learns of it."""
    year.now = JANUARY
    who = await Played.of(year, await year.next_clerk())
    named = await year.next_clerk()
    async with year.database.transaction() as connection:
        await connection.execute(text("DELETE FROM role_grant WHERE role = 'pyb'"))
        await move_line(connection)
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await lapsed(year, who)
    assert (await waits_on(year, who))["person"]["nip"] == who.senior
    row = await row_of(year, named) | {"peran": "pyb"}
    for _ in range(2):
        await imported(year, row)
        assert (await waits_on(year, who))["person"]["nip"] == named
        tasks = (await year.get("/me/tasks", named)).json()["items"]
        assert who.appraisal in [task["appraisal_id"] for task in tasks]
        assert [told[:2] for told in await moved_to(year, who)] == [(named, False)]
        await morning(year, 1)


@pytest.mark.case("3.4")
@pytest.mark.case("3.7")
async def test_a_decision_handed_on_stays_with_who_has_it_when_the_line_above_moves(year: World) -> None:
    year.now = JANUARY
    who = await Played.of(year, await year.next_clerk())
    above = (await year.seen(await year.appraisal_of(who.senior)))["supervisor"]["nip"]  # type: ignore[index]
    after = await year.next_clerk()
    while after < above:
        after = await year.next_clerk()
    async with year.database.transaction() as connection:
        await connection.execute(text("DELETE FROM role_grant WHERE role = 'pyb'"))
        await connection.execute(PYBS, {"nips": [above, after]})
        await move_line(connection)
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    assert (await waits_on(year, who))["person"]["nip"] == who.senior

    await lapsed(year, who)
    assert (await waits_on(year, who))["person"]["nip"] == above
    await year.decided(who.senior, "exit", {"reason": "retire", "effective": year.now.date().isoformat()})
    assert (await year.seen(who.appraisal))["senior_supervisor"]["nip"] == above  # type: ignore[index]
    assert (await waits_on(year, who))["person"]["nip"] == above
    tasks = (await year.get("/me/tasks", above)).json()["items"]
    assert who.appraisal in [task["appraisal_id"] for task in tasks]

    await lapsed(year, who)
    assert (await waits_on(year, who))["person"]["nip"] == after
    await lapsed(year, who)
    assert (await waits_on(year, who))["person"]["nip"] == after, "with the last it stays"
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    holders = [e["data"]["holder"] for e in trail if e["action"] == "lapse" and e["from"] == "appeal.deciding"]
    assert holders == [await id_of(year, nip) for nip in (who.senior, above, after)]
    await year.send(who.appraisal, "decision", "decide_appeal", after, STANDS)


@pytest.mark.case("3.3")
@pytest.mark.case("3.7")
async def test_who_becomes_the_authority_by_a_reassignment_is_told_of_the_decision_in_the_morning(year: World) -> None:
    who = await deciding(year)
    new = await led_by_another(year, who)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": new, "reason": "Sesuai SK penempatan."})
    named = (await waits_on(year, who))["person"]["nip"]
    assert named not in (who.senior, new)
    assert await moved_to(year, who) == [(named, False, year.now.date().isoformat())]
    await morning(year, 1)
    assert await moved_to(year, who) == [(named, False, year.now.date().isoformat())], "told once"
    assert await said_to(year, who) == [named]
    async with year.database.transaction() as connection:  # a morning that looked before this was written
        await connection.execute(text("UPDATE notice SET at = :at WHERE text = 'task_moved'"), {"at": JANUARY})
    await Digests(year.database).gather(GatherInput(at=year.now + timedelta(hours=1)))
    assert [nip for nip, _, _ in await moved_to(year, who)] == [named], (
        "and also by two who find it out at the same instant"
    )

    await year.done(who.appraisal, "reassign", "hr", {"supervisor": None, "reason": "Kembali ke garis."})
    assert (await waits_on(year, who))["person"]["nip"] == who.senior
    assert sorted(nip for nip, _, _ in await moved_to(year, who)) == sorted([named, who.senior])


@pytest.mark.case("3.3")
async def test_a_reassignment_that_leaves_the_decision_where_it_is_tells_nobody_of_it(year: World) -> None:
    who = await deciding(year)
    async with year.database.transaction() as connection:
        asked = {"supervisor": who.supervisor, "employee": who.employee}
        beside = (await connection.execute(COLLEAGUES, asked)).scalars().first()
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": beside, "reason": "Sesuai SK penempatan."})
    assert (await waits_on(year, who))["person"]["nip"] == who.senior
    assert await moved_to(year, who) == []


@pytest.mark.case("3.4")
@pytest.mark.case("3.7")
async def test_who_becomes_the_authority_on_a_day_that_was_recorded_ahead_is_told_that_morning(year: World) -> None:
    """DOMAIN 3.4: the senior supervisor retires in two days; until then the decision is hers, and from then on the next one's."""
    who = await deciding(year)
    retires = (year.now + timedelta(days=2)).date().isoformat()
    await year.decided(who.senior, "exit", {"reason": "retire", "effective": retires})
    await morning(year, 1)
    assert await moved_to(year, who) == []
    for _ in range(2):
        await morning(year, 2)
        [(named, at_once, since)] = await moved_to(year, who)
        assert (at_once, since) == (False, retires)
        assert await said_to(year, who) == [named], "in the mail of that morning"
    assert named not in (who.senior, who.supervisor, who.employee)
    await morning(year, 3)
    assert len(await moved_to(year, who)) == 1
    await year.pass_to(who.appraisal, year.now + timedelta(days=2))
    assert (await waits_on(year, who))["person"]["nip"] == named


@pytest.mark.case("3.7")
async def test_whom_a_decision_waited_for_all_along_no_morning_tells_of_it_again(year: World) -> None:
    who = await deciding(year)
    for days in (0, 1, 2):
        await morning(year, days)
    assert await moved_to(year, who) == []
    await lapsed(year, who)
    for days in (0, 1, 2):
        await morning(year, days)
    assert await moved_to(year, who) == [], "who let it pass and who has it then were told so"


async def deciding(year: World) -> Played:
    """Somebody whose objection was answered, and waits for her senior supervisor."""
    year.now = JANUARY
    who = await Played.of(year, await year.next_clerk())
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    assert (await waits_on(year, who))["person"]["nip"] == who.senior
    return who


async def morning(year: World, days: int) -> None:
    """Half past eight in Jakarta, so many days from now; its mail is written."""
    at = at_time((year.now + timedelta(days=days)).date(), time(8, 30), Zone.WIB)
    await Digests(year.database).gather(GatherInput(at=at))
    await Deliverer(year.database, year.rooms.people, year.rooms.facts, Channels(), clock=lambda: at).drain()


async def moved_to(year: World, who: Played) -> list[tuple[str, bool, str]]:
    """Whom a decision was said to have come to, whether at once, and since which day."""
    async with year.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(MOVED, {"id": who.appraisal})]  # type: ignore[misc]


async def said_to(year: World, who: Played) -> list[str]:
    """Whom a morning's mail told it."""
    async with year.database.transaction() as connection:
        return list((await connection.execute(SAID, {"id": who.appraisal})).scalars())


async def id_of(year: World, nip: str) -> str:
    async with year.database.transaction() as connection:
        found = await connection.execute(text("SELECT id FROM person WHERE nip = :nip"), {"nip": nip})
        return str(found.scalar_one())


async def test_the_employee_is_told_at_once_where_it_was_handed_on_and_once_in_the_morning_that_it_stays(
    year: World,
) -> None:
    year.now = JANUARY
    who = await Played.of(year, await year.next_clerk())
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    holders = [(await waits_on(year, who))["person"]["nip"]]
    for _ in range(5):
        await lapsed(year, who)
        holders.append((await waits_on(year, who))["person"]["nip"])
    last = holders[-1]
    assert (holders.count(last) > 3, len(set(holders)) > 1) == (True, True), holders
    handed_on = [("handed_on", True)] * (len(set(holders)) - 1)
    assert await heard(year, who, who.employee) == [*handed_on, ("decision_stays", False)]
    assert (await heard(year, who, last))[-1] == ("decision_stays", False)
    assert (await heard(year, who, year.people["hr"]))[-1] == ("decision_stays", False)
    await year.send(who.appraisal, "decision", "decide_appeal", last, STANDS)


async def heard(year: World, who: Played, nip: str) -> list[tuple[str, bool]]:
    """What lapses of the decision told somebody, and whether at once."""
    sql = text(
        "SELECT n.text, n.at_once FROM notice n JOIN person p ON p.id = n.person_id "
        "JOIN event e ON e.appraisal_id = n.appraisal_id AND e.seq = n.event_seq "
        "WHERE n.appraisal_id = :id AND p.nip = :nip AND e.action = 'lapse' AND e.from_state = 'appeal.deciding' "
        "ORDER BY e.seq"
    )
    async with year.database.transaction() as connection:
        rows = await connection.execute(sql, {"id": who.appraisal, "nip": nip})
        return [(row.text, row.at_once) for row in rows]
