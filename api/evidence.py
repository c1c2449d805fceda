"""Evidence: files that show what was done, looked at before they are taken and held against their hash whenever they are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.during import (
    AppraisalId,
    ResultKey,
    Words,
    after,
    in_order,
    planned_results,
    refuse,
    refused_result,
    running,
)
from api.exact import Exact
from api.loading import Loaded, checked_id, load
from api.paging import Asked, Found, Key, Page, PageDep, listed
from api.people_shown import PersonShown, people_shown
from api.problems import Problem
from api.receipts import Answer, KeyDep, done_once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.strict import only_its_parts
from api.uploads import Attachment, Upload, attached, looked_at, shelf
from models.access import may_write
from models.vocabulary import Form as YearForm
from models.vocabulary import Role
from models.year_log import EVIDENCE_MAX

router = APIRouter(tags=["during the year"])

COLUMNS = "id, day, name, media_type, bytes, sha256, result, note, author_id, role, written_at"
WRITE = text(
    f"""
    INSERT INTO evidence ({COLUMNS}, place, appraisal_id)
    VALUES (:id, :day, :name, :media_type, :bytes, :sha256, :result, :note, :author, :role, :at, :place, :appraisal)
    RETURNING {COLUMNS}
    """
)
SAME = text(f"SELECT {COLUMNS} FROM evidence WHERE appraisal_id = :appraisal AND sha256 = :sha256")
COUNT = text("SELECT count(*) FROM evidence WHERE appraisal_id = :id")
PAGE = text(
    f"""
    SELECT {COLUMNS} FROM evidence WHERE appraisal_id = :id AND (day, id) > (CAST(:day AS date), :after)
     ORDER BY day, id LIMIT :limit
    """
)
ALL = text(f"SELECT {COLUMNS} FROM evidence WHERE appraisal_id = :appraisal")
FILE = text("SELECT name, sha256, place FROM evidence WHERE appraisal_id = :appraisal AND id = :id")


class EvidenceOut(Exact):
    """A file that was handed in; `media_type` is by its content, `sha256` of all of it."""

    id: UUID
    day: Annotated[date, Field(description="The employee's local day on which it was handed in.")]
    name: str
    media_type: str
    bytes: int
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    result: str | None
    note: str | None
    by: PersonShown | None
    role: Role
    written_at: AwareDatetime


class EvidenceListed(EvidenceOut):
    """A file in a list."""

    key: Key


@router.post(
    "/appraisals/{appraisal_id}/evidence",
    status_code=201,
    response_model=EvidenceOut,
    responses={200: {"model": EvidenceOut, "description": "The same content is there already; nothing was added."}},
)
async def hand_in(
    appraisal_id: AppraisalId,
    file: UploadFile,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    result: Annotated[ResultKey | None, Form()] = None,
    note: Annotated[Words | None, Form()] = None,
) -> JSONResponse:
    """Hand in a file of up to 10 MiB: PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT, by its content. The employee, or whoever may rate her."""
    await only_its_parts(request, "file", "result", "note")
    if "\x00" in (note or ""):
        raise Problem("nul_character")
    answer = await handed_in(rooms, caller, appraisal_id, await looked_at(file), key, result, note)
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def handed_in(
    rooms: Rooms, caller: Caller, appraisal_id: str, found: Upload, key: str, result: str | None, note: str | None
) -> Answer:
    """The evidence as it is kept; 200 where the same content was there before. Raises what a refusal of it is."""
    about: dict[str, object] = {"name": found.name, "sha256": found.sha256, "result": result, "note": note}

    async def effect(connection: AsyncConnection) -> Answer:
        _role_of(await load(connection, rooms, caller, appraisal_id))
        await kept.put(found.data)
        # Only now, so that a slow store keeps nobody's record waiting.
        year = await running(connection, rooms, caller, appraisal_id)
        role = _role_of(year.loaded)
        asked = {"appraisal": year.loaded.id, "sha256": about["sha256"]}
        same = (await connection.execute(SAME, asked)).one_or_none()
        if same is not None:
            return Answer(200, (await evidence_shown(connection, [same]))[0])
        refuse(refused_result(result, await planned_results(connection, rooms, year.loaded) if result else {}))
        if (await connection.execute(COUNT, {"id": year.loaded.id})).scalar_one() >= EVIDENCE_MAX:
            raise Problem("too_many", limit=EVIDENCE_MAX)
        row = {
            **about,
            "id": str(uuid4()),
            "appraisal": year.loaded.id,
            "day": year.today,
            "media_type": found.media_type,
            "bytes": len(found.data),
            "author": caller.person_id,
            "role": role.value,
            "at": rooms.now(),
            "place": kept.place,
        }
        shown = await evidence_shown(connection, [(await connection.execute(WRITE, row)).one()])
        kept.used = True
        return Answer(201, shown[0])

    async with shelf(rooms) as kept:
        return await done_once(rooms, caller, key, "hand_in", {"appraisal": appraisal_id, **about}, effect)


def may_hand_in(loaded: Loaded) -> bool:
    """Whether the caller is one of those who hand in: the employee, or whoever may rate her."""
    return Role.EMPLOYEE in loaded.roles or may_write(YearForm.RATING, loaded.roles, loaded.running())


def _role_of(loaded: Loaded) -> Role:
    """In which role the caller hands something in. Raises `not_yours`."""
    if not may_hand_in(loaded):
        raise Problem("not_yours")
    if Role.EMPLOYEE in loaded.roles:
        return Role.EMPLOYEE
    return Role.SUPERVISOR if Role.SUPERVISOR in loaded.roles else Role.SENIOR


@router.get("/appraisals/{appraisal_id}/evidence", response_model=Page[EvidenceListed])
async def list_evidence(appraisal_id: AppraisalId, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """What was handed in, in the order of days; for everybody who may see the appraisal."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        return listed(await evidence_listed(connection, loaded, page))


async def evidence_listed(connection: AsyncConnection, loaded: Loaded, page: Asked) -> Found:
    """A page of what was handed in."""
    begin = after(page, "evidence")
    total = (await connection.execute(COUNT, {"id": loaded.id})).scalar_one()
    asked = {"id": loaded.id, "day": begin.day, "after": begin.id, "limit": page.limit + 1}
    items = await evidence_shown(connection, (await connection.execute(PAGE, asked)).all())
    return in_order("evidence", items, page, total)


@router.get("/appraisals/{appraisal_id}/evidence/{evidence_id}", response_class=Attachment)
async def read_evidence(appraisal_id: AppraisalId, evidence_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The file as it was handed in, to be kept. `500 evidence_damaged` where the store has another, or none."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        asked = {"appraisal": loaded.id, "id": checked_id(evidence_id)}
        row = (await connection.execute(FILE, asked)).one_or_none()
    if row is None:
        raise Problem("not_found")
    return await attached(rooms, row.name, row.place, row.sha256)


async def evidence_shown(
    connection: AsyncConnection, rows: Sequence[Row[tuple[object, ...]]]
) -> list[dict[str, object]]:
    """Rows of evidence as answers."""
    people = await people_shown(connection, {row.author_id for row in rows})
    said = ("id", "name", "media_type", "bytes", "sha256", "result", "note", "role")
    return [
        {
            **{name: getattr(row, name) for name in said},
            "day": row.day.isoformat(),
            "by": people.get(row.author_id),
            "written_at": row.written_at.isoformat(),
        }
        for row in rows
    ]
