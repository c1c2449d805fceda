"""Results of years before this engine, as HR imported them: append-only rows, each correction another one.

A year that is appraised here is this engine's: what was imported of it counts no more, as long as it runs and once it has its label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME, note_in_agency
from activities.agency_trail import Said as InTrail
from models.earlier_years import EarlierYear, Recorded, Said
from models.tables import EarlierYearRow, Json
from models.trail_actions import TrailAction
from models.vocabulary import UNLABELLED, JobLevel, Label

OURS = """
    a.own_year AND a.launch <> 'excluded'
    AND (a.ending IS NULL OR (a.outcome_id IS NOT NULL AND NOT a.ending = ANY(:unlabelled)))
"""
"""The condition on an appraisal `a`: her year is, or will be, this engine's to say."""
PEOPLE = text("SELECT id, nip FROM person WHERE nip = ANY(:nips)")
YEARS_HERE = text(f"SELECT DISTINCT a.person_id, a.year FROM appraisal a WHERE a.person_id = ANY(:people) AND {OURS}")
VERSIONS = text("SELECT * FROM earlier_year WHERE person_id = ANY(:people) ORDER BY person_id, year DESC, number DESC")
LABELS = text(
    f"""
    SELECT DISTINCT ON (e.person_id, e.year) e.person_id, e.year, e.label FROM earlier_year e
     WHERE e.person_id = ANY(:people)
       AND NOT EXISTS (SELECT FROM appraisal a WHERE a.person_id = e.person_id AND a.year = e.year AND {OURS})
     ORDER BY e.person_id, e.year, e.number DESC
    """
)
UNLABELLED_VALUES = [ending.value for ending in UNLABELLED]


@dataclass(frozen=True)
class Version:
    """A result as it was recorded at that time."""

    number: int
    result: EarlierYear
    recorded_at: datetime


Versions = Sequence[Version]
"""What was recorded of one year, the one that holds first."""


async def labels_before_us(connection: AsyncConnection, people: Collection[str]) -> Sequence[tuple[str, int, Label]]:
    """Person, year and label of what was imported and counts."""
    asked = {"people": sorted(people), "unlabelled": UNLABELLED_VALUES}
    return [(row.person_id, row.year, Label(row.label)) for row in await connection.execute(LABELS, asked)]


async def years_before_us(connection: AsyncConnection, person: str) -> Sequence[Versions]:
    """One person's imported years that count, the latest first, each with what it was before."""
    counting = {year for _, year, _ in await labels_before_us(connection, [person])}
    recorded = await _versions(connection, [person])
    return [its for (_, year), its in recorded.items() if year in counting]


async def recorded_of(
    connection: AsyncConnection, nips: Collection[str], this_year: int, importer: str | None
) -> tuple[Recorded, Mapping[str, str]]:
    """What a file about these people is held against, and their ids by NIP; keeps other imports out until the transaction ends."""
    await connection.execute(ONE_AT_A_TIME)
    ids = {row.nip: row.id for row in await connection.execute(PEOPLE, {"nips": sorted(nips)})}
    nip_of = {person: nip for nip, person in ids.items()}
    versions = await _versions(connection, nip_of)
    here = await connection.execute(YEARS_HERE, {"people": sorted(nip_of), "unlabelled": UNLABELLED_VALUES})
    recorded = Recorded(
        people=frozenset(ids),
        years={(nip_of[person], year): its[0].result for (person, year), its in versions.items()},
        here={(nip_of[row.person_id], row.year) for row in here},
        this_year=this_year,
        importer=importer,
    )
    return recorded, ids


async def keep(
    connection: AsyncConnection, said: Iterable[Said], ids: Mapping[str, str], about: Json, *, by: str, at: datetime
) -> None:
    """Write what is new or corrected, and say so in the agency's trail: the import with `about` it, and each correction."""
    changed = [one for one in said if one.changed]
    if not changed:
        return
    versions = await _versions(connection, {ids[one.nip] for one in changed if one.before is not None})
    rows: list[Json] = []
    told: list[InTrail] = [(TrailAction.EARLIER_YEARS_IMPORTED, about)]
    for one in changed:
        person, number = ids[one.nip], 1
        if one.before is not None:
            number = versions[person, one.now.year][0].number + 1
            corrected = {"person": person, "year": one.now.year, "number": number}
            told.append((TrailAction.EARLIER_YEAR_CORRECTED, corrected))
        rows.append(_row(one.now) | {"person_id": person, "number": number, "recorded_by": by, "recorded_at": at})
    await connection.execute(insert(EarlierYearRow), rows)
    await note_in_agency(connection, at, by, told)


async def _versions(connection: AsyncConnection, people: Collection[str]) -> Mapping[tuple[str, int], Versions]:
    """By person and year, the latest year of each first."""
    found: dict[tuple[str, int], list[Version]] = defaultdict(list)
    for row in (await connection.execute(VERSIONS, {"people": sorted(people)})).mappings():
        version = Version(row["number"], _result(row), row["recorded_at"])
        found[row["person_id"], row["year"]].append(version)
    return found


def _row(result: EarlierYear) -> Json:
    return {name: getattr(result, name) for name in EarlierYear.__dataclass_fields__}


def _result(row: RowMapping) -> EarlierYear:
    plain = {name: row[name] for name in EarlierYear.__dataclass_fields__}
    return EarlierYear(
        **plain | {"label": Label(row["label"]), "level": JobLevel(row["level"]) if row["level"] else None}
    )
