"""What follows a result: proposals by the rules of the pack, with their reasons, and what HR or a PyB decided about them.

Proposals are worked out of the result that stands whenever somebody asks; only decisions are rows. They are of one revision: a year that is
opened again has no final result, so nothing is proposed, and what was decided about the earlier one is shown as set aside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.final_results import FinalYear, final_years
from activities.follow_ups import Decided, Deciding, Decision, carry_out, decide, decisions_of
from api.act_bodies import Reason
from api.cycle_view import CycleId, find_cycle
from api.follow_up_shown import FollowUpOfCycle, FollowUpsOut, Item, decided_shown, items_of, reasons_shown
from api.loading import checked_id, load
from api.paging import Found, Page, PageDep, bad_cursor, cursor_of, known_id, listed
from api.people_shown import people_shown
from api.problems import Problem, language
from api.programmes import told
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.follow_ups import Proposal, kinds, proposals
from models.policy import PolicyPack
from models.vocabulary import FollowUp, GrantedRole, Language, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["appraisals"])
of_cycles = APIRouter(tags=["cycles"])

HOLD = text("SELECT id FROM appraisal WHERE id = :id FOR NO KEY UPDATE")
DECIDES = (Role.HR, Role.APPOINTING_AUTHORITY)
READS_ALL = frozenset({GrantedRole.HR, GrantedRole.PYB})
KIND = "follow_up"
"""What the cursor of the list begins with."""


class DecisionBody(BaseModel):
    """What becomes of a proposal, and why, as the employee will read it."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: Reason


