"""Who is who beside the line around running years: who leads a team there, who works under the same supervisor, whom he asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from activities.segments import segments
from activities.teams import Works, teams_around
from api.loading import Loaded
from models.access import Parties
from models.feedback import Surrounding
from models.vocabulary import Role, Zone
from models.workdays import local_day

ASKED = text("SELECT appraisal_id, person_id FROM feedback_request WHERE appraisal_id = ANY(:ids)")


@dataclass(frozen=True)
class Year:
    """One running year: whose it is, who stands around it today, and whether the senior supervisor may rate it too."""

    appraisal: str
    subject: str
    zone: Zone
    around: Parties
    takeover: bool


def year_of(loaded: Loaded) -> Year:
    row, visit = loaded.row, loaded.running().visit
    return Year(loaded.id, str(row["person_id"]), Zone(str(row["zone"])), loaded.around, visit.takeover)


async def surroundings(
    connection: AsyncConnection, agency: Agency, years: Sequence[Year], me: str, now: datetime
) -> Mapping[str, Surrounding]:
    """By appraisal, as far as it concerns this person: of her colleagues only whether `me` is one of them."""
    ids = [year.appraisal for year in years]
    asked: dict[str, set[str]] = defaultdict(set)
    for row in await connection.execute(ASKED, {"ids": ids}):
        asked[row.appraisal_id].add(row.person_id)
    works = await teams_around(connection, {year.subject for year in years})
    spans = await segments(connection, ids, now)
    found = {}
    for year in years:
        span, today = spans[year.appraisal], local_day(now, year.zone)
        teams = [one for one in works[year.subject] if one.worked(span.first, min(span.last, today))]
        own = agency.parties(me, today).person_in(Role.SUPERVISOR)
        same = own is not None and own == year.around.person_in(Role.SUPERVISOR)
        found[year.appraisal] = Surrounding(
            subject=year.subject,
            raters=_raters(year),
            officers=year.around.officers,
            recused=year.around.recused,
            leaders={one.leader: one.team for one in teams},
            asked=frozenset(asked[year.appraisal]),
            colleagues=frozenset({me} if same or _is_fellow(me, teams) else ()),
        )
    return found


def _is_fellow(me: str, teams: Sequence[Works]) -> bool:
    return any(me in one.fellows for one in teams)


def _raters(year: Year) -> frozenset[str]:
    """Who may write her rating today."""
    roles = (Role.SUPERVISOR, Role.SENIOR) if year.takeover else (Role.SUPERVISOR,)
    people = {one for role in roles for one in (year.around.person_in(role), *year.around.delegates_in(role))}
    return frozenset(one for one in people if one is not None)
