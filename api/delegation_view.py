"""How delegations are shown: to the two, and to HR all; with the day where the principal is."""

from __future__ import annotations

from collections.abc import Sequence
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


class DelegationOut(Exact):
    """`in_force`: accepted, and today (where the principal is) is one of its days."""

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
    people = await people_shown(connection, {p for row in rows for p in (row["principal_id"], row["delegate_id"])})
    return [
        {
            "id": row["id"],
            "principal": people.get(row["principal_id"]),
            "delegate": people.get(row["delegate_id"]),
            "from": row["valid_from"].isoformat(),
            "until": row["valid_until"].isoformat(),
            "reason": row["reason"],
            "state": row["state"],
            "in_force": delegation_of(row).covers(local_day(now, Zone(row["zone"]))),
            "offered_at": row["created_at"].isoformat(),
            "answered_at": row["answered_at"].isoformat() if row["answered_at"] else None,
        }
        for row in rows
    ]


def delegation_of(row: RowMapping) -> Delegation:
    """The delegation a row holds, as its rules see it."""
    return Delegation(
        UUID(row["principal_id"]),
        UUID(row["delegate_id"]),
        row["valid_from"],
        row["valid_until"],
        DelegationState(row["state"]),
    )
