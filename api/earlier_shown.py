"""How a year before this engine is shown: what HR imported, by which scheme it was judged, and what a corrected row said before."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.earlier_years import Version, Versions, years_before_us
from api.appraisal_shown import Points
from api.exact import Exact
from models.earlier_schemes import scheme_named
from models.vocabulary import JobLevel, Label


class EarlierVersion(Exact):
    """A result as it was imported at that time: `word` is the label in the scheme's own words, `origin` where it comes from."""

    label: Label
    word: str
    value: Points | None
    scheme: str
    origin: str
    document: str | None
    rated_by: str | None
    level: JobLevel | None
    months: int | None
    recorded_at: AwareDatetime


class EarlierYearShown(EarlierVersion):
    """A year that was judged elsewhere; `before` is what it said before it was corrected, the latest first."""

    source: Literal["imported"]
    year: int
    before: list[EarlierVersion]


async def earlier_shown(connection: AsyncConnection, person: str) -> list[dict[str, object]]:
    """Her imported years that count, the latest first."""
    return [year_shown(one) for one in await years_before_us(connection, person)]


def year_shown(versions: Versions) -> dict[str, object]:
    holds, *before = versions
    return {
        "source": "imported",
        "year": holds.result.year,
        **_version(holds),
        "before": [_version(one) for one in before],
    }


def _version(version: Version) -> dict[str, object]:
    result = version.result
    scheme = scheme_named(result.scheme)
    return {
        "label": result.label,
        "word": result.label.value if scheme is None else scheme.words[result.label][0],
        "value": None if result.value is None else str(result.value),
        "scheme": result.scheme if scheme is None else scheme.title,
        "origin": result.origin,
        "document": result.document,
        "rated_by": result.rated_by,
        "level": result.level,
        "months": result.months,
        "recorded_at": version.recorded_at.isoformat(),
    }
