"""Where somebody works on a day, and what a file's row knows of it."""

from __future__ import annotations

from datetime import date

import pytest

from models.places import Move, Place, differing, family_on, foretells, leaves_post, place_on, unaware

MAY, JUNE, JULY, SEPTEMBER = (date(2027, month, 1) for month in (5, 6, 7, 9))
HERE: Place = {"post": "A", "level": "Ahli Muda", "kind": "PNS", "unit_id": "u0", "zone": "WIB", "work_week": 5}
THERE: Place = {"post": "B", "unit_id": "u1"}
FAR: Place = {"post": "C", "unit_id": "u2", "zone": "WIT"}


def move(day: date, to: Place, *, coming: bool = True, before: Place | None = None) -> Move:
    return Move(day.isoformat(), day, to, coming, before)


def test_a_place_is_that_of_the_last_transfer_whose_day_has_come() -> None:
    ahead = [move(JUNE, THERE), move(SEPTEMBER, FAR)]
    assert place_on(MAY, HERE, ahead) == HERE
    assert place_on(JULY, HERE, ahead) == {**HERE, **THERE}
    assert place_on(SEPTEMBER, HERE, ahead) == {**HERE, **FAR}


def test_a_transfer_that_has_come_stands_in_the_place_of_today() -> None:
    today = {**HERE, **THERE}
    assert place_on(JULY, today, [move(JUNE, {"unit_id": "u9"}, coming=False)]) == today


HAS_COME = [move(JUNE, {**HERE, **THERE}, coming=False, before=HERE)]
TWO = [*HAS_COME, move(SEPTEMBER, FAR, coming=False, before={**HERE, **THERE})]
ROWS = [
    (HERE, None, HAS_COME, True),
    (HERE, MAY, HAS_COME, True),
    (HERE, JUNE, HAS_COME, False),
    (HERE, JULY, HAS_COME, False),
    ({**HERE, "level": "Ahli Madya"}, None, HAS_COME, True),
    ({**HERE, "post": "Z"}, None, HAS_COME, False),
    ({**HERE, "unit_id": "u1"}, None, HAS_COME, False),
    (HERE, None, TWO, True),
    ({**HERE, **THERE}, JUNE, TWO, True),
    ({**HERE, **THERE}, SEPTEMBER, TWO, False),
    (HERE, None, [move(JUNE, THERE)], False),
    (HERE, None, [move(JUNE, THERE, coming=False)], False),
]


@pytest.mark.parametrize(("said", "since", "moves", "expected"), ROWS)
def test_a_row_is_unaware_of_a_transfer_whose_end_it_says_without_a_later_day(
    said: Place, since: date | None, moves: list[Move], expected: bool
) -> None:
    assert unaware(said, since, moves) is expected


def test_a_row_foretells_a_place_that_is_still_to_come_and_no_other() -> None:
    assert foretells({**HERE, **THERE}, [move(JUNE, THERE)])
    assert not foretells(HERE, [move(JUNE, THERE)])
    assert not foretells({**HERE, **THERE}, HAS_COME)
    assert differing({**HERE, **THERE}, HERE) == THERE


KIND: Place = {"kind": "CPNS"}
LEAVES = [
    ([move(JUNE, {**HERE, **KIND})], False),
    ([move(JUNE, {**HERE, "unit_id": "u1"})], True),
    ([move(JUNE, {**HERE, "post": "B"})], True),
    ([move(JUNE, THERE)], True),
    ([move(MAY, THERE), move(JUNE, {**HERE, **THERE, **KIND})], False),
    ([move(JUNE, HERE, coming=False, before={**HERE, **KIND})], False),
    ([move(JUNE, HERE, coming=False, before={**HERE, **THERE})], True),
    ([move(JUNE, {}, coming=False)], True),
]


@pytest.mark.parametrize(("moves", "expected"), LEAVES)
def test_a_post_is_left_where_unit_or_post_is_another_and_not_with_the_kind_of_employee(
    moves: list[Move], expected: bool
) -> None:
    """What nothing is known of counts as left."""
    assert leaves_post(moves[-1], HERE, moves) is expected


def test_a_family_of_then_is_what_the_transfer_since_has_kept_and_else_that_of_today() -> None:
    kept = move(JUNE, THERE, coming=False, before={**HERE, "family": "guru"})
    assert family_on(MAY, "teknis", [kept]) == "guru"
    assert family_on(JUNE, "teknis", [kept]) == "teknis"
    assert family_on(MAY, "teknis", [move(JUNE, THERE, coming=False, before=HERE)]) == "teknis"
    assert family_on(MAY, "teknis", [move(JUNE, THERE)]) == "teknis"
