"""What was decided about proposals: a row for each kind of each revision, told in the cycle's trail and to the employee.

No workflow of the year hears of it: the year is over. A programme to improve is carried out by one of its own
(`activities.programmes`). A year that is opened again has another revision, so what was decided before stands aside.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.facts import Facts
from activities.outbox import tell
from activities.people import Agency
from activities.programmes import Begun, By, begin, load, move
from activities.texts import keep_text
from models.follow_ups import Proposal
from models.programme_moves import cancel
from models.trail_actions import TrailAction
from models.vocabulary import FollowUp, ProgrammeState, Role

DECISIONS = text(
    """
    SELECT f.*, t.body AS reason FROM follow_up f JOIN text t ON t.id = f.reason_id
     WHERE f.appraisal_id = ANY(:appraisals) ORDER BY f.appraisal_id, f.revision, f.kind
    """
)
KEEP = text(
    """
    INSERT INTO follow_up (appraisal_id, revision, kind, decision, reason_id, proposal, role, decided_by, decided_at)
    VALUES (:appraisal, :revision, :kind, :decision, :reason, CAST(:proposal AS jsonb), :role, :by, :at)
    ON CONFLICT (appraisal_id, revision, kind) DO UPDATE SET decision = excluded.decision, reason_id = excluded.reason_id,
           proposal = excluded.proposal, role = excluded.role, decided_by = excluded.decided_by, decided_at = excluded.decided_at
    """
)
LED_TO = text("SELECT id FROM programme WHERE appraisal_id = :appraisal AND revision = :revision AND state <> 'done'")
TOLD = "follow_up_decided"

Decision = Literal["approve", "decline"]


@dataclass(frozen=True)
class Decided:
    """What was decided of a kind under one revision, and the proposal as it was then."""

    revision: int
    kind: FollowUp
    decision: Decision
    reason: str | None
    role: Role
    by: str
    at: datetime
    proposal: Proposal


@dataclass(frozen=True)
class Deciding:
    """A decision to be recorded, about whose result of which revision."""

    cycle: str
    appraisal: str
    person: str
    revision: int
    proposal: Proposal
    decision: Decision
    reason: str
    role: Role
    by: str
    at: datetime


async def decisions_of(connection: AsyncConnection, appraisals: Collection[str]) -> Mapping[str, Sequence[Decided]]:
    """By appraisal, of every revision, the earliest first."""
    found: dict[str, list[Decided]] = defaultdict(list)
    for row in await connection.execute(DECISIONS, {"appraisals": sorted(appraisals)}):
        found[row.appraisal_id].append(
            Decided(
                revision=row.revision,
                kind=FollowUp(row.kind),
                decision=row.decision,
                reason=row.reason,
                role=Role(row.role),
                by=row.decided_by,
                at=row.decided_at,
                proposal=Proposal.model_validate(row.proposal),
            )
        )
    return found


async def decide(connection: AsyncConnection, it: Deciding) -> None:
    """Record it in place of an earlier one of this revision, and tell the trail and the employee; the mail names neither kind nor label."""
    kind = it.proposal.kind
    why = await keep_text(connection, f"follow_up/{uuid4()}", it.reason, it.by)
    row = {"appraisal": it.appraisal, "revision": it.revision, "kind": kind, "decision": it.decision, "reason": why.id}
    proposal = json.dumps(it.proposal.model_dump(mode="json"))
    await connection.execute(KEEP, row | {"proposal": proposal, "role": it.role, "by": it.by, "at": it.at})
    data = {"person": it.person, "appraisal": it.appraisal, "revision": it.revision, "kind": kind.value}
    said = data | {"decision": it.decision}
    await note(connection, it.cycle, it.at, TrailAction.FOLLOW_UP_DECIDED, it.by, said, role=it.role, reason=why)
    await tell(connection, [it.person], TOLD, at=it.at, actor=it.by, appraisal_id=it.appraisal, cycle_id=it.cycle)


async def carry_out(connection: AsyncConnection, facts: Facts, agency: Agency, it: Deciding) -> None:
    """Begin the programme that was approved, unless she is in one; end the one that this result led to where it is declined."""
    why = await keep_text(connection, f"programme/{uuid4()}", it.reason, it.by)
    by = By(it.by, it.role, it.at, why)
    if it.decision == "approve":
        begun = Begun(it.appraisal, it.cycle, it.person, it.revision, "follow_up")
        await begin(connection, facts, agency, begun, by)
        return
    for programme in (await connection.execute(LED_TO, {"appraisal": it.appraisal, "revision": it.revision})).scalars():
        held = await load(connection, facts, programme, hold=True)
        if held is not None and held.programme.state is not ProgrammeState.DONE:
            await move(connection, agency, held, [cancel(held.programme)], by)
