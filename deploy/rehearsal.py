"""A throwaway stack in skipped time: the real parts, with one master clock for everybody.

Whoever acts is first brought to the master clock, so nobody ever acts in another's past. The api is called in process, over the
same HTTP as any program; the worker is the production one. Nothing of it outlives the block.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import httpx
from obstore.store import ObjectStore
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from activities.archive import open_store
from activities.deliver import Channels
from activities.rooms import build
from activities.roster import apply_roster
from api.app import create_app
from api.rooms import Rooms, TokenRules
from api.tokens import issue
from api.waiting import RecordWaiter
from deploy import engine, migrate, postgres
from deploy.demo import Row, personas, write_csv
from deploy.errors import OperatorError
from deploy.worker import build_worker
from models.database import Database
from models.roster import check_roster
from models.roster_file import read_table
from models.vocabulary import Zone
from models.workdays import local_day
from workflows import WORKFLOWS

API = "/api/v1"
OPENING_SECONDS = 120


@dataclass
class Rehearsal:
    """The api, the engine and the record of one simulated agency; `now` is the master clock."""

    database: Database
    skipper: TimeSkipper
    task_queue: str
    http: httpx.AsyncClient
    rooms: Rooms
    now: datetime
    worker: Worker | None
    """None where somebody else works on the queue."""
    make_worker: Callable[[], Worker]
    """Another worker like it, to take over when it was shut down."""
    people: Mapping[str, str] = field(default_factory=dict)
    """NIP by persona key."""
    _ahead: dict[str, timedelta] = field(default_factory=dict)
    """How far each workflow's clock is ahead of the machine's."""

    @property
    def client(self) -> Client:
        return self.skipper.client

    # ── the api ───────────────────────────────────────────────────────────────────────────────────────────────

    def headers(self, who: str, **more: str) -> dict[str, str]:
        """Of a persona (`hr`, `employee`, …) or a NIP."""
        token = issue(self.rooms.tokens, self.people.get(who, who), self.now)
        return {"Authorization": f"Bearer {token}", **more}

    async def get(self, path: str, who: str, **params: str | int) -> httpx.Response:
        return await self.http.get(API + path, headers=self.headers(who), params=params)

    async def put(self, path: str, who: str, body: object) -> httpx.Response:
        return await self.http.put(API + path, headers=self.headers(who), json=body)

    async def post(self, path: str, who: str, body: object = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(API + path, headers=self.headers(who, **sent), json=body)

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def forward(self, workflow: str) -> None:
        """Advance one workflow's own clock to the master clock; what was due on the way has happened when this returns."""
        clock = datetime.now(UTC) + self._ahead.get(workflow, timedelta(0))
        if self.now <= clock:
            return
        await self.skipper.fast_forward(self.client.get_workflow_handle(workflow), self.now - clock)
        self._ahead[workflow] = self.now - datetime.now(UTC)


Kind = TypeVar("Kind", bound=Rehearsal)


@contextlib.asynccontextmanager
async def throwaway() -> AsyncIterator[Rehearsal]:
    """A whole stack with an empty, migrated database."""
    with tempfile.TemporaryDirectory(prefix="siklus-year-", ignore_cleanup_errors=True) as name:
        async with postgres.throwaway() as url, engine.throwaway(time_skipping=True) as address:
            await asyncio.to_thread(migrate.upgrade, url)
            async with opened(Rehearsal, url, address, Path(name)) as rehearsal:
                yield rehearsal


