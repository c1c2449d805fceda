"""When what is decided about a person reaches her year, told in sentences and held by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import lifecycle
from models.access import parties, succeeds
from models.appraisal import Command, Flow, Moment, Snapshot, Suspension, Timing
from models.circumstances import Circumstances, Personnel, PersonnelChange, Term
from models.line import Line, Tenure
from models.personnel import Acted, acting_since, of_the_acting, personnel_moments, why_not
from models.shelf import load
from models.timetable import timing
from models.vocabulary import Action, EngineAction, Exit, State, Zone
from models.windows import resolve
from models.workdays import PersonClock, end_of_day, start_of_day
from tests.unit.lifecycle_play import Play, Who, flow
from tests.unit.lifecycle_table import PLAN, standing
from tests.unit.test_lifecycle_walks import FLOWS, WALKS, Walk

E, S = EngineAction, State
PACK = load("permenpanrb-6-2022")
YEAR = resolve(PACK, 2027)
JUNE, JULY = date(2027, 6, 1), date(2027, 7, 1)
WIB = PersonClock.of(Zone.WIB, 5)


def transfer(day: date = JUNE) -> PersonnelChange:
    return PersonnelChange(Personnel.TRANSFER, day)


def leave(first: date, last: date) -> PersonnelChange:
    return PersonnelChange(Personnel.LEAVE, first, last)


def left(day: date = JUNE, why: Exit = Exit.RETIRE) -> PersonnelChange:
    return PersonnelChange(Personnel.EXIT, day, why=why)


def timed(snapshot: Snapshot, *changes: PersonnelChange, clock: PersonClock = WIB) -> Timing:
    return timing(snapshot, PACK, Circumstances(YEAR, clock, changes=changes), 1)


def decided(found: Timing) -> list[tuple[EngineAction, datetime]]:
    ours = (E.CLOSE_SEGMENT, E.EXIT, E.BEGIN_LEAVE, E.PROLONG_LEAVE, E.END_LEAVE)
    return [(m.action, m.at) for m in found.moments if m.action in ours]


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.integers(0, 420).map(lambda n: date(2027, 1, 1) + timedelta(days=n))
CHANGES = st.lists(
    st.one_of(
        st.builds(transfer, DAYS),
        st.builds(left, DAYS, st.sampled_from(Exit)),
        st.builds(lambda day, n: replace(left(day), back=day + timedelta(days=n)), DAYS, st.integers(1, 120)),
        st.builds(lambda day, n: leave(day, day + timedelta(days=n)), DAYS, st.integers(0, 120)),
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(FLOWS, WALKS, CHANGES, st.sampled_from(Zone), st.none() | DAYS)
def test_whatever_is_announced_can_be_taken_and_is_announced_no_more(
    year: Flow, choices: list[int], changes: list[PersonnelChange], zone: Zone, since: date | None
) -> None:
    """From any situation: a moment the lifecycle would refuse would park the year, one that stays would come for ever."""
    walk = Walk(Play(year))
    for choice in choices:
        walk.step(choice)
    play = walk.play
    play.snapshot = play.snapshot.model_copy(update={"since": since})
    around = Circumstances({}, PersonClock.of(zone, 5), changes=tuple(sorted(changes, key=lambda c: c.effective)))
    for _ in range(3 * len(changes) + 1):
        coming = list(personnel_moments(play.snapshot, around))
        if not coming:
            break
        play.at = max(play.at, coming[0].at)
        play.take(Command.of_moment(coming[0]))
    assert not list(personnel_moments(play.snapshot, around))


# ── a transfer ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("zone", Zone)
def test_a_segment_closes_when_the_first_day_of_the_new_post_begins_there(zone: Zone) -> None:
    found = timed(standing(S.EXECUTION_RUNNING), transfer(), clock=PersonClock.of(zone, 5))
    assert decided(found) == [(E.CLOSE_SEGMENT, start_of_day(JUNE, zone))]


def test_what_was_decided_before_a_segment_began_does_not_close_it() -> None:
    snapshot = standing(S.EXECUTION_RUNNING, since=JUNE)
    assert decided(timed(snapshot, transfer(JUNE))) == []
    assert decided(timed(snapshot, transfer(JULY))) == [(E.CLOSE_SEGMENT, start_of_day(JULY, Zone.WIB))]


@pytest.mark.parametrize("state", [S.SELF_ASSESSMENT_DRAFTING, S.RATING_DRAFTING])
def test_a_closed_segment_has_days_of_its_own_whatever_the_calendar_says(state: State) -> None:
    entered = datetime(2027, 6, 1, 1, tzinfo=UTC)
    closed = standing(
        state, until=JUNE - timedelta(days=1), flow=Flow(last_segment=False), visit={"entered_at": entered}
    )
    found = timed(closed)
    assert found.opens_at is None
    assert found.due_at == end_of_day(WIB.calendar.add(JUNE, PACK.steps[state].days), Zone.WIB)


# ── an exit after which she comes back ───────────────────────────────────────────────────────────────────────────────

AWAY = PersonnelChange(Personnel.EXIT, JUNE, why=Exit.RESIGN, back=JULY)
"""In June; she is back on the first of July."""


@pytest.mark.parametrize(
    ("since", "ends"),
    [
        (None, True),
        (date(2027, 1, 4), True),
        (JUNE - timedelta(days=1), True),
        (date(2027, 6, 20), True),  # launched before HR learnt that she was away
        (JULY, False),
        (date(2027, 12, 1), False),
    ],
)
def test_an_exit_ends_what_began_before_the_return_and_nothing_that_began_with_it(
    since: date | None, ends: bool
) -> None:
    found = decided(timed(standing(S.EXECUTION_RUNNING, since=since), AWAY))
    assert found == ([(E.EXIT, start_of_day(JUNE, Zone.WIB))] if ends else [])


@pytest.mark.parametrize("since", [None, date(2027, 1, 4), JUNE, JULY])
def test_an_exit_without_a_return_ends_whatever_was_begun(since: date | None) -> None:
    """HR may have learnt of it after the launch."""
    assert decided(timed(standing(S.EXECUTION_RUNNING, since=since), left())) == [
        (E.EXIT, start_of_day(JUNE, Zone.WIB))
    ]


# ── a leave ──────────────────────────────────────────────────────────────────────────────────────────────────────────

MARCH = leave(date(2027, 3, 1), date(2027, 3, 31))


def test_a_leave_begins_on_its_first_day_and_ends_after_its_last() -> None:
    play = Play(flow(periods=1))
    play.take(Command.of_moment(_only(personnel_moments(play.snapshot, around(MARCH)), E.BEGIN_LEAVE)))
    assert decided(timed(play.snapshot, MARCH)) == [(E.END_LEAVE, start_of_day(date(2027, 4, 1), Zone.WIB))]
    assert timed(play.snapshot, MARCH).due_at is None


def test_a_leave_that_was_over_before_the_visit_began_moves_nothing() -> None:
    april = datetime(2027, 4, 10, tzinfo=UTC)
    assert decided(timed(standing(S.PLAN_REVIEWING, visit={"entered_at": april}), MARCH)) == []


def test_a_leave_that_was_to_last_into_the_year_and_did_not_only_ends_in_it() -> None:
    over = replace(leave(date(2026, 11, 2), date(2026, 12, 9)), over=True)
    early = datetime(2026, 12, 1, tzinfo=UTC)
    unpaused = standing(S.PLAN_DRAFTING, visit={"entered_at": early})
    assert decided(timed(unpaused, over)) == []
    paused = Suspension(since=early, leave=True)
    begun = unpaused.model_copy(update={"suspended": paused, "leaves": (over.effective,)})
    assert decided(timed(begun, over)) == [(E.END_LEAVE, start_of_day(date(2026, 12, 10), Zone.WIB))]


def test_a_leave_after_the_last_day_is_none() -> None:
    gone = standing(S.RATING_DRAFTING, exit=Exit.RETIRE, until=date(2027, 2, 28))
    assert decided(timed(gone, left(date(2027, 3, 1)), MARCH)) == []


APRIL = leave(date(2027, 4, 1), date(2027, 4, 30))
"""Begins on the day after the other's last."""


