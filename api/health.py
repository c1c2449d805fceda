"""Whether this process is alive and whether the system can work, for load balancers, operators and Prometheus.

Answers only to the neighbourhood (loopback and private addresses); to anybody else these addresses do not exist.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from api import metrics
from api.exact import Exact
from api.problems import Problem, language
from api.rooms import Rooms, RoomsDep
from models.language import Bilingual
from models.vocabulary import State

PATIENCE_SECONDS = 2.0
ANSWER_KEPT_SECONDS = 2.0
COUNTS_KEPT_SECONDS = 15.0
WORKER_SEEN = timedelta(minutes=1)

ANSWERS = text("SELECT 1")
BY_STATE = text(
    """
    SELECT state, count(*) AS appraisals, count(*) FILTER (WHERE parked IS NOT NULL) AS parked
      FROM appraisal WHERE launch = 'launched' GROUP BY state
    """
)
WAITING_NOTICES = text(
    """
    SELECT CASE WHEN state = 'pending' AND NOT at_once AND digest_id IS NULL THEN 'waits' ELSE state END AS state,
           count(*) AS notices
      FROM notice WHERE state IN ('pending', 'failed') GROUP BY 1
    """
)

AWAY = {
    "database": Bilingual(id="Basis data tidak menjawab.", en="The database does not answer."),
    "engine": Bilingual(id="Mesin alur kerja tidak menjawab.", en="The engine does not answer."),
    "worker": Bilingual(
        id="Tidak ada pekerja (worker) yang terlihat dalam satu menit terakhir.",
        en="No worker was seen in the last minute.",
    ),
}


def neighbours_only(request: Request) -> None:
    """Raises `not_found` for a caller from outside the local or a private network."""
    if request.client is None or not is_neighbour(request.client.host):
        raise Problem("not_found")


def is_neighbour(host: str) -> bool:
    """Whether this is a loopback, link-local or private address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_private


router = APIRouter(dependencies=[Depends(neighbours_only)], tags=["health"])


class Alive(Exact):
    """The process serves."""

    status: Literal["ok"]


class Parts(Exact):
    """`ok`, or in plain words what is missing."""

    database: str
    engine: str
    worker: str


class Readiness(Exact):
    """`unavailable` where any part is away."""

    status: Literal["ok", "unavailable"]
    parts: Parts


@dataclass
class Pulse:
    """What was found last, kept for a moment so that a storm of probes is one look; hung on the application."""

    looked_at: float = float("-inf")
    away: tuple[str, ...] = ()
    counted_at: float = float("-inf")
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)


def pulse_of(request: Request) -> Pulse:
    state = request.app.state
    if not hasattr(state, "pulse"):
        state.pulse = Pulse()
    pulse = state.pulse
    assert isinstance(pulse, Pulse)
    return pulse


PulseDep = Annotated[Pulse, Depends(pulse_of)]


@router.get("/healthz", response_model=Alive, summary="Alive")
async def healthz() -> JSONResponse:
    """This process serves. Says nothing of what it depends on."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    summary="Ready",
    responses={503: {"model": Readiness, "description": "A part is away."}},
    response_model=Readiness,
)
async def readyz(request: Request, rooms: RoomsDep, pulse: PulseDep) -> JSONResponse:
    """Database and engine answer and a worker was seen lately."""
    async with pulse.looking:
        if time.monotonic() - pulse.looked_at > ANSWER_KEPT_SECONDS:
            pulse.away = await away(rooms)
            pulse.looked_at = time.monotonic()
    spoken = language(request)
    parts = {part: AWAY[part].say(spoken) if part in pulse.away else "ok" for part in AWAY}
    status = "ok" if not pulse.away else "unavailable"
    headers = {"Retry-After": "2"} if pulse.away else {}
    return JSONResponse({"status": status, "parts": parts}, 503 if pulse.away else 200, headers)


async def away(rooms: Rooms) -> tuple[str, ...]:
    """Which parts do not answer within two seconds, in the order of `AWAY`. All are asked at once."""
    answers = {"database": _database(rooms), "engine": _engine(rooms), "worker": _worker(rooms)}
    found = await asyncio.gather(*(_answers(question) for question in answers.values()))
    return tuple(part for part, answered in zip(answers, found, strict=True) if not answered)


async def _answers(question: Awaitable[bool]) -> bool:
    try:
        return await asyncio.wait_for(question, PATIENCE_SECONDS)
    except Exception:  # whatever it is, the part did not answer
        return False


async def _database(rooms: Rooms) -> bool:
    async with rooms.database.transaction() as connection:
        await connection.execute(ANSWERS)
    return True


async def _engine(rooms: Rooms) -> bool:
    return await rooms.engine.service_client.check_health(timeout=timedelta(seconds=PATIENCE_SECONDS))


async def _worker(rooms: Rooms) -> bool:
    """Whether both workflows and activities of our queue are polled."""
    kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    return all(await asyncio.gather(*(_polled(rooms, kind) for kind in kinds)))


async def _polled(rooms: Rooms, kind: TaskQueueType.ValueType) -> bool:
    description = await rooms.engine.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=rooms.engine.namespace, task_queue=TaskQueue(name=rooms.task_queue), task_queue_type=kind
        ),
        timeout=timedelta(seconds=PATIENCE_SECONDS),
    )
    oldest = time.time() - WORKER_SEEN.total_seconds()
    return any(poller.last_access_time.seconds >= oldest for poller in description.pollers)


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def prometheus(rooms: RoomsDep, pulse: PulseDep) -> Response:
    """Counters of this process, and gauges counted from the rows at most every fifteen seconds."""
    async with pulse.looking:
        if time.monotonic() - pulse.counted_at > COUNTS_KEPT_SECONDS and await _answers(_count(rooms)):
            pulse.counted_at = time.monotonic()
    return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def _count(rooms: Rooms) -> bool:
    async with rooms.database.transaction() as connection:
        states = (await connection.execute(BY_STATE)).all()
        notices = {row.state: row.notices for row in await connection.execute(WAITING_NOTICES)}
    by_state = {row.state: row.appraisals for row in states}
    for state in State:
        metrics.APPRAISALS.labels(state.value).set(by_state.get(state.value, 0))
    metrics.PARKED.set(sum(row.parked for row in states))
    for waiting in ("pending", "waits", "failed"):
        metrics.OUTBOX.labels(waiting).set(notices.get(waiting, 0))
    return True
