"""A cycle's calendar as people write it: windows by stage, each end a date or an instant, merged row by row.

What is not said stays. A calendar that could not be kept (closes before it opens, lies in another year) is refused whole, place by place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.act_bodies import DAY
from api.problems import FieldProblem
from api.validation import pointer
from models.appraisal import Flow
from models.language import Bilingual
from models.policy import CalendarRules
from models.vocabulary import Zone
from models.windows import CalendarRows, WindowRow, clashes, for_unit, in_order, shut_again, span, too_near
from models.workdays import Day, PersonClock, local_day

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
WINDOWS_MAX = 40
ENDS = {"opens_at": "opens", "due_at": "due", "closes_at": "closes"}
FIELDS = {end: field for field, end in ENDS.items()}

End = Annotated[
    str,
    Field(
        max_length=40,
        description="A local date (that whole day in each employee's zone) or an instant with its offset.",
        json_schema_extra={"anyOf": [{"format": "date"}, {"format": "date-time"}]},
    ),
]


class WindowBody(BaseModel):
    """What is said of one window; an end that is not said stays, `null` takes a unit's own end back."""

    model_config = ConfigDict(extra="forbid")

    opens_at: End | None = None
    due_at: End | None = None
    closes_at: End | None = None


WindowsBody = Annotated[dict[str, WindowBody | None], Field(max_length=WINDOWS_MAX)]

SENTENCES = {
    "unknown_window": Bilingual(
        id="Peraturan siklus ini tidak mempunyai jadwal dengan nama itu.",
        en="The policy of this cycle has no window of that name.",
    ),
    "bad_day": Bilingual(
        id="Harus berupa tanggal (2027-01-31) atau waktu dengan selisih zona (2027-01-31T16:00:00+07:00).",
        en="This must be a date (2027-01-31) or an instant with its offset (2027-01-31T16:00:00+07:00).",
    ),
    "outside_year": Bilingual(
        id="Tanggal ini di luar masa siklus. Yang dapat dipakai: {first} sampai {last}.",
        en="This lies outside the time of the cycle. It may be from {first} to {last}.",
    ),
    "wrong_order": Bilingual(
        id="Jadwal dibuka, jatuh tempo, lalu ditutup, dalam urutan ini.",
        en="A window opens, is due and closes, in this order.",
    ),
    "out_of_order": Bilingual(
        id="Jadwal ini dan jadwal {other} tidak dapat berjalan berurutan. Sesuaikan salah satunya.",
        en="This window and that of {other} cannot follow each other. Move one of them.",
    ),
    "notice_too_short": Bilingual(
        id="Tenggat dimajukan terlalu dekat. Paling cepat {earliest}.",
        en="This end comes too near. The earliest date is {earliest}.",
    ),
    "in_the_past": Bilingual(
        id="Tenggat dimajukan ke waktu yang sudah lewat. Paling cepat {earliest}.",
        en="This end would lie in the past. The earliest date is {earliest}.",
    ),
    "already_open": Bilingual(
        id="Jadwal ini sudah dibuka, jadi tidak dapat dibuka lagi pada waktu yang akan datang.",
        en="This window is open already, so it cannot open at a later time.",
    ),
    "needed": Bilingual(
        id="Jadwal untuk semua pegawai tidak dapat dihapus, hanya diubah.",
        en="What holds for everybody cannot be removed, only changed.",
    ),
}


@dataclass(frozen=True)
class Place:
    """Where in a body the windows stand, and for whom they are: a unit by id, or everybody."""

    at: tuple[str | int, ...]
    unit: str | None = None


def merged(
    rows: CalendarRows, wanted: Mapping[str, WindowBody | None], place: Place, year: int, rules: CalendarRules
) -> tuple[dict[tuple[str, str | None], WindowRow], list[FieldProblem]]:
    """The calendar with what is wanted in it, and everything that is wrong with the wish itself."""
    after, problems = dict(rows), list[FieldProblem]()
    keys = {key for key, unit in rows if unit is None}
    for key, body in wanted.items():
        if key not in keys:
            problems.append(_problem("unknown_window", place, key))
        elif body is None:
            if place.unit is None:
                problems.append(_problem("needed", place, key))
            after.pop((key, place.unit), None)
        else:
            row = after.get((key, place.unit), WindowRow())
            for field in sorted(body.model_fields_set, key=list(ENDS).index):
                first, last = span(year, rules, opening=field == "opens_at")
                day, code = _end(getattr(body, field), place, first, last)
                if code:
                    said = {"first": first.isoformat(), "last": last.isoformat()}
                    problems.append(_problem(code, place, key, field, **said))
                else:
                    row = replace(row, **{ENDS[field]: day})
            after[key, place.unit] = row
            if row == WindowRow() and place.unit is not None:
                del after[key, place.unit]
    return after, problems


