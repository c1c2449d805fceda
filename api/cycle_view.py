"""A cycle as requests need it: its row, its calendar by unit, and how both are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import AwareDatetime
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import LABELS, calendar_of
from activities.segments import LAST_PART
from api.exact import Exact
from api.problems import Problem
from api.windows import shown
from models.vocabulary import CycleState, OrganisationLabel

CYCLE = """
    SELECT id, name, year, policy, pack -> 'version' AS policy_version, units, state, version, facts_revision, created_at
      FROM cycle WHERE id = :id
"""
FIND, FIND_AND_HOLD = text(CYCLE), text(f"{CYCLE} FOR UPDATE")
CODES = text("SELECT id, code FROM unit WHERE id = ANY(:ids)")
COUNTS = text(
    f"""
    SELECT count(DISTINCT person_id) AS roster,
           count(DISTINCT person_id) FILTER (WHERE launch = 'pending') AS pending,
           count(DISTINCT person_id) FILTER (WHERE launch = 'launched') AS launched,
           count(DISTINCT person_id) FILTER (WHERE launch = 'failed') AS failed,
           count(DISTINCT person_id) FILTER (WHERE launch = 'excluded') AS excluded
      FROM appraisal a
     WHERE cycle_id = :id AND own_year AND {LAST_PART}
    """
)
YEAR_RUNS = text(
    """
    SELECT EXISTS (SELECT FROM appraisal
                    WHERE cycle_id = :id AND launch = 'launched' AND state NOT LIKE 'finalisation.%')
    """
)

OVER = frozenset({CycleState.CLOSED, CycleState.CANCELLED})
RUNNING = frozenset(CycleState) - OVER - {CycleState.DRAFT}

CycleId = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", json_schema_extra={"format": "uuid"}),
]
"""A cycle's id in a path; what is none is `not_found`."""


class WindowShown(Exact):
    """Each end is a local date or an instant; null bounds nothing, in a unit's window: as above it."""

    opens_at: date | AwareDatetime | None
    due_at: date | AwareDatetime | None
    closes_at: date | AwareDatetime | None


class CycleShown(Exact):
    """A cycle in a list."""

    id: UUID
    name: str
    year: int
    policy: str
    state: CycleState
    version: int
    created_at: AwareDatetime


class CountsShown(Exact):
    """People of the cycle, by whether they have their year: roster = pending + launched + failed + excluded."""

    roster: int
    pending: int
    launched: int
    failed: int
    excluded: int


class UnitLabelShown(Exact):
    """The organisation's label of a unit; it holds below it too, as far as no nearer unit has one."""

    label: OrganisationLabel
    number: int
    set_at: AwareDatetime


class CycleOut(CycleShown):
    """`units` are codes, none means everybody; `unit_calendars` (what differs there) and `unit_labels` are by unit code."""

    policy_version: int
    units: list[str]
    calendar: dict[str, WindowShown]
    unit_calendars: dict[str, dict[str, WindowShown]]
    unit_labels: dict[str, UnitLabelShown]
    counts: CountsShown


async def must_run(connection: AsyncConnection, row: RowMapping) -> None:
    """Raises `cycle_state` where neither the cycle runs nor a year in it, as one that was opened again after the cycle was over."""
    if row["state"] not in RUNNING and not (await connection.execute(YEAR_RUNS, {"id": row["id"]})).scalar_one():
        raise Problem("cycle_state", state=row["state"])


async def find_cycle(connection: AsyncConnection, cycle_id: str, *, hold: bool = False) -> RowMapping:
    """The cycle's row, held until the transaction ends if asked for. Raises `not_found`."""
    statement = FIND_AND_HOLD if hold else FIND
    row = (await connection.execute(statement, {"id": cycle_id})).mappings().one_or_none()
    if row is None:
        raise Problem("not_found")
    return row


def summary(row: RowMapping) -> dict[str, object]:
    """A cycle in a list."""
    fields = ("id", "name", "year", "policy", "state", "version")
    return {name: row[name] for name in fields} | {"created_at": row["created_at"].isoformat()}


async def cycle_view(connection: AsyncConnection, row: RowMapping) -> dict[str, object]:
    """The answer of `GET /cycles/{id}`."""
    rows = await calendar_of(connection, row["id"])
    counts = (await connection.execute(COUNTS, {"id": row["id"]})).mappings().one()
    labels = (await connection.execute(LABELS, {"cycle": row["id"]})).all()
    named = [*row["units"], *(unit for _, unit in rows if unit), *(label.unit_id for label in labels)]
    codes = await unit_codes(connection, named)
    unit_calendars: dict[str, dict[str, object]] = {}
    for (key, unit), window in rows.items():
        if unit is not None:
            unit_calendars.setdefault(codes[unit], {})[key] = shown(window)
    return summary(row) | {
        "policy_version": row["policy_version"],
        "units": sorted(codes[unit] for unit in row["units"]),
        "calendar": {key: shown(window) for (key, unit), window in rows.items() if unit is None},
        "unit_calendars": unit_calendars,
        "unit_labels": {
            codes[one.unit_id]: {"label": one.label, "number": one.number, "set_at": one.at.isoformat()}
            for one in labels
        },
        "counts": dict(counts),
    }


async def unit_codes(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    found = await connection.execute(CODES, {"ids": list(ids)})
    return {row.id: row.code for row in found}
