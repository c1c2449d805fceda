"""Appraisals: the list by relation, one with its route and what the caller may do now, its trail and its documents."""

from __future__ import annotations

import asyncio
from heapq import merge
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.archive import issued_document
from activities.documents import Kind, render
from activities.documents.compose import compose
from activities.dossier import dossier
from activities.people import LEFT_ON
from api.appraisal_shown import AppraisalOut, AppraisalShown, TrailsOut
from api.appraisal_view import appraisal_view, summary_view
from api.loading import checked_id, load
from api.paging import Asked, Found, Page, PageDep, bad_cursor, containing, id_after, listed, paged
from api.people_shown import people_shown
from api.preconditions import etag
from api.problems import Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.access import sees_result
from models.vocabulary import Action, GrantedRole, Role, State, Zone
from models.ways import WAITS_ON
from models.workdays import local_day

router = APIRouter(tags=["appraisals"])

LIST = """
    SELECT a.id, a.cycle_id, a.person_id, a.state, a.period, a.version, a.revision, a.due_at, a.lapses_at, a.ending,
           a.segment, a.suspended, a.snapshot, a.launch, a.launch_problem, a.zone, p.nip, p.name, p.post, u.name AS unit,
           count(*) OVER () AS total
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
     WHERE (CAST(:everybody AS boolean) OR a.person_id = ANY(:people) OR a.supervisor_override = ANY(:stood_for)
            OR a.id = ANY(:earlier) OR (a.person_id = ANY(:led) AND a.supervisor_override IS NULL))
       AND (CAST(:cycle AS text) IS NULL OR a.cycle_id = :cycle)
       AND (CAST(:units AS text[]) IS NULL OR a.unit_id = ANY(:units))
       AND (CAST(:state AS text) IS NULL OR a.state = :state)
       AND (CAST(:states AS text[]) IS NULL
            OR CASE WHEN a.suspended THEN :waits_on_hr ELSE a.state = ANY(:states) END)
       AND (CAST(:overdue AS boolean) IS NULL OR (coalesce(a.due_at < :now, false) AND a.ending IS NULL) = :overdue)
       AND (CAST(:q AS text) IS NULL OR p.name ILIKE :q OR p.nip = :nip)
       AND a.id > :after
     ORDER BY a.id LIMIT :limit
"""
TOTAL = text(
    f"SELECT count(*) FROM ({LIST.replace('AND a.id > :after', '').replace('LIMIT :limit', '')}) AS everything"
)
PAGE = text(LIST)
EARLIER = text(
    f"""
    SELECT a.id FROM tenure t JOIN appraisal a ON a.person_id = t.person_id
     WHERE t.supervisor_id = :me AND t.valid_until IS NOT NULL AND a.launch = 'launched'
       AND least(CAST(a.snapshot ->> 'until' AS date), {LEFT_ON}) BETWEEN t.valid_from AND t.valid_until
    """
)
"""Those whose employee went on to another post, or left, while the caller supervised; she rates them still, or has rated them."""
UNIT = text("SELECT id FROM unit WHERE code = :code OR id = :code")
BELOW = text(
    """
    WITH RECURSIVE below AS (SELECT id FROM unit WHERE id = :unit
      UNION SELECT u.id FROM unit u JOIN below b ON u.parent_id = b.id) SELECT id FROM below
    """
)
EVENTS = text(
    """
    SELECT e.*, t.body AS comment_body, ac.name AS actor_name FROM event e
      LEFT JOIN text t ON t.id = e.comment_id LEFT JOIN person ac ON ac.id = e.actor
     WHERE e.appraisal_id = :id ORDER BY e.seq
    """
)
CYCLE_EVENTS = text("SELECT * FROM cycle_event WHERE cycle_id = :cycle ORDER BY seq")

RATED = frozenset({Action.SUBMIT_RATING, Action.CONFIRM_RATING, Action.RETURN_RATING})
"""Whose comments may speak of a result that has not reached the person rated."""

SEES_ALL = frozenset({GrantedRole.HR, GrantedRole.AUDITOR, GrantedRole.BOARD})


@router.get(
    "/appraisals",
    response_model=Page[AppraisalShown],
    responses={404: {"description": "There is no such unit."}},
)
async def list_appraisals(
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    cycle: str | None = None,
    unit: str | None = None,
    state: State | None = None,
    waiting_on: Role | None = None,
    overdue: bool | None = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
) -> JSONResponse:
    """Everybody's for HR, board and auditor; else the caller's own and those of the people she leads."""
    now = rooms.now()
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        today = local_day(now, Zone.WIB)
        led = agency.led_by(caller.person_id, today)
        mine = {caller.person_id, *led["senior"], *led["appeal"]} | {agency.hr_for(caller.person_id, today)}
        asked: dict[str, object] = {
            "everybody": bool(caller.granted & SEES_ALL),
            "people": sorted(one for one in mine if one),
            "led": sorted(led["supervisor"]),
            "stood_for": list(agency.stands_for(caller.person_id, today)),
            "earlier": list((await connection.execute(EARLIER, {"me": caller.person_id})).scalars()),
            "cycle": None if cycle is None else checked_id(cycle),
            "units": await _units(connection, unit),
            "state": state.value if state else None,
            "states": _waiting(waiting_on),
            "waits_on_hr": waiting_on is Role.HR,
            "overdue": overdue,
            "now": now,
            "q": containing(q),
            "nip": q,
        }
        total = (await connection.execute(TOTAL, asked)).scalar_one()
        asked |= {"after": id_after(page) or "", "limit": page.limit + 1}
        rows = (await connection.execute(PAGE, asked)).mappings().all()
    return listed(paged([summary_view(row, now) for row in rows], page, total, key="id"))


