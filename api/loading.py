"""One appraisal as a request needs it: its row, its snapshot, who is who around it, and which of them is calling.

Loaded in one query and one look at the agency; raises `not_found` and `not_yours`, so that routes need not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import PackUnreadable
from activities.people import LINE_REVISION, POST_LEVEL, SHOWN_POST, Agency
from api.problems import Problem
from api.rooms import Rooms
from api.security import Caller
from models import lifecycle
from models.access import Parties, roles, succeeds
from models.appraisal import Snapshot, Timing
from models.vocabulary import Action, Role, Zone
from models.workdays import local_day, week_of

log = structlog.stdlib.get_logger("siklus.loading")

LAST_SEGMENT = """
    LATERAL (SELECT max(segment) FILTER (WHERE acting_for IS NOT DISTINCT FROM a.acting_for AND asked_from IS NULL) AS last_segment,
                    (array_agg(supervisor_override ORDER BY segment DESC) FILTER (WHERE own_year))[1] AS last_override
               FROM appraisal WHERE person_id = a.person_id AND cycle_id = a.cycle_id) l
"""
"""The part of the year of the person of `a` that is worked now, in that post; who was put over her in her own."""
ROW = text(
    f"""
    SELECT a.*, {LINE_REVISION} AS line_revision, c.facts_revision AS cycle_facts_revision, c.name AS cycle_name, c.policy,
           p.nip, p.name AS person_name, {SHOWN_POST} AS post, {POST_LEVEL} AS level, p.kind, p.family,
           u.code AS unit_code, u.name AS unit_name, l.last_segment, l.last_override
      FROM appraisal a JOIN cycle c ON c.id = a.cycle_id JOIN person p ON p.id = a.person_id
      JOIN unit u ON u.id = a.unit_id
      JOIN {LAST_SEGMENT} ON true
     WHERE a.id = :id
    """
)


@dataclass(frozen=True)
class Loaded:
    """`row` is the table's row joined with cycle, person and unit; `snapshot` is None until the year was launched."""

    row: RowMapping
    snapshot: Snapshot | None
    timing: Timing | None
    agency: Agency
    around: Parties
    roles: frozenset[Role]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def cycle_id(self) -> str:
        return str(self.row["cycle_id"])

    def running(self) -> Snapshot:
        """The snapshot. Raises `not_running` where the year was not launched."""
        if self.snapshot is None:
            raise Problem("not_running")
        return self.snapshot


def allowed(loaded: Loaded, caller: Caller, now: datetime) -> list[Action]:
    """What the caller may do now, in the order of the vocabulary; nothing before the launch, or while it is parked."""
    if loaded.snapshot is None or loaded.row["parked"] is not None:
        return []
    superior = loaded.around.superior
    return lifecycle.allowed(loaded.snapshot, caller.person_id, loaded.roles, now, loaded.timing, superior)


def checked_id(raw: str) -> str:
    """An id in its one spelling. Raises `not_found` for what is no id."""
    try:
        return str(UUID(raw))
    except ValueError as wrong:
        raise Problem("not_found") from wrong


async def load(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, raw_id: str, *, stranger: bool = False
) -> Loaded:
    """The appraisal as this caller may see it. Raises `not_found`, and `not_yours` unless it is loaded for a `stranger` too."""
    row = (await connection.execute(ROW, {"id": checked_id(raw_id)})).mappings().one_or_none()
    if row is None:
        raise Problem("not_found")
    snapshot = Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
    agency = await rooms.people.agency(connection, row["line_revision"])
    around = around_of(agency, row, snapshot, rooms.now())
    level = snapshot.visit.level if snapshot else 0
    held = roles(caller.person_id, caller.granted, around, level=level)
    if snapshot is not None:
        held |= successor(agency, row, caller, local_day(rooms.now(), Zone(str(row["zone"]))))
    if not held and not stranger:
        raise Problem("not_yours")
    timing = await current_timing(connection, rooms, row, snapshot, agency)
    return Loaded(row, snapshot, timing, agency, around, held)


def around_of(agency: Agency, row: RowMapping, snapshot: Snapshot | None, now: datetime) -> Parties:
    """Who is who around the appraisal of this row, today in the employee's zone."""
    today = local_day(now, Zone(str(row["zone"])))
    if snapshot is None:
        return agency.parties(str(row["person_id"]), today, acting_for=row["acting_for"])
    return agency.parties_of(snapshot, today)


def successor(agency: Agency, row: RowMapping, caller: Caller, day: date) -> set[Role]:
    """The reading role of who answers for a later part of this person's year, or for her on that day in another post, her own included.

    `row` is a launched appraisal with `LAST_SEGMENT`.
    """
    went_on = not row["own_year"] or row["segment"] != row["last_segment"] or agency.went_on(str(row["id"]), day)
    if not went_on or caller.person_id == row["person_id"]:
        return set()
    after = agency.parties(str(row["person_id"]), day, reassigned=row["last_override"])
    return {Role.SUCCESSOR} if succeeds(caller.person_id, after) else set()


async def current_timing(
    connection: AsyncConnection, rooms: Rooms, row: RowMapping, snapshot: Snapshot | None, agency: Agency
) -> Timing | None:
    """The timing the row shows, or a fresh one where the facts have moved since and the cycle's pack can be read."""
    if snapshot is None or not row["timing"]:
        return None
    shown = Timing.model_validate(row["timing"])
    facts_revision = int(str(row["cycle_facts_revision"]))
    if shown.facts_revision == facts_revision:
        return shown
    try:
        return await rooms.facts.timing(
            connection,
            snapshot,
            cycle=str(row["cycle_id"]),
            facts_revision=facts_revision,
            unit_path=agency.unit_path(str(row["unit_id"])),
            zone=Zone(str(row["zone"])),
            week=week_of(row["work_week"]),
        )
    except PackUnreadable as unreadable:
        log.error("pack_unreadable", appraisal_id=row["id"], cycle_id=unreadable.cycle)
        return shown
