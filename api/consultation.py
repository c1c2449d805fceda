"""A consultation: while a cycle is a draft, HR tells what it is for and puts its criteria up, and everybody it is for may comment.

Held once for a cycle. Whether a pack asks for one is asked when the cycle is opened (`activities.cycle_check`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.consultation import people_of_scope, zone_in_scope
from activities.cycle_trail import note
from activities.outbox import tell
from activities.texts import keep_text
from api import commenting, comments
from api.act_bodies import TEXT_MAX
from api.comments import SEES_ALL
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.problems import FieldProblem, Problem, language
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.criteria import criteria_of
from models.language import Bilingual
from models.participation import Span
from models.trail_actions import TrailAction
from models.vocabulary import CycleState, GrantedRole, Language, Zone
from models.workdays import local_day

router = APIRouter(tags=["consultation"])
router.include_router(commenting.router)
router.include_router(comments.router)

DAYS_MAX = 180
TEXT = "consultation_begun"
BEGIN = text(
    """
    INSERT INTO consultation (cycle_id, first_day, last_day, policy_version, digest, purpose_id, actor, at)
    VALUES (:cycle, :first, :last, :version, :digest, :purpose, :actor, :at)
    """
)
READ = text(
    """
    SELECT c.first_day, c.last_day, c.policy_version, c.digest, t.body AS purpose,
           (SELECT count(*) FROM consultation_comment s WHERE s.cycle_id = c.cycle_id) AS comments,
           (SELECT count(*) FROM consultation_comment s WHERE s.cycle_id = c.cycle_id AND s.answer IS NULL) AS unanswered
      FROM consultation c JOIN text t ON t.id = c.purpose_id WHERE c.cycle_id = :cycle
    """
)
TOO_FEW_DAYS = Bilingual(
    id="Menurut kebijakan siklus ini, konsultasi berlangsung paling sedikit {least} hari.",
    en="By this cycle's policy a consultation lasts {least} days or more.",
)


class ConsultationBody(BaseModel):
    """How many whole days it lasts beside today, and what the scheme is for and what employees gain by it, as all of them will read it."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=DAYS_MAX, strict=True)]
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX)]


class CriterionShown(Exact):
    """Something that a comment may be about; its key is its place in the policy."""

    key: str
    title: str


class ConsultationOut(Exact):
    """What is up for consultation: the cycle's own policy (`GET /cycles/{id}/policy`), until which day, and what one may speak of.

    `digest` is of the pack that people were asked about. Both days are whole, by the clocks of who comments.
    """

    policy: str
    policy_version: int
    digest: str
    purpose: Annotated[str | None, Field(description="Null where the law had it erased.")]
    first_day: date
    last_day: date
    state: Literal["open", "over"]
    may_comment: bool
    criteria: list[CriterionShown]
    comments: int
    unanswered: int


@router.post("/cycles/{cycle_id}/consultation", status_code=201, response_model=ConsultationOut)
async def begin_consultation(
    cycle_id: CycleId, body: ConsultationBody, request: Request, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Put the criteria of a draft up for consultation; everybody the cycle is for is told in the morning's mail. HR."""
    caller.needs(GrantedRole.HR)
    spoken = language(request)

    async def effect(connection: AsyncConnection) -> Answer:
        cycle = await find_cycle(connection, cycle_id, hold=True)
        if cycle["state"] != CycleState.DRAFT:
            raise Problem("cycle_state", state=cycle["state"])
        if (await connection.execute(READ, {"cycle": cycle_id})).one_or_none() is not None:
            raise Problem("consultation_held")
        await _begin(connection, rooms, caller, cycle, body)
        return Answer(201, await _shown(connection, rooms, caller, cycle, spoken))

    said = {"cycle": cycle_id, **body.model_dump()}
    return await once(rooms, caller, key, "begin_consultation", said, effect)


async def _begin(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle: RowMapping, body: ConsultationBody
) -> None:
    pack, now = await rooms.facts.pack(connection, cycle["id"]), rooms.now()
    least = pack.participation.consultation_days_min
    if body.days < least:
        raise Problem(
            "invalid_input", errors=[FieldProblem("/days", "too_few_days", TOO_FEW_DAYS.fill(least=str(least)))]
        )
    today = local_day(now, Zone.WIB)
    span, people = Span.of(today, body.days), await people_of_scope(connection, cycle, today)
    purpose = await keep_text(connection, f"{cycle['id']}/purpose", body.purpose, caller.person_id)
    of_pack = {"version": pack.version, "digest": pack.digest}
    written = {"first": span.first, "last": span.last, "purpose": purpose.id, "actor": caller.person_id, "at": now}
    await connection.execute(BEGIN, {"cycle": cycle["id"], **of_pack, **written})
    days = {"first_day": span.first.isoformat(), "last_day": span.last.isoformat()}
    about = {**days, "policy": pack.id, "policy_version": pack.version, "digest": pack.digest, "people": len(people)}
    await note(connection, cycle["id"], now, TrailAction.CONSULTATION_BEGUN, caller.person_id, about, reason=purpose)
    others = [person for person in people if person != caller.person_id]
    facts = {"until": span.last.isoformat()}
    await tell(connection, others, TEXT, at=now, actor=caller.person_id, cycle_id=cycle["id"], facts=facts)


@router.get("/cycles/{cycle_id}/consultation", response_model=ConsultationOut)
async def read_consultation(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """What is, or was, up for consultation; for everybody the cycle is for, HR, PyB and auditor."""
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        return JSONResponse(await _shown(connection, rooms, caller, cycle, language(request)))


async def _shown(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle: RowMapping, spoken: Language
) -> dict[str, object]:
    """Raises `out_of_scope`, `not_found`."""
    now = rooms.now()
    today = local_day(now, Zone.WIB)
    zone = await zone_in_scope(connection, cycle, caller.person_id, today)
    if zone is None and not caller.granted & SEES_ALL:
        raise Problem("out_of_scope")
    row = (await connection.execute(READ, {"cycle": cycle["id"]})).one_or_none()
    if row is None:
        raise Problem("not_found")
    span, draft = Span(row.first_day, row.last_day), cycle["state"] == CycleState.DRAFT
    pack = await rooms.facts.pack(connection, cycle["id"])
    return {
        "policy": pack.id,
        "policy_version": row.policy_version,
        "digest": row.digest,
        "purpose": row.purpose,
        "first_day": span.first.isoformat(),
        "last_day": span.last.isoformat(),
        "state": "open" if draft and not span.over(today) else "over",
        "may_comment": draft and zone is not None and not span.over(local_day(now, zone)),
        "criteria": [{"key": key, "title": title.say(spoken)} for key, title in criteria_of(pack).items()],
        "comments": row.comments,
        "unanswered": row.unanswered,
    }
