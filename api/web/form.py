"""A form's page: what was written, typed and sent. Made of the form's schema, so that every pack has its pages (decision 37).

Every button posts the whole form and keeps it; one of them sends it too. Whatever comes of that, what was typed is in the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast
from uuid import uuid4

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse

from api.acting import SUBMITS, act, taken
from api.foreseen import RATES, foreseen
from api.form_desk import period_of
from api.forms import form_schema, form_shown, saved
from api.loading import Loaded, allowed, load
from api.problem_catalogue import CATALOGUE
from api.problems import Problem, headers_of
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.appraisal import JUDGES, of_buttons
from api.web.beside import beside_the_year
from api.web.door import act_body, key_for, page, page_router, posted, problem_of, seen, told, version_in
from api.web.fields import Field, form_fields
from api.web.language import NAMES, spoken
from api.web.pointing import at_fields, pointers
from api.web.typed import edited, form_data, goes_on, started
from models.access import RESULT_FORMS, may_write, sees_result
from models.appraisal import form_slot
from models.vocabulary import Action, Form, FormStatus, Language
from models.ways import FORM_OF

SEND, FORESEE = "send", "foresee"
BY_ITSELF = "application/json"
"""What the page's script asks for, which saves while somebody types: no page, the version it builds on."""
BESIDE: dict[Form, tuple[Form, ...]] = {
    Form.MIDYEAR: (Form.PLAN,),
    Form.SELF_ASSESSMENT: (Form.PLAN, Form.MIDYEAR),
    Form.RATING: (Form.SELF_ASSESSMENT, Form.MIDYEAR, Form.PLAN),
    Form.APPEAL: (Form.RATING, Form.SELF_ASSESSMENT, Form.PLAN),
    Form.ANSWER: (Form.APPEAL, Form.RATING, Form.SELF_ASSESSMENT, Form.PLAN),
    Form.DECISION: (Form.APPEAL, Form.ANSWER, Form.RATING, Form.SELF_ASSESSMENT, Form.MIDYEAR, Form.PLAN),
}
"""What was sent that whoever writes a form has beside it."""
router = page_router()


@dataclass(frozen=True)
class Post:
    """What is posted beside the form's own fields."""

    version: int | None
    """The form's, that the page was made of."""
    year: int | None
    """The appraisal's."""
    key: str
    press: str
    comment: str | None
    """Why, where sending was refused for want of a reason."""
    language: Language
    """Of the page that was typed in, which may be another than has been chosen since: its numbers are written so."""


@dataclass(frozen=True)
class Typed:
    """What somebody has typed, which is shown again; `refused` says why it went no further."""

    data: dict[str, object]
    post: Post
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
    ubah: bool = False,
) -> Response:
    """`tersimpan` says that it was saved just now, `ubah` that a plan in force is to be changed, which else is read."""
    return await _shown(rooms, caller, appraisal_id, form, periode, kept=tersimpan, changes=ubah)


