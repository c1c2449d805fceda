"""A health office whose criteria are talked about, by a pack of the agency's own, and the calls of those who talk."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.cycle_trail import CycleEvent
from models.shelf import Shelf
from models.trail import GENESIS
from tests.api.noting import refused
from tests.world import YEAR, World

DAYS = 10
PURPOSE = "Agar setiap pegawai tahu apa yang diharapkan dan memperoleh pelatihan yang sesuai."
KEY = "criteria.behaviour.akuntabel"
LISTENING = """
extends = "permenpanrb-6-2022"
id = "kami-mendengar"
version = 3
source = "Peraturan Wali Kota 1/2027"
title = { id = "Kriteria yang dibicarakan", en = "Criteria that are talked about" }
[participation]
consultation = true
consultation_days_min = 10
"""
"""A pack of the agency's own."""
NOW = datetime(YEAR - 1, 12, 1, 3, tzinfo=UTC)
LAST_DAY = f"{YEAR - 1}-12-11"
UNIT = "DINKES"
YEARS = itertools.count(YEAR + 2)
"""Of what is never opened."""
OFFICERS = ("hr", "auditor", "pyb")
Body = dict[str, Any]


@dataclass(frozen=True)
class Staff:
    """Of the health office, by NIP, and of elsewhere; none of them has a role."""

    inside: Sequence[str]
    outside: Sequence[str]


@pytest_asyncio.fixture(scope="module")
async def listening(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    own = tmp_path_factory.mktemp("policies")
    (own / "kami-mendengar.toml").write_text(LISTENING, encoding="utf-8")
    world.rooms.shelf = Shelf(own)
    return world


@pytest.fixture
def agency(listening: World) -> World:
    listening.now = NOW
    return listening


@pytest_asyncio.fixture(scope="module")
async def staff(listening: World) -> Staff:
    sql = "SELECT p.nip FROM person p WHERE EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id)"
    async with listening.database.transaction() as connection:
        officers = set((await connection.execute(text(sql))).scalars())
    inside = [one["nip"] for one in (await listening.get("/people", "hr", unit=UNIT, limit=200)).json()["items"]]
    everybody = [one["nip"] for one in (await listening.get("/people", "hr", limit=200)).json()["items"]]
    return Staff(
        [nip for nip in inside if nip not in officers],
        [nip for nip in everybody if nip not in officers and nip not in inside],
    )


async def draft(world: World, policy: str = "kami-mendengar", year: int | None = None) -> str:
    """A draft for the health office, of a year of its own; its path."""
    body = {"policy": policy, "year": year or next(YEARS), "name": "Penilaian", "units": [UNIT]}
    made = await world.post("/cycles", "hr", body)
    assert made.status_code == 201, made.text
    return f"/cycles/{made.json()['id']}"


async def begin(world: World, cycle: str, who: str = "hr", **said: object) -> httpx.Response:
    return await world.post(f"{cycle}/consultation", who, {"days": DAYS, "purpose": PURPOSE, **said})


async def consulted(world: World, policy: str = "kami-mendengar") -> str:
    """A draft whose criteria are up for consultation; its path."""
    cycle = await draft(world, policy)
    answer = await begin(world, cycle)
    assert answer.status_code == 201, answer.text
    return cycle


async def say(
    world: World, cycle: str, who: str, said: object = "Terlalu banyak butir.", **more: object
) -> httpx.Response:
    return await world.post(f"{cycle}/consultation/comments", who, {"text": said, **more})


async def comment(world: World, cycle: str, who: str, said: str = "Terlalu banyak butir.", **more: object) -> Body:
    answer = await say(world, cycle, who, said, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(
    world: World, cycle: str, number: int, who: str, said: str = "Terlalu sedikit butir.", **headers: str
) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/api/v1{cycle}/consultation/comments/{number}"
    return await world.http.put(path, headers=world.headers(who, **sent), json={"text": said})


async def answer(
    world: World, cycle: str, number: int, who: str = "hr", if_match: str | None = None, **said: object
) -> httpx.Response:
    body = {"answer": "taken_up", "reason": "Dua butir digabung.", **said}
    headers = world.headers(who, **({"If-Match": if_match} if if_match else {}))
    path = f"/api/v1{cycle}/consultation/comments/{number}/answer"
    return await world.http.put(path, headers=headers, json={k: v for k, v in body.items() if v is not None})


async def read(world: World, cycle: str, who: str, **asked: str | int) -> list[Body]:
    page = (await world.get(f"{cycle}/consultation/comments", who, limit=200, **asked)).raise_for_status().json()
    assert page["total"] == len(page["items"])
    return list(page["items"])


async def checked(world: World, cycle: str) -> tuple[list[str], list[str]]:
    """What blocks, and what is only warned of, as far as it is about being heard."""
    found = (await world.post(f"{cycle}/check", "hr")).raise_for_status().json()
    ours = ("consultation_not_held", "consultation_not_over", "comments_unanswered")
    blockers, warnings = (
        [one["code"] for one in found[kind] if one["code"] in ours] for kind in ("blockers", "warnings")
    )
    return blockers, warnings


async def blockers(world: World, cycle: str) -> list[str]:
    found = await world.post(f"{cycle}/open", "hr")
    assert refused(found) == (409, "cycle_blocked"), found.text
    assert all(one["message"] for one in found.json()["blockers"])
    return [str(one["code"]) for one in found.json()["blockers"]]


async def trail(world: World, cycle: str) -> list[Mapping[str, Any]]:
    sql = """SELECT e.*, t.body AS said FROM cycle_event e LEFT JOIN text t ON t.id = e.reason_id
              WHERE e.cycle_id = :cycle ORDER BY e.seq"""
    async with world.database.transaction() as connection:
        found = await connection.execute(text(sql), {"cycle": cycle.rpartition("/")[2]})
        return [dict(row) for row in found.mappings()]


async def proven(world: World, cycle: str) -> list[Mapping[str, Any]]:
    """The trail, every link of which holds."""
    events, link = await trail(world, cycle), GENESIS
    for event in events:
        chained = CycleEvent(**{name: event[name] for name in CycleEvent.model_fields})
        assert (chained.previous_hash, chained.own_hash()) == (link, chained.hash)
        link = chained.hash
    return events


async def told(world: World, cycle: str, key: str) -> dict[str, Mapping[str, Any]]:
    """Who is told of it, by NIP."""
    sql = """SELECT p.nip, n.at_once, n.state, n.last_error FROM notice n JOIN person p ON p.id = n.person_id
              WHERE n.cycle_id = :cycle AND n.text = :key"""
    async with world.database.transaction() as connection:
        rows = await connection.execute(text(sql), {"cycle": cycle.rpartition("/")[2], "key": key})
        return {row["nip"]: dict(row) for row in rows.mappings()}
