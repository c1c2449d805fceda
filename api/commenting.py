"""What is said about criteria: comments, in one's own name and changed until the consultation is over, and HR's answer to each.

Every version and every answer is an event of the cycle's trail, its words by reference.
"""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.outbox import tell
from activities.texts import keep_text
from api.act_bodies import Reason
from api.comments import CommentOut, Desk, desk_of
from api.cycle_view import OVER, CycleId
from api.during import Words
from api.observations import UNKNOWN_CRITERION
from api.preconditions import IfMatch
from api.problems import FieldProblem, Problem, language
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from models.participation import COMMENTS_MAX, VERSIONS_MAX
from models.participation import Answer as Verdict
from models.trail_actions import TrailAction
from models.vocabulary import CycleState, GrantedRole, Role
from models.workdays import local_day

router = APIRouter(tags=["consultation"])

TEXT = "comment_answered"
COUNTS = text(
    """
    SELECT coalesce(max(number), 0) AS last, count(*) FILTER (WHERE author_id = :me) AS own
      FROM consultation_comment WHERE cycle_id = :cycle
    """
)
WRITE = text(
    """
    INSERT INTO consultation_comment (cycle_id, number, author_id, criterion, text_id, version, written_at)
    VALUES (:cycle, :number, :author, :criterion, :text, :version, :at)
    ON CONFLICT (cycle_id, number) DO UPDATE SET criterion = excluded.criterion, text_id = excluded.text_id,
           version = excluded.version, written_at = excluded.written_at, answer = NULL, reason_id = NULL, answered_at = NULL
    """
)
ANSWER = text(
    """
    UPDATE consultation_comment SET answer = :answer, reason_id = :reason, answered_at = :at
     WHERE cycle_id = :cycle AND number = :number
    """
)

Number = Annotated[int, Path(ge=1, le=999_999_999)]
"""Of a comment within its cycle."""


class CommentBody(BaseModel):
    """What somebody has to say, of one criterion by its key or of the whole."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    criterion: Annotated[str, Field(min_length=1, max_length=128)] | None = None


class AnswerBody(BaseModel):
    """What becomes of a comment, and why."""

    model_config = ConfigDict(extra="forbid")

    answer: Verdict
    reason: Reason


# ── saying something ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/cycles/{cycle_id}/consultation/comments", status_code=201, response_model=CommentOut)
async def comment(
    cycle_id: CycleId, body: CommentBody, request: Request, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Comment on the criteria, in one's own name; whoever the cycle is for, until the consultation is over."""
    spoken = language(request)

    async def effect(connection: AsyncConnection) -> Answer:
        desk = await desk_of(connection, rooms, caller, cycle_id, spoken, hold=True)
        _still_open(rooms, desk, body)
        counts = (await connection.execute(COUNTS, {"cycle": cycle_id, "me": caller.person_id})).one()
        if counts.own >= COMMENTS_MAX:
            raise Problem("too_many", limit=COMMENTS_MAX)
        return Answer(201, await _write(connection, rooms, desk, body, counts.last + 1, 1))

    return await once(rooms, caller, key, "comment", {"cycle": cycle_id, **body.model_dump()}, effect)


@router.put("/cycles/{cycle_id}/consultation/comments/{number}", response_model=CommentOut)
async def change_comment(
    cycle_id: CycleId,
    number: Number,
    body: CommentBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    if_match: IfMatch,
) -> JSONResponse:
    """Say it differently, until the consultation is over; an answer to what was said before falls away. `If-Match` is its version."""
    async with rooms.database.transaction() as connection:
        desk = await desk_of(connection, rooms, caller, cycle_id, language(request), hold=True)
        row = await desk.comment(connection, number)
        if row.author_id != caller.person_id:
            raise Problem("not_yours")
        _still_open(rooms, desk, body)
        if (row.text, row.criterion) == (body.text, body.criterion):
            return JSONResponse((await desk.shown(connection, [row]))[0])
        _not_stale(row, if_match)
        if row.version >= VERSIONS_MAX:
            raise Problem("too_many", limit=VERSIONS_MAX)
        return JSONResponse(await _write(connection, rooms, desk, body, number, row.version + 1))


