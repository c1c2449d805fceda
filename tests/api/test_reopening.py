"""A finished year opened again: as the same appraisal's next revision, where there is something left to do and nobody else does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.endings import DECEMBER, FEBRUARY, JANUARY, STANDS, Played, accepted, cancelled, stands
from tests.workflow.people.changes import planned, transferred
from tests.world import YEAR, World, opened_cycle, opened_world

PEOPLE = 60
FEBRUARY_SECOND = datetime(YEAR, 2, 2, 3, tzinfo=UTC)

REOPENED = text(
    "SELECT p.nip FROM notice n JOIN person p ON p.id = n.person_id WHERE n.appraisal_id = :id AND n.text = 'reopened'"
)
TO_RATING = {"to": "rating.drafting", "reason": "Keliru dibatalkan.", "authority": "SK 12/2027"}
TO_DECISION = {**TO_RATING, "to": "appeal.deciding"}


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


@pytest.fixture
async def apart(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[tuple[World, Played]]:
    """Somebody of an agency that may have another cycle of the same year."""
    async with opened_world(postgres_url, engine_address, tmp_path, people=24) as year:
        await opened_cycle(year)
        year.now = JANUARY
        yield year, await Played.of(year, await year.next_clerk())


async def cycle_of(year: World, who: Played) -> object:
    return (await year.row(who.appraisal))["cycle_id"]


async def archived(year: World, appraisal: str) -> None:
    """A year is archived a moment after it ended; only then may it be opened again."""
    for _ in range(400):
        row = await year.row(appraisal)
        if row["snapshot"].get("archived"):  # type: ignore[attr-defined]
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{appraisal} is not archived")


async def reopen(year: World, who: Played, wish: Mapping[str, object], **headers: str) -> httpx.Response:
    return await year.post(f"/appraisals/{who.appraisal}/actions/reopen", "hr", wish, **headers)


async def cancelled_under_its_plan(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Uji."})
    await archived(year, who.appraisal)


async def test_a_finished_year_reopens_as_a_new_revision(year: World, who: Played) -> None:
    await cancelled_under_its_plan(year, who)
    answer = await reopen(year, who, TO_RATING)
    assert (answer.status_code, answer.json()["state"]) == (200, "rating.drafting"), answer.text
    row = await year.row(who.appraisal)
    assert (row["revision"], row["state"]) == (2, "rating.drafting")


async def test_a_reopening_keeps_its_reason_though_a_comment_stands_beside_it(year: World, who: Played) -> None:
    await cancelled_under_its_plan(year, who)
    answer = await reopen(year, who, {**TO_RATING, "comment": "Mohon dicek."})
    assert answer.status_code == 200, answer.text
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [event] = [e for e in trail if e["action"] == "reopen"]
    assert event["comment"] == f"{TO_RATING['reason']}\n\nMohon dicek."


async def test_an_earlier_revision_stays_readable_as_it_was_sent(year: World, who: Played) -> None:
    await accepted(year, who)
    await archived(year, who.appraisal)
    assert (await reopen(year, who, TO_RATING)).status_code == 200
    await year.fill(who.appraisal, "rating", who.supervisor, {"result_rating": "below", "result_reason": "Bukti baru."})
    before = await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee, revision=1)
    assert before.json()["data"]["result_rating"] != "below"
    now = await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)
    assert now.json()["data"] == {}, "the new rating has not reached her"
    for period in ({}, {"period": 1}):
        review = await year.get(f"/appraisals/{who.appraisal}/forms/midyear", who.employee, revision=1, **period)
        assert (review.status_code, review.json()["status"]) == (200, "submitted")
    wrong = await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee, revision=1, period=3)
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unknown_period")
    none_yet = await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee, revision=3)
    assert none_yet.status_code == 404


async def test_a_reopening_that_was_refused_does_not_forbid_the_next(year: World, who: Played) -> None:
    await cancelled_under_its_plan(year, who)
    assert (await reopen(year, who, TO_RATING, If_Match='"999"')).status_code == 412
    assert (await reopen(year, who, TO_RATING)).status_code == 200


# ── many at once ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_many_years_are_reopened_in_one_call_with_a_result_for_each(year: World, who: Played) -> None:
    other = await Played.of(year, await year.next_clerk())
    unplanned = await Played.of(year, await year.next_clerk())
    await cancelled_under_its_plan(year, who)
    await cancelled_under_its_plan(year, other)
    await cancelled(year, unplanned)
    await archived(year, unplanned.appraisal)
    ids = [who.appraisal, unplanned.appraisal, other.appraisal, str(uuid4())]
    key = str(uuid4())
    answer = await year.post("/appraisals/actions/reopen", "hr", {"ids": ids, **TO_RATING}, Idempotency_Key=key)
    results = answer.json()["results"]
    assert [(one["id"], one.get("state") or one["problem"]["code"]) for one in results] == list(
        zip(ids, ["rating.drafting", "nothing_to_rate", "rating.drafting", "not_found"], strict=True)
    )
    again = await year.post("/appraisals/actions/reopen", "hr", {"ids": ids, **TO_RATING}, Idempotency_Key=key)
    assert [one["ok"] for one in again.json()["results"]] == [True, False, True, False]
    assert [(await year.row(one.appraisal))["revision"] for one in (who, other)] == [2, 2]
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [event] = [e for e in trail if e["action"] == "reopen"]
    assert event["comment"] == TO_RATING["reason"]


@pytest.mark.parametrize("lacking", ["to", "reason", "authority"])
async def test_each_of_many_reopenings_says_which_field_it_lacks(year: World, who: Played, lacking: str) -> None:
    wish = {name: value for name, value in TO_RATING.items() if name != lacking}
    answer = await year.post("/appraisals/actions/reopen", "hr", {"ids": [who.appraisal], **wish})
    (result,) = answer.json()["results"]
    assert (result["problem"]["code"], result["problem"]["field"]) == ("missing_value", lacking)


@pytest.mark.parametrize("field", ["to", "authority"])
async def test_a_field_of_reopening_is_refused_with_any_other_action_on_many(
    year: World, who: Played, field: str
) -> None:
    body = {"ids": [who.appraisal], field: TO_RATING[field]}
    answer = await year.post("/appraisals/actions/cancel", "hr", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert (await year.row(who.appraisal))["state"] == "plan.drafting"


# ── where there is nothing left to do ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("language", "word"), [("id", "rencana"), ("en", "plan")])
async def test_a_year_without_a_plan_has_nothing_to_rate(year: World, who: Played, language: str, word: str) -> None:
    await cancelled(year, who)
    await archived(year, who.appraisal)
    answer = await reopen(year, who, TO_RATING, Accept_Language=language)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_rate")
    assert word in answer.json()["detail"]
    assert "reopen" not in (await year.seen(who.appraisal))["actions"]  # type: ignore[operator]
    assert (await year.row(who.appraisal))["revision"] == 1


@pytest.mark.parametrize(("language", "word"), [("id", "keberatan"), ("en", "appeal")])
async def test_a_result_nobody_objected_to_is_not_opened_to_a_decision(
    year: World, who: Played, language: str, word: str
) -> None:
    await accepted(year, who)
    await archived(year, who.appraisal)
    answer = await reopen(year, who, TO_DECISION, Accept_Language=language)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_appeal_filed")
    assert word in answer.json()["detail"]
    assert (await year.row(who.appraisal))["revision"] == 1


@pytest.mark.case("3.8")
async def test_a_decided_appeal_is_opened_to_another_decision_and_whom_it_waits_on_is_told(
    year: World, who: Played
) -> None:
    await stands(year, who)
    await archived(year, who.appraisal)
    answer = await reopen(year, who, TO_DECISION)
    assert (answer.status_code, answer.json()["state"]) == (200, "appeal.deciding"), answer.text
    async with year.database.transaction() as connection:
        told = (await connection.execute(REOPENED, {"id": who.appraisal})).scalars().all()
    assert sorted(told) == sorted([who.employee, who.supervisor, who.senior])
    assert (await year.seen(who.appraisal))["waiting_on"]["person"]["nip"] == who.senior  # type: ignore[index]


# ── what an earlier objection is to the rating of a new revision ────────────────────────────────────────────────────


async def form_of(year: World, who: Played, form: str, person: str, **asked: object) -> dict[str, object]:
    body = (await year.get(f"/appraisals/{who.appraisal}/forms/{form}", person, **asked)).raise_for_status().json()
    assert isinstance(body, dict)
    return body


async def test_an_appeal_against_another_rating_is_written_and_answered_and_decided_anew(
    year: World, who: Played
) -> None:
    await stands(year, who)
    await archived(year, who.appraisal)
    await year.done(who.appraisal, "reopen", "hr", TO_RATING)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    steps = (
        ("appeal", "file_appeal", who.employee, {}),
        ("answer", "answer_appeal", who.supervisor, {}),
        ("decision", "decide_appeal", who.senior, STANDS),
    )
    for form, action, person, changes in steps:
        shown = await form_of(year, who, form, person)
        assert (shown["status"], shown["version"], shown["data"]) == ("empty", 0, {})
        refused = await year.act(who.appraisal, action, person)
        assert (refused.status_code, refused.json()["code"]) == (422, "form_missing")
        earlier = await form_of(year, who, form, person, revision=1)
        assert (earlier["status"], bool(earlier["data"])) == ("submitted", True)
        await year.send(who.appraisal, form, action, person, changes)
        again = await form_of(year, who, form, person)
        assert (again["status"], again["version"]) == ("submitted", 2)
    assert (await year.row(who.appraisal))["ending"] == "stands"


async def test_a_reopened_decision_is_written_anew_about_the_appeal_that_stands(year: World, who: Played) -> None:
    await stands(year, who)
    await archived(year, who.appraisal)
    await year.done(who.appraisal, "reopen", "hr", TO_DECISION)
    assert (await form_of(year, who, "appeal", who.employee))["status"] == "submitted"
    assert (await form_of(year, who, "answer", who.supervisor))["status"] == "submitted"
    assert (await form_of(year, who, "decision", who.senior))["status"] == "empty"
    decide = f"/appraisals/{who.appraisal}/actions/decide_appeal"  # at once: its days are counted from the reopening
    refused = await year.post(decide, who.senior, {})
    assert (refused.status_code, refused.json()["code"]) == (422, "form_missing")
    await year.fill(who.appraisal, "decision", who.senior, STANDS)
    assert (await year.post(decide, who.senior, {})).status_code == 200


async def test_words_about_an_appeal_that_were_never_sent_stay_their_authors_draft(year: World, who: Played) -> None:
    await accepted(year, who)
    await year.fill(who.appraisal, "appeal", who.employee)
    await archived(year, who.appraisal)
    await year.done(who.appraisal, "reopen", "hr", TO_RATING)
    assert (await form_of(year, who, "appeal", who.employee))["status"] == "draft"


async def test_a_closed_part_of_a_year_that_was_cancelled_with_its_cycle_keeps_nobody_out_of_another(
    apart: tuple[World, Played],
) -> None:
    year, who = apart
    supervisor = await transferred(year, who, (JANUARY + timedelta(days=30)).date().isoformat())
    closed = await year.pass_to(who.appraisal, JANUARY + timedelta(days=31))
    assert closed["ending"] == "not_ratable"
    first, second = await year.segments_of(who.employee, 2)
    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", supervisor)
    (await year.post(f"/cycles/{await cycle_of(year, who)}/cancel", "hr", {"reason": "Diulang."})).raise_for_status()
    assert (await year.until(second, "cancel", 1))["ending"] == "cancelled"
    again = await opened_cycle(year, name="SKP ulang")
    taken = (await year.get("/appraisals", "hr", q=who.employee, cycle=again)).json()["items"]
    assert [one["launch"] for one in taken] == ["launched"]
    assert (await year.row(first))["ending"] == "not_ratable", "what was decided stays"
    part = replace(who, appraisal=second)
    answer = await reopen(year, part, TO_RATING)
    assert (answer.status_code, answer.json()["code"]) == (409, "another_appraisal"), "whichever part it was"


async def test_a_closed_part_that_is_opened_again_keeps_its_person_out_of_another_cycle_again(
    apart: tuple[World, Played],
) -> None:
    year, who = apart
    await planned(year, who)
    await transferred(year, who, f"{YEAR}-02-01")
    await year.pass_to(who.appraisal, FEBRUARY_SECOND)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    _, second = await year.segments_of(who.employee, 2)
    await year.done(second, "cancel", "hr", {"reason": "Keliru."})
    (await year.post(f"/cycles/{await cycle_of(year, who)}/cancel", "hr", {"reason": "Diulang."})).raise_for_status()
    await archived(year, who.appraisal)
    again = await opened_cycle(year, name="SKP ulang")
    taken = (await year.get("/appraisals", "hr", q=who.employee, cycle=again)).json()["items"]
    assert [one["launch"] for one in taken] == ["launched"], "also where a part was cancelled singly"
    assert (await year.row(who.appraisal))["let_go"] is True
    await year.done(taken[0]["id"], "cancel", "hr", {"reason": "Yang pertama yang benar."})
    (await reopen(year, who, TO_RATING)).raise_for_status()
    assert (await year.row(who.appraisal))["let_go"] is False


async def test_a_cancelled_year_whose_person_another_cycle_took_stays_cancelled(
    apart: tuple[World, Played],
) -> None:
    year, who = apart
    await cancelled_under_its_plan(year, who)
    again = await opened_cycle(year, name="SKP ulang")
    answer = await reopen(year, who, TO_RATING, Accept_Language="en")
    assert (answer.status_code, answer.json()["code"]) == (409, "another_appraisal"), answer.text
    assert "SKP ulang" in answer.json()["detail"]
    row = await year.row(who.appraisal)
    assert (row["ending"], row["revision"], row["parked"]) == ("cancelled", 1, None)
    other = await year.get("/appraisals", "hr", q=who.employee, cycle=again)
    await year.done(other.json()["items"][0]["id"], "cancel", "hr", {"reason": "Yang pertama yang benar."})
    assert (await reopen(year, who, TO_RATING)).status_code == 200


# ── in a cycle that is over ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("over", ["cancelled", "closed"])
async def test_a_year_reopened_in_a_cycle_that_is_over_gets_its_label_and_its_result(
    apart: tuple[World, Played], over: str
) -> None:
    year, who = apart
    cycle, unit = str(await cycle_of(year, who)), await year.unit_of(who.employee)
    await planned(year, who)
    (await year.post(f"/cycles/{cycle}/cancel", "hr", {"reason": "Keliru."})).raise_for_status()
    await year.until(who.appraisal, "cancel", 1)
    await archived(year, who.appraisal)
    async with year.database.transaction() as connection:
        await connection.execute(text("UPDATE cycle SET state = :over WHERE id = :id"), {"over": over, "id": cycle})
    (await reopen(year, who, TO_RATING)).raise_for_status()
    refused = await year.label(cycle, unit, "baik")
    assert (refused.status_code, refused.json()["code"]) == (409, "cycle_state"), "nothing waits for it yet"
    year.now = DECEMBER
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    waited = await year.pass_to(who.appraisal, FEBRUARY)
    assert (waited["state"], waited["on_hr_list"]) == ("calibration.waiting", True)
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    # A reopened run begins by this machine's clock, which may be before the year that is played.
    [entry] = [one for one in listed if (one["appraisal_id"], one["code"]) == (who.appraisal, "label_missing")]
    assert "label" in entry["actions"]
    answer = await year.label(cycle, unit, "baik")
    assert (answer.status_code, answer.json()["affected"]) == (200, 1), answer.text
    assert (await year.leaves(who.appraisal, "calibration.waiting"))["state"] == "appeal.open"
    mistyped = await year.label(cycle, unit, "sangat_kurang")
    assert mistyped.status_code == 200, mistyped.text
    corrected = await year.label(cycle, unit, "baik")
    assert corrected.status_code == 200, corrected.text
    await year.done(who.appraisal, "accept_result", who.employee)
    refused = await year.label(cycle, unit, "kurang")
    assert (refused.status_code, refused.json()["code"]) == (409, "cycle_state"), (
        "nothing rests on it that is not final"
    )


async def test_a_year_reopened_in_a_closed_cycle_is_hurried_and_given_back_what_an_outage_took(
    apart: tuple[World, Played],
) -> None:
    year, who = apart
    cycle = str(await cycle_of(year, who))
    await planned(year, who)
    (await year.post(f"/cycles/{cycle}/cancel", "hr", {"reason": "Keliru."})).raise_for_status()
    await year.until(who.appraisal, "cancel", 1)
    await archived(year, who.appraisal)
    async with year.database.transaction() as connection:
        await connection.execute(
            text("UPDATE appraisal SET state = 'finalisation.done' WHERE id <> :id"), {"id": who.appraisal}
        )
        await connection.execute(text("UPDATE cycle SET state = 'closed' WHERE id = :id"), {"id": cycle})
    year.now = DECEMBER
    lost = {"from": f"{YEAR}-12-16T08:00:00+07:00", "to": f"{YEAR}-12-18T08:00:00+07:00", "reason": "Server padam"}
    for path, body in (("outages", lost), ("nudges", {})):
        answer = await year.post(f"/cycles/{cycle}/{path}", "hr", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "cycle_state"), path
    (await reopen(year, who, TO_RATING)).raise_for_status()
    year.now += timedelta(days=3)
    await year.bring(who.appraisal)
    due = (await year.row(who.appraisal))["due_at"]
    assert isinstance(due, datetime)
    lost |= {"from": f"{YEAR}-12-21T08:00:00+07:00", "to": f"{YEAR}-12-23T08:00:00+07:00"}
    answer = await year.post(f"/cycles/{cycle}/outages", "hr", lost)
    assert (answer.status_code, answer.json()["affected"]) == (201, 1), answer.text
    assert (await year.row(who.appraisal))["due_at"] == due + timedelta(days=2)
    answer = await year.post(f"/cycles/{cycle}/nudges", "hr", {})
    assert (answer.status_code, answer.json()["told"]) == (200, 1), answer.text
