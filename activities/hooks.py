"""Other programs are told as it happens: each event that an endpoint asked for is a row, and each row one signed request.

At least once, under one id and in the same words; of one trail always in the order of its numbers, for an event waits until the one
before it arrived. What an endpoint does not take is brought again for ever, and holds up nothing but later events of that trail at that
endpoint. Endpoints do not wait for each other. Without endpoints there are no rows.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

import httpx
import structlog
from sqlalchemy import RowMapping, text
from temporalio import activity
from temporalio.client import Client

from activities.answers import post, printable
from activities.hook_rows import gather, listening
from activities.mail import Patience
from activities.rounds import Round, beat, ensure, stopping, wall_clock
from models.appraisal import Frozen
from models.database import Database
from models.exchange import wait_asked
from models.hooks import Happening, HookKind, fate_of, signed

log = structlog.stdlib.get_logger("siklus.hooks")

HOOKS_ID = "hooks"
BATCH = 8
"""Events claimed in one transaction, and sent side by side: of so many trails."""

CLAIM = text(
    """
    SELECT trail FROM hook_cursor WHERE endpoint = :endpoint AND due_at <= :now
     ORDER BY due_at, trail LIMIT :batch FOR UPDATE SKIP LOCKED
    """
)
# A statement of its own: what the claim saw beside the rows it holds may be older than its hold on them.
FIRST = text(
    """
    SELECT DISTINCT ON (trail) * FROM hook WHERE endpoint = :endpoint AND trail = ANY(:trails) AND state = 'pending'
     ORDER BY trail, seq
    """
)
SETTLE = text(
    """
    UPDATE hook SET state = :state, attempts = :attempts, sent_at = :sent_at, last_error = :last_error
     WHERE endpoint = :endpoint AND id = :id
    """
)
GO_ON = text(
    """
    UPDATE hook_cursor c
       SET due_at = CASE WHEN EXISTS (SELECT FROM hook h WHERE h.endpoint = c.endpoint AND h.trail = c.trail
                                         AND h.state = 'pending') THEN CAST(:due_at AS timestamptz) END
     WHERE c.endpoint = :endpoint AND c.trail = :trail
    """
)
SWITCH_OFF = text("UPDATE hook_endpoint SET off_at = coalesce(off_at, :now) WHERE name = :endpoint")


@dataclass(frozen=True)
class HookEndpoint:
    """Where events go. Both keys sign while one replaces the other; `seconds` is what one event may take, the answer included."""

    name: str
    url: str = field(repr=False)
    keys: Sequence[bytes] = field(repr=False)
    kinds: frozenset[HookKind] = frozenset(HookKind)
    seconds: float = 15


class HookInput(Round):
    """How long one round lasts, and how long it rests before it looks again."""

    rest_seconds: float = 10


class Told(Frozen):
    """What became of the events of one round; `later` is how often one is to be brought again."""

    sent: int = 0
    later: int = 0


@dataclass(slots=True)
class _Standing:
    """How an endpoint has fared lately: tries of which none got through, and until when it is left alone."""

    failures: int = 0
    closed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    state: str
    error: str | None = None
    pause: timedelta | None = None
    gone: bool = False


@dataclass
class HookSender:
    """The activity that tells. One per worker process; several may run side by side. `clock` is the world's."""

    database: Database
    endpoints: Sequence[HookEndpoint] = ()
    patience: Patience = field(default_factory=lambda: Patience(longest=timedelta(hours=1)))
    shut: Patience = field(default_factory=lambda: Patience(longest=timedelta(minutes=5)))
    """How long an endpoint is left alone at which nothing gets through."""
    clock: Callable[[], datetime] = wall_clock
    _standing: dict[str, _Standing] = field(default_factory=lambda: defaultdict(_Standing))

    @activity.defn(name="tell_hooks")
    async def tell(self, wish: HookInput) -> Told:
        """Tell what is due and what comes, for one round; returns early when the worker stops.

        Nobody waits for another endpoint's backlog: each has the whole round to itself.
        """
        ends = asyncio.get_running_loop().time() + wish.seconds
        rounds = (self._round(one, wish.rest_seconds, ends) for one in self.endpoints or (None,))
        states = await _all(rounds)
        return Told(sent=states.count("sent"), later=states.count("pending"))

    async def _round(self, endpoint: HookEndpoint | None, rest_seconds: float, ends: float) -> list[str]:
        loop, states = asyncio.get_running_loop(), list[str]()
        while not activity.is_worker_shutdown():
            states += await self._drained(endpoint, ends) if endpoint else ()
            rest = min(rest_seconds, ends - loop.time())
            if rest <= 0:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(activity.wait_for_worker_shutdown(), rest)
            activity.heartbeat()
        return states

    async def drain(self) -> list[str]:
        """Make rows of what happened and send until nothing is due or nothing gets through; the new state after each try."""
        return await _all(self._drained(one, inf) for one in self.endpoints)

    async def _drained(self, endpoint: HookEndpoint, ends: float) -> list[str]:
        states: list[str] = []
        more = True
        while more and not stopping():
            async with self.database.transaction() as connection:
                if not await listening(connection, endpoint.name, self.clock()):
                    return states
                more = await gather(connection, endpoint.name, endpoint.kinds, self.clock())
        async with httpx.AsyncClient(timeout=endpoint.seconds, follow_redirects=False) as http:
            while not stopping() and not self._closed(endpoint) and asyncio.get_running_loop().time() < ends:
                answers = await self._batch(http, endpoint)
                states += [answer.state for answer in answers]
                beat()
                if not answers or any(answer.gone for answer in answers):
                    break
        return states

    def _closed(self, endpoint: HookEndpoint) -> bool:
        until = self._standing[endpoint.name].closed_until
        return until is not None and self.clock() < until

    async def _batch(self, http: httpx.AsyncClient, endpoint: HookEndpoint) -> Sequence[_Answer]:
        """Some events; where the last ones did not get through, one alone, to see whether the endpoint is back."""
        standing = self._standing[endpoint.name]
        asked = {"endpoint": endpoint.name, "now": self.clock(), "batch": 1 if standing.failures else BATCH}
        async with self.database.transaction() as connection:
            trails = (await connection.execute(CLAIM, asked)).scalars().all()
            if not trails:
                return ()
            rows = (await connection.execute(FIRST, asked | {"trails": trails})).mappings().all()
            answers = await asyncio.gather(*(self._sent(http, endpoint, row) for row in rows))
            settled = [self._settled(row, answer) for row, answer in zip(rows, answers, strict=True)]
            if settled:
                await connection.execute(SETTLE, settled)
            due = {str(one["trail"]): one["due_at"] for one in settled}
            next_ = [{"endpoint": endpoint.name, "trail": t, "due_at": due.get(t, self.clock())} for t in trails]
            await connection.execute(GO_ON, next_)
        if any(answer.gone for answer in answers):
            async with self.database.transaction() as connection:  # whoever makes rows holds the endpoint first
                await connection.execute(SWITCH_OFF, asked)
            log.error("hook_gone", endpoint=endpoint.name)
        if answers:
            self._fared(standing, answers)
        return answers

    def _fared(self, standing: _Standing, answers: Sequence[_Answer]) -> None:
        standing.failures = 0 if any(answer.state == "sent" for answer in answers) else standing.failures + 1
        pauses = [answer.pause for answer in answers if answer.pause is not None]
        if standing.failures:
            pauses.append(self.shut.until_next(standing.failures))
        standing.closed_until = self.clock() + max(pauses) if pauses else None

    async def _sent(self, http: httpx.AsyncClient, endpoint: HookEndpoint, row: RowMapping) -> _Answer:
        now = self.clock()
        body = Happening(row["kind"], row["trail"], row["cycle_id"], row["seq"], row["at"]).body()
        headers = {"Content-Type": "application/json", **signed(endpoint.keys, row["id"], now, body)}
        reply = await post(http, endpoint.url, body, headers, endpoint.seconds)
        if isinstance(reply, str):
            return _Answer("pending", reply)
        means = fate_of(reply.status)
        if means == "taken":
            return _Answer("sent")
        return _Answer("pending", reply.said, wait_asked(reply.retry_after, now), gone=means == "gone")

    def _settled(self, row: RowMapping, answer: _Answer) -> dict[str, object]:
        now, attempts = self.clock(), row["attempts"] + 1
        pause = max(self.patience.until_next(attempts), answer.pause or timedelta(0))
        due_at = now if answer.state == "sent" else now + pause  # of the event after it
        return {
            "endpoint": row["endpoint"],
            "id": row["id"],
            "trail": row["trail"],
            "state": answer.state,
            "attempts": attempts,
            "due_at": due_at,
            "sent_at": now if answer.state == "sent" else None,
            "last_error": printable(answer.error) if answer.error else None,
        }


async def _all(each: Iterable[Awaitable[Sequence[str]]]) -> list[str]:
    """What became of all of them; raises what one of them raised once the others are done."""
    done = await asyncio.gather(*each, return_exceptions=True)
    states: list[str] = []
    for one in done:
        if isinstance(one, BaseException):
            raise one
        states += one
    return states


async def ensure_hooks(client: Client, task_queue: str) -> None:
    """Start the one workflow that tells other programs, unless it runs already."""
    await ensure(client, task_queue, "HooksWorkflow", HookInput(), HOOKS_ID)
