"""The morning's digest, in two halves: rows are made when somebody's morning has come, and their mail is sent like any notice's.

`gather` writes one row a person and day and ties the waiting notices to it; `DigestPost` asks each notice again, keeps the words before
it sends them, and forgets them once it knows what became of them. A crash in between sends the same words again, under the same id.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity
from temporalio.client import Client

from activities.facts import Facts, agency_days
from activities.handing_on import tell_of_the_day
from activities.mail import Channels, Message, Patience, attempt
from activities.notices import TOLD, look, stale
from activities.outbox import WAKE
from activities.people import GONE, People
from activities.rounds import ensure
from activities.wording import entry
from models.appraisal import Frozen
from models.database import Database
from models.digest import compose, morning_by
from models.notices import agency_notices
from models.vocabulary import Language, Zone
from models.workdays import PersonClock, local_day, week_of

DIGEST_ID = "digest"
WRITTEN = "written"
BATCH = 8
"""Digests claimed in one transaction, and sent side by side."""

WHO_WAITS = text(
    """
    SELECT p.id, p.zone, p.work_week FROM person p
     WHERE EXISTS (SELECT FROM notice n WHERE n.person_id = p.id AND n.state = 'pending' AND NOT n.at_once
                      AND n.digest_id IS NULL AND n.at <= :at)
    """
)
MAKE = text(
    """
    WITH wanted AS (
        SELECT * FROM jsonb_populate_recordset(NULL::digest, CAST(:digests AS jsonb))
    ), waiting AS (
        SELECT n.id, n.person_id FROM notice n JOIN wanted w ON w.person_id = n.person_id
         WHERE n.state = 'pending' AND NOT n.at_once AND n.digest_id IS NULL AND n.at <= w.at
    ), made AS (
        INSERT INTO digest SELECT * FROM wanted WHERE person_id IN (SELECT person_id FROM waiting) ORDER BY person_id
        ON CONFLICT (person_id, day) DO NOTHING RETURNING id, person_id
    ), tied AS (
        UPDATE notice n SET digest_id = m.id FROM made m JOIN waiting w ON w.person_id = m.person_id
         WHERE n.id = w.id AND n.state = 'pending' AND n.digest_id IS NULL
    )
    SELECT count(*) FROM made
    """
)
CLAIM = f"""
    SELECT d.id, d.person_id, d.day, d.at, d.attempts, d.subject, d.body, p.email, p.zone,
           p.active AND NOT {GONE.format(day="greatest(d.day, CAST(:today AS date))")} AS active
      FROM digest d JOIN person p ON p.id = d.person_id
     WHERE d.state = 'pending' AND (d.attempts = 0 OR d.next_try_at <= :now) AND d.body {{written}}
     ORDER BY d.next_try_at, d.id LIMIT :batch
       FOR UPDATE OF d SKIP LOCKED
"""
TO_WRITE, TO_SEND = text(CLAIM.format(written="IS NULL")), text(CLAIM.format(written="IS NOT NULL"))
IN_DIGEST = text(f"{TOLD} WHERE n.digest_id = ANY(:ids) AND n.state = 'pending' ORDER BY n.at, n.id")
DROP = text("UPDATE notice SET state = 'dropped', last_error = :why WHERE id = :id")
PUT_OFF = text(
    """
    UPDATE notice SET digest_id = NULL, attempts = attempts + 1, last_error = :why,
           state = CASE WHEN attempts + 1 >= :attempts_max THEN 'failed' ELSE 'pending' END
     WHERE id = :id
    """
)
"""For another morning."""
KEEP = text("UPDATE digest SET subject = :subject, body = :body WHERE id = :id")
SETTLE = text(
    """
    WITH settled AS (
        UPDATE digest SET state = :state, attempts = :attempts, next_try_at = coalesce(:next_try_at, next_try_at),
               sent_at = :sent_at, last_error = :last_error, subject = NULL, body = NULL
         WHERE id = :id
    )
    UPDATE notice SET attempts = attempts + :tried, last_error = :last_error, sent_at = :sent_at,
           digest_id = CASE WHEN CAST(:state AS text) = 'missed' THEN NULL ELSE digest_id END,
           state = CASE WHEN CAST(:state AS text) IN ('pending', 'missed')
                        THEN CASE WHEN attempts + :tried >= :attempts_max THEN 'failed' ELSE 'pending' END
                        ELSE CAST(:state AS text) END
     WHERE digest_id = :id AND state = 'pending'
    """
)


class GatherInput(Frozen):
    """The instant that has come; everybody whose morning of that local day lies behind it is looked at."""

    at: datetime


class Gathered(Frozen):
    digests: int = 0


class DigestInput(Frozen):
    """What the workflow of the mornings starts from: nothing, yet."""


class Digests:
    """The activity that makes the rows of a morning. One per worker process; several may run side by side."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="gather_digests")
    async def gather(self, wish: GatherInput) -> Gathered:
        """Make the digest of everybody whose morning has come by then and who has none yet of that day.

        Nobody's on her day off; nothing for whom nothing waits. What came to somebody with this day is among it. Again with the same
        instant, nothing happens.
        """
        async with self._database.transaction() as connection:
            await tell_of_the_day(connection, wish.at)
            days = await agency_days(connection)
            wanted = []
            for person in await connection.execute(WHO_WAITS, {"at": wish.at}):
                clock = PersonClock.of(Zone(person.zone), week_of(person.work_week), days)
                morning = morning_by(wish.at, clock)
                if morning is not None:
                    wanted.append(_row(person.id, morning, clock))
            if not wanted:
                return Gathered()
            made = (await connection.execute(MAKE, {"digests": json.dumps(wanted)})).scalar_one()
            await connection.execute(WAKE)
            return Gathered(digests=made)


