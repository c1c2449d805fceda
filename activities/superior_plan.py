"""The plan that a subordinate's results link to: the superior's own, or that of the post in which he acts."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.line import Officer

IN_FORCE = text(
    """
    SELECT f.data FROM appraisal a JOIN form_copy f ON f.id = a.snapshot -> 'plan_in_force' ->> 'copy_id'
     WHERE a.cycle_id = :cycle AND a.person_id = :person AND a.asked_from IS NULL AND a.acting_for IS NOT DISTINCT FROM (
           SELECT max(acting_for) FROM appraisal
            WHERE cycle_id = :cycle AND person_id = :person AND acting_for = :post AND launch = 'launched')
     ORDER BY a.segment DESC LIMIT 1
    """
)


async def superior_plan(connection: AsyncConnection, cycle: str, superior: Officer) -> object:
    """The data of the plan in force; None where nobody stands there, or he has none yet.

    Of who acts in the post (Plt) and has a year about it, the plan of that year and no other (decision 19).
    """
    if superior.person_id is None:
        return None
    post = str(superior.post) if superior.post else None
    asked = {"cycle": cycle, "person": str(superior.person_id), "post": post}
    return (await connection.execute(IN_FORCE, asked)).scalar_one_or_none()
