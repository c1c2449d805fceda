"""What follows a result: proposals by the rules of the pack, with their reasons, and what HR or a PyB decided about them.

Proposals are worked out of the result that stands whenever somebody asks; only decisions are rows. They are of one revision: a year that is
opened again has no final result, so nothing is proposed, and what was decided about the earlier one is shown as set aside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.final_results import FinalYear, final_years
from activities.follow_ups import Decided, Deciding, Decision, decide, decisions_of
from api.act_bodies import Reason
from api.appraisal_shown import SuggestionShown
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.loading import checked_id, load
from api.paging import Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, Shown, people_shown
from api.problems import Problem, language
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.follow_ups import Proposal, proposals
from models.policy import PolicyPack
from models.vocabulary import FollowUp, GrantedRole, Label, Language, Role, Zone
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


class ReasonShown(Exact):
    """A rule that leads to it: what it is called, why it holds for this result, and where the rule comes from."""

    title: str
    why: str
    source: str


class DecidedShown(Exact):
    """What was decided; `reason` is null once erased."""

    decision: Literal["approve", "decline"]
    reason: str | None
    by: PersonShown | None
    role: Role
    at: AwareDatetime


class FollowUpShown(Exact):
    """One kind of what follows. `proposed` is false where it was decided and no rule leads to it any more.

    What was decided has the reasons of that day. `courses` are those of the catalogue that a training is suggested by.
    """

    kind: FollowUp
    proposed: bool
    reasons: list[ReasonShown]
    courses: list[SuggestionShown]
    decision: DecidedShown | None


class SetAsideShown(Exact):
    """What was decided about an earlier revision of the year, which was opened again since."""

    kind: FollowUp
    revision: int
    reasons: list[ReasonShown]
    decision: DecidedShown


class FollowUpsOut(Exact):
    """`final` is false while nothing can be proposed: the year is not over, has no result, or she has left."""

    appraisal_id: UUID
    revision: int
    final: bool
    items: list[FollowUpShown]
    set_aside: list[SetAsideShown]


class FollowUpOfCycle(FollowUpShown):
    """A proposal, and whose."""

    appraisal_id: UUID
    employee: PersonShown | None
    label: Label
    key: Key


@dataclass(frozen=True)
class Item:
    """What is proposed, was decided, or both, of one kind."""

    proposal: Proposal
    proposed: bool
    decided: Decided | None

    @property
    def kind(self) -> FollowUp:
        return self.proposal.kind

    def shown(self, people: Mapping[str, Shown], spoken: Language) -> dict[str, object]:
        return {
            "kind": self.kind,
            "proposed": self.proposed,
            "reasons": reasons_shown(self.proposal, spoken),
            "courses": [
                {
                    "id": one.id,
                    "title": one.title.say(spoken),
                    "hours": one.hours,
                    "builds": one.builds,
                    "why": one.why.say(spoken),
                }
                for one in self.proposal.courses
            ],
            "decision": None if self.decided is None else decided_shown(self.decided, people),
        }


def items_of(pack: PolicyPack, year: FinalYear, decided: Collection[Decided]) -> list[Item]:
    """What follows the result that stands. What was decided keeps the reasons it was decided by."""
    made = {one.kind: one for one in decided if one.revision == year.revision}
    found = proposals(pack.follow_ups, pack.scoring.labels, year.result) if year.ongoing else ()
    proposed = {one.kind: one for one in found}
    return [
        Item(made[kind].proposal if kind in made else proposed[kind], kind in proposed, made.get(kind))
        for kind in FollowUp
        if kind in proposed or kind in made
    ]


def reasons_shown(proposal: Proposal, spoken: Language) -> list[dict[str, str]]:
    return [
        {"title": one.title.say(spoken), "why": one.why.say(spoken), "source": one.source} for one in proposal.reasons
    ]


def decided_shown(decided: Decided, people: Mapping[str, Shown]) -> dict[str, object]:
    return {
        "decision": decided.decision,
        "reason": decided.reason,
        "by": people.get(decided.by),
        "role": decided.role,
        "at": decided.at.isoformat(),
    }


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

    Decided otherwise later, the last one holds; the same again changes nothing.
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
        return Answer(200, await follow_ups_view(connection, rooms, loaded.id, year.revision, spoken))

    said = {"appraisal": appraisal_id, "kind": follow_up, **body.model_dump()}
    return await once(rooms, caller, key, "decide_follow_up", said, effect)


def _as_of_now(pack: PolicyPack, year: FinalYear, item: Item) -> Proposal:
    """The reasons of today; of what no rule leads to any more, those by which it was decided."""
    now = proposals(pack.follow_ups, pack.scoring.labels, year.result)
    return next((one for one in now if one.kind is item.kind), item.proposal)


async def _final(connection: AsyncConnection, rooms: Rooms, appraisal: str) -> FinalYear | None:
    return next(iter(await final_years(connection, rooms.now(), appraisal=appraisal)), None)


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
    found = await asyncio.to_thread(lambda: list(_of_cycle(pack, years, made)))
    asked = [
        (year, item)
        for year, item in found
        if (kind is None or item.kind is kind) and (decided is None or decided is (item.decided is not None))
    ]
    left = [(year, item) for year, item in asked if (year.appraisal, item.kind) > after][: page.limit + 1]
    async with rooms.database.question() as connection:
        named = {year.person for year, _ in left} | {item.decided.by for _, item in left if item.decided}
        people = await people_shown(connection, named)
    items = [
        {
            **item.shown(people, language(request)),
            "appraisal_id": year.appraisal,
            "employee": people.get(year.person),
            "label": year.result.label,
            "key": f"{KIND} {year.appraisal} {item.kind}",
        }
        for year, item in left
    ]
    return listed(paged(items, page, len(asked), key="key"))


async def years_to_decide(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str
) -> tuple[PolicyPack, Sequence[FinalYear]]:
    """The final years of a cycle for HR and PyB, but of whom the caller stepped back from. Raises `not_yours`."""
    caller.needs(*READS_ALL)
    agency = await rooms.people.agency(connection)
    apart = {str(one) for one in agency.line.recused_from(UUID(caller.person_id), local_day(rooms.now(), Zone.WIB))}
    pack = await rooms.facts.pack(connection, cycle_id)
    years = await final_years(connection, rooms.now(), cycle=cycle_id)
    return pack, [one for one in years if one.person not in apart]


def _of_cycle(
    pack: PolicyPack, years: Sequence[FinalYear], made: Mapping[str, Sequence[Decided]]
) -> Iterator[tuple[FinalYear, Item]]:
    """By appraisal, then by kind."""
    for year in sorted(years, key=lambda one: one.appraisal):
        for item in sorted(items_of(pack, year, made.get(year.appraisal, ())), key=lambda one: one.kind):
            yield year, item


def _after(cursor: str | None) -> tuple[str, str]:
    """The appraisal and the kind after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if cursor is None:
        return "", ""
    what, _, rest = cursor.partition(" ")
    appraisal, _, kind = rest.partition(" ")
    if what != KIND or kind not in set(FollowUp):
        raise bad_cursor()
    return known_id(appraisal), kind
