"""The page of one appraisal: where it stands, what may be done about it, how it came about; and its buttons.

A button that sends a form leads to the form's page. Every other one is pressed here, with the sentence or the facts that it needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from fastapi import Request, Response

from api.act_bodies import OWN, ActBody
from api.acting import act
from api.appraisal_view import appraisal_view
from api.follow_ups import follow_ups_view
from api.loading import load
from api.problems import Problem, as_document
from api.programmes import programmes_about
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.trails import newest
from api.web.door import act_body, key_for, page, page_router, posted, seen
from models.lifecycle import REASONED
from models.vocabulary import Action, Zone
from models.ways import FORM_OF
from models.workdays import ZONES

EVENTS_MAX = 200
FREELY = frozenset(
    {Action.EXTEND, Action.REASSIGN, Action.REOPEN, Action.SUSPEND, Action.CANCEL, Action.RECORD_DELIVERY}
)
"""HR's, which stand under a heading of their own."""
router = page_router()


@router.get("/penilaian/{appraisal_id}")
async def appraisal(appraisal_id: str, rooms: RoomsDep, caller: CallerDep, terjadi: str = "") -> Response:
    """`terjadi` is the action that led here, which the page then says was taken."""
    happened = Action(terjadi) if terjadi in set(Action) else None
    return await _shown(rooms, caller, appraisal_id, happened=happened)


@router.post("/penilaian/{appraisal_id}/tindakan/{action}")
async def press(appraisal_id: str, action: Action, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Take one action that sends no form. Where it is refused the page is shown again with what was typed, and why."""
    typed = {name: value.replace("\r\n", "\n") for name, value in await posted(request) if value.strip()}
    key, version = typed.pop("key", str(uuid4())), typed.pop("version", "")
    try:
        async with rooms.database.transaction() as connection:
            zone = Zone(str((await load(connection, rooms, caller, appraisal_id)).row["zone"]))
        body = _body(typed, zone)
        expected = int(version) if version.isdecimal() else None
        await act(rooms, caller, appraisal_id, action, body, key_for(key, [action, typed]), expected)
    except Problem as refused:
        if refused.code == "not_found":
            raise
        return await _shown(rooms, caller, appraisal_id, refused=refused, pressed=action, typed=typed, key=key)
    return seen(f"/penilaian/{appraisal_id}?terjadi={action.value}")


def _body(typed: Mapping[str, str], zone: Zone) -> ActBody:
    """What was typed as the body of an act; an instant is typed by the clocks of the person's zone. Raises `invalid_input`."""
    wish: dict[str, object] = {**typed}
    for name in {"at", "due_at"} & set(typed):
        with contextlib.suppress(ValueError):  # what is no instant is refused as it is
            wish[name] = datetime.fromisoformat(typed[name]).replace(tzinfo=ZONES[zone]).isoformat()
    return act_body(wish)


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    *,
    happened: Action | None = None,
    refused: Problem | None = None,
    pressed: Action | None = None,
    typed: Mapping[str, str] | None = None,
    key: str | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        shown = await appraisal_view(connection, rooms, caller, loaded, "id")
        following = await follow_ups_view(connection, rooms, loaded.id, loaded.row["revision"], "id")
        programmes = await programmes_about(connection, rooms, caller, str(loaded.row["person_id"]), loaded.id)
        trail, events = await newest(connection, loaded, caller, EVENTS_MAX)
    told = as_document(refused, "id") if refused else None
    actions = [Action(str(one)) for one in shown["actions"]]  # type: ignore[attr-defined]
    return page(
        "penilaian.html",
        status=int(str(told["status"])) if told else 200,
        caller=caller,
        local=rooms.local,
        it=shown,
        following=following,
        programmes=programmes,
        zone=str(loaded.row["zone"]),
        trail=trail,
        events=events,
        sends=[one for one in actions if one in FORM_OF],
        buttons=[one for one in actions if one not in FORM_OF and one not in FREELY],
        freely=[one for one in actions if one in FREELY],
        form_of=FORM_OF,
        asked_for={one: OWN.get(one, ("comment",)) for one in actions},
        reasoned=REASONED,
        happened=happened,
        refused=told,
        pressed=pressed,
        typed=typed or {},
        key=key or str(uuid4()),
    )
