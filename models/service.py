"""How long somebody served in a year, and the least that a year may be rated by.

Pure. A month is served by whoever was here on its last day, as everywhere else (`models.segments`); neither it nor a day counts in which
she was on a long leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen, Service
from models.language import Bilingual
from models.vocabulary import Ending

ONE_DAY = timedelta(days=1)
Days = tuple[date, date]


class MinService(Frozen):
    """The least service in a year, in months or in days; below it the year is not rated."""

    months: int | None = Field(default=None, ge=1, le=12)
    days: int | None = Field(default=None, ge=1, le=365)
    elsewhere: bool = False
    """What was served in another agency counts too, where HR recorded it."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.months is None) == (self.days is None):
            raise ValueError("the least service is said in months or in days, one of both")
        return self

    @property
    def needed(self) -> int:
        return self.months or self.days or 0

    @property
    def unit(self) -> Literal["months", "days"]:
        return "months" if self.months is not None else "days"

    def short(self, parts: Collection[Days], leaves: Collection[Days], year: int) -> Service | None:
        """What was served in these parts of that year, where it is less than needed; None where it is enough.

        A part and a leave are said by their first and last days; a day that lies in two parts counts once.
        """
        served = sum(1 for day in _served(parts, leaves, year) if self.days is not None or (day + ONE_DAY).day == 1)
        return None if served >= self.needed else Service(served=served, needed=self.needed, unit=self.unit)


def _served(parts: Collection[Days], leaves: Collection[Days], year: int) -> Iterator[date]:
    first, end = date(year, 1, 1), date(year, 12, 31)
    for number in range((end - first).days + 1):
        day = first + ONE_DAY * number
        if _within(day, parts) and not _within(day, leaves):
            yield day


def _within(day: date, spans: Collection[Days]) -> bool:
    return any(begins <= day <= ends for begins, ends in spans)


UNITS = {"months": Bilingual(id="bulan", en="months"), "days": Bilingual(id="hari", en="days")}
TOO_SHORT = Bilingual(
    id="Masa kerja yang dihitung pada tahun ini {served} {unit}, sedangkan penilaian mensyaratkan {needed}.",
    en="The service that counts in this year is {served} {unit}, and a rating asks for {needed}.",
)
NOTHING_TO_RATE_BY = Bilingual(
    id="Sampai bagian tahun ini ditutup belum ada rencana kinerja yang berlaku.",
    en="No plan was in force when this part of the year was closed.",
)


def why_not_rated(ending: Ending | None, service: Service | None) -> Bilingual | None:
    """The reason of an ending without a rating, in a sentence; None for any other."""
    if ending is not Ending.NOT_RATABLE:
        return None
    if service is None:
        return NOTHING_TO_RATE_BY
    return TOO_SHORT.fill(served=str(service.served), needed=str(service.needed), unit=UNITS[service.unit])