@router.post("/penilaian/{appraisal_id}/formulir/{form}/perkiraan")
async def foresee(appraisal_id: str, form: Form, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """What the rating would come to as it is typed: the part of the page that says so, for its script. Nothing is kept."""
    pairs = await posted(request)
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        if not may_write(form, loaded.roles, loaded.running()):
            raise Problem("not_yours")
        schema = cast(Mapping[str, Any], await form_schema(connection, rooms, loaded, form, spoken()))
        ahead = await foreseen(
            connection, rooms, loaded, form, form_data(schema, pairs, _post(pairs).language), spoken()
        )
    return page("perkiraan.html", ahead=ahead, form=form)


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
    post = _post(pairs)
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        schema = cast(Mapping[str, Any], await form_schema(connection, rooms, loaded, form, spoken()))
        period_of(form, loaded.running(), periode)
        data = edited(schema, form_data(schema, pairs, post.language), post.press)
        key = key_for(post.key, [form, data, post.comment])
        sent = await taken(connection, loaded, key) if post.press == SEND else None
    action = (
        sent
        or _sends(form, allowed(loaded, caller, rooms.now()))
        or next(one for one in FORM_OF if FORM_OF[one] is form)
    )
    typed = Typed(data, post)
    try:
        if sent is None:
            version = await _kept(rooms, caller, appraisal_id, form, periode, data, post.version)
            typed = replace(typed, kept=True)
            if request.headers.get("accept") == BY_ITSELF:
                return JSONResponse({"version": version})
            if post.press != SEND:
                where = f"/penilaian/{appraisal_id}/formulir/{form.value}"
                return seen(f"{where}?{f'periode={periode}&' if periode else ''}tersimpan=1{_anchor(post.press, data)}")
            expected = version if action in SUBMITS else post.year
            body = act_body({"comment": post.comment} if post.comment else {})
            await act(rooms, caller, appraisal_id, action, body, key, expected)
    except Exception as error:
        refused = problem_of(error)
        if refused is None or refused.code in ("not_found", "unauthenticated"):
            raise
        return await _shown(rooms, caller, appraisal_id, form, periode, typed=replace(typed, refused=refused))
    return seen(f"/penilaian/{appraisal_id}?terjadi={action.value}")


def _post(pairs: Sequence[tuple[str, str]]) -> Post:
    about = {name: value.strip() for name, value in pairs if not name.startswith("/")}
    version, year = (version_in(about.get(name, "")) for name in ("version", "year"))
    comment = about.get("comment", "").replace("\r\n", "\n") or None
    language = about.get("language", "")
    return Post(
        version=version,
        year=year,
        key=about.get("key") or str(uuid4()),
        press=about.get("press", ""),
        comment=comment,
        language=language if language in NAMES else spoken(),
    )


async def _kept(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    form: Form,
    period: int | None,
    data: dict[str, object],
    expected: int | None,
) -> int:
    """The version under which this is saved; a button that was pressed twice has saved the same words before."""
    try:
        body = await saved(rooms, caller, appraisal_id, form, period, data, expected, spoken())
    except Problem as refused:
        if refused.code != "version_conflict":
            raise
        async with rooms.database.transaction() as connection:
            loaded = await load(connection, rooms, caller, appraisal_id)
            body = await form_shown(connection, rooms, caller, loaded, form, period, spoken())
        if body["data"] != data:
            raise
    return int(str(body["version"]))


def _anchor(press: str, data: Mapping[str, object]) -> str:
    """Where the page goes on after a button of a list: at the row that is new, or at the list."""
    if press == FORESEE:
        return "#perkiraan"
    place = goes_on(press, data)
    return f"#f{place.replace('/', '-')}" if place else ""


def _sends(form: Form, may: Sequence[Action]) -> Action | None:
    """What of this sends the form."""
    return next((action for action in may if FORM_OF.get(action) is form), None)


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    form: Form,
    period: int | None,
    *,
    typed: Typed | None = None,
    kept: bool = False,
    changes: bool = False,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        period = period_of(form, loaded.running(), period) or None
        body = await form_shown(connection, rooms, caller, loaded, form, period, spoken())
        beside = []
        for one, its in _beside(loaded, form):
            sent = await form_shown(connection, rooms, caller, loaded, one, its, spoken())
            beside.append(Sheet(one, its, form_fields(cast(Any, sent["schema"]), sent["data"], spoken=spoken())))
        may = allowed(loaded, caller, rooms.now())
        writes = may_write(form, loaded.roles, loaded.running())
        notes = await beside_the_year(connection, rooms, loaded)
        ahead = None
        if writes and form in RATES:
            on_page = typed.data if typed else cast(dict[str, object], body["data"])
            ahead = await foreseen(connection, rooms, loaded, form, on_page, spoken())
    schema, held = cast(Mapping[str, Any], body["schema"]), cast(dict[str, object], body["data"])
    status, action = body["status"], _sends(form, may)
    buttons = (
        [one for one in may if JUDGES.get(one) is form]
        if period in (None, period_of(form, loaded.running(), None))
        else []
    )
    new = status == FormStatus.EMPTY.value
    # What was sent is read, until there is something to send again.
    sendable = action is not None and (changes or action is not Action.AMEND_PLAN)
    edits = writes and (typed is not None or sendable or status != FormStatus.SUBMITTED.value)
    refusal = typed.refused if typed else None
    shown = typed.data if typed else started(schema, held) if new and edits else held
    found = _found(refusal)
    lacking = {} if found or not edits or (new and typed is None) else _sentences(body["problems"])
    empty = form_fields(schema, shown, spoken=spoken())
    fields = form_fields(schema, shown, at_fields(empty, found or lacking), spoken()) if edits else empty
    conflict = refusal is not None and refusal.code == "version_conflict" and not (typed and typed.kept)
    theirs = form_fields(schema, held, spoken=spoken()) if conflict or (typed and not writes) else None
    return page(
        "formulir.html",
        status=CATALOGUE[refusal.code].status if refusal else 200,
        headers=headers_of(refusal) if refusal else None,
        caller=caller,
        local=rooms.local,
        row=loaded.row,
        year=loaded.running().version,
        form=form,
        period=period,
        it=body,
        fields=fields,
        theirs=None if theirs is None or theirs.empty else theirs,
        beside=beside,
        notes=notes,
        rates=edits and form in RATES,
        ahead=ahead,
        now=rooms.now(),
        writes=writes,
        edits=edits,
        action=action,
        due_at=loaded.timing.due_at if loaded.timing and action is not Action.AMEND_PLAN else None,
        buttons=buttons,
        **of_buttons(buttons),
        refused=told(refusal) if refusal else None,
        kept=typed.kept if typed else kept,
        typed=typed,
        pointers=pointers(fields),
        faulty=bool(found),
        key=typed.post.key if typed else str(uuid4()),
        comment=typed.post.comment if typed else None,
        asks_why=any(one.pointer == "/comment" for one in refusal.errors) if refusal else False,
    )


def _beside(loaded: Loaded, form: Form) -> Sequence[tuple[Form, int | None]]:
    """What was sent and is open to this caller, of what she has beside this form."""
    snapshot = loaded.running()
    periods = range(1, snapshot.flow.periods + 1)
    listed = [(one, n) for one in BESIDE.get(form, ()) for n in (periods if one is Form.MIDYEAR else (None,))]
    hidden = not sees_result(loaded.roles, snapshot)
    sent = [(one, n) for one, n in listed if form_slot(one, n) in snapshot.forms]
    return [(one, n) for one, n in sent if not (hidden and one in RESULT_FORMS)]


def _found(refused: Problem | None) -> dict[str, list[str]]:
    """What a refusal says about each field: of a draft below `/data`, of what was to be sent at its place."""
    said: dict[str, list[str]] = defaultdict(list)
    for one in refused.errors if refused else ():
        if one.pointer != "/comment":  # which stands beside the button, and in no form
            below = refused is not None and refused.code == "invalid_input"
            said[one.pointer.removeprefix("/data") if below else one.pointer].append(one.message.say(spoken()))
    return dict(said)


def _sentences(problems: object) -> dict[str, list[str]]:
    said: dict[str, list[str]] = defaultdict(list)
    for one in cast(Sequence[Mapping[str, str]], problems):
        said[one["pointer"]].append(one["message"])
    return dict(said)
