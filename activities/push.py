"""Results go out: every final result of the revision that stands becomes a row, and each row one request to the endpoint of the settings.

At least once on the wire, under one key and in the same words until it is known what became of it; an answer that speaks of the record
itself ends it, everything else is brought again for ever. The result before it in a person's year is settled first, so the last one to
arrive is the one that stands. Without an endpoint there are no rows.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity
from temporalio.client import Client

from activities.answers import post, printable
from activities.facts import Facts, PackUnreadable
from activities.final_results import FINAL, UNFINISHED, final_years
from activities.mail import Patience
from activities.push_record import around_of, body_of
from activities.rounds import Round, beat, ensure, stopping, wall_clock
from models.appraisal import Frozen
from models.database import Database
from models.exchange import verdict

EXCHANGE_ID = "exchange"
BATCH = 8
"""Records claimed in one transaction, and sent side by side."""

STANDS = f"a.id = x.appraisal_id AND a.revision = x.revision AND {FINAL}"
SET_ASIDE = text(
    f"""
    UPDATE push SET body = NULL,
           state = CASE WHEN state = 'pending' AND body IS NOT NULL THEN 'superseded' ELSE 'dropped' END
     WHERE id IN (SELECT x.id FROM push x WHERE x.state IN ('pending', 'refused')
                     AND NOT EXISTS (SELECT FROM appraisal a WHERE {STANDS}) FOR UPDATE OF x SKIP LOCKED)
    """
)
"""What stands no more: opened again, or no longer the last part of the year. What is under way just now is looked at again later."""
MAKE = text(
    f"""
    INSERT INTO push (id, appraisal_id, revision, person_id, year, state, attempts, made_at, next_try_at)
    SELECT gen_random_uuid()::text, a.id, a.revision, a.person_id, a.year, 'pending', 0, :now, :now
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN cycle c ON c.id = a.cycle_id
      JOIN archive r ON r.appraisal_id = a.id AND r.revision = a.revision
     WHERE {FINAL} AND o.outcome ->> 'method' = 'quadrant' AND jsonb_typeof(c.pack -> 'exchange') = 'object'
       AND NOT EXISTS (SELECT FROM push x WHERE x.appraisal_id = a.id AND x.revision = a.revision)
        ON CONFLICT (appraisal_id, revision) DO NOTHING
    """
)
CLAIM = f"""
    SELECT x.* FROM push x
     WHERE x.state = 'pending' AND x.next_try_at <= :now AND x.body {{written}}
       AND EXISTS (SELECT FROM appraisal a WHERE {STANDS})
       AND NOT EXISTS (SELECT FROM push y WHERE y.person_id = x.person_id AND y.year = x.year AND y.state = 'pending'
                          AND (y.made_at, y.id) < (x.made_at, x.id))
     ORDER BY x.next_try_at, x.id LIMIT :batch FOR UPDATE OF x SKIP LOCKED
"""
TO_WRITE, TO_SEND = text(CLAIM.format(written="IS NULL")), text(CLAIM.format(written="IS NOT NULL"))
KEEP = text("UPDATE push SET body = :body, sha256 = :sha256 WHERE id = :id")
SETTLE = text(
    """
    UPDATE push SET state = CAST(:state AS text), attempts = :attempts, next_try_at = coalesce(:next_try_at, next_try_at),
           sent_at = :sent_at, last_error = :last_error, body = CASE WHEN CAST(:state AS text) = 'pending' THEN body END
     WHERE id = :id
    """
)


@dataclass(frozen=True)
class Endpoint:
    """Where records go. The token is sent as a bearer's; `seconds` is what one record may take, the answer included."""

    url: str
    token: str | None = field(default=None, repr=False)
    seconds: float = 30


class PushInput(Round):
    """How long one round lasts, and how long it rests before it looks again."""

    rest_seconds: float = 20


