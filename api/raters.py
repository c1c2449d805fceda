"""The raters of a cycle side by side, for whoever calibrates: what each gave beside chance, what one asks of it, what was sent back.

Questions and no verdicts, as in `api.questions`, and read by the same rules: nobody reads about herself as a rater or about who rates her,
and her own label is in no count that she reads.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from activities.people import Agency
from api.cycle_view import CycleId, find_cycle
from api.distribution import units_to_see
from api.exact import Exact
from api.people_shown import PersonShown, Shown, people_shown
from api.problems import language
from api.questions import EVERYTHING, FigureOut, around, of_raters, question_shown
from api.rated import RatedYear, ReturnedRating, given, rated_years, returned_ratings
from api.results import UnitCode
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.policy import PolicyPack
from models.questions import Asks, Question
from models.rater_shares import Share, leaves_few, shares
from models.vocabulary import GrantedRole, Label, Language

router = APIRouter(tags=["cycles"])


class ByChanceOut(Exact):
    """Between how many people would have this label by chance, at this rater."""

    least: int
    most: int


class ShareOut(Exact):
    """One label. `others` are people rated by others under the same labels of organisations; `before` is how many the rater first gave it.

    `by_chance` is null where too few are compared, `before` for the head of a unit.
    """

    label: Label
    people: int
    others: int
    by_chance: ByChanceOut | None
    before: int | None


class AskedOut(Exact):
    """What these labels make one ask, with the figures it rests on."""

    asks: Asks
    question: str
    figures: Annotated[list[FigureOut], Field(min_length=1)]


class ReturnOut(Exact):
    """A rating that was sent back: what it was, why it was, and what it is now; `after` is null until it is rated again."""

    appraisal_id: UUID
    employee: PersonShown
    at: AwareDatetime
    by: PersonShown
    reason: str | None
    before: Label
    after: Label | None


class CalibrationOut(Exact):
    """How many ratings were sent back to this rater and how many have another label since; `returns` is null for the head of a unit."""

    returned: int
    changed: int
    returns: list[ReturnOut] | None


class RaterOut(Exact):
    """`labels` is null, and nothing is asked, where so few were rated that it would say nothing, or tell a single person's label."""

    rater: PersonShown
    people: int
    labels: list[ShareOut] | None
    questions: list[AskedOut]
    calibration: CalibrationOut


class RatersOut(Exact):
    """Of fewer people than `people_min` no labels are counted; null, and nothing is counted or asked, where the pack says nothing of it."""

    cycle: UUID
    people_min: int | None
    raters: list[RaterOut]


@dataclass(frozen=True)
class Returned:
    """One rating that was sent back, and what it has become."""

    rating: ReturnedRating
    after: Label | None

    @property
    def changed(self) -> bool:
        return self.after not in (None, self.rating.label)


@dataclass(frozen=True)
class Ratings:
    """A cycle's ratings as one reader counts them, by rater; `before` are the labels as they were first given."""

    people: Mapping[str, Set[str]]
    before: Mapping[str, Counter[Label]]
    shares: Mapping[str, Sequence[Share]]
    questions: Mapping[str, Sequence[Question]]
    returned: Mapping[str, Sequence[Returned]]


@router.get("/cycles/{cycle_id}/raters", response_model=RatersOut)
async def read_raters(
    cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep, unit: UnitCode = None
) -> JSONResponse:
    """Every rater for HR, the board and auditors; for the head of a unit those who are in it or below. Who is asked about comes first.

    What a rater gave is counted over the whole cycle, wherever the people are.
    """
    return JSONResponse(await raters_view(rooms, caller, cycle_id, unit, language(request)))


async def raters_view(
    rooms: Rooms, caller: Caller, cycle_id: str, unit: str | None, spoken: Language
) -> dict[str, object]:
    """The answer of `GET /cycles/{id}/raters`. Raises `not_found`, `not_yours`."""
    caller.needs(*EVERYTHING, GrantedRole.UNIT_HEAD)
    whole = bool(caller.granted & EVERYTHING)
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        within = await units_to_see(connection, agency, caller, unit, whole=whole)
        pack = await rooms.facts.pack(connection, cycle_id)
        years = await rated_years(connection, cycle_id, rooms.facts)
        returns = await returned_ratings(connection, cycle_id, rooms.facts)
    hidden = around(agency, rooms, caller, years)
    ratings = await asyncio.to_thread(
        _counted,
        pack,
        [year for year in years if year.person != caller.person_id],
        [one for one in returns if one.person != caller.person_id],
    )
    places = {person: unit for unit, people in agency.unit_members.items() for person in people}
    raters = {
        rater
        for rater in {*ratings.people, *ratings.returned} - hidden
        if within is None or places.get(rater) in within
    }
    told = raters if whole else _told_to_head(pack, agency, ratings, raters, caller.person_id)
    back = [one.rating for rater in raters for one in ratings.returned.get(rater, ())] if whole else []
    async with rooms.database.question() as connection:
        people = await people_shown(connection, {*raters, *(one.person for one in back), *(one.by for one in back)})
    asked = told & ratings.questions.keys()
    ordered = sorted(raters, key=lambda rater: (rater not in asked, str(people[rater]["nip"])))
    spec = pack.fairness.raters if pack.fairness else None
    return {
        "cycle": cycle_id,
        "people_min": spec.people_min if spec else None,
        "raters": [_shown(ratings, rater, people, spoken, told=rater in told, whole=whole) for rater in ordered],
    }


