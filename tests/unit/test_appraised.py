"""Who stands around whatever somebody is appraised for: her posts, and the years of hers that are open."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from models.access import Said
from models.appraised import Appraised, OpenYear
from models.delegation import Delegation
from models.line import Acting, ActingKind, Line, Tenure

NEW_YEAR, DAY = date(2027, 1, 1), date(2027, 6, 15)
SHE, HEAD, CHIEF, DIRECTOR, LEAD, ABOVE, FRIEND, OTHER_HR, PYB = (UUID(int=number) for number in range(1, 10))
CHAIN = [
    Tenure(SHE, HEAD, False, NEW_YEAR),
    Tenure(HEAD, CHIEF, False, NEW_YEAR),
    Tenure(CHIEF, DIRECTOR, False, NEW_YEAR),
    Tenure(DIRECTOR, None, True, NEW_YEAR),
    Tenure(LEAD, ABOVE, False, NEW_YEAR),
    Tenure(ABOVE, None, True, NEW_YEAR),
    Tenure(FRIEND, LEAD, False, NEW_YEAR),
    Tenure(OTHER_HR, LEAD, False, NEW_YEAR),
]
HERS = frozenset({HEAD, CHIEF, DIRECTOR})
GIVEN_TO_LEAD = OpenYear(Said(reassigned=str(LEAD)))


def she(*years: OpenYear, line: Line | None = None) -> Appraised:
    return Appraised(SHE, line or Line(CHAIN, pybs=[PYB], hr=[SHE, OTHER_HR]), DAY, years)


def ids(*people: UUID) -> set[str]:
    return {str(person) for person in people}


def test_a_year_given_to_another_adds_him_and_who_is_above_him() -> None:
    assert she().posts_above() == HERS
    assert she(GIVEN_TO_LEAD).posts_above() == HERS | {LEAD, ABOVE}
    assert she().officers() == ids(HEAD, CHIEF, PYB)
    assert she(GIVEN_TO_LEAD).officers() == ids(HEAD, CHIEF, PYB, LEAD, ABOVE)


def test_a_closed_part_is_asked_of_the_line_of_its_last_day() -> None:
    went = date(2027, 6, 1)
    last = went - timedelta(days=1)
    moved = Line(
        [Tenure(SHE, HEAD, False, NEW_YEAR, last), Tenure(SHE, LEAD, False, went), *CHAIN[1:]], hr=[SHE, OTHER_HR]
    )
    closed = OpenYear(Said(until=last))
    assert she(line=moved).posts_above() == {LEAD, ABOVE}
    assert she(closed, line=moved).posts_above() == {LEAD, ABOVE} | HERS
    assert she(closed, line=moved).officers() == ids(LEAD, ABOVE, HEAD, CHIEF)


def test_who_stands_in_for_an_officer_who_is_to_leave_is_one_of_hers_already() -> None:
    leaves = [Tenure(HEAD, CHIEF, False, NEW_YEAR, date(2027, 8, 31)), *(row for row in CHAIN if row.person_id != HEAD)]
    assert she(line=Line(leaves)).officers() == ids(HEAD, CHIEF, DIRECTOR)


def test_who_decides_once_her_superiors_lend_to_each_other_is_one_of_hers_already() -> None:
    lent = Delegation(HEAD, CHIEF, date(2027, 7, 1), date(2027, 7, 31))
    assert str(DIRECTOR) in she(line=Line(CHAIN, delegations=[lent])).officers()


def test_whose_post_comes_to_be_filled_by_another_has_him_above_her_already() -> None:
    acts = Acting(FRIEND, HEAD, ActingKind.PLT, date(2027, 9, 1))
    assert str(FRIEND) in she(line=Line(CHAIN, [acts])).officers()


# ── a PyB ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pyb_further_down_the_order_of_an_objection_does_not_stand_there_yet() -> None:
    assert not she().pyb_stands()
    assert not she(GIVEN_TO_LEAD).pyb_stands()


@pytest.mark.parametrize("pybs", [[], [PYB]])
@pytest.mark.parametrize(
    "said",
    [
        OpenYear(Said(reassigned=str(ABOVE))),
        OpenYear(Said(rated_by=str(CHIEF), reassigned=str(CHIEF), defenders=[str(DIRECTOR)])),
        OpenYear(Said(let_pass=[str(CHIEF)]), 1),
        OpenYear(Said(), 1),
    ],
    ids=["no superior above the rater", "everybody above has answered for it", "the first let it pass", "handed on"],
)
def test_a_pyb_stands_where_the_line_ends_be_it_that_there_is_none_yet(said: OpenYear, pybs: list[UUID]) -> None:
    assert she(said, line=Line(CHAIN, pybs=pybs, hr=[SHE, OTHER_HR])).pyb_stands()


def test_the_pyb_is_hr_to_the_only_hr_officer_and_so_not_hers_to_choose() -> None:
    assert she(line=Line(CHAIN, hr=[SHE])).pyb_stands()
    gone = [row for row in CHAIN if row.person_id != OTHER_HR]
    left = Tenure(OTHER_HR, LEAD, False, NEW_YEAR, date(2027, 7, 31))
    assert she(line=Line([*gone, left], hr=[SHE, OTHER_HR])).pyb_stands(), "the other officer is to leave"
