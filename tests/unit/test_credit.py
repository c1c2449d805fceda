"""Somebody's credit points add up exactly over parts of years, and say what her level still needs."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import shelf
from models.credit import (
    Account,
    Brought,
    Given,
    Opening,
    Source,
    Version,
    behind,
    by_year,
    exact,
    ledger,
    rounded,
    standing,
)
from models.language import Bilingual
from models.outcome import Credit, CreditNeed, CreditTable
from models.segments import Segment
from models.vocabulary import JobLevel, Label
from tests.unit.test_scoring import YEAR_OF_CREDIT

PACK = shelf.load("permenpanrb-6-2022")
YEAR = 2027
NEEDS = [
    ("Pemula", "15", "15"),
    ("Terampil", "20", "60"),
    ("Mahir", "50", "100"),
    ("Penyelia", "100", None),
    ("Ahli Pertama", "50", "100"),
    ("Ahli Muda", "100", "200"),
    ("Ahli Madya", "150", "450"),
    ("Ahli Utama", "200", None),
]
MONTHS = range(1, 13)


def table() -> CreditTable:
    found = PACK.scoring.credit
    assert found is not None
    return found


def rated(label: Label, level: str = "Ahli Pertama", revision: int = 1) -> Given:
    coefficient, percentage = table().coefficients[JobLevel(level)], table().percentages[label]
    credit = Credit.of(JobLevel(level), coefficient, percentage, 12)
    return final(revision, label, credit)


def final(revision: int, label: Label, credit: Credit | None) -> Given:
    """In the January after, each a year after the one before."""
    at = datetime(YEAR + revision, 1, 20, tzinfo=UTC)
    return Given(revision, at, label, credit, PACK.scoring.labels[label], PACK.scoring.why["credit"])


def account(*revisions: Given, months: range = MONTHS, year: int = YEAR, name: str = "a") -> Account:
    return Account(name, year, frozenset(months), revisions or (rated(Label.BAIK),))


def balance(points: str, level: str = "Ahli Pertama", at: date = date(YEAR - 1, 12, 31), *, years: int = 0) -> Opening:
    """Recorded in June, so many years after the first."""
    recorded = datetime(YEAR + years, 6, 1, tzinfo=UTC)
    return Opening(Decimal(points), JobLevel(level), at, "PAK 12/2026", recorded)


def total(*accounts: Account, opening: Opening | None = None) -> Fraction:
    return sum((one.points for one in ledger(accounts, (), opening)), Fraction())


@pytest.mark.parametrize("row", YEAR_OF_CREDIT, ids=lambda row: row[0])
@pytest.mark.parametrize(("column", "label"), list(enumerate(Label, start=1)))
def test_a_year_has_the_points_of_the_table(row: tuple[str, ...], column: int, label: Label) -> None:
    assert exact(total(account(rated(label, row[0])))) == Decimal(row[column])


@pytest.mark.parametrize(
    ("months", "points", "read"),
    [(range(1, 3), "2.083", "2.08"), (range(6, 13), "7.292", "7.29"), (MONTHS, "12.500", "12.50")],
)
def test_a_part_of_a_year_has_its_twelfths_and_is_rounded_only_to_be_read(
    months: range, points: str, read: str
) -> None:
    part = total(account(months=months))
    assert part == Fraction(25, 2) * len(months) / 12
    assert f"{exact(part):.3f}" == points
    assert str(rounded(part)) == read


def test_half_a_hundredth_is_read_as_a_whole_one() -> None:
    assert str(rounded(Fraction(28125, 1000))) == "28.13"
    assert str(rounded(Fraction(-28125, 1000))) == "-28.13"


def test_seven_months_and_three_single_ones_add_up() -> None:
    parts = [account(months=range(1, 8), name="a"), *(account(months=range(n, n + 1), name=str(n)) for n in (8, 9, 10))]
    assert len(ledger(parts, (), None)) == 4
    assert f"{exact(total(*parts)):.3f}" == "10.417"


@given(st.sampled_from(YEAR_OF_CREDIT), st.sampled_from(Label), st.sets(st.integers(1, 11)))
def test_a_year_in_parts_is_worth_what_the_whole_year_is(row: tuple[str, ...], label: Label, cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), 12]
    parts = [
        account(rated(label, row[0]), months=range(low + 1, high + 1), name=str(low)) for low, high in pairwise(edges)
    ]
    assert total(*parts) == total(account(rated(label, row[0])))


def test_two_levels_in_a_year_have_a_line_each() -> None:
    first = account(months=range(1, 10), name="a")
    second = account(rated(Label.BAIK, "Ahli Muda"), months=range(10, 13), name="b")
    lines = ledger([second, first], (), None)
    assert [(one.level, one.months[0], exact(one.points)) for one in lines] == [
        (JobLevel.AHLI_PERTAMA, 1, Decimal("9.375")),
        (JobLevel.AHLI_MUDA, 10, Decimal("6.25")),
    ]
    assert by_year(lines) == {YEAR: Fraction("15.625")}


def test_a_line_says_all_it_was_worked_out_from() -> None:
    (line,) = ledger([account(months=range(1, 3))], (), None)
    assert (line.coefficient, line.percentage, line.months) == (Decimal("12.5"), Decimal(100), (1, 2))
    assert "x 2/12 bulan = 2,083" in line.why.id


# ── corrected afterwards ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_credited_stays_and_a_correction_has_the_difference() -> None:
    lines = ledger([account(rated(Label.BAIK), rated(Label.SANGAT_BAIK, revision=2))], (), None)
    assert [(one.source, one.revision, exact(one.points)) for one in lines] == [
        (Source.RESULT, 1, Decimal("12.5")),
        (Source.CORRECTION, 2, Decimal("6.25")),
    ]
    assert lines[1].why.en == "Corrected by revision 2: from 12.5 to 18.75."


def test_a_revision_that_comes_to_the_same_has_no_line() -> None:
    assert len(ledger([account(rated(Label.BAIK), rated(Label.BAIK, revision=2))], (), None)) == 1


def test_what_is_cancelled_after_all_is_taken_back() -> None:
    lines = ledger([account(rated(Label.BAIK), final(2, Label.BAIK, None))], (), None)
    assert [exact(one.points) for one in lines] == [Decimal("12.5"), Decimal("-12.5")]


def test_a_correction_of_the_level_takes_back_in_the_one_and_gives_in_the_other() -> None:
    lines = ledger([account(rated(Label.BAIK), rated(Label.BAIK, "Ahli Muda", revision=2))], (), None)
    assert [(one.level, exact(one.points)) for one in lines] == [
        (JobLevel.AHLI_PERTAMA, Decimal("12.5")),
        (JobLevel.AHLI_PERTAMA, Decimal("-12.5")),
        (JobLevel.AHLI_MUDA, Decimal(25)),
    ]


# ── from before and from elsewhere ───────────────────────────────────────────────────────────────────────────────────


def test_months_that_were_over_when_the_balance_was_struck_count_in_it_alone() -> None:
    lines = ledger([account()], (), balance("40", at=date(YEAR, 6, 30)))
    assert [one.months for one in lines] == [tuple(range(7, 13))]
    assert ledger([account()], (), balance("40", at=date(YEAR, 12, 31))) == []


def test_a_correction_of_months_in_a_balance_recorded_before_it_is_told_beside_the_ledger() -> None:
    corrected = account(rated(Label.BAIK), rated(Label.SANGAT_BAIK, revision=2))
    struck = balance("40", at=date(YEAR, 6, 30), years=1)
    (line,) = behind([corrected], (), struck)
    assert (line.source, line.revision, line.months, exact(line.points)) == (
        Source.CORRECTION,
        2,
        tuple(range(1, 7)),
        Decimal("3.125"),
    )
    assert [one.months for one in ledger([corrected], (), struck)] == [tuple(range(7, 13))] * 2
    anew = balance("40", at=date(YEAR, 6, 30), years=2)
    assert behind([corrected], (), anew) == [], "whoever struck it anew knew of it"
    assert behind([corrected], (), balance("40", years=1)) == [], "no month of hers counts in it"
    assert behind([corrected], (), None) == []


def test_a_first_result_of_months_in_a_balance_recorded_before_it_is_told_too() -> None:
    (line,) = behind([account()], (), balance("40", at=date(YEAR, 12, 31)))
    assert (line.source, line.revision, exact(line.points)) == (Source.RESULT, 1, Decimal("12.5"))
    assert behind([account()], (), balance("40", at=date(YEAR, 12, 31), years=1)) == [], "the balance came after it"


def test_months_in_a_balance_that_earn_credit_only_after_all_are_told_too() -> None:
    corrected = account(final(1, Label.BAIK, None), rated(Label.BAIK, revision=2))
    (line,) = behind([corrected], (), balance("40", at=date(YEAR, 12, 31), years=1))
    assert (line.source, exact(line.points)) == (Source.RESULT, Decimal("12.5"))


def test_each_revision_says_its_credit_in_the_words_of_its_own_pack() -> None:
    ours = rated(Label.BAIK)
    other = dataclasses.replace(ours, why=Bilingual(id="Begitulah {label}.", en="So {label}."))
    assert "12,5" in ledger([account(ours)], (), None)[0].why.id
    assert ledger([account(other)], (), None)[0].why.en == f"So {ours.said.en}."
    none = dataclasses.replace(ours, revision=2, credit=None, why=None)
    assert len(ledger([account(ours, none)], (), None)) == 2, (
        "a pack without credit points takes them back, and has no sentence"
    )


def elsewhere(first: date, last: date) -> Brought:
    where = Segment(first, last, {})
    return Brought(where, Label.BAIK, JobLevel.AHLI_PERTAMA, Decimal("5.208"), "Kota Sebelah", "PAK 3/2027")


def test_a_part_brought_from_elsewhere_has_the_points_that_its_document_says() -> None:
    brought = elsewhere(date(YEAR, 1, 1), date(YEAR, 5, 31))
    first, second = ledger([account(months=range(6, 13))], [brought], None)
    assert (first.source, first.months, exact(first.points)) == (Source.ELSEWHERE, (1, 2, 3, 4, 5), Decimal("5.208"))
    assert (first.coefficient, second.source) == (None, Source.RESULT)
    assert ledger([], [brought], balance("40", at=date(YEAR, 5, 31))) == [], "it counts in the balance"


PART = elsewhere(date(YEAR, 1, 1), date(YEAR, 5, 31))
BALANCE = balance("40", at=date(YEAR, 5, 31))
HALF = dataclasses.replace(PART, points=Decimal("6.25"))
LATER = elsewhere(date(YEAR, 1, 1), date(YEAR, 7, 31))
IN_MUDA = dataclasses.replace(PART, level=JobLevel.AHLI_MUDA)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (None, PART, [(Source.ELSEWHERE, "Ahli Pertama", "5.208")]),
        (PART, HALF, [(Source.CORRECTION, "Ahli Pertama", "1.042")]),
        (PART, None, [(Source.CORRECTION, "Ahli Pertama", "-5.208")]),
        (PART, LATER, [(Source.CORRECTION, "Ahli Pertama", "-5.208")]),
        (LATER, PART, [(Source.ELSEWHERE, "Ahli Pertama", "5.208")]),
        (PART, IN_MUDA, [(Source.CORRECTION, "Ahli Pertama", "-5.208"), (Source.ELSEWHERE, "Ahli Muda", "5.208")]),
        (PART, dataclasses.replace(PART, document="PAK 3a/2027"), []),
        (LATER, None, []),
        (None, LATER, []),
    ],
)
def test_what_changed_of_another_agency_s_points_in_a_balance_is_told_beside_the_ledger(
    was: Brought | None, now: Brought | None, told: list[tuple[Source, str, str]]
) -> None:
    before, since = BALANCE.recorded - timedelta(days=1), BALANCE.recorded + timedelta(days=1)
    versions = [Version(now, since)] + ([Version(was, before)] if was else [])
    found = behind((), [versions], BALANCE)
    assert [(one.source, one.level.value, str(exact(one.points))) for one in found] == told
    assert behind((), [[Version(now, before), Version(was, before)]], BALANCE) == [], "the balance came after it"
    assert behind((), [versions], None) == []


def test_a_next_rank_never_asks_for_more_than_the_next_level() -> None:
    its = JobLevel.AHLI_PERTAMA
    found = standing([], balance("45"), its, CreditNeed(rank=Decimal(20), grade=Decimal(50)))
    assert found is not None
    assert (found.ranks, found.rank_lacks, found.grade_lacks) == (2, 5, 5)


# ── what a level needs ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("level", "rank", "grade"), NEEDS)
def test_the_pack_says_what_a_level_needs(level: str, rank: str, grade: str | None) -> None:
    need = table().needs[JobLevel(level)]
    assert (need.rank, need.grade) == (Decimal(rank), None if grade is None else Decimal(grade))


@pytest.mark.parametrize(
    ("level", "points", "ranks", "rank_lacks", "grade_lacks"),
    [
        ("Ahli Pertama", "0", 0, "50", "100"),
        ("Ahli Pertama", "49.99", 0, "0.01", "50.01"),
        ("Ahli Pertama", "50", 1, "50", "50"),
        ("Ahli Pertama", "100", 2, "0", "0"),
        ("Ahli Pertama", "112.5", 2, "0", "0"),
        ("Ahli Madya", "200", 1, "100", "250"),
        ("Ahli Utama", "250", 1, "150", None),
        ("Pemula", "14", 0, "1", "1"),
    ],
)
def test_points_are_enough_for_so_many_ranks_and_lack_so_much(
    level: str, points: str, ranks: int, rank_lacks: str, grade_lacks: str | None
) -> None:
    its = JobLevel(level)
    found = standing([], balance(points, level), its, table().needs[its])
    assert found is not None
    lacks = None if found.grade_lacks is None else exact(found.grade_lacks)
    assert (found.ranks, exact(found.rank_lacks)) == (ranks, Decimal(rank_lacks))
    assert lacks == (None if grade_lacks is None else Decimal(grade_lacks))


def test_three_parts_that_are_a_whole_together_lack_nothing() -> None:
    thirds = [
        account(rated(Label.BAIK, "Ahli Utama"), months=range(n, n + 4), name=str(n), year=year)
        for n in (1, 5, 9)
        for year in range(YEAR, YEAR + 4)
    ]
    need = table().needs[JobLevel.AHLI_UTAMA]
    found = standing(ledger(thirds, (), None), balance("0", "Ahli Utama"), JobLevel.AHLI_UTAMA, need)
    assert found is not None
    assert (found.counted, found.ranks) == (200, 1)


def test_only_what_was_earned_in_the_level_counts_for_it() -> None:
    lines = ledger([account(), account(rated(Label.BAIK, "Ahli Muda"), year=YEAR + 1)], (), balance("80"))
    found = standing(lines, balance("80"), JobLevel.AHLI_MUDA, table().needs[JobLevel.AHLI_MUDA])
    assert found is not None
    assert found.counted == 25


def test_without_a_balance_of_before_nobody_says_what_is_lacking() -> None:
    need = CreditNeed(rank=Decimal(50))
    assert standing(ledger([account()], (), None), None, JobLevel.AHLI_PERTAMA, need) is None
    assert standing([], balance("10"), JobLevel.PELAKSANA, None) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"needs": {"Pelaksana": {"rank": "50"}}},
        {"needs": {"Ahli Muda": {"rank": "100", "grade": "50"}}},
        {"needs": {"Ahli Muda": {"rank": "0"}}},
    ],
    ids=["a level without a coefficient", "a level worth less than its rank", "a rank for nothing"],
)
def test_a_table_of_needs_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        CreditTable.model_validate(table().model_dump(mode="json") | wrong)