def first_of(play: Play, *leaves: PersonnelChange) -> tuple[EngineAction, date] | None:
    """What comes first of these leaves, and on which day; it is taken, at that instant."""
    coming = [moment for moment in timed(play.snapshot, *leaves).moments if moment.action.value.endswith("_leave")]
    if not coming:
        return None
    play.at = max(play.at, coming[0].at)
    play.take(Command.of_moment(coming[0]))
    return coming[0].action, WIB.day_of(coming[0].at)


def test_leaves_that_adjoin_are_one_pause_that_ends_after_the_last() -> None:
    play = Play(flow(periods=1))
    came = [first_of(play, MARCH, APRIL) for _ in range(4)]
    may = date(2027, 5, 1)
    assert came == [(E.BEGIN_LEAVE, MARCH.effective), (E.PROLONG_LEAVE, APRIL.effective), (E.END_LEAVE, may), None]
    assert play.snapshot.leaves == (MARCH.effective, APRIL.effective)
    assert play.snapshot.visit.shifted == timedelta(days=61)
    assert play.snapshot.visit.pauses == ((start_of_day(MARCH.effective, Zone.WIB), start_of_day(may, Zone.WIB)),)


def test_leaves_with_a_working_day_between_them_are_two() -> None:
    play, later = Play(flow(periods=1)), leave(date(2027, 4, 2), date(2027, 4, 30))
    came = [first_of(play, MARCH, later) for _ in range(5)]
    assert [action for action, _ in filter(None, came)] == [E.BEGIN_LEAVE, E.END_LEAVE, E.BEGIN_LEAVE, E.END_LEAVE]


