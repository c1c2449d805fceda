"""How delegations are shown: to the two, and to HR all; with the day where the principal is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.exact import Exact
from api.people_shown import PersonShown, people_shown
from api.security import Caller
from models.delegation import LIVE, Delegation, DelegationState
from models.vocabulary import Zone
from models.workdays import local_day

ROWS = """
    SELECT d.*, p.zone FROM delegation d JOIN person p ON p.id = d.principal_id
"""
MINE = text(
    f"{ROWS} WHERE CAST(:everybody AS boolean) OR d.principal_id = :me OR d.delegate_id = :me ORDER BY d.valid_from, d.id"
)


LINES = text("SELECT person_id, valid_from, valid_until FROM tenure WHERE person_id = ANY(:people)")


class DelegationOut(Exact):
    """`in_force`: accepted, today (where the principal is) is one of its days, and both are here."""

    id: UUID
    principal: PersonShown | None
    delegate: PersonShown | None
    start: Annotated[date, Field(alias="from")]
    until: date
    reason: str
    state: DelegationState
    in_force: bool
    offered_at: AwareDatetime
    answered_at: AwareDatetime | None


async def delegations_of(
    connection: AsyncConnection, caller: Caller, now: datetime, *, everybody: bool = False, over: bool = True
) -> list[dict[str, object]]:
    """As they are shown, by their first day; without `over`, only those that are alive and not past."""
    rows = (await connection.execute(MINE, {"me": caller.person_id, "everybody": everybody})).mappings().all()
    alive = [r for r in rows if r["state"] in LIVE and r["valid_until"] >= local_day(now, Zone(r["zone"]))]
    return await shown(connection, rows if over else alive, now)


async def shown(connection: AsyncConnection, rows: Sequence[RowMapping], now: datetime) -> list[dict[str, object]]:
    """Each with both people; `in_force` by the day where the principal is."""
    ids = {p for row in rows for p in (row["principal_id"], row["delegate_id"])}
    people, days = await people_shown(connection, ids), await _here(connection, ids)

    def in_force(row: RowMapping) -> bool:
        today = local_day(now, Zone(row["zone"]))
        both = (days[row["principal_id"]], days[row["delegate_id"]])
        here = all(any(first <= today <= last for first, last in its) for its in both)
        return here and delegation_of(row).covers(today)

    return [
        {
            "id": row["id"],
            "principal": people.get(row["principal_id"]),
            "delegate": people.get(row["delegate_id"]),
            "from": row["valid_from"].isoformat(),
            "until": row["valid_until"].isoformat(),
            "reason": row["reason"],
            "state": row["state"],
            "in_force": in_force(row),
            "offered_at": row["created_at"].isoformat(),
            "answered_at": row["answered_at"].isoformat() if row["answered_at"] else None,
        }
        for row in rows
    ]


async def _here(connection: AsyncConnection, people: Collection[str]) -> Mapping[str, list[tuple[date, date]]]:
    """The days on which each of these is here."""
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for row in await connection.execute(LINES, {"people": list(people)}):
        found[row.person_id].append((row.valid_from, row.valid_until or date.max))
    return found


def delegation_of(row: RowMapping) -> Delegation:
    """The delegation a row holds, as its rules see it."""
    return Delegation(
        UUID(row["principal_id"]),
        UUID(row["delegate_id"]),
        row["valid_from"],
        row["valid_until"],
        DelegationState(row["state"]),
    )
