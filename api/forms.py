"""Forms: read one with its schema and problems, and save a draft. Neither needs the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.record import event_of
from api.acknowledging import unacknowledged
from api.deciding import unchanged
from api.exact import Exact
from api.form_desk import COPY, Draft, Slot, context_of, period_of, save_draft, slot_of, unsent
from api.loading import Loaded, load
from api.people_shown import PersonShown, people_shown
from api.preconditions import IfMatch, etag
from api.problem_shown import FieldProblemShown
from api.problems import FieldProblem, Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.access import RESULT_FORMS, may_write, sees_result
from models.appraisal import Snapshot, form_slot
from models.folding import OF_AN_OBJECTION, replay
from models.forms import malformed, problems, schema
from models.policy import PolicyPack
from models.vocabulary import Form, FormStatus, Language, Role, StandIn, State
from models.ways import RETURNED_TO

router = APIRouter(tags=["forms"])

RETURN_COMMENT = text(
    """
    SELECT t.body FROM event e JOIN text t ON t.id = e.comment_id
     WHERE e.appraisal_id = :id AND e.action = :action ORDER BY e.seq DESC LIMIT 1
    """
)
AMENDMENT_SENT_BACK = text(
    """
    SELECT sent.version, t.body AS comment
      FROM event e LEFT JOIN text t ON t.id = e.comment_id, LATERAL (
           SELECT f.version, f.author_id FROM event s JOIN form_copy f ON f.id = s.data -> 'form' ->> 'copy_id'
            WHERE s.appraisal_id = e.appraisal_id AND s.seq < e.seq AND f.form = 'plan' ORDER BY s.seq DESC LIMIT 1
           ) AS sent
     WHERE e.appraisal_id = :id AND e.action = 'return_plan' AND sent.author_id = :author AND NOT EXISTS (
           SELECT FROM event l WHERE l.appraisal_id = e.appraisal_id AND l.seq > e.seq
              AND l.action IN ('submit_plan', 'amend_plan'))
     ORDER BY e.seq DESC LIMIT 1
    """
)
"""Asked of the trail: the appraisal goes on under the plan in force, and for months nothing else tells that it came back."""
SENDER = "e.actor, e.role, e.on_behalf_of, e.data ->> 'standing' AS standing, e.data ->> 'post_of' AS post_of"
SENT = text(
    f"""
    SELECT {SENDER} FROM event e
     WHERE e.appraisal_id = :id AND e.data -> 'form' ->> 'copy_id' = :copy ORDER BY e.seq DESC LIMIT 1
    """
)
UNTIL = text("SELECT * FROM event WHERE appraisal_id = :id AND revision <= :revision ORDER BY seq")
LAST_SENT = text(
    """
    SELECT data -> 'form' ->> 'copy_id' FROM event
     WHERE appraisal_id = :id AND revision = :revision AND data -> 'form' ->> 'form' = :form ORDER BY seq DESC LIMIT 1
    """
)
REACHED_HER = text(
    """
    SELECT EXISTS (SELECT FROM event WHERE appraisal_id = :id AND revision <= :revision
       AND (data ->> 'delivered_at' IS NOT NULL OR data ->> 'ending' IN ('accepted', 'segment_closed', 'exited')))
    """
)
"""Whether the result of that revision was open to the person rated: delivered, or ended without an appeal stage."""

WRITTEN_IN = {
    State.APPEAL_OPEN: Form.APPEAL,
    State.APPEAL_ANSWERING: Form.ANSWER,
    State.APPEAL_DECIDING: Form.DECISION,
}
"""Which form of an objection is to come there."""


class FormBody(BaseModel):
    """A draft: incomplete is fine, malformed is not."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, object]


class SentBy(Exact):
    """Who sent what is shown: in which role, on whose behalf, and in which standing where the post is not the sender's."""

    actor: PersonShown | None
    on_behalf_of: PersonShown | None
    post_of: PersonShown | None
    role: Role
    standing: StandIn | None


class Superseded(Exact):
    """The caller's own unsent draft, in whose place stands what somebody else sent since. It is kept until she saves again."""

    version: int
    data: dict[str, object]


class FormOut(Exact):
    """A form as the caller sees it. Of an earlier revision only what was sent is shown, its `schema` is empty.

    `schema` is JSON Schema 2020-12 for this person under this pack, with a complete valid form in its `examples`; `problems` is
    what submitting now would be refused for.
    """

    form: Form
    version: Annotated[
        int, Field(description="Counts the saves of all its authors; 0 where nothing was saved or sent.")
    ]
    status: FormStatus
    data: dict[str, object]
    schema_: Annotated[dict[str, object], Field(alias="schema")]
    problems: list[FieldProblemShown]
    return_comment: str | None
    sent_by: SentBy | None
    superseded: Superseded | None


