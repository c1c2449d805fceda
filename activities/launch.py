"""Launch: start the year of everybody in a cycle who has none yet, a page at a time; a person who fails is listed, the rest go on.

Who is to be launched stands in rows, so this can be repeated at any point: an appraisal that runs already is simply found running.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping, text
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.cycle_trail import note
from activities.enrolment import AS_UNBEGUN, MOVED_SINCE_CANCELLED, UNBEGUN
from activities.facts import Edition, Facts
from activities.parking import Diverged, goes_on, parking
from activities.people import HOLDS
from activities.places import ONE_AT_A_TIME, arrive
from models.appraisal import ENGINE_ACTOR, AppraisalInput, FormRef, Frozen, Snapshot
from models.database import Database
from models.on_request import asked_of
from models.trail_actions import TrailAction
from models.vocabulary import CycleState, Role, Zone
from models.workdays import ONE_DAY, local_day

PAGE = 200
AT_ONCE = 16
"""The engine's embedded edition serves about this many starts at a time well."""

REFUSALS = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.OUT_OF_RANGE})
"""What the engine answers where another try would be answered the same."""

SEED = f"""
    SELECT a.id, a.person_id, a.acting_for, a.asked_until, a.supervisor_override, a.incarnation, a.cycle_id, a.zone,
           (SELECT jsonb_build_object('form', f.form, 'copy_id', f.id, 'sha256', f.sha256, 'version', f.version) FROM form_copy f
             WHERE f.appraisal_id = a.id AND a.asked_until IS NOT NULL AND f.form = 'plan') AS plan,
           coalesce(a.acting_from, a.asked_from,
               (SELECT coalesce(min(greatest(t.valid_from, before.until + 1)), before.until + 1)
                  FROM (SELECT CAST(b.snapshot ->> 'until' AS date) AS until FROM appraisal b
                         WHERE b.person_id = a.person_id AND b.year = a.year AND b.own_year
                           AND b.segment = a.segment - 1 AND b.snapshot ->> 'until' IS NOT NULL
                         ORDER BY b.cycle_id = a.cycle_id DESC, until DESC LIMIT 1) before
                  LEFT JOIN tenure t ON t.person_id = a.person_id AND coalesce(t.valid_until, 'infinity') > before.until
                 GROUP BY before.until),
               (SELECT max(c.effective) FROM appraisal gone JOIN personnel_change c ON {MOVED_SINCE_CANCELLED}
                 WHERE a.own_year AND gone.own_year AND gone.person_id = a.person_id AND gone.cycle_id = a.cycle_id
                   AND gone.segment = a.segment - 1)) AS since
      FROM appraisal a
"""
"""What a year, or a segment of it, begins with. A later segment begins on the day after the one before ended, or once she is back,
which may be in another cycle's reach, or with the transfer after which HR's opening again begins it where the one before was cancelled.

What somebody does as Plt begins with the appointment, what was asked of some months with them, and with the plan they were worked by.
"""
TO_LAUNCH = text(
    f"{SEED} WHERE a.cycle_id = :cycle AND a.launch = 'pending' AND a.id > :after ORDER BY a.id LIMIT :page"
)
NEXT_SEGMENT = text(
    f"""
    INSERT INTO appraisal (id, cycle_id, person_id, year, segment, unit_id, zone, work_week, launch, {UNBEGUN})
    SELECT gen_random_uuid()::text, a.cycle_id, a.person_id, a.year, a.segment + 1, coalesce(there.unit_id, p.unit_id),
           coalesce(there.zone, p.zone), coalesce(there.work_week, p.work_week), 'pending',
           {AS_UNBEGUN}
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN cycle y ON y.id = a.cycle_id
      LEFT JOIN LATERAL (
           SELECT c.unit_id, c.zone, c.work_week FROM personnel_change c
            WHERE c.person_id = a.person_id AND c.kind = 'transfer' AND {HOLDS}
              AND c.effective = CAST(a.snapshot ->> 'until' AS date) + 1
            ORDER BY c.at DESC LIMIT 1) there ON true
     WHERE a.id = :id AND a.own_year AND y.state NOT IN ('closed', 'cancelled')
    ON CONFLICT DO NOTHING
    """
)
"""In the place that the transfer says which closed the segment before; where it does not, in that of today.

Nothing follows on the end of an appointment as Plt.
"""
LAST_DAY = text(
    """
    SELECT person_id, CAST(snapshot ->> 'until' AS date) AS last, parked, CASE WHEN parked IS NOT NULL THEN snapshot END AS snapshot
      FROM appraisal WHERE id = :id
    """
)
BEGUN = text(
    f"""
    {SEED} JOIN appraisal before ON before.id = :id AND before.person_id = a.person_id AND before.cycle_id = a.cycle_id
     WHERE a.segment = before.segment + 1 AND a.launch = 'pending' AND a.own_year AND before.own_year
    """
)
FOLLOWED = text(
    """
    SELECT a.acting_for IS NOT NULL OR y.state IN ('closed', 'cancelled') OR EXISTS (
           SELECT FROM appraisal later WHERE later.person_id = a.person_id AND later.cycle_id = a.cycle_id
              AND later.own_year AND later.segment = a.segment + 1)
      FROM appraisal a JOIN cycle y ON y.id = a.cycle_id WHERE a.id = :id
    """
)
"""Whether the segment is followed by another, or need not be; it is not where another cycle has the person."""
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
    at: datetime | None = None
    """When it is opened; None where it was asked for before that was told."""


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
            edition = await self._facts.edition(connection, wish.cycle_id)
            page = {"cycle": wish.cycle_id, "after": wish.after, "page": PAGE}
            rows = (await connection.execute(TO_LAUNCH, page)).mappings().all()
        gate = asyncio.Semaphore(AT_ONCE)
        at = wish.at or activity.info().scheduled_time

        async def start(row: RowMapping) -> None:
            async with gate:
                await self._start(row, edition, row["since"] or local_day(at, Zone(row["zone"])))
                activity.heartbeat(str(row["id"]))

        await asyncio.gather(*(start(row) for row in rows))
        return LaunchPage(started=len(rows), after=rows[-1]["id"] if len(rows) == PAGE else None)

    @activity.defn(name="begin_segment")
    async def begin_segment(self, appraisal_id: str) -> None:
        """Begin what follows the segment that a transfer closed, in the place that the transfer says; she is there from now on.

        Begun once, however often it is asked for: one live appraisal per person, year and segment.
        Raises `record_blocked` (non-retryable) after parking the closed segment.
        """
        async with parking(self._database, appraisal_id):
            async with self._database.transaction() as connection:
                await connection.execute(ONE_AT_A_TIME)
                closed = (await connection.execute(LAST_DAY, {"id": appraisal_id})).one()
                if closed.last is not None:
                    come = dict.fromkeys(Zone, closed.last + ONE_DAY)
                    await arrive(connection, come, activity.info().scheduled_time, closed.person_id)
                await connection.execute(NEXT_SEGMENT, {"id": appraisal_id})
                if not (await connection.execute(FOLLOWED, {"id": appraisal_id})).scalar_one():
                    raise Diverged("another cycle has the next part of this year")
                row = (await connection.execute(BEGUN, {"id": appraisal_id})).mappings().one_or_none()
                edition = await self._facts.edition(connection, row["cycle_id"]) if row else None
            if row is not None and edition is not None:
                await self._start(row, edition, row["since"])
            if closed.parked:
                async with self._database.transaction() as connection:
                    await goes_on(connection, Snapshot.model_validate(closed.snapshot))

    async def _start(self, row: RowMapping, edition: Edition, since: date) -> None:
        appraisal_id, incarnation = str(row["id"]), int(row["incarnation"])
        seed = Snapshot(
            appraisal_id=appraisal_id,
            subject=row["person_id"],
            acting_for=row["acting_for"],
            incarnation=incarnation,
            flow=edition.pack.flow(),
            since=since,
            policy=edition.named,
        )
        if row["asked_until"] is not None:
            plan = FormRef.model_validate(row["plan"])
            seed = asked_of(seed, edition.pack.flow_on_request(), row["asked_until"], plan, row["supervisor_override"])
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
        """Move a cycle on, if it still stands where it was; that it is closed nobody pressed, so its trail hears it here."""
        async with self._database.transaction() as connection:
            moved = await connection.execute(
                SET_STATE, {"cycle": step.cycle_id, "state": step.to, "from_states": list(step.sources)}
            )
            if moved.rowcount and step.to == CycleState.CLOSED:
                at = activity.info().scheduled_time
                await note(connection, step.cycle_id, at, TrailAction.CYCLE_CLOSED, ENGINE_ACTOR, {}, role=Role.ENGINE)
