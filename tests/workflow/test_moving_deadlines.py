"""Deadlines that move under running workflows, in skipped time: who is told, who sleeps on, and what is given when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from api import calendar, telling
from api.telling import tell_nudged
from models.appraisal import Timing
from models.timetable import jitter_seconds
from models.vocabulary import EngineAction
from tests.api.test_cycles import Body, cycle_of, due, move
from tests.endings import JANUARY, JULY, Played, at, until_december
from tests.world import YEAR, World

NUDGED = text("SELECT appraisal_id FROM nudge ORDER BY appraisal_id")
RUNG = text("SELECT data ->> 'rung' FROM event WHERE appraisal_id = :id AND action = 'reach_rung' ORDER BY seq")


@pytest.fixture
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies between the commit and the signal."""

    async def dies(*_: object) -> None:
        return None

    for module in (calendar, telling):
        monkeypatch.setattr(module, "tell_nudged", dies)


AFTER_THEIR_WINDOW = {
    "midyear": (
        datetime(YEAR, 8, 27, 3, tzinfo=UTC),
        datetime(YEAR, 8, 31, 17, tzinfo=UTC),
        datetime(YEAR, 9, 7, 3, tzinfo=UTC),
        "execution.running",
    ),
    "self_assessment": (
        datetime(YEAR, 12, 29, 3, tzinfo=UTC),
        datetime(YEAR + 1, 1, 12, 17, tzinfo=UTC),
        datetime(YEAR + 1, 1, 13, 3, tzinfo=UTC),
        "rating.drafting",
    ),
}
"""When a report is sent, when its window closes, when the report comes back, and where silence then leads."""


async def anybody(world: World) -> Played:
    at(world, JANUARY)
    return await Played.of(world, await world.next_clerk())


async def nudged(world: World) -> list[str]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(NUDGED)).scalars())


async def rungs(world: World, appraisal: str) -> list[str]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(RUNG, {"id": appraisal})).scalars())


async def timing(world: World, appraisal: str) -> Timing:
    return Timing.model_validate((await world.row(appraisal))["timing"])


async def shown_by(world: World, appraisal: str, facts_revision: int) -> bool:
    """Whether the workflow asks for its facts until it knows that revision."""
    for _ in range(200):
        if (await timing(world, appraisal)).facts_revision >= facts_revision:
            return True
        await asyncio.sleep(0.05)
    return False


async def facts_revision(world: World, cycle: Body) -> int:
    sql = text("SELECT facts_revision FROM cycle WHERE id = :id")
    async with world.database.transaction() as connection:
        return int((await connection.execute(sql, {"id": cycle["id"]})).scalar_one())


@pytest.mark.usefixtures("nobody_is_told")
@pytest.mark.case("3.18")
async def test_bringing_forward_is_for_those_whose_next_moment_is_too_late_and_a_lost_signal_forgets_none(
    year: World,
) -> None:
    planning, executing = await anybody(year), await anybody(year)
    await year.send(executing.appraisal, "plan", "submit_plan", executing.employee)
    await year.done(executing.appraisal, "approve_plan", executing.supervisor)
    answer = await move(year, await cycle_of(year), due(f"{YEAR}-01-25"))
    assert answer.status_code == 200, answer.text
    waiting, revision = await nudged(year), await facts_revision(year, await cycle_of(year))
    assert planning.appraisal in waiting
    assert executing.appraisal not in waiting
    assert len(waiting) == answer.json()["affected"]
    assert max([(await timing(year, one)).facts_revision for one in waiting]) < revision
    await tell_nudged(year.rooms)
    assert await nudged(year) == []
    day = await first_reminder(year, planning)
    assert await rungs(year, planning.appraisal) == []
    await year.pass_to(planning.appraisal, day)
    assert await rungs(year, planning.appraisal) == ["remind-7"]
    assert (await timing(year, planning.appraisal)).facts_revision == revision


async def first_reminder(world: World, who: Played) -> datetime:
    """Seven working days before the twenty-fifth of January, after the hour of the rungs; a school works on Saturdays."""
    days = {5: 14, 6: 16}
    return datetime(YEAR, 1, days[int(str((await world.row(who.appraisal))["work_week"]))], 3, tzinfo=UTC)


