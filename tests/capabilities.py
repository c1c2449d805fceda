"""`make capabilities`: which row of docs/capabilities.md is proven by which tests; status 1 while a row of scope C or A has none."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "capabilities.md"
ROW = re.compile(r"^\| ([A-Z]\d\d) \| (\w+) \| (.+) \| ([CAO]) \|$", re.MULTILINE)
WIDTH = 44


@dataclass(frozen=True)
class Row:
    """One thing that a described system does; `scope` is C, A or O."""

    id: str
    system: str
    asks: str
    scope: str


class _Marks:
    """A plugin that looks at what was collected: the tests of each row, without their parameters."""

    def __init__(self) -> None:
        self.proofs: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            test = item.nodeid.partition("[")[0].removeprefix("tests/")
            for mark in item.iter_markers("capability"):
                for row in mark.args:
                    if test not in self.proofs[row]:
                        self.proofs[row].append(test)


def rows(table: str) -> list[Row]:
    """The rows of the table, in its order."""
    return [Row(*found) for found in ROW.findall(table)]


def proofs() -> Mapping[str, Sequence[str]]:
    """The tests that say they prove a row, by row; long ones count too."""
    marks = _Marks()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", "-q", "-m", "", str(ROOT / "tests")], plugins=[marks])
    return marks.proofs


def unproven(wanted: Iterable[Row], found: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows of scope C and A without a test."""
    return [row for row in wanted if row.scope != "O" and not found.get(row.id)]


def main() -> int:
    wanted, found = rows(TABLE.read_text(encoding="utf-8")), proofs()
    missing = unproven(wanted, found)
    if "--json" in sys.argv:
        print(json.dumps({"proven": found, "unproven": [row.id for row in missing]}))  # noqa: T201
        return 1 if missing else 0
    for row in wanted:
        first, *more = found.get(row.id) or ["outside" if row.scope == "O" else "-"]
        asks = row.asks if len(row.asks) <= WIDTH else f"{row.asks[: WIDTH - 1]}…"
        print(f"{row.id} {row.scope} {asks:<{WIDTH}} {first}")  # noqa: T201
        for test in more:
            print(f"{'':<{WIDTH + 7}}{test}")  # noqa: T201
    asked = [row for row in wanted if row.scope != "O"]
    print(f"{len(asked) - len(missing)} of {len(asked)} rows of C and A are proven.")  # noqa: T201
    if missing:
        print(f"Not proven: {' '.join(row.id for row in missing)}")  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
