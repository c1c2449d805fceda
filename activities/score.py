"""Score: what a rating came to, stored once with its explanation; the engine only ever learns the outcome's id.

A rating is scored when it is given, and again under each organisation label that its unit receives while the year is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.facts import Facts
from activities.people import Agency, People
from models.appraisal import LabelScore, ScoreInput
from models.database import Database
from models.policy import PolicyPack
from models.scoring import MissingPart, Outcome, ScoringContext, score
from models.tables import OutcomeRow
from models.vocabulary import Form, JobLevel, OrganisationLabel, Zone
from models.workdays import local_day

RATED = text(
    """
    SELECT f.form, f.data, a.cycle_id, a.year, a.person_id, a.unit_id, a.zone, p.level, p.since
      FROM form_copy f JOIN appraisal a ON a.id = f.appraisal_id JOIN person p ON p.id = a.person_id
     WHERE f.id = :copy AND f.appraisal_id = :appraisal
    """
)
ORGANISATION = text("SELECT unit_id, label FROM unit_label WHERE cycle_id = :cycle AND number = :number")
LABEL_BEFORE = text("SELECT label FROM outcome WHERE id = :id")
OUTCOMES = SQLModel.metadata.tables[OutcomeRow.__tablename__]


class Scorer:
    """The activities that score. One per worker process."""

    def __init__(self, database: Database, facts: Facts, people: People) -> None:
        self._database = database
        self._facts = facts
        self._people = people

    @activity.defn(name="score")
    async def score(self, wish: ScoreInput) -> str:
        """The id of the outcome of this form copy; the same copy under the same label always has the same one."""
        async with self._database.transaction() as connection:
            outcome_id, _ = await self._scored(connection, wish)
        return outcome_id

    @activity.defn(name="score_by_label")
    async def score_by_label(self, wish: ScoreInput) -> LabelScore:
        """The outcome under another organisation label, and whether the person's own label is what it was."""
        async with self._database.transaction() as connection:
            outcome_id, label = await self._scored(connection, wish)
            before = (await connection.execute(LABEL_BEFORE, {"id": wish.before})).scalar_one_or_none()
        return LabelScore(outcome_id=outcome_id, same_result=before == label)

    async def _scored(self, connection: AsyncConnection, wish: ScoreInput) -> tuple[str, str]:
        """Score and store; the outcome's id and the person's label. Raises `rating_incomplete` (non-retryable)."""
        rated = {"copy": wish.copy_id, "appraisal": wish.appraisal_id}
        row = (await connection.execute(RATED, rated)).mappings().one()
        pack = await self._facts.pack(connection, row["cycle_id"])
        organisation, unit = None, None
        if wish.label is not None:
            asked = {"cycle": row["cycle_id"], "number": wish.label}
            found = (await connection.execute(ORGANISATION, asked)).one()
            organisation, unit = OrganisationLabel(found.label), found.unit_id
        agency = await self._people.agency(connection)
        try:
            outcome = scored(pack, row, agency, wish.at, organisation, unit)
        except MissingPart as missing:
            raise ApplicationError(str(missing), type="rating_incomplete", non_retryable=True) from missing
        under = "" if wish.label is None else f"/{wish.label}"
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
                "created_at": wish.at,
            },
        )
        stored = (await connection.execute(LABEL_BEFORE, {"id": outcome_id})).scalar_one()
        return outcome_id, stored


def scored(
    pack: PolicyPack,
    row: RowMapping,
    agency: Agency,
    at: datetime,
    organisation: OrganisationLabel | None,
    labelled_unit: str | None,
) -> Outcome:
    """What the form copy of this row (`RATED`) comes to. Raises `MissingPart`.

    The label of a unit is its head's achievement, unless an appeal was decided: what was decided stands as it was decided.
    """
    heads = (
        labelled_unit == row["unit_id"]
        and row["form"] != Form.DECISION
        and agency.head_of(row["unit_id"], local_day(at, Zone(row["zone"]))) == row["person_id"]
    )
    context = ScoringContext(
        level=JobLevel(row["level"]),
        months=months_in_post(row["year"], row["since"]),
        organisation=organisation,
        achievement=organisation if heads else None,
    )
    return score(pack, _rating(row["form"], row["data"]), context)


def _rating(form: str, data: Mapping[str, object]) -> Mapping[str, object]:
    """The two ratings: at the top of a rating form, below `rating` in a decision."""
    if form == Form.DECISION:
        inner = data.get("rating")
        return inner if isinstance(inner, Mapping) else {}
    return data


def months_in_post(year: int, since: date | None) -> int:
    """The months of the year that count for a person who began in this post on that day; the month of the start counts."""
    if since is None or since.year < year:
        return 12
    return 13 - since.month if since.year == year else 1
