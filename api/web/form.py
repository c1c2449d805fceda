"""A form's page: what was written, typed and sent. Made of the form's schema, so that every pack has its pages (decision 37).

Every button posts the whole form and keeps it; one of them sends it too. Whatever comes of that, what was typed is in the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import uuid4

from fastapi import Query, Request, Response

from api.act_bodies import ActBody
from api.acting import act
from api.forms import form_shown, saved
from api.loading import Loaded, load
from api.problems import Problem, as_document
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import page, page_router, posted, problem_of, seen
from api.web.fields import Field, form_fields
from api.web.typed import edited, form_data, started
from models import lifecycle
from models.access import may_write, sees_result
from models.appraisal import form_slot
from models.vocabulary import Action, Form, FormStatus
from models.ways import FORM_OF

SEND = "send"
OWN_INPUTS = frozenset({"version", "key", "press"})
BESIDE: dict[Form, tuple[Form, ...]] = {
    Form.MIDYEAR: (Form.PLAN,),
    Form.SELF_ASSESSMENT: (Form.PLAN, Form.MIDYEAR),
    Form.RATING: (Form.SELF_ASSESSMENT, Form.MIDYEAR, Form.PLAN),
    Form.APPEAL: (Form.RATING,),
    Form.ANSWER: (Form.APPEAL, Form.RATING),
    Form.DECISION: (Form.APPEAL, Form.ANSWER, Form.RATING),
}
"""What was sent that whoever writes a form has beside it."""
router = page_router()


@dataclass(frozen=True)
class Typed:
    """What somebody has typed, which is shown again; `refused` says why it went no further."""

    data: dict[str, object]
    key: str
    refused: Problem | None = None
    kept: bool = False
    """It was saved before it was refused."""


@dataclass(frozen=True)
class Sheet:
    """A form as it is read: its title, its fields, and which of the year it is."""

    form: Form
    period: int | None
    fields: Field


@router.get("/penilaian/{appraisal_id}/formulir/{form}")
async def form_page(
    appraisal_id: str,
    form: Form,
    rooms: RoomsDep,
    caller: CallerDep,
    periode: Annotated[int | None, Query(ge=1, le=12)] = None,
    tersimpan: bool = False,
) -> Response:
    return await _shown(rooms, caller, appraisal_id, form, periode, kept=tersimpan)


@router.post("/penilaian/{appraisal_id}/formulir/{form}")
async def write(
    appraisal_id: str,
    form: Form,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    periode: Annotated[int | None, Query(ge=1, le=12)] = None,
) -> Response:
    """Save what was typed, and send it where that was pressed."""
    pairs = await posted(request)
    about = {name: value for name, value in pairs if name in OWN_INPUTS}
    key, press = about.get("key") or str(uuid4()), about.get("press", "")
    expected = int(about["version"]) if about.get("version", "").isdigit() else None
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        before = await form_shown(connection, rooms, caller, loaded, form, periode, "id")
        action = _sends(loaded, rooms, caller, form)
    schema = cast(Mapping[str, Any], before["schema"])
    data = edited(schema, form_data(schema, pairs), press)
    kept = False
    try:
        body = await saved(rooms, caller, appraisal_id, form, periode, data, expected, "id")
        kept = True
        if press != SEND or action is None:
            where = f"/penilaian/{appraisal_id}/formulir/{form.value}"
            return seen(f"{where}?{f'periode={periode}&' if periode else ''}tersimpan=1{_anchor(press)}")
        await act(rooms, caller, appraisal_id, action, ActBody(), key, int(str(body["version"])))
    except Exception as error:
        refused = problem_of(error)
        if refused is None or refused.code in ("not_yours", "not_found", "unauthenticated"):
            raise
        typed = Typed(data, key, refused, kept)
        return await _shown(rooms, caller, appraisal_id, form, periode, typed=typed)
    return seen(f"/penilaian/{appraisal_id}?terjadi={action.value}")


def _anchor(press: str) -> str:
    """Where the page goes on after a button of a list: at that list."""
    path = press.partition(":")[2]
    return f"#f{path.replace('/', '-')}" if path else ""


def _sends(loaded: Loaded, rooms: Rooms, caller: Caller, form: Form) -> Action | None:
    """What the caller may do now that sends this form."""
    if loaded.snapshot is None or loaded.row["parked"] is not None:
        return None
    superior = loaded.around.superior
    allowed = lifecycle.allowed(loaded.snapshot, caller.person_id, loaded.roles, rooms.now(), loaded.timing, superior)
    return next((action for action in allowed if FORM_OF.get(action) is form), None)


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    form: Form,
    period: int | None,
    *,
    typed: Typed | None = None,
    kept: bool = False,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        body = await form_shown(connection, rooms, caller, loaded, form, period, "id")
        beside = []
        for one, its in _beside(loaded, form):
            sent = await form_shown(connection, rooms, caller, loaded, one, its, "id")
            beside.append(Sheet(one, its, form_fields(cast(Any, sent["schema"]), sent["data"])))
        action = _sends(loaded, rooms, caller, form)
        writes = may_write(form, loaded.roles, loaded.running())
    schema, held = cast(Mapping[str, Any], body["schema"]), cast(dict[str, object], body["data"])
    new = body["status"] == FormStatus.EMPTY.value
    refused = as_document(typed.refused, "id") if typed and typed.refused else None
    shown = typed.data if typed else started(schema, held) if new and writes else held
    conflict = typed is not None and typed.refused is not None and typed.refused.code == "version_conflict"
    whole = typed is not None or not new
    found = _found(typed.refused if typed else None) or (_sentences(body["problems"]) if whole else {})
    return page(
        "formulir.html",
        status=int(str(refused["status"])) if refused else 200,
        caller=caller,
        local=rooms.local,
        row=loaded.row,
        form=form,
        period=period or (loaded.running().period if form is Form.MIDYEAR else None),
        it=body,
        fields=form_fields(schema, shown, found if writes else None),
        theirs=form_fields(schema, held) if conflict else None,
        beside=beside,
        writes=writes,
        action=action,
        refused=refused,
        kept=typed.kept if typed else kept,
        problems=sum(len(sentences) for sentences in found.values()) if whole else 0,
        key=typed.key if typed else str(uuid4()),
    )


def _beside(loaded: Loaded, form: Form) -> Sequence[tuple[Form, int | None]]:
    """What was sent and is open to this caller, of what she has beside this form."""
    snapshot = loaded.running()
    periods = range(1, snapshot.flow.periods + 1)
    listed = [(one, n) for one in BESIDE.get(form, ()) for n in (periods if one is Form.MIDYEAR else (None,))]
    hidden = not sees_result(loaded.roles, snapshot)
    sent = [(one, n) for one, n in listed if form_slot(one, n) in snapshot.forms]
    return [(one, n) for one, n in sent if not (hidden and one in (Form.RATING, Form.DECISION))]


def _found(refused: Problem | None) -> dict[str, list[str]]:
    """What a refusal says about each field: of a draft below `/data`, of what was to be sent at its place."""
    said: dict[str, list[str]] = defaultdict(list)
    for one in refused.errors if refused else ():
        said[one.pointer.removeprefix("/data")].append(one.message.say("id"))
    return dict(said)


def _sentences(problems: object) -> dict[str, list[str]]:
    said: dict[str, list[str]] = defaultdict(list)
    for one in cast(Sequence[Mapping[str, str]], problems):
        said[one["pointer"]].append(one["message"])
    return dict(said)
