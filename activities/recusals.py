"""Somebody steps back from another, or may decide about her again: the row, both trails, and who hears that a task is another's now.

No workflow is asked: who rates and who decides is asked of the line at every act, and the line says so from this transaction on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME as AGENCY_TRAIL
from activities.appraised import appraised_of
from activities.cycle_trail import note_many_everywhere
from activities.outbox import tell
from activities.people import Agency, People, move_line
from activities.texts import keep_text
from activities.waiting import around_row, open_of, waits_on
from models.appraisal import TextRef
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Role

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('recusals', 0))")
KEEP = text(
    """
    INSERT INTO recusal (id, person_id, about_id, kind, valid_from, reason_id, declared_by, declared_at)
    VALUES (:id, :person, :about, :kind, :start, :reason, :by, :at)
    """
)
TEXTS = ("supervisor_changed", "supervises_now", "supervises_no_more", "task_moved")
"""What is told of a task that moved; never to whoever moved it."""
END = text("UPDATE recusal SET withdrawn_by = :by, withdrawn_at = :at WHERE id = :id")


@dataclass(frozen=True)
class Change:
    """What happens to one recusal: `person` steps back from `about`, or no longer, by whose word and when.

    `today` is the local day of who is rated.
    """

    recusal: str
    person: str
    about: str
    reason: str
    actor: str
    role: Role
    today: date
    at: datetime


async def hold(connection: AsyncConnection) -> None:
    """One change at a time; the agency's trail before the line's revision, as by whoever else needs both."""
    await connection.execute(ONE_AT_A_TIME)
    await connection.execute(AGENCY_TRAIL)


async def deciding_about(connection: AsyncConnection, agency: Agency, about: str, today: date) -> frozenset[UUID]:
    """Who rates somebody, may take over, decides or confirms, that day or by what is recorded, and who acts for one of them."""
    officers = {UUID(one) for one in (await appraised_of(connection, agency.line, [about], today))[about].officers()}
    lent = {delegate for officer in officers for delegate in agency.line.delegates_on(officer, today)}
    board = {UUID(member) for member in agency.holders(GrantedRole.BOARD, today)}
    return frozenset(officers | lent | board)


async def declare(connection: AsyncConnection, before: Agency, change: Change, kind: str) -> None:
    """Store it, note it in both trails and tell whose task moved; `before` is the agency without it."""
    why = await keep_text(connection, f"recusal/{change.recusal}", change.reason, change.actor)
    row = {"id": change.recusal, "person": change.person, "about": change.about, "kind": kind, "start": change.today}
    await connection.execute(KEEP, row | {"reason": why.id, "by": change.actor, "at": change.at})
    await _changed(connection, before, change, TrailAction.RECUSAL_DECLARED, why)


async def withdraw(connection: AsyncConnection, before: Agency, change: Change) -> None:
    """End it from now on; what another did in his place stays the other's."""
    why = await keep_text(connection, f"recusal/{change.recusal}/withdrawn", change.reason, change.actor)
    await connection.execute(END, {"id": change.recusal, "by": change.actor, "at": change.at})
    await _changed(connection, before, change, TrailAction.RECUSAL_WITHDRAWN, why)


async def _changed(
    connection: AsyncConnection, before: Agency, change: Change, action: TrailAction, why: TextRef
) -> None:
    """The trails name the two and the day; which relation it is stays with the row."""
    day = change.today.isoformat()
    data = {"recusal": change.recusal, "person": change.about, "officer": change.person, "from": day}
    await note_many_everywhere(connection, change.at, change.actor, [(action, data)], role=change.role, reason=why)
    await move_line(connection)
    after = await People().agency(connection)
    told = {change.actor: {*TEXTS}}
    if change.person != change.actor:
        facts = {"person": change.about, "from": day}
        await tell(connection, [change.person], action, at=change.at, actor=change.actor, facts=facts, at_once=True)
        told[change.person] = {"supervises_no_more"}
    for row in await open_of(connection, change.about):
        for one in _moved(row, before, after, change.at):
            if one.text in told.setdefault(one.person, set()):
                continue
            told[one.person].add(one.text)
            await tell(
                connection,
                [one.person],
                one.text,
                at=change.at,
                actor=change.actor,
                appraisal_id=row["id"],
                facts={"person": one.about, "from": day},
                at_once=one.text != "supervises_no_more",
            )


@dataclass(frozen=True)
class _Hears:
    person: str
    text: str
    about: str


def _moved(row: RowMapping, before: Agency, after: Agency, now: datetime) -> Iterator[_Hears]:
    """Who hears that this year is another's to work on now: she, both supervisors, and whose turn it became besides."""
    subject = str(row["person_id"])
    was, now_is = (around_row(row, agency, now).person_in(Role.SUPERVISOR) for agency in (before, after))
    if was != now_is:
        if now_is is not None:
            yield _Hears(subject, "supervisor_changed", now_is)
            yield _Hears(now_is, "supervises_now", subject)
        if was is not None:
            yield _Hears(was, "supervises_no_more", subject)
    new = waits_on(row, after, now) - waits_on(row, before, now) - {now_is}
    for person in sorted(new):
        yield _Hears(person, "task_moved", subject)
