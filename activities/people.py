"""Who is who, held in memory as long as the rows have not moved: the line of supervision and the granted roles.

Every lookup first asks for the revision, so what is held is never older than the transaction that asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.heads import heads_of
from models.access import Parties, Said, parties
from models.appraisal import Snapshot
from models.delegation import Delegation, DelegationState
from models.heads import Heads
from models.line import Acting, ActingKind, Line, Tenure
from models.recusal import Recusal
from models.units import path_of
from models.vocabulary import GrantedRole, Role, State

LINE_REVISION = "(SELECT coalesce(sum(value), 0)::bigint FROM revision WHERE name IN ('line', 'parts'))"
"""Read along with another row, it saves a question (`People.agency`)."""
REVISION = text(f"SELECT {LINE_REVISION}")
TENURES = text(
    """
    SELECT person_id, supervisor_id, outside, valid_from, valid_until FROM tenure
     WHERE CAST(:person AS text) IS NULL OR person_id = :person
    """
)
GRANTS = text(
    "SELECT g.person_id, g.role FROM role_grant g JOIN person p ON p.id = g.person_id WHERE p.active ORDER BY p.nip"
)
DELEGATIONS = text(
    "SELECT principal_id, delegate_id, valid_from, valid_until FROM delegation WHERE state = 'accepted' ORDER BY id"
)
RECUSALS = text("SELECT person_id, about_id, valid_from FROM recusal WHERE withdrawn_at IS NULL ORDER BY id")
UNITS = text("SELECT id, parent_id FROM unit")
PLACES = text("SELECT id, unit_id, active FROM person ORDER BY nip")
RATED_BEFORE = text(
    """
    SELECT a.id, e.snapshot ->> 'rated_by' AS rated_by, e.snapshot -> 'defenders' AS defenders
      FROM appraisal a JOIN appraisal e ON e.person_id = a.person_id AND e.year = a.year
           AND e.acting_for IS NOT DISTINCT FROM a.acting_for AND e.asked_from IS NULL AND e.segment < a.segment
     WHERE a.segment > 1 AND e.snapshot ? 'rated_by'
       AND (e.cycle_id = a.cycle_id OR NOT (e.let_go OR e.ending IS NOT DISTINCT FROM 'cancelled'))
     ORDER BY a.id, e.segment
    """
)
"""Also in another cycle, where she came back after an exit into that one's reach."""
MOVE = text(
    "INSERT INTO revision (name, value) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET value = revision.value + 1"
)

HOLDS = """
    c.standing IS DISTINCT FROM 'taken_back' AND NOT (c.kind = 'exit' AND EXISTS (
        SELECT FROM tenure back WHERE back.person_id = c.person_id AND back.valid_from >= c.effective))
"""
"""A decision `c` that no later one took back, be it by a new post: what forbids another decision, and what a file is held against.

Who is here on a day is asked of the line, for a return may be to come; which exit ends a part of a year, of `activities.facts`.
"""
EXIT = f"c.kind = 'exit' AND {HOLDS}"
"""A decision `c` by which its person has left, or will, and does not come back."""
GONE = """
    (EXISTS (SELECT FROM tenure t WHERE t.person_id = p.id AND t.valid_from <= {day})
     AND NOT EXISTS (SELECT FROM tenure t WHERE t.person_id = p.id AND t.valid_from <= {day}
                        AND coalesce(t.valid_until, 'infinity') >= {day}))
"""
"""Of a person `p` on a day: `models.line.gone`."""

LEAVES_POST = f"""
    c.kind = 'transfer' AND {HOLDS} AND NOT EXISTS (
        SELECT FROM person eve LEFT JOIN LATERAL (
               SELECT e.post, e.unit_id FROM personnel_change e
                WHERE e.person_id = c.person_id AND e.standing = 'coming' AND e.effective < c.effective
                ORDER BY e.effective DESC LIMIT 1) coming ON c.before IS NULL
         WHERE eve.id = c.person_id AND c.post = coalesce(c.before ->> 'post', coming.post, eve.post)
           AND c.unit_id = coalesce(c.before ->> 'unit_id', coming.unit_id, eve.unit_id))
"""
"""A decision `c` by which its person goes to another post (`models.places.leaves_post`); another kind of employment alone is none."""

MOVED = text(
    f"""
    SELECT c.person_id, c.effective, coalesce(bool_or(c.before ->> 'unit_id' <> c.unit_id), false) AS unit
      FROM personnel_change c WHERE {LEAVES_POST} AND (CAST(:person AS text) IS NULL OR c.person_id = :person) GROUP BY 1, 2
    """
)
"""Who came to another post on which day, and whether in another unit."""

