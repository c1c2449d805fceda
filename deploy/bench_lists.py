"""The inbox, the progress and the pages of a cycle at many rows, against the barest queries of the same: no engine, one database.

Run as a process of its own with the number of people on its input, it prints what was measured as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from pydantic import BaseModel
from sqlalchemy import Engine, event, text

from api.app import create_app
from api.problems import Problem
from api.rooms import Rooms, TokenRules
from api.tokens import issue
from deploy import migrate, postgres
from deploy.bench_pages import Opened, heaviest
from deploy.connect import connect
from deploy.demo import personas, write_csv
from deploy.demo_cycle import POLICY
from deploy.logging import configure
from deploy.settings import LogFormat, Settings
from deploy.wiring import import_roster
from deploy.year import roster
from models.appraisal import Snapshot, Timing, Visit
from models.database import Database
from models.shelf import load
from models.vocabulary import State

ROUNDS = 30
REPORTS_MIN = 20

LAUNCHED = text(
    """
    UPDATE appraisal SET launch = 'launched', state = :state, version = 2, seq = 2, last_hash = 'bench',
           snapshot = jsonb_set(jsonb_set(CAST(:snapshot AS jsonb), '{appraisal_id}', to_jsonb(id)), '{subject}', to_jsonb(person_id)),
           timing = CAST(:timing AS jsonb), facts_revision = 1, due_at = :due, entered_at = :entered
     WHERE cycle_id = :cycle AND launch = 'pending'
    """
)
BUSIEST = text(
    """
    SELECT s.nip, s.id, array_agg(t.person_id) AS reports FROM tenure t JOIN person s ON s.id = t.supervisor_id
     GROUP BY s.nip, s.id HAVING count(*) >= :least ORDER BY count(*) DESC, s.nip LIMIT 1
    """
)
BARE_INBOX = text(
    """
    SELECT a.id, a.state, a.due_at, a.zone, a.snapshot, a.timing, p.nip, p.name, p.post, u.code, u.name AS unit,
           count(*) OVER () AS total
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
     WHERE a.person_id = ANY(:reports) AND a.launch = 'launched' AND a.state = 'plan.reviewing'
     ORDER BY a.due_at, a.id LIMIT 50
    """
)
BARE_PROGRESS = text(
    """
    SELECT u.code, u.name, a.launch, a.state, count(*), count(*) FILTER (WHERE a.due_at < :now)
      FROM appraisal a JOIN unit u ON u.id = a.unit_id WHERE a.cycle_id = :cycle
     GROUP BY u.code, u.name, a.launch, a.state
    """
)


class Lists(BaseModel):
    """Seconds that each call's own statements took, and the bare query of the same data, in turn."""

    inbox: list[float]
    bare_inbox: list[float]
    progress: list[float]
    bare_progress: list[float]
    heaviest: Opened | None = None
    """The page that took longest."""


class Stopwatch:
    """The time that statements take on one engine, since it was last read."""

    def __init__(self, engine: Engine) -> None:
        self._began = self._seconds = 0.0
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _after(self, *_: object) -> None:
        self._seconds += time.perf_counter() - self._began

    async def of(self, ask: Awaitable[None]) -> float:
        self._seconds = 0.0
        await ask
        return self._seconds


async def measure(people: int) -> Lists:
    """Fill a database with that many running appraisals and ask both questions in turn."""
    with TemporaryDirectory(prefix="siklus-lists-", ignore_cleanup_errors=True) as name:
        async with postgres.throwaway(durable=True) as url:
            await asyncio.to_thread(migrate.upgrade, url)
            database = Database(url)
            try:
                return await _measure(database, url, Path(name), people)
            finally:
                await database.close()


async def _measure(database: Database, url: str, folder: Path, people: int) -> Lists:
    now = datetime.now(UTC)
    rows, file = roster(people, 1, now.year), folder / "people.csv"
    file.write_bytes(write_csv(rows))
    nowhere = Settings(home=folder, database_url=url, engine_address="127.0.0.1:1")
    await import_roster(nowhere, file, dry_run=False)
    rules = TokenRules(issuer="siklus-local", audience="siklus", nip_claim="nip", secret=secrets.token_hex(32))
    rooms = Rooms(
        database=database,
        engine=await connect(nowhere, lazy=True),
        task_queue="nobody",
        tokens=rules,
        sessions=rules,
        local=True,
    )

    async def made() -> Rooms:
        return rooms

    app = create_app(made, local=True)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://bench") as http,
    ):

        def headers(nip: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {issue(rooms.tokens, nip, now)}"}

        officer = next(persona["nip"] for persona in personas(rows) if persona["key"] == "hr")
        hr = headers(officer)
        wish = {"policy": POLICY, "year": now.year, "name": "bench"}
        cycle = (await http.post("/api/v1/cycles", headers=hr, json=wish)).raise_for_status().json()["id"]
        with suppress(Problem):
            await http.post(f"/api/v1/cycles/{cycle}/open", headers=hr)  # rows are written; the engine is away
        async with database.transaction() as connection:
            await connection.execute(LAUNCHED, _waiting_for_approval(cycle, now))
            busiest = (await connection.execute(BUSIEST, {"least": min(REPORTS_MIN, people // 4)})).one()
        async with database.question() as connection:
            await connection.execute(text("ANALYZE"))
        supervisor = headers(busiest.nip)

        async def call(path: str, who: dict[str, str]) -> None:
            (await http.get(f"/api/v1{path}", headers=who)).raise_for_status()

        async def bare(query: object, asked: dict[str, object]) -> None:
            async with database.question() as connection:
                (await connection.execute(query, asked)).all()  # type: ignore[call-overload]

        watch, found = (
            Stopwatch(database.engine.sync_engine),
            Lists(inbox=[], bare_inbox=[], progress=[], bare_progress=[]),
        )
        for _ in range(ROUNDS):
            found.inbox.append(await watch.of(call("/me/tasks", supervisor)))
            found.bare_inbox.append(await watch.of(bare(BARE_INBOX, {"reports": list(busiest.reports)})))
            found.progress.append(await watch.of(call(f"/cycles/{cycle}/progress", hr)))
            found.bare_progress.append(await watch.of(bare(BARE_PROGRESS, {"cycle": cycle, "now": now})))
        found.heaviest = await heaviest(http, database, cycle, officer, busiest.nip)
        return found


def _waiting_for_approval(cycle: str, now: datetime) -> dict[str, object]:
    """Everybody's plan is sent and waits for its supervisor."""
    visit = Visit(no=2, entered_at=now - timedelta(days=3))
    snapshot = Snapshot(
        appraisal_id="", subject="", flow=load(POLICY).flow(), state=State.PLAN_REVIEWING, version=2, seq=2, visit=visit
    )
    due = now + timedelta(days=11)
    timing = Timing(facts_revision=1, visit=2, due_at=due)
    return {
        "cycle": cycle,
        "state": snapshot.state.value,
        "snapshot": snapshot.model_dump_json(exclude_none=True),
        "timing": timing.model_dump_json(),
        "due": due,
        "entered": visit.entered_at,
    }


if __name__ == "__main__":
    configure(LogFormat.JSON, "WARNING")
    sys.stdout.write(json.dumps(asyncio.run(measure(int(sys.stdin.read()))).model_dump()))
    sys.stdout.flush()
    os._exit(0)  # an interpreter that has used the engine's client can abort when it ends by itself
