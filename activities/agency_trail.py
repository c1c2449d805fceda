"""The agency's own trail: who may what and what was decided about whom, whether or not a cycle runs.

Append-only, one chain for the agency, hashed by the recipe of `models.trail`. A trail of a cycle tells besides what fell into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.appraisal import Frozen, TextRef
from models.tables import Json
from models.trail import GENESIS, canonical, sha256
from models.trail_actions import TrailAction
from models.vocabulary import Role

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('agency trail', 0))")
"""Taken before any cycle's row is, so that two who write in both trails never wait for each other."""
LAST = text("SELECT seq, hash FROM agency_event ORDER BY seq DESC LIMIT 1")
APPEND = text(
    """
    INSERT INTO agency_event (seq, at, action, actor, role, reason_id, reason_sha256, data, previous_hash, hash)
    VALUES (:seq, :at, :action, :actor, :role, :reason_id, :reason_sha256, CAST(:data AS jsonb), :previous_hash, :hash)
    """
)

Said = tuple[TrailAction, Mapping[str, object]]
"""An action and its data: ids, codes, days and counts, never a name."""


class AgencyEvent(Frozen):
    """One link; `hash` covers every other field. `data` holds ids, dates and counts, never a name."""

    seq: int
    at: datetime
    action: str
    actor: str
    role: str
    reason: str | None = None
    """In words, and under the hash: of events from before reasons were texts that can be erased."""
    reason_id: str | None = None
    reason_sha256: str | None = None
    data: Json
    previous_hash: str
    hash: str = ""

    @classmethod
    def chained(
        cls,
        said: Iterable[tuple[StrEnum, Mapping[str, object]]],
        after: tuple[int, str],
        at: datetime,
        actor: str,
        *,
        role: Role,
        reason: TextRef | None,
        **more: str,
    ) -> list[Self]:
        """These facts as links in their order; `after` is place and hash of the last one, `more` what a trail's links have besides."""
        last, link = after
        links: list[Self] = []
        for seq, (action, data) in enumerate(said, start=last + 1):
            event = cls.model_validate(
                {
                    "seq": seq,
                    "at": at.astimezone(UTC),
                    "action": action.value,
                    "actor": actor,
                    "role": role.value,
                    "reason_id": reason.id if reason else None,
                    "reason_sha256": reason.sha256 if reason else None,
                    "data": dict(data),
                    "previous_hash": link,
                    **more,
                }
            ).sealed()
            link = event.hash
            links.append(event)
        return links

    def sealed(self) -> Self:
        return self.model_copy(update={"hash": self.own_hash()})

    def own_hash(self) -> str:
        return sha256(canonical(self.model_dump(mode="json", exclude={"hash"}, exclude_none=True)))

    def row(self) -> Json:
        """What its table stores."""
        return self.model_dump(exclude={"data", "reason"}) | {"data": json.dumps(self.data)}


async def note_in_agency(
    connection: AsyncConnection,
    at: datetime,
    actor: str,
    said: Iterable[Said],
    *,
    role: Role = Role.HR,
    reason: TextRef | None = None,
) -> None:
    """Append these facts in their order, in the transaction of the change they speak of."""
    await connection.execute(ONE_AT_A_TIME)
    last = (await connection.execute(LAST)).one_or_none()
    after = (0, GENESIS) if last is None else (last.seq, last.hash)
    events = AgencyEvent.chained(said, after, at, actor, role=role, reason=reason)
    if events:
        await connection.execute(APPEND, [event.row() for event in events])
