"""A batch of log entries held against what is kept: each is read, judged and written, or refused with what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.act_bodies import LocalDay
from api.during import ResultKey, Running, Words, planned_results, refused_result
from api.problems import FieldProblem, Problem
from api.rooms import Rooms
from api.validation import from_request, pointer
from models.language import Bilingual
from models.ways import WAITS_ON
from models.year_log import ENTRIES_MAX, VERSIONS_MAX, Entry, Verdict, may_correct, verdict

COLUMNS = "day, text, result, quantity, unit, achievement"
KEPT = text(f"SELECT id, {COLUMNS} FROM log_entry WHERE appraisal_id = :id AND id = ANY(:ids) ORDER BY id, version")
COUNT = text("SELECT count(*) FROM log_entry WHERE appraisal_id = :id AND replaced_at IS NULL")
REPLACE = text(
    "UPDATE log_entry SET replaced_at = :at WHERE appraisal_id = :appraisal AND id = :id AND version = :version - 1"
)
WRITE = text(
    f"""
    INSERT INTO log_entry (appraisal_id, id, version, {COLUMNS}, written_at)
    VALUES (:appraisal, :id, :version, :day, :text, :result, :quantity, :unit, :achievement, :at)
    """
)
HALF_SAID = Bilingual(
    id="Jumlah dan satuannya disebut bersama, atau tidak sama sekali.",
    en="A quantity and its unit are said together, or not at all.",
)
Quantity = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4, allow_inf_nan=False)]


class EntryBody(BaseModel):
    """What she did on one day. `replaces` names the version that it corrects, as she read it."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[UUID, Field(description="Made by the client, once for each entry.")]
    day: LocalDay
    text: Words
    result: ResultKey | None = None
    quantity: Quantity | None = None
    unit: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] | None = None
    achievement: bool = False
    replaces: Annotated[int | None, Field(ge=1, le=VERSIONS_MAX)] = None

    def said(self) -> Entry:
        return Entry(self.day, self.text, self.result, self.quantity, self.unit, self.achievement)


class Unsound:
    """An entry of no shape we know: refused by itself, the others are not held up by it."""

    def __init__(self, raw: object, wrong: ValidationError) -> None:
        self._raw = raw
        self._wrong = wrong

    @property
    def id(self) -> str | None:
        """Its id, where it has one that can be told."""
        said = self._raw.get("id") if isinstance(self._raw, dict) else None
        try:
            return str(UUID(said)) if isinstance(said, str) else None
        except ValueError:
            return None

    def problem(self, place: int) -> Problem:
        errors = self._wrong.errors(include_url=False, include_input=False)
        return from_request(
            RequestValidationError([{**e, "loc": ("body", "entries", place, *e["loc"])} for e in errors])
        )


def one_by_one(raw: object, read: Callable[[object], EntryBody]) -> EntryBody | Unsound:
    """Reads an entry without holding up the others where it cannot be read."""
    try:
        return read(raw)
    except ValidationError as wrong:
        return Unsound(raw, wrong)


class Book:
    """The entries that one batch is about: what is kept of each, and what is to be written."""

    def __init__(self, year: Running, planned: Mapping[str, str], kept: Mapping[str, list[Entry]], count: int) -> None:
        self._year = year
        self._planned = planned
        self._kept: dict[str, list[Entry]] = defaultdict(list, kept)
        self._count = count
        self._written: list[dict[str, object]] = []

    @classmethod
    async def opened(
        cls, connection: AsyncConnection, rooms: Rooms, year: Running, entries: Sequence[EntryBody | Unsound]
    ) -> Book:
        loaded, sound = year.loaded, [one for one in entries if isinstance(one, EntryBody)]
        asked = {"id": loaded.id, "ids": [str(one.id) for one in sound]}
        kept: dict[str, list[Entry]] = defaultdict(list)
        for row in await connection.execute(KEPT, asked):
            kept[row.id].append(_entry(row))
        names_any = any(one.result for one in sound)
        planned = await planned_results(connection, rooms, loaded) if names_any else {}
        return cls(year, planned, kept, (await connection.execute(COUNT, {"id": loaded.id})).scalar_one())

    def take(self, one: EntryBody, place: int) -> dict[str, object]:
        """What becomes of it. Raises the problem it has, with its pointers into the batch."""
        kept, entry = self._kept[str(one.id)], one.said()
        found = verdict(kept, entry, one.replaces)
        if found is Verdict.CONFLICT:
            raise Problem("version_conflict", version=len(kept))
        if found is not Verdict.SAME:
            self._refuse(one, place)
            self._count_in(found, len(kept))
            kept.append(entry)
            self._written.append({"id": str(one.id), "version": len(kept), **asdict(entry)})
        return {"stored": found.value, "version": len(kept)}

    def _refuse(self, one: EntryBody, place: int) -> None:
        half = (one.quantity is None) is not (one.unit is None)
        found = (
            self._year.refused_day(one.day),
            refused_result(one.result, self._planned),
            FieldProblem("/unit" if one.unit is None else "/quantity", "half_said", HALF_SAID) if half else None,
        )
        here = pointer(["entries", place])
        wrong = [FieldProblem(here + f.pointer, f.code, f.message) for f in found if f is not None]
        if wrong:
            raise Problem("invalid_input", errors=wrong)

    def _count_in(self, found: Verdict, versions: int) -> None:
        if found is Verdict.CORRECTED:
            snapshot = self._year.loaded.running()
            if not may_correct(snapshot):
                waits_on = WAITS_ON[snapshot.state]
                raise Problem("not_now", state=snapshot.state.value, waits_on=waits_on.value if waits_on else "")
            if versions >= VERSIONS_MAX:
                raise Problem("too_many", limit=VERSIONS_MAX)
            return
        if self._count >= ENTRIES_MAX:
            raise Problem("too_many", limit=ENTRIES_MAX)
        self._count += 1

    async def write(self, connection: AsyncConnection, at: datetime) -> None:
        rows = [{**one, "appraisal": self._year.loaded.id, "at": at} for one in self._written]
        replacing = [
            {name: row[name] for name in ("appraisal", "id", "version", "at")} for row in rows if row["version"] != 1
        ]
        if rows:
            await connection.execute(WRITE, rows)
        if replacing:
            await connection.execute(REPLACE, replacing)


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(row.day, row.text, row.result, row.quantity, row.unit, row.achievement)
