"""The bench: what is held against what, and that all of it runs; no figure is judged here, a shared machine has none to judge."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from deploy.bench import allowed, percentile, timed
from deploy.bench_history import History, counted
from deploy.bench_stack import Figures, Rounds

NAMES = [
    "acts_at_once_seconds",
    "act_p50_milliseconds",
    "act_p99_milliseconds",
    "launch_seconds",
    "extend_2000_milliseconds",
    "extend_2000_over_one_update",
    "bring_forward_2000_seconds",
    "inbox_10000_milliseconds",
    "progress_10000_milliseconds",
    "heaviest_page_10000_milliseconds",
    "year_history_events",
    "year_history_bytes",
    "late_label_history_events",
]


def test_ratios_say_how_near_ours_comes_to_bare_and_each_is_held_against_its_reach() -> None:
    rounds = Rounds(
        ours=Figures(
            at_once=[4.0, 9.0, 5.0],
            launch=[10.0],
            one_by_one=[0.060] * 99 + [0.200],
            extend=[0.120],
            bring_forward=[10.0],
        ),
        bare=Figures(
            at_once=[2.0, 3.0, 2.0],
            launch=[9.0],
            one_by_one=[0.050] * 99 + [0.100],
            extend=[0.060],
            bring_forward=[9.0],
        ),
    )
    rows = {row.name: row for row in timed(rounds)}
    assert (rows["acts_at_once_seconds"].ratio, rows["acts_at_once_seconds"].ok) == (0.4, False)
    assert (rows["act_p50_milliseconds"].ratio, rows["act_p50_milliseconds"].ok) == (1.2, True)
    assert (rows["launch_seconds"].ratio, rows["launch_seconds"].ok) == (0.9, True)
    assert (rows["extend_2000_milliseconds"].ratio, rows["extend_2000_milliseconds"].ok) == (1.2, False)
    assert (rows["extend_2000_over_one_update"].ratio, rows["extend_2000_over_one_update"].ok) == (2.0, True)
    assert (rows["bring_forward_2000_seconds"].ratio, rows["bring_forward_2000_seconds"].ok) == (0.9, True)


def test_a_year_that_costs_the_engine_more_than_it_may_is_not_ok() -> None:
    assert [row.ok for row in allowed(History(events=160, bytes=65_536))] == [True, True]
    assert [row.ok for row in allowed(History(events=161, bytes=65_537))] == [False, False]


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.5


def test_events_that_only_a_skipped_clock_writes_are_not_counted_as_ours() -> None:
    events = [
        HistoryEvent(event_id=1, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED),
        HistoryEvent(event_id=2, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED),
        HistoryEvent(event_id=3, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED),
        HistoryEvent(event_id=4, event_type=EventType.EVENT_TYPE_TIMER_STARTED),
    ]
    assert counted(events) == History(events=2, bytes=events[0].ByteSize() + events[3].ByteSize())


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_a_quick_run_measures_every_figure_and_writes_what_it_prints(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "deploy.cli", "bench", "--quick", "--json"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    document = json.loads(out)
    assert document == json.loads((tmp_path / ".bench" / "latest.json").read_text())
    assert [row["name"] for row in document["rows"]] == NAMES
    for row in document["rows"]:
        assert set(row) == {"name", "value", "limit", "ratio", "reach", "ok"}
        assert isinstance(row["ok"], bool)
        assert min(row["value"], row["limit"], row["ratio"]) > 0
        assert row["reach"] is None or row["reach"] > 0
    spent = {one["part"]: one for one in document["processor"]}
    assert spent["engine"]["ours"] > 0 < spent["engine"]["bare"]
    assert spent["worker"]["ours"] > 0 < spent["bare"]["bare"]
