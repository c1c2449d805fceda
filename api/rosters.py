"""The roster's import: all or nothing, unless the sender asks for the sound part.

A refused file changes nothing and a dry run stores nothing; the answer names row, column and code either way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import JSONResponse
from pydantic import MISSING
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.roster import FROM_OUTSIDE, Known, RosterChange, RowsRefused, apply_roster, known
from api.exact import Exact
from api.problem_shown import ProblemOut
from api.problems import language, problem
from api.receipts import Answer, KeyDep, once
from api.rejected_rows import RejectedRow, rejected_rows
from api.rooms import RoomsDep
from api.security import CallerDep
from api.strict import only_its_parts
from api.telling import tell_nudged
from models.database import Database
from models.roster import check_roster
from models.roster_file import Table, read_table
from models.roster_problems import RosterProblem
from models.roster_rows import RosterRow
from models.tables import Json
from models.trail import sha256
from models.vocabulary import GrantedRole, Language, Zone
from models.workdays import local_day

router = APIRouter(tags=["roster"])

SEAT = Zone.WIB
"""Whose calendar says which day an import is made on."""


class UnitChange(Exact):
    """A unit that was made or became different; `fields` are by the file's column names, before and after.

    The numbers are of a unit that hangs elsewhere now: what that does to the open appraisals in it and below it, of all cycles together.
    """

    what: Literal["unit_created", "unit_updated"]
    unit: str
    fields: dict[str, object]
    affected: int | MISSING = MISSING
    becomes_overdue: int | MISSING = MISSING
    no_longer_overdue: int | MISSING = MISSING


class PersonChange(Exact):
    """A person who came or became different; `fields` are by the file's column names.

    `appraisals` is how many running ones are closed to begin another part of the year from `tmt` on, or with `unit_reorganised` go
    along, with `acting_changed` are about what she does as Plt; `transfer_corrected` and `transfer_taken_back` speak of one that was still
    to come on that day. With `person_updated`, `zona` and `hari_kerja` hold for what begins from now on: a running appraisal keeps
    the zone and week that it began with. With `title_changed` somebody is called otherwise from `tmt` on, or is of another level or job
    family, where she stays: parts of a year that ended before that day, or were rated, go by what held then.
    """

    what: Literal[
        "person_created",
        "person_updated",
        "transferred",
        "transfer_corrected",
        "transfer_taken_back",
        "kind_changed",
        "title_changed",
        "unit_reorganised",
        "supervisor_changed",
        "acting_changed",
        "role_granted",
        "role_revoked",
    ]
    row: int
    nip: str
    fields: dict[str, object]
    appraisals: int | MISSING = MISSING


class RosterOut(Exact):
    """Counts are people of the file."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: list[RejectedRow]
    changes: list[UnitChange | PersonChange]


class RosterRejectedOut(ProblemOut):
    """With `roster_rejected`, what the same file would answer as a dry run."""

    rows: int | MISSING = MISSING
    created: int | MISSING = MISSING
    updated: int | MISSING = MISSING
    unchanged: int | MISSING = MISSING
    rejected: list[RejectedRow] | MISSING = MISSING
    changes: list[UnitChange | PersonChange] | MISSING = MISSING


@router.post("/roster/imports", response_model=RosterOut, responses={422: {"model": RosterRejectedOut}})
async def import_file(
    file: UploadFile,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    dry_run: bool = False,
    partial: bool = False,
) -> JSONResponse:
    """Take a CSV or XLSX file of people. `422 roster_rejected` with the rejected rows, unless `partial` or `dry_run`."""
    caller.needs(GrantedRole.HR)
    await only_its_parts(request, "file")
    data, name, spoken = await file.read(), file.filename or "", language(request)
    if dry_run:
        answer = await import_roster(
            rooms.database,
            name,
            data,
            dry_run=True,
            partial=partial,
            now=rooms.now(),
            spoken=spoken,
            actor=caller.person_id,
            importer=caller.nip,
        )
        return JSONResponse(answer, headers={"Idempotency-Key": key})
    table = await asyncio.to_thread(read_table, name, data)

    async def effect(connection: AsyncConnection) -> Answer:
        taken = await _take(connection, table, partial, rooms.now(), caller.person_id, spoken, caller.nip)
        if taken["rejected"] and not partial:
            raise problem("roster_rejected", taken)
        return Answer(200, taken)

    used_for = {"sha256": sha256(data), "kind": PurePath(name).suffix.lower(), "partial": partial}
    stored = await once(rooms, caller, key, "import_roster", used_for, effect)
    stored.background = BackgroundTask(tell_nudged, rooms)
    return stored


async def import_roster(
    database: Database,
    filename: str,
    data: bytes,
    *,
    dry_run: bool,
    partial: bool,
    now: datetime,
    spoken: Language = "id",
    actor: str = FROM_OUTSIDE,
    importer: str | None = None,
) -> Json:
    """What the call answers, as plain data; also for the command line. With rejected rows and not `partial`, nothing is written.

    `importer` is the NIP of whoever signed in, who decides nothing about herself; at the command line nobody did.
    """
    table = await asyncio.to_thread(read_table, filename, data)
    async with database.engine.connect() as connection, connection.begin() as transaction:
        taken = await _take(connection, table, partial, now, actor, spoken, importer)
        if dry_run:
            await transaction.rollback()
    return taken


async def _take(
    connection: AsyncConnection,
    table: Table,
    partial: bool,
    now: datetime,
    actor: str,
    spoken: Language,
    importer: str | None,
) -> Json:
    recorded = await known(connection, local_day(now, SEAT), importer)
    change = RosterChange(rows=len(table.rows))
    refused: list[RosterProblem] = []
    above = recorded.importer.above if recorded.importer else ()
    while True:
        rows, problems = await asyncio.to_thread(_checked, table, recorded, partial, refused)
        if not rows or (problems and not partial):
            break
        try:
            today, columns = local_day(now, SEAT), table.columns
            change = await apply_roster(connection, rows, today, now, columns=columns, actor=actor, above=above)
            break
        except RowsRefused as found_out:
            # What leans on these rows is only found by checking the file again without them.
            refused += found_out.problems
    return {
        "rows": len(table.rows),
        "created": change.created,
        "updated": change.updated,
        "unchanged": change.unchanged,
        "rejected": rejected_rows(problems, spoken),
        "changes": list(change.changes),
    }


def _checked(
    table: Table, recorded: Known, partial: bool, refused: Sequence[RosterProblem]
) -> tuple[Sequence[RosterRow], Sequence[RosterProblem]]:
    return check_roster(table, recorded.supervisors, recorded.parents, partial, recorded.importer, refused)
