"""The one place where an appraisal's state is written: events, row and outbox in one transaction, or nothing.

It trusts nothing it is given: revision, incarnation, sequence and hash chain are held against the locked row. The same events again
are done already; a gap or another hash parks the appraisal for a person, because to go on would be to lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from pydantic_core import to_json
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.clocks import begins_another, take_to_come
from activities.facts import Facts
from activities.handing_on import moved_by_reassignment, with_holder
from activities.outbox import notices_of
from activities.parking import RECORD_BLOCKED, Diverged, goes_on, on_hr_list, park, parking
from activities.people import LINE_REVISION, Agency, People, move_parts
from activities.served import with_service
from models.appraisal import ConsultInput, Event, ParkInput, RecordInput, Snapshot, Timing
from models.database import Database
from models.folding import born, evolve
from models.lateness import late_still
from models.trail import GENESIS, breaks
from models.vocabulary import State, Zone
from models.workdays import week_of

SUPERSEDED = "superseded"
"""The error type that tells a workflow that a later incarnation has taken over; it has nothing left to do."""

# Not for a new key: a draft that is saved meanwhile refers to the row and need not wait.
LOCKED = text(
    """
    SELECT id, cycle_id, person_id, segment, unit_id, zone, work_week, revision, incarnation, seq, last_hash, snapshot, parked,
           zone_to_come
      FROM appraisal WHERE id = :id FOR NO KEY UPDATE
    """
)
# A statement of its own: what was read while waiting for the lock would be older than the lock.
REVISIONS = text(
    f"SELECT facts_revision AS facts, policy_edition AS edition, {LINE_REVISION} AS line FROM cycle WHERE id = :cycle"
)
STORED = text("SELECT seq, hash FROM event WHERE appraisal_id = :id AND seq = ANY(:seqs)")
WRITE = text(
    """
    WITH trail AS (
        INSERT INTO event SELECT * FROM jsonb_populate_recordset(NULL::event, CAST(:events AS jsonb))
    ), shown AS (
        UPDATE appraisal
           SET launch = 'launched', launch_problem = NULL, let_go = let_go AND CAST(:ending AS text) IS NOT NULL,
               revision = :revision, incarnation = :incarnation,
               state = :state, period = :period, version = :version, seq = :seq, last_hash = :last_hash,
               snapshot = CAST(:snapshot AS jsonb), ending = :ending, outcome_id = :outcome_id,
               supervisor_override = :supervisor_override, suspended = :suspended, disputed = :disputed,
               late = late OR :late, takeover = :takeover, on_hr_list = :on_hr_list, parked = NULL,
               timing = CAST(:timing AS jsonb), facts_revision = :facts_revision, opens_at = :opens_at,
               due_at = :due_at, lapses_at = :lapses_at, entered_at = :entered_at, done_at = :done_at
         WHERE id = :id
    ), told AS (
        INSERT INTO notice SELECT * FROM jsonb_populate_recordset(NULL::notice, CAST(:notices AS jsonb))
        ON CONFLICT DO NOTHING
    )
    SELECT pg_notify('appraisal', :id || ' ' || :seq), CASE WHEN :at_once THEN pg_notify('outbox', '') END
    """
)
"""Events, what the row shows of them, notices, and the word to those who wait, in one round trip: a person waits for it."""


class Known(NamedTuple):
    """Which facts of a cycle hold, by their revision, and which of its packs, by its number."""

    facts: int
    edition: int


class Recorder:
    """The activities that keep the record. One per worker process."""

    def __init__(self, database: Database, facts: Facts, people: People) -> None:
        self._database = database
        self._facts = facts
        self._people = people

    @activity.defn(name="record")
    async def record(self, wish: RecordInput) -> Timing:
        """Write these events; answers with the fresh timing. Raises `record_blocked` (non-retryable) after parking."""
        async with parking(self._database, wish.appraisal_id), self._database.transaction() as connection:
            return await self._record(connection, wish)

    @activity.defn(name="consult")
    async def consult(self, wish: ConsultInput) -> Timing:
        """The timing of the current visit under the facts of now; writes what lists show of it, decides nothing.

        Raises `record_blocked` (non-retryable) after parking.
        """
        async with parking(self._database, wish.appraisal_id), self._database.transaction() as connection:
            row = await self._locked(connection, wish.appraisal_id)
            snapshot = Snapshot.model_validate(row["snapshot"])
            agency, known = await self._today(connection, row)
            timing = await self._timing(connection, row, snapshot, agency, known, wish.at)
            await connection.execute(
                text("DELETE FROM nudge WHERE appraisal_id = :id AND facts_revision <= :f"),
                {"id": wish.appraisal_id, "f": timing.facts_revision},
            )
            await self._show(connection, row, snapshot, timing)
            return timing

    async def _record(self, connection: AsyncConnection, wish: RecordInput) -> Timing:
        row = await self._locked(connection, wish.appraisal_id)
        if wish.incarnation < row["incarnation"]:
            raise ApplicationError("a later incarnation has taken over", type=SUPERSEDED, non_retryable=True)
        fresh = await self._fresh(connection, row, wish.events)
        before = snapshot = Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
        for event in fresh:
            snapshot = born(event) if snapshot is None else evolve(snapshot, event)
        if snapshot is None:
            raise Diverged("the first events of this appraisal are missing")
        if snapshot.incarnation != wish.incarnation:
            raise Diverged(f"incarnation {wish.incarnation} writes, but the row belongs to {row['incarnation']}")
        if row["zone_to_come"] is not None and begins_another(before, snapshot):
            await take_to_come(connection, row["id"])
            row = await self._locked(connection, wish.appraisal_id)
        agency, known = await self._today(connection, row)
        timing = await self._timing(connection, row, snapshot, agency, known, wish.events[-1].at)
        if not fresh:
            # The row shows what the workflow sleeps on: whether a later change reaches it in time is judged by that.
            await self._show(connection, row, snapshot, timing)
            return timing
        if wish.revision not in (row["revision"], snapshot.revision):
            raise Diverged(f"revision {wish.revision} writes, but the row has revision {row['revision']}")
        pack = await self._facts.pack(connection, row["cycle_id"], known.edition)
        notices = notices_of(fresh, before, snapshot, timing, agency, pack, row["unit_id"], Zone(row["zone"]))
        notices += moved_by_reassignment(fresh, before, agency, Zone(row["zone"]))
        late = await self._late(connection, row, before, fresh, agency, known)
        await connection.execute(WRITE, _columns(snapshot, timing, fresh, notices) | {"late": late})
        if _moves_parts(before, snapshot, row["segment"]):
            await move_parts(connection)
        return timing

    async def _locked(self, connection: AsyncConnection, appraisal_id: str) -> RowMapping:
        row = (await connection.execute(LOCKED, {"id": appraisal_id})).mappings().one_or_none()
        if row is None:
            raise ApplicationError("there is no such appraisal", type=RECORD_BLOCKED, non_retryable=True)
        return row

    async def _fresh(self, connection: AsyncConnection, row: RowMapping, events: Sequence[Event]) -> Sequence[Event]:
        """The events not yet written, after the chain was held against the row. Raises `Diverged`."""
        known = [event for event in events if event.seq <= row["seq"]]
        fresh = [event for event in events if event.seq > row["seq"]]
        if known:
            seqs = [event.seq for event in known]
            stored = {r.seq: r.hash for r in await connection.execute(STORED, {"id": row["id"], "seqs": seqs})}
            for event in known:
                if stored.get(event.seq) != event.hash:
                    raise Diverged(f"event {event.seq} is written already, with another hash")
        expected, link = row["seq"] + 1, row["last_hash"] or GENESIS
        for event in fresh:
            if event.seq != expected or event.previous_hash != link:
                raise Diverged(f"event {event.seq} does not follow event {expected - 1}")
            if [b for b in breaks([event], start=event.previous_hash) if b.why == "content"]:
                raise Diverged(f"event {event.seq} does not have the hash of its content")
            expected, link = event.seq + 1, event.hash
        return fresh

    async def _today(self, connection: AsyncConnection, row: RowMapping) -> tuple[Agency, Known]:
        """The people, and which facts and pack of the cycle hold, as they are now that the row is ours."""
        found = (await connection.execute(REVISIONS, {"cycle": row["cycle_id"]})).one()
        return await self._people.agency(connection, found.line), Known(found.facts, found.edition)

    async def _timing(
        self,
        connection: AsyncConnection,
        row: RowMapping,
        snapshot: Snapshot,
        agency: Agency,
        known: Known,
        now: datetime | None,
    ) -> Timing:
        cycle = str(row["cycle_id"])
        found = await self._facts.timing(
            connection,
            snapshot,
            cycle=cycle,
            facts_revision=known.facts,
            unit_path=agency.unit_path(row["unit_id"]),
            zone=Zone(row["zone"]),
            week=row["work_week"],
            now=now,
            number=known.edition,
        )
        pack, facts = (
            await self._facts.pack(connection, cycle, known.edition),
            await self._facts.cycle(connection, cycle, known.facts),
        )
        found = await with_service(connection, found, snapshot, row, pack, facts.changes.get(snapshot.subject, ()), now)
        return with_holder(found, snapshot, agency, Zone(row["zone"]))

    async def _late(
        self,
        connection: AsyncConnection,
        row: RowMapping,
        before: Snapshot | None,
        fresh: Sequence[Event],
        agency: Agency,
        known: Known,
    ) -> bool:
        """Whether any of these was late by the days of now: whoever moved them since it was sent found no late row here."""
        if not any(event.data.late for event in fresh):
            return False
        facts = await self._facts.cycle(connection, row["cycle_id"], known.facts)
        timed = partial(
            facts.timing,
            pack=await self._facts.pack(connection, row["cycle_id"], known.edition),
            unit_path=agency.unit_path(row["unit_id"]),
            zone=Zone(row["zone"]),
            week=week_of(row["work_week"]),
        )
        return late_still(fresh, timed, before)

    async def _show(self, connection: AsyncConnection, row: RowMapping, snapshot: Snapshot, timing: Timing) -> None:
        """Show the timing of a row that is otherwise as it was, and that it goes on, should it have been parked."""
        await connection.execute(SHOW_TIMING, _shown(row["id"], timing))
        if row["parked"]:
            await goes_on(connection, snapshot)

    @activity.defn(name="park")
    async def park(self, wish: ParkInput) -> None:
        """Put the appraisal on HR's list; other appraisals are not touched."""
        await park(self._database, wish.appraisal_id, wish.why)


