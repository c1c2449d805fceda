"""The files of a year: handed in by a form that needs no script, listed, and fetched as they were handed in."""

from __future__ import annotations

from uuid import uuid4

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from api.during import Words
from api.evidence import evidence_listed, handed_in, may_hand_in, read_evidence
from api.loading import load
from api.paging import Asked, PageDep
from api.problems import FieldProblem, Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.uploads import looked_at
from api.web.door import body_of, key_for, page_router, posted, seen
from api.web.noting import said_of, shown, year_of
from models.evidence import BYTES_MAX, TAKEN
from models.language import Bilingual
from models.year_log import EVIDENCE_MAX

NO_FILE = Bilingual(id="Pilih berkasnya dahulu.", en="Choose the file first.")
OF_THE_FILE = frozenset({"body_too_large", "file_kind", "file_mismatch", "too_many"})
"""Refusals that are about the file that was chosen, and stand beside it."""
router = page_router()


class About(BaseModel):
    """What may be said of a file."""

    note: Words | None = None
    result: str | None = None


@router.get("/penilaian/{appraisal_id}/bukti")
async def files(
    appraisal_id: str, rooms: RoomsDep, caller: CallerDep, asked: PageDep, tersimpan: str = "", hasil: str = ""
) -> Response:
    """`tersimpan` says what became of a file that was handed in just now; `hasil` is the planned result that one is for."""
    return await _shown(rooms, caller, appraisal_id, asked, kept=tersimpan, typed={"result": hasil})


@router.post("/penilaian/{appraisal_id}/bukti")
async def hand_in(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    typed = dict(await posted(request))
    file = (await request.form()).get("file")
    try:
        about = body_of(About, said_of(typed, ("note", "result")))
        if not isinstance(file, UploadFile) or not (file.filename or file.size):
            raise Problem("invalid_input", errors=[FieldProblem("/file", "no_file", NO_FILE)])
        found = await looked_at(file)  # type: ignore[arg-type]  # FastAPI's is this one under another name
        key = key_for(typed.get("key", ""), [found.name, found.sha256, about.result, about.note])
        answer = await handed_in(rooms, caller, appraisal_id, found, key, about.result, about.note)
    except Problem as refused:
        return await _shown(rooms, caller, appraisal_id, Asked(50, None), typed=typed, refused=refused)
    return seen(f"/penilaian/{appraisal_id}/bukti?tersimpan={'baru' if answer.status == 201 else 'sama'}")


@router.get("/penilaian/{appraisal_id}/bukti/{evidence_id}")
async def fetched(appraisal_id: str, evidence_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    return await read_evidence(appraisal_id, evidence_id, rooms, caller)


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    asked: Asked,
    *,
    kept: str = "",
    typed: dict[str, str],
    refused: Problem | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        loaded.running()
        year = await year_of(connection, rooms, loaded)
        found = await evidence_listed(connection, loaded, asked)
    return shown(
        "bukti.html",
        rooms,
        caller,
        year,
        refused,
        writes=year.open and may_hand_in(loaded),
        at_file=refused is not None and refused.code in OF_THE_FILE,
        kept=kept,
        typed=typed,
        key=str(uuid4()),
        taken=TAKEN,
        megabytes=BYTES_MAX // 2**20,
        files_max=EVIDENCE_MAX,
        files=found.items,
        total=found.total,
        following=found.next,
    )
