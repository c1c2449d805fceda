"""HR's work list: whatever needs a person is on it, with actions that are really possible, and gone when done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.launch import workflow_id
from activities.outbox import tell
from activities.people import move_line
from models.vocabulary import Action
from tests.api.test_rosters import people, send
from tests.endings import DECEMBER, FEBRUARY, JANUARY, Played, at, to_result
from tests.workflow.objecting import acting
from tests.world import YEAR, World

PEOPLE = 120

Item = dict[str, object]
LACKING = {"comment_required", "missing_value"}


@pytest.fixture
async def who(year: World) -> Played:
    at(year, JANUARY)
    return await Played.of(year, await year.next_clerk())


async def listed(year: World, who: str = "hr") -> list[Item]:
    cycle = (await year.get("/cycles", "hr")).json()["items"][0]["id"]
    answer = await year.get(f"/cycles/{cycle}/worklist", who, limit=200)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def codes(year: World, appraisal: str, who: str = "hr") -> dict[str, list[str]]:
    found = [i for i in await listed(year, who) if i["appraisal_id"] == appraisal]
    return {str(i["code"]): [str(a) for a in i["actions"]] for i in found}  # type: ignore[attr-defined]


async def holds(year: World, appraisal: str) -> None:
    """Each action of each of this appraisal's entries is HR's to take now, or only lacks its fields."""
    for code, actions in (await codes(year, appraisal)).items():
        for action in actions:
            assert action in (await year.seen(appraisal))["actions"], f"{code}: {action}"  # type: ignore[operator]
            if action in {Action.EXTEND, Action.REASSIGN, Action.RECORD_DELIVERY}:
                answer = await year.act(appraisal, action, "hr")
                assert (answer.status_code, answer.json()["code"] in LACKING) == (422, True), answer.text


# ── my supervisor is wrong ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_disputed_supervisor_is_on_the_list_every_draft_is_kept_and_a_reassignment_clears_it(
    year: World, who: Played
) -> None:
    await year.bring(who.appraisal)
    version = await year.fill(who.appraisal, "plan", who.employee)
    before = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Saya sudah pindah bidang."})
    assert (await codes(year, who.appraisal))["supervisor_disputed"] == ["reassign"]
    await holds(year, who.appraisal)

    new = await year.next_clerk()
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": new, "reason": "Sesuai SK penempatan."})
    assert await codes(year, who.appraisal) == {}
    after = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    assert (after["version"], after["status"], after["data"]) == (version, "draft", before["data"])
    await year.done(who.appraisal, "submit_plan", who.employee)
    assert "approve_plan" in (await year.seen(who.appraisal, new))["actions"]  # type: ignore[operator]
    old = await year.act(who.appraisal, "approve_plan", who.supervisor)
    assert old.json()["code"] == "not_yours"


async def test_a_dispute_leaves_the_list_when_the_line_is_corrected_and_another_supervisor_may_be_disputed(
    year: World, who: Played
) -> None:
    await year.bring(who.appraisal)
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Saya sudah pindah bidang."})
    assert "dispute_supervisor" not in (await year.seen(who.appraisal, who.employee))["actions"]  # type: ignore[operator]
    again = await year.act(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Sekali lagi."})
    assert (again.status_code, again.json()["code"]) == (409, "not_now"), again.text

    corrected = {"supervisor": await year.next_clerk(), "effective": year.now.date().isoformat(), "reason": "SK 7"}
    answer = await year.post(f"/people/{who.employee}/supervisor", "hr", corrected)
    assert answer.status_code < 300, answer.text
    assert await codes(year, who.appraisal) == {}
    assert "dispute_supervisor" in (await year.seen(who.appraisal, who.employee))["actions"]  # type: ignore[operator]
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Juga keliru."})
    assert (await codes(year, who.appraisal))["supervisor_disputed"] == ["reassign"]


async def test_who_acts_for_a_disputed_supervisor_settles_nothing(year: World, who: Played) -> None:
    await year.bring(who.appraisal)
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Saya sudah pindah bidang."})
    async with acting(year, await year.next_clerk(), who.supervisor):
        assert "supervisor_disputed" in await codes(year, who.appraisal)
        again = await year.act(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Sekali lagi."})
        assert (again.status_code, again.json()["code"]) == (409, "not_now"), again.text
    assert "supervisor_disputed" in await codes(year, who.appraisal)


async def test_to_have_no_supervisor_may_be_disputed_until_there_is_one(year: World, who: Played) -> None:
    await year.bring(who.appraisal)
    nobody = text("UPDATE tenure t SET supervisor_id = NULL FROM person p WHERE p.id = t.person_id AND p.nip = :nip")
    async with year.database.transaction() as connection:
        await connection.execute(nobody, {"nip": who.employee})
        await move_line(connection)
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Saya tidak punya atasan."})
    assert "supervisor_disputed" in await codes(year, who.appraisal)
    given = {"supervisor": await year.next_clerk(), "effective": year.now.date().isoformat(), "reason": "SK 7"}
    answer = await year.post(f"/people/{who.employee}/supervisor", "hr", given)
    assert answer.status_code < 300, answer.text
    assert await codes(year, who.appraisal) == {}
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Ini keliru."})


async def test_what_hr_suspended_is_on_the_list_until_it_goes_on(year: World, who: Played) -> None:
    await year.done(who.appraisal, "suspend", "hr", {"reason": "Menunggu putusan."})
    assert (await codes(year, who.appraisal))["suspended"] == ["resume", "cancel"]
    await year.done(who.appraisal, "resume", "hr", {"reason": "Putusan terbit."})
    assert await codes(year, who.appraisal) == {}


async def test_a_newcomer_whom_nobody_could_rate_is_on_the_list_until_he_has_a_supervisor(
    year: World, who: Played
) -> None:
    new, unit = "199105052020011009", await year.unit_of(who.employee)
    (await send(year, "hr", people(f"{new}|Baru||unit={unit}"))).raise_for_status()
    [entry] = [one for one in await listed(year) if one["employee"] and one["employee"]["nip"] == new]
    assert (entry["code"], entry["appraisal_id"], entry["actions"]) == ("no_supervisor", None, ["import"])
    (await send(year, "hr", people(f"{new}|Baru|{who.supervisor}|unit={unit}"))).raise_for_status()
    [entry] = [one for one in await listed(year) if one["employee"] and one["employee"]["nip"] == new]
    assert (entry["code"], entry["actions"]) == ("not_begun", ["open"])
    cycle = (await year.row(who.appraisal))["cycle_id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    await year.segments_of(new, 1)
    assert not [one for one in await listed(year) if one["employee"] and one["employee"]["nip"] == new]


# ── time passed ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_step_nobody_took_is_on_the_list_until_it_is_extended(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.pass_to(who.appraisal, datetime(YEAR, 4, 1, 3, tzinfo=UTC))
    assert (await codes(year, who.appraisal))["nobody_acted"] == ["extend", "reassign", "cancel"]
    await holds(year, who.appraisal)
    due = datetime(YEAR, 5, 3, 10, tzinfo=UTC)
    await year.done(who.appraisal, "extend", "hr", {"due_at": due.isoformat(), "reason": "Dinas luar."})
    assert await codes(year, who.appraisal) == {}
    assert (await year.row(who.appraisal))["on_hr_list"] is False


async def test_whom_a_calendar_that_moved_gives_time_again_is_not_on_the_list_until_it_is_over(
    year: World, who: Played
) -> None:
    await year.pass_to(who.appraisal, datetime(YEAR, 2, 20, 3, tzinfo=UTC))
    assert "nobody_acted" in await codes(year, who.appraisal)
    path = f"/cycles/{(await year.row(who.appraisal))['cycle_id']}"
    seen = await year.get(path, "hr")
    windows = {"plan": {"due_at": f"{YEAR}-04-28", "closes_at": f"{YEAR}-04-30"}}
    moved = await year.http.put(
        f"/api/v1{path}/calendar",
        headers=year.headers("hr", **{"If-Match": seen.headers["ETag"]}),
        json={"unit": await year.unit_of(who.employee), "windows": windows, "reason": "Banjir."},
    )
    assert moved.status_code == 200, moved.text
    assert "nobody_acted" not in await codes(year, who.appraisal)
    year.now = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
    assert "nobody_acted" in await codes(year, who.appraisal)


async def test_a_step_that_passes_its_extension_too_is_reminded_of_and_listed_again(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.pass_to(who.appraisal, datetime(YEAR, 4, 1, 3, tzinfo=UTC))
    due = datetime(YEAR, 5, 3, 10, tzinfo=UTC)
    await year.done(who.appraisal, "extend", "hr", {"due_at": due.isoformat(), "reason": "Dinas luar."})
    assert "approve_plan" in (await year.seen(who.appraisal, who.senior))["actions"]  # type: ignore[operator]
    first = len(await year.actions_of(who.appraisal))
    await year.pass_to(who.appraisal, due + timedelta(days=30))
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    rungs = [
        e["data"]["rung"]
        for e in trail
        if e["action"] == "reach_rung" and datetime.fromisoformat(e["at"]) > datetime(YEAR, 4, 1, 3, tzinfo=UTC)
    ]
    assert rungs[-4:] == ["remind+0", "overdue+1", "takeover+3", "hr_list+7"]
    assert (await year.actions_of(who.appraisal))[first:].count("lapse") == 1
    assert (await codes(year, who.appraisal))["nobody_acted"] == ["extend", "reassign", "cancel"]


async def test_a_result_that_is_not_proven_delivered_is_on_the_list_until_it_is(year: World, who: Played) -> None:
    await to_result(year, who)
    entered = (await year.row(who.appraisal))["entered_at"]
    await year.pass_to(who.appraisal, DECEMBER + timedelta(days=30))
    assert (await codes(year, who.appraisal))["undelivered"] == ["record_delivery", "suspend", "cancel"]
    await holds(year, who.appraisal)
    assert isinstance(entered, datetime)
    body = {"at": (entered + timedelta(days=20)).isoformat(), "proof": "Tanda terima nomor 7."}
    await year.done(who.appraisal, "record_delivery", "hr", body)
    assert await codes(year, who.appraisal) == {}


async def test_what_is_suspended_lists_only_what_a_suspension_allows(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.pass_to(who.appraisal, datetime(YEAR, 4, 1, 3, tzinfo=UTC))
    await year.done(who.appraisal, "suspend", "hr", {"reason": "Cuti besar"})
    assert (await codes(year, who.appraisal))["nobody_acted"] == ["reassign", "cancel"]
    await holds(year, who.appraisal)
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Selesai"})
    assert await codes(year, who.appraisal) == {}


# ── what could not be told ───────────────────────────────────────────────────────────────────────────────────────────


async def fails(year: World, appraisal: str, key: str) -> None:
    async with year.database.transaction() as connection:
        failed = "UPDATE notice SET state = 'failed', last_error = 'refused' WHERE appraisal_id = :id AND text = :text"
        assert (await connection.execute(text(failed), {"id": appraisal, "text": key})).rowcount > 0


async def test_a_notice_that_failed_leaves_the_list_when_its_reason_is_gone(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with year.database.transaction() as connection:
        own = "DELETE FROM notice n USING person p WHERE p.id = n.person_id AND p.nip = :nip AND n.text = 'plan_submitted'"
        await connection.execute(text(own), {"nip": who.employee})
    await fails(year, who.appraisal, "plan_submitted")
    assert "notice_failed" in await codes(year, who.appraisal)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert await codes(year, who.appraisal) == {}


async def test_that_a_result_was_not_delivered_is_not_told_once_its_delivery_was_recorded(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    entered = (await year.row(who.appraisal))["entered_at"]
    await year.pass_to(who.appraisal, DECEMBER + timedelta(days=30))
    await fails(year, who.appraisal, "needs_hr")
    assert set(await codes(year, who.appraisal)) == {"undelivered", "notice_failed"}
    assert isinstance(entered, datetime)
    body = {"at": (entered + timedelta(days=20)).isoformat(), "proof": "Tanda terima nomor 7."}
    await year.done(who.appraisal, "record_delivery", "hr", body)
    assert await codes(year, who.appraisal) == {}


async def test_what_is_of_no_cycle_is_on_the_list_of_those_that_are_not_over(year: World, who: Played) -> None:
    async with year.database.transaction() as connection:
        person = (
            await connection.execute(text("SELECT id FROM person WHERE nip = :n"), {"n": who.employee})
        ).scalar_one()
        said = {"from": "2027-01-01", "person": person}
        await tell(connection, [person], "supervisor_changed", at=year.now, actor=None, facts=said)
        await connection.execute(text("UPDATE notice SET state = 'failed' WHERE text = 'supervisor_changed'"))
    cycle = (await year.get("/cycles", "hr")).json()["items"][0]["id"]
    state = text("UPDATE cycle SET state = :state WHERE id = :id RETURNING state")
    async with year.database.transaction() as connection:
        before = (await connection.execute(text("SELECT state FROM cycle WHERE id = :id"), {"id": cycle})).scalar_one()
    seen = {}
    for now in (before, "closed"):
        async with year.database.transaction() as connection:
            await connection.execute(state, {"state": now, "id": cycle})
        seen[now] = [i["code"] for i in await listed(year) if i["appraisal_id"] is None]
    async with year.database.transaction() as connection:
        await connection.execute(state, {"state": before, "id": cycle})
        await connection.execute(text("DELETE FROM notice WHERE text = 'supervisor_changed'"))
    assert ("notice_failed" in seen[before], "notice_failed" in seen["closed"]) == (True, False)


# ── nobody left ─────────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def without_pybs(year: World) -> AsyncIterator[None]:
    async with year.database.transaction() as connection:
        taken = text("DELETE FROM role_grant WHERE role = 'pyb' RETURNING person_id")
        people = (await connection.execute(taken)).scalars().all()
        await move_line(connection)
    try:
        yield
    finally:
        async with year.database.transaction() as connection:
            for person in people:
                await connection.execute(text("INSERT INTO role_grant VALUES (:p, 'pyb')"), {"p": person})
            await move_line(connection)


async def test_a_step_whose_officer_is_gone_is_on_the_list_until_another_is_assigned(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with year.database.transaction() as connection:
        orphan = "UPDATE tenure SET supervisor_id = NULL WHERE person_id = (SELECT id FROM person WHERE nip = :nip)"
        await connection.execute(text(orphan), {"nip": who.employee})
        await move_line(connection)
    assert (await codes(year, who.appraisal))["nobody_left"] == ["reassign", "suspend", "cancel"]
    await holds(year, who.appraisal)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": who.supervisor, "reason": "Kosong pada roster."})
    assert await codes(year, who.appraisal) == {}


async def test_a_decision_every_authority_let_pass_stays_with_the_last_and_comes_to_hr(
    year: World, who: Played
) -> None:
    async with without_pybs(year):
        await to_result(year, who)
        await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
        await year.pass_to(who.appraisal, FEBRUARY)
        assert (await year.row(who.appraisal))["state"] == "appeal.deciding"
        await year.pass_to(who.appraisal, FEBRUARY + timedelta(days=60))
        assert (await year.row(who.appraisal))["state"] == "appeal.deciding"
        assert "nobody_acted" in await codes(year, who.appraisal)
        await holds(year, who.appraisal)
        assert "decide_appeal" in (await year.seen(who.appraisal, who.senior))["actions"]  # type: ignore[operator]
        due = (year.now + timedelta(days=30)).isoformat()
        await year.done(who.appraisal, "extend", "hr", {"due_at": due, "reason": "Berkas belum lengkap."})
        assert await codes(year, who.appraisal) == {}


async def test_the_only_hr_officers_own_entry_is_the_pybs_to_settle(year: World) -> None:
    at(year, JANUARY)
    mine = await year.appraisal_of("hr")
    async with year.database.transaction() as connection:
        others = """DELETE FROM role_grant g USING person p
                     WHERE p.id = g.person_id AND g.role = 'hr' AND p.nip <> :hr"""
        await connection.execute(text(others), {"hr": year.people["hr"]})
        await move_line(connection)
    await year.done(mine, "dispute_supervisor", "hr")
    assert (await codes(year, mine))["supervisor_disputed"] == []
    assert await codes(year, mine, "pyb") == {"supervisor_disputed": ["reassign"]}
    assert {i["appraisal_id"] for i in await listed(year, "pyb")} == {mine}
    cycle = (await year.get("/cycles", "hr")).json()["items"][0]["id"]
    assert (await year.get(f"/cycles/{cycle}/worklist", "board")).json()["code"] == "not_yours"


# ── launches ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_could_not_begin_is_listed_with_what_would_help_now(year: World, who: Played) -> None:
    fail = text("UPDATE appraisal SET launch = 'failed', launch_problem = 'unavailable' WHERE id = :id")
    async with year.database.transaction() as connection:
        await connection.execute(fail, {"id": who.appraisal})
    try:
        assert (await codes(year, who.appraisal))["launch_failed"] == ["open"]
    finally:
        async with year.database.transaction() as connection:
            mend = text("UPDATE appraisal SET launch = 'launched', launch_problem = NULL WHERE id = :id")
            await connection.execute(mend, {"id": who.appraisal})
    left_out = [i for i in await listed(year) if i["code"] == "no_supervisor"]
    assert left_out
    assert all(i["actions"] == ["import"] for i in left_out)


# ── the engine's own reports ────────────────────────────────────────────────────────────────────────────────────────


@workflow.defn(name="AppraisalWorkflow")
class Wedged:
    """As a mistake in code leaves it: its task fails, and fails again."""

    @workflow.run
    async def run(self, _: str) -> None:
        raise RuntimeError("a mistake")


async def test_a_workflow_whose_task_keeps_failing_is_on_the_list(year: World, who: Played) -> None:
    name, queue = workflow_id(who.appraisal, 9, 0), f"{year.task_queue}-wedged"
    runner = UnsandboxedWorkflowRunner()
    async with Worker(year.client, task_queue=queue, workflows=[Wedged], workflow_runner=runner):
        handle = await year.client.start_workflow("AppraisalWorkflow", "", id=name, task_queue=queue)
        try:
            for _ in range(600):
                found = await codes(year, who.appraisal)
                if "stuck_workflow" in found:
                    break
                await asyncio.sleep(0.1)
            assert found == {"stuck_workflow": []}
        finally:
            await handle.terminate()
    for _ in range(100):
        if await codes(year, who.appraisal) == {}:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("a workflow that ended is still called stuck")


async def test_while_the_engine_is_away_the_rest_of_the_list_is_there_and_says_so(year: World, who: Played) -> None:
    await year.done(who.appraisal, "dispute_supervisor", who.employee)
    away = await Client.connect("127.0.0.1:9", lazy=True)
    rooms = year.rooms
    there, rooms.engine = rooms.engine, away
    try:
        found = await listed(year)
    finally:
        rooms.engine = there
    assert [i["code"] for i in found if i["appraisal_id"] is None] == ["engine_away"]
    assert "supervisor_disputed" in {i["code"] for i in found if i["appraisal_id"] == who.appraisal}


async def test_a_notice_that_could_not_be_sent_is_listed(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    async with year.database.transaction() as connection:
        fail = text("UPDATE notice SET state = 'failed' WHERE appraisal_id = :id")
        await connection.execute(fail, {"id": who.appraisal})
    assert (await codes(year, who.appraisal))["notice_failed"] == ["retry"]


HEADS = text(
    """
    SELECT p.nip FROM person p JOIN tenure t ON t.person_id = p.id JOIN person s ON s.id = t.supervisor_id
      JOIN tenure above ON above.person_id = s.id JOIN appraisal a ON a.person_id = p.id
     WHERE s.nip = :top AND above.outside AND a.launch = 'launched' AND p.nip <> ALL(:taken) ORDER BY p.nip
    """
)


async def not_below(year: World, head: str) -> Played:
    """A clerk who could supervise that head."""
    while True:
        clerk = await Played.of(year, await year.next_clerk())
        if head not in (clerk.supervisor, clerk.senior):
            return clerk


async def test_an_appeal_that_nobody_may_decide_is_listed_until_a_reassignment_finds_somebody(year: World) -> None:
    at(year, JANUARY)
    taken = {"top": year.people["pyb"], "taken": [*year.people.values(), *year.taken]}
    async with year.database.transaction() as connection:
        nip = (await connection.execute(HEADS, taken)).scalars().first()
    head = Played(await year.appraisal_of(nip), nip, year.people["pyb"], "")
    async with without_pybs(year):
        await to_result(year, head)
        await year.send(head.appraisal, "appeal", "file_appeal", nip)
        await year.send(head.appraisal, "answer", "answer_appeal", head.supervisor)
        assert (await year.seen(head.appraisal))["waiting_on"] == {"role": "appeal_authority"}
        assert (await codes(year, head.appraisal))["nobody_left"] == ["reassign", "suspend", "cancel"]
        await holds(year, head.appraisal)
        assert "decide_appeal" not in (await year.seen(head.appraisal, head.supervisor))["actions"]  # type: ignore[operator]
        new = await not_below(year, nip)
        body = {"supervisor": new.employee, "reason": "Agar keberatan dapat diputus."}
        await year.done(head.appraisal, "reassign", "hr", body)
        assert await codes(year, head.appraisal) == {}
        assert (await year.seen(head.appraisal))["waiting_on"]["person"]["nip"] == new.supervisor  # type: ignore[index]
