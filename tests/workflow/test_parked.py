"""Whatever no retry mends parks its appraisal, whichever activity met it: HR sees it, others are unharmed, and it goes on when mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.facts import Facts
from activities.launch import Launcher, workflow_id
from activities.record import Recorder
from activities.running import MOVE_FACTS
from activities.score import Scorer
from models.appraisal import ConsultInput, ScoreInput
from tests.endings import CHANGED, JANUARY, Played, to_rating, to_result, until_rating
from tests.workflow.people.changes import JUNE, MAY, planned, transferred
from tests.world import YEAR, World

PEOPLE = 60

RATED = text("SELECT id FROM form_copy WHERE appraisal_id = :id AND form = 'rating'")


@asynccontextmanager
async def refusing(world: World, table: str, check: str) -> AsyncIterator[None]:
    """The database refuses what breaks this check, until the cause is gone."""
    async with world.database.transaction() as connection:
        await connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT refuse CHECK ({check}) NOT VALID"))
    try:
        yield
    finally:
        async with world.database.transaction() as connection:
            await connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT refuse"))


async def stands(world: World, appraisal: str, *, parked: bool) -> Mapping[str, object]:
    """Its row, once it is parked, or is no longer."""
    for _ in range(200):
        row = await world.row(appraisal)
        if (row["parked"] is not None) is parked:
            return row
        await asyncio.sleep(0.05)
    raise AssertionError(f"{appraisal} is {'not parked' if parked else 'still parked'} in {row['state']}")


async def blocked(world: World, who: Played) -> None:
    """It is on HR's list with what to do, takes no act, and another year goes on meanwhile."""
    row = await stands(world, who.appraisal, parked=True)
    assert row["on_hr_list"]
    listed = (await world.get(f"/cycles/{row['cycle_id']}/worklist", "hr", limit=200)).json()["items"]
    assert ("record_blocked", who.appraisal) in [(item["code"], item["appraisal_id"]) for item in listed]
    refused = await world.post(f"/appraisals/{who.appraisal}/actions/dispute_supervisor", who.employee, {})
    assert (refused.status_code, refused.json()["code"]) == (503, "record_blocked")
    other, now = await Played.of(world, await world.next_clerk()), world.now
    world.now = JANUARY
    await world.send(other.appraisal, "plan", "submit_plan", other.employee)
    world.now = now


async def mended(world: World, who: Played) -> Mapping[str, object]:
    """Its row, after the operator said that the cause is gone."""
    row = await world.row(who.appraisal)
    name = workflow_id(who.appraisal, int(str(row["revision"])), int(str(row["incarnation"])))
    await world.client.get_workflow_handle(name).signal("try_again")
    row = await stands(world, who.appraisal, parked=False)
    assert not row["on_hr_list"]
    return row


async def history_quotes_no_row(world: World, appraisal: str) -> None:
    """The database's own words may hold a label or a person; the reason that is kept has none of them."""
    told = (await world.client.get_workflow_handle(workflow_id(appraisal)).fetch_history()).to_json()
    assert "the database refused: CheckViolationError" in told
    assert "Failing row" not in told


async def test_a_rating_whose_outcome_is_refused_is_parked_and_scored_when_mended(year: World, who: Played) -> None:
    await until_rating(year, who)
    await year.fill(who.appraisal, "rating", who.supervisor)
    async with refusing(year, "outcome", f"appraisal_id <> '{who.appraisal}'"):
        late = await year.post(f"/appraisals/{who.appraisal}/actions/submit_rating", who.supervisor, {})
        assert late.status_code == 202
        await blocked(year, who)
        for person in (who.employee, who.supervisor, "hr"):
            assert (await year.seen(who.appraisal, person))["actions"] == [], "whatever is pressed answers 503"
        await history_quotes_no_row(year, who.appraisal)
    row = await mended(year, who)
    assert (await year.seen(who.appraisal, who.employee))["actions"] != []
    assert row["outcome_id"] is not None
    assert "submit_rating" in await year.actions_of(who.appraisal)


async def test_a_label_whose_outcome_is_refused_parks_the_year_and_is_received_when_mended(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    row = await year.row(who.appraisal)
    async with refusing(year, "outcome", f"appraisal_id <> '{who.appraisal}'"):
        answer = await year.label(str(row["cycle_id"]), await year.unit_of(who.employee), "istimewa")
        assert answer.status_code == 200, answer.text
        await blocked(year, who)
    assert (await mended(year, who))["outcome_id"] != row["outcome_id"]
    assert (await year.actions_of(who.appraisal)).count("receive_label") == 2


async def test_a_decision_whose_outcome_is_refused_is_parked_and_scored_when_mended(year: World, who: Played) -> None:
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await year.fill(who.appraisal, "decision", who.senior, CHANGED)
    before = await year.row(who.appraisal)
    async with refusing(year, "outcome", f"appraisal_id <> '{who.appraisal}'"):
        late = await year.post(f"/appraisals/{who.appraisal}/actions/decide_appeal", who.senior, {})
        assert late.status_code == 202
        await blocked(year, who)
    row = await mended(year, who)
    assert (row["ending"], row["outcome_id"] == before["outcome_id"]) == ("changed", False)


async def test_a_year_whose_facts_cannot_be_shown_is_parked_and_asks_again_when_mended(
    year: World, who: Played
) -> None:
    row = await year.row(who.appraisal)
    async with refusing(year, "appraisal", f"id <> '{who.appraisal}' OR facts_revision <= {row['facts_revision']}"):
        async with year.database.transaction() as connection:
            revision = (await connection.execute(MOVE_FACTS, {"cycle": row["cycle_id"]})).scalar_one()
        await year.client.get_workflow_handle(workflow_id(who.appraisal)).signal("facts_changed", revision)
        await blocked(year, who)
    assert (await mended(year, who))["facts_revision"] == revision
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)


