"""Delivery of the outbox: claims what is due, asks again whether it still has its reason and its person, sends, remembers.

What is to be told at once, and the digests of mornings that have come. At least once on the wire, exactly once in the record: a row
stays locked while it is sent, and a crash before the commit sends it again under the same id. No score and no comment can be in a
message, because the templates know neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import RowMapping, text
from temporalio import activity
from temporalio.client import Client

from activities.digest import DigestPost
from activities.facts import Facts
from activities.mail import Channels, Patience, attempt
from activities.notices import TOLD, Told, look, stale
from activities.people import People
from activities.rounds import Round, beat, ensure, stopping, wall_clock
from activities.wording import compose
from models.appraisal import Frozen
from models.database import Database
from models.vocabulary import Language

__all__ = ["DELIVERY_ID", "Channels", "DeliverInput", "Delivered", "Deliverer", "Patience", "ensure_delivery"]

DELIVERY_ID = "delivery"
BATCH = 8
"""Notices claimed in one transaction, and sent side by side."""

CLAIM = text(
    f"""
    {TOLD}
     WHERE n.state = 'pending' AND n.at_once AND (n.attempts = 0 OR n.next_try_at <= :now)
     ORDER BY n.next_try_at, n.id LIMIT :batch
       FOR UPDATE OF n SKIP LOCKED
    """
)
SETTLE = text(
    """
    UPDATE notice SET state = :state, attempts = :attempts, next_try_at = coalesce(:next_try_at, next_try_at),
           sent_at = :sent_at, last_error = :last_error
     WHERE id = :id
    """
)


class DeliverInput(Round):
    """How long one round lasts, how long it sleeps at most where nobody wakes it, and how long it lets others follow a first."""

    rest_seconds: float = 20
    gather_seconds: float = 0.25


class Delivered(Frozen):
    """What became of the mails of one round, a digest being one; `retry` were refused and wait for another try, `missed` are digests
    whose day was over."""

    sent: int = 0
    shown: int = 0
    dropped: int = 0
    missed: int = 0
    retry: int = 0
    failed: int = 0

    def plus(self, states: Sequence[str]) -> Delivered:
        counts = {name: getattr(self, name) for name in type(self).model_fields}
        for state in states:
            counts["retry" if state == "pending" else state] += 1
        return Delivered(**counts)


@dataclass(frozen=True, slots=True)
class _Fate:
    """What a notice becomes."""

    state: str
    error: str | None = None


@dataclass
class Deliverer:
    """The activity that delivers. One per worker process; several may run side by side.

    `clock` is the world's, for the pause between attempts only: a notice carries its appraisal's time, which in a
    simulated year is another, so a first attempt is always due.
    """

    database: Database
    people: People
    facts: Facts
    channels: Channels
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], datetime] = wall_clock
    language: Language = "id"

    @activity.defn(name="deliver")
    async def deliver(self, wish: DeliverInput) -> Delivered:
        """Deliver what is due and what comes, for one round; returns early when the worker stops."""
        loop = asyncio.get_running_loop()
        ends, woken, total = loop.time() + wish.seconds, asyncio.Event(), Delivered()
        async with self.database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None

            def wake(*_: object) -> None:
                woken.set()

            await driver.add_listener("outbox", wake)
            try:
                while not activity.is_worker_shutdown():
                    woken.clear()
                    total = total.plus(await self.drain())
                    rest = min(wish.rest_seconds, ends - loop.time())
                    if rest <= 0:
                        break
                    await _first(rest, woken.wait(), activity.wait_for_worker_shutdown())
                    await asyncio.sleep(wish.gather_seconds if woken.is_set() else 0)
                    await driver.fetchval("SELECT 1")  # raises where the line is dead, so that another round begins
            finally:
                with suppress(Exception):
                    await driver.remove_listener("outbox", wake)
        return total

    async def drain(self) -> list[str]:
        """Deliver until nothing is due, what is urgent first; the new state of each notice and digest."""
        digests = DigestPost(
            self.database, self.people, self.facts, self.channels, self.patience, self.clock, self.language
        )
        states: list[str] = []
        while not stopping():
            done = await self._batch() or await digests.batch()
            beat(len(states) + len(done))
            states += done
            if not done:
                break
        return states

    async def _batch(self) -> list[str]:
        now = self.clock()
        async with self.database.transaction() as connection:
            claimed = (await connection.execute(CLAIM, {"now": now, "batch": BATCH})).mappings().all()
            if not claimed:
                return []
            agency = await self.people.agency(connection)
            notices = await look(connection, self.facts, agency, claimed, now)
            fates = await asyncio.gather(*(self._fate(it) for it in notices))
            settled = [self._settled(row, fate) for row, fate in zip(claimed, fates, strict=True)]
            await connection.execute(SETTLE, settled)
        return [self._state_after(row, fate) for row, fate in zip(claimed, fates, strict=True)]

    async def _fate(self, it: Told) -> _Fate:
        why_not = stale(it)
        if why_not is not None:
            return _Fate("dropped", why_not)
        if it.broken is not None:
            return _Fate("refused", it.broken)
        reach = self.channels.for_address(it.row["email"])
        if not reach.urls:
            return _Fate("shown")
        link = self.channels.link(it.row["appraisal_id"])
        came = await attempt(reach, lambda: compose(it, link, self.language))
        return _Fate("sent" if came.reached else "refused", came.problem)

    def _state_after(self, row: RowMapping, fate: _Fate) -> str:
        if fate.state != "refused":
            return fate.state
        return "failed" if row["attempts"] + 1 >= self.patience.attempts_max else "pending"

    def _settled(self, row: RowMapping, fate: _Fate) -> dict[str, object]:
        now, state = self.clock(), self._state_after(row, fate)
        attempts = row["attempts"] + (fate.state in ("sent", "refused"))
        return {
            "id": row["id"],
            "state": state,
            "attempts": attempts,
            "next_try_at": now + self.patience.until_next(attempts) if state == "pending" else None,
            "sent_at": now if state == "sent" else None,
            "last_error": fate.error[:500] if fate.error else None,
        }


async def ensure_delivery(client: Client, task_queue: str) -> None:
    """Start the one workflow that delivers, unless it runs already."""
    await ensure(client, task_queue, "DeliveryWorkflow", DeliverInput(), DELIVERY_ID)


async def _first(seconds: float, *waits: Coroutine[object, object, object]) -> None:
    """Until one of them is done, or that long."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
