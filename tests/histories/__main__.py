"""Plays each ending once and stores its history: `python -m tests.histories EDITION`, once for each released edition.

Stored histories are never replaced: a new edition adds files of its own beside the old ones.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from deploy import engine, migrate, postgres
from tests.endings import ENDINGS, Played
from tests.world import World, opened_cycle, opened_world

FOLDER = Path(__file__).parent


async def store(edition: str) -> None:
    async with postgres.throwaway() as url, engine.throwaway(time_skipping=True) as address:
        await asyncio.to_thread(migrate.upgrade, url)
        with tempfile.TemporaryDirectory() as folder:
            async with opened_world(url, address, Path(folder)) as world:
                await opened_cycle(world)
                for name, play in ENDINGS.items():
                    await _store_one(world, edition, name, play)


async def _store_one(world: World, edition: str, name: str, play: object) -> None:
    assert callable(play)
    who = await Played.of(world, await world.next_clerk())
    await play(world, who)
    handle = world.client.get_workflow_handle(f"appraisal/{who.appraisal}/r1")
    await handle.result()
    history = await handle.fetch_history()
    file = FOLDER / f"{edition}.{name}.json"
    file.write_text(history.to_json() + "\n", encoding="utf-8")
    sys.stderr.write(f"{file.name}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(store(sys.argv[1]))
