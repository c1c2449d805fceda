"""One appraisal played by hand: who acts, what a whole command looks like, and the events it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from models import folding, lifecycle
from models.appraisal import ENGINE_ACTOR, Command, Event, Flow, FormRef, Service, Snapshot, TextRef, Timing
from models.vocabulary import Action, Decision, EngineAction, Exit, Form, Role, Silence, State
from models.ways import RECALLS, RETURNS

START = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
SENTENCE = TextRef(id="text-1", sha256="5" * 64)


class Who(StrEnum):
    """The people around one appraisal; the value is the person's id."""

    EMPLOYEE = "sari"
    SUPERVISOR = "budi"
    SENIOR = "ratna"
    APPEAL_AUTHORITY = "agus"
    APPOINTING_AUTHORITY = "wati"
    BOARD = "tono"
    UNIT_HEAD = "dewi"
    HR = "hasan"
    AUDITOR = "lina"

    @property
    def role(self) -> Role:
        return ROLE_OF[self]


ROLE_OF = {who: Role[who.name] for who in Who}

FORM_SENT = {
    Action.SUBMIT_PLAN: Form.PLAN,
    Action.AMEND_PLAN: Form.PLAN,
    Action.SUBMIT_MIDYEAR: Form.MIDYEAR,
    Action.SUBMIT_SELF_ASSESSMENT: Form.SELF_ASSESSMENT,
    Action.SUBMIT_RATING: Form.RATING,
    Action.FILE_APPEAL: Form.APPEAL,
    Action.ANSWER_APPEAL: Form.ANSWER,
    Action.DECIDE_APPEAL: Form.DECISION,
}
"""The form that the contract names for each action that sends one."""

SILENCE = {
    State.PLAN_DRAFTING: Silence.TAKEOVER,
    State.PLAN_REVIEWING: Silence.TAKEOVER,
    State.MIDYEAR_DRAFTING: Silence.PROCEED_WITHOUT,
    State.MIDYEAR_REVIEWING: Silence.TAKEOVER,
    State.SELF_ASSESSMENT_DRAFTING: Silence.PROCEED_WITHOUT,
    State.RATING_DRAFTING: Silence.TAKEOVER,
    State.CALIBRATION_WAITING: Silence.HOLD,
    State.CALIBRATION_REVIEWING: Silence.ESCALATE,
    State.APPEAL_OPEN: Silence.ACCEPT,
    State.APPEAL_ANSWERING: Silence.PROCEED_WITHOUT,
    State.APPEAL_DECIDING: Silence.ESCALATE,
    State.FINALISATION_RUNNING: Silence.HOLD,
}
"""What the contract's table says happens when a step lapses."""


def flow(**switches: Any) -> Flow:
    """The contract's year, two periods, with some of its stages switched."""
    meanings = SILENCE | switches.pop("silence", {})
    return Flow(**({"periods": 2} | switches), silence=meanings)


def sent(form: Form, period: int | None = None, copy: str = "1") -> FormRef:
    return FormRef(form=form, period=period, copy_id=f"{form.value}-{period or 0}-{copy}", sha256="f" * 64, version=1)


def wish(snapshot: Snapshot, action: Action, who: Who, at: datetime = START, **more: Any) -> Command:
    """A command of that person that lacks nothing."""
    form = FORM_SENT.get(action)
    whole: dict[str, Any] = {
        "role": who.role,
        "actor": who.value,
        "comment": SENTENCE,
        "form": sent(form, snapshot.period if form is Form.MIDYEAR else None, str(snapshot.seq)) if form else None,
        "key_hash": f"{snapshot.seq:016x}",
        "fingerprint": f"{action.value}/{who.value}",
    }
    needed: dict[Action, dict[str, Any]] = {
        Action.SUBMIT_PLAN: {"keeps_visit": True},
        Action.SUBMIT_MIDYEAR: {"keeps_visit": True},
        Action.DECIDE_APPEAL: {"decision": Decision.STANDS},
        **{action: {"keeps_own_days": True} for action in RECALLS},
        **{action: {"keeps_days": True, "keeps_takeover": True, "keeps_own_days": True} for action in RETURNS},
        Action.RECORD_DELIVERY: {"delivered_at": at},
        Action.EXTEND: {"due_at": at + timedelta(days=7)},
        Action.REASSIGN: {"supervisor": "new-supervisor", "keeps_takeover": False},
        Action.REOPEN: {"to": State.RATING_DRAFTING, "authority": SENTENCE},
    }
    return Command(action=action, **(whole | needed.get(action, {}) | more))


