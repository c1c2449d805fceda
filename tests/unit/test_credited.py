"""Each month of a year is credited once, by whichever appraisal was final first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import shelf
from models.credited import Claim, as_credited, credited
from models.outcome import ScoringContext
from models.scoring import score
from models.vocabulary import JobLevel

PACK = shelf.load("permenpanrb-6-2022")
MAY, DECEMBER = datetime(2027, 5, 3, tzinfo=UTC), datetime(2027, 12, 28, tzinfo=UTC)
MONTHS = frozenset(range(1, 13))
BAIK = {"result_rating": "as_expected", "behaviour_rating": "as_expected"}


def year(final_at: datetime | None = None) -> Claim:
    return Claim("year", MONTHS, final_at)


def january_and_february(final_at: datetime | None = None) -> Claim:
    return Claim("asked", frozenset({1, 2}), final_at)


@pytest.mark.parametrize(
    ("of_the_year", "of_the_months", "credited_by_the_year", "credited_by_the_months"),
    [
        (DECEMBER, MAY, 10, 2),
        (None, MAY, 10, 2),
        (MAY, DECEMBER, 12, 0),
        (MAY, None, 12, 0),
        (None, None, 12, 2),
        (MAY, MAY, 10, 2),
    ],
)
def test_a_month_is_credited_by_what_was_final_first(
    of_the_year: datetime | None,
    of_the_months: datetime | None,
    credited_by_the_year: int,
    credited_by_the_months: int,
) -> None:
    both = [year(of_the_year), january_and_february(of_the_months)]
    assert [len(credited(one, both)) for one in both] == [credited_by_the_year, credited_by_the_months]


@given(st.lists(st.tuples(st.frozensets(st.integers(1, 12)), st.integers(0, 5)), max_size=6))
def test_final_results_together_credit_each_month_that_one_of_them_is_about_exactly_once(
    said: list[tuple[frozenset[int], int]],
) -> None:
    claims = [Claim(str(n), months, MAY + timedelta(days=day)) for n, (months, day) in enumerate(said)]
    counted = [month for one in claims for month in credited(one, claims)]
    assert sorted(counted) == sorted(frozenset[int]().union(*(months for months, _ in said)))


def test_an_outcome_says_the_points_of_the_months_that_it_credits_and_why() -> None:
    outcome = score(PACK, BAIK, ScoringContext(level=JobLevel.AHLI_PERTAMA))
    stored = outcome.model_dump(mode="json", exclude_none=True)
    assert as_credited(stored, (), PACK) is stored
    shown = as_credited(stored, {1, 2}, PACK)
    assert shown["credit"]["months"] == 10
    assert abs(Decimal(shown["credit"]["points"]) - Decimal("12.5") * 10 / 12) < Decimal("1e-20")
    before, after = ({line["what"]: line for line in one["lines"]} for one in (stored, shown))
    assert "x 10/12 bulan = 10,417" in after["credit"]["why"]["id"]
    assert {what: line for what, line in after.items() if what != "credit"} == {
        what: line for what, line in before.items() if what != "credit"
    }


def test_what_earns_no_credit_stays_as_it_is() -> None:
    stored = score(PACK, BAIK, ScoringContext(level=JobLevel.PELAKSANA)).model_dump(mode="json", exclude_none=True)
    assert as_credited(stored, {1, 2}, PACK) is stored
