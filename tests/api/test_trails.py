"""Both trails of an appraisal, page by page, while others write."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import text

from tests.endings import JANUARY, Played, at
from tests.world import World

HOLD = text("SELECT id FROM appraisal WHERE id = :id FOR NO KEY UPDATE")


async def test_an_act_that_is_recorded_late_is_on_a_later_page_and_nothing_is_told_twice(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.fill(who.appraisal, "plan", who.employee)
    await year.bring(who.appraisal)
    path, cycle = f"/appraisals/{who.appraisal}/events", str((await year.row(who.appraisal))["cycle_id"])
    async with year.database.transaction() as connection:
        await connection.execute(HOLD, {"id": who.appraisal})
        late = await year.post(f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, {})
        assert late.status_code == 202
        year.now += timedelta(hours=1)
        elsewhere = "PKM-01" if await year.unit_of(who.employee) != "PKM-01" else "SDN-001"
        for label in ("kurang", "istimewa"):  # of another unit: one of hers would wait for the row that is held
            (await year.label(cycle, elsewhere, label)).raise_for_status()
        total = (await year.get(path, "hr", limit=200)).json()["total"]
        first = (await year.get(path, "hr", limit=total - 1)).json()
    for _ in range(200):
        if "recall_plan" in (await year.seen(who.appraisal, who.employee))["actions"]:  # type: ignore[operator]
            break
        await asyncio.sleep(0.05)
    rest = (await year.get(path, "hr", limit=200, cursor=first["next"])).json()
    told = [(event["source"], event["seq"]) for event in first["items"] + rest["items"]]
    whole = [(event["source"], event["seq"]) for event in (await year.get(path, "hr", limit=200)).json()["items"]]
    assert sorted(told) == sorted(whole)
    assert ("appraisal", 2) in told
