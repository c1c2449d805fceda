"""The page that shows the lifecycle says what the code does, all of it, today."""

from __future__ import annotations

import re
from pathlib import Path

from models import diagram
from models.vocabulary import State
from models.ways import WAYS

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"
ARROW = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)


def test_the_page_in_the_docs_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == diagram.page(), "run: python -m models.diagram > docs/lifecycle.md"


def test_every_way_that_moves_is_an_arrow_and_every_arrow_is_a_way() -> None:
    drawn = {
        (source, to, label.strip("()"))
        for source, to, labels in ARROW.findall(diagram.mermaid())
        for label in labels.split(", ")
    }
    ways = {
        (way.source.value.replace(".", "_"), way.to.value.replace(".", "_"), way.action.value)
        for way in WAYS
        if way.to is not None and way.action.value != "cancel"
    }
    assert drawn == ways


def test_every_state_is_named_in_the_picture_and_in_the_table() -> None:
    for state in State:
        assert f": {state.value}" in diagram.mermaid()
        assert f"| `{state.value}` |" in diagram.table()
