"""What a corrected pack does to the people of a running cycle, counted before anything is held or written.

Only told, never judged by: who hands a form in meanwhile is counted or not. Whether anybody is rated is asked again under the cycle's lock.
Forms are read by pages and judged off the loop, for thousands of them take seconds.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import UnitLabel
from activities.people import Agency
from activities.score import AND_ITS, TO_SCORE, context_of, rating_of
from activities.segments import post_of, segments
from models.forms import FormContext, problems, results_of
from models.outcome import MissingPart, Outcome, ScoringContext
from models.pack_changes import scores_otherwise
from models.policy import PolicyPack
from models.scoring import score
from models.vocabulary import Form, OrganisationLabel

PAGE = 200
"""So many people's forms are in memory at once."""
OPEN = text(
    """
    SELECT id FROM appraisal
     WHERE cycle_id = :cycle AND launch = 'launched' AND state NOT LIKE 'finalisation.%' ORDER BY id
    """
)
FORMS = text(
    """
    WITH a AS (SELECT * FROM appraisal WHERE id = ANY(:ids)),
    written AS (
        SELECT d.appraisal_id, d.form, d.data, true AS is_draft FROM draft d JOIN a ON a.id = d.appraisal_id
         WHERE d.version > coalesce(CAST(a.snapshot #>> ARRAY['forms', d.form || CASE d.period WHEN 0 THEN '' ELSE '.' || d.period END,
                                                              'version'] AS int), 0)
         UNION ALL
        SELECT f.appraisal_id, f.form, f.data, false FROM a CROSS JOIN jsonb_each(a.snapshot -> 'forms') AS sent
          JOIN form_copy f ON f.id = sent.value ->> 'copy_id')
    SELECT w.*, a.person_id, a.acting_for, a.zone, a.supervisor_override, plan.data AS plan
      FROM written w JOIN a ON a.id = w.appraisal_id
      LEFT JOIN form_copy plan ON plan.id = a.snapshot #>> '{plan_in_force,copy_id}'
     WHERE w.form = ANY(:forms) AND w.data IS NOT NULL
    """
)
"""What is being written and was not sent, and what was sent last in each form."""
RATED = text(
    """
    SELECT a.id FROM appraisal a
     WHERE a.cycle_id = :cycle AND a.launch = 'launched' AND a.state NOT LIKE 'finalisation.%'
       AND (a.state LIKE 'calibration.%' OR a.state LIKE 'appeal.%'
            OR EXISTS (SELECT FROM outcome o WHERE o.appraisal_id = a.id AND o.revision = a.revision AND o.created_at >= a.entered_at))
     ORDER BY a.id
    """
)
"""Also whose rating was scored and is being recorded; not whose rating was sent back."""
FINAL = text(
    """
    SELECT a.id, o.id AS outcome
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN form_copy f ON f.id = o.copy_id
     WHERE a.cycle_id = :cycle AND a.state LIKE 'finalisation.%' AND a.ending <> 'cancelled' AND f.data IS NOT NULL
       AND o.policy_edition = ANY(:editions)
     ORDER BY a.id
    """
)
TO_COMPARE = text(
    f"""
    SELECT {TO_SCORE}, o.id AS outcome, o.policy_edition, l.unit_id AS label_unit, l.number, l.label AS organisation, l.at AS labelled_at
      FROM appraisal a JOIN outcome o ON o.id = a.outcome_id JOIN form_copy f ON f.id = o.copy_id {AND_ITS}
      LEFT JOIN unit_label l ON l.cycle_id = a.cycle_id AND l.number = CAST(a.snapshot ->> 'label' AS int)
     WHERE o.id = ANY(:outcomes)
    """
)
MEASURED = text("SELECT max(at) FROM indicator WHERE cycle_id = :cycle")


@dataclass(frozen=True)
class FormsHit:
    """Whose forms would not be whole any more: what is still being written, and what was handed in and stays as it is."""

    drafts: Sequence[str] = ()
    handed_in: Sequence[str] = ()


async def forms_hit(
    connection: AsyncConnection,
    agency: Agency,
    cycle: str,
    before: PolicyPack,
    after: PolicyPack,
    forms: Collection[Form],
    at: datetime,
) -> FormsHit:
    """Whose drafts and forms have problems by `after` that they do not have by `before`."""
    if not forms:
        return FormsHit()
    drafts, handed_in = set[str](), set[str]()
    everybody = (await connection.execute(OPEN, {"cycle": cycle})).scalars().all()
    for start in range(0, len(everybody), PAGE):
        asked = {"ids": everybody[start : start + PAGE], "forms": [form.value for form in forms]}
        rows = (await connection.execute(FORMS, asked)).mappings().all()
        its = await segments(connection, {row["appraisal_id"] for row in rows}, at)
        asked_of = [(row, post_of(its[row["appraisal_id"]], row, agency, at)) for row in rows]
        for row in await asyncio.to_thread(_hit, asked_of, before, after):
            (drafts if row["is_draft"] else handed_in).add(row["appraisal_id"])
    return FormsHit(sorted(drafts), sorted(handed_in))


def _hit(asked_of: Sequence[tuple[RowMapping, FormContext]], before: PolicyPack, after: PolicyPack) -> list[RowMapping]:
    found = ((row, post, _found(row, after, post)) for row, post in asked_of)
    return [row for row, post, now in found if now and now - _found(row, before, post)]


