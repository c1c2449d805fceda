"""One act on one appraisal: who, may, freeze, send, wait for the record. The way of every button.

The engine decides; here the caller's role is found by the rows of today, the form is copied and found whole, and the answer waits until
the record shows the event. The key is asked first, so that a retry is never refused for its own effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from activities.launch import workflow_id
from activities.texts import keep_text
from api.acknowledging import UNACKNOWLEDGED, unacknowledged
from api.act_bodies import ActBody, wished
from api.deciding import unchanged
from api.delivering import least_end
from api.engine import PATIENCE, asking
from api.form_desk import freeze, period_of, slot_of
from api.loading import Loaded, load
from api.metrics import ACTS
from api.patterns import confirmable, ratable, scorable, warned
from api.problem_catalogue import CATALOGUE
from api.problems import Problem, problem
from api.reassigning import check_superior
from api.reopening import died, only_one, reopened
from api.rooms import Rooms
from api.security import Caller
from api.trainings import must_be_trained
from models import lifecycle
from models.appraisal import Bounds, Command, Receipt, Snapshot
from models.trail import fingerprint, key_hash
from models.vocabulary import Action, Decision, Exit, Form, Role, State
from models.ways import FORM_OF, GOES_BACK, KEEPS_TAKEOVER, RETURNS, SENT_TO_REVIEW

SUBMITS = frozenset(action for action in Action if action.value.startswith("submit_"))
"""Where `If-Match` is the form's version, by the contract; on every other action it is the appraisal's."""

BY_KEY = text(
    """
    SELECT action, to_state, version, seq, data ->> 'fingerprint' AS fingerprint
      FROM event WHERE appraisal_id = :id AND key_hash = :key
    """
)


@dataclass(frozen=True)
class Done:
    """`recorded` is False where the engine accepted and the record is late (202); `broken` is what a rating does to its unit's pattern."""

    appraisal_id: str
    receipt: Receipt
    key: str
    recorded: bool = True
    broken: tuple[Mapping[str, object], ...] = ()

    def body(self) -> dict[str, object]:
        return {
            "appraisal_id": self.appraisal_id,
            "action": self.receipt.action.value,
            "state": self.receipt.state.value,
            "version": self.receipt.version,
            "event_seq": self.receipt.event_seq,
            "idempotency_key": self.key,
        }


async def act(
    rooms: Rooms,
    caller: Caller,
    raw_id: str,
    action: Action,
    body: ActBody,
    key: str,
    if_match: int | None,
    *,
    own_key: bool = True,
) -> Done:
    """Take one act for this caller, and count what came of it. Raises `Problem`.

    Where it raises nothing was changed, but for `engine_away`: then the outcome is unknown and the same key finds out. `own_key` says
    that the caller named the key, who may have used it before.
    """
    try:
        done = await _act(rooms, caller, raw_id, action, body, key, if_match, own_key=own_key)
    except Problem as problem:
        ACTS.labels(action.value, problem.code).inc()
        raise
    ACTS.labels(action.value, "recorded" if done.recorded else "accepted").inc()
    return done


async def _act(
    rooms: Rooms,
    caller: Caller,
    raw_id: str,
    action: Action,
    body: ActBody,
    key: str,
    if_match: int | None,
    *,
    own_key: bool,
) -> Done:
    used_for = fingerprint(key, action.value, caller.person_id, body.said())
    name = f"{key_hash(key)}/{used_for}"
    broken: tuple[Mapping[str, object], ...] = ()
    command: Command | None = None
    async with rooms.database.transaction() as connection:
        # Whoever acted may ask for the receipt, though the appraisal has become somebody else's since.
        loaded = await load(connection, rooms, caller, raw_id, stranger=True)
        if loaded.snapshot is None and not loaded.roles:
            raise Problem("not_yours")
        known = await _known(connection, loaded, key_hash(key))
        if known is not None and known.fingerprint != used_for:
            raise Problem("key_reused")
        if known is not None:
            return Done(loaded.id, known, key, broken=await _warned(connection, loaded, action, name))
        try:
            async with connection.begin_nested():
                command = await _command(connection, rooms, caller, loaded, action, body, name, if_match)
        except Problem as problem:
            refusal = problem
        broken = await _warned(connection, loaded, action, name)
    async with rooms.records.watching(loaded.id) as awaited:
        if command is None:
            receipt = await _taken_before(rooms, loaded.running(), key_hash(key), refusal, asked_before=own_key)
        else:
            command = command.model_copy(update={"key_hash": key_hash(key), "fingerprint": used_for})
            receipt = await _send(rooms, loaded.running(), command)
        if receipt.fingerprint != used_for:
            raise Problem("key_reused")
        recorded = await rooms.records.recorded(rooms.database, loaded.id, awaited, receipt.event_seq)
    return Done(loaded.id, receipt, key, recorded, broken)


