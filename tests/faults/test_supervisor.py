"""Processes die in every order; none is lost, doubled or left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import psutil
import pytest

from deploy.supervisor import Backoff, Child, ChildFailedError, Supervisor, end_leftover, supervised, until

SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
)


def says_goodbye(diary: Path, name: str) -> tuple[str, ...]:
    """A child that writes its name when it is told to stop."""
    code = f"""
        import pathlib, signal, time
        diary = pathlib.Path({str(diary)!r})
        def leave(*_):
            with diary.open("a") as file:
                file.write("{name}\\n")
            raise SystemExit
        signal.signal(signal.SIGTERM, leave)
        pathlib.Path({str(diary)!r} + ".{name}").touch()
        time.sleep(600)
    """
    return (sys.executable, "-c", textwrap.dedent(code))


async def appears(path: Path) -> None:
    async def there() -> bool:
        return await asyncio.to_thread(path.exists)

    await until(there)


async def gone(pid: int) -> None:
    async def is_gone() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await until(is_gone)


async def another_pid(supervisor: Supervisor, name: str, old: int) -> int:
    async def changed() -> bool:
        return supervisor.pid(name) not in (None, old)

    await until(changed)
    found = supervisor.pid(name)
    assert found is not None
    return found


async def test_a_killed_child_is_started_again_and_the_others_go_on(tmp_path: Path) -> None:
    children = [Child(name="first", command=SLEEPS), Child(name="second", command=SLEEPS)]
    async with supervised(tmp_path, children) as supervisor:
        first, second = supervisor.pid("first"), supervisor.pid("second")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await another_pid(supervisor, "first", first)
        assert supervisor.pid("second") == second


async def test_children_stop_in_the_reverse_of_their_start(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    names = ("database", "engine", "worker", "api")
    children = [
        Child(name=name, command=says_goodbye(diary, name), ready=partial(appears, Path(f"{diary}.{name}")))
        for name in names
    ]
    async with supervised(tmp_path / "run", children):
        pass
    assert diary.read_text().split() == [*reversed(names)]


async def test_a_child_waits_for_what_it_needs(tmp_path: Path) -> None:
    permit = tmp_path / "permit"
    children = [
        Child(name="database", command=SLEEPS, ready=lambda: appears(permit)),
        Child(name="worker", command=SLEEPS, needs=("database",)),
    ]
    supervisor, stop = Supervisor(tmp_path / "run", children), asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    await appears(tmp_path / "run" / "database.pid")
    assert supervisor.pid("worker") is None
    permit.touch()
    await supervisor.wait_until_up()
    assert supervisor.pid("worker") is not None
    stop.set()
    await running


async def test_a_child_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    async with supervised(tmp_path, [Child(name="deaf", command=DEAF, grace_seconds=0.3)]) as supervisor:
        pid = supervisor.pid("deaf")
    assert pid is not None
    assert not psutil.pid_exists(pid)


async def test_a_child_that_never_comes_up_ends_the_whole_with_its_last_words(tmp_path: Path) -> None:
    broken = Child(
        name="engine",
        command=(sys.executable, "-c", "raise SystemExit('no such disk')"),
        ready=asyncio.Event().wait,  # type: ignore[arg-type]
        log=tmp_path / "engine.log",
    )
    others = Child(name="database", command=SLEEPS)
    supervisor = Supervisor(tmp_path / "run", [others, broken], backoff=Backoff(first=0.01))
    with pytest.raises(ChildFailedError, match=r"engine does not come up: ended with status 1\n  no such disk"):
        await supervisor.run(asyncio.Event())
    assert supervisor.pid("database") is None


@pytest.mark.parametrize(
    ("hopeless", "steady"),
    [
        (Child(name="api", command=SLEEPS, ready=asyncio.Event().wait, ready_seconds=0.1), 0.05),  # type: ignore[arg-type]
        (Child(name="worker", command=(sys.executable, "-c", "raise SystemExit(1)")), 60),
    ],
    ids=["waits longer than is steady", "cannot say when it is ready"],
)
async def test_a_child_that_waits_or_dies_at_every_start_ends_the_whole_too(
    tmp_path: Path, hopeless: Child, steady: float
) -> None:
    patience = Backoff(first=0.01, longest=0.01, steady=steady)
    supervisor = Supervisor(tmp_path / "run", [hopeless], backoff=patience)
    with pytest.raises(ChildFailedError, match="does not come up"):
        await supervisor.run(asyncio.Event())


async def test_a_killed_supervisor_leaves_nothing_that_the_next_start_runs_twice(tmp_path: Path) -> None:
    """Whether the kernel ended the child with its parent (Linux) or the next start has to: there is one in the end."""
    code = f"""
        import asyncio
        from pathlib import Path
        from deploy.supervisor import Child, supervised

        async def main():
            children = [Child(name="meek", command={SLEEPS!r}), Child(name="deaf", command={DEAF!r},
                        log=Path({str(tmp_path / "deaf.log")!r}))]
            async with supervised(Path({str(tmp_path)!r}), children) as supervisor:
                await asyncio.Event().wait()

        asyncio.run(main())
    """
    killed = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])

    async def runs_deaf() -> bool:
        log = tmp_path / "deaf.log"
        return log.exists() and "deaf" in log.read_text() and (tmp_path / "meek.pid").exists()

    await until(runs_deaf)
    meek, deaf = (json.loads((tmp_path / f"{name}.pid").read_text())["pid"] for name in ("meek", "deaf"))
    killed.kill()
    killed.wait()
    assert psutil.pid_exists(deaf)
    children = [Child(name=name, command=SLEEPS, grace_seconds=0.3) for name in ("meek", "deaf")]
    async with supervised(tmp_path, children) as supervisor:
        await gone(deaf)
        await gone(meek)
        assert supervisor.pid("deaf") not in (None, deaf)


async def test_a_record_whose_id_belongs_to_a_stranger_by_now_harms_nobody(tmp_path: Path) -> None:
    stranger = subprocess.Popen(SLEEPS)
    try:
        record = tmp_path / "engine.pid"
        record.write_text(json.dumps({"pid": stranger.pid, "created": psutil.Process(stranger.pid).create_time()}))
        assert not end_leftover(record, signal.SIGTERM, 1)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (7, 30), (10_000, 30)])
def test_the_pause_before_a_restart_doubles_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert Backoff().delay(failures) == seconds
