"""What the body of an action may hold: a comment always, and for HR's actions what the contract names.

A field that does not belong to the action is refused like an unknown one.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from api.named import person_named
from api.problems import FieldProblem, Problem
from models.language import Bilingual
from models.vocabulary import Action, State

TEXT_MAX = 4000
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_MAX)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""Why somebody decides what reaches many; kept in a trail."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _written(value: object) -> object:
    """An instant is written out (RFC 3339); a number is refused."""
    if value is not None and not isinstance(value, str):
        raise ValueError("an instant is text")
    return value


Instant = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST), BeforeValidator(_written)]


def _written_day(value: object) -> object:
    """A day is written out (ISO 8601); a number is refused."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("a day is text, as in 2027-07-01")
    return value


LocalDay = Annotated[date, Field(ge=EARLIEST.date(), le=LATEST.date()), BeforeValidator(_written_day)]

OWN: dict[Action, tuple[str, ...]] = {
    Action.RECORD_DELIVERY: ("at", "proof"),
    Action.EXTEND: ("due_at", "reason"),
    Action.REASSIGN: ("supervisor", "reason"),
    Action.REOPEN: ("to", "reason", "authority"),
    Action.SUSPEND: ("reason",),
    Action.RESUME: ("reason",),
    Action.CANCEL: ("reason",),
    Action.DISPUTE_SUPERVISOR: ("reason",),
}
"""The fields an action has beside `comment`; all of the first four's are needed."""

NEEDED = frozenset({Action.RECORD_DELIVERY, Action.EXTEND, Action.REASSIGN, Action.REOPEN})


class ActBody(BaseModel):
    """The body of `POST /appraisals/{id}/actions/{action}`."""

    model_config = ConfigDict(extra="forbid")

    comment: Sentence | None = None
    reason: Sentence | None = None
    at: Instant | None = None
    proof: Sentence | None = None
    due_at: Instant | None = None
    supervisor: Annotated[str, StringConstraints(pattern=r"^\d{18}$")] | None = None
    """Named and null: the reassignment is cleared, and the line holds again."""
    to: State | None = None
    authority: Sentence | None = None

    @property
    def clears(self) -> bool:
        """Whether it takes a reassignment back."""
        return self.supervisor is None and "supervisor" in self.model_fields_set

    def said(self) -> dict[str, object]:
        """What a key is used for."""
        cleared: dict[str, object] = {"supervisor": None} if self.clears else {}
        return self.model_dump(mode="json", exclude_none=True) | cleared

    def sentence(self) -> str | None:
        """What the trail keeps as the comment: the reason, then what was said beside it; an empty one is none."""
        said = dict.fromkeys(words for words in (self.reason, self.comment) if words)
        return "\n\n".join(said) or None


def refuse_foreign(action: Action, body: ActBody) -> None:
    """Raises `invalid_input` for each field that is another action's."""
    foreign = sorted(set(_given(body)) - set(OWN.get(action, ())))
    if foreign:
        message = Bilingual(id="Isian ini tidak ada pada tindakan ini.", en="This action has no such field.")
        raise Problem("invalid_input", errors=[FieldProblem(f"/{name}", "unknown_field", message) for name in foreign])


def _given(body: ActBody) -> dict[str, object]:
    return body.model_dump(exclude_none=True, exclude={"comment"})


async def wished(connection: AsyncConnection, action: Action, body: ActBody) -> dict[str, object]:
    """The command's own fields from the body. Raises `invalid_input`, `missing_value`."""
    refuse_foreign(action, body)
    given = _given(body)
    if action in NEEDED:
        for name in OWN[action]:
            elsewhere = (name == "reason" and body.comment) or (name == "supervisor" and body.clears)
            if not given.get(name) and not elsewhere:
                raise Problem("missing_value", field=name)
    wish: dict[str, object] = {}
    if body.at is not None:
        wish["delivered_at"] = _utc(body.at)
    if body.due_at is not None:
        wish["due_at"] = _utc(body.due_at)
    if body.to is not None:
        wish["to"] = body.to
    if body.supervisor is not None:
        wish["supervisor"] = await person_named(connection, body.supervisor, "/supervisor")
    return wish


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
