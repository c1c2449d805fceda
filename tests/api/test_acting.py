"""One act: refused with a reason, taken once, never lost. On the real engine, database and api."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.endings import JANUARY, JULY, Played
from tests.world import YEAR, World

PEOPLE = 100


@pytest.fixture
async def who(year: World) -> Played:
    """Somebody whose year nobody has touched yet: each test takes the next clerk."""
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def events_of(world: World, appraisal: str) -> list[str]:
    return await world.actions_of(appraisal)


async def test_an_act_is_recorded_before_it_is_answered(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee)
    answer = await year.act(who.appraisal, "submit_plan", who.employee)
    assert answer.status_code == 200
    receipt = answer.json()
    assert receipt["state"] == "plan.reviewing"
    assert set(receipt) == {"appraisal_id", "action", "state", "version", "event_seq", "idempotency_key"}
    row = await year.row(who.appraisal)
    assert (row["state"], row["seq"], row["version"]) == ("plan.reviewing", receipt["event_seq"], receipt["version"])


async def test_the_same_key_gives_the_same_receipt_and_one_event(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee)
    key = str(uuid4())
    first = await year.act(who.appraisal, "submit_plan", who.employee, Idempotency_Key=key)
    again = await year.act(who.appraisal, "submit_plan", who.employee, Idempotency_Key=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert (await events_of(year, who.appraisal)).count("submit_plan") == 1


async def test_a_double_click_at_the_same_moment_counts_once(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee)
    key = str(uuid4())
    await year.bring(who.appraisal)
    path = f"/appraisals/{who.appraisal}/actions/submit_plan"
    answers = await asyncio.gather(*(year.post(path, who.employee, {}, Idempotency_Key=key) for _ in range(6)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.text for a in answers}) == 1
    assert (await events_of(year, who.appraisal)).count("submit_plan") == 1


async def test_a_key_used_for_something_else_is_refused(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee)
    key = str(uuid4())
    assert (await year.act(who.appraisal, "submit_plan", who.employee, Idempotency_Key=key)).status_code == 200
    other_action = await year.act(who.appraisal, "recall_plan", who.employee, Idempotency_Key=key)
    other_body = await year.act(who.appraisal, "submit_plan", who.employee, {"comment": "lain"}, Idempotency_Key=key)
    other_actor = await year.act(who.appraisal, "approve_plan", who.supervisor, Idempotency_Key=key)
    for answer in (other_action, other_body, other_actor):
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize(
    ("person", "action", "status", "code"),
    [
        ("supervisor", "submit_plan", 403, "not_yours"),
        ("senior", "approve_plan", 409, "not_now"),
        ("employee", "approve_plan", 403, "not_yours"),
        ("supervisor", "approve_plan", 409, "not_now"),
        ("employee", "accept_result", 409, "not_now"),
        ("employee", "submit_midyear", 409, "not_now"),
        ("employee", "submit_plan", 422, "form_missing"),
    ],
)
async def test_an_act_out_of_turn_is_refused_and_changes_nothing(
    year: World, who: Played, person: str, action: str, status: int, code: str
) -> None:
    before = await year.row(who.appraisal)
    answer = await year.act(who.appraisal, action, getattr(who, person))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    after = await year.row(who.appraisal)
    assert (after["seq"], after["snapshot"]) == (before["seq"], before["snapshot"])


async def test_not_now_names_the_state_and_who_it_waits_on(year: World, who: Played) -> None:
    problem = (await year.act(who.appraisal, "approve_plan", who.supervisor)).json()
    assert (problem["state"], problem["waits_on"]) == ("plan.drafting", "employee")


async def test_a_stranger_sees_nothing_and_may_nothing(year: World, who: Played) -> None:
    stranger = await year.next_clerk()
    assert (await year.get(f"/appraisals/{who.appraisal}", stranger)).json()["code"] == "not_yours"
    assert (await year.get(f"/appraisals/{who.appraisal}/forms/plan", stranger)).json()["code"] == "not_yours"
    assert (await year.act(who.appraisal, "submit_plan", stranger)).json()["code"] == "not_yours"


async def test_problems_speak_the_callers_language(year: World, who: Played) -> None:
    path = f"/appraisals/{who.appraisal}/actions/approve_plan"
    indonesian = await year.post(path, who.supervisor, {})
    english = await year.post(path, who.supervisor, {}, Accept_Language="en-GB,en;q=0.9")
    assert indonesian.headers["content-type"] == "application/problem+json"
    assert "menunggu" in indonesian.json()["detail"]
    assert "waits on" in english.json()["detail"]


async def test_a_plan_before_its_window_is_not_open_yet(year: World, who: Played) -> None:
    year.now = JANUARY - timedelta(days=20)
    await year.fill(who.appraisal, "plan", who.employee)
    answer = await year.act(who.appraisal, "submit_plan", who.employee)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_open_yet")
    form = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    assert form["status"] == "draft"


async def test_a_plan_without_a_result_is_incomplete_and_the_draft_is_kept(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee, {"results": []})
    answer = await year.act(who.appraisal, "submit_plan", who.employee)
    assert (answer.status_code, answer.json()["code"]) == (422, "form_incomplete")
    assert any(error["pointer"].startswith("/results") for error in answer.json()["errors"])
    assert (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()["status"] == "draft"


async def test_a_returned_plan_shows_why_and_goes_round_again(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    without = await year.act(who.appraisal, "return_plan", who.supervisor)
    assert without.json()["code"] == "comment_required"
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Target belum terukur."})
    form = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    assert (form["status"], form["return_comment"]) == ("returned", "Target belum terukur.")
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert (await year.row(who.appraisal))["state"] == "execution.running"


async def test_a_stale_write_is_told_the_current_version(year: World, who: Played) -> None:
    first = await year.fill(who.appraisal, "plan", who.employee)
    second = await year.fill(who.appraisal, "plan", who.employee)
    assert second == first + 1
    path = f"/api/v1/appraisals/{who.appraisal}/forms/plan"
    headers = year.headers(who.employee, **{"If-Match": f'"{first}"'})
    stale = await year.http.put(path, headers=headers, json={"data": {}})
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "version_conflict", second)
    sent = await year.act(who.appraisal, "submit_plan", who.employee, If_Match=f'"{first}"')
    assert (sent.status_code, sent.json()["code"]) == (412, "version_conflict")
    assert (await year.act(who.appraisal, "submit_plan", who.employee, If_Match=f'"{second}"')).status_code == 200
    version = (await year.row(who.appraisal))["version"]
    old = await year.act(who.appraisal, "approve_plan", who.supervisor, If_Match='"1"')
    assert (old.status_code, old.json()["version"]) == (412, version)
    assert (await year.act(who.appraisal, "approve_plan", who.supervisor, If_Match=f'"{version}"')).status_code == 200


async def test_a_version_that_nobody_has_seen_yet_is_told_the_current_one_as_a_number(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    version = (await year.row(who.appraisal))["version"]
    ahead = await year.act(who.appraisal, "approve_plan", who.supervisor, If_Match='"999"')
    assert (ahead.status_code, ahead.json()["version"]) == (412, version)


async def test_two_people_at_once_one_wins_and_the_other_is_told(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    path = f"/appraisals/{who.appraisal}/actions"
    approve, recall = await asyncio.gather(
        year.post(f"{path}/approve_plan", who.supervisor, {}), year.post(f"{path}/recall_plan", who.employee, {})
    )
    assert sorted((approve.status_code, recall.status_code)) == [200, 409]


async def test_bulk_says_what_failed_and_goes_on(year: World) -> None:
    year.now = JANUARY
    lead = await year.supervisor_of_many()
    appraisals = [await year.appraisal_of(nip) for nip in lead.people]
    for nip, appraisal in zip(lead.people[:-1], appraisals[:-1], strict=True):
        await year.send(appraisal, "plan", "submit_plan", nip)
    body = {"ids": [*appraisals, str(uuid4()), "no-id"], "comment": "Disetujui."}
    key = str(uuid4())
    answer = await year.post("/appraisals/actions/approve_plan", lead.nip, body, Idempotency_Key=key)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [r["id"] for r in results] == body["ids"]
    assert [r["ok"] for r in results] == [True] * (len(appraisals) - 1) + [False, False, False]
    assert [r["problem"]["code"] for r in results[-3:]] == ["not_now", "not_found", "not_found"]
    again = await year.post("/appraisals/actions/approve_plan", lead.nip, body, Idempotency_Key=key)
    assert [r["ok"] for r in again.json()["results"]] == [r["ok"] for r in results]


@pytest.mark.parametrize("body", [{"comment": 7}, {"unknown": "x"}, {"supervisor": "1"}, {"comment": "x" * 5000}, []])
async def test_a_body_that_cannot_be_is_refused_with_a_pointer(year: World, who: Played, body: object) -> None:
    answer = await year.post(f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("no-id", (404, "not_found")),
        ("0", (404, "not_found")),
        ("00000000-0000-4000-8000-000000000000", (404, "not_found")),
        ("%00", (422, "nul_character")),
        ("../../etc", (404, "not_found")),
    ],
)
async def test_an_id_that_is_none_is_not_found(year: World, raw: str, said: tuple[int, str]) -> None:
    answer = await year.get(f"/appraisals/{raw}", "hr")
    assert (answer.status_code, answer.json()["code"]) == said


async def test_nobody_acts_on_herself_whatever_she_is(year: World) -> None:
    year.now = JANUARY
    own = await year.appraisal_of("hr")
    later = (JANUARY + timedelta(days=90)).isoformat()
    whole: dict[str, dict[str, str]] = {
        "cancel": {"reason": "x"},
        "suspend": {"reason": "x"},
        "resume": {"reason": "x"},
        "extend": {"due_at": later, "reason": "x"},
        "reassign": {"supervisor": year.people["pyb"], "reason": "x"},
        "reopen": {"to": "rating.drafting", "reason": "x", "authority": "x"},
        "record_delivery": {"at": JANUARY.isoformat(), "proof": "x"},
    }
    before = await year.actions_of(own)
    for action, body in whole.items():
        answer = await year.act(own, action, "hr", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours"), action
    assert await year.actions_of(own) == before


async def test_a_suspended_year_stands_still_until_it_resumes(year: World, who: Played) -> None:
    await year.fill(who.appraisal, "plan", who.employee)
    await year.done(who.appraisal, "suspend", "hr", {"reason": "Cuti besar."})
    refused = await year.act(who.appraisal, "submit_plan", who.employee)
    assert refused.json()["code"] == "suspended"
    due = (await year.seen(who.appraisal))["due_at"]
    assert due is None
    await year.done(who.appraisal, "resume", "hr")
    await year.done(who.appraisal, "submit_plan", who.employee)


async def test_the_trail_keeps_the_comment_that_was_taken_not_one_that_was_refused(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    refused = await year.act(
        who.appraisal, "return_plan", who.supervisor, {"comment": "lama"}, If_Match='"999"', Idempotency_Key="k"
    )
    assert refused.status_code == 412
    taken = await year.act(who.appraisal, "return_plan", who.supervisor, {"comment": "baru"}, Idempotency_Key="k")
    assert taken.status_code == 200
    form = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    assert form["return_comment"] == "baru"


REASON, COMMENT = "Putusan PTUN 12/2028.", "Mohon dicek kembali."


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"reason": REASON}, REASON),
        ({"comment": COMMENT}, COMMENT),
        ({"reason": REASON, "comment": COMMENT}, f"{REASON}\n\n{COMMENT}"),
        ({"reason": REASON, "comment": REASON}, REASON),
    ],
    ids=["a reason", "a comment", "both", "the same twice"],
)
async def test_the_trail_keeps_the_reason_and_what_was_said_beside_it(
    year: World, who: Played, said: dict[str, str], kept: str
) -> None:
    due_at = (JANUARY + timedelta(days=90)).isoformat()
    await year.done(who.appraisal, "extend", "hr", {"due_at": due_at, **said})
    await year.done(who.appraisal, "suspend", "hr", said)
    await year.done(who.appraisal, "resume", "hr", said)
    await year.done(who.appraisal, "dispute_supervisor", who.employee, said)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": who.senior, **said})
    await year.done(who.appraisal, "cancel", "hr", said)
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    actions = ["extend", "suspend", "resume", "dispute_supervisor", "reassign", "cancel"]
    assert [(e["action"], e["comment"]) for e in trail if e["action"] in actions] == [(a, kept) for a in actions]


async def test_a_stale_version_is_told_before_the_turn(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    answer = await year.act(who.appraisal, "submit_plan", who.employee, If_Match='"0"')
    assert (answer.status_code, answer.json()["code"]) == (412, "version_conflict")


@pytest.mark.parametrize("due_at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", 253402300799, "1990-01-01"])
async def test_an_extension_that_cannot_be_is_refused_and_the_year_goes_on(
    year: World, who: Played, due_at: object
) -> None:
    answer = await year.act(who.appraisal, "extend", "hr", {"due_at": due_at, "reason": "uji"})
    assert answer.status_code == 422
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)


async def test_an_extension_past_the_opening_that_ends_the_step_anyway_is_refused_and_names_it(
    year: World, who: Played
) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    assert "extend" not in (await year.seen(who.appraisal, "hr"))["actions"], "nothing is due"  # type: ignore[operator]
    year.now = JULY
    await year.bring(who.appraisal)
    assert "extend" in (await year.seen(who.appraisal, "hr"))["actions"]  # type: ignore[operator]
    wish = {"due_at": f"{YEAR}-12-20T23:59:59+07:00", "reason": "Dinas luar."}
    answer = await year.act(who.appraisal, "extend", "hr", wish)
    said = answer.json()
    assert (answer.status_code, said["code"], said["field"]) == (422, "closes_before", "due_at")
    assert "1 Desember" in said["detail"]
    await year.done(who.appraisal, "extend", "hr", wish | {"due_at": f"{YEAR}-11-30T23:59:59+07:00"})
