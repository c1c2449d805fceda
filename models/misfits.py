"""What in a pack does not fit: where, and a sentence that says what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

Path = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and places in lists."""


@dataclass(frozen=True, slots=True)
class Misfit:
    path: Path
    message: str
    others: tuple[Path, ...] = ()
    """Where else it may be mended: of two tables that do not fit each other a file may say only one."""


class Misfits(ValueError):
    """Several at once, each with a path of its own."""

    def __init__(self, found: tuple[Misfit, ...]) -> None:
        super().__init__("; ".join(one.message for one in found))
        self.found = found


def misfits_of(error: ValidationError) -> Iterator[Misfit]:
    """What a validator found, each with its path and in one sentence."""
    details = error.errors(include_url=False, include_input=False)
    for detail in details:
        inner = (one["loc"] for one in details if one is not detail)
        if detail["type"] == "too_short" and any(loc[: len(detail["loc"])] == detail["loc"] for loc in inner):
            continue  # a list whose rows are all wrong is counted as if it had none
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, Misfits):
            yield from (Misfit((*detail["loc"], *one.path), one.message) for one in cause.found)
        else:
            yield Misfit(detail["loc"], detail["msg"].removeprefix("Value error, "))
