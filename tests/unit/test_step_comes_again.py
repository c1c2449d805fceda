"""Who sends a form back, or has it taken back, comes to the same step again: what it had of days by then is his still (decision 12)."""

from __future__ import annotations

import pytest

from models.circumstances import Outage
from models.vocabulary import Action, EngineAction, State
from tests.unit.lifecycle_play import Play, Who
from tests.unit.test_returned_days import begun, found, on, rating, reporting, wib

A, E, S = Action, EngineAction, State


def reviewing_plan() -> Play:
    return on(begun(), "2027-01-04").act(A.SUBMIT_PLAN, Who.EMPLOYEE)


def reviewing_report() -> Play:
    return on(reporting(), "2027-07-05").act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE)


AGAIN = [
    (rating, "2027-12-28", "2028-02-15 23:59", A.RETURN_SELF_ASSESSMENT, A.SUBMIT_SELF_ASSESSMENT),
    (reviewing_plan, "2027-01-06", "2027-03-15 23:59", A.RETURN_PLAN, A.SUBMIT_PLAN),
    (reviewing_plan, "2027-01-06", "2027-03-15 23:59", A.RECALL_PLAN, A.SUBMIT_PLAN),
    (reviewing_report, "2027-07-07", "2027-09-15 23:59", A.RETURN_MIDYEAR, A.SUBMIT_MIDYEAR),
    (reviewing_report, "2027-07-07", "2027-09-15 23:59", A.RECALL_MIDYEAR, A.SUBMIT_MIDYEAR),
]


def back(play: Play, action: Action, **said: object) -> Play:
    return play.act(action, Who.EMPLOYEE if action in (A.RECALL_PLAN, A.RECALL_MIDYEAR) else Who.SUPERVISOR, **said)


@pytest.mark.parametrize(
    ("where", "given", "until", "leaves", "comes"),
    AGAIN,
    ids=[f"{one[0].__name__}-{one[3].value}" for one in AGAIN],
)
def test_what_hr_gave_is_the_raters_also_once_the_form_comes_again(
    where: object, given: str, until: str, leaves: Action, comes: Action
) -> None:
    play: Play = where()  # type: ignore[operator]
    on(play, given).act(A.EXTEND, Who.HR, due_at=wib(until))
    before, step = found(play), play.state
    for _ in ("once", "however often"):
        back(play, leaves).act(comes, Who.EMPLOYEE)
        assert play.state is step
        after = found(play)
        assert (after.due_at, after.lapses_at) == (before.due_at, before.lapses_at)
    assert after.due_at == wib(until)


def test_it_holds_where_she_is_silent_about_what_was_sent_back() -> None:
    play = on(rating(), "2027-12-28").act(A.EXTEND, Who.HR, due_at=wib("2028-02-15 23:59"))
    on(play, "2027-12-29").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR)
    play.at = found(play).lapses_at  # type: ignore[assignment]
    assert play.engine(E.LAPSE).state is S.RATING_DRAFTING
    assert found(play).due_at == wib("2028-02-15 23:59")


def test_a_rater_whom_hr_gave_less_than_the_form_that_comes_again_leaves_him_has_its_days() -> None:
    """A form that comes again is never overdue at once, whatever was said of the one before."""
    play = on(rating(), "2027-12-28").act(A.EXTEND, Who.HR, due_at=wib("2028-01-12 23:59"))
    on(play, "2028-01-05").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR)
    plain = on(rating(), "2028-01-05").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR)
    for one in (play, plain):
        on(one, "2028-01-17").act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)
    assert found(play).due_at == found(plain).due_at > wib("2028-01-18 23:59")  # type: ignore[operator]


def test_what_an_outage_took_of_his_window_is_given_back_also_once_the_form_comes_again() -> None:
    outage = Outage(wib("2028-01-03 08:00"), wib("2028-01-06 08:00"))
    colleague = found(rating(), outage)
    play = on(rating(), "2028-01-07").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR)
    on(play, "2028-01-07").act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)
    assert found(play, outage).due_at >= colleague.due_at  # type: ignore[operator]


