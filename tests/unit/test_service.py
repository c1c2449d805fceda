"""The least service of a year: what counts, and how the reason is told."""

from __future__ import annotations

from datetime import date

import pytest

from models.appraisal import Service
from models.service import MinService, why_not_rated
from models.vocabulary import Action as A
from models.vocabulary import Ending, EngineAction, State
from tests.unit.lifecycle_play import Play, Who, engine_wish, flow, outcome

YEAR = (date(2027, 1, 1), date(2027, 12, 31))
TOO_SHORT = Service(served=1, needed=3, unit="months")


@pytest.mark.parametrize(
    ("first", "last", "leave", "months", "days"),
    [
        (*YEAR, None, 12, 365),
        (date(2027, 11, 30), date(2027, 12, 31), None, 2, 32),
        (date(2027, 12, 2), date(2027, 12, 30), None, 0, 29),
        (*YEAR, (date(2027, 1, 31), date(2027, 3, 30)), 10, 306),
        (*YEAR, (date(2026, 6, 1), date(2027, 6, 29)), 7, 185),
        (*YEAR, (date(2027, 1, 1), date(2028, 3, 1)), 0, 0),
    ],
)
def test_a_month_is_hers_who_is_here_on_its_last_day_and_no_day_of_a_leave_counts(
    first: date, last: date, leave: tuple[date, date] | None, months: int, days: int
) -> None:
    leaves = [leave] if leave else []
    for unit, served in (("months", months), ("days", days)):
        if served:
            assert MinService(**{unit: served}).short([(first, last)], leaves, 2027) is None
        if served < 12:
            found = MinService(**{unit: served + 1}).short([(first, last)], leaves, 2027)
            assert found == Service(served=served, needed=served + 1, unit=unit)


def test_a_leave_that_lies_in_another_counts_once() -> None:
    leaves = [(date(2027, 1, 1), date(2027, 6, 30)), (date(2027, 2, 1), date(2027, 2, 28))]
    assert MinService(days=185).short([YEAR], leaves, 2027) == Service(served=184, needed=185, unit="days")


def test_a_day_that_lies_in_two_parts_counts_once_and_none_of_another_year() -> None:
    parts = [(date(2026, 6, 1), date(2027, 2, 28)), (date(2027, 2, 1), date(2027, 3, 30))]
    assert MinService(months=3).short(parts, [], 2027) == Service(served=2, needed=3, unit="months")
    assert MinService(days=89).short(parts, [], 2027) is None
    assert MinService(days=90).short(parts, [], 2027) == Service(served=89, needed=90, unit="days")


@pytest.mark.parametrize("self_assessed", [False, True])
def test_a_year_that_is_too_short_ends_where_its_rating_would_begin_and_the_trail_says_why(self_assessed: bool) -> None:
    play = Play().planned().engine(EngineAction.CLOSE_SEGMENT)
    if self_assessed:
        play.act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)
    play.engine(EngineAction.END_UNRATED, service=TOO_SHORT)
    assert (play.state, play.snapshot.ending) == (State.FINALISATION_RUNNING, Ending.NOT_RATABLE)
    assert play.events[-1].data.service == play.snapshot.service == TOO_SHORT
    assert play.snapshot.outcome_id is None


def test_what_was_rated_stays_rated_however_short_it_was() -> None:
    play = Play(flow(board=True)).to_rating().act(A.SUBMIT_RATING, Who.SUPERVISOR).act(A.RETURN_RATING, Who.BOARD)
    assert play.state is State.RATING_DRAFTING
    assert outcome(play.snapshot, engine_wish(EngineAction.END_UNRATED)) == "!not_now"


def test_no_year_ends_so_before_its_rating_begins() -> None:
    assert outcome(Play().planned().snapshot, engine_wish(EngineAction.END_UNRATED)) == "!not_now"


def test_why_there_is_no_rating_is_a_sentence_and_of_any_other_ending_there_is_none() -> None:
    told = why_not_rated(Ending.NOT_RATABLE, TOO_SHORT)
    assert told is not None
    assert told.en == "The service that counts in this year is 1 months, and a rating asks for 3."
    assert why_not_rated(Ending.NOT_RATABLE, None) is not None
    assert why_not_rated(Ending.ACCEPTED, None) is None
