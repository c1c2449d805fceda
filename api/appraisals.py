"""Appraisals: the list by relation, one with its route and what the caller may do now, its trail and its documents."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.archive import issued_document
from activities.documents import Kind, render
from activities.documents.compose import compose
from activities.dossier import dossier
from activities.people import SHOWN_POST
from api.appraisal_shown import AppraisalOut, AppraisalShown, TrailsOut
from api.appraisal_view import appraisal_view, summary_view
from api.loading import checked_id, load
from api.paging import Asked, Found, Page, PageDep, containing, id_after, listed, paged
from api.preconditions import etag
from api.problems import Problem, language
from api.relation import RELATED, related
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.trails import both_trails
from models.access import sees_result
from models.vocabulary import Role, State
from models.ways import WAITS_ON

router = APIRouter(tags=["appraisals"])

LIST = f"""
    SELECT a.id, a.cycle_id, a.person_id, a.state, a.period, a.version, a.revision, a.due_at, a.lapses_at, a.ending,
           a.segment, a.asked_from, a.asked_until, a.asked_document, a.suspended, a.snapshot, a.launch, a.launch_problem, a.zone,
           p.nip, p.name, {SHOWN_POST} AS post,
           u.name AS unit, count(*) OVER () AS total
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
     WHERE ({RELATED})
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
UNIT = text("SELECT id FROM unit WHERE code = :code OR id = :code")
BELOW = text(
    """
    WITH RECURSIVE below AS (SELECT id FROM unit WHERE id = :unit
      UNION SELECT u.id FROM unit u JOIN below b ON u.parent_id = b.id) SELECT id FROM below
    """
)


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
    """Everybody's for HR, board and auditor; else the caller's own and those that would be shown to her one by one."""
    found = await found_appraisals(
        rooms,
        caller,
        page,
        cycle=cycle,
        unit=unit,
        state=state,
        waiting_on=waiting_on,
        overdue=overdue,
        q=q,
    )
    return listed(found)


async def found_appraisals(
    rooms: Rooms,
    caller: Caller,
    page: Asked,
    *,
    cycle: str | None = None,
    unit: str | None = None,
    state: State | None = None,
    waiting_on: Role | None = None,
    overdue: bool | None = None,
    q: str | None = None,
) -> Found:
    """One page of the list. Raises `not_found` for a unit or a cycle that is none."""
    now = rooms.now()
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        asked = await related(connection, agency, caller, now) | {
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
    return paged([summary_view(row, now) for row in rows], page, total, key="id")


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
    """Both trails, the appraisal's and the cycle's, in the order of time; each hash is as it was chained.

    Of the cycle's, what was decided about somebody else is left out, but for HR and auditor.
    """
    return listed(await both_trails(appraisal_id, rooms, caller, page))


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
            versions = await rooms.facts.versions(connection, loaded.cycle_id)
    if document is None:
        facts = compose(whole, pack, kind, versions)
        if facts is None:
            raise Problem("not_found")
        document = await asyncio.to_thread(render, kind, facts)
    name = f"{kind}-{loaded.row['year']}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(document, media_type="application/pdf", headers=headers)
