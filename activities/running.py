"""Who is in a running year, and what a decision about such people has to touch: the facts of the cycle, its trail, the workflow.

Everything is written in the transaction of the decision, so that whoever dies afterwards forgets nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import note_in_agency
from activities.cycle_trail import note_many
from activities.programmes import hold_programmes, look_again
from activities.texts import keep_reason
from models.trail_actions import TrailAction
from models.vocabulary import Form, Zone
from models.workdays import local_day

RUNNING = text(
    f"""
    SELECT a.id, a.cycle_id, a.person_id, a.year, a.zone, NOT a.own_year AS beside, a.snapshot ? 'until' AS over,
           a.snapshot -> 'forms' ? '{Form.RATING.value}' AS rated, CAST(a.snapshot ->> 'since' AS date) AS since, e.at
      FROM appraisal a JOIN event e ON e.appraisal_id = a.id AND e.seq = 1
     WHERE a.launch = 'launched' AND a.state <> 'finalisation.done'
       AND (CAST(:people AS text[]) IS NULL OR a.person_id = ANY(:people))
     ORDER BY a.id
    """
)
NUDGE = text(
    """
    INSERT INTO nudge (appraisal_id, facts_revision, wake)
    SELECT id, CAST(:revision AS int), wake FROM unnest(CAST(:ids AS text[]), CAST(:wakes AS timestamptz[])) AS concerned(id, wake)
    ON CONFLICT (appraisal_id) DO UPDATE SET facts_revision = greatest(nudge.facts_revision, excluded.facts_revision),
           wake = CASE WHEN nudge.wake IS NOT NULL AND excluded.wake IS NOT NULL THEN least(nudge.wake, excluded.wake) END
    """
)
CYCLES = text("SELECT id FROM cycle ORDER BY id FOR UPDATE")
MOVE_FACTS = text("UPDATE cycle SET facts_revision = facts_revision + 1 WHERE id = :cycle RETURNING facts_revision")


@dataclass(frozen=True)
class Running:
    """One open appraisal. `began` is the first day of its segment; `over` says that it was closed already.

    What somebody does as Plt begins and ends with that appointment, and what was asked of some months with them, whatever becomes of her
    own post (`beside`).
    """

    id: str
    cycle: str
    person: str
    year: int
    began: date
    over: bool
    rated: bool
    beside: bool = False

    def closed_by(self, day: date) -> bool:
        """Whether a transfer on that day ends this segment."""
        began = max(self.began, date(self.year, 1, 1))
        return not self.over and not self.rated and not self.beside and began < day and day.year == self.year

    def goes_along(self, day: date) -> bool:
        """Whether this segment lies wholly in the place of that day: the year, or the segment, began with it or later."""
        return not self.over and not self.beside and day <= max(self.began, date(self.year, 1, 1))


async def running(connection: AsyncConnection, people: Collection[str] | None = None) -> Sequence[Running]:
    """The open appraisals of these people; of everybody where none are named."""
    rows = await connection.execute(RUNNING, {"people": None if people is None else sorted(people)})
    return [
        Running(
            id=r.id,
            cycle=r.cycle_id,
            person=r.person_id,
            year=r.year,
            began=r.since or local_day(r.at, Zone(r.zone)),
            over=r.over,
            rated=r.rated,
            beside=r.beside,
        )
        for r in rows
    ]


def too_early(reached: Iterable[Running], day: date) -> bool:
    """Whether an open appraisal of hers began on that day or later: one of the year of that day, else any."""
    still = [one for one in reached if not one.over and not one.beside]
    of_its_year = [one for one in still if one.year == day.year]
    return any(day <= one.began for one in of_its_year or still)


async def touch(
    connection: AsyncConnection,
    reached: Collection[Running],
    at: datetime,
    action: TrailAction,
    actor: str,
    data: Mapping[str, Mapping[str, object]],
    reason: str | None = None,
) -> None:
    """Say in the agency's trail what was decided, by person; in each cycle's whom it reaches, with a nudge for everybody of them.

    The facts of all cycles move: what is held in memory of one that it does not reach yet is what somebody's year in it may begin with.
    """
    decided = [(action, {"person": person, **said}) for person, said in sorted(data.items())]
    why = await keep_reason(connection, reason, actor)
    await note_in_agency(connection, at, actor, decided, reason=why)
    by_cycle: dict[str, list[Running]] = defaultdict(list)
    for one in reached:
        by_cycle[one.cycle].append(one)
    cycles = await hold_cycles(connection)
    await look_again(connection, data)
    for cycle in cycles:
        revision, its = await move_facts(connection, cycle), by_cycle.get(cycle, [])
        people = sorted({one.person for one in its})
        said = [(action, {"person": person, **data[person], "facts_revision": revision}) for person in people]
        await note_many(connection, cycle, at, actor, said, reason=why)
        await leave_nudges(connection, [one.id for one in its], revision)


async def hold_cycles(connection: AsyncConnection) -> Sequence[str]:
    """Hold every cycle until the transaction ends: before its appraisals by whoever needs both, and those before their nudges.

    Programmes come before cycles, in whose trail they end.
    """
    await hold_programmes(connection)
    return (await connection.execute(CYCLES)).scalars().all()


async def move_facts(connection: AsyncConnection, cycle: str) -> int:
    """Say that the facts of a cycle changed, in the transaction that changed them; their new revision."""
    return int((await connection.execute(MOVE_FACTS, {"cycle": cycle})).scalar_one())


async def leave_nudges(
    connection: AsyncConnection, appraisals: Sequence[str], revision: int, wakes: Sequence[datetime] = ()
) -> None:
    """Leave word that these appraisals have to ask for their facts again, each by its wake, or at once where none are said.

    Whoever tells them may come later.
    """
    if appraisals:
        by: list[datetime | None] = [*wakes] or [None] * len(appraisals)
        await connection.execute(NUDGE, {"ids": appraisals, "revision": revision, "wakes": by})
