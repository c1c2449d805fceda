"""Every special case that the documentation names is played by a test, and no test names one that is not there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (3\.\d+|1\.5 [a-z ,-]+) \|", re.MULTILINE)
MARK = re.compile(r'pytest\.mark\.case\("([^"]+)"\)')


def test_every_case_has_a_test_and_every_marked_test_has_a_case() -> None:
    named = set(ROW.findall((ROOT / "docs" / "cases.md").read_text(encoding="utf-8")))
    marked = {case for file in (ROOT / "tests").rglob("test_*.py") for case in MARK.findall(file.read_text("utf-8"))}
    assert len(named) == 31
    assert marked == named
