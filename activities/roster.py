"""The one door through which people come in: the rows of a roster file become units, people, lines, actings and grants.

Importing the same file again changes nothing, not even the line's revision. People who are not in a file stay as they are, and a
column that is not in a file leaves what is recorded. What a person's line was on an earlier day is not rewritten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME as AGENCY_TRAIL
from activities.agency_trail import Said
from activities.appraised import appraised_of
from activities.clocks import There, move_years
from activities.cycle_trail import note_everywhere, note_many_everywhere
from activities.hanging import hang, obstacles
from activities.outbox import tell
from activities.people import People, move_line
from activities.personnel import Order, keep
from activities.places import ONE_AT_A_TIME, Moved, arrive, days_now, go_along, take_back
from activities.roster_plan import ROLE_GRANTED, Plan
from activities.roster_recorded import Recorded, begun
from activities.running import hold_cycles, running, touch
from activities.supervision import shown, tell_of_supervisors
from models.appraised import Appraised
from models.circumstances import Personnel
from models.line import ActingKind
from models.roster_file import COLUMNS
from models.roster_own import Importer
from models.roster_problems import RosterProblem, problem
from models.roster_rows import OUTSIDE, Appointed, RosterRow
from models.tables import Json
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole

FROM_OUTSIDE = "roster"
"""The actor of an import by command line, where nobody signed in."""


async def _move(connection: AsyncConnection, plan: Plan, now: datetime, actor: str) -> None:
    """Keep the transfers of the file as decisions, and say so to the years that they reach; likewise what was reorganised."""
    decided = [one for one in plan.places.transfers if one.move is not None]
    undone = [one for one in plan.places.transfers if one.move is None]
    await take_back(connection, [one.instead_of for one in plan.places.transfers if one.instead_of is not None])
    await take_back(connection, plan.places.titles.over)
    for person, title in plan.places.titles.fresh:
        await keep(connection, person, Order(title.day, actor, now), Personnel.TITLE, move=title)
    for one in decided:
        await keep(connection, one.person, Order(one.day, actor, now), Personnel.TRANSFER, move=one.move)
    await go_along(
        connection,
        [
            Moved(one.person, There.of(one.move.to), one.day, actor)
            for one in decided
            if one.move and not one.move.coming
        ],
        now,
    )
    await move_years(connection, plan.places.years, now)
    said = {
        TrailAction.PERSON_TRANSFERRED: decided,
        TrailAction.TRANSFER_TAKEN_BACK: undone,
        TrailAction.UNIT_REORGANISED: plan.places.reorganised,
    }
    for action, those in said.items():
        reached = [year for one in those for year in one.reached]
        await touch(connection, reached, now, action, actor, {one.person: one.data for one in those})


class RowsRefused(Exception):
    """Rows that cannot be by what is recorded, today or of days to come, or by what runs. Nothing was written."""

    def __init__(self, problems: Sequence[RosterProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class RosterChange:
    """What an import did, counted in people; `changes` says what became different, by the file's own column names."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    changes: tuple[Json, ...] = ()


@dataclass(frozen=True)
class Known:
    """What `check_roster` holds a file against."""

    supervisors: dict[str, str | None]
    """Every recorded NIP with the NIP of its supervisor of today, or the latest."""
    parents: dict[str, str | None]
    """Every recorded unit code with its parent's."""
    importer: Importer | None = None
    """Whoever signed in; None where nobody did, or nobody of that NIP is recorded, as before the first import of an agency."""

    @classmethod
    def of(cls, recorded: Recorded, today: date) -> Known:
        """Who and what is recorded as of today."""
        nips = {str(person["id"]): nip for nip, person in recorded.people.items()}
        codes = {str(unit["id"]): code for code, unit in recorded.units.items()}
        supervisors: dict[str, str | None] = {}
        for nip, person in recorded.people.items():
            line = begun(recorded.spans.get(str(person["id"]), ()), today)
            supervisors[nip] = nips.get(line.supervisor_id or "") if line else None
        parents = {code: codes.get(str(unit["parent_id"])) for code, unit in recorded.units.items()}
        return cls(supervisors, parents)


async def known(connection: AsyncConnection, today: date, importer: str | None = None) -> Known:
    """`Known.of` what is stored, `importer` (a NIP) among them; keeps other imports out until the transaction ends."""
    await connection.execute(ONE_AT_A_TIME)
    recorded = await Recorded.load(connection)
    found = Known.of(recorded, today)
    if importer not in recorded.people:
        return found
    who = str(recorded.people[importer]["id"])
    [appraised] = (await appraised_of(connection, recorded.line(), [who], today)).values()
    return replace(found, importer=_importer(recorded, importer, appraised, today))


