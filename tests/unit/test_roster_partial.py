"""Of a file with wrong rows the rest is taken: whatever was wrong with the others, the rest can be written and makes no loop."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.roster import Known
from activities.roster_plan import Plan
from activities.roster_recorded import Recorded
from models.line import cycles
from models.roster import check_roster
from models.roster_file import read_table
from models.roster_problems import RosterProblem, problem
from tests.unit.test_roster import BUDI, HEAD, RETIRED, SARI, as_csv, found, person

TODAY = date(2027, 3, 10)
People = list[dict[str, str]]


def nobody() -> Recorded:
    return Recorded(units={}, people={}, spans={}, actings={}, grants={}, moves={}, titles={}, exits={}, running={})


def unit(nip: str, code: str, parent: str = "", **cells: str) -> dict[str, str]:
    return person(nip, unit=code, nama_unit=code, unit_induk=parent, **cells)


def left(*people: dict[str, str], **known_units: str | None) -> list[tuple[str, str | None]]:
    """Whom a partial import takes, each with the parent of the unit."""
    rows, _ = check_roster(read_table("a.csv", as_csv(*people)), {}, known_units, partial=True)
    return [(row.nip, row.parent_unit) for row in rows]


@pytest.mark.parametrize(
    "wrong",
    [[unit(HEAD, "A", "TYPO")], [unit(HEAD, "A", "B"), unit(BUDI, "B", tmt="never")]],
    ids=["nowhere", "in a rejected row only"],
)
def test_a_parent_that_does_not_come_is_not_taken_from_the_row_that_was_rejected_for_it(wrong: People) -> None:
    assert left(*wrong, unit(SARI, "A")) == [(SARI, None)]


def test_units_whose_rows_were_rejected_for_a_loop_come_back_without_it() -> None:
    people = unit(HEAD, "A", "B"), unit(SARI, "B", "A"), unit(BUDI, "A"), unit(RETIRED, "B")
    assert left(*people) == [(BUDI, None), (RETIRED, None)]


def test_a_unit_whose_parent_only_a_rejected_row_says_stays_where_it_is_recorded() -> None:
    people = unit(HEAD, "A", "OLD", tmt="never"), unit(SARI, "A")
    assert left(*people, A="TOP", OLD=None, TOP=None) == [(SARI, "TOP")]
    assert left(*people[1:], A="TOP", TOP=None) == [(SARI, None)], "what the file says of no row it says of the unit"


def test_a_row_rejected_for_what_is_recorded_takes_with_it_what_leans_on_it_alone() -> None:
    table = read_table("a.csv", as_csv(unit(HEAD, "A"), unit(SARI, "B", "A"), unit(BUDI, "C")))
    closing = [problem(2, "nip_atasan", "loop_in_line", "…")]
    rows, problems = check_roster(table, {}, partial=True, refused=closing)
    assert [row.nip for row in rows] == [BUDI]
    assert found(problems) == [(2, "nip_atasan", "loop_in_line"), (3, "unit_induk", "unknown_unit_parent")]


NIPS = [HEAD, SARI, BUDI, RETIRED]
CODES = ["A", "B", "C"]
PEOPLE = st.lists(
    st.builds(
        unit,
        st.sampled_from(NIPS),
        st.sampled_from(CODES),
        st.sampled_from([*[""] * 4, *CODES, "TYPO"]),
        nip_atasan=st.sampled_from(["", "LUAR", *NIPS]),
        tmt=st.sampled_from(["", "", "2027-06-01", "2027-06-01", "never"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one["nip"],
)


def taken(people: People, recorded: Recorded, today: date) -> Recorded:
    """What is recorded once the sound part of the file was taken, as the import takes it."""
    table = read_table("a.csv", as_csv(*people))
    known = Known.of(recorded, today)
    refused: list[RosterProblem] = []
    while True:
        rows, problems = check_roster(table, known.supervisors, known.parents, partial=True, refused=refused)
        assert {row.line for row in table.rows} == {one.row for one in problems} | {row.row for row in rows}
        plan = Plan(deepcopy(recorded), table.columns, today)
        plan.read(rows)
        if not (loops := plan.loops()):
            return plan.recorded
        refused += loops


@settings(max_examples=400)
@given(files=st.lists(PEOPLE, min_size=1, max_size=3), running=st.booleans())
def test_what_is_left_of_any_file_can_be_written_and_makes_no_loop_of_units(files: list[People], running: bool) -> None:
    everybody = [unit(nip, "A", nip_atasan="LUAR") for nip in NIPS]
    recorded = taken(everybody, nobody(), TODAY - timedelta(days=1)) if running else nobody()
    for at, people in enumerate(files):
        recorded = taken(people, recorded, TODAY + timedelta(days=at))
        parents = {str(one["id"]): one["parent_id"] for one in recorded.units.values()}
        assert {parent for parent in parents.values() if parent is not None} <= parents.keys()
        assert cycles({one: None if parent is None else str(parent) for one, parent in parents.items()}) == []
