"""An evaluation on request in rows (decision 32): who may have one of which months, and the row it begins with.

It is begun as everything pending in a cycle is (`activities.launch`), so whoever dies in between loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.credited import claims
from activities.cycle_trail import note
from activities.enrolment import AS_UNBEGUN, UNBEGUN, live
from activities.facts import Facts
from activities.people import Agency
from activities.personnel import Forbidden, Order, Subject
from activities.segments import segments
from activities.texts import keep_reason
from models.on_request import Months, Part, part_of, why_not
from models.policy import PolicyPack
from models.trail_actions import TrailAction
from models.vocabulary import CycleState, JobLevel

RUNNING = frozenset({CycleState.OPENING, CycleState.OPEN})
PARTS = text(
    f"""
    SELECT a.id, a.cycle_id, a.supervisor_override, a.snapshot #>> '{{plan_in_force,copy_id}}' AS plan
      FROM appraisal a
     WHERE a.person_id = :person AND a.year = :year AND a.own_year AND a.launch = 'launched' AND {live("a")} ORDER BY a.segment
    """
)
OVERLAPS = text(
    f"""
    SELECT EXISTS (SELECT FROM appraisal a WHERE a.person_id = :person AND a.asked_from <= :last AND a.asked_until >= :first
                      AND {live("a")})
    """
)
STATE = text("SELECT state FROM cycle WHERE id = :cycle FOR UPDATE")
INSERT = text(
    f"""
    INSERT INTO appraisal (id, cycle_id, person_id, asked_from, asked_until, asked_document, supervisor_override, year, segment,
           unit_id, zone, work_week, launch, {UNBEGUN})
    SELECT :id, a.cycle_id, a.person_id, :first, :last, :document, a.supervisor_override, a.year, 1, a.unit_id, a.zone, a.work_week,
           'pending', {AS_UNBEGUN}
      FROM appraisal a WHERE a.id = :part
    """
)
"""In the place of that part of her year."""
COPY_PLAN = text(
    """
    INSERT INTO form_copy (id, appraisal_id, revision, form, period, author_id, version, data, salt, sha256, policy_edition, created_at)
    SELECT gen_random_uuid()::text, :id, 1, form, period, author_id, version, data, salt, sha256, policy_edition, created_at
      FROM form_copy WHERE id = :plan
    """
)
"""Its own, so that its record is whole; under the hash of the plan that it is a copy of."""


class CycleOver(Exception):
    """The cycle of those months takes up nothing more; it stands in this state."""

    def __init__(self, state: CycleState) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Asked:
    """The evaluation that was opened."""

    appraisal: str
    cycle: str


async def ask(
    connection: AsyncConnection,
    subject: Subject,
    order: Order,
    months: Months,
    document: str,
    facts: Facts,
    agency: Agency,
) -> Asked:
    """Open one of these months. Raises `Forbidden`, `CycleOver`."""
    days = {"person": subject.id, "first": months.begins, "last": months.ends}
    rows = (await connection.execute(PARTS, {"person": subject.id, "year": months.year})).mappings().all()
    if not rows:
        raise Forbidden("no_year", "from")
    row = await _part(connection, subject, order, months, rows, facts)
    state = CycleState((await connection.execute(STATE, {"cycle": row["cycle_id"]})).scalar_one())
    if state not in RUNNING:
        raise CycleOver(state)
    if (await connection.execute(OVERLAPS, days)).scalar_one():
        raise Forbidden("overlapping_on_request", "from")
    if row["plan"] is None:
        raise Forbidden("no_plan", "from")
    _must_be_rated_by_somebody(subject, months, row, agency)
    asked = Asked(str(uuid4()), row["cycle_id"])
    await connection.execute(INSERT, {**days, "id": asked.appraisal, "part": row["id"], "document": document})
    await connection.execute(COPY_PLAN, {"id": asked.appraisal, "plan": row["plan"]})
    said = {"from": months.begins.isoformat(), "until": months.ends.isoformat(), "document": document}
    said |= {"person": subject.id, "appraisal_id": asked.appraisal}
    reason = await keep_reason(connection, order.reason, order.actor)
    await note(connection, asked.cycle, order.at, TrailAction.EVALUATION_REQUESTED, order.actor, said, reason=reason)
    return asked


async def _part(
    connection: AsyncConnection,
    subject: Subject,
    order: Order,
    months: Months,
    rows: Sequence[RowMapping],
    facts: Facts,
) -> RowMapping:
    """The part of her year in which she worked these months, in a post that earns credit points."""
    its = await segments(connection, [row["id"] for row in rows], order.at)
    parts = [Part(row["id"], its[row["id"]].counted) for row in rows]
    worked = part_of(months, parts) or parts[-1]
    row = next(row for row in rows if row["id"] == worked.appraisal)
    pack = await facts.pack(connection, row["cycle_id"])
    if pack.on_request is None:
        raise Forbidden("not_in_policy", "from")
    of_year = (await claims(connection, subject.id, order.at)).get(months.year, ())
    final = {month for one in of_year if one.final_at is not None for month in one.months}
    transfers = [move.day for move in subject.moves]
    refused = why_not(months, pack.on_request, parts, transfers, final, subject.today)
    if refused is not None:
        raise Forbidden(refused[1], refused[0])
    if not _earns(pack, JobLevel(str(its[row["id"]].place["level"]))):
        raise Forbidden("no_credit", "from")
    return row


def _earns(pack: PolicyPack, level: JobLevel) -> bool:
    return pack.scoring.credit is not None and level in pack.scoring.credit.coefficients


def _must_be_rated_by_somebody(subject: Subject, months: Months, row: RowMapping, agency: Agency) -> None:
    around = agency.parties(subject.id, subject.today, reassigned=row["supervisor_override"], until=months.ends)
    if around.supervisor.person_id is None:
        raise Forbidden("no_supervisor", "until")
