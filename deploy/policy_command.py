"""`siklus policy`: the packs there are, a new one begun as a copy, and a file checked line by line."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.errors import OperatorError
from deploy.settings import Settings
from models.pack_check import read, reckoned
from models.pack_file import said
from models.pack_lines import line_of
from models.shelf import Shelf
from models.worked import WorkedExample

app = typer.Typer(help="Policy packs: what they are, and whether one holds together.", no_args_is_help=True)
say = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
NAME = re.compile(r"[a-z0-9-]+")


@app.command("list")
def list_packs(as_json: JsonOption = False) -> None:
    """Every pack a cycle may be opened with, and where its file is."""
    shelf = Shelf(Settings().own_policies)
    rows = [{"id": pack_id, "file": str(path)} for pack_id, path in shelf.files().items()]
    if as_json:
        print(json.dumps(rows))  # noqa: T201
        return
    table = Table("pack", "file", box=None)
    for row in rows:
        table.add_row(row["id"], row["file"])
    out.print(table)


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="Id of the pack to begin from.")],
    name: Annotated[str, typer.Argument(help="Id of the new pack: small letters, digits and hyphens.")],
) -> None:
    """Begin a pack of your own: write a file into your folder of packs, which builds on `source` and differs in nothing yet."""
    settings = Settings()
    shelf = Shelf(settings.own_policies)
    if source not in shelf.files():
        raise OperatorError(f"there is no pack {source!r}; there are {', '.join(shelf.ids())}")
    if not NAME.fullmatch(name):
        raise OperatorError("a pack is named by small letters, digits and hyphens")
    if name in shelf.files():
        raise OperatorError(f"there is a pack {name!r} already: {shelf.files()[name]}")
    settings.own_policies.mkdir(parents=True, exist_ok=True)
    path = settings.own_policies / f"{name}.toml"
    path.write_text(BEGUN.format(source=source, name=name), encoding="utf-8")
    say.print(f"Written: {path}. Say in it where you differ, then: siklus policy check {path}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A pack's file.", exists=True, dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with a pack, each mistake with its line. Status 1 where there is any."""
    shelf = Shelf(Settings().own_policies)
    pack, mistakes = read(file.read_text(encoding="utf-8"), shelf.files())
    if as_json:
        found = [asdict(mistake) for mistake in mistakes]
        print(json.dumps({"id": pack.id if pack else None, "mistakes": found}, ensure_ascii=False))  # noqa: T201
    elif mistakes:
        table = Table("line", "where", "what", title=f"{len(mistakes)} to mend in {file.name}", box=None)
        for mistake in mistakes:
            line = f"{mistake.line or ''}{f' of {mistake.of}' if mistake.of else ''}"
            table.add_row(line, mistake.where, mistake.message)
        out.print(table)
        if any(mistake.where.startswith("examples") for mistake in mistakes):
            say.print(f"What the worked examples come to now: siklus policy examples {file}")
    elif pack:
        out.print(f"{pack.id}, version {pack.version}: holds together. {_tried(len(pack.examples))}")
    if mistakes:
        raise typer.Exit(1)


@app.command()
def examples(file: Annotated[Path, typer.Argument(help="A pack's file.", exists=True, dir_okay=False)]) -> None:
    """Print the worked examples of a pack as they come to now, to be read and put into its file. Says which come to something else."""
    text = file.read_text(encoding="utf-8")
    pack, mistakes = read(text, Shelf(Settings().own_policies).files())
    if pack is None:
        raise OperatorError(
            f"{file.name} does not hold together yet ({mistakes[0].message}): siklus policy check {file}"
        )
    found = list(reckoned(pack))
    for one in found:
        told, now = one.told, one.comes_to
        if now is None:
            say.print(f"{told.title.en}: it cannot be rated any more, and is left out")
            continue
        if now != told:
            say.print(f"{told.title.en}: {_figure(told)} before, {_figure(now)} now")
        rows = now.model_dump(mode="json", exclude_defaults=True)
        print("\n[[examples]]", *(f"{key} = {said(value)}" for key, value in rows.items()), sep="\n")  # noqa: T201
    if "examples" in tomllib.loads(text) and any(one.comes_to != one.told for one in found):
        line = line_of(text, ("examples", 0))
        say.print(f"{file.name} has examples of its own, from line {line} on: put these in their place, not after them")


def _figure(worked: WorkedExample) -> str:
    return worked.label.value + (f" ({worked.value})" if worked.value is not None else "")


def _tried(examples: int) -> str:
    return f"{examples} worked examples come to what they say." if examples else "It has no worked examples."


BEGUN = """# What this agency does differently from {source}; all else is taken over from it. How: docs/policies.md.

extends = "{source}"

id = "{name}"
version = 1
source = "Peraturan Bupati ..."
title = {{ id = "Penilaian kinerja kami", en = "Our appraisal" }}
"""
