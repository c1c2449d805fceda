"""Teams in rows: who leads whom in a project, recorded with an event of the agency's trail; and who works with somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.agency_trail import ONE_AT_A_TIME, note_in_agency
from activities.outbox import tell
from models.trail_actions import TrailAction
from models.vocabulary import Role

WRITE = text(
    """
    INSERT INTO team (id, name, leader_id, first_day, last_day, recorded_by, recorded_at)
    VALUES (:id, :name, :leader, :first, :last, :by, :at)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, leader_id = excluded.leader_id, first_day = excluded.first_day,
           last_day = excluded.last_day, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
    """
)
FORGET = text("DELETE FROM team_member WHERE team_id = :id")
ADD = text("INSERT INTO team_member (team_id, person_id) VALUES (:id, :person)")
FIND = text(
    """
    SELECT t.*, ARRAY(SELECT m.person_id FROM team_member m WHERE m.team_id = t.id ORDER BY m.person_id) AS members
      FROM team t WHERE t.id = :id
    """
)
AROUND = text(
    """
    SELECT m.person_id AS subject, t.id, t.leader_id, t.first_day, t.last_day,
           ARRAY(SELECT f.person_id FROM team_member f WHERE f.team_id = t.id AND f.person_id <> m.person_id) AS fellows
      FROM team_member m JOIN team t ON t.id = m.team_id WHERE m.person_id = ANY(:people) ORDER BY t.first_day, t.id
    """
)


@dataclass(frozen=True)
class Team:
    """People who work together from a day until a day, and who leads them; all are ids."""

    id: str
    name: str
    leader: str
    members: tuple[str, ...]
    first: date
    last: date | None


async def find_team(connection: AsyncConnection, team: str) -> Team | None:
    row = (await connection.execute(FIND, {"id": team})).one_or_none()
    if row is None:
        return None
    return Team(row.id, row.name, row.leader_id, tuple(row.members), row.first_day, row.last_day)


async def hold_teams(connection: AsyncConnection) -> None:
    """One change at a time, in the order of the trail that tells them."""
    await connection.execute(ONE_AT_A_TIME)


async def record_team(
    connection: AsyncConnection, before: Team | None, team: Team, *, actor: str, role: Role, at: datetime
) -> None:
    """Let this be the team; who leads it now, and who works in it now, is told in the morning."""
    row = {"id": team.id, "name": team.name, "leader": team.leader, "first": team.first, "last": team.last}
    await connection.execute(WRITE, row | {"by": actor, "at": at})
    await connection.execute(FORGET, {"id": team.id})
    await connection.execute(ADD, [{"id": team.id, "person": member} for member in team.members])
    days = {"from": team.first.isoformat()} | ({} if team.last is None else {"until": team.last.isoformat()})
    data = {"team": team.id, "leader": team.leader, "members": list(team.members), **days}
    await note_in_agency(connection, at, actor, [(TrailAction.TEAM_RECORDED, data)], role=role)
    led = before is not None and before.leader == team.leader
    known = set(before.members) if before is not None and led else set()
    facts = {"person": team.leader, "from": team.first.isoformat(), "count": len(team.members)}
    if not led and team.leader != actor:
        await tell(connection, [team.leader], "team_led", at=at, actor=actor, facts=facts)
    new = [member for member in team.members if member not in known]
    await tell(connection, new, "team_joined", at=at, actor=actor, facts=facts)


@dataclass(frozen=True)
class Works:
    """One team that somebody works in."""

    team: str
    leader: str
    fellows: frozenset[str]
    first: date
    last: date | None

    def worked(self, first: date, last: date) -> bool:
        """Whether it worked on one of these days."""
        return self.first <= last and (self.last is None or self.last >= first)


async def teams_around(connection: AsyncConnection, people: Collection[str]) -> Mapping[str, Sequence[Works]]:
    """By person the teams that she works, worked or is to work in."""
    found: dict[str, list[Works]] = {person: [] for person in people}
    for row in await connection.execute(AROUND, {"people": sorted(people)}):
        works = Works(row.id, row.leader_id, frozenset(row.fellows), row.first_day, row.last_day)
        found[row.subject].append(works)
    return found
