"""Indicators that are measured elsewhere and imported for each person: what a file of them says, and what is wrong with it.

Pure. An empty cell says nothing: what was not measured stays missing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from models.roster_file import Columns, Table, TableRow
from models.roster_problems import RosterProblem, problem

NIP = "nip"


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of one person."""

    nip: str
    indicator: str
    value: Decimal


def columns(indicators: Collection[str]) -> Columns:
    """The columns of such a file: the NIP, and any of the indicators."""
    return Columns((NIP,), tuple(indicators))


def checked(
    table: Table, maximum: Decimal, people: Collection[str], importer: str
) -> tuple[list[Measured], list[RosterProblem]]:
    """The figures of every sound row, and all that is wrong. `people` are the NIPs of the cycle; `importer` enters none of her own."""
    problems = list(table.problems)
    if not table.readable:
        return [], problems
    sound: list[Measured] = []
    seen: dict[str, int] = {}
    broken = {found.row for found in problems}
    for row in table.rows:
        figures, wrong = _row(row, table.columns, maximum, people, importer, seen)
        problems += wrong
        if not wrong and row.line not in broken:
            sound += figures
    return sound, problems


def _row(
    row: TableRow,
    names: Collection[str],
    maximum: Decimal,
    people: Collection[str],
    importer: str,
    seen: dict[str, int],
) -> tuple[list[Measured], list[RosterProblem]]:
    nip = row.cells[NIP].replace(" ", "")
    wrong = []
    if nip in seen:
        wrong.append(problem(row.line, NIP, "duplicate_nip", str(seen[nip])))
    elif nip not in people:
        wrong.append(problem(row.line, NIP, "not_in_cycle"))
    elif nip == importer:
        wrong.append(problem(row.line, NIP, "own_figure"))
    seen.setdefault(nip, row.line)
    figures = []
    for name in names:
        if name == NIP or not row.cells[name]:
            continue
        value = figure(row.cells[name])
        if value is None or not 0 <= value <= maximum:
            wrong.append(problem(row.line, name, "bad_figure", limit=f"{maximum:f}"))
        else:
            figures.append(Measured(nip, name, value))
    return figures, wrong


def figure(text: str) -> Decimal | None:
    """A number with a comma or a point, and no more than four decimals; a percent sign is let pass."""
    try:
        value = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    exponent = value.as_tuple().exponent
    return value if isinstance(exponent, int) and exponent >= -4 else None
