"""Programmes to improve that need HR: nobody took a step in time, or the result that led to them stands no more."""

from __future__ import annotations

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import SHOWN_POST, Agency
from api.rooms import Rooms
from api.security import Caller
from models.programme import Programme
from models.programme_moves import extendable
from models.vocabulary import Zone
from models.workdays import local_day

PROGRAMMES = text(
    f"""
    SELECT a.id, p.nip, p.name, {SHOWN_POST} AS post, u.name AS unit, g.person_id, g.snapshot, a.revision <> g.revision AS set_aside,
           EXISTS (SELECT FROM jsonb_each(g.steps) step WHERE (step.value ->> 'stalled')::boolean) AS stalled
      FROM programme g JOIN appraisal a ON a.id = g.appraisal_id JOIN person p ON p.id = g.person_id JOIN unit u ON u.id = a.unit_id
     WHERE g.cycle_id = :cycle AND g.state <> 'done' AND (CAST(:only AS text) IS NULL OR g.person_id = :only)
    """
)
CODES = (("programme_stalled", "stalled"), ("programme_set_aside", "set_aside"))


async def programmes_to_see_to(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, agency: Agency, cycle_id: str, only: str | None
) -> list[tuple[str, RowMapping, frozenset[str]]]:
    """The kind of each entry of HR's list, its row, and the calls that the caller may make about it now."""
    found, day = [], local_day(rooms.now(), Zone.WIB)
    for row in (await connection.execute(PROGRAMMES, {"cycle": cycle_id, "only": only})).mappings():
        around = agency.parties(row["person_id"], day)
        decides = caller.person_id not in (around.subject, *around.recused)
        helps = {"cancellation"} if decides else set[str]()
        helps |= {"extension"} if decides and extendable(Programme.model_validate(row["snapshot"])) else set()
        found += [(code, row, frozenset(helps)) for code, why in CODES if row[why]]
    return found
