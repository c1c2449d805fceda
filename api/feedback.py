"""The word of others about somebody's work: peers and team leaders give it, whoever rates reads it with names, she without.

Advice: no step waits for it, no figure moves by it. No trail names who said what, so that she does not read it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.during import Words, running
from api.exact import Exact
from api.loading import Loaded, load
from api.paging import Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problems import Problem
from api.receipts import Answer, KeyDep, done_once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.surrounding import surroundings, year_of
from models.access import may_write, sees_result
from models.feedback import Standing, read_by_her, standing
from models.vocabulary import Form, Role

router = APIRouter(tags=["feedback"])

WRITE = text(
    """
    INSERT INTO feedback (id, appraisal_id, author_id, standing, team_id, text, written_at)
    VALUES (:id, :appraisal, :author, :standing, :team, :text, :at)
    """
)
OWN = text("SELECT 1 FROM feedback WHERE appraisal_id = :appraisal AND author_id = :author")
GIVEN = text(
    """
    SELECT f.id, f.author_id, f.standing, f.text, f.written_at, t.name AS team
      FROM feedback f LEFT JOIN team t ON t.id = f.team_id WHERE f.appraisal_id = :appraisal ORDER BY f.written_at, f.id
    """
)


class FeedbackBody(BaseModel):
    """What somebody saw of her work, and how she could do better. Whoever rates reads it with its author's name, she without."""

    model_config = ConfigDict(extra="forbid")

    text: Words


class OwnFeedback(Exact):
    """What the caller said of somebody, and as what."""

    appraisal_id: UUID
    standing: Standing
    text: str
    written_at: AwareDatetime


class FeedbackOut(Exact):
    """The word of another. Who said it, in which team and when, is told to who rates and to HR; the employee is not told as what either."""

    id: UUID
    text: str
    standing: Standing | None
    team: Annotated[str | None, Field(description="Name of the team that its author leads.")]
    by: PersonShown | None
    written_at: AwareDatetime | None


class FeedbackListed(FeedbackOut):
    """The same in a list."""

    key: Key


@router.post("/appraisals/{appraisal_id}/feedback", status_code=201, response_model=OwnFeedback)
async def give_feedback(
    appraisal_id: str, body: FeedbackBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Say something of somebody's work, once: who leads a team she works in, works under the same supervisor, or was asked by him.

    Until she was rated. Nobody of herself, nobody who rates her, nobody who stepped back from her.
    """
    answer = await told_of_her(rooms, caller, appraisal_id, body, key)
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def told_of_her(rooms: Rooms, caller: Caller, appraisal_id: str, body: FeedbackBody, key: str) -> Answer:
    """What the caller said of her, kept once. Raises what a refusal of it is."""

    async def effect(connection: AsyncConnection) -> Answer:
        year = year_of(loaded := (await running(connection, rooms, caller, appraisal_id, stranger=True)).loaded)
        spec = (await rooms.facts.pack(connection, loaded.cycle_id)).feedback
        if not spec.asked:
            raise Problem("no_feedback")
        me, now = caller.person_id, rooms.now()
        around = (await surroundings(connection, loaded.agency, [year], me, now))[loaded.id]
        held = standing(me, spec, around)
        if held is None:
            raise Problem("not_yours")
        if loaded.running().rated_by is not None:
            raise Problem("feedback_closed")
        if (await connection.execute(OWN, {"appraisal": loaded.id, "author": me})).one_or_none():
            raise Problem("feedback_given")
        said = {"appraisal_id": loaded.id, "standing": held.value, "text": body.text, "written_at": now.isoformat()}
        row = {"id": str(uuid4()), "appraisal": loaded.id, "author": me, "standing": held.value, "at": now}
        team = around.leaders.get(me) if held is Standing.TEAM_LEADER else None
        await connection.execute(WRITE, row | {"team": team, "text": body.text})
        return Answer(201, said)

    return await done_once(rooms, caller, key, "feedback", {"appraisal": appraisal_id, **body.model_dump()}, effect)


@router.get("/appraisals/{appraisal_id}/feedback", response_model=Page[FeedbackListed])
async def read_feedback(appraisal_id: str, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """What others said of her work, in an order that tells nothing. She reads it once enough people said something, when the pack says."""
    kind, _, after = (page.after or "feedback ").partition(" ")
    if kind != "feedback":
        raise bad_cursor()
    begin = known_id(after) if page.after else ""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        found = await feedback_shown(connection, rooms, loaded)
    left = [one | {"key": f"feedback {one['id']}"} for one in found if str(one["id"]) > begin]
    return listed(paged(left[: page.limit + 1], page, len(found), key="key"))


async def feedback_shown(connection: AsyncConnection, rooms: Rooms, loaded: Loaded) -> list[dict[str, object]]:
    """All of it that this reader may see, as far as he may see it, by ids that were made at random."""
    rows = (await connection.execute(GIVEN, {"appraisal": loaded.id})).mappings().all()
    if loaded.snapshot is None or not rows:
        return []
    hers = Role.EMPLOYEE in loaded.roles
    if hers:
        spec = (await rooms.facts.pack(connection, loaded.cycle_id)).feedback
        has_result = sees_result(loaded.roles, loaded.snapshot)
        may = read_by_her([row["id"] for row in rows], spec, has_result=has_result)
        rows = [row for row in rows if row["id"] in may]
    named = not hers and sees_names(loaded)
    people: Mapping[str, object] = await people_shown(connection, {row["author_id"] for row in rows} if named else ())
    return [
        {
            "id": row["id"],
            "text": row["text"],
            "standing": None if hers else row["standing"],
            "team": row["team"] if named else None,
            "by": people.get(row["author_id"]),
            "written_at": row["written_at"].isoformat() if named else None,
        }
        for row in sorted(rows, key=lambda row: str(row["id"]))
    ]


def sees_names(loaded: Loaded) -> bool:
    """Whether this reader is told who said it: whoever may write the rating, and HR."""
    return Role.HR in loaded.roles or may_write(Form.RATING, loaded.roles, loaded.running())
