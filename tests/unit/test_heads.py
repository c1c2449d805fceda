"""Who headed a unit is asked of the day that a result is about, whatever became of its people since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest

from models.heads import Heads, Left, Turn
from models.line import Acting, ActingKind, Line, Tenure

HEAD, DEPUTY, CLERK, OTHER, MAYOR, NEXT = (UUID(int=n) for n in range(1, 7))
OFFICE, ELSEWHERE, TOWN = "office", "elsewhere", "town"
LONG_AGO = date(2021, 1, 1)
LAST, NEW_YEAR, TRANSFER = date(2027, 12, 31), date(2028, 1, 1), date(2028, 1, 3)
LABEL = date(2028, 1, 15)

STAFF = (
    Tenure(MAYOR, None, True, LONG_AGO),
    Tenure(DEPUTY, HEAD, False, LONG_AGO),
    Tenure(CLERK, DEPUTY, False, LONG_AGO),
    Tenure(OTHER, DEPUTY, False, LONG_AGO),
)
STAYS = Tenure(HEAD, MAYOR, False, LONG_AGO)
RETIRES = Tenure(HEAD, MAYOR, False, LONG_AGO, LAST)
MOVES = (
    Tenure(HEAD, MAYOR, False, LONG_AGO, TRANSFER - timedelta(days=1)),
    Tenure(HEAD, MAYOR, False, TRANSFER, None, moved=True),
)
HERE = {str(one): OFFICE for one in (HEAD, DEPUTY, CLERK, OTHER)} | {str(MAYOR): TOWN}


def known(
    *line: Tenure,
    moved: bool = False,
    acting: Sequence[Acting] = (),
    granted: Sequence[UUID] = (),
    turns: Mapping[UUID, Sequence[Turn]] | None = None,
    also: Mapping[str, str] | None = None,
) -> Heads:
    return Heads(
        Line((*STAFF, *line), acting),
        HERE | ({str(HEAD): ELSEWHERE} if moved else {}) | (also or {}),
        [Left(str(HEAD), TRANSFER, OFFICE)] if moved else [],
        [str(one) for one in granted],
        {str(one): its for one, its in (turns or {}).items()},
    )


def headed(heads: Heads, who: UUID, day: date, post: UUID | None = None) -> bool:
    return heads.headed(OFFICE, str(who), day, None if post is None else str(post))


@pytest.mark.parametrize("granted", [(), (HEAD,)])
@pytest.mark.parametrize(("line", "moved"), [((RETIRES,), False), (MOVES, True)])
def test_who_headed_it_on_the_last_day_of_the_year_did_whatever_became_of_him_in_january(
    line: Sequence[Tenure], moved: bool, granted: Sequence[UUID]
) -> None:
    heads = known(*line, moved=moved, granted=granted)
    assert headed(heads, HEAD, LAST)
    assert not headed(heads, DEPUTY, LAST)


def test_a_role_that_was_given_or_taken_back_since_says_nothing_of_the_day_before() -> None:
    """In January the deputy becomes head, with the role that was taken from who retired."""
    turns = {HEAD: [Turn(TRANSFER, held=False)], DEPUTY: [Turn(TRANSFER, held=True)]}
    promoted = (RETIRES, Tenure(DEPUTY, MAYOR, False, TRANSFER))
    heads = known(*promoted, granted=[DEPUTY], turns=turns)
    assert (headed(heads, HEAD, LAST), headed(heads, DEPUTY, LAST)) == (True, False)
    assert headed(heads, DEPUTY, LABEL)
    # Also where nobody had held it before.
    heads = known(*promoted, granted=[DEPUTY], turns={DEPUTY: [Turn(TRANSFER, held=True)]})
    assert (headed(heads, HEAD, LAST), headed(heads, DEPUTY, LAST)) == (True, False)


def test_a_role_counts_from_the_day_on_which_it_was_given_for_the_last_time() -> None:
    two = (Tenure(HEAD, MAYOR, False, LONG_AGO), Tenure(CLERK, MAYOR, False, LONG_AGO + timedelta(days=1)))
    turns = {CLERK: [Turn(LONG_AGO, held=True), Turn(LAST, held=False), Turn(LABEL, held=True)]}
    heads = known(*two, granted=[CLERK], turns=turns)
    assert headed(heads, CLERK, LAST - timedelta(days=1))
    assert headed(heads, HEAD, LAST)
    assert headed(heads, CLERK, LABEL)


@pytest.mark.parametrize("granted", [(), (HEAD,)])
@pytest.mark.parametrize(("line", "moved"), [((RETIRES,), False), (MOVES, True)])
def test_the_deputy_of_a_vacant_post_heads_nothing_in_her_own(
    line: Sequence[Tenure], moved: bool, granted: Sequence[UUID]
) -> None:
    heads = known(*line, moved=moved, granted=granted)
    assert not headed(heads, DEPUTY, LABEL)
    assert (heads.head_of(OFFICE, LABEL), heads.in_charge(OFFICE, LABEL)) == (str(HEAD), None)
    assert not heads.leads(OFFICE, str(HEAD), LABEL), "what is done there since is no work of his"


def test_who_was_put_under_a_former_head_since_he_left_stands_under_his_new_post() -> None:
    """He is the superior of the next head now, who heads the unit."""
    again = Tenure(DEPUTY, HEAD, False, TRANSFER)
    assert known(*MOVES, again, moved=True).head_of(OFFICE, LABEL) == str(DEPUTY)


@pytest.mark.parametrize("granted", [(), (HEAD,)])
@pytest.mark.parametrize(("line", "moved"), [((RETIRES,), False), (MOVES, True)])
def test_the_year_of_a_plt_is_the_heads_and_her_own_is_not(
    line: Sequence[Tenure], moved: bool, granted: Sequence[UUID]
) -> None:
    start, vacated = (TRANSFER, TRANSFER - timedelta(days=1)) if moved else (NEW_YEAR, None)
    plt = Acting(DEPUTY, HEAD, ActingKind.PLT, start, date(2028, 6, 30), vacated)
    heads = known(*line, moved=moved, granted=granted, acting=[plt])
    for day in (LABEL, date(2028, 6, 30)):
        assert headed(heads, DEPUTY, day, HEAD)
        assert not headed(heads, DEPUTY, day)
    assert heads.leads(OFFICE, str(DEPUTY), LABEL)


@pytest.mark.parametrize("granted", [(), (HEAD,)])
def test_who_is_plh_on_the_last_day_of_the_year_does_not_have_the_heads_result(granted: Sequence[UUID]) -> None:
    plh = Acting(DEPUTY, HEAD, ActingKind.PLH, date(2027, 12, 20), date(2028, 1, 5))
    heads = known(STAYS, granted=granted, acting=[plh])
    assert headed(heads, HEAD, LAST)
    assert not headed(heads, DEPUTY, LAST)
    assert [heads.leads(OFFICE, str(who), LAST) for who in (HEAD, DEPUTY)] == [True, True]
    assert [heads.leads(OFFICE, str(who), LABEL) for who in (HEAD, DEPUTY)] == [True, False]
    assert [heads.in_charge(OFFICE, day) for day in (LAST, LABEL)] == [str(DEPUTY), str(HEAD)]


def test_whoever_comes_in_place_of_a_head_heads_it_though_somebody_still_stands_under_the_post_he_left() -> None:
    comes = [Tenure(NEXT, MAYOR, False, TRANSFER), Tenure(DEPUTY, NEXT, False, TRANSFER)]
    heads = known(RETIRES, *comes, Tenure(OTHER, HEAD, False, LONG_AGO + timedelta(days=1)), also={str(NEXT): OFFICE})
    assert (heads.head_of(OFFICE, LAST), heads.head_of(OFFICE, LABEL)) == (str(HEAD), str(NEXT))


def test_whoever_comes_later_was_not_there_before() -> None:
    heads = known(RETIRES, Tenure(NEXT, MAYOR, False, TRANSFER), also={str(NEXT): OFFICE}, granted=[NEXT])
    assert (heads.head_of(OFFICE, LAST), heads.head_of(OFFICE, LABEL)) == (str(HEAD), str(NEXT))
