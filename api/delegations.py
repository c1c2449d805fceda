"""Delegations: offered by whom they are taken from (or by HR), in force once accepted, ended by either or by their last day.

The rules are `models.delegation`'s; here they are held against the rows, one change at a time, so that two offers never chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note_everywhere
from activities.people import Agency, move_line
from api.act_bodies import PERSON, Sentence
from api.loading import checked_id
from api.paging import Page, PageDep, paged
from api.people import PersonShown
from api.people_shown import people_shown
from api.problems import CATALOGUE, FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.delegation import LIVE, Delegation, refusal
from models.delegation import Answer as Stand
from models.language import Bilingual
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["delegations"])

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('delegations', 0))")
ROWS = """
    SELECT d.*, p.zone FROM delegation d JOIN person p ON p.id = d.principal_id
"""
MINE = text(
    f"{ROWS} WHERE CAST(:everybody AS boolean) OR d.principal_id = :me OR d.delegate_id = :me ORDER BY d.valid_from, d.id"
)
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

MOVES_LINE = frozenset({"delegation_accepted", "delegation_ended"})
"""What changes who may act; an offer alone does not."""
PLACE = {
    "delegation_reversed": "/until",
    "delegation_too_long": "/until",
    "delegation_in_past": "/from",
}


def _written(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a date is text")
    return value


Day = Annotated[date, BeforeValidator(_written)]
Nip = Annotated[str, StringConstraints(pattern=r"^[0-9]{18}$")]


class Offer(BaseModel):
    """Who is to act from which day until which, both included. `person` is whose powers; only HR names another's than his own."""

    model_config = ConfigDict(extra="forbid")

    to: Nip
    start: Day = Field(alias="from")
    until: Day
    reason: Annotated[Sentence, StringConstraints(min_length=1)]
    person: Nip | None = None


class DelegationOut(BaseModel):
    """`in_force`: accepted, and today (where the principal is) is one of its days."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    principal: PersonShown | None
    delegate: PersonShown | None
    start: date = Field(alias="from")
    until: date
    reason: str
    state: Stand
    in_force: bool
    offered_at: datetime
    answered_at: datetime | None


@router.get("/delegations")
async def list_delegations(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> Page:
    """The caller's, given and received; HR's are all."""
    async with rooms.database.transaction() as connection:
        found = await delegations_of(connection, caller, rooms.now(), everybody=GrantedRole.HR in caller.granted)
    items = [{**one, "key": f"{one['from']}/{one['id']}"} for one in found]
    left = [one for one in items if str(one["key"]) > (page.after or "")]
    return paged(left, page, len(items), key="key")


@router.get("/delegations/suggestions")
async def suggest(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> Page:
    """Who acts (Plt, Plh) near the caller, today or from a later day: `{to, from, until, kind, person, acting_for}`.

    `to`, `from` and `until` are ready to be offered; nobody is proposed whom the caller could not choose.
    """
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        today = await _today(connection, caller.person_id, rooms.now())
        subjects = await _subjects(connection, agency, caller.person_id, today)
        near = agency.line.actings_near(UUID(caller.person_id), today)
        proposed = [one for one in near if not subjects or not subjects <= {one.person_id}]
        ids = {str(p) for one in proposed for p in (one.person_id, one.holder_id)}
        shown = await people_shown(connection, ids)
    items: list[dict[str, object]] = [
        {
            "to": shown[str(one.person_id)]["nip"],
            "from": max(one.start, today).isoformat(),
            "until": one.end.isoformat() if one.end else None,
            "kind": one.kind.value,
            "person": shown[str(one.person_id)],
            "acting_for": shown.get(str(one.holder_id)),
            "key": f"{one.start}/{one.person_id}/{one.holder_id}",
        }
        for one in proposed
        if str(one.person_id) in shown
    ]
    left = [one for one in items if str(one["key"]) > (page.after or "")]
    return paged(left, page, len(items), key="key")


@router.post("/delegations", status_code=201, response_model=DelegationOut)
async def offer(body: Offer, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Offer somebody one's powers for some days; in force once accepted. Every refusal names its rule."""
    if body.person not in (None, caller.nip):
        caller.needs(GrantedRole.HR)

    async def effect(connection: AsyncConnection) -> Answer:
        await connection.execute(ONE_AT_A_TIME)
        principal = await _person(connection, body.person, "/person") if body.person else caller.person_id
        delegate = await _person(connection, body.to, "/to")
        if principal != caller.person_id and delegate == caller.person_id:
            raise _refused("delegation_to_oneself")
        today = await _today(connection, principal, rooms.now())
        wanted = Delegation(UUID(principal), UUID(delegate), body.start, body.until, Stand.OFFERED)
        agency = await rooms.people.agency(connection)
        subjects = await _subjects(connection, agency, principal, today)
        wrong = refusal(wanted, await _near(connection, wanted), today, subjects)
        if wrong is not None:
            raise _refused(wrong)
        made = str(uuid4())
        row = {"id": made, "principal": principal, "delegate": delegate, "start": body.start, "until": body.until}
        await connection.execute(OFFER, {**row, "reason": body.reason, "by": caller.person_id, "at": rooms.now()})
        return await _changed(connection, rooms, caller, made, "delegation_offered")

    return await once(rooms, caller, key, "offer_delegation", body.model_dump(mode="json"), effect)


