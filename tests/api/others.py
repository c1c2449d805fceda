"""How others have their say, as the tests of it tell it: teams, the word of peers and leaders, and colleagues of somebody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
from sqlalchemy import text

from activities.facts import Facts
from tests.api.noting import MAY, at_work
from tests.endings import Played
from tests.world import YEAR, World

BESIDE = text(
    """
    SELECT p.nip FROM person p JOIN tenure t ON t.person_id = p.id JOIN person s ON s.id = t.supervisor_id
     WHERE (s.nip = :supervisor) = :beside AND p.nip <> ALL(:taken) AND NOT EXISTS (SELECT FROM tenure r WHERE r.supervisor_id = p.id)
       AND NOT EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id)
       AND NOT EXISTS (SELECT FROM acting x WHERE x.person_id = p.id)
     ORDER BY p.nip
    """
)
LISTENS = text(
    "UPDATE cycle SET pack = pack || CAST(:listens AS jsonb) WHERE id = :id",
)
SAID = "Selalu membantu menyelesaikan antrean."


async def listen(world: World, cycle: str) -> None:
    """Let a cycle that nobody has looked at yet ask for everything that others can say."""
    listens = {
        "feedback": {"peers": True, "team_leaders": True, "shown_min": 3, "shown": "with_result"},
        "public_input": {"open": True, "programmes": True, "per_address": 5, "waiting_max": 500},
    }
    async with world.database.transaction() as connection:
        await connection.execute(LISTENS, {"listens": json.dumps(listens), "id": cycle})
    world.rooms.facts = Facts()  # somebody may have looked all the same: a list of HR's asks every cycle


async def with_colleagues(world: World, least: int) -> Played:
    """Somebody with a plan in force, in May, beside whom so many work under the same supervisor."""
    for _ in range(30):
        who = await at_work(world)
        if len(await colleagues(world, who)) >= least:
            return who
    raise AssertionError("no supervisor has so many people")


async def colleagues(world: World, who: Played, *, beside: bool = True) -> list[str]:
    """NIPs of those who have the same supervisor, or else of those who have another; none stands above anybody."""
    asked = {"supervisor": who.supervisor, "beside": beside}
    async with world.database.transaction() as connection:
        found = await connection.execute(BESIDE, asked | {"taken": [who.employee, who.senior, *world.people.values()]})
        return list(found.scalars())


async def team(
    world: World, by: str, leader: str, members: Sequence[str], first: str = f"{YEAR}-03-01", **more: object
) -> httpx.Response:
    body = {"name": "Tim Layanan Terpadu", "leader": leader, "members": list(members), "from": first, **more}
    return await world.post("/teams", by, body)


async def tell(world: World, appraisal: str, who: str, said: object = SAID, **more: object) -> httpx.Response:
    return await world.post(f"/appraisals/{appraisal}/feedback", who, {"text": said, **more})


async def told(world: World, appraisal: str, who: str) -> list[dict[str, Any]]:
    """What this reader is told of what others said, of which a page is as its total says."""
    answer = await world.get(f"/appraisals/{appraisal}/feedback", who, limit=200)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    beside = (await world.get(f"/appraisals/{appraisal}/year-log", who)).raise_for_status().json()["feedback"]
    assert [one["id"] for one in beside] == [one["id"] for one in page["items"]], "it stands beside the rating form too"
    return list(page["items"])


async def may_tell(world: World, who: str) -> dict[str, dict[str, Any]]:
    """Of whom somebody may say something, by NIP."""
    world.now = max(world.now, MAY)
    page = (await world.get("/me/feedback", who, limit=200)).raise_for_status().json()
    return {one["employee"]["nip"]: one for one in page["items"]}


async def notices_of(world: World, who: str) -> list[str]:
    """The texts of the agency's that were written to somebody."""
    sql = "SELECT n.text FROM notice n JOIN person p ON p.id = n.person_id WHERE p.nip = :nip AND n.event_seq IS NULL ORDER BY n.at"
    async with world.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"nip": world.people.get(who, who)})).scalars())
