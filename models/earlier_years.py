"""Results of years before this engine, as a file of HR says them: what each row says, what it changes, and what is wrong with it.

Pure. A row says a result whole (label, value or both); a column that is not in the file leaves what is recorded beside it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.earlier_schemes import Scheme, scheme_of
from models.indicators import figure
from models.nip import check_nip
from models.roster_file import Columns, Table, TableRow
from models.roster_problems import RosterProblem, problem
from models.vocabulary import JobLevel, Label

COLUMNS = Columns(
    ("nip", "tahun", "sumber"), ("predikat", "nilai", "nomor_dokumen", "pejabat_penilai", "jenjang", "bulan")
)
BESIDE = {"nomor_dokumen": "document", "pejabat_penilai": "rated_by", "jenjang": "level", "bulan": "months"}
"""What a file that lacks the column leaves as it is recorded."""
TEXT_MAX = 200

_YEAR = re.compile(r"[0-9]{4}")
_MONTHS = re.compile(r"[1-9]|1[0-2]")


@dataclass(frozen=True, slots=True)
class EarlierYear:
    """One person's result of one year, as it was given elsewhere; `origin` is where it comes from."""

    year: int
    label: Label
    scheme: str
    origin: str
    value: Decimal | None = None
    document: str | None = None
    rated_by: str | None = None
    level: JobLevel | None = None
    months: int | None = None

    def columns(self) -> dict[str, object]:
        """By the file's columns, as plain data."""
        return {
            "predikat": self.label.value,
            "nilai": None if self.value is None else f"{self.value:f}",
            "sumber": self.origin,
            "nomor_dokumen": self.document,
            "pejabat_penilai": self.rated_by,
            "jenjang": None if self.level is None else self.level.value,
            "bulan": self.months,
        }


YearOf = tuple[str, int]
"""A NIP and a year."""


