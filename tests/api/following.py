"""Years played to their final result, and what is read and decided of what follows: for tests of more than one file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from tests.api.test_regional_years import attended, laid_over, planned
from tests.endings import DECEMBER, JANUARY, JULY, Played, at
from tests.world import YEAR, World, open_cycle

WHY = {"reason": "Sesuai kebutuhan unit kerja."}


def scored(score: int, levels: Mapping[str, int] | None = None, every: int = 5) -> dict[str, Any]:
    """A rating of Kepahiang in which every figure is this one, and every competency at `every` but those named."""
    named = {name: {"level": level} for name, level in (levels or {}).items()}
    figures = {"*": {"score": score}}
    competencies = {"*": {"level": every}} | named
    return {"results": figures, "process": figures, "behaviours": figures, "competencies": competencies}


async def final(
    world: World, rating: dict[str, Any], nip: str | None = None, plan: dict[str, Any] | None = None
) -> Played:
    """Somebody's year to its end, accepted."""
    who = await planned(world, plan or {}, nip)
    await rated(world, who, rating)
    return who


async def rated(world: World, who: Played, rating: dict[str, Any], attendance: int | None = None) -> None:
    """From the rating to the end."""
    if attendance is not None:
        await attended(world, who, attendance)
    written = await laid_over(world, who.supervisor, who.appraisal, "rating", rating)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    await world.done(who.appraisal, "accept_result", who.employee)
    await world.leaves(who.appraisal, "finalisation.running")


async def second_cycle(world: World, policy: str) -> str:
    """The same agency's next year by the same pack; its id."""
    at(world, JANUARY + timedelta(days=365))
    return await open_cycle(world, policy, YEAR + 1)


async def history_of(world: World, nip: str, reader: str | None = None) -> dict[str, Any]:
    """What `GET /people/{nip}/history` answers."""
    found: dict[str, Any] = (await world.get(f"/people/{nip}/history", reader or nip)).raise_for_status().json()
    return found


async def next_year(world: World, who: Played, plan: dict[str, Any] | None = None) -> Played:
    """The same person in the cycle after, until she may be rated."""
    hers = await year_of(world, who.employee, YEAR + 1)
    for instant in (JANUARY, JULY, DECEMBER):
        at(world, instant + timedelta(days=365))
        await world.bring(hers.appraisal)
        if instant is JANUARY:
            written = await laid_over(world, hers.employee, hers.appraisal, "plan", plan or {})
            await world.send(hers.appraisal, "plan", "submit_plan", hers.employee, written)
            await world.done(hers.appraisal, "approve_plan", hers.supervisor)
        elif instant is JULY:
            await world.send(hers.appraisal, "midyear", "submit_midyear", hers.employee)
            await world.done(hers.appraisal, "complete_midyear", hers.supervisor)
    if (await world.row(hers.appraisal))["state"] == "self_assessment.drafting":
        await world.send(hers.appraisal, "self_assessment", "submit_self_assessment", hers.employee)
    return hers


async def year_of(world: World, nip: str, year: int) -> Played:
    """Who is who in somebody's appraisal of that year."""
    years = (await world.get(f"/people/{nip}", "hr")).raise_for_status().json()["appraisals"]
    [appraisal] = [one["id"] for one in years if one["year"] == year]
    seen: Any = await world.seen(appraisal)
    nips = [str(seen[name]["nip"]) for name in ("employee", "supervisor", "senior_supervisor")]
    return Played(appraisal, *nips)


async def follow_ups(world: World, who: Played, reader: str | None = None) -> dict[str, Any]:
    """What `GET /appraisals/{id}/follow-ups` answers."""
    answer = await world.get(f"/appraisals/{who.appraisal}/follow-ups", reader or who.employee)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def proposed(world: World, who: Played, reader: str | None = None) -> dict[str, dict[str, Any]]:
    """What is proposed or decided, by kind."""
    return {one["kind"]: one for one in (await follow_ups(world, who, reader))["items"]}


async def decided(world: World, who: Played, kind: str, decision: str, by: str = "hr", **more: Any) -> httpx.Response:
    body = {"decision": decision, **WHY, **more}
    return await world.post(f"/appraisals/{who.appraisal}/follow-ups/{kind}", by, body)
