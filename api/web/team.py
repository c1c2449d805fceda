"""What waits on me about others: approve or return many at once, each with a result of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from fastapi import Request, Response

from api.act_bodies import ActBody
from api.acting import Done
from api.actions import Wish, act_on_each
from api.inbox import Task, tasks_of, waiting_on
from api.problems import Problem, as_document
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.door import page, page_router, posted
from models.vocabulary import Action
from models.ways import RETURNS

SHOWN_MAX = 100
APPROVES = (Action.APPROVE_PLAN, Action.COMPLETE_MIDYEAR, Action.CONFIRM_RATING)
WORD_MAX = 4000
router = page_router()


@dataclass(frozen=True)
class Line:
    """One person who waits, and what may be done about her here; `why` is the reason that was typed and went nowhere."""

    task: Task
    approve: Action | None
    send_back: Action | None
    key: str
    chosen: str = ""
    why: str = ""
    refused: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Choice:
    """What was chosen for one appraisal."""

    appraisal_id: str
    action: Action
    why: str
    key: str
    version: int | None


@router.get("/tim")
async def team(rooms: RoomsDep, caller: CallerDep, semua: bool = False) -> Response:
    """With `semua` everybody is marked to be approved, and who is not is marked otherwise."""
    return await _shown(rooms, caller, everybody=semua)


@router.post("/tim")
async def decide(request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Take what was chosen for each; who was refused stays in the list, with the reason that was typed."""
    chosen = _chosen(await posted(request))
    wishes = [
        Wish(one.appraisal_id, one.action, ActBody(comment=one.why or None), one.key, one.version) for one in chosen
    ]
    results = await act_on_each(rooms, caller, wishes)
    return await _shown(rooms, caller, chosen=chosen, results=results)


def _chosen(pairs: Sequence[tuple[str, str]]) -> list[Choice]:
    """The choices of a post, by inputs named `do-{id}`, `why-{id}`, `key-{id}`, `version-{id}`; what was left alone is none."""
    typed = dict(pairs)
    found = []
    for name, value in pairs:
        appraisal = name.removeprefix("do-")
        if name == appraisal or value not in (*APPROVES, *RETURNS):
            continue
        version = typed.get(f"version-{appraisal}", "")
        why = typed.get(f"why-{appraisal}", "").strip()[:WORD_MAX] if value in RETURNS else ""
        key = typed.get(f"key-{appraisal}") or str(uuid4())
        found.append(Choice(appraisal, Action(value), why, key, int(version) if version.isdigit() else None))
    return found


async def _shown(
    rooms: Rooms,
    caller: Caller,
    *,
    everybody: bool = False,
    chosen: Sequence[Choice] = (),
    results: Sequence[Done | Problem] = (),
) -> Response:
    async with rooms.database.transaction() as connection:
        waiting = await waiting_on(connection, rooms, caller)
        tasks = await tasks_of(connection, rooms, caller, waiting[:SHOWN_MAX])
    others = [task for task in tasks if task.row["person_id"] != caller.person_id]
    went = {one.appraisal_id: (one, result) for one, result in zip(chosen, results, strict=True)}
    back = {one.appraisal_id: (one, result) for one, result in went.values() if isinstance(result, Problem)}
    done = [one.action for one, result in went.values() if isinstance(result, Done)]
    lines = [_line(task, back.get(str(task.row["id"])), everybody=everybody) for task in others]
    here = {str(task.row["id"]) for task in others}
    return page(
        "tim.html",
        caller=caller,
        local=rooms.local,
        lines=lines,
        total=len(waiting) - (len(tasks) - len(others)),
        now=rooms.now(),
        taken={action: done.count(action) for action in dict.fromkeys(done)},
        refused=len(back),
        gone=[as_document(problem, "id") for id_, (_, problem) in back.items() if id_ not in here],
        many=sum(1 for line in lines if line.approve) > 1,
    )


def _line(task: Task, back: tuple[Choice, Problem] | None, *, everybody: bool) -> Line:
    approve = next((action for action in APPROVES if action in task.actions), None)
    send_back = next((action for action in task.actions if action in RETURNS), None)
    if back is not None:
        one, problem = back
        # Only where the outcome is unknown is it the same wish that is asked for again.
        key = one.key if problem.code == "engine_away" else str(uuid4())
        return Line(task, approve, send_back, key, one.action, one.why, as_document(problem, "id"))
    return Line(task, approve, send_back, str(uuid4()), approve or "" if everybody else "")
