"""Every command says what it does, and every module of ours goes through the sandbox as it is."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from deploy.cli import app
from deploy.worker import PASSED_THROUGH

ROOT = Path(__file__).parents[2]
COMMANDS = ("run", "roster", "token", "api", "worker", "migrate", "year", "bench")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_status_0_for_it(command: str) -> None:
    answer = CliRunner().invoke(app, [command, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Usage:" in answer.output


def test_these_are_all_commands() -> None:
    assert set(COMMANDS) <= set(get_command(app).commands)  # type: ignore[attr-defined]


def test_an_unknown_command_is_not_status_0() -> None:
    assert CliRunner().invoke(app, ["appraise"]).exit_code != 0


def test_every_module_of_ours_that_a_worker_loads_passes_through_the_sandbox() -> None:
    """One that did not would be loaded anew for each workflow and wedge a worker after about a thousand."""
    import workflows

    assert workflows.WORKFLOWS
    rooms = {module.name for module in pkgutil.iter_modules([str(ROOT)]) if module.ispkg} - {"tests"}
    loaded = {name.partition(".")[0] for name in sys.modules} & rooms
    assert {"models", "activities", "workflows"} <= loaded
    assert rooms - set(PASSED_THROUGH) == {"api"}, "no workflow may reach the api"
