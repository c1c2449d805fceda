"""Delegation: a supervisor lets somebody act in her place for some days, with both names on what is done (DOMAIN 3.10).

Lent are the acts of the supervisor, of the senior supervisor and of the appeal authority, and only what is one's own: what was borrowed
is never lent on. Days are local dates of the employee concerned, the last one counts, and the lender keeps her own rights meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

LONGEST = timedelta(days=366)
"""A delegation bridges an absence; who is gone for longer needs an acting official."""


class DelegationState(StrEnum):
    """Where an offer stands; past its last day it is over whatever is written here."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


LIVE = frozenset({DelegationState.OFFERED, DelegationState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Delegation:
    """`delegate` acts for `principal` from `start` until `until`, both days included."""

    principal: UUID
    delegate: UUID
    start: date
    until: date
    state: DelegationState = DelegationState.ACCEPTED

    def covers(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.state is DelegationState.ACCEPTED and self.start <= day <= self.until

    def meets(self, other: Delegation) -> bool:
        """Whether both are alive and share a day."""
        both = self.state in LIVE and other.state in LIVE
        return both and self.start <= other.until and other.start <= self.until


Refusal = Literal[
    "delegation_to_oneself",
    "delegation_reversed",
    "delegation_in_past",
    "delegation_too_long",
    "delegation_to_subject",
    "delegation_circle",
    "delegation_chain",
    "delegation_exists",
]


def refusal(
    wanted: Delegation, others: Iterable[Delegation], today: date, subjects: Collection[UUID] = ()
) -> Refusal | None:
    """Why this offer cannot be made; None where it can.

    `others` are all that were offered or accepted; `subjects` those about whom the principal decides. An offer to one of many is good
    and does not reach her own appraisal; an offer to the only one would reach nothing.
    """
    if wanted.principal == wanted.delegate:
        return "delegation_to_oneself"
    if wanted.until < wanted.start:
        return "delegation_reversed"
    if wanted.start < today:
        return "delegation_in_past"
    if wanted.until - wanted.start >= LONGEST:
        return "delegation_too_long"
    if subjects and set(subjects) <= {wanted.delegate}:
        return "delegation_to_subject"
    near = [other for other in others if other.meets(wanted)]
    if wanted.principal in _reached_from(wanted.delegate, near):
        return "delegation_circle"
    if any(other.principal == wanted.delegate or other.delegate == wanted.principal for other in near):
        return "delegation_chain"
    if any((other.principal, other.delegate) == (wanted.principal, wanted.delegate) for other in near):
        return "delegation_exists"
    return None


def _reached_from(person: UUID, lent: Collection[Delegation]) -> set[UUID]:
    """To whom a right lent by this person would travel if it could travel on."""
    reached: set[UUID] = set()
    ask = [person]
    while ask:
        lender = ask.pop()
        new = {one.delegate for one in lent if one.principal == lender} - reached
        reached |= new
        ask.extend(new)
    return reached


def delegates_on(principal: UUID, day: date, delegations: Iterable[Delegation]) -> tuple[UUID, ...]:
    """Who acts for that person on that day, each once, the longest in office first."""
    found = sorted(
        (one.start, str(one.delegate)) for one in delegations if one.principal == principal and one.covers(day)
    )
    return tuple(dict.fromkeys(UUID(delegate) for _, delegate in found))