SHOW_TIMING = text(
    """
    UPDATE appraisal SET timing = CAST(:timing AS jsonb), facts_revision = :facts_revision, opens_at = :opens_at,
           due_at = :due_at, lapses_at = :lapses_at
     WHERE id = :id
    """
)


def _shown(appraisal_id: str, timing: Timing) -> dict[str, object]:
    return {
        "id": appraisal_id,
        "timing": timing.model_dump_json(),
        "facts_revision": timing.facts_revision,
        "opens_at": timing.opens_at,
        "due_at": timing.due_at,
        "lapses_at": timing.lapses_at,
    }


def _columns(
    snapshot: Snapshot, timing: Timing, events: Sequence[Event], notices: Sequence[Mapping[str, object]]
) -> dict[str, object]:
    return _shown(snapshot.appraisal_id, timing) | {
        "events": to_json([_row(event) for event in events]).decode(),
        "notices": to_json(notices).decode(),
        "at_once": any(notice["at_once"] for notice in notices),
        "revision": snapshot.revision,
        "incarnation": snapshot.incarnation,
        "state": snapshot.state.value,
        "period": snapshot.period,
        "version": snapshot.version,
        "seq": snapshot.seq,
        "last_hash": snapshot.last_hash,
        "snapshot": snapshot.model_dump_json(exclude_none=True),
        "ending": snapshot.ending.value if snapshot.ending else None,
        "outcome_id": snapshot.outcome_id,
        "supervisor_override": snapshot.supervisor_override,
        "suspended": snapshot.suspended is not None,
        "disputed": snapshot.disputed,
        "takeover": snapshot.visit.takeover,
        "on_hr_list": on_hr_list(snapshot),
        "entered_at": snapshot.visit.entered_at,
        "done_at": _done_at(snapshot, events),
    }