def test_a_leave_that_is_learnt_of_late_and_lies_before_the_one_that_pauses_ends_nothing() -> None:
    play, before = Play(flow(periods=1)), leave(date(2027, 2, 20), date(2027, 2, 28))
    first_of(play, MARCH)
    assert decided(timed(play.snapshot, before, MARCH)) == [(E.END_LEAVE, start_of_day(APRIL.effective, Zone.WIB))]


def test_a_leave_is_prolonged_as_often_as_another_adjoins() -> None:
    play, may = Play(flow(periods=1)), leave(date(2027, 5, 1), date(2027, 5, 2))
    came = [first_of(play, MARCH, APRIL, may) for _ in range(5)]
    assert came[1:] == [
        (E.PROLONG_LEAVE, APRIL.effective),
        (E.PROLONG_LEAVE, may.effective),
        (E.END_LEAVE, date(2027, 5, 3)),
        None,
    ]


def test_who_was_resumed_before_the_leave_that_adjoins_is_paused_by_that_one() -> None:
    play = Play(flow(periods=1))
    first_of(play, MARCH, APRIL)
    play.act(Action.RESUME, Who.HR)
    assert first_of(play, MARCH, APRIL) == (E.BEGIN_LEAVE, APRIL.effective)


def test_who_was_resumed_in_the_leave_that_adjoins_is_not_paused_again_by_it() -> None:
    play = Play(flow(periods=1))
    first_of(play, MARCH, APRIL)
    first_of(play, MARCH, APRIL)
    play.act(Action.RESUME, Who.HR)
    assert first_of(play, MARCH, APRIL) is None


def test_what_hr_has_suspended_no_leave_prolongs() -> None:
    play = Play(flow(periods=1)).act(Action.SUSPEND, Who.HR)
    assert first_of(play, MARCH, APRIL) is None


def around(*changes: PersonnelChange) -> Circumstances:
    return Circumstances(YEAR, WIB, changes=changes)


def _only(found: Any, action: EngineAction) -> Moment:
    (moment,) = found
    assert isinstance(moment, Moment)
    assert moment.action is action
    return moment


# ── what cannot be decided ───────────────────────────────────────────────────────────────────────────────────────────

