"""Who heads a unit, what stands above it, and how far a fact about a unit reaches.

Pure. A unit is headed by the one holder of `kepala_unit` in it; where several hold it, or nobody does, by the only one of them (of
those who supervise anybody there) whose own supervisor is not among them. Where that leaves none, or more than one, nobody
heads it: a wrong head would be rated by a label that is not his. Of which day all this is asked is `models.heads`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence


def head_of(
    members: Sequence[str],
    granted: Collection[str],
    supervisor_of: Callable[[str], str | None],
    vacant: Collection[str] = (),
) -> str | None:
    """The head among the people of one unit, or nobody. `granted` hold `kepala_unit`, anywhere.

    `vacant` are those who left their post in that unit: whose post still stands above its people heads it, unless somebody's does who is
    there.
    """
    inside = {*members, *vacant}
    asked = [person for person in members if person in granted]
    if len(asked) == 1:
        return asked[0]
    if not asked:
        asked = sorted({up for person in members if (up := supervisor_of(person)) in inside and up is not None})
    top = [person for person in asked if supervisor_of(person) not in asked]
    if len(top) > 1:
        top = [person for person in top if person not in vacant]
    return top[0] if len(top) == 1 else None


Path = tuple[str, ...]
"""A unit and its ancestors, nearest first."""


def path_of(unit: str, parent_of: Mapping[str, str | None]) -> Path:
    """The unit and its ancestors, nearest first."""
    path: list[str] = []
    step: str | None = unit
    while step is not None and step not in path:
        path.append(step)
        step = parent_of.get(step)
    return tuple(path)


def hung(path: Path, stood: Mapping[str, Path]) -> str | None:
    """By which unit a path is another than before: the nearest of those that are hung elsewhere, each with its path of before."""
    return next((unit for unit in path if unit in stood), None)


def path_before(path: Path, stood: Mapping[str, Path]) -> Path:
    """What this path was before those units were hung elsewhere: below the nearest of them nothing else changed."""
    unit = hung(path, stood)
    return path if unit is None else path[: path.index(unit)] + stood[unit]


def reach(unit: str, parent_of: Mapping[str, str | None], named: Collection[str]) -> set[str]:
    """The unit and those below it without those for which a nearer unit is named."""
    below: dict[str, list[str]] = {}
    for child, parent in parent_of.items():
        if parent is not None:
            below.setdefault(parent, []).append(child)
    found: set[str] = set()
    ask = [unit]
    while ask:
        found.add(one := ask.pop())
        ask += [child for child in below.get(one, ()) if child not in named and child not in found]
    return found
