"""Who decides an objection, and who never does: delegates, a rater who is his own superior, double roles (DOMAIN 3.10, 3.14, 3.15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.api.test_delegations import lent
from tests.endings import STANDS, Played, at, to_result, until_rating
from tests.workflow.objecting import acting, actions, appealed, decider
from tests.world import YEAR, World

PEOPLE = 110


# ── 3.10: delegation ────────────────────────────────────────────────────────────────────────────────────────────────

ALL_YEAR = {"from": f"{YEAR}-01-05", "until": f"{YEAR}-12-31"}


async def stranger(year: World, who: Played) -> str:
    while True:
        nip = await year.next_clerk()
        if (await Played.of(year, nip)).supervisor != who.supervisor:
            return nip


async def ended(year: World, *delegations: str) -> None:
    for one in delegations:
        await year.http.delete(f"/api/v1/delegations/{one}", headers=year.headers("hr"))


@pytest.mark.capability("G18")
@pytest.mark.case("3.10")
async def test_3_10_who_rated_as_a_delegate_does_not_decide_whoever_delegates_to_him(year: World, who: Played) -> None:
    delegate = await stranger(year, who)
    first = await lent(year, who.supervisor, delegate, **ALL_YEAR)
    await to_result(year, replace(who, supervisor=delegate))
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [rated] = [e for e in trail if e["action"] == "submit_rating"]
    assert (rated["actor"]["nip"], rated["on_behalf_of"]["nip"]) == (delegate, who.supervisor)
    await ended(year, first)
    second = await lent(year, who.senior, delegate, **{"from": f"{YEAR}-12-20", "until": f"{YEAR}-12-31"})
    await appealed(year, who)
    assert "decide_appeal" not in await actions(year, who, delegate)
    assert await decider(year, who) == who.senior
    await ended(year, second)


@pytest.mark.case("3.10")
async def test_3_10_the_senior_who_rated_as_the_supervisors_delegate_does_not_decide(year: World, who: Played) -> None:
    made = await lent(year, who.supervisor, who.senior, **ALL_YEAR)
    await to_result(year, replace(who, supervisor=who.senior))
    await ended(year, made)
    await appealed(year, replace(who, supervisor=who.senior))
    assert await decider(year, who) not in (who.senior, who.supervisor, who.employee)
    assert "decide_appeal" not in await actions(year, who, who.senior)


@pytest.mark.case("3.10")
async def test_3_10_who_answered_as_a_delegate_does_not_decide_though_the_delegation_is_over(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    made = await lent(year, who.supervisor, who.senior, **{"from": f"{YEAR}-12-20", "until": f"{YEAR}-12-31"})
    await appealed(year, replace(who, supervisor=who.senior))
    assert await decider(year, who) not in (who.senior, who.supervisor)
    await ended(year, made)
    assert await decider(year, who) not in (who.senior, who.supervisor)


@pytest.mark.case("3.10")
async def test_3_10_a_delegate_of_the_authority_decides_in_its_name(year: World, who: Played) -> None:
    delegate = await stranger(year, who)
    await to_result(year, who)
    made = await lent(year, who.senior, delegate, **{"from": f"{YEAR}-12-20", "until": f"{YEAR}-12-31"})
    await appealed(year, who)
    await year.send(who.appraisal, "decision", "decide_appeal", delegate, STANDS)
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [decided] = [e for e in trail if e["action"] == "decide_appeal"]
    assert (decided["actor"]["nip"], decided["on_behalf_of"]["nip"]) == (delegate, who.senior)
    await ended(year, made)


@pytest.mark.case("3.10")
@pytest.mark.parametrize("to", ["supervisor", "employee"])
async def test_3_10_the_decision_is_not_lent_to_the_supervisor_nor_to_the_person_appraised(
    year: World, who: Played, to: str
) -> None:
    await to_result(year, who)
    delegate = str(getattr(who, to))
    made = await lent(year, who.senior, delegate, **{"from": f"{YEAR}-12-20", "until": f"{YEAR}-12-31"})
    await appealed(year, who)
    refused = await year.act(who.appraisal, "decide_appeal", delegate)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert "decide_appeal" in await actions(year, who, who.senior)
    await ended(year, made)


# ── 3.14: rater and superior are one ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.14")
async def test_3_14_who_rated_by_taking_over_does_not_decide(year: World, who: Played) -> None:
    await until_rating(year, who)
    due = (await year.row(who.appraisal))["due_at"]
    assert isinstance(due, datetime)
    at(year, due + timedelta(days=8))
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    await year.labelled(who.appraisal)
    await appealed(year, replace(who, supervisor=who.senior))
    assert await decider(year, who) not in (who.senior, who.supervisor, who.employee)
    assert "decide_appeal" not in await actions(year, who, who.senior)
    authority = await decider(year, who)
    await year.send(who.appraisal, "decision", "decide_appeal", authority, STANDS)
    for person in (authority, who.senior, who.supervisor):
        listed = (await year.get("/appraisals", person, limit=200)).raise_for_status().json()["items"]
        shown = (await year.get(f"/appraisals/{who.appraisal}", person)).status_code == 200
        assert (who.appraisal in [item["id"] for item in listed]) is shown is True, "he finds what he decided"


@pytest.mark.case("3.14")
async def test_3_14_a_supervisor_who_acts_in_the_post_above_does_not_decide_about_his_own_rating(
    year: World, who: Played
) -> None:
    """Supervisor and senior supervisor are one person while he is its Plt: the next in the line decides."""
    await to_result(year, who)
    async with acting(year, who.supervisor, who.senior):
        await appealed(year, who)
        seen = await year.seen(who.appraisal)
        assert seen["senior_supervisor"]["nip"] not in (who.supervisor, who.senior)  # type: ignore[index]
        assert await decider(year, who) not in (who.supervisor, who.employee)
        refused = await year.act(who.appraisal, "decide_appeal", who.supervisor)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


# ── 3.15: the double role ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.15")
async def test_3_15_a_plt_of_her_supervisors_post_neither_rates_nor_decides_about_herself(
    year: World, who: Played
) -> None:
    async with acting(year, who.employee, who.supervisor):
        seen = await year.seen(who.appraisal)
        assert seen["supervisor"]["nip"] == who.senior  # type: ignore[index]
        await to_result(year, replace(who, supervisor=who.senior))
        refused = await year.act(who.appraisal, "answer_appeal", who.employee)
        assert refused.json()["code"] == "not_yours"
        await appealed(year, replace(who, supervisor=who.senior))
        mine = await actions(year, who, who.employee)
        assert {"decide_appeal", "answer_appeal"}.isdisjoint(mine)
        assert "withdraw_appeal" in mine
        assert await decider(year, who) not in (who.employee, who.senior)
