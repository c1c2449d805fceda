"""Somebody's credit points as rows have them (`models.credit`): of her final results, from another agency, and from before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME, note_in_agency
from activities.credited import claims
from activities.elsewhere import Version as Recorded
from activities.elsewhere import versions_of
from activities.enrolment import live
from activities.facts import Facts
from activities.segments import segments
from models.credit import Account, Brought, Given, Opening, Version
from models.credited import credited
from models.outcome import CreditNeed, CreditTable, Outcome
from models.scoring import ScoringSpec
from models.segments import Segment
from models.trail_actions import TrailAction
from models.vocabulary import Action, JobLevel, State

OVER = [State.FINALISATION_RUNNING.value, State.FINALISATION_DONE.value]
GIVEN = text(
    f"""
    SELECT a.id, a.cycle_id, a.year, f.revision, f.at, f.action = '{Action.CANCEL}' AS cancelled, o.outcome, o.policy_edition
      FROM appraisal a
      JOIN LATERAL (SELECT DISTINCT ON (e.revision) e.revision, e.action, e.at FROM event e
                     WHERE e.appraisal_id = a.id AND e.to_state = ANY(:over) ORDER BY e.revision, e.seq) f ON TRUE
      JOIN LATERAL (SELECT s.outcome, s.policy_edition FROM event e JOIN outcome s ON s.id = e.data ->> 'outcome_id'
                     WHERE e.appraisal_id = a.id AND e.revision <= f.revision ORDER BY e.seq DESC LIMIT 1) o ON TRUE
     WHERE a.person_id = :person AND a.launch = 'launched'
     ORDER BY a.year, a.id, f.revision
    """
)
"""By revision that is over, the outcome that stood in it: a closed part of a year is scored once it has ended."""
OPENING = text("SELECT points, level, day, document, recorded_at FROM credit_opening WHERE person_id = :person")
KEEP = text(
    """
    INSERT INTO credit_opening (person_id, points, level, day, document, recorded_by, recorded_at)
    VALUES (:person, :points, :level, :day, :document, :by, :at)
    ON CONFLICT (person_id) DO UPDATE SET points = excluded.points, level = excluded.level, day = excluded.day,
           document = excluded.document, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
    """
)
LATEST = text(
    f"""
    SELECT a.cycle_id FROM appraisal a WHERE a.person_id = :person AND a.launch = 'launched' AND a.own_year AND {live("a")}
     ORDER BY a.year DESC, a.segment DESC, a.cycle_id LIMIT 1
    """
)


@dataclass(frozen=True)
class Earned:
    """Everything her ledger is made of."""

    accounts: Sequence[Account]
    parts: Sequence[Sequence[Version]]
    """Of other agencies, withdrawn ones too; of each the latest version first."""
    opening: Opening | None

    @property
    def brought(self) -> Sequence[Brought]:
        """What holds of the parts."""
        return [part[0].brought for part in self.parts if part[0].brought is not None]


async def earned(connection: AsyncConnection, facts: Facts, person: str, at: datetime) -> Earned:
    """By the rows of now."""
    return Earned(
        await _accounts(connection, facts, person, at),
        [[_version(one) for one in part] for part in await versions_of(connection, person)],
        await opening_of(connection, person),
    )


async def opening_of(connection: AsyncConnection, person: str) -> Opening | None:
    """What HR recorded of before; None where that is not known."""
    row = (await connection.execute(OPENING, {"person": person})).one_or_none()
    return None if row is None else Opening(row.points, JobLevel(row.level), row.day, row.document, row.recorded_at)


async def record_opening(connection: AsyncConnection, person: str, opening: Opening, *, actor: str) -> None:
    """In place of what was recorded before; what is so already is no event."""
    await connection.execute(ONE_AT_A_TIME)
    if opening == await opening_of(connection, person):
        return
    row = {"points": opening.points, "level": opening.level, "day": opening.at, "document": opening.document}
    await connection.execute(KEEP, row | {"person": person, "by": actor, "at": opening.recorded})
    said = {
        "person": person,
        "points": str(opening.points),
        "level": opening.level.value,
        "at": opening.at.isoformat(),
        "document": opening.document,
    }
    await note_in_agency(connection, opening.recorded, actor, [(TrailAction.CREDIT_OPENING_RECORDED, said)])


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
    packs = {cycle: await facts.packs(connection, cycle) for cycle in {row.cycle_id for row in rows}}
    given: dict[tuple[str, int], list[Given]] = defaultdict(list)
    for row in rows:
        given[row.id, row.year].append(_given(row, packs[row.cycle_id][row.policy_edition].scoring))
    earning = [key for key, revisions in given.items() if any(one.credit is not None for one in revisions)]
    by_year = await claims(connection, person, at)
    claimed = {one.appraisal: one for of_year in by_year.values() for one in of_year}
    unclaimed = {appraisal for appraisal, _ in earning} - claimed.keys()
    its = await segments(connection, unclaimed, at) if unclaimed else {}
    found = []
    for appraisal, year in earning:
        claim = claimed.get(appraisal)
        months = frozenset(its[appraisal].counted) if claim is None else credited(claim, by_year[year])
        found.append(Account(appraisal, year, months, given[appraisal, year]))
    return found


def _given(row: Row[Any], scoring: ScoringSpec) -> Given:
    outcome = Outcome.model_validate(row.outcome)
    return Given(
        revision=row.revision,
        at=row.at,
        label=outcome.label,
        credit=None if row.cancelled else outcome.credit,
        said=scoring.labels[outcome.label],
        why=scoring.why.get("credit"),
    )


def _version(its: Recorded) -> Version:
    said = its.brought
    if its.withdrawn or said.level is None or said.points is None:
        return Version(None, its.recorded_at)
    segment = Segment(said.first, said.last, {})
    return Version(Brought(segment, said.result, said.level, said.points, said.agency, said.document), its.recorded_at)
