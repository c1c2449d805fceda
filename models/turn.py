"""Whose turn it is in a state, whoever steps in for him included."""

from __future__ import annotations

from models.vocabulary import Role, State
from models.ways import WAITS_ON, WAYS

STAND_IN = frozenset(w.source for w in WAYS if Role.SENIOR in w.roles and WAITS_ON[w.source] is Role.SUPERVISOR)
"""Where the senior supervisor acts in the supervisor's place once she has taken over."""


def roles_in_turn(state: State, *, takeover: bool, lapsed: bool, level: int) -> frozenset[Role]:
    """The roles an appraisal waits on; `level` is how often the step was handed on. None where it waits on nobody."""
    turn = {WAITS_ON[state]}
    if state is State.PLAN_DRAFTING and lapsed:
        turn.add(Role.SUPERVISOR)
    if state is State.CALIBRATION_REVIEWING and level > 0:
        turn.add(Role.APPOINTING_AUTHORITY)
    if takeover and state in STAND_IN:
        turn.add(Role.SENIOR)
    return frozenset(role for role in turn if role is not None)