@contextlib.asynccontextmanager
async def opened(
    kind: type[Kind],
    database_url: str,
    engine_address: str,
    folder: Path,
    *,
    channels: Channels | None = None,
    queue: str | None = None,
) -> AsyncIterator[Kind]:
    """Worker and api on servers that run already, with a task queue of their own.

    Both live in this process: on two cores they and the servers keep each other busy, and a process of its own for the worker
    would first have to load everything again. Given a `queue`, somebody else works on that one.
    """
    skipper = await skipping(engine_address)
    secret, store, database = secrets.token_hex(32), open_store(folder.as_uri()), Database(database_url)
    tasks = queue or f"rehearsal-{uuid4().hex[:12]}"

    def make_worker() -> Worker:
        return skipping_worker(skipper, database, tasks, store, channels or Channels())

    worker = make_worker() if queue is None else None
    rules = TokenRules(issuer="siklus-local", audience="siklus", nip_claim="nip", secret=secret)
    rooms = Rooms(
        database=database,
        engine=skipper.client,
        task_queue=tasks,
        tokens=rules,
        sessions=rules,
        local=True,
        archive=store,
        records=RecordWaiter(database_url),
    )

    async def make_rooms() -> Rooms:
        return rooms

    app = create_app(make_rooms, local=True)
    async with worker or contextlib.nullcontext(), app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://siklus") as http:
            rehearsal = kind(database, skipper, tasks, http, rooms, datetime.now(UTC), worker, make_worker)
            rooms.now = lambda: rehearsal.now
            yield rehearsal


async def skipping(engine_address: str) -> TimeSkipper:
    """A client whose workflows have clocks that are only advanced by hand."""
    bare = await Client.connect(engine_address, data_converter=pydantic_data_converter)
    return TimeSkipper(bare, config=TimeSkippingConfig(enabled=False))


def skipping_worker(
    skipper: TimeSkipper, database: Database, queue: str, store: ObjectStore, channels: Channels
) -> Worker:
    """The production worker, for workflows with skipped time."""
    return build_worker(
        skipper.client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=build(database, skipper.client, queue, store, channels),
        drain=timedelta(seconds=2),
    )


async def import_people(rehearsal: Rehearsal, rows: list[Row]) -> None:
    """A generated roster, through the door everybody's roster comes through; its personas become known by key."""
    checked, problems = check_roster(read_table("demo.csv", write_csv(rows)), {})
    if problems:
        raise OperatorError(f"the demo roster has {len(problems)} problems")
    async with rehearsal.database.transaction() as connection:
        await apply_roster(connection, checked, local_day(rehearsal.now, Zone.WIB), rehearsal.now)
    rehearsal.people = {persona["key"]: persona["nip"] for persona in personas(rows)}


async def hold_consultation(rehearsal: Rehearsal, cycle: str, days: int) -> None:
    """Put the criteria of a draft up for consultation, and let its days pass."""
    body = {"days": days, "purpose": "Penilaian yang adil dan dipahami semua pegawai."}
    begun = await rehearsal.post(f"/cycles/{cycle}/consultation", "hr", body)
    if begun.status_code != 201:
        raise OperatorError(f"the consultation was refused: {begun.text}")
    rehearsal.now += timedelta(days=days + 1)


async def open_cycle(rehearsal: Rehearsal, policy: str, year: int, **more: object) -> str:
    """A cycle for everybody, open, with everybody launched or excluded; its id.

    Where the pack asks for a consultation one is held before, so that the master clock is some days further.
    """
    made = await rehearsal.post("/cycles", "hr", {"policy": policy, "year": year, "name": f"SKP {year}", **more})
    if made.status_code != 201:
        raise OperatorError(f"the cycle was refused: {made.text}")
    cycle = str(made.json()["id"])
    asks = (await rehearsal.get(f"/cycles/{cycle}/policy", "hr")).raise_for_status().json()["participation"]
    if asks["consultation"]:
        await hold_consultation(rehearsal, cycle, asks["consultation_days_min"])
    answer = await rehearsal.post(f"/cycles/{cycle}/open", "hr")
    if answer.status_code != 202:
        raise OperatorError(f"the cycle was not opened: {answer.text}")
    deadline = time.monotonic() + OPENING_SECONDS
    while time.monotonic() < deadline:
        progress = (await rehearsal.get(f"/cycles/{cycle}/progress", "hr")).raise_for_status().json()
        if progress["pending"] == 0:
            return cycle
        await asyncio.sleep(0.05)
    raise OperatorError("the cycle was not launched in time")
