"""Indicators that are measured elsewhere (attendance): imported by HR for a cycle, and read by whom an appraisal concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import PurePath

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import JSONResponse
from pydantic import MISSING
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.indicators import apply_indicators, measured, people_of
from api.cycle_view import OVER, CycleId, find_cycle
from api.exact import Exact
from api.loading import load
from api.problem_shown import ProblemOut
from api.problems import Problem, language
from api.receipts import Answer, KeyDep, once
from api.rejected_rows import RejectedRow, rejected_rows
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.strict import only_its_parts
from models.indicators import checked, columns
from models.numeric_spec import MeasuredPart, NumericScoring
from models.policy import PolicyPack
from models.roster_file import Table, read_table
from models.trail import sha256
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Language

router = APIRouter(tags=["cycles"])


class IndicatorsOut(Exact):
    """Counts are figures. `already_rated` are NIPs whose rating was given before: it stands as it is until it is given anew."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: list[RejectedRow]
    already_rated: list[str]


class IndicatorsRejectedOut(ProblemOut):
    """With `indicators_rejected`, the rows that are wrong."""

    rows: int | MISSING = MISSING
    rejected: list[RejectedRow] | MISSING = MISSING


class IndicatorOut(Exact):
    """`value` is empty while nothing was imported."""

    name: str
    title: str
    value: str | None
    at: str | None


class OwnIndicatorsOut(Exact):
    items: list[IndicatorOut]


@router.post(
    "/cycles/{cycle_id}/indicators", response_model=IndicatorsOut, responses={422: {"model": IndicatorsRejectedOut}}
)
async def import_indicators(
    cycle_id: CycleId,
    file: UploadFile,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    partial: bool = False,
) -> JSONResponse:
    """Take a CSV or XLSX file of `nip` and the indicators that the cycle's pack imports; an empty cell says nothing.

    `422 indicators_rejected` with the rejected rows, unless `partial`. Nobody enters a figure of her own: for the only
    HR officer a PyB does.
    """
    caller.needs(GrantedRole.HR, GrantedRole.PYB)
    await only_its_parts(request, "file")
    data, name, spoken = await file.read(), file.filename or "", language(request)

    async def effect(connection: AsyncConnection) -> Answer:
        return Answer(200, await _take(connection, rooms, caller, cycle_id, (name, data), partial, spoken))

    used_for = {"cycle": cycle_id, "sha256": sha256(data), "kind": PurePath(name).suffix.lower(), "partial": partial}
    return await once(rooms, caller, key, "import_indicators", used_for, effect)


@router.get("/appraisals/{appraisal_id}/indicators", response_model=OwnIndicatorsOut)
async def read_indicators(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """What was imported for this person, of what her pack counts."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        pack = await rooms.facts.pack(connection, loaded.cycle_id)
        found = await measured(connection, loaded.cycle_id, str(loaded.row["person_id"]))
    spoken, items = language(request), []
    for part in _parts(pack):
        value, at = found.get(part.indicator, (None, None))
        shown = {"value": None if value is None else f"{value:f}", "at": at.isoformat() if at else None}
        items.append({"name": part.indicator, "title": part.title.say(spoken), **shown})
    return JSONResponse({"items": items})


def _parts(pack: PolicyPack) -> list[MeasuredPart]:
    spec = pack.scoring
    return [part for part in spec.parts if isinstance(part, MeasuredPart)] if isinstance(spec, NumericScoring) else []


async def _take(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    sent: tuple[str, bytes],
    partial: bool,
    spoken: Language,
) -> Mapping[str, object]:
    cycle = await find_cycle(connection, cycle_id, hold=True)
    if cycle["state"] in OVER:
        raise Problem("cycle_state", state=cycle["state"])
    pack = await rooms.facts.pack(connection, cycle_id)
    spec, parts = pack.scoring, _parts(pack)
    if not parts or not isinstance(spec, NumericScoring):
        raise Problem("no_indicators", policy=pack.id)
    wanted = columns([part.indicator for part in parts])
    table: Table = await asyncio.to_thread(read_table, *sent, columns=wanted)
    people = await people_of(connection, cycle_id)
    figures, problems = checked(table, spec.maximum, people, caller.nip)
    rejected = rejected_rows(problems, spoken)
    if problems and not partial:
        raise Problem("indicators_rejected", rows=len(table.rows), rejected=rejected)
    done = await apply_indicators(connection, cycle_id, people, figures, rooms.now())
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    if done.created or done.updated:
        about = {**counts, "indicators": sorted({figure.indicator for figure in figures}), "sha256": sha256(sent[1])}
        await note(connection, cycle_id, rooms.now(), TrailAction.INDICATORS_IMPORTED, caller.person_id, about)
    return {"rows": len(table.rows), **counts, "rejected": rejected, "already_rated": list(done.already_rated)}
