"""Whether rows are late still, once the days of a cycle moved: rows go by the days that hold, trails by what was known then.

Few rows are late, and only those are read. Whoever is done counts too, for the numbers of a cycle go on counting her.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import CycleFacts
from activities.record import event_of
from models.lateness import late_still
from models.policy import PolicyPack
from models.units import Path
from models.vocabulary import Zone
from models.workdays import week_of

# Held, as open rows are already: a year that is done may be reopened, and handed in late again, meanwhile.
LATE = text(
    "SELECT id, unit_id, zone, work_week FROM appraisal WHERE cycle_id = :cycle AND late ORDER BY id FOR UPDATE"
)
TRAILS = text(
    """
    SELECT e.* FROM event e
      JOIN (SELECT appraisal_id, max(seq) AS seq FROM event
             WHERE appraisal_id = ANY(CAST(:ids AS text[])) AND data ? 'late' GROUP BY appraisal_id) last
        ON last.appraisal_id = e.appraisal_id AND e.seq <= last.seq
     ORDER BY e.appraisal_id, e.seq
    """
)
"""Each as far as its last late act: what came afterwards says nothing of it."""
IN_TIME = text("UPDATE appraisal SET late = false WHERE id = ANY(CAST(:ids AS text[]))")


async def judge_anew(
    connection: AsyncConnection, cycle: str, pack: PolicyPack, facts: CycleFacts, paths: Mapping[str, Path]
) -> Sequence[str]:
    """Make every late row say whether it is late under `facts`; the ids of those that are no more.

    `paths` has the units of the cycle's appraisals.
    """
    rows = {row["id"]: row for row in (await connection.execute(LATE, {"cycle": cycle})).mappings()}
    if not rows:
        return ()
    events = (await connection.execute(TRAILS, {"ids": list(rows)})).mappings().all()
    if in_time := await asyncio.to_thread(_in_time, rows, events, pack, facts, paths):
        await connection.execute(IN_TIME, {"ids": in_time})
    return in_time


def _in_time(
    rows: Mapping[str, RowMapping],
    events: Sequence[RowMapping],
    pack: PolicyPack,
    facts: CycleFacts,
    paths: Mapping[str, Path],
) -> list[str]:
    found = []
    for appraisal, trail in groupby(events, key=lambda event: str(event["appraisal_id"])):
        row = rows[appraisal]
        timed = partial(
            facts.timing,
            pack=pack,
            unit_path=paths[row["unit_id"]],
            zone=Zone(row["zone"]),
            week=week_of(row["work_week"]),
        )
        if not late_still(map(event_of, trail), timed):
            found.append(appraisal)
    return found
