"""The ratings of a cycle as those who question them need them: two statements, however many people.

What a rater gave is the last rating that was sent and not returned, whatever an appeal made of it later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import Facts
from models.anomalies import Line, Rated
from models.forms import planned
from models.numeric_spec import AchievementPart, NumericScoring
from models.policy import PolicyPack
from models.quadrant import QuadrantScoring
from models.raters import Given
from models.vocabulary import Label, Rating, Stage, State

RATED_STATES = [state.value for state in State if state.stage in (Stage.CALIBRATION, Stage.APPEAL, Stage.FINALISATION)]
FROM = """
      FROM appraisal a JOIN form_copy f ON f.id = a.snapshot #>> '{forms,rating,copy_id}'
      JOIN LATERAL (SELECT * FROM outcome WHERE appraisal_id = a.id AND copy_id = f.id
                     ORDER BY id IS NOT DISTINCT FROM a.outcome_id DESC, created_at DESC, id LIMIT 1) o ON true
     WHERE a.cycle_id = :cycle AND (CAST(:only AS text) IS NULL OR a.id = :only) AND a.launch = 'launched'
       AND a.state = ANY(:states) AND a.ending IS DISTINCT FROM 'cancelled' AND a.snapshot ->> 'rated_by' IS NOT NULL
"""
RATINGS = text(
    f"""
    SELECT a.id, a.person_id, a.own_year, a.snapshot ->> 'rated_by' AS rater, o.label, o.policy_edition, a.outcome_id = o.id AS stands,
           f.data ->> 'result_rating' AS result_rating, f.data ->> 'behaviour_rating' AS behaviour_rating,
           (SELECT jsonb_object_agg(line ->> 'what', line - 'why') FROM jsonb_array_elements(o.outcome -> 'lines') line) AS lines
      {FROM} ORDER BY a.segment, a.id
    """
)
FORMS = text(
    f"""
    SELECT a.id, f.data AS rating, (SELECT data FROM form_copy WHERE id = a.snapshot #>> '{{plan_in_force,copy_id}}') AS plan,
           (SELECT data FROM form_copy WHERE id = a.snapshot #>> '{{forms,self_assessment,copy_id}}') AS report
      {FROM}
    """
)
"""Whole forms, for packs that count what was realised."""

RETURNED = text(
    """
    SELECT r.appraisal_id, a.person_id, s.actor AS rater, r.actor AS returned_by, r.at, t.body AS reason, o.label, o.policy_edition,
           f.data ->> 'result_rating' AS result_rating, f.data ->> 'behaviour_rating' AS behaviour_rating
      FROM appraisal a JOIN event r ON r.appraisal_id = a.id AND r.revision = a.revision AND r.action = 'return_rating'
      JOIN LATERAL (SELECT actor, data #>> '{form,copy_id}' AS copy_id FROM event
                     WHERE appraisal_id = a.id AND seq < r.seq AND action = 'submit_rating' ORDER BY seq DESC LIMIT 1) s ON true
      JOIN form_copy f ON f.id = s.copy_id
      JOIN LATERAL (SELECT label, policy_edition FROM outcome WHERE appraisal_id = a.id AND copy_id = f.id AND created_at <= r.at
                     ORDER BY created_at DESC, id LIMIT 1) o ON true
      LEFT JOIN text t ON t.id = r.comment_id
     WHERE a.cycle_id = :cycle AND a.launch = 'launched' AND a.own_year AND a.ending IS DISTINCT FROM 'cancelled'
     ORDER BY r.at, r.appraisal_id, r.seq
    """
)
"""What the board sent back, as it was rated then; what stands beside a year is none."""


@dataclass(frozen=True)
class RatedYear:
    """One rating: of whom, by whom; `stands` while the result rests on it."""

    appraisal: str
    person: str
    rater: str
    own_year: bool
    stands: bool
    given: Label
    """The label as the rater gave it, also where a unit's achievement or an appeal made another of it."""
    deck: str
    """The label of the organisation it was given under; empty where there is none."""
    rated: Rated
    pack: PolicyPack
    """What it was scored by, whatever the cycle goes by now."""


@dataclass(frozen=True)
class ReturnedRating:
    """A rating that the board, or who confirms in its place, sent back to the rater: of whom, what it was, and why."""

    appraisal: str
    person: str
    rater: str
    label: Label
    by: str
    at: datetime
    reason: str | None


async def returned_ratings(connection: AsyncConnection, cycle: str, facts: Facts) -> Sequence[ReturnedRating]:
    """Of the years as they are open now, the earliest first."""
    rows = (await connection.execute(RETURNED, {"cycle": cycle})).mappings().all()
    packs = await facts.packs(connection, cycle)
    return [
        ReturnedRating(
            appraisal=row["appraisal_id"],
            person=row["person_id"],
            rater=row["rater"],
            label=_given(packs[row["policy_edition"]], row),
            by=row["returned_by"],
            at=row["at"],
            reason=row["reason"],
        )
        for row in rows
    ]


async def rated_years(
    connection: AsyncConnection, cycle: str, facts: Facts, only: str | None = None
) -> Sequence[RatedYear]:
    """Every rating of a cycle, earlier parts of a year first; or that of one appraisal."""
    asked: dict[str, object] = {"cycle": cycle, "only": only, "states": RATED_STATES}
    rows = (await connection.execute(RATINGS, asked)).mappings().all()
    packs = await facts.packs(connection, cycle)
    forms: dict[str, RowMapping] = {}
    if any(_counts_what_was_realised(pack) for pack in packs.values()):
        forms = {str(row["id"]): row for row in (await connection.execute(FORMS, asked)).mappings()}
    return [_year(row, forms.get(str(row["id"])), packs[row["policy_edition"]]) for row in rows]


def _counts_what_was_realised(pack: PolicyPack) -> bool:
    spec = pack.scoring
    return isinstance(spec, NumericScoring) and any(isinstance(part, AchievementPart) for part in spec.parts)


def given(years: Collection[RatedYear]) -> Iterator[Given]:
    """The labels by rater, one for each person: of several parts of a year by one rater, the last. What stands beside a year is none."""
    last = {(year.rater, year.person): year for year in years if year.own_year}
    for year in last.values():
        yield Given(year.rater, year.given, year.deck)


def _year(row: RowMapping, forms: RowMapping | None, pack: PolicyPack) -> RatedYear:
    lines = {what: _line(stored) for what, stored in (row["lines"] or {}).items()}
    rating: Mapping[str, object] = {name: row[name] for name in ("result_rating", "behaviour_rating")}
    rated = Rated(Label(row["label"]), lines, rating)
    if forms is not None:
        rated = Rated(
            rated.label, lines, forms["rating"] or {}, planned(pack, forms["plan"] or {}), forms["report"] or {}
        )
    return RatedYear(
        appraisal=str(row["id"]),
        person=str(row["person_id"]),
        rater=str(row["rater"]),
        own_year=bool(row["own_year"]),
        stands=bool(row["stands"]),
        given=_given(pack, row),
        deck=lines["organisation"].value if "organisation" in lines else "",
        rated=rated,
        pack=pack,
    )


def _given(pack: PolicyPack, row: RowMapping) -> Label:
    """Of a quadrant the cell of the two ratings as they were given, whoever's achievement took the place of one."""
    known = {rating.value: rating for rating in Rating}
    result, behaviour = known.get(row["result_rating"]), known.get(row["behaviour_rating"])
    if isinstance(pack.scoring, QuadrantScoring) and result and behaviour:
        return pack.scoring.matrix[result][behaviour]
    return Label(row["label"])


def _line(stored: Mapping[str, object]) -> Line:
    weight, points = (None if stored.get(name) is None else Decimal(str(stored[name])) for name in ("weight", "points"))
    return Line(str(stored.get("value", "")), weight, points)
