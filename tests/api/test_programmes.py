"""The six months after a poor result: begun by a decision, led by the supervisor of the day, ended by a confirmed evaluation."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.agency_trail import AgencyEvent
from activities.documents.indonesian import day as indonesian_day
from activities.notices import TOLD, look, stale
from activities.programmes import ProgrammeEvent
from activities.wording import entry
from api.telling import programme_workflow_id, tell_programmes
from api.upkeep import look_once
from models.language import Bilingual
from models.trail import GENESIS
from tests.api.following import WHY, decided, final, history_of, proposed, rated, scored
from tests.api.improving import (
    BEHIND,
    ENOUGH,
    GOALS,
    ON_THE_WAY,
    TOO_LITTLE,
    begun,
    done,
    due,
    led,
    on,
    programme_of,
    refused,
    seen,
    to_its_end,
    weak,
)
from tests.endings import Played
from tests.world import YEAR, World, nowhere, open_cycle

PEOPLE = 80


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    await open_cycle(world, "kepahiang-bobot", YEAR)
    return world


async def texts(year: World, nip: str) -> list[str]:
    sql = """SELECT n.text FROM notice n JOIN person p ON p.id = n.person_id
              WHERE p.nip = :nip AND n.text LIKE 'programme%' ORDER BY n.at, n.text"""
    async with year.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"nip": nip})).scalars())


async def mail(year: World, nip: str, programme: str) -> list[tuple[Bilingual, str | None]]:
    """What somebody would be told of a programme in the next mail, by its subject, and why not."""
    sql = text(f"{TOLD} WHERE p.nip = :nip AND n.facts ->> 'programme' = :programme ORDER BY n.at, n.text")
    async with year.database.transaction() as connection:
        rows = (await connection.execute(sql, {"nip": nip, "programme": programme})).mappings().all()
        agency = await year.rooms.people.agency(connection)
        found = await look(connection, year.rooms.facts, agency, rows, year.now)
    return [(entry(it).heading, stale(it)) for it in found]


async def worklist(year: World, who: Played) -> dict[str, list[str]]:
    """What HR's list says of her, with what is offered."""
    cycle = (await year.row(who.appraisal))["cycle_id"]
    items = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).raise_for_status().json()["items"]
    return {one["code"]: one["actions"] for one in items if one["employee"] and one["employee"]["nip"] == who.employee}


# ── from the decision to the end ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("P18")
async def test_an_approved_programme_runs_its_months_and_ends_with_a_confirmed_evaluation(year: World) -> None:
    who = await weak(year)
    programme = await begun(year, who)
    shown = await seen(year, programme, who.supervisor)
    assert (shown["state"], shown["mentor"]["nip"], list(due(shown))) == ("goals", who.supervisor, ["goals"])
    assert shown["actions"] == ["set_goals"]
    shown = await done(year, programme, "goals", who.supervisor, GOALS)
    first, until = (date.fromisoformat(shown[name]) for name in ("from", "until"))
    assert (shown["state"], shown["months"], shown["goals"]) == ("running", 6, GOALS["goals"])
    assert 180 <= (until - first).days <= 184
    for number, said in ((1, BEHIND), (2, ON_THE_WAY)):
        await on(year, programme, due(shown)[f"checkpoint.{number}"])
        shown = await done(year, programme, f"checkpoints/{number}", who.supervisor, said)
    assert [(one["progress"], one["note"]) for one in shown["checkpoints"]] == [
        ("behind", BEHIND["note"]),
        ("on_the_way", ON_THE_WAY["note"]),
    ]
    await on(year, programme, until)
    await done(year, programme, "evaluation", who.supervisor, ENOUGH)
    shown = await seen(year, programme, who.employee)
    assert (shown["state"], shown["evaluation"]) == ("confirming", None), "hers once HR has confirmed it"
    assert ENOUGH["reason"] not in str(shown["trail"])
    await done(year, programme, "confirmation", "hr", {"decision": "confirm", **WHY})
    shown = await seen(year, programme, who.employee)
    assert (shown["state"], shown["outcome"], shown["steps"], shown["actions"]) == ("done", "met", [], [])
    assert shown["evaluation"]["reason"] == ENOUGH["reason"]
    assert "competency_test" not in await proposed(year, who)
    [hers] = (await history_of(year, who.employee))["years"][0]["programmes"]
    assert (hers["programme_id"], hers["outcome"]) == (programme, "met")
    await year.client.get_workflow_handle(programme_workflow_id(programme)).result()


async def test_what_was_not_met_leads_to_a_proposal_only(year: World) -> None:
    who = await weak(year)
    await to_its_end(year, who, TOO_LITTLE)
    found = await proposed(year, who)
    assert "PP 30/2019 art. 57" in found["competency_test"]["reasons"][0]["source"]
    assert found["competency_test"]["decision"] is None
    assert (await decided(year, who, "competency_test", "approve")).status_code == 200


