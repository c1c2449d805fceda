"""The import of results of years before this engine: all or nothing, unless the sender asks for the sound part.

A refused file changes nothing and a dry run stores nothing; the answer names row, column and code either way.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import JSONResponse
from pydantic import MISSING
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.earlier_years import keep, recorded_of
from activities.roster import FROM_OUTSIDE
from api.exact import Exact
from api.problem_shown import ProblemOut
from api.problems import language, problem
from api.receipts import Answer, KeyDep, once
from api.rejected_rows import RejectedRow, rejected_rows
from api.rooms import RoomsDep
from api.rosters import SEAT
from api.security import CallerDep
from api.strict import only_its_parts
from models.database import Database
from models.earlier_years import COLUMNS, checked
from models.roster_file import Table, read_table
from models.tables import Json
from models.trail import sha256
from models.vocabulary import GrantedRole, Language
from models.workdays import local_day

router = APIRouter(tags=["roster"])


class YearChange(Exact):
    """A year that was created or corrected; `fields` are by the file's columns, before and after."""

    what: Literal["year_created", "year_corrected"]
    row: int
    nip: str
    year: int
    fields: dict[str, object]


class EarlierYearsOut(Exact):
    """Counts are years of people."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: list[RejectedRow]
    changes: list[YearChange]


class EarlierYearsRejectedOut(ProblemOut):
    """With `earlier_years_rejected`, what the same file would answer as a dry run."""

    rows: int | MISSING = MISSING
    created: int | MISSING = MISSING
    updated: int | MISSING = MISSING
    unchanged: int | MISSING = MISSING
    rejected: list[RejectedRow] | MISSING = MISSING
    changes: list[YearChange] | MISSING = MISSING


@dataclass(frozen=True)
class Sent:
    """A file, and by whom: `importer` is the NIP of whoever signed in; at the command line nobody did."""

    name: str
    data: bytes
    now: datetime
    partial: bool = False
    spoken: Language = "id"
    actor: str = FROM_OUTSIDE
    importer: str | None = None


@router.post(
    "/people/earlier-years", response_model=EarlierYearsOut, responses={422: {"model": EarlierYearsRejectedOut}}
)
async def import_file(
    file: UploadFile,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
    dry_run: bool = False,
    partial: bool = False,
) -> JSONResponse:
    """Take a CSV or XLSX file of results of earlier years. With rejected rows `422 earlier_years_rejected`, unless `partial` or `dry_run`.

    Nobody records a result of her own: for the only HR officer a PyB does.
    """
    caller.needs(GrantedRole.HR, GrantedRole.PYB)
    await only_its_parts(request, "file")
    data, name = await file.read(), file.filename or ""
    sent = Sent(name, data, rooms.now(), partial, language(request), caller.person_id, caller.nip)
    if dry_run:
        answer = await import_earlier_years(rooms.database, sent, dry_run=True)
        return JSONResponse(answer, headers={"Idempotency-Key": key})
    table = await _read(sent)

    async def effect(connection: AsyncConnection) -> Answer:
        taken = await _take(connection, sent, table)
        if taken["rejected"] and not partial:
            raise problem("earlier_years_rejected", taken)
        return Answer(200, taken)

    used_for = {"sha256": sha256(data), "kind": PurePath(name).suffix.lower(), "partial": partial}
    return await once(rooms, caller, key, "import_earlier_years", used_for, effect)


async def import_earlier_years(database: Database, sent: Sent, *, dry_run: bool) -> Json:
    """What the call answers, as plain data; also for the command line. With rejected rows and not `partial`, nothing is written."""
    table = await _read(sent)
    async with database.engine.connect() as connection, connection.begin() as transaction:
        taken = await _take(connection, sent, table)
        if dry_run:
            await transaction.rollback()
    return taken


async def _read(sent: Sent) -> Table:
    return await asyncio.to_thread(read_table, sent.name, sent.data, columns=COLUMNS)


async def _take(connection: AsyncConnection, sent: Sent, table: Table) -> Json:
    nips = {row.cells["nip"].replace(" ", "") for row in table.rows} if table.readable else set()
    recorded, ids = await recorded_of(connection, nips, local_day(sent.now, SEAT).year, sent.importer)
    said, problems = await asyncio.to_thread(checked, table, recorded)
    if problems and not sent.partial:
        said = []
    created = sum(one.before is None for one in said)
    unchanged = sum(not one.changed for one in said)
    counts = {"created": created, "updated": len(said) - created - unchanged, "unchanged": unchanged}
    about: Json = {"rows": len(table.rows), **counts, "sha256": sha256(sent.data)}
    await keep(connection, said, ids, about, by=sent.actor, at=sent.now)
    return {
        "rows": len(table.rows),
        **counts,
        "rejected": rejected_rows(problems, sent.spoken),
        "changes": [one.told() for one in said if one.changed],
    }
