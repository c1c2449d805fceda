"""Which end-to-end tests prove which row of docs/capabilities.md: `make capabilities`, or `python -m tests.capabilities [--json]`.

Exits 1 where a row of the core or beside it has no test, 2 where the tests could not be collected or name what is no row.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "capabilities.md"
ROW = re.compile(r"^\| ([A-Z]\d\d) \| ([A-Z][a-z]+) \| (.+) \| ([CAO]) \|$", re.MULTILINE)
SCOPES = {"C": "core", "A": "beside it", "O": "outside"}
WIDTH = 120


@dataclass(frozen=True)
class Row:
    """One thing that a system asks for."""

    id: str
    system: str
    asks: str
    scope: str


@dataclass(frozen=True)
class Verdict:
    """Rows with the tests that prove them; `strangers` are names in a marker that are no row, or one that is outside."""

    rows: tuple[Row, ...]
    proofs: Mapping[str, tuple[str, ...]]

    @property
    def unproven(self) -> list[Row]:
        return [row for row in self.rows if row.scope != "O" and not self.proofs.get(row.id)]

    @property
    def strangers(self) -> list[str]:
        return sorted(self.proofs.keys() - {row.id for row in self.rows if row.scope != "O"})

    @property
    def status(self) -> int:
        """What the command exits with."""
        return 2 if self.strangers else 1 if self.unproven else 0


def rows_of(page: str) -> tuple[Row, ...]:
    """The rows of the table on that page. Raises `ValueError` for an id that it has twice."""
    rows = tuple(Row(*found) for found in ROW.findall(page))
    twice = [name for name, times in Counter(row.id for row in rows).items() if times > 1]
    if twice:
        raise ValueError(f"twice in the table: {', '.join(twice)}")
    return rows


@dataclass
class Collector:
    """A plugin that notes who proves what; a test that is skipped or expected to fail proves nothing."""

    proofs: dict[str, list[str]] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.get_closest_marker("skip") or item.get_closest_marker("xfail"):
                continue
            place = item.path.relative_to(ROOT / "tests").as_posix()
            name = f"{place}::{getattr(item, 'originalname', item.name)}"
            for mark in item.iter_markers("capability"):
                for row in mark.args:
                    known = self.proofs.setdefault(row, [])
                    if name not in known:  # one test may be collected with several parameters
                        known.append(name)


def collected() -> dict[str, tuple[str, ...]]:
    """The tests of each row, as pytest collects them, the long ones too. Raises `RuntimeError` where it cannot."""
    collector, said = Collector(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main(["--collect-only", "-m", "", str(ROOT / "tests")], plugins=[collector])
    if status != pytest.ExitCode.OK:
        raise RuntimeError(said.getvalue())
    return {row: tuple(names) for row, names in collector.proofs.items()}


def shown(verdict: Verdict) -> str:
    """The table and its figures, no line wider than a terminal."""
    lines = []
    for row in verdict.rows:
        tests = verdict.proofs.get(row.id, ()) or ("outside" if row.scope == "O" else f"NO TEST: {row.asks}",)
        heads = [f"{row.id}  {row.scope}  {row.system:<10}  ", " " * 20]
        lines += [_cut(heads[min(n, 1)] + test) for n, test in enumerate(tests)]
    lines.append("")
    for scope, meaning in SCOPES.items():
        rows = [row for row in verdict.rows if row.scope == scope]
        left = [row.id for row in verdict.unproven if row.scope == scope]
        told = "nothing to prove" if scope == "O" else f"{len(rows) - len(left)} proven, {len(left)} without a test"
        lines.append(f"{scope} ({meaning}): {len(rows)} rows, {told}")
        lines += [f"  {' '.join(left[at : at + 24])}" for at in range(0, len(left), 24)]
    if verdict.strangers:
        lines.append(f"Named by a test and no row to prove: {' '.join(verdict.strangers)}")
    return "\n".join(lines)


def as_json(verdict: Verdict) -> str:
    rows = [vars(row) | {"tests": list(verdict.proofs.get(row.id, ()))} for row in verdict.rows]
    unproven = [row.id for row in verdict.unproven]
    return json.dumps(
        {"rows": rows, "unproven": unproven, "strangers": verdict.strangers}, ensure_ascii=False, indent=2
    )


def main(words: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.capabilities", description="Which tests prove which row.")
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    asked = parser.parse_args(list(words))
    try:
        verdict = Verdict(rows_of(TABLE.read_text(encoding="utf-8")), collected())
    except RuntimeError as failed:
        sys.stderr.write(f"{failed}\nThe tests could not be collected.\n")
        return 2
    sys.stdout.write((as_json(verdict) if asked.json else shown(verdict)) + "\n")
    return verdict.status


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
