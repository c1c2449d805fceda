"""The rounds of a measurement on one stack: ours, bare, ours, bare, with nothing else running on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from deploy.bench_cost import metered
from deploy.bench_moves import Moves, plan_with_room
from deploy.bench_stack import AT_ONCE, Rounds, Size, running
from deploy.demo_cycle import demo_calendar

ACTS = Size(people=500, rounds=4, launches=1, moves=0, listed=0)
"""The acts alone: what the rest of a run leaves behind is not in their way."""
QUICK = Size(people=24, at_once=12, one_by_one=4, rounds=1, launches=1, moves=1, listed=200)


async def measure(size: Size, say: Callable[[str], None]) -> Rounds:
    """Start the stack, go through all rounds, and leave nothing behind.

    Raises:
        NotMeasuredError: something failed that was to be measured.
    """
    rounds = Rounds()
    async with running(size) as bench:
        today = datetime.now(UTC).date()
        this_year = today.year
        cycle = await bench.launch(
            rounds, this_year, say, calendar=demo_calendar(today) | {"plan": plan_with_room(today)}
        )
        if size.moves:
            await Moves(bench, cycle, today).measure(rounds, size.moves, say)
        say("Saving drafts …")
        actors = await bench.prepare(cycle, size.at_once + size.one_by_one)
        crowd, few = actors[: size.at_once], actors[size.at_once :]
        for number in range(1, size.rounds + 1):
            action = "submit_plan" if number % 2 else "recall_plan"
            say(f"Acts, round {number} of {size.rounds} …")
            with metered(bench.records, rounds.ours.spent):
                rounds.ours.at_once.append((await bench.act(action, crowd, AT_ONCE)).seconds)
            with metered(bench.records, rounds.bare.spent):
                rounds.bare.at_once.append((await bench.update(len(crowd), AT_ONCE)).seconds)
            rounds.ours.one_by_one += (await bench.act(action, few, 1)).each
            rounds.bare.one_by_one += (await bench.update(len(few), 1)).each
        for number in range(1, size.launches):
            await bench.launch(rounds, this_year + number, say)
    return rounds
