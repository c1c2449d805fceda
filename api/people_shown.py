"""A person in an answer: `{nip, name, post, unit}`, looked up for many ids at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.exact import Exact

PEOPLE = text(
    """
    SELECT p.id, p.nip, p.name, p.post, u.name AS unit FROM person p JOIN unit u ON u.id = p.unit_id
     WHERE p.id = ANY(:ids)
    """
)

BY_NIP = text(
    """
    SELECT p.nip, p.name, p.post, u.name AS unit FROM person p JOIN unit u ON u.id = p.unit_id
     WHERE p.nip = ANY(:nips) ORDER BY p.name, p.nip
    """
)

Shown = dict[str, object]


class PersonShown(Exact):
    """A person; `unit` is the unit's name."""

    nip: str
    name: str
    post: str
    unit: str


async def people_shown(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, Shown]:
    """By id; an id nobody has (the engine's) is simply absent."""
    if not ids:
        return {}
    rows = await connection.execute(PEOPLE, {"ids": sorted(ids)})
    return {r.id: {"nip": r.nip, "name": r.name, "post": r.post, "unit": r.unit} for r in rows}


async def people_with(connection: AsyncConnection, nips: Collection[str]) -> Sequence[Shown]:
    """Those of these NIPs, by name."""
    rows = await connection.execute(BY_NIP, {"nips": sorted(nips)})
    return [dict(row) for row in rows.mappings()]
