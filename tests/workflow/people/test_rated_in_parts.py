"""An appeal against the year covers all its parts: nobody decides it who rated one of them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models.appraisal import Timing
from models.vocabulary import EngineAction
from tests.api.test_delegations import lent
from tests.endings import DECEMBER, STANDS, Played
from tests.workflow.objecting import acting, actions, appealed, decider
from tests.workflow.people.changes import JUNE, MAY, imported, planned, row_of, tasks_of, transferred
from tests.world import YEAR, World

PEOPLE = 60


async def in_two_parts(year: World, who: Played, rater: str) -> Played:
    """The first part of her year rated by that person after a transfer; the second one, planned."""
    await planned(year, who)
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(first, "rating", "submit_rating", rater)
    later = await Played.of(year, who.employee)
    assert later.appraisal == second
    await planned_in_june(year, later)
    return later


async def planned_in_june(year: World, later: Played) -> None:
    year.now = JUNE
    await year.send(later.appraisal, "plan", "submit_plan", later.employee)
    await year.done(later.appraisal, "approve_plan", later.supervisor)


async def rated(year: World, later: Played) -> None:
    await year.pass_to(later.appraisal, DECEMBER)
    await year.send(later.appraisal, "self_assessment", "submit_self_assessment", later.employee)
    await year.send(later.appraisal, "rating", "submit_rating", later.supervisor)
    await year.labelled(later.appraisal)


async def holder_of(year: World, later: Played) -> str:
    """Who will have let the decision pass, as the engine has it."""
    row = await year.row(later.appraisal)
    timing = Timing.model_validate(row["timing"])
    [lapse] = [moment for moment in timing.moments if moment.action is EngineAction.LAPSE]
    async with year.database.transaction() as connection:
        query = text("SELECT nip FROM person WHERE id = :id")
        return str((await connection.execute(query, {"id": lapse.holder})).scalar_one())


async def is_not_asked(year: World, later: Played, nip: str) -> None:
    """He may not decide, and neither his inbox nor his lists say otherwise; somebody else is asked."""
    refused = await year.act(later.appraisal, "decide_appeal", nip)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert "decide_appeal" not in await actions(year, later, nip)
    assert later.appraisal not in await tasks_of(year, nip)
    authority = await decider(year, later)
    assert authority not in (nip, later.employee, later.supervisor)
    assert later.appraisal in await tasks_of(year, authority)
    assert await holder_of(year, later) == authority
    for person in (nip, authority):
        listed = (await year.get("/appraisals", person, limit=200)).raise_for_status().json()["items"]
        shown = (await year.get(f"/appraisals/{later.appraisal}", person)).status_code == 200
        assert (later.appraisal in [item["id"] for item in listed]) is shown, person
    await year.send(later.appraisal, "decision", "decide_appeal", authority, STANDS)


@pytest.mark.case("3.14")
async def test_3_14_who_rated_the_first_part_of_the_year_does_not_decide_about_it(year: World, who: Played) -> None:
    """He stands above her new supervisor by then, as the Plt of the senior supervisor's post."""
    later = await in_two_parts(year, who, who.supervisor)
    async with acting(year, who.supervisor, later.senior):
        assert (await year.seen(later.appraisal))["senior_supervisor"]["nip"] == who.supervisor  # type: ignore[index]
        await rated(year, later)
        await appealed(year, later)
        await is_not_asked(year, later, who.supervisor)


@pytest.mark.case("3.14")
async def test_3_14_nor_in_whose_name_it_was_rated(year: World, who: Played) -> None:
    delegate = await year.next_clerk()
    made = await lent(year, who.supervisor, delegate, **{"from": f"{YEAR}-01-05", "until": f"{YEAR}-06-30"})
    later = await in_two_parts(year, who, delegate)
    await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers("hr"))
    async with acting(year, who.supervisor, later.senior):
        await rated(year, later)
        await appealed(year, later)
        await is_not_asked(year, later, who.supervisor)


@pytest.mark.case("3.14")
async def test_3_14_nor_as_a_delegate_of_who_would_decide(year: World, who: Played) -> None:
    later = await in_two_parts(year, who, who.supervisor)
    await rated(year, later)
    made = await lent(year, later.senior, who.supervisor, **{"from": f"{YEAR}-12-20", "until": f"{YEAR}-12-31"})
    await appealed(year, later)
    assert await decider(year, later) == later.senior
    await is_not_asked(year, later, who.supervisor)
    await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers("hr"))


async def comes_back_elsewhere(year: World, who: Played) -> None:
    """She left in May and is in another unit since June; HR has begun the other part of her year."""
    unit, leader = await year.elsewhere(who.employee)
    there = {"unit": unit, "nama_unit": (await row_of(year, leader))["nama_unit"], "nip_atasan": leader}
    said = await row_of(year, who.employee) | there
    await year.bring(who.appraisal)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-21"})
    await year.pass_to(who.appraisal, JUNE)
    await imported(year, said | {"tmt": JUNE.date().isoformat()})
    cycle = (await year.row(who.appraisal))["cycle_id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202


@pytest.mark.parametrize("after", ["transfer", "return"])
async def test_a_first_part_rated_while_the_appeal_runs_bars_its_rater_at_once(
    year: World, who: Played, after: str
) -> None:
    await planned(year, who)
    year.now = MAY
    if after == "transfer":
        await transferred(year, who)
        await year.pass_to(who.appraisal, JUNE)
    else:
        await comes_back_elsewhere(year, who)
    first, _ = await year.segments_of(who.employee, 2)
    later = await Played.of(year, who.employee)
    await planned_in_june(year, later)
    async with acting(year, who.supervisor, later.senior):
        await rated(year, later)
        await appealed(year, later)
        assert await decider(year, later) == who.supervisor
        await year.bring(first)
        await year.send(first, "rating", "submit_rating", who.supervisor)
        year.now = DECEMBER
        assert await decider(year, later) != who.supervisor
        assert later.appraisal not in await tasks_of(year, who.supervisor)