async def test_hr_may_begin_one_with_a_reason_where_no_rule_led_to_it_and_one_at_a_time(year: World) -> None:
    who = await final(year, scored(80))
    path = f"/appraisals/{who.appraisal}/programme"
    for nip in (who.employee, who.supervisor, "auditor"):
        assert (await year.post(path, nip, WHY)).json()["code"] == "not_yours"
    made = await year.post(path, "hr", WHY)
    assert (made.status_code, made.json()["state"]) == (201, "goals")
    assert (await year.post(path, "pyb", WHY)).json()["code"] == "programme_open"
    assert made.json()["trail"][0]["comment"] == WHY["reason"]


async def test_there_is_none_about_a_year_that_is_not_over(year: World) -> None:
    nip = await year.next_clerk()
    appraisal = await year.appraisal_of(nip)
    assert (await year.post(f"/appraisals/{appraisal}/programme", "hr", WHY)).json()["code"] == "not_final"


async def test_the_same_key_begins_one_and_notes_once(year: World) -> None:
    who = await weak(year)
    path, body = f"/appraisals/{who.appraisal}/follow-ups/development_programme", {"decision": "approve", **WHY}
    for _ in range(2):
        answer = await year.post(path, "hr", body, idempotency_key=f"program-{who.employee}")
        assert answer.status_code == 200
    programme = await programme_of(year, who)
    for _ in range(2):
        answer = await year.post(
            f"/programmes/{programme}/goals", who.supervisor, GOALS, idempotency_key=f"tujuan-{who.employee}"
        )
        assert answer.status_code == 200
    assert [event["action"] for event in (await seen(year, programme))["trail"]] == ["begin", "set_goals"]


async def test_declined_later_the_programme_ends_with_the_reason(year: World) -> None:
    who = await weak(year)
    programme, _ = await led(year, who)
    assert (await decided(year, who, "development_programme", "decline", by="pyb")).status_code == 200
    shown = await seen(year, programme)
    assert (shown["outcome"], shown["trail"][-1]["comment"]) == ("cancelled", WHY["reason"])


