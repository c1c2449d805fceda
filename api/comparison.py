"""Where a person stands among colleagues: her label beside the counts of the smallest group that hides everybody in it.

It is the group in which she is counted when results are made known (`models.publication`), so a comparison tells nobody more than those
counts do. A group of its own for each level or job family would overlap with them, and what two overlapping groups differ by is a person.
"""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text

from api.cycle_view import find_cycle
from api.exact import Exact
from api.loading import load
from api.named import UnitRef, units_shown
from api.problems import Problem
from api.results import CLOSED, tallies_of
from api.rooms import RoomsDep
from api.security import CallerDep
from models.appraisal import Snapshot
from models.publication import Openness, groups
from models.vocabulary import Ending, Label, State

router = APIRouter(tags=["appraisals"])

LABEL = text("SELECT label FROM outcome WHERE id = :id")


class ComparisonOut(Exact):
    """`counts` are of everybody in the group, herself included; `unit` is where the group is counted, with those below who are too few.

    `higher`, `same` and `lower` are the others in it.
    """

    cycle: UUID
    label: Label
    unit: UnitRef
    people: int
    counts: dict[Label, int]
    higher: int
    same: int
    lower: int


@router.get(
    "/appraisals/{appraisal_id}/comparison",
    response_model=ComparisonOut,
    responses={409: {"description": "It is not published yet, or would show a single colleague."}},
)
async def read_comparison(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """For the employee, and whoever may read her result. A year that ended without one, or is no person's whole label, is `not_found`."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        row, snapshot = loaded.row, loaded.running()
        spec = (await rooms.facts.pack(connection, loaded.cycle_id)).publication
        if spec.results is Openness.OWN:
            raise Problem("not_published")
        if not row["own_year"] or row["segment"] != row["last_segment"] or _ended_without(snapshot):
            raise Problem("not_found")
        cycle = await find_cycle(connection, loaded.cycle_id)
        tallies = await tallies_of(connection, loaded.cycle_id)
        group = groups(tallies, loaded.agency.parent_unit, spec.group_min).get(row["unit_id"])
        named = spec.results is Openness.NAMED
        waits = group is not None and group.tally.running and not named
        if waits or cycle["state"] not in CLOSED or snapshot.state is not State.FINALISATION_DONE:
            raise Problem("not_published_yet")
        if group is None or not (named or group.tally.hides_everybody(spec.group_min)):
            raise Problem("comparison_withheld")
        label = Label((await connection.execute(LABEL, {"id": snapshot.outcome_id})).scalar_one())
        unit = (await units_shown(connection, [group.unit]))[group.unit]
    counts = {one: group.tally.labels.get(one, 0) for one in Label}
    place, all_of = list(Label).index(label), list(counts.values())
    return JSONResponse(
        {
            "cycle": loaded.cycle_id,
            "label": label,
            "unit": unit,
            "people": group.tally.results,
            "counts": counts,
            "higher": sum(all_of[:place]),
            "same": all_of[place] - 1,
            "lower": sum(all_of[place + 1 :]),
        }
    )


def _ended_without(snapshot: Snapshot) -> bool:
    """Whether the year is over and has no result."""
    over = snapshot.state is State.FINALISATION_DONE
    return over and (snapshot.outcome_id is None or snapshot.ending is Ending.CANCELLED)
