"""`If-Match` and `ETag`: a version is a whole number in quotes; no header means the current state is judged."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

from api.problems import FieldProblem, Problem
from models.language import Bilingual


async def _if_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    raw = if_match.strip().removeprefix("W/").strip('"')
    if not raw.isascii() or not raw.isdigit() or len(raw) > 9:
        message = Bilingual(id="If-Match harus berisi nomor versi.", en="If-Match has to hold a version number.")
        raise Problem("invalid_input", errors=[FieldProblem("", "bad_version", message)])
    return int(raw)


IfMatch = Annotated[int | None, Depends(_if_match)]


def etag(version: int) -> str:
    return f'"{version}"'
