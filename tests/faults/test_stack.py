"""The real engine and the real database under `kill -9`: what was acknowledged is there afterwards, once."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from deploy import engine, postgres, stack
from deploy.home import Home, HomeInUseError, free_port
from deploy.settings import Settings
from deploy.supervisor import Child, Supervisor, supervised, until

PARTS = ("database", "engine")


@pytest.fixture
def place() -> Iterator[Path]:
    """Not `tmp_path`: as root the database is another user, and any pytest that starts shuts its folder to others."""
    with tempfile.TemporaryDirectory(prefix="siklus-test-", dir="/tmp", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def parts(home: Home) -> list[Child]:
    """Engine and database of this home, on the addresses it remembers."""
    chosen = stack.choose(home, Settings(home=home.root))
    assert chosen.engine_address is not None
    sockets = Path(home.state.socket_dir or "")
    port = int(chosen.engine_address.rpartition(":")[2])
    return [
        postgres.child(home.postgres, sockets, log=home.logs / "database.log"),
        engine.child(port, home.engine_file, log=home.logs / "engine.log"),
    ]


@asynccontextmanager
async def running(home: Home) -> AsyncIterator[Supervisor]:
    with home.lock():
        async with supervised(home.run, parts(home)) as supervisor:
            yield supervisor


async def database(home: Home) -> asyncpg.Connection:
    return await asyncpg.connect(host=home.state.socket_dir, user=postgres.ROLE, database=postgres.DATABASE)


async def remember(home: Home, what: str) -> None:
    """Let both the database and the engine acknowledge something."""
    connection = await database(home)
    await connection.execute("create table if not exists acknowledged (what text)")
    await connection.execute("insert into acknowledged values ($1)", what)
    await connection.close()
    client = await Client.connect(f"127.0.0.1:{home.state.engine_port}")
    await client.start_workflow("Nobody", id=what, task_queue="nobody")


async def assert_remembered(home: Home, *expected: str) -> None:
    connection = await database(home)
    assert [row["what"] for row in await connection.fetch("select what from acknowledged")] == [*expected]
    await connection.close()
    client = await Client.connect(f"127.0.0.1:{home.state.engine_port}")
    for what in expected:
        described = await client.get_workflow_handle(what).describe()
        assert described.status is WorkflowExecutionStatus.RUNNING


def recorded(home: Home) -> dict[str, int]:
    return {name: json.loads((home.run / f"{name}.pid").read_text())["pid"] for name in PARTS}


def servers_of(home: Home) -> list[str]:
    """Every process of this machine that serves from this home."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if str(home.postgres) in line or str(home.engine_file) in line:
            found.append(process.info["name"])
    return sorted(found)


async def serves_again(home: Home) -> None:
    await postgres.ready(Path(home.state.socket_dir or ""))
    await engine.ready(f"127.0.0.1:{home.state.engine_port}")


async def test_killing_engine_and_database_loses_nothing_and_they_come_back_where_they_were(place: Path) -> None:
    home = Home(place / "home")
    async with running(home) as supervisor:
        await remember(home, "before")
        state = home.state
        for name in PARTS:
            pid = supervisor.pid(name)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)

            async def replaced(name: str = name, pid: int = pid) -> bool:
                return supervisor.pid(name) not in (None, pid)

            await until(replaced)
            await serves_again(home)
        await assert_remembered(home, "before")
        assert home.state == state
        assert servers_of(home) == ["postgres", "temporal"]
    assert servers_of(home) == []


