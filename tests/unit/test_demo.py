"""The demo agency is a roster like any other: it passes the import's check at every size and seed."""

from collections import Counter
from functools import cache

import pytest

from deploy.demo import PEOPLE_MAX, generate, personas, write_csv
from models.nip import birth_date
from models.roster import RosterRow, check_roster
from models.roster_file import read_table


@cache
def imported(people: int, seed: int = 1, year: int = 2027) -> tuple[RosterRow, ...]:
    rows, problems = check_roster(read_table("demo.csv", write_csv(generate(people, seed, year))), {})
    assert problems == ()
    return rows


@pytest.mark.parametrize(
    ("people", "seed"),
    [*((people, 1) for people in range(12, 121)), (300, 1), (300, 7), (999, 3), (8_300, 2), (PEOPLE_MAX, 1)],
)
def test_every_size_imports_without_a_problem_and_with_everybody(people: int, seed: int) -> None:
    rows = imported(people, seed)
    assert len({row.nip for row in rows}) == people
    assert len({row.email for row in rows}) == people


@pytest.mark.parametrize("people", [12, 30, 300])
def test_every_role_is_filled_from_the_smallest_agency_on(people: int) -> None:
    granted = Counter(role.value for row in imported(people) for role in row.granted_roles)
    assert granted["hr"] >= 2
    assert granted["board"] == 3
    assert granted["auditor"] == 1
    assert granted["pyb"] == 2, "somebody must act where the first one is the person rated"


def test_the_same_seed_gives_the_same_agency_and_another_seed_another() -> None:
    assert generate(300, 5) == generate(300, 5)
    assert generate(300, 5) != generate(300, 6)


def test_a_persona_keeps_her_nip_whatever_the_size() -> None:
    cast = personas(generate(30))
    assert [persona["key"] for persona in cast] == ["employee", "supervisor", "senior", "hr", "board", "auditor", "pyb"]
    assert all(personas(generate(people)) == cast for people in (12, 31, 300, 2_000))


def test_the_line_of_the_cast_is_the_one_that_the_readme_tells() -> None:
    nip = {persona["key"]: persona["nip"] for persona in personas(generate(300))}
    by_nip = {row.nip: row for row in imported(300)}
    assert by_nip[nip["employee"]].supervisor_nip == nip["supervisor"]
    assert by_nip[nip["supervisor"]].supervisor_nip == nip["senior"]
    assert by_nip[nip["pyb"]].supervisor_outside


@pytest.mark.parametrize("people", [300, 5_000, PEOPLE_MAX])
def test_only_the_head_of_all_schools_leads_more_than_twenty_five(people: int) -> None:
    rows = imported(people, 1)
    posts = {row.nip: row.post for row in rows}
    spans = Counter(row.supervisor_nip for row in rows if row.supervisor_nip)
    assert {posts[nip] for nip, span in spans.items() if span > 25} <= {"Kepala Dinas Pendidikan"}


def test_the_mix_of_kinds_is_the_nations() -> None:
    kinds = Counter(row.kind.value for row in imported(5_000))
    assert 0.60 < kinds["PNS"] / 5_000 < 0.68
    assert kinds["CPNS"] > 0


def test_people_are_of_working_age_and_in_their_post_before_the_year_begins() -> None:
    for row in imported(2_000):
        assert 1966 <= birth_date(row.nip).year <= 2003
        assert row.since is not None
        assert birth_date(row.nip).year + 20 <= row.since.year < 2027


def test_one_acts_for_another_in_the_year_and_two_have_nobody_above() -> None:
    rows = imported(300, year=2028)
    (acting,) = [acting for row in rows for acting in row.actings]
    assert acting.first is not None
    assert acting.first.year == 2028
    assert sum(row.supervisor_nip is None and not row.supervisor_outside for row in rows) == 2


@pytest.mark.parametrize("people", [11, 20_001])
def test_a_size_outside_the_limits_is_refused(people: int) -> None:
    with pytest.raises(ValueError, match="12 to 20000"):
        generate(people)
