"""An employee's word that she has acknowledged the criteria of her year, without which, where the pack asks for it, her plan is not taken.

A row of the api's, as what is noted during the year: no workflow hears of it. It holds for one pack by its digest; another asks again.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.appraisal_shown import CriteriaShown
from api.during import refuse, running
from api.loading import Loaded
from api.problem_catalogue import CATALOGUE
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.language import Bilingual
from models.policy import PolicyPack
from models.vocabulary import Role

router = APIRouter(tags=["appraisals"])

FIND = text("SELECT at FROM acknowledgement WHERE appraisal_id = :id AND digest = :digest")
KEEP = text(
    """
    INSERT INTO acknowledgement (appraisal_id, digest, policy_version, at) VALUES (:id, :digest, :version, :at)
    ON CONFLICT DO NOTHING
    """
)
UNACKNOWLEDGED = "criteria_unacknowledged"
NOT_IN_FORCE = Bilingual(
    id="Ini bukan kriteria yang berlaku bagi tahun ini. Baca kembali kebijakan siklusnya.",
    en="These are not the criteria that hold for this year. Read the policy of its cycle again.",
)


class AcknowledgementBody(BaseModel):
    """Which criteria were read: the `digest` that the appraisal shows beside them."""

    model_config = ConfigDict(extra="forbid")

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@router.post("/appraisals/{appraisal_id}/acknowledgement", response_model=CriteriaShown)
async def acknowledge(
    appraisal_id: str, body: AcknowledgementBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Take note of the criteria of one's year (`GET /cycles/{id}/policy`); the employee only. Again, the first time counts."""

    async def effect(connection: AsyncConnection) -> Answer:
        return Answer(200, await note_taken(connection, rooms, caller, appraisal_id, body.digest))

    return await once(rooms, caller, key, "acknowledge", {"appraisal": appraisal_id, **body.model_dump()}, effect)


async def note_taken(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, appraisal_id: str, digest: str
) -> dict[str, object]:
    """Keep that the caller has taken note of these criteria of her year. Raises `not_yours`, `invalid_input`, and what `running` raises."""
    loaded = (await running(connection, rooms, caller, appraisal_id)).loaded
    if Role.EMPLOYEE not in loaded.roles:
        raise Problem("not_yours")
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    refuse(None if digest == pack.digest else FieldProblem("/digest", "not_in_force", NOT_IN_FORCE))
    row = {"id": loaded.id, "digest": pack.digest, "version": pack.version, "at": rooms.now()}
    await connection.execute(KEEP, row)
    return await criteria_shown(connection, loaded, pack)


async def criteria_shown(connection: AsyncConnection, loaded: Loaded, pack: PolicyPack) -> dict[str, object]:
    """By which criteria she is judged, and whether she has to take note of them and did."""
    at = (await connection.execute(FIND, {"id": loaded.id, "digest": pack.digest})).scalar_one_or_none()
    return {
        "policy_version": pack.version,
        "digest": pack.digest,
        "needed": pack.participation.acknowledgement,
        "acknowledged_at": None if at is None else at.isoformat(),
    }


async def unacknowledged(connection: AsyncConnection, loaded: Loaded, pack: PolicyPack) -> list[FieldProblem]:
    """What stands against her sending a plan of her own; nothing where she has taken note, or need not."""
    if not pack.participation.acknowledgement:
        return []
    if (await criteria_shown(connection, loaded, pack))["acknowledged_at"] is not None:
        return []
    return [FieldProblem("", UNACKNOWLEDGED, CATALOGUE[UNACKNOWLEDGED].detail)]
