"""A faulty pack, corrected in a running cycle: another version of the same pack takes its place, as far as a running year can follow.

Nothing does this by itself. HR sees beforehand what it does to whom; then it is one transaction: the pack, the calendar, what rows show,
an event, and the word to those who sleep too long. A preview does all of it and takes it back.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.corrected_pack import FormsHit, forms_hit, rated_not_final
from activities.cycle_trail import note
from activities.facts import CycleFacts, Edition, agency_days, load_facts
from activities.people import Agency
from activities.retiming import Moved, retime
from activities.texts import keep_reason
from api.act_bodies import Reason
from api.calendar import may_move, write_calendar
from api.correction_shown import CorrectedOut, NotFollowedOut, Shown, years
from api.cycle_view import RUNNING, CycleId, find_cycle
from api.policies import pack_of
from api.preconditions import IfMatch, etag
from api.problems import FieldProblem, Problem, language
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from api.windows import SENTENCES, Place
from models.language import Bilingual
from models.pack_changes import Change, ChangeKind, changes, digest, forms_changed
from models.policy import PolicyPack
from models.shelf import Shelf
from models.trail_actions import OF_YEARS, TrailAction
from models.vocabulary import GrantedRole, Language, Zone
from models.windows import WindowRow, resolve
from models.workdays import PersonClock

router = APIRouter(tags=["cycles"])

KEEP = text(
    "INSERT INTO policy_before (cycle_id, edition, pack, until) SELECT id, policy_edition, pack, :at FROM cycle WHERE id = :cycle"
)
CORRECT = text(
    """
    UPDATE cycle SET pack = CAST(:pack AS jsonb), policy_edition = policy_edition + 1, version = version + 1,
           facts_revision = facts_revision + 1
     WHERE id = :cycle RETURNING version
    """
)
ANOTHER = Bilingual(
    id="Siklus yang berjalan hanya dapat berpindah ke versi lain dari kebijakannya sendiri.",
    en="A running cycle moves to another version of its own policy only.",
)
NOT_THERE = Bilingual(
    id="Berkas kebijakan di server adalah versi {version}.", en="The policy's file on the server is version {version}."
)
WHILE_RATED = Bilingual(
    id="Masih ada pegawai yang sudah dinilai dan hasilnya belum final.",
    en="There are people who are rated and whose result is not final yet.",
)


class PolicyBody(BaseModel):
    """The cycle's own policy as its file is now; `version` makes sure that it is the one that was meant."""

    model_config = ConfigDict(extra="forbid")

    policy: Annotated[str, Field(min_length=1, max_length=100)]
    version: Annotated[int, Field(ge=1, strict=True)] | None = None
    reason: Reason


@dataclass(frozen=True)
class Wish:
    """What somebody wants the cycle to go by, and what that does, as far as it was found before anything is held."""

    before: Edition
    after: PolicyPack
    found: tuple[Change, ...]
    forms: FormsHit
    final: Sequence[str]

    def of(self, kind: ChangeKind) -> list[Change]:
        return [one for one in self.found if one.kind is kind]


@router.put(
    "/cycles/{cycle_id}/policy",
    response_model=CorrectedOut,
    responses={
        409: {"model": NotFollowedOut, "description": "A running cycle cannot follow, or ends would come too near."},
        428: {"description": "A policy is corrected with `If-Match` only."},
    },
)
async def correct_policy(
    cycle_id: CycleId,
    body: PolicyBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    if_match: IfMatch,
    preview: bool = False,
) -> JSONResponse:
    """Let a running cycle go by a newer version of its policy; with `preview` only tell what that would do. Needs `If-Match`."""
    caller.needs(GrantedRole.HR)
    if if_match is None:
        raise Problem("precondition_required")
    spoken = language(request)

    async def effect(connection: AsyncConnection) -> Answer:
        return Answer(200, await _correct(connection, rooms, caller, cycle_id, body, if_match, spoken))

    if preview:
        async with rooms.database.engine.connect() as connection, connection.begin() as transaction:
            told = await effect(connection)
            await transaction.rollback()
        headers = {"ETag": etag(if_match), "Idempotency-Key": key}
        return JSONResponse({**told.body, "version": if_match}, headers=headers)
    said = {"cycle": cycle_id, "if_match": if_match, **body.model_dump(mode="json")}
    answer = await once(rooms, caller, key, "correct_policy", said, effect)
    answer.headers["ETag"] = etag(json.loads(bytes(answer.body))["version"])
    answer.background = BackgroundTask(tell_nudged, rooms, cycle_id)
    return answer


