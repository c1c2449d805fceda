"""DOMAIN 3.19: a unit that is hung elsewhere has the calendar and the label of where it hangs, and running years in it follow."""

from __future__ import annotations

import pytest

from tests.endings import Played, to_rating
from tests.workflow.people.changes import imported, named, row_of
from tests.world import YEAR, World


async def hang(world: World, nip: str, parent: str) -> dict[str, object]:
    """A file says that somebody's unit hangs below that one."""
    return await imported(world, await row_of(world, nip) | {"unit_induk": parent})


async def windows_of(world: World, cycle: object, unit: str, windows: dict[str, object]) -> None:
    shown = await world.get(f"/cycles/{cycle}", "hr")
    answer = await world.http.put(
        f"/api/v1/cycles/{cycle}/calendar",
        headers=world.headers("hr", **{"If-Match": shown.headers["ETag"]}),
        json={"unit": unit, "windows": windows, "reason": "Daerah bencana."},
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.case("3.19")
async def test_the_windows_of_where_a_unit_hangs_now_hold_at_once(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    unit, _ = await year.elsewhere(who.employee)
    await windows_of(year, cycle, unit, {"plan": {"due_at": f"{YEAR}-02-26", "closes_at": f"{YEAR}-03-05"}})
    before = await year.seen(who.appraisal)
    told = await hang(year, who.employee, unit)
    assert [one["unit"] for one in named(told, "unit_updated")] == [await year.unit_of(who.employee)]
    after = await year.seen(who.appraisal)
    assert str(before["due_at"])[:10] != f"{YEAR}-02-26"
    assert str(after["due_at"])[:10] == f"{YEAR}-02-26"
    row = await year.row(who.appraisal)
    assert str(row["due_at"])[:10] == f"{YEAR}-02-26", "lists say the same"
    events = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    assert "units_hung" in [event["action"] for event in events]


@pytest.mark.case("3.19")
async def test_a_result_that_waits_for_a_label_gets_that_of_where_its_unit_hangs_now(year: World, who: Played) -> None:
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    unit, _ = await year.elsewhere(who.employee)
    await to_rating(year, who)
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"
    (await year.label(cycle, unit, "baik")).raise_for_status()
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"
    await hang(year, who.employee, unit)
    assert (await year.leaves(who.appraisal, "calibration.waiting"))["state"] == "appeal.open"
