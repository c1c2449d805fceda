"""What waits on one person: the appraisals on which it is her turn, whatever she is to them, most consequential first.

Whose turn it is comes from the lifecycle's table and from who is who today; nothing is stored, so nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import SHOWN_POST, Agency
from api.loading import around_of, current_timing
from api.rooms import Rooms
from api.security import Caller
from models import lifecycle, timetable
from models.access import roles
from models.appraisal import Snapshot, Timing
from models.turn import roles_in_turn
from models.vocabulary import Action, GrantedRole, Role, Stage, State, Zone
from models.ways import WAITS_ON
from models.workdays import local_day

OBJECTED_TO = f"a.state IN ('{State.APPEAL_ANSWERING}', '{State.APPEAL_DECIDING}')"
"""Only there does it count who rated, who answered and who let it pass."""
BELOW_MAX = 1000
"""Of whom more are below a caller, each is asked about: there are fewer taken over in all than the query would have to read."""
CANDIDATES = text(
    f"""
    WITH mine AS (
        SELECT id FROM appraisal WHERE person_id = ANY(:people) AND launch = 'launched'
         UNION
        SELECT id FROM appraisal WHERE takeover AND launch = 'launched' AND :senior
           AND (CAST(:below AS text[]) IS NULL OR person_id = ANY(:below))
         UNION
        SELECT id FROM appraisal WHERE launch = 'launched' AND state = ANY(:shared_states)
         UNION
        SELECT id FROM appraisal WHERE supervisor_override IS NOT NULL AND launch = 'launched'
         UNION
        SELECT id FROM appraisal WHERE NOT own_year AND launch = 'launched'
         UNION
        SELECT a.id FROM personnel_change c JOIN appraisal a ON a.person_id = c.person_id
         WHERE c.kind IN ('transfer', 'exit') AND a.launch = 'launched' AND a.state <> ALL(:nobodys)
    )
    SELECT a.id, a.person_id, a.acting_for, a.zone, a.state, a.due_at, a.takeover, a.supervisor_override,
           s.until, s.plan_in_force IS NOT NULL AS planned,
           coalesce((s.visit ->> 'level')::int, 0) AS level, coalesce((s.visit ->> 'lapsed')::boolean, false) AS lapsed,
           CASE WHEN {OBJECTED_TO} THEN s.rated_by END AS rated_by, CASE WHEN {OBJECTED_TO} THEN s.defenders END AS defenders,
           CASE WHEN {OBJECTED_TO} THEN s.visit END AS visit, s.rated_under
      FROM mine JOIN appraisal a ON a.id = mine.id
      CROSS JOIN LATERAL jsonb_to_record(a.snapshot)
              AS s(rated_by text, rated_under text, defenders jsonb, until text, plan_in_force jsonb, visit jsonb)
     WHERE a.state <> ALL(:nobodys) AND NOT a.suspended AND a.parked IS NULL
    """
)
FULL = text(
    f"""
    SELECT a.*, c.facts_revision AS cycle_facts_revision, c.name AS cycle_name, p.nip, p.name AS person_name, {SHOWN_POST} AS post,
           u.code AS unit_code, u.name AS unit_name
      FROM appraisal a JOIN cycle c ON c.id = a.cycle_id JOIN person p ON p.id = a.person_id
      JOIN unit u ON u.id = a.unit_id
     WHERE a.id = ANY(:ids)
    """
)

ACTED = text(
    """
    SELECT person_id, acting_for FROM appraisal
     WHERE acting_for IS NOT NULL AND launch = 'launched' AND person_id = ANY(:people)
    """
)
NOBODYS = [state.value for state, role in WAITS_ON.items() if role in (None, Role.ENGINE, Role.LABEL_SETTER)]
"""Where nobody is waited on for anything that is done on the appraisal itself."""
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Waiting:
    """One appraisal that waits on the caller, in the order of the list: who blocks most, then what is due first."""

    rank: tuple[int, datetime, str]
    own: bool = field(default=False, compare=False)
    """Whether it is the caller's own year."""

    @property
    def id(self) -> str:
        return self.rank[2]

    @property
    def blocked_people(self) -> int:
        return -self.rank[0]


@dataclass(frozen=True)
class Task:
    """One line of the inbox. `row` is the appraisal's, joined with its cycle, person and unit."""

    row: RowMapping
    snapshot: Snapshot
    timing: Timing | None
    blocked_people: int
    actions: Sequence[Action]
    overdue: bool

    @property
    def due_at(self) -> datetime | None:
        return self.timing.due_at if self.timing else None


def is_turn(state: State, held: Collection[Role], *, takeover: bool, lapsed: bool, level: int) -> bool:
    """Whether the appraisal waits on somebody with these roles."""
    return bool(roles_in_turn(state, takeover=takeover, lapsed=lapsed, level=level) & set(held))


