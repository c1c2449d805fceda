"""What the public says of a unit's service, and what colleagues say of a new programme: moderated before anybody reads it. Pure.

About a unit, never about a person. It is advice, as what others say of somebody's work is.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from pydantic import Field

from models.appraisal import Frozen

PRAISES_MAX = 20
"""Of one colleague in one cycle."""
SUBSCRIBER_BITS = 64
"""Of an IPv6 address: what one connection is given, and may choose the rest of at will."""


class PublicInput(Frozen):
    """What a pack takes of others about a unit; by default nothing."""

    open: bool = False
    """Anybody may say something of the service of a unit that the cycle is for, without signing in."""
    programmes: bool = False
    """Whoever the cycle is for may praise a new programme; HR makes it visible to others."""
    per_address: int = Field(default=5, ge=1, le=1000)
    """How much of one address is taken on a day."""
    waiting_max: int = Field(default=500, ge=1, le=100_000)
    """So much of one unit may wait for HR; until some of it was read, nothing more is taken."""


class RemarkKind(StrEnum):
    PRAISE = "praise"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"


class RemarkState(StrEnum):
    """Where a remark stands; nobody but HR reads one that is pending or rejected."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    """Whoever stands around a year in that unit reads it, and it is counted."""
    PUBLISHED = "published"
    """Everybody reads it besides, so that others may follow."""
    REJECTED = "rejected"


READ = frozenset({RemarkState.ACCEPTED, RemarkState.PUBLISHED})


class DecisionProblem(StrEnum):
    """Why HR cannot decide so."""

    REASON_MISSING = "reason_missing"
    NOTHING_TO_FOLLOW = "nothing_to_follow"


def decision_problem(
    was: RemarkState, wanted: RemarkState, *, praises_programme: bool, has_reason: bool
) -> DecisionProblem | None:
    """What is wrong with a decision. Only praise of a named programme is published; what is refused, or decided anew, needs a reason."""
    if wanted is RemarkState.PUBLISHED and not praises_programme:
        return DecisionProblem.NOTHING_TO_FOLLOW
    explained = has_reason or (was is RemarkState.PENDING and wanted is not RemarkState.REJECTED)
    return None if explained else DecisionProblem.REASON_MISSING


def network_of(address: str | None) -> str:
    """What counts as one address: an IPv4 address, of IPv6 the network of one connection; whatever else is all one."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, SUBSCRIBER_BITS), strict=False))
    return str(found)


def disguised(address: str | None, salt: str) -> str:
    """What is kept of an address: nobody who lacks the day's salt can tell whose it was, or find it again on another day."""
    return hmac.new(salt.encode(), network_of(address).encode(), hashlib.sha256).hexdigest()