def _row(person: str, morning: datetime, clock: PersonClock) -> dict[str, object]:
    said = {"id": str(uuid4()), "person_id": person, "day": clock.day_of(morning).isoformat(), "state": "pending"}
    return said | {"at": morning.isoformat(), "next_try_at": morning.isoformat(), "attempts": 0}


@dataclass(frozen=True, slots=True)
class DigestPost:
    """Writes and sends the digests that are due. `clock` is the world's, as a `Deliverer`'s."""

    database: Database
    people: People
    facts: Facts
    channels: Channels
    patience: Patience
    clock: Callable[[], datetime]
    language: Language

    async def batch(self) -> list[str]:
        """Send some digests: first those whose words are kept, else write some and send them; the new state of each."""
        done = await self._send()
        if done:
            return done
        written = await self._write()
        return [state for state in written if state != WRITTEN] + (await self._send() if WRITTEN in written else [])

    async def _write(self) -> list[str]:
        """Ask each notice of some digests again and keep the words of what is left; the state of each, `WRITTEN` where it has words."""
        async with self.database.transaction() as connection:
            claimed = await self._claim(connection, TO_WRITE)
            mail: dict[str, list[RowMapping]] = defaultdict(list)
            rows = await connection.execute(IN_DIGEST, {"ids": [row["id"] for row in claimed]})
            for told in rows.mappings():
                mail[told["digest_id"]].append(told)
            return [await self._word(connection, row, mail[row["id"]]) for row in claimed]

    async def _word(self, connection: AsyncConnection, row: RowMapping, rows: list[RowMapping]) -> str:
        if self._day_is_over(row):
            await connection.execute(SETTLE, self._settled(row, "missed"))
            return "missed"
        agency = await self.people.agency(connection)
        entries = []
        for it in await look(connection, self.facts, agency, rows, max(self.clock(), row["at"])):
            why = stale(it)
            if why is None and it.broken is not None:
                put_off = {"id": it.row["id"], "why": it.broken, "attempts_max": self.patience.attempts_max}
                await connection.execute(PUT_OFF, put_off)
                continue
            if why is None:
                try:
                    entries.append(entry(it))
                except (LookupError, ValueError) as broken:  # it must not hold up the others
                    why = f"{type(broken).__name__}: {broken}"
            if why is not None:
                await connection.execute(DROP, {"id": it.row["id"], "why": why[:500]})
        if not entries:
            await connection.execute(SETTLE, self._settled(row, "dropped"))
            return "dropped"
        words = agency_notices().digest
        made = compose(entries, row["at"], self.channels.link(None), words, self.language)
        await connection.execute(KEEP, {"id": row["id"], "subject": made.subject, "body": made.body})
        return WRITTEN

    async def _send(self) -> list[str]:
        async with self.database.transaction() as connection:
            claimed = await self._claim(connection, TO_SEND)
            settled = await asyncio.gather(*(self._sent(row) for row in claimed))
            if settled:
                await connection.execute(SETTLE, settled)
        return [str(one["state"]) for one in settled]

    async def _claim(self, connection: AsyncConnection, statement: object) -> list[RowMapping]:
        now = self.clock()
        asked = {"now": now, "today": local_day(now, Zone.WIB), "batch": BATCH}
        return list((await connection.execute(statement, asked)).mappings())  # type: ignore[call-overload]

    async def _sent(self, row: RowMapping) -> dict[str, object]:
        """What becomes of one digest whose words are kept."""
        if not row["active"]:
            return self._settled(row, "dropped", "the person has left")
        if self._day_is_over(row):
            return self._settled(row, "missed")
        reach = self.channels.for_address(row["email"])
        if not reach.urls:
            return self._settled(row, "shown")
        body = f"{row['body']}\n\n-- \nSiklus-Digest: {row['id']}\n"
        came = await attempt(reach, lambda: Message(row["email"], row["subject"], body))
        return self._settled(row, "sent" if came.reached else "pending", came.problem)

    def _day_is_over(self, row: RowMapping) -> bool:
        return bool(local_day(self.clock(), Zone(row["zone"])) > row["day"])

    def _settled(self, row: RowMapping, state: str, problem: str | None = None) -> dict[str, object]:
        now, tried = self.clock(), int(state in ("sent", "pending"))
        attempts = row["attempts"] + tried
        return {
            "id": row["id"],
            "state": state,
            "attempts": attempts,
            "tried": tried,
            "attempts_max": self.patience.attempts_max,
            "next_try_at": now + self.patience.until_next(attempts) if state == "pending" else None,
            "sent_at": now if state == "sent" else None,
            "last_error": problem[:500] if problem else None,
        }


async def ensure_digest(client: Client, task_queue: str) -> None:
    """Start the one workflow of the mornings, unless it runs already."""
    await ensure(client, task_queue, "DigestWorkflow", DigestInput(), DIGEST_ID)
