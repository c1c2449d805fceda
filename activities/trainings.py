"""What people took part in, to learn how to rate or what their post needs: HR's record, replaced as a whole, told in the agency's trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME, note_in_agency
from models.language import Bilingual
from models.rater_training import Training, courses
from models.trail_actions import TrailAction

OF = text(
    "SELECT person_id, course, day, valid_until FROM training WHERE person_id = ANY(:people) ORDER BY day, course"
)
CATALOGUES = text(
    """
    SELECT c.pack #> '{competency,training}' AS courses FROM cycle c
     WHERE jsonb_typeof(c.pack #> '{competency,training}') = 'array'
       AND EXISTS (SELECT FROM appraisal a WHERE a.cycle_id = c.id AND a.person_id = :person AND a.launch = 'launched')
     ORDER BY c.year, c.id
    """
)
FORGET = text("DELETE FROM training WHERE person_id = :person")
KEEP = text("INSERT INTO training (person_id, course, day, valid_until) VALUES (:person, :course, :day, :until)")


async def trainings_of(connection: AsyncConnection, people: Collection[str]) -> Mapping[str, Sequence[Training]]:
    """By person, the earliest first; nobody is missing."""
    found: dict[str, list[Training]] = {person: [] for person in people}
    for row in await connection.execute(OF, {"people": sorted(people)}):
        found[row.person_id].append(Training(row.course, row.day, row.valid_until))
    return found


async def courses_for(connection: AsyncConnection, person: str) -> Mapping[str, Bilingual]:
    """What may be on record of somebody: trainings of who rates, and the catalogues of the cycles in which she has a year."""
    found = dict(courses())
    for row in await connection.execute(CATALOGUES, {"person": person}):
        found |= {
            one["id"]: Bilingual.model_validate(one["title"]) for one in row.courses if one["id"] not in courses()
        }
    return found


async def record_trainings(
    connection: AsyncConnection, person: str, taken: Sequence[Training], *, actor: str, at: datetime
) -> None:
    """Let this be all that is on record of somebody; what is so already is no event."""
    await connection.execute(ONE_AT_A_TIME)
    taken = sorted(taken, key=lambda one: (one.day, one.course))
    if taken == (await trainings_of(connection, [person]))[person]:
        return
    await connection.execute(FORGET, {"person": person})
    rows = [{"person": person, "course": one.course, "day": one.day, "until": one.until} for one in taken]
    if rows:
        await connection.execute(KEEP, rows)
    said = [{"course": one.course, "date": one.day.isoformat()} for one in taken]
    data = {"person": person, "trainings": said}
    await note_in_agency(connection, at, actor, [(TrailAction.TRAININGS_RECORDED, data)])
