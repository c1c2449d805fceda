"""What running workflows are told after a change of rows was committed; told again, nothing happens twice.

Rows come first and say who is still to be told, so an engine that is away loses nothing: the same request, or the next one, tells them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Row, text
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.launch import workflow_id
from api.engine import PATIENCE, asking
from api.problems import Problem
from api.rooms import Rooms
from api.together import together
from workflows.cycle import CycleInput, CycleWorkflow
from workflows.programme import ProgrammeInput, ProgrammeWorkflow

AT_ONCE = 64
"""Signals are cheap for the engine; what each brings about queues behind them."""
PAGE = 200
"""So many are told before the list forgets them in one statement; whoever dies in between tells some of them again."""
NUDGED = text(
    """
    SELECT n.appraisal_id, n.facts_revision, n.wake, a.revision, a.incarnation FROM nudge n JOIN appraisal a ON a.id = n.appraisal_id
     WHERE CAST(:cycle AS text) IS NULL OR a.cycle_id = :cycle ORDER BY n.appraisal_id
    """
)
OPENING = text(
    """
    SELECT c.id, c.state = 'open' AS again FROM cycle c
     WHERE c.state = 'opening'
        OR (c.state = 'open' AND EXISTS (SELECT FROM appraisal a WHERE a.cycle_id = c.id AND a.launch = 'pending'
                                        AND a.parked IS NULL))
    """
)
"""Also those that are open and have somebody who was taken in since, or of whom the engine has lost the word before it was recorded."""
PROGRAMMES = text(
    """
    SELECT id, version FROM programme
     WHERE (told < version OR (state <> 'done' AND wake_at < :forgotten)) AND (CAST(:only AS text) IS NULL OR id = :only) ORDER BY id
    """
)
"""Also who has ended, so that his workflow does, and whose workflow did not look when it should have: the engine may have lost it."""
PROGRAMME_TOLD = text("UPDATE programme SET told = greatest(told, :version) WHERE id = :id")
LOOKS_WITHIN = timedelta(hours=1)
CLOSING = text("SELECT id FROM cycle WHERE state = 'closing'")
TOLD = text(
    """
    DELETE FROM nudge n USING unnest(CAST(:ids AS text[]), CAST(:revisions AS int[])) AS told(id, revision)
     WHERE n.appraisal_id = told.id AND n.facts_revision <= told.revision
    """
)
One = TypeVar("One")
log = structlog.stdlib.get_logger("siklus.telling")


def cycle_workflow_id(cycle_id: str) -> str:
    return f"cycle/{cycle_id}"


async def start_cycle(rooms: Rooms, cycle_id: str, *, again: bool) -> None:
    """See that the cycle's workflow runs, one that the engine lost anew; opened `again`, it looks for failed launches too.

    Raises `engine_away`.
    """
    begun = await _start(rooms, cycle_id)
    if again or not begun:
        await _signal(rooms, cycle_id, "retry", rooms.now())


async def _start(rooms: Rooms, cycle_id: str) -> bool:
    """Whether it did not run already. Raises `engine_away`."""
    with asking(), suppress(WorkflowAlreadyStartedError):
        await rooms.engine.start_workflow(
            CycleWorkflow.run,
            CycleInput(cycle_id=cycle_id, at=rooms.now()),
            id=cycle_workflow_id(cycle_id),
            task_queue=rooms.task_queue,
            rpc_timeout=PATIENCE,
        )
        return True
    return False


async def end_cycle(rooms: Rooms, cycle_id: str) -> None:
    """Tell the workflow of a cancelled cycle, where there is one, to end with its last appraisal. Raises `engine_away`."""
    await _signal(rooms, cycle_id, "close")


async def _signal(rooms: Rooms, cycle_id: str, signal: str, *told: datetime) -> None:
    """Tell the cycle's workflow; one that does not run has nothing to hear."""
    handle = rooms.engine.get_workflow_handle(cycle_workflow_id(cycle_id))
    try:
        with asking(unknown_workflow="not_running"):
            await handle.signal(signal, args=told, rpc_timeout=PATIENCE)
    except Problem as problem:
        if problem.code != "not_running":
            raise


async def close_cycle(rooms: Rooms, cycle_id: str) -> None:
    """Tell the cycle's workflow to end with its last appraisal; one that the engine lost begins anew for that. Raises `engine_away`."""
    with asking():
        await rooms.engine.start_workflow(
            CycleWorkflow.run,
            CycleInput(cycle_id=cycle_id, closing=True, launched=True),
            id=cycle_workflow_id(cycle_id),
            task_queue=rooms.task_queue,
            start_signal="close",
            rpc_timeout=PATIENCE,
        )


async def start_opening(rooms: Rooms) -> None:
    """Start the cycles that were opened while the engine was away, or whose workflow it lost."""
    async with rooms.database.transaction() as connection:
        again = {row.id: row.again for row in await connection.execute(OPENING)}

    async def start(cycle_id: str) -> None:
        if again[cycle_id]:
            await start_cycle(rooms, cycle_id, again=True)
        else:
            await _start(rooms, cycle_id)

    await each_by_itself(list(again), start)