async def _warned(
    connection: AsyncConnection, loaded: Loaded, action: Action, name: str
) -> tuple[Mapping[str, object], ...]:
    return tuple(await warned(connection, f"{loaded.id}/{name}")) if action is Action.SUBMIT_RATING else ()


async def taken(connection: AsyncConnection, loaded: Loaded, key: str) -> Action | None:
    """The act that is recorded under this key."""
    known = await _known(connection, loaded, key_hash(key))
    return known.action if known else None


async def _known(connection: AsyncConnection, loaded: Loaded, key: str) -> Receipt | None:
    """The receipt of an act already recorded under this key: the row holds its own revision's, the trail all earlier ones."""
    snapshot = loaded.running()
    if key in snapshot.receipts or snapshot.revision == 1:
        return snapshot.receipts.get(key)
    row = (await connection.execute(BY_KEY, {"id": loaded.id, "key": key})).one_or_none()
    if row is None:
        return None
    return Receipt(
        action=Action(row.action),
        state=State(row.to_state),
        version=row.version,
        event_seq=row.seq,
        fingerprint=row.fingerprint,
    )


async def _taken_before(rooms: Rooms, snapshot: Snapshot, key: str, refusal: Problem, *, asked_before: bool) -> Receipt:
    """The receipt of an act that the engine has taken under this key though the record is late; else raises the refusal.

    Only a key that the caller named can have been used before.
    """
    if not asked_before:
        raise refusal
    handle = rooms.engine.get_workflow_handle(
        workflow_id(snapshot.appraisal_id, snapshot.revision, snapshot.incarnation)
    )
    try:
        with asking(unknown_workflow="not_running"):
            receipt: Receipt | None = await handle.query("receipt", key, result_type=Receipt, rpc_timeout=PATIENCE)
    except Problem as problem:
        raise (refusal if problem.code == "not_running" else problem) from refusal
    if receipt is None:
        raise refusal
    return receipt


async def _command(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    loaded: Loaded,
    action: Action,
    body: ActBody,
    name: str,
    if_match: int | None,
) -> Command:
    """The command of this wish; `name` is what its texts are stored under, one for each key and what it was used for."""
    if not loaded.roles:
        raise Problem("not_yours")
    snapshot = loaded.running()
    sends_form = action in FORM_OF
    await _check_version(connection, caller, snapshot, action, if_match)
    wish = await wished(connection, action, body)
    try:
        role = lifecycle.role_for(snapshot, action, caller.person_id, loaded.roles, **wish)
    except lifecycle.Refused as refusal:
        raise as_problem(refusal) from refusal
    if action is Action.RECORD_DELIVERY:
        wish["due_at"] = await least_end(connection, rooms, loaded, body.at)
    if action is Action.DISPUTE_SUPERVISOR:
        wish["supervisor"] = loaded.around.superior
    if action is Action.REOPEN and (day := await died(connection, snapshot.subject)) is not None:
        wish |= {"exit": Exit.DIE, "day": day}
    standing, post_of = loaded.around.standing(caller.person_id, role, snapshot.visit.level)
    if action is Action.REASSIGN:
        check_superior(loaded, snapshot, wish.get("supervisor"), rooms.now(), caller.person_id)
    command = Command(
        action=action,
        role=role,
        actor=caller.person_id,
        on_behalf_of=loaded.around.on_behalf_of(caller.person_id, role, snapshot.visit.level),
        standing=standing,
        post_of=post_of,
        keeps_visit=True if action in SENT_TO_REVIEW else None,
        keeps_days=True if action in RETURNS else None,
        keeps_takeover=action is not Action.REASSIGN if action in KEEPS_TAKEOVER else None,
        keeps_own_days=True if action in GOES_BACK else None,
        expected_version=None if action in SUBMITS else if_match,
        bounds=Bounds.of(loaded.timing) if loaded.timing else None,
    ).model_copy(update=wish)
    try:
        _early(snapshot, command, loaded, rooms, has_comment=body.sentence() is not None)
    except lifecycle.Refused as refusal:
        raise as_problem(refusal) from refusal
    if action is Action.REOPEN:
        await only_one(connection, loaded.id)
    if action is Action.CONFIRM_RATING:
        revision, unit = int(str(loaded.row["cycle_facts_revision"])), str(loaded.row["unit_id"])
        reasoned = body.sentence() is not None
        await confirmable(connection, rooms, loaded.cycle_id, revision, unit, reasoned=reasoned)
    texts = f"{loaded.id}/{name}"
    update: dict[str, object] = {}
    if sends_form:
        edition = await rooms.facts.edition(connection, loaded.cycle_id)
        pack = edition.pack
        # Who writes it for her after she was silent waits for no word of hers.
        if FORM_OF[action] is Form.PLAN and role is Role.EMPLOYEE and await unacknowledged(connection, loaded, pack):
            raise Problem(UNACKNOWLEDGED)
        if action is Action.SUBMIT_RATING:
            await must_be_trained(connection, rooms, loaded, pack, caller.person_id)
        ref, data = await freeze(
            connection,
            loaded,
            snapshot,
            edition,
            FORM_OF[action],
            caller.person_id,
            if_match if action in SUBMITS else None,
            rooms.now(),
        )
        update["form"] = ref
        if action is Action.DECIDE_APPEAL and (same := await unchanged(connection, rooms, loaded, pack, data)):
            raise Problem("form_incomplete", errors=same)
        if action is Action.SUBMIT_RATING or (action is Action.DECIDE_APPEAL and data["decision"] == Decision.CHANGED):
            await scorable(connection, rooms, loaded, pack, ref)
        if action is Action.SUBMIT_RATING:
            await ratable(connection, rooms, loaded, ref, texts, reasoned=body.sentence() is not None)
        if action is Action.DECIDE_APPEAL:
            update["decision"] = data["decision"]
    if (sentence := body.sentence()) is not None:
        update["comment"] = await keep_text(connection, f"{texts}/comment", sentence, caller.person_id)
    if body.authority is not None:
        update["authority"] = await keep_text(connection, f"{texts}/authority", body.authority, caller.person_id)
    if body.proof is not None:
        update["authority"] = await keep_text(connection, f"{texts}/proof", body.proof, caller.person_id)
    return Command.model_validate(command.model_dump() | update)


