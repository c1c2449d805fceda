"""kill -9 of every part of a running home while people act: every acknowledged act is there once, nothing runs twice.

The parts are the real ones, started by `siklus run` as anybody would; people repeat an unanswered act with the same key, as the
contract tells them to.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import psutil
import pytest

from deploy import postgres
from deploy.demo import generate, personas, write_csv
from deploy.demo_cycle import demo_calendar
from deploy.home import Home, free_port
from deploy.settings import Settings
from deploy.token import issue
from models.trail import key_hash

PEOPLE = 40
PARTS = ("worker", "api", "engine", "database")
PATIENCE_SECONDS = 90


class Stack:
    """A home that `siklus run` serves, and who talks to it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.port = free_port()
        self.settings = Settings(home=self.home.root, port=self.port)
        self.process: subprocess.Popen[bytes] | None = None
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=15)

    def siklus(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "deploy.cli", *words]

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        log = (self.home.root.parent / "run.log").open("ab")
        command = self.siklus("run", "--home", str(self.home.root), "--port", str(self.port))
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        await self.ready()

    async def ready(self) -> None:
        for _ in range(PATIENCE_SECONDS * 5):
            with suppress(httpx.HTTPError):
                if (await self.http.get("/readyz")).is_success:
                    return
            assert self.process is None or self.process.poll() is None, (self.home.root.parent / "run.log").read_text()
            await asyncio.sleep(0.2)
        raise AssertionError((self.home.root.parent / "run.log").read_text()[-4000:])

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def pid(self, part: str) -> int:
        """The process of a part: the child of the leash that its record names, or that process itself."""
        return int(json.loads((self.home.run / f"{part}.pid").read_text())["pid"])

    def kill(self, part: str) -> None:
        os.kill(self.pid(part), signal.SIGKILL)

    def headers(self, nip: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue(self.settings, nip)}", **more}

    async def patiently(self, method: str, path: str, nip: str, key: str, body: object = None) -> httpx.Response:
        """Ask until there is an answer, always with the same key: lost connections and 503 say "unknown"."""
        for _ in range(PATIENCE_SECONDS * 2):
            with suppress(httpx.HTTPError):
                headers = self.headers(nip, **{"Idempotency-Key": key})
                answer = await self.http.request(method, f"/api/v1{path}", headers=headers, json=body)
                if answer.status_code not in (500, 502, 503):
                    return answer
                assert answer.status_code != 500, answer.text
            await asyncio.sleep(0.5)
        raise AssertionError(f"no answer to {method} {path}")

    async def database(self) -> asyncpg.Connection:
        return await asyncpg.connect(host=self.home.state.socket_dir, user=postgres.ROLE, database=postgres.DATABASE)


@asynccontextmanager
async def opened_home(folder: Path) -> AsyncIterator[tuple[Stack, list[str]]]:
    """A home with a roster imported before its first start, and a cycle whose plan window is open today."""
    stack = Stack(folder)
    roster = folder / "roster.csv"
    rows = generate(PEOPLE)
    roster.write_bytes(write_csv(rows))
    imported = subprocess.run(
        stack.siklus("roster", "import", str(roster), "--home", str(stack.home.root), "--json"),
        capture_output=True,
        check=False,
    )
    assert imported.returncode == 0, imported.stderr.decode()
    assert json.loads(imported.stdout)["created"] == PEOPLE
    await stack.start()
    hr = next(p["nip"] for p in personas(rows) if p["key"] == "hr")
    today = datetime.now(UTC).date()
    wish = {"policy": "permenpanrb-6-2022", "year": today.year, "name": "uji", "calendar": demo_calendar(today)}
    made = await stack.patiently("POST", "/cycles", hr, "make", wish)
    assert made.status_code == 201, made.text
    cycle = made.json()["id"]
    assert (await stack.patiently("POST", f"/cycles/{cycle}/open", hr, "open")).status_code == 202
    for _ in range(PATIENCE_SECONDS * 2):
        progress = (await stack.patiently("GET", f"/cycles/{cycle}/progress", hr, "look")).json()
        if progress["pending"] == 0:
            break
        await asyncio.sleep(0.5)
    assert progress["roster"] == PEOPLE
    assert progress["launched"] + progress["excluded"] == PEOPLE
    try:
        yield stack, [row["nip"] for row in rows]
    finally:
        if stack.process and stack.process.poll() is None:
            stack.stop()
        await stack.http.aclose()


