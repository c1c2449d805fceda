"""Who may say something of somebody's work, when she reads it without a name, and what makes a team."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.feedback import (
    Feedback,
    NotAsked,
    Standing,
    Surrounding,
    TeamProblem,
    read_by_her,
    standing,
    team_problems,
    why_not_asked,
)
from models.shelf import load, pack_ids

ALL = Feedback(peers=True, team_leaders=True)
AROUND = Surrounding(
    subject="her",
    raters=frozenset({"supervisor", "delegate"}),
    officers=frozenset({"supervisor", "senior", "head"}),
    recused=frozenset({"brother"}),
    leaders={"leader": "team", "brother": "team", "supervisor": "team", "senior": "team"},
    asked=frozenset({"asked", "brother", "head"}),
    colleagues=frozenset({"colleague", "brother", "delegate"}),
)


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("leader", Standing.TEAM_LEADER),
        ("colleague", Standing.PEER),
        ("asked", Standing.PEER),
        ("her", None),
        ("brother", None),
        ("supervisor", None),
        ("delegate", None),
        ("senior", Standing.TEAM_LEADER),
        ("head", None),
        ("stranger", None),
    ],
)
def test_peers_and_leaders_say_something_and_nobody_of_herself_nor_who_rates_or_stepped_back(
    author: str, expected: Standing | None
) -> None:
    assert standing(author, ALL, AROUND) is expected


def test_what_a_pack_does_not_ask_for_nobody_says() -> None:
    assert standing("leader", Feedback(), AROUND) is standing("colleague", Feedback(), AROUND) is None
    assert standing("leader", Feedback(peers=True), AROUND) is None
    assert standing("colleague", Feedback(team_leaders=True), AROUND) is None
    both = replace(AROUND, colleagues=AROUND.colleagues | {"leader"})
    assert standing("leader", Feedback(peers=True), both) is Standing.PEER


def test_a_supervisor_asks_neither_her_nor_who_stands_above_her_nor_who_stepped_back() -> None:
    assert why_not_asked("her", AROUND) is NotAsked.OF_HERSELF
    assert why_not_asked("brother", AROUND) is NotAsked.RECUSED
    for officer in ("delegate", "senior", "head"):
        assert why_not_asked(officer, AROUND) is NotAsked.OFFICER
    assert why_not_asked("stranger", AROUND) is None


GIVEN = [f"word {n}" for n in range(12)]


@given(st.integers(0, 12), st.integers(3, 6))
def test_with_her_result_she_reads_all_of_it_or_nothing(count: int, least: int) -> None:
    spec = Feedback(peers=True, shown_min=least)
    assert read_by_her(GIVEN[:count], spec, has_result=False) == frozenset()
    found = read_by_her(GIVEN[:count], spec, has_result=True)
    assert found == (set(GIVEN[:count]) if count >= least else set())


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(3, 6))
def test_however_often_she_looks_what_is_new_is_never_of_fewer_than_the_pack_says(
    looks: list[bool], least: int
) -> None:
    spec = Feedback(peers=True, shown="while_running", shown_min=least)
    seen: frozenset[str] = frozenset()
    for count, looked in enumerate(looks, start=1):
        if looked:
            now = read_by_her(GIVEN[:count], spec, has_result=looked)
            assert seen <= now
            assert now == seen or len(now - seen) >= least
            seen = now


@pytest.mark.parametrize(
    ("members", "last", "expected"),
    [
        (["a", "b"], None, []),
        (["a", "leader"], None, [(("members", 1), TeamProblem.LEADS_HERSELF)]),
        (["a", "b", "a"], None, [(("members", 2), TeamProblem.SAME_TWICE)]),
        (["a"], date(2027, 1, 31), [(("until",), TeamProblem.ENDS_BEFORE_IT_BEGINS)]),
        (["a"], date(2027, 2, 1), []),
    ],
)
def test_a_team_is_of_others_than_who_leads_it(members: list[str], last: date | None, expected: list[Any]) -> None:
    assert list(team_problems("leader", members, date(2027, 2, 1), last)) == expected


def test_a_pack_that_asks_nobody_keeps_the_digest_that_it_had() -> None:
    pack = load("permenpanrb-6-2022")
    assert not pack.feedback.asked
    frozen = pack.model_dump(mode="json")
    del frozen["feedback"], frozen["public_input"]
    assert type(pack).model_validate(frozen).digest == pack.digest
    for changed in ({"feedback": {"peers": True}}, {"public_input": {"open": True}}):
        assert type(pack).model_validate(frozen | changed).digest != pack.digest


def test_most_packs_ask_nobody() -> None:
    assert {one for one in pack_ids() if load(one).feedback.asked} == {"denpasar-capaian"}
