"""Whatever people and the engine do, in whatever order: what must hold of every year of every pack, found by walking at random."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import folding, lifecycle
from models.appraisal import Command, Event, Flow, Snapshot
from models.trail import breaks
from models.vocabulary import Action, Decision, EngineAction, Exit, Role, Silence, Stage, State
from models.ways import RECALLED_TO, RECALLS, SILENCES, WAITS_ON, WAYS
from tests.unit.lifecycle_play import SILENCE, START, Play, Who, engine_wish, wish

A, E, S = Action, EngineAction, State

FLOWS = st.builds(
    Flow,
    periods=st.sampled_from([0, 1, 2, 4, 12]),
    self_assessment=st.booleans(),
    needs_label=st.booleans(),
    board=st.booleans(),
    appeal=st.booleans(),
    last_segment=st.booleans(),
    silence=st.fixed_dictionaries({state: st.sampled_from(sorted(meanings)) for state, meanings in SILENCES.items()}),
)
WALKS = st.lists(st.integers(0, 2**16), max_size=30)
ROUNDS = settings(max_examples=40)


Asked = AbstractSet[tuple[Action | EngineAction, Role]]


def moves(snapshot: Snapshot, asked: Asked | None = None) -> Iterator[Command]:
    """Everything that anybody and the engine could wish for now, with each value that leads elsewhere."""

    def ask(action: Action | EngineAction, role: Role) -> bool:
        return asked is None or (action, role) in asked

    for who in Who:
        yield from (wish(snapshot, action, who) for action in Action if ask(action, who.role))
    if ask(A.DECIDE_APPEAL, Role.APPEAL_AUTHORITY):
        yield wish(snapshot, A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY, decision=Decision.CHANGED)
    if ask(A.REOPEN, Role.HR):
        yield wish(snapshot, A.REOPEN, Who.HR, to=S.APPEAL_DECIDING)
        yield wish(snapshot, A.REOPEN, Who.HR, to=S.APPEAL_OPEN)
    if ask(E.EXIT, Role.ENGINE):
        yield engine_wish(E.EXIT, exit=Exit.DIE)
    for move in EngineAction:
        if ask(move, Role.ENGINE):
            yield engine_wish(
                move,
                rung="takeover+3" if move is E.REACH_RUNG else None,
                outcome_id=f"outcome-{snapshot.seq}" if move in (E.SCORE, E.RECEIVE_LABEL) else None,
            )


def taken(snapshot: Snapshot) -> list[Command]:
    """The wishes that would be granted, in an order of their own. Only what the table has for this state is asked."""
    here = {(w.action, role) for w in WAYS if w.source is snapshot.state for role in w.roles}
    return [c for c in moves(snapshot, here) if refusal_of(snapshot, c) is None]


@dataclass
class Walk:
    """A play that looks at every event it makes. The year is also folded from what was written and read again."""

    play: Play
    read_again: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        self.read_again = folding.born(written(self.play.events[0]))

    def step(self, choice: int) -> None:
        possible = taken(self.play.snapshot)
        before, known = self.play.snapshot, len(self.play.events)
        self.play.take(possible[choice % len(possible)])
        for event in self.play.events[known:]:
            after = folding.evolve(before, event)
            looked_at(before, event, after)
            before = after
            self.read_again = folding.evolve(self.read_again, written(event))
        assert self.read_again == self.play.snapshot == before
        assert Snapshot.model_validate_json(before.model_dump_json()) == before
        assert Snapshot.model_validate_json(before.model_dump_json(exclude_none=True)) == before


OBJECTION = ("appeal", "answer", "decision")
NOT_GIVEN_YET = {
    S.RATING_DRAFTING: OBJECTION,
    S.CALIBRATION_WAITING: OBJECTION,
    S.CALIBRATION_REVIEWING: OBJECTION,
    S.APPEAL_OPEN: OBJECTION,
    S.APPEAL_ANSWERING: ("answer", "decision"),
    S.APPEAL_DECIDING: ("decision",),
}
"""What of an objection against the rating that stands nobody can have given yet: there is none from an earlier rating either."""

ANOTHER_END = (E.RECEIVE_LABEL, E.CLOSE_SEGMENT, E.EXIT)
"""What is another appraisal to whoever looks at it, though it may stand where it stood."""


def written(event: Event) -> Event:
    """The event as it comes back from where it was stored."""
    return Event.model_validate_json(event.model_dump_json())


def looked_at(before: Snapshot, event: Event, after: Snapshot) -> None:
    """What must hold of every single event."""
    assert event.seq == after.seq == before.seq + 1
    assert (event.previous_hash, after.last_hash) == (before.last_hash, event.hash)
    assert after.version - before.version == int(sight(before) != sight(after) or event.action in ANOTHER_END)
    assert event.version == after.version
    assert event.from_state is before.state
    if before.suspended and event.action not in (A.CANCEL, E.CLOSE_SEGMENT, E.EXIT):
        assert after.state is before.state
    if after.exit is not None and after.revision == 1:
        assert WAITS_ON[after.state] is not Role.EMPLOYEE
    if after.suspended is not None:
        assert after.state.stage is not Stage.FINALISATION
    if event.actor == before.subject:
        assert event.role is Role.EMPLOYEE
    assert (event.role is Role.ENGINE) == isinstance(event.action, EngineAction)
    assert (after.period is not None) == (after.state.stage is Stage.MIDYEAR)
    if after.period is not None:
        assert after.period == after.periods_done + 1
    assert 0 <= after.periods_done <= after.flow.periods
    assert (after.ending is not None) == (after.state.stage is Stage.FINALISATION)
    assert not after.archived or after.state is S.FINALISATION_DONE
    assert after.visit.no >= before.visit.no
    assert (after.visit.no > before.visit.no) or after.state is before.state
    held = after.visit.before
    assert held is None or (after.state in RECALLED_TO and held.before is None)
    if event.action in RECALLS and after.state is not S.EXECUTION_RUNNING:
        assert before.visit.before is not None
        same = {"no": after.visit.no, "review_taken_over": before.visit.takeover}
        assert after.visit == before.visit.before.model_copy(update=same)
    if after.state is S.EXECUTION_RUNNING:
        assert after.plan_in_force is not None
    if after.plan_in_force is not None and after.state.stage is not Stage.PLAN:
        assert after.forms["plan"] == after.plan_in_force
    assert not set(after.forms) & set(NOT_GIVEN_YET.get(after.state, ()))


def sight(s: Snapshot) -> tuple[object, ...]:
    """What the version stands for: state, form, period, suspension, revision."""
    return s.state, s.period, s.forms, s.plan_in_force, s.suspended, s.revision


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────────


@ROUNDS
@given(FLOWS, WALKS)
def test_every_event_of_every_year_holds_what_it_must(flow: Flow, choices: list[int]) -> None:
    walk = Walk(Play(flow))
    for choice in choices:
        walk.step(choice)
    events = walk.play.events
    assert breaks(events) == []
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert folding.replay(written(e) for e in events) == walk.play.snapshot


@ROUNDS
@given(FLOWS, WALKS)
def test_every_key_of_this_revision_is_answered_with_what_it_did(flow: Flow, choices: list[int]) -> None:
    walk = Walk(Play(flow))
    for choice in choices:
        walk.step(choice)
    snapshot = walk.play.snapshot
    acts = {e.data.key_hash: e for e in walk.play.events if e.data.key_hash and e.revision == snapshot.revision}
    assert snapshot.receipts.keys() == acts.keys()
    for key, event in acts.items():
        receipt = snapshot.receipts[key]
        assert (receipt.action, receipt.state, receipt.version, receipt.event_seq, receipt.fingerprint) == (
            event.action,
            event.to_state,
            event.version,
            event.seq,
            event.data.fingerprint,
        )


@ROUNDS
@given(FLOWS, WALKS)
def test_from_wherever_a_year_got_to_it_can_be_brought_to_its_end_without_cancelling(
    flow: Flow, choices: list[int]
) -> None:
    walk = Walk(Play(flow))
    for choice in choices:
        walk.step(choice)
    play = walk.play
    for _ in range(80):
        if play.snapshot.finished:
            break
        play.take(duty(play.snapshot))
    assert play.snapshot.finished
    assert play.snapshot.ending is not None


def duty(s: Snapshot) -> Command:
    """What whoever is waited on does, in a year where everybody does his work."""
    if s.suspended:
        return engine_wish(E.END_LEAVE) if s.suspended.leave else wish(s, A.RESUME, Who.HR)
    acts = {
        S.PLAN_DRAFTING: (A.SUBMIT_PLAN, Who.EMPLOYEE),
        S.PLAN_REVIEWING: (A.APPROVE_PLAN, Who.SUPERVISOR),
        S.MIDYEAR_DRAFTING: (A.SUBMIT_MIDYEAR, Who.EMPLOYEE),
        S.MIDYEAR_REVIEWING: (A.COMPLETE_MIDYEAR, Who.SUPERVISOR),
        S.SELF_ASSESSMENT_DRAFTING: (A.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE),
        S.RATING_DRAFTING: (A.SUBMIT_RATING, Who.SUPERVISOR),
        S.CALIBRATION_REVIEWING: (A.CONFIRM_RATING, Who.BOARD),
        S.APPEAL_OPEN: (A.ACCEPT_RESULT, Who.EMPLOYEE),
        S.APPEAL_ANSWERING: (A.ANSWER_APPEAL, Who.SUPERVISOR),
        S.APPEAL_DECIDING: (A.DECIDE_APPEAL, Who.APPEAL_AUTHORITY),
    }
    happens = {
        S.EXECUTION_RUNNING: E.OPEN_WINDOW,
        S.CALIBRATION_WAITING: E.RECEIVE_LABEL,
        S.FINALISATION_RUNNING: E.ARCHIVE,
        S.FINALISATION_DONE: E.ARCHIVE,
    }
    return engine_wish(happens[s.state]) if s.state in happens else wish(s, *acts[s.state])


@ROUNDS
@given(FLOWS, WALKS)
def test_a_refused_wish_makes_no_event_and_says_one_of_the_known_codes(flow: Flow, choices: list[int]) -> None:
    walk = Walk(Play(flow))
    for choice in choices[:10]:
        walk.step(choice)
    before = walk.play.snapshot.model_dump_json()
    of_a_reopening = {"nothing_to_rate", "no_appeal_filed", "nobody_to_ask"}
    for command in moves(walk.play.snapshot):
        known = {None, "not_yours", "not_now", "suspended"} | (of_a_reopening if command.action is A.REOPEN else set())
        assert refusal_of(walk.play.snapshot, command) in known
    assert walk.play.snapshot.model_dump_json() == before


def refusal_of(snapshot: Snapshot, command: Command) -> str | None:
    try:
        lifecycle.check(snapshot, command, START)
    except lifecycle.Refused as refusal:
        return refusal.code
    return None


# ── every reachable situation of one year ───────────────────────────────────────────────────────────────────────────


def gist(s: Snapshot) -> tuple[object, ...]:
    """What the next step depends on, without what only counts or identifies."""
    return (
        (s.state, s.period, s.periods_done, s.archived),
        *(None if v is None else (v.takeover, v.lapsed, v.review_taken_over) for v in (s.visit, s.visit.before)),
        (s.visit.level > 0, s.visit.delivered_at is not None),
        (s.exit, s.until is not None, s.flow.last_segment),
        (s.plan_in_force is not None, s.plan_before is not None, s.approver, s.approved),
        frozenset(s.forms),
    )


BESIDE_THE_POINT = frozenset(
    {A.REASSIGN, A.DISPUTE_SUPERVISOR, A.EXTEND, A.SUSPEND, A.REOPEN, A.CANCEL, E.SCORE, E.BEGIN_LEAVE}
)
"""They lead nowhere that the others do not, or out of everything at once. (`resume` always leads out of a suspension.)"""


@pytest.mark.parametrize("appeal_silence", [Silence.ESCALATE, Silence.GRANT])
def test_no_reachable_situation_is_without_a_way_out(appeal_silence: Silence) -> None:
    """All situations of a year with every stage, then backwards from its ends; cancelling does not count."""
    flow = Flow(periods=1, needs_label=True, board=True, silence=SILENCE | {S.APPEAL_DECIDING: appeal_silence})
    first = Play(flow).snapshot
    found: dict[tuple[object, ...], Snapshot] = {gist(first): first}
    comes_from: dict[tuple[object, ...], set[tuple[object, ...]]] = {}
    todo = [first]
    while todo:
        snapshot = todo.pop()
        for command in taken(snapshot):
            if command.action in BESIDE_THE_POINT:
                continue
            after = snapshot
            for event in lifecycle.apply(snapshot, command, START):
                before, after = after, folding.evolve(after, event)
                looked_at(before, event, after)
            comes_from.setdefault(gist(after), set()).add(gist(snapshot))
            if gist(after) not in found:
                found[gist(after)] = after
                todo.append(after)
    out = {g for g, s in found.items() if s.finished}
    edge = list(out)
    while edge:
        fresh = comes_from.get(edge.pop(), set()) - out
        out |= fresh
        edge += fresh
    assert {s.state for s in found.values()} == set(State)
    assert [found[g].state for g in found.keys() - out] == []


def test_the_walks_can_take_every_way_of_the_table() -> None:
    """A row that no command of `moves` could ever ask for would be tested by nobody."""
    asked = {(c.action, c.role) for c in moves(Play().snapshot)}
    assert {(w.action, role) for w in WAYS for role in w.roles} <= asked