@pytest.mark.parametrize("continued", [False, True], ids=["", "and continues as new before"])
async def test_who_is_told_that_something_comes_earlier_asks_when_it_comes_and_not_before(
    year: World, continued: bool
) -> None:
    who, cycle = await anybody(year), await cycle_of(year)
    handle = year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1")
    known, revision = await activities_of(handle), (await timing(year, who.appraisal)).facts_revision
    day = await first_reminder(year, who)
    await handle.signal("comes_earlier", args=[await facts_revision(year, cycle), day - timedelta(hours=1)])
    assert await activities_of(handle) == known
    assert (await timing(year, who.appraisal)).facts_revision == revision
    if continued:
        await handle.signal("upgrade")
        assert await runs_again(handle)
    await year.pass_to(who.appraisal, day)
    assert (await timing(year, who.appraisal)).facts_revision == await facts_revision(year, cycle)
    assert await rungs(year, who.appraisal) == ["remind-7"]


async def runs_again(handle: WorkflowHandle[object, object]) -> bool:
    first = (await handle.describe()).raw_description.workflow_execution_info.first_run_id
    for _ in range(200):
        if (await handle.describe()).run_id != first:
            return True
        await asyncio.sleep(0.05)
    return False


async def activities_of(handle: WorkflowHandle[object, object]) -> int:
    """How many activities it has asked for once it came to rest."""
    await events_at_rest(handle)
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    return sum(event.event_type == scheduled for event in (await handle.fetch_history()).events)


AT_REST = (EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, EventType.EVENT_TYPE_TIMER_STARTED)


async def events_at_rest(handle: WorkflowHandle[object, object]) -> int:
    """How many events it has once whatever it was told before is done with: a row may show that sooner than the engine."""
    for _ in range(200):
        events = (await handle.fetch_history()).events
        if events[-1].event_type in AT_REST:
            return len(events)
        await asyncio.sleep(0.05)
    raise AssertionError("it does not come to rest")


async def test_after_an_extension_the_workflow_sleeps_on_and_the_new_deadline_is_kept(year: World) -> None:
    who = await anybody(year)
    assert (await move(year, await cycle_of(year), due(f"{YEAR}-02-26"))).status_code == 200
    assert await nudged(year) == []
    handle = year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1")
    known = await events_at_rest(handle)
    assert (await timing(year, who.appraisal)).facts_revision < await facts_revision(year, await cycle_of(year))
    assert len((await handle.fetch_history()).events) == known
    await year.pass_to(who.appraisal, datetime(YEAR, 2, 10, 3, tzinfo=UTC))
    assert await rungs(year, who.appraisal) == []
    await year.pass_to(who.appraisal, datetime(YEAR, 2, 26, 9, tzinfo=UTC))
    assert await rungs(year, who.appraisal) == ["remind-7", "remind-3", "remind-1", "remind+0"]
    assert not (await year.row(who.appraisal))["late"]


async def test_a_deadline_that_jumped_over_its_reminders_brings_the_last_one_only(year: World) -> None:
    who = await anybody(year)
    cycle = await cycle_of(year)
    await move(year, cycle, due(f"{YEAR}-03-12"))
    await year.pass_to(who.appraisal, datetime(YEAR, 2, 1, 3, tzinfo=UTC))
    assert await rungs(year, who.appraisal) == []
    # No door lets HR come nearer than the notice; an agency's holidays can.
    sooner = text("UPDATE calendar_window SET due = :due WHERE cycle_id = :id AND key = 'plan' AND unit_id IS NULL")
    moved = text("UPDATE cycle SET facts_revision = facts_revision + 1 WHERE id = :id RETURNING facts_revision")
    async with year.database.transaction() as connection:
        await connection.execute(sooner, {"id": cycle["id"], "due": f"{YEAR}-02-01"})
        revision = (await connection.execute(moved, {"id": cycle["id"]})).scalar_one()
    await year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1").signal("facts_changed", revision)
    assert await shown_by(year, who.appraisal, revision)
    await year.pass_to(who.appraisal, datetime(YEAR, 2, 1, 9, tzinfo=UTC))
    assert await rungs(year, who.appraisal) == ["remind+0"]
    await year.pass_to(who.appraisal, datetime(YEAR, 2, 2, 9, tzinfo=UTC))
    assert await rungs(year, who.appraisal) == ["remind+0", "overdue+1"]
    await move(year, await cycle_of(year), due(f"{YEAR}-03-12"))


