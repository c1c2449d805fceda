"""What an operator asks for once a cause is gone: the years that the engine lost begin again, and parked ones go on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities import mending
from activities.launch import workflow_id
from activities.mending import ROW
from deploy.errors import OperatorError
from deploy.home import free_port
from deploy.mend import mend
from deploy.settings import Settings
from models.database import Database
from tests.endings import JANUARY, Played, at
from tests.workflow.test_parked import blocked, refusing, stands
from tests.world import World


@pytest.fixture
def settings(year: World, engine_address: str, tmp_path: Path) -> Settings:
    at(year, JANUARY)
    url = year.database.engine.url.render_as_string(hide_password=False)
    return Settings(home=tmp_path, database_url=url, engine_address=engine_address, task_queue=year.task_queue)


async def planning(world: World) -> Played:
    who = await Played.of(world, await world.next_clerk())
    await world.fill(who.appraisal, "plan", who.employee)
    await world.bring(who.appraisal)
    return who


async def test_years_that_the_engine_lost_go_on_from_their_rows_and_the_others_are_left_alone(
    year: World, settings: Settings
) -> None:
    lost, running = await planning(year), await planning(year)
    await year.done(lost.appraisal, "submit_plan", lost.employee)
    await year.client.get_workflow_handle(workflow_id(lost.appraisal)).terminate()
    found = {"restored": [lost.appraisal], "parked": []}
    assert await mend(settings, dry_run=True) == found
    assert (await year.row(lost.appraisal))["incarnation"] == 0
    assert await mend(settings, dry_run=False) == found
    await year.until(lost.appraisal, "restore", 1)
    await year.done(lost.appraisal, "approve_plan", lost.supervisor)
    await year.done(running.appraisal, "submit_plan", running.employee)
    assert "restore" not in await year.actions_of(running.appraisal)
    assert await mend(settings, dry_run=False) == {"restored": [], "parked": []}


async def tried_in_vain(world: World, workflow: str, times: int) -> None:
    """Wait until so many of its activities have failed for good: the row says parked all the while."""
    for _ in range(200):
        events = (await world.client.get_workflow_handle(workflow).fetch_history()).events
        if sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED for event in events) >= times:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{workflow} did not try again")


async def test_a_year_that_was_parked_goes_on_once_its_cause_is_gone_and_not_before(
    year: World, settings: Settings
) -> None:
    who = await planning(year)
    async with refusing(year, "event", f"appraisal_id <> '{who.appraisal}' OR action <> 'submit_plan'"):
        late = await year.post(f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, {})
        assert late.status_code == 202
        await blocked(year, who)
        name = workflow_id(who.appraisal)
        assert await mend(settings, dry_run=False) == {"restored": [], "parked": [name]}
        await tried_in_vain(year, name, 2)
        assert (await year.row(who.appraisal))["parked"]
    assert await mend(settings, dry_run=False) == {"restored": [], "parked": [name]}
    assert (await stands(year, who.appraisal, parked=False))["state"] == "plan.reviewing"
    assert (await year.client.get_workflow_handle(name).describe()).status is WorkflowExecutionStatus.RUNNING


async def test_a_year_whose_new_run_was_parked_before_it_was_recorded_goes_on_too(
    year: World, settings: Settings
) -> None:
    who = await planning(year)
    old, new = workflow_id(who.appraisal), workflow_id(who.appraisal, 1, 1)
    async with refusing(year, "event", f"appraisal_id <> '{who.appraisal}' OR action <> 'restore'"):
        await year.client.get_workflow_handle(old).terminate()
        assert await mend(settings, dry_run=False) == {"restored": [who.appraisal], "parked": []}
        assert (await stands(year, who.appraisal, parked=True))["incarnation"] == 0
    assert await mend(settings, dry_run=False) == {"restored": [], "parked": [new]}
    assert (await stands(year, who.appraisal, parked=False))["incarnation"] == 1


async def runs(world: World, workflow: str) -> bool:
    found = await world.client.get_workflow_handle(workflow).describe()
    return found.status is WorkflowExecutionStatus.RUNNING


async def restored(world: World, appraisal: str, incarnation: int) -> None:
    """Wait for the new run's first word; the clock of one that was ended cannot be brought on."""
    for _ in range(500):
        if (await world.row(appraisal))["incarnation"] == incarnation:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{appraisal} was not restored")


