"""What a cycle's final results are, by unit and, where the pack says so, by name.

HR, board and auditor read the counts of everybody at any time. The people of the cycle read what the pack makes known, once HR has closed
it: no newcomer can join then, and closing is an act of HR's that stands in the trail.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from activities.segments import LAST_PART
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.named import UnitRef, unit_of, units_shown
from api.paging import Asked, Found, Page, PageDep, bad_cursor, cursor_of, known_id, listed
from api.problems import Problem
from api.progress import DONE, HAS_RESULT
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.publication import Openness, PublicationSpec, Tally, counted
from models.units import reach
from models.vocabulary import CycleState, GrantedRole, Label

router = APIRouter(tags=["cycles"])

EVERYBODY = f"a.cycle_id = :cycle AND a.own_year AND a.launch <> 'excluded' AND {LAST_PART}"
"""The appraisals `a` of a cycle's people, each by the last part of her year in her own post."""
FINAL = f"(a.launch = 'launched' AND a.state = '{DONE}' AND {HAS_RESULT})"
TALLIES = text(
    f"""
    SELECT a.unit_id, CASE WHEN {FINAL} THEN o.label END AS label, count(*) AS people,
           count(*) FILTER (WHERE a.state IS DISTINCT FROM '{DONE}') AS running
      FROM appraisal a LEFT JOIN outcome o ON o.id = a.outcome_id WHERE {EVERYBODY} GROUP BY 1, 2
    """
)
IN_CYCLE = text(
    "SELECT EXISTS (SELECT FROM appraisal WHERE cycle_id = :cycle AND person_id = :me AND launch <> 'excluded')"
)
WHICH = f"""
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN person p ON p.id = a.person_id
     WHERE {EVERYBODY} AND {FINAL}
       AND (CAST(:units AS text[]) IS NULL OR a.unit_id = ANY(:units)) AND (CAST(:label AS text) IS NULL OR o.label = :label)
"""
NAMES = text(
    f"""
    SELECT a.id, a.unit_id, p.name, o.label {WHICH}
       AND (p.name, a.id) > (:after_name, :after_id) ORDER BY p.name, a.id LIMIT :limit
    """
)
TOTAL = text(f"SELECT count(*) {WHICH}")
WHOLE = frozenset({GrantedRole.HR, GrantedRole.BOARD, GrantedRole.AUDITOR})
CLOSED = frozenset({CycleState.CLOSING, CycleState.CLOSED})
BETWEEN = "\n"
"""Stands between name and id in a cursor; the roster lets no such character into a name."""

UnitCode = Annotated[str | None, Query(max_length=64, description="A unit's code; what is below it counts too.")]


class UnitResults(Exact):
    """A unit with all below it. `results` are people with a final result, of whom `counted` stand in `counts`.

    Whoever is not counted is in a group so small, so much alike or not yet finished that counts would tell a single person's label.
    """

    unit: UnitRef
    results: int
    counted: int
    counts: dict[Label, int] | None


class ResultsOut(Exact):
    """`openness` is what the pack makes known; `whole` says that nobody is left out of the counts. The units above come first."""

    cycle: UUID
    openness: Openness
    group_min: int
    whole: bool
    units: list[UnitResults]


class NamedResult(Exact):
    """A colleague and the label; the unit is the one in which she was appraised."""

    name: str
    unit: UnitRef
    label: Label


@router.get(
    "/cycles/{cycle_id}/results",
    response_model=ResultsOut,
    responses={409: {"description": "HR has not closed the cycle."}},
)
async def read_results(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, unit: UnitCode = None) -> JSONResponse:
    """How many came to which label, in each unit with all below it, of final results only."""
    async with rooms.database.transaction() as connection:
        return JSONResponse(await results_shown(connection, rooms, caller, cycle_id, unit))


async def results_shown(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str, unit: str | None
) -> dict[str, object]:
    """The counts of every unit, or of those below that one. Raises what `made_known` raises, `not_found`."""
    row = await find_cycle(connection, cycle_id)
    spec = (await rooms.facts.pack(connection, cycle_id)).publication
    officer = bool(caller.granted & WHOLE)
    if not officer:
        await made_known(connection, row, spec, caller, {Openness.AGGREGATE, Openness.NAMED})
    agency = await rooms.people.agency(connection)
    asked = await units_within(connection, agency, unit)
    tallies = await tallies_of(connection, cycle_id)
    final = {unit: tally.labels for unit, tally in tallies.items()}
    whole = officer or spec.results is Openness.NAMED
    told = final if whole else counted(tallies, agency.parent_unit, spec.group_min)
    results, counts = _upwards(final, agency), _upwards(told, agency)
    within = [one for one in results if asked is None or one in asked]
    names = await units_shown(connection, within)
    ordered = sorted(within, key=lambda one: (len(agency.unit_path(one)), names[one]["code"]))
    return {
        "cycle": cycle_id,
        "openness": spec.results,
        "group_min": spec.group_min,
        "whole": whole,
        "units": [_shown(names[one], results[one], counts.get(one, Counter())) for one in ordered],
    }


