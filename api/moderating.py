"""HR reads what was said of a unit before anybody else does: accepted, refused, or made visible to all so that others may follow."""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.outbox import tell
from activities.texts import keep_text
from api.act_bodies import Reason
from api.cycle_view import CycleId, find_cycle
from api.loading import checked_id
from api.problems import FieldProblem, Problem
from api.remarks import RemarkForHr, find_remark, remarks_for_hr
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.language import Bilingual
from models.remarks import DecisionProblem, RemarkKind, RemarkState, decision_problem
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["remarks"])

TEXT = "programme_praised"
DECIDE = text(
    "UPDATE remark SET state = :state, decided_by = :by, decided_at = :at, reason_id = :reason WHERE id = :id"
)
PROBLEMS = {
    DecisionProblem.REASON_MISSING: FieldProblem(
        "/reason",
        "reason_missing",
        Bilingual(
            id="Sebutkan alasannya: masukan ini ditolak, atau keputusan sebelumnya diubah.",
            en="Say why: this is refused, or decided otherwise than before.",
        ),
    ),
    DecisionProblem.NOTHING_TO_FOLLOW: FieldProblem(
        "/decision",
        "nothing_to_follow",
        Bilingual(
            id="Yang ditampilkan bagi semua hanya pujian atas program yang disebut namanya.",
            en="Only praise of a programme that it names is made visible to all.",
        ),
    ),
}


class DecisionBody(BaseModel):
    """What HR makes of a remark, and why."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal[RemarkState.ACCEPTED, RemarkState.PUBLISHED, RemarkState.REJECTED]
    reason: Reason | None = None


@router.put("/cycles/{cycle_id}/remarks/{remark_id}/decision", response_model=RemarkForHr)
async def decide_on_remark(
    cycle_id: CycleId, remark_id: str, body: DecisionBody, rooms: RoomsDep, caller: CallerDep
) -> JSONResponse:
    """Accept what was said, refuse it, or make praise of a programme visible to all; HR, and a PyB for what HR said herself.

    Decided otherwise later, what was visible is so no more. The same again changes nothing. Each decision is in the cycle's trail.
    """
    caller.needs(GrantedRole.HR, GrantedRole.PYB)
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id, hold=True)
        row = await find_remark(connection, cycle_id, checked_id(remark_id))
        if row["author_id"] == caller.person_id:
            raise Problem("not_yours")
        was = RemarkState(row["state"])
        if was is not body.decision:
            praises = row["kind"] == RemarkKind.PRAISE and row["programme"] is not None
            why = decision_problem(was, body.decision, praises_programme=praises, has_reason=body.reason is not None)
            if why is not None:
                raise Problem("invalid_input", errors=[PROBLEMS[why]])
            await _decide(connection, rooms, caller, row, body)
            row = await find_remark(connection, cycle_id, row["id"])
        shown = (await remarks_for_hr(connection, [row]))[0]
    return JSONResponse(shown | {"key": f"remark {shown['day']} {shown['id']}"})


async def _decide(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, row: RowMapping, body: DecisionBody
) -> None:
    now, me = rooms.now(), caller.person_id
    why = await keep_text(connection, str(uuid4()), body.reason, me) if body.reason else None
    decided = {"id": row["id"], "state": body.decision.value, "by": me, "at": now}
    await connection.execute(DECIDE, decided | {"reason": why.id if why else None})
    about = {"remark": row["id"], "unit": row["unit_id"], "decision": body.decision.value, "before": row["state"]}
    role = Role.HR if GrantedRole.HR in caller.granted else Role.APPOINTING_AUTHORITY
    await note(connection, row["cycle_id"], now, TrailAction.REMARK_DECIDED, me, about, role=role, reason=why)
    if body.decision is RemarkState.PUBLISHED:
        agency = await rooms.people.agency(connection)
        head = agency.heading.in_charge(row["unit_id"], local_day(now, Zone.WIB))
        told = {one for one in (head, row["author_id"]) if one is not None and one != me}
        await tell(connection, sorted(told), TEXT, at=now, actor=me, cycle_id=row["cycle_id"])