async def test_after_everything_was_killed_the_next_start_goes_on_where_it_was(place: Path) -> None:
    home = Home(place / "home")
    code = f"""
        import asyncio, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_stack
        from deploy.home import Home
        from pathlib import Path

        async def main():
            async with test_stack.running(Home(Path({str(home.root)!r}))):
                print("up", flush=True)
                await asyncio.Event().wait()

        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        while await asyncio.to_thread(first.stdout.readline) != "up\n":
            assert first.poll() is None
        await remember(home, "before")
        with pytest.raises(HomeInUseError, match=rf"already running on .* \(process {first.pid}\)"), home.lock():
            pass
        for pid in (first.pid, *recorded(home).values()):
            os.kill(pid, signal.SIGKILL)
    async with running(home):
        await assert_remembered(home, "before")
        await remember(home, "after")
        await assert_remembered(home, "before", "after")
        assert servers_of(home) == ["postgres", "temporal"]
    assert servers_of(home) == []


async def test_engine_and_database_orphaned_by_a_killed_supervisor_are_ended_before_the_next_start(
    place: Path,
) -> None:
    """As on a system without a parent-death signal: the orphans are real, run on and hold the files."""
    home = Home(place / "home")
    home.create()
    orphans = []
    for child in parts(home):
        if child.before:
            child.before()
        relay = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True).wait()"
        leash = [sys.executable, "-P", "-c", _LEASH_WITHOUT_PARENT, str(home.run / f"{child.name}.pid")]
        command = [*leash, child.user or "-", *child.command]
        with (home.logs / f"{child.name}.log").open("ab") as log:
            orphans.append(subprocess.Popen([sys.executable, "-c", relay, *command], stdout=log, stderr=log))
    await serves_again(home)
    await remember(home, "before")
    left = recorded(home)
    async with running(home):
        assert not any(psutil.pid_exists(pid) for pid in left.values())
        await assert_remembered(home, "before")
        assert servers_of(home) == ["postgres", "temporal"]
    for orphan in orphans:
        orphan.wait()


_LEASH_WITHOUT_PARENT = """
import ctypes, os, sys
from deploy import leash
class Deaf:
    def prctl(self, *_): pass
ctypes.CDLL = lambda _: Deaf()
record, user, *command = sys.argv[1:]
leash.main([record, str(os.getppid()), "15", user, "--", *command])
"""


async def test_a_postmaster_file_whose_id_belongs_to_a_stranger_does_not_stop_the_database(place: Path) -> None:
    """Usual in a container, where ids begin at 1 again: PostgreSQL by itself would refuse to start."""
    data = place / "postgres"
    postgres.prepare(data, durable=False)
    owner = postgres.owner()
    stranger = subprocess.Popen(["sleep", "600"], user=owner.pw_uid if owner else None, cwd="/")
    try:
        file = data / "postmaster.pid"
        file.write_text(f"{stranger.pid}\n{data}\n1700000000\n5432\n{data}\n\n  1 1\nready\n")
        sockets = postgres.socket_dir(data)
        async with supervised(place / "run", [postgres.child(data, sockets, durable=False)]):
            assert int(file.read_text().split()[0]) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_home_too_deep_for_a_socket_gets_one_elsewhere_and_keeps_it(place: Path) -> None:
    home = Home(place / "very-deep-folder-name" / ("x" * 80) / "home")
    sockets = None
    for _ in range(2):
        async with running(home):
            connection = await database(home)
            await connection.close()
            assert sockets in (None, home.state.socket_dir)
            sockets = home.state.socket_dir
            assert sockets is not None
            assert len(f"{sockets}/{postgres.SOCKET_NAME}") <= postgres.SOCKET_PATH_BYTES_MAX
    assert sockets is not None
    Path(sockets).rmdir()


def test_the_engine_port_is_kept_and_chosen_again_when_a_stranger_has_it(place: Path) -> None:
    home = Home(place / "home")
    home.create()
    settings = Settings(home=home.root)
    first = stack.choose(home, settings).engine_address
    assert stack.choose(home, settings).engine_address == first
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", home.state.engine_port or 0))
        stranger.listen()
        assert stack.choose(home, settings).engine_address != first


def test_the_port_of_the_api_in_use_is_refused_before_anything_starts(place: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        settings = Settings(home=place / "home", port=stranger.getsockname()[1])
        with pytest.raises(stack.PortInUseError, match=f"port {settings.port} on"):
            stack.run(settings)
    assert not (place / "home" / "postgres").exists()


def test_a_second_run_on_the_same_home_is_refused_in_one_sentence_with_a_failing_status(place: Path) -> None:
    home = Home(place / "home")
    with home.lock():
        command = [sys.executable, "-m", "deploy.cli", "run", "--home", str(home.root), "--port", str(free_port())]
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"already running on {home.root} (process {os.getpid()})" in second.stderr
    assert "Traceback" not in second.stderr
