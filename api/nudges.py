"""HR's nudge: whoever open appraisals wait on is reminded, once however many they are, and not twice within a day.

It goes at once, but on nobody's day off: then it is in the next morning's digest. The day counts from when it was told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import MISSING, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.facts import agency_days
from activities.notices import NUDGE, TOLD, with_reason
from activities.outbox import tell_many
from activities.people import Agency
from activities.waiting import open_in_cycle, waits_on
from api.cycle_view import CycleId, find_cycle, must_run
from api.exact import Exact
from api.named import unit_named
from api.problem_shown import ProblemOut
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.language import Bilingual
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Zone
from models.workdays import PersonClock, week_of

router = APIRouter(tags=["cycles"])

AGAIN_AFTER = timedelta(days=1)
PEOPLE_MAX = 1000

NAMED = text("SELECT id, nip FROM person WHERE nip = ANY(:nips)")
PEOPLE = text("SELECT id, nip, zone, work_week, active FROM person WHERE id = ANY(:ids) ORDER BY nip")
NUDGED = text(
    """
    SELECT DISTINCT n.person_id FROM notice n LEFT JOIN digest d ON d.id = n.digest_id
     WHERE n.cycle_id = :cycle AND n.text = :nudge
       AND (n.state = 'pending' AND d.body IS NOT NULL
            OR n.state IN ('sent', 'shown') AND greatest(n.at, d.at, n.sent_at) > :since)
    """
)
"""Who was told since then, or is being told."""
TO_TELL = text(
    f"""
    {TOLD} LEFT JOIN digest m ON m.id = n.digest_id
     WHERE n.cycle_id = :cycle AND n.text = :nudge AND n.state = 'pending' AND m.body IS NULL ORDER BY n.id
    """
)
"""What is still to be told: what was pressed on a day off is told in the morning after it, if it has its reason then."""
DROP = text(
    """
    UPDATE notice n SET state = 'dropped', last_error = 'the work is done' WHERE n.id = ANY(:ids) AND n.state = 'pending'
       AND NOT EXISTS (SELECT FROM digest d WHERE d.id = n.digest_id AND d.body IS NOT NULL)
    """
)
UNKNOWN_PERSON = Bilingual(id="Tidak ada pegawai dengan NIP ini.", en="There is nobody with this NIP.")


class NudgeBody(BaseModel):
    """Whom to nudge; neither: everybody the cycle waits on.

    `people` are NIPs: somebody with work to do is reminded of it, of anybody else whoever her own year waits on. `unit` is a code: whoever
    the years of its people, and of those below it, wait on.
    """

    model_config = ConfigDict(extra="forbid")

    people: (
        Annotated[list[Annotated[str, Field(pattern=r"^\d{18}$")]], Field(min_length=1, max_length=PEOPLE_MAX)] | None
    ) = None
    unit: Annotated[str, Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.people is not None and self.unit is not None:
            raise ValueError("give people or a unit, not both")
        return self


class Skipped(Exact):
    """`own_appraisal`: nobody hurries her own."""

    nip: str
    code: Literal["nudged_already", "nothing_waits", "own_appraisal", "has_left"]


class NudgedOut(Exact):
    """How many people were told, and who was not."""

    told: int
    skipped: list[Skipped]


class NudgedAlreadyOut(ProblemOut):
    """With `nudged_already`, who was not told and why."""

    skipped: list[Skipped] | MISSING = MISSING


@dataclass
class Work:
    """What waits on whom: appraisal ids by person; and who is left out, by NIP."""

    on: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, people: Iterable[str], appraisal: str) -> None:
        for person in people:
            self.on[person].add(appraisal)


@router.post(
    "/cycles/{cycle_id}/nudges",
    response_model=NudgedOut,
    responses={
        409: {
            "model": NudgedAlreadyOut,
            "description": "Everybody was told within a day or is yet to be, or neither the cycle runs nor a year in it.",
        }
    },
)
async def nudge(cycle_id: CycleId, body: NudgeBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Remind whoever open appraisals wait on. `409 nudged_already` where all of them were, within a day, or are yet to be."""
    caller.needs(GrantedRole.HR)

    async def effect(connection: AsyncConnection) -> Answer:
        row = await find_cycle(connection, cycle_id, hold=True)
        await must_run(connection, row)
        return Answer(200, await _nudge(connection, rooms, caller, cycle_id, body))

    used_for = {"cycle": cycle_id} | body.model_dump(exclude_none=True)
    return await once(rooms, caller, key, NUDGE, used_for, effect)