async def _units(connection: AsyncConnection, unit: str | None) -> list[str] | None:
    """The unit asked for and all below it; None where none was asked for. Raises `not_found`."""
    if unit is None:
        return None
    found = (await connection.execute(UNIT, {"code": unit})).scalar_one_or_none()
    if found is None:
        raise Problem("not_found")
    return list((await connection.execute(BELOW, {"unit": found})).scalars())


def _waiting(role: Role | None) -> list[str] | None:
    return None if role is None else [s.value for s, waits in WAITS_ON.items() if waits is role]


@router.get("/appraisals/{appraisal_id}", response_model=AppraisalOut)
async def read_appraisal(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """One appraisal as this caller may see it; `actions` is what she may do now."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        body = await appraisal_view(connection, rooms, caller, loaded, language(request))
    return JSONResponse(body, headers={"ETag": etag(loaded.snapshot.version if loaded.snapshot else 0)})


@router.get("/appraisals/{appraisal_id}/events", response_model=TrailsOut)
async def read_events(appraisal_id: str, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """Both trails, the appraisal's and the cycle's, in the order of time; each hash is as it was chained."""
    return listed(await both_trails(appraisal_id, rooms, caller, page))


async def both_trails(appraisal_id: str, rooms: Rooms, caller: Caller, page: Asked) -> Found:
    """One page of both trails. Raises `not_found`, `not_yours`, and `invalid_input` for a cursor of another list."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        rows = (await connection.execute(EVENTS, {"id": loaded.id})).mappings().all()
        of_cycle = (await connection.execute(CYCLE_EVENTS, {"cycle": loaded.cycle_id})).mappings().all()
        ids = {str(v) for r in rows for v in (r["actor"], r["on_behalf_of"], r["data"].get("post_of")) if v}
        shown = await people_shown(connection, ids | {str(r["actor"]) for r in of_cycle})
    hidden = not sees_result(loaded.roles, loaded.snapshot) if loaded.snapshot else False
    own: list[dict[str, object]] = [
        {
            "source": "appraisal",
            "seq": r["seq"],
            "at": r["at"].isoformat(),
            "effective_at": r["effective_at"].isoformat(),
            "action": r["action"],
            "actor": shown.get(r["actor"]) or r["actor"],
            "on_behalf_of": shown.get(r["on_behalf_of"]) if r["on_behalf_of"] else None,
            "standing": r["data"].get("standing"),
            "post_of": shown.get(r["data"].get("post_of")),
            "role": r["role"],
            "from": r["from_state"],
            "to": r["to_state"],
            "period": r["period"],
            "revision": r["revision"],
            "comment": None if hidden and r["action"] in RATED else r["comment_body"],
            "data": r["data"],
            "hash": r["hash"],
            "previous_hash": r["previous_hash"],
        }
        for r in rows
    ]
    shared: list[dict[str, object]] = [
        {
            "source": "cycle",
            "seq": r["seq"],
            "at": r["at"].isoformat(),
            "effective_at": r["at"].isoformat(),
            "action": r["action"],
            "actor": shown.get(r["actor"]) or r["actor"],
            "on_behalf_of": None,
            "role": r["role"],
            "from": None,
            "to": None,
            "comment": r["reason"],
            "data": r["data"],
            "hash": r["hash"],
            "previous_hash": r["previous_hash"],
        }
        for r in of_cycle
    ]
    told = _told_before(page.after)
    left = [
        [event for event in trail if int(str(event["seq"])) > told[str(event["source"])]] for trail in (own, shared)
    ]
    items = list(merge(*left, key=lambda event: str(event["at"])))
    for item in items:
        told[str(item["source"])] = int(str(item["seq"]))
        item["position"] = f"{told['appraisal']}.{told['cycle']}"
    return paged(items, page, len(own) + len(shared), key="position")


def _told_before(cursor: str | None) -> dict[str, int]:
    """How far each trail was told by the pages before: an act that is recorded late comes with the next one. Raises `invalid_input`."""
    own, dot, shared = (cursor or "0.0").partition(".")
    if not dot or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (own, shared)):
        raise bad_cursor()
    return {"appraisal": int(own), "cycle": int(shared)}


@router.get(
    "/appraisals/{appraisal_id}/documents/{kind}.pdf",
    response_class=Response,
    responses={409: {"description": "The year has not begun."}},
)
async def read_document(appraisal_id: str, kind: Kind, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The plan, the evaluation or the appeal as PDF/A. What is not there yet, or not yet open to the caller, is `not_found`.

    Once a year is archived it is the document that was issued, whatever names and posts have become since.
    """
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        snapshot = loaded.running()
        if kind != "plan" and not sees_result(loaded.roles, snapshot):
            raise Problem("not_found")
        document = await issued_document(connection, rooms.archive, loaded.id, snapshot, kind)
        if document is None:
            whole, pack = await dossier(connection, loaded.id, at=rooms.now(), facts=rooms.facts, people=rooms.people)
    if document is None:
        facts = compose(whole, pack, kind)
        if facts is None:
            raise Problem("not_found")
        document = await asyncio.to_thread(render, kind, facts)
    name = f"{kind}-{loaded.row['year']}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(document, media_type="application/pdf", headers=headers)
