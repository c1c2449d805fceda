"""From a table of text cells to people: each row checked alone, then beside the others.

A row is returned only when nothing is wrong with it; every other row has at least one problem that names its line and
column. With `partial`, the returned rows are safe to write without the rejected ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from models.line import ActingKind
from models.nip import check_nip
from models.roster_file import NIP_COLUMNS, REQUIRED_COLUMNS, Table, TableRow
from models.roster_own import Importer, own_problems
from models.roster_problems import RosterProblem, problem
from models.roster_rows import OUTSIDE, Appointed, RosterRow, Units, after_rejections, between_rows
from models.vocabulary import EmployeeKind, GrantedRole, JobLevel, Zone

__all__ = ["LENGTHS_MAX", "OUTSIDE", "RosterRow", "check_roster"]

LENGTHS_MAX = {
    "nama": 200,
    "jabatan": 200,
    "unit": 64,
    "nama_unit": 200,
    "unit_induk": 64,
    "pangkat": 100,
    "rumpun": 100,
    "email": 254,
    "peran": 200,
}
YEARS = range(1900, 2200)
"""A date outside is a slip of the keyboard (0207-01-01), not a date."""

Word = TypeVar("Word", bound=StrEnum)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def check_roster(
    table: Table,
    known: Mapping[str, str | None],
    known_units: Units = MappingProxyType({}),
    partial: bool = False,
    importer: Importer | None = None,
    refused: Sequence[RosterProblem] = (),
) -> tuple[tuple[RosterRow, ...], tuple[RosterProblem, ...]]:
    """The sound rows and every problem, in the order of the file.

    `known` maps the NIPs already recorded to their supervisor's (None: nobody or outside); a row of the file outranks
    it. `known_units` are the unit codes already recorded, with their parent's. With `partial`, what leans on a rejected row is
    rejected with it; without, that would only bury the one real problem under its consequences. `importer` is whoever signed in: her
    own row may not decide about herself. `refused` are problems that only what is recorded beside `known` shows.
    """
    if not table.readable:
        return (), table.problems
    problems = [*table.problems, *refused]
    reported = {(found.row, found.column) for found in table.problems}
    drafts = [_Draft(row, reported) for row in table.rows]
    read = [draft.read() for draft in drafts]
    problems.extend(found for draft in drafts for found in draft.problems)
    problems.extend(between_rows(read, known, known_units))
    if importer is not None:
        problems.extend(own_problems(_without(read, problems), table.columns, importer))
    sound = _without(read, problems)
    if partial:
        while consequences := after_rejections(sound, known, known_units):
            problems.extend(consequences)
            sound = _without(sound, consequences)
    return tuple(_with_parents(sound, read, known_units)), tuple(sorted(problems, key=lambda found: found.row))


def _without(rows: list[RosterRow], problems: list[RosterProblem]) -> list[RosterRow]:
    rejected = {found.row for found in problems}
    return [row for row in rows if row.row not in rejected]


class _Draft:
    """One row being read; a cell with a problem gets a stand-in value, so that the rest is still checked."""

    def __init__(self, row: TableRow, reported: Collection[tuple[int, str]]) -> None:
        self.row = row
        self.problems: list[RosterProblem] = []
        self._reported = reported

    def read(self) -> RosterRow:
        outside = self.row.cells.get("nip_atasan", "").casefold() == OUTSIDE
        return RosterRow(
            nip=self._nip("nip") or "",
            name=self._text("nama") or "",
            post=self._text("jabatan") or "",
            level=self._word("jenjang", JobLevel, "unknown_level") or JobLevel.PELAKSANA,
            kind=self._word("jenis_pegawai", EmployeeKind, "unknown_kind") or EmployeeKind.PNS,
            unit_code=self._text("unit") or "",
            unit_name=self._text("nama_unit") or "",
            parent_unit=self._text("unit_induk"),
            supervisor_nip=None if outside else self._nip("nip_atasan"),
            supervisor_outside=outside,
            grade=self._text("pangkat"),
            family=self._text("rumpun"),
            email=self._email(),
            granted_roles=self._roles(),
            actings=self._actings(),
            work_week=self._work_week(),
            zone=self._word("zona", Zone, "unknown_zone") or Zone.WIB,
            since=self._date("tmt"),
            row=self.row.line,
        )

    def _refuse(self, column: str, code: str, value: str = "", limit: int = 0) -> None:
        self.problems.append(problem(self.row.line, column, code, value, limit))

    def _text(self, column: str) -> str | None:
        """The cell with its blanks collapsed, or None: empty, absent, or already refused."""
        if (self.row.line, column) in self._reported:
            return None
        text = " ".join(self.row.cells.get(column, "").split())
        if not text:
            if column in REQUIRED_COLUMNS:
                self._refuse(column, "missing_value")
            return None
        # A NIP and a closed list say more precisely what is wrong with a long value.
        if len(text) > LENGTHS_MAX.get(column, len(text)):
            self._refuse(column, "value_too_long", limit=LENGTHS_MAX[column])
            return None
        if not text.isprintable():
            self._refuse(column, "bad_text")
            return None
        return text

    def _nip(self, column: str) -> str | None:
        assert column in NIP_COLUMNS
        text = self._text(column)
        code = check_nip(text) if text is not None else None
        if code is not None:
            self._refuse(column, code)
            return None
        return text

    def _word(self, column: str, words: type[Word], code: str) -> Word | None:
        text = self._text(column)
        if text is None:
            return None
        found = next((word for word in words if word.value.casefold() == text.casefold()), None)
        if found is None:
            self._refuse(column, code, text)
        return found

    def _date(self, column: str) -> date | None:
        text = self._text(column)
        if text is None:
            return None
        try:
            found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            found = None
        if found is None or found.year not in YEARS:
            self._refuse(column, "bad_date")
            return None
        return found

    def _actings(self) -> tuple[Appointed, ...]:
        read = [acting for kind in ActingKind if (acting := self._acting(kind)) is not None]
        if len(read) > 1 and _same_post_at_once(*read):
            self._refuse(read[-1].column, "acting_twice")
        return tuple(read)

    def _acting(self, kind: ActingKind) -> Appointed | None:
        column, begins, ends = (f"{kind.value}_{name}" for name in ("untuk", "mulai", "selesai"))
        holder, first, until = self._nip(column), self._date(begins), self._date(ends)
        named = self.row.cells.get(column, "")
        if named and not self.row.cells.get(begins, ""):
            self._refuse(begins, "missing_value")
        if not named and (first or until):
            self._refuse(column, "missing_value")
        if first and until and until < first:
            self._refuse(ends, "acting_dates_reversed")
        return Appointed(kind, holder, first, until) if holder else None

    def _email(self) -> str | None:
        text = self._text("email")
        if text is not None and not _EMAIL.fullmatch(text):
            self._refuse("email", "bad_email")
            return None
        return text

    def _roles(self) -> tuple[GrantedRole, ...]:
        roles: set[GrantedRole] = set()
        for word in (self._text("peran") or "").casefold().split():
            try:
                roles.add(GrantedRole(word))
            except ValueError:
                self._refuse("peran", "unknown_role", word)
        return tuple(sorted(roles))

    def _work_week(self) -> int:
        text = self._text("hari_kerja")
        if text not in (None, "5", "6"):
            self._refuse("hari_kerja", "bad_work_week")
        return 6 if text == "6" else 5


def _same_post_at_once(one: Appointed, other: Appointed) -> bool:
    if one.holder != other.holder or one.first is None or other.first is None:
        return False
    return one.first <= (other.until or date.max) and other.first <= (one.until or date.max)


def _with_parents(sound: list[RosterRow], read: list[RosterRow], known_units: Units) -> list[RosterRow]:
    """A unit's parent, said in one row, holds in all of its rows; said in a rejected row only, the unit stays where it is recorded."""
    parents = {row.unit_code: known_units.get(row.unit_code) for row in read if row.parent_unit}
    parents |= {row.unit_code: row.parent_unit for row in reversed(sound) if row.parent_unit}
    found = [(row, parents.get(row.unit_code)) for row in sound]
    return [
        replace(row, parent_unit=parent, by_another=parent is not None and row.parent_unit is None)
        for row, parent in found
    ]
