"""A timer and an act that reach a workflow in one task: the instant of the lapse decides between them, and one of them is recorded.

The worker is away while the timer fires and while somebody presses the button, so that the next worker is handed both at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.update.v1 import UpdateRef, WaitPolicy
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateRequest
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from activities.launch import workflow_id
from deploy.worker import sandbox
from models.appraisal import Moment
from models.timetable import jitter_seconds
from models.trail import key_hash
from models.vocabulary import EngineAction
from tests.api.test_cycles import Body, cycle_of, move
from tests.endings import JANUARY, JULY, Played, at
from tests.workflow.test_moving_deadlines import events_at_rest, facts_revision, timing
from tests.world import YEAR, World, opened_cycle, opened_world
from workflows import WORKFLOWS

PEOPLE = 40
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ADMITTED = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED
LAPSES = text("SELECT effective_at FROM event WHERE appraisal_id = :id AND action = 'lapse'")
ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
FIRED = EventType.EVENT_TYPE_TIMER_FIRED
ONE_TASK = [
    FIRED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
]


@pytest_asyncio.fixture(scope="module")
async def town(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """An agency whose year is open and whose worker is away."""
    folder, queue = tmp_path_factory.mktemp("archive"), f"away-{uuid4().hex[:8]}"
    async with opened_world(postgres_url, engine_address, folder, people=PEOPLE, queue=queue) as world:
        async with world.make_worker():
            await opened_cycle(world)
        yield world


@pytest.fixture
async def who(town: World) -> Played:
    """Somebody whose timers come some minutes after their instants."""
    at(town, JANUARY)
    found = await Played.of(town, await town.next_clerk())
    while jitter_seconds(found.appraisal, 900) < 240:
        found = await Played.of(town, await town.next_clerk())
    return found


def engine_of(town: World, who: Played) -> WorkflowHandle[object, object]:
    return town.client.get_workflow_handle(workflow_id(who.appraisal))


async def lapse_is_next(town: World, who: Played) -> Moment:
    """Let time pass until nothing comes before the lapse of this step."""
    while (moment := (await timing(town, who.appraisal)).moments[0]).action is not EngineAction.LAPSE:
        await town.pass_to(who.appraisal, moment.wake + SECOND)
    return moment


async def midyear_about_to_lapse(town: World, who: Played) -> Moment:
    """Her review is written and not sent, and silence will go on without it."""
    await town.send(who.appraisal, "plan", "submit_plan", who.employee)
    await town.done(who.appraisal, "approve_plan", who.supervisor)
    await town.pass_to(who.appraisal, JULY)
    await town.fill(who.appraisal, "midyear", who.employee)
    return await lapse_is_next(town, who)


async def alarm(town: World, who: Played, wake: datetime) -> None:
    """Have its timer ring at that instant: it was told that something may come by then."""
    engine = engine_of(town, who)
    await engine.signal("comes_earlier", args=[await facts_revision(town, await cycle_of(town)), wake])
    await events_at_rest(engine)


async def rings(town: World, who: Played, wake: datetime) -> None:
    """Let its timer fire while no worker is there."""
    engine, known = engine_of(town, who), (await happened(town, who)).count(FIRED)
    await town.skipper.fast_forward(engine, wake - SECOND / 2 - await town.skipper.get_current_time(engine))
    for _ in range(200):
        if (await happened(town, who)).count(FIRED) > known:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("its timer does not fire")


async def pressed(town: World, who: Played, action: str, now: datetime) -> httpx.Response:
    """What she is answered whose button was pressed at that instant by the door's clock, and whose act waited for a worker."""
    town.now, key = now, uuid4().hex
    path = f"/appraisals/{who.appraisal}/actions/{action}"
    asked = asyncio.create_task(town.post(path, who.employee, {}, Idempotency_Key=key))
    await admitted(town, who, key_hash(key))
    async with town.make_worker():
        answer = await asked
        await town.settled(who.appraisal)
    history = await engine_of(town, who).fetch_history()
    replayer = Replayer(workflows=list(WORKFLOWS), workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history)
    return answer