async def _nudge(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str, body: NudgeBody
) -> dict[str, object]:
    now, agency = rooms.now(), await rooms.people.agency(connection)
    rows = await open_in_cycle(connection, cycle_id, now)
    work = await _wanted(connection, rows, agency, caller, body, now)
    asked = {"cycle": cycle_id, "since": now - AGAIN_AFTER, "nudge": NUDGE}
    already = set((await connection.execute(NUDGED, asked)).scalars())
    to_tell = (await connection.execute(TO_TELL, {"cycle": cycle_id, "nudge": NUDGE})).mappings().all()
    still = await with_reason(connection, rooms.facts, agency, to_tell, now)
    already |= {notice["person_id"] for notice in still}
    days, facts, on_duty = await agency_days(connection), {}, set()
    for person in await connection.execute(PEOPLE, {"ids": list(work.on)}):
        clock = PersonClock.of(Zone(person.zone), week_of(person.work_week), days)
        left = not person.active or agency.line.gone(UUID(person.id), clock.day_of(now))
        if left or person.id in already:
            work.skipped[person.nip] = "has_left" if left else "nudged_already"
            continue
        ids = sorted(work.on[person.id])
        facts[person.id] = {"count": len(ids), "appraisals": ids}
        if clock.calendar.is_working(clock.day_of(now)):
            on_duty.add(person.id)
    skipped = [{"nip": nip, "code": code} for nip, code in sorted(work.skipped.items())]
    if not facts and "nudged_already" in work.skipped.values():
        raise Problem("nudged_already", skipped=skipped)
    if facts:
        # One that lost its reason says no more beside the new one, whatever comes back before the morning.
        over = [notice["id"] for notice in to_tell if notice["person_id"] in facts]
        await connection.execute(DROP, {"ids": over})
        each, by = [*facts.items()], caller.person_id
        await tell_many(connection, each, NUDGE, at=now, actor=by, cycle_id=cycle_id, at_once=on_duty)
        said: dict[str, object] = {
            "told": len(facts),
            "skipped": len(skipped),
            "appraisals": len(set().union(*(work.on[person] for person in facts))),
            "unit": body.unit,
            "people": None if body.people is None else len(body.people),
        }
        await note(connection, cycle_id, now, TrailAction.NUDGED, caller.person_id, said)
    return {"told": len(facts), "skipped": skipped}


async def _wanted(
    connection: AsyncConnection,
    rows: Sequence[RowMapping],
    agency: Agency,
    caller: Caller,
    body: NudgeBody,
    now: datetime,
) -> Work:
    """What waits on whom within the wish's scope. Nobody hurries her own year."""
    others = [row for row in rows if row["person_id"] != caller.person_id]
    turns = {row["id"]: waits_on(row, agency, now) for row in others}
    if body.people:
        ids = await _named(connection, body.people)
        return _around(ids, others, turns, caller)
    if body.unit:
        unit = await unit_named(connection, body.unit, "/unit")
        others = [row for row in others if unit in agency.unit_path(row["unit_id"])]
    work = Work()
    for row in others:
        work.add(turns[row["id"]], row["id"])
    return work


def _around(ids: Mapping[str, str], rows: Sequence[RowMapping], turns: Mapping[str, set[str]], caller: Caller) -> Work:
    """What waits on these people, by NIP; of whom nothing does, whoever her own year waits on."""
    everything, work = Work(), Work()
    own: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        everything.add(turns[row["id"]], row["id"])
        if turns[row["id"]]:
            own[row["person_id"]].append(row["id"])
    for nip, person in ids.items():
        if person in everything.on:
            work.on[person] |= everything.on[person]
        elif person in own:
            for appraisal in own[person]:
                work.add(turns[appraisal], appraisal)
        else:
            work.skipped[nip] = "own_appraisal" if person == caller.person_id else "nothing_waits"
    return work


async def _named(connection: AsyncConnection, nips: Sequence[str]) -> dict[str, str]:
    """Person ids by NIP. Raises `invalid_input` for a NIP of nobody."""
    found = {row.nip: row.id for row in await connection.execute(NAMED, {"nips": list(nips)})}
    problems = [
        FieldProblem(f"/people/{n}", "unknown_person", UNKNOWN_PERSON) for n, nip in enumerate(nips) if nip not in found
    ]
    if problems:
        raise Problem("invalid_input", errors=problems)
    return {nip: found[nip] for nip in dict.fromkeys(nips)}
