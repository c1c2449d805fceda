"""An improvement programme by its days: goals, six months with their checkpoints, an evaluation, and what leaves and exits do to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.appraisal import TextRef
from models.misfits import misfits_of
from models.policy import PolicyPack
from models.programme import (
    Around,
    Evaluation,
    Leave,
    Moment,
    Noted,
    Programme,
    checkpoint_days,
    due_now,
    last_day,
    moments,
    months_later,
    stalled,
    steps,
    wake,
)
from models.programme_moves import (
    Refused,
    allowed,
    cancel,
    confirm,
    evaluate,
    extend,
    happen,
    note,
    role_for,
    send_back,
    set_goals,
)
from models.programme_spec import ProgrammeSpec
from models.shelf import load
from models.vocabulary import ProgrammeAction, ProgrammeOutcome, ProgrammeState, Progress, Role, Zone
from models.workdays import PersonClock

SPEC = ProgrammeSpec(source="PP 30/2019 art. 56", months=6, checkpoints=(2, 4))
WIB = Around(PersonClock.of(Zone.WIB, 5))
WORD = TextRef(id="t", sha256="0" * 64)
MONDAY = date(2028, 2, 7)
BEGUN = Programme(id="p", appraisal="a", subject="s", revision=1, began=MONDAY, spec=SPEC)
RUNS = set_goals(BEGUN, (WORD,), date(2028, 2, 14)).programme
LAST = date(2028, 8, 13)


def noted(day: date, progress: Progress = Progress.BEHIND) -> Noted:
    return Noted(progress=progress, note=WORD, on=day, by="boss")


def said(day: date, outcome: ProgrammeOutcome = ProgrammeOutcome.NOT_MET) -> Evaluation:
    return Evaluation(outcome=outcome, reason=WORD, on=day, by="boss")


def refused(code: str, do: Any, *more: Any) -> None:
    with pytest.raises(Refused) as refusal:
        do(*more)
    assert refusal.value.code == code


def played(programme: Programme, until: datetime, around: Around = WIB) -> Programme:
    """Whoever looks at every moment lets it happen."""
    at: datetime | None = datetime.fromisoformat("2028-02-07T00:00:00Z")
    while at is not None and at <= until:
        for moment in due_now(programme, SPEC, around, at):
            programme = happen(programme, moment).programme
        at = wake(programme, SPEC, around, at)
    return programme


# ── its days ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_goals_are_waited_for_and_then_its_months_count_from_the_day_they_are_set() -> None:
    [goals] = steps(BEGUN, SPEC, WIB)
    assert (goals.key, goals.due) == ("goals", date(2028, 2, 21))
    assert last_day(BEGUN, SPEC, WIB) is None
    assert (RUNS.state, RUNS.first) == (ProgrammeState.RUNNING, date(2028, 2, 14))
    assert last_day(RUNS, SPEC, WIB) == LAST
    assert checkpoint_days(RUNS, SPEC, WIB) == (date(2028, 4, 17), date(2028, 6, 14))
    assert [step.key for step in steps(RUNS, SPEC, WIB)] == ["checkpoint.1", "checkpoint.2", "evaluation"]


def test_goals_said_again_do_not_begin_it_again() -> None:
    again = set_goals(RUNS, (WORD, WORD), date(2028, 5, 2)).programme
    assert (again.first, len(again.goals)) == (RUNS.first, 2)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
        (date(2027, 1, 31), 24, date(2029, 1, 31)),
    ],
)
def test_months_end_with_the_month_that_is_shorter(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2027, 8, 29), date(2028, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2027, 9, 1), date(2028, 2, 29)),
        (date(2026, 8, 29), date(2027, 2, 28)),
        (date(2026, 8, 28), date(2027, 2, 27)),
    ],
)
def test_six_months_begun_on_a_day_that_the_last_month_does_not_have_end_with_that_month(
    first: date, last: date
) -> None:
    assert last_day(set_goals(BEGUN, (WORD,), first).programme, SPEC, WIB) == last


def test_a_leave_moves_what_is_ahead_by_its_length_and_nothing_that_lies_before() -> None:
    away = Around(WIB.clock, leaves=(Leave(date(2028, 5, 1), date(2028, 5, 31)),))
    assert checkpoint_days(RUNS, SPEC, away) == (date(2028, 4, 17), date(2028, 7, 17))
    assert last_day(RUNS, SPEC, away) == LAST + timedelta(days=31)


def test_a_leave_that_began_before_it_counts_from_its_first_day_only() -> None:
    away = Around(WIB.clock, leaves=(Leave(date(2028, 1, 1), date(2028, 2, 20)),))
    assert last_day(RUNS, SPEC, away) == LAST + timedelta(days=7)


def test_one_leave_may_bring_the_end_into_the_next() -> None:
    first, second = Leave(date(2028, 8, 1), date(2028, 8, 10)), Leave(date(2028, 8, 20), date(2028, 8, 29))
    assert last_day(RUNS, SPEC, Around(WIB.clock, leaves=(second, first))) == LAST + timedelta(days=20)


@given(
    leaves=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=4),
    months=st.integers(0, 6),
)
def test_neither_a_leave_nor_an_extension_brings_anything_nearer(leaves: list[tuple[int, int]], months: int) -> None:
    spans: list[Leave] = []
    for begins, days in sorted(leaves):
        first = MONDAY + timedelta(days=begins)
        if not spans or first > spans[-1].last:
            spans.append(Leave(first, first + timedelta(days=days)))
    away = Around(WIB.clock, leaves=tuple(spans))
    longer = extend(RUNS, months, SPEC).programme if months else RUNS
    for step, plain in zip(steps(longer, SPEC, away), steps(RUNS, SPEC, WIB), strict=False):
        assert step.due >= plain.due or step.key != plain.key
    end, plain_end = last_day(longer, SPEC, away), last_day(RUNS, SPEC, WIB)
    assert end is not None
    assert plain_end is not None
    assert end >= plain_end
    assert not any(leave.first <= end <= leave.last for leave in spans)


# ── what comes by itself ────────────────────────────────────────────────────────────────────────────────────────────


def told(programme: Programme) -> list[str]:
    return [key.rsplit(" ", 1)[0] for key in programme.given]


def test_each_step_is_reminded_of_before_and_after_and_then_is_on_hrs_list() -> None:
    left = played(BEGUN, datetime.fromisoformat("2028-04-01T00:00:00Z"))
    assert told(left) == ["remind-5 goals", "remind+1 goals", "stall goals"]
    assert [step.key for step in stalled(left, SPEC, WIB)] == ["goals"]
    assert stalled(set_goals(left, (WORD,), date(2028, 4, 3)).programme, SPEC, WIB) == ()


def test_who_notes_in_time_is_reminded_once_and_of_nothing_after() -> None:
    reached = played(RUNS, datetime.fromisoformat("2028-04-11T00:00:00Z"))
    after = note(reached, 1, noted(date(2028, 4, 11)), SPEC, WIB).programme
    assert told(played(after, datetime.fromisoformat("2028-05-20T00:00:00Z"))) == ["remind-5 checkpoint.1"]


def test_after_a_pause_of_the_machine_only_the_last_reminder_is_given() -> None:
    due = due_now(BEGUN, SPEC, WIB, datetime.fromisoformat("2028-04-01T00:00:00Z"))
    assert [(moment.action, moment.days) for moment in due] == [(ProgrammeAction.REMIND, 1), (ProgrammeAction.STALL, 5)]
    after = BEGUN
    for moment in due:
        after = happen(after, moment).programme
    assert due_now(after, SPEC, WIB, datetime.fromisoformat("2028-04-01T00:00:00Z")) == []


def test_what_is_due_later_since_is_off_the_list_and_reminded_of_anew() -> None:
    left = played(RUNS, datetime.fromisoformat("2028-05-02T00:00:00Z"))
    assert [step.key for step in stalled(left, SPEC, WIB)] == ["checkpoint.1"]
    away = Around(WIB.clock, leaves=(Leave(date(2028, 4, 1), date(2028, 4, 30)),))
    assert stalled(left, SPEC, away) == ()
    again = played(left, datetime.fromisoformat("2028-06-30T00:00:00Z"), away)
    assert told(again).count("remind-5 checkpoint.1") == 2


def test_nobody_is_reminded_while_she_is_away() -> None:
    leave = Leave(date(2028, 4, 18), date(2028, 6, 30))
    for moment in moments(RUNS, SPEC, Around(WIB.clock, leaves=(leave,))):
        assert not leave.first <= WIB.clock.day_of(moment.at) <= leave.last, moment


def test_an_exit_ends_it_on_that_day_and_nothing_else_comes() -> None:
    gone = Around(WIB.clock, gone=date(2028, 3, 1))
    left = played(RUNS, datetime.fromisoformat("2028-12-01T00:00:00Z"), gone)
    assert (left.state, left.outcome) == (ProgrammeState.DONE, ProgrammeOutcome.EXITED)
    assert moments(left, SPEC, gone) == []
    passed = due_now(RUNS, SPEC, gone, datetime.fromisoformat("2028-12-01T00:00:00Z"))
    assert [moment.action for moment in passed] == [ProgrammeAction.EXIT]


@given(st.integers(0, 400))
def test_whenever_somebody_looks_there_is_something_to_wait_for_until_all_has_come(days: int) -> None:
    at = datetime.fromisoformat("2028-02-14T00:00:00Z") + timedelta(days=days)
    programme = RUNS
    for moment in due_now(programme, SPEC, WIB, at):
        programme = happen(programme, moment).programme
    ahead = wake(programme, SPEC, WIB, at)
    left: list[Moment] = [one for one in moments(programme, SPEC, WIB) if one.at > at]
    assert ahead == (left[0].at if left else None)
    assert due_now(programme, SPEC, WIB, at) == []


# ── what people do ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_checkpoint_is_noted_from_its_first_reminder_on_also_late_and_once() -> None:
    refused("programme_too_early", note, RUNS, 1, noted(date(2028, 4, 5)), SPEC, WIB)
    after = note(RUNS, 1, noted(date(2028, 6, 1)), SPEC, WIB).programme
    refused("programme_noted", note, after, 1, noted(date(2028, 6, 2)), SPEC, WIB)
    refused("not_found", note, after, 3, noted(date(2028, 6, 2)), SPEC, WIB)
    refused("programme_not_now", note, BEGUN, 1, noted(MONDAY), SPEC, WIB)


def test_it_is_evaluated_from_its_last_day_on_and_confirmed_by_another() -> None:
    refused("programme_too_early", evaluate, RUNS, said(LAST - timedelta(days=1)), SPEC, WIB)
    judged = evaluate(RUNS, said(LAST), SPEC, WIB).programme
    assert judged.state is ProgrammeState.CONFIRMING
    refused("not_yours", confirm, judged, "boss")
    done = confirm(judged, "hr").programme
    assert (done.state, done.outcome) == (ProgrammeState.DONE, ProgrammeOutcome.NOT_MET)
    for do in (lambda: cancel(done), lambda: extend(done, 1, SPEC), lambda: confirm(done, "hr")):
        refused("programme_not_now", do)


def test_an_evaluation_that_is_sent_back_is_given_again() -> None:
    back = send_back(evaluate(RUNS, said(LAST), SPEC, WIB).programme).programme
    again = evaluate(back, said(LAST, ProgrammeOutcome.MET), SPEC, WIB).programme
    assert confirm(again, "hr").programme.outcome is ProgrammeOutcome.MET


def test_an_extension_has_a_checkpoint_where_the_end_was_and_undoes_an_evaluation() -> None:
    judged = evaluate(RUNS, said(LAST), SPEC, WIB).programme
    longer = extend(judged, 3, SPEC).programme
    assert (longer.state, longer.evaluation) == (ProgrammeState.RUNNING, None)
    assert checkpoint_days(longer, SPEC, WIB)[-1] == date(2028, 8, 14)
    assert last_day(longer, SPEC, WIB) == date(2028, 11, 13)
    refused("programme_too_long", extend, longer, 4, SPEC)
    refused("programme_not_now", extend, BEGUN, 1, SPEC)


def test_what_may_be_done_is_what_is_not_refused() -> None:
    may = {name: allowed(one, SPEC, WIB, MONDAY) for name, one in (("goals", BEGUN), ("runs", RUNS))}
    assert may == {
        "goals": {ProgrammeAction.CANCEL, ProgrammeAction.SET_GOALS},
        "runs": {ProgrammeAction.CANCEL, ProgrammeAction.SET_GOALS, ProgrammeAction.EXTEND},
    }
    assert ProgrammeAction.EVALUATE in allowed(RUNS, SPEC, WIB, LAST)
    assert ProgrammeAction.NOTE_CHECKPOINT in allowed(RUNS, SPEC, WIB, date(2028, 4, 17))


@pytest.mark.parametrize(
    ("action", "held", "late", "role"),
    [
        (ProgrammeAction.NOTE_CHECKPOINT, {Role.SUPERVISOR}, False, Role.SUPERVISOR),
        (ProgrammeAction.NOTE_CHECKPOINT, {Role.SENIOR}, False, None),
        (ProgrammeAction.NOTE_CHECKPOINT, {Role.SENIOR}, True, Role.SENIOR),
        (ProgrammeAction.EVALUATE, {Role.HR}, True, None),
        (ProgrammeAction.CONFIRM, {Role.SUPERVISOR}, False, None),
        (ProgrammeAction.EXTEND, {Role.HR}, False, Role.HR),
        (ProgrammeAction.CANCEL, {Role.EMPLOYEE}, True, None),
    ],
)
def test_the_supervisor_leads_it_and_hr_decides(
    action: ProgrammeAction, held: set[Role], late: bool, role: Role | None
) -> None:
    assert role_for(action, held, is_stalled=late) is role


# ── what a pack may say ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"checkpoints": (4, 2)}, "checkpoints"),
        ({"checkpoints": (2, 6)}, "checkpoints"),
        ({"checkpoints": (0,)}, "checkpoints"),
        ({"remind_days": (0,)}, "remind_days"),
        ({"remind_days": (-1, -1)}, "remind_days"),
        ({"remind_days": (7,)}, "remind_days"),
    ],
)
def test_a_programme_out_of_its_order_is_refused_at_its_place(wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ProgrammeSpec(**{"source": "x", "months": 6, **wrong})
    assert place in {one.path[0] for one in misfits_of(refusal.value)}


def test_a_rule_that_asks_what_a_programme_came_to_needs_one() -> None:
    stored = load("kepahiang-bobot").model_dump(mode="json") | {"programme": None}
    with pytest.raises(ValidationError, match=r"the pack has no \[programme\]"):
        PolicyPack.model_validate(stored)


def test_a_pack_frozen_before_there_were_programmes_keeps_its_digest() -> None:
    pack = load("bantul-kompetensi")
    stored = pack.model_dump(mode="json")
    del stored["programme"]
    for rule in stored["follow_ups"]:
        del rule["programme"]
    assert stored["follow_ups"]
    assert PolicyPack.model_validate(stored).digest == pack.digest
