"""The rows of a file that were not taken, as they are shown to who sent it."""

from __future__ import annotations

from collections.abc import Iterable

from api.exact import Exact
from models.roster_problems import RosterProblem
from models.vocabulary import Language


class RejectedRow(Exact):
    """`row` as a person sees it in the file (column names are row 1); `column` is empty for the whole row or file."""

    row: int
    column: str
    code: str
    message: str


def rejected_rows(problems: Iterable[RosterProblem], spoken: Language) -> list[dict[str, object]]:
    """Each with its sentence in one language."""
    return [
        {
            "row": found.row,
            "column": found.column,
            "code": found.code,
            "message": found.message_en if spoken == "en" else found.message_id,
        }
        for found in problems
    ]
