"""A pack as it is written: a TOML file, which may build on another and then says only where it differs.

`extends` names the pack it builds on; `without` the tables of that pack which are left out before this file's are laid over. Tables are
laid over one another key by key; a list, a figure or a sentence replaces what was there. Two abbreviations are written out here, so that
a frozen pack needs no other to be read: `like` (a group with the fields of a form) and `calibrated` (a notice of packs that do, or do
not, calibrate).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

Table = dict[str, object]

OWN = ("id", "version", "title", "source")
"""What every file says of itself, however much it takes over."""


class PackFileError(ValueError):
    """A file that is no pack: it cannot be read, or does not fit what it builds on. `path` is where in the file."""

    def __init__(self, message: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


def written(text: str) -> Table:
    """The tables of a file as they are written. Raises `PackFileError`, with the line where TOML itself is broken."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise PackFileError(f"this is not TOML: {broken}") from broken


def said(value: object) -> str:
    """A value as TOML writes it on one line; what is None is not said."""
    if isinstance(value, Mapping):
        inside = (
            f"{json.dumps(key, ensure_ascii=False)} = {said(one)}" for key, one in value.items() if one is not None
        )
        return f"{{ {', '.join(inside)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(said(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


def chain(text: str, shelf: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """The packs that a file builds on, nearest first, each with its id and its text; as far as they can be read."""
    seen: set[object] = set()
    while True:
        try:
            base = written(text).get("extends")
        except PackFileError:
            return
        if not isinstance(base, str) or base not in shelf or base in seen:
            return
        seen.add(base)
        text = shelf[base].read_text(encoding="utf-8")
        yield base, text


def resolved(text: str, shelf: Mapping[str, Path]) -> Table:
    """The whole pack that a file describes, on top of what it extends. `shelf` has the files of the other packs by their ids.

    Raises `PackFileError`.
    """
    return _written_out(_merged(text, shelf, ()))


def _merged(text: str, shelf: Mapping[str, Path], above: tuple[str, ...]) -> Table:
    table = written(text)
    base_id = table.pop("extends", None)
    without = table.pop("without", [])
    if base_id is None:
        return table
    if missing := [name for name in OWN if name not in table]:
        raise PackFileError(f"a pack says its own {', '.join(missing)}")
    if not isinstance(base_id, str) or base_id not in shelf:
        raise PackFileError(f"there is no pack {base_id!r} to build on", ("extends",))
    chain = (*above, str(table["id"]))
    if base_id in chain:
        raise PackFileError(f"{' builds on '.join((*chain, base_id))}: no pack builds on itself", ("extends",))
    base = _merged(shelf[base_id].read_text(encoding="utf-8"), shelf, chain)
    if not isinstance(without, list) or not all(isinstance(name, str) for name in without):
        raise PackFileError("`without` is a list of names of tables", ("without",))
    for place, name in enumerate(without):
        _leave_out(base, name, ("without", place))
    return _without_unused(_laid_over(base, table))


def _leave_out(table: Table, name: str, path: tuple[str | int, ...]) -> None:
    """Take the table (or value) of a dotted name out. Raises `PackFileError` where there is none."""
    try:
        keys = keys_of(name)
    except tomllib.TOMLDecodeError as broken:
        raise PackFileError(f"{name!r} is no name of a table", path) from broken
    *outer, last = keys
    for key in outer:
        inner = table.get(key)
        table = cast(Table, inner) if isinstance(inner, dict) else {}
    if last not in table:
        raise PackFileError(f"the pack it builds on has no {name!r} to leave out", path)
    del table[last]


def keys_of(name: str) -> tuple[str, ...]:
    """The keys of a dotted name as TOML reads it (`calendar."midyear.1"`). Raises `tomllib.TOMLDecodeError`."""
    nested: object = tomllib.loads(f"{name} = 0")
    keys = []
    while isinstance(nested, dict):
        (key, nested), *_ = nested.items()
        keys.append(str(key))
    return tuple(keys)


def _laid_over(base: Table, table: Table) -> Table:
    whole = dict(base)
    for key, value in table.items():
        below = whole.get(key)
        whole[key] = _laid_over(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return whole


def _without_unused(pack: Table) -> Table:
    """Without the sentences that were taken over and that no notice uses any more."""
    used = {notice.get("text") for notice in _notices(pack)}
    texts = cast(Table, pack.get("texts", {}))
    return pack | {"texts": {key: text for key, text in texts.items() if key in used}}


def _notices(pack: Table) -> list[Table]:
    """The rows of the notice table that count, since this pack calibrates or does not."""
    listed, stages = pack.get("notices"), pack.get("stages")
    calibrates = isinstance(stages, dict) and stages.get("calibration", "none") != "none"
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return [row for row in rows if row.get("calibrated", calibrates) is calibrates]


def _written_out(pack: Table) -> Table:
    forms = pack.get("forms")
    whole = dict(pack)
    if isinstance(pack.get("notices"), list):
        whole["notices"] = [{key: value for key, value in row.items() if key != "calibrated"} for row in _notices(pack)]
    if isinstance(forms, dict):
        whole["forms"] = {name: _like(form, forms) for name, form in forms.items()}
    return whole


def _like(node: object, forms: Table) -> object:
    """A form, or what is inside it, with each `like` written out."""
    if isinstance(node, list):
        return [_like(inner, forms) for inner in node]
    if not isinstance(node, dict):
        return node
    if "like" in node and node.get("type") == "group":
        form = forms.get(str(node["like"]))
        if not isinstance(form, dict) or "fields" not in form:
            raise PackFileError(f"the group {node.get('name')!r} is like the form {node['like']!r}, which is not there")
        rest = {key: value for key, value in node.items() if key != "like"}
        return rest | {"fields": form["fields"]}
    return {key: _like(inner, forms) for key, inner in node.items()}
