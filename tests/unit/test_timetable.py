"""When something happens by itself, told in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from models.appraisal import Command, Flow, FormRef, Snapshot, Suspension, Timing
from models.circumstances import Circumstances
from models.lifecycle import Refused, check
from models.policy import Step
from models.shelf import load, pack_ids
from models.timetable import late, overdue, timing
from models.vocabulary import Action, EngineAction, Form, Role, Silence, State, Zone
from models.windows import WindowRow, announced_days_off, for_unit, resolve
from models.workdays import PersonClock, WorkCalendar, end_of_day, national_holidays, start_of_day
from tests.unit.timetable_play import PACK, PLAN, WIB5, YEAR, at, local, of, rungs, standing

# ── the right to appeal ───────────────────────────────────────────────────────────────────────────────────────────────


def _file(snapshot: Snapshot, filed_at: datetime, clock: PersonClock) -> None:
    form = FormRef(form=Form.APPEAL, copy_id="c-2", sha256="00", version=1)
    command = Command(action=Action.FILE_APPEAL, role=Role.EMPLOYEE, actor="p-1", form=form)
    check(snapshot, command, filed_at, of(snapshot, clock))


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize("delivered", ["2026-02-03 00:00", "2026-02-03 23:59"])
def test_an_appeal_of_day_14_at_2359_is_in_time_and_one_of_day_15_at_0000_is_not(zone: Zone, delivered: str) -> None:
    clock = PersonClock.of(zone, 5)
    snapshot = standing(State.APPEAL_OPEN, local("2026-02-02", zone), delivered_at=local(delivered, zone))
    _file(snapshot, local("2026-02-17 23:59", zone), clock)
    with pytest.raises(Refused) as refused:
        _file(snapshot, local("2026-02-18 00:00", zone), clock)
    assert refused.value.code == "lapsed"


def test_an_undelivered_result_is_never_due_and_never_lapses_but_goes_on_hrs_list() -> None:
    found = of(standing(State.APPEAL_OPEN, local("2026-02-02 15:00")))
    assert (found.due_at, found.lapses_at) == (None, None)
    assert rungs(found) == {"hr_list+undelivered": local("2026-02-09 08:00")}
    assert at(found, EngineAction.LAPSE) == []
    suspended_for_a_week = of(standing(State.APPEAL_OPEN, local("2026-02-02 15:00"), shifted=timedelta(days=7)))
    assert rungs(suspended_for_a_week) == {"hr_list+undelivered": local("2026-02-18 08:00")}


def test_a_delivered_result_leaves_hrs_list_alone() -> None:
    found = of(standing(State.APPEAL_OPEN, local("2026-02-02"), delivered_at=local("2026-02-03")))
    assert "hr_list+undelivered" not in rungs(found)


def test_no_ladder_lengthens_a_right_that_the_law_counts_in_days() -> None:
    steps = {**PACK.steps, State.APPEAL_OPEN: PACK.steps[State.APPEAL_OPEN].model_copy(update={"ladder": "duty"})}
    snapshot = standing(State.APPEAL_OPEN, local("2026-02-02"), delivered_at=local("2026-02-03"))
    found = timing(snapshot, PACK.model_copy(update={"steps": steps}), Circumstances(YEAR, WIB5), 1)
    assert found.lapses_at == found.due_at == end_of_day(date(2026, 2, 17), Zone.WIB)
    assert not {"overdue+1", "takeover+3", "hr_list+7"} & set(rungs(found))


def test_each_next_authority_gets_days_of_its_own() -> None:
    first = of(standing(State.APPEAL_DECIDING, local("2026-02-02")))
    assert first.lapses_at is not None
    second = of(standing(State.APPEAL_DECIDING, first.lapses_at, level=1))
    assert second.due_at is not None
    assert second.due_at > first.lapses_at
    assert len(at(second, EngineAction.LAPSE)) == 1


# ── due days ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_is_due_with_its_window_and_lapses_when_that_closes() -> None:
    found = of(standing(State.PLAN_DRAFTING, local("2025-12-29")))
    assert found.opens_at == start_of_day(date(2026, 1, 1), Zone.WIB)
    assert found.due_at == end_of_day(date(2026, 1, 31), Zone.WIB)
    assert found.lapses_at == end_of_day(date(2026, 2, 28), Zone.WIB)
    assert at(found, EngineAction.LAPSE) == [found.lapses_at]


@pytest.mark.parametrize("step_days", [0, 5])
def test_a_returned_plan_is_not_overdue_on_the_day_it_comes_back(step_days: int) -> None:
    step = PACK.steps[State.PLAN_DRAFTING].model_copy(update={"days": step_days})
    pack = PACK.model_copy(update={"steps": {**PACK.steps, State.PLAN_DRAFTING: step}})
    snapshot = standing(State.PLAN_DRAFTING, local("2026-03-10 08:00"), returned=True)
    found = timing(snapshot, pack, Circumstances(YEAR, WIB5), 1)
    assert not overdue(found, local("2026-03-10 23:59"))
    assert not late(found, local("2026-03-10 23:59"))
    assert overdue(found, local("2026-03-27"))


def test_a_returned_plan_gets_five_working_days_over_idul_fitri() -> None:
    found = of(standing(State.PLAN_DRAFTING, local("2026-03-16 16:00"), returned=True))
    assert found.due_at == end_of_day(date(2026, 3, 30), Zone.WIB)


def test_one_working_day_is_never_24_business_hours() -> None:
    step = Step(basis="visit", days=1, silence=Silence.HOLD)
    pack = PACK.model_copy(update={"steps": {State.PLAN_REVIEWING: step}})
    for clock_time in ("00:00", "07:30", "16:00", "23:59"):
        found = timing(
            standing(State.PLAN_REVIEWING, local(f"2026-01-30 {clock_time}")), pack, Circumstances(YEAR, WIB5), 1
        )
        assert found.due_at == end_of_day(date(2026, 2, 2), Zone.WIB)


def test_a_six_day_unit_works_on_saturday() -> None:
    snapshot = standing(State.PLAN_REVIEWING, local("2026-01-30 16:00"))
    assert of(snapshot, PersonClock.of(Zone.WIB, 6)).due_at == end_of_day(date(2026, 2, 5), Zone.WIB)
    assert of(snapshot, PersonClock.of(Zone.WIB, 5)).due_at == end_of_day(date(2026, 2, 6), Zone.WIB)


def test_whoever_comes_before_the_opening_has_her_days_from_the_opening() -> None:
    windows = YEAR | {"self_assessment": WindowRow(date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3))}
    early = of(standing(State.SELF_ASSESSMENT_DRAFTING, local("2026-11-02")), windows=windows)
    assert early.due_at == end_of_day(date(2026, 12, 8), Zone.WIB)


def test_a_leap_day_is_a_day_like_any_other() -> None:
    snapshot = standing(State.APPEAL_OPEN, local("2028-02-14"), delivered_at=local("2028-02-15 12:00"))
    assert of(snapshot).due_at == end_of_day(date(2028, 2, 29), Zone.WIB)
    reviewed = of(standing(State.PLAN_REVIEWING, local("2028-02-25 16:00")))
    assert reviewed.due_at == end_of_day(date(2028, 3, 6), Zone.WIB)


def test_an_instant_in_the_calendar_is_taken_to_the_second() -> None:
    noon = local("2026-03-31 12:00")
    windows = YEAR | {"plan": replace(YEAR["plan"], due=noon, closes=noon)}
    found = of(standing(State.PLAN_DRAFTING, local("2026-01-02")), windows=windows)
    assert found.due_at == noon
    assert late(found, noon + timedelta(seconds=1))
    assert not late(found, noon)


def test_an_extension_moves_due_and_lapse_and_never_back() -> None:
    plain = of(standing(State.PLAN_DRAFTING, local("2026-01-02")))
    until = end_of_day(date(2026, 3, 31), Zone.WIB)
    longer = of(standing(State.PLAN_DRAFTING, local("2026-01-02"), extended_to=until))
    shorter = of(standing(State.PLAN_DRAFTING, local("2026-01-02"), extended_to=local("2026-01-10")))
    assert longer.due_at == until
    assert longer.lapses_at == end_of_day(date(2026, 4, 10), Zone.WIB)
    assert (shorter.due_at, shorter.lapses_at) == (plain.due_at, plain.lapses_at)


def test_a_suspension_gives_back_its_span_to_the_end_of_a_day() -> None:
    found = of(standing(State.PLAN_DRAFTING, local("2026-01-02"), shifted=timedelta(days=10, hours=5)))
    assert found.due_at == end_of_day(date(2026, 2, 11), Zone.WIB)
    assert found.lapses_at == end_of_day(date(2026, 3, 11), Zone.WIB)
    assert found.opens_at == start_of_day(date(2026, 1, 1), Zone.WIB)


@pytest.mark.parametrize("state", [*PACK.steps, State.EXECUTION_RUNNING])
def test_while_suspended_nothing_is_due_and_nothing_comes(state: State) -> None:
    found = of(standing(state, local("2026-01-02"), suspended=Suspension(since=local("2026-01-05"))))
    assert found == Timing(facts_revision=1, visit=1)


def test_what_lapsed_once_does_not_lapse_again() -> None:
    found = of(standing(State.PLAN_DRAFTING, local("2026-01-02"), lapsed=True))
    assert at(found, EngineAction.LAPSE) == []


# ── rungs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_ladder_of_a_plan_due_on_a_saturday() -> None:
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02"))))
    assert {key: moment for key, moment in found.items() if key != "hr_list+rating"} == {
        "remind-7": local("2026-01-21 08:00"),
        "remind-3": local("2026-01-27 08:00"),
        "remind-1": local("2026-01-29 08:00"),
        "remind+0": local("2026-01-30 08:00"),
        "overdue+1": local("2026-02-02 08:00"),
        "takeover+3": local("2026-02-04 08:00"),
        "hr_list+7": local("2026-02-10 08:00"),
    }


@pytest.mark.parametrize(
    ("due", "week", "reminded", "escalated"),
    [
        (date(2026, 3, 22), 5, "2026-03-17 08:00", "2026-03-25 08:00"),
        (date(2026, 3, 22), 6, "2026-03-17 08:00", "2026-03-25 08:00"),
        (date(2027, 3, 10), 5, "2027-03-05 08:00", "2027-03-16 08:00"),
        (date(2027, 3, 10), 6, "2027-03-06 08:00", "2027-03-13 08:00"),
    ],
)
def test_a_ladder_steps_over_idul_fitri(due: date, week: int, reminded: str, escalated: str) -> None:
    windows = YEAR | {"plan": replace(YEAR["plan"], due=due, closes=due)}
    clock = PersonClock(Zone.WIB, WorkCalendar(6 if week == 6 else 5))
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02")), clock, windows))
    assert (found["remind+0"], found["overdue+1"]) == (local(reminded), local(escalated))


def test_a_newer_holiday_table_moves_the_rungs_of_a_running_year() -> None:
    def newer(year: int) -> frozenset[date]:
        return national_holidays(year) | {date(2026, 1, 30)}

    found = rungs(
        of(standing(State.PLAN_DRAFTING, local("2026-01-02")), PersonClock(Zone.WIB, WorkCalendar(5, national=newer)))
    )
    assert found["remind+0"] == local("2026-01-29 08:00")


def test_a_reminder_comes_before_a_deadline_early_in_the_morning() -> None:
    windows = YEAR | {"plan": replace(YEAR["plan"], due=local("2026-02-04 07:00"))}
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02")), windows=windows))
    assert found["remind+0"] == local("2026-02-03 08:00")


def test_a_late_joiner_is_not_flooded() -> None:
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-29 10:00"))))
    assert sorted(found) == [
        "hr_list+7",
        "hr_list+rating",
        "overdue+1",
        "remind+0",
        "remind-1",
        "remind-3",
        "takeover+3",
    ]
    assert min(found.values()) >= local("2026-01-29 10:00")


def test_nobody_is_reminded_of_a_window_that_is_not_open_yet() -> None:
    windows = YEAR | {"plan": replace(YEAR["plan"], opens=date(2026, 1, 28))}
    assert "remind-7" not in rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02")), windows=windows))


def test_a_rung_is_reached_once_in_a_visit() -> None:
    found = rungs(of(standing(State.PLAN_DRAFTING, local("2026-01-02"), rungs=("remind-7", "hr_list+rating"))))
    assert not {"remind-7", "hr_list+rating"} & set(found)
    assert "remind-3" in found


# ── the order of the year ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("periods", "done", "self_assessment", "key", "opens"),
    [
        (1, 0, True, "midyear.1", date(2026, 7, 1)),
        (1, 1, True, "self_assessment", date(2026, 12, 1)),
        (0, 0, True, "self_assessment", date(2026, 12, 1)),
        (1, 1, False, "rating", date(2026, 12, 15)),
    ],
)
def test_execution_waits_for_the_next_window(
    periods: int, done: int, self_assessment: bool, key: str, opens: date
) -> None:
    flow = Flow(periods=periods, self_assessment=self_assessment)
    found = of(standing(State.EXECUTION_RUNNING, local("2026-02-02"), flow=flow, periods_done=done))
    assert [(m.action, m.key, m.at) for m in found.moments] == [
        (EngineAction.OPEN_WINDOW, key, start_of_day(opens, Zone.WIB))
    ]
    assert (found.opens_at, found.due_at, found.lapses_at) == (None, None, None)


def test_a_period_that_closed_before_the_plan_was_set_is_skipped_at_once() -> None:
    entered = local("2026-09-01")
    (moment,) = of(standing(State.EXECUTION_RUNNING, entered)).moments
    assert (moment.action, moment.key, moment.at, moment.wake) == (
        EngineAction.SKIP_PERIOD,
        "midyear.1",
        entered,
        entered,
    )


def test_a_plan_set_inside_a_window_opens_it_at_once() -> None:
    entered = local("2026-08-31 23:59")
    (moment,) = of(standing(State.EXECUTION_RUNNING, entered)).moments
    assert (moment.action, moment.at, moment.wake) == (EngineAction.OPEN_WINDOW, entered, entered)


def test_the_last_windows_are_never_skipped() -> None:
    (moment,) = of(standing(State.EXECUTION_RUNNING, local("2027-06-01"), periods_done=1)).moments
    assert (moment.action, moment.key) == (EngineAction.OPEN_WINDOW, "self_assessment")


@pytest.mark.parametrize("state", [State.MIDYEAR_DRAFTING, State.MIDYEAR_REVIEWING])
def test_the_next_periods_opening_closes_an_unfinished_one(state: State) -> None:
    windows = YEAR | {"midyear.2": WindowRow(date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 31))}
    first = of(standing(state, local("2026-08-03"), flow=Flow(periods=2)), windows=windows)
    last = of(standing(state, local("2026-08-03"), flow=Flow(periods=2), period=2, periods_done=1), windows=windows)
    assert at(first, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 9, 1), Zone.WIB)]
    assert at(last, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 12, 1), Zone.WIB)]


def test_a_pending_amendment_ends_when_the_next_window_opens() -> None:
    found = of(standing(State.PLAN_REVIEWING, local("2026-06-29"), plan_in_force=PLAN))
    assert at(found, EngineAction.CLOSE_PERIOD) == [start_of_day(date(2026, 7, 1), Zone.WIB)]
    assert "hr_list+rating" not in rungs(found)


@pytest.mark.parametrize("state", [State.PLAN_DRAFTING, State.PLAN_REVIEWING])
def test_without_a_plan_the_rating_window_puts_it_on_hrs_list_and_holds(state: State) -> None:
    found = of(standing(state, local("2026-02-02")))
    assert rungs(found)["hr_list+rating"] == local("2026-12-15 08:00")
    assert at(found, EngineAction.CLOSE_PERIOD) == []
    too_late = of(standing(state, local("2026-12-18 17:00")))
    assert rungs(too_late)["hr_list+rating"] == local("2026-12-21 08:00")


# ── the calendar ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_nearest_units_row_wins_end_by_end() -> None:
    rows = {
        ("plan", None): YEAR["plan"],
        ("plan", "dinas"): WindowRow(due=date(2026, 2, 10), closes=date(2026, 3, 10)),
        ("plan", "sekolah"): WindowRow(due=date(2026, 2, 20)),
        ("plan", "rsud"): WindowRow(due=date(2026, 5, 1)),
    }
    assert for_unit(rows, ["sekolah", "dinas", "kota"])["plan"] == WindowRow(
        date(2026, 1, 1), date(2026, 2, 20), date(2026, 3, 10)
    )
    assert for_unit(rows, ["kota"]) == {"plan": YEAR["plan"]}


def test_an_announced_day_off_stays_and_is_noted() -> None:
    found = announced_days_off(YEAR, WIB5)
    assert ("plan", "due", date(2026, 1, 31)) in found
    assert YEAR["plan"].due == date(2026, 1, 31)


def test_an_instant_without_offset_is_no_window() -> None:
    with pytest.raises(ValueError, match="offset"):
        WindowRow(due=datetime(2026, 1, 1))  # noqa: DTZ001


def test_every_pack_that_ships_has_the_windows_its_year_needs() -> None:
    for pack in map(load, pack_ids()):
        windows, flow = resolve(pack, 2026), pack.flow()
        for state in State:
            for period in range(1, flow.periods + 1) if state.value.startswith("midyear") else (None,):
                snapshot = standing(state, local("2026-02-02"), flow=flow).model_copy(update={"period": period})
                timing(snapshot, pack, Circumstances(windows, WIB5), 1)
