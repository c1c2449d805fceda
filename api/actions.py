"""The buttons: one action on one appraisal, or one action on many with a result for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import MISSING, BaseModel, ConfigDict, Field

from activities.facts import PackUnreadable
from api.act_bodies import ActBody, Sentence, refuse_foreign
from api.acting import Done, act
from api.exact import Exact
from api.patterns import PatternProblemOut, PatternWarningOut, warnings
from api.preconditions import IfMatch
from api.problems import Problem, as_document, language, of_pack
from api.receipts import KeyDep, OwnKeyDep
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
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


@dataclass(frozen=True)
class Wish:
    """One act of many; `appraisal_id` is as it was sent."""

    appraisal_id: str
    action: Action
    said: ActBody
    key: str
    version: int | None = None
    own_key: bool = True


async def act_on_each(rooms: Rooms, caller: Caller, wishes: Sequence[Wish]) -> list[Done | Problem]:
    """Take each of these acts, some at a time; each succeeds or fails by itself, in their order."""
    # Ratings one after the other: each is held against a unit that has those before it.
    rating = any(wish.action is Action.SUBMIT_RATING for wish in wishes)
    gate = asyncio.Semaphore(1 if rating else BULK_AT_ONCE)
    away: list[Problem] = []

    async def one(wish: Wish) -> Done | Problem:
        async with gate:
            if away:  # each further one would wait for the engine as long, and hear the same
                return away[0]
            try:
                return await act(
                    rooms,
                    caller,
                    wish.appraisal_id,
                    wish.action,
                    wish.said,
                    wish.key,
                    wish.version,
                    own_key=wish.own_key,
                )
            except (Problem, PackUnreadable) as refused:
                problem = refused if isinstance(refused, Problem) else of_pack(refused)
                if problem.code == "engine_away":
                    away.append(problem)
                return problem

    return list(await asyncio.gather(*(one(wish) for wish in wishes)))


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
    spoken = language(request)
    wanted = [item if isinstance(item, BulkItem) else BulkItem(id=item) for item in body.ids]
    wishes = [Wish(item.id, action, said, key, item.version, own_key) for item in wanted]
    results: list[dict[str, object]] = []
    for wish, done in zip(wishes, await act_on_each(rooms, caller, wishes), strict=True):
        if isinstance(done, Problem):
            document = as_document(done, spoken, request.url.path)
            results.append({"id": wish.appraisal_id, "ok": False, "problem": document})
        else:
            taken = {"id": wish.appraisal_id, "ok": True, "state": done.receipt.state.value}
            results.append(taken | warnings(done.broken, spoken))
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
