"""What is done in an improvement programme that runs: goals, checkpoints, the evaluation and its confirmation, extension and end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.programmes import By, Held, move
from activities.texts import keep_text
from api.act_bodies import Reason
from api.problems import Problem
from api.programme_shown import ProgrammeOut
from api.programmes import BecauseBody, Body, standing, told, view
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.appraisal import TextRef
from models.programme import Evaluation, Noted, stalled
from models.programme_moves import (
    Moved,
    Refused,
    cancel,
    confirm,
    evaluate,
    extend,
    note,
    role_for,
    send_back,
    set_goals,
)
from models.vocabulary import ProgrammeAction, ProgrammeOutcome, Progress

router = APIRouter(tags=["programmes"])


class GoalsBody(Body):
    """What is to become better; said again, it replaces what was said."""

    goals: Annotated[list[Reason], Field(min_length=1, max_length=10)]


class CheckpointBody(Body):
    progress: Progress
    note: Reason


class EvaluationBody(Body):
    outcome: Literal[ProgrammeOutcome.MET, ProgrammeOutcome.NOT_MET]
    reason: Reason


class ConfirmationBody(Body):
    """`return` has the supervisor evaluate again."""

    decision: Literal["confirm", "return"]
    reason: Reason


class ExtensionBody(Body):
    months: Annotated[int, Field(ge=1, le=24)]
    reason: Reason


@router.post("/programmes/{programme_id}/goals", response_model=ProgrammeOut)
async def post_goals(
    programme_id: str, body: GoalsBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The supervisor says what is to become better; its months count from the first time."""

    async def take(it: Acting) -> Moved:
        goals = [await it.keep(goal) for goal in body.goals]
        return set_goals(it.held.programme, tuple(goals), it.today)

    return await _act(rooms, caller, key, programme_id, ProgrammeAction.SET_GOALS, body, take)


@router.post("/programmes/{programme_id}/checkpoints/{number}", response_model=ProgrammeOut)
async def post_checkpoint(
    programme_id: str, number: str, body: CheckpointBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The supervisor says how it goes; from its first reminder on, also late, and once."""
    if not (number.isascii() and number.isdigit() and len(number) < 4):
        raise Problem("not_found")

    async def take(it: Acting) -> Moved:
        said = Noted(progress=body.progress, note=await it.because(body.note), on=it.today, by=caller.person_id)
        return note(it.held.programme, int(number), said, it.held.spec, it.held.around)

    return await _act(rooms, caller, key, programme_id, ProgrammeAction.NOTE_CHECKPOINT, body, take, number=number)


@router.post("/programmes/{programme_id}/evaluation", response_model=ProgrammeOut)
async def post_evaluation(
    programme_id: str, body: EvaluationBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The supervisor says, from the last day on, whether the goals were met; the employee reads it once HR has confirmed it."""

    async def take(it: Acting) -> Moved:
        reason = await it.because(body.reason)
        said = Evaluation(outcome=body.outcome, reason=reason, on=it.today, by=caller.person_id)
        return evaluate(it.held.programme, said, it.held.spec, it.held.around)

    return await _act(rooms, caller, key, programme_id, ProgrammeAction.EVALUATE, body, take)


@router.post("/programmes/{programme_id}/confirmation", response_model=ProgrammeOut)
async def post_confirmation(
    programme_id: str, body: ConfirmationBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """HR or a PyB lets the evaluation hold, or returns it; never whoever evaluated. What follows is proposed by rule."""
    confirms = body.decision == "confirm"

    async def take(it: Acting) -> Moved:
        await it.because(body.reason)
        return confirm(it.held.programme, caller.person_id) if confirms else send_back(it.held.programme)

    action = ProgrammeAction.CONFIRM if confirms else ProgrammeAction.SEND_BACK
    return await _act(rooms, caller, key, programme_id, action, body, take)


@router.post("/programmes/{programme_id}/extension", response_model=ProgrammeOut)
async def post_extension(
    programme_id: str, body: ExtensionBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """HR or a PyB gives it more months, as far as the pack lets them; also instead of confirming an evaluation."""

    async def take(it: Acting) -> Moved:
        await it.because(body.reason)
        return extend(it.held.programme, body.months, it.held.spec)

    return await _act(rooms, caller, key, programme_id, ProgrammeAction.EXTEND, body, take)


@router.post("/programmes/{programme_id}/cancellation", response_model=ProgrammeOut)
async def post_cancellation(
    programme_id: str, body: BecauseBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """HR or a PyB ends it without an evaluation."""

    async def take(it: Acting) -> Moved:
        await it.because(body.reason)
        return cancel(it.held.programme)

    return await _act(rooms, caller, key, programme_id, ProgrammeAction.CANCEL, body, take)


# ── what they have in common ────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Acting:
    """An act that is being taken; `reason` is what its event names."""

    connection: AsyncConnection
    held: Held
    today: date
    actor: str
    reason: TextRef | None = None

    async def keep(self, sentence: str) -> TextRef:
        return await keep_text(self.connection, f"programme/{uuid4()}", sentence, self.actor)

    async def because(self, sentence: str) -> TextRef:
        self.reason = await self.keep(sentence)
        return self.reason


async def _act(
    rooms: Rooms,
    caller: Caller,
    key: str,
    raw_id: str,
    action: ProgrammeAction,
    body: Body,
    take: Callable[[Acting], Awaitable[Moved]],
    **more: str,
) -> JSONResponse:
    """Take one act on a held programme, once under this key."""

    async def effect(connection: AsyncConnection) -> Answer:
        it = await standing(connection, rooms, caller, raw_id, hold=True)
        waits = stalled(it.held.programme, it.held.spec, it.held.around)
        role = role_for(action, it.roles, is_stalled=bool(waits))
        if role is None or not it.acts:
            raise Problem("not_yours")
        acting = Acting(connection, it.held, it.today, caller.person_id)
        try:
            moved = await take(acting)
        except Refused as refused:
            raise Problem(refused.code) from refused
        behalf = it.around.on_behalf_of(caller.person_id, role)
        by = By(caller.person_id, role, rooms.now(), acting.reason, behalf)
        await move(connection, it.agency, it.held, [moved], by)
        return Answer(200, await view(connection, await standing(connection, rooms, caller, raw_id)))

    said = {"programme": raw_id, **body.model_dump(mode="json"), **more}
    return told(rooms, await once(rooms, caller, key, f"programme_{action}", said, effect))
