"""The nine boxes of a cycle as counts, and who stands in those that the pack looks for talents in; for HR and PyB.

Both are of final results only, by the thresholds of the pack (`models.nine_box`), and leave out whom the caller stepped back from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.final_results import FinalYear
from activities.follow_ups import Decided, decisions_of
from api.appraisal_shown import Points
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.follow_up_shown import DecidedShown, decided_shown
from api.follow_ups import years_to_decide
from api.paging import Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problems import Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.nine_box import BOXES, NineBoxSpec, box_of
from models.vocabulary import FollowUp, Label, Rating

router = APIRouter(tags=["cycles"])

KIND = "talent"
"""What the cursor of the list begins with."""
LOW_TO_HIGH = (Rating.BELOW, Rating.AS_EXPECTED, Rating.ABOVE)
POTENTIALS = ("low", "middle", "high")


class BoxShown(Exact):
    """One of the nine, numbered as in practice; how many people stand in it, and whether the pack looks for talents there."""

    box: int
    performance: Rating
    potential: Literal["low", "middle", "high"]
    talents: bool
    people: int


class NineBoxOut(Exact):
    """`potential` is what the pack means by it. `without` have a final result that lacks a figure one of the axes asks for."""

    cycle: UUID
    potential: str
    boxes: list[BoxShown]
    placed: int
    without: int


class LabelOfYear(Exact):
    """A final label of hers, and whether it was given here."""

    year: int
    label: Label
    source: Literal["siklus", "imported"]


class TalentShown(Exact):
    """Somebody in one of those boxes: the figures behind it, her years on record with the latest first, and what was decided of the pool.

    `value` and `match` (percent of what her post needs in competency) are null where the pack has none.
    """

    appraisal_id: UUID
    employee: PersonShown | None
    box: int
    label: Label
    value: Points | None
    match: Points | None
    years: list[LabelOfYear]
    talent_pool: DecidedShown | None
    key: Key


@dataclass(frozen=True)
class Placed:
    """A final year and the box it lies in; None where it lies in none."""

    year: FinalYear
    box: int | None


@router.get("/cycles/{cycle_id}/nine-box", response_model=NineBoxOut)
async def read_nine_box(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """How many people stand in each box. `not_found` where the pack has none."""
    async with rooms.database.transaction() as connection:
        spec, placed = await _placed(connection, rooms, caller, cycle_id)
    people = Counter(one.box for one in placed if one.box is not None)
    boxes: list[dict[str, object]] = [
        {
            "box": box,
            "performance": LOW_TO_HIGH[reached],
            "potential": POTENTIALS[potential],
            "talents": box in spec.talents,
            "people": people[box],
        }
        for reached, row in enumerate(BOXES)
        for potential, box in enumerate(row)
    ]
    return JSONResponse(
        {
            "cycle": cycle_id,
            "potential": spec.potential_title.say(language(request)),
            "boxes": sorted(boxes, key=lambda one: int(str(one["box"]))),
            "placed": people.total(),
            "without": len(placed) - people.total(),
        }
    )


@router.get("/cycles/{cycle_id}/talents", response_model=Page[TalentShown])
async def list_talents(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    box: Annotated[int | None, Query(ge=1, le=9, description="One of the nine, instead of those of the pack.")] = None,
) -> JSONResponse:
    """Who may be fit for larger tasks, the highest box first. `not_found` where the pack has no boxes."""
    after = _after(page.after)
    async with rooms.database.transaction() as connection:
        spec, placed = await _placed(connection, rooms, caller, cycle_id)
        wanted = set(spec.talents) if box is None else {box}
        found = sorted((one for one in placed if one.box in wanted), key=_order)
        left = [one for one in found if _order(one) > after][: page.limit + 1]
        made = await decisions_of(connection, [one.year.appraisal for one in left])
        decided = {one.year.appraisal: _pooled(one.year, made.get(one.year.appraisal, ())) for one in left}
        named = {one.year.person for one in left} | {one.by for one in decided.values() if one is not None}
        people = await people_shown(connection, named)
    items: list[dict[str, object]] = []
    for one in left:
        result, pooled = one.year.result, decided[one.year.appraisal]
        labels = {**result.before, result.year: result.label}
        items.append(
            {
                "appraisal_id": one.year.appraisal,
                "employee": people.get(one.year.person),
                "box": one.box,
                "label": result.label,
                "value": _text(result.value),
                "match": _text(result.match),
                "years": [
                    {
                        "year": year,
                        "label": labels[year],
                        "source": "imported" if year in result.imported else "siklus",
                    }
                    for year in sorted(labels, reverse=True)
                ],
                "talent_pool": None if pooled is None else decided_shown(pooled, people),
                "key": f"{KIND} {one.box} {one.year.appraisal}",
            }
        )
    return listed(paged(items, page, len(found), key="key"))


async def _placed(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str
) -> tuple[NineBoxSpec, list[Placed]]:
    """Everybody who is still here and has a final result. Raises `not_yours`, `not_found`."""
    await find_cycle(connection, cycle_id)
    pack, years = await years_to_decide(connection, rooms, caller, cycle_id)
    if pack.nine_box is None:
        raise Problem("not_found")
    return pack.nine_box, [Placed(one, box_of(pack.nine_box, one.result)) for one in years if one.ongoing]


def _pooled(year: FinalYear, decided: Sequence[Decided]) -> Decided | None:
    of_pool = (one for one in decided if one.kind is FollowUp.TALENT_POOL and one.revision == year.revision)
    return next(of_pool, None)


def _order(one: Placed) -> tuple[int, str]:
    """The highest box first, then by appraisal."""
    return -(one.box or 0), one.year.appraisal


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _after(cursor: str | None) -> tuple[int, str]:
    """The place after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if cursor is None:
        return -10, ""
    what, _, rest = cursor.partition(" ")
    box, _, appraisal = rest.partition(" ")
    if what != KIND or box not in set("123456789"):
        raise bad_cursor()
    return -int(box), known_id(appraisal)
