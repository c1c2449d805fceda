"""What a rating would come to as it stands in its fields, before anybody gives it: the very explanation that giving it stores.

Nothing is kept of it, and no pattern is asked; the organisation's label counts as it holds now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.score import AND_ITS, TO_SCORE, scored
from activities.segments import segments
from api.appraisal_view import outcome_view
from api.form_desk import context_of
from api.loading import Loaded
from api.rooms import Rooms
from models.forms import malformed
from models.numeric_spec import NumericScoring
from models.outcome import MissingPart
from models.vocabulary import Form, Language

AS_WRITTEN = text(
    f"""
    SELECT {TO_SCORE} FROM (SELECT CAST(:form AS text) AS form, CAST(:data AS jsonb) AS data) f, appraisal a {AND_ITS}
     WHERE a.id = :appraisal
    """
)
RATES = frozenset({Form.RATING, Form.DECISION})
"""Forms that hold a rating, or may."""


@dataclass(frozen=True)
class Foreseen:
    """The outcome as the year would show it; without one the titles of the parts that are missing, where the pack names them."""

    outcome: Mapping[str, object] | None
    missing: tuple[str, ...] = ()


async def foreseen(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, form: Form, data: Mapping[str, object], spoken: Language
) -> Foreseen | None:
    """None where nothing is to be foreseen: a form without a rating, or one that cannot be read as it stands."""
    if form not in RATES or (form is Form.DECISION and not isinstance(data.get("rating"), Mapping)):
        return None
    snapshot, now = loaded.running(), rooms.now()
    pack = await rooms.facts.pack_of_year(connection, loaded.cycle_id, snapshot)
    if malformed(pack, form, await context_of(connection, loaded, pack, form, now), data):
        return None
    facts = await rooms.facts.cycle(connection, loaded.cycle_id, int(str(loaded.row["cycle_facts_revision"])))
    label = facts.label(loaded.agency.unit_path(str(loaded.row["unit_id"])))
    asked = {"form": form.value, "data": json.dumps(data), "appraisal": loaded.id}
    row = (await connection.execute(AS_WRITTEN, asked)).mappings().one()
    its = (await segments(connection, [loaded.id], now))[loaded.id]
    try:
        outcome = scored(pack, row, its, loaded.agency, now, label)
    except MissingPart as missing:
        titles = {field.name: field.title for field in pack.forms[Form.RATING].fields}
        if isinstance(pack.scoring, NumericScoring):
            titles |= {part.id: part.title for part in pack.scoring.parts}
        return Foreseen(None, tuple(titles[one].say(spoken) for one in missing.parts if one in titles))
    stored = outcome.model_dump(mode="json", exclude_none=True)
    return Foreseen(outcome_view(stored, snapshot, pack.version, spoken))
