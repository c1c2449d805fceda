"""Whose the rest of a year is, where its employee goes on to another post after the year, or after her rating."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.endings import DECEMBER, JANUARY, JULY, Played, to_result
from tests.workflow.people.changes import tasks_of
from tests.world import YEAR, World

PEOPLE = 60

NEW_YEAR = datetime(YEAR + 1, 1, 4, 3, tzinfo=UTC)


async def moved(world: World, who: Played, effective: str) -> str:
    """To another unit from that day on; the NIP of the new supervisor."""
    unit, supervisor = await world.elsewhere(who.employee)
    body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": supervisor, "effective": effective}
    await world.decided(who.employee, "transfer", body)
    return supervisor


async def refused_to(world: World, who: Played, action: str, nip: str) -> str:
    answer = await world.act(who.appraisal, action, nip)
    return f"{answer.status_code} {answer.json()['code']}"


async def to_self_assessment(world: World, who: Played) -> None:
    world.now = JANUARY
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    world.now = JULY
    await world.bring(who.appraisal)
    await world.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await world.done(who.appraisal, "complete_midyear", who.supervisor)
    world.now = DECEMBER
    await world.bring(who.appraisal)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)


@pytest.mark.case("3.1")
async def test_the_old_year_is_rated_by_who_saw_it_though_she_is_elsewhere_in_january(year: World, who: Played) -> None:
    """DOMAIN 3.1: a transfer of the first of January ends no segment of the year before, and hands over none of its work."""
    await to_self_assessment(year, who)
    new = await moved(year, who, f"{YEAR + 1}-01-01")
    year.now = NEW_YEAR
    await year.bring(who.appraisal)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    assert who.appraisal in await tasks_of(year, who.supervisor)
    assert who.appraisal not in await tasks_of(year, new)
    assert await refused_to(year, who, "submit_rating", new) == "403 not_yours"
    assert (await year.seen(who.appraisal, new))["actions"] == []
    listed = (await year.get("/appraisals", who.supervisor, limit=200)).json()["items"]
    assert who.appraisal in [item["id"] for item in listed]

    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"


async def test_the_work_falls_to_the_line_of_the_old_post_where_its_supervisor_has_left(
    year: World, who: Played
) -> None:
    await to_self_assessment(year, who)
    await moved(year, who, f"{YEAR + 1}-01-01")
    year.now = NEW_YEAR
    await year.decided(who.supervisor, "exit", {"reason": "retire", "effective": f"{YEAR + 1}-01-02"})
    await year.bring(who.appraisal)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.senior  # type: ignore[index]
    assert who.appraisal in await tasks_of(year, who.senior)


@pytest.mark.case("3.7")
async def test_an_objection_is_answered_by_who_rated_though_she_has_gone_on(year: World, who: Played) -> None:
    """DOMAIN 3.7: the rater explains; a transfer after the rating changes neither him nor who decides above him."""
    await to_result(year, who)
    new = await moved(year, who, f"{YEAR}-12-21")
    year.now = DECEMBER + timedelta(days=3)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    assert await refused_to(year, who, "answer_appeal", new) == "403 not_yours"
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    assert "decide_appeal" in (await year.seen(who.appraisal, who.senior))["actions"]
