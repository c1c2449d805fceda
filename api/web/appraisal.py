"""The page of one appraisal: where it stands, what may be done about it, how it came about; and its buttons.

A button that sends a form leads to the form's page. Every other one is pressed here, with the sentence or the facts that it needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from fastapi import Request, Response

from api.act_bodies import OWN, ActBody
from api.acting import act
from api.appraisal_view import appraisal_view
from api.follow_ups import follow_ups_view
from api.loading import load
from api.problems import Problem
from api.programmes import programmes_about
from api.results import tells_colleagues
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.trails import newest
from api.web import route
from api.web.door import act_body, key_for, page, page_router, posted, seen, told, version_in
from api.web.language import spoken
from models.appraisal import Snapshot
from models.lifecycle import REASONED
from models.vocabulary import Action, Form, Silence, Zone
from models.ways import FORM_OF
from models.workdays import ZONES

EVENTS_MAX = 200
FREELY = (
    Action.RECORD_DELIVERY,
    Action.EXTEND,
    Action.REASSIGN,
    Action.SUSPEND,
    Action.REOPEN,
    Action.CANCEL,
)
"""HR's, which stand under a heading of their own, what weighs most at the end."""
FIRST = frozenset(
    {
        Action.APPROVE_PLAN,
        Action.COMPLETE_MIDYEAR,
        Action.CONFIRM_RATING,
        Action.ACCEPT_RESULT,
        Action.ACKNOWLEDGE_RESULT,
    }
)
"""What is mostly wanted where it may be done."""
RARELY = frozenset({Action.DISPUTE_SUPERVISOR, Action.AMEND_PLAN})
"""What stands below the rest: nobody is waited on for it."""
JUDGES: dict[Action, Form] = {
    Action.APPROVE_PLAN: Form.PLAN,
    Action.RETURN_PLAN: Form.PLAN,
    Action.RECALL_PLAN: Form.PLAN,
    Action.COMPLETE_MIDYEAR: Form.MIDYEAR,
    Action.RETURN_MIDYEAR: Form.MIDYEAR,
    Action.RECALL_MIDYEAR: Form.MIDYEAR,
    Action.RETURN_SELF_ASSESSMENT: Form.SELF_ASSESSMENT,
    Action.CONFIRM_RATING: Form.RATING,
    Action.RETURN_RATING: Form.RATING,
}
"""Which sent form an action is about: it is pressed where that is read, too."""
router = page_router()


@router.get("/penilaian/{appraisal_id}")
async def appraisal(
    appraisal_id: str, rooms: RoomsDep, caller: CallerDep, terjadi: str = "", dibaca: bool = False
) -> Response:
    """`terjadi` is the action that led here, which the page then says was taken; `dibaca`, that criteria were acknowledged."""
    happened = Action(terjadi) if terjadi in set(Action) else None
    return await _shown(rooms, caller, appraisal_id, happened=happened, acknowledged=dibaca)


@router.post("/penilaian/{appraisal_id}/tindakan/{action}")
async def press(appraisal_id: str, action: Action, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Take one action that sends no form. Where it is refused the page is shown again with what was typed, and why."""
    typed = {name: value.replace("\r\n", "\n") for name, value in await posted(request) if value.strip()}
    key, version = typed.pop("key", str(uuid4())), typed.pop("version", "")
    try:
        async with rooms.database.transaction() as connection:
            zone = Zone(str((await load(connection, rooms, caller, appraisal_id)).row["zone"]))
        body = _body(typed, zone)
        await act(rooms, caller, appraisal_id, action, body, key_for(key, [action, typed]), version_in(version))
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
    acknowledged: bool = False,
    refused: Problem | None = None,
    pressed: Action | None = None,
    typed: Mapping[str, str] | None = None,
    key: str | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        shown = await appraisal_view(connection, rooms, caller, loaded, spoken())
        following = await follow_ups_view(connection, rooms, loaded.id, loaded.row["revision"], spoken())
        programmes = await programmes_about(connection, rooms, caller, str(loaded.row["person_id"]), loaded.id)
        made_known = await tells_colleagues(connection, rooms, loaded.cycle_id)
        trail, events = await newest(connection, loaded, caller, EVENTS_MAX)
    refusal = told(refused) if refused else None
    actions = [Action(str(one)) for one in shown["actions"]]  # type: ignore[attr-defined]
    return page(
        "penilaian.html",
        status=int(str(refusal["status"])) if refusal else 200,
        caller=caller,
        local=rooms.local,
        it=shown,
        silence=_silence(loaded.snapshot),
        drawn=route.drawn(shown, str(loaded.row["zone"]), rooms.now()),
        route=route,
        following=following,
        programmes=programmes,
        zone=str(loaded.row["zone"]),
        now=rooms.now(),
        made_known=made_known,
        trail=trail,
        events=events,
        sends=[one for one in actions if one in FORM_OF],
        buttons=[one for one in actions if one not in FORM_OF and one not in FREELY],
        forms=in_order(cast(Mapping[str, object], shown["forms"])),
        freely=[one for one in FREELY if one in actions],
        form_of=FORM_OF,
        to_read=next((JUDGES[one] for one in actions if one in JUDGES), None),
        **of_buttons(actions, seen_result=bool(shown["outcome"])),
        happened=happened,
        acknowledged=acknowledged,
        refused=refusal,
        pressed=pressed,
        typed=typed or {},
        key=key or str(uuid4()),
    )


def _silence(snapshot: Snapshot | None) -> Silence | None:
    """What comes of it where nobody acts, while that is still to come."""
    return None if snapshot is None or snapshot.visit.lapsed else snapshot.flow.silence.get(snapshot.state)


def of_buttons(actions: Sequence[Action], *, seen_result: bool = False) -> dict[str, Any]:
    """What the template of a button has to know beside its own words.

    A result is opened before it is accepted; who has seen it opens it rarely again.
    """
    opens = {Action.ACKNOWLEDGE_RESULT} & set(actions)
    return {
        "asked_for": {one: OWN.get(one, ("comment",)) for one in actions},
        "reasoned": REASONED,
        "first": FIRST - (opens if seen_result else {Action.ACCEPT_RESULT} if opens else set()),
        "rarely": RARELY | (opens if seen_result else set()),
    }


def in_order(forms: Mapping[str, object]) -> dict[str, object]:
    """The forms as the year goes."""
    order = list(Form)
    return dict(sorted(forms.items(), key=lambda one: (order.index(Form(one[0].partition(".")[0])), one[0])))
