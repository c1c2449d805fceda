"""Delegations: offered by whom they are taken from (or by HR), in force once accepted, ended by either or by their last day.

The rules are `models.delegation`'s; here they are held against the rows, one change at a time, so that two offers never chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.appraised import appraised_of
from activities.cycle_trail import note_everywhere
from activities.outbox import tell_many
from activities.people import Agency, move_line
from api.act_bodies import LocalDay, Sentence
from api.as_plt import around_as_plt
from api.delegation_view import ROWS, DelegationOut, delegation_of, listed_after, shown
from api.exact import Exact
from api.loading import checked_id
from api.named import SUPERIORS, Nip, person_named
from api.paging import Asked, Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problem_catalogue import CATALOGUE
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.strict import NOTHING_SAID
from models.delegation import LIVE, Delegation, DelegationState, refusal
from models.line import ActingKind
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["delegations"])

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('delegations', 0))")
ONE = text(f"{ROWS} WHERE d.id = :id FOR UPDATE OF d")
NEAR = text(
    """
    SELECT principal_id, delegate_id, valid_from, valid_until, state FROM delegation
     WHERE state IN ('offered', 'accepted') AND valid_until >= :start AND valid_from <= :until
    """
)
OFFER = text(
    """
    INSERT INTO delegation (id, principal_id, delegate_id, valid_from, valid_until, reason, state, created_by, created_at)
    VALUES (:id, :principal, :delegate, :start, :until, :reason, 'offered', :by, :at)
    """
)
CHANGE = text("UPDATE delegation SET state = :state, answered_at = :at WHERE id = :id")
ZONE = text("SELECT zone FROM person WHERE id = :id")
REASSIGNED_TO = text(
    "SELECT DISTINCT person_id FROM appraisal WHERE supervisor_override = :person AND launch = 'launched'"
)

MOVES_LINE = frozenset({TrailAction.DELEGATION_ACCEPTED, TrailAction.DELEGATION_ENDED})
"""What changes who may act; an offer alone does not."""
PLACE = {
    "delegation_reversed": "/until",
    "delegation_too_long": "/until",
    "delegation_in_past": "/from",
}


class Offer(BaseModel):
    """Who is to act from which day until which, both included. `person` is whose powers; only HR names another's than his own."""

    model_config = ConfigDict(extra="forbid")

    to: Nip
    start: LocalDay = Field(alias="from")
    until: LocalDay
    reason: Annotated[Sentence, StringConstraints(min_length=1)]
    person: Nip | None = None


class DelegationListed(DelegationOut):
    """A delegation in a list."""

    key: Key


class Suggestion(Exact):
    """Whom to offer one's powers: `to`, `from` and `until` are ready to be offered; `person` acts for `acting_for`."""

    to: str
    start: Annotated[date, Field(alias="from")]
    until: date | None
    kind: ActingKind
    person: PersonShown
    acting_for: PersonShown | None
    key: Key


