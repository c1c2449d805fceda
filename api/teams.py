"""Teams and projects: who works together under somebody who need not be their supervisor, so that his word of them can be heard.

HR records them, or the one who supervises everybody in it; nobody a team that he is in or leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from activities.teams import Team, find_team, hold_teams, record_team
from api.act_bodies import LocalDay
from api.as_hr import is_hr_beside
from api.exact import Exact
from api.loading import checked_id
from api.named import UNKNOWN_PERSON, Nip
from api.paging import Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.validation import pointer
from models.feedback import MEMBERS_MAX, TEAMS_MAX, TeamProblem, team_problems
from models.language import Bilingual
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["feedback"])

SEES_ALL = frozenset({GrantedRole.HR, GrantedRole.AUDITOR})
SEEN = """
    FROM team t
     WHERE CAST(:all AS boolean) OR t.leader_id = :me OR t.recorded_by = :me
        OR EXISTS (SELECT FROM team_member m WHERE m.team_id = t.id AND (m.person_id = :me OR m.person_id = ANY(:led)))
"""
PAGE = text(
    f"""
    SELECT * FROM (SELECT t.*, ARRAY(SELECT m.person_id FROM team_member m WHERE m.team_id = t.id) AS members {SEEN}) t
     WHERE t.id > :after ORDER BY t.id LIMIT :limit
    """
)
TOTAL = text(f"SELECT count(*) {SEEN}")
ONE = text(
    "SELECT t.*, ARRAY(SELECT m.person_id FROM team_member m WHERE m.team_id = t.id) AS members FROM team t WHERE id = :id"
)
RECORDED = text("SELECT count(*) FROM team WHERE recorded_by = :me")
PERSONS = text("SELECT nip, id FROM person WHERE nip = ANY(:nips) AND active")

SENTENCES = {
    TeamProblem.ENDS_BEFORE_IT_BEGINS: Bilingual(
        id="Tim berakhir sebelum hari pertamanya.", en="The team ends before its first day."
    ),
    TeamProblem.LEADS_HERSELF: Bilingual(
        id="Ketua tim tidak menjadi anggota tim yang dipimpinnya.", en="Who leads a team is none of its members."
    ),
    TeamProblem.SAME_TWICE: Bilingual(id="Pegawai ini disebut dua kali.", en="This person is named twice."),
}


class TeamBody(BaseModel):
    """A team as it is; what is not named here is no longer so. Without `until` it works until further notice."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    leader: Nip
    members: Annotated[list[Nip], Field(min_length=1, max_length=MEMBERS_MAX)]
    first: Annotated[LocalDay, Field(alias="from")]
    until: LocalDay | None = None


class TeamOut(Exact):
    """A team or a project: who leads it, who works in it, from which day until which."""

    id: UUID
    name: str
    leader: PersonShown | None
    members: list[PersonShown]
    first: Annotated[date, Field(alias="from")]
    until: date | None
    recorded_by: PersonShown | None
    recorded_at: AwareDatetime
    key: Key


@router.get("/teams", response_model=Page[TeamOut])
async def list_teams(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """The teams the caller leads, works in or recorded, and those of whom he supervises; for HR and auditor all."""
    kind, _, after = (page.after or "team ").partition(" ")
    if kind != "team":
        raise bad_cursor()
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        led = agency.led_by(caller.person_id, _today(rooms))["supervisor"]
        asked = {"all": bool(caller.granted & SEES_ALL), "me": caller.person_id, "led": led}
        total = (await connection.execute(TOTAL, asked)).scalar_one()
        asked |= {"after": known_id(after) if page.after else "", "limit": page.limit + 1}
        items = await _shown(connection, (await connection.execute(PAGE, asked)).mappings().all())
    return listed(paged(items, page, total, key="key"))


@router.post("/teams", status_code=201, response_model=TeamOut)
async def post_team(body: TeamBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Record a team. HR, or who supervises all who work in it; leader and members are told in the morning's mail."""

    async def effect(connection: AsyncConnection) -> Answer:
        await hold_teams(connection)
        return Answer(201, await _record(connection, rooms, caller, body, None))

    said = body.model_dump(mode="json")
    return await once(rooms, caller, key, "record_team", said, effect)


@router.put("/teams/{team_id}", response_model=TeamOut)
async def put_team(team_id: str, body: TeamBody, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """Record what became of a team: who leads it, who works in it, until when. Recorded again as it is, nothing changes."""
    async with rooms.database.transaction() as connection:
        await hold_teams(connection)
        before = await find_team(connection, checked_id(team_id))
        if before is None:
            raise Problem("not_found")
        return JSONResponse(await _record(connection, rooms, caller, body, before))


async def _record(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, body: TeamBody, before: Team | None
) -> dict[str, object]:
    agency = await rooms.people.agency(connection)
    known = {row.nip: row.id for row in await connection.execute(PERSONS, {"nips": [body.leader, *body.members]})}
    members = [known.get(nip, nip) for nip in body.members]
    leader = known.get(body.leader, body.leader)
    role = _records(agency, caller, leader, {*members, *(before.members if before else ())}, rooms)
    strangers: list[tuple[tuple[str | int, ...], str]] = [
        *([] if body.leader in known else [(("leader",), body.leader)]),
        *((("members", place), nip) for place, nip in enumerate(body.members) if nip not in known),
    ]
    wrong = [FieldProblem(pointer(place), "unknown_person", UNKNOWN_PERSON) for place, _ in strangers]
    wrong += [
        FieldProblem(pointer(place), why.value, SENTENCES[why])
        for place, why in team_problems(leader, members, body.first, body.until)
    ]
    if wrong:
        raise Problem("invalid_input", errors=wrong)
    if before is None and (await connection.execute(RECORDED, {"me": caller.person_id})).scalar_one() >= TEAMS_MAX:
        raise Problem("too_many", limit=TEAMS_MAX)
    team = Team(
        before.id if before else str(uuid4()), body.name, leader, tuple(sorted(members)), body.first, body.until
    )
    if team != before:
        await record_team(connection, before, team, actor=caller.person_id, role=role, at=rooms.now())
    row = (await connection.execute(ONE, {"id": team.id})).mappings().one()
    return (await _shown(connection, [row]))[0]


def _records(agency: Agency, caller: Caller, leader: str, members: set[str], rooms: Rooms) -> Role:
    """As what the caller records a team, of whom it was before and is to be. Raises `not_yours`."""
    named, today = {leader, *members}, _today(rooms)
    if is_hr_beside(agency, caller, named, today):
        return Role.HR
    if caller.person_id in named or not members <= set(agency.led_by(caller.person_id, today)["supervisor"]):
        raise Problem("not_yours")
    return Role.SUPERVISOR


def _today(rooms: Rooms) -> date:
    return local_day(rooms.now(), Zone.WIB)


async def _shown(connection: AsyncConnection, rows: Sequence[RowMapping]) -> list[dict[str, object]]:
    ids = {str(one) for row in rows for one in (row["leader_id"], row["recorded_by"], *row["members"])}
    people = await people_shown(connection, ids)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "leader": people.get(row["leader_id"]),
            "members": sorted(
                (people[one] for one in row["members"] if one in people), key=lambda shown: str(shown["nip"])
            ),
            "from": row["first_day"].isoformat(),
            "until": row["last_day"].isoformat() if row["last_day"] else None,
            "recorded_by": people.get(row["recorded_by"]),
            "recorded_at": row["recorded_at"].isoformat(),
            "key": f"team {row['id']}",
        }
        for row in rows
    ]
