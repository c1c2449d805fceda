"""When an act comes too early, too late, or late but in time; and by whose sight of the calendar that is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from models import lifecycle
from models.appraisal import Bounds, Timing
from models.vocabulary import Action, EngineAction, Silence, State
from tests.unit.lifecycle_play import START, Who, engine_wish, flow, outcome, wish
from tests.unit.lifecycle_table import SITUATIONS, standing

A, E, S = Action, EngineAction, State
DAY = timedelta(days=1)
NAMED = {s.name: s.snapshot for s in SITUATIONS}


# ── windows and lapses ───────────────────────────────────────────────────────────────────────────────────────────────


def bounded(visit: int = 5, facts: int = 1, **ends: Any) -> dict[str, Any]:
    return {"facts_revision": facts, "visit": visit, **ends}


def judged(name: str, action: Action, who: Who, at: datetime, **ends: Any) -> str:
    snapshot = NAMED[name]
    return outcome(snapshot, wish(snapshot, action, who), at, Timing(**bounded(**ends)))


def test_before_its_window_opens_a_step_is_not_open_yet() -> None:
    opens = START + DAY
    for name, action, who in (*CLOSED_BY_SILENCE, *LATE_IS_ACCEPTED):
        assert judged(name, action, who, opens - timedelta(microseconds=1), opens_at=opens) == "!not_open_yet"
        assert not judged(name, action, who, opens, opens_at=opens).startswith("!")


@pytest.mark.parametrize("action", [A.SUSPEND, A.CANCEL, A.EXTEND, A.REASSIGN])
def test_no_window_holds_hr_back(action: Action) -> None:
    opens = START + DAY
    assert not judged("plan.drafting", action, Who.HR, START, opens_at=opens, due_at=opens + DAY).startswith("!")


CLOSED_BY_SILENCE = [
    ("midyear.drafting", A.SUBMIT_MIDYEAR, Who.EMPLOYEE),
    ("self_assessment.drafting", A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE),
    ("appeal.open, delivered", A.FILE_APPEAL, Who.EMPLOYEE),
    ("appeal.open, delivered", A.ACCEPT_RESULT, Who.EMPLOYEE),
    ("appeal.answering", A.ANSWER_APPEAL, Who.SUPERVISOR),
]
LATE_IS_ACCEPTED = [
    ("plan.drafting", A.SUBMIT_PLAN, Who.EMPLOYEE),
    ("plan.reviewing", A.APPROVE_PLAN, Who.SUPERVISOR),
    ("midyear.reviewing", A.COMPLETE_MIDYEAR, Who.SUPERVISOR),
    ("rating.drafting", A.SUBMIT_RATING, Who.SUPERVISOR),
    ("calibration.reviewing", A.CONFIRM_RATING, Who.BOARD),
    ("appeal.deciding", A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY),
]


@pytest.mark.parametrize(("name", "action", "who"), CLOSED_BY_SILENCE)
def test_where_silence_moves_the_step_an_act_after_that_instant_has_lapsed(name: str, action: Action, who: Who) -> None:
    lapse = START + DAY
    assert not judged(name, action, who, lapse, lapses_at=lapse).startswith("!")
    assert judged(name, action, who, lapse + timedelta(microseconds=1), lapses_at=lapse) == "!lapsed"


@pytest.mark.parametrize(("name", "action", "who"), LATE_IS_ACCEPTED)
def test_where_silence_only_calls_others_an_act_after_that_instant_is_still_taken(
    name: str, action: Action, who: Who
) -> None:
    assert not judged(name, action, who, START + 2 * DAY, lapses_at=START + DAY).startswith("!")


@pytest.mark.parametrize("meaning", [Silence.STANDS, Silence.GRANT])
def test_where_silence_decides_an_appeal_late_decisions_and_withdrawals_have_lapsed(meaning: Silence) -> None:
    snapshot = standing(S.APPEAL_DECIDING, flow=flow(silence={S.APPEAL_DECIDING: meaning}))
    timing = Timing(**bounded(lapses_at=START))
    for action, who in ((A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY), (A.WITHDRAW_APPEAL, Who.EMPLOYEE)):
        assert outcome(snapshot, wish(snapshot, action, who), START, timing) == "finalisation.running"
        assert outcome(snapshot, wish(snapshot, action, who), START + DAY, timing) == "!lapsed"


def test_an_appeal_may_be_withdrawn_although_its_answer_lapsed() -> None:
    assert judged("appeal.answering", A.WITHDRAW_APPEAL, Who.EMPLOYEE, START + DAY, lapses_at=START) == (
        "finalisation.running"
    )


def test_an_extension_revives_nothing_that_silence_has_settled() -> None:
    over = {"due_at": START, "lapses_at": START}
    assert judged("midyear.drafting", A.EXTEND, Who.HR, START + DAY, **over) == "!lapsed"
    assert judged("rating.drafting", A.EXTEND, Who.HR, START + DAY, **over) == "rating.drafting"


@pytest.mark.parametrize("name", ["execution.running", "appeal.open", "plan.drafting"])
def test_where_nothing_is_due_there_is_nothing_to_extend(name: str) -> None:
    """In execution, while a result waits to be delivered, and wherever a pack counts no days."""
    snapshot, nothing_due = NAMED[name], Timing(**bounded())
    assert judged(name, A.EXTEND, Who.HR, START) == "!not_now"
    assert A.EXTEND not in lifecycle.allowed(snapshot, Who.HR, [Who.HR.role], START, nothing_due)
    granted_before = wish(snapshot, A.EXTEND, Who.HR)
    (event,) = lifecycle.apply(snapshot, granted_before, START, nothing_due)
    assert event.action is A.EXTEND, "one that was taken replays"


def test_in_execution_nothing_is_extended_whatever_is_known_of_its_time() -> None:
    snapshot = NAMED["execution.running"]
    assert A.EXTEND not in lifecycle.allowed(snapshot, Who.HR, [Who.HR.role], START, None)


def test_a_step_that_silence_holds_is_never_closed_by_it() -> None:
    for state in (S.MIDYEAR_DRAFTING, S.SELF_ASSESSMENT_DRAFTING, S.APPEAL_ANSWERING):
        snapshot = standing(
            state, flow=flow(silence={state: Silence.HOLD}), period=1 if state is S.MIDYEAR_DRAFTING else None
        )
        assert outcome(snapshot, engine_wish(E.LAPSE)) == state.value
        action, who = next((a, w) for n, a, w in CLOSED_BY_SILENCE if n == state.value)
        assert not outcome(
            snapshot, wish(snapshot, action, who), START + DAY, Timing(**bounded(lapses_at=START))
        ).startswith("!")


def test_an_act_after_the_due_instant_is_marked_late_and_one_on_it_is_not() -> None:
    for at, late in ((START, None), (START + timedelta(microseconds=1), True)):
        snapshot = NAMED["plan.drafting"]
        (event,) = lifecycle.apply(
            snapshot, wish(snapshot, A.SUBMIT_PLAN, Who.EMPLOYEE), at, Timing(**bounded(due_at=START))
        )
        assert event.data.late is late


def test_only_the_work_that_was_waited_on_is_late() -> None:
    for name, action, who in (
        ("plan.reviewing", A.RECALL_PLAN, Who.EMPLOYEE),
        ("appeal.answering", A.WITHDRAW_APPEAL, Who.EMPLOYEE),
        ("plan.reviewing", A.EXTEND, Who.HR),
    ):
        snapshot = NAMED[name]
        (event,) = lifecycle.apply(snapshot, wish(snapshot, action, who), START + DAY, Timing(**bounded(due_at=START)))
        assert event.data.late is None


# ── which instants are judged by ─────────────────────────────────────────────────────────────────────────────────────

FILING = ("midyear.drafting", A.SUBMIT_MIDYEAR, Who.EMPLOYEE)


def filed(at: datetime, engine: Mapping[str, Any] | None, door: Mapping[str, Any] | None, **visit: Any) -> str:
    snapshot = NAMED["midyear.drafting"]
    snapshot = snapshot.model_copy(update={"visit": snapshot.visit.model_copy(update=visit)})
    command = wish(snapshot, A.SUBMIT_MIDYEAR, Who.EMPLOYEE, bounds=Bounds(**door) if door else None)
    return outcome(snapshot, command, at, Timing(**engine) if engine else None)


def test_a_filing_inside_an_extension_just_granted_is_not_refused() -> None:
    stale, fresh = bounded(facts=1, lapses_at=START), bounded(facts=2, lapses_at=START + 2 * DAY)
    assert filed(START + DAY, stale, fresh) == "midyear.reviewing"
    assert filed(START + DAY, fresh, stale) == "midyear.reviewing"
    assert filed(START + DAY, stale, stale) == "!lapsed"


def test_a_shortening_the_engine_knows_of_outranks_what_an_older_door_saw() -> None:
    assert filed(START + DAY, bounded(facts=2, lapses_at=START), bounded(facts=1, lapses_at=START + 2 * DAY)) == (
        "!lapsed"
    )


def test_of_two_sights_of_the_same_facts_the_later_end_holds() -> None:
    short, long = bounded(lapses_at=START), bounded(lapses_at=START + 2 * DAY)
    assert filed(START + DAY, short, long) == filed(START + DAY, long, short) == "midyear.reviewing"


def test_an_extension_holds_from_the_moment_it_is_granted() -> None:
    short = bounded(due_at=START, lapses_at=START)
    assert filed(START + DAY, short, short, extended_to=START + 2 * DAY) == "midyear.reviewing"
    assert filed(START + 3 * DAY, short, short, extended_to=START + 2 * DAY) == "!lapsed"


def test_the_instants_of_an_earlier_visit_bind_nobody() -> None:
    gone = bounded(visit=4, lapses_at=START)
    assert filed(START + DAY, gone, gone) == "midyear.reviewing"
