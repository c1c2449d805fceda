"""Whatever a pack says and names, if it holds together: its forms can be filled, its ratings have outcomes, each year comes to an end."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from deploy.year_plan import SHOW_ALL_FROM, Subject, cast
from models.pack_check import rated, read, reckoned, tried
from models.pack_file import resolved, said
from models.pack_year import COMMON_YEAR, most_days
from models.policy import PolicyPack
from models.shelf import Shelf
from models.vocabulary import Label, State
from models.ways import SILENCES
from tests.unit.pack_names import named
from tests.unit.pack_values import add_achievement, add_measured, hundred, worth
from tests.unit.test_year_plan import played

FILES = Shelf().files()
REVIEWED = (date(COMMON_YEAR, 2, 1), date(COMMON_YEAR, 11, 28))
"""From when to when the reviews of a year are written; each has its share of these days."""
SEEN_AS_DRAWN = [Phase.explicit, Phase.generate]
"""A year takes too long to be made simpler."""


RESOLVED = {
    name: resolved(FILES[name].read_text(encoding="utf-8"), FILES) for name in ("permenpanrb-6-2022", "pp-30-2019")
}


def base(name: str) -> dict[str, Any]:
    return copy.deepcopy(RESOLVED[name])


@st.composite
def stages(draw: st.DrawFn, reviews: Sequence[int] = (0, 1, 2, 4, 12)) -> dict[str, Any]:
    """The default pack with other stages, clocks, ladders, windows and silences, and another say of people and of patterns."""
    pack = base("permenpanrb-6-2022")
    periods = draw(st.sampled_from(reviews))
    pack["stages"] |= {
        "midyear_periods": periods,
        "self_assessment": draw(st.booleans()),
        "appeal": draw(st.booleans()),
        "calibration": draw(st.sampled_from(["none", "label", "board", "label_and_board"])),
    }
    rooms = _reviews(draw, pack, periods)
    for name, ladder in pack["ladders"].items():
        pack["ladders"][name] = _rungs(draw, [rung["act"] for rung in ladder])
    for state, step in pack["steps"].items():
        step["days"] = draw(st.integers(1, 20))
        step["silence"] = draw(st.sampled_from(sorted(SILENCES[State(state)])))
    last = max(rung["days"] for ladder in pack["ladders"].values() for rung in ladder)
    for key, window in pack["calendar"].items():
        opens = _date(window["opens"])
        due = opens + timedelta(days=draw(st.integers(5, rooms.get(key, 29))))
        closes = due + timedelta(days=most_days(last) + draw(st.integers(0, 9)))
        pack["calendar"][key] |= {"due": _day(due), "closes": _day(closes)}
    pack["distribution"] |= {
        "mode": draw(st.sampled_from(["off", "warn", "require_reason", "block"])),
        "unit_size_min": draw(st.integers(1, 30)),
    }
    pack["participation"] = {
        "consultation": draw(st.booleans()),
        "consultation_days_min": draw(st.integers(1, 30)),
        "acknowledgement": draw(st.booleans()),
    }
    return pack


def _reviews(draw: st.DrawFn, pack: dict[str, Any], periods: int) -> dict[str, int]:
    """When each review opens, and how many days from then on it may be due: before the next one opens, which closes it."""
    begins, ends = REVIEWED
    share = (ends - begins).days // max(1, periods)
    rooms = {}
    for number in range(periods):
        key, spent = f"midyear.{number + 1}", draw(st.integers(0, share - 6))
        pack["calendar"][key] = {"opens": _day(begins + timedelta(days=number * share + spent))}
        rooms[key] = min(29, share - 1 - spent)
    return rooms


def _rungs(draw: st.DrawFn, acts: list[str]) -> list[dict[str, Any]]:
    """A ladder that does what this one did, on other days; what comes after the due day in the same order."""
    before = sorted(draw(st.sets(st.integers(-9, 0), max_size=4)))
    after = [act for act in acts if act != "remind"]
    days = sorted(draw(st.sets(st.integers(1, 15), min_size=len(after), max_size=len(after))))
    return [
        *({"days": day, "act": "remind"} for day in before),
        *({"days": day, "act": act} for day, act in zip(days, after, strict=True)),
    ]


def _date(day: dict[str, int]) -> date:
    return date(COMMON_YEAR + day.get("years_later", 0), day["month"], day["day"])


def _day(day: date) -> dict[str, int]:
    return {"month": day.month, "day": day.day, "years_later": day.year - COMMON_YEAR}


@st.composite
def weights(draw: st.DrawFn, figures_min: int = 0) -> dict[str, Any]:
    """PP 30/2019 with other weights, bands, criteria and levels; with parts that are counted or imported too."""
    pack = base("pp-30-2019")
    del pack["ladders"]["office"]  # taken over, and no step of this pack goes by it
    for add in draw(st.lists(st.sampled_from([add_achievement, add_measured]), min_size=figures_min, unique=True)):
        add(draw, pack)
    parts = [part["id"] for part in pack["scoring"]["parts"]]
    pack["scoring"]["weights"] = [
        {"when": {"levels": ["Administrator"]}, "of": draw(hundred(parts))},
        {"of": draw(hundred(parts))},
    ]
    edges = sorted(draw(st.sets(st.integers(1, 119), min_size=4, max_size=4)), reverse=True)
    pack["scoring"]["bands"] = [
        {"lowest": str(edge), "label": label.value} for edge, label in zip([*edges, 0], Label, strict=True)
    ]
    pack["criteria"]["behaviour"] = draw(st.permutations(pack["criteria"]["behaviour"]))
    middles = [(Decimal(low) + Decimal(high)) / 2 for low, high in zip([*edges, 0], [120, *edges], strict=True)]
    pack["examples"] = [worth(draw, pack, label, value) for label, value in zip(Label, middles, strict=True)]
    return pack


@pytest.mark.parametrize("seed", [1, 2])
@settings(max_examples=15, phases=SEEN_AS_DRAWN)
@given(data=st.one_of(stages(), weights()))
def test_whoever_is_rated_by_a_pack_that_holds_together_has_a_year_that_ends(data: dict[str, Any], seed: int) -> None:
    pack = PolicyPack.model_validate(data)
    assert PolicyPack.model_validate(copy.deepcopy(pack.model_dump(mode="json"))) == pack
    assert tried(pack) == []
    for character in cast([Subject(f"p{n}") for n in range(SHOW_ALL_FROM)], seed, pack.examples).values():
        assert played(pack, character)[-1].to_state in ("finalisation.running", "finalisation.done")


@settings(max_examples=20, phases=SEEN_AS_DRAWN)
@given(data=named(st.one_of(stages(), weights())))
def test_a_pack_may_name_what_it_asks_as_it_likes_and_says_the_same_when_it_is_read_from_its_file(
    data: dict[str, Any],
) -> None:
    pack, mistakes = read("".join(f"{key} = {said(value)}\n" for key, value in data.items()), FILES)
    assert mistakes == []
    assert pack == PolicyPack.model_validate(copy.deepcopy(data))
    assert [one.comes_to for one in reckoned(pack)] == list(pack.examples)
    for worked in pack.examples:
        profile = rated(pack, worked).competency
        named_by_pack = [one.id for one in pack.criteria[pack.competency.criteria]] if pack.competency else []
        assert (profile is None) == (pack.competency is None)
        assert profile is None or {line.id for line in profile.lines} <= set(named_by_pack)
