"""Score: what a rating came to, stored once with its explanation; the engine only ever learns the outcome's id.

A rating is scored when it is given, and again under each organisation label that its unit receives while the year is open. One that a
finished year rested on is scored anew, where that year is opened again, by the pack that scored it then: another one asks another rating.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.facts import Edition, Facts, UnitLabel
from activities.parking import parking
from activities.people import Agency, People
from activities.segments import post_of, segments
from models.appraisal import LabelScore, ScoreInput
from models.database import Database
from models.forms import planned
from models.outcome import MissingPart, Outcome, ScoringContext
from models.policy import PolicyPack
from models.scoring import score
from models.segments import Segment
from models.tables import OutcomeRow
from models.vocabulary import Form, OrganisationLabel, Zone
from models.workdays import local_day

TO_SCORE = """
    f.form, f.data, a.id, a.cycle_id, a.person_id, a.acting_for, a.unit_id, a.zone, a.supervisor_override, plan.data AS plan,
    (SELECT jsonb_object_agg(i.name, CAST(i.value AS text)) FROM indicator i
      WHERE i.cycle_id = a.cycle_id AND i.person_id = a.person_id) AS measured
"""
"""What `scored` reads of an appraisal `a` and of the form copy `f` that says its rating."""
AND_ITS = """
    LEFT JOIN form_copy plan ON plan.id = a.snapshot -> 'plan_in_force' ->> 'copy_id'
"""
RATED = text(
    f"""
    SELECT {TO_SCORE}, c.facts_revision FROM form_copy f JOIN appraisal a ON a.id = f.appraisal_id
      JOIN cycle c ON c.id = a.cycle_id {AND_ITS}
     WHERE f.id = :copy AND f.appraisal_id = :appraisal FOR KEY SHARE OF c
    """
)
"""The cycle is held, so that whoever corrects its pack meanwhile either sees this outcome or has it scored by the new one."""
ORGANISATION = text("SELECT unit_id, label, at FROM unit_label WHERE cycle_id = :cycle AND number = :number")
EDITION_BEFORE = text(
    """
    SELECT policy_edition FROM outcome WHERE appraisal_id = :appraisal AND copy_id = :copy AND revision < :revision
     ORDER BY revision DESC LIMIT 1
    """
)
"""Of a copy that an earlier revision rested on; whatever it is scored by within one revision says the same of it."""
LABEL_BEFORE = text("SELECT label FROM outcome WHERE id = :id")
OUTCOMES = SQLModel.metadata.tables[OutcomeRow.__tablename__]


class Scorer:
    """The activities that score, each parking what no retry mends as `record` does. One per worker process."""

    def __init__(self, database: Database, facts: Facts, people: People) -> None:
        self._database = database
        self._facts = facts
        self._people = people

    @activity.defn(name="score")
    async def score(self, wish: ScoreInput) -> str:
        """The id of the outcome of this form copy; the same copy by the same pack under the same label always has the same one."""
        async with parking(self._database, wish.appraisal_id), self._database.transaction() as connection:
            row = (await connection.execute(RATED, _asked(wish))).mappings().one()
            outcome_id, _ = await self._scored(connection, wish, row, await self._label(connection, row, wish.label))
        return outcome_id

    @activity.defn(name="score_by_label")
    async def score_by_label(self, wish: ScoreInput) -> LabelScore:
        """The outcome under the organisation label that holds now, and whether the person's own label is what it was."""
        async with parking(self._database, wish.appraisal_id), self._database.transaction() as connection:
            row = (await connection.execute(RATED, _asked(wish))).mappings().one()
            agency = await self._people.agency(connection)
            facts = await self._facts.cycle(connection, row["cycle_id"], row["facts_revision"])
            label = facts.label(agency.unit_path(row["unit_id"]))
            outcome_id, own = await self._scored(connection, wish, row, label)
            before = (await connection.execute(LABEL_BEFORE, {"id": wish.before})).scalar_one_or_none()
        return LabelScore(
            outcome_id=outcome_id, label=None if label is None else label.number, same_result=before == own
        )

    async def _label(self, connection: AsyncConnection, row: RowMapping, number: int | None) -> UnitLabel | None:
        if number is None:
            return None
        asked = {"cycle": row["cycle_id"], "number": number}
        found = (await connection.execute(ORGANISATION, asked)).one()
        return UnitLabel(found.unit_id, number, OrganisationLabel(found.label), found.at)

    async def _edition(self, connection: AsyncConnection, wish: ScoreInput, cycle: str) -> Edition:
        asked = _asked(wish) | {"revision": wish.revision}
        before = (await connection.execute(EDITION_BEFORE, asked)).scalar_one_or_none()
        if before is None:
            return await self._facts.edition(connection, cycle)
        return next(one for one in await self._facts.editions(connection, cycle) if one.number == before)

    async def _scored(
        self, connection: AsyncConnection, wish: ScoreInput, row: RowMapping, label: UnitLabel | None
    ) -> tuple[str, str]:
        """Score and store; the outcome's id and the person's label. Raises `rating_incomplete` (non-retryable)."""
        edition = await self._edition(connection, wish, row["cycle_id"])
        agency = await self._people.agency(connection)
        its = await segments(connection, [row["id"]], wish.at)
        try:
            outcome = scored(edition.pack, row, its[row["id"]], agency, wish.at, label)
        except MissingPart as missing:
            raise ApplicationError(str(missing), type="rating_incomplete", non_retryable=True) from missing
        under = "" if label is None else f"/{label.number}"
        under += "" if edition.named is None else f"/v{edition.named}"
        outcome_id = str(uuid5(NAMESPACE_URL, f"outcome/{wish.appraisal_id}/{wish.revision}/{wish.copy_id}{under}"))
        await connection.execute(
            insert(OUTCOMES).on_conflict_do_nothing(),
            {
                "id": outcome_id,
                "appraisal_id": wish.appraisal_id,
                "revision": wish.revision,
                "copy_id": wish.copy_id,
                "label": outcome.label.value,
                "outcome": outcome.model_dump(mode="json", exclude_none=True),
                "policy_edition": edition.number,
                "created_at": wish.at,
            },
        )
        stored = (await connection.execute(LABEL_BEFORE, {"id": outcome_id})).scalar_one()
        return outcome_id, stored