async def test_a_year_whose_new_run_was_ended_before_it_was_recorded_is_started_again(
    year: World, settings: Settings
) -> None:
    who = await planning(year)
    old, new = workflow_id(who.appraisal), workflow_id(who.appraisal, 1, 1)
    found = {"restored": [who.appraisal], "parked": []}
    async with refusing(year, "event", f"appraisal_id <> '{who.appraisal}' OR action <> 'restore'"):
        await year.client.get_workflow_handle(old).terminate()
        assert await mend(settings, dry_run=False) == found
        await stands(year, who.appraisal, parked=True)
        with pytest.raises(WorkflowAlreadyStartedError):  # while it runs, nobody starts it anew
            await mending.restore(year.database, year.client, year.task_queue, who.appraisal)
    await year.client.get_workflow_handle(new).terminate()
    assert await mend(settings, dry_run=False) == found
    assert await runs(year, new)
    await restored(year, who.appraisal, 1)
    await year.bring(who.appraisal)
    await year.done(who.appraisal, "submit_plan", who.employee)


async def test_a_year_set_back_to_before_it_was_restored_is_started_again(year: World, settings: Settings) -> None:
    """The engine still knows the run that the backup does not, though it has ended."""
    who = await planning(year)
    kept = await year.row(who.appraisal)
    await year.client.get_workflow_handle(workflow_id(who.appraisal)).terminate()
    await mend(settings, dry_run=False)
    await restored(year, who.appraisal, 1)
    new = workflow_id(who.appraisal, 1, 1)
    await year.client.get_workflow_handle(new).terminate()
    await set_back(year, kept)
    assert await mend(settings, dry_run=False) == {"restored": [who.appraisal], "parked": []}
    assert await runs(year, new)
    await restored(year, who.appraisal, 1)
    await year.bring(who.appraisal)
    await year.done(who.appraisal, "submit_plan", who.employee)


async def set_back(world: World, kept: Mapping[str, object]) -> None:
    """The database as its backup has it, where this year is concerned."""
    async with world.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE event DISABLE TRIGGER append_only"))
        await connection.execute(text("DELETE FROM event WHERE appraisal_id = :id AND seq > :seq"), kept)
        await connection.execute(text("ALTER TABLE event ENABLE TRIGGER append_only"))
        sql = """UPDATE appraisal SET seq = :seq, version = :version, last_hash = :last_hash, incarnation = :incarnation,
                        snapshot = CAST(:snapshot AS jsonb) WHERE id = :id"""
        await connection.execute(text(sql), {**kept, "snapshot": json.dumps(kept["snapshot"])})


async def test_a_run_that_was_recorded_and_has_ended_is_not_started_again_by_who_asks_late(
    year: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await planning(year)
    async with year.database.transaction() as connection:
        early = (await connection.execute(ROW, {"id": who.appraisal})).one()
    await year.client.get_workflow_handle(workflow_id(who.appraisal)).terminate()
    await mend(settings, dry_run=False)
    await restored(year, who.appraisal, 1)
    new = workflow_id(who.appraisal, 1, 1)
    await year.client.get_workflow_handle(new).terminate()
    read, before = mending._row, [early]

    async def read_long_ago(database: Database, appraisal: str) -> object:
        return before.pop() if before else await read(database, appraisal)

    with monkeypatch.context() as patched:
        patched.setattr(mending, "_row", read_long_ago)
        with pytest.raises(WorkflowAlreadyStartedError):
            await mending.restore(year.database, year.client, year.task_queue, who.appraisal)
    assert not await runs(year, new)
    assert await mend(settings, dry_run=False) == {"restored": [who.appraisal], "parked": []}
    await restored(year, who.appraisal, 2)


async def test_an_engine_that_is_away_has_lost_nobody(settings: Settings) -> None:
    away = settings.model_copy(update={"engine_address": f"127.0.0.1:{free_port()}"})
    with pytest.raises(OperatorError, match="engine does not answer"):
        await mend(away, dry_run=False)
