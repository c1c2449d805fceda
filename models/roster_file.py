"""From the bytes of a CSV or XLSX file to a table of text cells.

Whatever the bytes are, the answer is a table: what cannot be read is a problem in it, never an exception. `bytes_max`
bounds what is unpacked, before it is; `rows_max` bounds what is kept.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from openpyxl import load_workbook

from models.roster_problems import RosterProblem, problem

REQUIRED_COLUMNS = ("nip", "nama", "jabatan", "jenjang", "jenis_pegawai", "unit", "nama_unit")
OPTIONAL_COLUMNS = (
    *("unit_induk", "nip_atasan", "pangkat", "rumpun", "email", "peran"),
    *("plt_untuk", "plt_mulai", "plt_selesai", "hari_kerja", "zona", "tmt"),
)
COLUMNS = REQUIRED_COLUMNS + OPTIONAL_COLUMNS


@dataclass(frozen=True, slots=True)
class Columns:
    """The names a file's first row has to have, and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional


ROSTER = Columns(REQUIRED_COLUMNS, OPTIONAL_COLUMNS)
NIP_COLUMNS = ("nip", "nip_atasan", "plt_untuk")

ROWS_MAX = 50_000
BYTES_MAX = 32 * 2**20
COLUMNS_MAX = 64
"""Cells beyond are not looked at: one cell in the last column of each row would otherwise cost 16,384 cells."""
XLSX_PARTS_MAX = 2_000
XLSX_STYLES_MAX = 2 * 2**20
"""Each style of a few bytes becomes an object of a thousand."""
SHEET_ROWS_MAX = 1_048_576


@dataclass(frozen=True)
class TableRow:
    line: int
    cells: dict[str, str]
    """By column name; every column of the file is there, surrounding blanks are gone."""


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    problems: tuple[RosterProblem, ...] = ()
    readable: bool = True
    """False when the file or its row of names is refused, so that looking at the rows would mislead."""


class _Cell(NamedTuple):
    """A tuple because a large sheet has millions."""

    text: str
    number: bool = False
    error: bool = False


_BLANK = _Cell("")


@dataclass
class _Line:
    number: int
    cells: list[_Cell] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        return not any(cell.text for cell in self.cells)


class _Refused(Exception):
    """The file as a whole cannot be read; carries the one problem that says why."""

    def __init__(self, why: RosterProblem) -> None:
        super().__init__(why.code)
        self.why = why


