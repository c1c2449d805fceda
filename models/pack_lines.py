"""On which line of a TOML file a value stands, for who has to mend it.

The standard reader tells what a file says and not where. This finds tables, keys and the entries of a list that is written over several
lines; what stands inside one line is told by that line. What `without` leaves out stands where it is left out.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping

from models.misfits import Path
from models.pack_file import keys_of

HEADER = re.compile(r"^\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$")
KEY = re.compile(
    r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=\s*(.*)$"
)
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")


def line_of(text: str, path: Path, *others: Path) -> int | None:
    """The line, counted from 1, of the value of this path, or of the nearest thing around it; None where nothing of it is here.

    Steps that are not in the file (the kind of a field, a default) are passed over. Of several paths it is the one of which the file
    says most.
    """
    places = dict(reversed(list(_places(text))))
    for left_out, line in _left_out(text, places):
        places.setdefault(left_out, line)
    known = {place[:length] for place in places for length in range(len(place) + 1)}
    inside = {place[:-1] for place in known if place}
    found = [(one, _said_of(one, known)) for one in (path, *others)]
    # What has nothing inside says all there is to say on its own line.
    here = min(found, key=lambda one: len(one[0]) - len(one[1]) if one[1] in inside else 0)[1]
    while here and here not in places:
        here = min((place for place in places if place[: len(here)] == here), key=lambda place: places[place])
    return places.get(here)


def _said_of(path: Path, known: set[Path]) -> Path:
    """The steps of a path that the file has."""
    here: Path = ()
    for step in path:
        if (*here, step) in known:
            here = (*here, step)
    return here


def _left_out(text: str, places: Mapping[Path, int]) -> Iterator[tuple[Path, int]]:
    """What `without` leaves out, with the line that says so."""
    try:
        names = tomllib.loads(text).get("without", [])
        keys = [keys_of(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
    except tomllib.TOMLDecodeError:
        return
    for number, left_out in enumerate(keys):
        line = places.get(("without", number), places.get(("without",)))
        if line is not None:
            yield left_out, line


def _places(text: str) -> Iterator[tuple[Path, int]]:
    """Every table, key and entry with its line, in the order of the file."""
    table: Path = ()
    counted: Counter[Path] = Counter()
    inside: Path | None = None
    depth = entry = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = QUOTED.sub(lambda found: '"' + "_" * (len(found[0]) - 2) + '"', raw).partition("#")[0]
        if inside is not None:
            if depth == 1 and line.strip() and not line.strip().startswith("]"):
                yield (*inside, entry), number
                entry += 1
            depth += _opened(line)
            inside = inside if depth > 0 else None
            continue
        if header := HEADER.match(raw):
            table = _resolved(keys_of(header[2]), counted, several=header[1] == "[[")
            yield table, number
        elif key := KEY.match(raw):
            place = (*table, *keys_of(key[1]))
            yield place, number
            depth, entry = _opened(line.partition("=")[2]), 0
            inside = place if depth > 0 else None


def _opened(line: str) -> int:
    return sum(line.count(sign) for sign in "[{") - sum(line.count(sign) for sign in "]}")


def _resolved(keys: tuple[str, ...], counted: Counter[Path], *, several: bool) -> Path:
    """The path of a header: where one of its tables is a list, the entry that was begun last."""
    here: Path = ()
    for place, key in enumerate(keys):
        here = (*here, key)
        if several and place == len(keys) - 1:
            counted[here] += 1
        if counted[here]:
            here = (*here, counted[here] - 1)
    return here
