"""A programme to improve under `kill -9` of its worker: it sleeps through it, and whatever comes is told once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path

import pytest

from deploy import engine
from deploy.supervisor import Child, supervised, until
from tests.api.improving import due, led, on, seen, weak
from tests.world import YEAR, World, open_cycle, opened_world

PEOPLE = 40
QUEUE = "programme"


def worker_of(records: Path) -> int:
    return int(json.loads((records / "worker.pid").read_text())["pid"])


async def killed(records: Path) -> None:
    """Kill the worker, and wait until another is in its place."""
    gone = worker_of(records)
    os.kill(gone, signal.SIGKILL)

    async def replaced() -> bool:
        try:
            return worker_of(records) != gone
        except (OSError, ValueError, KeyError):
            return False

    await asyncio.wait_for(until(replaced), 60)


def reminders(shown: dict[str, object]) -> list[str]:
    trail: list[dict[str, dict[str, str]]] = shown["trail"]  # type: ignore[assignment]
    return [f"{one['action']} {one['data']['step']}" for one in trail if str(one["action"]) in ("remind", "stall")]


@pytest.mark.timeout(300)
async def test_a_programme_outlives_its_worker_and_reminds_once(postgres_url: str, tmp_path: Path) -> None:
    async with engine.throwaway(time_skipping=True, durable=True) as address:
        async with opened_world(postgres_url, address, tmp_path, people=PEOPLE, queue=QUEUE) as world:
            url = world.database.engine.url.render_as_string(hide_password=False)
            words = ("-P", "-m", "tests.faults.skipping_worker", address, url, QUEUE, tmp_path.as_uri())
            child = Child(name="worker", command=(sys.executable, *words), log=tmp_path / "worker.log")
            async with supervised(tmp_path / "run", [child]):
                await played(world, tmp_path / "run")


async def played(world: World, records: Path) -> None:
    await open_cycle(world, "kepahiang-bobot", YEAR)
    programme, shown = await led(world, await weak(world))
    first = due(shown)["checkpoint.1"]
    await killed(records)
    shown = await on(world, programme, first)
    assert reminders(shown) == ["remind checkpoint.1"]
    await killed(records)
    shown = await on(world, programme, date.fromordinal(first.toordinal() + 14))
    assert reminders(shown) == ["remind checkpoint.1", "remind checkpoint.1", "stall checkpoint.1"]
    await killed(records)
    await on(world, programme, date.fromordinal(first.toordinal() + 15))
    assert reminders(await seen(world, programme)) == reminders(shown)
