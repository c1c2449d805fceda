"""Somebody's years: what each came to and led to, and what changed from one to the next.

For herself, whoever supervises her today, HR and auditors. Final results and imported ones: a year that is opened again is none until it is
final again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.earlier_years import years_before_us
from activities.final_results import FinalYear, final_years
from activities.follow_ups import Decided, decisions_of
from activities.programmes import Held, programmes_of
from activities.trainings import courses_for, trainings_of
from api.appraisal_shown import CycleRef, Points
from api.earlier_shown import EarlierYearShown, year_shown
from api.exact import Exact
from api.follow_up_shown import FollowUpShown, items_of
from api.named import NipPath, UnitRef, units_shown
from api.people_shown import Shown, people_shown
from api.problems import Problem, language
from api.programme_shown import ProgrammeRef, reference
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.access import roles
from models.before_after import VALUE, VALUE_TITLE, Change, Compared, Figure, changes, figures_of
from models.earlier_years import EarlierYear
from models.language import Bilingual
from models.policy import PolicyPack
from models.vocabulary import GrantedRole, Label, Language, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["people"])

PERSON = text("SELECT id, zone FROM person WHERE nip = :nip")
CYCLES = text("SELECT id, name, year, policy FROM cycle WHERE id = ANY(:ids)")
READS = frozenset({Role.EMPLOYEE, Role.SUPERVISOR, Role.SENIOR, Role.HR, Role.AUDITOR})


class FigureShown(Exact):
    """A number of that year by where it stands: `value`, `measured.<indicator>`, or a field of the rating."""

    id: str
    title: str
    value: Points


class LevelShown(Exact):
    """A competency in that year; `gap` is 0 where the level that the post needs is reached."""

    id: str
    title: str
    achieved: int
    required: int
    gap: int


class YearOfHistory(Exact):
    """A year that is final here; `match` is the percent of what her post needs in competency, where the pack measures it."""

    source: Literal["siklus"]
    appraisal_id: UUID
    cycle: CycleRef
    unit: UnitRef
    revision: int
    label: Label
    method: str
    value: Points | None
    match: Points | None
    figures: list[FigureShown]
    competencies: list[LevelShown]
    follow_ups: list[FollowUpShown]
    programmes: list[ProgrammeRef]


class TrainingTaken(Exact):
    """A training she took part in, on record with HR."""

    course: str
    title: str
    day: Annotated[date, Field(alias="date")]


class ChangeShown(Exact):
    """One competency (its level, with the gap) or figure in two years that follow each other on record, by the same policy.

    `trainings` build the competency, and lie after the first of the two ratings and not after the second.
    """

    from_year: int
    to_year: int
    of: Literal["competency", "figure"]
    id: str
    title: str
    before: Points
    after: Points
    change: Points
    gap_before: int | None
    gap_after: int | None
    trainings: list[TrainingTaken]


class HistoryOut(Exact):
    """Her years, those here and those imported, the latest first, and what changed from each to the next, the earliest first."""

    nip: str
    years: list[YearOfHistory | EarlierYearShown]
    changes: list[ChangeShown]


@dataclass(frozen=True)
class Told:
    """A final year with the pack it was judged by, the one its cycle goes by now, which says what follows, and what was decided of it."""

    year: FinalYear
    pack: PolicyPack
    now: PolicyPack
    figures: Sequence[Figure]
    decided: Sequence[Decided]
    programmes: Sequence[Held]

    def compared(self, zone: Zone) -> Compared:
        result = self.year.result
        catalogue = () if self.pack.competency is None else self.pack.competency.training
        return Compared(
            year=result.year,
            policy=self.pack.id,
            rated_on=local_day(self.year.rated_at, zone),
            competencies=() if result.profile is None else result.profile.lines,
            figures=self.figures,
            builds={course.id: course.builds for course in catalogue},
        )

    def shown(
        self, cycle: Mapping[str, object], unit: Mapping[str, str], people: Mapping[str, Shown], spoken: Language
    ) -> dict[str, object]:
        result = self.year.result
        lines = () if result.profile is None else result.profile.lines
        return {
            "source": "siklus",
            "appraisal_id": self.year.appraisal,
            "cycle": cycle,
            "unit": unit,
            "revision": self.year.revision,
            "label": result.label,
            "method": self.year.method,
            "value": _text(result.value),
            "match": _text(result.match),
            "figures": [
                {"id": one.id, "title": one.title.say(spoken), "value": str(one.value)} for one in self.figures
            ],
            "competencies": [
                {
                    "id": line.id,
                    "title": line.title.say(spoken),
                    **{name: getattr(line, name) for name in ("achieved", "required", "gap")},
                }
                for line in lines
            ],
            "follow_ups": [one.shown(people, spoken) for one in items_of(self.now, self.year, self.decided)],
            "programmes": [reference(one) for one in self.programmes],
        }


@router.get("/people/{nip}/history", response_model=HistoryOut)
async def read_history(nip: NipPath, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """Each final year's label, figures and follow-ups, and before and after. To others `not_yours`, known or not."""
    spoken = language(request)
    async with rooms.database.transaction() as connection:
        person, zone = await person_read(connection, rooms, caller, nip)
        years = await _told(connection, rooms, person)
        earlier = await years_before_us(connection, person)
        taken = (await trainings_of(connection, [person]))[person]
        titles = await courses_for(connection, person)
        found = await connection.execute(CYCLES, {"ids": sorted({one.year.cycle for one in years})})
        cycles = {row["id"]: dict(row) for row in found.mappings()}
        units = await units_shown(connection, {one.year.unit for one in years})
        people = await people_shown(connection, {decided.by for one in years for decided in one.decided})
    between = changes([one.compared(zone) for one in years] + [_as_compared(one[0].result) for one in earlier], taken)
    here = [
        (one.year.result.year, one.shown(cycles[one.year.cycle], units[one.year.unit], people, spoken)) for one in years
    ]
    brought = [(one[0].result.year, year_shown(one)) for one in earlier]
    return JSONResponse(
        {
            "nip": nip,
            "years": [shown for _, shown in sorted(brought + here, key=lambda one: one[0])][::-1],
            "changes": [_change(one, titles, spoken) for one in between],
        }
    )