def _moves_parts(before: Snapshot | None, after: Snapshot, segment: int) -> bool:
    """Whether who rated the earlier parts of a year is known anew: a later part begins, or one that may have a later one was rated."""
    if before is None:
        return segment > 1
    raters = (before.rated_by, before.defenders) != (after.rated_by, after.defenders)
    return raters and (not after.flow.last_segment or after.exit is not None)


def _done_at(snapshot: Snapshot, events: Sequence[Event]) -> datetime | None:
    return events[-1].at if snapshot.state is State.FINALISATION_DONE else None


def _row(event: Event) -> Mapping[str, object]:
    return {
        "appraisal_id": event.appraisal_id,
        "seq": event.seq,
        "revision": event.revision,
        "at": event.at,
        "effective_at": event.effective_at,
        "action": event.action.value,
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "role": event.role.value,
        "from_state": event.from_state.value if event.from_state else None,
        "to_state": event.to_state.value,
        "period": event.period,
        "version": event.version,
        "comment_id": event.comment.id if event.comment else None,
        "comment_hash": event.comment.sha256 if event.comment else None,
        "data": event.data.model_dump(mode="json", exclude_none=True),
        "key_hash": event.data.key_hash,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def event_of(row: RowMapping) -> Event:
    """The event a row of the trail holds, exactly as it was hashed."""
    comment = {"id": row["comment_id"], "sha256": row["comment_hash"]} if row["comment_id"] else None
    return Event.model_validate(
        {name: row[name] for name in Event.model_fields if name not in ("comment",)} | {"comment": comment}
    )