LEFT_ON = f"""
    (SELECT min(c.effective) - 1 FROM personnel_change c
      WHERE c.person_id = a.person_id AND a.acting_for IS NULL AND {LEAVES_POST}
        AND c.effective > greatest(CAST(a.snapshot ->> 'since' AS date), make_date(a.year, 1, 1)))
"""
"""The last day of an appraisal's employee in the post that it is about; null where no transfer follows."""
LEFT_POST = text(
    f"""
    SELECT a.id, {LEFT_ON} AS last FROM appraisal a
     WHERE a.launch = 'launched' AND a.person_id IN (SELECT person_id FROM personnel_change WHERE kind = 'transfer')
    """
)

ACTINGS = text(
    f"""
    SELECT x.person_id, x.acting_for, x.kind, x.valid_from, x.valid_until,
           (SELECT min(c.effective) - 1 FROM personnel_change c
             WHERE c.person_id = x.acting_for AND {LEAVES_POST} AND c.effective >= x.valid_from) AS vacated
      FROM acting x WHERE CAST(:posts AS text[]) IS NULL OR x.acting_for = ANY(:posts)
    """
)

Stored = Mapping[str, Any] | RowMapping
"""An appraisal's snapshot as it is stored, or a row that has the fields of it that are asked for."""

SHOWN_POST = "coalesce('Plt. ' || a.acting_post, p.post)"
"""The post that an appraisal `a` of a person `p` is about, as people call it."""
POST_LEVEL = "coalesce(a.acting_level, p.level)"
"""And its level."""

LED = (("supervisor", Role.SUPERVISOR), ("senior", Role.SENIOR), ("appeal", Role.APPEAL_AUTHORITY))