async def _correct(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    body: PolicyBody,
    if_match: int,
    spoken: Language,
) -> dict[str, object]:
    wish = await _looked_at(rooms, cycle_id, body, if_match)
    row = await _cycle(connection, cycle_id, if_match, hold=True)
    rated = await rated_not_final(connection, cycle_id) if wish.of(ChangeKind.SCORING) else ()
    refused = [*wish.of(ChangeKind.NOT_POSSIBLE), *(wish.of(ChangeKind.SCORING) if rated else ())]
    shown = Shown(rooms.shelf, wish.after.id, spoken)
    if refused:
        told = [shown.change(one, WHILE_RATED) for one in refused]
        raise Problem("policy_not_followed", changes=told, rated=years(rated))
    agency = await rooms.people.agency(connection)
    moved, windows, kept = await _move(connection, rooms, caller, row, wish, agency)
    await connection.execute(KEEP, {"cycle": cycle_id, "at": rooms.now()})
    stored = {"cycle": cycle_id, "pack": wish.after.model_dump_json()}
    version = (await connection.execute(CORRECT, stored)).scalar_one()
    await _note(connection, rooms, caller, row, wish, moved, windows, body.reason)
    return {
        "policy": wish.after.id,
        "from_version": wish.before.pack.version,
        "to_version": wish.after.version,
        "differences": digest(wish.found),
        "changes": [shown.change(one) for one in wish.found],
        "windows": windows,
        "windows_kept": kept,
        "time": moved.answer(rooms.now()),
        "drafts": years(wish.forms.drafts),
        "handed_in": years(wish.forms.handed_in),
        "final": years(wish.final),
        "version": version,
    }


async def _cycle(connection: AsyncConnection, cycle_id: str, if_match: int, *, hold: bool = False) -> RowMapping:
    """The running cycle as it was seen. Raises `version_conflict`, `cycle_state`."""
    row = await find_cycle(connection, cycle_id, hold=hold)
    if row["version"] != if_match:
        raise Problem("version_conflict", version=row["version"])
    if row["state"] not in RUNNING:
        raise Problem("cycle_state", state=row["state"])
    return row


async def _looked_at(rooms: Rooms, cycle_id: str, body: PolicyBody, if_match: int) -> Wish:
    """The wish and whom it reaches: forms of thousands are read, so nothing is held meanwhile."""
    async with rooms.database.transaction() as connection:
        row = await _cycle(connection, cycle_id, if_match)
        before = await rooms.facts.edition(connection, cycle_id)
        after = _wanted(rooms.shelf, body, row, before.pack)
        found = await asyncio.to_thread(changes, before.pack, after)
        if any(one.kind is ChangeKind.NOT_POSSIBLE for one in found):
            return Wish(before, after, found, FormsHit(), ())
        agency, now = await rooms.people.agency(connection), rooms.now()
        forms = forms_changed(found, after)
        hit = await forms_hit(connection, agency, cycle_id, before.pack, after, forms, now)
        final: Sequence[str] = ()
        if any(one.kind is ChangeKind.SCORING for one in found):
            packs = await rooms.facts.packs(connection, cycle_id)
            final = await rooms.overtaken.years(connection, agency, cycle_id, packs, after, now)
        return Wish(before, after, found, hit, final)


