"""Rows of results as a file for other programs: CSV, or a sheet of XLSX.

Pure. What somebody called herself or her office is text in either, never a formula: a name that begins with `=` would else be worked out on
the machine of whoever opens the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

Value = str | int | Decimal | date | None
Row = Sequence[Value]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a program that opens a CSV may take for the beginning of a formula."""
COLUMNS = (
    *("nip", "nama", "jabatan", "jenjang", "jenis_pegawai", "unit", "nama_unit", "tahun"),
    *("predikat", "nilai", "hasil_kerja", "perilaku_kerja", "kesesuaian_kompetensi"),
    *("akhir", "revisi", "selesai", "manifest_sha256"),
)


class ExportFormat(StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def written(kind: ExportFormat, rows: Iterable[Row]) -> bytes:
    """The file with its first row of names. Takes seconds for ten thousand rows, so call it in a thread."""
    return (as_csv if kind is ExportFormat.CSV else as_xlsx)(rows)


def as_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8 with a mark that office programs need, commas, and lines as RFC 4180 ends them."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(COLUMNS)
    write.writerows([_defused(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Row]) -> bytes:
    """One sheet; a NIP is text, so that no digit is lost."""
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("hasil")
    sheet.append(COLUMNS)

    def cells(row: Row) -> Iterator[Cell | Value]:
        for value in row:
            if not isinstance(value, str):
                yield value
                continue
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub(" ", value))
            cell.data_type = "s"  # whatever it begins with
            yield cell

    for row in rows:
        sheet.append(list(cells(row)))
    book.save(out)
    return out.getvalue()


def _defused(value: Value) -> Value:
    """Text that might be taken for a formula stands behind an apostrophe, as the same programs write it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