async def hand_in(stack: Stack, nip: str) -> tuple[str, str] | None:
    """Fill in and send one's plan; the appraisal and the key that was acknowledged, None for whom the cycle excludes."""
    mine = (await stack.patiently("GET", "/me/tasks", nip, "t")).json()["items"]
    own = [t for t in mine if t["employee"]["nip"] == nip and t["state"] == "plan.drafting"]
    if not own:
        return None
    appraisal = own[0]["appraisal_id"]
    form = (await stack.patiently("GET", f"/appraisals/{appraisal}/forms/plan", nip, "f")).json()
    draft = {"data": form["schema"]["examples"][0]}
    saved = await stack.patiently("PUT", f"/appraisals/{appraisal}/forms/plan", nip, "s", draft)
    assert saved.status_code == 200, saved.text
    key = str(uuid4())
    answer = await stack.patiently("POST", f"/appraisals/{appraisal}/actions/submit_plan", nip, key, {})
    assert answer.status_code in (200, 202), answer.text
    return appraisal, key


async def acknowledged_once(stack: Stack, acknowledged: list[tuple[str, str]]) -> None:
    """Each acknowledged act is in the trail exactly once, under its key.

    One whose record was under way on a killed worker is begun anew when the engine gives that attempt up, after half a minute.
    """
    found: list[tuple[str, str]] = []
    for _ in range(300):
        with suppress(OSError, asyncpg.PostgresError):  # what a killed supervisor left may still serve, or be ending
            connection = await stack.database()
            rows = await connection.fetch("SELECT appraisal_id, key_hash, action FROM event WHERE key_hash IS NOT NULL")
            await connection.close()
            found = sorted((r["appraisal_id"], r["key_hash"]) for r in rows if r["action"] == "submit_plan")
        if found == sorted((appraisal, key_hash(key)) for appraisal, key in acknowledged):
            return
        await asyncio.sleep(0.2)
    assert found == sorted((appraisal, key_hash(key)) for appraisal, key in acknowledged)


def processes_of(stack: Stack) -> dict[str, int]:
    """How many live processes of each part work on this home."""
    counts = dict.fromkeys(PARTS, 0)
    for process in psutil.process_iter(["cmdline", "status", "environ"]):
        words = process.info["cmdline"] or []
        if process.info["status"] == psutil.STATUS_ZOMBIE or "deploy.leash" in words:
            continue
        mine = str(stack.home.root) in " ".join(words) or (process.info["environ"] or {}).get("SIKLUS_HOME") == str(
            stack.home.root
        )
        if not mine:
            continue
        if words[-1:] == ["worker"]:
            counts["worker"] += 1
        elif words[-1:] == ["api"]:
            counts["api"] += 1
        elif "start-dev" in words:
            counts["engine"] += 1
        elif words and words[0].endswith("/postgres") and "-D" in words:
            counts["database"] += 1
    return counts


async def runs_each_part(stack: Stack, times: int) -> None:
    """In the end there are so many processes of each part: the next start ends what an earlier one left."""
    for _ in range(150):
        if processes_of(stack) == dict.fromkeys(PARTS, times):
            return
        await asyncio.sleep(0.2)
    assert processes_of(stack) == dict.fromkeys(PARTS, times)


@pytest.mark.timeout(420)
async def test_killing_every_part_in_turn_while_people_act_loses_nothing(tmp_path: Path) -> None:
    async with opened_home(tmp_path) as (stack, nips):
        acknowledged: list[tuple[str, str]] = []
        waiting = list(nips)

        async def people() -> None:
            while waiting:
                done = await hand_in(stack, waiting.pop(0))
                if done is not None:
                    acknowledged.append(done)

        acting = [asyncio.create_task(people()) for _ in range(3)]
        for part in PARTS:
            await asyncio.sleep(0.7)
            stack.kill(part)
            await asyncio.sleep(1.0)
            await stack.ready()
        await asyncio.gather(*acting)
        assert len(acknowledged) > PEOPLE // 2
        await acknowledged_once(stack, acknowledged)
        await runs_each_part(stack, 1)

        # The supervisor of them all: what it leaves is ended by the next start, and nothing is lost.
        assert stack.process is not None
        stack.process.kill()
        stack.process.wait()
        await stack.start()
        await runs_each_part(stack, 1)
        await acknowledged_once(stack, acknowledged)

        # Everything at once, the supervisor first.
        stack.process.kill()
        for part in PARTS:
            with suppress(ProcessLookupError):
                stack.kill(part)
        stack.process.wait()
        await stack.start()
        await acknowledged_once(stack, acknowledged)
        assert stack.stop() == 0
        await runs_each_part(stack, 0)
