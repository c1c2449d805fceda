"""Final results as rows have them: of a cycle, of one appraisal, or of somebody's years, with the labels of the years before.

A year counts from the day on which it is final until it is opened again: what is asked here is always the revision that stands. The year of
who left has its label, and nothing follows it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.earlier_years import labels_before_us
from activities.segments import LAST_PART, segments
from models.outcome import Outcome
from models.places import FAMILY
from models.result import TOTAL, Result
from models.segments import Segment
from models.vocabulary import UNLABELLED, EmployeeKind, Ending, Form, JobLevel, Label, ProgrammeOutcome, State

UNFINISHED = [ending.value for ending in UNLABELLED]
FINAL = f"""
    a.launch = 'launched' AND a.state = '{State.FINALISATION_DONE}' AND a.outcome_id IS NOT NULL AND a.own_year
    AND NOT a.ending = ANY(:unfinished) AND {LAST_PART}
"""
"""The condition on an appraisal `a`: it is final, and the last part of that year in the person's own post."""
RESULTS = text(
    f"""
    SELECT a.id, a.cycle_id, a.person_id, a.year, a.unit_id, a.revision, a.ending, a.done_at, o.label,
           o.policy_edition, o.created_at, o.outcome ->> 'method' AS method, o.outcome #>> '{{competency,percent}}' AS match,
           (SELECT jsonb_object_agg(line ->> 'id', line -> 'gap') FROM jsonb_array_elements(o.outcome #> '{{competency,lines}}') line)
             AS gaps,
           (SELECT line ->> 'points' FROM jsonb_array_elements(o.outcome -> 'lines') line
             WHERE line ->> 'what' = '{TOTAL}' LIMIT 1) AS value,
           CASE WHEN f.form = '{Form.DECISION}' THEN f.data -> 'rating' ELSE f.data END AS rating,
           CASE WHEN :whole THEN o.outcome END AS outcome,
           (SELECT g.outcome FROM programme g WHERE g.appraisal_id = a.id AND g.revision = a.revision
             ORDER BY g.begun_at DESC LIMIT 1) AS programme
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN form_copy f ON f.id = o.copy_id
     WHERE {FINAL}
       AND (CAST(:cycle AS text) IS NULL OR a.cycle_id = :cycle) AND (CAST(:person AS text) IS NULL OR a.person_id = :person)
       AND (CAST(:appraisals AS text[]) IS NULL OR a.id = ANY(:appraisals))
     ORDER BY a.year, a.id
    """
)
LABELS = text(
    f"""
    SELECT a.person_id, a.year, o.label FROM appraisal a JOIN outcome o ON o.id = a.outcome_id
     WHERE a.person_id = ANY(:people) AND {FINAL}
    """
)


@dataclass(frozen=True)
class FinalYear:
    """One person's year that is final under this revision. `ongoing` is false of a year that ended because she left.

    `edition` is the number of the pack that it was scored by; `lines` are the values of the outcome's steps, where it was asked for whole.
    """

    appraisal: str
    cycle: str
    person: str
    unit: str
    revision: int
    edition: int
    method: str
    ongoing: bool
    rated_at: datetime
    result: Result
    lines: Mapping[str, str]


async def final_years(
    connection: AsyncConnection,
    at: datetime,
    *,
    cycle: str | None = None,
    person: str | None = None,
    appraisals: Collection[str] | None = None,
    whole: bool = True,
) -> Sequence[FinalYear]:
    """Those of a cycle, of a person, or of these appraisals, the earliest year first; `whole` with the sentences of the outcome."""
    ids = None if appraisals is None else sorted(appraisals)
    asked = {"cycle": cycle, "person": person, "appraisals": ids, "whole": whole, "unfinished": UNFINISHED}
    rows = (await connection.execute(RESULTS, asked)).mappings().all()
    its = await segments(connection, [row["id"] for row in rows], at)
    before = await labels_of_years(connection, {row["person_id"] for row in rows})
    return await asyncio.to_thread(lambda: [_year(row, its[row["id"]], before[row["person_id"]]) for row in rows])


@dataclass(frozen=True)
class LabelOfYear:
    """What a year came to, and whether that was imported."""

    label: Label
    imported: bool


async def labels_of_years(
    connection: AsyncConnection, people: Collection[str]
) -> Mapping[str, Mapping[int, LabelOfYear]]:
    """What all their years came to, by person and year, whichever source: final here, or imported of a year that is not ours."""
    found: dict[str, dict[int, LabelOfYear]] = defaultdict(dict)
    for person, year, label in await labels_before_us(connection, people):
        found[person][year] = LabelOfYear(label, imported=True)
    asked = {"people": sorted(people), "unfinished": UNFINISHED}
    for row in await connection.execute(LABELS, asked):
        found[row.person_id][row.year] = LabelOfYear(Label(row.label), imported=False)
    return found


def _year(row: RowMapping, its: Segment, labels: Mapping[int, LabelOfYear]) -> FinalYear:
    before = {year: one for year, one in labels.items() if year < row["year"]}
    outcome = None if row["outcome"] is None else Outcome.model_validate(row["outcome"])
    family = its.place[FAMILY]
    result = Result(
        year=row["year"],
        label=Label(row["label"]),
        level=JobLevel(str(its.place["level"])),
        kind=EmployeeKind(str(its.place["kind"])),
        family=None if family is None else str(family),
        value=None if row["value"] is None else Decimal(row["value"]),
        match=None if row["match"] is None else Decimal(row["match"]),
        gaps=row["gaps"] or {},
        profile=None if outcome is None else outcome.competency,
        rating=_form(row["rating"]),
        programme=ProgrammeOutcome(row["programme"]) if row["programme"] else None,
        before={year: one.label for year, one in before.items()},
        imported=frozenset(year for year, one in before.items() if one.imported),
    )
    return FinalYear(
        appraisal=row["id"],
        cycle=row["cycle_id"],
        person=row["person_id"],
        unit=row["unit_id"],
        revision=row["revision"],
        edition=row["policy_edition"],
        method=row["method"],
        ongoing=row["ending"] != Ending.EXITED,
        rated_at=row["created_at"],
        result=result,
        lines={} if outcome is None else {line.what: line.value for line in outcome.lines},
    )


def _form(data: Any) -> Mapping[str, object]:
    """What was rated; nothing where the law had it erased."""
    return data if isinstance(data, Mapping) else {}
