"""The route of a year as its picture shows it: each stage with whose it is, in the order in which they have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from activities.documents.indonesian import MONTHS
from api import words
from api.web.pictures import Leg, Timeline, timeline
from models.vocabulary import Role, Stage, State, Zone
from models.ways import WAITS_ON
from models.workdays import ZONES

NAME_MAX, WHO_MAX = 22, 42
SHORT = tuple(month[:3] for month in MONTHS)
HELD_BY = {Role.EMPLOYEE: "employee", Role.SUPERVISOR: "supervisor", Role.SENIOR: "senior_supervisor"}
"""The roles that exactly one person has around an appraisal, by where it is told."""


@dataclass(frozen=True)
class Stop:
    """One stage of the picture; `who` are whole names or roles, `briefly` the same as they fit into a picture."""

    said: Mapping[str, object]
    who: tuple[str, ...]
    briefly: str
    leg: Leg


def drawn(shown: Mapping[str, object], zone: str, now: datetime) -> tuple[Timeline, tuple[Stop, ...]] | None:
    """The picture of the route in an answer of `GET /appraisals/{id}`; None where no day of it is known."""
    route = cast(Sequence[Mapping[str, object]], shown["route"])
    year = int(str(cast(Mapping[str, object], shown["cycle"])["year"]))
    local = now.astimezone(ZONES[Zone(zone)])
    picture = timeline(year, route, local, f"{local.day} {SHORT[local.month - 1]}")
    if picture is None:
        return None
    stops = []
    for stop, leg in zip(route, picture.legs, strict=True):
        who = _who(shown, Stage(str(stop["stage"])))
        stops.append(Stop(stop, who, _briefly(who), leg))
    return picture, tuple(stops)


def day(written: object) -> str:
    """`31 Jan` of an instant as the api tells it, by the clocks it is told in."""
    at = datetime.fromisoformat(str(written))
    return f"{at.day} {SHORT[at.month - 1]}"


def _who(shown: Mapping[str, object], stage: Stage) -> tuple[str, ...]:
    roles = [WAITS_ON[state] for state in State if state.stage is stage]
    return tuple(dict.fromkeys(_name(shown, role) for role in roles if role is not None and role is not Role.ENGINE))


def _name(shown: Mapping[str, object], role: Role) -> str:
    person = shown.get(HELD_BY[role]) if role in HELD_BY else None
    return str(person["name"]) if isinstance(person, Mapping) else words.word(words.ROLES, role)


def _briefly(who: Sequence[str]) -> str:
    """As many of them as fit."""
    line = ""
    for one in map(_brief, who):
        longer = f"{line} → {one}" if line else one
        if len(longer) > WHO_MAX:
            return f"{line} → …"
        line = longer
    return line


def _brief(name: str) -> str:
    """Without degrees, and cut where a phone has no more room."""
    plain = name.partition(",")[0]
    return plain if len(plain) <= NAME_MAX else f"{plain[: NAME_MAX - 1].rstrip()}…"
