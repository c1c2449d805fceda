"""No test says it proves a row that is not in the table, and the verdict on the table is right."""

from __future__ import annotations

import re
from pathlib import Path

from tests.capabilities import TABLE, Row, rows, unproven

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"pytest\.mark\.capability\(([^)]*)\)")
SMALL = """
| row | system | asks for | scope |
|---|---|---|---|
| B01 | Bantul | One | C |
| B02 | Bantul | Two | A |
| K01 | national | Three | O |
"""


def test_no_test_proves_a_row_that_is_not_there() -> None:
    known = {row.id for row in rows(TABLE.read_text(encoding="utf-8"))}
    assert len(known) == 119
    marked = {
        row
        for file in (ROOT / "tests").rglob("test_*.py")
        for said in MARK.findall(file.read_text("utf-8"))
        for row in re.findall(r'"([^"]+)"', said)
    }
    assert marked <= known


def test_a_row_of_the_core_or_beside_it_without_a_test_is_named_and_one_outside_is_not() -> None:
    table = rows(SMALL)
    assert table[0] == Row("B01", "Bantul", "One", "C")
    assert [row.id for row in unproven(table, {"B01": ["a.py::test_x"]})] == ["B02"]
    assert [row.id for row in unproven(table, {"B01": []})] == ["B01", "B02"]
    assert unproven(table, {"B01": ["x"], "B02": ["y"]}) == []
