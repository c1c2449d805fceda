"""Programmes to improve, begun and led through their months: for tests of more than one file, and for the history that is stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from api.telling import programme_workflow_id
from tests.api.following import WHY, decided, final, scored
from tests.endings import Played
from tests.world import World

GOALS = {"goals": ["Berkas selesai dalam tiga hari kerja.", "Tidak ada keluhan pemohon yang tidak dijawab."]}
BEHIND = {"progress": "behind", "note": "Tunggakan masih dua puluh berkas."}
ON_THE_WAY = {"progress": "on_the_way", "note": "Tunggakan tinggal tiga berkas."}
ENOUGH = {"outcome": "met", "reason": "Semua berkas tepat waktu sejak Juli."}
TOO_LITTLE = {"outcome": "not_met", "reason": "Tunggakan tidak berkurang."}


async def weak(year: World, rating: int = 65) -> Played:
    """Somebody whose year came to a result that a programme is proposed on."""
    return await final(year, scored(rating))


async def begun(year: World, who: Played) -> str:
    """Her programme, begun by the approval of what was proposed."""
    assert (await decided(year, who, "development_programme", "approve")).status_code == 200
    return await programme_of(year, who)


async def programme_of(year: World, who: Played) -> str:
    listed = (await year.get("/programmes", who.employee, open="true")).raise_for_status().json()
    [one] = listed["items"]
    return str(one["programme_id"])


async def seen(year: World, programme: str, who: str = "hr") -> dict[str, Any]:
    found: dict[str, Any] = (await year.get(f"/programmes/{programme}", who)).raise_for_status().json()
    return found


async def done(year: World, programme: str, what: str, who: str, body: object) -> dict[str, Any]:
    answer = await year.post(f"/programmes/{programme}/{what}", who, body)
    assert answer.status_code == 200, f"{what}: {answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


async def refused(year: World, programme: str, what: str, who: str, body: object) -> str:
    answer = await year.post(f"/programmes/{programme}/{what}", who, body)
    assert answer.status_code in (403, 404, 409), f"{what}: {answer.status_code} {answer.text}"
    return str(answer.json()["code"])


async def on(year: World, programme: str, day: date) -> dict[str, Any]:
    """Let time pass for a programme until noon of that day; how it stands then."""
    year.now = datetime.fromisoformat(f"{day}T05:00:00Z")
    await year.forward(programme_workflow_id(programme))
    return await seen(year, programme)


async def led(year: World, who: Played) -> tuple[str, dict[str, Any]]:
    """Her programme with its goals set."""
    programme = await begun(year, who)
    return programme, await done(year, programme, "goals", who.supervisor, GOALS)


async def to_its_end(year: World, who: Played, said: dict[str, str]) -> str:
    programme, shown = await led(year, who)
    await on(year, programme, date.fromisoformat(shown["until"]))
    await done(year, programme, "evaluation", who.supervisor, said)
    await done(year, programme, "confirmation", "hr", {"decision": "confirm", **WHY})
    return programme


def due(shown: dict[str, Any]) -> dict[str, date]:
    return {one["step"]: date.fromisoformat(one["due"]) for one in shown["steps"]}


async def slowly_improved(world: World) -> str:
    """One in which a checkpoint is late and a leave moves the rest, to its confirmed end."""
    who = await weak(world)
    programme, shown = await led(world, who)
    first = due(shown)["checkpoint.1"]
    await on(world, programme, first + timedelta(days=14))
    await done(world, programme, "checkpoints/1", who.supervisor, BEHIND)
    away = [(first + timedelta(days=days)).isoformat() for days in (20, 40)]
    await world.decided(who.employee, "leave", dict(zip(("from", "until"), away, strict=True)))
    shown = await on(world, programme, first + timedelta(days=45))
    await on(world, programme, due(shown)["checkpoint.2"])
    await done(world, programme, "checkpoints/2", who.supervisor, ON_THE_WAY)
    await on(world, programme, date.fromisoformat(shown["until"]))
    await done(world, programme, "evaluation", who.supervisor, ENOUGH)
    await done(world, programme, "confirmation", "hr", {"decision": "confirm", **WHY})
    return programme
