"""Lists: `{"items", "next", "total"}` with a cursor that stays right while rows come and go.

The cursor is the last item's key, so nothing is skipped or shown twice when others write in between.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from api.problems import FieldProblem, Problem
from models.language import Bilingual

LIMIT_MAX = 200


class Page(BaseModel):
    """One page of a list; `next` is None on the last."""

    items: list[dict[str, object]]
    next: str | None
    total: int


@dataclass(frozen=True)
class Asked:
    limit: int
    after: str | None


def _asked(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Asked:
    if cursor is None:
        return Asked(limit, None)
    try:
        after = base64.urlsafe_b64decode(cursor.encode() + b"==").decode()
        if "\x00" in after:
            raise ValueError("not one of ours")
    except (binascii.Error, ValueError) as wrong:
        message = Bilingual(id="Penunjuk halaman tidak dikenal.", en="The cursor is not one of ours.")
        raise Problem("invalid_input", errors=[FieldProblem("/cursor", "bad_cursor", message)]) from wrong
    return Asked(limit, after)


PageDep = Annotated[Asked, Depends(_asked)]


def cursor_of(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def paged(items: Sequence[Mapping[str, object]], asked: Asked, total: int, *, key: str) -> Page:
    """The page, from one item more than was asked for (or all that are left)."""
    shown = [dict(item) for item in items[: asked.limit]]
    more = len(items) > asked.limit
    return Page(items=shown, next=cursor_of(str(shown[-1][key])) if more else None, total=total)
