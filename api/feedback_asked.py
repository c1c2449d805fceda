"""Whose word is asked: a supervisor asks people about somebody he rates, and everybody sees of whom she may say something."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import PackUnreadable
from activities.outbox import tell
from activities.people import Agency
from activities.waiting import OPEN, around_row
from api.during import running
from api.exact import Exact
from api.feedback import OwnFeedback, sees_names
from api.loading import load
from api.named import Nip, person_named
from api.paging import Asked, Found, Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, done_once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.surrounding import Year, surroundings, year_of
from models.access import may_write
from models.feedback import REQUESTS_MAX, NotAsked, Standing, standing, why_not_asked
from models.language import Bilingual
from models.vocabulary import Form, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["feedback"])

TEXT = "feedback_asked"
ASK = text(
    "INSERT INTO feedback_request (appraisal_id, person_id, asked_by, asked_at) VALUES (:appraisal, :person, :by, :at)"
)
RUNNING_CYCLES = text("SELECT id FROM cycle WHERE state NOT IN ('draft', 'closed', 'cancelled')")
REQUESTS = text(
    """
    SELECT r.person_id, r.asked_by, r.asked_at, f.id IS NOT NULL AS given
      FROM feedback_request r
      LEFT JOIN feedback f ON f.appraisal_id = r.appraisal_id AND f.author_id = r.person_id
     WHERE r.appraisal_id = :appraisal ORDER BY r.asked_at, r.person_id
    """
)
MINE = text(
    f"""
    SELECT o.*, c.name AS cycle_name, c.id AS cycle_id, f.standing AS given_as, f.text, f.written_at,
           EXISTS (SELECT FROM feedback_request r WHERE r.appraisal_id = o.id AND r.person_id = :me) AS asked
      FROM ({OPEN} AND a.person_id <> :me) o
      JOIN appraisal y ON y.id = o.id JOIN cycle c ON c.id = y.cycle_id
      LEFT JOIN feedback f ON f.appraisal_id = o.id AND f.author_id = :me
     WHERE c.state NOT IN ('closed', 'cancelled')
       AND (o.person_id = ANY(:colleagues) OR f.id IS NOT NULL
            OR o.id IN (SELECT appraisal_id FROM feedback_request WHERE person_id = :me)
            OR o.person_id IN (SELECT m.person_id FROM team_member m JOIN team t ON t.id = m.team_id
                                WHERE t.leader_id = :me
                                   OR EXISTS (SELECT FROM team_member w WHERE w.team_id = t.id AND w.person_id = :me)))
     ORDER BY o.id
    """
)
SENTENCES = {
    NotAsked.OF_HERSELF: Bilingual(
        id="Tidak ada yang dimintai pandangan tentang dirinya sendiri.", en="Nobody is asked about herself."
    ),
    NotAsked.RECUSED: Bilingual(
        id="Orang ini mengundurkan diri dari penilaiannya karena hubungan pribadi.",
        en="This person stepped back from appraising her because of a personal relation.",
    ),
    NotAsked.OFFICER: Bilingual(
        id="Orang ini menilai atau memutuskan tentangnya menurut tugasnya.",
        en="This person rates her or decides about her by office.",
    ),
}


class RequestBody(BaseModel):
    """Whose word is asked, by NIP; who was asked before is not asked again."""

    model_config = ConfigDict(extra="forbid")

    people: Annotated[list[Nip], Field(min_length=1, max_length=REQUESTS_MAX)]


class RequestShown(Exact):
    """Somebody whose word was asked, and whether it was given."""

    person: PersonShown | None
    asked_by: PersonShown | None
    asked_at: AwareDatetime
    given: bool


class RequestsOut(Exact):
    """Whose word was asked about somebody, in the order in which they were."""

    appraisal_id: UUID
    requests: list[RequestShown]


class MayTell(Exact):
    """Somebody of whom the caller may say something, or has; `standing` is as what, null where that is past."""

    appraisal_id: UUID
    cycle_id: UUID
    cycle: str
    employee: PersonShown | None
    standing: Standing | None
    asked: bool
    given: OwnFeedback | None
    key: Key


@router.post("/appraisals/{appraisal_id}/feedback/requests", status_code=201, response_model=RequestsOut)
async def ask_for_feedback(
    appraisal_id: str, body: RequestBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Ask people for their word of her; whoever may write the rating, until it is given. They are told in the morning's mail."""
    answer = await word_asked(rooms, caller, appraisal_id, body, key)
    return JSONResponse(answer.body, status_code=answer.status, headers={"Idempotency-Key": key})