@router.get(
    "/cycles/{cycle_id}/results/people",
    response_model=Page[NamedResult],
    responses={409: {"description": "HR has not closed the cycle."}},
)
async def list_results(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    unit: UnitCode = None,
    label: Label | None = None,
) -> JSONResponse:
    """Who came to which label, by name, where the pack says so: final results only. With the highest `label`, whom to congratulate."""
    async with rooms.database.transaction() as connection:
        return listed(await names_listed(connection, rooms, caller, cycle_id, page, unit, label))


async def names_listed(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    page: Asked,
    unit: str | None,
    label: Label | None,
) -> Found:
    """A page of the names. Raises what `made_known` raises, `not_found`."""
    after_name, after_id = _after(page)
    row = await find_cycle(connection, cycle_id)
    spec = (await rooms.facts.pack(connection, cycle_id)).publication
    await made_known(connection, row, spec, caller, {Openness.NAMED})
    agency = await rooms.people.agency(connection)
    asked = {"cycle": cycle_id, "units": await units_within(connection, agency, unit), "label": label}
    total = (await connection.execute(TOTAL, asked)).scalar_one()
    keys = {"after_name": after_name, "after_id": after_id, "limit": page.limit + 1}
    rows = (await connection.execute(NAMES, asked | keys)).mappings().all()
    units = await units_shown(connection, {one["unit_id"] for one in rows})
    shown = rows[: page.limit]
    items = [{"name": one["name"], "unit": units[one["unit_id"]], "label": one["label"]} for one in shown]
    last = f"{shown[-1]['name']}{BETWEEN}{shown[-1]['id']}" if len(rows) > page.limit else None
    return Found(items=items, next=cursor_of(last) if last else None, total=total)


async def tells_colleagues(connection: AsyncConnection, rooms: Rooms, cycle_id: str) -> bool:
    """Whether results of this cycle are made known to its people now."""
    spec = (await rooms.facts.pack(connection, cycle_id)).publication
    return spec.results is not Openness.OWN and (await find_cycle(connection, cycle_id))["state"] in CLOSED


async def made_known(
    connection: AsyncConnection, cycle: RowMapping, spec: PublicationSpec, caller: Caller, asked: Collection[Openness]
) -> None:
    """Raises `not_yours` for who is not in the cycle, `not_published`, `not_published_yet`."""
    inside = await connection.execute(IN_CYCLE, {"cycle": cycle["id"], "me": caller.person_id})
    if not caller.granted & WHOLE and not inside.scalar_one():
        raise Problem("not_yours")
    if spec.results not in asked:
        raise Problem("not_published")
    if cycle["state"] not in CLOSED:
        raise Problem("not_published_yet")


async def tallies_of(connection: AsyncConnection, cycle: str) -> dict[str, Tally]:
    """The people of a cycle by the unit they were appraised in, whatever their number in one statement."""
    people, running, labels = Counter[str](), Counter[str](), defaultdict[str, Counter[Label]](Counter)
    for row in await connection.execute(TALLIES, {"cycle": cycle}):
        people[row.unit_id] += row.people
        running[row.unit_id] += row.running
        if row.label is not None:
            labels[row.unit_id][Label(row.label)] += row.people
    return {unit: Tally(people[unit], running[unit], labels[unit]) for unit in people}


async def units_within(connection: AsyncConnection, agency: Agency, code: str | None) -> list[str] | None:
    """The unit of that code and all below it; None where none was asked for. Raises `not_found`."""
    if code is None:
        return None
    found = await unit_of(connection, code)
    if found is None:
        raise Problem("not_found")
    return sorted(reach(found, agency.parent_unit, ()))


def _upwards(labels: Mapping[str, Mapping[Label, int]], agency: Agency) -> dict[str, Counter[Label]]:
    """By each of these units and each above them: theirs and what is below."""
    found = defaultdict[str, Counter[Label]](Counter)
    for unit, counts in labels.items():
        for step in agency.unit_path(unit):
            found[step].update(counts)
    return found


def _shown(unit: Mapping[str, str], results: Counter[Label], counts: Counter[Label]) -> dict[str, object]:
    told = {label: counts[label] for label in Label} if counts else None
    return {"unit": unit, "results": results.total(), "counted": counts.total(), "counts": told}


def _after(page: Asked) -> tuple[str, str]:
    """The name and the id after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if page.after is None:
        return "", ""
    name, _, appraisal = page.after.partition(BETWEEN)
    if not name:
        raise bad_cursor()
    return name, known_id(appraisal)