def _found(row: RowMapping, pack: PolicyPack, post: FormContext) -> set[tuple[str, str]]:
    """What is wrong with a form by that pack. The superior's plan is left out: what is said of it is the same by both."""
    form, plan = Form(row["form"]), row["plan"]
    has_plan = isinstance(plan, dict) and form is not Form.PLAN
    context = replace(post, results=results_of(pack, plan) if has_plan else ())
    return {(one.pointer, one.code) for one in problems(pack, form, context, row["data"])}


async def rated_not_final(connection: AsyncConnection, cycle: str) -> Sequence[str]:
    """Ids of the years that have a rating which is not final. Under the cycle's lock nobody is scored meanwhile."""
    return (await connection.execute(RATED, {"cycle": cycle})).scalars().all()


@dataclass
class _Against:
    """What was found against one pack, while nothing more was measured: which earlier packs score otherwise, and which outcomes."""

    pack: str
    measured: datetime | None
    packs: dict[int, bool] = field(default_factory=dict)
    outcomes: dict[str, bool] = field(default_factory=dict)


class Overtaken:
    """Says which final years a corrected pack would score otherwise, and remembers it: an outcome does not change, nor do two packs.

    By cycle, against the pack that was asked about last; so the list that follows a correction is known from its preview on.
    Whoever asks of the same cycle waits for what is being found out; of another, for nobody. One per process.
    """

    def __init__(self) -> None:
        self._found: dict[str, _Against] = {}
        self._one_at_a_time: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def years(
        self,
        connection: AsyncConnection,
        agency: Agency,
        cycle: str,
        before: Mapping[int, PolicyPack],
        after: PolicyPack,
        at: datetime,
    ) -> list[str]:
        """Ids of the final years that were scored by one of these earlier packs, by number, and would come to other figures by `after`.

        Both are asked on the same day, so that nothing but the pack makes a difference.
        """
        async with self._one_at_a_time[cycle]:
            known = await self._known(connection, cycle, after)
            for number in before.keys() - known.packs:
                known.packs[number] = await asyncio.to_thread(scores_otherwise, before[number], after)
            asked = {"cycle": cycle, "editions": sorted(number for number in before if known.packs[number])}
            final = (await connection.execute(FINAL, asked)).all() if asked["editions"] else []
            new = [row.outcome for row in final if row.outcome not in known.outcomes]
            for start in range(0, len(new), PAGE):
                rows = (await connection.execute(TO_COMPARE, {"outcomes": new[start : start + PAGE]})).mappings().all()
                compared = await _to_compare(connection, agency, rows, before, after, at)
                known.outcomes |= await asyncio.to_thread(_compared, compared, before, after)
        return [row.id for row in final if known.outcomes.get(row.outcome)]

    async def _known(self, connection: AsyncConnection, cycle: str, after: PolicyPack) -> _Against:
        measured = (await connection.execute(MEASURED, {"cycle": cycle})).scalar_one()
        found = self._found.get(cycle)
        if found is None or (found.pack, found.measured) != (after.digest, measured):
            found = self._found[cycle] = _Against(after.digest, measured)
        return found


_ToCompare = tuple[RowMapping, ScoringContext, ScoringContext]
"""A rating, with what each pack has to know besides."""


async def _to_compare(
    connection: AsyncConnection,
    agency: Agency,
    rows: Sequence[RowMapping],
    before: Mapping[int, PolicyPack],
    after: PolicyPack,
    at: datetime,
) -> list[_ToCompare]:
    its = await segments(connection, [row["id"] for row in rows], at)
    found = []
    for row in rows:
        packs = (before[row["policy_edition"]], after)
        was, now = (context_of(pack, row, its[row["id"]], agency, at, _label(row)) for pack in packs)
        found.append((row, was, now))
    return found


def _compared(rows: Sequence[_ToCompare], before: Mapping[int, PolicyPack], after: PolicyPack) -> dict[str, bool]:
    """By outcome, whether it would be another. Where a pack asks for what was not rated, nothing can be said."""
    found = {}
    for row, context, context_now in rows:
        was = _figures(before[row["policy_edition"]], row, context)
        now = _figures(after, row, context_now)
        found[str(row["outcome"])] = was is not None and now is not None and was != now
    return found


def _label(row: RowMapping) -> UnitLabel | None:
    """The organisation's label that the outcome rests on."""
    if row["number"] is None:
        return None
    return UnitLabel(row["label_unit"], row["number"], OrganisationLabel(row["organisation"]), row["labelled_at"])


def _figures(pack: PolicyPack, row: RowMapping, context: ScoringContext) -> object:
    """What a rating comes to by that pack, without the sentences; None where it lacks something."""
    try:
        return _without_words(score(pack, rating_of(row), context))
    except MissingPart:
        return None


def _without_words(outcome: Outcome) -> object:
    lines = [(line.what, line.value, line.weight, line.points) for line in outcome.lines]
    profile = outcome.competency
    levels = None if profile is None else (profile.percent, profile.verdict, [(x.id, x.gap) for x in profile.lines])
    return outcome.label, lines, outcome.credit, levels
