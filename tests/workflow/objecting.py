"""An objection on its way: filed and answered, and who may do what about it; also who acts in a vacant post meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import text

from activities.people import move_line
from tests.endings import Played
from tests.world import World


@asynccontextmanager
async def acting(year: World, nip: str, holder: str) -> AsyncIterator[None]:
    """While this runs, one is the Plt of another's post."""
    appoint = """INSERT INTO acting (person_id, acting_for, kind, valid_from)
                 SELECT e.id, s.id, 'plt', DATE '2020-01-01' FROM person e, person s WHERE e.nip = :nip AND s.nip = :holder"""
    async with year.database.transaction() as connection:
        await connection.execute(text(appoint), {"nip": nip, "holder": holder})
        await move_line(connection)
    try:
        yield
    finally:
        async with year.database.transaction() as connection:
            await connection.execute(text("DELETE FROM acting WHERE valid_from = DATE '2020-01-01'"))
            await move_line(connection)


async def appealed(year: World, who: Played) -> None:
    """The result seen, objected to, and answered."""
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)


async def actions(year: World, who: Played, nip: str) -> list[str]:
    """What somebody may do; nothing for who may not even look."""
    answer = await year.get(f"/appraisals/{who.appraisal}", nip)
    return list(answer.json()["actions"]) if answer.status_code == 200 else []


async def decider(year: World, who: Played) -> str:
    """The one person the decision waits on."""
    waits: Mapping[str, Mapping[str, str]] = (await year.seen(who.appraisal))["waiting_on"]  # type: ignore[assignment]
    assert waits["role"] == "appeal_authority"
    return waits["person"]["nip"]


async def led_by_another(year: World, who: Played) -> str:
    """Somebody elsewhere whom neither of her superiors leads, and not HR, who does not name herself; nobody else is given him."""
    while True:
        _, found = await year.elsewhere(who.employee)
        year.taken.append(found)
        above = await year.seen(await year.appraisal_of(found))
        led = above["supervisor"]["nip"] in (who.supervisor, who.senior)  # type: ignore[index]
        if not led and found != year.people["hr"]:
            return found