def read_table(
    filename: str, data: bytes, rows_max: int = ROWS_MAX, bytes_max: int = BYTES_MAX, columns: Columns = ROSTER
) -> Table:
    """XLSX by the name's ending or by the content, else CSV. `rows_max` counts people, `bytes_max` unpacked bytes."""
    try:
        if not data.strip():
            raise _Refused(problem(1, "", "empty_file"))
        if len(data) > bytes_max:
            raise _Refused(problem(1, "", "file_too_big", limit=bytes_max // 2**20))
        is_xlsx = filename.casefold().endswith((".xlsx", ".xlsm")) or data.startswith(
            (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
        )
        lines = _xlsx_lines(data, bytes_max) if is_xlsx else _csv_lines(data, columns)
        return _table(_bounded(lines, rows_max), columns)
    except _Refused as refused:
        return Table(problems=(refused.why,), readable=False)


def _bounded(lines: Iterable[_Line], rows_max: int) -> Iterator[_Line]:
    """The lines that say something: the names and at most `rows_max` more."""
    spoken = 0
    for line in lines:
        if line.blank:
            continue
        spoken += 1
        if spoken > rows_max + 1:
            raise _Refused(problem(line.number, "", "too_many_rows", limit=rows_max))
        yield line


def _table(lines: Iterator[_Line], columns: Columns) -> Table:
    header = next(lines, None)
    if header is None:
        raise _Refused(problem(1, "", "empty_file"))
    names = [cell.text.casefold() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    problems = _header_problems(header.number, names, columns)
    if problems:
        return Table(columns=tuple(names), problems=tuple(problems), readable=False)
    rows: list[TableRow] = []
    for line in lines:
        rows.append(TableRow(line.number, {}))
        problems.extend(_fill(rows[-1], names, line))
    if not rows:
        return Table(tuple(names), problems=(problem(header.number, "", "no_rows"),), readable=False)
    return Table(tuple(names), tuple(rows), tuple(problems))


def _header_problems(line: int, names: list[str], columns: Columns) -> list[RosterProblem]:
    problems = [problem(line, name, "missing_column", name) for name in columns.required if name not in names]
    for at, name in enumerate(names):
        if name not in columns.known:
            problems.append(problem(line, name, "unknown_column", name or f"#{at + 1}"))
        elif name in names[:at]:
            problems.append(problem(line, name, "duplicate_column", name))
    return problems


def _fill(row: TableRow, names: list[str], line: _Line) -> Iterator[RosterProblem]:
    for at, name in enumerate(names):
        cell = line.cells[at] if at < len(line.cells) else _BLANK
        row.cells[name] = cell.text
        if cell.error:
            yield problem(line.number, name, "bad_text")
        elif name in NIP_COLUMNS and (cell.number or _looks_like_a_lost_number(cell.text)):
            yield problem(line.number, name, "nip_lost_digits")
    if any(cell.text for cell in line.cells[len(names) :]):
        yield problem(line.number, "", "extra_cells")


def _looks_like_a_lost_number(text: str) -> bool:
    """What a spreadsheet leaves in a CSV of an 18-digit number: `1.98503E+17`, in Indonesian `1,98503E+17`."""
    mantissa, mark, exponent = text.casefold().partition("e+")
    return bool(mark) and exponent.isdigit() and mantissa.replace(",", "").replace(".", "").isdigit()


def _csv_lines(data: bytes, columns: Columns) -> Iterator[_Line]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Refused(problem(data.count(b"\n", 0, error.start) + 1, "", "not_utf8")) from None
    nul = text.find("\0")
    if nul >= 0:
        raise _Refused(problem(text.count("\n", 0, nul) + 1, "", "nul_byte"))
    # `strict`: an unclosed quote is a problem with a line, not one giant last cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, columns), strict=True)
    line = 1
    try:
        for record in reader:
            yield _Line(line, [_Cell(value.strip()) for value in record])
            line = reader.line_num + 1
    except csv.Error:
        raise _Refused(problem(line, "", "bad_csv")) from None


def _delimiter(text: str, columns: Columns) -> str:
    """Whichever of the two finds more known names in the first line that is not blank."""
    first = next((line for line in io.StringIO(text) if line.strip(' \t\r\n,;"')), "")

    def known(delimiter: str) -> int:
        return sum(name.strip(' "\t\r\n').casefold() in columns.known for name in first.split(delimiter))

    return max(",", ";", key=known)


def _xlsx_lines(data: bytes, bytes_max: int) -> Iterator[_Line]:
    unreadable = problem(1, "", "not_xlsx")
    try:
        _refuse_a_bomb(data, bytes_max)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=COLUMNS_MAX)
        # A gap is one and the same empty row again and again; one format on a last row makes a gap of a million.
        previous: object = None
        for number, row in enumerate(rows, start=1):
            if number > SHEET_ROWS_MAX:
                raise _Refused(problem(number, "", "too_many_rows", limit=SHEET_ROWS_MAX))
            if row is previous:
                continue
            previous = row
            yield _Line(
                number, [_xlsx_cell(cell.value, cell.data_type) if cell.value is not None else _BLANK for cell in row]
            )
    except _Refused:
        raise
    except Exception:
        # A damaged workbook makes its XML, zip and style layers raise what they like; to the sender it is one thing.
        raise _Refused(unreadable) from None


def _refuse_a_bomb(data: bytes, bytes_max: int) -> None:
    """Judge by the declared sizes, which the reader enforces, and refuse entities, which no spreadsheet defines."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > XLSX_PARTS_MAX or sum(part.file_size for part in parts) > bytes_max:
            raise _Refused(problem(1, "", "file_too_big", limit=bytes_max // 2**20))
        for part in parts:
            if part.filename.endswith("styles.xml") and part.file_size > XLSX_STYLES_MAX:
                raise _Refused(problem(1, "", "file_too_big", limit=XLSX_STYLES_MAX // 2**20))
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part):
                raise _Refused(problem(1, "", "not_xlsx"))


def _xlsx_cell(value: object, data_type: str) -> _Cell:
    if data_type == "e":
        return _Cell(str(value), error=True)
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else value
    if isinstance(value, date):
        return _Cell(value.isoformat())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _Cell(str(value).strip())
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # `repr` of an int is unbounded and refused beyond 4,300 digits; a spreadsheet's number has a double's 17.
    return _Cell(repr(value) if abs(value) < 10**18 else repr(float(value)), number=True)
