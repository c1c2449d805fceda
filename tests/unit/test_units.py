"""Who heads a unit, and whom a unit's label reaches."""

from __future__ import annotations

import pytest

from models.units import head_of, hung, path_before, reach

UP = {"head": "mayor", "deputy": "head", "lead": "deputy", "a": "lead", "b": "lead", "lone": "mayor"}


@pytest.mark.parametrize(
    ("members", "granted", "head"),
    [
        (["a", "b", "head", "lead"], {"head"}, "head"),
        (["a", "b", "head", "lead"], {"head", "lead"}, None),
        (["head", "deputy", "a"], {"head", "deputy"}, "head"),
        (["a", "b", "lead"], {"mayor"}, "lead"),
        (["a", "b"], set(), None),
        (["lone"], set(), None),
        (["lone"], {"lone"}, "lone"),
        ([], {"head"}, None),
        (["head", "deputy", "lead", "a"], set(), "head"),
    ],
)
def test_a_unit_is_headed_by_one_person_or_by_nobody(members: list[str], granted: set[str], head: str | None) -> None:
    assert head_of(members, granted, UP.get) == head


def test_two_who_supervise_each_other_head_nothing() -> None:
    assert head_of(["x", "y"], (), {"x": "y", "y": "x"}.get) is None


PARENTS = {"root": None, "office": "root", "section": "office", "desk": "section", "school": "root"}


def test_a_label_reaches_down_to_where_a_nearer_unit_has_one() -> None:
    assert reach("root", PARENTS, set()) == set(PARENTS)
    assert reach("root", PARENTS, {"root", "section"}) == {"root", "office", "school"}
    assert reach("section", PARENTS, {"office"}) == {"section", "desk"}
    assert reach("desk", PARENTS, {"section"}) == {"desk"}


@pytest.mark.parametrize(
    ("path", "by", "before"),
    [
        ("school district department", "school", "school city"),
        ("class school district department", "school", "class school city"),
        ("district department", "department", "district department old"),
        ("office mayor", None, "office mayor"),
    ],
)
def test_a_path_of_before_climbs_from_the_nearest_unit_that_is_hung_elsewhere(
    path: str, by: str | None, before: str
) -> None:
    stood = {"school": ("school", "city"), "department": ("department", "old")}
    assert hung(tuple(path.split()), stood) == by
    assert path_before(tuple(path.split()), stood) == tuple(before.split())
