"""What was answered with yes is done in the end, whichever process died over it and whatever was away meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from structlog.testing import capture_logs
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.agency_trail import ONE_AT_A_TIME
from activities.digest import DigestInput
from activities.facts import Facts
from activities.launch import Launcher, LaunchInput, workflow_id
from activities.places import arrive, days_now
from api import cycles, upkeep
from api.agency_days import CYCLES as EVERY_CYCLE
from api.telling import cycle_workflow_id
from api.upkeep import keep_promises, look_once
from models.vocabulary import Zone
from models.workdays import local_day
from tests.endings import JANUARY, Played, accepted, at
from tests.workflow.people.changes import imported, row_of
from tests.workflow.people.test_on_request import asked, begun, in_april
from tests.world import YEAR, World, nowhere, opened_cycle, opened_world
from workflows import DigestWorkflow

PACK = "permenpanrb-6-2022"


@pytest_asyncio.fixture
async def small(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[World]:
    """An agency of its own for each test: here whole cycles are closed and cancelled."""
    async with opened_world(postgres_url, engine_address, tmp_path / "archive", people=24) as world:
        yield world


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(600):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(what)


async def states(world: World, cycle: str) -> dict[str, int]:
    progress = (await world.get(f"/cycles/{cycle}/progress", "hr")).json()
    assert progress["roster"] == (await world.get("/people", "hr")).json()["total"]
    assert sum(progress["by_state"].values()) == progress["roster"] - progress["excluded"], "everybody is launched"
    return dict(progress["by_state"])


async def test_opening_again_starts_whoever_failed(small: World) -> None:
    """The engine refuses a task queue of that length, as it would refuse anything that it cannot take."""
    made = (await small.post("/cycles", "hr", {"policy": PACK, "year": YEAR, "name": "SKP"})).json()
    path = f"/cycles/{made['id']}"
    engine, small.rooms.engine = small.rooms.engine, await nowhere()
    assert (await small.post(f"{path}/open", "hr")).status_code == 503
    small.rooms.engine = engine
    refused = Launcher(small.database, Facts(), small.client, "q" * 2000)
    await ActivityEnvironment().run(refused.launch, LaunchInput(cycle_id=made["id"]))
    progress = (await small.get(f"{path}/progress", "hr")).json()
    assert progress["failed"] == progress["roster"] - progress["excluded"] > 0
    listed = (await small.get(f"{path}/worklist", "hr", limit=200)).json()
    assert "launch_failed" in {item["code"] for item in listed["items"]}
    await small.post(f"{path}/open", "hr", Idempotency_Key="again")
    await small.post(f"{path}/open", "hr", Idempotency_Key="and again")

    async def everybody() -> bool:
        now = (await small.get(f"{path}/progress", "hr")).json()
        return bool(now["launched"] == progress["failed"])

    await until(everybody, "not everybody was started in the end")


async def test_opened_again_while_it_still_opens_it_is_told_to_try_whoever_failed(
    postgres_url: str, engine_address: str, tmp_path: Path
) -> None:
    async with opened_world(postgres_url, engine_address, tmp_path, people=24, queue="nobody-works-here") as world:
        made = (await world.post("/cycles", "hr", {"policy": PACK, "year": YEAR, "name": "SKP"})).json()
        for _ in range(2):
            answer = await world.post(f"/cycles/{made['id']}/open", "hr")
            assert (answer.status_code, answer.json()["state"]) == (202, "opening")
        history = await world.client.get_workflow_handle(cycle_workflow_id(made["id"])).fetch_history()
        told = [one.workflow_execution_signaled_event_attributes.signal_name for one in history.events]
        assert told.count("retry") == 1


async def test_who_was_taken_in_by_opening_again_while_the_engine_was_away_begins_in_the_end(small: World) -> None:
    cycle = await opened_cycle(small)
    known = await row_of(small, await small.next_clerk())
    await imported(small, known | {"nip": "200109062027092001", "nama": "Pendatang"})
    engine, small.rooms.engine = small.rooms.engine, await nowhere()
    assert (await small.post(f"/cycles/{cycle}/open", "hr")).status_code == 503
    small.rooms.engine = engine
    assert (await small.get(f"/cycles/{cycle}/progress", "hr")).json()["pending"] == 1
    await look_once(small.rooms)

    async def begun() -> bool:
        return bool((await small.get(f"/cycles/{cycle}/progress", "hr")).json()["pending"] == 0)

    await until(begun, "whoever was taken in later was not started")


async def test_a_year_begins_on_the_day_it_was_opened_by_the_clock_of_whoever_opened_it(small: World) -> None:
    small.now = datetime(YEAR, 5, 20, 18, tzinfo=UTC)
    await opened_cycle(small)
    async with small.database.transaction() as connection:
        begun = (await connection.execute(text("SELECT DISTINCT zone, snapshot ->> 'since' FROM appraisal"))).all()
    days = {Zone(zone): since for zone, since in begun if since is not None}
    assert days
    assert days == {zone: local_day(small.now, zone).isoformat() for zone in days}


async def test_a_cycle_closed_while_the_engine_was_away_closes_with_its_last_year(small: World) -> None:
    cycle = await opened_cycle(small)
    engine, small.rooms.engine = small.rooms.engine, await nowhere()
    answer = await small.post(f"/cycles/{cycle}/close", "hr")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_away")
    small.rooms.engine = engine
    await look_once(small.rooms)
    workflow = small.client.get_workflow_handle(cycle_workflow_id(cycle))
    assert await workflow.query("closing")
    assert (await small.get(f"/cycles/{cycle}", "hr")).json()["state"] == "closing"
    await cancel_each(small)

    async def closed() -> bool:
        await small.skipper.fast_forward(workflow, timedelta(minutes=6))
        return bool((await small.get(f"/cycles/{cycle}", "hr")).json()["state"] == "closed")

    await until(closed, "the cycle does not close")
    refused = await small.post(f"/cycles/{cycle}/open", "hr")
    assert refused.json()["code"] == "cycle_state"


async def test_an_evaluation_that_was_promised_and_has_not_begun_keeps_its_cycle_open(small: World) -> None:
    cycle = await opened_cycle(small)
    who = await Played.of(small, await small.next_clerk())
    await in_april(small, who)
    engine, small.rooms.engine = small.rooms.engine, await nowhere()
    promised = (await asked(small, who)).raise_for_status().json()["appraisal_id"]
    small.rooms.engine = engine
    for launch in ("pending", "failed"):
        async with small.database.transaction() as connection:
            await connection.execute(
                text("UPDATE appraisal SET launch = :is WHERE id = :id"), {"is": launch, "id": promised}
            )
        refused = await small.post(f"/cycles/{cycle}/close", "hr", {"reason": "Tahun selesai."})
        assert refused.status_code == 409, f"{launch}: {refused.text}"
        assert (refused.json()["code"], refused.json()["appraisals"]) == ("evaluations_not_begun", [promised])
        assert (await small.get(f"/cycles/{cycle}", "hr")).json()["state"] == "open"
    assert (await small.post(f"/cycles/{cycle}/open", "hr")).status_code == 202, "who failed is tried again"
    await begun(small, promised)
    assert (await small.post(f"/cycles/{cycle}/close", "hr")).status_code == 202
    assert (await small.row(promised))["state"] == "rating.drafting", "and the cycle closes after it"


async def cancel_each(world: World) -> None:
    """One after the other, HR's own by whoever else holds the role that day."""
    async with world.database.transaction() as connection:
        own = await world.appraisal_of("hr")
        rows = await connection.execute(text("SELECT id FROM appraisal WHERE launch = 'launched'"))
        for (appraisal,) in rows.all():
            if appraisal != own:
                done = await world.post(f"/appraisals/{appraisal}/actions/cancel", "hr", {"reason": "uji"})
                assert done.status_code == 200, done.text
        grant = "INSERT INTO role_grant SELECT id, 'hr' FROM person WHERE nip = :nip ON CONFLICT DO NOTHING"
        await connection.execute(text(grant), {"nip": world.people["pyb"]})
        await connection.execute(text("UPDATE revision SET value = value + 1 WHERE name = 'line'"))
    done = await world.post(f"/appraisals/{own}/actions/cancel", "pyb", {"reason": "uji"})
    assert done.status_code == 200, done.text


