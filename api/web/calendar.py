"""The calendar of a cycle, to be moved, for everybody or for one unit: what would this change do, before it is done.

A page carries the days that it showed beside those typed. A change is what differs between the two, so that a day nobody touched is never
moved, whatever holds elsewhere or has been moved meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlalchemy import RowMapping
from starlette.background import BackgroundTask

from activities.facts import calendar_of
from api.calendar import CalendarBody, moved_calendar
from api.cycle_view import CycleId, find_cycle, unit_codes
from api.named import unit_named
from api.problems import Problem, as_document
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_nudged
from api.web.door import body_of, page, page_router, posted, seen, version_in
from api.windows import ENDS, shown
from models.vocabulary import GrantedRole, Stage
from models.windows import for_unit

APPLY = "apply"
WAS = "was/"
"""Before the name of an input: what the page showed there."""
DAY = len("2027-01-31")
router = page_router()


@dataclass(frozen=True)
class Calendar:
    """The days that hold, for everybody or in one unit: by calendar key and end, as the api writes them."""

    cycle: RowMapping
    windows: Mapping[str, Mapping[str, str | None]]
    units: Sequence[str]
    """The codes of those that have days of their own."""


@dataclass(frozen=True)
class Cell:
    """One end of one window: what it is, and what is in its input."""

    name: str
    is_now: str | None
    typed: str

    @property
    def day(self) -> str:
        """As an input of a date holds it; an instant is none, and is empty."""
        return self.is_now if self.is_now is not None and len(self.is_now) == DAY else ""

    @property
    def changed(self) -> bool:
        return self.typed != self.day


@router.get("/siklus/{cycle_id}/kalender")
async def calendar_page(
    cycle_id: CycleId, rooms: RoomsDep, caller: CallerDep, unit: str = "", berubah: int | None = None
) -> Response:
    """`berubah` is how many people a change that was just made reaches."""
    try:
        return await _shown(rooms, caller, cycle_id, {"unit": unit}, done=berubah)
    except Problem as unknown:
        if unknown.code != "invalid_input":
            raise
        return await _shown(rooms, caller, cycle_id, {}, refused=unknown, asked_unit=unit)


@router.post("/siklus/{cycle_id}/kalender")
async def move(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Tell what the change would do; do it where that was pressed, and this very change was looked at before.

    Where it is refused, what was typed stays, with the reasons.
    """
    typed = dict(await posted(request))
    version, apply = version_in(typed.get("version", "")), typed.get("press") == APPLY
    try:
        body = _body(typed)
        if body is None or version is None:
            return await _shown(rooms, caller, cycle_id, typed, nothing=True)
        looked_at = body.model_dump_json(exclude={"reason"}, exclude_unset=True)
        apply = apply and typed.get("seen") == looked_at
        effect = await moved_calendar(rooms, caller, cycle_id, body, version, preview=not apply)
    except Problem as refused:
        if refused.code in ("not_yours", "not_found"):
            raise
        return await _shown(rooms, caller, cycle_id, typed, refused=refused)
    if not apply:
        return await _shown(rooms, caller, cycle_id, typed, effect=effect, looked_at=looked_at)
    said = {"unit": body.unit} if body.unit else {}
    done = seen(f"/siklus/{cycle_id}/kalender?{urlencode(said | {'berubah': effect['affected']})}")
    done.background = BackgroundTask(tell_nudged, rooms, cycle_id)
    return done


def _body(typed: Mapping[str, str]) -> CalendarBody | None:
    """What differs from what the page showed; None where nothing does. Raises `invalid_input`."""
    windows: dict[str, dict[str, str | None]] = {}
    for name, was in _were(typed).items():
        if (said := typed.get(name, was).strip()) != was:
            key, _, end = name.partition("/")
            windows.setdefault(key, {})[end] = said or None
    if not windows:
        return None
    return body_of(
        CalendarBody, {"reason": typed.get("reason", ""), "windows": windows, "unit": typed.get("unit") or None}
    )


def _were(typed: Mapping[str, str]) -> dict[str, str]:
    """What the page showed, by the name of its input."""
    return {name.removeprefix(WAS): value for name, value in typed.items() if name.startswith(WAS)}


async def _calendar(rooms: Rooms, cycle_id: str, unit: str) -> Calendar:
    """The calendar that holds in that unit, by its code; empty: for everybody. Raises `invalid_input`, `not_found`."""
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        rows = await calendar_of(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        path = agency.unit_path(await unit_named(connection, unit, "/unit")) if unit else ()
        codes = await unit_codes(connection, [of for _, of in rows if of])
    windows = {key: shown(row) for key, row in for_unit(rows, path).items()}
    return Calendar(cycle, windows, sorted(codes.values()))


async def _shown(
    rooms: Rooms,
    caller: Caller,
    cycle_id: str,
    typed: Mapping[str, str],
    *,
    effect: Mapping[str, object] | None = None,
    looked_at: str = "",
    refused: Problem | None = None,
    done: int | None = None,
    nothing: bool = False,
    asked_unit: str = "",
) -> Response:
    caller.needs(GrantedRole.HR)
    calendar = await _calendar(rooms, cycle_id, typed.get("unit", "").strip())
    told = as_document(refused, "id") if refused else None
    rows = _rows(calendar, typed)
    return page(
        "kalender.html",
        status=int(str(told["status"])) if told else 200,
        caller=caller,
        local=rooms.local,
        cycle=calendar.cycle,
        rows=rows,
        changed=[(key, end, cell) for key, cells in rows for end, cell in cells.items() if cell.changed],
        units=calendar.units,
        typed=typed,
        asked_unit=asked_unit or typed.get("unit", ""),
        effect=effect,
        looked_at=looked_at,
        refused=told,
        done=done,
        nothing=nothing,
    )


def _rows(calendar: Calendar, typed: Mapping[str, str]) -> Sequence[tuple[str, Mapping[str, Cell]]]:
    """Each window with its ends, in the order of the year: as they were typed where somebody did, else as they are now."""
    order, were = [stage.value for stage in Stage], _were(typed)
    keys = sorted(calendar.windows, key=lambda key: (order.index(key.partition(".")[0]), key))

    def cell(key: str, end: str) -> Cell:
        name = f"{key}/{end}"
        as_it_is = Cell(name, calendar.windows[key][end], "")
        touched = name in were and typed.get(name, were[name]).strip() != were[name]
        return Cell(name, as_it_is.is_now, typed[name].strip() if touched else as_it_is.day)

    return [(key, {end: cell(key, end) for end in ENDS}) for key in keys]
