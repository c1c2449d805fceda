"""The organisation's label of a unit: set by whoever stands above its head, by the board or by HR, and reached by all it holds for.

A row, an event of the cycle's trail and the word to running years are one transaction and need no engine. What is final is never
rewritten: it is listed, and reopening it is HR's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.cycle_trail import note
from activities.facts import CycleFacts, UnitLabel
from activities.labels import nudge, outdated, reached, rests_on_label
from activities.people import Agency
from activities.running import move_facts
from activities.segments import segments
from activities.texts import keep_reason
from api.act_bodies import Reason
from api.cycle_view import RUNNING, CycleId, find_cycle
from api.distribution import RuleOut, rule_shown, spread, verdict_of
from api.exact import Exact
from api.named import UnitRef
from api.patterns import PatternProblemOut, held_against, mode_of_labels
from api.problems import Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from models.language import Bilingual
from models.policy import PolicyPack
from models.trail_actions import TrailAction
from models.units import reach
from models.vocabulary import GrantedRole, Language, OrganisationLabel, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["cycles"])

UNIT = text("SELECT id, code, name FROM unit WHERE code = :code")
LAST = text("SELECT coalesce(max(number), 0) FROM unit_label WHERE cycle_id = :cycle")
WRITE = text(
    """
    INSERT INTO unit_label (id, cycle_id, unit_id, number, label, reason, actor, role, at)
    VALUES (:id, :cycle, :unit, :number, :label, :reason, :actor, :role, :at)
    """
)
LAST_EXPLAINED = text(
    """
    SELECT coalesce(t.body, e.reason) AS reason, e.data FROM cycle_event e LEFT JOIN text t ON t.id = e.reason_id
     WHERE e.cycle_id = :cycle AND e.action = :explained AND e.data ->> 'unit' = :unit ORDER BY e.seq DESC LIMIT 1
    """
)
PATTERN_BROKEN = Bilingual(
    id="Sebaran predikat yang sudah diberikan tidak sesuai pola predikat organisasi ini.",
    en="The labels given so far do not keep the pattern of this organisation label.",
)


class LabelBody(BaseModel):
    """`reason` is for the label; `distribution_reason` says why its people's labels do not keep the pattern, where they do not."""

    model_config = ConfigDict(extra="forbid")

    label: OrganisationLabel
    reason: Reason
    distribution_reason: Reason | None = None


class WarningOut(Exact):
    """What HR should look at; the label is set."""

    code: Literal["pattern_broken"]
    message: str
    rules: list[RuleOut]


class LabelOut(Exact):
    """`affected` open years are told; `final` are finished ones that it would change: nothing is rewritten, HR may reopen them.

    `explained` says that the trail has, from now on or from before, this reason for what the people's labels are.
    """

    cycle: UUID
    unit: UnitRef
    label: OrganisationLabel
    number: int
    set_at: AwareDatetime
    changed: bool
    explained: bool
    affected: int
    final: list[UUID]
    warnings: list[WarningOut]


@router.put(
    "/cycles/{cycle_id}/units/{unit}/label",
    response_model=LabelOut,
    responses={
        409: {
            "model": PatternProblemOut,
            "description": "The cycle does not run and no year waits there, or the pack refuses a broken pattern.",
        },
        422: {"model": PatternProblemOut},
    },
)
async def set_label(
    cycle_id: CycleId,
    unit: Annotated[str, Path(min_length=1, max_length=64, description="The unit's code.")],
    body: LabelBody,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
) -> JSONResponse:
    """Set the label of a unit, or change it; in a cycle that is over, where a year that was reopened there waits for it or rests on it.

    Set again to what it is, nothing happens, but a `distribution_reason` that is due is kept.
    """
    answer = await labelled(rooms, caller, cycle_id, unit, body, language(request))
    return JSONResponse(answer, background=BackgroundTask(tell_nudged, rooms, cycle_id))


