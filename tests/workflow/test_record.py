"""The record trusts nothing: what does not follow is parked, what is there already is done, others are unharmed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError

from activities.mending import restore
from activities.record import Recorder, event_of
from models import lifecycle
from models.appraisal import Command, Event, FormRef, RecordInput, Snapshot, Timing
from models.folding import replay
from models.trail import sealed
from models.vocabulary import Action, Form, Role
from tests.endings import JANUARY, Played
from tests.world import YEAR, World


def recorder(world: World) -> Recorder:
    return Recorder(world.database, world.rooms.facts, world.rooms.people)


async def snapshot_of(world: World, appraisal: str) -> Snapshot:
    return Snapshot.model_validate((await world.row(appraisal))["snapshot"])


def disputed(snapshot: Snapshot) -> Event:
    """An event that may always follow."""
    wish = Command(action=Action.DISPUTE_SUPERVISOR, role=Role.EMPLOYEE, actor=snapshot.subject)
    return lifecycle.apply(snapshot, wish, JANUARY)[0]


def wish(snapshot: Snapshot, *events: Event, incarnation: int = 0) -> RecordInput:
    return RecordInput(
        appraisal_id=snapshot.appraisal_id, revision=snapshot.revision, incarnation=incarnation, events=events
    )


async def test_the_same_events_again_are_done_already(year: World, who: Played) -> None:
    snapshot = await snapshot_of(year, who.appraisal)
    event = disputed(snapshot)
    first = await recorder(year).record(wish(snapshot, event))
    again = await recorder(year).record(wish(snapshot, event))
    assert first == again
    assert (await year.actions_of(who.appraisal)).count("dispute_supervisor") == 1


def _gap(event: Event) -> Event:
    return sealed(event.model_copy(update={"seq": event.seq + 1}))


def _other_link(event: Event) -> Event:
    return sealed(event.model_copy(update={"previous_hash": "f" * 64}))


def _other_content(event: Event) -> Event:
    return event.model_copy(update={"at": event.at + timedelta(seconds=1)})


@pytest.mark.parametrize("change", [_gap, _other_link, _other_content])
async def test_what_does_not_follow_is_parked_and_nothing_is_written(year: World, who: Played, change) -> None:
    snapshot = await snapshot_of(year, who.appraisal)
    with pytest.raises(ApplicationError) as blocked:
        await recorder(year).record(wish(snapshot, change(disputed(snapshot))))
    assert (blocked.value.type, blocked.value.non_retryable) == ("record_blocked", True)
    row = await year.row(who.appraisal)
    assert row["parked"]
    assert (row["seq"], row["snapshot"]) == (snapshot.seq, snapshot.model_dump(mode="json", exclude_none=True))


async def test_another_hash_under_a_known_number_is_parked(year: World, who: Played) -> None:
    snapshot = await snapshot_of(year, who.appraisal)
    event = disputed(snapshot)
    await recorder(year).record(wish(snapshot, event))
    with pytest.raises(ApplicationError):
        await recorder(year).record(wish(snapshot, sealed(event.model_copy(update={"actor": "somebody else"}))))


async def test_an_older_incarnation_writes_nothing_and_a_newer_one_has_to_say_so_first(
    year: World, who: Played
) -> None:
    snapshot = await snapshot_of(year, who.appraisal)
    with pytest.raises(ApplicationError) as newer:
        await recorder(year).record(wish(snapshot, disputed(snapshot), incarnation=7))
    assert newer.value.type == "record_blocked"
    async with year.database.transaction() as connection:
        await connection.execute(text("UPDATE appraisal SET incarnation = 1 WHERE id = :id"), {"id": who.appraisal})
    with pytest.raises(ApplicationError) as older:
        await recorder(year).record(wish(snapshot, disputed(snapshot), incarnation=0))
    assert older.value.type == "superseded"
    assert (await year.row(who.appraisal))["seq"] == snapshot.seq


@pytest.mark.parametrize("check", ["appraisal_id <> '{}'", "1 / (appraisal_id <> '{}')::int = 1"])
async def test_a_record_the_database_refuses_is_parked_and_goes_on_when_mended(
    year: World, who: Played, check: str
) -> None:
    """The act is refused while parked, others go on, and nothing the engine had accepted is lost."""
    other = await Played.of(year, await year.next_clerk())
    await year.fill(who.appraisal, "plan", who.employee)
    await year.bring(who.appraisal)
    refuse = f"ALTER TABLE event ADD CONSTRAINT refuse CHECK ({check.format(who.appraisal)}) NOT VALID"
    async with year.database.transaction() as connection:
        await connection.execute(text(refuse))
    try:
        late = await year.post(f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, {})
        assert late.status_code == 202
        assert (await year.row(who.appraisal))["parked"]
        listed = (await year.get(f"/cycles/{(await year.row(who.appraisal))['cycle_id']}/worklist", "hr")).json()
        assert ("record_blocked", who.appraisal) in [(i["code"], i["appraisal_id"]) for i in listed["items"]]
        blocked = await year.post(f"/appraisals/{who.appraisal}/actions/dispute_supervisor", who.employee, {})
        assert (blocked.status_code, blocked.json()["code"]) == (503, "record_blocked")
        await year.send(other.appraisal, "plan", "submit_plan", other.employee)
    finally:
        async with year.database.transaction() as connection:
            await connection.execute(text("ALTER TABLE event DROP CONSTRAINT refuse"))
    await year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1").signal("try_again")
    for _ in range(100):
        row = await year.row(who.appraisal)
        if row["state"] == "plan.reviewing":
            break
        await asyncio.sleep(0.05)
    assert (row["state"], row["parked"]) == ("plan.reviewing", None)


async def test_the_trail_cannot_be_changed_in_the_database(year: World) -> None:
    for statement in ("UPDATE event SET actor = 'x'", "DELETE FROM event", "TRUNCATE event CASCADE"):
        with pytest.raises(Exception, match="append-only"):
            async with year.database.transaction() as connection:
                await connection.execute(text(statement))


async def test_a_key_used_again_after_continue_as_new_gives_the_first_receipt(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee)
    first = await year.act(who.appraisal, "submit_plan", who.employee, Idempotency_Key="before")
    handle = year.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1")
    run = (await handle.describe()).run_id
    await handle.signal("upgrade")
    for _ in range(100):
        if (await handle.describe()).run_id != run:
            break
        await asyncio.sleep(0.05)
    assert (await handle.describe()).run_id != run
    again = await year.post(
        f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, {}, Idempotency_Key="before"
    )
    assert (again.status_code, again.json()) == (200, first.json())
    # The engine itself still knows the key: the snapshot it went on with carries the receipts.
    known = await handle.query("snapshot")
    assert len(known["receipts"]) == 1
    await year.done(who.appraisal, "approve_plan", who.supervisor)


async def test_events_read_back_are_the_events_that_were_hashed(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with year.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT * FROM event WHERE appraisal_id = :id ORDER BY seq"), {"id": who.appraisal}
        )
        events = [event_of(row) for row in rows.mappings()]
    assert [sealed(event) for event in events] == events
    assert replay(events) == await snapshot_of(year, who.appraisal)


async def test_a_year_started_again_from_its_row_goes_on_and_shuts_the_old_run_out(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    stale = await snapshot_of(year, who.appraisal)
    await restore(year.database, year.client, year.task_queue, who.appraisal)
    for _ in range(100):
        if (await year.row(who.appraisal))["incarnation"] == 1:
            break
        await asyncio.sleep(0.05)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert (await year.actions_of(who.appraisal))[-3:] == ["submit_plan", "restore", "approve_plan"]
    with pytest.raises(ApplicationError) as refused:
        await recorder(year).record(wish(stale, disputed(stale)))
    assert refused.value.type == "superseded"
    assert not (await year.row(who.appraisal))["parked"]


@pytest.mark.parametrize("moved", [True, False], ids=["moved since", "stand"])
async def test_what_was_sent_late_is_late_if_it_is_by_the_days_of_the_moment_it_is_recorded(
    year: World, who: Played, *, moved: bool
) -> None:
    """HR gave more time between the act and its record, which an outage of the database may hold up."""
    snapshot = await snapshot_of(year, who.appraisal)
    form = FormRef(form=Form.PLAN, copy_id="c-1", sha256="00", version=1)
    sent = Command(action=Action.SUBMIT_PLAN, role=Role.EMPLOYEE, actor=snapshot.subject, form=form)
    known = Timing(facts_revision=0, visit=snapshot.visit.no, due_at=JANUARY - timedelta(days=1))
    day = JANUARY if moved else datetime(YEAR, 2, 3, 3, tzinfo=UTC)
    (event,) = lifecycle.apply(snapshot, sent, day, known)
    assert event.data.late
    await recorder(year).record(wish(snapshot, event))
    assert (await year.row(who.appraisal))["late"] is not moved