def test_days_that_a_pause_took_are_given_back_on_what_he_was_given() -> None:
    play = on(rating(), "2027-12-28").act(A.EXTEND, Who.HR, due_at=wib("2028-02-15 23:59"))
    on(play, "2027-12-29").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR)
    on(play, "2027-12-30").act(A.SUSPEND, Who.HR)
    on(play, "2028-01-09").act(A.RESUME, Who.HR)
    play.act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)
    assert found(play).due_at == wib("2028-02-25 23:59:59.999999")


def test_what_was_given_for_a_review_that_is_over_is_nothing_of_an_amendments() -> None:
    play = on(reviewing_plan(), "2027-01-06").act(A.EXTEND, Who.HR, due_at=wib("2027-06-15 23:59"))
    play.act(A.RETURN_PLAN, Who.SUPERVISOR).act(A.SUBMIT_PLAN, Who.EMPLOYEE).act(A.APPROVE_PLAN, Who.SUPERVISOR)
    on(play, "2027-04-01").act(A.AMEND_PLAN, Who.EMPLOYEE)
    assert (play.state, play.snapshot.visit.extended_to) == (S.PLAN_REVIEWING, None)


def test_what_ends_a_part_of_the_year_ends_what_was_given_in_it() -> None:
    play = on(reviewing_plan(), "2027-01-06").act(A.EXTEND, Who.HR, due_at=wib("2027-06-15 23:59"))
    assert play.act(A.RETURN_PLAN, Who.SUPERVISOR).snapshot.given
    assert not play.engine(E.CLOSE_SEGMENT).snapshot.given


def test_a_form_that_was_sent_back_before_the_event_said_so_comes_again_without() -> None:
    play = on(rating(), "2027-12-28").act(A.EXTEND, Who.HR, due_at=wib("2028-02-15 23:59"))
    back(play, A.RETURN_SELF_ASSESSMENT, keeps_own_days=None).act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)
    assert (play.snapshot.visit.kept, play.snapshot.visit.extended_to) == (None, None)


def test_what_an_amendment_that_was_sent_back_had_of_days_is_not_for_the_next() -> None:
    """It was none, so the next is not the same form come again."""
    ends = []
    for first in (False, True):
        play = on(reviewing_plan(), "2027-01-06").act(A.APPROVE_PLAN, Who.SUPERVISOR)
        if first:
            on(play, "2027-02-01").act(A.AMEND_PLAN, Who.EMPLOYEE)
            on(play, "2027-02-02").act(A.EXTEND, Who.HR, due_at=wib("2027-06-15 23:59"))
            on(play, "2027-02-03").act(A.RETURN_PLAN, Who.SUPERVISOR)
        on(play, "2027-04-01").act(A.AMEND_PLAN, Who.EMPLOYEE)
        ends.append(found(play).due_at)
    assert ends[0] == ends[1]


def test_what_a_review_had_of_days_is_for_no_amendment_once_the_plan_was_filed_in_her_place() -> None:
    play = on(reviewing_plan(), "2027-01-06").act(A.EXTEND, Who.HR, due_at=wib("2027-06-15 23:59"))
    on(play, "2027-01-07").act(A.RETURN_PLAN, Who.SUPERVISOR)
    play.engine(E.LAPSE).act(A.SUBMIT_PLAN, Who.SUPERVISOR)
    assert play.state is S.EXECUTION_RUNNING
    assert on(play, "2027-04-01").act(A.AMEND_PLAN, Who.EMPLOYEE).snapshot.visit.kept is None


def test_another_revision_has_nothing_of_what_hr_gave_the_one_before() -> None:
    play = on(rating(), "2027-12-21").act(A.EXTEND, Who.HR, due_at=wib("2028-02-15 23:59"))
    on(play, "2027-12-29").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR).act(A.CANCEL, Who.HR)
    play.archived().act(A.REOPEN, Who.HR)
    assert (play.state, play.snapshot.visit.kept) == (S.RATING_DRAFTING, None)
