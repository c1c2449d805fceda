"""Who leaves, who is away for a while, who comes back: nothing strands, and nobody is rated for days on which she was not here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from activities.facts import load_facts
from models.circumstances import Personnel
from tests.endings import DECEMBER, JANUARY, Played, to_result
from tests.workflow.people.changes import JUNE, MAY, imported, planned, row_of, tasks_of
from tests.world import YEAR, World


@pytest.mark.case("3.6")
async def test_a_result_delivered_before_a_death_is_never_accepted_by_silence(year: World, who: Played) -> None:
    """DOMAIN 3.6: she dies between the delivery and the lapse; notices to her stop with the decision itself."""
    await to_result(year, who)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome = (await year.row(who.appraisal))["outcome_id"]
    year.now = DECEMBER + timedelta(days=4)
    await year.decided(who.employee, "exit", {"reason": "die", "effective": year.now.date().isoformat()})
    assert (await year.get("/me", who.employee)).json()["code"] == "unknown_person"
    row = await year.pass_to(who.appraisal, DECEMBER + timedelta(days=40))
    assert (row["ending"], row["outcome_id"]) == ("exited", outcome)
    assert "lapse" not in await year.actions_of(who.appraisal)


@pytest.mark.case("3.6")
async def test_who_has_retired_may_still_die_and_accepts_nothing_by_silence_then(year: World, who: Played) -> None:
    await to_result(year, who)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    retired, died = DECEMBER + timedelta(days=1), DECEMBER + timedelta(days=5)
    year.now = retired
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": retired.date().isoformat()})
    year.now = died
    twice = await year.post(
        f"/people/{who.employee}/exit", "hr", {"reason": "resign", "effective": died.date().isoformat()}
    )
    assert [one["code"] for one in twice.json()["errors"]] == ["has_left"]
    await year.decided(who.employee, "exit", {"reason": "die", "effective": died.date().isoformat()})
    assert (await year.pass_to(who.appraisal, DECEMBER + timedelta(days=40)))["ending"] == "exited"
    assert "lapse" not in await year.actions_of(who.appraisal)


@pytest.mark.case("3.6")
async def test_who_retires_before_the_rating_is_rated_for_the_time_she_was_here(year: World, who: Played) -> None:
    """DOMAIN 3.6: the last evaluation is the supervisor's; she may sign in until her year is done, and then no more."""
    await planned(year, who)
    year.now = MAY
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-06-01"})
    assert (await year.row(who.appraisal))["state"] == "execution.running"
    row = await year.pass_to(who.appraisal, JUNE)
    assert row["state"] == "rating.drafting"
    assert row["due_at"] < JUNE + timedelta(days=21)
    assert (await year.get("/me", who.employee)).status_code == 200
    assert who.appraisal in await tasks_of(year, who.supervisor)
    assert "exited" in await year.texts_of(who.appraisal)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    done = await year.pass_to(who.appraisal, JUNE)
    assert (done["ending"], done["outcome_id"] is not None) == ("exited", True)


@pytest.mark.case("3.6")
async def test_who_leaves_without_a_plan_has_nothing_to_be_rated_by(year: World, who: Played) -> None:
    """DOMAIN 3.6"""
    year.now = JANUARY
    await year.decided(
        who.employee, "exit", {"reason": "resign", "effective": (JANUARY.date() + timedelta(days=1)).isoformat()}
    )
    row = await year.pass_to(who.appraisal, JANUARY + timedelta(days=2))
    assert (row["ending"], row["outcome_id"]) == ("exited", None)


@pytest.mark.case("3.6")
async def test_who_leaves_after_the_rating_keeps_her_appeal(year: World, who: Played) -> None:
    """DOMAIN 3.6: a retirement takes no right away."""
    await to_result(year, who)
    day = DECEMBER.date() + timedelta(days=1)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": day.isoformat()})
    await year.pass_to(who.appraisal, DECEMBER + timedelta(days=5))
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    assert (await year.row(who.appraisal))["state"] == "appeal.answering"