@dataclass
class Agency:
    """One revision of the agency's people, and what was worked out from it so far."""

    revision: int
    line: Line
    granted: dict[str, frozenset[GrantedRole]]
    members: dict[GrantedRole, tuple[str, ...]]
    parent_unit: dict[str, str | None]
    people: tuple[str, ...]
    heading: Heads
    left_post: Mapping[str, date] = field(default_factory=dict)
    """By appraisal: the last day in the post that it is about, where a transfer is known to follow. Who saw the work goes on with it."""
    rated_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By appraisal: who rated the earlier parts of that year and defended it, since an objection covers all of it."""
    unit_members: dict[str, list[str]] = field(default_factory=dict)
    _around: dict[date, dict[str, Parties]] = field(default_factory=dict)
    _led: dict[date, dict[str, dict[str, list[str]]]] = field(default_factory=dict)
    _setters: dict[date, dict[str, tuple[str, str | None]]] = field(default_factory=dict)

    def parties(self, person: str, day: date, **said: Unpack[Said]) -> Parties:
        """Who is around that person on that day; the plain case is worked out once a day. The rest as in `models.access`."""
        if any(said.values()):
            return parties(person, day, self.line, **said)
        around = self._days(day)
        if person not in around:
            around[person] = parties(person, day, self.line)
        return around[person]

    def parties_of(self, snapshot: Snapshot, day: date) -> Parties:
        """Who is around this appraisal on that day."""
        return self.parties(
            snapshot.subject,
            day,
            reassigned=snapshot.supervisor_override,
            rated_by=snapshot.rated_by,
            rated_under=snapshot.rated_under,
            defenders=(*snapshot.defenders, *self.rated_before.get(snapshot.appraisal_id, ())),
            given_by=_given_by(snapshot.state, snapshot.rated_by, snapshot.defenders),
            until=self._line_until(snapshot.appraisal_id, snapshot.until),
            let_pass=snapshot.visit.let_pass,
            acting_for=snapshot.acting_for,
        )

    def parties_stored(
        self, appraisal: str, subject: str, day: date, reassigned: str | None, stored: Stored
    ) -> Parties:
        """The same without reading the snapshot."""
        return self.parties(
            subject,
            day,
            reassigned=reassigned,
            rated_by=stored.get("rated_by"),
            rated_under=stored.get("rated_under"),
            defenders=(*(stored.get("defenders") or ()), *self.rated_before.get(appraisal, ())),
            given_by=_given_by(stored.get("state"), stored.get("rated_by"), stored.get("defenders") or ()),
            until=self._line_until(appraisal, last_day(stored)),
            let_pass=(stored.get("visit") or {}).get("let_pass") or (),
            acting_for=stored.get("acting_for"),
        )

    def _line_until(self, appraisal: str, until: date | None) -> date | None:
        """The last day whose line an appraisal goes by: of its segment, or in its post, though the segment did not end with that."""
        return min((day for day in (until, self.left_post.get(appraisal)) if day is not None), default=None)

    def went_on(self, appraisal: str, day: date) -> bool:
        """Whether its employee is in another post than the one it is about, so that others answer for her on that day."""
        return appraisal in self.left_post and self.left_post[appraisal] < day

    def _days(self, day: date) -> dict[str, Parties]:
        if day not in self._around:
            self._around = {d: v for d, v in self._around.items() if abs((d - day).days) < 3} | {day: {}}
        return self._around[day]

    def led_by(self, person: str, day: date) -> dict[str, list[str]]:
        """Whose supervisor, senior supervisor or appeal authority that person is on that day, himself or for another.

        By role, without reassignments.
        """
        if day not in self._led:
            led: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"supervisor": [], "senior": [], "appeal": []})
            for subject in self.people:
                around = self.parties(subject, day)
                if around.supervisor.person_id:
                    led[str(around.supervisor.person_id)]["supervisor"].append(subject)
                if around.senior.person_id:
                    led[str(around.senior.person_id)]["senior"].append(subject)
                for officer in around.appeal:
                    led[str(officer.person_id)]["appeal"].append(subject)
                for name, role in LED:
                    for delegate in {p for lent in around.delegates.get(role, {}).values() for p in lent}:
                        if subject not in led[delegate][name]:
                            led[delegate][name].append(subject)
            self._led = {d: v for d, v in self._led.items() if abs((d - day).days) < 3} | {day: dict(led)}
        return self._led[day].get(person, {"supervisor": [], "senior": [], "appeal": []})

    def holders(self, role: GrantedRole, day: date) -> tuple[str, ...]:
        """Who holds a granted role on that day; who has left, or has not come yet, holds none."""
        return tuple(person for person in self.members.get(role, ()) if self.line.here(UUID(person), day))

    def stands_for(self, person: str, day: date) -> tuple[str, ...]:
        """That person, and everybody for whom he acts by delegation that day."""
        return (person, *(str(p) for p in self.line.stands_for(UUID(person), day)))

    def hr_for(self, person: str, day: date) -> str | None:
        """The only HR officer, where that person holds the role in her place on her own appraisal (`Parties.hr`)."""
        alone = self.holders(GrantedRole.HR, day)
        substitute = len(alone) == 1 and person in self.holders(GrantedRole.PYB, day) and person != alone[0]
        return alone[0] if substitute else None

    def head_of(self, unit: str, day: date) -> str | None:
        """Whose post heads the unit on that day (`models.heads`); he may have left it vacant."""
        return self.heading.head_of(unit, day)

    def setter_of(self, unit: str, day: date) -> str | None:
        """Who sets the label of a unit before the board and HR do: whoever supervises its head; nobody where none heads it."""
        head = self.head_of(unit, day)
        return None if head is None else self.parties(head, day).person_in(Role.SUPERVISOR)

    def label_setter(self, unit: str, day: date) -> tuple[str, str | None]:
        """The nearest unit upwards that somebody can label before the board and HR do, and who; this one where there is none."""
        known = self._setters.setdefault(day, {})
        if unit not in known:
            self._setters = {d: v for d, v in self._setters.items() if abs((d - day).days) < 3}
            able = ((one, setter) for one in self.unit_path(unit) if (setter := self.setter_of(one, day)) is not None)
            known[unit] = next(able, (unit, None))
        return known[unit]

    def unit_path(self, unit: str) -> tuple[str, ...]:
        """The unit and its ancestors, nearest first."""
        return path_of(unit, self.parent_unit)


def last_day(stored: Stored) -> date | None:
    """The last day of the segment of this stored snapshot, where it has ended."""
    until = stored.get("until")
    return None if until is None else date.fromisoformat(str(until))


def _given_by(state: object, rated_by: str | None, defenders: Collection[str]) -> tuple[str, ...]:
    """Who gave the rating and on whose behalf, while it is to be answered for; nobody at any other time."""
    return (rated_by, *defenders) if rated_by is not None and state == State.APPEAL_ANSWERING else ()


class People:
    """Hands out the current `Agency`; one per process."""

    def __init__(self) -> None:
        self._agency: Agency | None = None

    async def agency(self, connection: AsyncConnection, revision: int | None = None) -> Agency:
        """The agency of this transaction; `revision` is the line's, where the caller has read it already."""
        if revision is None:
            revision = int((await connection.execute(REVISION)).scalar_one())
        if self._agency is None or self._agency.revision != revision:
            self._agency = await _load(connection, revision)
        return self._agency


