"""`siklus`: the command line.

Data goes to stdout, everything else to stderr; status 0 means success and nothing else. Heavy rooms are imported by
the command that needs them, so `--help` answers at once.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.errors import OperatorError
from deploy.settings import Mode, Settings

app = typer.Typer(
    name="siklus",
    help="A civil service's appraisal year: one durable workflow per employee, a record that proves itself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
roster = typer.Typer(help="The roster of employees.", no_args_is_help=True)
app.add_typer(roster, name="roster")
history = typer.Typer(help="Results of years before Siklus.", no_args_is_help=True)
app.add_typer(history, name="history")

say = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False)

HomeOption = Annotated[Path | None, typer.Option("--home", help="Data folder (SIKLUS_HOME; default .siklus).")]
FileArgument = Annotated[Path, typer.Argument(help="CSV or XLSX.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would change, change nothing.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def run(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo agency at the first start.")] = False,
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port of the api (SIKLUS_PORT).")] = None,
) -> None:
    """Run everything on this machine, in the foreground: engine, database, worker and api."""
    settings = _settings(home=home, port=port)
    with _plain_errors():
        if settings.mode is Mode.PRODUCTION:
            raise typer.BadParameter(
                "`siklus run` is the local stack; in production run `siklus api` and `siklus worker`"
            )
        elsewhere = [name for name in ("database_url", "engine_address") if getattr(settings, name)]
        if elsewhere:
            names = " and ".join(f"SIKLUS_{name}".upper() for name in elsewhere)
            raise OperatorError(
                f"`siklus run` brings its own database and engine; unset {names}, or run `siklus api` and `siklus worker`"
            )
        from deploy import stack

        say.print(f"Starting Siklus in {settings.home} …")
        stack.run(settings, demo=demo, announce=say.print)
        say.print("Siklus has stopped.")


@app.command()
def api() -> None:
    """Serve the api and the pages (a production process; everything from SIKLUS_* and TEMPORAL_*)."""
    settings = _settings(on_a_database=True)
    with _plain_errors():
        from deploy import serve

        serve.run(settings)


@app.command()
def worker() -> None:
    """Run workflows and activities (a production process); SIGTERM lets it finish what it is doing."""
    settings = _settings(on_a_database=True)
    with _plain_errors():
        from deploy import worker as process

        asyncio.run(process.run(settings))


@app.command()
def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only say whether tables and migrations agree.")] = False,
) -> None:
    """Bring the database of SIKLUS_DATABASE_URL to the newest schema. (`siklus run` does so by itself.)"""
    settings = _settings(on_a_database=True)
    with _plain_errors():
        from deploy import migrate as schema

        (schema.check if check else schema.upgrade)(settings.database_url or "")
        say.print("The schema is the newest.")


@app.command()
def mend(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Once a cause is gone: start again the years that the engine lost, and let those go on that were parked.

    On the stack that runs on this home, or on SIKLUS_DATABASE_URL and its engine. Done again, nothing happens twice.
    """
    settings = _settings(home=home)
    with _plain_errors():
        from deploy.mend import mend as work

        done = asyncio.run(work(settings, dry_run=dry_run))
    if as_json:
        print(json.dumps(done))  # noqa: T201
    else:
        found = Table(title="would be mended" if dry_run else "mended", box=None)
        for what, ids in done.items():
            found.add_row(what, str(len(ids)))
        out.print(found)


