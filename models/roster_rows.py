"""A person as the roster says, and what must hold between such rows: known superiors, no loops, one meaning for a unit.

An empty NIP, unit or name is one that was refused already; it is not looked at again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from models.line import ActingKind, cycles
from models.roster_problems import RosterProblem, problem
from models.vocabulary import EmployeeKind, GrantedRole, JobLevel, Zone

OUTSIDE = "luar"
"""Whoever has this for a superior is rated by somebody outside the roster."""


@dataclass(frozen=True)
class Appointed:
    """In whose post (a NIP) somebody acts, and how; `until` is the last day, None is open."""

    kind: ActingKind
    holder: str
    first: date | None
    until: date | None

    @property
    def column(self) -> str:
        return untuk(self.kind)


def untuk(kind: ActingKind) -> str:
    """The column that names the holder of the post."""
    return f"{kind.value}_untuk"


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """A person as the file says. `supervisor_nip` and `supervisor_outside` are never both set; neither means nobody."""

    nip: str
    name: str
    post: str
    level: JobLevel
    kind: EmployeeKind
    unit_code: str
    unit_name: str
    parent_unit: str | None = None
    by_another: bool = field(default=False, compare=False)
    """Whether another row of this unit, or what is recorded, says its parent; this one leaves it open."""
    supervisor_nip: str | None = None
    supervisor_outside: bool = False
    grade: str | None = None
    family: str | None = None
    email: str | None = None
    granted_roles: tuple[GrantedRole, ...] = ()
    """Sorted, each once."""
    actings: tuple[Appointed, ...] = ()
    """At most one of each kind."""
    work_week: int = 5
    zone: Zone = Zone.WIB
    since: date | None = None
    row: int = field(default=0, compare=False)
    """Where it stands in the file; two rows that say the same are equal."""


Units = Mapping[str, str | None]
"""Recorded unit codes with their parent's."""


def between_rows(rows: list[RosterRow], known: Mapping[str, str | None], known_units: Units) -> list[RosterProblem]:
    """Every problem that one row alone does not show. `known` and `known_units` as in `check_roster`."""
    problems: list[RosterProblem] = []
    by_nip: dict[str, RosterRow] = {}
    for row in rows:
        first = by_nip.setdefault(row.nip, row)
        if row.nip and first is not row:
            problems.append(problem(row.row, "nip", "duplicate_nip", first.row))
    codes = {row.unit_code for row in rows}
    for row in rows:
        supervisor = row.supervisor_nip
        if supervisor and supervisor == row.nip:
            problems.append(problem(row.row, "nip_atasan", "self_supervisor"))
        elif supervisor and supervisor not in by_nip and supervisor not in known:
            problems.append(problem(row.row, "nip_atasan", "unknown_supervisor", supervisor))
        for acting in row.actings:
            if acting.holder == row.nip:
                problems.append(problem(row.row, acting.column, "self_acting"))
            elif acting.holder not in by_nip and acting.holder not in known:
                problems.append(problem(row.row, acting.column, "unknown_acting_for", acting.holder))
        if row.parent_unit and row.parent_unit not in codes and row.parent_unit not in known_units:
            problems.append(problem(row.row, "unit_induk", "unknown_unit_parent", row.parent_unit))
    return [*problems, *_loops_in_line(by_nip, known), *_conflicting_units(rows), *_loops_in_units(rows, known_units)]


def after_rejections(rows: list[RosterRow], known: Mapping[str, str | None], known_units: Units) -> list[RosterProblem]:
    """What the remaining `rows` lean on that was rejected, and loops that a rejected row's older supervisor closes."""
    people = {row.nip for row in rows}
    units = Counter(row.unit_code for row in rows)
    leaning: dict[str, list[tuple[RosterRow, str, str]]] = defaultdict(list)
    for row in rows:
        if row.supervisor_nip:
            leaning[row.supervisor_nip].append((row, "nip_atasan", "supervisor_rejected"))
        for acting in row.actings:
            leaning[acting.holder].append((row, acting.column, "unknown_acting_for"))
        if row.parent_unit:
            leaning[f"unit {row.parent_unit}"].append((row, "unit_induk", "unknown_unit_parent"))
    present = {*known, *people, *(f"unit {code}" for code in [*known_units, *units])}
    absent = [key for key in leaning if key not in present]
    problems: list[RosterProblem] = []
    gone: set[int] = set()
    while absent:
        missing = absent.pop()
        for row, column, code in leaning[missing]:
            problems.append(problem(row.row, column, code, missing.removeprefix("unit ")))
            if row.row in gone:
                continue
            gone.add(row.row)
            units[row.unit_code] -= 1
            if row.nip not in known and row.nip in leaning:
                absent.append(row.nip)
            if not units[row.unit_code] and row.unit_code not in known_units and f"unit {row.unit_code}" in leaning:
                absent.append(f"unit {row.unit_code}")
    remaining = [row for row in rows if row.row not in gone]
    by_nip = {row.nip: row for row in remaining}
    return [*problems, *_loops_in_line(by_nip, known), *_loops_in_units(remaining, known_units)]


def _loops_in_line(by_nip: Mapping[str, RosterRow], known: Mapping[str, str | None]) -> Iterator[RosterProblem]:
    """Each person of the file in a loop has the problem; a loop among known people only is not this file's."""
    ups = dict(known) | {nip: row.supervisor_nip for nip, row in by_nip.items() if nip and nip != row.supervisor_nip}
    for loop in cycles(ups):
        shown = _shown([f"{by_nip[nip].name} ({nip})" if nip in by_nip else nip for nip in loop])
        for nip in loop:
            if nip in by_nip:
                yield problem(by_nip[nip].row, "nip_atasan", "loop_in_line", shown)


def _conflicting_units(rows: list[RosterRow]) -> Iterator[RosterProblem]:
    """One code is one unit: one name and, in the rows that say it, one parent."""
    named: dict[str, RosterRow] = {}
    placed: dict[str, RosterRow] = {}
    for row in rows:
        if row.unit_code and row.unit_name:
            first = named.setdefault(row.unit_code, row)
            if first.unit_name != row.unit_name:
                yield problem(row.row, "nama_unit", "unit_conflict", first.row)
        if row.unit_code and row.parent_unit:
            first = placed.setdefault(row.unit_code, row)
            if first.parent_unit != row.parent_unit:
                yield problem(row.row, "unit_induk", "unit_conflict", first.row)


def _loops_in_units(rows: list[RosterRow], known_units: Units) -> Iterator[RosterProblem]:
    """Each row that puts its unit into a loop, which a recorded unit may close."""
    said: dict[str, str | None] = {
        row.unit_code: row.parent_unit for row in reversed(rows) if row.unit_code and row.parent_unit
    }
    looped = {code: shown for loop in cycles(dict(known_units) | said) for shown in [_shown(loop)] for code in loop}
    for row in rows:
        if row.parent_unit and row.unit_code in looped:
            yield problem(row.row, "unit_induk", "loop_in_units", looped[row.unit_code])


def _shown(loop: list[str]) -> str:
    return " → ".join([*loop, loop[0]])