@router.get(
    "/appraisals/{appraisal_id}/forms/{form}",
    response_model=FormOut,
    responses={409: {"description": "The year has not begun."}},
)
async def read_form(
    appraisal_id: str,
    form: Form,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    period: Annotated[int | None, Query(ge=1, le=12)] = None,
    revision: Annotated[int | None, Query(ge=1, le=10_000)] = None,
) -> JSONResponse:
    """The form as this caller may see it: her own draft or what was sent since; with the schema she would fill."""
    spoken = language(request)
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        snapshot = loaded.running()
        if revision is not None and (
            revision != snapshot.revision or await _overtaken(connection, loaded, form, caller)
        ):
            return await _earlier(connection, loaded, form, period, revision)
        return _answer(await form_shown(connection, rooms, caller, loaded, form, period, spoken), spoken)


@router.put("/appraisals/{appraisal_id}/forms/{form}", response_model=FormOut)
async def save_form(
    appraisal_id: str,
    form: Form,
    body: FormBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    if_match: IfMatch,
    period: Annotated[int | None, Query(ge=1, le=12)] = None,
) -> JSONResponse:
    """Save the caller's draft; each save counts the version up."""
    spoken = language(request)
    return _answer(await saved(rooms, caller, appraisal_id, form, period, body.data, if_match, spoken), spoken)


async def saved(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    form: Form,
    period: int | None,
    data: dict[str, object],
    expected: int | None,
    spoken: Language,
) -> dict[str, object]:
    """Save the caller's draft under the next version; the form as she sees it then.

    Raises `not_yours`, `invalid_input` with pointers below `/data`, and what `save_draft` raises.
    """
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        snapshot = loaded.running()
        if not may_write(form, loaded.roles, snapshot):
            raise Problem("not_yours")
        slot = period_of(form, snapshot, period)
        pack = await rooms.facts.pack(connection, loaded.cycle_id)
        _known(pack, form)
        context = await context_of(connection, loaded, pack, form, rooms.now())
        wrong = malformed(pack, form, context, data)
        if wrong:
            raise Problem("invalid_input", errors=[FieldProblem(f"/data{p.pointer}", p.code, p.message) for p in wrong])
        await save_draft(connection, snapshot, form, slot, caller.person_id, data, expected, rooms.now())
        return await form_shown(connection, rooms, caller, loaded, form, period, spoken)


async def form_schema(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, form: Form, spoken: Language
) -> dict[str, object]:
    """The schema that the form has for this person. Raises `not_found` where the pack does not have this form."""
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    _known(pack, form)
    return schema(pack, form, await context_of(connection, loaded, pack, form, rooms.now()), spoken)


async def form_shown(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    loaded: Loaded,
    form: Form,
    asked: int | None,
    spoken: Language,
) -> dict[str, object]:
    """The form as this caller may see it, with the members of `FormOut`. Raises `not_running`, `invalid_input`, `not_found`."""
    snapshot = loaded.running()
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    _known(pack, form)
    period = period_of(form, snapshot, asked)
    context = await context_of(connection, loaded, pack, form, rooms.now())
    slot = await slot_of(connection, snapshot, form, period, caller.person_id)
    if form in RESULT_FORMS and not sees_result(loaded.roles, snapshot):
        slot = replace(slot, sent=None)
    sent_back = _sent_back(snapshot, form, period or None)
    status = _status(slot, sent_back=sent_back)
    shown = slot.held or Draft(0, {})
    lost = slot.superseded if await unsent(connection, loaded.id, form, period, caller.person_id, slot) else None
    comment = None
    if status is FormStatus.DRAFT and form is Form.PLAN and snapshot.plan_in_force is not None:
        asked_back = {"id": loaded.id, "author": caller.person_id}
        back = (await connection.execute(AMENDMENT_SENT_BACK, asked_back)).one_or_none()
        if back is not None:
            comment = back.comment
            status = FormStatus.RETURNED if back.version == slot.version else status
    elif sent_back and status in (FormStatus.RETURNED, FormStatus.DRAFT):
        asked_for = {"id": loaded.id, "action": f"return_{form.value}"}
        comment = (await connection.execute(RETURN_COMMENT, asked_for)).scalar_one_or_none()
    found = [FieldProblem(p.pointer, p.code, p.message) for p in problems(pack, form, context, shown.data)]
    if form is Form.PLAN and Role.EMPLOYEE in loaded.roles:
        found += await unacknowledged(connection, loaded, pack)
    if form is Form.DECISION and not found:
        found += await unchanged(connection, rooms, loaded, pack, shown.data)
    body: dict[str, object] = {
        "form": form.value,
        "version": shown.version,
        "status": status.value,
        "data": shown.data,
        "schema": schema(pack, form, context, spoken),
        "problems": [{"pointer": p.pointer, "code": p.code, "message": p.message.say(spoken)} for p in found],
        "return_comment": comment,
        "sent_by": None,
        "superseded": {"version": lost.version, "data": lost.data} if lost else None,
    }
    if slot.sent is not None:
        sending = await connection.execute(SENT, {"id": loaded.id, "copy": slot.sent.copy_id})
        body["sent_by"] = await _sender(connection, sending.one_or_none())
    return body


