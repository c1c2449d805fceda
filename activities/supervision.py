"""Who supervises whom from a day on, told to those whose task it becomes or ends, whether HR decided it alone or a file said it of many."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.outbox import tell_many
from activities.people import People
from activities.roster_recorded import Span, span_on
from models.line import NOBODY, Line, Officer, Standing
from models.officers import supervisor_on
from models.workdays import ONE_DAY

STARTS = text(
    """
    SELECT person_id AS post, valid_from FROM tenure WHERE valid_from >= :since
    UNION SELECT acting_for, valid_from FROM acting WHERE valid_from >= :since
    """
)
"""When somebody begins in a post, or to act in it."""


@dataclass(frozen=True)
class Handed:
    """Who supervises somebody from a day on, None where nobody begins then, and who was to and does not any more; all by id."""

    person: str
    start: date
    superior: str | None
    no_more: Collection[str]


def other_superiors(before: Sequence[Span], after: Sequence[Span]) -> Iterator[Span]:
    """Each stretch of a line, from the day on from which its superior is another than by the line of before."""
    for day in sorted({span.start for span in (*before, *after)}):
        was, is_now = span_on(before, day), span_on(after, day)
        if is_now is not None and (was is None or not was.same_superior(is_now)):
            yield replace(is_now, start=day)


def first_other(before: Sequence[Span], after: Sequence[Span]) -> date | None:
    """The first day on which a line begins something that it did not, or no more what it did; None where it only ends otherwise."""
    was, is_now = ({(span.start, span.supervisor_id, span.outside) for span in line} for line in (before, after))
    return min((start for start, _, _ in was ^ is_now), default=None)


def shown(superior: Span) -> Mapping[str, object]:
    """What a trail says of it."""
    return {
        "supervisor": superior.supervisor_id,
        "outside": superior.outside,
        "effective": superior.start.isoformat(),
    }


def handed_over(person: str, days: Collection[date], before: Line, after: Line, today: date) -> Iterator[Handed]:
    """What somebody and her superiors do not know yet: on each of these days, who really begins, and who ends or does not begin after all.

    Whoever holds a post in which another acts, or is still to come, supervises nobody; but no holder is told that somebody acts for him.
    What began on an earlier day is told where it holds today.
    """
    now = _acts(person, today, after).person_id
    for day in sorted(days):
        was_eve, was = (_acts(person, on, before).person_id for on in (day - ONE_DAY, day))
        at_eve, acts = (_acts(person, on, after) for on in (day - ONE_DAY, day))
        eve, new = at_eve.person_id, acts.person_id
        off = was not in (None, was_eve, new)
        begins = (new != was or was == was_eve) if new != eve else off
        ends = new != eve and (was_eve != eve or was == eve)
        gone = {one for one, told in ((eve, ends), (was, off)) if told} - {None, new}
        if acts.standing in (Standing.PLT, Standing.PLH):
            gone -= {acts.post}
        if day < today:
            begins, gone = begins and new == now, gone - {now}
        superior = str(new) if begins and new is not None else None
        if superior is not None or gone:
            yield Handed(person, day, superior, sorted(map(str, gone)))


def _acts(person: str, day: date, line: Line) -> Officer:
    """Who rates her that day; nobody while she is not here."""
    who = UUID(person)
    return NOBODY if line.tenure_on(who, day) is None else supervisor_on(who, day, line)


async def tell_of_supervisors(
    connection: AsyncConnection,
    since: Mapping[str, date],
    before: Line,
    *,
    today: date,
    at: datetime,
    actor: str | None,
) -> None:
    """Each of these people and her new supervisor are told at once whose task it is from when on, the one before with the next morning.

    A supervisor who is given several at once has them in one mail, the next morning's. `since` is the first day, by person, on which
    what is recorded now may say another than the line of `before`.
    """
    hers, new, old = [], [], []
    for one in await _handed(connection, since, before, today):
        about: Mapping[str, object] = {"from": one.start.isoformat(), "person": one.person}
        if one.superior is not None:
            hers.append((one.person, {**about, "person": one.superior}))
            new.append((one.superior, about))
        old += [(person, about) for person in one.no_more]
    given = Counter(superior for superior, _ in new)
    alone = {superior for superior, people in given.items() if people == 1}
    await tell_many(connection, hers, "supervisor_changed", at=at, actor=actor, at_once={p for p, _ in hers})
    await tell_many(connection, new, "supervises_now", at=at, actor=actor, at_once=alone)
    await tell_many(connection, old, "supervises_no_more", at=at, actor=actor)


async def _handed(connection: AsyncConnection, since: Mapping[str, date], before: Line, today: date) -> list[Handed]:
    if not since:
        return []
    after = (await People().agency(connection)).line
    starts: dict[str, set[date]] = defaultdict(set)
    for row in await connection.execute(STARTS, {"since": min(since.values())}):
        starts[row.post].add(row.valid_from)
    return await asyncio.to_thread(_compared, since, starts, before, after, today)


def _compared(
    since: Mapping[str, date], starts: Mapping[str, set[date]], before: Line, after: Line, today: date
) -> list[Handed]:
    """Of a file that puts a whole agency under others this takes seconds, in which others want to be answered."""
    found: list[Handed] = []
    for person, first in since.items():
        own = {first, *(day for day in starts.get(person, ()) if day >= first)}
        posts = {str(post) for day in own for post in after.above(UUID(person), day)}
        days = own | {day for post in posts for day in starts.get(post, ()) if day >= first}
        found += handed_over(person, days, before, after, today)
    return found
