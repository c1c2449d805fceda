"""A leave that HR learns of late gives back every day that no pause has counted yet, wherever her form lay meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.appraisal import Command, Suspension, Timing
from models.circumstances import Circumstances, Outage, Personnel, PersonnelChange
from models.folding import after_pause
from models.timetable import timing
from models.vocabulary import Action, EngineAction, State
from models.workdays import ONE_DAY
from tests.unit.lifecycle_play import Play, Who, engine_wish
from tests.unit.test_returned_days import PACK, WIB5, WINDOWS, assessing, begun, on, reporting, wib
from tests.unit.timetable_play import standing

A, E, S = Action, EngineAction, State
OF_A_LEAVE = (E.BEGIN_LEAVE, E.PROLONG_LEAVE, E.END_LEAVE)


def leave(first: str, last: str) -> PersonnelChange:
    return PersonnelChange(Personnel.LEAVE, date.fromisoformat(first), date.fromisoformat(last))


def now(play: Play, leaves: Sequence[PersonnelChange], outages: Sequence[Outage] = ()) -> Timing:
    return timing(play.snapshot, PACK, Circumstances(WINDOWS, WIB5, tuple(outages), changes=tuple(leaves)), 1)


def passes(play: Play, until: datetime, *leaves: PersonnelChange) -> Play:
    """Time goes on until then, and the engine does what is recorded of her leaves by now."""
    while True:
        coming = [one for one in now(play, leaves).moments if one.action in OF_A_LEAVE and one.wake <= until]
        if not coming:
            play.at = max(play.at, until)
            return play
        play.at = max(play.at, coming[0].wake)
        play.take(Command.of_moment(coming[0]))


def ends(play: Play, *leaves: PersonnelChange) -> tuple[str, str]:
    """The days on which she is due and lapses."""
    found = now(play, leaves)
    assert found.due_at is not None
    assert found.lapses_at is not None
    return WIB5.day_of(found.due_at).isoformat(), WIB5.day_of(found.lapses_at).isoformat()


# ── what was paused before ───────────────────────────────────────────────────────────────────────────────────────────

CHRISTMAS = leave("2027-12-08", "2028-01-04")


def test_a_pause_of_some_hours_takes_nothing_of_a_leave_that_is_learnt_of_on_its_last_day() -> None:
    """Without it she is due on 28 January; the five hours come to a day more."""
    never = passes(assessing(), wib("2028-01-04 11:00"), CHRISTMAS)
    assert ends(passes(never, wib("2028-01-05 12:00"), CHRISTMAS), CHRISTMAS) == ("2028-01-28", "2028-02-09")
    play = on(assessing(), "2027-12-03").act(A.SUSPEND, Who.HR)
    play.at = wib("2027-12-03 15:00") - ONE_DAY
    play.act(A.RESUME, Who.HR).at = wib("2028-01-04 11:00")
    assert ends(passes(play, wib("2028-01-05 12:00"), CHRISTMAS), CHRISTMAS) == ("2028-01-29", "2028-02-10")


@pytest.mark.parametrize("recorded", ["2027-12-14 10:00", "2027-12-18 10:00", "2028-01-03 10:00"])
def test_a_sick_leave_that_goes_on_gives_the_same_days_whenever_its_second_row_is_recorded(recorded: str) -> None:
    first, second = leave("2027-12-06", "2027-12-15"), leave("2027-12-16", "2028-01-04")
    play = passes(assessing(), wib(recorded), first)
    passes(play, wib("2028-01-05 12:00"), first, second)
    assert ends(play, first, second) == ("2028-01-30", "2028-02-11")
    assert play.snapshot.visit.shifted == timedelta(days=30)


def test_of_a_leave_around_days_that_hr_had_paused_each_day_counts_once() -> None:
    play = on(begun(), "2027-01-08").act(A.SUSPEND, Who.HR)
    on(play, "2027-01-12").act(A.RESUME, Who.HR).at = wib("2027-01-28 10:00")
    away = leave("2027-01-05", "2027-01-20")
    passes(play, wib("2027-01-28 11:00"), away)
    assert play.snapshot.visit.shifted == timedelta(days=16)
    assert ends(play, away)[0] == "2027-02-16"


def test_where_it_is_not_known_when_a_visit_was_paused_no_day_is_given_that_may_have_counted() -> None:
    """Of rows of before that was kept."""
    old = standing(S.PLAN_DRAFTING, wib("2027-01-04 10:00"), shifted=timedelta(days=3))
    play = begun()
    play.snapshot = old
    passes(play, wib("2027-01-10 10:00"), leave("2027-01-05", "2027-01-20"))
    assert play.snapshot.suspended == Suspension(since=play.events[-1].at, leave=True)


def test_a_leave_of_before_its_event_said_so_counts_as_it_did() -> None:
    play = on(begun(), "2027-01-08").act(A.SUSPEND, Who.HR)
    on(play, "2027-01-12").act(A.RESUME, Who.HR).at = wib("2027-01-28 10:00")
    play.take(engine_wish(E.BEGIN_LEAVE, effective_at=wib("2027-01-05 00:00"), day=date(2027, 1, 5)))
    assert play.snapshot.suspended == Suspension(since=play.at, leave=True)
    kept = after_pause(play.snapshot.visit, Suspension(since=wib("2027-01-01 00:00"), leave=True), play.at, play.at)
    assert kept.pauses[-1] == (play.snapshot.visit.entered_at, play.at), "of before the visit it kept nothing"


# ── where her form lay meanwhile ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["waits", "recalled", "returned"])
@pytest.mark.parametrize(
    ("away", "recorded", "back", "days"),
    [
        (leave("2027-01-05", "2027-01-19"), "2027-01-22 11:00", "2027-01-22", ("2027-02-15", "2027-04-15")),
        (leave("2027-01-05", "2027-01-24"), "2027-01-21 10:00", "2027-01-26", ("2027-02-20", "2027-04-20")),
    ],
    ids=["over when she sent it", "over while it lay in review"],
)
def test_a_leave_learnt_of_after_she_sent_her_plan_gives_the_days_that_it_gives_to_who_waits(
    way: str, away: PersonnelChange, recorded: str, back: str, days: tuple[str, str]
) -> None:
    play = begun()
    if way != "waits":
        on(play, "2027-01-20").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    passes(play, wib(recorded), away)
    passes(play, wib(f"{back} 09:00"), away)
    if way == "recalled":
        on(play, back).act(A.RECALL_PLAN, Who.EMPLOYEE)
    elif way == "returned":
        on(play, back).act(A.RETURN_PLAN, Who.SUPERVISOR)
    assert ends(passes(play, wib("2027-01-27 10:00"), away), away) == days


def test_a_leave_recorded_after_her_self_assessment_was_sent_back_does_not_let_it_lapse_sooner() -> None:
    away = leave("2027-12-13", "2028-01-02")
    waits = passes(assessing(), wib("2028-01-04 12:00"), away)
    play = on(assessing(), "2028-01-03").act(A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE)
    on(play, "2028-01-04").act(A.RETURN_SELF_ASSESSMENT, Who.SUPERVISOR)
    passes(play, wib("2028-01-04 12:00"), away)
    assert ends(play, away) == ends(waits, away) == ("2028-01-21", "2028-02-02")


def test_what_hr_gave_her_is_moved_by_a_leave_that_is_learnt_of_in_the_review() -> None:
    """As for who waits, by the whole of it: also by what lies before she sent it."""
    away = leave("2027-01-05", "2027-01-24")
    both = begun(), begun()
    for play in both:
        on(play, "2027-01-19").act(A.EXTEND, Who.HR, due_at=wib("2027-03-31 23:59"))
    waits, play = both
    on(play, "2027-01-20").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    passes(play, wib("2027-01-21 10:00"), away)
    passes(play, wib("2027-01-26 09:00"), away)
    on(play, "2027-01-26").act(A.RETURN_PLAN, Who.SUPERVISOR)
    passes(waits, wib("2027-01-26 11:00"), away)
    assert ends(play, away) == ends(waits, away)
    assert ends(play, away)[0] == "2027-04-20"


# ── whatever happens ─────────────────────────────────────────────────────────────────────────────────────────────────


class Course(NamedTuple):
    where: Callable[[], Play]
    send: Action
    back: Action
    recall: Action | None = None


COURSES = (
    Course(begun, A.SUBMIT_PLAN, A.RETURN_PLAN, A.RECALL_PLAN),
    Course(reporting, A.SUBMIT_MIDYEAR, A.RETURN_MIDYEAR, A.RECALL_MIDYEAR),
    Course(assessing, A.SUBMIT_SELF_ASSESSMENT, A.RETURN_SELF_ASSESSMENT),
)
GAPS = st.integers(1, 150)
HAPPENS = st.one_of(
    st.tuples(st.sampled_from(["move", "recall"]), GAPS, st.just(0), st.just(0)),
    st.tuples(st.just("pause"), GAPS, st.integers(1, 200), st.just(0)),
    st.tuples(st.just("outage"), GAPS, st.integers(1, 60), st.just(0)),
    st.tuples(st.just("extend"), GAPS, st.integers(240, 1500), st.just(0)),
    # So many days before it is recorded, and so long.
    st.tuples(st.just("leave"), GAPS, st.integers(-5, 20), st.integers(0, 25)),
)


@dataclass
class Twins:
    """Two to whom the same happens, but that one sends her form and has it back, and the other waits."""

    course: Course
    leaves: list[PersonnelChange] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waits, self.sends = self.course.where(), self.course.where()
        self.drafting = self.waits.state
        self.at = self.waits.at + timedelta(hours=3)

    def act(self, play: Play, action: Action, who: Who, **more: object) -> None:
        play.at = self.at - ONE_DAY
        play.act(action, who, **more)

    def go_on(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        for play in (self.waits, self.sends):
            passes(play, self.at, *self.leaves)

    @property
    def one_is_paused(self) -> bool:
        return self.waits.snapshot.suspended is not None or self.sends.snapshot.suspended is not None

    def move(self, *, recalls: bool) -> None:
        if self.sends.snapshot.suspended is not None:
            return
        if self.sends.state is self.drafting:
            self.act(self.sends, self.course.send, Who.EMPLOYEE)
        elif recalls and self.course.recall is not None:
            self.act(self.sends, self.course.recall, Who.EMPLOYEE)
        else:
            self.act(self.sends, self.course.back, Who.SUPERVISOR)

    def pause(self, hours: int) -> None:
        if self.one_is_paused:
            return
        for play in (self.waits, self.sends):
            self.act(play, A.SUSPEND, Who.HR)
        self.go_on(hours)
        for play in (self.waits, self.sends):
            self.act(play, A.RESUME, Who.HR)

    def record(self, before: int, days: int) -> None:
        first = max(WIB5.day_of(self.at) - timedelta(days=before), WIB5.day_of(self.course.where().at))
        last = first + timedelta(days=days)
        if all(last < one.effective or one.until < first for one in self.leaves if one.until is not None):
            self.leaves.append(PersonnelChange(Personnel.LEAVE, first, last))
            self.leaves.sort(key=lambda one: one.effective)

    def extend(self, hours: int) -> None:
        if self.one_is_paused or self.sends.state is not self.drafting:
            return
        for play in (self.waits, self.sends):
            self.act(play, A.EXTEND, Who.HR, due_at=self.at + timedelta(hours=hours))

    def happens(self, what: str, gap: int, one: int, other: int) -> None:
        self.go_on(gap)
        match what:
            case "move" | "recall":
                self.move(recalls=what == "recall")
            case "pause":
                self.pause(one)
            case "leave":
                self.record(one, other)
            case "extend":
                self.extend(one)
            case _:
                self.outages.append(Outage(self.at, self.at + timedelta(hours=one)))


@settings(max_examples=150)
@given(st.sampled_from(COURSES), st.lists(HAPPENS, min_size=2, max_size=9))
def test_who_sends_early_never_has_fewer_days_than_who_waits(
    course: Course, story: list[tuple[str, int, int, int]]
) -> None:
    twins = Twins(course)
    for chapter in story:
        twins.happens(*chapter)
    twins.go_on(24 * 60)
    if twins.sends.state is not twins.drafting:
        twins.move(recalls=False)
    twins.go_on(1)
    waits, sends = (now(play, twins.leaves, twins.outages) for play in (twins.waits, twins.sends))
    assert waits.due_at is not None
    assert waits.lapses_at is not None
    assert sends.due_at is not None
    assert sends.lapses_at is not None
    assert waits.due_at <= sends.due_at
    assert waits.lapses_at <= sends.lapses_at


def test_what_hr_extended_moves_by_all_of_a_leave_learnt_of_after_the_form_came_back() -> None:
    away = leave("2027-01-05", "2027-01-24")
    waits, returned = begun(), begun()
    for play in (waits, returned):
        on(play, "2027-01-19").act(A.EXTEND, Who.HR, due_at=wib("2027-03-31 23:59"))
    on(returned, "2027-01-25").act(A.SUBMIT_PLAN, Who.EMPLOYEE)
    on(returned, "2027-01-26").act(A.RETURN_PLAN, Who.SUPERVISOR)
    for play in (waits, returned):
        passes(play, wib("2027-01-27 10:00"), away)
    assert ends(returned, away) == ends(waits, away)
    assert ends(returned, away)[0] == "2027-04-20"
