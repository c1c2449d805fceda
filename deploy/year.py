"""`siklus year`: a whole year of the demo agency in skipped time on a throwaway stack, and what came out.

Status 0 only where everybody's year was finished and every trail verified. What it prints is flushed before the stack is taken
down, because the experimental time-skipping client can abort an interpreter that ends by itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import text

from activities.record import event_of
from deploy.demo import PEOPLE_MAX, PEOPLE_MIN, Row, generate
from deploy.rehearsal import Rehearsal, import_people, open_cycle, throwaway
from deploy.settings import Settings
from deploy.year_clock import MasterClock, Tell
from models.shelf import Shelf
from models.trail import breaks

DEFAULT_POLICY = "permenpanrb-6-2022"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
say = Console(stderr=True, highlight=False, soft_wrap=True)

LABELS = text(
    """
    SELECT o.label, count(*) FROM appraisal a JOIN outcome o ON o.id = a.outcome_id
     WHERE a.cycle_id = :cycle GROUP BY o.label ORDER BY o.label
    """
)
ENDINGS = text(
    "SELECT ending, count(*) FROM appraisal WHERE cycle_id = :cycle AND ending IS NOT NULL GROUP BY ending ORDER BY ending"
)
COUNTS = text(
    """
    WITH year AS (SELECT * FROM appraisal WHERE cycle_id = :cycle),
         trail AS (SELECT e.* FROM event e JOIN year ON year.id = e.appraisal_id)
    SELECT (SELECT count(*) FROM year WHERE launch = 'launched') AS people,
           (SELECT count(*) FROM year WHERE launch = 'excluded') AS excluded,
           (SELECT count(*) FROM year WHERE state = 'finalisation.done') AS finished,
           (SELECT count(DISTINCT appraisal_id) FROM trail WHERE action LIKE 'return\\_%') AS returned,
           (SELECT count(*) FROM year WHERE late) AS late,
           (SELECT count(DISTINCT appraisal_id) FROM trail WHERE data ->> 'takeover' = 'true') AS takeovers,
           (SELECT count(*) FROM notice n JOIN year ON year.id = n.appraisal_id) AS notices,
           (SELECT count(*) FROM trail) AS events
    """
)
TRAIL = text(
    """
    SELECT e.* FROM event e JOIN appraisal a ON a.id = e.appraisal_id
     WHERE a.cycle_id = :cycle ORDER BY e.appraisal_id, e.seq
    """
)


@dataclass(frozen=True)
class Tally:
    """What a year came to. `returned`, `late` and `takeovers` count people in whose year it happened."""

    people: int
    finished: int
    labels: dict[str, int]
    endings: dict[str, int]
    returned: int
    late: int
    takeovers: int
    notices: int
    events: int
    seconds: float
    excluded: int
    broken: int
    """Trails that do not verify."""

    @property
    def ok(self) -> bool:
        return self.finished == self.people and not self.broken

    def line(self) -> str:
        """The one line of the contract."""
        return json.dumps({name: value for name, value in asdict(self).items() if name not in ("excluded", "broken")})


@app.command()
def year(
    people: Annotated[int, typer.Option(min=PEOPLE_MIN, max=PEOPLE_MAX, help="Whose year is played.")] = 100,
    policy: Annotated[str, typer.Option(help="Id of the policy pack.")] = DEFAULT_POLICY,
    seed: Annotated[int, typer.Option(help="Decides who is who and who does what.")] = 1,
    of: Annotated[
        int | None, typer.Option("--year", max=2100, help="The cycle's year, ahead of today. [default: next year]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON instead of tables.")] = False,
) -> None:
    """Play a whole year for the demo agency in skipped time, on a throwaway stack, and print what came out."""
    this = datetime.now(UTC).year
    if of is not None and of <= this:
        raise typer.BadParameter(f"skipped time only goes forward: the year must come after {this}")
    shelf = Shelf(Settings().own_policies)
    if policy not in shelf.ids():
        raise typer.BadParameter(f"there is no policy pack {policy!r}; there are {', '.join(shelf.ids())}")
    logging.getLogger().setLevel(logging.WARNING)
    asyncio.run(_play(people, shelf, policy, seed, of or this + 1, as_json=as_json))


async def _play(people: int, shelf: Shelf, policy: str, seed: int, of: int, *, as_json: bool) -> None:
    began = time.monotonic()
    say.print(f"Starting a throwaway stack for {people} people …")
    async with throwaway() as rehearsal:
        rehearsal.rooms.shelf = shelf
        await import_people(rehearsal, roster(people, seed, of))
        cycle = await open_cycle(rehearsal, policy, of)
        with _progress(people) as tell:
            await MasterClock(rehearsal, cycle, seed, tell).play()
        tally = await count(rehearsal, cycle, began)
        show(tally, as_json=as_json)
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if tally.ok else 1)


def roster(people: int, seed: int, of: int) -> list[Row]:
    """A roster in which that many have somebody above them, and so a year; the rest are excluded from a cycle."""
    size = people
    while True:
        rows = generate(size, seed, of)
        missing = people - sum(1 for row in rows if row["nip_atasan"])
        if missing <= 0:
            return rows
        size += missing


async def count(rehearsal: Rehearsal, cycle: str, began: float) -> Tally:
    """What the rows of this cycle add up to, every trail verified."""
    asked = {"cycle": cycle}
    async with rehearsal.database.transaction() as connection:
        counts = (await connection.execute(COUNTS, asked)).mappings().one()
        labels = {str(label): int(n) for label, n in await connection.execute(LABELS, asked)}
        endings = {str(ending): int(n) for ending, n in await connection.execute(ENDINGS, asked)}
        trail = (await connection.execute(TRAIL, asked)).mappings().all()
    chains = [list(rows) for _, rows in groupby(trail, key=lambda row: row["appraisal_id"])]
    broken = sum(1 for rows in chains if breaks([event_of(row) for row in rows]))
    seconds = round(time.monotonic() - began, 1)
    return Tally(**counts, labels=labels, endings=endings, seconds=seconds, broken=broken)


def show(tally: Tally, *, as_json: bool) -> None:
    """Data to stdout."""
    if tally.broken:
        say.print(f"[red]siklus:[/red] {tally.broken} trails do not verify")
    if as_json:
        print(tally.line(), flush=True)  # noqa: T201
        return
    table = Table("", "people", title="The year is over", box=None)
    for title, counts in (("label", tally.labels), ("ending", tally.endings)):
        for name, number in counts.items():
            table.add_row(f"{title}: {name}", str(number))
    for name in ("people", "finished", "excluded", "returned", "late", "takeovers", "notices", "events", "seconds"):
        table.add_row(name, str(getattr(tally, name)))
    Console(highlight=False).print(table)


@contextmanager
def _progress(people: int) -> Iterator[Tell]:
    """A bar on a terminal; elsewhere a line for each month."""
    if say.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=say) as bar:
            task = bar.add_task("starting", total=people)
            yield lambda at, done: bar.update(task, description=f"{at:%d %b %Y}", completed=done)
        return
    shown = ""

    def tell(at: datetime, done: int) -> None:
        nonlocal shown
        if f"{at:%B %Y}" != shown:
            shown = f"{at:%B %Y}"
            say.print(f"{shown}: {done} of {people} finished")

    yield tell