async def admitted(town: World, who: Played, update: str) -> None:
    """Wait until the engine holds that act for the next task."""
    execution = WorkflowExecution(workflow_id=workflow_id(who.appraisal))
    asked = PollWorkflowExecutionUpdateRequest(
        namespace=town.client.namespace,
        update_ref=UpdateRef(workflow_execution=execution, update_id=update),
        wait_policy=WaitPolicy(lifecycle_stage=ADMITTED),
    )
    for _ in range(200):
        try:
            await town.client.workflow_service.poll_workflow_execution_update(asked)
            return
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.sleep(0.05)
    raise AssertionError("the engine does not hold the act")


async def happened(town: World, who: Played) -> list[EventType.ValueType]:
    return [event.event_type for event in (await engine_of(town, who).fetch_history()).events]


async def came_in_one_task(town: World, who: Played) -> bool:
    """Whether the act that was taken last came with a timer: the task it was taken in is the one that the timer asked for."""
    kinds = await happened(town, who)
    taken = len(kinds) - 1 - kinds[::-1].index(ACCEPTED)
    return kinds[taken - len(ONE_TASK) : taken] == ONE_TASK


async def lapses(town: World, who: Played) -> list[datetime]:
    """The legal instant of each lapse on record."""
    async with town.database.transaction() as connection:
        return list((await connection.execute(LAPSES, {"id": who.appraisal})).scalars())


async def test_with_a_timer_that_rings_before_the_lapse_the_act_is_taken_and_nothing_lapses(
    town: World, who: Played
) -> None:
    async with town.make_worker():
        lapse = await midyear_about_to_lapse(town, who)
        await alarm(town, who, lapse.at - MINUTE)
    await rings(town, who, lapse.at - MINUTE)
    answer = await pressed(town, who, "submit_midyear", lapse.at - MINUTE)
    assert (answer.status_code, answer.json()["state"]) == (200, "midyear.reviewing")
    assert await came_in_one_task(town, who)
    async with town.make_worker():
        await town.pass_to(who.appraisal, lapse.wake + MINUTE)
    assert (await town.actions_of(who.appraisal)).count("submit_midyear") == 1
    assert await lapses(town, who) == []


@pytest.mark.parametrize("own", [False, True], ids=["another timer", "the timer of the lapse"])
async def test_with_a_timer_that_rings_after_the_lapse_the_act_has_lapsed_and_the_lapse_is_recorded_once(
    town: World, who: Played, own: bool
) -> None:
    """She pressed in time by the door's clock; the task is the engine's, and its instant lies after the lapse."""
    async with town.make_worker():
        lapse = await midyear_about_to_lapse(town, who)
        wake = lapse.wake if own else lapse.at + SECOND
        if not own:
            await alarm(town, who, wake)
    await rings(town, who, wake)
    answer = await pressed(town, who, "submit_midyear", lapse.at)
    assert (answer.status_code, answer.json()["code"]) == (409, "lapsed")
    async with town.make_worker():
        await town.pass_to(who.appraisal, lapse.wake + MINUTE)
    assert await lapses(town, who) == [lapse.at]
    assert "submit_midyear" not in await town.actions_of(who.appraisal)
    assert (await town.row(who.appraisal))["state"] == "execution.running"


async def test_where_silence_only_calls_others_the_act_that_comes_with_the_lapse_is_taken_late(
    town: World, who: Played
) -> None:
    async with town.make_worker():
        lapse = await lapse_is_next(town, who)
        await town.fill(who.appraisal, "plan", who.employee)
    await rings(town, who, lapse.wake)
    answer = await pressed(town, who, "submit_plan", lapse.wake)
    assert (answer.status_code, answer.json()["state"]) == (200, "plan.reviewing")
    assert await came_in_one_task(town, who)
    assert await lapses(town, who) == []
    assert (await town.row(who.appraisal))["late"]


async def test_with_the_timer_of_a_lapse_that_was_moved_on_meanwhile_the_act_is_taken(town: World, who: Played) -> None:
    """The workflow slept through the extension; the instant that decides is the one of now."""
    async with town.make_worker():
        lapse = await midyear_about_to_lapse(town, who)
    later: Body = {"windows": {"midyear.1": {"closes_at": f"{YEAR}-09-30"}}}
    assert (await move(town, await cycle_of(town), later)).status_code == 200
    await rings(town, who, lapse.wake)
    answer = await pressed(town, who, "submit_midyear", lapse.wake)
    assert (answer.status_code, answer.json()["state"]) == (200, "midyear.reviewing")
    assert await came_in_one_task(town, who)
    assert await lapses(town, who) == []
