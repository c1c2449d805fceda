"""`siklus bench`: ours against a bare workflow on the same engine, in one run on this machine, as ratios.

A measurement, not a test: status 0 also where a figure is not reached, another only where something failed. No absolute
duration is held against anything, because it would say more about the machine than about us.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.bench_cost import Cost, costs
from deploy.bench_history import Histories, History
from deploy.bench_lists import Lists
from deploy.bench_load import in_own_process
from deploy.bench_rounds import ACTS, QUICK, measure
from deploy.bench_stack import Rounds, Size

LATEST = Path(".bench/latest.json")

EXTEND_MILLISECONDS_MAX = 100
EVENTS_MAX = 160
BYTES_MAX = 64 * 1024

MORE_IS_BETTER = ("acts_at_once_seconds", "launch_seconds", "bring_forward_2000_seconds")
"""Rows whose ratio is bare over ours."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
say = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False)


@dataclass(frozen=True)
class Row:
    """One figure: `value` is ours, `limit` what it is held against (the bare one, or what is allowed).

    Without a `reach` the ratio is told and nothing is asked of it.
    """

    name: str
    value: float
    limit: float
    ratio: float
    reach: float | None
    ok: bool


@app.command()
def bench(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few of each only: shows that it runs, measures little.")
    ] = False,
    acts: Annotated[bool, typer.Option("--acts", help="The acts alone, on an agency of 500.")] = False,
) -> None:
    """Measure this machine: ours against a bare workflow on the same engine. Takes some minutes; let nothing else run."""
    size = ACTS if acts else QUICK if quick else Size()
    rows, rounds = asyncio.run(_measured(size))
    spent = costs(rounds.ours.spent, rounds.bare.spent, size.at_once)
    document = {"rows": [asdict(row) for row in rows], "processor": [asdict(one) for one in spent]}
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(document))  # noqa: T201
    else:
        out.print(_table(rows))
        out.print(_spent(spent))
        say.print(f"Written to {LATEST}.")


async def _measured(size: Size) -> tuple[list[Row], Rounds]:
    if not size.listed:
        rounds = await measure(size, say.print)
        return list(timed(rounds)), rounds
    say.print("Counting the histories of two years …")
    histories = Histories.model_validate_json(await in_own_process("deploy.bench_history"))
    say.print(f"Asking for lists of {size.listed} people …")
    lists = Lists.model_validate_json(await in_own_process("deploy.bench_lists", str(size.listed)))
    if lists.heaviest is not None:
        say.print(f"The heaviest page: {lists.heaviest.path}")
    rounds = await measure(size, say.print)
    return [*timed(rounds), *listed(lists), *allowed(histories.label_first), *told(histories.label_late)], rounds


def timed(rounds: Rounds) -> Iterator[Row]:
    """The rows of what was timed. At once, launches, bringing forward: bare over ours, the more the better; else ours over bare.

    An extension is held against one bare `UPDATE` of the same rows, and against what HR may have to wait for it.
    """
    ours, bare = rounds.ours, rounds.bare
    yield _faster("acts_at_once_seconds", median(ours.at_once), median(bare.at_once), 0.5)
    for percent in (50, 99):
        mine, other = percentile(ours.one_by_one, percent), percentile(bare.one_by_one, percent)
        yield _within(f"act_p{percent}_milliseconds", 1000 * mine, 1000 * other, 1.5)
    if not ours.extend:
        return
    yield _faster("launch_seconds", median(ours.launch), median(bare.launch), 0.8)
    extended = 1000 * median(ours.extend)
    yield _within("extend_2000_milliseconds", extended, EXTEND_MILLISECONDS_MAX, 1)
    yield _within("extend_2000_over_one_update", extended, 1000 * median(bare.extend), None)
    yield _faster("bring_forward_2000_seconds", median(ours.bring_forward), median(bare.bring_forward), 0.8)


def listed(lists: Lists) -> Iterator[Row]:
    """The rows of what lists cost the database, against the barest query of the same, and of the page that takes the server longest,
    against its own statements and an empty route.
    """
    yield _within("inbox_10000_milliseconds", 1000 * median(lists.inbox), 1000 * median(lists.bare_inbox), 2)
    yield _within("progress_10000_milliseconds", 1000 * median(lists.progress), 1000 * median(lists.bare_progress), 2)
    if (page := lists.heaviest) is not None:
        bare = median(page.bare) + median(page.nothing)
        yield _within("heaviest_page_10000_milliseconds", 1000 * page.heavy, 1000 * bare, 2)


def allowed(history: History) -> Iterator[Row]:
    """The rows of what was counted, held against what a year may cost the engine."""
    yield _within("year_history_events", history.events, EVENTS_MAX, 1)
    yield _within("year_history_bytes", history.bytes, BYTES_MAX, 1)


def told(late: History) -> Iterator[Row]:
    """What a year costs whose label comes after its rating; nothing is asked of it."""
    yield _within("late_label_history_events", late.events, EVENTS_MAX, None)


def percentile(seconds: Sequence[float], percent: int) -> float:
    """The smallest measured value that so many percent do not exceed, or between two of them."""
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]


def _faster(name: str, value: float, limit: float, reach: float) -> Row:
    ratio = limit / value
    return Row(name, round(value, 3), round(limit, 3), round(ratio, 3), reach, ratio >= reach)


def _within(name: str, value: float, limit: float, reach: float | None) -> Row:
    ratio = value / limit
    return Row(name, round(value, 3), round(limit, 3), round(ratio, 3), reach, reach is None or ratio <= reach)


def _spent(spent: Sequence[Cost]) -> Table:
    table = Table(title="Processor time of one act at once", caption="milliseconds, all cores; medians of the rounds")
    for column in ("", "ours", "bare"):
        table.add_column(column, justify="left" if not column else "right")
    for one in spent:
        table.add_row(one.part, f"{one.ours:g}", f"{one.bare:g}")
    return table


def _table(rows: Sequence[Row]) -> Table:
    table = Table(
        title="Siklus on this machine", caption="at once, launch, bring forward: bare / ours, else ours / bare; medians"
    )
    for column in ("", "ours", "against", "ratio", "reach", ""):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows:
        mark = "[green]ok[/green]" if row.ok else "[yellow]not reached[/yellow]"
        sign = "≥" if row.name in MORE_IS_BETTER else "≤"
        asked = ("", "") if row.reach is None else (f"{sign} {row.reach:g}", mark)
        table.add_row(row.name, f"{row.value:g}", f"{row.limit:g}", f"{row.ratio:.2f}", *asked)
    return table
