"""Bantul: she assesses herself first, by competency; her supervisor follows; she reads her strengths, her gaps and what to learn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.endings import DECEMBER, Played, at, until_december
from tests.world import YEAR, World, open_cycle

PEOPLE = 40


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    await open_cycle(world, "bantul-kompetensi", YEAR)
    return world


async def in_december(year: World) -> Played:
    who = await Played.of(year, await year.next_clerk())
    await until_december(year, who)
    return who


@pytest.mark.capability("B06")
@pytest.mark.capability("B08")
async def test_nobody_is_rated_before_she_has_assessed_herself_however_long_that_takes(year: World) -> None:
    who = await in_december(year)
    early = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert (early.status_code, early.json()["code"], early.json()["state"]) == (
        409,
        "not_now",
        "self_assessment.drafting",
    )
    at(year, DECEMBER + timedelta(days=60))
    await year.bring(who.appraisal)
    assert (await year.row(who.appraisal))["state"] == "self_assessment.drafting"
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    assert (await year.row(who.appraisal))["state"] == "rating.drafting"


@pytest.mark.capability("B01")
@pytest.mark.capability("B02")
@pytest.mark.capability("B04")
@pytest.mark.capability("B07")
@pytest.mark.capability("B13")
async def test_one_rating_gives_a_label_and_beside_it_strengths_gaps_and_a_course_that_she_reads(year: World) -> None:
    who = await in_december(year)
    asked = (await year.get(f"/appraisals/{who.appraisal}/forms/self_assessment", who.employee)).json()
    aspects = asked["schema"]["properties"]["competencies"]
    assert len(aspects["required"]) == 9
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    path = f"/appraisals/{who.appraisal}/forms/rating"
    example = (await year.get(path, who.supervisor)).json()["schema"]["examples"][0]
    levels: dict[str, Any] = {name: {"level": 4} for name in example["competencies"]}
    levels["komunikasi"] = {"level": 1}
    changes = {"competencies": levels, "behaviour_rating": "above", "behaviour_reason": "Menjadi rujukan."}
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, changes)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert isinstance(outcome, dict)
    assert (outcome["label"], outcome["method"]) == ("baik", "quadrant")
    found = outcome["competency"]
    by_id = {line["id"]: line for line in found["lines"]}
    assert by_id["komunikasi"]["title"] == "Komunikasi"
    assert by_id["komunikasi"]["gap"] == by_id["komunikasi"]["required"] - 1
    assert found["to_develop"] == (["komunikasi"] if by_id["komunikasi"]["gap"] else [])
    assert found["strengths"]
    assert [one["id"] for one in found["training"]] == (["public_speaking"] if found["to_develop"] else [])


async def test_a_rating_without_a_level_is_not_taken_and_says_which(year: World) -> None:
    who = await in_december(year)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    path = f"/appraisals/{who.appraisal}/forms/rating"
    example = (await year.get(path, who.supervisor)).json()["schema"]["examples"][0]
    without = {name: entry for name, entry in example["competencies"].items() if name != "integritas"}
    await year.fill(who.appraisal, "rating", who.supervisor, {"competencies": without})
    refused = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/competencies/integritas"]