MAY, AUTUMN = date(2027, 5, 20), date(2027, 10, 1)
NOT_SO = [
    (AUTUMN, Personnel.TRANSFER, JULY, None, [left()], "has_left"),
    (AUTUMN, Personnel.EXIT, JULY, None, [left()], "has_left"),
    (AUTUMN, Personnel.TRANSFER, MAY, None, [left()], "has_left"),
    (AUTUMN, Personnel.LEAVE, MAY, MAY, [left()], None),
    (AUTUMN, Personnel.LEAVE, JULY, JULY, [left(date(2027, 12, 1))], None),
    (AUTUMN, Personnel.LEAVE, JULY, date(2027, 12, 1), [left(date(2027, 12, 1))], "has_left"),
    (AUTUMN, Personnel.LEAVE, JULY, JUNE, [], "ends_before_it_begins"),
    (AUTUMN, Personnel.LEAVE, JUNE, JULY, [leave(JULY, JULY)], "overlapping_leave"),
    (AUTUMN, Personnel.LEAVE, JUNE, date(2027, 6, 30), [leave(JULY, JULY)], None),
    (MAY, Personnel.LEAVE, JUNE, date(2027, 6, 3), [leave(JUNE, JULY)], None),
    (MAY, Personnel.LEAVE, JUNE, AUTUMN, [leave(JUNE, JULY)], None),
    (MAY, Personnel.LEAVE, JUNE, JULY, [leave(JUNE, JUNE), leave(JULY, JULY)], "overlapping_leave"),
    (date(2027, 6, 20), Personnel.LEAVE, JUNE, date(2027, 6, 19), [leave(JUNE, JULY)], None),
    (date(2027, 6, 20), Personnel.LEAVE, JUNE, date(2027, 6, 18), [leave(JUNE, JULY)], "back_in_the_past"),
    (date(2027, 7, 2), Personnel.LEAVE, JUNE, AUTUMN, [leave(JUNE, JULY)], "leave_is_over"),
    (JULY, Personnel.LEAVE, JUNE, AUTUMN, [leave(JUNE, JULY)], None),
    (JULY, Personnel.LEAVE, JUNE, AUTUMN, [leave(JUNE, JULY), left(date(2027, 8, 1))], "has_left"),
    (AUTUMN, Personnel.TRANSFER, JUNE, None, [transfer(JUNE)], "before_earlier_change"),
    (AUTUMN, Personnel.EXIT, JUNE, None, [transfer(JULY)], "before_earlier_change"),
    (AUTUMN, Personnel.EXIT, JUNE, None, [transfer(JUNE)], None),
    (AUTUMN, Personnel.TRANSFER, date(2026, 12, 31), None, [], "before_earlier_change"),
    (AUTUMN, Personnel.TRANSFER, JUNE, None, [MARCH], None),
    (MAY, Personnel.TRANSFER, JUNE, None, [transfer(JUNE)], None),
    (MAY, Personnel.TRANSFER, JUNE, None, [transfer(JULY)], None),
    (JUNE, Personnel.TRANSFER, JUNE, None, [transfer(JUNE)], None),
    (JULY, Personnel.TRANSFER, JUNE, None, [transfer(JUNE), transfer(JULY)], "before_earlier_change"),
    (MAY, Personnel.EXIT, MAY, None, [transfer(JUNE)], None),
    (MAY, Personnel.EXIT, JUNE, None, [left(JULY)], None),
    (MAY, Personnel.EXIT, JULY, None, [left(JUNE)], "has_left"),
    (MAY, Personnel.TRANSFER, JUNE, None, [left(JULY)], None),
    (MAY, Personnel.TRANSFER, JULY, None, [left(JULY)], "has_left"),
    (JUNE, Personnel.EXIT, JUNE, None, [left(JUNE)], "has_left"),
]


@pytest.mark.parametrize(("today", "kind", "first", "last", "recorded", "code"), NOT_SO)
def test_a_decision_that_cannot_be_is_known_by_what_is_recorded(
    today: date, kind: Personnel, first: date, last: date | None, recorded: list[PersonnelChange], code: str | None
) -> None:
    """What has come cannot be gone behind; what is still to come forbids nothing, an exit only what would lie on or after its day."""
    assert why_not(kind, first, last, recorded, date(2027, 1, 1), today) == code


# ── who is who around a closed segment ───────────────────────────────────────────────────────────────────────────────