async def _load(connection: AsyncConnection, revision: int) -> Agency:
    tenures, actings = await _tenures(connection), await _actings(connection)
    delegations = [
        Delegation(UUID(r.principal_id), UUID(r.delegate_id), r.valid_from, r.valid_until, DelegationState.ACCEPTED)
        for r in await connection.execute(DELEGATIONS)
    ]
    recusals = [Recusal(UUID(r.person_id), UUID(r.about_id), r.valid_from) for r in await connection.execute(RECUSALS)]
    granted: dict[str, set[GrantedRole]] = defaultdict(set)
    members: dict[GrantedRole, list[str]] = defaultdict(list)
    for r in await connection.execute(GRANTS):
        granted[r.person_id].add(GrantedRole(r.role))
        members[GrantedRole(r.role)].append(r.person_id)
    units = {r.id: r.parent_id for r in await connection.execute(UNITS)}
    places: dict[str, list[str]] = defaultdict(list)
    seated = (await connection.execute(PLACES)).all()
    for r in seated:
        if r.active:
            places[r.unit_id].append(r.id)
    pybs = [UUID(p) for p in members.get(GrantedRole.PYB, [])]
    line = Line(
        tenures,
        actings,
        pybs,
        delegations=delegations,
        hr=[UUID(p) for p in members.get(GrantedRole.HR, [])],
        recusals=recusals,
    )
    return Agency(
        revision=revision,
        line=line,
        granted={p: frozenset(roles) for p, roles in granted.items()},
        members={role: tuple(ids) for role, ids in members.items()},
        parent_unit=units,
        people=tuple(sorted({str(t.person_id) for t in tenures})),
        heading=await heads_of(connection, line, {r.id: r.unit_id for r in seated}),
        left_post=await _left_post(connection),
        rated_before=await _rated_before(connection),
        unit_members=dict(places),
    )


async def agency_of_line(connection: AsyncConnection, line: Line) -> Agency:
    """An agency of which only the line counts, and what is recorded of years: for who stands around one, without roles of many."""
    left, rated = await _left_post(connection), await _rated_before(connection)
    return Agency(0, line, {}, {}, {}, (), Heads(line), left, rated)


async def _left_post(connection: AsyncConnection) -> Mapping[str, date]:
    return {r.id: r.last for r in await connection.execute(LEFT_POST) if r.last is not None}


async def _rated_before(connection: AsyncConnection) -> Mapping[str, tuple[str, ...]]:
    rated: dict[str, list[str]] = defaultdict(list)
    for r in await connection.execute(RATED_BEFORE):
        rated[r.id] += [r.rated_by, *(r.defenders or ())]
    return {appraisal: tuple(people) for appraisal, people in rated.items()}


async def _tenures(connection: AsyncConnection, person: str | None = None) -> list[Tenure]:
    asked = {"person": person}
    moves = {(r.person_id, r.effective): r.unit for r in await connection.execute(MOVED, asked)}
    return [
        Tenure(
            UUID(r.person_id),
            UUID(r.supervisor_id) if r.supervisor_id else None,
            r.outside,
            r.valid_from,
            r.valid_until,
            moves.get((r.person_id, r.valid_from), False),
            (r.person_id, r.valid_from) in moves,
        )
        for r in await connection.execute(TENURES, asked)
    ]


async def _actings(connection: AsyncConnection, posts: Collection[str] | None = None) -> list[Acting]:
    asked = {"posts": None if posts is None else sorted(posts)}
    return [
        Acting(UUID(r.person_id), UUID(r.acting_for), ActingKind(r.kind), r.valid_from, r.valid_until, r.vacated)
        for r in await connection.execute(ACTINGS, asked)
    ]


async def line_since(connection: AsyncConnection, before: Line, person: str) -> Line:
    """The line of before with what is recorded now of one person: under whom, where he acts, and who acts in his post.

    For whoever decided about him alone, and would load the whole agency for it while everybody who changes people waits.
    """
    who = UUID(person)
    posts = {who, *(row.holder_id for row in before.actings() if row.person_id == who)}
    acts = await _actings(connection, [str(post) for post in posts])
    tenures = {who: await _tenures(connection, person)}
    return before.but(tenures, {post: [row for row in acts if row.holder_id == post] for post in posts})


async def move_line(connection: AsyncConnection) -> None:
    """Say that rows of people, tenures, grants, delegations or recusals changed; to be called in the transaction that changed them."""
    await connection.execute(MOVE, {"name": "line"})


async def move_parts(connection: AsyncConnection) -> None:
    """Say that a later part of a year began, or that an earlier one was rated; a revision of its own, since `record` holds a row then.

    Whoever moves the line goes on to lock appraisals, and would wait for `record` while it waits for him.
    """
    await connection.execute(MOVE, {"name": "parts"})