def _wanted(shelf: Shelf, body: PolicyBody, row: RowMapping, held: PolicyPack) -> PolicyPack:
    """The pack on the shelf that was meant. Raises `invalid_input`, `policy_faulty`, `policy_not_newer`."""
    if body.policy != row["policy"]:
        raise Problem("invalid_input", errors=[FieldProblem("/policy", "another_policy", ANOTHER)])
    pack = pack_of(shelf, body.policy)
    if body.version is not None and body.version != pack.version:
        message = NOT_THERE.fill(version=str(pack.version))
        raise Problem("invalid_input", errors=[FieldProblem("/version", "unknown_version", message)])
    if pack.version <= held.version:
        raise Problem("policy_not_newer", held=held.version, offered=pack.version)
    return pack


async def _move(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, row: RowMapping, wish: Wish, agency: Agency
) -> tuple[Moved, list[str], list[str]]:
    """Move what is due with the pack: what that does, which windows moved, and which stay because HR moved them before."""
    if not wish.of(ChangeKind.TIME):
        return Moved((), ()), [], []
    cycle, now = str(row["id"]), rooms.now()
    # Not by `rooms.facts`: what it holds must be committed, and this may still be taken back.
    old = await load_facts(connection, cycle, row["facts_revision"])
    windows, kept = _windows(old, wish, row["year"])
    after: dict[tuple[str, str | None], WindowRow] = {**old.rows}
    after |= {(key, None): window for key, window in windows.items()}
    paths = [agency.unit_path(unit) for unit in sorted({unit for _, unit in after if unit is not None})]
    clock = PersonClock.of(Zone.WIB, 5, await agency_days(connection))
    rules, keys = wish.before.pack, list(windows)
    bounds = may_move(old.rows, after, keys, paths, rules, clock, now, Place(("calendar",)))
    if windows:
        await write_calendar(connection, cycle, after)
    new = await load_facts(connection, cycle, row["facts_revision"] + 1)
    moved = await retime(
        connection, cycle, wish.after, old, new, agency, keys, now, caller.person_id, pack_before=rules
    )
    bounds.hold(moved)
    if (near := moved.nearest(now)) is not None and clock.day_of(near) < bounds.earliest:
        raise _too_near(bounds.earliest)
    return moved, keys, kept


def _windows(old: CycleFacts, wish: Wish, year: int) -> tuple[dict[str, WindowRow], list[str]]:
    """The windows that move with the pack's own, and those that HR had moved away from them."""
    before, after = resolve(wish.before.pack, year), resolve(wish.after, year)
    changed = {key: window for key, window in after.items() if window != before[key]}
    kept = [key for key in changed if old.rows[key, None] != before[key]]
    return {key: window for key, window in changed.items() if key not in kept}, kept


def _too_near(earliest: date) -> Problem:
    said = earliest.isoformat()
    place = FieldProblem("/policy", "notice_too_short", SENTENCES["notice_too_short"].fill(earliest=said))
    return Problem("notice_too_short", errors=[place], earliest=said)


async def _note(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    row: RowMapping,
    wish: Wish,
    moved: Moved,
    windows: Sequence[str],
    reason: str,
) -> None:
    data: dict[str, object] = {
        "policy": wish.after.id,
        "from_version": wish.before.pack.version,
        "to_version": wish.after.version,
        "digest": wish.after.digest,
        "differences": digest(wish.found),
        "changes": dict(Counter(one.kind.value for one in wish.found)),
        "windows": list(windows),
        "facts_revision": row["facts_revision"] + 1,
        "affected": moved.affected,
    }
    if moved.already_lapsed:
        data[OF_YEARS] = list(moved.already_lapsed)
    why = await keep_reason(connection, reason, caller.person_id)
    await note(connection, row["id"], rooms.now(), TrailAction.POLICY_CORRECTED, caller.person_id, data, reason=why)
