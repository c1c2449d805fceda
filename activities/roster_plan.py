"""What an import has to write: the file's rows held against what is recorded, collected first and written at once.

Nothing is written while rows are still read, so the number of statements does not grow with the number of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

from sqlalchemy import TextClause, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from activities.places import MOVE_YEARS
from activities.roster_recorded import (
    DROP_TENURES,
    Recorded,
    Span,
    begun,
    difference,
    joined,
    respanned,
    span_on,
    tenure_of,
)
from activities.running import Running, too_early
from models.circumstances import Personnel
from models.places import PLACE, Move, Place, differing, foretells, place_on, unaware
from models.roster_rows import RosterRow
from models.tables import ActingRow, GrantRow, Json, PersonRow, TenureRow, UnitRow
from models.vocabulary import Exit
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

PLT = "plt"
ROLE_GRANTED, ROLE_REVOKED = "role_granted", "role_revoked"
"""Events in the trails, changes in the answer, and texts in the outbox."""
COLUMN_OF = {
    "name": "nama",
    "post": "jabatan",
    "level": "jenjang",
    "kind": "jenis_pegawai",
    "unit_id": "unit",
    "grade": "pangkat",
    "family": "rumpun",
    "email": "email",
    "work_week": "hari_kerja",
    "zone": "zona",
    "since": "tmt",
}
"""Which column of the file fills which column of a person."""


@dataclass(frozen=True)
class Transferred:
    """Somebody whom the file puts elsewhere from a day on, and the running appraisals whose segment that closes.

    `move` is the decision, None where the file takes back the one `instead_of` which it comes.
    """

    person: str
    day: date
    data: Json
    reached: Sequence[Running]
    move: Move | None = None
    instead_of: str | None = None


@dataclass
class Plan:
    """What is to be written. `columns` are those the file has; `today` is the agency's local day."""

    recorded: Recorded
    columns: Collection[str]
    today: date
    changes: list[Json] = field(default_factory=list)
    role_changes: list[tuple[str, Json]] = field(default_factory=list)
    transfers: list[Transferred] = field(default_factory=list)
    reorganised: list[Transferred] = field(default_factory=list)
    """Who sits where she sat, in a unit that is another one now."""
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    _new_post: set[str] = field(default_factory=set)
    _unaware: set[str] = field(default_factory=set)
    """Whose rows do not know of a transfer, or not of its day: their place and their superior say nothing."""
    _boundaries: set[tuple[str, date]] = field(default_factory=set)
    """From when on somebody's line has a stretch of its own, whoever the superior."""
    _undone: dict[str, date] = field(default_factory=dict)
    """And from when on it has none any more."""
    _new: dict[type[SQLModel], list[Json]] = field(default_factory=lambda: defaultdict(list))
    _run: dict[TextClause, list[Json]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.first_import = not self.recorded.people

    def read(self, rows: Sequence[RosterRow]) -> None:
        """Hold all rows against what is recorded. Units first, then people, then what ties people together."""
        self._units(rows)
        here = [row for row in rows if not self._has_left(row)]
        for row in here:
            self._person(row)
        for row in here:
            self._line(row)
            self._acting(row)
            self._grants(row)

    def _has_left(self, row: RosterRow) -> bool:
        """Whether an exit is recorded that this row does not know of; who comes back comes with the first day of a new post."""
        person = self.recorded.people.get(row.nip)
        left = self.recorded.exits.get(str(person["id"])) if person else None
        if left is None:
            return False
        day, why = left
        return why is Exit.DIE or row.since is None or row.since < day

    def counts(self, rows: int) -> dict[str, int]:
        created, updated = len(self.created), len(self.updated)
        return {"rows": rows, "created": created, "updated": updated, "unchanged": rows - created - updated}

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, in the order in which rows may refer to each other; what is replaced goes before what replaces it."""
        await self._insert(connection, UnitRow, PersonRow)
        for statement, parameters in self._run.items():
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
            unit |= {"name": row.unit_name, "parent_id": parent}
            self._run[CHANGE_UNIT].append({"id": unit["id"], "name": row.unit_name, "parent_id": parent})

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
        changed = self._placed(row, person, {n: said[n] for n in PLACE if COLUMN_OF[n] in self.columns}, changed)
        if changed:
            self._tell(
                row,
                "person_updated",
                {COLUMN_OF[n]: [self._plain(n, person[n]), self._plain(n, v)] for n, v in changed.items()},
            )
            if changed.get("since") is not None:
                self._new_post.add(row.nip)
            self._moved(row, person, changed)
            person |= changed
            self._run[CHANGE_PERSON].append({name: person[name] for name in ("id", *COLUMN_OF)})

    def _placed(self, row: RosterRow, person: Json, said: Place, changed: Json) -> Json:
        """What of it is to be written today. What a row says of a later day waits for it; what it does not know of stays."""
        moves = self.recorded.moves.get(str(person["id"]), [])
        elsewhere = {name: value for name, value in changed.items() if name not in PLACE}
        if row.since is not None and row.since > self.today:
            return self._ahead(row, person, said, changed, row.since)
        if not differing(said, person):
            return changed
        undated = row.since in (None, person["since"])
        if unaware(said, row.since, moves) or (undated and foretells(said, moves)):
            self._unaware.add(row.nip)
            elsewhere.pop("since", None)
            return elsewhere
        return changed

    def _ahead(self, row: RosterRow, person: Json, said: Place, changed: Json, day: date) -> Json:
        """A row of a day to come, held against the place as it is to be on that day; a new title in the same unit holds at once."""
        moves = self.recorded.moves.get(str(person["id"]), [])
        known = next((move for move in moves if move.coming and move.day == day), None)
        differs = differing(said, place_on(day, person, moves))
        if known is None and not differs.keys() & {"unit_id", "kind"}:
            return {name: value for name, value in changed.items() if name not in PLACE or name in differs}
        if differs:
            self._decide_ahead(row, person, said, day, known)
        return {name: value for name, value in changed.items() if name not in (*PLACE, "since")}

    def _decide_ahead(self, row: RosterRow, person: Json, said: Place, day: date, known: Move | None) -> None:
        """A transfer of its own, in place of one that is still to come on that day; back to the place of the eve, none at all."""
        who = str(person["id"])
        moves = self.recorded.moves.setdefault(who, [])
        eve = place_on(day - ONE_DAY, person, moves)
        undone = known is not None and not differing(said, eve)
        reached = [one for one in self.recorded.running.get(who, ()) if one.closed_by(day)]
        told = self._tell_moves(row, eve, said, day, len(reached))
        if not told:
            was = place_on(day, person, moves)
            fields = {
                COLUMN_OF[n]: [self._plain(n, was[n]), self._plain(n, v)] for n, v in differing(said, was).items()
            }
            what = "transfer_taken_back" if undone else "transfer_corrected"
            self._tell(row, what, {**fields, "tmt": day.isoformat()})
        if known is not None:
            moves.remove(known)
        move = None if undone else Move(str(uuid4()), day, dict(said), coming=True)
        if move is not None:
            moves.append(move)
            moves.sort(key=lambda one: one.day)
            self._boundaries.add((row.nip, day))
        else:
            self._undone[row.nip] = day
        self._transfer(who, day, said["unit_id"], reached, move, known)

    def _moved(self, row: RosterRow, person: Json, changed: Json) -> None:
        """Another unit, or another kind of employment, is another part of the year (DOMAIN 3.1, 3.25).

        Where only the unit around an unchanged post is another, the agency was reorganised and the year goes along (DOMAIN 3.19).
        """
        if "unit_id" in changed and not changed.keys() & {"post", "level", "kind", "since"}:
            self._reorganised(row, person, changed)
            return
        if not changed.keys() & {"unit_id", "kind"}:
            return
        who = str(person["id"])
        day = self._move_day(row, who)
        reached = [one for one in self.recorded.running.get(who, ()) if one.closed_by(day)]
        self._tell_moves(row, person, changed, day, len(reached))
        moves = self.recorded.moves.setdefault(who, [])
        known = next((move for move in moves if move.day == day), None)
        # What a file said without a day of its own, the next file may unsay.
        before = {name: person[name] for name in PLACE} if row.since == day else None
        to = {name: changed.get(name, person[name]) for name in PLACE}
        move = Move(str(uuid4()), day, to, coming=False, before=known.before if known else before)
        moves[:] = sorted([*(one for one in moves if one is not known), move], key=lambda one: one.day)
        self._transfer(who, day, to["unit_id"], reached, move, known)

    def _transfer(
        self, who: str, day: date, unit: object, reached: Sequence[Running], move: Move | None, known: Move | None
    ) -> None:
        data: Json = {"unit": unit, "effective": day.isoformat()}
        if known is not None:
            data["taken_back"] = [{"what": Personnel.TRANSFER.value, "effective": day.isoformat()}]
        self.transfers.append(Transferred(who, day, data, reached, move, known.id if known else None))

    def _tell_moves(self, row: RosterRow, before: Place, after: Place, day: date, reached: int) -> bool:
        """Say which of unit and kind of employment is another from that day on; whether any is."""
        said = {"unit_id": ("transferred", "unit"), "kind": ("kind_changed", "jenis_pegawai")}
        moved = [name for name in said if name in after and before[name] != after[name]]
        for name in moved:
            what, column = said[name]
            shown = [self._plain(name, place[name]) for place in (before, after)]
            self._tell(row, what, {column: shown, "tmt": day.isoformat()})
            self.changes[-1]["appraisals"] = reached
        return bool(moved)

    def _plain(self, name: str, value: object) -> object:
        """A person's column as the file would say it."""
        if name == "unit_id":
            return next((code for code, unit in self.recorded.units.items() if unit["id"] == value), None)
        return value.isoformat() if isinstance(value, date) else value

    def _reorganised(self, row: RosterRow, person: Json, changed: Json) -> None:
        who, unit = str(person["id"]), changed["unit_id"]
        reached = [one for one in self.recorded.running.get(who, ()) if not one.over]
        self._tell(row, "unit_reorganised", {"unit": [self._plain("unit_id", person["unit_id"]), row.unit_code]})
        self.changes[-1]["appraisals"] = len(reached)
        self._run[MOVE_YEARS].append({"ids": [one.id for one in reached], "units": [unit for _ in reached]})
        self.reorganised.append(Transferred(who, self.today, {"unit": unit}, reached))

    def _move_day(self, row: RosterRow, person: str) -> date:
        """The first day of the new post where the file says it, her appraisal had begun by then, and no transfer since; else today."""
        day = self._begin(row, self.recorded.spans.get(person, ()))
        later = any(day < move.day <= self.today for move in self.recorded.moves.get(person, ()))
        return self.today if later or too_early(self.recorded.running.get(person, ()), day) else day

    def _tell(self, row: RosterRow, what: str, fields: Json) -> None:
        if row.nip not in self.created:
            self.updated.add(row.nip)
        self.changes.append({"what": what, "row": row.row, "nip": row.nip, "fields": fields})

    # ── what ties people together ────────────────────────────────────────────────────────────────────────────────────────

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
        self.recorded.spans[person] = after

    def _line_of(self, row: RosterRow, history: tuple[Span, ...]) -> tuple[Span, ...]:
        """Her line as the row wants it: today's superior is today's, a coming one comes with its day."""
        if row.nip in self._undone:
            history = joined(history, self._undone[row.nip])
        said = row.nip in self.created or "nip_atasan" in self.columns
        if not said or row.nip in self._unaware:
            return history
        begin = self._begin(row, history)
        supervisor = self._id(row.supervisor_nip) if row.supervisor_nip else None
        wanted = Span(begin, None, supervisor, row.supervisor_outside)
        now = span_on(history, begin)
        same = now is not None and now.same_superior(wanted)
        if same and (row.nip, begin) not in self._boundaries:
            return history
        if not same and row.nip not in self.created:
            self._tell(row, "supervisor_changed", {"nip_atasan": row.supervisor_nip, "from": begin.isoformat()})
        return respanned(history, wanted)

    def _begin(self, row: RosterRow, history: Sequence[Span]) -> date:
        """From when what the file says of a superior holds.

        A first import answers for the whole year. A newcomer has a line from today at the latest. Later a day to come is that of its
        superior too, and a new post brings hers on its first day (`tmt`); without one it is today: what was yesterday stays as it was.
        """
        if self.first_import:
            return min(row.since or self.today, date(self.today.year, 1, 1))
        if row.nip in self.created:
            return min(row.since or self.today, self.today)
        line = begun(history, self.today)
        if row.since is None or line is None:
            return self.today
        new_post = row.nip in self._new_post and row.since > line.start
        return row.since if row.since > self.today or new_post else self.today

    def _acting(self, row: RosterRow) -> None:
        """The file's appointment (Plt) replaces those that run; one that began stays on record until yesterday."""
        if "plt_untuk" not in self.columns:
            return
        person = self._id(row.nip)
        recorded = [a for a in self.recorded.actings.get(person, []) if a["kind"] == PLT]
        wanted: Json | None = None
        if row.acting_for and row.acting_from:
            wanted = {
                "person_id": person,
                "acting_for": self._id(row.acting_for),
                "kind": PLT,
                "valid_from": row.acting_from,
                "valid_until": row.acting_until,
            }
        over = [a for a in recorded if a != wanted and self._still_to_end(a, wanted)]
        fresh = wanted if wanted is not None and wanted not in recorded else None
        if not over and fresh is None:
            return
        for acting in over:
            self._run[DROP_ACTING].append({name: acting[name] for name in ("person_id", "acting_for", "valid_from")})
            if _same_appointment(acting, fresh) or _day(acting["valid_from"]) >= self.today:
                continue
            self._new[ActingRow].append(acting | {"valid_until": self.today - ONE_DAY})
        if fresh is not None:
            self._new[ActingRow].append(fresh)
        if row.nip not in self.created:
            self._tell(row, "acting_changed", {"plt_untuk": row.acting_for})

    def _still_to_end(self, acting: Json, wanted: Json | None) -> bool:
        until = acting["valid_until"]
        return until is None or _day(until) >= self.today or _same_appointment(acting, wanted)

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

    def _role_changed(self, row: RosterRow, action: str, person: str, role: str) -> None:
        self.role_changes.append((action, {"person": person, "role": role}))
        self._tell(row, action, {"peran": role})


def _same_appointment(one: Json, other: Json | None) -> bool:
    return other is not None and all(one[name] == other[name] for name in ("acting_for", "valid_from"))


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
