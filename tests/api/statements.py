"""What a call costs the database, in statements: it should not grow with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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


@contextmanager
def read_of(world: World, words: str) -> Iterator[list[int]]:
    """How many rows each statement of the api with these words in it brings meanwhile."""
    rows: list[int] = []
    engine = world.rooms.database.engine.sync_engine

    def given_one(*said: Any) -> None:
        if words in said[2]:
            rows.append(said[1].rowcount)

    event.listen(engine, "after_cursor_execute", given_one)
    try:
        yield rows
    finally:
        event.remove(engine, "after_cursor_execute", given_one)
