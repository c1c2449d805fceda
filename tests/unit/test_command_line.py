"""Every command says what it does and, where it cannot do it, why; every module of ours goes through the sandbox as it is."""

from __future__ import annotations

import asyncio
import os
import pkgutil
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.errors import OperatorError
from deploy.worker import PASSED_THROUGH

ROOT = Path(__file__).parents[2]
COMMANDS = ("run", "roster", "history", "token", "api", "worker", "migrate", "mend", "webhooks", "year", "bench")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_status_0_for_it(command: str) -> None:
    answer = CliRunner().invoke(app, [command, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Usage:" in answer.output


def test_these_are_all_commands() -> None:
    assert set(COMMANDS) <= set(get_command(app).commands)  # type: ignore[attr-defined]


def test_an_unknown_command_is_not_status_0() -> None:
    assert CliRunner().invoke(app, ["appraise"]).exit_code != 0


AWAY = {"SIKLUS_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/d"}
NOWHERE = {"SIKLUS_DATABASE_URL": "postgresql://u:hidden@database.invalid/d"}
SHUT = AWAY | {"SIKLUS_ARCHIVE_URL": "file:///proc/nowhere/archive"}


@pytest.mark.parametrize(
    ("line", "variables", "status", "sentence"),
    [
        ("migrate", AWAY, 1, "the database does not answer"),
        ("migrate --check", AWAY, 1, "the database does not answer"),
        ("migrate", NOWHERE, 1, "the database does not answer"),
        ("roster import {file}", AWAY, 1, "the database does not answer"),
        ("history import {file}", AWAY, 1, "the database does not answer"),
        ("history import {file}.none", {}, 1, "no such file"),
        ("mend", AWAY, 1, "the database does not answer"),
        ("mend", {}, 1, "nothing has run in"),
        ("webhooks", AWAY, 1, "the database does not answer"),
        ("webhooks --on payroll", {}, 1, "nothing has run in"),
        ("worker", AWAY | {"SIKLUS_WEBHOOKS__PAYROLL__URL": "http://h"}, 2, "SIKLUS_WEBHOOKS__PAYROLL: "),
        ("migrate", {"SIKLUS_DATABASE_URL": "postgresql://u:hidden@host:port/d"}, 2, "SIKLUS_DATABASE_URL: "),
        ("migrate", {}, 2, "SIKLUS_DATABASE_URL: "),
        ("api", {}, 2, "SIKLUS_DATABASE_URL: "),
        ("worker", {}, 2, "SIKLUS_DATABASE_URL: "),
        ("run", AWAY, 1, "SIKLUS_DATABASE_URL"),
        ("run", {"SIKLUS_ENGINE_ADDRESS": "127.0.0.1:1"}, 1, "SIKLUS_ENGINE_ADDRESS"),
        ("run", {"SIKLUS_MODE": "production"}, 2, "production needs"),
        ("api", AWAY | {"SIKLUS_ARCHIVE_URL": "foo"}, 2, "SIKLUS_ARCHIVE_URL: "),
        ("api", SHUT, 1, "the archive cannot be opened"),
        ("run --home {file}", {}, 1, "{file} cannot be used as the data folder"),
        ("run --home {file}/below", {}, 1, "{file}/below cannot be used as the data folder"),
        ("run --home {file}/far/below", {}, 1, "{file}/far/below cannot be used as the data folder"),
        ("run --home /proc/nowhere", {}, 1, "/proc/nowhere cannot be used as the data folder"),
        ("roster import {file} --home {file}", {}, 1, "{file} cannot be used as the data folder"),
        ("token 197001011995031999 --home {file}", {}, 1, "{file} cannot be used as the data folder"),
        ("token 197001011995031999 --home {blocked}", {}, 1, "{blocked}/secret"),
        ("token 1970", {}, 1, "18 digits"),
        ("roster import {file}.none", {}, 1, "no such file"),
    ],
)
async def test_a_command_that_cannot_do_its_work_says_why_in_one_sentence(
    line: str, variables: dict[str, str], status: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"file": str(tmp_path / "roster.csv"), "blocked": str(tmp_path / "blocked")}
    (tmp_path / "roster.csv").write_text("nip\n")
    (tmp_path / "blocked" / "secret").mkdir(parents=True)  # where a file is to be read, whoever reads
    chosen = {"SIKLUS_HOME": str(tmp_path / "home")} | variables
    answer = await invoked(line.format(**places).split(), chosen, monkeypatch)
    assert answer.exit_code == status, answer.stderr
    assert isinstance(answer.exception, SystemExit), "a trace"
    assert answer.stdout == ""
    *before, said = answer.stderr.splitlines()
    assert all(word.startswith("Starting Siklus") for word in before)
    assert said.startswith("siklus: ")
    assert sentence.format(**places) in said
    assert "hidden" not in said
    assert "Value error" not in said


async def test_whoever_asks_for_all_is_shown_where_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = AWAY | {"SIKLUS_HOME": str(tmp_path), "SIKLUS_LOG_LEVEL": "DEBUG"}
    answer = await invoked(["migrate"], chosen, monkeypatch)
    assert answer.exit_code == 1
    assert isinstance(answer.exception, OperatorError)
    assert isinstance(answer.exception.__cause__, ConnectionRefusedError)


async def invoked(words: list[str], variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Result:
    """What the command line answers; in a thread of its own, as commands begin a loop of their own."""
    for name in [name for name in os.environ if name.startswith("SIKLUS_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    # Each command sets up the logs of its process, which is this one.
    monkeypatch.setattr("deploy.logging.configure", lambda *_: None)
    return await asyncio.to_thread(CliRunner().invoke, app, words)


def test_every_module_of_ours_that_a_worker_loads_passes_through_the_sandbox() -> None:
    """One that did not would be loaded anew for each workflow and wedge a worker after about a thousand."""
    import workflows

    assert workflows.WORKFLOWS
    rooms = {module.name for module in pkgutil.iter_modules([str(ROOT)]) if module.ispkg} - {"tests"}
    loaded = {name.partition(".")[0] for name in sys.modules} & rooms
    assert {"models", "activities", "workflows"} <= loaded
    assert rooms - set(PASSED_THROUGH) == {"api"}, "no workflow may reach the api"
