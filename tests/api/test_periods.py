"""A year with more than one review: each period's form is told as its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import pytest_asyncio

from api import cycles
from models.policy import PolicyPack
from models.shelf import load
from tests.endings import JANUARY, JULY, Played, at
from tests.world import YEAR, World, opened_cycle

PEOPLE = 24
APRIL = datetime(YEAR, 4, 6, 3, tzinfo=UTC)
REASON = "Bukti belum ada."


def twice_a_year(pack_id: str) -> PolicyPack:
    """The pack with a review in April before the one in July."""
    changed = load(pack_id).model_dump(mode="json")
    changed["stages"]["midyear_periods"] = 2
    july = changed["calendar"]["midyear.1"]
    april = {name: {**day, "month": day["month"] - 3, "day": min(day["day"], 30)} for name, day in july.items()}
    changed["calendar"] |= {"midyear.1": april, "midyear.2": july}
    return PolicyPack.model_validate(changed)


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cycles, "load", twice_a_year)
        await opened_cycle(world)
    return world


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
