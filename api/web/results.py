"""What a cycle's pack makes known of its results, once HR has closed it: counts, and by name where the pack says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from api.cycle_view import CycleId, find_cycle
from api.paging import PageDep
from api.problems import Problem
from api.results import WHOLE, names_listed, results_shown
from api.rooms import RoomsDep
from api.security import CallerDep
from api.web.door import page, page_router
from models.publication import Openness
from models.vocabulary import Label

router = page_router()


@router.get("/siklus/{cycle_id}/hasil")
async def results(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,
    asked: PageDep,
    unit: Annotated[str, Query(max_length=64)] = "",
    predikat: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Where everybody reads only her own there is no such page, but for who reads all counts by office."""
    label = Label(predikat) if predikat in set(Label) else None
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        spec = (await rooms.facts.pack(connection, cycle_id)).publication
        officer = bool(caller.granted & WHOLE)
        if spec.results is Openness.OWN and not officer:
            raise Problem("not_found")
        shown = await results_shown(connection, rooms, caller, cycle_id, unit or None)
        names = None
        if spec.results is Openness.NAMED:
            try:
                names = await names_listed(connection, rooms, caller, cycle_id, asked, unit or None, label)
            except Problem as refused:
                if not officer:  # who reads the counts at any time reads no names before they are made known
                    raise
                if refused.code != "not_published_yet":
                    raise
    return page(
        "diumumkan.html",
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        it=shown,
        names=names,
        labels=list(Label),
        unit=unit,
        label=label,
        officer=officer,
    )