async def labelled(
    rooms: Rooms, caller: Caller, cycle_id: str, unit: str, body: LabelBody, spoken: Language
) -> dict[str, object]:
    """The answer of `PUT`; whoever is nudged is to be told afterwards. Raises as the rules say; then nothing has changed."""
    async with rooms.database.transaction() as connection:
        return await _set(connection, rooms, caller, cycle_id, unit, body, spoken)


def may_label(agency: Agency, caller: Caller, unit: str, year: int, now: datetime) -> bool:
    """Whether that unit's label of a year is this caller's to set, as the line alone says: what rests on it may still forbid it."""
    day = local_day(now, Zone.WIB)
    if _own_unit(agency, caller.person_id, unit, year, day):
        return False
    officer = bool(caller.granted & {GrantedRole.HR, GrantedRole.BOARD})
    return officer or agency.setter_of(unit, day) == caller.person_id


def _own_unit(agency: Agency, person: str, unit: str, year: int, day: date) -> bool:
    """Whether somebody who leads the unit today would label the own work.

    Who stands above its head, and acts in that post only since the year was over, labels what that other did.
    """
    above = agency.setter_of(unit, day) == person
    return agency.heading.leads(unit, person, min(day, date(year, 12, 31)) if above else day)


async def _set(
    connection: AsyncConnection,
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    code: str,
    body: LabelBody,
    spoken: Language,
) -> dict[str, object]:
    cycle = await find_cycle(connection, cycle_id, hold=True)
    unit = (await connection.execute(UNIT, {"code": code})).mappings().one_or_none()
    agency = await rooms.people.agency(connection)
    facts = await rooms.facts.cycle(connection, cycle_id, cycle["facts_revision"])
    if unit is None:
        caller.needs(GrantedRole.HR, GrantedRole.BOARD)
        raise Problem("not_found")
    units = reach(unit["id"], agency.parent_unit, facts.labels)
    rows = await reached(connection, cycle_id, units)
    role = await _role_of(connection, caller, agency, unit["id"], cycle["year"], rows, rooms.now())
    if cycle["state"] not in RUNNING and not any(rests_on_label(row) for row in rows):
        raise Problem("cycle_state", state=cycle["state"])
    before = facts.labels.get(unit["id"])
    now, pack = rooms.now(), await rooms.facts.pack(connection, cycle_id)
    if before is not None and before.label is body.label:
        groups = await spread(connection, cycle_id, agency, facts, units, caller.person_id)
        broken = [rule_shown(check) for group in groups for check in verdict_of(group, pack).broken]
        explained = await _explain(connection, cycle_id, now, caller, role, code, before.number, broken, body)
        return _answer(cycle_id, unit, before, broken, spoken, changed=False, explained=explained)
    number = int((await connection.execute(LAST, {"cycle": cycle_id})).scalar_one()) + 1
    after = UnitLabel(unit["id"], number, body.label, now)
    broken = await _pattern(connection, pack, agency, facts, cycle_id, after, units, body)
    written = {"id": str(uuid4()), "cycle": cycle_id, "unit": unit["id"], "number": number, "label": body.label.value}
    who = {"reason": body.reason, "actor": caller.person_id, "role": role.value, "at": now}
    await connection.execute(WRITE, written | who)
    revision = await move_facts(connection, cycle_id)
    told = await nudge(connection, rows, revision)
    final = await outdated(connection, rooms.facts, agency, cycle_id, lambda _: after, now, units)
    data: dict[str, object] = {
        "unit": unit["code"],
        "label": body.label.value,
        "before": before.label.value if before else None,
        "number": number,
        "facts_revision": revision,
        "affected": len(told),
        "final": final,
    }
    action = TrailAction.LABEL_SET if before is None else TrailAction.LABEL_CHANGED
    reason = await keep_reason(connection, body.reason, caller.person_id)
    await note(connection, cycle_id, now, action, caller.person_id, data, role=role, reason=reason)
    explained = await _explain(connection, cycle_id, now, caller, role, code, number, broken, body)
    return _answer(cycle_id, unit, after, broken, spoken, explained=explained, affected=len(told), final=final)


