"""A decision on an objection that comes to another: who lets it pass, and who is told that it is his from now on.

Who lets it pass is asked while he still holds it, since the line of the day after may name another. Whose it is now is told him with his
next morning's mail, whatever brought it to him: the line or a role, a reassignment, or a day for which that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.outbox import people_in, row_of, write
from activities.people import Agency, People, agency_of_line
from activities.waiting import open_in, waits_on
from models.appraisal import Event, Moment, Snapshot, Timing
from models.folding import born, evolve
from models.line import Line
from models.vocabulary import Action, EngineAction, Role, Silence, State, Zone
from models.workdays import local_day, start_of_day

MOVED = "task_moved"
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('decisions', 0))")
HEARD = text(
    f"""
    SELECT came.id, came.at, array_remove(array_agg(n.person_id), NULL) AS people
      FROM (SELECT appraisal_id AS id, max(at) AS at FROM event
             WHERE appraisal_id = ANY(:ids) AND to_state = '{State.APPEAL_DECIDING}' AND from_state <> to_state
             GROUP BY appraisal_id) came
      LEFT JOIN notice n ON n.appraisal_id = came.id AND n.at >= came.at AND n.state <> 'dropped'
     WHERE came.at <= :at
     GROUP BY came.id, came.at ORDER BY came.id
    """
)
"""Since when each of these is to be decided, and who was told anything of it since; not of a simulated year that is ahead."""


def with_holder(timing: Timing, snapshot: Snapshot, agency: Agency, zone: Zone) -> Timing:
    """The timing with who lets a decision pass, where a lapse hands it on: whoever holds it on the last day by today's line."""
    if snapshot.state is not State.APPEAL_DECIDING or snapshot.flow.silence.get(snapshot.state) is not Silence.ESCALATE:
        return timing

    def named(moment: Moment) -> Moment:
        if moment.action is not EngineAction.LAPSE:
            return moment
        around = agency.parties_of(snapshot, local_day(moment.at, zone))
        holder = around.person_in(Role.APPEAL_AUTHORITY, snapshot.visit.level)
        return moment.model_copy(update={"holder": holder or ""})

    return timing.model_copy(update={"moments": tuple(named(moment) for moment in timing.moments)})


def _moved(
    appraisal_id: str, employee: str, person: str, day: date, since: datetime, actor: str | None
) -> dict[str, object]:
    """The notice that a decision is somebody's from that day on, the same whoever finds it out: of a day he is told once."""
    facts = {"person": employee, "from": day.isoformat()}
    row = row_of(person, MOVED, since, actor, facts, at_once=False)
    told_as = uuid5(UUID(appraisal_id), f"{MOVED} {person} {day.isoformat()}")
    return row | {"id": str(told_as), "appraisal_id": appraisal_id}


async def tell_of_decisions(
    connection: AsyncConnection, before: Line, after: Line, *, at: datetime, actor: str | None
) -> None:
    """Tell who decides now that another decided by the line of before, of each."""
    rows = await open_in(connection, State.APPEAL_DECIDING)
    if not rows:
        return
    was, now_is = [await agency_of_line(connection, line) for line in (before, after)]
    notices: list[Mapping[str, object]] = []
    for row in rows:
        day = local_day(at, Zone(str(row["zone"])))
        for person in sorted(waits_on(row, now_is, at) - waits_on(row, was, at) - {actor}):
            notices.append(_moved(str(row["id"]), str(row["person_id"]), person, day, at, actor))
    await write(connection, notices)


def moved_by_reassignment(
    events: Sequence[Event], before: Snapshot | None, agency: Agency, zone: Zone
) -> Iterator[dict[str, object]]:
    """The notices that another decides because another supervisor was put in, who has other superiors; the events follow `before`."""
    for event in events:
        left, before = before, born(event) if before is None else evolve(before, event)
        if event.action is not Action.REASSIGN or left is None or left.suspended is not None:
            continue
        if before.state is not State.APPEAL_DECIDING:
            continue
        day = local_day(event.at, zone)
        was, now_is = (
            set(people_in(Role.APPEAL_AUTHORITY, agency.parties_of(one, day), agency, one.visit.level, day))
            for one in (left, before)
        )
        for person in sorted(now_is - was - {event.actor}):
            yield _moved(event.appraisal_id, before.subject, person, day, event.at, event.actor)


async def tell_of_the_day(connection: AsyncConnection, at: datetime) -> None:
    """Tell who decides by the rows of this day and was told nothing of it yet: what brought it to him was recorded ahead."""
    rows = {str(row["id"]): row for row in await open_in(connection, State.APPEAL_DECIDING)}
    if not rows:
        return
    await connection.execute(ONE_AT_A_TIME)
    agency = await People().agency(connection)
    notices: list[Mapping[str, object]] = []
    for heard in (await connection.execute(HEARD, {"ids": [*rows], "at": at})).all():
        row, zone = rows[heard.id], Zone(str(rows[heard.id]["zone"]))
        day = local_day(at, zone)
        # Of the day's beginning: it is in this morning's mail wherever its reader is.
        since = max(start_of_day(day, zone), heard.at)
        for person in sorted(waits_on(row, agency, at) - {*heard.people}):
            notices.append(_moved(heard.id, str(row["person_id"]), person, day, since, None))
    await write(connection, notices)