def _as_compared(earlier: EarlierYear) -> Compared:
    """By its scheme, so that the values of two years are held against each other where both were judged by the same."""
    figures = () if earlier.value is None else (Figure(VALUE, VALUE_TITLE, earlier.value),)
    return Compared(earlier.year, earlier.scheme, date(earlier.year, 12, 31), figures=figures)


async def person_read(connection: AsyncConnection, rooms: Rooms, caller: Caller, nip: str) -> tuple[str, Zone]:
    """Whose years the caller may read. Raises `not_yours`, and `not_found` for who would be told of anybody."""
    agency = await rooms.people.agency(connection)
    row = (await connection.execute(PERSON, {"nip": nip})).one_or_none()
    if row is None:
        raise Problem("not_found" if caller.granted & {GrantedRole.HR, GrantedRole.AUDITOR} else "not_yours")
    zone = Zone(row.zone)
    around = agency.parties(row.id, local_day(rooms.now(), zone))
    if not roles(caller.person_id, caller.granted, around) & READS:
        raise Problem("not_yours")
    return row.id, zone


async def _told(connection: AsyncConnection, rooms: Rooms, person: str) -> list[Told]:
    """Her final years, the earliest first."""
    years = await final_years(connection, rooms.now(), person=person)
    decided = await decisions_of(connection, [one.appraisal for one in years])
    programmes = await programmes_of(connection, rooms.facts, person)
    found = []
    for year in years:
        packs = await rooms.facts.packs(connection, year.cycle)
        pack, now = packs[year.edition], packs[max(packs)]
        figures = figures_of(pack, year.result.rating, year.lines, year.result.value)
        made = [one for one in decided.get(year.appraisal, ()) if one.revision == year.revision]
        found.append(Told(year, pack, now, figures, made, programmes.get(year.appraisal, ())))
    return found


def _change(one: Change, titles: Mapping[str, Bilingual], spoken: Language) -> dict[str, object]:
    before, after = one.gaps or (None, None)
    return {
        "from_year": one.before_year,
        "to_year": one.after_year,
        "of": one.of,
        "id": one.id,
        "title": one.title.say(spoken),
        "before": str(one.before),
        "after": str(one.after),
        "change": str(one.after - one.before),
        "gap_before": before,
        "gap_after": after,
        "trainings": [
            {
                "course": taken.course,
                "title": titles[taken.course].say(spoken) if taken.course in titles else taken.course,
                "date": taken.day.isoformat(),
            }
            for taken in one.trainings
        ],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
