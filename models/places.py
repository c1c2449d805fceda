"""Where somebody works on a day: the place of today, and what recorded transfers make of it; what a file's row knows of them.

Pure. A place is kept under the names of a person's columns; what a transfer does not say stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.workdays import ONE_DAY

PLACE = ("post", "level", "kind", "unit_id", "zone", "work_week")

POST = ("post", "unit_id")
"""What makes it another post; who becomes another kind of employee in it stays there."""

FAMILY = "family"
"""Kept beside the place that a transfer ended, though no transfer says another."""

TITLE = ("post", "level", FAMILY)
"""What may become another without a transfer."""

Place = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer that is recorded and was not taken back; `day` is its first day, a local date."""

    id: str
    day: date
    to: Place
    """What it says of the place."""
    coming: bool
    """Whether the person's row still says the place of before."""
    before: Place | None = None
    """The whole place that it ended, where that is known."""
    since: date | None = None
    """Since when she had been in the post that it ended, as far as that is known."""
    dated: bool = True
    """Whether its day was said. What a file said without a day of its own the next file may unsay."""
    title: bool = False
    """Whether it is no transfer, but another title, level or job family where she stays. The person's row says it at once, also ahead."""


def place_on(day: date, today: Place, moves: Iterable[Move]) -> dict[str, object]:
    """Her place on a day. `moves` in the order of their days, titles among them where they count.

    Of a day that is over it is what the first transfer since has ended; where that is not known, what is known of the time after.
    """
    moves = list(moves)
    ended = _ended_since(day, moves)
    here = today if ended is None or ended.before is None else ended.before
    found = {name: here[name] for name in PLACE}
    for move in moves:
        if move.coming and move.day <= day:
            found |= move.to
    return found


def came_to(day: date, since: date | None, moves: Iterable[Move]) -> date | None:
    """Since when she was in the post of that day, as far as it is known; `since` is of today's."""
    over = next((move for move in moves if not move.coming and move.day > day), None)
    return since if over is None else over.since


def family_on(day: date, today: object, moves: Iterable[Move]) -> object:
    """Her job family on a day: what the first transfer or title since then has kept of it, else that of today."""
    ended = _ended_since(day, moves)
    before = {} if ended is None or ended.before is None else ended.before
    return before.get(FAMILY, today)


def leaves_post(move: Move, today: Place, moves: Iterable[Move]) -> bool:
    """Whether a transfer brings her to another post (in rows `activities.people.LEAVES_POST`). `moves` in the order of their days.

    One recorded before places were kept with it did.
    """
    eve = place_on(move.day - ONE_DAY, today, moves)
    return any(move.to.get(name) != eve[name] for name in POST)


def _ended_since(day: date, moves: Iterable[Move]) -> Move | None:
    """The first transfer or title after that day of which the person's row knows, and we what it ended."""
    return next((move for move in moves if not move.coming and move.day > day and move.before is not None), None)


def differing(said: Place, place: Place) -> dict[str, object]:
    """What somebody says of a place that is not so."""
    return {name: value for name, value in said.items() if place[name] != value}


def unaware(said: Place, since: date | None, moves: Iterable[Move]) -> bool:
    """Whether a row says the place that a transfer ended, and no day (`since`) as late as that transfer's."""
    for move in moves:
        if move.before is None or not move.dated or (since is not None and since >= move.day):
            continue
        moved = [name for name in differing(move.to, move.before) if name in said]
        if moved and all(said[name] == move.before[name] for name in moved):
            return True
    return False


def foretells(said: Place, moves: Iterable[Move]) -> bool:
    """Whether a row that says no day of its own names the place of a transfer still to come."""
    coming = (move for move in moves if move.coming)
    return any(all(said.get(name, value) == value for name, value in move.to.items()) for move in coming)
