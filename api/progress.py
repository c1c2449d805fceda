"""How far a cycle is, counted from rows in one statement, so that the numbers add up at every moment.

Counted are people, each by her last segment: roster = pending + launched + failed + excluded, and launched = the sum over states.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping, text

from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.named import UnitRef
from api.rooms import RoomsDep
from api.security import CallerDep
from models.vocabulary import GrantedRole, State

router = APIRouter(tags=["cycles"])

PROGRESS = text(
    """
    WITH RECURSIVE led AS (
        SELECT id FROM unit WHERE id = :unit
        UNION SELECT u.id FROM unit u JOIN led ON u.parent_id = led.id
    ), later AS (
        SELECT person_id, max(segment) AS segment FROM appraisal WHERE cycle_id = :cycle AND segment > 1 GROUP BY person_id
    )
    SELECT u.code, u.name, a.launch, coalesce(a.state, '') AS state, count(*) AS people,
           count(*) FILTER (WHERE a.launch = 'launched' AND a.state <> 'finalisation.done' AND a.due_at < :now) AS overdue,
           count(*) FILTER (WHERE a.state = 'finalisation.done' AND a.ending <> 'cancelled' AND NOT a.late) AS on_time,
           count(*) FILTER (WHERE a.state = 'finalisation.done' AND a.ending <> 'cancelled' AND a.late) AS late
      FROM appraisal a JOIN unit u ON u.id = a.unit_id LEFT JOIN later ON later.person_id = a.person_id
     WHERE a.cycle_id = :cycle AND a.segment = coalesce(later.segment, 1)
       AND (CAST(:unit AS text) IS NULL OR a.unit_id IN (SELECT id FROM led))
     GROUP BY u.code, u.name, a.launch, a.state ORDER BY u.code
    """
)
LAUNCHES = ("pending", "launched", "failed", "excluded")


class Count(Exact):
    """People. Overdue are those whose next act should have come by now; `done_*` had an outcome, `late` anything handed in late."""

    roster: int
    pending: int
    launched: int
    failed: int
    excluded: int
    by_state: dict[State, int]
    overdue: int
    done_on_time: int
    done_late: int


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
        asked = {"cycle": cycle_id, "unit": unit, "now": rooms.now()}
        rows = (await connection.execute(PROGRESS, asked)).mappings().all()
    by_unit: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_unit[row["code"], row["name"]].append(row)
    units = [_count(found) | {"unit": {"code": code, "name": name}} for (code, name), found in by_unit.items()]
    return JSONResponse(_count(rows) | {"by_unit": units})


def _count(rows: Sequence[RowMapping]) -> dict[str, object]:
    by_launch = _sum((row["launch"], row["people"]) for row in rows)
    by_state = _sum((row["state"], row["people"]) for row in rows if row["launch"] == "launched")
    return {
        "roster": sum(by_launch.values()),
        **{launch: by_launch.get(launch, 0) for launch in LAUNCHES},
        "by_state": dict(sorted(by_state.items())),
        "overdue": sum(row["overdue"] for row in rows),
        "done_on_time": sum(row["on_time"] for row in rows),
        "done_late": sum(row["late"] for row in rows),
    }


def _sum(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for name, people in pairs:
        found[name] += people
    return found
