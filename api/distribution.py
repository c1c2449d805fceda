"""How the labels of people are spread, unit by unit, against the pattern of the organisation's label.

Counted in people by the last segment in their own post. Nobody reads her own label here before it was delivered to her, and to the head
of a unit no count is shown that is too small to hide a person in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import CycleFacts, UnitLabel
from activities.people import Agency
from activities.segments import LAST_LAUNCHED
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.named import UnitRef, unit_of, units_shown
from api.people_shown import PersonShown, people_shown
from api.problems import Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.access import sees_result
from models.appraisal import Snapshot
from models.distribution import Mode, RuleCheck, RuleKind, Standing, Verdict, judge
from models.policy import PolicyPack
from models.trail_actions import TrailAction
from models.units import reach
from models.vocabulary import GrantedRole, Label, Language, OrganisationLabel, Role

router = APIRouter(tags=["cycles"])

SPREAD = text(
    f"""
    SELECT a.person_id, a.unit_id, o.label, CASE WHEN a.person_id = :me THEN a.snapshot END AS own
      FROM appraisal a LEFT JOIN outcome o ON o.id = a.outcome_id
     WHERE a.cycle_id = :cycle AND a.own_year AND {LAST_LAUNCHED} AND a.ending IS DISTINCT FROM 'cancelled'
       AND (CAST(:units AS text[]) IS NULL OR a.unit_id = ANY(:units))
    """
)
REASONS = text(
    f"""
    SELECT e.data ->> 'unit' AS unit, e.at, e.actor, coalesce(t.body, e.reason) AS reason
      FROM cycle_event e LEFT JOIN text t ON t.id = e.reason_id
     WHERE e.cycle_id = :cycle AND coalesce(t.body, e.reason) IS NOT NULL AND e.action = '{TrailAction.DISTRIBUTION_EXPLAINED}' ORDER BY seq
    """
)
WHO = (GrantedRole.HR, GrantedRole.BOARD, GrantedRole.AUDITOR)


@dataclass(frozen=True)
class Group:
    """The people that one label holds for, or of one unit that has none."""

    unit: str
    label: UnitLabel | None
    size: int
    counts: Mapping[Label, int]


class RuleOut(Exact):
    """`allowed` and `actual` are percents of those labelled so far, exact; `allowed` is null for `some`: at least one person."""

    labels: list[Label]
    kind: RuleKind
    allowed: str | None
    people: int
    actual: str
    ok: bool


class ReasonOut(Exact):
    """Why a pattern was not kept, and who said so."""

    at: AwareDatetime
    by: PersonShown | None
    reason: str


class GroupOut(Exact):
    """`counts` and `rules` are null where they would tell a single person's label (`withheld`); `rules` also where nothing is judged."""

    unit: UnitRef
    label: OrganisationLabel | None
    label_of: UnitRef | None
    pattern: str | None
    people: int
    labelled: int
    counts: dict[Label, int] | None
    standing: Standing
    rules: list[RuleOut] | None
    withheld: bool
    reasons: list[ReasonOut]


class DistributionOut(Exact):
    """`mode` is what the pack does where a pattern is not kept; a unit of fewer people than `unit_size_min` is not judged."""

    cycle: UUID
    mode: Mode
    unit_size_min: int | None
    units: list[GroupOut]


@router.get("/cycles/{cycle_id}/distribution", response_model=DistributionOut)
async def read_distribution(
    cycle_id: CycleId,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    unit: Annotated[str | None, Query(max_length=64, description="A unit's code; what is below it counts too.")] = None,
) -> JSONResponse:
    """Everybody for HR, the board and auditors; a unit head sees the own unit and what is below it."""
    return JSONResponse(await distribution_view(rooms, caller, cycle_id, unit, language(request)))


async def distribution_view(
    rooms: Rooms, caller: Caller, cycle_id: str, unit: str | None, spoken: Language
) -> dict[str, object]:
    """The answer of `GET /cycles/{id}/distribution`. Raises `not_found`, `not_yours`."""
    caller.needs(*WHO, GrantedRole.UNIT_HEAD)
    async with rooms.database.transaction() as connection:
        row = await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        scope = await units_to_see(connection, agency, caller, unit, whole=bool(caller.granted & set(WHO)))
        facts = await rooms.facts.cycle(connection, cycle_id, row["facts_revision"])
        pack = await rooms.facts.pack(connection, cycle_id)
        groups = await spread(connection, cycle_id, agency, facts, scope, caller.person_id)
        reasons = await _reasons(connection, cycle_id)
        named = {group.unit for group in groups} | {group.label.unit for group in groups if group.label}
        units = await units_shown(connection, named)
    whole = bool(caller.granted & set(WHO))
    shown = [_shown(group, pack, units, reasons, spoken, whole=whole) for group in groups]
    spec = pack.distribution
    return {
        "cycle": cycle_id,
        "mode": spec.mode if spec else "off",
        "unit_size_min": spec.unit_size_min if spec else None,
        "units": sorted(shown, key=lambda one: str(one["unit"])),
    }


