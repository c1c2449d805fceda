"""Where the people of a cycle stand on the way of its year, and for how long whoever is waited on has been: one statement, in people.

Counted as `api.progress` counts: everybody once, by the last segment in her own post. Who ended without a result stands nowhere, and whose
year is suspended waits for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.segments import LAST_PART
from api.appraisal_view import stops_of_year
from api.progress import DONE, HAS_RESULT
from models.policy import PolicyPack
from models.vocabulary import Role, Stage, State
from models.ways import WAITS_ON

AGES = (3, 10, 20)
"""Days that bound how long somebody has waited: less than the first, less than the next, and the last or more."""
STANDING = text(
    f"""
    SELECT state, period, done, paused, age, count(*) AS people FROM (
      SELECT a.state, a.period, coalesce((a.snapshot ->> 'periods_done')::int, 0) AS done, a.suspended OR a.ending IS NOT NULL AS paused,
             width_bucket((extract(epoch FROM CAST(:now AS timestamptz) - (a.snapshot #>> '{{visit,entered_at}}')::timestamptz)
                           / 86400)::float, CAST(:ages AS float[])) AS age
        FROM appraisal a
       WHERE a.cycle_id = :cycle AND a.own_year AND a.launch = 'launched' AND NOT (a.state = '{DONE}' AND NOT {HAS_RESULT})
         AND {LAST_PART}) a
     GROUP BY state, period, done, paused, age
    """
)


@dataclass(frozen=True)
class Place:
    """A stage of the year, and how many are in it or have it before them as the next; `through` is who is done with all."""

    stage: Stage
    period: int | None
    people: int
    through: bool = False


@dataclass(frozen=True)
class Wait:
    """A step that waits on somebody, and how many have stood in it that long, by `AGES`."""

    state: State
    people: tuple[int, ...]


@dataclass(frozen=True)
class Standing:
    """`places` in the order of the year, with `done` all who have a result; `waits` only where somebody waits."""

    places: Sequence[Place]
    waits: Sequence[Wait]


async def standing(connection: AsyncConnection, cycle: str, pack: PolicyPack, now: datetime) -> Standing:
    """Where everybody stands now on the route of this pack."""
    asked = {"cycle": cycle, "now": now, "ages": [float(days) for days in AGES]}
    stops = stops_of_year(pack)
    places, waits = [0] * (len(stops) + 1), dict[State, list[int]]()
    for row in await connection.execute(STANDING, asked):
        state = State(row.state)
        places[_place(stops, state, row.period, row.done)] += row.people
        if WAITS_ON[state] not in (None, Role.ENGINE) and not row.paused:
            waits.setdefault(state, [0] * (len(AGES) + 1))[max(row.age or 0, 0)] += row.people
    found = [Place(Stage(stage), period, people) for (stage, period), people in zip(stops, places, strict=False)]
    return Standing(
        [*found, Place(Stage.FINALISATION, None, places[-1], through=True)],
        [Wait(state, tuple(waits[state])) for state in State if state in waits],
    )


def _place(stops: Sequence[tuple[str, int | None]], state: State, period: int | None, done: int) -> int:
    """Of whoever is between two stages the one that comes next; who left the route early is at the stage after."""
    if state is State.FINALISATION_DONE:
        return len(stops)
    here = (state.stage.value, period if state.stage is Stage.MIDYEAR else None)
    if here in stops:
        return stops.index(here)
    if state is State.EXECUTION_RUNNING and (Stage.MIDYEAR.value, done + 1) in stops:
        return stops.index((Stage.MIDYEAR.value, done + 1))
    order = list(Stage)
    later = [n for n, (stage, _) in enumerate(stops) if order.index(Stage(stage)) > order.index(state.stage)]
    after_periods = [n for n in later if stops[n][0] != Stage.MIDYEAR.value]
    return (after_periods or [len(stops)])[0]
