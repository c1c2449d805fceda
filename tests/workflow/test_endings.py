"""Each way a year ends, on the real engine with skipped time, a real database and the api."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from activities.record import event_of
from models.folding import replay
from models.trail import breaks
from tests.endings import ENDINGS, play
from tests.world import World


async def done(world: World, appraisal: str) -> dict[str, object]:
    """The row once the archive is recorded too: a cancelled year is done before it is archived."""
    for _ in range(400):
        if (await world.actions_of(appraisal))[-1] == "archive":
            return dict(await world.row(appraisal))
        await asyncio.sleep(0.05)
    raise AssertionError(f"{appraisal} was not archived: {(await world.row(appraisal))['state']}")


@pytest.mark.capability("D08")
@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_year_ends_and_is_archived(year: World, ending: str) -> None:
    appraisal = await play(year, ending)
    row = await done(year, appraisal)
    assert row["ending"] == ending
    assert (row["outcome_id"] is None) == (ending in ("cancelled", "not_ratable"))
    async with year.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT * FROM event WHERE appraisal_id = :id ORDER BY seq"), {"id": appraisal}
        )
        events = [event_of(r) for r in rows.mappings()]
    assert not breaks(events)
    assert replay(events).model_dump(mode="json", exclude_none=True) == row["snapshot"]