async def test_a_form_returned_after_the_due_date_is_not_thrown_forward(year: World) -> None:
    """Elsewhere the next due check moved it on with yesterday's text."""
    who = await anybody(year)
    at(year, datetime(YEAR, 3, 11, 3, tzinfo=UTC))
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    before = await rungs(year, who.appraisal)
    at(year, datetime(YEAR, 3, 16, 3, tzinfo=UTC))
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Indikatornya belum terukur."})
    row = await year.pass_to(who.appraisal, datetime(YEAR, 3, 17, 9, tzinfo=UTC))
    assert row["state"] == "plan.drafting"
    assert row["due_at"] > datetime(YEAR, 3, 18, tzinfo=UTC)  # type: ignore[operator]
    assert not [rung for rung in (await rungs(year, who.appraisal))[len(before) :] if rung.startswith("overdue")]


@pytest.mark.parametrize("form", ["midyear", "self_assessment"])
async def test_a_report_returned_after_its_window_closed_waits_for_her_and_not_for_silence(
    year: World, form: str
) -> None:
    """Here silence goes on without the report, so one that was thrown forward would be lost."""
    who = await anybody(year)
    sent, closed, returned, goes_on = AFTER_THEIR_WINDOW[form]
    await (until_december(year, who) if form == "self_assessment" else planned(year, who))
    at(year, sent)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, form, f"submit_{form}", who.employee)
    at(year, returned)
    await year.done(who.appraisal, f"return_{form}", who.supervisor, {"comment": "Buktinya belum ada."})
    lapses = (await year.row(who.appraisal))["lapses_at"]
    assert isinstance(lapses, datetime)
    assert lapses > returned + timedelta(days=7) > closed
    for later in (timedelta(hours=6), timedelta(days=1, hours=6), lapses - returned - timedelta(hours=1)):
        row = await year.pass_to(who.appraisal, returned + later)
        assert row["state"] == f"{form}.drafting", later
    assert "lapse" not in await year.actions_of(who.appraisal)
    assert (await year.pass_to(who.appraisal, lapses + timedelta(hours=1)))["state"] == goes_on, "silence does move it"


async def planned(world: World, who: Played) -> None:
    """With a plan in force, in July."""
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)


async def test_a_filing_inside_an_extension_just_granted_is_taken(year: World) -> None:
    """The workflow slept through the extension; the bounds that the act was judged by at the door are newer than its own."""
    who = await anybody(year)
    while jitter_seconds(who.appraisal, 900) < 120:
        who = await anybody(year)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    at(year, JULY)
    await year.bring(who.appraisal)
    lapse = next(m for m in (await timing(year, who.appraisal)).moments if m.action is EngineAction.LAPSE)
    await year.pass_to(who.appraisal, lapse.at + timedelta(seconds=10))
    await year.fill(who.appraisal, "midyear", who.employee)
    refused = await year.act(who.appraisal, "submit_midyear", who.employee)
    assert (refused.status_code, refused.json()["code"]) == (409, "lapsed")
    later = {"windows": {"midyear.1": {"closes_at": f"{YEAR}-09-30"}}}
    assert (await move(year, await cycle_of(year), later)).status_code == 200
    handle = year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1")
    assert (await timing(year, who.appraisal)).lapses_at == lapse.at, "the workflow was not told"
    taken = await year.act(who.appraisal, "submit_midyear", who.employee)
    assert taken.status_code == 200, taken.text
    assert (await handle.query("snapshot"))["state"] == "midyear.reviewing"
    assert "lapse" not in await year.actions_of(who.appraisal)


@pytest.mark.case("3.20")
async def test_after_an_outage_the_workflow_keeps_the_time_that_was_given_back(year: World) -> None:
    who = await anybody(year)
    cycle, before = await cycle_of(year), await year.row(who.appraisal)
    at(year, datetime(YEAR, 3, 2, tzinfo=UTC))
    body = {"from": f"{YEAR}-02-24T08:00:00+07:00", "to": f"{YEAR}-02-26T08:00:00+07:00", "reason": "Server padam"}
    answer = await year.post(f"/cycles/{cycle['id']}/outages", "hr", body)
    assert answer.status_code == 201, answer.text
    assert await nudged(year) == []
    row = await year.row(who.appraisal)
    assert row["lapses_at"] - before["lapses_at"] == timedelta(days=2)  # type: ignore[operator]
    old_lapse = before["lapses_at"]
    assert isinstance(old_lapse, datetime)
    await year.pass_to(who.appraisal, old_lapse + timedelta(hours=12))
    assert "lapse" not in await year.actions_of(who.appraisal)
    await year.pass_to(who.appraisal, old_lapse + timedelta(days=2, hours=12))
    assert "lapse" in await year.actions_of(who.appraisal)
