"""Notices that could not be sent, sent again: HR presses this once the mail server is mended.

What lost its reason meanwhile stays as it is; the list does not show it either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.outbox import WAKE
from api.cycle_view import CycleId, find_cycle
from api.during import OWN_ID
from api.exact import Exact
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.untold import failed
from models.language import Bilingual
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole

router = APIRouter(tags=["cycles"])

APPRAISALS_MAX = 1000
RETRY = text(
    """
    UPDATE notice SET state = 'pending', attempts = 0, digest_id = NULL WHERE id = ANY(:ids) AND state = 'failed'
    RETURNING at_once
    """
)
OF_CYCLE = text("SELECT id FROM appraisal WHERE cycle_id = :cycle AND id = ANY(:ids)")
UNKNOWN_APPRAISAL = Bilingual(
    id="Tidak ada penilaian dengan id ini pada siklus ini.", en="There is no appraisal with this id in this cycle."
)


class RetryBody(BaseModel):
    """Which appraisals' notices; without them all that the work list shows, those of no appraisal too."""

    model_config = ConfigDict(extra="forbid")

    appraisals: (
        Annotated[
            list[Annotated[str, Field(pattern=OWN_ID, json_schema_extra={"format": "uuid"})]],
            Field(min_length=1, max_length=APPRAISALS_MAX),
        ]
        | None
    ) = None


class RetriedOut(Exact):
    """How many notices are sent again: what changes rights at once, the rest in its person's next morning's mail."""

    retried: int


@router.post("/cycles/{cycle_id}/notices/retry", response_model=RetriedOut)
async def retry_notices(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, key: KeyDep, body: RetryBody | None = None
) -> JSONResponse:
    """Send notices again that could not be sent and still have their reason."""
    caller.needs(GrantedRole.HR)
    wanted = body.appraisals if body else None

    async def effect(connection: AsyncConnection) -> Answer:
        return Answer(200, {"retried": await _retry(connection, rooms, caller, cycle_id, wanted)})

    return await once(rooms, caller, key, "retry_notices", {"cycle": cycle_id, "appraisals": wanted}, effect)


async def _retry(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str, wanted: Sequence[str] | None
) -> int:
    cycle = await find_cycle(connection, cycle_id)
    if wanted is not None:
        await _refuse_foreign(connection, cycle_id, wanted)
    agency = await rooms.people.agency(connection)
    rows = await failed(connection, rooms, agency, cycle, among=wanted)
    urgent = (await connection.execute(RETRY, {"ids": [row["id"] for row in rows]})).scalars().all()
    if urgent:
        said = {"retried": len(urgent), "appraisals": None if wanted is None else len(set(wanted))}
        await note(connection, cycle_id, rooms.now(), TrailAction.NOTICES_RETRIED, caller.person_id, said)
    if any(urgent):
        await connection.execute(WAKE)
    return len(urgent)


async def _refuse_foreign(connection: AsyncConnection, cycle_id: str, wanted: Sequence[str]) -> None:
    """Raises `invalid_input` by place for each that is no appraisal of this cycle."""
    known = set((await connection.execute(OF_CYCLE, {"cycle": cycle_id, "ids": list(wanted)})).scalars())
    problems = [
        FieldProblem(f"/appraisals/{n}", "unknown_appraisal", UNKNOWN_APPRAISAL)
        for n, one in enumerate(wanted)
        if one not in known
    ]
    if problems:
        raise Problem("invalid_input", errors=problems)
