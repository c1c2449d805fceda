"""Who I am and what waits on me; in local mode also how I get a token.

The dev token exists in local mode only: elsewhere its address answers like any other that does not exist.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import tokens
from api.delegation_view import DelegationOut, lasting
from api.exact import Exact
from api.inbox import Task, Waiting, tasks_of, waiting_on
from api.named import UnitRef
from api.paging import Found, Page, PageDep, bad_cursor, cursor_of, known_id, listed
from api.people_shown import PersonShown
from api.problems import Problem
from api.receipts import KeyDep
from api.rooms import RoomsDep
from api.security import CallerDep
from models.vocabulary import Action, GrantedRole, State, Zone
from models.workdays import ZONES, local_day

router = APIRouter(tags=["me"])
dev_router = APIRouter(tags=["me"])
"""Hung on in local mode only; elsewhere it is not there at all."""


class TokenWish(BaseModel):
    """Whose token."""

    model_config = ConfigDict(extra="forbid")

    nip: str = Field(pattern=r"^[0-9]{18}$")


class TokenOut(Exact):
    """To be sent as `Authorization: Bearer`."""

    access_token: str
    token_type: Literal["bearer"]


class MeOut(Exact):
    """`roles` are what the line makes of her today and what the roster grants her; `delegations` those given and received."""

    person: PersonShown
    roles: list[Literal["employee", "supervisor", "senior"] | GrantedRole]
    unit: UnitRef
    delegations: list[DelegationOut]


class TaskShown(Exact):
    """One appraisal on which it is the caller's turn; `blocked_people` report to her and link their plans to this one."""

    appraisal_id: UUID
    employee: PersonShown
    unit: Annotated[str, Field(description="The unit's code.")]
    state: State
    due_at: AwareDatetime | None
    overdue: bool
    blocked_people: int
    actions: list[Action]


@dev_router.post(
    "/dev/token",
    response_model=TokenOut,
    responses={404: {"description": "This is not local mode, or there is nothing to sign with."}},
    summary="A token for any NIP (local mode only)",
)
async def dev_token(wish: TokenWish, rooms: RoomsDep, key: KeyDep) -> JSONResponse:
    """Signed with the home's secret, good for twelve hours. It changes nothing, so nothing is kept under the key."""
    if not rooms.local or rooms.tokens.secret is None:
        raise Problem("not_found")
    token = tokens.issue(rooms.tokens, wish.nip, rooms.now())
    return JSONResponse({"access_token": token, "token_type": "bearer"}, headers={"Idempotency-Key": key})


@router.get("/me", response_model=MeOut, summary="Who I am")
async def me(caller: CallerDep, rooms: RoomsDep) -> JSONResponse:
    """The caller by the rows of now: granted roles as the roster spells them, what the line makes of her today, and her delegations.

    Those she gave and those she received, as far as they are offered or accepted and not over.
    """
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        delegations = await lasting(connection, caller.nip, rooms.now())
    led = agency.led_by(caller.person_id, local_day(rooms.now(), Zone.WIB))
    leads = [role for role in ("supervisor", "senior") if led[role]]
    return JSONResponse(
        {
            "person": {"nip": caller.nip, "name": caller.name, "post": caller.post, "unit": caller.unit_name},
            "roles": ["employee", *leads, *sorted(role.value for role in caller.granted)],
            "unit": {"code": caller.unit_code, "name": caller.unit_name},
            "delegations": delegations,
        }
    )


@router.get("/me/tasks", response_model=Page[TaskShown], summary="What waits on me")
async def my_tasks(caller: CallerDep, rooms: RoomsDep, asked: PageDep) -> JSONResponse:
    """Most consequential first: what keeps other people from going on, then what is due first.

    The cursor is the last row's place in this order, so rows that come or go away move no other. A row's own place moves with how many
    people it blocks and when it is due; one that moves over the cursor meanwhile is not followed, and is there when the list is read again.
    """
    after = None if asked.after is None else _rank_of(asked.after)
    async with rooms.database.transaction() as connection:
        waiting = await waiting_on(connection, rooms, caller)
        rest = waiting if after is None else [one for one in waiting if one.rank > after]
        page = rest[: asked.limit]
        tasks = await tasks_of(connection, rooms, caller, page)
    more = len(rest) > asked.limit
    items = [_shown(task) for task in tasks]
    return listed(Found(items=items, next=_cursor_of(page[-1]) if more else None, total=len(waiting)))


def _shown(task: Task) -> dict[str, object]:
    row = task.row
    return {
        "appraisal_id": row["id"],
        "employee": {"nip": row["nip"], "name": row["person_name"], "post": row["post"], "unit": row["unit_name"]},
        "unit": row["unit_code"],
        "state": task.snapshot.state.value,
        "due_at": task.due_at.astimezone(ZONES[Zone(str(row["zone"]))]).isoformat() if task.due_at else None,
        "overdue": task.overdue,
        "blocked_people": task.blocked_people,
        "actions": [action.value for action in task.actions],
    }


def _cursor_of(last: Waiting) -> str:
    blocked, due, appraisal_id = last.rank
    return cursor_of(f"{blocked} {due.isoformat()} {appraisal_id}")


def _rank_of(after: str) -> tuple[int, datetime, str]:
    """Where the page before ended. Raises `invalid_input` for a cursor of another list."""
    try:
        blocked, due, appraisal_id = after.split(" ")
        return int(blocked), datetime.fromisoformat(due).astimezone(UTC), known_id(appraisal_id)
    except (ValueError, OverflowError) as wrong:
        raise bad_cursor() from wrong
