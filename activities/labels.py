"""Organisation labels in rows: whom one reaches, what it has changed too late, and who is to be told.

Pure questions are asked of `models.units` and `models.scoring`; here only the rows they need.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import Facts, UnitLabel
from activities.people import Agency
from activities.running import leave_nudges
from activities.score import AND_ITS, TO_SCORE, scored
from activities.segments import segments
from models.outcome import MissingPart
from models.timetable import LABELLED

REACHED = text(
    """
    SELECT id, person_id, acting_for, unit_id, state, CAST(snapshot #>> '{flow,needs_label}' AS boolean) AS waits_for_labels,
           CAST(snapshot #>> '{flow,last_segment}' AS boolean) AS last_segment
      FROM appraisal
     WHERE cycle_id = :cycle AND unit_id = ANY(:units) AND launch = 'launched' AND ending IS DISTINCT FROM 'cancelled'
     ORDER BY id FOR UPDATE
    """
)
"""Held, so that a rating recorded at this moment either is seen here or sees the new facts."""
FINAL = text(
    """
    SELECT a.id, a.unit_id, CAST(a.snapshot ->> 'label' AS int) AS received
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN form_copy f ON f.id = o.copy_id
     WHERE a.cycle_id = :cycle AND a.state LIKE 'finalisation.%' AND a.ending NOT IN ('cancelled', 'segment_closed')
       AND (a.snapshot #>> '{flow,needs_label}') = 'true' AND f.data IS NOT NULL
       AND (CAST(:units AS text[]) IS NULL OR a.unit_id = ANY(:units))
     ORDER BY a.id
    """
)
TO_COMPARE = text(
    f"""
    SELECT {TO_SCORE}, o.label, o.policy_edition
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN form_copy f ON f.id = o.copy_id {AND_ITS}
     WHERE a.id = ANY(:ids) ORDER BY a.id
    """
)
TOLD = frozenset(state.value for state in LABELLED)


async def reached(connection: AsyncConnection, cycle: str, units: Collection[str]) -> Sequence[RowMapping]:
    """The running and finished years of the cycle in these units, held until the transaction ends."""
    return (await connection.execute(REACHED, {"cycle": cycle, "units": sorted(units)})).mappings().all()


def rests_on_label(row: RowMapping) -> bool:
    """Whether the year of this row waits for a label, or rests on one and is not final. Earlier in the year it comes with the rating."""
    return row["state"] in TOLD and bool(row["waits_for_labels"])


async def nudge(connection: AsyncConnection, rows: Sequence[RowMapping], facts_revision: int) -> list[str]:
    """Leave word for those that are to be told of a label; their ids."""
    ids = [str(row["id"]) for row in rows if rests_on_label(row)]
    await leave_nudges(connection, ids, facts_revision)
    return ids


async def outdated(
    connection: AsyncConnection,
    facts: Facts,
    agency: Agency,
    cycle: str,
    label_of: Callable[[str], UnitLabel | None],
    at: datetime,
    units: Collection[str] | None = None,
) -> list[str]:
    """Ids of finished years whose person's label would be another one under the label that holds in her unit now.

    By the pack that each was scored by: what another pack would make of it is asked in `activities.corrected_pack`.
    """
    asked: Mapping[str, object] = {"cycle": cycle, "units": None if units is None else sorted(units)}
    found = []
    labelled = [(row, label_of(row["unit_id"])) for row in (await connection.execute(FINAL, asked)).mappings()]
    anew = {row["id"]: label for row, label in labelled if label is not None and label.number != row["received"]}
    if not anew:
        return []
    its = await segments(connection, anew, at)
    rows = (await connection.execute(TO_COMPARE, {"ids": list(anew)})).mappings().all()
    packs = await facts.packs(connection, cycle)
    for row in rows:
        try:
            now = scored(packs[row["policy_edition"]], row, its[row["id"]], agency, at, anew[row["id"]]).label
        except MissingPart:  # no rating of this pack's method: nothing that a label could change
            continue
        if now != row["label"]:
            found.append(str(row["id"]))
    return found
