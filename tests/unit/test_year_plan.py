"""The people of a rehearsed year: whatever the seed, thirty of them show everything, and nobody acts out of turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.year_plan import (
    APPEALS,
    SHOW_ALL_FROM,
    WHY_RATED_SO,
    Act,
    Character,
    Close,
    Manner,
    Subject,
    cast,
    labellings,
    next_act,
    slot,
)
from models import folding, lifecycle, timetable
from models.appraisal import Event, Snapshot
from models.circumstances import Circumstances
from models.policy import PolicyPack
from models.shelf import load
from models.vocabulary import Action, Ending, EngineAction, Form, Label, Silence, State, Zone
from models.ways import FORM_OF
from models.windows import resolve
from models.workdays import AgencyDays, PersonClock
from tests.unit.lifecycle_play import Who, engine_wish, sent, wish

OPENED = datetime(2026, 11, 22, 4, tzinfo=UTC)
LABELLED = datetime(2028, 1, 4, 4, tzinfo=UTC)
SEEDS = range(40)
PACK = load("permenpanrb-6-2022")
ACHIEVED = load("denpasar-capaian")
PLAIN = Character(rated=PACK.examples[4], on_appeal=PACK.examples[2])
CLOCK = PersonClock.of(Zone.WIB, 5, AgencyDays())


def everybody(count: int) -> list[Subject]:
    """As in an agency: the first has nobody to appeal to, the next two no senior supervisor."""
    return [Subject(f"p{n:03}", has_senior=n > 2, may_appeal=n > 0) for n in range(count)]


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_people_show_everything_whatever_the_seed(seed: int) -> None:
    played = cast(everybody(SHOW_ALL_FROM), seed, PACK.examples).values()
    assert {c.close for c in played} == set(Close)
    assert {c.plan for c in played} == set(Manner)
    assert {Manner.NEVER} <= {c.midyear for c in played} & {c.self_assessment for c in played}
    assert {c.supervisor_silent_at for c in played} == {None, State.PLAN_REVIEWING, State.RATING_DRAFTING}
    assert all(one in [c.rated for c in played] for one in PACK.examples)
    assert any(c.plan_returned for c in played)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_given_a_part_that_her_line_cannot_carry(seed: int) -> None:
    subjects = everybody(60)
    played = cast(subjects, seed, PACK.examples)
    for subject in subjects:
        character = played[subject.id]
        assert subject.has_senior or character.supervisor_silent_at is None
        assert subject.may_appeal or character.close not in APPEALS


@pytest.mark.parametrize("seed", SEEDS)
def test_every_unit_is_labelled_some_late_and_one_a_second_time(seed: int) -> None:
    units = [f"u{n}" for n in range(11)]
    found = labellings(units, 2027, seed)
    assert found == sorted(found, key=lambda one: one.at)
    times = Counter(one.unit for one in found)
    assert (set(times), sorted(times.values())) == (set(units), [1] * 10 + [2])
    assert all(slot(one.at) == one.at for one in found)
    due = datetime(2028, 1, 20, 17, tzinfo=UTC)
    first = {one.unit: one for one in reversed(found)}
    assert sum(1 for one in first.values() if one.at > due) == 2
    assert sum(1 for one in first.values() if one.at < datetime(2027, 12, 15, tzinfo=UTC)) == 1
    (again,) = (unit for unit, count in times.items() if count == 2)
    assert len({one.label for one in found if one.unit == again}) == 2


def test_the_head_of_a_unit_is_given_no_rating_that_only_he_would_show() -> None:
    subjects = [replace(one, heads=n < 12) for n, one in enumerate(everybody(SHOW_ALL_FROM))]
    for seed in SEEDS:
        played = cast(subjects, seed, PACK.examples)
        shown = [played[s.id].rated for s in subjects if not s.heads]
        assert all(one in shown for one in PACK.examples)


def test_most_are_on_time_and_most_are_good() -> None:
    played = cast(everybody(500), 1, PACK.examples).values()
    assert Counter(c.rated.label for c in played)[Label.BAIK] > 350
    assert sum(1 for c in played if c.plan is Manner.PROMPT) > 400
    assert sum(1 for c in played if c.close is Close.ACCEPT) > 325


def test_the_same_seed_gives_the_same_year() -> None:
    assert cast(everybody(50), 9, PACK.examples) == cast(everybody(50), 9, PACK.examples)
    assert cast(everybody(50), 9, PACK.examples) != cast(everybody(50), 10, PACK.examples)


@pytest.mark.parametrize("hours", range(0, 24 * 8, 5))
def test_a_slot_is_a_weekday_and_never_in_the_past(hours: int) -> None:
    at = OPENED + timedelta(hours=hours)
    found = slot(at)
    assert at <= found < at + timedelta(days=3)
    assert found.weekday() < 5
    assert slot(found) == found


def test_an_appeal_that_is_granted_gives_the_next_better_label_and_the_best_another_rating() -> None:
    order = list(Label)
    for character in cast(everybody(200), 3, PACK.examples).values():
        before, after = order.index(character.rated.label), order.index(character.on_appeal.label)
        assert after == (before - 1 if before else 1)
        assert character.on_appeal.rating != character.rated.rating


def test_an_appeal_changes_the_rating_and_never_what_was_planned() -> None:
    found = cast(everybody(200), 3, ACHIEVED.examples).values()
    assert {bool(one.rated.plan) for one in found} == {True, False}
    assert all(one.on_appeal.plan == one.rated.plan for one in found)


@pytest.mark.parametrize("manner", [Manner.PROMPT, Manner.LATE, Manner.NEVER])
def test_who_is_to_be_rated_by_an_example_plans_by_it(manner: Manner) -> None:
    routine = next(one for one in ACHIEVED.examples if one.plan)
    snapshot = folding.born(
        lifecycle.begin(Snapshot(appraisal_id="a", subject=Who.EMPLOYEE.value, flow=ACHIEVED.flow()), OPENED)
    )
    timing = timetable.timing(snapshot, ACHIEVED, Circumstances(resolve(ACHIEVED, 2027), CLOCK), 1)
    act = next_act(Character(rated=routine, on_appeal=routine, plan=manner), snapshot, timing, OPENED)
    assert act is not None
    assert act.changes == routine.plan


# ── a whole year, on the lifecycle and the timetable alone ──────────────────────────────────────────────────────────

ENDINGS = {
    Close.ACCEPT: Ending.ACCEPTED,
    Close.ONLY_READ: Ending.ACCEPTED_BY_LAPSE,
    Close.UNREACHED: Ending.ACCEPTED_BY_LAPSE,
    Close.APPEAL_STANDS: Ending.STANDS,
    Close.APPEAL_CHANGED: Ending.CHANGED,
    Close.APPEAL_WITHDRAWN: Ending.WITHDRAWN,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_character_reaches_the_ending_it_was_given(seed: int) -> None:
    for character in cast([Subject(f"p{n}") for n in range(SHOW_ALL_FROM)], seed, PACK.examples).values():
        trail = played(PACK, character)
        assert trail[-1].data.ending is ENDINGS[character.close], character


def test_somebody_prompt_is_reminded_of_nothing() -> None:
    for pace in (0.05, 0.3, 0.5, 0.7, 0.9):
        trail = played(PACK, replace(PLAIN, pace=pace))
        assert not [event.data.rung for event in trail if event.action is EngineAction.REACH_RUNG]


@pytest.mark.parametrize(
    ("character", "lasting"),
    [
        (replace(PLAIN, plan=Manner.LATE), "late"),
        (replace(PLAIN, midyear=Manner.LATE), "late"),
        (replace(PLAIN, self_assessment=Manner.LATE), "late"),
        (replace(PLAIN, plan=Manner.NEVER), "takeover"),
        (replace(PLAIN, supervisor_silent_at=State.PLAN_REVIEWING), "takeover"),
        (replace(PLAIN, supervisor_silent_at=State.RATING_DRAFTING), "takeover"),
    ],
)
def test_who_is_late_or_replaced_stands_in_the_trail(character: Character, lasting: str) -> None:
    for pace in (0.05, 0.5, 0.9):
        trail = played(PACK, replace(character, pace=pace))
        assert any(getattr(event.data, lasting) for event in trail)


@pytest.mark.parametrize(
    ("state", "character"),
    [
        (State.PLAN_DRAFTING, replace(PLAIN, plan=Manner.NEVER)),
        (State.MIDYEAR_DRAFTING, replace(PLAIN, midyear=Manner.NEVER)),
        (State.APPEAL_OPEN, replace(PLAIN, close=Close.ONLY_READ)),
        (State.APPEAL_OPEN, replace(PLAIN, close=Close.UNREACHED)),
    ],
)
def test_where_a_pack_lets_nothing_go_on_without_her_her_year_ends_all_the_same(
    state: State, character: Character
) -> None:
    holding = PACK.steps | {state: PACK.steps[state].model_copy(update={"silence": Silence.HOLD})}
    trail = played(PACK.model_copy(update={"steps": holding}), character)
    assert any(event.action is EngineAction.LAPSE and event.from_state is state for event in trail)
    assert trail[-1].data.ending is Ending.ACCEPTED


def test_who_rates_and_the_board_say_why_unasked_in_case_the_pattern_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = PACK.model_dump(mode="json")
    data["stages"]["calibration"] = "label_and_board"
    planned: list[Act | None] = []
    asked = next_act

    def noted(*what: Any) -> Act | None:
        planned.append(asked(*what))
        return planned[-1]

    monkeypatch.setitem(globals(), "next_act", noted)
    played(PolicyPack.model_validate(data), PLAIN)
    said = {act.action: act.body.get("comment") for act in planned if act is not None}
    assert said[Action.SUBMIT_RATING] == said[Action.CONFIRM_RATING] == WHY_RATED_SO


def played(pack: PolicyPack, character: Character) -> list[Event]:
    """One year as the master clock plays it, without an engine: the least of act and moment comes next."""
    first = lifecycle.begin(Snapshot(appraisal_id="a", subject=Who.EMPLOYEE.value, flow=pack.flow()), OPENED)
    trail, snapshot, now, windows = [first], folding.born(first), OPENED, resolve(pack, 2027)
    for _ in range(200):
        if snapshot.state in (State.FINALISATION_RUNNING, State.FINALISATION_DONE):
            return trail
        timing = timetable.timing(snapshot, pack, Circumstances(windows, CLOCK, label=1, label_at=LABELLED), 1)
        act = next_act(character, snapshot, timing, now)
        moment = timing.moments[0] if timing.moments else None
        if act is not None and (moment is None or act.at < moment.wake):
            now = act.at
            form = FORM_OF.get(act.action)
            copy = sent(form, snapshot.period if form is Form.MIDYEAR else None, str(snapshot.seq)) if form else None
            versions = sum(1 for event in trail if event.data.form and event.data.form.form is form)
            command = wish(
                snapshot, act.action, Who[act.role.name], now, decision=act.changes.get("decision")
            ).model_copy(update={"form": copy.model_copy(update={"version": versions + 1}) if copy else None})
        else:
            assert moment is not None, f"nothing can happen in {snapshot.state}"
            now = moment.wake
            rung = moment.key if moment.action is EngineAction.REACH_RUNG else None
            label = int(moment.key) if moment.action is EngineAction.RECEIVE_LABEL else None
            command = engine_wish(moment.action, rung=rung, label=label)
        for event in lifecycle.apply(snapshot, command, now, timing):
            snapshot = folding.evolve(snapshot, event)
            trail.append(event)
    raise AssertionError(f"the year does not end: {[event.action.value for event in trail][-8:]}")
