"""Somebody's credit points as rows have them (`models.credit`): of her final results, from another agency, and from before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME, note_in_agency
from activities.credited import claims
from activities.elsewhere import IN_FORCE
from activities.facts import Facts
from activities.segments import segments
from models.credit import Account, Brought, Given, Opening
from models.credited import credited
from models.outcome import CreditNeed, CreditTable, Outcome
from models.segments import Segment
from models.trail_actions import TrailAction
from models.vocabulary import Action, JobLevel, Label, State

OVER = [State.FINALISATION_RUNNING.value, State.FINALISATION_DONE.value]
GIVEN = text(
    f"""
    SELECT a.id, a.cycle_id, a.year, f.revision, f.action = '{Action.CANCEL}' AS cancelled, o.outcome
      FROM appraisal a
      JOIN LATERAL (SELECT DISTINCT ON (e.revision) e.revision, e.action FROM event e
                     WHERE e.appraisal_id = a.id AND e.to_state = ANY(:over) ORDER BY e.revision, e.seq) f ON TRUE
      JOIN LATERAL (SELECT s.outcome FROM event e JOIN outcome s ON s.id = e.data ->> 'outcome_id'
                     WHERE e.appraisal_id = a.id AND e.revision <= f.revision ORDER BY e.seq DESC LIMIT 1) o ON TRUE
     WHERE a.person_id = :person AND a.launch = 'launched'
     ORDER BY a.year, a.id, f.revision
    """
)
"""By revision that is over, the outcome that stood in it: a closed part of a year is scored once it has ended."""
BROUGHT = text(
    f"""
    SELECT first_day, last_day, agency, result, document, level, points FROM {IN_FORCE} s
     WHERE points IS NOT NULL ORDER BY first_day
    """
)
OPENING = text("SELECT points, level, day, document FROM credit_opening WHERE person_id = :person")
KEEP = text(
    """
    INSERT INTO credit_opening (person_id, points, level, day, document, recorded_by, recorded_at)
    VALUES (:person, :points, :level, :day, :document, :by, :at)
    ON CONFLICT (person_id) DO UPDATE SET points = excluded.points, level = excluded.level, day = excluded.day,
           document = excluded.document, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
    """
)
LATEST = text(
    """
    SELECT cycle_id FROM appraisal WHERE person_id = :person AND launch = 'launched' AND own_year
     ORDER BY year DESC, segment DESC, cycle_id LIMIT 1
    """
)


@dataclass(frozen=True)
class Earned:
    """Everything her ledger is made of."""

    accounts: Sequence[Account]
    brought: Sequence[Brought]
    opening: Opening | None


async def earned(connection: AsyncConnection, facts: Facts, person: str, at: datetime) -> Earned:
    """By the rows of now."""
    return Earned(
        await _accounts(connection, facts, person, at),
        [_brought(row) for row in (await connection.execute(BROUGHT, {"person": person})).mappings()],
        await opening_of(connection, person),
    )


async def opening_of(connection: AsyncConnection, person: str) -> Opening | None:
    """What HR recorded of before; None where that is not known."""
    row = (await connection.execute(OPENING, {"person": person})).one_or_none()
    return None if row is None else Opening(row.points, JobLevel(row.level), row.day, row.document)


async def record_opening(
    connection: AsyncConnection, person: str, opening: Opening, *, actor: str, at: datetime
) -> None:
    """In place of what was recorded before; what is so already is no event."""
    await connection.execute(ONE_AT_A_TIME)
    if opening == await opening_of(connection, person):
        return
    row = {"points": opening.points, "level": opening.level, "day": opening.at, "document": opening.document}
    await connection.execute(KEEP, row | {"person": person, "by": actor, "at": at})
    said = {
        "person": person,
        "points": str(opening.points),
        "level": opening.level.value,
        "at": opening.at.isoformat(),
        "document": opening.document,
    }
    await note_in_agency(connection, at, actor, [(TrailAction.CREDIT_OPENING_RECORDED, said)])


async def table_of(connection: AsyncConnection, facts: Facts, person: str) -> CreditTable | None:
    """The table of the pack of her latest year; None where she has none, or the pack knows no credit points."""
    cycle = (await connection.execute(LATEST, {"person": person})).scalar_one_or_none()
    return None if cycle is None else (await facts.pack(connection, cycle)).scoring.credit


async def need_of(connection: AsyncConnection, facts: Facts, person: str, level: JobLevel) -> CreditNeed | None:
    """What a level needs, by that table."""
    table = await table_of(connection, facts, person)
    return None if table is None else table.needs.get(level)


async def _accounts(connection: AsyncConnection, facts: Facts, person: str, at: datetime) -> list[Account]:
    rows = (await connection.execute(GIVEN, {"person": person, "over": OVER})).all()
    its = await segments(connection, {row.id for row in rows}, at)
    by_year = await claims(connection, person, at)
    given: dict[str, list[Given]] = defaultdict(list)
    for row in rows:
        outcome = Outcome.model_validate(row.outcome)
        given[row.id].append(Given(row.revision, outcome.label, None if row.cancelled else outcome.credit))
    found = []
    for appraisal, cycle, year in dict.fromkeys((row.id, row.cycle_id, row.year) for row in rows):
        if all(one.credit is None for one in given[appraisal]):
            continue
        pack = await facts.pack(connection, cycle)
        claim = next((one for one in by_year.get(year, ()) if one.appraisal == appraisal), None)
        months = frozenset(its[appraisal].counted) if claim is None else credited(claim, by_year[year])
        why, labels = pack.scoring.why["credit"], pack.scoring.labels
        found.append(Account(appraisal, year, months, given[appraisal], why, labels))
    return found


def _brought(row: RowMapping) -> Brought:
    return Brought(
        segment=Segment(row["first_day"], row["last_day"], {}),
        label=Label(row["result"]),
        level=JobLevel(row["level"]),
        points=row["points"],
        agency=row["agency"],
        document=row["document"],
    )