async def _check_version(
    connection: AsyncConnection,
    caller: Caller,
    snapshot: Snapshot,
    action: Action,
    if_match: int | None,
) -> None:
    """Hold `If-Match` against the form's version, or the appraisal's. Raises `version_conflict`.

    A newer appraisal than the row shows is the engine's to judge: the record may be late.
    """
    if if_match is None:
        return
    if action in SUBMITS:
        form = FORM_OF[action]
        slot = await slot_of(connection, snapshot, form, period_of(form, snapshot, None), caller.person_id)
        if slot.held is not None and slot.version != if_match:
            raise Problem("version_conflict", version=slot.version)
    elif if_match < snapshot.version or (action is Action.REOPEN and if_match != snapshot.version):
        raise Problem("version_conflict", version=snapshot.version)


def _early(snapshot: Snapshot, command: Command, loaded: Loaded, rooms: Rooms, *, has_comment: bool) -> None:
    """Refuse here what the engine would surely refuse, before anything is copied; it asks all of this again itself."""
    try:
        lifecycle.check(snapshot, command, rooms.now(), loaded.timing)
    except lifecycle.Refused as refusal:
        supplied_later = refusal.code == "form_missing" or (refusal.code == "comment_required" and has_comment)
        unknown_here = refusal.code == "version_conflict" or refusal.about.get("field") in ("decision", "authority")
        if not (supplied_later or unknown_here):
            raise


async def _send(rooms: Rooms, snapshot: Snapshot, command: Command) -> Receipt:
    """Ask the engine. Raises the refusal as a problem; `engine_away` where the outcome is unknown."""
    name = workflow_id(snapshot.appraisal_id, snapshot.revision, snapshot.incarnation)
    handle = rooms.engine.get_workflow_handle(name)
    done = snapshot.state is State.FINALISATION_DONE
    try:
        if command.action is Action.REOPEN:
            return await reopened(rooms, snapshot, command)
        with asking(unknown_workflow="not_running" if done else "engine_away"):
            receipt: Receipt = await handle.execute_update(
                "act", command, id=command.key_hash, result_type=Receipt, rpc_timeout=PATIENCE
            )
    except WorkflowUpdateFailedError as failed:
        raise _refusal(failed) from failed
    return receipt


def _refusal(failed: WorkflowUpdateFailedError) -> Problem:
    cause = failed.cause
    if not isinstance(cause, ApplicationError) or cause.type not in CATALOGUE:
        raise failed
    about = cause.details[0] if cause.details else {}
    return problem(cause.type, about)


def as_problem(refusal: lifecycle.Refused) -> Problem:
    return problem(refusal.code, refusal.about)
