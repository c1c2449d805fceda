"""Years that stand at different places, so that a question about one of them finds something to answer."""

from __future__ import annotations

import asyncio

from tests.endings import JANUARY, Ending, Played, accepted, at, not_ratable, to_result
from tests.world import World


async def drafted(world: World, who: Played) -> None:
    at(world, JANUARY)
    await world.fill(who.appraisal, "plan", who.employee)


async def returned(world: World, who: Played) -> None:
    await drafted(world, who)
    await world.done(who.appraisal, "submit_plan", who.employee)
    await world.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Target belum terukur."})


async def suspended(world: World, who: Played) -> None:
    at(world, JANUARY)
    await world.done(who.appraisal, "suspend", "hr", {"reason": "Cuti besar."})


async def disputed(world: World, who: Played) -> None:
    at(world, JANUARY)
    await world.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Sudah pindah bagian."})


async def appealed(world: World, who: Played) -> None:
    await to_result(world, who)
    await world.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await world.fill(who.appraisal, "answer", who.supervisor)


async def reopened(world: World, who: Played) -> None:
    await accepted(world, who)
    wish = {"to": "rating.drafting", "reason": "Bukti baru.", "authority": "SK 12/2027"}
    for _ in range(200):  # a year is archived a moment after it ended
        answer = await world.post(f"/appraisals/{who.appraisal}/actions/reopen", "hr", wish)
        if answer.status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(answer.text)


PLACES: dict[str, Ending] = {
    "drafted": drafted,
    "returned": returned,
    "suspended": suspended,
    "disputed": disputed,
    "transferred": not_ratable,
    "appealed": appealed,
    "reopened": reopened,
}


async def stand_at(world: World, place: str) -> Played:
    """The next clerk's year, played until it stands there."""
    who = await Played.of(world, await world.next_clerk())
    await PLACES[place](world, who)
    return who
