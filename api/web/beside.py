"""What was noted in the course of a year, as it lies beside its forms: at the line of each planned result, and put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from api.loading import Loaded
from api.rooms import Rooms
from api.web.fields import Field, Kind
from api.web.language import spoken
from api.year_log import year_log_shown

Noted = Mapping[str, object]


@dataclass(frozen=True)
class Notes:
    """A year's notes as the api puts them together."""

    all: Noted
    of_results: Mapping[str, Noted]

    def at(self, field: Field) -> Noted | None:
        """What was noted of the planned result that this group of fields is about; None where it is about none, or nothing was."""
        keys = [field.name.rpartition("/")[2], *(one.value for one in field.inside if one.kind is Kind.KEY)]
        found = next((self.of_results[key] for key in keys if key in self.of_results), None)
        return found if found and any(cast(Mapping[str, int], found["counts"]).values()) else None

    @property
    def any(self) -> bool:
        """Whether there is anything to read."""
        counted = any(cast(Mapping[str, int], self.all["counts"]).values())
        return counted or bool(self.all["feedback"] or self.all["remarks"])


async def beside_the_year(connection: AsyncConnection, rooms: Rooms, loaded: Loaded) -> Notes | None:
    """None while no plan is in force, so that nobody has anything to note yet."""
    if loaded.running().plan_in_force is None:
        return None
    found = await year_log_shown(connection, rooms, loaded, spoken())
    results = cast(Sequence[Noted], found["results"])
    return Notes(found, {str(one["result"]): one for one in results if one["result"] is not None})
