"""Who supervises whom: the chain, its stand-ins, and nobody about himself."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.appraised import Appraised
from models.line import NOBODY, Acting, ActingKind, Line, Officer, Standing, Tenure, cycles, loops, why_not_superior
from models.officers import appeal_authorities, appeal_authority, senior_on, supervisor_on
from models.vocabulary import StandIn

NEW_YEAR, DAY, NEW_YEARS_EVE = date(2027, 1, 1), date(2027, 6, 15), date(2027, 12, 31)
EMPLOYEE, HEAD, CHIEF, DIRECTOR, OTHER, PYB, PYB_2 = (UUID(int=number) for number in range(1, 8))
PLT, PLH = ActingKind.PLT, ActingKind.PLH


def under(person: UUID, supervisor: UUID | None, end: date | None = None, outside: bool = False) -> Tenure:
    return Tenure(person, supervisor, outside, NEW_YEAR, end)


CHAIN = [
    under(EMPLOYEE, HEAD),
    under(HEAD, CHIEF),
    under(CHIEF, DIRECTOR),
    under(DIRECTOR, None, outside=True),
    under(OTHER, HEAD),
    under(PYB, None, outside=True),
    under(PYB_2, PYB),
]


def line(*actings: Acting, without: Sequence[UUID] = (), pybs: Sequence[UUID] = (PYB, PYB_2)) -> Line:
    """The chain, where the posts of `without` have been vacant since May."""
    may = date(2027, 4, 30)
    rows = [
        under(row.person_id, row.supervisor_id, may, row.outside) if row.person_id in without else row for row in CHAIN
    ]
    return Line(rows, actings, pybs)


def acting(
    person: UUID, holder: UUID, kind: ActingKind = PLT, start: date = NEW_YEAR, end: date | None = None
) -> Acting:
    return Acting(person, holder, kind, start, end)


def test_the_supervisor_is_the_one_of_that_day() -> None:
    moved = Line(
        [under(EMPLOYEE, HEAD, date(2027, 6, 30)), Tenure(EMPLOYEE, OTHER, False, date(2027, 7, 1)), *CHAIN[1:]]
    )
    assert supervisor_on(EMPLOYEE, date(2027, 6, 30), moved).person_id == HEAD
    assert supervisor_on(EMPLOYEE, date(2027, 7, 1), moved).person_id == OTHER


@pytest.mark.parametrize(
    ("case", "who", "standing", "skipped"),
    [
        (line(), HEAD, Standing.HOLDER, 0),
        (line(acting(OTHER, HEAD)), OTHER, Standing.PLT, 0),
        (line(acting(OTHER, HEAD, PLH)), OTHER, Standing.PLH, 0),
        (line(acting(CHIEF, HEAD, PLH), acting(OTHER, HEAD)), OTHER, Standing.PLT, 0),
        (line(acting(EMPLOYEE, HEAD), acting(OTHER, HEAD, PLH)), OTHER, Standing.PLH, 0),
        (line(acting(EMPLOYEE, HEAD)), CHIEF, Standing.HOLDER, 1),
        (line(acting(OTHER, HEAD, end=date(2027, 6, 14))), HEAD, Standing.HOLDER, 0),
        (line(without=[HEAD]), CHIEF, Standing.HOLDER, 1),
        (line(acting(OTHER, HEAD), without=[HEAD, OTHER]), CHIEF, Standing.HOLDER, 1),
        (line(without=[HEAD, CHIEF]), DIRECTOR, Standing.HOLDER, 2),
        (line(without=[HEAD, CHIEF, DIRECTOR]), PYB, Standing.PYB, 3),
    ],
)
def test_a_post_without_its_holder_falls_to_plt_then_plh_then_upwards(
    case: Line, who: UUID, standing: Standing, skipped: int
) -> None:
    found = supervisor_on(EMPLOYEE, DAY, case)
    assert (found.person_id, found.standing, found.skipped) == (who, standing, skipped)


@pytest.mark.parametrize(
    ("case", "stands_in", "post"),
    [
        (line(), None, None),
        (line(acting(OTHER, HEAD)), StandIn.PLT, HEAD),
        (line(acting(OTHER, HEAD, PLH)), StandIn.PLH, HEAD),
        (line(acting(EMPLOYEE, HEAD)), StandIn.SUPERIOR, HEAD),
        (line(without=[HEAD]), StandIn.SUPERIOR, HEAD),
        (line(without=[HEAD, CHIEF]), StandIn.SUPERIOR, HEAD),
        (line(acting(OTHER, CHIEF), without=[HEAD]), StandIn.PLT, CHIEF),
        (line(without=[HEAD, CHIEF, DIRECTOR]), StandIn.PYB, HEAD),
        (Line([under(EMPLOYEE, None, outside=True)], pybs=[PYB]), StandIn.PYB, None),
        (Line([under(EMPLOYEE, None)], pybs=[PYB]), None, None),
    ],
)
def test_who_is_not_the_holder_is_marked_as_what_he_stands_and_for_whose_post(
    case: Line, stands_in: StandIn | None, post: UUID | None
) -> None:
    found = supervisor_on(EMPLOYEE, DAY, case)
    assert (found.stands_in, found.post) == (stands_in, post)


def test_a_day_before_the_first_row_has_nobody() -> None:
    assert supervisor_on(EMPLOYEE, date(2026, 12, 31), line()) == NOBODY


def test_an_empty_supervisor_means_nobody_and_an_outside_one_means_the_pyb() -> None:
    rows = Line([under(EMPLOYEE, None), under(HEAD, None, outside=True)], pybs=[PYB])
    assert supervisor_on(EMPLOYEE, DAY, rows) == NOBODY
    assert supervisor_on(HEAD, DAY, rows) == Officer(PYB, Standing.PYB, outside=True)


def test_the_pyb_who_is_rated_from_outside_is_acted_for_by_the_next_pyb() -> None:
    assert supervisor_on(PYB, DAY, line()).person_id == PYB_2
    assert supervisor_on(PYB, DAY, line(pybs=[PYB])) == NOBODY


def test_the_senior_supervisor_is_the_next_above_the_one_who_rates() -> None:
    assert senior_on(EMPLOYEE, DAY, line()).person_id == CHIEF
    assert senior_on(EMPLOYEE, DAY, line(without=[HEAD])).person_id == DIRECTOR
    assert senior_on(EMPLOYEE, DAY, line(without=[CHIEF])).person_id == DIRECTOR
    assert senior_on(EMPLOYEE, DAY, line(acting(CHIEF, HEAD))).person_id == DIRECTOR, "Plt below his own post"
    assert senior_on(CHIEF, DAY, line()).person_id == PYB, "the director's own superior is outside"
    assert senior_on(DIRECTOR, DAY, line()).person_id == PYB_2, "the PyB already stands in as rater"


def test_a_reassignment_outranks_the_line() -> None:
    assert supervisor_on(EMPLOYEE, DAY, line(), reassigned=DIRECTOR).person_id == DIRECTOR
    assert senior_on(EMPLOYEE, DAY, line(), reassigned=OTHER).person_id == HEAD
    assert supervisor_on(EMPLOYEE, DAY, line(), reassigned=EMPLOYEE).person_id != EMPLOYEE


def test_an_appeal_goes_to_the_senior_supervisor_and_then_to_each_pyb() -> None:
    assert [officer.person_id for officer in appeal_authorities(EMPLOYEE, DAY, line())] == [CHIEF, PYB, PYB_2]


def test_who_rated_by_a_takeover_does_not_decide_the_appeal() -> None:
    assert appeal_authority(EMPLOYEE, DAY, line(), raters=[CHIEF]).person_id == DIRECTOR
    assert appeal_authority(EMPLOYEE, DAY, line(), raters=[CHIEF, DIRECTOR]).person_id == PYB
    assert appeal_authority(EMPLOYEE, DAY, line(pybs=[]), raters=[CHIEF, DIRECTOR]) == NOBODY


def test_a_loop_is_found_once_and_named_whole() -> None:
    looped = Line([under(EMPLOYEE, HEAD), under(HEAD, CHIEF), under(CHIEF, HEAD), under(OTHER, OTHER)])
    assert sorted(map(sorted, loops(looped, DAY))) == [[HEAD, CHIEF], [OTHER]]
    assert loops(line(), DAY) == []


people = st.integers(0, 7).map(lambda number: UUID(int=number))
days = st.dates(NEW_YEAR, NEW_YEARS_EVE)
tenures = st.builds(Tenure, people, st.none() | people, st.booleans(), days, st.none() | days)
actings = st.builds(Acting, people, people, st.sampled_from(ActingKind), days, st.none() | days)
lines = st.builds(Line, st.lists(tenures, max_size=24), st.lists(actings, max_size=8), st.lists(people, max_size=3))


@given(line=lines, person=people, day=days, reassigned=st.none() | people, raters=st.lists(people, max_size=2))
def test_nobody_ever_supervises_or_decides_about_himself(
    line: Line, person: UUID, day: date, reassigned: UUID | None, raters: list[UUID]
) -> None:
    supervisor = supervisor_on(person, day, line, reassigned)
    senior = senior_on(person, day, line, reassigned)
    deciders = [officer.person_id for officer in appeal_authorities(person, day, line, reassigned, raters)]
    assert supervisor.person_id != person
    assert senior == NOBODY or senior.person_id not in (person, supervisor.person_id)
    assert None not in deciders
    assert not {person, supervisor.person_id, *raters} & set(deciders)
    assert len(deciders) == len(set(deciders))
    for officer in (supervisor, senior):
        assert (officer.person_id is None) == (officer.standing is Standing.NOBODY)


LATER = Line([*CHAIN[1:], under(EMPLOYEE, HEAD, date(2027, 6, 30)), Tenure(EMPLOYEE, OTHER, False, date(2027, 7, 1))])
"""From July the employee is below a colleague."""


@pytest.mark.parametrize(
    ("case", "person", "superior", "code"),
    [
        (line(), EMPLOYEE, CHIEF, None),
        (line(), CHIEF, PYB_2, None),
        (line(), EMPLOYEE, EMPLOYEE, "self_supervisor"),
        (line(), HEAD, EMPLOYEE, "loop_in_line"),
        (line(), CHIEF, EMPLOYEE, "loop_in_line"),
        (line(without=[OTHER]), EMPLOYEE, OTHER, "unknown_person"),
        (line(without=[HEAD]), CHIEF, EMPLOYEE, "loop_in_line"),
        (LATER, OTHER, EMPLOYEE, "loop_in_line"),
        (line(), OTHER, EMPLOYEE, None),
        # By an appointment: PYB_2 is Plt above the employee, in the post next to her or in a higher one.
        (line(acting(PYB_2, HEAD)), PYB_2, EMPLOYEE, "loop_in_line"),
        (line(acting(PYB_2, CHIEF), without=[CHIEF]), PYB_2, EMPLOYEE, "loop_in_line"),
        (line(acting(PYB_2, HEAD, PLH)), PYB_2, EMPLOYEE, "loop_in_line"),
        (line(acting(PYB_2, HEAD)), PYB, EMPLOYEE, "loop_in_line"),
        (line(acting(PYB_2, HEAD, end=date(2027, 6, 14))), PYB_2, EMPLOYEE, None),
        (line(acting(PYB_2, HEAD, start=date(2027, 8, 1))), PYB_2, EMPLOYEE, "loop_in_line"),
        (line(acting(PYB_2, HEAD), without=[PYB_2]), PYB, EMPLOYEE, None),
        # The superior is Plt himself of a post below, or somebody below is Plt of the superior's post.
        (line(acting(PYB_2, HEAD)), CHIEF, PYB_2, "loop_in_line"),
        (line(acting(PYB_2, HEAD, PLH)), CHIEF, PYB_2, None),
        (line(acting(EMPLOYEE, PYB)), CHIEF, PYB, "loop_in_line"),
        # Who acts in the post of her own superior is rated from above.
        (line(acting(EMPLOYEE, HEAD)), EMPLOYEE, HEAD, None),
        (line(acting(EMPLOYEE, HEAD)), EMPLOYEE, CHIEF, None),
        (line(acting(EMPLOYEE, HEAD)), EMPLOYEE, OTHER, "loop_in_line"),
        (line(acting(HEAD, CHIEF)), EMPLOYEE, HEAD, None),
    ],
)
def test_nobody_is_put_under_himself_under_who_left_or_under_who_is_below_him(
    case: Line, person: UUID, superior: UUID, code: str | None
) -> None:
    assert why_not_superior(person, superior, DAY, case) == code


@given(line=lines, person=people, superior=people, day=days, later=days)
def test_whoever_may_supervise_is_never_below_on_any_later_day(
    line: Line, person: UUID, superior: UUID, day: date, later: date
) -> None:
    if why_not_superior(person, superior, day, line) is None:
        assert superior != person
        assert not line.gone(superior, day)
        assert later < day or person not in line.above(superior, later)


@given(line=lines, person=people, superior=people, day=days)
def test_whoever_is_put_under_somebody_does_not_rate_whom_she_is_rated_by(
    line: Line, person: UUID, superior: UUID, day: date
) -> None:
    """Neither by the own posts nor by what one of them does as Plt; a PyB stands in for everybody."""
    if why_not_superior(person, superior, day, line) is not None:
        return
    rates = supervisor_on(person, day, line, superior)
    if rates.person_id is None or rates.standing is Standing.PYB:
        return
    posts = (None, *(one.holder_id for one in line.as_plt(day, rates.person_id) if one.covers(day)))
    for post in posts:
        over = supervisor_on(rates.person_id, day, line, acting_for=post)
        assert over.standing is Standing.PYB or over.person_id != person


@given(st.dictionaries(st.integers(0, 12), st.none() | st.integers(0, 12)))
def test_a_cycle_is_what_walking_up_leads_back_to(ups: dict[int, int | None]) -> None:
    def leads_back(start: int) -> bool:
        node = ups.get(start)
        for _ in ups:
            if node is None or node == start:
                break
            node = ups.get(node)
        return node == start

    found = cycles(ups)
    assert sorted(node for loop in found for node in loop) == sorted(node for node in ups if leads_back(node))
    assert all(ups[node] == loop[(at + 1) % len(loop)] for loop in found for at, node in enumerate(loop))


# ── a post beside the own one ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_done_as_plt_is_rated_by_who_stands_above_the_vacant_post() -> None:
    agency = line(acting(OTHER, CHIEF), without=[CHIEF])
    assert supervisor_on(OTHER, DAY, agency, acting_for=CHIEF) == Officer(DIRECTOR, Standing.HOLDER)
    assert senior_on(OTHER, DAY, agency, acting_for=CHIEF).standing is Standing.PYB, "the line ends above the director"
    assert supervisor_on(OTHER, DAY, agency) == Officer(HEAD, Standing.HOLDER), "in the own post nothing is another"


def test_who_acts_in_the_post_of_the_own_superior_is_rated_from_above_in_both() -> None:
    """A teacher who acts as the head of his own school is rated by the head of the education office (DOMAIN 2.6)."""
    agency = line(acting(EMPLOYEE, HEAD), without=[HEAD])
    assert supervisor_on(EMPLOYEE, DAY, agency, acting_for=HEAD).person_id == CHIEF
    assert supervisor_on(EMPLOYEE, DAY, agency).person_id == CHIEF


@given(st.sampled_from([EMPLOYEE, HEAD, CHIEF, OTHER]), st.sampled_from([EMPLOYEE, HEAD, CHIEF, DIRECTOR, OTHER]))
def test_nobody_decides_about_herself_in_any_post(person: UUID, post: UUID) -> None:
    agency = line(acting(person, post), without=[post] if post != person else [])
    officers = (
        supervisor_on(person, DAY, agency, acting_for=post),
        senior_on(person, DAY, agency, acting_for=post),
        *appeal_authorities(person, DAY, agency, acting_for=post),
    )
    assert person not in [officer.person_id for officer in officers]


def test_nobody_chooses_the_superiors_above_her_own_post_or_above_one_in_which_she_is_plt() -> None:
    ends = date(2027, 6, 14)
    agency = line(acting(OTHER, CHIEF, start=date(2027, 8, 1)), without=[CHIEF])
    assert Appraised(EMPLOYEE, line(), DAY).posts_above() == {HEAD, CHIEF, DIRECTOR}
    assert Appraised(PYB_2, line(acting(PYB_2, HEAD)), DAY).posts_above() == {PYB, HEAD, CHIEF, DIRECTOR}
    assert Appraised(OTHER, agency, DAY).posts_above() == {HEAD, CHIEF, DIRECTOR}, "an appointment to come"
    assert Appraised(PYB_2, line(acting(PYB_2, HEAD, end=ends)), DAY).posts_above() == {PYB}, "one that is over"
    assert Appraised(PYB_2, line(acting(PYB_2, HEAD, PLH)), DAY).posts_above() == {PYB}, (
        "a Plh is appraised of nothing there"
    )
    assert Appraised(EMPLOYEE, LATER, DAY).posts_above() == {HEAD, CHIEF, DIRECTOR, OTHER}, "another superior to come"


WENT = date(2027, 5, 1)


def moved_on(*heads: Tenure, actings: Sequence[Acting] = ()) -> Line:
    """CHIEF went from under DIRECTOR to under PYB in May; OTHER is Plt of the post he left. HEAD stayed there, PYB_2 is his since June."""
    rows = [row for row in CHAIN if row.person_id not in (CHIEF, PYB_2, *(row.person_id for row in heads))]
    rows += [
        Tenure(CHIEF, DIRECTOR, False, NEW_YEAR, WENT - timedelta(days=1)),
        Tenure(CHIEF, PYB, False, WENT),
        Tenure(PYB_2, CHIEF, False, date(2027, 6, 1)),
        *heads,
    ]
    return Line(rows, actings or [Acting(OTHER, CHIEF, PLT, NEW_YEAR, vacated=WENT - timedelta(days=1))], [PYB])


def test_a_plt_leads_who_was_in_the_post_and_who_left_it_leads_his_new_people() -> None:
    agency = moved_on()
    assert supervisor_on(HEAD, DAY, agency) == Officer(OTHER, Standing.PLT, post=CHIEF)
    assert senior_on(HEAD, DAY, agency).person_id == DIRECTOR, "above the post that he left"
    assert supervisor_on(PYB_2, DAY, agency) == Officer(CHIEF, Standing.HOLDER)
    assert supervisor_on(OTHER, DAY, agency, acting_for=CHIEF).person_id == DIRECTOR


def test_nobody_chooses_who_stands_above_a_post_in_which_she_acts_also_once_its_holder_went_on() -> None:
    assert {CHIEF, DIRECTOR} <= Appraised(OTHER, moved_on(), DAY).posts_above()
    assert why_not_superior(OTHER, PYB_2, DAY, moved_on()) is None, "he is below the other post"


def test_another_stretch_under_the_same_superior_is_no_other_superior() -> None:
    """Her kind of employment changed in June, and the file said her superior once more."""
    june = date(2027, 6, 1)
    agency = moved_on(
        Tenure(HEAD, CHIEF, False, NEW_YEAR, june - timedelta(days=1)),
        Tenure(HEAD, CHIEF, False, june),
    )
    assert supervisor_on(HEAD, DAY, agency).person_id == OTHER
    assert supervisor_on(HEAD, DAY, moved_on(Tenure(HEAD, CHIEF, False, june))).person_id == CHIEF


def test_each_appointment_for_the_same_person_is_about_the_post_of_its_own_days() -> None:
    """Plt for him in the winter, and again in autumn, when he sits elsewhere."""
    autumn = date(2027, 10, 1)
    early = Acting(OTHER, CHIEF, PLT, NEW_YEAR, date(2027, 5, 31), vacated=WENT - timedelta(days=1))
    agency = moved_on(actings=[early, Acting(OTHER, CHIEF, PLT, autumn)])
    assert supervisor_on(OTHER, date(2027, 5, 15), agency, acting_for=CHIEF).person_id == DIRECTOR
    assert supervisor_on(OTHER, date(2027, 10, 15), agency, acting_for=CHIEF).person_id == PYB


def test_who_is_above_a_post_is_the_same_for_whoever_rates_and_for_whoever_may_not_choose() -> None:
    agency = moved_on()
    senior = senior_on(HEAD, DAY, agency).person_id
    assert senior == DIRECTOR
    assert senior in Appraised(HEAD, agency, DAY).posts_above()
    assert PYB not in Appraised(HEAD, agency, DAY).posts_above(), "he is above the post to which the holder went"


def test_who_follows_her_superior_into_his_new_unit_is_his() -> None:
    june = date(2027, 6, 1)
    followed = moved_on(
        Tenure(HEAD, CHIEF, False, NEW_YEAR, june - timedelta(days=1)),
        Tenure(HEAD, CHIEF, False, june, moved=True),
    )
    assert supervisor_on(HEAD, DAY, followed) == Officer(CHIEF, Standing.HOLDER)
    assert senior_on(HEAD, DAY, followed).person_id == PYB
    assert supervisor_on(HEAD, WENT, followed).person_id == OTHER


@pytest.mark.parametrize("renewed", [date(2027, 6, 1), date(2027, 7, 1)])
def test_a_renewed_appointment_stays_with_the_post_that_was_left(renewed: date) -> None:
    left = WENT - timedelta(days=1)
    agency = moved_on(
        actings=[
            Acting(OTHER, CHIEF, PLT, NEW_YEAR, renewed - timedelta(days=1), vacated=left),
            Acting(OTHER, CHIEF, PLT, renewed, NEW_YEARS_EVE),
        ]
    )
    for day in (renewed, NEW_YEARS_EVE, date(2028, 2, 5)):
        assert supervisor_on(OTHER, day, agency, acting_for=CHIEF).person_id == DIRECTOR, day
    assert senior_on(HEAD, NEW_YEARS_EVE, agency).person_id == DIRECTOR
    assert supervisor_on(PYB_2, NEW_YEARS_EVE, agency).person_id == CHIEF


def test_a_loop_in_the_rows_is_one_whoever_acts_in_between() -> None:
    assert why_not_superior(CHIEF, HEAD, DAY, moved_on()) == "loop_in_line"