SARI, OLD, NEW, CHIEF = (UUID(int=n) for n in range(1, 5))
NEW_YEAR, LAST = date(2027, 1, 1), JUNE - timedelta(days=1)


def agency(old_until: date | None = None) -> Line:
    return Line(
        [
            Tenure(SARI, OLD, False, NEW_YEAR, LAST),
            Tenure(SARI, NEW, False, JUNE),
            Tenure(OLD, CHIEF, False, NEW_YEAR, old_until),
            Tenure(NEW, CHIEF, False, NEW_YEAR),
            Tenure(CHIEF, None, True, NEW_YEAR),
        ]
    )


def test_a_closed_segment_is_rated_by_whoever_supervised_on_its_last_day() -> None:
    assert parties(str(SARI), JULY, agency()).supervisor.person_id == NEW
    assert parties(str(SARI), JULY, agency(), until=LAST).supervisor.person_id == OLD


def test_where_that_one_has_left_too_his_superior_stands_in() -> None:
    found = parties(str(SARI), JULY, agency(old_until=date(2027, 6, 10)), until=LAST)
    assert (found.supervisor.person_id, found.supervisor.skipped) == (CHIEF, 1)


def test_on_the_last_day_itself_and_before_it_is_the_line_of_the_day() -> None:
    assert parties(str(SARI), LAST, agency(), until=LAST).supervisor.person_id == OLD


def test_who_answers_for_the_later_segment_reads_the_earlier_and_nobody_else() -> None:
    after = parties(str(SARI), JULY, agency())
    assert succeeds(str(NEW), after)
    assert succeeds(str(CHIEF), after)
    assert not succeeds(str(OLD), after)
    assert not succeeds(str(SARI), after)


def test_who_has_left_decides_no_appeal_whatever_he_was_granted() -> None:
    line = Line(
        [
            Tenure(SARI, OLD, False, NEW_YEAR),
            Tenure(OLD, None, True, NEW_YEAR),
            Tenure(NEW, None, True, NEW_YEAR, LAST),
        ],
        pybs=[NEW, CHIEF],
    )
    assert line.pyb(LAST, ()).person_id == NEW
    assert line.pyb(JUNE, ()).person_id == CHIEF


def test_the_lifecycle_table_and_the_moments_speak_of_the_same_plan() -> None:
    """A segment without a plan in force closes too: there is always a way for a transfer before the rating."""
    for state in (
        S.PLAN_DRAFTING,
        S.PLAN_REVIEWING,
        S.EXECUTION_RUNNING,
        S.SELF_ASSESSMENT_DRAFTING,
        S.RATING_DRAFTING,
    ):
        for plan in {None, PLAN} if state.stage.value == "plan" else {PLAN}:
            snapshot = standing(state, plan_in_force=plan)
            (moment,) = personnel_moments(snapshot, around(transfer()))
            assert lifecycle.check(snapshot, Command.of_moment(moment), moment.at).source is state


# ── an appointment as Plt ────────────────────────────────────────────────────────────────────────────────────────────


def days(first: str, last: str | None = None) -> Term:
    return Term(date.fromisoformat(first), date.fromisoformat(last) if last else None)


@pytest.mark.parametrize(
    ("spans", "ended"),
    [
        ([days("2027-02-01")], None),
        ([days("2027-02-01", "2027-05-31")], date(2027, 6, 1)),
        ([days("2027-02-01", "2027-05-31"), days("2027-06-01", "2027-08-31")], date(2027, 9, 1)),
        ([days("2027-02-01", "2027-05-31"), days("2027-06-01")], None),
        ([days("2027-02-01", "2027-05-31"), days("2027-06-02")], date(2027, 6, 1)),
        ([days("2026-02-01", "2026-12-31"), days("2027-02-01", "2027-02-01")], date(2027, 2, 2)),
        ([days("2027-03-01")], date(2027, 2, 2)),
        ([], date(2027, 2, 2)),
    ],
)
def test_what_is_done_as_plt_ends_the_day_after_the_appointment_and_goes_on_with_the_next_without_a_gap(
    spans: list[Term], ended: date | None
) -> None:
    found = of_the_acting((), spans, date(2027, 2, 1))
    assert found == (() if ended is None else (PersonnelChange(Personnel.TRANSFER, ended),))


