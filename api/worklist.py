"""What needs a person: everything in a cycle that no rule moves on by itself, each with what HR may do about it.

Computed from rows when it is asked for; nothing has to be taken off it by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.enrolment import acting_to_begin, had_by_another, newcomers
from activities.facts import PackUnreadable
from activities.labels import outdated
from activities.people import SHOWN_POST, Agency
from api.cancelling import REOPENED_SINCE
from api.cycle_view import OVER, CycleId, find_cycle
from api.exact import Exact
from api.exchange import untaken
from api.hooks import unheard
from api.loading import around_of, current_timing
from api.paging import Asked, Found, Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown
from api.problems import Problem, language
from api.programmes_to_see_to import programmes_to_see_to
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.stuck import stuck
from api.telling import cycle_workflow_id
from api.untold import untold
from api.untrained import untrained
from api.worklist_kinds import KINDS, OFFERED
from api.worklist_reasons import reasons
from models import lifecycle
from models.access import roles
from models.appraisal import Snapshot
from models.policy import PolicyPack
from models.trail_actions import TrailAction
from models.vocabulary import CycleState, GrantedRole, Language, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["cycles"])
log = structlog.stdlib.get_logger("siklus.worklist")

ELSEWHERE = had_by_another("o", person="a.person_id", year="a.year", cycle="a.cycle_id")
ROWS = text(
    f"""
    SELECT a.id, a.person_id, a.launch, a.launch_problem, a.state, a.parked, a.zone, a.unit_id, a.supervisor_override,
           CASE WHEN a.on_hr_list OR a.state = 'appeal.deciding' THEN a.snapshot END AS snapshot,
           a.snapshot ->> 'until' AS until, coalesce((a.snapshot #>> '{{visit,level}}')::int, 0) AS level,
           a.acting_for, p.nip, p.name, {SHOWN_POST} AS post, u.name AS unit, a.on_hr_list,
           coalesce(a.due_at > :now, false) AS has_time,
           a.snapshot #>> '{{suspended,reason,id}}' IS NOT NULL AS suspended_by_hr,
           coalesce(a.done_at < :archived_by, false) AND NOT coalesce((a.snapshot ->> 'archived')::boolean, false) AS unarchived,
           a.id = ANY(:untold) AS notice_failed,
           (x.actor = a.person_id OR x.at < :cancelled_by) IS TRUE AND NOT {REOPENED_SINCE} AS not_cancelled,
           a.launch = 'excluded' AND EXISTS (SELECT FROM appraisal o WHERE {ELSEWHERE}) AS elsewhere
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
      LEFT JOIN cycle_event x ON x.cycle_id = a.cycle_id AND x.action = '{TrailAction.CYCLE_CANCELLED}'
     WHERE a.cycle_id = :cycle AND (CAST(:only AS text) IS NULL OR a.person_id = :only)
       AND (a.state IS DISTINCT FROM 'finalisation.done' OR a.parked IS NOT NULL
            OR (a.done_at < :archived_by AND NOT coalesce((a.snapshot ->> 'archived')::boolean, false))
            OR a.id = ANY(:untold))
     ORDER BY a.id
    """
)
SHOWN = text(
    """
    SELECT a.*, c.facts_revision AS cycle_facts_revision FROM appraisal a JOIN cycle c ON c.id = a.cycle_id
     WHERE a.id = ANY(:ids)
    """
)
DONE = text(
    f"""
    SELECT a.id, a.launch_problem, p.nip, p.name, {SHOWN_POST} AS post, u.name AS unit
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id WHERE a.id = ANY(:ids)
    """
)
REMARKS = text("SELECT count(*) FROM remark WHERE cycle_id = :cycle AND state = 'pending'")
EMPLOYEE = ("nip", "name", "post", "unit")
ARCHIVED_WITHIN = timedelta(hours=1)
"""A finished year that is not archived by then needs an operator."""
CANCELLED_WITHIN = timedelta(hours=1)
"""A year of a cancelled cycle that runs longer is left over; that of whoever cancelled is at once."""


class EntryShown(Exact):
    """What needs a person, why, and what the caller may do now: the appraisal's actions, or calls of the contract by their last word.

    `appraisal_id` is null where it is about a person, `employee` where it is about the whole cycle.
    """

    code: Annotated[str, Field(json_schema_extra={"enum": sorted(KINDS)})]
    appraisal_id: UUID | None
    employee: PersonShown | None
    message: str
    actions: list[Annotated[str, Field(json_schema_extra={"enum": OFFERED})]]
    key: Key


@router.get("/cycles/{cycle_id}/worklist", response_model=Page[EntryShown])
async def read_worklist(
    cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep, page: PageDep
) -> JSONResponse:
    """For HR: everything in this cycle that no rule moves on by itself, by appraisal.

    Who holds HR's role in place of the only HR officer sees what concerns her.
    """
    return listed(await work_to_do(rooms, caller, cycle_id, page, language(request)))


async def work_to_do(rooms: Rooms, caller: Caller, cycle_id: str, page: Asked, spoken: Language) -> Found:
    """A page of the work list. Raises `not_yours`, `not_found`, `invalid_input`."""
    after = _after(page)
    wedged = await _wedged(rooms, cycle_id)
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        only = (
            None
            if GrantedRole.HR in caller.granted
            else agency.hr_for(caller.person_id, local_day(rooms.now(), Zone.WIB))
        )
        if only is None:
            caller.needs(GrantedRole.HR)
        cycle = await find_cycle(connection, cycle_id)
        failed = await untold(connection, rooms, agency, cycle, only)
        asked = {
            "cycle": cycle_id,
            "only": only,
            "now": rooms.now(),
            "archived_by": rooms.now() - ARCHIVED_WITHIN,
            "cancelled_by": rooms.now() - CANCELLED_WITHIN,
            "untold": sorted(failed.appraisals),
        }
        rows = (await connection.execute(ROWS, asked)).mappings().all()
        pack = await _pack(connection, rooms, cycle_id)
        late = await _labelled_too_late(connection, rooms, cycle, agency) if only is None and pack else ()
        overtaken = await _scored_otherwise(connection, rooms, cycle, agency) if only is None and pack else ()
        found = [
            *_entries(rows, agency, rooms.now(), wedged, cycle_id),
            *([] if pack else [Entry("pack_unreadable", None)]),
            *(Entry("notice_failed", row, of_appraisal=False) for row in failed.people),
            *(await _remarks_waiting(connection, cycle_id) if only is None else ()),
            *(await _not_begun(connection, rooms, cycle, agency, pack) if only is None and pack else ()),
            *(Entry("label_after_final", row) for row in late),
            *(Entry("policy_after_final", row) for row in overtaken),
            *(Entry(*one) for one in await untaken(connection, cycle["id"], only, rooms.now())),
            *(Entry(*one) for one in (await unheard(connection, cycle["id"], rooms.now()) if only is None else ())),
            *(
                Entry(code, row, helps=helps)
                for code, row, helps in await programmes_to_see_to(connection, rooms, caller, agency, cycle_id, only)
            ),
            *(
                Entry("rater_untrained", row, str(row["people"]), of_appraisal=False)
                for row in (await untrained(connection, agency, cycle["id"], pack, rooms.now(), only) if pack else ())
            ),
        ]
        entries = sorted(found, key=lambda entry: entry.key)
        left = [entry for entry in entries if entry.key > after]
        may = await _may(connection, rooms, caller, agency, left[: page.limit])
    open_again = cycle["state"] in (CycleState.OPENING, CycleState.OPEN) and only is None
    calls = {"open"} if open_again else set()
    calls |= {"import", "label", "retry", "resend", "remarks"} if only is None else set()
    calls |= {"trainings", "extension", "cancellation"}
    items = [
        entry.shown(spoken, may.get(entry.appraisal_id or "", frozenset()) | calls & entry.helps)
        for entry in left[: page.limit + 1]
    ]
    return paged(items, page, len(entries), key="key")


async def _not_begun(
    connection: AsyncConnection, rooms: Rooms, cycle: RowMapping, agency: Agency, pack: PolicyPack
) -> list[Entry]:
    """Who came, or became Plt, since the cycle was opened."""
    if cycle["state"] not in (CycleState.OPENING, CycleState.OPEN):
        return []
    year, units, today = cycle["year"], cycle["units"], local_day(rooms.now(), Zone.WIB)
    new, unrated = await newcomers(connection, agency, cycle["id"], year, units, today)
    acting = (
        await acting_to_begin(connection, agency, cycle["id"], year, units, today) if pack.stages.acting_plan else ()
    )
    found = (("not_begun", new), ("acting_not_begun", [row for row, _ in acting]))
    return [
        *(Entry(code, row, of_appraisal=False) for code, rows in found for row in rows),
        *(Entry("no_supervisor", row, of_appraisal=False, helps=frozenset({"import"})) for row in unrated),
    ]


async def _remarks_waiting(connection: AsyncConnection, cycle_id: str) -> list[Entry]:
    """One entry, with how many there are."""
    count = (await connection.execute(REMARKS, {"cycle": cycle_id})).scalar_one()
    return [Entry("remarks_waiting", None, str(count))] if count else []


def _after(page: Asked) -> str:
    """The key after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if page.after is None:
        return ""
    row, _, code = page.after.partition("/")
    if code not in KINDS:
        raise bad_cursor()
    return f"{known_id(row) if row else ''}/{code}"


@dataclass(frozen=True)
class Entry:
    """One line of the list: about an appraisal, about a person, or without a row about the whole cycle."""

    code: str
    row: RowMapping | None
    why: str = "–"
    of_appraisal: bool = True
    helps: frozenset[str] = frozenset(
        {"open", "import", "label", "retry", "resend", "trainings", "remarks", "extension", "cancellation"}
    )
    """Which calls of the whole cycle would help; opening again starts nobody who still has no supervisor."""

    @property
    def appraisal_id(self) -> str | None:
        return str(self.row["id"]) if self.row is not None and self.of_appraisal else None

    @property
    def key(self) -> str:
        return f"{self.row['id'] if self.row is not None else ''}/{self.code}"

    def shown(self, spoken: Language, may: Collection[str]) -> dict[str, object]:
        kind = KINDS[self.code]
        return {
            "code": self.code,
            "appraisal_id": self.appraisal_id,
            "employee": {name: self.row[name] for name in EMPLOYEE} if self.row is not None else None,
            "message": kind.message.fill(why=self.why, unit=self.row["unit"] if self.row is not None else "–").say(
                spoken
            ),
            "actions": [str(action) for action in kind.actions if str(action) in may],
            "key": self.key,
        }


def _entries(
    rows: Iterable[RowMapping], agency: Agency, now: datetime, wedged: Mapping[str, str] | None, cycle_id: str
) -> Iterator[Entry]:
    if wedged is None:
        yield Entry("engine_away", None)
    elif (name := wedged.get(cycle_workflow_id(cycle_id))) is not None:
        yield Entry("stuck_workflow", None, name)
    today = {zone.value: local_day(now, zone) for zone in Zone}
    for row in rows:
        for code in reasons(row, agency, today[row["zone"]]):
            entry = Entry(code, row, row["launch_problem"] or "–")
            yield entry if code != "no_supervisor" else replace(entry, helps=_helps(row, agency, now))
        if wedged and (name := wedged.get(f"appraisal/{row['id']}")) is not None:
            yield Entry("stuck_workflow", row, name)


def _helps(row: RowMapping, agency: Agency, now: datetime) -> frozenset[str]:
    """Until the roster is corrected, opening the cycle again would be refused."""
    supervisor = agency.parties(row["person_id"], local_day(now, Zone(row["zone"]))).person_in(Role.SUPERVISOR)
    return frozenset({"import"} if supervisor is None else {"import", "open"})


async def _wedged(rooms: Rooms, cycle_id: str) -> Mapping[str, str] | None:
    """The stuck workflows; None while the engine cannot say."""
    try:
        return await stuck(rooms.engine)
    except Problem as problem:
        log.warning("stuck_workflows_unknown", cycle_id=cycle_id, code=problem.code)
        return None


async def _may(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, agency: Agency, entries: Iterable[Entry]
) -> dict[str, frozenset[str]]:
    """What the caller may do now with each of these appraisals, as the button itself would judge."""
    ids = sorted({entry.appraisal_id for entry in entries if entry.appraisal_id is not None})
    rows = (await connection.execute(SHOWN, {"ids": ids})).mappings().all()
    may: dict[str, frozenset[str]] = {}
    for row in rows:
        snapshot = Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
        if snapshot is None or row["parked"]:
            continue
        around = around_of(agency, row, snapshot, rooms.now())
        held = roles(caller.person_id, caller.granted, around, level=snapshot.visit.level)
        timing = await current_timing(connection, rooms, row, snapshot, agency)
        allowed = lifecycle.allowed(snapshot, caller.person_id, held, rooms.now(), timing, around.superior)
        may[row["id"]] = frozenset(action.value for action in allowed)
    return may


async def _pack(connection: AsyncConnection, rooms: Rooms, cycle_id: str) -> PolicyPack | None:
    """The cycle's pack; None where it cannot be read."""
    try:
        return await rooms.facts.pack(connection, cycle_id)
    except PackUnreadable as unreadable:
        log.error("pack_unreadable", cycle_id=cycle_id, exc_info=unreadable)
        return None


async def _labelled_too_late(
    connection: AsyncConnection, rooms: Rooms, cycle: RowMapping, agency: Agency
) -> Sequence[RowMapping]:
    """The finished years that the labels of today would change, while the cycle is not over."""
    if cycle["state"] in OVER:
        return ()
    facts = await rooms.facts.cycle(connection, cycle["id"], cycle["facts_revision"])
    if not facts.labels:
        return ()
    ids = await outdated(
        connection, rooms.facts, agency, cycle["id"], lambda unit: facts.label(agency.unit_path(unit)), rooms.now()
    )
    return (await connection.execute(DONE, {"ids": ids})).mappings().all()


async def _scored_otherwise(
    connection: AsyncConnection, rooms: Rooms, cycle: RowMapping, agency: Agency
) -> Sequence[RowMapping]:
    """The finished years that the pack of today would score otherwise than the one of then, while the cycle is not over."""
    if cycle["state"] in OVER:
        return ()
    packs = await rooms.facts.packs(connection, cycle["id"])
    now = packs.pop(max(packs))
    ids = await rooms.overtaken.years(connection, agency, cycle["id"], packs, now, rooms.now()) if packs else []
    return (await connection.execute(DONE, {"ids": ids})).mappings().all()
