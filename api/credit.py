"""Somebody's credit points (angka kredit) over her years, against what her level needs (decision 36)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.credit import earned, need_of, record_opening, table_of
from api.act_bodies import LocalDay
from api.appraisal_shown import Points
from api.as_hr import is_hr_beside
from api.exact import Exact
from api.history import person_read
from api.named import NipPath
from api.personnel import SENTENCES, ExactPoints, Words
from api.problems import FieldProblem, Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from models.credit import Entry, Opening, Standing, behind, by_year, exact, ledger, rounded, standing
from models.vocabulary import JobLevel, Label, Language, Zone
from models.workdays import local_day

router = APIRouter(tags=["people"])

PERSON = text("SELECT id FROM person WHERE nip = :nip AND active")
LEVEL = text("SELECT level FROM person WHERE id = :person")
Rounded = Annotated[Decimal, Field(description="To two decimals, half up, for a person to read.")]


class OpeningBody(BaseModel):
    """What she had earned in that level by the end of the day `at`; `document` is the number and the date of the paper that says so."""

    model_config = ConfigDict(extra="forbid")

    points: ExactPoints
    level: JobLevel
    at: LocalDay
    document: Words


class OpeningShown(Exact):
    """As HR recorded it."""

    points: Points
    level: JobLevel
    at: date
    document: str


class CreditRow(Exact):
    """What some months of a year gave her. `elsewhere`: what another agency says. `correction`: what a later revision, or what HR
    put right or withdrew of another agency's, adds or takes.

    `from` and `until` are the first and the last of its `months`.
    """

    source: Literal["result", "correction", "elsewhere"]
    appraisal_id: UUID | None
    revision: int | None
    year: int
    start: Annotated[str | None, Field(alias="from")]
    until: str | None
    months: list[int]
    level: JobLevel
    label: Label
    coefficient: Points | None
    percentage: Points | None
    points: Points
    rounded: Rounded
    why: str


class CreditYear(Exact):
    """All rows of that year."""

    year: int
    points: Points
    rounded: Rounded


class CreditNeeds(Exact):
    """For each rank (pangkat) within the level, and for the next level (jenjang), null where there is none above."""

    rank: Points
    grade: Points | None


class CreditLacking(Exact):
    """Until the next rank that the points are not enough for, and until the next level."""

    rank: Points
    grade: Points | None


class CreditOut(Exact):
    """Her rows, the earliest first. `total` is of the rows alone, `counted` of what was earned in her level, the opening balance included.

    Without an opening balance what came before is not known: `opening`, `counted`, `ranks` and `lacking` are null, never 0.
    `counted` is enough for so many `ranks` of her level, whichever she has already. `behind_opening` is what came to be known
    since the opening balance was recorded, a first result too, of months that count in it: it is in no figure here, and HR strikes the
    balance anew where it lacks it.
    """

    nip: str
    rows: list[CreditRow]
    years: list[CreditYear]
    total: Points
    rounded: Rounded
    level: JobLevel
    needs: CreditNeeds | None
    opening: OpeningShown | None
    behind_opening: list[CreditRow]
    counted: Points | None
    ranks: int | None
    lacking: CreditLacking | None


@router.get("/people/{nip}/credit", response_model=CreditOut)
async def read_credit(nip: NipPath, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """For herself, whoever supervises her today, HR and auditors. Final results only; to others `not_yours`, known or not."""
    async with rooms.database.transaction() as connection:
        person, _ = await person_read(connection, rooms, caller, nip)
        return JSONResponse(await _shown(connection, rooms, nip, person, language(request)))


@router.put("/people/{nip}/credit/opening", response_model=CreditOut)
async def put_opening(
    nip: NipPath, body: OpeningBody, request: Request, rooms: RoomsDep, caller: CallerDep
) -> JSONResponse:
    """HR records what she had earned before, in place of what was recorded; nobody records her own. The same again changes nothing.

    Months that were over by then count in it, and in no row.
    """
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        person: str | None = (await connection.execute(PERSON, {"nip": nip})).scalar_one_or_none()
        if not is_hr_beside(agency, caller, {person or ""}, local_day(rooms.now(), Zone.WIB)):
            raise Problem("not_yours")
        if person is None:
            raise Problem("not_found")
        if body.at > local_day(rooms.now(), Zone.WIT):
            raise _refused("at", "in_the_future")
        table = await table_of(connection, rooms.facts, person)
        if table is not None and body.level not in table.coefficients:
            raise _refused("level", "no_credit")
        opening = Opening(Decimal(body.points), body.level, body.at, body.document, rooms.now())
        await record_opening(connection, person, opening, actor=caller.person_id)
        return JSONResponse(await _shown(connection, rooms, nip, person, language(request)))


def _refused(field: str, code: str) -> Problem:
    return Problem("invalid_input", errors=[FieldProblem(f"/{field}", code, SENTENCES[code])])


async def _shown(
    connection: AsyncConnection, rooms: Rooms, nip: str, person: str, spoken: Language
) -> dict[str, object]:
    known = await earned(connection, rooms.facts, person, rooms.now())
    level = JobLevel((await connection.execute(LEVEL, {"person": person})).scalar_one())
    need = await need_of(connection, rooms.facts, person, level)
    rows = ledger(known.accounts, known.brought, known.opening)
    total = sum((one.points for one in rows), Fraction())
    return {
        "nip": nip,
        "rows": [_row(one, spoken) for one in rows],
        "years": [{"year": year, **_both(points)} for year, points in by_year(rows).items()],
        "total": _text(total),
        "rounded": str(rounded(total)),
        "level": level,
        "needs": None if need is None else {"rank": str(need.rank), "grade": need.grade and str(need.grade)},
        "opening": None if known.opening is None else _opening(known.opening),
        "behind_opening": [_row(one, spoken) for one in behind(known.accounts, known.parts, known.opening)],
        **_against(standing(rows, known.opening, level, need)),
    }


def _row(one: Entry, spoken: Language) -> dict[str, object]:
    ends = [f"{one.year}-{month:02}" for month in one.months]
    return {
        "source": one.source,
        "appraisal_id": one.appraisal,
        "revision": one.revision,
        "year": one.year,
        "from": ends[0] if ends else None,
        "until": ends[-1] if ends else None,
        "months": list(one.months),
        "level": one.level,
        "label": one.label,
        "coefficient": None if one.coefficient is None else str(one.coefficient),
        "percentage": None if one.percentage is None else str(one.percentage),
        **_both(one.points),
        "why": one.why.say(spoken),
    }


def _opening(one: Opening) -> dict[str, object]:
    return {"points": str(one.points), "level": one.level, "at": one.at.isoformat(), "document": one.document}


def _against(found: Standing | None) -> dict[str, object]:
    if found is None:
        return {"counted": None, "ranks": None, "lacking": None}
    grade = None if found.grade_lacks is None else _text(found.grade_lacks)
    lacking = {"rank": _text(found.rank_lacks), "grade": grade}
    return {"counted": _text(found.counted), "ranks": found.ranks, "lacking": lacking}


def _both(points: Fraction) -> dict[str, str]:
    return {"points": _text(points), "rounded": str(rounded(points))}


def _text(points: Fraction) -> str:
    return f"{exact(points):f}"
