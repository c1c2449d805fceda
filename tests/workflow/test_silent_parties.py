"""What happens when somebody does nothing, party by party: time alone moves the year, and never invents a rating."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.vocabulary import Zone
from models.workdays import PersonClock, week_of
from tests.endings import DECEMBER, FEBRUARY, JULY, STANDS, Played, to_result
from tests.world import YEAR, World


async def planned(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)


async def lapsed(year: World, who: Played) -> dict[str, object]:
    """Let time pass until the step has lapsed; how the appraisal is seen then."""
    row = await year.row(who.appraisal)
    lapses_at = row["lapses_at"]
    assert lapses_at is not None
    await year.pass_to(who.appraisal, lapses_at + timedelta(days=1))  # type: ignore[operator]
    return await year.seen(who.appraisal)


@pytest.mark.case("1.5 employee, plan")
async def test_an_employee_who_makes_no_plan_gets_one_from_her_supervisor_flagged(year: World, who: Played) -> None:
    seen = await lapsed(year, who)
    assert seen["state"] == "plan.drafting", "an empty plan is never approved"
    receipt = await year.send(who.appraisal, "plan", "submit_plan", who.supervisor)
    assert receipt["state"] == "execution.running"
    events = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    assert [e["data"].get("takeover") for e in events if e["action"] == "submit_plan"] == [True]


@pytest.mark.capability("D08")
@pytest.mark.case("1.5 supervisor, plan")
@pytest.mark.case("3.5")
async def test_a_supervisor_who_does_not_approve_is_replaced_by_his_superior_with_both_names(
    year: World, who: Played
) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    early = await year.act(who.appraisal, "approve_plan", who.senior)
    assert early.json()["code"] == "not_yours"
    await lapsed(year, who)
    await year.done(who.appraisal, "approve_plan", who.senior)
    events = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    approval = next(e for e in events if e["action"] == "approve_plan")
    assert (approval["actor"]["nip"], approval["on_behalf_of"]["nip"]) == (who.senior, who.supervisor)
    rungs = [e["data"]["rung"] for e in events if e["action"] == "reach_rung"]
    assert rungs[-3:] == ["overdue+1", "takeover+3", "hr_list+7"]
    assert len(rungs) == len(set(rungs))


@pytest.mark.case("1.5 employee, self-assessment")
async def test_a_rating_goes_on_without_a_self_assessment(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, JULY)
    await lapsed(year, who)
    await year.pass_to(who.appraisal, DECEMBER)
    seen = await lapsed(year, who)
    assert seen["state"] == "rating.drafting"
    refused = await year.act(who.appraisal, "return_self_assessment", who.supervisor, {"comment": "Mana laporannya?"})
    assert refused.json()["code"] == "not_now", "there is none to send back"


@pytest.mark.case("1.5 supervisor, rating")
async def test_a_supervisor_who_does_not_rate_is_replaced_and_no_label_is_invented(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, JULY)
    await lapsed(year, who)
    await year.pass_to(who.appraisal, DECEMBER)
    await lapsed(year, who)
    seen = await lapsed(year, who)
    assert (seen["state"], seen["outcome"]) == ("rating.drafting", None)
    codes = {item["code"] for item in await worklist(year, who)}
    assert "nobody_acted" in codes
    receipt = await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    assert receipt["action"] == "submit_rating"


@pytest.mark.capability("P15")
@pytest.mark.case("1.5 employee, result")
async def test_silence_accepts_only_what_was_proven_delivered(year: World, who: Played) -> None:
    await to_result(year, who)
    await year.pass_to(who.appraisal, FEBRUARY)
    assert (await year.seen(who.appraisal))["state"] == "appeal.open", "undelivered, it never lapses"
    assert "undelivered" in {item["code"] for item in await worklist(year, who)}
    await year.done(
        who.appraisal, "record_delivery", "hr", {"at": year.now.isoformat(), "proof": "Tanda terima 12/2028."}
    )
    await year.pass_to(who.appraisal, FEBRUARY + timedelta(days=14))
    assert (await year.row(who.appraisal))["ending"] is None, "day 14 is hers to its end"
    await year.pass_to(who.appraisal, FEBRUARY + timedelta(days=15))
    assert (await year.row(who.appraisal))["ending"] == "accepted_by_lapse"


@pytest.mark.case("1.5 employee, result")
async def test_a_delivery_recorded_when_her_days_were_over_leaves_her_three_working_days(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    handed_over, friday = year.now + timedelta(hours=1), datetime(YEAR + 1, 2, 11, 3, tzinfo=UTC)
    await year.pass_to(who.appraisal, friday)
    await year.done(
        who.appraisal, "record_delivery", "hr", {"at": handed_over.isoformat(), "proof": "Tanda terima 12/2027."}
    )
    row = await year.pass_to(who.appraisal, friday + timedelta(hours=1))
    assert (row["state"], row["ending"]) == ("appeal.open", None)
    clock = PersonClock.of(Zone(str(row["zone"])), week_of(int(str(row["work_week"]))))
    last = clock.ending(clock.calendar.add(friday.date(), 3))
    assert row["due_at"] == row["lapses_at"] == last
    assert "delivery_recorded" in await year.texts_of(who.appraisal)
    await year.pass_to(who.appraisal, last - timedelta(hours=1))
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [recorded] = [e for e in trail if e["action"] == "record_delivery"]
    assert datetime.fromisoformat(recorded["data"]["delivered_at"]) == handed_over


@pytest.mark.case("1.5 senior supervisor, appeal")
async def test_an_appeal_nobody_decides_goes_to_the_next_authority_and_never_decides_itself(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await lapsed(year, who)
    seen = await year.seen(who.appraisal)
    assert (seen["state"], seen["ending"]) == ("appeal.deciding", None)
    refused = await year.act(who.appraisal, "decide_appeal", who.senior)
    assert refused.json()["code"] == "not_yours", "it was handed on"
    next_authority = seen["waiting_on"]["person"]["nip"]  # type: ignore[index]
    assert next_authority not in (who.senior, who.supervisor, who.employee)
    await year.send(who.appraisal, "decision", "decide_appeal", next_authority, STANDS)
    assert (await year.row(who.appraisal))["ending"] == "stands"


async def worklist(year: World, who: Played) -> list[dict[str, str]]:
    """HR's entries about this appraisal."""
    row = await year.row(who.appraisal)
    found = []
    cursor: str | None = ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        page = (await year.get(f"/cycles/{row['cycle_id']}/worklist", "hr", limit=200, **more)).json()
        found += [item for item in page["items"] if item["appraisal_id"] == who.appraisal]
        cursor = page["next"]
    return found


async def test_a_report_that_nobody_reviews_is_closed_by_the_next_stage_and_says_so(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, JULY)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.pass_to(who.appraisal, DECEMBER)
    seen = await year.seen(who.appraisal)
    assert seen["state"] == "self_assessment.drafting"
    route = {(stop["stage"], stop["period"]): stop["status"] for stop in seen["route"]}  # type: ignore[attr-defined]
    assert route["midyear", 1] == "not_reviewed"
    assert route["plan", None] == "done"
