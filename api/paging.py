"""Lists: `{"items", "next", "total"}` with a cursor that stays right while rows come and go.

The cursor is the last item's key, so nothing is skipped or shown twice when others write in between.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from pydantic_core import to_json

from api.exact import Exact
from api.problems import FieldProblem, Problem
from models.language import Bilingual

LIMIT_MAX = 200


Item = TypeVar("Item")
Key = Annotated[str, Field(description="The same for the same item, whenever it is asked for.")]


class Page(Exact, Generic[Item]):
    """One page of a list; `next` is the cursor of the page after it, null on the last; `total` counts the whole list."""

    items: list[Item]
    next: str | None
    total: int


@dataclass(frozen=True)
class Found:
    """A page as a route makes it, of plain JSON; the document says what its items hold."""

    items: list[dict[str, object]]
    next: str | None
    total: int


class Listed(JSONResponse):
    """Written by the faster of the two writers at hand: a page may hold hundreds of rows."""

    def render(self, content: object) -> bytes:
        return to_json(content)


def listed(page: Found) -> JSONResponse:
    """The page as an answer."""
    return Listed({"items": page.items, "next": page.next, "total": page.total})


@dataclass(frozen=True)
class Asked:
    limit: int
    after: str | None


async def _asked(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Asked:
    if not cursor:
        return Asked(limit, None)
    try:
        after = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as wrong:
        raise bad_cursor() from wrong
    if not after or "\x00" in after:
        raise bad_cursor()
    return Asked(limit, after)


PageDep = Annotated[Asked, Depends(_asked)]


def bad_cursor() -> Problem:
    """The refusal of a cursor that is not one of this list's."""
    message = Bilingual(id="Penunjuk halaman ini tidak dikenal.", en="This is no cursor of this list.")
    return Problem("invalid_input", errors=[FieldProblem("/cursor", "bad_cursor", message)])


def id_after(asked: Asked) -> str | None:
    """The id after which the page begins, in its one spelling. Raises `invalid_input` for a cursor of another list."""
    return None if asked.after is None else known_id(asked.after)


def known_id(key: str) -> str:
    """Raises `invalid_input` for a cursor's key that is no id."""
    try:
        return str(UUID(key))
    except ValueError as wrong:
        raise bad_cursor() from wrong


def is_digits(key: str, count: int) -> bool:
    """Whether a part of a cursor is a number of that many digits."""
    return key.isascii() and key.isdigit() and len(key) == count


def containing(part: str | None) -> str | None:
    """The LIKE pattern for what contains this part as it is; None where nothing was asked for."""
    if part is None:
        return None
    literal = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"


def cursor_of(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def paged(items: Sequence[Mapping[str, object]], asked: Asked, total: int, *, key: str) -> Found:
    """The page, from one item more than was asked for (or all that are left)."""
    shown = [dict(item) for item in items[: asked.limit]]
    more = len(items) > asked.limit
    return Found(items=shown, next=cursor_of(str(shown[-1][key])) if more else None, total=total)
