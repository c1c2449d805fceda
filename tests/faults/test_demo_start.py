"""`siklus run --demo` where something is in its way: it says so, or stops as cleanly as ever."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.demo import generate, write_csv
from tests.faults.killable import Stack


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
