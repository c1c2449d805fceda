"""What the pages of a running year have in common: whose year, which of them there are, and what was wrong with what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.during import planned_results, still_noted
from api.form_desk import context_of
from api.loading import Loaded
from api.problem_catalogue import CATALOGUE
from api.problems import Problem, headers_of
from api.rooms import Rooms
from api.security import Caller
from api.web.door import page, told
from api.web.language import spoken
from models.vocabulary import Form, Zone
from models.workdays import local_day


@dataclass(frozen=True)
class Year:
    """The year that something is noted of. `results` and `criteria` are titles by key, of what a note may be about."""

    loaded: Loaded
    open: bool
    """Something may still be noted, by whomever."""
    today: str
    results: Mapping[str, str]
    criteria: Mapping[str, str]
    peers: bool
    """The pack asks others about her work."""

    def about(self, one: Mapping[str, object]) -> str:
        """What a note is about, in words; empty where it is about nothing in particular."""
        key, criterion = one.get("result"), one.get("criterion")
        if criterion:
            return self.criteria.get(str(criterion), str(criterion))
        return self.results.get(str(key), str(key)) if key else ""


async def year_of(connection: AsyncConnection, rooms: Rooms, loaded: Loaded) -> Year:
    """As the pages of a running year show it."""
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    post = await context_of(connection, loaded, pack, Form.RATING, rooms.now())
    criteria = {one.id: one.title.id for listed in pack.criteria.values() for one in listed if one.when.holds(post)}
    return Year(
        loaded,
        await still_noted(connection, loaded),
        local_day(rooms.now(), Zone(str(loaded.row["zone"]))).isoformat(),
        await planned_results(connection, rooms, loaded),
        criteria,
        pack.feedback.asked,
    )


def shown(
    name: str, rooms: Rooms, caller: Caller, year: Year, refused: Problem | None = None, **more: object
) -> Response:
    """That page of the year; where something was refused with its sentence, and what is wrong at each field."""
    return page(
        name,
        status=CATALOGUE[refused.code].status if refused else 200,
        headers=headers_of(refused) if refused else None,
        caller=caller,
        local=rooms.local,
        row=year.loaded.row,
        zone=str(year.loaded.row["zone"]),
        year=year,
        refused=told(refused) if refused else None,
        wrong=at_fields(refused),
        **more,
    )


def at_fields(refused: Problem | None) -> dict[str, list[str]]:
    """What a refusal says of each field, by its name."""
    found: dict[str, list[str]] = {}
    for one in refused.errors if refused else ():
        found.setdefault(one.pointer.strip("/"), []).append(one.message.say(spoken()))
    return found


def said_of(typed: Mapping[str, str], names: Sequence[str]) -> dict[str, object]:
    """Of what was typed these fields, as far as anything stands in them."""
    return {name: typed[name].strip() for name in names if typed.get(name, "").strip()}