async def units_to_see(
    connection: AsyncConnection, agency: Agency, caller: Caller, code: str | None, *, whole: bool
) -> set[str] | None:
    """The units asked for; None for all. Who may not see the `whole` sees his own unit and below. Raises `not_found`, `not_yours`."""
    mine = None if whole else reach(caller.unit_id, agency.parent_unit, ())
    if code is None:
        return mine
    found = await unit_of(connection, code)
    if mine is not None and found not in mine:
        raise Problem("not_yours")
    if found is None:
        raise Problem("not_found")
    return reach(found, agency.parent_unit, ())


async def spread(
    connection: AsyncConnection,
    cycle: str,
    agency: Agency,
    facts: CycleFacts,
    scope: Collection[str] | None,
    me: str | None = None,
) -> list[Group]:
    """The people of these units by the label that holds for them; without one, or with one from outside, by their own unit."""
    asked = {"cycle": cycle, "units": None if scope is None else sorted(scope), "me": me}
    sizes: dict[str, int] = {}
    counts: dict[str, dict[Label, int]] = {}
    labels: dict[str, UnitLabel | None] = {}
    for row in (await connection.execute(SPREAD, asked)).mappings():
        label = facts.label(agency.unit_path(row["unit_id"]))
        inside = label is not None and (scope is None or label.unit in scope)
        key = label.unit if label is not None and inside else str(row["unit_id"])
        labels[key] = label
        sizes[key] = sizes.get(key, 0) + 1
        given = counts.setdefault(key, {})
        if row["label"] is not None and not _hidden(row):
            given[Label(row["label"])] = given.get(Label(row["label"]), 0) + 1
    return [Group(key, labels[key], size, counts[key]) for key, size in sizes.items()]


def _hidden(row: RowMapping) -> bool:
    """Whether this is the caller's own result and has not reached her yet."""
    return row["own"] is not None and not sees_result({Role.EMPLOYEE}, Snapshot.model_validate(row["own"]))


def verdict_of(group: Group, pack: PolicyPack) -> Verdict:
    return judge(pack.distribution, group.label.label if group.label else None, group.size, group.counts)


async def _reasons(connection: AsyncConnection, cycle: str) -> dict[str, list[dict[str, object]]]:
    rows = (await connection.execute(REASONS, {"cycle": cycle})).all()
    people = await people_shown(connection, {row.actor for row in rows})
    found: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        told = {"at": row.at.isoformat(), "by": people.get(row.actor), "reason": row.reason}
        found.setdefault(row.unit, []).append(told)
    return found


def _shown(
    group: Group,
    pack: PolicyPack,
    units: Mapping[str, Mapping[str, str]],
    reasons: Mapping[str, Sequence[Mapping[str, object]]],
    spoken: Language,
    *,
    whole: bool,
) -> dict[str, object]:
    verdict, spec = verdict_of(group, pack), pack.distribution
    labelled, unit = sum(group.counts.values()), units[group.unit]
    few = spec is not None and min(group.size, labelled) < spec.unit_size_min
    withheld = not whole and (few or spec is None)
    label = group.label
    return {
        "unit": unit,
        "label": label.label if label else None,
        "label_of": units[label.unit] if label else None,
        "pattern": spec.patterns[label.label].title.say(spoken) if spec and label else None,
        "people": group.size,
        "labelled": labelled,
        "counts": None if withheld else {name: group.counts.get(name, 0) for name in Label},
        "standing": verdict.standing,
        "rules": [rule_shown(check) for check in verdict.rules] if verdict.rules and not withheld else None,
        "withheld": withheld,
        "reasons": reasons.get(unit["code"], []),
    }


def rule_shown(check: RuleCheck) -> dict[str, object]:
    return {
        "labels": [label.value for label in check.rule.labels],
        "kind": check.rule.kind,
        "allowed": None if check.rule.bound is None else str(check.rule.bound),
        "people": check.people,
        "actual": str(check.share),
        "ok": check.ok,
    }
