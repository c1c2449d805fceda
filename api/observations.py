"""Observations: what a supervisor saw while the work was done, so that a rating in December rests on more than December.

Whoever may write the rating may note them: the supervisor, who acts for him, the senior supervisor after a takeover. Never a rating.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.act_bodies import LocalDay
from api.during import ResultKey, Words, after, in_order, planned_results, refuse, refused_result, running
from api.exact import Exact
from api.loading import Loaded, load
from api.paging import Asked, Found, Key, Page, PageDep, listed
from api.people_shown import PersonShown, people_shown
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, done_once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.access import may_write
from models.language import Bilingual
from models.vocabulary import Form, Role, StandIn
from models.year_log import OBSERVATIONS_MAX

router = APIRouter(tags=["during the year"])

COLUMNS = "id, day, text, result, criterion, shared, author_id, role, on_behalf_of, standing, post_of, written_at"
WRITE = text(
    f"""
    INSERT INTO observation ({COLUMNS}, appraisal_id)
    VALUES (:id, :day, :text, :result, :criterion, :shared, :author, :role, :on_behalf_of, :standing, :post_of, :at, :appraisal)
    RETURNING {COLUMNS}
    """
)
COUNT = text("SELECT count(*) FROM observation WHERE appraisal_id = :id")
SEEN = "FROM observation WHERE appraisal_id = :appraisal AND (shared OR CAST(:all AS boolean))"
TOTAL = text(f"SELECT count(*) {SEEN}")
PAGE = text(
    f"""
    SELECT {COLUMNS} {SEEN} AND (day, id) > (CAST(:day AS date), :after) ORDER BY day, id LIMIT :limit
    """
)
ALL = text(f"SELECT {COLUMNS} {SEEN}")
UNKNOWN_CRITERION = Bilingual(
    id="Kriteria ini tidak ada pada kebijakan siklus ini.", en="The policy of this cycle has no such criterion."
)
ONE_OF_BOTH = Bilingual(
    id="Sebut hasil kerja atau kriteria perilaku, bukan keduanya.", en="Name a result or a criterion, not both."
)


class ObservationBody(BaseModel):
    """What was seen on one day, of a result of the plan in force, of a criterion, or of neither. Unless `shared` is false she reads it."""

    model_config = ConfigDict(extra="forbid")

    day: LocalDay
    text: Words
    result: ResultKey | None = None
    criterion: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    shared: bool = True


class ObservationOut(Exact):
    """What was seen, by whom, in which role, for whom, and in which standing where the post is another's."""

    id: UUID
    day: date
    text: str
    result: str | None
    criterion: str | None
    shared: bool
    by: PersonShown | None
    role: Role
    on_behalf_of: PersonShown | None
    standing: StandIn | None
    post_of: PersonShown | None
    written_at: AwareDatetime


class ObservationListed(ObservationOut):
    """An observation in a list."""

    key: Key


@router.post("/appraisals/{appraisal_id}/observations", status_code=201, response_model=ObservationOut)
async def observe(
    appraisal_id: str, body: ObservationBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Note what was seen; whoever may write the rating. It stays as it was said."""
    answer = await observed(rooms, caller, appraisal_id, body, key)
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def observed(rooms: Rooms, caller: Caller, appraisal_id: str, body: ObservationBody, key: str) -> Answer:
    """The observation as it is kept. Raises what a refusal of it is."""

    async def effect(connection: AsyncConnection) -> Answer:
        year = await running(connection, rooms, caller, appraisal_id)
        loaded = year.loaded
        if not may_observe(loaded):
            raise Problem("not_yours")
        planned = await planned_results(connection, rooms, loaded) if body.result else {}
        refuse(
            year.refused_day(body.day),
            refused_result(body.result, planned),
            await _refused_criterion(connection, rooms, loaded, body),
        )
        if (await connection.execute(COUNT, {"id": loaded.id})).scalar_one() >= OBSERVATIONS_MAX:
            raise Problem("too_many", limit=OBSERVATIONS_MAX)
        words = {**body.model_dump(), "id": str(uuid4()), "appraisal": loaded.id, "at": rooms.now()}
        row = (await connection.execute(WRITE, words | _in_which_right(caller, loaded))).one()
        return Answer(201, (await observations_shown(connection, [row]))[0])

    said = {"appraisal": appraisal_id, **body.model_dump(mode="json")}
    return await done_once(rooms, caller, key, "observe", said, effect)


def may_observe(loaded: Loaded) -> bool:
    """Whether the caller may note what was seen: whoever may write the rating."""
    return may_write(Form.RATING, loaded.roles, loaded.running())


async def _refused_criterion(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, body: ObservationBody
) -> FieldProblem | None:
    if body.criterion is None:
        return None
    if body.result is not None:
        return FieldProblem("/criterion", "one_of_both", ONE_OF_BOTH)
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    known = {criterion.id for criteria in pack.criteria.values() for criterion in criteria}
    return None if body.criterion in known else FieldProblem("/criterion", "unknown_criterion", UNKNOWN_CRITERION)


def _in_which_right(caller: Caller, loaded: Loaded) -> dict[str, object]:
    """Whose right it is that the caller uses, as an act in the trail says it."""
    me, around = caller.person_id, loaded.around
    role = Role.SUPERVISOR if Role.SUPERVISOR in loaded.roles else Role.SENIOR
    standing, post_of = around.standing(me, role)
    return {
        "author": me,
        "role": role.value,
        "on_behalf_of": around.on_behalf_of(me, role),
        "standing": standing.value if standing else None,
        "post_of": post_of,
    }


@router.get("/appraisals/{appraisal_id}/observations", response_model=Page[ObservationListed])
async def read_observations(appraisal_id: str, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """What was seen, in the order of days. The employee is shown what is shared with her, everybody else around her all of it."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        return listed(await observations_listed(connection, loaded, page))


async def observations_listed(connection: AsyncConnection, loaded: Loaded, page: Asked) -> Found:
    """A page of what was seen, as far as this reader is shown it."""
    begin = after(page, "observation")
    asked: dict[str, object] = {"appraisal": loaded.id, "all": sees_all(loaded)}
    total = (await connection.execute(TOTAL, asked)).scalar_one()
    asked |= {"day": begin.day, "after": begin.id, "limit": page.limit + 1}
    items = await observations_shown(connection, (await connection.execute(PAGE, asked)).all())
    return in_order("observation", items, page, total)


def sees_all(loaded: Loaded) -> bool:
    """Whether also what is not shared with the employee is shown."""
    return Role.EMPLOYEE not in loaded.roles


async def observations_shown(
    connection: AsyncConnection, rows: Sequence[Row[tuple[object, ...]]]
) -> list[dict[str, object]]:
    """Rows of observations as answers."""
    ids = {one for row in rows for one in (row.author_id, row.on_behalf_of, row.post_of) if one}
    people = await people_shown(connection, ids)
    return [
        {
            **{
                name: getattr(row, name) for name in ("id", "text", "result", "criterion", "shared", "role", "standing")
            },
            "day": row.day.isoformat(),
            "by": people.get(row.author_id),
            "on_behalf_of": people.get(row.on_behalf_of),
            "post_of": people.get(row.post_of),
            "written_at": row.written_at.isoformat(),
        }
        for row in rows
    ]
