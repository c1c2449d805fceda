"""What was noted during a year, put together for whoever rates: by month, and by what was planned.

Beside the rating form, not in it: a form is asked for at every save, and what it holds is its author's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.segments import segments
from api.daily_log import exact
from api.during import planned_results
from api.evidence import ALL as ALL_EVIDENCE
from api.evidence import EvidenceOut, evidence_shown
from api.exact import Exact
from api.feedback import FeedbackOut, feedback_shown
from api.loading import Loaded, load
from api.observations import ALL as ALL_OBSERVATIONS
from api.observations import ObservationOut, observations_shown, sees_all
from api.problems import language
from api.remarks import RemarkOut, newest_remarks
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from models.vocabulary import Language
from models.year_log import LISTED_MAX, Counts, Heap, digest

router = APIRouter(tags=["during the year"])

ENTRIES = text(
    """
    SELECT id, day, result, quantity, unit, achievement, CASE WHEN achievement THEN text END AS text
      FROM log_entry WHERE appraisal_id = :appraisal AND replaced_at IS NULL
    """
)


MONTHS = text(
    """
    SELECT DISTINCT to_char(day, 'YYYY-MM') AS month FROM log_entry WHERE appraisal_id = :appraisal AND replaced_at IS NULL
    """
)


class CountsOut(Exact):
    """How much was noted; `days` are those with an entry in the log."""

    days: int
    entries: int
    achievements: int
    observations: int
    evidence: int


class MonthOut(Exact):
    """How much was noted of one month; months without anything are left out."""

    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    counts: CountsOut


class QuantityOut(Exact):
    """The quantities of a result that were counted in one unit, added up; an exact decimal number, as text."""

    unit: str
    total: str


class AchievementOut(Exact):
    """An entry of the log that she marked as an achievement."""

    id: UUID
    day: date
    text: str


class ResultNotesOut(Exact):
    """What was noted of one result; the last, with `result` empty, has what names none. `title` is empty where the plan has it no more."""

    result: str | None
    title: str | None
    counts: CountsOut
    quantities: list[QuantityOut]
    achievements: list[AchievementOut]
    observations: list[ObservationOut]
    evidence: list[EvidenceOut]


class CriterionNotesOut(Exact):
    """What was observed of one criterion; those without an observation are left out."""

    criterion: str
    title: str
    observations: list[ObservationOut]


class YearLogOut(Exact):
    """A year's notes. Lists hold the newest fifty of each, the counts count all; the employee is shown what is shared with her.

    `feedback` is the word of others, as far as `GET …/feedback` tells it to this reader; `remarks` were made of her unit.
    """

    appraisal_id: UUID
    first: date
    last: date
    counts: CountsOut
    months: list[MonthOut]
    results: list[ResultNotesOut]
    criteria: list[CriterionNotesOut]
    feedback: list[FeedbackOut]
    remarks: list[RemarkOut]


@dataclass(frozen=True)
class Told:
    """What was noted as an answer tells it, by id."""

    achievements: Mapping[str, Mapping[str, object]]
    observations: Mapping[str, Mapping[str, object]]
    evidence: Mapping[str, Mapping[str, object]]


@router.get(
    "/appraisals/{appraisal_id}/year-log",
    response_model=YearLogOut,
)
async def read_year_log(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """The year at a glance: counts by month, and by planned result the achievements, observations and evidence."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        return JSONResponse(await year_log_shown(connection, rooms, loaded, language(request)))


async def year_log_shown(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, spoken: Language
) -> dict[str, object]:
    """The year at a glance, as far as this reader is shown it."""
    segment = (await segments(connection, [loaded.id], rooms.now()))[loaded.id]
    planned = await planned_results(connection, rooms, loaded)
    asked = {"appraisal": loaded.id}
    entries = (await connection.execute(ENTRIES, asked)).all()
    observed = (await connection.execute(ALL_OBSERVATIONS, {**asked, "all": sees_all(loaded)})).all()
    files = (await connection.execute(ALL_EVIDENCE, asked)).all()
    told = Told(
        {row.id: {"id": row.id, "day": row.day.isoformat(), "text": row.text} for row in entries if row.achievement},
        _by_id(await observations_shown(connection, observed)),
        _by_id(await evidence_shown(connection, files)),
    )
    made = digest(planned, entries, observed, files)
    feedback = await feedback_shown(connection, rooms, loaded)
    remarks = await newest_remarks(connection, loaded, LISTED_MAX)
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    titles = {one.id: one.title.say(spoken) for criteria in pack.criteria.values() for one in criteria}
    results = sorted(made.results.items(), key=lambda found: found[0] is None)
    return {
        "appraisal_id": loaded.id,
        "first": segment.first.isoformat(),
        "last": segment.last.isoformat(),
        "counts": _counted(made.whole),
        "months": [{"month": month, "counts": _counted(made.months[month])} for month in sorted(made.months)],
        "results": [_result(key, planned.get(key or ""), heap, told) for key, heap in results],
        "criteria": [
            {
                "criterion": one,
                "title": titles.get(one, one),
                "observations": _some(heap.observations, told.observations),
            }
            for one, heap in sorted(made.criteria.items())
        ],
        "feedback": feedback[:LISTED_MAX],
        "remarks": remarks,
    }


async def months_noted(connection: AsyncConnection, loaded: Loaded) -> list[str]:
    """The months of which the log says something, as `2027-05`."""
    return sorted((await connection.execute(MONTHS, {"appraisal": loaded.id})).scalars())


def _by_id(shown: Iterable[dict[str, object]]) -> dict[str, Mapping[str, object]]:
    return {str(one["id"]): one for one in shown}


def _counted(counts: Counts) -> dict[str, int]:
    return {
        "days": len(counts.days),
        "entries": counts.entries,
        "achievements": counts.achievements,
        "observations": counts.observations,
        "evidence": counts.evidence,
    }


def _result(key: str | None, title: str | None, heap: Heap, told: Told) -> dict[str, object]:
    return {
        "result": key,
        "title": title,
        "counts": _counted(heap.counts),
        "quantities": [{"unit": unit, "total": exact(total)} for unit, total in sorted(heap.quantities.items())],
        "achievements": _some(heap.achievements, told.achievements),
        "observations": _some(heap.observations, told.observations),
        "evidence": _some(heap.evidence, told.evidence),
    }


def _some(ids: list[str], told: Mapping[str, Mapping[str, object]]) -> list[Mapping[str, object]]:
    return [told[one] for one in ids[:LISTED_MAX]]