async def test_a_segment_that_cannot_begin_parks_the_one_before_and_begins_when_mended(
    year: World, who: Played
) -> None:
    await planned(year, who)
    year.now = MAY
    await transferred(year, who)
    person = (await year.row(who.appraisal))["person_id"]
    async with refusing(year, "appraisal", f"person_id <> '{person}' OR segment = 1"):
        year.now = JUNE
        await year.bring(who.appraisal)
        await blocked(year, who)
        await year.segments_of(who.employee, 1)
    row = await mended(year, who)
    assert (row["state"], len(await year.segments_of(who.employee, 2))) == ("self_assessment.drafting", 2)


async def rated(world: World, who: Played) -> ScoreInput:
    """The wish for the outcome of a rating that was given."""
    await to_rating(world, who)
    async with world.database.transaction() as connection:
        copy = (await connection.execute(RATED, {"id": who.appraisal})).scalar_one()
    return ScoreInput(appraisal_id=who.appraisal, revision=1, copy_id=copy, at=world.now)


@asynccontextmanager
async def without_a_cell(world: World, cycle: object) -> AsyncIterator[None]:
    """The cycle's frozen pack lacks a cell of its matrix, for whoever reads it now."""
    take = text("UPDATE cycle SET pack = pack #- '{scoring,matrix,above,above}' WHERE id = :id RETURNING pack")
    give = text("UPDATE cycle SET pack = p.pack FROM kept_pack p WHERE cycle.id = :id")
    async with world.database.transaction() as connection:
        await connection.execute(text("CREATE TABLE kept_pack AS SELECT pack FROM cycle WHERE id = :id"), {"id": cycle})
        await connection.execute(take, {"id": cycle})
    try:
        yield
    finally:
        async with world.database.transaction() as connection:
            await connection.execute(give, {"id": cycle})
            await connection.execute(text("DROP TABLE kept_pack"))


@pytest.mark.parametrize("activity", ["score", "score_by_label", "consult", "begin_segment"])
async def test_what_a_pack_without_a_cell_cannot_say_parks_whatever_asked(
    year: World, who: Played, activity: str
) -> None:
    wish = await rated(year, who)
    database, people, facts = year.database, year.rooms.people, Facts()
    scorer, recorder = Scorer(database, facts, people), Recorder(database, facts, people)
    launcher = Launcher(database, facts, year.client, year.task_queue)
    asks = {
        "score": lambda: scorer.score(wish),
        "score_by_label": lambda: scorer.score_by_label(wish),
        "consult": lambda: recorder.consult(ConsultInput(appraisal_id=who.appraisal, revision=1, at=year.now)),
        "begin_segment": lambda: ActivityEnvironment().run(launcher.begin_segment, who.appraisal),
    }
    if activity == "begin_segment":
        await made_ready(year, who)
    async with without_a_cell(year, (await year.row(who.appraisal))["cycle_id"]):
        with pytest.raises(ApplicationError) as parked:
            await asks[activity]()
    assert (parked.value.type, parked.value.non_retryable) == ("record_blocked", True)
    row = await year.row(who.appraisal)
    assert (row["parked"], row["on_hr_list"]) == ("could not be worked out: PackUnreadable", True)


async def test_a_pack_that_cannot_be_read_is_on_the_work_list_and_takes_nobodys_pages(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    path = f"/appraisals/{who.appraisal}"
    facts, year.rooms.facts = year.rooms.facts, Facts()
    try:
        async with without_a_cell(year, cycle):
            moved = text("UPDATE cycle SET facts_revision = facts_revision + 1 WHERE id = :id")
            async with year.database.transaction() as connection:
                await connection.execute(moved, {"id": cycle})
            listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).raise_for_status().json()
            assert [i["actions"] for i in listed["items"] if i["code"] == "pack_unreadable"] == [[]]
            tasks = (await year.get("/me/tasks", who.employee)).raise_for_status().json()["items"]
            assert who.appraisal in [task["appraisal_id"] for task in tasks]
            refused = await year.get(f"{path}/forms/plan", who.employee)
            assert (refused.status_code, refused.json()["code"]) == (503, "pack_unreadable")
            each = await year.post("/appraisals/actions/submit_plan", who.employee, {"ids": [who.appraisal]})
            assert [one["problem"]["code"] for one in each.json()["results"]] == ["pack_unreadable"]
        assert (await year.get(f"{path}/forms/plan", who.employee)).status_code == 200
    finally:
        year.rooms.facts = facts


async def made_ready(world: World, who: Played) -> None:
    """Her year looks as if a transfer had just ended it."""
    ended = text("UPDATE appraisal SET snapshot = snapshot || CAST(:until AS jsonb) WHERE id = :id")
    async with world.database.transaction() as connection:
        await connection.execute(ended, {"id": who.appraisal, "until": f'{{"until": "{YEAR}-12-22"}}'})


async def test_a_race_that_was_lost_is_tried_again_and_parks_nobody(year: World, who: Played) -> None:
    wish = await rated(year, who)
    scorer = Scorer(year.database, Facts(), year.rooms.people)
    async with year.database.transaction() as connection:
        for statement in (
            "CREATE FUNCTION lose() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER lose BEFORE INSERT ON outcome EXECUTE FUNCTION lose()",
        ):
            await connection.execute(text(statement))
    try:
        with pytest.raises(DBAPIError):
            await scorer.score(wish)
    finally:
        async with year.database.transaction() as connection:
            await connection.execute(text("DROP FUNCTION lose() CASCADE"))
    assert (await year.row(who.appraisal))["parked"] is None
