"""Who stands around a part or a year that goes by the line of a day that is over, once people of then have gone and others came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import Parties, Said, parties, roles
from models.appraised import Appraised, OpenYear
from models.delegation import Delegation
from models.line import Acting, ActingKind, Line, Officer, Standing, Tenure, why_not_superior
from models.vocabulary import Role
from tests.unit.test_line import lines, people

BEFORE, LAST, TODAY = date(2021, 1, 1), date(2028, 1, 2), date(2028, 2, 5)
MOVED, RETIRED, CAME = date(2028, 1, 3), date(2028, 1, 31), date(2028, 2, 1)
SHE, RATER, CHIEF, COLLEAGUE, NEW_RATER, NEW_CHIEF, OTHER, ABOVE = (UUID(int=number) for number in range(1, 9))


def under(person: UUID, superior: UUID | None, start: date = BEFORE, end: date | None = None) -> Tenure:
    return Tenure(person, superior, superior is None, start, end)


def agency(
    *rows: Tenure,
    pybs: Sequence[UUID] = (),
    hr: Sequence[UUID] = (),
    acts: Sequence[Acting] = (),
    lent: Sequence[Delegation] = (),
) -> Line:
    """She was under RATER, he under CHIEF, until she went to OTHER, under whom she is today."""
    hers = [under(SHE, RATER, BEFORE, LAST), Tenure(SHE, OTHER, False, MOVED, None, moved=True)]
    return Line([*hers, *rows], acts, pybs, hr=hr, delegations=lent)


def around(line: Line, *, until: date = LAST, day: date = TODAY, **said: object) -> Parties:
    return parties(str(SHE), day, line, until=until, **said)  # type: ignore[arg-type]


def deciders(found: Parties) -> list[UUID | None]:
    return [one.person_id for one in found.appeal]


def handed(person: UUID, old: UUID, new: UUID) -> list[Tenure]:
    """Somebody who stayed, and whose superior is another since February."""
    return [under(person, old, BEFORE, RETIRED), under(person, new, CAME)]


CHIEF_LEFT = [
    under(CHIEF, None, BEFORE, RETIRED),
    under(NEW_CHIEF, None, CAME),
    *handed(RATER, CHIEF, NEW_CHIEF),
    *handed(OTHER, CHIEF, NEW_CHIEF),
]
"""CHIEF retired; who came in his place is new in the agency."""
BOTH_LEFT = [
    under(CHIEF, None, BEFORE, RETIRED),
    under(NEW_CHIEF, None, CAME),
    under(RATER, CHIEF, BEFORE, RETIRED),
    under(NEW_RATER, NEW_CHIEF, CAME),
    *handed(COLLEAGUE, RATER, NEW_RATER),
    *handed(OTHER, CHIEF, NEW_CHIEF),
]
"""RATER and CHIEF retired together, and both who came in their places are new."""


def test_who_is_below_her_today_does_not_rate_the_part_in_which_he_led_her() -> None:
    """She was promoted above him; who stood above them both then is asked, as where he had left."""
    found = around(
        agency(under(RATER, CHIEF, BEFORE, LAST), under(RATER, SHE, MOVED), under(CHIEF, None), under(OTHER, None))
    )
    assert found.supervisor.person_id == CHIEF
    assert Role.SUPERVISOR not in roles(str(RATER), (), found)


# ── who came since ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pybs", [[CHIEF, NEW_CHIEF], []], ids=["who is the PyB too", "who is nothing else"])
def test_an_objection_about_last_year_goes_to_who_came_in_the_post_of_the_superior(pybs: list[UUID]) -> None:
    found = around(agency(*CHIEF_LEFT, pybs=pybs), rated_by=str(RATER))
    assert found.supervisor == Officer(RATER, Standing.HOLDER)
    assert found.senior == Officer(NEW_CHIEF, Standing.HOLDER), "it is his own post, so nothing marks what he does"
    assert deciders(found) == [NEW_CHIEF]
    assert Role.APPEAL_AUTHORITY in roles(str(NEW_CHIEF), (), found)


def test_a_pyb_who_came_since_decides_where_the_line_of_then_ends() -> None:
    """Nobody else was led by CHIEF, so nobody tells who came in his post."""
    rows = [
        under(CHIEF, None, BEFORE, RETIRED),
        under(RATER, CHIEF, BEFORE),
        under(OTHER, None),
        under(NEW_CHIEF, None, CAME),
    ]
    found = around(agency(*rows, pybs=[CHIEF, NEW_CHIEF]), rated_by=str(RATER))
    assert [(one.person_id, one.standing) for one in found.appeal] == [(NEW_CHIEF, Standing.PYB)]


@pytest.mark.parametrize("to", [OTHER, NEW_CHIEF])
def test_who_is_given_the_old_year_today_has_it_and_the_line_of_today_above_him(to: UUID) -> None:
    line = agency(*CHIEF_LEFT, under(ABOVE, None, CAME), pybs=[NEW_CHIEF, ABOVE])
    assert why_not_superior(SHE, to, TODAY, line) is None
    found = around(line, reassigned=str(to), rated_by=str(RATER))
    assert found.supervisor == Officer(to, Standing.HOLDER)
    assert deciders(found) == ([NEW_CHIEF, ABOVE] if to == OTHER else [ABOVE])


def test_who_rated_the_old_year_in_place_of_its_rater_answers_though_it_was_given_to_another_since() -> None:
    """CHIEF is above her by the line of then alone; the line of today, which finds OTHER, does not take his answer from him."""
    rows = [under(RATER, CHIEF, BEFORE), under(CHIEF, None), under(OTHER, NEW_CHIEF), under(NEW_CHIEF, None)]
    said = {"rated_by": str(CHIEF), "given_by": (str(CHIEF),), "reassigned": str(OTHER)}
    found = around(agency(*rows), **said)
    assert found.supervisor == Officer(OTHER, Standing.HOLDER)
    assert found.answers == Officer(CHIEF, Standing.HOLDER)


def test_a_part_is_given_to_an_officer_who_came_since() -> None:
    rows = [
        under(RATER, CHIEF, BEFORE, RETIRED),
        under(CHIEF, None),
        under(OTHER, CHIEF),
        under(NEW_RATER, OTHER, CAME),
    ]
    found = around(agency(*rows, pybs=[CHIEF]), reassigned=str(NEW_RATER))
    assert found.supervisor == Officer(NEW_RATER, Standing.HOLDER)
    assert found.senior.person_id == OTHER
    assert Role.SUPERVISOR in roles(str(NEW_RATER), (), found)


def test_whoever_acts_today_in_the_post_of_who_was_given_it_rates() -> None:
    acts = Acting(COLLEAGUE, OTHER, ActingKind.PLH, CAME)
    gone_by = Acting(ABOVE, OTHER, ActingKind.PLH, BEFORE, LAST)
    line = agency(*CHIEF_LEFT, under(COLLEAGUE, OTHER), under(ABOVE, OTHER), acts=[acts, gone_by])
    assert around(line, reassigned=str(OTHER)).supervisor == Officer(COLLEAGUE, Standing.PLH, post=OTHER)


def test_where_rater_and_superior_have_both_gone_whoever_came_in_their_posts_rates_and_decides() -> None:
    found = around(agency(*BOTH_LEFT))
    assert found.supervisor == Officer(NEW_RATER, Standing.HOLDER)
    assert found.senior == Officer(NEW_CHIEF, Standing.HOLDER)
    assert deciders(found) == [NEW_CHIEF]


def test_who_came_is_known_by_the_first_who_is_put_under_him() -> None:
    """The file has got no further: of the others it says still that they are under who has left."""
    waiting = UUID(int=9)
    found = around(agency(*BOTH_LEFT, under(waiting, RATER), under(UUID(int=10), RATER)))
    assert found.supervisor.person_id == NEW_RATER


def test_whom_one_alone_was_given_did_not_come_in_the_post() -> None:
    rows = [one for one in CHIEF_LEFT if one.person_id != OTHER]
    apart = [under(OTHER, CHIEF, BEFORE, RETIRED), under(OTHER, ABOVE, CAME), under(ABOVE, None, CAME)]
    more = handed(COLLEAGUE, CHIEF, NEW_CHIEF)
    assert around(agency(*rows, *apart, *more)).senior.person_id == NEW_CHIEF


@pytest.mark.parametrize(("other_post", "came"), [(True, NEW_RATER), (False, ABOVE)])
def test_who_went_to_a_post_under_somebody_else_does_not_tell_who_came(*, other_post: bool, came: UUID) -> None:
    """Two whom RATER led are under ABOVE today, and one is under NEW_RATER."""
    two = [
        row
        for one in (UUID(int=9), UUID(int=10))
        for row in (under(one, RATER, BEFORE, RETIRED), Tenure(one, ABOVE, False, CAME, None, other_post=other_post))
    ]
    assert around(agency(*BOTH_LEFT, *two, under(ABOVE, None))).supervisor.person_id == came


def test_who_has_another_post_under_the_same_superior_tells_who_came_after_him() -> None:
    other = [
        under(COLLEAGUE, RATER, BEFORE, LAST),
        Tenure(COLLEAGUE, RATER, False, MOVED, RETIRED, other_post=True),
        under(COLLEAGUE, NEW_RATER, CAME),
    ]
    rows = [row for row in BOTH_LEFT if row.person_id != COLLEAGUE]
    assert around(agency(*rows, *other)).supervisor.person_id == NEW_RATER


def test_so_it_is_where_she_herself_has_left() -> None:
    line = Line([under(SHE, RATER, BEFORE, RETIRED), *BOTH_LEFT])
    found = around(line, until=RETIRED)
    assert (found.supervisor.person_id, found.senior.person_id) == (NEW_RATER, NEW_CHIEF)


def test_who_acts_today_in_a_post_that_stays_empty_stands_there() -> None:
    plt = Acting(COLLEAGUE, RATER, ActingKind.PLT, CAME)
    rows = [one for one in BOTH_LEFT if one.person_id not in (NEW_RATER, COLLEAGUE)]
    found = around(agency(*rows, under(COLLEAGUE, RATER), acts=[plt]))
    assert found.supervisor == Officer(COLLEAGUE, Standing.PLT, post=RATER)
    assert found.senior.person_id == NEW_CHIEF


def test_where_nobody_tells_who_came_it_is_the_pybs_of_today_and_else_whom_hr_names() -> None:
    rows = [
        under(RATER, CHIEF, BEFORE, RETIRED),
        under(CHIEF, None, BEFORE, RETIRED),
        under(OTHER, ABOVE, CAME),
        under(ABOVE, None, CAME),
    ]
    assert around(agency(*rows, pybs=[ABOVE])).supervisor.person_id == ABOVE
    nobody = agency(*rows)
    assert (around(nobody).supervisor.person_id, deciders(around(nobody))) == (None, [])
    given_to = around(nobody, reassigned=str(OTHER))
    assert (given_to.supervisor.person_id, deciders(given_to)) == (OTHER, [ABOVE])


# ── who stood in it ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_left_of_then_comes_before_who_came_since() -> None:
    rows = [
        under(RATER, CHIEF, BEFORE, RETIRED),
        under(CHIEF, None),
        *handed(COLLEAGUE, RATER, NEW_RATER),
        under(NEW_RATER, CHIEF, CAME),
    ]
    found = around(agency(*rows, pybs=[NEW_RATER]))
    assert (found.supervisor.person_id, found.supervisor.skipped) == (CHIEF, 1)


def test_who_went_to_another_post_since_stands_where_he_stood() -> None:
    rows = [
        *handed(COLLEAGUE, RATER, NEW_RATER),
        under(NEW_RATER, CHIEF, CAME),
        under(CHIEF, None),
        under(RATER, CHIEF, BEFORE, RETIRED),
        Tenure(RATER, OTHER, False, CAME, None, moved=True),
        under(OTHER, None),
    ]
    found = around(agency(*rows))
    assert (found.supervisor.person_id, found.senior.person_id) == (RATER, CHIEF)


def test_who_rose_to_the_post_above_rates_and_the_one_above_that_decides() -> None:
    rows = [
        under(CHIEF, ABOVE, BEFORE, RETIRED),
        under(ABOVE, None, BEFORE, RETIRED),
        under(NEW_CHIEF, None, CAME),
        under(RATER, CHIEF, BEFORE, RETIRED),
        under(RATER, NEW_CHIEF, CAME),
        *handed(OTHER, CHIEF, RATER),
        *handed(COLLEAGUE, CHIEF, RATER),
    ]
    found = around(agency(*rows))
    assert (found.supervisor.person_id, found.senior.person_id) == (RATER, NEW_CHIEF)


def test_nobody_whom_she_leads_today_nor_who_acts_for_her_rates_what_she_did_before() -> None:
    """She follows her superior in his post; who followed in the post below hers is new."""
    rows = [
        under(RATER, CHIEF, BEFORE, RETIRED),
        under(CHIEF, None, BEFORE, RETIRED),
        under(SHE, RATER, BEFORE, LAST),
        Tenure(SHE, NEW_CHIEF, False, MOVED),
        under(NEW_CHIEF, None, MOVED),
        *handed(COLLEAGUE, RATER, SHE),
        under(NEW_RATER, SHE, CAME),
        *handed(OTHER, CHIEF, NEW_RATER),
    ]
    plh = [Acting(ABOVE, SHE, ActingKind.PLH, CAME), Acting(COLLEAGUE, CHIEF, ActingKind.PLT, CAME)]
    line = Line([*rows, under(ABOVE, None, CAME)], plh, [NEW_CHIEF])
    assert around(line).supervisor == Officer(NEW_CHIEF, Standing.PYB, 2, post=RATER)
    lent = Delegation(NEW_CHIEF, NEW_RATER, CAME, date(2028, 12, 31))
    assert around(Line(rows, (), [NEW_CHIEF], delegations=[lent])).delegates_in(Role.SUPERVISOR) == ()


def test_the_only_hr_officer_of_then_has_a_colleague_today() -> None:
    line = agency(*CHIEF_LEFT, under(ABOVE, None, CAME), pybs=[NEW_CHIEF], hr=[SHE, ABOVE])
    assert around(line).hr == frozenset()
    assert around(agency(*CHIEF_LEFT, pybs=[NEW_CHIEF], hr=[SHE])).hr == {str(NEW_CHIEF)}


def test_she_chooses_neither_those_of_then_nor_those_who_came_in_their_posts() -> None:
    hers = Appraised(SHE, agency(*BOTH_LEFT), TODAY, [OpenYear(Said(until=LAST))])
    assert {RATER, CHIEF, NEW_RATER, NEW_CHIEF} <= hers.posts_above()
    given_to = Appraised(SHE, agency(*CHIEF_LEFT), TODAY, [OpenYear(Said(until=LAST, reassigned=str(OTHER)))])
    assert {OTHER, NEW_CHIEF} <= given_to.posts_above()


# ── whatever the rows say ───────────────────────────────────────────────────────────────────────────────────────────

YEARS_DAY = date(2027, 12, 31)
ENDS = st.integers(1, 300).map(lambda days: YEARS_DAY - timedelta(days=days))
SAID = st.none() | people


@given(line=lines, subject=people, until=ENDS, reassigned=SAID, rated_by=SAID)
def test_nobody_stands_around_it_who_is_not_here_today_nor_herself(
    line: Line, subject: UUID, until: date, reassigned: UUID | None, rated_by: UUID | None
) -> None:
    said = {name: str(one) for name, one in (("reassigned", reassigned), ("rated_by", rated_by)) if one}
    found = parties(str(subject), YEARS_DAY, line, until=until, **said)  # type: ignore[arg-type]
    assert str(subject) not in found.officers
    assert all(line.here(UUID(one), YEARS_DAY) for one in found.officers)
    assert found.supervisor.person_id is None or found.supervisor.person_id not in deciders(found)


@given(line=lines, subject=people, until=ENDS, rated_by=SAID)
def test_every_pyb_of_today_who_may_is_asked(line: Line, subject: UUID, until: date, rated_by: UUID | None) -> None:
    found = parties(str(subject), YEARS_DAY, line, until=until, rated_by=str(rated_by) if rated_by else None)
    may = {one for one in line.pybs_on(YEARS_DAY) if one not in (subject, rated_by, found.supervisor.person_id)}
    assert may <= set(deciders(found))


@given(line=lines, subject=people, to=people, until=ENDS)
def test_whom_hr_may_name_the_line_of_the_old_year_takes(line: Line, subject: UUID, to: UUID, until: date) -> None:
    if why_not_superior(subject, to, YEARS_DAY, line) is not None or line.tenure_on(to, YEARS_DAY) is None:
        return
    found = parties(str(subject), YEARS_DAY, line, until=until, reassigned=str(to))
    assert found == parties(str(subject), YEARS_DAY, line, reassigned=str(to)), "as it takes him in a year that runs"
    assert found.supervisor.person_id == to or line.actings_on(to, YEARS_DAY), "he or whoever acts in his post"
