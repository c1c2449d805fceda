"""What the system outside would not take: for HR's work list, and sent again once HR has mended the cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.final_results import FINAL, UNFINISHED
from activities.people import SHOWN_POST
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.receipts import Answer, KeyDep, once
from api.rooms import RoomsDep
from api.security import CallerDep
from api.strict import NOTHING_SAID
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, State

router = APIRouter(tags=["cycles"])

PATIENCE = timedelta(hours=1)
"""What was tried and is not through by then is worth a word to the operator."""
REFUSED = f"""
    SELECT a.id, p.nip, p.name, {SHOWN_POST} AS post, u.name AS unit, x.last_error
      FROM push x JOIN appraisal a ON a.id = x.appraisal_id JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
     WHERE a.cycle_id = :cycle AND (CAST(:only AS text) IS NULL OR a.person_id = :only)
"""
UNTAKEN = text(f"{REFUSED} AND x.state = 'refused' ORDER BY a.id")
LEFT_BEHIND = text(
    f"""
    {REFUSED} AND x.state = 'sent' AND a.revision > x.revision AND a.state = '{State.FINALISATION_DONE}' AND NOT ({FINAL})
       AND NOT EXISTS (SELECT FROM push y WHERE y.appraisal_id = x.appraisal_id AND y.state = 'sent' AND y.revision > x.revision)
     ORDER BY a.id
    """
)
WAITING = text(
    """
    SELECT count(*) AS records, max(x.last_error) AS last_error FROM push x JOIN appraisal a ON a.id = x.appraisal_id
     WHERE a.cycle_id = :cycle AND x.state = 'pending' AND x.attempts > 0 AND x.made_at < :before
    """
)
RESEND = text(
    """
    UPDATE push x SET state = 'pending', id = gen_random_uuid()::text, attempts = 0, next_try_at = :now
      FROM appraisal a WHERE a.id = x.appraisal_id AND a.cycle_id = :cycle AND x.state = 'refused' RETURNING x.id
    """
)


class ResentOut(Exact):
    """How many records are sent again, as they read by now."""

    resent: int


@router.post("/cycles/{cycle_id}/exchange/resend", response_model=ResentOut, dependencies=[NOTHING_SAID])
async def resend_results(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Send those records of this cycle again that the other system refused for good."""
    caller.needs(GrantedRole.HR)

    async def effect(connection: AsyncConnection) -> Answer:
        await find_cycle(connection, cycle_id)
        asked = {"cycle": cycle_id, "now": rooms.now()}
        resent = len((await connection.execute(RESEND, asked)).all())
        if resent:
            said = {"resent": resent}
            await note(connection, cycle_id, rooms.now(), TrailAction.RESULTS_RESENT, caller.person_id, said)
        return Answer(200, {"resent": resent})

    return await once(rooms, caller, key, "resend_results", {"cycle": cycle_id}, effect)


async def untaken(
    connection: AsyncConnection, cycle: str, only: str | None, now: datetime
) -> Sequence[tuple[str, RowMapping | None, str]]:
    """By code of the work list, whose year it is about, and why; of one person's only where `only` names her."""
    asked = {"cycle": cycle, "only": only, "unfinished": UNFINISHED}
    refused = (await connection.execute(UNTAKEN, {"cycle": cycle, "only": only})).mappings().all()
    behind = (await connection.execute(LEFT_BEHIND, asked)).mappings().all()
    found: list[tuple[str, RowMapping | None, str]] = [
        ("result_refused", row, row["last_error"] or "–") for row in refused
    ]
    found += [("result_left_behind", row, "–") for row in behind]
    if only is None:
        waiting = (await connection.execute(WAITING, {"cycle": cycle, "before": now - PATIENCE})).one()
        if waiting.records:
            found.append(("results_waiting", None, f"{waiting.records}; {waiting.last_error or '–'}"))
    return found
