"""What an import has to write: the file's rows held against what is recorded, collected first and written at once.

Nothing is written while rows are still read, so the number of statements does not grow with the number of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import uuid4

from sqlalchemy import TextClause, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from activities.places import MOVE_UNBEGUN_ALONG
from activities.roster_actings import Appointing
from activities.roster_moves import COLUMN_OF, Placing
from activities.roster_recorded import (
    DROP_TENURES,
    Recorded,
    Span,
    arrival,
    arrived,
    begun,
    difference,
    joined,
    respanned,
    span_on,
    tenure_of,
)
from activities.supervision import other_superiors
from models.places import PLACE
from models.roster_problems import RosterProblem, problem
from models.roster_rows import RosterRow
from models.tables import ActingRow, GrantRow, Json, PersonRow, TenureRow, UnitRow
from models.trail_actions import TrailAction
from models.units import Path, path_of
from models.workdays import ONE_DAY

CHANGE_UNIT = text("UPDATE unit SET name = :name, parent_id = :parent_id WHERE id = :id")
CHANGE_PERSON = text(
    """
    UPDATE person SET name = :name, post = :post, level = :level, kind = :kind, unit_id = :unit_id, grade = :grade,
           family = :family, email = :email, work_week = :work_week, zone = :zone, since = :since
     WHERE id = :id
    """
)
DROP_ACTING = text(
    "DELETE FROM acting WHERE person_id = :person_id AND acting_for = :acting_for AND valid_from = :valid_from"
)
REVOKE = text("DELETE FROM role_grant WHERE person_id = :person_id AND role = :role")

ROLE_GRANTED, ROLE_REVOKED = TrailAction.ROLE_GRANTED, TrailAction.ROLE_REVOKED
"""Events in the trails, changes in the answer, and texts in the outbox."""


@dataclass
class Plan:
    """What is to be written. `columns` are those the file has; `today` is the agency's local day."""

    recorded: Recorded
    columns: Collection[str]
    today: date
    changes: list[Json] = field(default_factory=list)
    role_changes: list[tuple[TrailAction, Json]] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    stood: dict[str, Path] = field(default_factory=dict)
    """Units that stand below another one now, by id, with their path of before; those that are new have nobody in them yet."""
    _before: dict[str, tuple[RosterRow, tuple[Span, ...]]] = field(default_factory=dict)
    """What was recorded of each line that becomes another, by NIP, with the row that says so."""
    _fresh: list[tuple[RosterRow, Span]] = field(default_factory=list)
    """The stretches of lines that are new, each with the row that brought it."""
    _told: list[tuple[RosterRow, Json]] = field(default_factory=list)
    """What becomes different for a person, with the row that says so."""
    _new: dict[type[SQLModel], list[Json]] = field(default_factory=lambda: defaultdict(list))
    _run: dict[TextClause, list[Json]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.first_import = not self.recorded.people
        self.places = Placing(self.recorded, self.columns, self.today, self._tell)
        self.actings = Appointing(self.recorded, self.columns, self.today, self._tell, self._leaves)

    def read(self, rows: Sequence[RosterRow]) -> None:
        """Hold all rows against what is recorded. Units first, then people, then what ties people together."""
        self._units(rows)
        self.places.read([row for row in rows if (self._leaves(row) or date.max) > self.today])
        for row in rows:
            self._person(row)
        for row in rows:
            self._line(row)
            self.actings.read(row, self._id(row.nip), row.nip in self.created)
            self._grants(row)

    def _leaves(self, row: RosterRow) -> date | None:
        """The day of an exit that this row does not know of; who comes back comes with the first day of a new post."""
        person = self.recorded.people.get(row.nip)
        left = self.recorded.exits.get(str(person["id"])) if person else None
        return None if left is None or left.known_to(row.since) else left.since

    def after_exits(self) -> list[RosterProblem]:
        """The rows that say of days after an exit more than what is put right about somebody who has left."""
        found: dict[str, RosterProblem] = {}
        for row, change in self._told:
            day = self._leaves(row)
            if day is None:
                continue
            begins = max(
                (one.first for one in row.actings if one.first and one.column in _fields(change)), default=self.today
            )
            if day <= max(begins, self.today) and not _puts_right(change):
                found[row.nip] = problem(row.row, "", "has_left", day.isoformat())
        return list(found.values())

    def counts(self, rows: int) -> dict[str, int]:
        created, updated = len(self.created), len(self.updated)
        return {"rows": rows, "created": created, "updated": updated, "unchanged": rows - created - updated}

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, in the order in which rows may refer to each other; what is replaced goes before what replaces it."""
        await self._insert(connection, UnitRow, PersonRow)
        self._run[MOVE_UNBEGUN_ALONG] += [
            {"person": person, "was": was, "unit": to.unit, "zone": to.zone.value, "week": to.week}
            for person, was, to in self.places.unbegun
        ]
        self._run[DROP_ACTING] += self.actings.gone
        self._new[ActingRow] += self.actings.fresh
        for statement, parameters in self._run.items():
            if parameters:
                await connection.execute(statement, parameters)
        await self._insert(connection, TenureRow, ActingRow, GrantRow)

    async def _insert(self, connection: AsyncConnection, *kinds: type[SQLModel]) -> None:
        for kind in kinds:
            if self._new[kind]:
                await connection.execute(insert(SQLModel.metadata.tables[str(kind.__tablename__)]), self._new[kind])

    # ── units ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _units(self, rows: Sequence[RosterRow]) -> None:
        """New units are written without their parent first, because a parent may come later in the file."""
        known = self.recorded.units
        parents = self.parents()
        said = {row.unit_code: row for row in reversed(rows)}
        fresh = [code for code in dict.fromkeys(row.unit_code for row in rows) if code not in known]
        for code in fresh:
            known[code] = {"id": str(uuid4()), "code": code, "name": said[code].unit_name, "parent_id": None}
            self._new[UnitRow].append(dict(known[code]))
            self._say("unit_created", code, {"nama_unit": [None, said[code].unit_name]})
        for code, row in said.items():
            unit = known[code]
            parent = unit["parent_id"]
            if "unit_induk" in self.columns:
                parent = known[row.parent_unit]["id"] if row.parent_unit else None
            if (unit["name"], unit["parent_id"]) == (row.unit_name, parent):
                continue
            if code not in fresh:
                self._say(
                    "unit_updated", code, {"nama_unit": [unit["name"], row.unit_name], "unit_induk": row.parent_unit}
                )
            if parent != unit["parent_id"] and code not in fresh:
                self.stood[str(unit["id"])] = path_of(str(unit["id"]), parents)
            unit |= {"name": row.unit_name, "parent_id": parent}
            self._run[CHANGE_UNIT].append({"id": unit["id"], "name": row.unit_name, "parent_id": parent})

        self.places.codes = {unit["id"]: code for code, unit in known.items()}

    def parents(self) -> dict[str, str | None]:
        """The parent of each unit as far as rows were read, by id."""
        units = self.recorded.units.values()
        return {str(unit["id"]): str(unit["parent_id"]) if unit["parent_id"] else None for unit in units}

    def unit_of(self, code: str) -> str:
        """The id of a unit that is recorded or stands in the file."""
        return str(self.recorded.units[code]["id"])

    def tell_hung(self, effects: Mapping[str, Json]) -> None:
        """Say of the units that were hung elsewhere what that does to running years."""
        for change in self.changes:
            if change["what"] == "unit_updated":
                change.update(effects.get(self.unit_of(str(change["unit"])), {}))

    def _say(self, what: str, code: str, fields: Json) -> None:
        self.changes.append({"what": what, "unit": code, "fields": fields})

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _person(self, row: RosterRow) -> None:
        said: Json = {
            "name": row.name,
            "post": row.post,
            "level": row.level.value,
            "kind": row.kind.value,
            "unit_id": self.recorded.units[row.unit_code]["id"],
            "grade": row.grade,
            "family": row.family,
            "email": row.email,
            "work_week": row.work_week,
            "zone": row.zone.value,
            "since": row.since,
        }
        person = self.recorded.people.get(row.nip)
        if person is None:
            fresh: Json = {"id": str(uuid4()), "nip": row.nip, "active": True} | said
            self.recorded.people[row.nip] = fresh
            self._new[PersonRow].append(fresh)
            self.created.add(row.nip)
            self._tell(row, "person_created", {})
            return
        changed = {
            name: value for name, value in said.items() if COLUMN_OF[name] in self.columns and person[name] != value
        }
        said_of_place = {name: said[name] for name in PLACE if COLUMN_OF[name] in self.columns}
        changed = self.places.placed(row, person, said_of_place, changed)
        if changed:
            plain = self.places.plain
            fields: Json = {COLUMN_OF[n]: [plain(n, person[n]), plain(n, v)] for n, v in changed.items()}
            self._tell(row, "person_updated", fields)
            self.places.moved(row, person, changed)
            person |= changed
            self._run[CHANGE_PERSON].append({name: person[name] for name in ("id", *COLUMN_OF)})

    def _tell(self, row: RosterRow, what: str, fields: Json, appraisals: int | None = None) -> None:
        if row.nip not in self.created:
            self.updated.add(row.nip)
        reached: Json = {} if appraisals is None else {"appraisals": appraisals}
        change = {"what": what, "row": row.row, "nip": row.nip, "fields": fields} | reached
        self.changes.append(change)
        self._told.append((row, change))

    # ── what ties people together ────────────────────────────────────────────────────────────────────────────────────────

    def id_of(self, nip: object) -> str | None:
        """Of a recorded NIP, or one of the file; None for none."""
        return self._id(str(nip)) if nip else None

    def _id(self, nip: str) -> str:
        return str(self.recorded.people[nip]["id"])

    def _line(self, row: RosterRow) -> None:
        person = self._id(row.nip)
        history = self.recorded.spans.get(person, ())
        after = self._line_of(row, history)
        if after == history:
            return
        drop, fresh = difference(history, after)
        if drop is not None:
            self._run[DROP_TENURES].append({"person_id": person, "valid_from": drop})
        self._new[TenureRow] += [tenure_of(person, span) for span in fresh]
        self._fresh += [(row, span) for span in fresh]
        self._before[row.nip] = (row, history)
        self.recorded.spans[person] = after

    def _line_of(self, row: RosterRow, history: tuple[Span, ...]) -> tuple[Span, ...]:
        """Her line as the row wants it: today's superior is today's, a coming one comes with its day."""
        if row.nip in self.places.undone:
            history = joined(history, self.places.undone[row.nip])
        if row.nip in self.places.unaware:
            return history
        begin = self._begin(row, history)
        if (arrives := arrival(history, row.since, self.today)) is not None:
            history = arrived(history, arrives)
        parts = (row.nip, begin) in self.places.boundaries
        if row.nip not in self.created and "nip_atasan" not in self.columns:
            # Whose post it is she goes on with him, and not with who acts in the one that she leaves.
            ran = span_on(history, begin)
            return respanned(history, replace(ran, start=begin)) if parts and ran is not None else history
        left = self._leaves(row)
        if left is not None and left <= begin:
            begin = left - ONE_DAY  # what it says is held against her last day, and refused where it is another
        elif left is not None and span_on(history, begin) is None:
            return history  # who was to come, and does not
        supervisor = self._id(row.supervisor_nip) if row.supervisor_nip else None
        wanted = Span(begin, None, supervisor, row.supervisor_outside)
        now = span_on(history, begin) if left is None else begun(history, begin)
        same = now is not None and now.same_superior(wanted)
        if same and not parts:
            return history
        if not same and row.nip not in self.created:
            self._tell(row, "supervisor_changed", {"nip_atasan": row.supervisor_nip, "from": begin.isoformat()})
        return respanned(history, wanted)

    def superiors(self) -> list[tuple[str, Span]]:
        """Whose line is another one, and from which day on."""
        return [
            (self._id(nip), span)
            for nip, (_, before) in self._before.items()
            if nip not in self.created
            for span in other_superiors(before, self.recorded.spans[self._id(nip)])
        ]

    def elsewhere(self, people: Collection[str]) -> list[RosterProblem]:
        """The rows by which one of these, by NIP, has another superior than is recorded, today or on a day to come."""
        return [
            problem(row.row, "nip_atasan", "own_superior")
            for nip, (row, before) in self._before.items()
            if nip in people and self._differs(nip, before)
        ]

    def _differs(self, nip: str, before: Sequence[Span]) -> bool:
        after = self.recorded.spans[self._id(nip)]
        for day in {self.today, *(span.start for span in (*before, *after) if span.start > self.today)}:
            was, will_be = begun(before, day), begun(after, day)
            if was is None or will_be is None or not was.same_superior(will_be):
                return True
        return False

    def loops(self) -> list[RosterProblem]:
        """The rows that close the line to a loop, today or on a day when another superior is to come."""
        ahead = {span.start for spans in self.recorded.spans.values() for span in spans if span.start > self.today}
        nips = {str(person["id"]): nip for nip, person in self.recorded.people.items()}
        found: dict[str, RosterProblem] = {}
        for row, span in self._fresh:
            if row.nip in self.created:
                continue
            days = (day for day in (self.today, *ahead) if span.covers(day))
            loop = next((loop for day in days if (loop := self._loop(self._id(row.nip), day))), None)
            if loop:
                shown = " → ".join(nips[person] for person in [*loop, loop[0]])
                found[row.nip] = problem(row.row, "nip_atasan", "loop_in_line", shown)
        return list(found.values())

    def _loop(self, person: str, day: date) -> list[str]:
        """Whom that day's line passes on the way from her up to herself; nobody where it ends elsewhere."""
        path: list[str] = []
        step: str | None = person
        while step is not None and step not in path:
            path.append(step)
            span = span_on(self.recorded.spans.get(step, ()), day)
            step = span.supervisor_id if span else None
        return path if step == person else []

    def _begin(self, row: RosterRow, history: Sequence[Span]) -> date:
        """From when what the file says of a superior holds.

        A newcomer of a day to come has a line from then on, else from today at the latest; a first import answers for the whole year.
        Later a day to come is that of its superior too, and a new post brings hers on its first day (`tmt`); without one it is today:
        what was yesterday stays as it was.
        """
        if row.nip in self.created:
            latest = date(self.today.year, 1, 1) if self.first_import else self.today
            return row.since if row.since is not None and row.since > self.today else min(row.since or latest, latest)
        return self.places.begin(row, history)

    def _grants(self, row: RosterRow) -> None:
        """Each role granted or taken back is an event of its own in the trails."""
        if "peran" not in self.columns:
            return
        person, said = self._id(row.nip), {role.value for role in row.granted_roles}
        held = self.recorded.grants.get(person, set())
        for role in sorted(said - held):
            self._new[GrantRow].append({"person_id": person, "role": role})
            self._role_changed(row, ROLE_GRANTED, person, role)
        for role in sorted(held - said):
            self._run[REVOKE].append({"person_id": person, "role": role})
            self._role_changed(row, ROLE_REVOKED, person, role)

    def _role_changed(self, row: RosterRow, action: TrailAction, person: str, role: str) -> None:
        self.role_changes.append((action, {"person": person, "role": role}))
        self._tell(row, action.value, {"peran": role})


def _puts_right(change: Json) -> bool:
    """Whether a change may be told of somebody who has left: a name or an address, a role that is taken back."""
    of_person = change["what"] in ("person_updated", "title_changed")
    of_person = of_person and not _fields(change).keys() & {COLUMN_OF[name] for name in PLACE}
    return of_person or change["what"] == ROLE_REVOKED.value


def _fields(change: Json) -> Json:
    fields = change["fields"]
    assert isinstance(fields, dict)
    return fields
