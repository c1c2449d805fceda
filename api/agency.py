"""The agency's own trail, as auditor and HR read it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field
from sqlalchemy import text

from api.appraisal_shown import Hash
from api.exact import Exact
from api.paging import Page, PageDep, bad_cursor, listed, paged
from api.people_shown import PersonShown, people_shown
from api.rooms import RoomsDep
from api.security import CallerDep
from api.trails import link
from models.vocabulary import GrantedRole, Role

router = APIRouter(tags=["audit"])

PAGE = text(
    """
    SELECT e.*, coalesce(t.body, e.reason) AS comment FROM agency_event e LEFT JOIN text t ON t.id = e.reason_id
     WHERE e.seq > :after ORDER BY e.seq LIMIT :limit
    """
)
TOTAL = text("SELECT count(*) FROM agency_event")
SEQ_MAX = 2**31 - 1


class AgencyEventShown(Exact):
    """One link; `actor` is a name for what is no person, and the hash covers the event and the link before."""

    seq: int
    at: AwareDatetime
    action: Annotated[str, Field(pattern="^[a-z_]+$")]
    actor: PersonShown | str
    role: Role
    comment: str | None
    data: dict[str, object]
    hash: Hash
    previous_hash: Hash


@router.get("/agency/events", response_model=Page[AgencyEventShown])
async def read_agency_events(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """Roles, lines, appointments, delegations and personnel decisions, in their order; each hash is as it was chained."""
    caller.needs(GrantedRole.AUDITOR, GrantedRole.HR)
    after = page.after or "0"
    if not (after.isascii() and after.isdigit() and after == str(int(after)) and int(after) <= SEQ_MAX):
        raise bad_cursor()
    async with rooms.database.transaction() as connection:
        asked = {"after": int(after), "limit": page.limit + 1}
        rows = (await connection.execute(PAGE, asked)).mappings().all()
        total = (await connection.execute(TOTAL)).scalar_one()
        shown = await people_shown(connection, {str(row["actor"]) for row in rows})
    items = [link(row, shown) | {"comment": row["comment"]} for row in rows]
    return listed(paged(items, page, total, key="seq"))
