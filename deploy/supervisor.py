"""Keeps a list of child processes running: starts each after what it needs, restarts what dies, stops all in reverse.

Every process is known by its id and creation time, never by a name. A child that dies is started again, later each
time, and the others go on; only one that has never once come up ends the whole. What an earlier supervisor left behind
is ended before anything is started.
"""

import asyncio
import fcntl
import json
import math
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import structlog

from deploy.errors import OperatorError

log = structlog.stdlib.get_logger("siklus.supervisor")

FIRST_TRIES = 5
PROVEN_SECONDS = 10
"""A child that cannot say when it is ready has come up once it lived so long."""
LOG_BYTES_MAX = 10 * 1024 * 1024
SAME_PROCESS_SECONDS = 2  # a creation time is read off the boot time, which moves when the clock is set


class ChildFailedError(OperatorError):
    """A child never came up."""


class LeftoverError(OperatorError):
    """A process of an earlier run could not be ended."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process and how to treat it.

    `ready` returns once the child serves; if it raises or takes longer than `ready_seconds`, the child is ended and
    started again. `before` runs ahead of every start. Without `log` it writes where the supervisor writes.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    before: Callable[[], None] | None = None
    ready: Callable[[], Awaitable[None]] | None = None
    ready_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10
    user: str | None = None
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds before a restart: doubling from `first` to `longest`, and from `first` again after `steady` good ones."""

    first: float = 0.5
    longest: float = 30
    steady: float = 60

    def delay(self, failures: int) -> float:
        """The pause after so many failures in a row."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 16))


class Supervisor:
    """Runs the children, given in the order of their start, until told to stop."""

    def __init__(self, records: Path, children: Sequence[Child], *, backoff: Backoff | None = None) -> None:
        self._records = records
        self._children = tuple(children)
        self._backoff = backoff or Backoff()
        self._up = {child.name: asyncio.Event() for child in children}
        self._running: dict[str, Process] = {}
        self._since: dict[str, float] = {}
        """When each came up that is up."""
        self._proven: set[str] = set()
        self._stopping = False
        for place, child in enumerate(self._children):
            unknown = set(child.needs) - {earlier.name for earlier in self._children[:place]}
            if unknown:
                raise ValueError(f"{child.name} needs {sorted(unknown)}, which does not come before it")

    async def wait_until_up(self) -> None:
        """Return when every child has been ready once."""
        for up in self._up.values():
            await up.wait()

    def pid(self, name: str) -> int | None:
        """The id of the child's process at this moment."""
        process = self._running.get(name)
        return process.pid if process else None

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; return when nothing is left running.

        Raises:
            ChildFailedError: a child never came up; the others have been stopped.
            LeftoverError: something of an earlier run is in the way.
        """
        self._records.mkdir(parents=True, exist_ok=True)
        await self._end_leftovers()
        keepers = {child.name: asyncio.create_task(self._keep(child)) for child in self._children}
        stopped = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([*keepers.values(), stopped], return_when=asyncio.FIRST_COMPLETED)
        self._stopping = True
        stopped.cancel()
        for child in reversed(self._children):
            await self._stop(child, keepers[child.name])
        for task in done - {stopped}:
            task.result()

    async def _keep(self, child: Child) -> None:
        for need in child.needs:
            await self._up[need].wait()
        failures = 0
        while True:
            process = await self._start(child)
            error = await self._watch(child, process)
            code = await process.wait()
            self._running.pop(child.name, None)
            if self._stopping:
                return
            lived = time.monotonic() - self._since.pop(child.name, math.inf)
            failures = 1 if lived > self._backoff.steady else failures + 1
            if lived > (PROVEN_SECONDS if child.ready is None else 0):
                self._proven.add(child.name)
            reason = error or f"ended with status {code}"
            if child.name not in self._proven and failures >= FIRST_TRIES:
                raise ChildFailedError(f"{child.name} does not come up: {reason}{_last_words(child.log)}")
            pause = self._backoff.delay(failures)
            log.warning("child_died", child=child.name, reason=reason, restart_in_seconds=pause)
            await asyncio.sleep(pause)

    async def _start(self, child: Child) -> Process:
        if child.before:
            await asyncio.to_thread(child.before)
        leash = [sys.executable, "-P", "-m", "deploy.leash", str(self._record(child)), str(os.getpid())]
        output = None
        if child.log:
            if child.log.exists() and child.log.stat().st_size > LOG_BYTES_MAX:
                child.log.replace(child.log.with_suffix(".1.log"))
            output = child.log.open("ab")
        try:
            process = await asyncio.create_subprocess_exec(
                *leash,
                str(int(child.stop_signal)),
                child.user or "-",
                "--",
                *child.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **child.environment},
                start_new_session=True,  # Ctrl-C on the terminal reaches the supervisor alone, which stops in order
            )
        finally:
            if output:
                output.close()
        self._running[child.name] = process
        log.debug("child_started", child=child.name, pid=process.pid)
        return process

    async def _watch(self, child: Child, process: Process) -> str | None:
        """Wait until the child is ready, then until it ends; a child that is not ready in time is ended."""
        if child.ready is None:
            self._came_up(child)
            return None
        ready = asyncio.ensure_future(asyncio.wait_for(child.ready(), child.ready_seconds))
        ended = asyncio.create_task(process.wait())
        await asyncio.wait([ready, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not ready.done():
            ready.cancel()
            return None
        if (error := ready.exception()) is not None:
            await _end(process, child)
            return f"not ready: {type(error).__name__} {error}".strip()
        self._came_up(child)
        return None

    def _came_up(self, child: Child) -> None:
        self._since[child.name] = time.monotonic()
        self._up[child.name].set()

    async def _stop(self, child: Child, keeper: asyncio.Task[None]) -> None:
        process = self._running.get(child.name)
        if process is not None and process.returncode is None:
            log.debug("child_stopping", child=child.name, pid=process.pid)
            await _end(process, child)
        keeper.cancel()
        with suppress(asyncio.CancelledError, ChildFailedError):
            await keeper

    def _record(self, child: Child) -> Path:
        return self._records / f"{child.name}.pid"

    async def _end_leftovers(self) -> None:
        for child in reversed(self._children):
            await asyncio.to_thread(end_leftover, self._record(child), child.stop_signal, child.grace_seconds)


@asynccontextmanager
async def supervised(
    records: Path, children: Sequence[Child], stop: asyncio.Event | None = None
) -> AsyncIterator[Supervisor]:
    """Enter the block once all children are up (or `stop` is set), and stop them when it ends.

    A supervisor that gives up sets `stop` too, so a block that waits for it is left, with the error.
    """
    stop = stop or asyncio.Event()
    supervisor = Supervisor(records, children)
    running = asyncio.create_task(supervisor.run(stop))
    running.add_done_callback(lambda _: stop.set())
    up = asyncio.create_task(supervisor.wait_until_up())
    try:
        await asyncio.wait([running, up], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield supervisor
    finally:
        up.cancel()
        stop.set()
        await running


async def until(check: Callable[[], Awaitable[bool]], every_seconds: float = 0.05) -> None:
    """Return when the check says yes; a refused connection is a no."""
    while True:
        with suppress(OSError):
            if await check():
                return
        await asyncio.sleep(every_seconds)


def end_leftover(record: Path, stop_signal: signal.Signals, grace_seconds: float) -> bool:
    """End the process that a record describes, if it or a child of it still lives; whether there was one.

    Raises:
        LeftoverError: it did not go, or what holds the record is not the process it names.
    """
    if not _is_held(record):
        return False
    process = _recorded(record)
    for number in (stop_signal, signal.SIGKILL):
        if process is not None:
            log.info("leftover_ended", record=record.stem, pid=process.pid, signal=number.name)
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        # The lock, not the process table: a container without an init keeps the dead as zombies for ever.
        deadline = time.monotonic() + grace_seconds
        while time.monotonic() < deadline:
            if not _is_held(record):
                return True
            time.sleep(0.05)
    raise LeftoverError(f"{record.stem} of an earlier run is still running and could not be ended ({record})")


def _is_held(record: Path) -> bool:
    try:
        with record.open("r", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _recorded(record: Path) -> psutil.Process | None:
    try:
        facts = json.loads(record.read_bytes())
        process = psutil.Process(facts["pid"])
        same = abs(process.create_time() - facts["created"]) < SAME_PROCESS_SECONDS
    except (ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return None
    return process if same else None


async def _end(process: Process, child: Child) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(child.stop_signal)
    try:
        await asyncio.wait_for(process.wait(), child.grace_seconds)
    except TimeoutError:
        log.warning("child_killed", child=child.name, pid=process.pid)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _last_words(log_file: Path | None, lines: int = 5) -> str:
    if log_file is None or not log_file.exists():
        return ""
    tail = log_file.read_text("utf-8", errors="replace").splitlines()[-lines:]
    return "\n  " + "\n  ".join(tail) if tail else ""
