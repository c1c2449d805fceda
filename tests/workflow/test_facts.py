"""Facts move under a running year: holidays, deadlines, the engine itself. What was begun goes on, and replays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, Worker

from activities.archive import open_store
from activities.deliver import Channels
from deploy.rehearsal import skipping_worker
from deploy.worker import sandbox
from models import workdays
from models.shelf import load
from models.vocabulary import State, Zone
from tests.endings import JANUARY, Played
from tests.world import World, nowhere, opened_cycle, opened_world
from workflows import WORKFLOWS


@pytest.fixture
def newer_holidays(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[date]]:
    """Days a later edition of the holiday library knows; append to them."""
    known = workdays.country_holidays
    added: list[date] = []

    def edition(country: str, years: int, categories: tuple[str, ...]) -> set[date]:
        return {*known(country, years=years, categories=categories), *added}

    monkeypatch.setattr(workdays, "country_holidays", edition)
    workdays.national_holidays.cache_clear()
    yield added
    monkeypatch.undo()
    workdays.national_holidays.cache_clear()


async def test_a_newer_holiday_table_moves_a_running_year_and_breaks_no_replay(
    year: World, who: Played, newer_holidays: list[date]
) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    before = await year.row(who.appraisal)
    newer_holidays += [date(2027, 1, 11), date(2027, 1, 12)]
    workdays.national_holidays.cache_clear()
    # The reminders of the old table come first; each asks the facts of today.
    after = await year.pass_to(who.appraisal, JANUARY + timedelta(days=9))
    week = 6 if before["work_week"] == 6 else 5
    clock = workdays.PersonClock.of(Zone(str(before["zone"])), week)
    review_days = load("permenpanrb-6-2022").steps[State.PLAN_REVIEWING].days
    assert after["due_at"] == clock.ending(clock.calendar.add(clock.day_of(JANUARY), review_days)) > before["due_at"]
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    history = await year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1").fetch_history()
    replayer = Replayer(workflows=list(WORKFLOWS), workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history)


async def test_a_later_deadline_costs_no_engine_call_and_is_kept(year: World, who: Played) -> None:
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    shown = await year.get(f"/cycles/{cycle}", "hr")
    handle = year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1")
    known = len((await handle.fetch_history()).events)
    body = {"reason": "Libur bersama.", "windows": {"plan": {"due_at": "2027-02-28"}}}
    changed = await year.http.put(
        f"/api/v1/cycles/{cycle}/calendar", headers=year.headers("hr", **{"If-Match": shown.headers["ETag"]}), json=body
    )
    assert changed.status_code == 200, changed.text
    assert len((await handle.fetch_history()).events) == known
    assert str((await year.seen(who.appraisal))["due_at"]).startswith("2027-02-28T23:59:59")
    later = await year.pass_to(who.appraisal, JANUARY + timedelta(days=35))
    assert later["state"] == "plan.drafting"
    assert not later["late"]


async def test_while_the_engine_is_away_drafts_save_and_acts_say_unknown(year: World, who: Played) -> None:
    engine = year.rooms.engine
    year.rooms.engine = await nowhere()
    try:
        version = await year.fill(who.appraisal, "plan", who.employee)
        assert version == 1
        answer = await year.post(
            f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, {}, Idempotency_Key="same"
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "engine_away")
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        year.rooms.engine = engine
    again = await year.act(who.appraisal, "submit_plan", who.employee, Idempotency_Key="same")
    assert again.status_code == 200
    assert (await year.actions_of(who.appraisal)).count("submit_plan") == 1


async def test_an_act_on_a_year_whose_worker_is_away_is_found_out_by_the_same_key(
    postgres_url: str, engine_address: str, tmp_path: Path
) -> None:
    """The update waits in the engine; the caller gave up; asking again with the key, once a worker is back, gives the one receipt."""
    queue = f"away-{uuid4().hex[:8]}"
    async with opened_world(postgres_url, engine_address, tmp_path, queue=queue) as world:

        def worker() -> Worker:
            store = open_store(tmp_path.as_uri())
            return skipping_worker(world.skipper, world.database, queue, store, Channels())

        async with worker():
            await opened_cycle(world)
            mine = await world.appraisal_of("employee")
            await world.pass_to(mine, JANUARY)
            await world.fill(mine, "plan", "employee")
        path = f"/appraisals/{mine}/actions/submit_plan"
        away = await world.post(path, "employee", {}, Idempotency_Key="patience")
        assert (away.status_code, away.json()["code"]) == (503, "engine_away")
        async with worker():
            found = [await world.post(path, "employee", {}, Idempotency_Key="patience") for _ in range(3)]
        assert {answer.status_code for answer in found} == {200}
        assert {answer.text for answer in found} == {found[0].text}
        assert (await world.actions_of(mine)).count("submit_plan") == 1
