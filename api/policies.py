"""The policy packs that ship with this edition, as data: what a rule says is readable by everybody it binds."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.exact import Exact
from api.paging import Page, PageDep, bad_cursor, listed, paged
from api.problems import Problem
from api.security import CallerDep
from models.language import Bilingual
from models.policy import PolicyPack, load, pack_ids

router = APIRouter(tags=["policies"])


class PackSummary(Exact):
    """A pack in the list; `digest` is the same for the same rules."""

    id: str
    version: int
    title: Bilingual
    source: str
    digest: str


@router.get("/policies", response_model=Page[PackSummary])
async def list_policies(page: PageDep, caller: CallerDep) -> JSONResponse:  # noqa: ARG001 - signed in is enough
    """Every pack a cycle may be opened with."""
    ids = pack_ids()
    if page.after is not None and page.after not in ids:
        raise bad_cursor()
    left = [pack_id for pack_id in ids if pack_id > (page.after or "")]
    items = [_summary(load(pack_id)).model_dump() for pack_id in left[: page.limit + 1]]
    return listed(paged(items, page, len(ids), key="id"))


@router.get("/policies/{policy_id}", response_model=PolicyPack)
async def read_policy(policy_id: str, caller: CallerDep) -> PolicyPack:  # noqa: ARG001 - signed in is enough
    """One pack, whole: stages, windows, ladders, forms, criteria, scoring, notices."""
    if policy_id not in pack_ids():
        raise Problem("not_found")
    return load(policy_id)


def _summary(pack: PolicyPack) -> PackSummary:
    return PackSummary(id=pack.id, version=pack.version, title=pack.title, source=pack.source, digest=pack.digest)