def _still_open(rooms: Rooms, desk: Desk, body: CommentBody) -> None:
    """Raises `out_of_scope`, `cycle_state`, `consultation_over`, and `invalid_input` for a criterion that the pack does not have."""
    if desk.zone is None:
        raise Problem("out_of_scope")
    if desk.cycle["state"] != CycleState.DRAFT:
        raise Problem("cycle_state", state=desk.cycle["state"])
    if desk.span.over(local_day(rooms.now(), desk.zone)):
        raise Problem("consultation_over", until=desk.span.last.isoformat())
    if body.criterion is not None and body.criterion not in desk.titles:
        raise Problem("invalid_input", errors=[FieldProblem("/criterion", "unknown_criterion", UNKNOWN_CRITERION)])


async def _write(
    connection: AsyncConnection, rooms: Rooms, desk: Desk, body: CommentBody, number: int, version: int
) -> dict[str, object]:
    now, me = rooms.now(), desk.caller.person_id
    words = await keep_text(connection, str(uuid4()), body.text, me)
    row = {"number": number, "author": me, "criterion": body.criterion, "text": words.id, "version": version}
    await connection.execute(WRITE, {"cycle": desk.cycle_id, **row, "at": now})
    about = {"comment": number, "version": version, "person": me}
    about |= {"criterion": body.criterion} if body.criterion else {}
    action = TrailAction.CRITERIA_COMMENTED
    await note(connection, desk.cycle_id, now, action, me, about, role=Role.EMPLOYEE, reason=words)
    return (await desk.shown(connection, [await desk.comment(connection, number)]))[0]


# ── answering ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.put("/cycles/{cycle_id}/consultation/comments/{number}/answer", response_model=CommentOut)
async def answer_comment(
    cycle_id: CycleId,
    number: Number,
    body: AnswerBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    if_match: IfMatch,
) -> JSONResponse:
    """Say whether a comment is taken up and why, or correct that. HR, and PyB for what HR said herself: nobody answers her own.

    `If-Match` is the version of the comment that was read. Who commented is told in the morning's mail.
    """
    caller.needs(GrantedRole.HR, GrantedRole.PYB)
    async with rooms.database.transaction() as connection:
        desk = await desk_of(connection, rooms, caller, cycle_id, language(request), hold=True)
        row = await desk.comment(connection, number)
        if row.author_id == caller.person_id:
            raise Problem("not_yours")
        if desk.cycle["state"] in OVER:
            raise Problem("cycle_state", state=desk.cycle["state"])
        _not_stale(row, if_match)
        if (row.answer, row.reason) != (body.answer.value, body.reason):
            await _answer(connection, rooms, desk, row, body)
            row = await desk.comment(connection, number)
        return JSONResponse((await desk.shown(connection, [row]))[0])


async def _answer(
    connection: AsyncConnection, rooms: Rooms, desk: Desk, row: Row[tuple[object, ...]], body: AnswerBody
) -> None:
    now, me, cycle_id = rooms.now(), desk.caller.person_id, desk.cycle_id
    why = await keep_text(connection, str(uuid4()), body.reason, me)
    answered = {"number": row.number, "answer": body.answer.value, "reason": why.id, "at": now}
    await connection.execute(ANSWER, {"cycle": cycle_id, **answered})
    about = {"comment": row.number, "version": row.version, "person": row.author_id, "answer": body.answer.value}
    role = Role.HR if GrantedRole.HR in desk.caller.granted else Role.APPOINTING_AUTHORITY
    await note(connection, cycle_id, now, TrailAction.COMMENT_ANSWERED, me, about, role=role, reason=why)
    await tell(connection, [row.author_id], TEXT, at=now, actor=me, cycle_id=cycle_id)


def _not_stale(row: Row[tuple[object, ...]], if_match: int | None) -> None:
    if if_match is not None and if_match != row.version:
        raise Problem("version_conflict", version=row.version)
