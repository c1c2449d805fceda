"""The buttons: one action on one appraisal, or one action on many with a result for each."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import MISSING, BaseModel, ConfigDict, Field

from activities.facts import PackUnreadable
from api.act_bodies import ActBody, Sentence, refuse_foreign
from api.acting import act
from api.exact import Exact
from api.patterns import PatternProblemOut, PatternWarningOut, warnings
from api.preconditions import IfMatch
from api.problems import Problem, as_document, language, of_pack
from api.receipts import KeyDep, OwnKeyDep
from api.rooms import RoomsDep
from api.security import CallerDep
from models.vocabulary import Action, State

router = APIRouter(tags=["actions"])

BULK_MAX = 500
BULK_AT_ONCE = 8


class ReceiptOut(Exact):
    """What an accepted action is answered with; the same key is answered the same, however often."""

    appraisal_id: UUID
    action: Action
    state: State
    version: int
    event_seq: int
    idempotency_key: str
    warnings: list[PatternWarningOut] | MISSING = MISSING
    """Of a rating only, and only where there are some: rules of its unit's pattern that it breaks."""


class BulkItem(BaseModel):
    """One appraisal of a bulk call; `version` is what `If-Match` would say for it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    version: int | None = None


class BulkBody(BaseModel):
    """Up to 500 appraisals by id, and one comment for all of them.

    `reason`, `to` and `authority` are those of `reopen`: many years that one change has come too late for (`already_lapsed`).
    """

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[str | BulkItem], Field(min_length=1, max_length=BULK_MAX)]
    comment: Sentence | None = None
    reason: Sentence | None = None
    to: State | None = None
    authority: Sentence | None = None

    def said(self) -> ActBody:
        """What is said of each of them."""
        return ActBody.model_validate(self.model_dump(exclude={"ids"}))


class TakenShown(Exact):
    """The action was taken on this one; `id` is as it was sent."""

    id: str
    ok: Literal[True]
    state: State
    warnings: list[PatternWarningOut] | MISSING = MISSING


class RefusedShown(Exact):
    """The action was refused for this one, or its outcome is unknown (`engine_away`); `id` is as it was sent."""

    id: str
    ok: Literal[False]
    problem: PatternProblemOut


class BulkOut(Exact):
    """One result for each item, in the order of the items."""

    results: list[TakenShown | RefusedShown]


@router.post("/appraisals/actions/{action}", response_model=BulkOut)
async def act_on_many(
    action: Action,
    body: BulkBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    own_key: OwnKeyDep,
) -> JSONResponse:
    """The same action on up to 500 appraisals: each succeeds or fails by itself, and the key applies to each."""
    said = body.said()
    refuse_foreign(action, said)
    # Ratings one after the other: each is held against a unit that has those before it.
    gate = asyncio.Semaphore(1 if action is Action.SUBMIT_RATING else BULK_AT_ONCE)
    spoken = language(request)
    away: list[Problem] = []

    async def one(item: str | BulkItem) -> dict[str, object]:
        wanted = item if isinstance(item, BulkItem) else BulkItem(id=item)
        async with gate:
            try:
                if away:  # each further one would wait for the engine as long, and hear the same
                    raise away[0]
                done = await act(rooms, caller, wanted.id, action, said, key, wanted.version, own_key=own_key)
            except (Problem, PackUnreadable) as refused:
                problem = refused if isinstance(refused, Problem) else of_pack(refused)
                if problem.code == "engine_away":
                    away.append(problem)
                return {"id": wanted.id, "ok": False, "problem": as_document(problem, spoken, request.url.path)}
        return {"id": wanted.id, "ok": True, "state": done.receipt.state.value} | warnings(done.broken, spoken)

    results = await asyncio.gather(*(one(item) for item in body.ids))
    return JSONResponse({"results": results}, headers={"Idempotency-Key": key})


@router.post(
    "/appraisals/{appraisal_id}/actions/{action}",
    response_model=ReceiptOut,
    responses={202: {"model": ReceiptOut}, 409: {"model": PatternProblemOut}, 422: {"model": PatternProblemOut}},
)
async def act_on_one(
    appraisal_id: str,
    action: Action,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    own_key: OwnKeyDep,
    if_match: IfMatch,
    body: ActBody | None = None,
) -> JSONResponse:
    """Take one action. 200: recorded. 202: accepted, the record is late. 503: unknown, repeat with the same key."""
    done = await act(rooms, caller, appraisal_id, action, body or ActBody(), key, if_match, own_key=own_key)
    answer = done.body() | warnings(done.broken, language(request))
    return JSONResponse(answer, status_code=200 if done.recorded else 202, headers={"Idempotency-Key": key})
