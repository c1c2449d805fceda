"""A year with more than one review: each period's form is told as its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from models.shelf import Shelf
from tests.endings import JANUARY, JULY, Played, at
from tests.world import YEAR, World, open_cycle

PEOPLE = 24
APRIL = datetime(YEAR, 4, 6, 3, tzinfo=UTC)
REASON = "Bukti belum ada."


TWICE_A_YEAR = """
extends = "permenpanrb-6-2022"
id = "dua-kali"
version = 1
source = "Peraturan Bupati 1/2027"
title = { id = "Dua evaluasi setahun", en = "Two reviews a year" }
[stages]
midyear_periods = 2
[calendar."midyear.1"]
opens = { month = 4, day = 1 }
due = { month = 4, day = 30 }
closes = { month = 5, day = 30 }
[calendar."midyear.2"]
opens = { month = 7, day = 1 }
due = { month = 7, day = 31 }
closes = { month = 8, day = 31 }
"""
"""A pack of the agency's own: a review in April before the one in July."""


@pytest_asyncio.fixture(scope="module")
async def year(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    own = tmp_path_factory.mktemp("policies")
    (own / "dua-kali.toml").write_text(TWICE_A_YEAR, encoding="utf-8")
    world.rooms.shelf = Shelf(own)
    await open_cycle(world, "dua-kali", YEAR)
    return world


async def test_an_agency_s_own_pack_is_listed_and_one_that_does_not_hold_together_is_told_and_opens_nothing(
    year: World, tmp_path: Path
) -> None:
    listed = (await year.get("/policies", "employee")).json()["items"]
    assert "dua-kali" in [item["id"] for item in listed]
    (tmp_path / "rusak.toml").write_text(TWICE_A_YEAR.replace("dua-kali", "rusak").replace("= 2", "= 4"), "utf-8")
    sound, year.rooms.shelf = year.rooms.shelf, Shelf(tmp_path)
    try:
        listed = (await year.get("/policies", "employee")).json()["items"]
        assert "rusak" not in [item["id"] for item in listed]
        asked = await year.get("/policies/rusak", "employee")
        assert (asked.status_code, asked.json()["code"]) == (409, "policy_faulty")
        made = await year.post("/cycles", "hr", {"policy": "rusak", "year": YEAR + 1, "name": "SKP"})
        assert (made.status_code, made.json()["code"]) == (409, "policy_faulty")
    finally:
        year.rooms.shelf = sound


async def told(year: World, who: Played, person: str, period: int) -> tuple[object, object]:
    body = (await year.get(f"/appraisals/{who.appraisal}/forms/midyear", person, period=period)).raise_for_status()
    return body.json()["status"], body.json()["return_comment"]


async def test_a_review_that_is_sent_back_leaves_the_review_of_the_period_before_as_it_was(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    at(year, APRIL)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    at(year, JULY)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "return_midyear", who.supervisor, {"comment": REASON})
    for person in (who.employee, who.supervisor):
        assert await told(year, who, person, 1) == ("submitted", None)
        assert await told(year, who, person, 2) == ("returned", REASON)
    forms = (await year.seen(who.appraisal))["forms"]
    assert isinstance(forms, dict)
    assert {slot: forms[slot]["status"] for slot in ("midyear.1", "midyear.2")} == {
        "midyear.1": "submitted",
        "midyear.2": "returned",
    }
