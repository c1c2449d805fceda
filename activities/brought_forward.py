"""Whoever is waited on is told that there is less time than before, in the transaction that moved the facts and for the morning.

By the pack's notice table (`brought_forward`); a pack without a row for it tells nobody. Where nothing comes nearer nothing is asked, so
that an extension costs what it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.outbox import people_in, row_of, write
from activities.people import Agency
from activities.waiting import open_among
from models.policy import BROUGHT_FORWARD, Notice, PolicyPack
from models.vocabulary import State, Zone
from models.workdays import local_day

TO_BE_TOLD = text(
    """
    SELECT appraisal_id, person_id, text FROM notice
     WHERE appraisal_id = ANY(:ids) AND event_seq IS NULL AND facts ->> 'on' = :on
       AND state = 'pending' AND NOT at_once AND digest_id IS NULL
       FOR SHARE
    """
)
"""Who is to hear it in the morning because of an earlier change. Held, so that no morning takes it with the day of before meanwhile."""


@dataclass(frozen=True, slots=True)
class Sooner:
    """Appraisals that stand alike, and when their step was due and is due now."""

    ids: Sequence[str]
    state: State
    period: int | None
    was_due_at: datetime
    due_at: datetime


async def tell_of(
    connection: AsyncConnection, found: Sequence[Sooner], pack: PolicyPack, agency: Agency, at: datetime, actor: str
) -> None:
    """Write the notices of all of these.

    Who has yet to hear of an earlier change is not told twice: the mail names the day that holds when it is sent, and what it is held
    against is the day she knew of.
    """
    sooner = {
        appraisal: (one, notices)
        for one in found
        if (notices := pack.notices_on(BROUGHT_FORWARD, one.state, one.state))
        for appraisal in one.ids
    }
    if not sooner:
        return
    rows = await open_among(connection, sooner)
    asked = {"ids": list(sooner), "on": BROUGHT_FORWARD}
    waiting = {(r.appraisal_id, r.person_id, r.text) for r in await connection.execute(TO_BE_TOLD, asked)}
    written = []
    for row in rows:
        one, notices = sooner[row["id"]]
        facts = {
            "on": BROUGHT_FORWARD,
            "state": one.state.value,
            "period": one.period,
            "waits": True,
            "due_at": one.due_at.isoformat(),
            "was_due_at": one.was_due_at.isoformat(),
        }
        for (person, text_key), notice in dict(_told(row, notices, agency, at)).items():
            if person != actor and (row["id"], person, text_key) not in waiting:
                told = row_of(person, text_key, at, actor, facts, at_once=notice.at_once)
                written.append(told | {"appraisal_id": row["id"]})
    await write(connection, written)


def _told(
    row: RowMapping, notices: Sequence[Notice], agency: Agency, at: datetime
) -> Iterator[tuple[tuple[str, str], Notice]]:
    """Whom the table tells what about this appraisal."""
    today = local_day(at, Zone(row["zone"]))
    around = agency.parties_stored(row["id"], row["person_id"], today, row["supervisor_override"], row)
    for notice in notices:
        for role in notice.to:
            for person in people_in(role, around, agency, row["level"], today, row["unit_id"]):
                yield (person, notice.text), notice
