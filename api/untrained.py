"""Who is to rate in a cycle whose pack asks for trained raters, and is not trained: each once, however many people are his to rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from activities.trainings import trainings_of
from activities.waiting import OPEN, around_row
from models.policy import PolicyPack
from models.rater_training import trained_until
from models.vocabulary import Role, Stage, State, Zone
from models.workdays import local_day

BEFORE_A_RATING = frozenset({Stage.PLAN, Stage.EXECUTION, Stage.MIDYEAR, Stage.SELF_ASSESSMENT, Stage.RATING})
OF_CYCLE = text(f"{OPEN} AND a.cycle_id = :cycle ORDER BY a.id")
PEOPLE = text(
    """
    SELECT p.id, p.nip, p.name, p.post, u.name AS unit, n.people
      FROM person p JOIN unit u ON u.id = p.unit_id
      JOIN unnest(CAST(:ids AS text[]), CAST(:counts AS int[])) AS n(id, people) ON n.id = p.id
    """
)


async def untrained(
    connection: AsyncConnection, agency: Agency, cycle: str, pack: PolicyPack, now: datetime, only: str | None
) -> Sequence[RowMapping]:
    """The rows of these people, with how many each is to rate, or may after a takeover; of one only where `only` names her."""
    asked = pack.rater_training
    if not asked.asked:
        return ()
    rates: Counter[str] = Counter()
    for row in (await connection.execute(OF_CYCLE, {"cycle": cycle})).mappings():
        around, stage = around_row(row, agency, now), State(str(row["state"])).stage
        may = [Role.SUPERVISOR, Role.SENIOR] if row["takeover"] and stage is Stage.RATING else [Role.SUPERVISOR]
        raters = {around.person_in(role) for role in may} if stage in BEFORE_A_RATING else ()
        rates.update(rater for rater in raters if rater is not None and only in (None, rater))
    taken, today = await trainings_of(connection, rates), local_day(now, Zone.WIB)
    lack = [rater for rater in rates if trained_until(taken[rater], asked, today) is None]
    counts = [rates[rater] for rater in lack]
    return (await connection.execute(PEOPLE, {"ids": lack, "counts": counts})).mappings().all()
