"""The daily log of a year: written in several lines at once, each taken or refused by itself, read a month at a time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Annotated, cast
from uuid import uuid4

from fastapi import Query, Request, Response

from api.daily_log import LogBody, entry_shown, log_listed, may_log, noted
from api.loading import load
from api.log_book import EntryBody, Unsound
from api.paging import LIMIT_MAX, Asked, PageDep
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import body_of, key_for, page_router, posted, seen
from api.web.language import spoken
from api.web.noting import shown, year_of
from api.web.typed import number
from api.year_log import months_noted
from models.language import Bilingual
from models.year_log import BATCH_MAX

BEGUN = 1
MORE = 3
"""How many lines a page begins with, and how many the button adds."""
NAMED = re.compile(r"(id|replaces|day|text|result|quantity|unit|achievement)-(\d{1,3})")
FIELDS = ("day", "text", "result", "quantity", "unit", "replaces")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
CONFLICT = "version_conflict"
MEANWHILE = Bilingual(
    id="Catatan ini sementara itu sudah diubah. Bandingkan dengan yang tersimpan, lalu simpan lagi bila perlu.",
    en="This entry was changed meanwhile. Compare it with what is kept, and save again where that is needed.",
)
router = page_router()


@dataclass(frozen=True)
class Line:
    """One entry as it stands in its fields; `replaces` names the version that it corrects, `kept` what holds of it meanwhile."""

    id: str
    day: str
    text: str = ""
    result: str = ""
    quantity: str = ""
    unit: str = ""
    achievement: bool = False
    replaces: str = ""
    wrong: Mapping[str, list[str]] = field(default_factory=dict)
    kept: Mapping[str, object] | None = None

    @property
    def written(self) -> bool:
        """Whether there is anything in it to keep; a day alone is nothing."""
        return bool(self.text.strip() or self.quantity.strip() or self.unit.strip() or self.result or self.replaces)

    def said(self) -> dict[str, object]:
        """As the api takes it."""
        said: dict[str, object] = {"id": self.id, "day": self.day, "text": self.text.replace("\r\n", "\n")}
        if self.quantity.strip():
            said["quantity"] = str(number(self.quantity))
        said |= {name: value for name in ("result", "unit", "replaces") if (value := getattr(self, name).strip())}
        return said | {"achievement": self.achievement}


@router.get("/penilaian/{appraisal_id}/catatan")
async def log_page(
    appraisal_id: str,
    rooms: RoomsDep,
    caller: CallerDep,
    asked: PageDep,
    bulan: Annotated[str, Query(max_length=7)] = "",
    ubah: Annotated[str, Query(max_length=36)] = "",
    tersimpan: Annotated[int, Query(ge=0, le=BATCH_MAX)] = 0,
) -> Response:
    """The month `bulan`, else this one; `ubah` is an entry to correct, `tersimpan` how many were kept just now."""
    return await _shown(rooms, caller, appraisal_id, asked, bulan, corrects=ubah, kept=tersimpan)


@router.post("/penilaian/{appraisal_id}/catatan")
async def write(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Keep every line with something in it; what is refused stays in its fields. `press=more` only adds lines."""
    pairs = await posted(request)
    typed = dict(pairs)
    lines = list(_lines(pairs))
    whole = Asked(LIMIT_MAX, None)
    if typed.get("press") == "more":
        new = [Line(str(uuid4()), lines[-1].day if lines else "") for _ in range(MORE)]
        return await _shown(rooms, caller, appraisal_id, whole, lines=[*lines, *new][:BATCH_MAX])
    written = [line for line in lines if line.written]
    if not written:
        return await _shown(rooms, caller, appraisal_id, whole, lines=lines, nothing=True)
    said = [line.said() for line in written]
    try:
        entries = cast("list[EntryBody | Unsound]", body_of(LogBody, {"entries": said}).entries)
        answer = await noted(rooms, caller, appraisal_id, entries, key_for(typed.get("key", ""), said), said, spoken())
    except Problem as refused:
        return await _shown(rooms, caller, appraisal_id, whole, lines=lines, refused=refused)
    results = cast(Sequence[Mapping[str, object]], answer.body["results"])
    left = [_refused(line, one) for line, one in zip(written, results, strict=True) if not one["ok"]]
    month = written[0].day[:7]
    if not left:
        return seen(f"/penilaian/{appraisal_id}/catatan?bulan={month}&tersimpan={len(written)}")
    return await _shown(rooms, caller, appraisal_id, whole, month, lines=left, kept=len(written) - len(left))


def _lines(pairs: Sequence[tuple[str, str]]) -> Iterator[Line]:
    rows: dict[int, dict[str, str]] = {}
    for name, value in pairs:
        if found := NAMED.fullmatch(name):
            rows.setdefault(int(found[2]), {})[found[1]] = value
    for _, row in sorted(rows.items()):
        day, said, result, quantity, unit, replaces = (row.get(name, "") for name in FIELDS)
        ticked = "achievement" in row
        yield Line(row.get("id") or str(uuid4()), day, said, result, quantity, unit, ticked, replaces)


def _refused(line: Line, one: Mapping[str, object]) -> Line:
    problem = cast(Mapping[str, object], one["problem"])
    if problem["code"] == CONFLICT:
        return replace(line, wrong={"text": [MEANWHILE.id]})
    wrong: dict[str, list[str]] = {}
    for error in cast(Sequence[Mapping[str, str]], problem.get("errors", ())):
        wrong.setdefault(error["pointer"].split("/")[-1], []).append(error["message"])
    return replace(line, wrong=wrong or {"text": [str(problem["detail"])]})


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    asked: Asked,
    month: str = "",
    *,
    lines: Sequence[Line] = (),
    corrects: str = "",
    kept: int = 0,
    nothing: bool = False,
    refused: Problem | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        loaded.running()
        year = await year_of(connection, rooms, loaded)
        months = await months_noted(connection, loaded)
        here = month if MONTH.fullmatch(month) else year.today[:7]
        if here not in months and not month and months:
            here = max(months)
        first = date.fromisoformat(f"{here}-01")
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        found = await log_listed(connection, loaded, asked, first, last)
        if corrects and (entry := await entry_shown(connection, loaded, corrects)):
            lines = [_of(entry)]
        lines = [
            replace(line, kept=held, replaces=str(held["version"]))
            if MEANWHILE.id in line.wrong.get("text", ()) and (held := await entry_shown(connection, loaded, line.id))
            else line
            for line in lines
        ]
    writes = year.open and may_log(loaded)
    begun = [Line(str(uuid4()), year.today) for _ in range(BEGUN)]
    return shown(
        "catatan.html",
        rooms,
        caller,
        year,
        refused,
        writes=writes,
        lines=[replace(line, day=line.day or year.today) for line in lines] or begun,
        refusals=sum(1 for line in lines if line.wrong),
        corrects=bool(corrects),
        kept=kept,
        nothing=nothing,
        key=str(uuid4()),
        month=here,
        months=sorted({*months, here}),
        days=[(day, list(of)) for day, of in groupby(found.items, key=lambda one: str(one["day"]))],
        total=found.total,
        following=found.next,
    )


def _of(entry: Mapping[str, object]) -> Line:
    """A kept entry, to be corrected."""
    day, said, result, quantity, unit = (str(entry[name] or "") for name in FIELDS[:-1])
    ticked, version = bool(entry["achievement"]), str(entry["version"])
    return Line(str(entry["id"]), day, said, result, quantity.replace(".", ","), unit, ticked, version)