async def waiting_on(connection: AsyncConnection, rooms: Rooms, caller: Caller) -> list[Waiting]:
    """Everything that waits on the caller, in order."""
    agency = await rooms.people.agency(connection)
    now = rooms.now()
    led = [agency.led_by(caller.person_id, day) for day in {local_day(now, zone) for zone in Zone}]
    people = {caller.person_id, *(p for one in led for p in one["supervisor"])}
    below = {p for one in led for p in one["senior"]}
    asked = {
        "people": sorted(people),
        "senior": bool(below),
        "below": sorted(below) if len(below) <= BELOW_MAX else None,
        "shared_states": _shared_states(caller.granted, leads=bool(below) or len(people) > 1),
        "nobodys": NOBODYS,
    }
    rows = (await connection.execute(CANDIDATES, asked)).mappings().all()
    mine = [row for row in rows if _is_mine(row, caller, agency, now)]
    acted = await _acted(connection, agency, mine, now)
    return sorted(
        Waiting(
            (-_blocked(row, agency, now, acted), row["due_at"] or LAST, row["id"]), row["person_id"] == caller.person_id
        )
        for row in mine
    )


async def _acted(
    connection: AsyncConnection, agency: Agency, mine: Sequence[RowMapping], now: datetime
) -> set[tuple[str, str]]:
    """The posts in which people of these rows have a year as Plt, with who does; mostly none has, and nobody is asked."""
    acting = {str(one.person_id) for one in agency.line.as_plt(local_day(now, Zone.WIB))}
    people = {str(row["person_id"]) for row in mine if row["acting_for"] or row["person_id"] in acting}
    if not people:
        return set()
    return {(r.person_id, r.acting_for) for r in await connection.execute(ACTED, {"people": sorted(people)})}


def _shared_states(granted: Set[GrantedRole], *, leads: bool) -> list[str]:
    """States in which somebody may be asked who is not near the employee in the line."""
    states = []
    if leads or GrantedRole.PYB in granted:
        states += [State.APPEAL_ANSWERING.value, State.APPEAL_DECIDING.value]
    if granted & {GrantedRole.BOARD, GrantedRole.PYB}:
        states.append(State.CALIBRATION_REVIEWING.value)
    return states


def _is_mine(row: RowMapping, caller: Caller, agency: Agency, now: datetime) -> bool:
    today = local_day(now, Zone(str(row["zone"])))
    around = agency.parties_stored(str(row["id"]), str(row["person_id"]), today, row["supervisor_override"], row)
    level = int(row["level"])
    held = roles(caller.person_id, caller.granted, around, level=level)
    return is_turn(
        State(str(row["state"])), held, takeover=bool(row["takeover"]), lapsed=bool(row["lapsed"]), level=level
    )


def _blocked(row: RowMapping, agency: Agency, now: datetime, acted: Set[tuple[str, str]]) -> int:
    """How many direct reports link to a plan that is not in force yet: whose post is that of the plan.

    `acted` are the posts in which somebody acts and has a plan for it, with who does.
    """
    if row["planned"] or State(str(row["state"])).stage is not Stage.PLAN:
        return 0
    person, today = str(row["person_id"]), local_day(now, Zone(str(row["zone"])))
    reports = agency.led_by(person, today)["supervisor"]
    if not any(one == person for one, _ in acted):
        return len(reports)
    posts = [str(agency.parties(one, today).supervisor.post) for one in reports]
    return sum((post if (person, post) in acted else None) == row["acting_for"] for post in posts)


async def tasks_of(connection: AsyncConnection, rooms: Rooms, caller: Caller, waiting: Sequence[Waiting]) -> list[Task]:
    """These lines of the inbox with all that is shown of them."""
    agency = await rooms.people.agency(connection)
    ids = [one.id for one in waiting]
    rows = {row["id"]: row for row in (await connection.execute(FULL, {"ids": ids})).mappings()}
    return [await _task(connection, rooms, caller, agency, rows[one.id], one.blocked_people) for one in waiting]


async def _task(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, agency: Agency, row: RowMapping, blocked: int
) -> Task:
    snapshot = Snapshot.model_validate(row["snapshot"])
    timing = await current_timing(connection, rooms, row, snapshot, agency)
    now = rooms.now()
    around = around_of(agency, row, snapshot, now)
    held = roles(caller.person_id, caller.granted, around, level=snapshot.visit.level)
    overdue = timing is not None and timetable.overdue(timing, now)
    actions = lifecycle.allowed(snapshot, caller.person_id, held, now, timing, around.superior)
    return Task(row, snapshot, timing, blocked, actions, overdue)
