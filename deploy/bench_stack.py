"""The stack of a measurement and what is done on it: the processes of `siklus run` on a throwaway home, plus the bare worker.

A round of ours and the bare round after it do the same number of things, so many at once, from a client process of their own.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
from sqlalchemy import text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

from activities.launch import workflow_id
from deploy import bench_bare, stack, wiring
from deploy.bench_cost import Seconds
from deploy.bench_load import Acts, Measured, NotMeasuredError, Starts, Updates, from_outside
from deploy.demo import personas, write_csv
from deploy.demo_cycle import POLICY
from deploy.home import Home, free_port
from deploy.settings import Mode, Settings
from deploy.supervisor import Child, supervised
from deploy.token import issue
from deploy.year import roster
from models.database import Database

T = TypeVar("T")

AT_ONCE = 16
LOOK_EVERY_SECONDS = 0.2
PATIENCE_SECONDS = 480
ASLEEP = (EventType.EVENT_TYPE_TIMER_STARTED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
"""The last event of a workflow that waits and has nothing under way."""

ACTORS = text(
    """
    SELECT a.id, p.nip FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE a.cycle_id = :cycle AND a.launch = 'launched'
       AND EXISTS (SELECT FROM tenure t WHERE t.person_id = p.id AND t.supervisor_id IS NOT NULL)
     ORDER BY p.nip LIMIT :most
    """
)
LAUNCHED = text("SELECT id FROM appraisal WHERE cycle_id = :cycle AND launch = 'launched'")


@dataclass(frozen=True)
class Size:
    """How much is done: people of the agency, acts of a round at once and one by one, rounds of acts, launches, moves.

    `listed` people stand in the database of the lists. Of `moves` there are as many extensions, and as many deadlines brought forward,
    as it says.
    """

    people: int = 2000
    at_once: int = 300
    one_by_one: int = 100
    rounds: int = 3
    launches: int = 2
    moves: int = 5
    listed: int = 10_000


@dataclass
class Figures:
    """Seconds: of each round at once, of each launch and each move of a calendar, and of every single act one by one."""

    at_once: list[float] = field(default_factory=list)
    launch: list[float] = field(default_factory=list)
    one_by_one: list[float] = field(default_factory=list)
    extend: list[float] = field(default_factory=list)
    bring_forward: list[float] = field(default_factory=list)
    spent: list[Seconds] = field(default_factory=list)
    """Processor time of each round at once."""


@dataclass
class Rounds:
    ours: Figures = field(default_factory=Figures)
    bare: Figures = field(default_factory=Figures)


Actor = tuple[str, str]
"""An appraisal and the bearer token of its employee."""


@dataclass
class Bench:
    """A running stack."""

    settings: Settings
    http: httpx.AsyncClient
    """The HR officer's."""
    engine: Client
    database: Database
    records: Path
    """Of the processes that run."""

    async def launch(self, rounds: Rounds, year: int, say: Callable[[str], None], **more: object) -> str:
        """Open a cycle until the last one sleeps, then as many bare ones until the last is done; the cycle's id."""
        say(f"Opening the cycle of {year} …")
        made = ok(await self.http.post("/cycles", json={"policy": POLICY, "year": year, "name": "bench", **more}))
        cycle = str(made.json()["id"])
        began = datetime.now(UTC)
        ok(await self.http.post(f"/cycles/{cycle}/open"))
        await until(lambda: self._launched(cycle), f"the cycle of {year} was not launched")
        async with self.database.transaction() as connection:
            launched = (await connection.execute(LAUNCHED, {"cycle": cycle})).scalars().all()
        asleep = await side_by_side([self._asleep_since(workflow_id(appraisal)) for appraisal in launched])
        rounds.ours.launch.append((max(asleep) - began).total_seconds())

        prefix = f"launch-{year}"
        starts = Starts(
            address=self.engine_address,
            type=bench_bare.BareLaunch.__name__,
            task_queue=bench_bare.TASK_QUEUE,
            workflows=[f"{prefix}-{number}" for number in range(len(launched))],
            clients=AT_ONCE,
        )
        began = (await from_outside(starts)).began
        query = f"WorkflowId STARTS_WITH '{prefix}' AND ExecutionStatus = 'Completed'"

        async def done() -> bool:
            return (await self.engine.count_workflows(query)).count == len(launched)

        await until(done, "the bare workflows were not done")
        closed = [run.close_time async for run in self.engine.list_workflows(query)]
        rounds.bare.launch.append((max(at for at in closed if at is not None) - began).total_seconds())
        return cycle

    async def _launched(self, cycle: str) -> bool:
        progress = ok(await self.http.get(f"/cycles/{cycle}/progress")).json()
        if progress["failed"]:
            raise NotMeasuredError(f"{progress['failed']} launches failed")
        return bool(progress["pending"] == 0)

    async def _asleep_since(self, workflow: str) -> datetime:
        """When the engine wrote that this one has nothing more to do; waits for it."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self.engine.namespace, execution=WorkflowExecution(workflow_id=workflow), maximum_page_size=1
        )
        while True:
            answer = await self.engine.workflow_service.get_workflow_execution_history_reverse(request)
            last = answer.history.events[0]
            if last.event_type in ASLEEP:
                return last.event_time.ToDatetime(tzinfo=UTC)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def prepare(self, cycle: str, most: int) -> list[Actor]:
        """People with a supervisor, each with a whole plan as a draft; and as many bare workflows, open and cached."""
        async with self.database.transaction() as connection:
            rows = (await connection.execute(ACTORS, {"cycle": cycle, "most": most})).all()
        if len(rows) < most:
            raise NotMeasuredError(f"only {len(rows)} of {most} people have a year to act on")
        actors = [(str(row.id), issue(self.settings, row.nip)) for row in rows]
        await side_by_side([self._save_plan(actor) for actor in actors])
        starts = Starts(
            address=self.engine_address,
            type=bench_bare.BareYear.__name__,
            task_queue=bench_bare.TASK_QUEUE,
            workflows=[f"year-{number}" for number in range(most)],
            clients=AT_ONCE,
        )
        await from_outside(starts)
        return actors

    async def _save_plan(self, actor: Actor) -> None:
        appraisal, token = actor
        path, headers = f"/appraisals/{appraisal}/forms/plan", {"Authorization": f"Bearer {token}"}
        example = ok(await self.http.get(path, headers=headers)).json()["schema"]["examples"][0]
        ok(await self.http.put(path, headers=headers, json={"data": example}))

    async def act(self, action: str, actors: Sequence[Actor], clients: int) -> Measured:
        base = f"http://{self.settings.host}:{self.settings.port}"
        return await from_outside(Acts(base_url=base, action=action, who=list(actors), clients=clients))

    async def update(self, count: int, clients: int) -> Measured:
        workflows = [f"year-{number}" for number in range(count)]
        return await from_outside(Updates(address=self.engine_address, workflows=workflows, clients=clients))

    @property
    def engine_address(self) -> str:
        return self.settings.engine_address or ""


async def until(done: Callable[[], Awaitable[bool]], otherwise: str, *, every: float = LOOK_EVERY_SECONDS) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await done():
        if time.monotonic() > deadline:
            raise NotMeasuredError(otherwise)
        await asyncio.sleep(every)


async def side_by_side(work: Sequence[Awaitable[T]]) -> list[T]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(step: Awaitable[T]) -> T:
        async with gate:
            return await step

    return await asyncio.gather(*(one(step) for step in work))


def ok(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise NotMeasuredError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer


@asynccontextmanager
async def running(size: Size) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="siklus-bench-", ignore_cleanup_errors=True) as name:
        wish = Settings(
            home=Path(name) / "home", mode=Mode.LOCAL, port=free_port(), database_url=None, engine_address=None
        )
        home = Home(wish.home)
        home.create()
        settings = stack.choose(home, wish)
        children = [*stack.stores(home, settings), *stack.processes(settings), _bare_worker(settings)]
        async with supervised(home.run, [_quiet(child, home) for child in children]):
            people, file = roster(size.people, 1, datetime.now(UTC).year), home.root / "people.csv"
            file.write_bytes(write_csv(people))
            await wiring.import_roster(settings, file, dry_run=False)
            hr = next(persona["nip"] for persona in personas(people) if persona["key"] == "hr")
            base = f"http://{settings.host}:{settings.port}/api/v1"
            headers = {"Authorization": f"Bearer {issue(settings, hr)}"}
            database = Database(settings.database_url or "", pool_size=1)
            try:
                async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as http:
                    engine = await Client.connect(settings.engine_address or "")
                    yield Bench(settings, http, engine, database, home.run)
            finally:
                await database.close()


def _bare_worker(settings: Settings) -> Child:
    command = (sys.executable, "-P", "-m", "deploy.bench_bare", settings.engine_address or "")
    return Child(name="bare", command=command, needs=("engine",))


def _quiet(child: Child, home: Home) -> Child:
    """Logs go to the home, and no notice leaves this machine, whatever the environment says."""
    silent = {"SIKLUS_APPRISE_URLS": "", "SIKLUS_MAIL_URL": ""}
    return replace(child, log=child.log or home.logs / f"{child.name}.log", environment={**child.environment, **silent})
