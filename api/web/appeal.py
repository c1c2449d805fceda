"""The page of an objection: until when, what it is about, both statements side by side, the decision with what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fastapi import Response

from api.appraisal_view import appraisal_view, outcome_before
from api.forms import form_shown
from api.loading import load
from api.problems import Problem
from api.rooms import RoomsDep
from api.security import CallerDep
from api.trails import newest
from api.web.appraisal import in_order
from api.web.beside import beside_the_year
from api.web.door import page, page_router
from api.web.fields import Field, form_fields
from api.web.language import spoken
from models.access import RESULT_FORMS, sees_result
from models.appraisal import form_slot
from models.vocabulary import Action, Form, Stage
from models.ways import FORM_OF

EVENTS_MAX = 200
STEPS = (
    Action.RECORD_DELIVERY,
    Action.ACKNOWLEDGE_RESULT,
    Action.FILE_APPEAL,
    Action.ANSWER_APPEAL,
    Action.DECIDE_APPEAL,
)
"""What happens to an objection, in its order."""
router = page_router()


@router.get("/penilaian/{appraisal_id}/keberatan")
async def objection(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Where a pack knows no objection there is no such page."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        snapshot = loaded.running()
        if not snapshot.flow.appeal:
            raise Problem("not_found")
        shown = await appraisal_view(connection, rooms, caller, loaded, spoken())
        open_to = sees_result(loaded.roles, snapshot)
        said: dict[str, Field] = {}
        for form in (Form.APPEAL, Form.ANSWER, Form.DECISION):
            if form_slot(form, None) in snapshot.forms and (open_to or form not in RESULT_FORMS):
                sent = await form_shown(connection, rooms, caller, loaded, form, None, spoken())
                said[form.value] = form_fields(cast(Mapping[str, Any], sent["schema"]), sent["data"])
        pack = await rooms.facts.pack_of_year(connection, loaded.cycle_id, snapshot)
        before = (
            await outcome_before(connection, loaded, pack.version, spoken()) if Form.DECISION.value in said else None
        )
        notes = await beside_the_year(connection, rooms, loaded)
        trail, _ = await newest(connection, loaded, caller, EVENTS_MAX)
    happened = {str(event["action"]): event for event in trail}
    may = [Action(str(one)) for one in shown["actions"]]  # type: ignore[attr-defined]
    return page(
        "keberatan.html",
        caller=caller,
        local=rooms.local,
        row=loaded.row,
        zone=str(loaded.row["zone"]),
        it=shown,
        forms=in_order(cast(Mapping[str, object], shown["forms"])),
        said=said,
        before=before,
        notes=notes,
        steps=[happened[one.value] for one in STEPS if one.value in happened],
        writes=[one for one in may if FORM_OF.get(one) in (Form.APPEAL, Form.ANSWER, Form.DECISION)],
        withdraws=Action.WITHDRAW_APPEAL in may,
        form_of=FORM_OF,
        running=snapshot.state.stage is Stage.APPEAL,
        objected=Form.APPEAL.value in said,
        now=rooms.now(),
    )
