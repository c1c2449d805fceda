"""Dates, instants and figures as people write them in each language: pure."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date

from activities.documents import indonesian
from models.vocabulary import Language, Zone
from models.workdays import ZONES

LOCALES = {"en": "en_GB"}
CLOCKS: dict[Language, str] = {"id": "%H.%M", "en": "%H:%M"}
SWAPPED = str.maketrans(",.", ".,")
GROUPED_FROM = 10_000
"""Of what somebody entered: a year stays a year."""


def day(value: date, spoken: Language) -> str:
    """`31 Januari 2027`, `31 January 2027`."""
    return indonesian.day(value) if spoken == "id" else format_date(value, "d MMMM y", locale=LOCALES[spoken])


def month(value: date, spoken: Language) -> str:
    """`Mei 2027`, `May 2027`, of any day of it."""
    if spoken == "id":
        return f"{indonesian.MONTHS[value.month - 1]} {value.year}"
    return format_date(value, "MMMM y", locale=LOCALES[spoken])


def instant(at: datetime, zone: Zone, spoken: Language) -> str:
    """`31 Januari 2027, 16.00 WIB`, `31 January 2027, 16:00 WIB`, on the clocks of that zone."""
    local = at.astimezone(ZONES[zone])
    return f"{day(local.date(), spoken)}, {local.strftime(CLOCKS[spoken])} {zone.value}"


def figure(value: int | float, spoken: Language) -> str:
    """`1.234,5`, `1,234.5`: at most six decimals."""
    shown = indonesian.figure(value)
    return shown if spoken == "id" else shown.translate(SWAPPED)


def typed(value: int | float, spoken: Language) -> str:
    """`1234,5`, `1234.5`: as it stands in an input, with all its decimals and nothing between its thousands."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    shown = format(value, "f").rstrip("0")
    return shown.replace(".", ",") if spoken == "id" else shown


def decimal(plain: str, spoken: Language) -> str:
    """`88,5` for a figure that is kept as `88.5`."""
    return plain.replace(".", ",") if spoken == "id" else plain


def read(shown: str, spoken: Language) -> str:
    """What stands in an input as it is read: with its thousands set off from `12.345` on. What is no number stays as it is."""
    whole, sign, rest = shown.partition("," if spoken == "id" else ".")
    if not whole.lstrip("-").isdecimal() or not whole.isascii() or abs(int(whole)) < GROUPED_FROM:
        return shown
    return figure(int(whole), spoken) + sign + rest
