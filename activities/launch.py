"""Launch: start the year of everybody in a cycle who has none yet, a page at a time; a person who fails is listed, the rest go on.

Who is to be launched stands in rows, so this can be repeated at any point: an appraisal that runs already is simply found running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.facts import Facts
from models.appraisal import AppraisalInput, Frozen, Snapshot
from models.database import Database
from models.policy import PolicyPack

PAGE = 200
AT_ONCE = 16
"""The engine's embedded edition serves about this many starts at a time well."""

REFUSALS = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.OUT_OF_RANGE})
"""What the engine answers where another try would be answered the same."""

TO_LAUNCH = text(
    """
    SELECT id, person_id, incarnation FROM appraisal
     WHERE cycle_id = :cycle AND launch = 'pending' AND id > :after ORDER BY id LIMIT :page
    """
)
FAILED = text("UPDATE appraisal SET launch = 'failed', launch_problem = :why WHERE id = :id AND launch = 'pending'")
RETRY_FAILED = text("UPDATE appraisal SET launch = 'pending' WHERE cycle_id = :cycle AND launch = 'failed'")
COUNT = text(
    """
    SELECT count(*) FILTER (WHERE launch = 'pending') AS pending, count(*) FILTER (WHERE launch = 'failed') AS failed,
           count(*) FILTER (WHERE launch = 'launched') AS launched,
           count(*) FILTER (WHERE launch = 'launched' AND state = 'finalisation.done') AS done
      FROM appraisal WHERE cycle_id = :cycle
    """
)
SET_STATE = text(
    "UPDATE cycle SET state = :state, version = version + 1 WHERE id = :cycle AND state = ANY(:from_states)"
)


class LaunchInput(Frozen):
    cycle_id: str
    after: str = ""
    """The last appraisal id of the page before."""


class LaunchPage(Frozen):
    """`after` is None where nobody is left to start."""

    started: int
    after: str | None


class CycleCount(Frozen):
    pending: int
    failed: int
    launched: int
    done: int


class CycleStep(Frozen):
    cycle_id: str
    to: str
    sources: tuple[str, ...]


def workflow_id(appraisal_id: str, revision: int = 1, incarnation: int = 0) -> str:
    """The engine's name for one revision of an appraisal: opaque, never a NIP."""
    restored = f".{incarnation}" if incarnation else ""
    return f"appraisal/{appraisal_id}/r{revision}{restored}"


class Launcher:
    """The activities that open a cycle. One per worker process; `client` is the engine's."""

    def __init__(self, database: Database, facts: Facts, client: Client, task_queue: str) -> None:
        self._database = database
        self._facts = facts
        self._client = client
        self._task_queue = task_queue

    @activity.defn(name="launch")
    async def launch(self, wish: LaunchInput) -> LaunchPage:
        """Start one page of appraisals that are still pending."""
        async with self._database.transaction() as connection:
            pack = await self._facts.pack(connection, wish.cycle_id)
            page = {"cycle": wish.cycle_id, "after": wish.after, "page": PAGE}
            rows = (await connection.execute(TO_LAUNCH, page)).all()
        gate = asyncio.Semaphore(AT_ONCE)

        async def start(row: Sequence[str | int]) -> None:
            async with gate:
                await self._start(str(row[0]), str(row[1]), int(row[2]), pack)
                activity.heartbeat(str(row[0]))

        await asyncio.gather(*(start(row) for row in rows))
        return LaunchPage(started=len(rows), after=rows[-1].id if len(rows) == PAGE else None)

    async def _start(self, appraisal_id: str, person_id: str, incarnation: int, pack: PolicyPack) -> None:
        seed = Snapshot(appraisal_id=appraisal_id, subject=person_id, incarnation=incarnation, flow=pack.flow())
        try:
            await self._client.start_workflow(
                "AppraisalWorkflow",
                AppraisalInput(snapshot=seed),
                id=workflow_id(appraisal_id, 1, incarnation),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=timedelta(seconds=20),
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as problem:
            if problem.status not in REFUSALS:
                raise  # the engine is away, which is nobody's failure: the page is tried again
            async with self._database.transaction() as connection:
                await connection.execute(FAILED, {"id": appraisal_id, "why": problem.status.name.lower()})

    @activity.defn(name="retry_failed")
    async def retry_failed(self, cycle_id: str) -> int:
        """Put those who failed back in line; answers how many."""
        async with self._database.transaction() as connection:
            return (await connection.execute(RETRY_FAILED, {"cycle": cycle_id})).rowcount

    @activity.defn(name="count_cycle")
    async def count_cycle(self, cycle_id: str) -> CycleCount:
        async with self._database.transaction() as connection:
            row = (await connection.execute(COUNT, {"cycle": cycle_id})).mappings().one()
        return CycleCount.model_validate(dict(row))

    @activity.defn(name="step_cycle")
    async def step_cycle(self, step: CycleStep) -> None:
        """Move a cycle on, if it still stands where it was."""
        async with self._database.transaction() as connection:
            await connection.execute(
                SET_STATE, {"cycle": step.cycle_id, "state": step.to, "from_states": list(step.sources)}
            )
