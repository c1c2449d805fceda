"""How a result came about, line by line, with what is strong, what to develop and which trainings are suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from fastapi import Response

from api.appraisal_view import appraisal_view
from api.loading import load
from api.rooms import RoomsDep
from api.security import CallerDep
from api.web.door import page, page_router
from api.web.language import spoken
from models.access import sees_result

router = page_router()


@router.get("/penilaian/{appraisal_id}/hasil")
async def result_page(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Where there is no result yet, or it is not open to the caller, the page says which."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        shown = await appraisal_view(connection, rooms, caller, loaded, spoken())
    outcome = cast(Mapping[str, object] | None, shown["outcome"])
    competency = cast(Mapping[str, Sequence[Mapping[str, object]]], (outcome or {}).get("competency") or {})
    return page(
        "hasil.html",
        caller=caller,
        local=rooms.local,
        it=shown,
        outcome=outcome,
        competency=competency,
        titles={str(one["id"]): one["title"] for one in competency.get("lines", ())},
        open=loaded.snapshot is not None and sees_result(loaded.roles, loaded.snapshot),
        zone=str(loaded.row["zone"]),
    )