async def _explain(
    connection: AsyncConnection,
    cycle_id: str,
    now: datetime,
    caller: Caller,
    role: Role,
    unit: str,
    number: int,
    broken: list[dict[str, object]],
    body: LabelBody,
) -> bool:
    """Note why the people's labels do not keep the pattern, where they do not and somebody says why; the same once only."""
    reason = body.distribution_reason
    if not broken or reason is None:
        return False
    why: dict[str, object] = {"unit": unit, "number": number, "rules": broken}
    asked = {"cycle": cycle_id, "explained": TrailAction.DISTRIBUTION_EXPLAINED.value, "unit": unit}
    last = (await connection.execute(LAST_EXPLAINED, asked)).one_or_none()
    if last is None or (last.reason, last.data) != (reason, why):
        await note(
            connection,
            cycle_id,
            now,
            TrailAction.DISTRIBUTION_EXPLAINED,
            caller.person_id,
            why,
            role=role,
            reason=await keep_reason(connection, reason, caller.person_id),
        )
    return True


async def _role_of(
    connection: AsyncConnection,
    caller: Caller,
    agency: Agency,
    unit: str,
    year: int,
    rows: Sequence[RowMapping],
    now: datetime,
) -> Role:
    """In which role this caller may label that unit.

    Raises `not_yours`: for its own head, be it a Plt (`_own_unit`), for whoever headed it in a year of his that rests on it, and for the
    only one it reaches, always.
    """
    day, me = local_day(now, Zone.WIB), caller.person_id
    hers = [row for row in rows if row["person_id"] == me]
    its = await segments(connection, [row["id"] for row in hers], now) if hers else {}
    resting = [row for row in hers if row["unit_id"] == unit and row["waits_for_labels"] and row["last_segment"]]
    headed = any(agency.heading.headed(unit, me, its[row["id"]].day(day), row["acting_for"]) for row in resting)
    alone = bool(hers) and len(hers) == len(rows)
    if headed or alone or _own_unit(agency, me, unit, year, day):
        raise Problem("not_yours")
    if agency.setter_of(unit, day) == caller.person_id:
        return Role.SENIOR
    caller.needs(GrantedRole.HR, GrantedRole.BOARD)
    return Role.BOARD if GrantedRole.BOARD in caller.granted else Role.HR


async def _pattern(
    connection: AsyncConnection,
    pack: PolicyPack,
    agency: Agency,
    facts: CycleFacts,
    cycle: str,
    label: UnitLabel,
    units: set[str],
    body: LabelBody,
) -> list[dict[str, object]]:
    """The rules that the labels given so far would break under this one. Raises `reason_required` where the pack asks for one."""
    mode, wanted = mode_of_labels(pack), replace(facts, labels={**facts.labels, label.unit: label}, _by_path={})
    broken: list[dict[str, object]] = []
    for group in await spread(connection, cycle, agency, wanted, units):
        reasoned = body.distribution_reason is not None
        broken += held_against(mode, verdict_of(group, pack), reasoned=reasoned, pointer="/distribution_reason")
    return broken


def _answer(
    cycle_id: str, unit: RowMapping, label: UnitLabel, broken: list[dict[str, object]], spoken: Language, **more: object
) -> dict[str, object]:
    warning = {"code": "pattern_broken", "message": PATTERN_BROKEN.say(spoken), "rules": broken}
    answer: dict[str, object] = {
        "cycle": cycle_id,
        "unit": {"code": unit["code"], "name": unit["name"]},
        "label": label.label.value,
        "number": label.number,
        "set_at": label.at.isoformat(),
        "changed": True,
        "explained": False,
        "affected": 0,
        "final": [],
        "warnings": [warning] if broken else [],
    }
    return answer | more
