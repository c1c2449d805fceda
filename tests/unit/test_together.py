"""Many things done at once: where one goes wrong the others come to their end before anybody hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest
from structlog.testing import capture_logs

from api import telling
from api.rooms import Rooms


@dataclass
class Nudges:
    """A list of who is to be told, from which some cannot be struck off, and an engine that takes every signal."""

    ids: list[str]
    stuck: Mapping[str, Exception]
    """What striking one off raises, at once; the others take a while."""
    told: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)

    def rooms(self) -> Rooms:
        engine = SimpleNamespace(get_workflow_handle=lambda name: SimpleNamespace(signal=self._signal(name)))
        return cast(Rooms, SimpleNamespace(database=self, engine=engine, telling=asyncio.Lock()))

    def _signal(self, name: str) -> object:
        async def signal(*_: object, **__: object) -> None:
            self.told.append(name)

        return signal

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Nudges]:
        yield self

    async def execute(self, _: object, asked: Mapping[str, list[str]]) -> SimpleNamespace:
        for one in asked.get("ids", []):
            if one in self.stuck:
                raise self.stuck[one]
            await asyncio.sleep(0.05)
            self.struck.append(one)
        rows = [
            SimpleNamespace(appraisal_id=i, facts_revision=2, wake=None, revision=1, incarnation=0)
            for i in self.ids
            if i not in self.struck
        ]
        return SimpleNamespace(all=lambda: rows)


@pytest.fixture(autouse=True)
def pages_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PAGE", 1)


async def test_a_page_that_cannot_be_struck_off_leaves_no_other_running_unwatched() -> None:
    nudges, before = Nudges(["a", "b", "c"], {"a": ConnectionError("gone")}), asyncio.all_tasks()
    with pytest.raises(ConnectionError, match="gone"):
        await telling.tell_nudged(nudges.rooms())
    assert len(nudges.told) == 3
    assert nudges.struck == ["b", "c"]
    assert asyncio.all_tasks() == before


async def test_of_pages_that_go_wrong_together_the_first_is_raised_and_the_others_are_in_the_log() -> None:
    nudges = Nudges(["a", "b", "c"], {"a": ConnectionError("gone"), "c": OSError("full")})
    with capture_logs() as logged, pytest.raises(ConnectionError, match="gone"):
        await telling.tell_nudged(nudges.rooms())
    assert [(one["event"], one["error"]) for one in logged] == [("also_failed", "OSError")]


async def test_who_is_stopped_stops_all_that_it_had_begun() -> None:
    nudges, before = Nudges(["a", "b", "c"], {}), asyncio.all_tasks()
    going = asyncio.create_task(telling.tell_nudged(nudges.rooms()))
    await asyncio.sleep(0.01)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert nudges.struck == []
    assert asyncio.all_tasks() == before


async def test_who_is_being_told_is_not_told_by_another_meanwhile() -> None:
    nudges = Nudges(["a", "b", "c"], {})
    rooms = nudges.rooms()
    await asyncio.gather(telling.tell_nudged(rooms), telling.tell_nudged(rooms))
    assert sorted(nudges.told) == ["appraisal/a/r1", "appraisal/b/r1", "appraisal/c/r1"]
