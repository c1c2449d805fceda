"""What a year came to before it was opened again: each revision that ended, with its result as the record has it, and its document.

For whom the year's result is open now; an earlier one tells nothing to who may not see the present one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.archive import issued_with
from activities.documents import Kind
from activities.record import event_of
from api.loading import load
from api.problems import Problem
from api.rooms import Rooms
from api.security import Caller
from api.trails import EVENTS
from models.access import sees_result
from models.appraisal import Snapshot
from models.folding import replay
from models.vocabulary import Action, Ending, Label

LABELS = text("SELECT id, label FROM outcome WHERE appraisal_id = :id")
ARCHIVED = text("SELECT revision, manifest FROM archive WHERE appraisal_id = :id")


@dataclass(frozen=True)
class Revision:
    """One that ended, and why it was opened again; `documents` are those that were issued with it."""

    number: int
    ended_at: datetime
    ending: Ending | None
    label: Label | None
    why_reopened: str | None
    documents: frozenset[str]


async def earlier_revisions(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, appraisal_id: str
) -> Sequence[Revision]:
    """The latest first; empty where the result is not open to the caller."""
    loaded = await load(connection, rooms, caller, appraisal_id)
    if loaded.row["revision"] == 1 or not sees_result(loaded.roles, loaded.running()):
        return ()
    rows = (await connection.execute(EVENTS, {"id": appraisal_id})).mappings().all()
    labels = {row.id: Label(row.label) for row in await connection.execute(LABELS, {"id": appraisal_id})}
    archived: Mapping[int, frozenset[str]] = {
        row.revision: frozenset(file["name"] for file in row.manifest["files"])
        for row in await connection.execute(ARCHIVED, {"id": appraisal_id})
    }
    events, found = [event_of(row) for row in rows], []
    for n, row in enumerate(rows):
        if row["action"] == Action.REOPEN and n:
            before: Snapshot = replay(events[:n])
            found.append(
                Revision(
                    number=before.revision,
                    ended_at=events[n - 1].effective_at,
                    ending=before.ending,
                    label=None if before.ending is Ending.CANCELLED else labels.get(before.outcome_id or ""),
                    why_reopened=row["comment_body"],
                    documents=archived.get(before.revision, frozenset()),
                )
            )
    return found[::-1]


async def document_of(rooms: Rooms, caller: Caller, appraisal_id: str, revision: int, kind: Kind) -> bytes:
    """The document as it was issued with that revision. Raises `not_found` where there is none, or it is not open to the caller."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        found = None
        if sees_result(loaded.roles, loaded.running()):
            found = await issued_with(connection, rooms.archive, loaded.id, revision, kind)
    if found is None:
        raise Problem("not_found")
    return found
