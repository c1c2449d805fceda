"""When the organisation's label reaches a result that waits for it, or rests on another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.appraisal import Flow, Snapshot, Visit
from models.circumstances import Circumstances
from models.shelf import load
from models.timetable import timing
from models.vocabulary import EngineAction, State, Zone
from models.windows import resolve
from models.workdays import PersonClock

WIB5 = PersonClock.of(Zone.WIB, 5)
LABELLED_PACK = load("permenpanrb-6-2022")
ENTERED = datetime(2027, 12, 20, 3, tzinfo=UTC)


def labels_of(
    state: State, *, received: int | None, known: int | None, at: datetime = ENTERED
) -> list[tuple[str, datetime]]:
    flow = LABELLED_PACK.flow()
    snapshot = Snapshot(
        appraisal_id="a", subject="s", flow=flow, state=state, label=received, visit=Visit(no=1, entered_at=ENTERED)
    )
    around = Circumstances(resolve(LABELLED_PACK, 2027), WIB5, label=known, label_at=at)
    moments = timing(snapshot, LABELLED_PACK, around, 1).moments
    return [(m.key, m.wake) for m in moments if m.action is EngineAction.RECEIVE_LABEL]


def test_a_label_known_before_a_rating_comes_with_it_and_costs_no_timer() -> None:
    earlier = ENTERED - timedelta(days=30)
    assert labels_of(State.CALIBRATION_WAITING, received=None, known=7, at=earlier) == [("7", ENTERED)]


def test_a_label_that_is_waited_for_comes_when_it_is_set_and_is_not_spread() -> None:
    later = ENTERED + timedelta(days=30)
    assert labels_of(State.CALIBRATION_WAITING, received=None, known=7, at=later) == [("7", later)]
    assert labels_of(State.CALIBRATION_WAITING, received=None, known=None) == []


@pytest.mark.parametrize(
    "state", [State.CALIBRATION_REVIEWING, State.APPEAL_OPEN, State.APPEAL_ANSWERING, State.APPEAL_DECIDING]
)
def test_an_open_result_is_told_of_another_label_than_it_rests_on(state: State) -> None:
    assert labels_of(state, received=7, known=7) == []
    assert labels_of(state, received=7, known=8) == [("8", ENTERED)]


def test_a_rating_sent_back_by_the_board_is_labelled_again_by_the_label_it_had() -> None:
    assert labels_of(State.CALIBRATION_WAITING, received=7, known=7) == [("7", ENTERED)]


@pytest.mark.parametrize("state", [State.RATING_DRAFTING, State.EXECUTION_RUNNING, State.FINALISATION_DONE])
def test_a_label_means_nothing_before_the_rating_and_after_the_end(state: State) -> None:
    assert labels_of(state, received=None, known=3) == []


def test_a_year_of_a_pack_that_knows_no_labels_waits_for_none() -> None:
    snapshot = Snapshot(
        appraisal_id="a", subject="s", flow=Flow(), state=State.APPEAL_OPEN, visit=Visit(no=1, entered_at=ENTERED)
    )
    around = Circumstances(resolve(LABELLED_PACK, 2027), WIB5, label=3, label_at=ENTERED)
    found = timing(snapshot, LABELLED_PACK, around, 1).moments
    assert EngineAction.RECEIVE_LABEL not in {m.action for m in found}
