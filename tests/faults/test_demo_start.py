"""`siklus run --demo` where something is in its way: it says so, or stops as cleanly as ever."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.demo import generate, personas, write_csv
from tests.faults.killable import PATIENCE_SECONDS, Stack


@pytest_asyncio.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    made = Stack(tmp_path)
    try:
        yield made
    finally:
        await made.left()


@pytest.mark.timeout(300)
async def test_a_demo_asked_for_where_another_roster_is_runs_without_one_and_says_so(
    stack: Stack, tmp_path: Path
) -> None:
    """The roster was imported before the first start; its only officer is nobody the demo knows."""
    regent = generate(12)[0] | {"nip": "197001011995031999", "peran": "hr"}
    file = tmp_path / "roster.csv"
    file.write_bytes(write_csv([regent]))
    imported = subprocess.run(
        stack.siklus("roster", "import", str(file), "--home", str(stack.home.root)), capture_output=True, check=False
    )
    assert imported.returncode == 0, imported.stdout.decode() + imported.stderr.decode()
    await stack.start("--demo")
    await stack.announced()
    said = stack.log.read_text()
    assert said.count("The demo was not loaded") == 1
    assert "Traceback" not in said
    cycles = await stack.once("GET", "/cycles", regent["nip"], "look")
    assert (cycles.status_code, cycles.json()["items"]) == (200, [])
    assert stack.stop() == 0


@pytest.mark.timeout(300)
async def test_ctrl_c_while_the_demos_year_opens_is_a_clean_stop_and_the_next_start_goes_on(stack: Stack) -> None:
    hr = next(one["nip"] for one in personas(generate()) if one["key"] == "hr")
    await stack.start("--demo")
    for _ in range(PATIENCE_SECONDS * 20):
        if (await stack.once("GET", "/cycles", hr, "look")).json()["items"]:
            break
        await asyncio.sleep(0.05)
    assert "Siklus is ready" not in stack.log.read_text(), "the year had opened before anybody could stop it"
    assert stack.stop(signal.SIGINT) == 0, stack.log.read_text()
    assert "Traceback" not in stack.log.read_text()

    await stack.start("--demo")
    await stack.announced()
    (cycle,) = (await stack.once("GET", "/cycles", hr, "look")).json()["items"]
    assert cycle["state"] == "open"
    progress = (await stack.once("GET", f"/cycles/{cycle['id']}/progress", hr, "look")).json()
    assert (progress["pending"], progress["failed"]) == (0, 0)
    assert stack.stop() == 0
