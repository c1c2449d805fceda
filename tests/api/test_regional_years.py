"""What regions count, each by its pack alone: the same engine, the same api, and a label that is explained to the employee."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from models.worked import overlaid
from tests.endings import JANUARY, Played, at, until_december
from tests.world import YEAR, World, open_cycle, opened_world

PEOPLE = 40


def region(policy: str) -> Callable[..., AsyncIterator[World]]:
    """A fixture: the demo agency in a year by that pack."""

    @pytest_asyncio.fixture(scope="module")
    async def opened(
        postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
    ) -> AsyncIterator[World]:
        folder = tmp_path_factory.mktemp(policy)
        async with opened_world(postgres_url, engine_address, folder, people=PEOPLE) as world:
            await open_cycle(world, policy, YEAR)
            yield world

    return opened


kepahiang = region("kepahiang-bobot")
denpasar = region("denpasar-capaian")


async def laid_over(world: World, who: str, appraisal: str, form: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The form's own example with these changes laid over it."""
    asked = (await world.get(f"/appraisals/{appraisal}/forms/{form}", who)).json()
    return overlaid(asked["schema"]["examples"][0], changes)


async def planned(world: World, plan: dict[str, Any]) -> Played:
    """Until the rating may be given: plan, review, and the self-assessment where the pack has one."""
    who = await Played.of(world, await world.next_clerk())
    at(world, JANUARY)
    await until_december(world, who, await laid_over(world, who.employee, who.appraisal, "plan", plan))
    if (await world.row(who.appraisal))["state"] == "self_assessment.drafting":
        await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    return who


async def outcome_of(world: World, who: Played, rating: dict[str, Any]) -> dict[str, Any]:
    """What the rating came to, as the employee reads it."""
    written = await laid_over(world, who.supervisor, who.appraisal, "rating", rating)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    shown = (await world.seen(who.appraisal, who.employee))["outcome"]
    assert isinstance(shown, dict)
    return shown


@pytest.mark.capability("P01", "P10", "P11", "P23")
async def test_kepahiang_counts_results_process_and_four_kinds_of_behaviour_to_a_standard(kepahiang: World) -> None:
    who = await planned(kepahiang, {})
    every = {"*": {"score": 80}}
    shown = await outcome_of(kepahiang, who, {"results": every, "process": every, "behaviours": every})
    lines = {line["what"]: line for line in shown["lines"]}
    weighed = {what: line for what, line in lines.items() if line.get("weight") not in (None, "0")}
    assert sum(float(line["weight"]) for line in weighed.values()) == 100
    assert {line["value"] for line in weighed.values()} == {"80"}
    assert len(weighed) >= 7
    assert (shown["label"], lines["total"]["value"]) == ("baik", "80")
    assert "memenuhi standar" in lines["label"]["why"]


@pytest.mark.capability("P15", "P16")
async def test_kepahiang_gives_no_result_without_strengths_and_weaknesses_and_its_delivery_is_proven(
    kepahiang: World,
) -> None:
    who = await planned(kepahiang, {})
    await kepahiang.fill(who.appraisal, "rating", who.supervisor, {"strengths": "", "weaknesses": ""})
    refused = await kepahiang.act(who.appraisal, "submit_rating", who.supervisor)
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/strengths", "/weaknesses"}
    await kepahiang.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await kepahiang.done(who.appraisal, "acknowledge_result", who.employee)
    read = (await kepahiang.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
    assert read["strengths"]
    assert read["weaknesses"]
    assert "acknowledge_result" in await kepahiang.actions_of(who.appraisal)


@pytest.mark.capability("D02", "D03", "D05", "D10")
async def test_denpasar_judges_the_result_alone_and_what_is_significant_ranks_above_routine(denpasar: World) -> None:
    waiting = {"results": {"*": {"target": 30, "polarity": "less"}}}
    labels = {}
    for kind in ("rutin", "signifikan"):
        who = await planned(denpasar, overlaid(waiting, {"results": {"*": {"significance": kind}}}))
        shown = await outcome_of(denpasar, who, {"results": {"*": {"realised": 15}}})
        labels[kind] = shown["label"]
        parts = {line["what"] for line in shown["lines"] if line.get("weight")}
        assert parts == {"capaian"}
    assert labels == {"rutin": "baik", "signifikan": "sangat_baik"}


@pytest.mark.capability("D01")
async def test_denpasar_takes_no_rating_without_feedback_on_each_result(denpasar: World) -> None:
    who = await planned(denpasar, {})
    silent = await laid_over(denpasar, who.supervisor, who.appraisal, "rating", {"results": {"*": {"feedback": " "}}})
    await denpasar.fill(who.appraisal, "rating", who.supervisor, silent)
    refused = await denpasar.act(who.appraisal, "submit_rating", who.supervisor)
    assert refused.status_code == 422
    assert all(error["pointer"].endswith("/feedback") for error in refused.json()["errors"])
