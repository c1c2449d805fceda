"""What waits on me about others: approve or return many at once, each with a result of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import uuid4

from fastapi import Request, Response

from api.acting import Done
from api.actions import Wish, act_on_each
from api.inbox import Task, tasks_of, waiting_on
from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.web.appraisal import JUDGES
from api.web.door import act_body, key_for, page, page_router, posted, told, version_in
from models.vocabulary import Action
from models.ways import FORM_OF, RETURNS

SHOWN_MAX = 100
APPROVES = (Action.APPROVE_PLAN, Action.COMPLETE_MIDYEAR, Action.CONFIRM_RATING)
router = page_router()


@dataclass(frozen=True)
class Choice:
    """What was chosen and written for one appraisal; without an action it was left for later."""

    appraisal_id: str
    action: Action | None
    why: str
    key: str
    version: int | None
    name: str
    """As the page said it."""


@dataclass(frozen=True)
class Line:
    """One person who waits, and what may be done about her here; `why` is what was written and went nowhere."""

    task: Task
    approve: Action | None
    send_back: Action | None
    key: str
    chosen: str = ""
    why: str = ""
    refused: Mapping[str, object] | None = None

    @property
    def writes(self) -> Action | None:
        """What sends a form of hers, where that is what is waited for."""
        return next((action for action in self.task.actions if action in FORM_OF), None)


@dataclass(frozen=True)
class Gone:
    """Somebody who was refused and waits here no more, with what was written about her."""

    refused: Mapping[str, object]
    name: str
    why: str


@router.get("/tim")
async def team(rooms: RoomsDep, caller: CallerDep, semua: bool = False) -> Response:
    """With `semua` everybody is marked to be approved, and who is not is marked otherwise."""
    return await _shown(rooms, caller, everybody=semua)


@router.post("/tim")
async def decide(request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """Take what was chosen for each; who was refused stays in the list, with what was typed about her."""
    typed = {one.appraisal_id: one for one in _choices(await posted(request))}
    results: dict[str, Done | Problem] = {}
    wishes = []
    for one in typed.values():
        if one.action is None:
            continue
        try:
            said = act_body({"comment": one.why} if one.why else {})
        except Problem as refused:
            results[one.appraisal_id] = refused
            continue
        key = key_for(one.key, [one.action, one.why])
        wishes.append(Wish(one.appraisal_id, one.action, said, key, one.version))
    for wish, result in zip(wishes, await act_on_each(rooms, caller, wishes), strict=True):
        results[wish.appraisal_id] = result
    return await _shown(rooms, caller, typed=typed, results=results)


def _choices(pairs: Sequence[tuple[str, str]]) -> Iterator[Choice]:
    """What a post says of each, by inputs named `do-{id}`, `why-{id}`, `key-{id}`, `version-{id}`."""
    typed = dict(pairs)
    for name in typed:
        if not name.startswith("do-"):
            continue
        appraisal = name.removeprefix("do-")
        action = Action(typed[name]) if typed[name] in (*APPROVES, *RETURNS) else None
        why = typed.get(f"why-{appraisal}", "").replace("\r\n", "\n").strip()
        version = version_in(typed.get(f"version-{appraisal}", ""))
        key = typed.get(f"key-{appraisal}") or str(uuid4())
        yield Choice(appraisal, action, why, key, version, typed.get(f"name-{appraisal}", ""))


async def _shown(
    rooms: Rooms,
    caller: Caller,
    *,
    everybody: bool = False,
    typed: Mapping[str, Choice] = MappingProxyType({}),
    results: Mapping[str, Done | Problem] = MappingProxyType({}),
) -> Response:
    async with rooms.database.transaction() as connection:
        waiting = await waiting_on(connection, rooms, caller)
        tasks = await tasks_of(connection, rooms, caller, waiting[:SHOWN_MAX])
    done = {id_: typed[id_].action for id_, result in results.items() if isinstance(result, Done)}
    back = {id_: told(result) for id_, result in results.items() if isinstance(result, Problem)}
    mine = [task for task in tasks if task.row["person_id"] == caller.person_id]
    others = {str(task.row["id"]): task for task in tasks if task not in mine and str(task.row["id"]) not in done}
    taken = list(done.values())
    return page(
        "tim.html",
        caller=caller,
        local=rooms.local,
        lines=[_line(task, typed.get(id_), back.get(id_), everybody=everybody) for id_, task in others.items()],
        total=len(waiting) - (len(tasks) - len(others)),
        now=rooms.now(),
        taken={action: taken.count(action) for action in dict.fromkeys(taken)},
        refused=len(back),
        gone=[Gone(problem, typed[id_].name, typed[id_].why) for id_, problem in back.items() if id_ not in others],
        form_of=FORM_OF,
        judges=JUDGES,
        unsaid=sum(1 for id_, one in typed.items() if id_ in others and one.why and one.action is None),
        posted=bool(typed),
        everybody=everybody,
    )


def _line(task: Task, typed: Choice | None, refused: Mapping[str, object] | None, *, everybody: bool) -> Line:
    approve = next((action for action in APPROVES if action in task.actions), None)
    send_back = next((action for action in task.actions if action in RETURNS), None)
    if typed is not None:
        return Line(task, approve, send_back, typed.key, typed.action or "", typed.why, refused)
    return Line(task, approve, send_back, str(uuid4()), approve or "" if everybody else "")