def _counted(pack: PolicyPack, years: Sequence[RatedYear], returns: Sequence[ReturnedRating]) -> Ratings:
    people: dict[str, set[str]] = defaultdict(set)
    for year in years:
        if year.own_year:
            people[year.rater].add(year.person)
    questions: dict[str, list[Question]] = defaultdict(list)
    for asked in of_raters(pack, years):
        questions[asked.rater].append(asked.question)
    spec = pack.fairness.raters if pack.fairness else None
    return Ratings(
        people=people,
        before=_before(years, returns),
        shares=shares(spec, given(years)) if spec else {},
        questions=questions,
        returned=_returned(years, returns),
    )


def _before(years: Sequence[RatedYear], returns: Sequence[ReturnedRating]) -> dict[str, Counter[Label]]:
    first: dict[str, ReturnedRating] = {}
    for one in returns:
        first.setdefault(one.appraisal, one)
    again = {(one.rater, one.person) for one in first.values()}
    kept = [year for year in years if year.appraisal not in first and (year.rater, year.person) not in again]
    found: dict[str, Counter[Label]] = defaultdict(Counter)
    labels = [(one.rater, one.label) for one in given(kept)] + [(one.rater, one.label) for one in first.values()]
    for rater, label in labels:
        found[rater][label] += 1
    return found


def _returned(years: Sequence[RatedYear], returns: Sequence[ReturnedRating]) -> dict[str, list[Returned]]:
    """With what came of each: what was sent back next, or the label by now."""
    now = {year.appraisal: year.given for year in years}
    found: dict[str, list[Returned]] = defaultdict(list)
    for one in reversed(returns):
        found[one.rater].insert(0, Returned(one, now.get(one.appraisal)))
        now[one.appraisal] = one.label
    return found


def _told_to_head(pack: PolicyPack, agency: Agency, ratings: Ratings, raters: Set[str], head: str) -> Set[str]:
    """Whose labels the head of a unit reads: those from which, with the counts of units, he learns nothing of a few.

    What he gave himself he knows, so it hides nobody.
    """
    spec = pack.fairness.raters if pack.fairness else None
    known = ratings.people.get(head, set())
    rated = {person for people in ratings.people.values() for person in people} - known
    groups: dict[str, set[str]] = defaultdict(set)
    for unit, members in agency.unit_members.items():
        for step in agency.unit_path(unit):
            groups[step].update(rated.intersection(members))
    alone = [rated.intersection(members) for members in agency.unit_members.values()]
    return {
        rater
        for rater in raters
        if spec
        and not leaves_few(ratings.people.get(rater, set()) - known, (*groups.values(), *alone), spec.people_min)
    }


def _shown(
    ratings: Ratings, rater: str, people: Mapping[str, Shown], spoken: Language, *, told: bool, whole: bool
) -> dict[str, object]:
    given_back = ratings.returned.get(rater, ())
    counted = ratings.shares.get(rater) if told else None
    before = ratings.before.get(rater, Counter()) if whole else None
    return {
        "rater": people[rater],
        "people": len(ratings.people.get(rater, ())),
        "labels": [_share(one, before) for one in counted] if counted else None,
        "questions": [question_shown(one, spoken) for one in ratings.questions.get(rater, ()) if told],
        "calibration": {
            "returned": len(given_back),
            "changed": sum(one.changed for one in given_back),
            "returns": [_return(one, people) for one in given_back] if whole else None,
        },
    }


def _share(one: Share, before: Mapping[Label, int] | None) -> dict[str, object]:
    return {
        "label": one.label,
        "people": one.people,
        "others": one.others,
        "by_chance": {"least": one.by_chance.least, "most": one.by_chance.most} if one.by_chance else None,
        "before": None if before is None else before.get(one.label, 0),
    }


def _return(one: Returned, people: Mapping[str, Shown]) -> dict[str, object]:
    return {
        "appraisal_id": one.rating.appraisal,
        "employee": people.get(one.rating.person),
        "at": one.rating.at.isoformat(),
        "by": people.get(one.rating.by),
        "reason": one.rating.reason,
        "before": one.rating.label,
        "after": one.after,
    }