class Pushed(Frozen):
    """What became of the records of one round; `later` is how often one is to be brought again."""

    sent: int = 0
    refused: int = 0
    later: int = 0

    def plus(self, states: Sequence[str]) -> Pushed:
        return Pushed(
            sent=self.sent + states.count("sent"),
            refused=self.refused + states.count("refused"),
            later=self.later + states.count("pending"),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of one record, and how long everything is to wait."""

    state: str
    error: str | None = None
    pause: timedelta | None = None


@dataclass
class Pusher:
    """The activity that sends. One per worker process; several may run side by side. `clock` is the world's."""

    database: Database
    facts: Facts
    endpoint: Endpoint | None = None
    patience: Patience = field(default_factory=lambda: Patience(longest=timedelta(hours=1)))
    clock: Callable[[], datetime] = wall_clock
    _closed_until: datetime | None = None
    _in_trouble: bool = False

    @activity.defn(name="push")
    async def push(self, wish: PushInput) -> Pushed:
        """Send what is due and what comes, for one round; returns early when the worker stops."""
        loop = asyncio.get_running_loop()
        ends, total = loop.time() + wish.seconds, Pushed()
        while not activity.is_worker_shutdown():
            total = total.plus(await self.drain())
            rest = min(wish.rest_seconds, ends - loop.time())
            if rest <= 0:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(activity.wait_for_worker_shutdown(), rest)
            activity.heartbeat()
        return total

    async def drain(self) -> list[str]:
        """Make rows of what is final and send until nothing is due or nothing gets through; the new state after each try."""
        states: list[str] = []
        if self.endpoint is None:
            return states
        await self._gather()
        async with httpx.AsyncClient(timeout=self.endpoint.seconds, follow_redirects=False) as http:
            while not stopping() and not self._closed():
                done = await self._batch(http, self.endpoint)
                states += done
                beat(len(states))
                if not done or self._in_trouble:
                    break
        return states

    def _closed(self) -> bool:
        return self._closed_until is not None and self.clock() < self._closed_until

    async def _gather(self) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(SET_ASIDE, {"unfinished": UNFINISHED})
            await connection.execute(MAKE, {"unfinished": UNFINISHED, "now": self.clock()})

    async def _batch(self, http: httpx.AsyncClient, endpoint: Endpoint) -> list[str]:
        """Some records; where the last ones did not get through, one alone, to see whether the endpoint is back."""
        size = 1 if self._in_trouble else BATCH
        unsayable = await self._write(size)
        async with self.database.transaction() as connection:
            claimed = await self._claim(connection, TO_SEND, size)
            answers = await asyncio.gather(*(self._sent(http, endpoint, row) for row in claimed))
            settled = [self._settled(row, answer) for row, answer in zip(claimed, answers, strict=True)]
            if settled:
                await connection.execute(SETTLE, settled)
        if answers:
            self._in_trouble = any(answer.state == "pending" for answer in answers)
        pauses = [answer.pause for answer in answers if answer.pause is not None]
        if pauses:
            self._closed_until = self.clock() + max(pauses)
        return unsayable + [answer.state for answer in answers]

    # ── the record, kept before it leaves ─────────────────────────────────────────────────────────────────────

    async def _write(self, size: int) -> list[str]:
        """Keep the words of some records; the state of each that has none."""
        async with self.database.transaction() as connection:
            claimed = await self._claim(connection, TO_WRITE, size)
            if not claimed:
                return []
            ids = [row["appraisal_id"] for row in claimed]
            years = {one.appraisal: one for one in await final_years(connection, self.clock(), appraisals=ids)}
            around = await around_of(connection, ids)
            states = []
            for row in claimed:
                year = years.get(row["appraisal_id"])
                if year is None:
                    continue  # opened again just now: it will be set aside
                try:
                    pack = await self.facts.pack(connection, year.cycle)
                    body = body_of(row["id"], year, pack.exchange, around.get(year.appraisal))
                except PackUnreadable as unreadable:
                    answer = _Answer("pending", str(unreadable))
                except (LookupError, ValueError) as lacking:  # it must not hold up the others
                    answer = _Answer("refused", str(lacking))
                else:
                    sha256 = hashlib.sha256(body.encode()).hexdigest()
                    await connection.execute(KEEP, {"id": row["id"], "body": body, "sha256": sha256})
                    continue
                await connection.execute(SETTLE, self._settled(row, answer))
                states.append(answer.state)
        return states

    # ── on the wire ───────────────────────────────────────────────────────────────────────────────────────────

    async def _claim(self, connection: AsyncConnection, statement: object, size: int) -> Sequence[RowMapping]:
        asked = {"now": self.clock(), "batch": size, "unfinished": UNFINISHED}
        return (await connection.execute(statement, asked)).mappings().all()  # type: ignore[call-overload,no-any-return]

    async def _sent(self, http: httpx.AsyncClient, endpoint: Endpoint, row: RowMapping) -> _Answer:
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": row["id"]}
        if endpoint.token is not None:
            headers["Authorization"] = f"Bearer {endpoint.token}"
        reply = await post(http, endpoint.url, row["body"], headers, endpoint.seconds)
        if isinstance(reply, str):
            return _Answer("pending", reply)
        means = verdict(reply.status, reply.retry_after, self.clock())
        state = {"taken": "sent", "refused": "refused", "later": "pending"}[means.fate]
        return _Answer(state, reply.said or None, means.pause)

    def _settled(self, row: RowMapping, answer: _Answer) -> dict[str, object]:
        now, attempts = self.clock(), row["attempts"] + 1
        pause = max(self.patience.until_next(attempts), answer.pause or timedelta(0))
        return {
            "id": row["id"],
            "state": answer.state,
            "attempts": attempts,
            "next_try_at": now + pause if answer.state == "pending" else None,
            "sent_at": now if answer.state == "sent" else None,
            "last_error": printable(answer.error) if answer.error else None,
        }


async def ensure_exchange(client: Client, task_queue: str) -> None:
    """Start the one workflow that sends results, unless it runs already."""
    await ensure(client, task_queue, "ExchangeWorkflow", PushInput(), EXCHANGE_ID)
