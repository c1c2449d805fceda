"""Somebody's years together: each with its parts and its revisions, what it came to as far as it is open, and who may read what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, cast

from fastapi import Path, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.documents import Kind
from api.named import NipPath
from api.people import person_shown
from api.problems import Problem
from api.revisions import Revision, document_of, earlier_revisions
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import page, page_router

REVISION_MAX = 10_000
router = page_router()
Year = Mapping[str, object]


@router.get("/pegawai/{nip}/tahun")
async def person_page(nip: NipPath, rooms: RoomsDep, caller: CallerDep) -> Response:
    shown = await person_shown(rooms, caller, nip)
    found = cast(Sequence[Year], shown["appraisals"])
    years: dict[int, list[Year]] = defaultdict(list)
    for one in found:
        years[int(str(one["year"]))].append(one)
    revised: dict[str, Sequence[Revision]] = {}
    async with rooms.database.transaction() as connection:
        for one in found:
            if int(str(one["revision"])) > 1:
                revised[str(one["id"])] = await _revised(connection, rooms, caller, str(one["id"]))
    return page(
        "tahun.html",
        caller=caller,
        local=rooms.local,
        it=shown,
        years=sorted(years.items(), reverse=True),
        revised=revised,
        hers=nip == caller.nip,
        zone=str(shown["zone"]),
    )


async def _revised(connection: AsyncConnection, rooms: Rooms, caller: Caller, appraisal: str) -> Sequence[Revision]:
    """Nothing of a year that is listed to who may not open it."""
    try:
        return await earlier_revisions(connection, rooms, caller, appraisal)
    except Problem as refused:
        if refused.code != "not_yours":
            raise
        return ()


@router.get("/penilaian/{appraisal_id}/revisi/{revision}/{kind}.pdf")
async def revision_document(
    appraisal_id: str,
    revision: Annotated[int, Path(ge=1, le=REVISION_MAX)],
    kind: Kind,
    rooms: RoomsDep,
    caller: CallerDep,
) -> Response:
    """A document as it was issued before the year was opened again."""
    data = await document_of(rooms, caller, appraisal_id, revision, kind)
    headers = {
        "Content-Disposition": f'inline; filename="{kind}-r{revision}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)