def _importer(recorded: Recorded, nip: str, appraised: Appraised, today: date) -> Importer:
    nips = {str(one["id"]): nip for nip, one in recorded.people.items()}
    codes = {str(unit["id"]): code for code, unit in recorded.units.items()}
    person = recorded.people[nip]
    who = str(person["id"])
    line = begun(recorded.spans.get(who, ()), today)
    above = frozenset(nips[str(one)] for one in appraised.posts_above())
    superior = None if line is None else OUTSIDE if line.outside else nips.get(line.supervisor_id or "")
    return Importer(
        nip,
        today,
        service={
            "jabatan": person["post"],
            "jenjang": person["level"],
            "jenis_pegawai": person["kind"],
            "unit": codes.get(str(person["unit_id"])),
            "nip_atasan": superior,
            "tmt": person["since"],
        },
        roles=frozenset(recorded.grants.get(who, ())),
        actings=_appointments(recorded, nips, who),
        above=above,
        acting_above={
            nips[one]: frozenset(a for a in _appointments(recorded, nips, one) if a.holder in above)
            for one in recorded.actings
        },
        pybs=frozenset(nips[one] for one, roles in recorded.grants.items() if GrantedRole.PYB in roles),
        under_pyb=appraised.pyb_stands(),
    )


def _appointments(recorded: Recorded, nips: Mapping[str, str], person: str) -> frozenset[Appointed]:
    """Every appointment that is recorded of somebody, also what is over."""
    return frozenset(
        Appointed(ActingKind(str(a["kind"])), nips[str(a["acting_for"])], _day(a["valid_from"]), _day(a["valid_until"]))
        for a in recorded.actings.get(person, ())
    )


def _day(value: object) -> date | None:
    assert value is None or isinstance(value, date)
    return value


async def apply_roster(
    connection: AsyncConnection,
    rows: Sequence[RosterRow],
    today: date,
    now: datetime,
    *,
    columns: Collection[str] = COLUMNS,
    actor: str = FROM_OUTSIDE,
    above: Collection[str] = (),
) -> RosterChange:
    """Write what these sound rows say that is not recorded yet. `today` is the agency's local day.

    `columns` are those the file has. `actor` is the person who imports, for the trails; `above` are those (NIPs) whose superior is not
    hers to choose. Raises `RowsRefused`.
    """
    await connection.execute(ONE_AT_A_TIME)
    await connection.execute(AGENCY_TRAIL)
    await arrive(connection, days_now(now), now)
    plan = Plan(await Recorded.load(connection), frozenset(columns), today)
    plan.read(rows)
    refused = [*plan.loops(), *plan.elsewhere(above), *plan.after_exits()]
    if plan.stood:
        kept = await obstacles(connection, plan.stood, plan.parents(), now)
        refused += _kept_from_hanging(rows, plan, kept)
    if refused:
        raise RowsRefused(refused)
    if plan.changes:
        await hold_cycles(connection)
        before = (await People().agency(connection)).line
        await plan.write(connection)
        await move_line(connection)
        await note_everywhere(connection, now, TrailAction.ROSTER_IMPORTED, actor, plan.counts(len(rows)))
        for action, data in plan.role_changes:
            await note_everywhere(connection, now, action, actor, data)
            await _tell_of_role(connection, plan, action, str(data["person"]), str(data["role"]), now, actor)
        await _hand_over(connection, plan, now, actor)
        await _move(connection, plan, now, actor)
        by = None if actor == FROM_OUTSIDE else actor
        after = (await People().agency(connection)).line
        await tell_of_supervisors(connection, before, after, today=today, at=now, actor=by)
        if plan.stood:
            plan.tell_hung(await hang(connection, plan.stood, now, actor))
    return RosterChange(**plan.counts(len(rows)), changes=tuple(plan.changes))


def _kept_from_hanging(
    rows: Sequence[RosterRow], plan: Plan, kept: Mapping[str, Mapping[str, Collection[str]]]
) -> Iterator[RosterProblem]:
    """The problems of the rows that hang such a unit; those that leave open where it hangs are sound without them."""
    for row in rows:
        if not row.by_another:
            for code, windows in kept.get(plan.unit_of(row.unit_code), {}).items():
                yield problem(row.row, "unit_induk", code, ", ".join(sorted(windows)))


async def _hand_over(connection: AsyncConnection, plan: Plan, now: datetime, actor: str) -> None:
    """Say in the trails who supervises whom by the file and who acts for whom; of newcomers the import itself is the event."""
    said: list[Said] = [
        (TrailAction.SUPERVISOR_CHANGED, {"person": person, **shown(superior)}) for person, superior in plan.superiors()
    ]
    await note_many_everywhere(connection, now, actor, said)
    for kind in ActingKind:
        acts = {
            who: {"kind": kind.value, "acting_for": holder} for its, who, holder in plan.actings.changed if its is kind
        }
        if acts:
            years = await running(connection, acts)
            await touch(connection, years, now, TrailAction.ACTING_CHANGED, actor, acts)


async def _tell_of_role(
    connection: AsyncConnection, plan: Plan, action: str, person: str, role: str, now: datetime, actor: str
) -> None:
    """Whose rights changed is told at once; and of another HR officer, those who were HR before. Nobody of what he did himself."""
    by = None if actor == FROM_OUTSIDE else actor
    if person != actor:
        await tell(connection, [person], action, at=now, actor=by, facts={"role": role}, at_once=True)
    if action == ROLE_GRANTED and role == GrantedRole.HR:
        held = plan.recorded.grants.items()
        others = [one for one, roles in held if GrantedRole.HR in roles and one not in (person, actor)]
        await tell(connection, others, "hr_granted", at=now, actor=by, facts={"person": person}, at_once=True)
