"""What may be noted while a year runs, what becomes of what is sent twice or late, and what it comes to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.appraisal import Flow, Snapshot
from models.vocabulary import Ending, State
from models.year_log import DayProblem, Entry, Verdict, day_problem, digest, is_open, may_correct, verdict

FIRST, LAST, TODAY = date(2027, 3, 1), date(2027, 8, 31), date(2027, 6, 15)
ENTRY = Entry(day=TODAY, text="Melayani 12 pemohon.", quantity=Decimal("12"), unit="berkas")
OTHER = replace(ENTRY, text="Melayani 13 pemohon.", quantity=Decimal("13"))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (FIRST, None),
        (TODAY, None),
        (date(2027, 6, 16), DayProblem.IN_THE_FUTURE),
        (date(2027, 2, 28), DayProblem.BEFORE_IT_BEGAN),
        (date(2028, 1, 1), DayProblem.IN_THE_FUTURE),
    ],
)
def test_a_day_is_one_that_the_appraisal_is_about_and_that_has_come(day: date, expected: DayProblem | None) -> None:
    assert day_problem(day, FIRST, LAST, TODAY) is expected


def test_after_a_transfer_a_day_belongs_to_the_next_part_of_the_year() -> None:
    assert day_problem(date(2027, 9, 1), FIRST, LAST, date(2027, 9, 2)) is DayProblem.AFTER_IT_ENDED


@pytest.mark.parametrize("state", State)
def test_what_was_noted_is_corrected_until_it_was_rated(state: State) -> None:
    snapshot = Snapshot(appraisal_id="a", subject="s", flow=Flow(), state=state)
    assert may_correct(snapshot) is (state.stage.value not in ("calibration", "appeal", "finalisation"))
    assert is_open(snapshot)
    ended = snapshot.model_copy(update={"ending": Ending.CANCELLED})
    assert not is_open(ended)
    assert not may_correct(ended)


def test_an_entry_that_was_never_seen_is_new_and_the_same_again_counts_once() -> None:
    assert verdict([], ENTRY, None) is Verdict.NEW
    assert verdict([ENTRY], ENTRY, None) is Verdict.SAME
    assert verdict([ENTRY], replace(ENTRY, quantity=Decimal("12.0000")), None) is Verdict.SAME


def test_another_text_under_the_same_id_says_which_version_it_corrects() -> None:
    assert verdict([ENTRY], OTHER, None) is Verdict.CONFLICT
    assert verdict([ENTRY], OTHER, 1) is Verdict.CORRECTED
    assert verdict([], OTHER, 1) is Verdict.CONFLICT
    assert verdict([ENTRY], ENTRY, 1) is Verdict.SAME


def test_a_late_copy_never_undoes_a_correction() -> None:
    kept = [ENTRY, OTHER]
    assert verdict(kept, ENTRY, None) is Verdict.SAME
    assert verdict(kept, OTHER, 1) is Verdict.SAME
    assert verdict(kept, ENTRY, 1) is Verdict.CONFLICT
    assert verdict(kept, ENTRY, 2) is Verdict.CORRECTED


@given(sent=st.lists(st.tuples(st.sampled_from([ENTRY, OTHER]), st.integers(0, 4)), max_size=12))
def test_whatever_is_sent_again_in_whatever_order_writes_nothing_the_second_time(sent: list[tuple[Entry, int]]) -> None:
    kept: list[Entry] = []
    for entry, replaces in sent:
        if verdict(kept, entry, replaces or None) in (Verdict.NEW, Verdict.CORRECTED):
            kept.append(entry)
            assert verdict(kept, entry, replaces or None) is Verdict.SAME
    assert all(one != other for one, other in itertools.pairwise(kept))


@dataclass
class Row:
    id: str
    day: date
    result: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    achievement: bool = False
    criterion: str | None = None


def test_a_year_is_counted_by_month_and_put_under_what_was_planned() -> None:
    may, june = date(2027, 5, 3), date(2027, 6, 1)
    made = digest(
        {"layanan": "Layanan", "arsip": "Arsip"},
        [
            Row("1", may, "layanan", Decimal("12"), "berkas"),
            Row("2", may, "layanan", Decimal("0.5"), "berkas", achievement=True),
            Row("3", june, "layanan", Decimal("3"), "jam", achievement=True),
            Row("4", june, "dihapus"),
            Row("5", june),
        ],
        [Row("6", june, criterion="akuntabel"), Row("7", june, "layanan")],
        [Row("8", june, "arsip"), Row("9", may)],
    )
    assert (made.whole.entries, made.whole.achievements, made.whole.observations, made.whole.evidence) == (5, 2, 2, 2)
    assert made.whole.days == {may, june}
    assert {month: counts.entries for month, counts in made.months.items()} == {"2027-05": 2, "2027-06": 3}
    assert list(made.results)[:2] == ["layanan", "arsip"]
    service = made.results["layanan"]
    assert service.quantities == {"berkas": Decimal("12.5"), "jam": Decimal("3")}
    assert service.achievements == ["3", "2"], "the newest first"
    assert service.observations == ["7"]
    assert made.results["arsip"].evidence == ["8"]
    assert made.results["dihapus"].counts.entries == 1
    assert made.results[None].counts.entries == 1
    assert made.criteria["akuntabel"].observations == ["6"]
