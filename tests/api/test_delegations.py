"""Delegation through the api: offered, accepted, used with both names, ended; and every offer that is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.endings import DECEMBER, JANUARY, Played, at, to_result
from tests.world import YEAR, World

PEOPLE = 120

FROM, UNTIL = f"{YEAR}-01-05", f"{YEAR}-01-12"
AFTER = datetime(YEAR, 1, 12, 17, 1, tzinfo=UTC)
"""One minute into 13 January in Jakarta."""


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def told(year: World, nip: str) -> list[str]:
    """The agency's own texts that were written to somebody; the clock of these tests stands, so in no order."""
    sql = (
        "SELECT n.text FROM notice n JOIN person p ON p.id = n.person_id WHERE p.nip = :nip AND n.appraisal_id IS NULL"
    )
    async with year.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"nip": nip})).scalars())


def offer(to: str, **more: object) -> dict[str, object]:
    return {"to": to, "from": FROM, "until": UNTIL, "reason": "Dinas luar ke Kupang"} | more


async def colleague(year: World, who: Played) -> str:
    """Somebody who is nothing to this appraisal."""
    while True:
        nip = await year.next_clerk()
        if (await Played.of(year, nip)).supervisor not in (who.supervisor, who.senior):
            return nip


async def offered(year: World, principal: str, to: str, **more: object) -> str:
    answer = await year.post("/delegations", principal, offer(to, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def lent(year: World, principal: str, to: str, **more: object) -> str:
    """A delegation that is in force."""
    made = await offered(year, principal, to, **more)
    answer = await year.post(f"/delegations/{made}/accept", to)
    assert answer.status_code == 200, answer.text
    return made


async def over(year: World, delegation: str, by: str = "hr") -> None:
    """So that the next test finds nobody's powers lent."""
    assert (await year.http.delete(f"/api/v1/delegations/{delegation}", headers=year.headers(by))).status_code == 200


async def test_each_of_the_two_hears_at_once_what_the_other_did(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    before = Counter(await told(year, who.supervisor))
    delegation = await lent(year, who.supervisor, delegate)
    await over(year, delegation)
    assert sorted(await told(year, delegate)) == ["delegation_ended", "delegation_offered"]
    assert Counter(await told(year, who.supervisor)) - before == Counter(["delegation_accepted", "delegation_ended"])


async def waiting(year: World, nip: str) -> list[str]:
    return [t["appraisal_id"] for t in (await year.get("/me/tasks", nip, limit=200)).json()["items"]]


async def listed(year: World, nip: str) -> set[str]:
    return {a["id"] for a in (await year.get("/appraisals", nip, limit=200)).json()["items"]}


async def test_it_reaches_nothing_until_it_is_accepted_and_then_the_inbox_the_lists_the_forms_and_the_buttons(
    year: World, who: Played
) -> None:
    delegate = await colleague(year, who)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    made = await offered(year, who.supervisor, delegate)
    assert (await year.get(f"/appraisals/{who.appraisal}", delegate)).json()["code"] == "not_yours"
    assert who.appraisal not in await waiting(year, delegate)

    accepted = await year.post(f"/delegations/{made}/accept", delegate)
    assert (accepted.json()["state"], accepted.json()["in_force"]) == ("accepted", True)
    assert who.appraisal in await waiting(year, delegate)
    assert who.appraisal in await listed(year, delegate)
    seen = await year.seen(who.appraisal, delegate)
    assert {"approve_plan", "return_plan"} <= set(seen["actions"])  # type: ignore[call-overload]
    assert (await year.get(f"/appraisals/{who.appraisal}/forms/plan", delegate)).json()["status"] == "submitted"
    assert "approve_plan" in (await year.seen(who.appraisal, who.supervisor))["actions"]  # type: ignore[operator]
    await over(year, made)


async def test_reminders_go_to_who_lends_and_to_who_acts_for_him_as_long_as_he_does(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    made = await lent(year, who.supervisor, delegate)
    await year.pass_to(who.appraisal, datetime(YEAR, 1, 11, 9, tzinfo=UTC))
    assert await reminded(year, who) == sorted([who.supervisor, delegate])
    await year.pass_to(who.appraisal, datetime(YEAR, 1, 15, 9, tzinfo=UTC))
    each = Counter(await reminded(year, who))
    assert (each[delegate], each[who.supervisor] > 1) == (1, True), "it is over since the twelfth"
    await over(year, made)


async def reminded(year: World, who: Played) -> list[str]:
    """Who was to be reminded of this year, once for each time."""
    sql = "SELECT p.nip FROM notice n JOIN person p ON p.id = n.person_id WHERE n.appraisal_id = :id AND n.text = 'reminder'"
    async with year.database.transaction() as connection:
        return sorted((await connection.execute(text(sql), {"id": who.appraisal})).scalars())


async def test_what_a_delegate_does_carries_both_names(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    made = await lent(year, who.supervisor, delegate)
    await year.done(who.appraisal, "approve_plan", delegate)
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [approved] = [e for e in trail if e["action"] == "approve_plan"]
    assert (approved["actor"]["nip"], approved["on_behalf_of"]["nip"]) == (delegate, who.supervisor)
    assert approved["role"] == "supervisor"
    await over(year, made)


async def test_what_a_delegate_approved_he_returns_or_in_whose_name_it_was(year: World, who: Played) -> None:
    """Also once the delegation is over, when nobody else could; until the next person acts."""
    delegate = await colleague(year, who)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    made = await lent(year, who.supervisor, delegate)
    await year.done(who.appraisal, "approve_plan", delegate)
    assert "return_plan" in (await year.seen(who.appraisal, delegate))["actions"]  # type: ignore[operator]
    await over(year, made)
    assert "return_plan" in (await year.seen(who.appraisal, who.supervisor))["actions"]  # type: ignore[operator]
    back = await year.act(who.appraisal, "return_plan", who.supervisor, {"comment": "Target belum terukur."})
    assert (back.status_code, back.json()["state"]) == (200, "plan.drafting")


async def test_it_ends_by_itself_at_midnight_where_the_employee_is(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    made = await lent(year, who.supervisor, delegate)
    year.now = AFTER - timedelta(minutes=2)
    assert who.appraisal in await waiting(year, delegate)
    year.now = AFTER
    assert who.appraisal not in await waiting(year, delegate)
    assert who.appraisal not in await listed(year, delegate)
    refused = await year.act(who.appraisal, "approve_plan", delegate)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await year.get("/me", delegate)).json()["delegations"] == []
    [shown] = [d for d in (await year.get("/delegations", delegate)).json()["items"] if d["id"] == made]
    assert (shown["state"], shown["in_force"]) == ("accepted", False)
    year.now = AFTER + timedelta(days=30)
    heard = Counter(await told(year, delegate))
    await over(year, made)
    assert Counter(await told(year, delegate)) == heard, "what is over is not ended once more"


async def test_it_begins_on_its_first_day(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    made = await lent(year, who.supervisor, delegate, **{"from": f"{YEAR}-01-07"})
    assert who.appraisal not in await listed(year, delegate)
    year.now = datetime(YEAR, 1, 6, 17, 1, tzinfo=UTC)
    assert who.appraisal in await listed(year, delegate)
    await over(year, made)


@pytest.mark.parametrize("by", ["supervisor", "hr"])
async def test_taken_back_it_ends_from_now(year: World, who: Played, by: str) -> None:
    delegate = await colleague(year, who)
    made = await lent(year, who.supervisor, delegate)
    ender = who.supervisor if by == "supervisor" else "hr"
    for _ in range(2):
        ended = await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers(ender))
        assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert (await year.get(f"/appraisals/{who.appraisal}", delegate)).json()["code"] == "not_yours"


async def test_given_back_it_ends_from_now_and_whose_powers_they_are_is_told(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    made = await offered(year, who.supervisor, delegate)
    refused = await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers(delegate))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours"), "an offer is declined"
    (await year.post(f"/delegations/{made}/accept", delegate)).raise_for_status()
    before = Counter(await told(year, who.supervisor))
    for _ in range(2):
        ended = await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers(delegate))
        assert (ended.status_code, ended.json()["state"], ended.json()["in_force"]) == (200, "ended", False)
    assert (await year.act(who.appraisal, "approve_plan", delegate)).json()["code"] == "not_yours"
    assert Counter(await told(year, who.supervisor)) - before == Counter(["delegation_ended"])
    assert await told(year, delegate) == ["delegation_offered"]
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "auditor", limit=200)).json()["items"]
    [event] = [e for e in trail if e["action"] == "delegation_ended" and e["data"]["delegation"] == made]
    assert (event["actor"]["nip"], event["role"]) == (delegate, "employee")


async def test_declined_it_never_was_and_is_answered_once(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    made = await offered(year, who.supervisor, delegate)
    assert (await year.post(f"/delegations/{made}/accept", who.supervisor)).json()["code"] == "not_yours"
    assert (await year.post(f"/delegations/{made}/decline", delegate)).json()["state"] == "declined"
    again = await year.post(f"/delegations/{made}/accept", delegate)
    assert (again.status_code, again.json()["code"]) == (409, "delegation_answered")
    assert (await year.get(f"/appraisals/{who.appraisal}", delegate)).json()["code"] == "not_yours"


async def test_an_offer_that_is_over_is_not_accepted(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    made = await offered(year, who.supervisor, delegate)
    year.now = AFTER
    late = await year.post(f"/delegations/{made}/accept", delegate)
    assert (late.status_code, late.json()["code"]) == (409, "delegation_over")


async def test_the_same_key_offers_once(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    first = await year.post("/delegations", who.supervisor, offer(delegate), idempotency_key=f"lend-{delegate}")
    again = await year.post("/delegations", who.supervisor, offer(delegate), idempotency_key=f"lend-{delegate}")
    assert first.json() == again.json()
    await over(year, first.json()["id"])


async def test_every_change_is_in_the_cycles_trail_by_ids_and_without_its_reason(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    made = await lent(year, who.supervisor, delegate)
    await over(year, made)
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "auditor", limit=200)).json()["items"]
    mine = [e for e in trail if e["data"].get("delegation") == made]
    assert [e["action"] for e in mine] == ["delegation_offered", "delegation_accepted", "delegation_ended"]
    assert [e["role"] for e in mine] == ["employee", "employee", "hr"]
    assert all(e["comment"] is None and (e["data"]["from"], e["data"]["until"]) == (FROM, UNTIL) for e in mine)


async def test_both_see_it_and_hr_sees_all_and_nobody_else(year: World, who: Played) -> None:
    delegate, other = await colleague(year, who), await colleague(year, who)
    made = await lent(year, who.supervisor, delegate)
    for nip in (who.supervisor, delegate):
        [mine] = [d for d in (await year.get("/me", nip)).json()["delegations"] if d["id"] == made]
        assert (mine["id"], mine["principal"]["nip"], mine["delegate"]["nip"]) == (made, who.supervisor, delegate)
    assert made in {d["id"] for d in (await year.get("/delegations", "hr", limit=200)).json()["items"]}
    assert made not in {d["id"] for d in (await year.get("/delegations", other)).json()["items"]}
    assert (await year.post(f"/delegations/{made}/accept", other)).status_code == 404
    await over(year, made)


async def test_hr_offers_in_the_name_of_who_is_away_and_nobody_else_does(year: World, who: Played) -> None:
    delegate = await colleague(year, who)
    refused = await year.post("/delegations", delegate, offer(who.employee, person=who.supervisor))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    made = await lent(year, "hr", delegate, person=who.supervisor)
    assert who.appraisal in await listed(year, delegate)
    await over(year, made)
    mine = (await Played.of(year, year.people["hr"])).supervisor
    her_own = await year.post("/delegations", "hr", offer(who.employee, person=mine))
    assert (her_own.status_code, her_own.json()["code"]) == (403, "not_yours")
    herself = await year.post("/delegations", "hr", offer(year.people["hr"], person=who.supervisor))
    assert (herself.status_code, herself.json()["code"]) == (422, "delegation_to_oneself")


async def ended_by(year: World, delegation: str, who: str) -> tuple[int, str]:
    """How somebody's wish to end it was answered: the code of a refusal, else where it stands."""
    answer = await year.http.delete(f"/api/v1/delegations/{delegation}", headers=year.headers(who))
    return answer.status_code, str(answer.json().get("code", answer.json().get("state")))


async def test_hr_does_not_end_what_her_own_supervisor_lent(year: World, who: Played) -> None:
    mine = (await Played.of(year, year.people["hr"])).supervisor
    made = await lent(year, mine, await colleague(year, who))
    assert await ended_by(year, made, "hr") == (403, "not_yours")
    assert (await year.get("/me", mine)).json()["delegations"][-1]["state"] == "accepted"
    assert await ended_by(year, made, "pyb") == (404, "not_found")
    assert await ended_by(year, made, mine) == (200, "ended")


@pytest.mark.usefixtures("alone")
async def test_what_the_only_hr_officers_supervisor_lent_the_pyb_offers_and_ends_in_her_place(
    year: World, who: Played
) -> None:
    mine = (await Played.of(year, year.people["hr"])).supervisor
    made = await lent(year, "pyb", await colleague(year, who), person=mine)
    assert await ended_by(year, made, "hr") == (403, "not_yours")
    assert await ended_by(year, made, "pyb") == (200, "ended")
    another = await lent(year, who.supervisor, await colleague(year, who))
    assert await ended_by(year, another, "pyb") == (404, "not_found")
    await over(year, another)


async def test_a_delegate_starts_from_what_was_last_sent_and_leaves_the_supervisors_draft(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    path = f"/api/v1/appraisals/{who.appraisal}/forms/answer"
    example = (await year.http.get(path, headers=year.headers(who.supervisor))).json()["schema"]["examples"][0]
    draft = {name: "Rancangan atasan." if isinstance(v, str) else v for name, v in example.items()}
    saved = await year.http.put(path, headers=year.headers(who.supervisor), json={"data": draft})
    assert saved.status_code == 200, saved.text
    at(year, DECEMBER)
    delegate = await colleague(year, who)
    made = await lent(year, who.supervisor, delegate, **{"from": f"{YEAR}-12-20", "until": f"{YEAR}-12-31"})
    theirs = (await year.http.get(path, headers=year.headers(delegate))).json()
    assert (theirs["status"], theirs["data"]) == ("empty", {})
    rating = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", delegate)).json()
    assert rating["status"] == "submitted"
    await year.send(who.appraisal, "answer", "answer_appeal", delegate)
    kept = (await year.get(f"/appraisals/{who.appraisal}/forms/answer", who.supervisor)).json()
    assert kept["status"] == "submitted"
    async with year.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT data FROM draft WHERE appraisal_id = :id AND form = 'answer' ORDER BY saved_at"),
            {"id": who.appraisal},
        )
        assert draft in list(rows.scalars())
    await over(year, made)


async def test_a_reassigned_appraisal_follows_the_delegation_of_its_new_supervisor(year: World, who: Played) -> None:
    new, delegate = await colleague(year, who), await colleague(year, who)
    body = {"supervisor": new, "reason": "Salah atasan pada daftar."}
    await year.done(who.appraisal, "reassign", "hr", body)
    made = await lent(year, new, delegate)
    assert who.appraisal in await listed(year, delegate)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert who.appraisal in await waiting(year, delegate)
    await over(year, made)
    assert who.appraisal not in await listed(year, delegate)


# ── refused, and nothing changed ────────────────────────────────────────────────────────────────────────────────────

BAD: list[tuple[Mapping[str, object], str, str]] = [
    ({"from": f"{YEAR}-01-04"}, "delegation_in_past", "/from"),
    ({"until": f"{YEAR}-01-04", "from": FROM}, "delegation_reversed", "/until"),
    ({"until": f"{YEAR + 1}-01-06"}, "delegation_too_long", "/until"),
    ({"to": "199001012015011999"}, "invalid_input", "/to"),
    ({"to": "12"}, "invalid_input", "/to"),
    ({"reason": "  "}, "invalid_input", "/reason"),
    ({"from": 5}, "invalid_input", "/from"),
    ({"until": "kemarin"}, "invalid_input", "/until"),
    ({"until": "1802131200"}, "invalid_input", "/until"),
    ({"until": f"{YEAR}-02-08T00:00:00Z"}, "invalid_input", "/until"),
    ({"more": 1}, "invalid_input", "/more"),
]


@pytest.mark.parametrize(("changes", "code", "pointer"), BAD)
async def test_an_offer_that_cannot_be_is_refused_by_place(
    year: World, who: Played, changes: Mapping[str, object], code: str, pointer: str
) -> None:
    before = await rows_and_events(year)
    refused = await year.post("/delegations", who.supervisor, offer(who.senior) | changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert refused.json()["errors"][0]["message"]
    assert await rows_and_events(year) == before


async def test_to_oneself_in_a_chain_and_in_a_circle_it_is_refused(year: World, who: Played) -> None:
    first, second = await colleague(year, who), await colleague(year, who)
    made = await lent(year, who.supervisor, first)
    before = await rows_and_events(year)
    for lender, to, code in (
        (who.supervisor, who.supervisor, "delegation_to_oneself"),
        (first, second, "delegation_chain"),
        (who.senior, who.supervisor, "delegation_chain"),
        (first, who.supervisor, "delegation_circle"),
        (who.supervisor, first, "delegation_exists"),
    ):
        refused = await year.post("/delegations", lender, offer(to))
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await rows_and_events(year) == before
    await over(year, made)
    await over(year, await offered(year, first, second))


async def test_to_the_only_person_appraised_it_is_refused(year: World, who: Played) -> None:
    alone, only = await colleague(year, who), await colleague(year, who)
    theirs = await year.appraisal_of(only)
    await year.done(theirs, "reassign", "hr", {"supervisor": alone, "reason": "Tim kerja berdua."})
    refused = await year.post("/delegations", alone, offer(only))
    assert (refused.status_code, refused.json()["code"]) == (422, "delegation_to_subject")


async def test_a_delegation_to_a_subordinate_does_not_reach_her_own_appraisal(year: World) -> None:
    at(year, JANUARY)
    lead = await year.supervisor_of_many()
    first, second = lead.people[:2]
    hers, theirs = await year.appraisal_of(first), await year.appraisal_of(second)
    await year.send(hers, "plan", "submit_plan", first)
    await year.send(theirs, "plan", "submit_plan", second)
    made = await lent(year, lead.nip, first)
    refused = await year.act(hers, "approve_plan", first)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    await year.done(theirs, "approve_plan", first)
    await over(year, made, lead.nip)


async def rows_and_events(year: World) -> tuple[int, int]:
    async with year.database.transaction() as connection:
        rows = (await connection.execute(text("SELECT count(*) FROM delegation"))).scalar_one()
        events = (await connection.execute(text("SELECT count(*) FROM cycle_event"))).scalar_one()
    return int(rows), int(events)


# ── who is proposed ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_acts_near_somebody_is_proposed_ready_to_be_offered(year: World, who: Played) -> None:
    plh = await colleague(year, who)
    async with year.database.transaction() as connection:
        await connection.execute(
            text(
                """
                INSERT INTO acting (person_id, acting_for, kind, valid_from, valid_until)
                SELECT d.id, p.id, 'plh', DATE '2027-01-20', DATE '2027-01-25' FROM person d, person p
                 WHERE d.nip = :by AND p.nip = :holder
                """
            ),
            {"by": plh, "holder": who.supervisor},
        )
        await connection.execute(text("UPDATE revision SET value = value + 1 WHERE name = 'line'"))
    proposed = (await year.get("/delegations/suggestions", who.supervisor)).json()["items"]
    [one] = [p for p in proposed if p["to"] == plh]
    assert (one["kind"], one["from"], one["until"]) == ("plh", f"{YEAR}-01-20", f"{YEAR}-01-25")
    assert one["acting_for"]["nip"] == who.supervisor
    answer = await year.post(
        "/delegations", who.supervisor, offer(one["to"], **{"from": one["from"], "until": one["until"]})
    )
    assert answer.status_code == 201, answer.text
    await over(year, answer.json()["id"])
    async with year.database.transaction() as connection:
        await connection.execute(text("DELETE FROM acting WHERE kind = 'plh'"))
        await connection.execute(text("UPDATE revision SET value = value + 1 WHERE name = 'line'"))


async def test_nothing_is_lent_to_who_has_left_by_its_first_day(year: World, who: Played) -> None:
    """She acts for him until she leaves, and an offer from that day on would reach nobody."""
    delegate = await colleague(year, who)
    await year.decided(delegate, "exit", {"reason": "retire", "effective": f"{YEAR}-01-08"})
    for first in ("08", "09"):
        refused = await year.post("/delegations", who.supervisor, offer(delegate) | {"from": f"{YEAR}-01-{first}"})
        assert [(one["code"], one["pointer"]) for one in refused.json()["errors"]] == [("unknown_person", "/to")]
    await over(year, await lent(year, who.supervisor, delegate))


async def both_see(year: World, delegation: str, *nips: str) -> list[object]:
    """Whether it is in force, as each of these is shown it."""
    listed = [(await year.get("/delegations", nip, limit=200)).json()["items"] for nip in nips]
    return [one["in_force"] for items in listed for one in items if one["id"] == delegation]


@pytest.mark.parametrize("leaves", ["delegate", "principal"])
async def test_where_one_of_the_two_leaves_the_other_is_told_and_nothing_is_in_force_from_that_day(
    year: World, who: Played, leaves: str
) -> None:
    lender, delegate = await colleague(year, who), await colleague(year, who)
    made = await lent(year, lender, delegate)
    gone, stays = (delegate, lender) if leaves == "delegate" else (lender, delegate)
    year.now = JANUARY + timedelta(hours=1)
    await year.decided(gone, "exit", {"reason": "resign", "effective": f"{YEAR}-01-08"})
    assert "delegation_lapses" in await told(year, stays)
    assert "delegation_lapses" not in await told(year, gone)
    assert await both_see(year, made, lender, delegate) == [True, True]
    year.now = datetime(YEAR, 1, 8, 3, tzinfo=UTC)
    assert await both_see(year, made, stays, "hr") == [False, False]
    await year.decided(gone, "exit", {"reason": "die", "effective": f"{YEAR}-01-07"})
    assert (await told(year, stays)).count("delegation_lapses") == 1, "it was over already"
    await over(year, made)


async def test_nothing_is_lent_from_who_has_left_by_its_first_day(year: World, who: Played) -> None:
    """Be it by HR, or by herself who may still sign in."""
    lender, delegate = await colleague(year, who), await colleague(year, who)
    await year.decided(lender, "exit", {"reason": "resign", "effective": f"{YEAR}-01-05"})
    for by, named in (("hr", {"person": lender}), (lender, {})):
        refused = await year.post("/delegations", by, offer(delegate, **named))
        assert [(one["code"], one["pointer"]) for one in refused.json()["errors"]] == [("unknown_person", "/person")]
