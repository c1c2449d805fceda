"""The hash chain: each event covers the one before it, so one changed byte breaks every later link.

The hash is SHA-256 over the event as JSON without its `hash`, without empty fields, keys sorted, no blanks, UTF-8; anybody can
recompute it from the published record without this code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.appraisal import Event

GENESIS = "0" * 64
"""The `previous_hash` of an appraisal's first event."""


def canonical(value: object) -> bytes:
    """The one byte string of a JSON value: keys sorted, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def salted_hash(salt: str, value: object) -> str:
    """The hash that stands in the trail for something that may have to be erased (UU 27/2022): without the salt it says nothing."""
    return sha256(salt.encode() + canonical(value))


def key_hash(key: str) -> str:
    """An idempotency key as the engine keeps it: 64 bits, enough to tell the keys of one appraisal apart."""
    return sha256(key.encode())[:16]


def fingerprint(key: str, action: str, actor: str, body: Mapping[str, object]) -> str:
    """What a key was used for; the same key with another fingerprint is `key_reused`.

    The key is its salt: without it the fingerprint in the trail confirms no guess of what somebody wrote.
    """
    return sha256(canonical([key, action, actor, body]))[:16]


def event_hash(event: Event) -> str:
    return sha256(canonical(event.model_dump(mode="json", exclude={"hash"}, exclude_none=True)))


def sealed(event: Event) -> Event:
    """The event with its own hash; `previous_hash` must already be right."""
    return event.model_copy(update={"hash": event_hash(event)})


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold, and why: `gap`, `link` or `content`."""

    seq: int
    why: str


@dataclass(frozen=True)
class Link:
    """What of an event makes it a link of its chain; `own_hash` is what its content comes to."""

    seq: int
    previous_hash: str
    hash: str
    own_hash: str


def breaks(events: Iterable[Event], *, start: str = GENESIS) -> Sequence[Break]:
    """Every place where this chain of one appraisal, in order from its first event, does not hold."""
    return broken((Link(one.seq, one.previous_hash, one.hash, event_hash(one)) for one in events), start=start)


def broken(links: Iterable[Link], *, start: str = GENESIS) -> Sequence[Break]:
    """Every place where a chain of whichever trail, in order from its first link, does not hold."""
    found: list[Break] = []
    previous, seq = start, 0
    for link in links:
        if link.seq != seq + 1:
            found.append(Break(link.seq, "gap"))
        if link.previous_hash != previous:
            found.append(Break(link.seq, "link"))
        if link.own_hash != link.hash:
            found.append(Break(link.seq, "content"))
        previous, seq = link.hash, link.seq
    return found
