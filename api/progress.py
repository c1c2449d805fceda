"""How far a cycle is, counted from rows in one statement, so that the numbers add up at every moment.

Counted are people, each by the last segment in her own post: roster = pending + launched + failed + excluded, and launched = the sum
over states.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.named import UnitRef
from api.rooms import RoomsDep
from api.security import CallerDep
from models.vocabulary import Ending, GrantedRole, Launch, State

router = APIRouter(tags=["cycles"])

DONE = State.FINALISATION_DONE.value
HAS_RESULT = f"(a.outcome_id IS NOT NULL AND a.ending <> '{Ending.CANCELLED}')"
"""Whether a year that is done ended with an outcome: one cancelled has none, whatever it was rated before."""

COUNTED = text(
    f"""
    WITH RECURSIVE led AS (
        SELECT id FROM unit WHERE id = :unit
        UNION SELECT u.id FROM unit u JOIN led ON u.parent_id = led.id
    ), later AS (
        SELECT cycle_id, person_id, max(segment) AS segment FROM appraisal
         WHERE cycle_id = ANY(:cycles) AND segment > 1 AND own_year GROUP BY cycle_id, person_id
    )
    SELECT a.cycle_id, u.code, u.name, a.launch, coalesce(a.state, '') AS state, count(*) AS people,
           count(*) FILTER (WHERE a.launch = 'launched' AND a.ending IS NULL AND a.due_at < :now) AS overdue,
           count(*) FILTER (WHERE a.state = '{DONE}' AND {HAS_RESULT} AND NOT a.late) AS on_time,
           count(*) FILTER (WHERE a.state = '{DONE}' AND {HAS_RESULT} AND a.late) AS late,
           count(*) FILTER (WHERE a.state = '{DONE}' AND NOT {HAS_RESULT}) AS without_result
      FROM appraisal a JOIN unit u ON u.id = a.unit_id
      LEFT JOIN later ON later.cycle_id = a.cycle_id AND later.person_id = a.person_id
     WHERE a.cycle_id = ANY(:cycles) AND a.own_year AND a.segment = coalesce(later.segment, 1)
       AND (CAST(:unit AS text) IS NULL OR a.unit_id IN (SELECT id FROM led))
     GROUP BY a.cycle_id, u.code, u.name, a.launch, a.state ORDER BY u.code
    """
)
"""One statement for the answer and for the page, so that they never tell two numbers of one cycle."""


class Count(Exact):
    """People. Overdue are those whose next act should have come by now. Who is done is in one of `done_*`.

    `done_on_time` and `done_late` had an outcome, `late` anything handed in late; `done_without_result` ended without one: cancelled,
    or gone before there was anything to rate.
    """

    roster: int
    pending: int
    launched: int
    failed: int
    excluded: int
    by_state: dict[State, int]
    overdue: int
    done_on_time: int
    done_late: int
    done_without_result: int


class UnitCount(Count):
    """The people of one unit."""

    unit: UnitRef


class ProgressOut(Count):
    """`by_unit` are the units in which people stood when the cycle was opened, without those below them."""

    by_unit: list[UnitCount]


@router.get("/cycles/{cycle_id}/progress", response_model=ProgressOut)
async def read_progress(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """Everybody for HR; a unit head sees the own unit and what is below it."""
    caller.needs(GrantedRole.HR, GrantedRole.UNIT_HEAD)
    unit = None if GrantedRole.HR in caller.granted else caller.unit_id
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        rows = await counted(connection, [cycle_id], rooms.now(), unit=unit)
    by_unit: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_unit[row["code"], row["name"]].append(row)
    units = [asdict(summed(found)) | {"unit": {"code": code, "name": name}} for (code, name), found in by_unit.items()]
    return JSONResponse(asdict(summed(rows)) | {"by_unit": units})


@dataclass(frozen=True)
class Counts:
    """What `Count` shows, in people."""

    roster: int
    pending: int
    launched: int
    failed: int
    excluded: int
    by_state: Mapping[str, int]
    overdue: int
    done_on_time: int
    done_late: int
    done_without_result: int

    @property
    def going(self) -> int:
        """Who is on the way and not late."""
        return self.launched - self.overdue - self.done_on_time - self.done_late - self.done_without_result


async def counted(
    connection: AsyncConnection, cycles: Sequence[str], now: datetime, *, unit: str | None = None
) -> Sequence[RowMapping]:
    """The people of these cycles by unit and state, of that unit and what is below it where one is named; to be `summed`."""
    asked = {"cycles": list(cycles), "unit": unit, "now": now}
    return (await connection.execute(COUNTED, asked)).mappings().all()


def summed(rows: Sequence[RowMapping]) -> Counts:
    """The numbers of these rows together."""
    by_launch = _sum((row["launch"], row["people"]) for row in rows)
    by_state = _sum((row["state"], row["people"]) for row in rows if row["launch"] == Launch.LAUNCHED)
    return Counts(
        roster=sum(by_launch.values()),
        pending=by_launch.get(Launch.PENDING, 0),
        launched=by_launch.get(Launch.LAUNCHED, 0),
        failed=by_launch.get(Launch.FAILED, 0),
        excluded=by_launch.get(Launch.EXCLUDED, 0),
        by_state=dict(sorted(by_state.items())),
        overdue=sum(row["overdue"] for row in rows),
        done_on_time=sum(row["on_time"] for row in rows),
        done_late=sum(row["late"] for row in rows),
        done_without_result=sum(row["without_result"] for row in rows),
    )


def _sum(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for name, people in pairs:
        found[name] += people
    return found