async def test_the_page_that_the_notice_leads_to_shows_goals_progress_and_the_end(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    await on(year, programme, due(shown)["checkpoint.1"])
    await done(year, programme, "checkpoints/1", who.supervisor, BEHIND)
    await on(year, programme, date.fromisoformat(shown["until"]))
    await done(year, programme, "evaluation", who.supervisor, TOO_LITTLE)

    async def page() -> str:
        return (await year.http.get(f"/penilaian/{who.appraisal}", headers=year.headers(who.employee))).text

    before = await page()
    for said in ("Program perbaikan", GOALS["goals"][0], "tertinggal", BEHIND["note"], "menunggu pengesahan"):
        assert said in before
    assert TOO_LITTLE["reason"] not in before
    await done(year, programme, "confirmation", "hr", {"decision": "confirm", **WHY})
    for said in ("tujuan tidak tercapai", TOO_LITTLE["reason"], WHY["reason"]):
        assert said in await page()


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_silent_supervisor_is_reminded_then_it_is_on_hrs_list_and_his_superior_may_do_it(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    day = due(shown)["checkpoint.1"]
    assert await refused(year, programme, "checkpoints/1", who.supervisor, BEHIND) == "programme_too_early"
    await on(year, programme, day)
    assert await refused(year, programme, "checkpoints/1", who.senior, BEHIND) == "not_yours"
    assert "programme_stalled" not in await worklist(year, who)
    before = await texts(year, who.supervisor)
    shown = await on(year, programme, day + timedelta(days=14))
    assert [one["stalled"] for one in shown["steps"]] == [True, False, False]
    assert await texts(year, who.supervisor) == [*before, "programme_step_late"]
    assert "programme_step_due" in before
    assert "programme_step_late" in await texts(year, who.senior)
    assert (await worklist(year, who))["programme_stalled"] == ["extension", "cancellation"]
    shown = await done(year, programme, "checkpoints/1", who.senior, BEHIND)
    assert shown["trail"][-1]["role"] == "senior"
    assert "programme_stalled" not in await worklist(year, who)


async def test_a_leave_moves_the_days_that_are_ahead(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    until = date.fromisoformat(shown["until"])
    first = date.fromisoformat(shown["from"]) + timedelta(days=7)
    body = {"from": first.isoformat(), "until": (first + timedelta(days=29)).isoformat()}
    await year.decided(who.employee, "leave", body)
    assert (await seen(year, programme))["until"] == (until + timedelta(days=30)).isoformat()
    await on(year, programme, until)
    assert await refused(year, programme, "evaluation", who.supervisor, ENOUGH) == "programme_too_early"
    await on(year, programme, until + timedelta(days=30))
    assert (await done(year, programme, "evaluation", who.supervisor, ENOUGH))["state"] == "confirming"


async def test_an_exit_ends_it_on_its_day(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    day = date.fromisoformat(shown["from"]) + timedelta(days=40)
    await year.decided(who.employee, "exit", {"effective": day.isoformat(), "reason": "retire"})
    await tell_programmes(year.rooms)
    assert (await on(year, programme, day - timedelta(days=1)))["state"] == "running"
    shown = await on(year, programme, day)
    assert (shown["state"], shown["outcome"], shown["trail"][-1]["role"]) == ("done", "exited", "engine")
    await year.client.get_workflow_handle(programme_workflow_id(programme)).result()


async def test_without_goals_there_is_no_time_that_hr_could_give(year: World) -> None:
    who = await weak(year)
    programme = await begun(year, who)
    shown = await on(year, programme, due(await seen(year, programme))["goals"] + timedelta(days=21))
    assert [one["stalled"] for one in shown["steps"]] == [True]
    assert (await worklist(year, who))["programme_stalled"] == ["cancellation"]
    assert await refused(year, programme, "extension", "hr", {"months": 1, **WHY}) == "programme_not_now"


async def test_another_supervisor_leads_it_from_his_day_on(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    _, other = await year.elsewhere(who.employee)
    day = date.fromisoformat(shown["from"]) + timedelta(days=3)
    body = {"supervisor": other, "effective": day.isoformat(), **WHY}
    await year.decided(who.employee, "supervisor", body)
    shown = await on(year, programme, due(shown)["checkpoint.1"])
    assert shown["mentor"]["nip"] == other
    assert await refused(year, programme, "checkpoints/1", who.supervisor, BEHIND) == "not_yours"
    assert "programme_step_due" in await texts(year, other)
    await done(year, programme, "checkpoints/1", other, ON_THE_WAY)


async def test_with_the_engine_away_everything_is_noted_and_its_time_goes_on_once_it_is_back(year: World) -> None:
    who = await weak(year)
    engine, year.rooms.engine = year.rooms.engine, await nowhere()
    try:
        programme, shown = await led(year, who)
    finally:
        year.rooms.engine = engine
    await look_once(year.rooms)
    await on(year, programme, due(shown)["checkpoint.1"])
    assert "programme_step_due" in await texts(year, who.supervisor)


async def test_a_reminder_is_told_in_words_until_the_step_is_done_or_is_somebody_elses(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    day = due(shown)["checkpoint.1"]
    await on(year, programme, day + timedelta(days=14))
    told = await mail(year, who.supervisor, programme)
    name = (await seen(year, programme))["employee"]["name"]
    assert [said.id for said, why in told if why is None] == [
        f"Program {name}: ditunggu sampai {indonesian_day(day)}",
        f"Program {name}: lewat tenggat {indonesian_day(day)}",
    ]
    assert {why for _, why in told if why} == {"the work is done"}, "the goals are set"
    assert [why for _, why in await mail(year, who.senior, programme)] == [None]
    await done(year, programme, "checkpoints/1", who.senior, BEHIND)
    for nip in (who.supervisor, who.senior):
        assert {why for _, why in await mail(year, nip, programme)} == {"the work is done"}


async def test_of_a_step_that_is_due_later_since_or_is_anothers_nobody_is_told(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    day = due(shown)["checkpoint.1"]
    await on(year, programme, day)
    _, other = await year.elsewhere(who.employee)
    body = {"supervisor": other, "effective": (day + timedelta(days=1)).isoformat(), **WHY}
    await year.decided(who.employee, "supervisor", body)
    year.now += timedelta(days=1)
    assert {why for _, why in await mail(year, who.supervisor, programme)} == {
        "the work is done",
        "somebody else has the task now",
    }


# ── HR ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_hr_extends_it_with_a_reason_as_far_as_the_pack_lets_it(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    until = date.fromisoformat(shown["until"])
    assert await refused(year, programme, "extension", who.supervisor, {"months": 3, **WHY}) == "not_yours"
    assert await refused(year, programme, "extension", "hr", {"months": 7, **WHY}) == "programme_too_long"
    shown = await done(year, programme, "extension", "hr", {"months": 3, **WHY})
    assert shown["months"] == 9
    assert date.fromisoformat(shown["until"]) - until > timedelta(days=88)
    assert [one["number"] for one in shown["checkpoints"]] == [1, 2, 3]
    assert "programme_extended" in await texts(year, who.employee)


async def test_hr_returns_an_evaluation_and_nobody_confirms_his_own(year: World) -> None:
    who = await weak(year)
    programme, shown = await led(year, who)
    await on(year, programme, date.fromisoformat(shown["until"]))
    await done(year, programme, "evaluation", who.supervisor, TOO_LITTLE)
    assert await refused(year, programme, "confirmation", who.supervisor, {"decision": "confirm", **WHY}) == "not_yours"
    shown = await done(year, programme, "confirmation", "hr", {"decision": "return", **WHY})
    assert (shown["state"], list(due(shown))[-1]) == ("running", "evaluation")
    await done(year, programme, "evaluation", who.supervisor, ENOUGH)
    shown = await done(year, programme, "confirmation", "pyb", {"decision": "confirm", **WHY})
    assert shown["outcome"] == "met"


async def test_hr_cancels_it_with_a_reason_and_it_may_be_begun_again(year: World) -> None:
    who = await weak(year)
    programme, _ = await led(year, who)
    shown = await done(year, programme, "cancellation", "hr", WHY)
    assert (shown["state"], shown["outcome"]) == ("done", "cancelled")
    assert await refused(year, programme, "goals", who.supervisor, GOALS) == "programme_not_now"
    year.now += timedelta(minutes=1)  # her programmes are told in the order in which they began
    again = await year.post(f"/appraisals/{who.appraisal}/programme", "hr", WHY)
    assert again.status_code == 201
    assert [one["outcome"] for one in (await history_of(year, who.employee))["years"][0]["programmes"]] == [
        "cancelled",
        None,
    ]


async def test_a_year_that_is_opened_again_has_hr_ask_whether_its_programme_goes_on(year: World) -> None:
    who = await weak(year)
    programme, _ = await led(year, who)
    assert (await seen(year, programme))["result_stands"]
    body = {"to": "rating.drafting", "reason": "Putusan banding.", "authority": "Keputusan Bupati 12"}
    await year.done(who.appraisal, "reopen", "hr", body)
    shown = await seen(year, programme)
    assert (shown["state"], shown["result_stands"]) == ("running", False)
    assert "programme_set_aside" in await worklist(year, who)
    await rated(year, who, scored(80))
    assert "programme_set_aside" in await worklist(year, who)
    await done(year, programme, "cancellation", "hr", WHY)
    assert "programme_set_aside" not in await worklist(year, who)


# ── who reads, and what is kept ─────────────────────────────────────────────────────────────────────────────────────


async def test_it_is_read_by_her_her_line_hr_and_the_auditor_and_by_nobody_else(year: World) -> None:
    who = await weak(year)
    programme, _ = await led(year, who)
    for nip in (who.employee, who.supervisor, who.senior, "hr", "pyb", "auditor"):
        assert (await seen(year, programme, nip))["goals"] == GOALS["goals"]
        listed = (await year.get("/programmes", nip, limit=200)).json()["items"]
        assert programme in {one["programme_id"] for one in listed}
    other = await year.next_clerk()
    assert (await year.get(f"/programmes/{programme}", other)).json()["code"] == "not_yours"
    assert (await year.get("/programmes", other)).json()["items"] == []
    for what, body in (("goals", GOALS), ("cancellation", WHY), ("evaluation", ENOUGH)):
        assert await refused(year, programme, what, who.employee, body) == "not_yours"


async def test_every_event_is_chained_cannot_be_changed_and_the_cycle_has_its_first_and_its_last(year: World) -> None:
    who = await weak(year)
    programme = await to_its_end(year, who, ENOUGH)
    sql = text("SELECT * FROM programme_event WHERE programme_id = :id ORDER BY seq")
    async with year.database.transaction() as connection:
        rows = (await connection.execute(sql, {"id": programme})).mappings().all()
    events = [ProgrammeEvent.model_validate(dict(row)) for row in rows]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].previous_hash == GENESIS
    assert all(later.previous_hash == earlier.hash for earlier, later in pairwise(events))
    assert all(event.own_hash() == event.hash for event in events)
    assert isinstance(events[0], AgencyEvent)
    items = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    ends = {one["action"]: one["data"]["hash"] for one in items if one["action"].startswith("programme")}
    assert ends == {"programme_begun": events[0].hash, "programme_ended": events[-1].hash}
    with pytest.raises(Exception, match="append"):
        async with year.database.transaction() as connection:
            await connection.execute(text("UPDATE programme_event SET actor = 'x'"))


async def test_no_mail_says_how_it_goes(year: World) -> None:
    who = await weak(year)
    await to_its_end(year, who, TOO_LITTLE)
    sql = "SELECT n.facts FROM notice n WHERE n.appraisal_id = :id AND n.text LIKE 'programme%'"
    async with year.database.transaction() as connection:
        facts = list((await connection.execute(text(sql), {"id": who.appraisal})).scalars())
    assert facts
    assert not [one for one in facts if "not_met" in str(one) or "behind" in str(one)]
