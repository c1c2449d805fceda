"""Whatever a pack says, if it holds together: its forms can be filled, its ratings have outcomes, and everybody's year comes to an end."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.year_plan import SHOW_ALL_FROM, Subject, cast
from models.pack_check import tried
from models.pack_file import resolved
from models.policy import PolicyPack
from models.shelf import Shelf
from models.vocabulary import Label
from tests.unit.test_year_plan import played

FILES = Shelf().files()
PERIODS = {0: (), 1: (7,), 2: (4, 9), 4: (3, 5, 8, 10), 12: (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 12)}
"""In which month each review of a year opens."""


def base(name: str) -> dict[str, Any]:
    return resolved(FILES[name].read_text(encoding="utf-8"), FILES)


@st.composite
def stages(draw: st.DrawFn) -> dict[str, Any]:
    """The default pack with other stages, clocks and ladders."""
    pack = base("permenpanrb-6-2022")
    periods = draw(st.sampled_from([0, 1, 2, 4]))
    pack["stages"] |= {
        "midyear_periods": periods,
        "self_assessment": draw(st.booleans()),
        "appeal": draw(st.booleans()),
        "calibration": draw(st.sampled_from(["none", "label", "board", "label_and_board"])),
    }
    for number, month in enumerate(PERIODS[periods], start=1):
        pack["calendar"][f"midyear.{number}"] = {
            "opens": {"month": month, "day": 1},
            "due": {"month": month, "day": 20},
            "closes": {"month": month, "day": 28},
        }
    for step in pack["steps"].values():
        step["days"] = draw(st.integers(1, 20))
    for name in ("employee", "supervisor", "answer", "decision"):
        before = sorted(draw(st.sets(st.integers(-9, 0), max_size=4)))
        reminders = [{"days": day, "act": "remind"} for day in before]
        pack["ladders"][name] = reminders + [rung for rung in pack["ladders"][name] if rung["act"] != "remind"]
    return pack


@st.composite
def weights(draw: st.DrawFn) -> dict[str, Any]:
    """PP 30/2019 with other weights, bands, criteria and levels."""
    pack = base("pp-30-2019")
    share = draw(st.decimals(0, 100, places=2))
    pack["scoring"]["weights"] = [
        {"when": {"levels": ["Administrator"]}, "of": {"skp": str(share), "behaviour": str(100 - share)}},
        {"of": {"skp": "50", "behaviour": "50"}},
    ]
    edges = sorted(draw(st.sets(st.integers(1, 119), min_size=4, max_size=4)), reverse=True)
    pack["scoring"]["bands"] = [
        {"lowest": str(edge), "label": label.value} for edge, label in zip([*edges, 0], Label, strict=True)
    ]
    pack["criteria"]["behaviour"] = draw(st.permutations(pack["criteria"]["behaviour"]))
    middles = [(Decimal(low) + Decimal(high)) / 2 for low, high in zip([*edges, 0], [120, *edges], strict=True)]
    pack["examples"] = [
        {
            "title": {"id": label.value, "en": label.value},
            "rating": {"results": {"*": {"score": float(value)}}, "behaviours": {"*": {"score": float(value)}}},
            "label": label.value,
            "value": str(value),
        }
        for label, value in zip(Label, middles, strict=True)
    ]
    return pack


@pytest.mark.parametrize("seed", [1, 2])
@settings(max_examples=15)
@given(data=st.one_of(stages(), weights()))
def test_whoever_is_rated_by_a_pack_that_holds_together_has_a_year_that_ends(data: dict[str, Any], seed: int) -> None:
    pack = PolicyPack.model_validate(data)
    assert PolicyPack.model_validate(copy.deepcopy(pack.model_dump(mode="json"))) == pack
    assert tried(pack) == []
    for character in cast([Subject(f"p{n}") for n in range(SHOW_ALL_FROM)], seed, pack.examples).values():
        assert played(pack, character)[-1].to_state in ("finalisation.running", "finalisation.done")