@router.get("/delegations", response_model=Page[DelegationListed])
async def list_delegations(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """The caller's, given and received; HR's are all."""
    after = _after(page, ids=1)
    day, _, one = after.partition("/")
    begins = (date.fromisoformat(day), one) if after else None
    async with rooms.database.transaction() as connection:
        found, total = await listed_after(connection, caller, rooms.now(), begins, page.limit + 1)
    items = [{**one, "key": f"{one['from']}/{one['id']}"} for one in found]
    return listed(paged(items, page, total, key="key"))


@router.get("/delegations/suggestions", response_model=Page[Suggestion])
async def suggest(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """Who acts (Plt, Plh) near the caller, today or from a later day; nobody is proposed whom the caller could not choose."""
    items = await suggested(rooms, caller)
    after = _after(page, ids=2)
    left = [one for one in items if str(one["key"]) > after]
    return listed(paged(left, page, len(items), key="key"))


async def suggested(rooms: Rooms, caller: Caller) -> list[dict[str, object]]:
    """Whom the caller could offer her powers, with the days; each with its `key`."""
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        today = await _today(connection, caller.person_id, rooms.now())
        subjects = await _subjects(connection, agency, caller.person_id, today)
        near = agency.line.actings_near(UUID(caller.person_id), today)
        proposed = [one for one in near if not subjects or not subjects <= {one.person_id}]
        ids = {str(p) for one in proposed for p in (one.person_id, one.holder_id)}
        people = await people_shown(connection, ids)
    return [
        {
            "to": people[str(one.person_id)]["nip"],
            "from": max(one.start, today).isoformat(),
            "until": one.end.isoformat() if one.end else None,
            "kind": one.kind.value,
            "person": people[str(one.person_id)],
            "acting_for": people.get(str(one.holder_id)),
            "key": f"{one.start}/{one.person_id}/{one.holder_id}",
        }
        for one in proposed
        if str(one.person_id) in people
    ]


def _after(page: Asked, *, ids: int) -> str:
    """The key after which the page begins: a day and that many ids. Raises `invalid_input` for a cursor of another list."""
    if page.after is None:
        return ""
    written, *named = page.after.split("/")
    try:
        day = date.fromisoformat(written)
    except ValueError as wrong:
        raise bad_cursor() from wrong
    if len(named) != ids:
        raise bad_cursor()
    return "/".join((day.isoformat(), *map(known_id, named)))


@router.post("/delegations", status_code=201, response_model=DelegationOut)
async def offer(body: Offer, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Offer somebody one's powers for some days; in force once accepted. Every refusal names its rule.

    HR offers another's, but not those of who decides about herself: nobody chooses who appraises her.
    """

    async def effect(connection: AsyncConnection) -> Answer:
        await connection.execute(ONE_AT_A_TIME)
        agency = await rooms.people.agency(connection)
        of_another = body.person not in (None, caller.nip)
        if of_another and agency.hr_for(caller.person_id, local_day(rooms.now(), Zone.WIB)) is None:
            caller.needs(GrantedRole.HR)
        principal = await person_named(connection, body.person, "/person") if body.person else caller.person_id
        delegate = await person_named(connection, body.to, "/to")
        if of_another and delegate == caller.person_id:
            raise _refused("delegation_to_oneself")
        if of_another and not await _hr_of(connection, rooms, caller, principal):
            raise Problem("not_yours")
        today = await _today(connection, principal, rooms.now())
        wanted = Delegation(UUID(principal), UUID(delegate), body.start, body.until, DelegationState.OFFERED)
        subjects = await _subjects(connection, agency, principal, today)
        wrong = refusal(wanted, await _near(connection, wanted), today, subjects)
        if wrong is not None:
            raise _refused(wrong)
        for who, place in ((wanted.principal, "/person"), (wanted.delegate, "/to")):
            # Who is not here then lends nothing, and acts for nobody.
            if agency.line.tenure_on(who, wanted.start) is None:
                errors = [FieldProblem(place, "unknown_person", SUPERIORS["unknown_person"])]
                raise Problem("invalid_input", errors=errors)
        made = str(uuid4())
        row = {"id": made, "principal": principal, "delegate": delegate, "start": body.start, "until": body.until}
        await connection.execute(OFFER, {**row, "reason": body.reason, "by": caller.person_id, "at": rooms.now()})
        return await _changed(connection, rooms, caller, made, TrailAction.DELEGATION_OFFERED)

    return await once(rooms, caller, key, "offer_delegation", body.model_dump(mode="json"), effect)


@router.post("/delegations/{delegation_id}/accept", response_model=DelegationOut, dependencies=[NOTHING_SAID])
async def accept(delegation_id: str, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Take it on; from its first day on both names stand under what is done."""
    return await _answer(rooms, caller, key, delegation_id, DelegationState.ACCEPTED)


@router.post("/delegations/{delegation_id}/decline", response_model=DelegationOut, dependencies=[NOTHING_SAID])
async def decline(delegation_id: str, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Leave it; nothing was in force."""
    return await _answer(rooms, caller, key, delegation_id, DelegationState.DECLINED)


@router.delete("/delegations/{delegation_id}", response_model=DelegationOut, dependencies=[NOTHING_SAID])
async def end(delegation_id: str, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """End it from now; for the two, once it was taken on, and HR. What was done under it stays done. Ended again, nothing changes,
    nor where it ended by itself.

    HR ends what she may offer: not what was lent by who decides about herself.
    """
    async with rooms.database.transaction() as connection:
        row = await _held(connection, delegation_id)
        may = caller.person_id == row["principal_id"] or _took_on(caller, row)
        if not may and not await _hr_of(connection, rooms, caller, row["principal_id"]):
            raise Problem("not_yours" if _knows_of(caller, row) else "not_found")
        if row["state"] in LIVE and not _over_everywhere(row, rooms.now()):
            await connection.execute(CHANGE, {"id": row["id"], "state": DelegationState.ENDED.value, "at": rooms.now()})
            answer = await _changed(connection, rooms, caller, row["id"], TrailAction.DELEGATION_ENDED)
        else:
            answer = Answer(200, (await shown(connection, [row], rooms.now()))[0])
    return JSONResponse(answer.body)


def _over_everywhere(row: RowMapping, now: datetime) -> bool:
    """Whether its last day has passed wherever somebody may be whose form it is about: it ended by itself."""
    return bool(row["valid_until"] < min(local_day(now, zone) for zone in Zone))


async def _answer(rooms: Rooms, caller: Caller, key: str, raw_id: str, said: DelegationState) -> JSONResponse:
    event = TrailAction(f"delegation_{said}")

    async def effect(connection: AsyncConnection) -> Answer:
        row = await _held(connection, raw_id)
        if caller.person_id != row["delegate_id"]:
            raise Problem("not_yours" if _knows_of(caller, row) else "not_found")
        if row["state"] != DelegationState.OFFERED:
            raise Problem("delegation_answered", state=row["state"])
        if row["valid_until"] < local_day(rooms.now(), Zone(row["zone"])):
            raise Problem("delegation_over")
        await connection.execute(CHANGE, {"id": row["id"], "state": said.value, "at": rooms.now()})
        return await _changed(connection, rooms, caller, row["id"], event)

    return await once(rooms, caller, key, event, {"delegation": raw_id}, effect)


async def _changed(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, delegation_id: str, event: TrailAction
) -> Answer:
    """What every change has in common: the event in the trails, the line's revision, and the answer.

    The trails hold ids and days; the reason may speak of an illness and stays with the two and HR.
    """
    row = (await connection.execute(ONE, {"id": delegation_id})).mappings().one()
    own = caller.person_id in (row["principal_id"], row["delegate_id"])
    data = {
        "delegation": row["id"],
        "principal": row["principal_id"],
        "delegate": row["delegate_id"],
        "from": row["valid_from"].isoformat(),
        "until": row["valid_until"].isoformat(),
    }
    role = Role.EMPLOYEE if own else Role.HR
    await note_everywhere(connection, rooms.now(), event, caller.person_id, data, role=role)
    if event in MOVES_LINE:
        await move_line(connection)
    await _tell_the_other(connection, row, caller.person_id, event, rooms.now())
    status = 201 if event is TrailAction.DELEGATION_OFFERED else 200
    return Answer(status, (await shown(connection, [row], rooms.now()))[0])


async def _tell_the_other(
    connection: AsyncConnection, row: RowMapping, actor: str, event: TrailAction, at: datetime
) -> None:
    """Each of the two is told at once of what the other, or HR, did: whose rights it is about, and from when until when."""
    about = {"delegation": row["id"], "from": row["valid_from"].isoformat(), "until": row["valid_until"].isoformat()}
    answered = event in (TrailAction.DELEGATION_ACCEPTED, TrailAction.DELEGATION_DECLINED)
    hears = {row["principal_id"]: row["delegate_id"]} if answered else {row["delegate_id"]: row["principal_id"]}
    if event is TrailAction.DELEGATION_ENDED:
        hears |= {row["principal_id"]: row["delegate_id"]}
    each = {person: about | {"person": other} for person, other in hears.items() if person != actor}
    await tell_many(connection, [*each.items()], event, at=at, actor=actor, at_once=each)


async def _held(connection: AsyncConnection, raw_id: str) -> RowMapping:
    """The row, kept from changing until the transaction ends. Raises `not_found`."""
    await connection.execute(ONE_AT_A_TIME)
    row = (await connection.execute(ONE, {"id": checked_id(raw_id)})).mappings().one_or_none()
    if row is None:
        raise Problem("not_found")
    return row


def _took_on(caller: Caller, row: RowMapping) -> bool:
    """Whether the caller accepted it; an offer he declines."""
    return caller.person_id == row["delegate_id"] and row["state"] in (DelegationState.ACCEPTED, DelegationState.ENDED)


def _knows_of(caller: Caller, row: RowMapping) -> bool:
    """Whether the caller is told of this delegation at all: to others it is not there."""
    return caller.person_id in (row["principal_id"], row["delegate_id"]) or GrantedRole.HR in caller.granted


async def _near(connection: AsyncConnection, wanted: Delegation) -> list[Delegation]:
    rows = await connection.execute(NEAR, {"start": wanted.start, "until": wanted.until})
    return [delegation_of(row) for row in rows.mappings()]


async def _subjects(connection: AsyncConnection, agency: Agency, principal: str, today: date) -> set[UUID]:
    """About whom that person decides today in a role that can be lent, be it about what she does as Plt."""
    led: Iterable[Iterable[str]] = agency.led_by(principal, today).values()
    reassigned = (await connection.execute(REASSIGNED_TO, {"person": principal})).scalars()
    there = await around_as_plt(connection, agency, today)
    as_plt = (one.subject for one in there if principal in one.officers)
    return {UUID(one) for people in (*led, reassigned, as_plt) for one in people}


async def _hr_of(connection: AsyncConnection, rooms: Rooms, caller: Caller, principal: str) -> bool:
    """Whether the caller is HR to those about whom the principal decides; the only HR officer has her PyB (`Parties.hr`).

    Nobody is who is herself appraised by the principal, in any year of hers that is open, or will be.
    """
    agency, today = await rooms.people.agency(connection), local_day(rooms.now(), Zone.WIB)
    alone = agency.hr_for(caller.person_id, today)
    asked = {one for one in (caller.person_id, alone) if one}
    appraised = await appraised_of(connection, agency.line, asked, today)
    if principal in appraised[caller.person_id].officers():
        return False
    return GrantedRole.HR in caller.granted or (alone is not None and principal in appraised[alone].officers())


async def _today(connection: AsyncConnection, person: str, now: datetime) -> date:
    """The local day where that person works."""
    return local_day(now, Zone((await connection.execute(ZONE, {"id": person})).scalar_one()))


def _refused(code: str) -> Problem:
    return Problem(code, errors=[FieldProblem(PLACE.get(code, "/to"), code, CATALOGUE[code].detail)])
