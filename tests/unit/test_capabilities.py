"""The table of capabilities and its command: no test names what is no row, and the verdict is right."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import capabilities
from tests.capabilities import TABLE, Row, Verdict, as_json, rows_of, shown

ROOT = Path(__file__).parents[1]
MARK = re.compile(r"^@pytest\.mark\.capability\(([^)]*)\)", re.MULTILINE)
OUTSIDE = re.compile(r"^\| ([A-Z]\d\d) \| ([A-Z][^|]+\.) \|$", re.MULTILINE)
ROWS = rows_of(TABLE.read_text(encoding="utf-8"))


def marked() -> dict[str, set[Path]]:
    """The files in which each row is named."""
    found: dict[str, set[Path]] = {}
    for file in ROOT.rglob("test_*.py"):
        for mark in MARK.findall(file.read_text(encoding="utf-8")):
            for name in re.findall(r'"([^"]+)"', mark):
                found.setdefault(name, set()).add(file.relative_to(ROOT))
    return found


def test_no_test_names_a_row_that_is_not_there_or_that_is_outside() -> None:
    assert marked().keys() <= {row.id for row in ROWS if row.scope != "O"}


def test_what_proves_a_row_runs_on_the_real_stack() -> None:
    assert {file.parts[0] for files in marked().values() for file in files} <= {"api", "workflow", "faults"}


def test_the_table_has_every_row_of_the_six_systems_and_a_reason_for_each_that_is_outside() -> None:
    systems = {"B": 17, "G": 21, "D": 22, "K": 18, "S": 17, "P": 24}
    assert [row.id for row in ROWS] == [
        f"{letter}{n:02}" for letter, last in systems.items() for n in range(1, last + 1)
    ]
    reasons = dict(OUTSIDE.findall(TABLE.read_text(encoding="utf-8")))
    assert list(reasons) == [row.id for row in ROWS if row.scope == "O"]


# ── the verdict, on a small table ───────────────────────────────────────────────────────────────────────────────────

SMALL = """
| id | system | asks that | scope |
|---|---|---|---|
| X01 | Here | it works | C |
| X02 | Here | it reports | A |
| X03 | There | it is loved | O |
"""
PROVEN = {
    "X01": ("api/test_x.py::test_it_works", "api/test_x.py::test_it_still_works"),
    "X02": ("api/test_y.py::test_it",),
}


def test_a_page_is_read_row_by_row_and_has_none_twice() -> None:
    assert rows_of(SMALL)[0] == Row("X01", "Here", "it works", "C")
    assert [row.scope for row in rows_of(SMALL)] == ["C", "A", "O"]
    with pytest.raises(ValueError, match="X01"):
        rows_of(SMALL + "| X01 | Here | it works again | C |\n")


@pytest.mark.parametrize(
    ("proofs", "status", "left"),
    [
        (PROVEN, 0, []),
        ({"X01": PROVEN["X01"]}, 1, ["X02"]),
        ({"X02": PROVEN["X02"]}, 1, ["X01"]),
        ({}, 1, ["X01", "X02"]),
        (PROVEN | {"X04": ("api/test_y.py::test_it",)}, 2, []),
        (PROVEN | {"X03": ("api/test_y.py::test_it",)}, 2, []),
    ],
    ids=[
        "all",
        "one beside it is missing",
        "one of the core is missing",
        "none",
        "a row that is not there",
        "one outside",
    ],
)
def test_the_verdict_names_what_is_missing(proofs: dict[str, tuple[str, ...]], status: int, left: list[str]) -> None:
    verdict = Verdict(rows_of(SMALL), proofs)
    assert (verdict.status, [row.id for row in verdict.unproven]) == (status, left)
    assert json.loads(as_json(verdict))["unproven"] == left
    told = shown(verdict)
    assert all((f"{row.id}  {row.scope}" in told) for row in verdict.rows)
    assert told.count("NO TEST") == len(left)
    assert all(name in told for name in verdict.strangers)


def test_every_line_fits_a_terminal() -> None:
    names = {"X01": (f"workflow/test_{'x' * 60}.py::test_{'y' * 90}",)}
    assert max(len(line) for line in shown(Verdict(rows_of(SMALL), names)).splitlines()) == 120


@pytest.mark.parametrize(("proofs", "status"), [(PROVEN, 0), ({}, 1)])
def test_the_command_prints_and_exits_by_the_verdict(
    proofs: dict[str, tuple[str, ...]],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = tmp_path / "capabilities.md"
    table.write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(capabilities, "TABLE", table)
    monkeypatch.setattr(capabilities, "collected", lambda: proofs)
    assert capabilities.main([]) == status
    assert capsys.readouterr().out.startswith("X01  C  Here")
    assert capabilities.main(["--json"]) == status
    told = json.loads(capsys.readouterr().out)
    assert [row["tests"] for row in told["rows"]] == [list(proofs.get(row["id"], ())) for row in told["rows"]]
