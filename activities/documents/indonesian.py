"""Dates, instants and figures as a civil servant writes them: 31 Januari 2027, pukul 16.00 WIB, 2,083."""

from __future__ import annotations

from datetime import date, datetime

from models.vocabulary import Zone
from models.workdays import ZONES

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


def day(value: date) -> str:
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def local_date(at: datetime, zone: Zone) -> str:
    """The date of an aware instant on the calendars of that zone."""
    return day(at.astimezone(ZONES[zone]).date())


def instant(at: datetime, zone: Zone) -> str:
    local = at.astimezone(ZONES[zone])
    return f"{day(local.date())} pukul {local:%H.%M} {zone.value}"


def span(first: date, last: date) -> str:
    """`1 Januari s.d. 31 Desember 2027`: the year once where both have it."""
    if first.year == last.year:
        return f"{first.day} {MONTHS[first.month - 1]} s.d. {day(last)}"
    return f"{day(first)} s.d. {day(last)}"


def figure(value: int | float) -> str:
    """At most six decimals, thousands by points, the decimal comma."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))
