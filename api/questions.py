"""What the ratings of a cycle make one ask: of a rating that is better than the results, and of who rates kindly, sternly or all alike.

Questions and no verdicts: nothing waits for their answer, and nobody reads one about herself or about whoever rates her.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.loading import load
from api.paging import Asked as PageAsked
from api.paging import Found, Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, Shown, people_shown
from api.problems import Problem, language
from api.rated import RatedYear, given, rated_years
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models import anomalies, raters
from models.policy import PolicyPack
from models.questions import Asks, Question
from models.vocabulary import GrantedRole, Language, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["cycles"])

EVERYTHING = frozenset({GrantedRole.HR, GrantedRole.BOARD, GrantedRole.AUDITOR})
AFTER_RATERS = f"0/{UUID(int=2**128 - 1)}/{Asks.SEVERE}"
"""The cursor at which the questions about single ratings begin."""
OF_ONE = frozenset({Role.HR, Role.BOARD, Role.APPOINTING_AUTHORITY, Role.AUDITOR, Role.SENIOR})
"""Whoever confirms a rating, or answers for it above the rater."""


class FigureOut(Exact):
    """One thing the question rests on: `value` is a code or an exact number, as text."""

    what: str
    title: str
    value: str


class QuestionOut(Exact):
    """About a rater, or about one rating; then `appraisal_id` and `employee` say whose. `odds` is how rare that is by chance, at least."""

    asks: Asks
    question: str
    rater: PersonShown
    appraisal_id: UUID | None
    employee: PersonShown | None
    figures: Annotated[list[FigureOut], Field(min_length=1)]
    key: Key


class QuestionsOut(Exact):
    """What one rating makes whoever calibrates it ask."""

    items: list[QuestionOut]


@dataclass(frozen=True)
class Asked:
    """A question, and about whom."""

    rater: str
    question: Question
    year: RatedYear | None = None

    @property
    def key(self) -> str:
        """Raters first."""
        about = ("0", self.rater) if self.year is None else ("1", self.year.appraisal)
        return "/".join((*about, self.question.asks))

    def shown(self, people: dict[str, Shown], spoken: Language) -> dict[str, object]:
        return {
            **question_shown(self.question, spoken),
            "rater": people.get(self.rater),
            "appraisal_id": self.year.appraisal if self.year else None,
            "employee": people.get(self.year.person) if self.year else None,
            "key": self.key,
        }


def question_shown(question: Question, spoken: Language) -> dict[str, object]:
    """What is asked, and the figures it rests on."""
    figures = [{"what": one.what, "title": one.title.say(spoken), "value": one.value} for one in question.figures]
    return {"asks": question.asks, "question": question.said.say(spoken), "figures": figures}


@router.get("/cycles/{cycle_id}/questions", response_model=Page[QuestionOut])
async def read_questions(
    cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep, page: PageDep
) -> JSONResponse:
    """Everything for HR, the board and auditors; for whoever supervises raters, what their labels make one ask of them.

    Raters first, then ratings by appraisal. A pack that says nothing of fairness asks nothing.
    """
    return listed(await questions_found(rooms, caller, cycle_id, page, language(request)))


async def questions_found(rooms: Rooms, caller: Caller, cycle_id: str, page: PageAsked, spoken: Language) -> Found:
    """One page of the list. Raises `not_found`, `not_yours`, and `invalid_input` for a cursor of another list."""
    after = _after(page.after)
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        scope = _scope(agency, rooms, caller)
        pack = await rooms.facts.pack(connection, cycle_id)
        years = await rated_years(connection, cycle_id, rooms.facts) if pack.fairness else ()
    found = await asyncio.to_thread(_all, pack, years, ratings=scope is None)
    mine = around(agency, rooms, caller, years)
    hers = sorted(
        (one for one in found if (scope is None or one.rater in scope) and _open_to(caller, one, mine)),
        key=lambda one: one.key,
    )
    left = [one for one in hers if one.key > after]
    async with rooms.database.question() as connection:
        items = await _shown(connection, left[: page.limit + 1], spoken)
    return paged(items, page, len(hers), key="key")


@router.get("/appraisals/{appraisal_id}/questions", response_model=QuestionsOut)
async def read_questions_of_one(
    appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep
) -> JSONResponse:
    """For whoever confirms the rating, the supervisor of who gave it, HR and auditors; never for the employee or the rater."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        if not loaded.roles & OF_ONE:
            raise Problem("not_yours")
        pack = await rooms.facts.pack(connection, loaded.cycle_id)
        years = await rated_years(connection, loaded.cycle_id, rooms.facts, loaded.id) if pack.fairness else ()
        mine = around(loaded.agency, rooms, caller, years)
        found = [one for one in _of_ratings(pack, years) if _open_to(caller, one, mine)]
        items = await _shown(connection, found, language(request))
    return JSONResponse({"items": items})


def _after(key: str | None) -> str:
    """The key after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if key is None:
        return ""
    about, _, rest = key.partition("/")
    row, _, asks = rest.partition("/")
    if about not in ("0", "1") or asks not in set(Asks):
        raise bad_cursor()
    return f"{about}/{known_id(row)}/{asks}"


def _scope(agency: Agency, rooms: Rooms, caller: Caller) -> frozenset[str] | None:
    """The raters the caller answers for; None for everybody. Raises `not_yours` where there are none."""
    if caller.granted & EVERYTHING:
        return None
    below = agency.led_by(caller.person_id, local_day(rooms.now(), Zone.WIB))["supervisor"]
    if not below:
        raise Problem("not_yours")
    return frozenset(below)


def around(agency: Agency, rooms: Rooms, caller: Caller, years: Sequence[RatedYear]) -> frozenset[str]:
    """The caller, and whoever rates the caller: now, or in what was rated here."""
    supervisor = agency.parties(caller.person_id, local_day(rooms.now(), Zone.WIB)).person_in(Role.SUPERVISOR)
    raters_of_hers = {year.rater for year in years if year.person == caller.person_id}
    return frozenset({caller.person_id, *raters_of_hers, *({supervisor} if supervisor else ())})


def _open_to(caller: Caller, one: Asked, around: frozenset[str]) -> bool:
    return one.rater not in around and (one.year is None or one.year.person != caller.person_id)


def _all(pack: PolicyPack, years: Sequence[RatedYear], *, ratings: bool) -> list[Asked]:
    return [*of_raters(pack, years), *(_of_ratings(pack, years) if ratings else ())]


def of_raters(pack: PolicyPack, years: Sequence[RatedYear]) -> Iterator[Asked]:
    """What the labels make one ask of who gave them."""
    if pack.fairness and pack.fairness.raters:
        for rater, question in raters.questions(pack.fairness.raters, given(years), pack.scoring.labels):
            yield Asked(rater, question)


def _of_ratings(pack: PolicyPack, years: Sequence[RatedYear]) -> Iterator[Asked]:
    """What was decided on an appeal, by whoever heard both sides, is not asked about again."""
    if pack.fairness and pack.fairness.results:
        for year in years:
            if year.stands:
                for question in anomalies.questions(pack.fairness.results, year.pack.scoring, year.rated):
                    yield Asked(year.rater, question, year)


async def _shown(connection: AsyncConnection, found: Sequence[Asked], spoken: Language) -> list[dict[str, object]]:
    ids = {one.rater for one in found} | {one.year.person for one in found if one.year}
    people = dict(await people_shown(connection, ids))
    return [one.shown(people, spoken) for one in found]
