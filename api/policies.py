"""The policy packs that a cycle may be opened with, as data: what a rule says is readable by everybody it binds."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import structlog
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.paging import Page, PageDep, bad_cursor, listed, paged
from api.problems import Problem
from api.rooms import RoomsDep
from api.security import CallerDep
from models.language import Bilingual
from models.policy import PolicyPack
from models.shelf import Shelf

router = APIRouter(tags=["policies"])
log = structlog.stdlib.get_logger("siklus.policies")


class PackSummary(Exact):
    """A pack in the list; `digest` is the same for the same rules."""

    id: str
    version: int
    title: Bilingual
    source: str
    digest: str


@router.get("/policies", response_model=Page[PackSummary])
async def list_policies(page: PageDep, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:  # noqa: ARG001 - signed in is enough
    """Every pack a cycle may be opened with: those of this edition, and those in the agency's own folder that hold together."""
    packs = {pack.id: pack for pack in _whole(rooms.shelf)}
    if page.after is not None and page.after not in packs:
        raise bad_cursor()
    left = [pack for pack_id, pack in packs.items() if pack_id > (page.after or "")]
    items = [_summary(pack).model_dump() for pack in left[: page.limit + 1]]
    return listed(paged(items, page, len(packs), key="id"))


@router.get(
    "/policies/{policy_id}",
    response_model=PolicyPack,
    responses={409: {"description": "The pack's file does not hold together."}},
)
async def read_policy(policy_id: str, rooms: RoomsDep, caller: CallerDep) -> PolicyPack:  # noqa: ARG001 - signed in is enough
    """One pack, whole: stages, windows, ladders, forms, criteria, scoring, notices."""
    return pack_of(rooms.shelf, policy_id)


@router.get("/cycles/{cycle_id}/policy", response_model=PolicyPack)
async def read_policy_of_cycle(
    cycle_id: CycleId,
    rooms: RoomsDep,
    caller: CallerDep,  # noqa: ARG001 - signed in is enough
    version: Annotated[int | None, Query(ge=1, description="One that it went by before it was corrected.")] = None,
) -> PolicyPack:
    """The pack a cycle goes by, whole: its own copy, whatever has become of the file since."""
    async with rooms.database.transaction() as connection:
        await find_cycle(connection, cycle_id)
        packs = await rooms.facts.versions(connection, cycle_id)
    if version is not None and version not in packs:
        raise Problem("not_found")
    return packs[version or max(packs)]


def pack_of(shelf: Shelf, policy_id: str) -> PolicyPack:
    """The pack of that id. Raises `not_found`, and `policy_faulty` for a file that does not hold together."""
    try:
        return shelf.load(policy_id)
    except KeyError:
        raise Problem("not_found") from None
    except ValueError as faulty:
        log.error("policy_faulty", policy=policy_id, said=str(faulty))
        raise Problem("policy_faulty", policy=policy_id) from faulty


def _whole(shelf: Shelf) -> list[PolicyPack]:
    found = []
    for pack_id in shelf.ids():
        with suppress(Problem):  # what was faulty stands in the log, and what is gone is gone
            found.append(pack_of(shelf, pack_id))
    return found


def _summary(pack: PolicyPack) -> PackSummary:
    return PackSummary(id=pack.id, version=pack.version, title=pack.title, source=pack.source, digest=pack.digest)
