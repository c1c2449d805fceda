"""A running cycle's pack in the state that a correction leaves it in, whoever is rated meanwhile: for tests of what is read afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from api.corrected_policy import CORRECT, KEEP
from tests.world import World

PACK = text("SELECT pack FROM cycle WHERE id = :cycle")


async def corrected(world: World, cycle: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Let the cycle go by another version of its pack from now on."""
    async with world.database.transaction() as connection:
        pack: dict[str, Any] = (await connection.execute(PACK, {"cycle": cycle})).scalar_one()
        change(pack)
        pack["version"] += 1
        await connection.execute(KEEP, {"cycle": cycle, "at": world.now})
        await connection.execute(CORRECT, {"cycle": cycle, "pack": json.dumps(pack)})