def _answer(body: dict[str, object], spoken: Language) -> JSONResponse:
    return JSONResponse(body, headers={"ETag": etag(int(str(body["version"]))), "Content-Language": spoken})


async def _earlier(
    connection: AsyncConnection, loaded: Loaded, form: Form, period: int | None, revision: int
) -> JSONResponse:
    """A form as it counted when a revision ended; of an objection that did not count by then, what was last sent.

    Raises `not_found`, `not_yours`, `invalid_input`.
    """
    asked = {"id": loaded.id, "revision": revision}
    if revision > loaded.running().revision:
        raise Problem("not_found")
    hidden = form in RESULT_FORMS and not sees_result(loaded.roles, loaded.running())
    if hidden and not (await connection.execute(REACHED_HER, asked)).scalar_one():
        raise Problem("not_yours")
    then = replay(event_of(row) for row in (await connection.execute(UNTIL, asked)).mappings())
    ref = then.forms.get(form_slot(form, period_of(form, then, period) or None))
    copy_id = ref.copy_id if ref else await _last_sent(connection, loaded, form, revision)
    if copy_id is None:
        raise Problem("not_found")
    copy = (await connection.execute(COPY, {"copy": copy_id})).one()
    sending = await connection.execute(SENT, {"id": loaded.id, "copy": copy_id})
    body = {"form": form.value, "version": copy.version, "status": "submitted", "data": copy.data or {}, "problems": []}
    sent_by = await _sender(connection, sending.one_or_none())
    more = {"schema": {}, "return_comment": None, "superseded": None, "sent_by": sent_by}
    return JSONResponse(body | more, headers={"ETag": etag(copy.version)})


async def _overtaken(connection: AsyncConnection, loaded: Loaded, form: Form, caller: Caller) -> bool:
    """Whether something was sent in this form of an objection that does not count any more, and the caller writes no other."""
    snapshot = loaded.running()
    hers_to_write = WRITTEN_IN.get(snapshot.state) is form and may_write(form, loaded.roles, snapshot)
    if (
        form not in OF_AN_OBJECTION
        or hers_to_write
        or (await slot_of(connection, snapshot, form, 0, caller.person_id)).held is not None
    ):
        return False
    return await _last_sent(connection, loaded, form, snapshot.revision) is not None


async def _last_sent(connection: AsyncConnection, loaded: Loaded, form: Form, revision: int) -> str | None:
    """The copy of an objection's form that was sent last in that revision; None for other forms."""
    asked = {"id": loaded.id, "revision": revision, "form": form.value}
    found = (await connection.execute(LAST_SENT, asked)).scalar_one_or_none() if form in OF_AN_OBJECTION else None
    return None if found is None else str(found)


async def _sender(connection: AsyncConnection, row: Row[tuple[object, ...]] | None) -> dict[str, object] | None:
    """Who sent it in which role, for whom, and in which standing where the post is another's, as the trail has it."""
    if row is None:
        return None
    shown = await people_shown(connection, {p for p in (row.actor, row.on_behalf_of, row.post_of) if p})
    people = {name: shown.get(getattr(row, name)) for name in ("actor", "on_behalf_of", "post_of")}
    return {**people, "role": row.role, "standing": row.standing}


def _known(pack: PolicyPack, form: Form) -> None:
    """Raises `not_found` where the pack does not have this form."""
    if form not in pack.forms:
        raise Problem("not_found")


def _sent_back(snapshot: Snapshot, form: Form, period: int | None) -> bool:
    """Whether it is what was sent back last: a review of another period is not."""
    return snapshot.visit.returned and snapshot.state is RETURNED_TO.get(form) and period == snapshot.period


def _status(slot: Slot, *, sent_back: bool) -> FormStatus:
    """A newer draft than what was sent is a draft again; what was sent back and not touched since is returned."""
    if slot.held is None:
        return FormStatus.EMPTY
    if slot.sent is None or slot.version > slot.sent.version:
        return FormStatus.DRAFT
    return FormStatus.RETURNED if sent_back else FormStatus.SUBMITTED


def form_statuses(snapshot: Snapshot) -> dict[str, dict[str, object]]:
    """Status and version of every form that was sent, for the appraisal's own answer."""
    shown: dict[str, dict[str, object]] = {}
    for slot, ref in snapshot.forms.items():
        status = FormStatus.RETURNED if _sent_back(snapshot, ref.form, ref.period) else FormStatus.SUBMITTED
        shown[slot] = {"status": status.value, "version": ref.version}
    return shown
