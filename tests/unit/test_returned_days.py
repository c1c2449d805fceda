"""A form that was sent back has days of its own, and none is taken from it that it had: whoever sends early loses nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from models.appraisal import Timing
from models.circumstances import Circumstances, Outage
from models.shelf import load
from models.timetable import timing
from models.vocabulary import Action, EngineAction, Exit, State, Zone
from models.windows import resolve
from models.workdays import ONE_DAY, ZONES, PersonClock
from tests.unit.lifecycle_play import Play, Who

A, E, S = Action, EngineAction, State
PACK = load("permenpanrb-6-2022")
WINDOWS = resolve(PACK, 2027)
WIB5 = PersonClock.of(Zone.WIB, 5)


def wib(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONES[Zone.WIB]).astimezone(UTC)


def on(play: Play, written: str) -> Play:
    """The next act comes then."""
    play.at = wib(f"{written} 10:00") - ONE_DAY
    return play


def found(play: Play, *outages: Outage) -> Timing:
    return timing(play.snapshot, PACK, Circumstances(WINDOWS, WIB5, outages), 1)


def begun() -> Play:
    return Play(flow=PACK.flow(), at=wib("2027-01-02 10:00"))


def in_review() -> Play:
    return on(begun(), "2027-01-04").planned()


def reporting() -> Play:
    play = in_review()
    play.at = wib("2027-07-01 00:10")
    return play.engine(E.OPEN_WINDOW)


def assessing() -> Play:
    play = on(reporting(), "2027-07-05").act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.COMPLETE_MIDYEAR, Who.SUPERVISOR)
    play.at = wib("2027-12-01 00:10")
    return play.engine(E.OPEN_WINDOW)


def rating() -> Play:
    return on(assessing(), "2027-12-20").act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)


GIVEN = [
    (begun, "2027-01-20", "2027-02-28 23:59", A.SUBMIT_PLAN, A.RETURN_PLAN, "2027-02-03"),
    (reporting, "2027-07-20", "2027-09-30 23:59", A.SUBMIT_MIDYEAR, A.RETURN_MIDYEAR, "2027-08-05"),
    (assessing, "2027-12-28", "2028-01-31 23:59", A.SUBMIT_SELF_ASSESSMENT, A.RETURN_SELF_ASSESSMENT, "2028-01-03"),
]


@pytest.mark.parametrize(
    ("where", "given", "until", "send", "back", "sent"), GIVEN, ids=lambda one: getattr(one, "__name__", None)
)
def test_what_hr_gave_is_hers_also_after_her_form_was_sent_back(
    where: object, given: str, until: str, send: Action, back: Action, sent: str
) -> None:
    play: Play = where()  # type: ignore[operator]
    on(play, given).act(A.EXTEND, Who.HR, due_at=wib(until))
    before = found(play)
    on(play, sent).act(send, Who.EMPLOYEE).act(back, Who.SUPERVISOR)
    after = found(play)
    assert (after.due_at, after.lapses_at) == (before.due_at, before.lapses_at) == (wib(until), before.lapses_at)
    play.act(send, Who.EMPLOYEE).act(back, Who.SUPERVISOR)
    assert (found(play).due_at, found(play).lapses_at) == (before.due_at, before.lapses_at), "however often"


def test_a_return_of_before_the_event_said_so_begins_anew() -> None:
    """What a history does not say no event that is made of it again may say: whether the next form is late hangs on these days."""
    play = on(begun(), "2027-01-20").act(A.EXTEND, Who.HR, due_at=wib("2027-02-28 23:59"))
    on(play, "2027-02-03").act(A.SUBMIT_PLAN, Who.EMPLOYEE).act(A.RETURN_PLAN, Who.SUPERVISOR, keeps_days=None)
    assert (play.snapshot.visit.kept, play.snapshot.visit.extended_to) == (None, None)
    assert found(play).due_at < wib("2027-02-28 23:59")  # type: ignore[operator]


def test_whom_hr_gave_less_than_her_own_days_has_her_own_days() -> None:
    play = on(begun(), "2027-01-20").act(A.EXTEND, Who.HR, due_at=wib("2027-02-02 23:59"))
    on(play, "2027-02-02").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    on(play, "2027-02-10").act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert found(play).due_at > wib("2027-02-16 12:00")  # type: ignore[operator]


@pytest.mark.parametrize("last", [False, True], ids=["before it was sent", "while it lay in review"])
def test_days_that_her_year_was_paused_are_hers_also_after_her_form_was_sent_back(last: bool) -> None:
    play = begun()
    if last:
        on(play, "2027-01-04").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    on(play, "2027-01-05").act(A.SUSPEND, Who.HR)
    on(play, "2027-01-25").act(A.RESUME, Who.HR)
    if not last:
        assert found(play).due_at == wib("2027-02-20 23:59:59.999999")
        on(play, "2027-01-26").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    on(play, "2027-01-27").act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert found(play).due_at == wib("2027-02-20 23:59:59.999999")


def test_what_a_pause_before_the_opening_gave_is_not_taken_back_by_a_return() -> None:
    """She was paused in December, and the window of plans opens on 2 January: by then she has been shown her later day."""
    play = Play(flow=PACK.flow(), at=wib("2026-12-10 10:00"))
    on(play, "2026-12-12").act(A.SUSPEND, Who.HR)
    on(play, "2026-12-24").act(A.RESUME, Who.HR)
    before = found(play)
    on(play, "2027-01-04").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    on(play, "2027-01-05").act(A.RETURN_PLAN, Who.SUPERVISOR)
    after = found(play)
    assert (after.due_at, after.lapses_at) == (before.due_at, before.lapses_at)
    assert before.due_at == wib("2027-02-12 23:59:59.999999")


@pytest.mark.parametrize("sent", ["2027-01-08", "2027-01-14"], ids=["it lay in review", "it was sent after it"])
def test_what_an_outage_took_of_a_window_is_given_back_also_after_her_form_was_sent_back(sent: str) -> None:
    outage = Outage(wib("2027-01-11 08:00"), wib("2027-01-13 08:00"))
    colleague = found(begun(), outage).due_at
    play = on(begun(), sent).act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    on(play, "2027-01-20").act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert found(play, outage).due_at == colleague > found(play).due_at  # type: ignore[operator]


def test_a_rating_that_the_board_sends_back_keeps_what_its_rater_was_given() -> None:
    play = on(rating(), "2027-12-28").act(A.EXTEND, Who.HR, due_at=wib("2028-02-15 23:59"))
    on(play, "2028-01-03").act(A.SUBMIT_RATING, Who.SUPERVISOR)
    board = play.snapshot.model_copy(update={"state": S.CALIBRATION_REVIEWING})
    play.snapshot = board
    play.act(A.RETURN_RATING, Who.BOARD)
    assert play.state is S.RATING_DRAFTING
    assert found(play).due_at == wib("2028-02-15 23:59")


def sent_to_the_board(rater: Who) -> Play:
    """The rating came to the senior supervisor too; one of the two gave it."""
    play = rating()
    play.at = wib("2028-01-20 06:00")
    play.engine(E.REACH_RUNG, rung="takeover+5")
    on(play, "2028-01-21").act(A.SUBMIT_RATING, rater)
    board = play.snapshot.model_copy(update={"state": S.CALIBRATION_REVIEWING})
    play.snapshot = board
    return play


def sent_back_by_the_board(rater: Who, **said: object) -> Play:
    return on(sent_to_the_board(rater), "2028-01-24").act(A.RETURN_RATING, Who.BOARD, **said)


def test_who_rated_by_a_takeover_may_mend_her_own_rating_when_the_board_sends_it_back() -> None:
    play = sent_back_by_the_board(Who.SENIOR)
    assert {play.tried(A.SUBMIT_RATING, who) for who in (Who.SENIOR, Who.SUPERVISOR)} == {S.CALIBRATION_WAITING.value}
    play.act(A.SUBMIT_RATING, Who.SENIOR)
    board = play.snapshot.model_copy(update={"state": S.CALIBRATION_REVIEWING})
    play.snapshot = board
    assert play.act(A.RETURN_RATING, Who.BOARD).snapshot.visit.takeover, "however often"


def test_a_rating_that_the_supervisor_gave_in_the_end_comes_back_to_him_alone() -> None:
    assert sent_back_by_the_board(Who.SUPERVISOR).tried(A.SUBMIT_RATING, Who.SENIOR) == "!not_yours"


def test_a_rating_that_was_sent_back_before_the_event_said_so_came_back_to_the_supervisor_alone() -> None:
    play = sent_back_by_the_board(Who.SENIOR, keeps_takeover=None)
    assert play.tried(A.SUBMIT_RATING, Who.SENIOR) == "!not_yours"


def test_who_rated_by_a_takeover_under_an_earlier_supervisor_has_nothing_under_a_new_one() -> None:
    play = sent_to_the_board(Who.SENIOR)
    on(play, "2028-01-22").act(A.REASSIGN, Who.HR)
    on(play, "2028-01-24").act(A.RETURN_RATING, Who.BOARD)
    assert not play.snapshot.visit.takeover


def test_a_plan_that_she_sent_back_under_an_earlier_supervisor_comes_to_the_new_one_alone() -> None:
    play = begun().act(A.SUBMIT_PLAN, Who.EMPLOYEE).engine(E.REACH_RUNG, rung="takeover+3")
    play.act(A.RETURN_PLAN, Who.SENIOR).act(A.REASSIGN, Who.HR).act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    assert not play.snapshot.visit.takeover


def test_a_reassignment_of_before_the_event_said_so_took_nothing() -> None:
    play = begun().act(A.SUBMIT_PLAN, Who.EMPLOYEE).engine(E.REACH_RUNG, rung="takeover+3")
    play.act(A.RETURN_PLAN, Who.SENIOR).act(A.REASSIGN, Who.HR, keeps_takeover=None).act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    assert play.snapshot.visit.takeover


def test_where_an_exit_leads_to_the_rating_it_is_neither_taken_over_nor_extended() -> None:
    play = on(rating(), "2027-12-21").act(A.EXTEND, Who.HR, due_at=wib("2028-02-15 23:59"))
    play.engine(E.REACH_RUNG, rung="takeover+5").act(A.RETURN_SELF_ASSESSMENT, Who.SENIOR)
    play.engine(E.EXIT, exit=Exit.RETIRE, day=date(2027, 12, 30))
    visit = play.snapshot.visit
    assert play.state is S.RATING_DRAFTING
    assert (visit.takeover, visit.kept, visit.extended_to) == (False, None, None)


TAKEN_OVER = [
    pytest.param(begun, A.SUBMIT_PLAN, "takeover+3", A.RETURN_PLAN, A.APPROVE_PLAN, id="plan"),
    pytest.param(reporting, A.SUBMIT_MIDYEAR, "takeover+3", A.RETURN_MIDYEAR, A.COMPLETE_MIDYEAR, id="midyear"),
    pytest.param(
        assessing, A.SUBMIT_SELF_ASSESSMENT, "takeover+5", A.RETURN_SELF_ASSESSMENT, A.SUBMIT_RATING, id="rating"
    ),
]


@pytest.mark.parametrize(("drafting", "sends", "rung", "sends_back", "ends"), TAKEN_OVER)
@pytest.mark.parametrize("by", [Who.SENIOR, Who.SUPERVISOR])
def test_a_form_comes_again_to_the_senior_supervisor_who_sent_it_back_after_a_takeover(
    drafting: Callable[[], Play], sends: A, rung: str, sends_back: A, ends: A, by: Who
) -> None:
    """Else it would lie with the silent supervisor alone, until the ladder was climbed once more. One who woke up has it alone again."""
    play = drafting()
    play.act(sends, Who.EMPLOYEE).engine(E.REACH_RUNG, rung=rung)
    play.act(sends_back, by).act(sends, Who.EMPLOYEE)
    refused = play.tried(ends, Who.SENIOR) == "!not_yours"
    assert refused is (by is Who.SUPERVISOR)
    assert not play.tried(ends, Who.SUPERVISOR).startswith("!")


def test_a_form_of_another_period_or_another_rating_has_nothing_of_what_an_earlier_one_was_given() -> None:
    play = on(reporting(), "2027-07-20").act(A.EXTEND, Who.HR, due_at=wib("2027-09-30 23:59"))
    on(play, "2027-08-05").act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.COMPLETE_MIDYEAR, Who.SUPERVISOR)
    two = play.snapshot.model_copy(update={"flow": play.snapshot.flow.model_copy(update={"periods": 2})})
    play.snapshot = two
    play.engine(E.OPEN_WINDOW).act(A.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(A.RETURN_MIDYEAR, Who.SUPERVISOR)
    assert (play.snapshot.period, play.snapshot.visit.extended_to) == (2, None)
