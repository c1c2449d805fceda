"""A running home to kill: the real parts, started by `siklus run` as anybody would, and a client that asks with patience."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from deploy.demo import generate, personas, write_csv
from deploy.demo_cycle import demo_calendar
from deploy.home import Home, free_port
from deploy.settings import Settings
from deploy.stack import reach
from deploy.token import issue
from models.database import Database

PEOPLE = 40
PARTS = ("worker", "api", "engine", "database")
PATIENCE_SECONDS = 90


class Stack:
    """A home that `siklus run` serves, and who talks to it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.port = free_port()
        self.settings = Settings(home=self.home.root, port=self.port)
        self.log = folder / "run.log"
        """What it says to whoever started it."""
        self.process: subprocess.Popen[bytes] | None = None
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=15)

    def siklus(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "deploy.cli", *words]

    async def start(self, *more: str) -> None:
        """Start it and wait until it is ready."""
        command = self.siklus("run", "--home", str(self.home.root), "--port", str(self.port), *more)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        await self.ready()

    async def ready(self) -> None:
        for _ in range(PATIENCE_SECONDS * 5):
            with suppress(httpx.HTTPError):
                if (await self.http.get("/readyz")).is_success:
                    return
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            await asyncio.sleep(0.2)
        raise AssertionError(self.log.read_text()[-4000:])

    async def announced(self, times: int = 1) -> None:
        """Wait until it has said that often that it is ready: with a demo, once everybody's year has begun."""
        for _ in range(PATIENCE_SECONDS * 5):
            if self.log.read_text().count("Siklus is ready") == times:
                return
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            await asyncio.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(by)
        return self.process.wait(60)

    async def left(self) -> None:
        """Stop it if it still runs, and hang up."""
        if self.process and self.process.poll() is None:
            self.stop()
        await self.http.aclose()

    def pid(self, part: str) -> int:
        """The process of a part: the child of the leash that its record names, or that process itself."""
        return int(json.loads((self.home.run / f"{part}.pid").read_text())["pid"])

    def kill(self, *parts: str) -> None:
        for part in parts:
            with suppress(ProcessLookupError):  # one that another part took with it
                os.kill(self.pid(part), signal.SIGKILL)

    def kill_supervisor(self) -> None:
        assert self.process is not None
        self.process.kill()

    async def started_again(self) -> None:
        """Start it once its killed supervisor is gone; what that one left is for the next to end."""
        assert self.process is not None
        await asyncio.to_thread(self.process.wait)
        await self.start()

    async def replaced(self, part: str, killed: int) -> None:
        """Wait until the supervisor has put another process in the place of the killed one, and all is ready."""
        for _ in range(PATIENCE_SECONDS * 20):
            with suppress(ValueError):  # the record is being written
                if self.pid(part) != killed:
                    return await self.ready()
            await asyncio.sleep(0.05)
        raise AssertionError(f"{part} was not started again")

    @contextmanager
    def unsupervised(self) -> Iterator[None]:
        """What is killed in this block stays down to its end: the supervisor is halted, all else runs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def headers(self, nip: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue(self.settings, nip)}", **more}

    async def once(self, method: str, path: str, nip: str, key: str, body: object = None) -> httpx.Response:
        headers = self.headers(nip, **{"Idempotency-Key": key})
        return await self.http.request(method, f"/api/v1{path}", headers=headers, json=body)

    async def patiently(self, method: str, path: str, nip: str, key: str, body: object = None) -> httpx.Response:
        """Ask until there is an answer, always with the same key: lost connections and 503 say "unknown"."""
        for _ in range(PATIENCE_SECONDS * 2):
            with suppress(httpx.HTTPError):
                answer = await self.once(method, path, nip, key, body)
                if answer.status_code not in (500, 502, 503):
                    return answer
                assert answer.status_code != 500, answer.text
            await asyncio.sleep(0.5)
        raise AssertionError(f"no answer to {method} {path}")

    def database(self) -> Database:
        return Database(reach(self.home, self.settings).database_url or "", pool_size=1)


@asynccontextmanager
async def opened_home(folder: Path) -> AsyncIterator[tuple[Stack, list[str]]]:
    """A home with a roster imported before its first start, and a cycle whose plan window is open today."""
    stack = Stack(folder)
    roster = folder / "roster.csv"
    today = datetime.now(UTC).date()
    rows = generate(PEOPLE, year=today.year)
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
        await stack.left()


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
