"""Who supervises whom from a day on, told to those whose task it becomes or ends, whether HR decided it alone or a file said it of many.

And what was lent by or to somebody who leaves, told to the other; and a decision on an objection, to who has it from now on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.handing_on import tell_of_decisions
from activities.outbox import tell, tell_many
from activities.people import HOLDS
from activities.roster_recorded import Span, span_on
from models.handing_over import handed_over
from models.line import Line

GIVEN = text(
    f"""
    SELECT said.person, said.day
      FROM unnest(CAST(:people AS text[]), CAST(:days AS date[])) AS said(person, day)
      JOIN LATERAL (
           SELECT bool_and(a.supervisor_override IS NOT NULL) AS all, max(a.year) AS year FROM appraisal a
            WHERE a.person_id = said.person AND a.own_year AND a.launch = 'launched'
              AND a.state <> 'finalisation.done' AND NOT a.snapshot ? 'until' AND NOT EXISTS (
                  SELECT FROM personnel_change c
                   WHERE c.person_id = a.person_id AND c.kind = 'transfer' AND {HOLDS} AND c.effective <= said.day
                     AND c.effective > greatest(CAST(a.snapshot ->> 'since' AS date), make_date(a.year, 1, 1)))
           ) given ON given.all AND said.day <= make_date(given.year, 12, 31)
    """
)
"""Of whom it is not so that somebody else by the line rates from that day on: HR gave what runs to another, and no new part begins."""

LENT = text(
    """
    SELECT id, principal_id, delegate_id, valid_from FROM delegation
     WHERE :person IN (principal_id, delegate_id) AND state IN ('offered', 'accepted') AND valid_until >= greatest(:day, :today)
     ORDER BY valid_from, id
    """
).bindparams(bindparam("day", type_=Date), bindparam("today", type_=Date))


def other_superiors(before: Sequence[Span], after: Sequence[Span]) -> Iterator[Span]:
    """Each stretch of a line, from the day on from which its superior is another than by the line of before."""
    for day in sorted({span.start for span in (*before, *after)}):
        was, is_now = span_on(before, day), span_on(after, day)
        if is_now is not None and (was is None or not was.same_superior(is_now)):
            yield replace(is_now, start=day)


def shown(superior: Span) -> Mapping[str, object]:
    """What a trail says of it."""
    return {
        "supervisor": superior.supervisor_id,
        "outside": superior.outside,
        "effective": superior.start.isoformat(),
    }


async def tell_of_supervisors(
    connection: AsyncConnection, before: Line, after: Line, *, today: date, at: datetime, actor: str | None
) -> None:
    """Whoever has another supervisor by the line of `after`, and that one, are told at once whose task it is from when on.

    The one before is told with the next morning. A supervisor who is given several at once has them in one mail, the next morning's.
    """
    # Of a file that puts a whole agency under others this takes seconds, in which others want to be answered.
    handed = await asyncio.to_thread(handed_over, before, after, today)
    asked = {"people": [one.person for one in handed], "days": [one.start for one in handed]}
    given = {(r.person, r.day) for r in await connection.execute(GIVEN, asked)} if handed else set()
    hers, new, old = [], [], []
    for one in handed:
        if (one.person, one.start) in given:
            continue
        about: Mapping[str, object] = {"from": one.start.isoformat(), "person": one.person}
        if one.superior is not None:
            hers.append((one.person, {**about, "person": one.superior}))
            if not one.known:
                new.append((one.superior, about))
        old += [(person, about) for person in one.no_more]
    given_to = Counter(superior for superior, _ in new)
    alone = {superior for superior, people in given_to.items() if people == 1}
    await tell_many(connection, hers, "supervisor_changed", at=at, actor=actor, at_once={p for p, _ in hers})
    await tell_many(connection, new, "supervises_now", at=at, actor=actor, at_once=alone)
    await tell_many(connection, old, "supervises_no_more", at=at, actor=actor)
    await tell_of_decisions(connection, before, after, at=at, actor=actor)


async def tell_of_lapsed(
    connection: AsyncConnection, person: str, leaves: date, *, before: Line, today: date, at: datetime, actor: str
) -> None:
    """With whom that person lent or borrowed powers for days from `leaves` on is told at once that they lapse, once for all of his.

    By the line of `before` some had lapsed already.
    """
    rows = (await connection.execute(LENT, {"person": person, "day": leaves, "today": today})).all()
    others = {
        row.principal_id if row.delegate_id == person else row.delegate_id: None
        for row in rows
        if not before.gone(UUID(person), max(row.valid_from, leaves, today))
    }
    facts = {"person": person, "from": leaves.isoformat()}
    told = [other for other in others if other != actor]
    await tell(connection, told, "delegation_lapses", at=at, actor=actor, facts=facts, at_once=True)
