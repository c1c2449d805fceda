"""The proof of a trail: whether its chain holds, from the rows as they are stored, and the file that proves it to who does not trust us.

Recomputed whole whenever somebody asks; nothing is remembered of an earlier look. Events and their head are read by several statements,
so the connection has to be of one moment (`Database.moment`): else a sound trail looks broken while somebody acts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import CycleEvent
from activities.dossier import README, dossier, hashed
from activities.record import event_of
from api.loading import Loaded
from api.problems import Problem
from api.rooms import Rooms
from api.security import Caller
from api.trails import CYCLE_EVENTS, EVENTS, SEES_EVERYBODYS
from models.trail import GENESIS, Break, Link, broken, canonical, event_hash, salted_hash
from models.vocabulary import Role

WHOLE = frozenset({Role.HR, Role.AUDITOR})
"""Who takes away the full record of one appraisal, also who is HR to this one person only; everybody else who reads takes its events."""
HEAD = text("SELECT last_event_seq AS seq, last_event_hash AS last_hash FROM cycle WHERE id = :id")
CONTENTS = text(
    """
    SELECT data AS said, salt, sha256 FROM form_copy WHERE appraisal_id = :id
    UNION ALL
    SELECT to_jsonb(t.body), t.salt, t.sha256 FROM text t
     WHERE t.id IN (SELECT comment_id FROM event WHERE appraisal_id = :id AND comment_id IS NOT NULL)
    """
)
FORMAT = "siklus-trail/1"


@dataclass(frozen=True)
class Chain:
    """A trail as it was checked: how many events, the hash of the last, and where it does not hold.

    `recorded` is how many its head, which is stored apart, says there are: a trail whose end was cut off holds in itself.
    """

    events: int
    head: str
    breaks: Sequence[Break]
    recorded: int
    recorded_head: str

    @property
    def whole(self) -> bool:
        """Whether its end is the end that was recorded."""
        return (self.events, self.head) == (self.recorded, self.recorded_head or GENESIS)

    @property
    def holds(self) -> bool:
        return self.whole and not self.breaks


@dataclass(frozen=True)
class Proof:
    """Both chains, and of the forms and sentences that the trail vouches for how many are as they were, erased, or not as they were."""

    own: Chain
    cycle: Chain
    same: int
    erased: int
    altered: int

    @property
    def holds(self) -> bool:
        return self.own.holds and self.cycle.holds and not self.altered


async def proof(connection: AsyncConnection, loaded: Loaded) -> Proof:
    """Every event of the appraisal's trail and of its cycle's hashed again, and every form and sentence held against its hash."""
    own = (await connection.execute(EVENTS, {"id": loaded.id})).mappings().all()
    shared = (await connection.execute(CYCLE_EVENTS, {"cycle": loaded.cycle_id})).mappings().all()
    head = (await connection.execute(HEAD, {"id": loaded.cycle_id})).mappings().one()
    contents = (await connection.execute(CONTENTS, {"id": loaded.id})).all()
    return await asyncio.to_thread(_proof, _Stored(own, loaded.row, shared, head, contents))


@dataclass(frozen=True)
class _Stored:
    """Both trails, each with its head, and what the appraisal's own vouches for, as rows."""

    own: Sequence[RowMapping]
    own_head: RowMapping
    cycle: Sequence[RowMapping]
    cycle_head: RowMapping
    contents: Sequence[Row[Any]]


def _proof(of: _Stored) -> Proof:
    kept = [one for one in of.contents if one.said is not None]
    same = sum(salted_hash(one.salt, one.said) == one.sha256 for one in kept)
    return Proof(
        own=_chain(list(_own(of.own)), of.own_head),
        cycle=_chain(list(_of_cycle(of.cycle)), of.cycle_head),
        same=same,
        erased=len(of.contents) - len(kept),
        altered=len(kept) - same,
    )


def _chain(links: Sequence[Link], head: RowMapping) -> Chain:
    last = links[-1].hash if links else GENESIS
    return Chain(len(links), last, broken(links), int(head["seq"]), str(head["last_hash"]))


def _own(rows: Sequence[RowMapping]) -> Iterator[Link]:
    for row in rows:
        try:
            content = event_hash(event_of(row))
        except ValidationError:  # it says what no event can
            content = ""
        yield Link(row["seq"], row["previous_hash"], row["hash"], content)


def _of_cycle(rows: Sequence[RowMapping]) -> Iterator[Link]:
    for row in rows:
        try:
            content = _cycle_event(row).own_hash()
        except ValidationError:
            content = ""
        yield Link(row["seq"], row["previous_hash"], row["hash"], content)


def _cycle_event(row: RowMapping) -> CycleEvent:
    return CycleEvent.model_validate({name: row[name] for name in CycleEvent.model_fields})


async def proving_file(connection: AsyncConnection, rooms: Rooms, loaded: Loaded) -> bytes:
    """What is taken away, with how to verify it in it: the full record for HR and auditor, else the events alone."""
    if loaded.roles & WHOLE:
        whole, _ = await dossier(connection, loaded.id, at=rooms.now(), facts=rooms.facts, people=rooms.people)
        return canonical(whole.model_dump(mode="json"))
    rows = (await connection.execute(EVENTS, {"id": loaded.id})).mappings().all()
    return canonical(
        {
            "format": FORMAT,
            "readme": README,
            "appraisal_id": loaded.id,
            "trail_seq": loaded.row["seq"],
            "trail_head": loaded.row["last_hash"],
            "events": [hashed(event_of(row)) for row in rows],
        }
    )


async def cycle_file(connection: AsyncConnection, loaded: Loaded, caller: Caller) -> bytes:
    """The cycle's whole trail, by the same recipe. Raises `not_yours` for who may not read what was decided about others."""
    if not caller.granted & SEES_EVERYBODYS:
        raise Problem("not_yours")
    rows = (await connection.execute(CYCLE_EVENTS, {"cycle": loaded.cycle_id})).mappings().all()
    head = (await connection.execute(HEAD, {"id": loaded.cycle_id})).mappings().one()
    return await asyncio.to_thread(_cycle_record, loaded.cycle_id, rows, head)


def _cycle_record(cycle: str, rows: Sequence[RowMapping], head: RowMapping) -> bytes:
    events = [_cycle_event(row).model_dump(mode="json", exclude_none=True) for row in rows]
    return canonical(
        {
            "format": FORMAT,
            "readme": README,
            "cycle_id": cycle,
            "trail_seq": head["seq"],
            "trail_head": head["last_hash"],
            "events": events,
        }
    )
