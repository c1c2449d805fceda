"""By what somebody is judged, and her word that she has read it."""

from __future__ import annotations

from fastapi import Request, Response

from api.acknowledging import criteria_shown, note_taken
from api.form_desk import context_of
from api.loading import load
from api.rooms import RoomsDep
from api.security import CallerDep
from api.web.door import page, page_router, posted, seen
from api.web.language import spoken
from models.vocabulary import Form, Role

router = page_router()


@router.get("/penilaian/{appraisal_id}/kriteria")
async def criteria(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The criteria of her year's pack that are about her."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        pack = await rooms.facts.pack_of_year(connection, loaded.cycle_id, loaded.running())
        post = await context_of(connection, loaded, pack, Form.PLAN, rooms.now())
        shown = await criteria_shown(connection, loaded, pack)
    about_her = [[one for one in listed if one.when.holds(post)] for listed in pack.criteria.values()]
    return page(
        "kriteria.html",
        caller=caller,
        local=rooms.local,
        row=loaded.row,
        it=shown,
        title=pack.title.say(spoken()),
        source=pack.source,
        lists=[listed for listed in about_her if listed],
        asks=bool(shown["needed"]) and Role.EMPLOYEE in loaded.roles,
    )


@router.post("/penilaian/{appraisal_id}/kriteria")
async def take_note(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    digest = dict(await posted(request)).get("digest", "")
    async with rooms.database.transaction() as connection:
        await note_taken(connection, rooms, caller, appraisal_id, digest)
    return seen(f"/penilaian/{appraisal_id}?dibaca=1")
