"""Score: what a rating came to, stored once with its explanation; the engine only ever learns the outcome's id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.facts import Facts
from models.appraisal import ScoreInput
from models.database import Database
from models.scoring import MissingPart, ScoringContext, score
from models.tables import OutcomeRow
from models.vocabulary import Form, JobLevel

RATED = text(
    """
    SELECT f.form, f.data, a.cycle_id, a.year, p.level, p.since
      FROM form_copy f JOIN appraisal a ON a.id = f.appraisal_id JOIN person p ON p.id = a.person_id
     WHERE f.id = :copy AND f.appraisal_id = :appraisal
    """
)
OUTCOMES = SQLModel.metadata.tables[OutcomeRow.__tablename__]


class Scorer:
    """The activity that scores. One per worker process."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._database = database
        self._facts = facts

    @activity.defn(name="score")
    async def score(self, wish: ScoreInput) -> str:
        """The id of the outcome of this form copy; the same copy in the same revision always has the same one."""
        outcome_id = str(uuid5(NAMESPACE_URL, f"outcome/{wish.appraisal_id}/{wish.revision}/{wish.copy_id}"))
        async with self._database.transaction() as connection:
            row = (await connection.execute(RATED, {"copy": wish.copy_id, "appraisal": wish.appraisal_id})).one()
            pack = await self._facts.pack(connection, row.cycle_id)
            context = ScoringContext(level=JobLevel(row.level), months=months_in_post(row.year, row.since))
            try:
                outcome = score(pack, _rating(row.form, row.data), context)
            except MissingPart as missing:
                raise ApplicationError(str(missing), type="rating_incomplete", non_retryable=True) from missing
            await connection.execute(
                insert(OUTCOMES).on_conflict_do_nothing(),
                {
                    "id": outcome_id,
                    "appraisal_id": wish.appraisal_id,
                    "revision": wish.revision,
                    "copy_id": wish.copy_id,
                    "label": outcome.label.value,
                    "outcome": outcome.model_dump(mode="json", exclude_none=True),
                    "created_at": wish.at,
                },
            )
        return outcome_id


def _rating(form: str, data: Mapping[str, object]) -> Mapping[str, object]:
    """The two ratings: at the top of a rating form, below `rating` in a decision."""
    if form == Form.DECISION:
        inner = data.get("rating")
        return inner if isinstance(inner, Mapping) else {}
    return data


def months_in_post(year: int, since: date | None) -> int:
    """The months of the year that count for a person who began in this post on that day; the month of the start counts.

    Who came to her present post after the year was over spent all of it in the one before.
    """
    return 12 if since is None or since.year != year else 13 - since.month
