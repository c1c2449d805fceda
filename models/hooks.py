"""What other programs are told as it happens (webhooks): which event of a trail is of which kind, in which words, and signed how.

Pure. The scheme is that of Standard Webhooks. A message says that something happened and to which appraisal or cycle, and nothing of
a person: whoever may know more asks the api.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from models.trail_actions import TrailAction
from models.vocabulary import Action, State

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""As long as the scheme lets a key be."""


class HookKind(StrEnum):
    """What an endpoint may ask for. Every event is of one kind at most, the one that tells most."""

    STATE_CHANGED = "appraisal.state_changed"
    FINAL = "appraisal.final"
    REOPENED = "appraisal.reopened"
    CYCLE_OPENED = "cycle.opened"
    CYCLE_CLOSING = "cycle.closing"
    CYCLE_CLOSED = "cycle.closed"
    CYCLE_CANCELLED = "cycle.cancelled"
    LABEL_SET = "label.set"


OF_CYCLE: Mapping[str, HookKind] = {
    TrailAction.CYCLE_OPENED: HookKind.CYCLE_OPENED,
    TrailAction.CYCLE_CLOSING: HookKind.CYCLE_CLOSING,
    TrailAction.CYCLE_CLOSED: HookKind.CYCLE_CLOSED,
    TrailAction.CYCLE_CANCELLED: HookKind.CYCLE_CANCELLED,
    TrailAction.LABEL_SET: HookKind.LABEL_SET,
    TrailAction.LABEL_CHANGED: HookKind.LABEL_SET,
}
"""By the action of a cycle's trail. What is not here is told to nobody: much of a cycle's trail is about somebody."""


def kind_of(action: str, from_state: str | None, to_state: str | None) -> HookKind | None:
    """The kind of an event; one of a cycle's trail has no states."""
    if to_state is None:
        return OF_CYCLE.get(action)
    if action == Action.REOPEN:
        return HookKind.REOPENED
    if from_state == to_state:
        return None
    return HookKind.FINAL if to_state == State.FINALISATION_DONE else HookKind.STATE_CHANGED


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it is told. `trail` is the appraisal it is of, or the cycle."""

    kind: str
    trail: str
    cycle: str
    seq: int
    at: datetime

    @property
    def id(self) -> str:
        """The same for every endpoint and every try, and made of nothing but the event's place."""
        return str(uuid5(NAMESPACE_URL, f"siklus:{self.trail}/{self.seq}"))

    def body(self) -> str:
        """What is sent; the same words whenever it is asked for."""
        return json.dumps(
            {
                "type": self.kind,
                "id": self.id,
                "at": self.at.astimezone(UTC).isoformat(),
                "appraisal_id": None if self.trail == self.cycle else self.trail,
                "cycle": self.cycle,
                "seq": self.seq,
            }
        )


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """The keys of one secret, or of two while one replaces the other. Raises `ValueError`, which quotes none of it."""
    keys = tuple(_key(one) for one in secrets.split())
    if not 1 <= len(keys) <= 2:
        raise ValueError("there is one secret, or two while one replaces the other")
    return keys


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise ValueError(f"a secret is {PREFIX} and the base64 of {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes")
    return key


def signed(keys: Sequence[bytes], message: str, at: datetime, body: str) -> Mapping[str, str]:
    """The headers of one try, signed with each key, so that a receiver who knows either believes it."""
    seconds = int(at.timestamp())
    said = f"{message}.{seconds}.{body}".encode()
    made = (base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{one}" for one in made),
    }


def fate_of(status: int) -> Literal["taken", "gone", "later"]:
    """What an answer means. An event stays true, so no answer refuses it for good; 410 asks for no more of any."""
    if 200 <= status < 300:
        return "taken"
    return "gone" if status == 410 else "later"
