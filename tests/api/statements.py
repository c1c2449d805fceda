"""What a call costs the database, in statements: it should not grow with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.world import World


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that the api gives the database meanwhile."""
    given: list[str] = []
    engine = world.rooms.database.engine.sync_engine

    def given_one(*said: object) -> None:
        given.append(str(said[2]))

    event.listen(engine, "before_cursor_execute", given_one)
    try:
        yield given
    finally:
        event.remove(engine, "before_cursor_execute", given_one)