def test_a_leave_and_an_exit_reach_what_is_done_as_plt_and_a_transfer_does_not() -> None:
    left = PersonnelChange(Personnel.EXIT, JULY, why=Exit.RETIRE)
    changes = (MARCH, transfer(JUNE), left)
    found = of_the_acting(changes, [days("2027-02-01", "2027-05-31")], date(2027, 2, 1))
    assert found == (MARCH, PersonnelChange(Personnel.TRANSFER, date(2027, 6, 1)), left)


@pytest.mark.parametrize(
    ("spans", "there", "since"),
    [
        ([], [], None),
        ([days("2027-02-01", "2027-05-31")], [], None),
        ([days("2027-02-01")], [], date(2027, 2, 1)),
        ([days("2027-02-01", "2027-04-30"), days("2027-05-01")], [], date(2027, 2, 1)),
        ([days("2027-02-01", "2027-04-30"), days("2027-05-02")], [], date(2027, 5, 2)),
        ([days("2027-02-01")], [Acted(date(2027, 2, 1))], None),
        ([days("2027-02-01")], [Acted(date(2027, 2, 1), date(2027, 5, 31))], date(2027, 6, 1)),
        ([days("2027-06-01")], [Acted(date(2027, 2, 1), date(2027, 4, 30))], date(2027, 6, 1)),
        ([days("2027-06-01")], [Acted(date(2027, 2, 1))], None),
        ([days("2027-02-01")], [Acted(date(2027, 2, 1), cancelled=True)], None),
        ([days("2027-06-01")], [Acted(date(2027, 2, 1), cancelled=True)], date(2027, 6, 1)),
    ],
)
def test_who_is_plt_begins_with_the_appointment_or_where_the_part_before_was_closed(
    spans: list[Term], there: list[Acted], since: date | None
) -> None:
    assert acting_since(spans, there, date(2027, 6, 15)) == since


@pytest.mark.parametrize("day", [JULY, JUNE, date(2027, 5, 20)])
def test_who_has_left_may_still_die_or_have_died_before(day: date) -> None:
    left = PersonnelChange(Personnel.EXIT, JUNE, why=Exit.RETIRE)
    assert why_not(Personnel.EXIT, day, None, [left], None, JULY, Exit.DIE) is None
    assert why_not(Personnel.EXIT, day, None, [left], None, JULY, Exit.RESIGN) == "has_left"
    died = PersonnelChange(Personnel.EXIT, JUNE, why=Exit.DIE)
    assert why_not(Personnel.EXIT, day, None, [died], None, JULY, Exit.DIE) == "has_left"


def test_a_death_has_its_true_day_whatever_has_come_since() -> None:
    """Anybody else leaves after what has come, because the past is not rewritten; a death was so before anybody recorded it."""
    since = date(2027, 6, 20)
    assert why_not(Personnel.EXIT, JUNE, None, [transfer(JUNE)], since, JULY, Exit.RETIRE) == "before_earlier_change"
    assert why_not(Personnel.EXIT, MAY, None, [transfer(JUNE)], since, JULY, Exit.DIE) is None


def test_an_appointment_after_a_return_ends_with_its_own_last_day_and_not_with_the_exit_before_it() -> None:
    spans = [days("2027-02-01", "2027-05-31"), days("2027-07-01", "2027-08-31")]
    assert of_the_acting((AWAY,), spans, date(2027, 2, 1)) == (AWAY,)
    assert of_the_acting((AWAY,), spans, JULY) == (PersonnelChange(Personnel.TRANSFER, date(2027, 9, 1)),)


@pytest.mark.parametrize("day", [date(2027, 5, 20), JUNE])
def test_an_appointment_that_ends_with_an_exit_is_ended_by_the_exit_alone(day: date) -> None:
    left = PersonnelChange(Personnel.EXIT, day, why=Exit.RETIRE)
    assert of_the_acting((left,), [days("2027-02-01", "2027-05-31")], date(2027, 2, 1)) == (left,)
