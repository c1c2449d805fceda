"""How things are noted while a year runs, as the tests of it say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from deploy.rehearsal import API
from tests.endings import JANUARY, Played
from tests.world import YEAR, World

MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
DAY = f"{YEAR}-05-19"


async def at_work(world: World) -> Played:
    """The next clerk, with a plan in force; it is May."""
    world.now = JANUARY
    who = await Played.of(world, await world.next_clerk())
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    await world.pass_to(who.appraisal, MAY)
    return who


def entry(text: str = "Melayani pemohon.", **more: object) -> dict[str, object]:
    """An entry as a client makes it, with an id of its own."""
    return {"id": str(uuid4()), "day": DAY, "text": text, **more}


async def log(world: World, appraisal: str, who: str, *entries: object, **headers: str) -> httpx.Response:
    return await world.post(f"/appraisals/{appraisal}/log", who, {"entries": list(entries)}, **headers)


async def logged(world: World, appraisal: str, who: str, *entries: object) -> list[dict[str, Any]]:
    """The result of each, of a batch that was taken."""
    answer = await log(world, appraisal, who, *entries)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def read(world: World, appraisal: str, who: str, kind: str = "log", **params: str | int) -> list[dict[str, Any]]:
    """The items of a list, of all its pages."""
    items: list[dict[str, Any]] = []
    asked: dict[str, str | int] = {"limit": 200, **params}
    while True:
        answer = await world.get(f"/appraisals/{appraisal}/{kind}", who, **asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        assert len(items) <= page["total"]
        if page["next"] is None:
            return items
        asked["cursor"] = page["next"]


async def observe(world: World, appraisal: str, who: str, **said: object) -> httpx.Response:
    body = {"day": DAY, "text": "Menyelesaikan antrean sebelum waktunya.", **said}
    return await world.post(f"/appraisals/{appraisal}/observations", who, body)


async def hand_in(
    world: World,
    appraisal: str,
    who: str,
    name: str,
    data: bytes,
    about: Mapping[str, str] | None = None,
    **headers: str,
) -> httpx.Response:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return await world.http.post(
        f"{API}/appraisals/{appraisal}/evidence",
        headers=world.headers(who, **sent),
        files={"file": (name, data)},
        data=dict(about or {}),
    )


async def results_of(world: World, who: Played) -> list[str]:
    """The keys of what she planned."""
    shown = (await world.get(f"/appraisals/{who.appraisal}/year-log", who.employee)).raise_for_status().json()
    return [one["result"] for one in shown["results"] if one["title"] is not None]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]
