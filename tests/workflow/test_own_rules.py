"""An agency's own rules: a pack from its own folder, a running year that keeps the rules it began under, and the next year's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from models.shelf import Shelf
from tests.endings import DECEMBER, JANUARY, JULY, Played, at
from tests.workflow.test_labels import launched
from tests.workflow.test_plan_and_result import form
from tests.world import YEAR, World, opened_world

OURS = """
extends = "pp-30-2019"
id = "kami"
version = {version}
source = "Peraturan Bupati"
title = {{ id = "Penilaian kinerja kami", en = "Our appraisal" }}
without = ["examples", "scoring.weights"]

[calendar.plan]
due = {{ month = 1, day = {due} }}

[[scoring.weights]]
of = {{ skp = "{skp}", behaviour = "{behaviour}" }}
"""


@pytest_asyncio.fixture
async def agency(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[tuple[World, Path]]:
    """An agency without a cycle yet, and its folder of packs."""
    folder = tmp_path / "packs"
    folder.mkdir()
    async with opened_world(postgres_url, engine_address, tmp_path / "archive", people=24) as world:
        world.rooms.shelf = Shelf(folder)
        yield world, folder


def written(folder: Path, **said: object) -> None:
    (folder / "kami.toml").write_text(OURS.format(**said), encoding="utf-8")


async def drafted(world: World, year: int, **more: object) -> dict[str, Any]:
    answer = await world.post("/cycles", "hr", {"policy": "kami", "year": year, "name": f"SKP {year}", **more})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert isinstance(made, dict)
    return made


def later(calendar: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The same windows a year later."""
    return {
        name: {edge: f"{int(day[:4]) + 1}{day[4:]}" for edge, day in window.items()}
        for name, window in calendar.items()
    }


async def to_value(world: World, who: Played, result: int, behaviour: int, year: int = YEAR) -> dict[str, Any]:
    """The year up to a result read by the employee: scored, and by these figures."""
    ahead = timedelta(days=365 * (year - YEAR))
    at(world, JANUARY + ahead)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    at(world, JULY + ahead)
    await world.bring(who.appraisal)
    await world.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await world.done(who.appraisal, "complete_midyear", who.supervisor)
    at(world, DECEMBER + ahead)
    await world.bring(who.appraisal)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    example = (await form(world, who, "rating", who.supervisor))["schema"]["examples"][0]
    results = {key: one | {"score": result} for key, one in example["results"].items()}
    behaviours = {key: one | {"score": behaviour} for key, one in example["behaviours"].items()}
    rating = {"results": results, "behaviours": behaviours, "idea": False}
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, rating)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    outcome: Any = (await world.seen(who.appraisal, who.employee))["outcome"]
    return {line["what"]: line["value"] for line in outcome["lines"]} | {"label": outcome["label"]}


@pytest.mark.capability("G04", "G20", "D22", "K18", "S17")
async def test_a_year_keeps_the_rules_it_began_under_and_the_next_year_has_the_new_ones(
    agency: tuple[World, Path],
) -> None:
    world, folder = agency
    written(folder, version=1, due=31, skp="70", behaviour="30")
    first = await drafted(world, YEAR)
    await launched(world, first["id"])
    who = await Played.of(world, await world.next_clerk())
    written(folder, version=2, due=20, skp="60", behaviour="40")
    second = await drafted(world, YEAR + 1)
    calendars = [one["calendar"] for one in (first, second)]
    assert [one["plan"].pop("due_at") for one in calendars] == [f"{YEAR}-01-31", f"{YEAR + 1}-01-20"]
    assert [later(one) for one in calendars[:1]] == calendars[1:], "all else is the same calendar, a year later"
    before = await to_value(world, who, result=100, behaviour=50)
    await launched(world, second["id"])
    found = (await world.get("/appraisals", "hr", q=who.employee, cycle=second["id"])).json()["items"]
    after = await to_value(world, replace(who, appraisal=found[0]["id"]), result=100, behaviour=50, year=YEAR + 1)
    assert (before["total"], after["total"]) == ("85", "80")
    kept = [(await world.get(f"/cycles/{one['id']}", "hr")).json()["policy_version"] for one in (first, second)]
    assert kept == [1, 2]


@pytest.mark.capability("B14")
async def test_a_new_scheme_may_begin_in_one_office_and_says_at_its_fields_what_is_meant(
    agency: tuple[World, Path],
) -> None:
    world, folder = agency
    written(folder, version=1, due=31, skp="70", behaviour="30")
    first = await drafted(world, YEAR, units=["DUKCAPIL"])
    await launched(world, first["id"])
    inside = (await world.get("/people", "hr", unit="DUKCAPIL")).json()["total"]
    begun = (await world.get(f"/cycles/{first['id']}/progress", "hr")).json()
    assert 0 < begun["roster"] == inside < (await world.get("/people", "hr")).json()["total"]
    who = await Played.of(world, await world.next_clerk())
    for language, words in (("id", "Paling sedikit satu hasil kerja utama."), ("en", "At least one main result.")):
        headers = world.headers(who.employee, **{"Accept-Language": language})
        path = f"/api/v1/appraisals/{who.appraisal}/forms/plan"
        shown = (await world.http.get(path, headers=headers)).json()["schema"]
        assert shown["properties"]["results"]["description"] == words
    rest = await drafted(world, YEAR)
    await launched(world, rest["id"])
    joined = (await world.get(f"/cycles/{rest['id']}/progress", "hr")).json()
    everybody = (await world.get("/people", "hr")).json()["total"]
    assert begun["launched"] + joined["launched"] == everybody
    assert joined["excluded"] == begun["launched"], "who has begun is not begun twice"
