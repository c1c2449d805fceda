"""Who supervises whom from a day on, told to those whose task it becomes or ends, whether HR decided it alone or a file said it of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.outbox import tell_many
from activities.roster_recorded import Span, span_on


@dataclass(frozen=True)
class Handed:
    """Somebody who has another superior from `superior.start` on; `before` is the id of who it was until then."""

    person: str
    superior: Span
    before: str | None = None


def handed_over(person: str, before: Sequence[Span], after: Sequence[Span]) -> Iterator[Handed]:
    """Each day from which on one line has another superior than the other."""
    for day in sorted({span.start for span in (*before, *after)}):
        was, is_now = span_on(before, day), span_on(after, day)
        if is_now is not None and (was is None or not was.same_superior(is_now)):
            yield Handed(person, replace(is_now, start=day), was.supervisor_id if was else None)


def shown(superior: Span) -> Mapping[str, object]:
    """What a trail says of it."""
    return {
        "supervisor": superior.supervisor_id,
        "outside": superior.outside,
        "effective": superior.start.isoformat(),
    }


async def tell_of_supervisors(
    connection: AsyncConnection, handed: Sequence[Handed], at: datetime, actor: str | None
) -> None:
    """Each person and her new supervisor are told at once whose task it is from when on, the one before with the next morning.

    A supervisor who is given several at once has them in one mail, the next morning's.
    """
    hers, new, old = [], [], []
    for one in handed:
        about: Mapping[str, object] = {"from": one.superior.start.isoformat(), "person": one.person}
        superior = one.superior.supervisor_id
        if superior is not None:
            hers.append((one.person, {**about, "person": superior}))
            new.append((superior, about))
        if one.before not in (None, superior):
            old.append((str(one.before), about))
    given = Counter(superior for superior, _ in new)
    alone = {superior for superior, people in given.items() if people == 1}
    await tell_many(connection, hers, "supervisor_changed", at=at, actor=actor, at_once={p for p, _ in hers})
    await tell_many(connection, new, "supervises_now", at=at, actor=actor, at_once=alone)
    await tell_many(connection, old, "supervises_no_more", at=at, actor=actor)