def disorder(
    rows: CalendarRows, keys: Sequence[str], unit_paths: Sequence[tuple[str, ...]], place: Place
) -> Iterator[FieldProblem]:
    """Windows that, for everybody or in one of these units, do not open, fall due and close in this order."""
    wrong: set[str] = set()
    for path in [(), *unit_paths]:
        windows = for_unit(rows, path)
        for key in keys:
            if not in_order(windows.get(key, WindowRow())):
                wrong.add(key)
    return (_problem("wrong_order", place, key) for key in keys if key in wrong)


def out_of_order(
    rows: CalendarRows, keys: Sequence[str], unit_paths: Sequence[tuple[str, ...]], flow: Flow, place: Place
) -> Iterator[FieldProblem]:
    """Which of these windows cannot work with another one, for everybody or in one of these units."""
    found: dict[str, str] = {}
    for path in [(), *unit_paths]:
        for clash in clashes(for_unit(rows, path), flow):
            if clash.stops and clash.key in keys:
                found.setdefault(clash.key, clash.other)
            elif clash.stops and clash.other in keys:
                found.setdefault(clash.other, clash.key)
    return (_problem("out_of_order", place, key, other=other) for key, other in found.items())


def brought_too_near(
    before: CalendarRows,
    after: CalendarRows,
    unit_paths: Sequence[tuple[str, ...]],
    flow: Flow,
    clock: PersonClock,
    notice: tuple[datetime, int],
    place: Place,
) -> tuple[date, list[FieldProblem], dict[str, FieldProblem]]:
    """The earliest date a shortening may set, and the ends that do not respect it; `notice` is now and working days.

    Last the openings that do not, by calendar key: they are too near for those alone whose step they close.
    """
    now, days = notice
    earliest = clock.calendar.add(clock.day_of(now), days)
    found: dict[tuple[str, str], str] = {}
    for path in [(), *unit_paths]:
        for one in too_near(for_unit(before, path), for_unit(after, path), flow, clock, now, earliest):
            found.setdefault((one.key, one.end), "in_the_past" if one.past else "notice_too_short")
    said = earliest.isoformat()
    problems = {at: _problem(code, place, at[0], FIELDS[at[1]], earliest=said) for at, code in found.items()}
    openings = {key: problem for (key, end), problem in problems.items() if end == "opens"}
    return earliest, [problem for (_, end), problem in problems.items() if end != "opens"], openings


def shut_out(
    before: CalendarRows, after: CalendarRows, unit_paths: Sequence[tuple[str, ...]], now: datetime, place: Place
) -> list[FieldProblem]:
    """The windows that are open for everybody or in one of these units, and would not be open any more."""
    paths = [(), *unit_paths]
    found = {key: None for path in paths for key in shut_again(for_unit(before, path), for_unit(after, path), now)}
    return [_problem("already_open", place, key, FIELDS["opens"]) for key in found]


def stored(day: Day | None) -> str | None:
    """One end as the table keeps it."""
    return None if day is None else day.isoformat()


def shown(row: WindowRow) -> dict[str, str | None]:
    return {"opens_at": stored(row.opens), "due_at": stored(row.due), "closes_at": stored(row.closes)}


def _end(said: str | None, place: Place, first: date, last: date) -> tuple[Day | None, str | None]:
    """The day and no code, or a code. An instant lies on its day in Jakarta."""
    if said is None:
        return None, "needed" if place.unit is None else None
    day = _day(said)
    if day is None:
        return None, "bad_day"
    return (day, None) if first <= _in_jakarta(day) <= last else (None, "outside_year")


def _in_jakarta(day: Day) -> date:
    """Its day there; of an instant at the edge of time, which has none there, the day that it says itself."""
    if not isinstance(day, datetime):
        return day
    try:
        return local_day(day, Zone.WIB)
    except OverflowError:
        return day.date()


def _day(said: str) -> Day | None:
    try:
        if DAY.fullmatch(said):
            return date.fromisoformat(said)
        return datetime.fromisoformat(said.upper()) if INSTANT.fullmatch(said) else None
    except ValueError:
        return None


def _problem(code: str, place: Place, *more: str, **words: str) -> FieldProblem:
    return FieldProblem(pointer((*place.at, *more)), code, SENTENCES[code].fill(**words))