async def close_closing(rooms: Rooms) -> None:
    """Tell the cycles that were closed while the engine was away, or whose workflow it lost."""
    async with rooms.database.transaction() as connection:
        ids = (await connection.execute(CLOSING)).scalars().all()

    async def close(cycle_id: str) -> None:
        if not await _closes(rooms, cycle_id):
            await close_cycle(rooms, cycle_id)

    await each_by_itself(ids, close)


async def _closes(rooms: Rooms, cycle_id: str) -> bool:
    """Whether the cycle's workflow runs and knows that it closes. Raises `engine_away`."""
    handle = rooms.engine.get_workflow_handle(cycle_workflow_id(cycle_id))
    try:
        with asking(unknown_workflow="not_running"):
            status = (await handle.describe(rpc_timeout=PATIENCE)).status
            if status is not WorkflowExecutionStatus.RUNNING:
                return False
            return await handle.query(CycleWorkflow.closing, rpc_timeout=PATIENCE)
    except Problem as problem:
        if problem.code != "not_running":
            raise
        return False


async def each_by_itself(those: Iterable[One], do: Callable[[One], Awaitable[None]]) -> None:
    """Do it for each, whatever comes of another, and then raise what went wrong first: the next look tries all of them again."""
    wrong: Exception | None = None
    for one in those:
        try:
            await do(one)
        except Exception as error:
            log.warning("put_off", what=do.__name__, error=type(error).__name__)
            wrong = wrong or error
    if wrong is not None:
        raise wrong


async def tell_nudged(rooms: Rooms, cycle_id: str | None = None) -> None:
    """Tell those appraisals that something comes earlier than they sleep; who could not be told stays on the list.

    One at a time in a process: thousands take seconds, and upkeep would begin them anew.
    """
    async with rooms.telling:
        await _tell_nudged(rooms, cycle_id)


async def _tell_nudged(rooms: Rooms, cycle_id: str | None) -> None:
    async with rooms.database.transaction() as connection:
        rows = (await connection.execute(NUDGED, {"cycle": cycle_id})).all()
    gate = asyncio.Semaphore(AT_ONCE)

    async def tell(appraisal_id: str, facts_revision: int, wake: datetime | None, name: str) -> bool:
        """Whether it was told, or is there no more to be told."""
        async with gate:
            try:
                with asking(unknown_workflow="not_running"):
                    handle = rooms.engine.get_workflow_handle(name)
                    if wake is None:
                        await handle.signal("facts_changed", facts_revision, rpc_timeout=PATIENCE)
                    else:
                        await handle.signal("comes_earlier", args=[facts_revision, wake], rpc_timeout=PATIENCE)
            except Problem as problem:
                if problem.code != "not_running":
                    log.warning("nudge_not_told", appraisal_id=appraisal_id, code=problem.code)
                    return False
            return True

    async def tell_page(page: Sequence[Row[tuple[str, int, datetime | None, int, int]]]) -> None:
        names = [workflow_id(r.appraisal_id, r.revision, r.incarnation) for r in page]
        told = await together(
            tell(r.appraisal_id, r.facts_revision, r.wake, name) for r, name in zip(page, names, strict=True)
        )
        over = [r for r, done in zip(page, told, strict=True) if done]
        async with rooms.database.transaction() as connection:
            asked = {"ids": [r.appraisal_id for r in over], "revisions": [r.facts_revision for r in over]}
            await connection.execute(TOLD, asked)

    # The gate lets them through in this order, so that the next page is being told while one is forgotten.
    await together(tell_page(rows[start : start + PAGE]) for start in range(0, len(rows), PAGE))


def programme_workflow_id(programme_id: str) -> str:
    return f"programme/{programme_id}"


async def tell_programmes(rooms: Rooms, only: str | None = None) -> None:
    """Have the workflows of programmes look again that somebody moved; one that does not run begins, since rows say what it does."""
    async with rooms.database.transaction() as connection:
        asked = {"only": only, "forgotten": rooms.now() - LOOKS_WITHIN}
        rows = (await connection.execute(PROGRAMMES, asked)).all()
    versions = {row.id: row.version for row in rows}

    async def tell(programme_id: str) -> None:
        with asking():
            await rooms.engine.start_workflow(
                ProgrammeWorkflow.run,
                ProgrammeInput(programme_id=programme_id),
                id=programme_workflow_id(programme_id),
                task_queue=rooms.task_queue,
                start_signal="moved",
                rpc_timeout=PATIENCE,
            )
        async with rooms.database.transaction() as connection:
            await connection.execute(PROGRAMME_TOLD, {"id": programme_id, "version": versions[programme_id]})

    await each_by_itself(list(versions), tell)


async def tell_all(rooms: Rooms) -> None:
    """After a decision about people: their years and their programmes; upkeep tells whom this could not."""
    await tell_nudged(rooms)
    with suppress(Problem):
        await tell_programmes(rooms)