MAY = date(2027, 5, 3)


def engine_wish(action: EngineAction, **more: Any) -> Command:
    """A move of the engine that lacks nothing; a personnel decision is of the third of May, an exit a retirement."""
    needed: dict[EngineAction, dict[str, Any]] = {
        EngineAction.CLOSE_SEGMENT: {"day": MAY},
        EngineAction.BEGIN_LEAVE: {"day": MAY},
        EngineAction.END_LEAVE: {"day": MAY},
        EngineAction.EXIT: {"day": MAY, "exit": Exit.RETIRE},
        EngineAction.END_UNRATED: {"service": Service(served=1, needed=3, unit="months")},
    }
    return Command(action=action, role=Role.ENGINE, actor=ENGINE_ACTOR, **(needed.get(action, {}) | more))


def outcome(snapshot: Snapshot, command: Command, at: datetime = START, timing: Timing | None = None) -> str:
    """Where a command leads: the next state, or `!code` where it is refused."""
    try:
        lifecycle.check(snapshot, command, at, timing)
        return lifecycle.apply(snapshot, command, at, timing)[-1].to_state.value
    except lifecycle.Refused as refusal:
        return f"!{refusal.code}"


@dataclass
class Play:
    """A year from its first event; every act comes a day after the one before. A given rating is scored at once."""

    flow: Flow = field(default_factory=flow)
    at: datetime = START
    timing: Timing | None = None
    events: list[Event] = field(default_factory=list)
    snapshot: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        first = lifecycle.begin(
            Snapshot(appraisal_id="appraisal-1", subject=Who.EMPLOYEE.value, flow=self.flow), self.at
        )
        self.events.append(first)
        self.snapshot = folding.born(first)

    @property
    def state(self) -> State:
        return self.snapshot.state

    def take(self, command: Command) -> Play:
        for event in lifecycle.apply(self.snapshot, command, self.at, self.timing):
            self.snapshot = folding.evolve(self.snapshot, event)
            self.events.append(event)
        if folding.needs_scoring(self.snapshot):
            self.engine(EngineAction.SCORE, outcome_id=f"outcome-of-{folding.rated_copy(self.snapshot)}")
        return self

    def act(self, action: Action, who: Who, **more: Any) -> Play:
        self.at += timedelta(days=1)
        return self.take(wish(self.snapshot, action, who, self.at, **more))

    def engine(self, action: EngineAction, **more: Any) -> Play:
        self.at += timedelta(minutes=1)
        return self.take(engine_wish(action, **more))

    def tried(self, action: Action, who: Who, **more: Any) -> str:
        """What would come of it: the next state, or `!code`."""
        return outcome(self.snapshot, wish(self.snapshot, action, who, self.at, **more), self.at, self.timing)

    # ── to a place in the year ──────────────────────────────────────────────────────────────────────────────────────

    def planned(self) -> Play:
        return self.act(Action.SUBMIT_PLAN, Who.EMPLOYEE).act(Action.APPROVE_PLAN, Who.SUPERVISOR)

    def reviewed(self) -> Play:
        """Through every period that is left."""
        while self.snapshot.periods_done < self.flow.periods:
            self.engine(EngineAction.OPEN_WINDOW)
            self.act(Action.SUBMIT_MIDYEAR, Who.EMPLOYEE).act(Action.COMPLETE_MIDYEAR, Who.SUPERVISOR)
        return self

    def to_rating(self) -> Play:
        self.planned().reviewed().engine(EngineAction.OPEN_WINDOW)
        return self.act(Action.SUBMIT_SELF_ASSESSMENT, Who.EMPLOYEE) if self.flow.self_assessment else self

    def rated(self) -> Play:
        return self.to_rating().act(Action.SUBMIT_RATING, Who.SUPERVISOR)

    def appealed(self) -> Play:
        return self.rated().act(Action.FILE_APPEAL, Who.EMPLOYEE)

    def archived(self) -> Play:
        return self.engine(EngineAction.ARCHIVE)