async def word_asked(rooms: Rooms, caller: Caller, appraisal_id: str, body: RequestBody, key: str) -> Answer:
    """Whose word was asked of her by now. Raises what a refusal of it is."""

    async def effect(connection: AsyncConnection) -> Answer:
        loaded = (await running(connection, rooms, caller, appraisal_id)).loaded
        snapshot, spec = loaded.running(), (await rooms.facts.pack(connection, loaded.cycle_id)).feedback
        if not may_write(Form.RATING, loaded.roles, snapshot):
            raise Problem("not_yours")
        if not spec.peers:
            raise Problem("no_feedback")
        if snapshot.rated_by is not None:
            raise Problem("feedback_closed")
        around = (await surroundings(connection, loaded.agency, [year_of(loaded)], caller.person_id, rooms.now()))[
            loaded.id
        ]
        people = [await person_named(connection, nip, f"/people/{place}") for place, nip in enumerate(body.people)]
        why = [(place, why_not_asked(person, around)) for place, person in enumerate(people)]
        wrong = [FieldProblem(f"/people/{place}", one.value, SENTENCES[one]) for place, one in why if one is not None]
        if wrong:
            raise Problem("invalid_input", errors=wrong)
        new = [person for person in dict.fromkeys(people) if person not in around.asked]
        if len(around.asked) + len(new) > REQUESTS_MAX:
            raise Problem("too_many", limit=REQUESTS_MAX)
        now, me = rooms.now(), caller.person_id
        if new:
            rows = [{"appraisal": loaded.id, "person": person, "by": me, "at": now} for person in new]
            await connection.execute(ASK, rows)
            facts = {"person": around.subject}
            await tell(connection, new, TEXT, at=now, actor=me, cycle_id=loaded.cycle_id, facts=facts)
        return Answer(201, await requests_shown(connection, loaded.id))

    said = {"appraisal": appraisal_id, **body.model_dump()}
    return await done_once(rooms, caller, key, "ask_for_feedback", said, effect)


@router.get("/appraisals/{appraisal_id}/feedback/requests", response_model=RequestsOut)
async def read_requests(appraisal_id: str, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """Whose word was asked, and who gave it; for whoever may write the rating, and HR."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        if not sees_names(loaded):
            raise Problem("not_yours")
        return JSONResponse(await requests_shown(connection, loaded.id))


async def requests_shown(connection: AsyncConnection, appraisal: str) -> dict[str, object]:
    rows = (await connection.execute(REQUESTS, {"appraisal": appraisal})).all()
    people = await people_shown(connection, {one for row in rows for one in (row.person_id, row.asked_by)})
    requests = [
        {
            "person": people.get(row.person_id),
            "asked_by": people.get(row.asked_by),
            "asked_at": row.asked_at.isoformat(),
            "given": row.given,
        }
        for row in rows
    ]
    return {"appraisal_id": appraisal, "requests": requests}


@router.get("/me/feedback", response_model=Page[MayTell])
async def read_own_feedback(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """Of whom the caller may say something for those who rate them, and what she said; of years that still run."""
    async with rooms.database.transaction() as connection:
        return listed(await may_tell_listed(connection, rooms, caller, page))


async def may_tell_listed(connection: AsyncConnection, rooms: Rooms, caller: Caller, page: Asked) -> Found:
    """A page of those of whom the caller may say something, or has."""
    kind, _, after = (page.after or "tell ").partition(" ")
    if kind != "tell":
        raise bad_cursor()
    begin = known_id(after) if page.after else ""
    agency = await rooms.people.agency(connection)
    asked = {"me": caller.person_id, "colleagues": _colleagues(agency, caller, rooms)}
    rows = (await connection.execute(MINE, asked)).mappings().all()
    found = await _may_tell(connection, rooms, agency, caller, rows)
    left = [one for one in found if str(one["appraisal_id"]) > begin][: page.limit + 1]
    people = await people_shown(connection, {str(one["employee"]) for one in left})
    items = [one | {"employee": people.get(str(one["employee"])), "key": f"tell {one['appraisal_id']}"} for one in left]
    return paged(items, page, len(found), key="key")


async def asks_anybody(connection: AsyncConnection, rooms: Rooms) -> bool:
    """Whether any cycle that runs asks others about somebody's work."""
    for cycle in (await connection.execute(RUNNING_CYCLES)).scalars().all():
        with contextlib.suppress(PackUnreadable):  # whose pack cannot be read asks nobody anything
            if (await rooms.facts.pack(connection, cycle)).feedback.asked:
                return True
    return False


def _colleagues(agency: Agency, caller: Caller, rooms: Rooms) -> Sequence[str]:
    """Who has the same supervisor."""
    today = local_day(rooms.now(), Zone.WIB)
    supervisor = agency.parties(caller.person_id, today).person_in(Role.SUPERVISOR)
    return agency.led_by(supervisor, today)["supervisor"] if supervisor is not None else ()


async def _may_tell(
    connection: AsyncConnection, rooms: Rooms, agency: Agency, caller: Caller, rows: Sequence[RowMapping]
) -> list[dict[str, object]]:
    now, me = rooms.now(), caller.person_id
    years = [
        Year(row["id"], row["person_id"], Zone(row["zone"]), around_row(row, agency, now), row["takeover"])
        for row in rows
    ]
    around = await surroundings(connection, agency, years, me, now)
    found: list[dict[str, object]] = []
    for row in rows:
        spec = (await rooms.facts.pack(connection, row["cycle_id"])).feedback
        may = standing(me, spec, around[row["id"]]) if row["rated_by"] is None else None
        if may is None and row["given_as"] is None:
            continue
        said = None
        if row["given_as"] is not None:
            said = {"appraisal_id": row["id"], "standing": row["given_as"], "text": row["text"]}
            said |= {"written_at": row["written_at"].isoformat()}
        found.append(
            {
                "appraisal_id": row["id"],
                "cycle_id": row["cycle_id"],
                "cycle": row["cycle_name"],
                "employee": row["person_id"],
                "standing": may,
                "asked": row["asked"],
                "given": said,
            }
        )
    return found
