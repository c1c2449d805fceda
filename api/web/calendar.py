"""The calendar of a cycle, to be moved: what would this change do, before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from fastapi import Request, Response
from starlette.background import BackgroundTask

from api.calendar import CalendarBody, moved_calendar
from api.cycle_view import CycleId, cycle_view, find_cycle
from api.problems import Problem, as_document
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from api.web.cycle import whole_day
from api.web.door import body_of, page, page_router, posted, seen, version_in
from api.web.language import spoken
from api.windows import ENDS
from models.vocabulary import GrantedRole, Stage

APPLY = "apply"
router = page_router()
Rows = Mapping[str, Mapping[str, str]]


@router.get("/siklus/{cycle_id}/kalender")
async def calendar_page(cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, berubah: int | None = None) -> Response:
    """`berubah` is how many people a change that was just made reaches."""
    return await _shown(rooms, caller, cycle_id, done=berubah)


@router.post("/siklus/{cycle_id}/kalender")
async def move(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Tell what the change would do; do it where that was pressed, and this very change was looked at before.

    Where it is refused, what was typed stays, with the reasons.
    """
    typed = dict(await posted(request))
    version, apply = version_in(typed.get("version", "")), typed.get("press") == APPLY
    try:
        body = await _body(rooms, cycle_id, typed)
        if body is None or version is None:
            return await _shown(rooms, caller, cycle_id, typed=typed, nothing=True)
        looked_at = body.model_dump_json(exclude={"reason"})
        apply = apply and typed.get("seen") == looked_at
        effect = await moved_calendar(rooms, caller, cycle_id, body, version, preview=not apply)
    except Problem as refused:
        if refused.code in ("not_yours", "not_found"):
            raise
        return await _shown(rooms, caller, cycle_id, typed=typed, refused=refused)
    if not apply:
        return await _shown(rooms, caller, cycle_id, typed=typed, effect=effect, looked_at=looked_at)
    done = seen(f"/siklus/{cycle_id}/kalender?berubah={effect['affected']}")
    done.background = BackgroundTask(tell_nudged, rooms, cycle_id)
    return done


async def _body(rooms: Rooms, cycle_id: str, typed: Mapping[str, str]) -> CalendarBody | None:
    """What differs from the calendar as it is; None where nothing does. Raises `invalid_input`, `not_found`."""
    unit = typed.get("unit", "").strip() or None
    async with rooms.database.transaction() as connection:
        shown = await cycle_view(connection, await find_cycle(connection, cycle_id))
    everybodys = cast(Rows, shown["calendar"])
    own = cast(Mapping[str, Rows], shown["unit_calendars"]).get(unit or "", {})
    windows: dict[str, dict[str, str]] = {}
    for key, window in everybodys.items():
        for end in ENDS:
            said, is_now = typed.get(f"{key}/{end}", "").strip(), own.get(key, {}).get(end) or window[end]
            if said and said != whole_day(is_now):
                windows.setdefault(key, {})[end] = said
    if not windows:
        return None
    return body_of(CalendarBody, {"reason": typed.get("reason", ""), "windows": windows, "unit": unit})


async def _shown(
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    effect: Mapping[str, object] | None = None,
    looked_at: str = "",
    refused: Problem | None = None,
    done: int | None = None,
    nothing: bool = False,
) -> Response:
    caller.needs(GrantedRole.HR)
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        shown = await cycle_view(connection, cycle)
    told = as_document(refused, spoken()) if refused else None
    return page(
        "kalender.html",
        status=int(str(told["status"])) if told else 200,
        caller=caller,
        local=rooms.local,
        cycle=cycle,
        rows=_rows(cast(Rows, shown["calendar"]), typed or {}),
        units=shown["unit_calendars"],
        typed=typed or {},
        effect=effect,
        looked_at=looked_at,
        refused=told,
        done=done,
        nothing=nothing,
    )


def _rows(calendar: Rows, typed: Mapping[str, str]) -> Sequence[tuple[str, Mapping[str, str]]]:
    """Each window with its ends, in the order of the year: as they were typed, else as they are."""
    order = [stage.value for stage in Stage]
    keys = sorted(calendar, key=lambda key: (order.index(key.partition(".")[0]), key))
    return [(key, {end: typed.get(f"{key}/{end}", whole_day(calendar[key][end])) for end in ENDS}) for key in keys]