@dataclass(frozen=True)
class Recorded:
    """What a file is held against: who is known, what was imported, which years are appraised here, and the year of today.

    `importer` is the NIP of whoever signed in; None where nobody did.
    """

    people: Collection[str]
    years: Mapping[YearOf, EarlierYear]
    here: Collection[YearOf]
    this_year: int
    importer: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a sound row says, and what was recorded of that year before."""

    row: int
    nip: str
    now: EarlierYear
    before: EarlierYear | None

    @property
    def changed(self) -> bool:
        return self.now != self.before

    def told(self) -> dict[str, object]:
        """The change as the importer reads it: each column that became different, before and after."""
        now = self.now.columns()
        before = {} if self.before is None else self.before.columns()
        return {
            "what": "year_created" if self.before is None else "year_corrected",
            "row": self.row,
            "nip": self.nip,
            "year": self.now.year,
            "fields": {name: [before.get(name), said] for name, said in now.items() if said != before.get(name)},
        }


def checked(table: Table, recorded: Recorded) -> tuple[list[Said], list[RosterProblem]]:
    """What every sound row says, and all that is wrong, in the order of the file."""
    problems = list(table.problems)
    if not table.readable:
        return [], problems
    seen: dict[YearOf, int] = {}
    refused = {found.row for found in problems}
    reported = {(found.row, found.column) for found in problems}
    sound: list[Said] = []
    for row in table.rows:
        draft = _Draft(row, recorded, seen)
        said = draft.read()
        problems += (found for found in draft.problems if (found.row, found.column) not in reported)
        if said is not None and row.line not in refused:
            sound.append(said)
    return sound, sorted(problems, key=lambda found: found.row)


class _Draft:
    """One row being read; every cell is looked at, also beside one that is wrong."""

    def __init__(self, row: TableRow, recorded: Recorded, seen: dict[YearOf, int]) -> None:
        self.row = row
        self.recorded = recorded
        self.seen = seen
        self.problems: list[RosterProblem] = []

    def read(self) -> Said | None:
        nip, year = self._nip(), self._year()
        scheme = None if year is None else self._scheme(year)
        value = None if scheme is None else self._value(scheme)
        label = None if scheme is None or self._wrong("nilai") else self._label(scheme, value)
        origin = self._text("sumber")
        if origin is None and not self._wrong("sumber"):
            self._refuse("sumber", "missing_value")
        more = {
            "document": self._text("nomor_dokumen"),
            "rated_by": self._text("pejabat_penilai"),
            "level": self._level(),
            "months": self._months(),
        }
        if self.problems or nip is None or year is None or scheme is None or label is None or origin is None:
            return None
        before = self.recorded.years.get((nip, year))
        if before is not None:
            more |= {name: getattr(before, name) for column, name in BESIDE.items() if column not in self.row.cells}
        now = EarlierYear(year, label, scheme.id, origin, value, **more)  # type: ignore[arg-type]
        if nip == self.recorded.importer and now != before:
            self._refuse("nip", "own_result")
            return None
        return Said(self.row.line, nip, now, before)

    def _nip(self) -> str | None:
        nip = self._cell("nip").replace(" ", "")
        code = "missing_value" if not nip else check_nip(nip)
        if code is None and nip not in self.recorded.people:
            code = "unknown_person"
        if code is not None:
            self._refuse("nip", code)
            return None
        return nip

    def _year(self) -> int | None:
        """The year, once nothing speaks against it."""
        said = self._cell("tahun")
        if not _YEAR.fullmatch(said):
            self._refuse("tahun", "bad_year" if said else "missing_value")
            return None
        year, nip = int(said), self._cell("nip").replace(" ", "")
        first = self.seen.setdefault((nip, year), self.row.line)
        if year >= self.recorded.this_year:
            self._refuse("tahun", "year_not_over", said)
        elif first != self.row.line:
            self._refuse("tahun", "duplicate_year", first)
        elif (nip, year) in self.recorded.here:
            self._refuse("tahun", "year_is_here", said)
        else:
            return year
        return None

    def _scheme(self, year: int) -> Scheme | None:
        found = scheme_of(year)
        if found is None:
            self._refuse("tahun", "no_scheme", year)
        return found

    def _value(self, scheme: Scheme) -> Decimal | None:
        said = self._cell("nilai")
        if not said:
            return None
        if not scheme.bands:
            self._refuse("nilai", "no_value_in_scheme", limit=scheme.title)
            return None
        value = figure(said)
        if value is None or not 0 <= value <= scheme.highest:
            self._refuse("nilai", "bad_figure", limit=f"{scheme.highest:f}")
            return None
        return value.normalize()  # 85.50 is 85.5, also where a change is told

    def _label(self, scheme: Scheme, value: Decimal | None) -> Label | None:
        """As the row says it, or as the value tells it; both have to agree."""
        said = " ".join(self._cell("predikat").split())
        possible: Sequence[Label] = tuple(Label) if value is None else scheme.labels_of(value)
        if not said:
            if len(possible) == 1:
                return possible[0]
            if value is None:
                self._refuse("predikat", "missing_value")
            else:
                self._refuse("predikat", "label_needed", f"{value:f}", scheme.title)
            return None
        found = scheme.labelled(said)
        if found is None:
            self._refuse("predikat", "unknown_label", said, scheme.title)
        elif found not in possible:
            self._refuse("predikat", "label_against_value", said, scheme.title)
        else:
            return found
        return None

    def _level(self) -> JobLevel | None:
        said = self._text("jenjang")
        if not said:
            return None
        found = next((one for one in JobLevel if one.value.casefold() == said.casefold()), None)
        if found is None:
            self._refuse("jenjang", "unknown_level", said)
        return found

    def _months(self) -> int | None:
        said = self._cell("bulan")
        if not said:
            return None
        if not _MONTHS.fullmatch(said):
            self._refuse("bulan", "bad_months")
            return None
        return int(said)

    def _text(self, column: str) -> str | None:
        text = " ".join(self._cell(column).split())
        if not text:
            return None
        if len(text) > TEXT_MAX:
            self._refuse(column, "value_too_long", limit=TEXT_MAX)
            return None
        if not text.isprintable():
            self._refuse(column, "bad_text")
            return None
        return text

    def _cell(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def _wrong(self, column: str) -> bool:
        return any(found.column == column for found in self.problems)

    def _refuse(self, column: str, code: str, value: str | int = "", limit: int | str = 0) -> None:
        self.problems.append(problem(self.row.line, column, code, value, limit))