@router.post("/delegations/{delegation_id}/accept", response_model=DelegationOut)
async def accept(delegation_id: str, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Take it on; from its first day on both names stand under what is done."""
    return await _answer(rooms, caller, key, delegation_id, Stand.ACCEPTED)


@router.post("/delegations/{delegation_id}/decline", response_model=DelegationOut)
async def decline(delegation_id: str, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Leave it; nothing was in force."""
    return await _answer(rooms, caller, key, delegation_id, Stand.DECLINED)


@router.delete("/delegations/{delegation_id}", response_model=DelegationOut)
async def end(delegation_id: str, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """End it from now; for whom it was taken from, and HR. What was done under it stays done. Ended again, nothing changes."""
    async with rooms.database.transaction() as connection:
        row = await _held(connection, caller, delegation_id)
        if caller.person_id != row["principal_id"] and GrantedRole.HR not in caller.granted:
            raise Problem("not_yours")
        if row["state"] in LIVE:
            await connection.execute(CHANGE, {"id": row["id"], "state": Stand.ENDED.value, "at": rooms.now()})
            answer = await _changed(connection, rooms, caller, row["id"], "delegation_ended")
        else:
            answer = Answer(200, (await _shown(connection, [row], rooms.now()))[0])
    return JSONResponse(answer.body)


async def _answer(rooms: Rooms, caller: Caller, key: str, raw_id: str, said: Stand) -> JSONResponse:
    async def effect(connection: AsyncConnection) -> Answer:
        row = await _held(connection, caller, raw_id)
        if caller.person_id != row["delegate_id"]:
            raise Problem("not_yours")
        if row["state"] != Stand.OFFERED:
            raise Problem("delegation_answered", state=row["state"])
        if row["valid_until"] < local_day(rooms.now(), Zone(row["zone"])):
            raise Problem("delegation_over")
        await connection.execute(CHANGE, {"id": row["id"], "state": said.value, "at": rooms.now()})
        return await _changed(connection, rooms, caller, row["id"], f"delegation_{said}")

    return await once(rooms, caller, key, f"delegation_{said}", {"delegation": raw_id}, effect)


async def _changed(connection: AsyncConnection, rooms: Rooms, caller: Caller, delegation_id: str, event: str) -> Answer:
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
    status = 201 if event == "delegation_offered" else 200
    return Answer(status, (await _shown(connection, [row], rooms.now()))[0])


async def delegations_of(
    connection: AsyncConnection, caller: Caller, now: datetime, *, everybody: bool = False, over: bool = True
) -> list[dict[str, object]]:
    """As they are shown, by their first day; without `over`, only those that are alive and not past."""
    rows = (await connection.execute(MINE, {"me": caller.person_id, "everybody": everybody})).mappings().all()
    alive = [r for r in rows if r["state"] in LIVE and r["valid_until"] >= local_day(now, Zone(r["zone"]))]
    return await _shown(connection, rows if over else alive, now)


async def _shown(connection: AsyncConnection, rows: Sequence[RowMapping], now: datetime) -> list[dict[str, object]]:
    shown = await people_shown(connection, {p for row in rows for p in (row["principal_id"], row["delegate_id"])})
    return [
        {
            "id": row["id"],
            "principal": shown.get(row["principal_id"]),
            "delegate": shown.get(row["delegate_id"]),
            "from": row["valid_from"].isoformat(),
            "until": row["valid_until"].isoformat(),
            "reason": row["reason"],
            "state": row["state"],
            "in_force": _of(row).covers(local_day(now, Zone(row["zone"]))),
            "offered_at": row["created_at"].isoformat(),
            "answered_at": row["answered_at"].isoformat() if row["answered_at"] else None,
        }
        for row in rows
    ]


async def _held(connection: AsyncConnection, caller: Caller, raw_id: str) -> RowMapping:
    """The row, kept from changing until the transaction ends. Raises `not_found` also where it is nobody's business of the caller."""
    await connection.execute(ONE_AT_A_TIME)
    row = (await connection.execute(ONE, {"id": checked_id(raw_id)})).mappings().one_or_none()
    concerned = row is not None and caller.person_id in (row["principal_id"], row["delegate_id"])
    if row is None or not (concerned or GrantedRole.HR in caller.granted):
        raise Problem("not_found")
    return row


async def _near(connection: AsyncConnection, wanted: Delegation) -> list[Delegation]:
    rows = await connection.execute(NEAR, {"start": wanted.start, "until": wanted.until})
    return [_of(row) for row in rows.mappings()]


def _of(row: RowMapping) -> Delegation:
    return Delegation(
        UUID(row["principal_id"]),
        UUID(row["delegate_id"]),
        row["valid_from"],
        row["valid_until"],
        Stand(row["state"]),
    )


async def _subjects(connection: AsyncConnection, agency: Agency, principal: str, today: date) -> set[UUID]:
    """About whom that person decides today in a role that can be lent."""
    led: Iterable[Iterable[str]] = agency.led_by(principal, today).values()
    reassigned = (await connection.execute(REASSIGNED_TO, {"person": principal})).scalars()
    return {UUID(one) for people in (*led, reassigned) for one in people}


async def _today(connection: AsyncConnection, person: str, now: datetime) -> date:
    """The local day where that person works."""
    return local_day(now, Zone((await connection.execute(ZONE, {"id": person})).scalar_one()))


async def _person(connection: AsyncConnection, nip: str, pointer: str) -> str:
    """The id of an active person. Raises `invalid_input`."""
    found = (await connection.execute(PERSON, {"nip": nip})).scalar_one_or_none()
    if found is None:
        message = Bilingual(id="NIP ini tidak ada di daftar pegawai.", en="This NIP is not on the roster.")
        raise Problem("invalid_input", errors=[FieldProblem(pointer, "unknown_person", message)])
    return str(found)


def _refused(code: str) -> Problem:
    return Problem(code, errors=[FieldProblem(PLACE.get(code, "/to"), code, CATALOGUE[code].detail)])