@app.command()
def webhooks(
    on: Annotated[str | None, typer.Option("--on", help="Tell this endpoint again, from where it stopped.")] = None,
    forget: Annotated[str | None, typer.Option("--forget", help="Drop it with everything that waits for it.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """How the endpoints fare that are told what happens, on this home or on SIKLUS_DATABASE_URL."""
    settings = _settings(home=home)
    with _plain_errors():
        from deploy.webhooks_command import webhooks as work

        known = asyncio.run(work(settings, on=on, forget=forget))
    if as_json:
        print(json.dumps(known, default=str))  # noqa: T201
    else:
        shown = Table("endpoint", "", "waiting", "oldest", "last error", box=None)
        for one in known:
            cells = (one["name"], "off" if one["off_at"] else "on", one["waiting"], one["oldest"], one["last_error"])
            shown.add_row(*(escape(str(cell or "")) for cell in cells))
        out.print(shown)


@app.command()
def token(
    nip: Annotated[str, typer.Argument(help="18 digits.")], home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Print a bearer token for this person (local mode only)."""
    settings = _settings(home=home)
    with _plain_errors():
        from deploy.token import issue

        bearer = issue(settings, nip)
        print(json.dumps({"access_token": bearer, "token_type": "bearer"}) if as_json else bearer)  # noqa: T201


@roster.command("import")
def roster_import(
    file: FileArgument, dry_run: DryRunOption = False, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Import a roster file; all or nothing. Works before the first start and on a running home."""
    _import("roster", file, dry_run, home, as_json)


@history.command("import")
def history_import(
    file: FileArgument, dry_run: DryRunOption = False, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Import a file of results of earlier years, of people who are on the roster; all or nothing."""
    _import("history", file, dry_run, home, as_json)


def _import(what: Literal["roster", "history"], file: Path, dry_run: bool, home: Path | None, as_json: bool) -> None:
    settings = _settings(home=home)
    with _plain_errors():
        from deploy.roster_command import import_file

        answer = asyncio.run(import_file(what, settings, file, dry_run=dry_run))
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, default=str))  # noqa: T201
    else:
        _show_import(answer, dry_run=dry_run)
    if answer.get("rejected"):
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def year(context: typer.Context) -> None:
    """Play a whole year for the demo agency in skipped time, on a throwaway stack, and print what came out."""
    _delegate("deploy.year", context)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def policy(context: typer.Context) -> None:
    """Policy packs: list them, begin one as a copy, check a file."""
    _delegate("deploy.policy_command", context)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def bench(context: typer.Context) -> None:
    """Measure this machine: a table, and .bench/latest.json."""
    _delegate("deploy.bench", context)


def _delegate(module: str, context: typer.Context) -> None:
    """Hand the rest of the command line to that module's own typer `app`, so it is imported only when asked for."""
    from importlib import import_module

    _settings()
    with _plain_errors():
        import_module(module).app(args=context.args, prog_name=f"siklus {context.info_name}")


def _settings(home: Path | None = None, port: int | None = None, *, on_a_database: bool = False) -> Settings:
    """Settings from the environment, then the options; configures logging. Ends with status 2 on a wrong variable.

    `on_a_database`: for a command that works on a database which is there already.
    """
    chosen = {name: value for name, value in (("home", home), ("port", port)) if value is not None}
    try:
        settings = Settings(**chosen)  # type: ignore[arg-type]
    except ValidationError as error:
        for problem in error.errors():
            name = f"SIKLUS_{'__'.join(map(str, problem['loc']))}".upper() if problem["loc"] else ""
            _complain(f"{name + ': ' if name else ''}{problem['msg'].removeprefix('Value error, ')}")
        raise typer.Exit(2) from None
    if on_a_database and not settings.database_url:
        _complain(
            "SIKLUS_DATABASE_URL: not set; this command works on a database of yours, `siklus run` brings its own"
        )
        raise typer.Exit(2)
    from deploy import logging

    logging.configure(settings.log_format, settings.log_level)
    return settings


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn an error we foresaw, or one of files and the network, into one sentence and status 1.

    SIKLUS_LOG_LEVEL=DEBUG shows where it came from.
    """
    try:
        yield
    except (OperatorError, OSError) as error:
        if os.environ.get("SIKLUS_LOG_LEVEL") == "DEBUG":
            raise
        if isinstance(error, OSError) and error.filename:
            _complain(f"{error.filename}: {error.strerror}")
        else:
            _complain(str(error))
        raise typer.Exit(1) from None


def _complain(sentence: str) -> None:
    say.print("[red]siklus:[/red]", escape(sentence))


def _show_import(answer: dict[str, object], *, dry_run: bool) -> None:
    counts = Table(title="would import" if dry_run else "imported", box=None)
    for name in ("rows", "created", "updated", "unchanged"):
        counts.add_row(name, str(answer.get(name, 0)))
    out.print(counts)
    rejected = answer.get("rejected")
    if isinstance(rejected, list) and rejected:
        reasons = Table("row", "column", "code", "message", title=f"{len(rejected)} rejected, nothing was changed")
        for line in rejected:
            reasons.add_row(*(str(line.get(name, "")) for name in ("row", "column", "code", "message")))
        out.print(reasons)


if __name__ == "__main__":
    sys.exit(app())
