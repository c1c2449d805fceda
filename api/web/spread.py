"""How the labels are spread, unit by unit, against the pattern that the organisation's label allows; and setting that label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, cast

from fastapi import Query, Request, Response
from starlette.background import BackgroundTask

from api.cycle_view import CycleId, find_cycle
from api.distribution import distribution_view
from api.labels import LabelBody, labelled, may_label
from api.named import unit_of, units_shown
from api.paging import Asked, PageDep
from api.problems import Problem
from api.questions import AFTER_RATERS, questions_found
from api.raters import raters_view
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from api.web.door import body_of, page, page_router, posted, told
from api.web.language import spoken
from api.web.pictures import Row, row, share
from models.distribution import DistributionSpec
from models.vocabulary import GrantedRole, Label, OrganisationLabel

UNIT_MAX = 64
router = page_router()
UnitCode = Annotated[str | None, Query(max_length=UNIT_MAX)]


@dataclass(frozen=True)
class Bound:
    """One rule as it is drawn: how many percent have one of its labels, and where its bound lies."""

    rule: Mapping[str, object]
    actual: float
    allowed: float | None


@dataclass(frozen=True)
class Unit:
    """One unit of the page; without `rows` nothing is drawn, because nobody is labelled or too few to be shown."""

    said: Mapping[str, object]
    rows: tuple[Row, ...]
    bounds: tuple[Bound, ...]
    may_label: bool


@router.get("/siklus/{cycle_id}/sebaran")
async def spread_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, unit: UnitCode = None) -> Response:
    shown = await distribution_view(rooms, caller, cycle_id, unit or None, spoken())
    units = cast(Sequence[Mapping[str, object]], shown["units"])
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        spec = (await rooms.facts.pack(connection, cycle_id)).distribution
        agency = await rooms.people.agency(connection)
        ids = {one["code"]: id_ for id_, one in (await units_shown(connection, set(agency.parent_unit))).items()}
    asked = [ids[cast(Mapping[str, str], one["unit"])["code"]] for one in units]
    may = [may_label(agency, caller, one, cycle["year"], rooms.now()) for one in asked]
    return page(
        "sebaran.html",
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        it=shown,
        units=[_unit(one, mine) for one, mine in zip(units, may, strict=True)],
        names=_names(spec),
        asked=unit or "",
    )


def _unit(said: Mapping[str, object], mine: bool) -> Unit:
    counts = cast(Mapping[Label, int] | None, said["counts"])
    labelled_so_far = int(str(said["labelled"]))
    rows = () if not counts or not labelled_so_far else _rows(counts, labelled_so_far)
    rules = cast(Sequence[Mapping[str, object]], said["rules"] or ())
    return Unit(said, rows, tuple(_bound(one) for one in rules), mine)


def _rows(counts: Mapping[Label, int], of: int) -> tuple[Row, ...]:
    return tuple(row(label.value, [("people", people)], of) for label, people in counts.items())


def _bound(rule: Mapping[str, object]) -> Bound:
    allowed = rule["allowed"]
    return Bound(
        rule, share(float(Decimal(str(rule["actual"])))), None if allowed is None else share(float(str(allowed)))
    )


def _names(spec: DistributionSpec | None) -> Mapping[str, tuple[str, str]]:
    """Each label of an organisation with the pattern that goes with it, in the pack's words."""
    if spec is None:
        return {}
    return {one.value: (spec.names[one].id, spec.patterns[one].title.id) for one in OrganisationLabel}


@router.get("/siklus/{cycle_id}/predikat")
async def label_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, unit: UnitCode = None) -> Response:
    """The form, for who may label that unit; without one, for who may label any."""
    async with rooms.database.transaction() as connection:
        agency, cycle = await rooms.people.agency(connection), await find_cycle(connection, cycle_id)
        found = await unit_of(connection, unit) if unit else None
    if found is None:
        caller.needs(GrantedRole.HR, GrantedRole.BOARD)
    elif not may_label(agency, caller, found, cycle["year"], rooms.now()):
        raise Problem("not_yours")
    return await _label_page(rooms, caller, cycle_id, {"unit": unit or ""})


@router.post("/siklus/{cycle_id}/predikat")
async def set_label(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Set it. What is refused changes nothing, and what was typed stays, with what is missing. Raises `not_yours`."""
    typed = {name: value.replace("\r\n", "\n").strip() for name, value in await posted(request)}
    said = {name: typed[name] for name in ("label", "reason", "distribution_reason") if typed.get(name)}
    try:
        body = body_of(LabelBody, said)
        answer = await labelled(rooms, caller, cycle_id, typed.get("unit", ""), body, spoken())
    except Problem as refused:
        if refused.code == "not_yours":
            raise
        return await _label_page(rooms, caller, cycle_id, typed, refused=refused)
    done = await _label_page(rooms, caller, cycle_id, {"unit": typed["unit"]}, answer=answer)
    done.background = BackgroundTask(tell_nudged, rooms, cycle_id)
    return done


async def _label_page(
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    typed: Mapping[str, str],
    *,
    refused: Problem | None = None,
    answer: Mapping[str, object] | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        spec = (await rooms.facts.pack(connection, cycle_id)).distribution
    refusal = told(refused) if refused else None
    wrong = {one.pointer.strip("/"): one.message.id for one in refused.errors} if refused else {}
    return page(
        "predikat.html",
        status=int(str(refusal["status"])) if refusal else 200,
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        typed=typed,
        names=_names(spec) or {one.value: (one.value, "") for one in OrganisationLabel},
        refused=refusal,
        wrong=wrong,
        answer=answer,
    )


@router.get("/siklus/{cycle_id}/penilai")
async def raters_page(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, asked: PageDep, unit: UnitCode = None
) -> Response:
    """What one asks of raters and of ratings: questions, and no verdicts."""
    shown = await raters_view(rooms, caller, cycle_id, unit or None, spoken())
    try:
        wanted = Asked(asked.limit, asked.after or AFTER_RATERS)
        questions = await questions_found(rooms, caller, cycle_id, wanted, spoken())
    except Problem as refused:
        if refused.code != "not_yours":
            raise
        questions = None
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
    return page(
        "penilai.html",
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        it=shown,
        ratings=[one for one in questions.items if one["appraisal_id"]] if questions else [],
        following=questions.next if questions else None,
    )
