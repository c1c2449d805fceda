"""A whole agency opened by one call and brought to one deadline, while the worker is killed: everybody once, every rung once.

The numbers of `/progress` are asked all the time, and each time everybody of the roster file is somewhere in them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.service import RPCError

from activities.launch import workflow_id
from deploy import engine
from deploy.rehearsal import Rehearsal, import_people, opened
from deploy.supervisor import Child, supervised
from deploy.year import roster
from models.appraisal import Timing
from models.vocabulary import EngineAction
from tests.world import YEAR, fresh_database

QUEUE = "scale"
AT_ONCE = 16
THE_DAY_AFTER = datetime(YEAR, 2, 2, 3, tzinfo=UTC)
"""Tuesday, 2 February 2027: the plans were due on Sunday, 31 January, and the first rung after that has come."""

OPENED = text("SELECT appraisal_id, count(*) AS times FROM event WHERE action = 'open' GROUP BY appraisal_id")
TIMED = text("SELECT id, timing FROM appraisal WHERE cycle_id = :cycle AND launch = 'launched' ORDER BY id")
RUNGS = text(
    "SELECT appraisal_id, data ->> 'rung' AS rung FROM event WHERE action = 'reach_rung' ORDER BY appraisal_id, seq"
)


@dataclass
class Agency:
    """One big agency, and the worker that is killed."""

    rehearsal: Rehearsal
    records: Path
    people: int
    """Of the roster file. They are in the cycle all at once, when it opens, and from then on."""
    supervised: int
    """Those of them who have somebody above them, and so a year."""
    cycle: str = ""
    opened: bool = False
    sums: int = 0
    wrong: list[object] = field(default_factory=list)

    async def progress(self) -> dict[str, int]:
        answer = await self.rehearsal.get(f"/cycles/{self.cycle}/progress", "hr")
        answer.raise_for_status()
        numbers = answer.json()
        placed = sum(numbers[part] for part in ("pending", "failed", "excluded")) + sum(numbers["by_state"].values())
        self.opened = self.opened or numbers["roster"] > 0
        everybody = (self.people, self.people, self.supervised) if self.opened else (0, 0, 0)
        if (numbers["roster"], placed, numbers["roster"] - numbers["excluded"]) != everybody:
            self.wrong.append(numbers)
        self.sums += 1
        return dict(numbers)

    async def watch(self) -> None:
        """Ask for the numbers for ever."""
        while True:
            await self.progress()
            await asyncio.sleep(0.25)

    async def kill_worker(self) -> None:
        """kill -9; its supervisor starts another."""
        record = self.records / "worker.pid"
        for _ in range(200):
            with suppress(OSError, ValueError, KeyError):
                os.kill(int(json.loads(record.read_text())["pid"]), signal.SIGKILL)
                return
            await asyncio.sleep(0.25)
        raise AssertionError("there is no worker to kill")

    async def until(self, done: Callable[[dict[str, int]], bool]) -> dict[str, int]:
        for _ in range(36_000):
            numbers = await self.progress()
            if done(numbers):
                return numbers
            await asyncio.sleep(0.05)
        raise AssertionError(numbers)

    async def rows(self, query: str | object, **asked: object) -> list[tuple[str, object]]:
        async with self.rehearsal.database.transaction() as connection:
            found = await connection.execute(query, asked)  # type: ignore[call-overload]
            return [tuple(row) for row in found]


@asynccontextmanager
async def opened_agency(postgres_url: str, folder: Path, people: int) -> AsyncIterator[Agency]:
    url = await fresh_database(postgres_url)
    async with engine.throwaway(time_skipping=True, durable=True) as address:
        command = (sys.executable, "-P", "-m", "tests.faults.skipping_worker", address, url, QUEUE, folder.as_uri())
        async with supervised(folder / "run", [Child(name="worker", command=command, log=folder / "worker.log")]):
            async with opened(Rehearsal, url, address, folder, queue=QUEUE) as rehearsal:
                rows = roster(people, 1, YEAR)
                await import_people(rehearsal, rows)
                yield Agency(rehearsal, folder / "run", len(rows), sum(bool(row["nip_atasan"]) for row in rows))


@pytest.mark.parametrize(
    "people",
    [
        pytest.param(300, marks=[pytest.mark.timeout(300)]),
        pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
)
async def test_everybody_is_launched_once_and_reminded_once_though_the_worker_is_killed(
    postgres_url: str, tmp_path: Path, people: int
) -> None:
    async with opened_agency(postgres_url, tmp_path, people) as agency:
        made = await agency.rehearsal.post(
            "/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "besar"}
        )
        agency.cycle = made.json()["id"]
        watching = asyncio.create_task(agency.watch())
        await launched_once(agency, people)
        await reminded_once(agency)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        assert not agency.wrong
        assert agency.sums > 10


async def launched_once(agency: Agency, people: int) -> None:
    answer = await agency.rehearsal.post(f"/cycles/{agency.cycle}/open", "hr")
    assert answer.status_code == 202, answer.text
    for part in (4, 2):
        await agency.until(lambda numbers, part=part: numbers["launched"] >= people // part)  # type: ignore[misc]
        await agency.kill_worker()
    numbers = await agency.until(lambda numbers: numbers["pending"] == 0)
    assert (numbers["launched"], numbers["failed"]) == (people, 0)
    assert {times for _, times in await agency.rows(OPENED)} == {1}
    running = await agency.rehearsal.client.count_workflows(
        "WorkflowType = 'AppraisalWorkflow' AND ExecutionStatus = 'Running'"
    )
    assert running.count == people


async def reminded_once(agency: Agency) -> None:
    """Bring everybody to the day after the deadline; the worker dies when half of them are on their way.

    In the ordinary suite a third of the agency: each of these clocks is moved by a call of its own.
    """
    rows = await agency.rows(TIMED, cycle=agency.cycle)
    timings = {name: Timing.model_validate(raw) for name, raw in (rows if len(rows) > 300 else rows[::3])}
    expected = {
        name: [m.key for m in t.moments if m.action is EngineAction.REACH_RUNG and m.wake <= THE_DAY_AFTER]
        for name, t in timings.items()
    }
    assert all(keys[-1] == "overdue+1" for keys in expected.values())
    agency.rehearsal.now = THE_DAY_AFTER
    gate, gone = asyncio.Semaphore(AT_ONCE), 0

    async def bring(name: str) -> None:
        nonlocal gone
        async with gate:
            gone += 1
            if gone == len(timings) // 2:
                await agency.kill_worker()
            for _ in range(20):
                try:
                    await agency.rehearsal.forward(workflow_id(name))
                    return
                except RPCError:  # nobody works on it just now
                    await asyncio.sleep(0.5)
            raise AssertionError(f"{name} did not come to {THE_DAY_AFTER}")

    await asyncio.gather(*(bring(name) for name in timings))
    for _ in range(600):
        reached: dict[str, list[str]] = defaultdict(list)
        for name, rung in await agency.rows(RUNGS):
            reached[name].append(str(rung))
        if sum(map(len, reached.values())) >= sum(map(len, expected.values())):
            break
        await asyncio.sleep(0.5)
    assert reached == expected