def scored(
    pack: PolicyPack,
    row: RowMapping | Mapping[str, Any],
    segment: Segment,
    agency: Agency,
    at: datetime,
    label: UnitLabel | None,
) -> Outcome:
    """What the form copy of this row (`TO_SCORE`) comes to, for the months and in the level of its segment. Raises `MissingPart`."""
    return score(pack, rating_of(row), context_of(pack, row, segment, agency, at, label))


def context_of(
    pack: PolicyPack,
    row: RowMapping | Mapping[str, Any],
    segment: Segment,
    agency: Agency,
    at: datetime,
    label: UnitLabel | None,
) -> ScoringContext:
    """What a score has to know besides the rating. To be asked in the loop: the agency keeps what it works out.

    The label of a unit is the achievement of whoever headed it at the end of that part of the year, unless an appeal was decided: what was
    decided stands as it was decided.
    """
    day = segment.day(local_day(at, Zone(row["zone"])))
    heads = (
        label is not None
        and label.unit == row["unit_id"]
        and row["form"] != Form.DECISION
        and agency.heading.headed(row["unit_id"], row["person_id"], day, row["acting_for"])
    )
    organisation = label.label if label is not None else None
    post = post_of(segment, row, agency, at)
    return ScoringContext(
        level=post.level,
        kind=post.kind,
        family=post.family,
        is_top=post.is_top,
        months=segment.months,
        credited=row["acting_for"] is None,
        organisation=organisation,
        achievement=organisation if heads else None,
        planned=planned(pack, row["plan"] or {}),
        measured={name: Decimal(value) for name, value in (row["measured"] or {}).items()},
    )


def _asked(wish: ScoreInput) -> dict[str, object]:
    return {"copy": wish.copy_id, "appraisal": wish.appraisal_id}


def rating_of(row: RowMapping | Mapping[str, Any]) -> Mapping[str, object]:
    """What was rated: at the top of a rating form, below `rating` in a decision."""
    data: Mapping[str, object] = row["data"]
    if row["form"] == Form.DECISION:
        inner = data.get("rating")
        return inner if isinstance(inner, Mapping) else {}
    return data
