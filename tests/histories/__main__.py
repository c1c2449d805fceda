"""Plays each ending once and stores its history: `python -m tests.histories EDITION`, once for each released edition.

Stored histories are never replaced: a new edition adds files of its own beside the old ones.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from activities.launch import workflow_id
from api.telling import programme_workflow_id
from deploy import engine, migrate, postgres
from tests.api.improving import slowly_improved
from tests.endings import ENDINGS, play
from tests.world import YEAR, World, open_cycle, opened_cycle, opened_world

FOLDER = Path(__file__).parent


async def store(edition: str) -> None:
    async with postgres.throwaway() as url, engine.throwaway(time_skipping=True) as address:
        await asyncio.to_thread(migrate.upgrade, url)
        with tempfile.TemporaryDirectory() as folder:
            async with opened_world(url, address, Path(folder)) as world:
                await opened_cycle(world)
                for ending in ENDINGS:
                    await _store_one(world, edition, ending, workflow_id(await play(world, ending)))
            await store_programme(edition, url, address, Path(folder))


async def store_programme(edition: str, url: str, address: str, folder: Path) -> None:
    """A programme to improve, with a checkpoint that nobody noted in time and a leave, to its confirmed end."""
    async with opened_world(url, address, folder) as world:
        await open_cycle(world, "kepahiang-bobot", YEAR)
        await _store_one(world, edition, "programme", programme_workflow_id(await slowly_improved(world)))


async def _store_one(world: World, edition: str, ending: str, name: str) -> None:
    handle = world.client.get_workflow_handle(name)
    await handle.result()
    history = await handle.fetch_history()
    file = FOLDER / f"{edition}.{ending}.json"
    kept = json.dumps(_anonymous(history.to_json_dict()), indent=None, separators=(",", ":"))
    file.write_text(kept + "\n", encoding="utf-8")
    sys.stderr.write(f"{file.name}: {len(history.events)} events\n")


def _anonymous(node: object) -> object:
    """Without the names of the processes and machines that played it."""
    if isinstance(node, dict):
        return {name: "siklus" if name == "identity" else _anonymous(value) for name, value in node.items()}
    return [_anonymous(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    asyncio.run(store(sys.argv[1]))