@pytest.mark.case("3.17")
async def test_a_leave_pauses_what_is_open_and_moves_its_due_day_by_its_length(year: World, who: Played) -> None:
    """DOMAIN 3.17: back from leave, every day she had is still there."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    due = (await year.row(who.appraisal))["due_at"]
    first, last = JANUARY.date() + timedelta(days=1), JANUARY.date() + timedelta(days=21)
    await year.decided(who.employee, "leave", {"from": first.isoformat(), "until": last.isoformat()})
    away = await year.pass_to(who.appraisal, JANUARY + timedelta(days=10))
    assert away["suspended"]
    assert away["due_at"] is None
    back = await year.pass_to(who.appraisal, JANUARY + timedelta(days=23))
    assert not back["suspended"]
    assert back["due_at"] == due + timedelta(days=21)
    assert [a for a in await year.actions_of(who.appraisal) if a.endswith("_leave")] == ["begin_leave", "end_leave"]
    told = await year.texts_of(who.appraisal)
    assert (told.count("suspended"), told.count("resumed")) == (2, 2), "both of them hear of both"


@pytest.mark.case("3.17")
async def test_between_leaves_that_adjoin_nothing_begins_and_nobody_is_told_that_she_is_back(
    year: World, who: Played
) -> None:
    """The review opens in the first of them; it is hers when she is back from the second."""
    await planned(year, who)
    await year.pass_to(who.appraisal, JUNE)
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-06-20", "until": f"{YEAR}-07-10"})
    await year.pass_to(who.appraisal, datetime(YEAR, 7, 5, 3, tzinfo=UTC))
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-07-11", "until": f"{YEAR}-07-25"})
    between = await year.pass_to(who.appraisal, datetime(YEAR, 7, 11, 3, tzinfo=UTC))
    assert (between["suspended"], between["state"]) == (True, "execution.running")
    back = await year.pass_to(who.appraisal, datetime(YEAR, 7, 26, 3, tzinfo=UTC))
    assert (back["suspended"], back["state"]) == (False, "midyear.drafting")
    since_june = (await year.actions_of(who.appraisal))[-4:]
    assert since_june == ["begin_leave", "prolong_leave", "end_leave", "open_window"]
    told = await year.texts_of(who.appraisal)
    assert (told.count("suspended"), told.count("resumed")) == (2, 2), "both of them hear of both, once"


async def test_a_leave_that_began_before_hr_learnt_of_it_counts_whole(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    due = (await year.row(who.appraisal))["due_at"]
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=4))
    first, last = JANUARY.date() + timedelta(days=1), JANUARY.date() + timedelta(days=10)
    await year.decided(who.employee, "leave", {"from": first.isoformat(), "until": last.isoformat()})
    back = await year.pass_to(who.appraisal, JANUARY + timedelta(days=12))
    assert back["due_at"] == due + timedelta(days=10)


async def test_a_file_that_does_not_know_of_an_exit_brings_nobody_back(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-20"})
    assert (await imported(year, said))["changes"] == []
    assert (await imported(year, said | {"tmt": f"{YEAR}-09-01"}))["updated"] == 1


async def test_who_comes_back_is_decided_about_like_anybody(year: World, who: Played) -> None:
    """An exit holds until the first day of a new post: it ends what began before that day, and is no reason to refuse a decision."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-20"})
    await imported(year, said | {"tmt": f"{YEAR}-06-01"})
    year.now = JUNE
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-06-07", "until": f"{YEAR}-06-11"})
    row = await year.row(who.appraisal)
    async with year.database.transaction() as connection:
        facts = await load_facts(connection, str(row["cycle_id"]), 0)
    found = [(change.kind, change.back) for change in facts.changes[str(row["person_id"])]]
    assert found == [(Personnel.EXIT, date(YEAR, 6, 1)), (Personnel.LEAVE, None)]


async def test_a_leave_learnt_of_late_takes_her_plan_from_the_list_of_those_who_did_not_act(
    year: World, who: Played
) -> None:
    """Her plan was due on 31 January; HR hears in March that she was away since the eleventh."""
    cycle = (await year.row(who.appraisal))["cycle_id"]
    await year.pass_to(who.appraisal, datetime(YEAR, 3, 20, 3, tzinfo=UTC))
    assert "nobody_acted" in await listed(year, cycle, who)
    year.now = datetime(YEAR, 3, 22, 3, tzinfo=UTC)
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-01-11", "until": f"{YEAR}-03-20"})
    await year.pass_to(who.appraisal, datetime(YEAR, 3, 23, 3, tzinfo=UTC))
    seen = await year.seen(who.appraisal)
    assert (str(seen["due_at"])[:10], seen["overdue"]) == (f"{YEAR}-04-10", False)
    assert await listed(year, cycle, who) == []
    reminded = (await year.actions_of(who.appraisal)).count("reach_rung")
    await year.pass_to(who.appraisal, datetime(YEAR, 4, 9, 3, tzinfo=UTC))
    assert (await year.actions_of(who.appraisal)).count("reach_rung") > reminded, "she is reminded of the new day"


async def listed(world: World, cycle: object, who: Played) -> list[str]:
    """What HR's list says of her year."""
    answer = await world.get(f"/cycles/{cycle}/worklist", "hr", limit=200)
    items = answer.raise_for_status().json()["items"]
    return [one["code"] for one in items if one.get("appraisal_id") == who.appraisal]