# ── of one appraisal ────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/appraisals/{appraisal_id}/follow-ups", response_model=FollowUpsOut)
async def read_follow_ups(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """What is proposed on the result that stands and why, and what was decided; for the employee and whoever reads her result."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        shown = await follow_ups_view(connection, rooms, loaded.id, loaded.row["revision"], language(request))
    return JSONResponse(shown)


@router.post("/appraisals/{appraisal_id}/follow-ups/{follow_up}", response_model=FollowUpsOut)
async def post_follow_up(
    appraisal_id: str,
    follow_up: FollowUp,
    body: DecisionBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """HR or a PyB approves or declines what is proposed; neither herself nor who stepped back from her. She is told in the morning's mail.

    Decided otherwise later, the last one holds; the same again changes nothing. An approved programme to improve begins, where the pack
    says how one runs and none is open; declined later, it ends.
    """
    spoken = language(request)

    async def effect(connection: AsyncConnection) -> Answer:
        await connection.execute(HOLD, {"id": checked_id(appraisal_id)})
        loaded = await load(connection, rooms, caller, appraisal_id)
        role = next((role for role in DECIDES if role in loaded.roles), None)
        if role is None or caller.person_id in loaded.around.recused:
            raise Problem("not_yours")
        year = await _final(connection, rooms, loaded.id)
        if year is None or not year.ongoing:
            raise Problem("not_final")
        pack = await rooms.facts.pack(connection, loaded.cycle_id)
        decided = (await decisions_of(connection, [loaded.id])).get(loaded.id, ())
        item = next((one for one in items_of(pack, year, decided) if one.kind is follow_up), None)
        if item is None:
            raise Problem("not_proposed")
        if item.decided is None or item.decided.decision != body.decision:
            deciding = Deciding(
                cycle=loaded.cycle_id,
                appraisal=loaded.id,
                person=year.person,
                revision=year.revision,
                proposal=_as_of_now(pack, year, item),
                decision=body.decision,
                reason=body.reason,
                role=role,
                by=caller.person_id,
                at=rooms.now(),
            )
            await decide(connection, deciding)
            if follow_up is FollowUp.DEVELOPMENT_PROGRAMME:
                await carry_out(connection, rooms.facts, await rooms.people.agency(connection), deciding)
        return Answer(200, await follow_ups_view(connection, rooms, loaded.id, year.revision, spoken))

    said = {"appraisal": appraisal_id, "kind": follow_up, **body.model_dump()}
    return told(rooms, await once(rooms, caller, key, "decide_follow_up", said, effect))


def _as_of_now(pack: PolicyPack, year: FinalYear, item: Item) -> Proposal:
    """The reasons of today; of what no rule leads to any more, those by which it was decided."""
    now = proposals(pack.follow_ups, pack.scoring.labels, year.result)
    return next((one for one in now if one.kind is item.kind), item.proposal)


async def _final(connection: AsyncConnection, rooms: Rooms, appraisal: str) -> FinalYear | None:
    return next(iter(await final_years(connection, rooms.now(), appraisals=[appraisal])), None)


async def follow_ups_view(
    connection: AsyncConnection, rooms: Rooms, appraisal: str, revision: int, spoken: Language
) -> dict[str, object]:
    """The answer of `GET /appraisals/{id}/follow-ups`."""
    year = await _final(connection, rooms, appraisal)
    decided = (await decisions_of(connection, [appraisal])).get(appraisal, ())
    items: list[Item] = []
    if year is not None:
        items = items_of(await rooms.facts.pack(connection, year.cycle), year, decided)
    stands = revision if year is not None else None
    aside = [one for one in decided if one.revision != stands]
    people = await people_shown(connection, {one.by for one in decided})
    return {
        "appraisal_id": appraisal,
        "revision": revision,
        "final": year is not None and year.ongoing,
        "items": [one.shown(people, spoken) for one in items],
        "set_aside": [
            {
                "kind": one.kind,
                "revision": one.revision,
                "reasons": reasons_shown(one.proposal, spoken),
                "decision": decided_shown(one, people),
            }
            for one in aside
        ],
    }


# ── of a cycle ──────────────────────────────────────────────────────────────────────────────────────────────────────


@of_cycles.get("/cycles/{cycle_id}/follow-ups", response_model=Page[FollowUpOfCycle])
async def list_follow_ups(
    cycle_id: CycleId,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    kind: FollowUp | None = None,
    decided: Annotated[bool | None, Query(description="Only what was decided, or only what was not.")] = None,
) -> JSONResponse:
    """What is proposed on the final results of a cycle, and what was decided; HR and PyB, but about whom they stepped back from."""
    after = _after(page.after)
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        pack, years = await years_to_decide(connection, rooms, caller, cycle_id)
        made = await decisions_of(connection, [one.appraisal for one in years])
        found = [
            (year.appraisal, one)
            for year, one, done in await asyncio.to_thread(lambda: list(_of_cycle(pack, years, made)))
            if (kind is None or one is kind) and (decided is None or decided is done)
        ]
        left = [one for one in found if one > after][: page.limit + 1]
        whole = await final_years(connection, rooms.now(), appraisals={appraisal for appraisal, _ in left})
        its = {(y.appraisal, one.kind): (y, one) for y in whole for one in items_of(pack, y, made.get(y.appraisal, ()))}
        named = {y.person for y in whole} | {one.decided.by for _, one in its.values() if one.decided}
        people = await people_shown(connection, named)
    items: list[dict[str, object]] = [
        {
            **item.shown(people, language(request)),
            "appraisal_id": year.appraisal,
            "employee": people.get(year.person),
            "label": year.result.label,
            "key": _key(year.appraisal, item.kind),
        }
        for year, item in (its[one] for one in left[: page.limit] if one in its)  # but what was opened again just now
    ]
    last = cursor_of(_key(*left[page.limit - 1])) if len(left) > page.limit else None
    return listed(Found(items=items, next=last, total=len(found)))


def _key(appraisal: str, kind: FollowUp) -> str:
    return f"{KIND} {appraisal} {kind}"


async def years_to_decide(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str
) -> tuple[PolicyPack, Sequence[FinalYear]]:
    """The final years of a cycle for HR and PyB, but of whom the caller stepped back from; not whole. Raises `not_yours`."""
    caller.needs(*READS_ALL)
    agency = await rooms.people.agency(connection)
    apart = {str(one) for one in agency.line.recused_from(UUID(caller.person_id), local_day(rooms.now(), Zone.WIB))}
    pack = await rooms.facts.pack(connection, cycle_id)
    years = await final_years(connection, rooms.now(), cycle=cycle_id, whole=False)
    return pack, [one for one in years if one.person not in apart]


def _of_cycle(
    pack: PolicyPack, years: Sequence[FinalYear], made: Mapping[str, Sequence[Decided]]
) -> Iterator[tuple[FinalYear, FollowUp, bool]]:
    """What is proposed or was decided, and which of the two, by appraisal and then by kind."""
    for year in sorted(years, key=lambda one: one.appraisal):
        done = {one.kind for one in made.get(year.appraisal, ()) if one.revision == year.revision}
        proposed = kinds(pack.follow_ups, year.result) if year.ongoing else frozenset[FollowUp]()
        for kind in sorted(proposed | done):
            yield year, kind, kind in done


def _after(cursor: str | None) -> tuple[str, str]:
    """The appraisal and the kind after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if cursor is None:
        return "", ""
    what, _, rest = cursor.partition(" ")
    appraisal, _, kind = rest.partition(" ")
    if what != KIND or kind not in set(FollowUp):
        raise bad_cursor()
    return known_id(appraisal), kind
