"""What a supervisor saw in the course of a year, noted on a page and read on it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from fastapi import Request, Response

from api.loading import load
from api.observations import ObservationBody, may_observe, observations_listed, observed
from api.paging import Asked, PageDep
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import body_of, key_for, page_router, posted, seen
from api.web.noting import said_of, shown, year_of

RESULT, CRITERION = "result:", "criterion:"
router = page_router()


@router.get("/penilaian/{appraisal_id}/pengamatan")
async def seen_so_far(
    appraisal_id: str, rooms: RoomsDep, caller: CallerDep, asked: PageDep, tersimpan: bool = False
) -> Response:
    return await _shown(rooms, caller, appraisal_id, asked, kept=tersimpan, typed={"shared": "true"})


@router.post("/penilaian/{appraisal_id}/pengamatan")
async def note(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    typed = dict(await posted(request))
    try:
        said = _said(typed)
        key = key_for(typed.get("key", ""), said)
        await observed(rooms, caller, appraisal_id, body_of(ObservationBody, said), key)
    except Problem as refused:
        return await _shown(rooms, caller, appraisal_id, Asked(50, None), typed=typed, refused=refused)
    return seen(f"/penilaian/{appraisal_id}/pengamatan?tersimpan=1")


def _said(typed: Mapping[str, str]) -> dict[str, object]:
    """As the api takes it: what it is about is chosen in one list, of results and of criteria."""
    said = said_of(typed, ("day", "text"))
    said = {name: str(value).replace("\r\n", "\n") for name, value in said.items()} | {"shared": "shared" in typed}
    about = typed.get("about", "")
    if about.startswith(RESULT):
        said["result"] = about.removeprefix(RESULT)
    if about.startswith(CRITERION):
        said["criterion"] = about.removeprefix(CRITERION)
    return said


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    asked: Asked,
    *,
    kept: bool = False,
    typed: Mapping[str, str],
    refused: Problem | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        loaded.running()
        year = await year_of(connection, rooms, loaded)
        found = await observations_listed(connection, loaded, asked)
    return shown(
        "pengamatan.html",
        rooms,
        caller,
        year,
        refused,
        writes=year.open and may_observe(loaded),
        kept=kept,
        typed=typed,
        key=str(uuid4()),
        observations=found.items,
        total=found.total,
        following=found.next,
    )
