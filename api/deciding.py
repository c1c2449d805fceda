"""What a decision about an objection may say, beside what its form asks: the rating stands, or it becomes another one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.score import RATED, scored
from activities.segments import segments
from api.loading import Loaded
from api.problems import FieldProblem
from api.rooms import Rooms
from models.decided import leaves_the_rating
from models.language import Bilingual
from models.outcome import MissingPart
from models.policy import PolicyPack
from models.vocabulary import Form

RATING_UNCHANGED = FieldProblem(
    "/rating",
    "rating_unchanged",
    Bilingual(
        id="Rating ini sama dengan rating yang disanggah. Ubah ratingnya, atau putuskan bahwa hasil tetap.",
        en="This rating is the one under appeal. Change it, or decide that the result stands.",
    ),
)


async def unchanged(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, pack: PolicyPack, decision: Mapping[str, object]
) -> list[FieldProblem]:
    """The problem of a decision that says `changed` and leaves the rating as it is; none where there is nothing to compare.

    A head of a unit objects to what his unit's achievement made of his rating: to decide by that rating changes his result.
    """
    ref = loaded.running().forms.get(Form.RATING.value)
    if ref is None:
        return []
    asked = {"copy": ref.copy_id, "appraisal": loaded.id}
    rated = (await connection.execute(RATED, asked)).mappings().one()
    if not leaves_the_rating(pack, decision, rated["data"] or {}):
        return []
    same = await _comes_to_the_same(connection, rooms, loaded, pack, rated, decision)
    return [RATING_UNCHANGED] if same else []


async def _comes_to_the_same(
    connection: AsyncConnection,
    rooms: Rooms,
    loaded: Loaded,
    pack: PolicyPack,
    rated: RowMapping,
    decision: Mapping[str, object],
) -> bool:
    facts = await rooms.facts.cycle(connection, loaded.cycle_id, rated["facts_revision"])
    label = facts.label(loaded.agency.unit_path(rated["unit_id"]))
    its = (await segments(connection, [loaded.id], rooms.now()))[loaded.id]
    decided = {**rated, "form": Form.DECISION.value, "data": decision}
    try:
        before, after = (scored(pack, row, its, loaded.agency, rooms.now(), label) for row in (rated, decided))
    except MissingPart:
        return True
    return [(line.what, line.value) for line in before.lines] == [(line.what, line.value) for line in after.lines]
