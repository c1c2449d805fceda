"""A file of results holds what was asked for, and nothing in it is worked out by whoever opens it."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from models.export import COLUMNS, ExportFormat, written

ROW = ("199003122015032004", "Sari", "Analis", "Ahli Muda", "PNS", "DINKES", "Dinas Kesehatan", 2027, "baik")
REST = (Decimal("87.50"), None, "above", Decimal("91.25"), "accepted", 1, date(2028, 2, 1), "ab" * 32)
FORMULAS = [
    '=HYPERLINK("http://jahat","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "#N/A",
    "=",
    "=a,b\n",
]


def test_a_csv_has_names_commas_and_the_mark_that_office_programs_need() -> None:
    data = written(ExportFormat.CSV, [ROW + REST])
    assert data.startswith(b"\xef\xbb\xbfnip,nama,")
    names, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert tuple(names) == COLUMNS
    assert row == [*map(str, ROW), "87.50", "", "above", "91.25", "accepted", "1", "2028-02-01", "ab" * 32]


def test_a_sheet_has_a_nip_as_text_and_figures_as_figures() -> None:
    sheet = load_workbook(io.BytesIO(written(ExportFormat.XLSX, [ROW + REST])))["hasil"]
    names, row = sheet.iter_rows(values_only=True)
    assert names == COLUMNS
    assert row[0] == "199003122015032004"
    assert (row[7], row[9], row[10]) == (2027, 87.5, None)


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_name_becomes_a_formula(formula: str) -> None:
    row = (ROW[0], formula, *ROW[2:], *REST)
    _, told = csv.reader(io.StringIO(written(ExportFormat.CSV, [row]).decode("utf-8-sig"), newline=""))
    assert told[1] == (formula if formula == "#N/A" else f"'{formula}")
    cell = load_workbook(io.BytesIO(written(ExportFormat.XLSX, [row])))["hasil"].cell(2, 2)
    assert cell.data_type == "s"
    assert str(cell.value).split() == formula.split()


def test_what_no_sheet_can_hold_does_not_break_it() -> None:
    row = (ROW[0], "Sari\x00\x1f", *ROW[2:], *REST)
    assert load_workbook(io.BytesIO(written(ExportFormat.XLSX, [row])))["hasil"].cell(2, 2).value == "Sari  "


@pytest.mark.parametrize("kind", ExportFormat)
def test_of_nothing_there_are_the_names(kind: ExportFormat) -> None:
    assert written(kind, [])
