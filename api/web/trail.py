"""The trail of one appraisal in plain sentences, with the proof that nothing in it was altered; for who audits, the way to anybody's."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from api.appraisals import found_appraisals
from api.loading import load
from api.paging import Asked, PageDep
from api.proof import WHOLE, cycle_file, proof, proving_file
from api.rooms import RoomsDep
from api.security import CallerDep
from api.trails import SEES_EVERYBODYS, newest
from api.web.door import page, page_router
from models.vocabulary import GrantedRole

SHOWN = 100
AUDITS = (GrantedRole.AUDITOR, GrantedRole.HR)
router = page_router()


@router.get("/penilaian/{appraisal_id}/riwayat")
async def trail_page(
    appraisal_id: str,
    rooms: RoomsDep,
    caller: CallerDep,
    halaman: Annotated[int, Query(ge=1, le=10_000)] = 1,
    periksa: bool = False,
) -> Response:
    """Everything that happened, the newest first; with `periksa` the chain is checked, and what was found is told."""
    async with rooms.database.moment() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        told, total = await newest(connection, loaded, caller, SHOWN, skip=(halaman - 1) * SHOWN)
        checked = await proof(connection, loaded) if periksa else None
    told.reverse()
    return page(
        "riwayat.html",
        caller=caller,
        local=rooms.local,
        row=loaded.row,
        zone=str(loaded.row["zone"]),
        events=told,
        total=total,
        number=halaman,
        last=max(1, -(-total // SHOWN)),
        proof=checked,
        now=rooms.now(),
        whole=bool(loaded.roles & WHOLE),
        of_all=bool(caller.granted & SEES_EVERYBODYS),
    )


@router.get("/penilaian/{appraisal_id}/riwayat/jejak.json")
async def trail_file(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The file that is verified without Siklus."""
    async with rooms.database.moment() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        data = await proving_file(connection, rooms, loaded)
    return _file(data, f"jejak-{loaded.row['year']}-{loaded.id[:8]}.json")


@router.get("/penilaian/{appraisal_id}/riwayat/siklus.json")
async def cycle_trail_file(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The trail of its cycle, for who may read what was decided about others."""
    async with rooms.database.moment() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        data = await cycle_file(connection, loaded, caller)
    return _file(data, f"jejak-siklus-{loaded.row['year']}.json")


@router.get("/jejak")
async def find_trail(
    rooms: RoomsDep, caller: CallerDep, asked: PageDep, q: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """By part of a name, or a whole NIP."""
    caller.needs(*AUDITS)
    wanted = q.strip()
    found = await found_appraisals(rooms, caller, Asked(SHOWN, asked.after), q=wanted) if wanted else None
    return page("jejak.html", caller=caller, local=rooms.local, asked=wanted, found=found)


def _file(data: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(data, media_type="application/json", headers=headers)