async def test_a_cancelled_cycle_is_gone_on_with_after_the_process_died(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = await opened_cycle(small)

    async def died(*_: object) -> None:
        """Answered, and gone before anybody was cancelled."""

    monkeypatch.setattr(cycles, "cancel_everybody", died)
    assert (await small.post(f"/cycles/{cycle}/cancel", "hr", {"reason": "Diulang"})).status_code == 202
    assert set(await states(small, cycle)) == {"plan.drafting"}
    await look_once(small.rooms)
    assert (await states(small, cycle)).get("plan.drafting") == 1, "all but the own year of whoever cancelled"
    assert (await small.row(await small.appraisal_of("hr")))["ending"] is None
    events = (await small.get(f"/appraisals/{await small.appraisal_of('employee')}/events", "hr")).json()["items"]
    assert [e["comment"] for e in events if e["action"] == "cancel"] == ["Diulang"]


async def closing_without_workflow(world: World) -> str:
    """A cycle that closes and of which the engine knows nothing."""
    lost = str((await world.post("/cycles", "hr", {"policy": PACK, "year": YEAR + 1, "name": "SKP"})).json()["id"])
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE cycle SET state = 'closing' WHERE id = :id"), {"id": lost})
    return lost


async def closing_of_another_edition(world: World) -> None:
    """A cycle that closes, whose workflow does not know the question it is asked."""
    name, queue = cycle_workflow_id(await closing_without_workflow(world)), world.rooms.task_queue
    await world.client.start_workflow(DigestWorkflow.run, DigestInput(), id=name, task_queue=queue)


async def test_a_promise_that_cannot_be_kept_is_logged_and_holds_up_no_other(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closing_of_another_edition(small)
    cycle = await opened_cycle(small)

    async def died(*_: object) -> None:
        """Answered, and gone before anybody was cancelled."""

    monkeypatch.setattr(cycles, "cancel_everybody", died)
    assert (await small.post(f"/cycles/{cycle}/cancel", "hr", {"reason": "Diulang"})).status_code == 202
    monkeypatch.setattr(upkeep, "EVERY_SECONDS", 0)
    with capture_logs() as lines:
        keeping = asyncio.create_task(keep_promises(small.rooms))

        async def all_but_one_cancelled_and_another_round_begun() -> bool:
            failed = [line for line in lines if line["event"] == "promise_failed"]
            return keeping.done() or (len(failed) > 1 and (await states(small, cycle)).get("plan.drafting") == 1)

        await until(all_but_one_cancelled_and_another_round_begun, "the promises behind it are not kept")
        assert not keeping.done(), keeping.exception()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    failed = [line for line in lines if line["event"] == "promise_failed"]
    assert {line["promise"] for line in failed} == {"close_closing"}
    assert all(line["log_level"] == "error" and line["exc_info"] for line in failed), "the log must tell why"


async def test_a_cycle_that_cannot_be_told_to_close_holds_up_none_behind_it(small: World) -> None:
    await closing_of_another_edition(small)  # the first that is found
    cycle = await opened_cycle(small)
    engine, small.rooms.engine = small.rooms.engine, await nowhere()
    assert (await small.post(f"/cycles/{cycle}/close", "hr")).json()["code"] == "engine_away"
    small.rooms.engine = engine
    await look_once(small.rooms)
    assert await small.client.get_workflow_handle(cycle_workflow_id(cycle)).query("closing")


async def test_a_cycle_that_closes_does_so_though_its_workflow_was_lost(small: World) -> None:
    never, ended = await closing_without_workflow(small), await opened_cycle(small)
    workflow = small.client.get_workflow_handle(cycle_workflow_id(ended))
    await workflow.terminate()
    assert (await small.post(f"/cycles/{ended}/close", "hr")).status_code == 202
    assert await workflow.query("closing")
    await workflow.terminate()
    await look_once(small.rooms)
    assert await workflow.query("closing")
    assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING
    begun = small.client.get_workflow_handle(cycle_workflow_id(never))

    async def closed() -> bool:
        await small.skipper.fast_forward(begun, timedelta(minutes=6))
        return bool((await small.get(f"/cycles/{never}", "hr")).json()["state"] == "closed")

    await until(closed, "nobody's year is left in it, and it does not close")
    trail = text("SELECT action, actor, role FROM cycle_event WHERE cycle_id = :id ORDER BY seq DESC LIMIT 1")
    async with small.database.transaction() as connection:
        said = (await connection.execute(trail, {"id": never})).one()
    assert tuple(said) == ("cycle_closed", "engine", "engine")


async def test_a_cycle_opens_though_its_workflow_was_lost_and_opened_again_starts_whoever_failed(small: World) -> None:
    made = (await small.post("/cycles", "hr", {"policy": PACK, "year": YEAR, "name": "SKP"})).json()["id"]
    workflow = small.client.get_workflow_handle(cycle_workflow_id(made))
    await small.worker.shutdown()
    assert (await small.post(f"/cycles/{made}/open", "hr")).status_code == 202
    refused = Launcher(small.database, Facts(), small.client, "q" * 2000)
    await ActivityEnvironment().run(refused.launch, LaunchInput(cycle_id=made))
    await workflow.terminate()
    async with small.make_worker():
        await look_once(small.rooms)

        async def opened() -> bool:
            return bool((await small.get(f"/cycles/{made}", "hr")).json()["state"] == "open")

        await until(opened, "the cycle does not open")
        await workflow.terminate()
        assert (await small.post(f"/cycles/{made}/open", "hr", Idempotency_Key="again")).status_code == 202

        async def launched() -> bool:
            progress = (await small.get(f"/cycles/{made}/progress", "hr")).json()
            return bool(progress["pending"] + progress["failed"] == 0 < progress["launched"])

        await until(launched, "who failed is not started again")


async def test_a_draft_that_is_cancelled_gets_no_workflow(small: World) -> None:
    made = (await small.post("/cycles", "hr", {"policy": PACK, "year": YEAR, "name": "SKP"})).json()["id"]
    assert (await small.post(f"/cycles/{made}/cancel", "hr")).status_code == 202
    await look_once(small.rooms)
    with pytest.raises(RPCError):
        await small.client.get_workflow_handle(cycle_workflow_id(made)).describe()


async def test_a_year_that_is_opened_again_after_its_cycle_was_cancelled_goes_on(small: World) -> None:
    cycle = await opened_cycle(small)
    at(small, JANUARY)
    who = await Played.of(small, await small.next_clerk())
    await accepted(small, who)

    async def archived() -> bool:
        return bool((await small.row(who.appraisal))["snapshot"]["archived"])  # type: ignore[index]

    await until(archived, "it was never archived")
    small.now = datetime.now(UTC)  # a workflow that begins again begins by the engine's clock
    assert (await small.post(f"/cycles/{cycle}/cancel", "hr", {"reason": "Diulang"})).status_code == 202
    wish = {"to": "rating.drafting", "reason": "Putusan PTUN.", "authority": "PTUN 1/2028"}
    await small.done(who.appraisal, "reopen", "hr", wish)
    await look_once(small.rooms)
    assert (await small.row(who.appraisal))["state"] == "rating.drafting"
    small.now += timedelta(hours=2)
    listed = (await small.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    assert who.appraisal not in [one["appraisal_id"] for one in listed if one["code"] == "not_cancelled"]
    assert "cancel" not in await small.actions_of(who.appraisal)


async def test_a_transfer_whose_day_comes_and_a_decision_about_all_cycles_wait_for_each_other_in_one_order(
    small: World,
) -> None:
    small.now = datetime(YEAR - 1, 12, 10, 3, tzinfo=UTC)
    await opened_cycle(small)
    nip = await small.next_clerk()
    unit, supervisor = await small.elsewhere(nip)
    there = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-01-01"}
    await small.decided(nip, "transfer", there)
    now = datetime(YEAR, 1, 2, 3, tzinfo=UTC)

    async def moved() -> None:
        async with small.database.transaction() as connection:
            await arrive(connection, days_now(now), now)

    async with small.database.engine.connect() as other, other.begin():
        await other.execute(ONE_AT_A_TIME)
        moving = asyncio.create_task(moved())
        await asyncio.sleep(0.3)
        await other.execute(EVERY_CYCLE)
    await moving


async def test_the_same_key_finds_an_act_whose_record_is_late(small: World) -> None:
    await opened_cycle(small)
    at(small, JANUARY)
    mine = await small.appraisal_of("employee")
    version = await small.fill(mine, "plan", "employee")
    await small.bring(mine)
    path, more = f"/appraisals/{mine}/actions/submit_plan", {"Idempotency_Key": "k", "If_Match": f'"{version}"'}
    async with small.database.transaction() as connection:  # somebody holds the row: the record waits
        await connection.execute(text("SELECT id FROM appraisal WHERE id = :id FOR NO KEY UPDATE"), {"id": mine})
        late = await small.post(path, "employee", {}, **more)
        assert late.status_code == 202
        await small.fill(mine, "plan", "employee")  # the page saves on while nobody knows
        again = await small.post(path, "employee", {}, **more)
        assert (again.status_code, again.text) == (202, late.text)
        other = await small.post(path, "employee", {}, Idempotency_Key="another", If_Match=f'"{version}"')
        assert (other.status_code, other.json()["code"]) == (412, "version_conflict")
        reused = await small.post(path, "employee", {"comment": "lain"}, Idempotency_Key="k")
        assert reused.json()["code"] == "key_reused"

    async def recorded() -> bool:
        return (await small.post(path, "employee", {}, **more)).status_code == 200

    await until(recorded, "the act was not recorded")
    assert (await small.actions_of(mine)).count("submit_plan") == 1


@pytest.mark.parametrize("action", ["amend_plan", "file_appeal"])
async def test_if_match_is_the_forms_version_where_a_form_is_submitted_and_else_the_appraisals(
    year: World, action: str
) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    form = "plan" if action == "amend_plan" else "appeal"
    if action == "file_appeal":
        who = await Played.of(year, await year.next_clerk())
        await to_open_result(year, who)
    draft = await year.fill(who.appraisal, form, who.employee)
    now = (await year.row(who.appraisal))["version"]
    assert draft != now
    stale = await year.act(who.appraisal, action, who.employee, If_Match=f'"{draft}"')
    assert stale.json()["code"] == "version_conflict"
    taken = await year.act(who.appraisal, action, who.employee, If_Match=f'"{now}"')
    assert taken.status_code == 200, taken.text


async def to_open_result(year: World, who: Played) -> None:
    from tests.endings import to_result

    await to_result(year, who)


async def test_a_year_whose_archive_cannot_be_written_comes_on_hrs_list_and_is_archived_in_the_end(
    small: World, tmp_path: Path
) -> None:
    await opened_cycle(small)
    who = await Played.of(small, await small.next_clerk())
    shelf = tmp_path / "archive"
    shutil.rmtree(shelf)
    shelf.write_text("a file where the folder was: nothing can be stored below it")
    await accepted(small, who)
    workflow = small.client.get_workflow_handle(workflow_id(who.appraisal))
    small.now += timedelta(days=6)

    async def listed() -> bool:
        await small.skipper.fast_forward(workflow, timedelta(days=1))
        row = await small.row(who.appraisal)
        assert row["state"] == "finalisation.running"
        return bool(row["on_hr_list"])

    await until(listed, "nobody hears of a year that cannot be archived")
    cycle = (await small.row(who.appraisal))["cycle_id"]
    items = (await small.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    assert ("archive_late", who.appraisal) in [(item["code"], item["appraisal_id"]) for item in items]
    shelf.unlink()
    shelf.mkdir()

    async def archived() -> bool:
        await small.skipper.fast_forward(workflow, timedelta(hours=6))
        return (await small.row(who.appraisal))["state"] == "finalisation.done"

    await until(archived, "the year was not archived when the store was back")
    assert (await small.actions_of(who.appraisal)).count("archive") == 1
