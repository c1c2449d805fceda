"""A cycle as another program hears of it, from its opening to the end of somebody's year; and who hears that one could not be told."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from activities.hooks import HookEndpoint, HookSender
from deploy.errors import OperatorError
from deploy.settings import Settings
from deploy.webhooks_command import webhooks
from models.hooks import keys_of
from tests.api.following import final
from tests.endings import JANUARY, at
from tests.outside import Outside, outside, says
from tests.world import World, opened_cycle

PEOPLE = 40
SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()
AGAIN = {"to": "rating.drafting", "reason": "Data keliru.", "authority": "SK Bupati 12"}


@asynccontextmanager
async def listening(world: World, name: str) -> AsyncIterator[tuple[HookSender, Outside]]:
    """An endpoint of that name from now on, which takes everything."""
    async with outside(says(204)) as other:
        endpoint = HookEndpoint(name, f"http://127.0.0.1:{other.port}/", keys_of(SECRET), seconds=2)
        sender = HookSender(world.database, (endpoint,), clock=lambda: world.now)
        await sender.drain()
        yield sender, other
    async with world.database.transaction() as connection:
        await connection.execute(text("DELETE FROM hook_endpoint WHERE name = :name"), {"name": name})


async def listed(world: World, cycle: str, reader: str = "hr") -> dict[str, tuple[str, list[str]]]:
    items = (await world.get(f"/cycles/{cycle}/worklist", reader, limit=200)).json()["items"]
    return {one["code"]: (one["message"], one["actions"]) for one in items if one["code"].startswith("hooks")}


async def test_another_program_hears_a_cycle_from_its_opening_and_a_year_to_its_end_and_over_again(
    world: World,
) -> None:
    async with listening(world, "payroll") as (sender, other):
        at(world, JANUARY)
        cycle = await opened_cycle(world)
        (await world.label(cycle, await world.root_unit(), "baik")).raise_for_status()
        (await world.label(cycle, await world.root_unit(), "istimewa")).raise_for_status()
        who = await final(world, {})
        await world.done(who.appraisal, "reopen", "hr", AGAIN)
        (await world.post(f"/cycles/{cycle}/close", "hr")).raise_for_status()
        await sender.drain()
        told = [one.record for one in other.asked]
        of_cycle = [one for one in told if one["appraisal_id"] is None]
        assert [one["type"] for one in of_cycle] == ["cycle.opened", "label.set", "label.set", "cycle.closing"]
        assert {one["cycle"] for one in told} == {cycle}
        hers = [one for one in told if one["appraisal_id"] == who.appraisal]
        trail = (await world.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
        moved = [one for one in trail if one["source"] == "appraisal" and one["from"] != one["to"]]
        assert [one["seq"] for one in hers] == [one["seq"] for one in moved]
        assert [one["type"] for one in hers][-2:] == ["appraisal.final", "appraisal.reopened"]
        assert {one["type"] for one in hers[:-2]} == {"appraisal.state_changed"}
        launched = {one["appraisal_id"] for one in told if one["type"] == "appraisal.state_changed"}
        assert len(launched) == (await world.get(f"/cycles/{cycle}/progress", "hr")).json()["launched"]
        said = " ".join(one.body for one in other.asked)
        async with world.database.transaction() as connection:
            people = (await connection.execute(text("SELECT id, nip, name FROM person"))).all()
        assert not [word for row in people for word in row if word in said]


async def test_hr_hears_of_whom_nothing_reaches_for_an_hour_and_an_operator_of_whoever_wants_no_more(
    world: World,
) -> None:
    async with listening(world, "archive") as (sender, other):
        cycle = await opened_cycle(world)
        other.always = says(500, "[/oops")
        await sender.drain()
        assert await listed(world, cycle) == {}
        world.now += timedelta(hours=2)
        message, actions = (await listed(world, cycle))["hooks_waiting"]
        assert ("HTTP 500 [/oops" in message, "archive: " in message, actions) == (True, True, [])
        other.always = says(410)
        await sender.drain()
        assert set(await listed(world, cycle)) == {"hooks_off"}
        settings = Settings(database_url=world.database.engine.url.render_as_string(hide_password=False))
        [shown] = await webhooks(settings, on=None, forget=None)
        assert (shown["name"], shown["off_at"] is None) == ("archive", False)
        assert shown["last_error"] == "HTTP 410"
        await webhooks(settings, on="archive", forget=None)
        other.always = says(204)
        world.now += timedelta(minutes=10)
        assert set(await sender.drain()) == {"sent"}
        assert await listed(world, cycle) == {}
        assert await webhooks(settings, on=None, forget="archive") == []
        for wish in ({"on": "archive", "forget": None}, {"on": None, "forget": "archive"}):
            with pytest.raises(OperatorError, match="no endpoint archive"):
                await webhooks(settings, **wish)
