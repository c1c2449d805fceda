"""What stands on a document, ready to be laid out: every text as it will be read, no field left to look up.

The structure is frozen and complete, so the same facts always give the same bytes, and their hash says what was
printed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from models.appraisal import Frozen

Kind = Literal["plan", "evaluation", "appeal"]


class PersonFacts(Frozen):
    """A person as printed; what later changes in the roster does not change an issued document."""

    name: str
    nip: str
    grade: str = "–"
    post: str = "–"
    unit: str = "–"


class Party(Frozen):
    """Somebody in a role on this document; `note` says where somebody acted for another."""

    role: str
    person: PersonFacts
    note: str | None = None


class Line(Frozen):
    """A text under its title."""

    title: str | None
    text: str


class Column(Frozen):
    """`share` is the part of the width; 0 takes what it needs."""

    title: str
    share: float = 1


class Cell(Frozen):
    text: str
    span: int = 1
    """How many rows it stands beside."""
    guide: tuple[str, ...] = ()


class Table(Frozen):
    """Each row lists only the cells that begin in it."""

    title: str | None = None
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Section(Frozen):
    title: str | None = None
    pairs: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    texts: tuple[Line, ...] = ()


class Result(Frozen):
    """The label with all it came from. `before` are lines beside the label: ratings, the label before an appeal."""

    label: str
    lines: tuple[str, ...]
    organisation: str
    distribution: str
    before: tuple[Line, ...] = ()


class Signature(Frozen):
    """Where somebody signs; `anchor` is what a signing service looks for, `note` says what was done electronically.

    `capacity` is what letters put before the name of a substitute: `Plt. Kepala Dinas`, `a.n. Kepala Bidang`.
    """

    role: str
    capacity: str | None = None
    name: str
    nip: str
    date: str
    anchor: str
    note: str | None = None


class DocumentFacts(Frozen):
    """One document. `at` is the instant it is made at (UTC) and the only clock there is."""

    title: str
    subject: str
    agency: str
    unit: str
    period: str
    appraisal_id: str
    revision: int
    trail_seq: int
    trail_head: str
    at: datetime
    printed_at: str
    watermark: str | None = None
    notice: str | None = None
    people: tuple[Party, ...]
    sections: tuple[Section, ...] = ()
    annexes: tuple[Section, ...] = ()
    result: Result | None = None
    signatures: tuple[Signature, ...] = ()
