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

from activities.places import days_now
from api.exact import Exact
from api.people_shown import PersonShown, people_shown
from api.security import Caller
from models.delegation import LIVE, Delegation, DelegationState
from models.vocabulary import GrantedRole, Zone
from models.workdays import local_day

ROWS = """
    SELECT d.*, p.zone FROM delegation d JOIN person p ON p.id = d.principal_id
"""
TODAY = "JOIN unnest(CAST(:zones AS text[]), CAST(:days AS date[])) AS today(zone, day) ON today.zone = p.zone"
LASTS = "(d.state = ANY(:live) AND d.valid_until >= today.day)"
"""Offered or accepted, and not past where the principal is."""
OF_ONE = "(SELECT id FROM person WHERE nip = :nip) IN (d.principal_id, d.delegate_id)"
LASTING = text(f"{ROWS} {TODAY} WHERE {OF_ONE} AND {LASTS} ORDER BY d.valid_from, d.id")
OVER = text(f"{ROWS} {TODAY} WHERE {OF_ONE} AND NOT {LASTS} ORDER BY d.valid_from DESC, d.id DESC LIMIT :limit")
OF_OTHERS = text(f"{ROWS} {TODAY} WHERE NOT {OF_ONE} AND {LASTS} ORDER BY d.valid_from, d.id LIMIT :limit")
HOW_MANY_OF_OTHERS = text(
    f"SELECT count(*) FROM delegation d JOIN person p ON p.id = d.principal_id {TODAY} WHERE NOT {OF_ONE} AND {LASTS}"
)
EVERY = f"(CAST(:everybody AS boolean) OR {OF_ONE})"
AFTER = text(
    f"""
    {ROWS} WHERE {EVERY} AND (CAST(:day AS date) IS NULL OR (d.valid_from, d.id) > (CAST(:day AS date), CAST(:id AS text)))
     ORDER BY d.valid_from, d.id LIMIT :limit
    """
)
HOW_MANY = text(f"SELECT count(*) FROM delegation d WHERE {EVERY}")
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


async def lasting(connection: AsyncConnection, nip: str, now: datetime) -> list[dict[str, object]]:
    """Those that this person gave or was given and that are alive and not past, by their first day."""
    rows = await connection.execute(LASTING, {"nip": nip, **_today(now)})
    return await shown(connection, rows.mappings().all(), now)


async def over(connection: AsyncConnection, nip: str, now: datetime, limit: int) -> list[dict[str, object]]:
    """The latest of hers that are over, were declined or ended; the latest first."""
    rows = await connection.execute(OVER, {"nip": nip, "limit": limit, **_today(now)})
    return await shown(connection, rows.mappings().all(), now)


async def lasting_of_others(
    connection: AsyncConnection, nip: str, now: datetime, limit: int
) -> tuple[list[dict[str, object]], int]:
    """Those between others than this person that are alive and not past, by their first day, and how many there are in all."""
    said = {"nip": nip, **_today(now)}
    rows = (await connection.execute(OF_OTHERS, {"limit": limit, **said})).mappings().all()
    total = int((await connection.execute(HOW_MANY_OF_OTHERS, said)).scalar_one())
    return await shown(connection, rows, now), total


async def listed_after(
    connection: AsyncConnection, caller: Caller, now: datetime, after: tuple[date, str] | None, limit: int
) -> tuple[list[dict[str, object]], int]:
    """As many as that of the caller's, HR's are all, by their first day and id, after that one; and how many there are in all."""
    whose = {"nip": caller.nip, "everybody": GrantedRole.HR in caller.granted}
    day, one = after or (None, None)
    rows = (await connection.execute(AFTER, {**whose, "day": day, "id": one, "limit": limit})).mappings().all()
    total = int((await connection.execute(HOW_MANY, whose)).scalar_one())
    return await shown(connection, rows, now), total


def _today(now: datetime) -> dict[str, object]:
    days = days_now(now)
    return {"zones": list(days), "days": list(days.values()), "live": list(LIVE)}


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
