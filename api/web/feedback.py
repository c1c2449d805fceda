"""The word of others on pages: asked for by whoever rates, given once by colleagues and team leaders, read as far as it may be."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from fastapi import Request, Response

from api.feedback import FeedbackBody, feedback_shown, sees_names, told_of_her
from api.feedback_asked import RequestBody, may_tell_listed, requests_shown, word_asked
from api.loading import load
from api.observations import may_observe
from api.paging import LIMIT_MAX, Asked, PageDep
from api.problem_catalogue import CATALOGUE
from api.problems import Problem, headers_of
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import body_of, key_for, page, page_router, posted, seen, told
from api.web.noting import at_fields, shown, year_of

router = page_router()


# ── about one person ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/penilaian/{appraisal_id}/pandangan")
async def words_of_others(appraisal_id: str, rooms: RoomsDep, caller: CallerDep, diminta: bool = False) -> Response:
    """Where the pack asks nobody there is no such page."""
    return await _shown(rooms, caller, appraisal_id, asked=diminta)


@router.post("/penilaian/{appraisal_id}/pandangan")
async def ask(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Ask people by their NIP, each on a line of its own."""
    typed = {name: value.replace("\r\n", "\n") for name, value in await posted(request)}
    people = typed.get("people", "").split()
    try:
        body = body_of(RequestBody, {"people": people})
        await word_asked(rooms, caller, appraisal_id, body, key_for(typed.get("key", ""), people))
    except Problem as refused:
        return await _shown(rooms, caller, appraisal_id, typed=typed, refused=refused, people=people)
    return seen(f"/penilaian/{appraisal_id}/pandangan?diminta=1")


async def _shown(
    rooms: Rooms,
    caller: Caller,
    appraisal_id: str,
    *,
    asked: bool = False,
    typed: Mapping[str, str] | None = None,
    refused: Problem | None = None,
    people: list[str] | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        snapshot = loaded.running()
        spec = (await rooms.facts.pack(connection, loaded.cycle_id)).feedback
        if not spec.asked:
            raise Problem("not_found")
        year = await year_of(connection, rooms, loaded)
        words = await feedback_shown(connection, rooms, loaded)
        requests = await requests_shown(connection, loaded.id) if sees_names(loaded) else None
    wrong = [
        f"{(people or [])[int(where)]}: {sentence}"
        if where.isdecimal() and int(where) < len(people or [])
        else sentence
        for field, sentences in at_fields(refused).items()
        for where in [field.rpartition("/")[2]]
        for sentence in sentences
    ]
    return shown(
        "pandangan.html",
        rooms,
        caller,
        year,
        refused,
        asks=year.open and may_observe(loaded) and spec.peers and snapshot.rated_by is None,
        asked=asked,
        typed=typed or {},
        of_people=wrong,
        key=str(uuid4()),
        feedback=words,
        requests=requests["requests"] if requests else None,
    )


# ── about colleagues ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/pandangan")
async def colleagues(rooms: RoomsDep, caller: CallerDep, asked: PageDep, tersimpan: bool = False) -> Response:
    """Of whom the caller may say something for those who rate them, and what she said."""
    return await _list(rooms, caller, asked, kept=tersimpan)


@router.post("/pandangan/{appraisal_id}")
async def give(appraisal_id: str, request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    typed = dict(await posted(request))
    said = typed.get("text", "").replace("\r\n", "\n")
    try:
        key = key_for(typed.get("key", ""), said)
        await told_of_her(rooms, caller, appraisal_id, body_of(FeedbackBody, {"text": said}), key)
    except Problem as refused:
        if refused.code == "not_found":
            raise
        return await _list(rooms, caller, Asked(LIMIT_MAX, None), about=appraisal_id, said=said, refused=refused)
    return seen("/pandangan?tersimpan=1")


async def _list(
    rooms: Rooms,
    caller: Caller,
    asked: Asked,
    *,
    kept: bool = False,
    about: str = "",
    said: str = "",
    refused: Problem | None = None,
) -> Response:
    async with rooms.database.transaction() as connection:
        found = await may_tell_listed(connection, rooms, caller, asked)
    return page(
        "rekan.html",
        status=CATALOGUE[refused.code].status if refused else 200,
        headers=headers_of(refused) if refused else None,
        caller=caller,
        local=rooms.local,
        colleagues=found.items,
        total=found.total,
        following=found.next,
        kept=kept,
        about=about,
        said=said,
        refused=told(refused) if refused else None,
        wrong=at_fields(refused).get("text", ()),
        key=str(uuid4()),
    )
