"""The daily log: what the employee did, day by day, sent one by one or in batches by a client that may have been offline.

Each entry is taken or refused by itself. Its id is the client's, so that the same entry counts once, however often it comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WrapValidator
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.act_bodies import LocalDay
from api.during import after, in_order, running
from api.exact import Exact
from api.loading import Loaded, load
from api.log_book import COLUMNS, Book, EntryBody, Unsound, one_by_one
from api.paging import Asked, Found, Key, Page, PageDep, listed
from api.problem_shown import ProblemOut
from api.problems import Problem, as_document, language
from api.receipts import Answer, KeyDep, done_once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.vocabulary import Language, Role
from models.year_log import BATCH_MAX

router = APIRouter(tags=["during the year"])

LISTED = """
    FROM log_entry WHERE appraisal_id = :appraisal AND replaced_at IS NULL
     AND (CAST(:first AS date) IS NULL OR day >= :first) AND (CAST(:last AS date) IS NULL OR day <= :last)
"""
TOTAL = text(f"SELECT count(*) {LISTED}")
PAGE = text(
    f"""
    SELECT id, version, {COLUMNS}, written_at {LISTED}
       AND (day, id) > (CAST(:day AS date), :after) ORDER BY day, id LIMIT :limit
    """
)
ONE = text(
    f"""
    SELECT id, version, {COLUMNS}, written_at FROM log_entry
     WHERE appraisal_id = :appraisal AND id = :id AND replaced_at IS NULL
    """
)
EARLIER = text(
    f"""
    SELECT id, version, {COLUMNS}, written_at FROM log_entry
     WHERE appraisal_id = :appraisal AND id = ANY(:ids) AND replaced_at IS NOT NULL ORDER BY id, version
    """
)


class LogBody(BaseModel):
    """Up to 200 entries. Each is taken or refused by itself, in their order; one that is malformed too."""

    model_config = ConfigDict(extra="forbid")

    entries: Annotated[list[Annotated[EntryBody, WrapValidator(one_by_one)]], Field(min_length=1, max_length=BATCH_MAX)]


class TakenOut(Exact):
    """It is there: written now, there already, or in place of the version before."""

    id: UUID
    ok: Literal[True]
    stored: Literal["new", "same", "corrected"]
    version: int


class NotTakenOut(Exact):
    """Nothing of it was written; `id` is empty where none can be told. A pointer is into the whole body."""

    id: UUID | None
    ok: Literal[False]
    problem: ProblemOut


class LogOut(Exact):
    """One result for each entry, in their order."""

    results: list[TakenOut | NotTakenOut]


class VersionOut(Exact):
    """What an entry said; `quantity` is an exact decimal number, as text."""

    version: int
    day: date
    text: str
    result: str | None
    quantity: str | None
    unit: str | None
    achievement: bool
    written_at: AwareDatetime


class EntryOut(VersionOut):
    """An entry as it holds, and the versions that it corrected."""

    id: UUID
    earlier: list[VersionOut]


class EntryListed(EntryOut):
    """An entry in a list."""

    key: Key


@router.post("/appraisals/{appraisal_id}/log", response_model=LogOut)
async def write_log(
    appraisal_id: str, body: LogBody, request: Request, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Note what was done; the employee only. Sent again, an entry is `same`; another text under its id needs `replaces`."""
    entries = cast("list[EntryBody | Unsound]", body.entries)
    answer = await noted(
        rooms, caller, appraisal_id, entries, key, await request.json(), language(request), request.url.path
    )
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def noted(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    entries: Sequence[EntryBody | Unsound],
    key: str,
    said: object,
    spoken: Language,
    instance: str = "",
) -> Answer:
    """One result for each entry, once for this key and what was `said` with it. Raises `not_yours` and what `running` raises."""

    async def effect(connection: AsyncConnection) -> Answer:
        year = await running(connection, rooms, caller, appraisal_id)
        if not may_log(year.loaded):
            raise Problem("not_yours")
        book = await Book.opened(connection, rooms, year, entries)
        results = [_taken(book, place, one, spoken, instance) for place, one in enumerate(entries)]
        await book.write(connection, rooms.now())
        return Answer(200, {"results": results})

    return await done_once(rooms, caller, key, "write_log", {"appraisal": appraisal_id, "said": said}, effect)


def may_log(loaded: Loaded) -> bool:
    """Whether it is the caller's own log."""
    return Role.EMPLOYEE in loaded.roles


def _taken(book: Book, place: int, one: EntryBody | Unsound, spoken: Language, instance: str) -> dict[str, object]:
    try:
        if isinstance(one, Unsound):
            raise one.problem(place)
        return {"id": str(one.id), "ok": True, **book.take(one, place)}
    except Problem as refused:
        told = None if one.id is None else str(one.id)
        return {"id": told, "ok": False, "problem": as_document(refused, spoken, instance)}


@router.get(
    "/appraisals/{appraisal_id}/log",
    response_model=Page[EntryListed],
)
async def read_log(
    appraisal_id: str,
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    first: Annotated[LocalDay | None, Query(alias="from")] = None,
    until: LocalDay | None = None,
) -> JSONResponse:
    """What was noted, in the order of days, of the days asked for; for everybody who may see the appraisal."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        return listed(await log_listed(connection, loaded, page, first, until))


async def log_listed(
    connection: AsyncConnection, loaded: Loaded, page: Asked, first: date | None = None, until: date | None = None
) -> Found:
    """A page of the log, of the days asked for."""
    begin = after(page, "log")
    asked: dict[str, object] = {"appraisal": loaded.id, "first": first, "last": until}
    total = (await connection.execute(TOTAL, asked)).scalar_one()
    asked |= {"day": begin.day, "after": begin.id, "limit": page.limit + 1}
    rows = (await connection.execute(PAGE, asked)).all()
    return in_order("log", await _with_earlier(connection, loaded, rows), page, total)


async def entry_shown(connection: AsyncConnection, loaded: Loaded, entry_id: str) -> dict[str, object] | None:
    """One entry as it holds; None where the log has no such entry."""
    rows = (await connection.execute(ONE, {"appraisal": loaded.id, "id": entry_id})).all()
    found = await _with_earlier(connection, loaded, rows)
    return found[0] if found else None


async def _with_earlier(
    connection: AsyncConnection, loaded: Loaded, rows: Sequence[Row[tuple[object, ...]]]
) -> list[dict[str, object]]:
    """The entries of these rows, each with the versions that it corrected."""
    ids = [row.id for row in rows if row.version > 1]
    earlier = defaultdict(list)
    if ids:
        for row in await connection.execute(EARLIER, {"appraisal": loaded.id, "ids": ids}):
            earlier[row.id].append(_version(row))
    return [{"id": row.id, **_version(row), "earlier": earlier[row.id]} for row in rows]


def _version(row: Row[tuple[object, ...]]) -> dict[str, object]:
    return {
        "version": row.version,
        "day": row.day.isoformat(),
        "text": row.text,
        "result": row.result,
        "quantity": exact(row.quantity),
        "unit": row.unit,
        "achievement": row.achievement,
        "written_at": row.written_at.isoformat(),
    }


def exact(number: Decimal | None) -> str | None:
    """A number as text, without noughts that say nothing."""
    return None if number is None else f"{number.normalize():f}"
