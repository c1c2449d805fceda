"""The final results of a cycle as a file for other programs: one row a person, with the figures of the record that stands.

Whoever takes it away is written into the cycle's trail, in the transaction that reads it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.cycle_trail import note
from activities.final_results import FinalYear, final_years
from activities.segments import segments
from api.cycle_view import CycleId, find_cycle
from api.problems import Problem
from api.results import UnitCode, units_within
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.export import MEDIA, ExportFormat, Row, written
from models.trail_actions import TrailAction
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["cycles"])

MAY = {GrantedRole.HR: Role.HR, GrantedRole.AUDITOR: Role.AUDITOR, GrantedRole.PYB: Role.APPOINTING_AUTHORITY}
"""Who may, and as what it is noted."""
BESIDE = text(
    """
    SELECT a.id, p.nip, p.name, u.code AS unit, u.name AS unit_name, a.ending, a.done_at, a.zone, k.manifest_sha256
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
      LEFT JOIN archive k ON k.appraisal_id = a.id AND k.revision = a.revision
     WHERE a.id = ANY(:ids) ORDER BY u.code, p.nip, a.id
    """
)
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA.values()},
    }
}
Format = Annotated[ExportFormat, Query(description="What kind of file.")]


@router.get("/cycles/{cycle_id}/export", response_class=Response, responses=FILES)
async def export_results(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, format: Format, unit: UnitCode = None
) -> Response:
    """For HR, PyB and auditor: the final results, of a unit with all below it where one is named."""
    return await _export(rooms, caller, cycle_id, format, unit)


@router.get("/cycles/{cycle_id}/export.{format}", response_class=Response, responses=FILES)
async def export_results_as(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, format: ExportFormat, unit: UnitCode = None
) -> Response:
    """The same under the name of the file."""
    return await _export(rooms, caller, cycle_id, format, unit)


async def _export(rooms: Rooms, caller: Caller, cycle_id: str, kind: ExportFormat, unit: str | None) -> Response:
    role = next((role for granted, role in MAY.items() if granted in caller.granted), None)
    if role is None:
        raise Problem("not_yours")
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        within = await units_within(connection, agency, unit)
        rows = await _rows(connection, rooms, cycle_id, within)
        said = {"format": kind.value, "unit": unit, "rows": len(rows)}
        await note(connection, cycle_id, rooms.now(), TrailAction.RESULTS_EXPORTED, caller.person_id, said, role=role)
    data = await asyncio.to_thread(written, kind, rows)
    headers = {
        "Content-Disposition": f'attachment; filename="hasil-{cycle["year"]}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=MEDIA[kind], headers=headers)


async def _rows(connection: AsyncConnection, rooms: Rooms, cycle: str, within: Sequence[str] | None) -> Sequence[Row]:
    years = {one.appraisal: one for one in await final_years(connection, rooms.now(), cycle=cycle)}
    wanted = [one.appraisal for one in years.values() if within is None or one.unit in within]
    places = await segments(connection, wanted, rooms.now())
    beside = (await connection.execute(BESIDE, {"ids": wanted})).mappings()
    return [_row(row, years[row["id"]], str(places[row["id"]].place["post"])) for row in beside]


def _row(beside: RowMapping, year: FinalYear, post: str) -> Row:
    """In the order of `models.export.COLUMNS`."""
    result = year.result
    return (
        *(beside["nip"], beside["name"], post, result.level.value, result.kind.value),
        *(beside["unit"], beside["unit_name"], result.year),
        *(result.label.value, result.value, year.lines.get("result_rating"), year.lines.get("behaviour_rating")),
        *(result.match, beside["ending"], year.revision),
        *(local_day(beside["done_at"], Zone(beside["zone"])) if beside["done_at"] else None, beside["manifest_sha256"]),
    )
